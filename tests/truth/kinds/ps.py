# SPDX-License-Identifier: GPL-2.0-or-later
"""
ps: of a process that ps saw seconds before the crash and that is there still, all columns but those that move. Its
arguments are in pages that most dumps are without: then its name stands in brackets.
"""

import re

from compare import NEAR, Different
from kind import kind

MOVES = "processes run and come and go until the crash"
# Their memory and time move: what saves the truth, what runs for ever, what frees memory.
BUSY = ("crash-agent", "spinner", "heartbeat", "kworker/", "init")


def need(condition, what, ours, theirs):
    if not condition:
        raise Different(f"{what}: ours `{ours}`, ps's `{theirs}`")


def seconds(text):
    minutes, rest = text.split(":")
    return int(minutes) * 60 + int(rest)


def most_used(context):
    """Seconds of CPU time that a process of the guest's two CPUs can have used since ps saw it: uptime ran before it."""
    said = (context.guest.truth / "commands" / "uptime").read_text()
    hours, minutes = re.search(r"up +(?:(\d+):)?(\d+)(?: min)?,", said).groups()
    return 2 * (context.guest.moment()["boottime_ns"] / 1e9 - 3600 * int(hours or 0) - 60 * int(minutes)) + 2


def rows(text, columns):
    """{pid: [fields]}, the command as the last one."""
    found = {}
    pid = 1 if columns == 11 else 2
    for line in text.decode("utf-8", "replace").split("\n")[1:]:
        fields = line.split(None, columns - 1)
        if len(fields) == columns and fields[pid] != "-":
            found[int(fields[pid])] = fields
    return found


def clean(comm):
    """A name of tasks.tsv as ps prints it: what is no printable character is a question mark."""
    data = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), comm.encode("utf-8", "surrogateescape"))
    text = data.decode("utf-8", "surrogateescape")
    return re.sub("[\x00-\x1f\x7f-\x9f\udc80-\udcff]", "?", text)


def command(mine, real, row):
    """ps's own, or the name in brackets; a worker's goes on with what it works on."""
    name = re.fullmatch(r"\[(.*)\]( <defunct>)?", mine, re.S)
    if mine == real or not name or not row:
        return mine == real
    comm = clean(row["comm"])
    return name[1] == comm or (comm.startswith("kworker/") and name[1].startswith(comm.split("-")[0]))


def compare_rows(ours, theirs, context, columns, check):
    need(ours.split(b"\n")[0] == theirs.split(b"\n")[0], "heading", ours.split(b"\n")[0], theirs.split(b"\n")[0])
    tasks = context.guest.tasks()
    mine, real = rows(ours, columns), rows(theirs, columns)
    processes = {int(row["tgid"]) for row in tasks.values()}
    need(set(mine) == processes, "processes", sorted(set(mine) ^ processes)[:5], "")
    both = set(mine) & set(real)
    need(len(both) > 100, "processes in both", len(both), len(real))
    for pid in sorted(both):
        row = tasks.get(pid)
        busy = bool(row) and row["comm"].startswith(BUSY)
        check(mine[pid], real[pid], busy)
        need(command(mine[pid][-1], real[pid][-1], row), "command", mine[pid], real[pid])
    return NEAR


def state(mine, real):
    """The letters behind the first; a sleeper may be awake, but what doesn't move doesn't."""
    letters = mine[0] == real[0] or (mine[0] in "RSDI" and real[0] in "RSDI")
    return letters and mine[1:] == real[1:]


def alx(ours, theirs, context):
    def check(mine, real, busy):
        for i in (0, 1, 2, 3, 10):
            need(mine[i] == real[i], "column", mine, real)
        need(busy or mine[4:8] == real[4:8], "priority or memory", mine, real)
        need(busy or mine[8] == real[8] or "-" in (mine[8], real[8]) or mine[9][0] in "RDI", "wchan", mine, real)
        need(state(mine[9], real[9]), "state", mine, real)
        need(-1 <= seconds(mine[11]) - seconds(real[11]) <= most_used(context), "time", mine, real)

    return compare_rows(ours, theirs, context, 13, check)


def aux(ours, theirs, context):
    def check(mine, real, busy):
        need(mine[:2] == real[:2] and mine[6] == real[6] and mine[7] == "-", "column", mine, real)
        need(busy or mine[3:6] == real[3:6], "memory", mine, real)
        # The second in which it began is rounded in another way.
        start = [int(x[8][:2]) * 60 + int(x[8][3:]) for x in (mine, real)]
        need(abs(start[0] - start[1]) <= 1, "start", mine, real)
        need(-1 <= seconds(mine[9]) - seconds(real[9]) <= most_used(context), "time", mine, real)

    threads = [line.split(None, 10) for line in ours.decode("utf-8", "replace").split("\n") if re.match(r"\d+ +- ", line)]
    need(len(threads) == len(context.guest.tasks()), "threads", len(threads), len(context.guest.tasks()))
    for fields in threads:
        need([fields[i] for i in (1, 3, 4, 5, 6, 10)] == ["-"] * 6, "thread", fields, "")
    return compare_rows(ours, theirs, context, 11, check)


kind("sos_commands/process/ps_alxwww", alx, moves=MOVES, truth=lambda path: "commands/ps_alxwww")
kind("sos_commands/process/ps_auxwwwm", aux, moves=MOVES, truth=lambda path: "commands/ps_auxwww")


def pstree(ours, theirs, context):
    """A line for each process that was there; those of processes that came or went have other neighbours."""
    tasks = context.guest.tasks()
    mine = [line.replace("`-", "|-") for line in ours.decode().splitlines()]
    real = [line.replace("`-", "|-") for line in theirs.decode().splitlines()]
    # Of process 2 and below there is nothing: the tree begins at 1.
    ids = [int(x) for line in mine for x in re.findall(r"\((\d+)\)(?=-[-+]-|$)", line)]
    below = {tid for tid, row in tasks.items() if int(row["ppid"]) != 2 and tid != 2 and int(row["tgid"]) != 2}
    need(set(ids) == below and len(ids) == len(below), "tasks", sorted(set(ids) ^ below)[:5], "")
    need(mine[0] == real[0], "first line", mine[0], real[0])
    missing = [line for line in real if line not in mine]
    need(len(missing) * 10 <= len(real), "lines", missing[:2], "")
    return NEAR


kind("sos_commands/process/pstree_-lp", pstree, moves=MOVES, truth=lambda path: "commands/pstree_-lp")
