# SPDX-License-Identifier: GPL-2.0-or-later
"""A report of a real dump, from the dump alone, against what the guest's own kernel said."""

import hashlib
import re
import subprocess

import pytest

from conftest import BESIDE, MOVING, ROOT, make_report, sanitized_path


@pytest.fixture
def both(guest, reports):
    return guest, reports(guest.name)


def stamped(lines):
    """(seconds, text) of a log's lines; a record's further lines belong to it."""
    found = []
    for line in lines:
        match = re.match(r"\[ *(\d+\.\d+)\] (.*)", line)
        if match:
            found.append([match.group(1), match.group(2)])
        elif found:
            found[-1][1] += "\n" + line
    return found


def console_trace(guest):
    """Functions of the last call trace before the machine died, without those marked '?'."""
    text = guest.console()
    text = text[text.index("Kernel panic - not syncing") :]
    # Down to user space: "</TASK>" stands behind it, but not in kernels before 5.17.
    text = text[text.index("Call Trace:") : text.index("RIP: 0033:")]
    frames = re.findall(r"^\[ *[\d.]+\]  (?!\? )([\w.]+)\+0x\w+/0x\w+", text.replace("\r", ""), re.M)
    return frames


def test_the_panic_stack_is_the_consoles(both):
    guest, report = both
    console = console_trace(guest)
    panic = report.json("plugins/panic_summary/panic.json")
    ours = [re.match(r"[\w.]+", f["symbol"]).group(0) for f in panic["stack"] if f["kind"] != "unreliable"]
    assert "panic" in console and "sysrq_handle_crash" in console
    # The console's trace was taken within panic(), a moment before the registers were saved.
    assert ours[ours.index("panic") :] == console[console.index("panic") :]
    assert panic["stack_complete"] is True


def test_the_panic_summary_names_who_and_why(both):
    guest, report = both
    panic = report.json("plugins/panic_summary/panic.json")
    agent = guest.moment()["agent_pid"]
    assert panic["panicked"] is True
    assert panic["task"]["pid"] == agent
    assert panic["task"]["comm"] == guest.tasks()[agent]["comm"]
    assert panic["release"] == guest.info["kernel_release"]
    said = re.search(r"Kernel panic - not syncing: ([^\r\n]*)", guest.console()).group(1)
    assert panic["message"]["text"] == said
    summary = report.text("plugins/panic_summary/summary.txt")
    for word in (said, str(agent), "sysrq_handle_crash", guest.info["kernel_release"]):
        assert word in summary
    words = " ".join(report.result.stdout.split())
    assert "What happened:" in words and said in words and guest.info["kernel_release"] in words


def test_tasks_are_exactly_the_kernels(both):
    guest, report = both
    truth = guest.tasks()
    ours = {t["pid"]: t for t in report.json("plugins/tasks/tasks.json")}
    assert sorted(ours) == sorted(truth)
    agent = guest.moment()["agent_pid"]
    for pid, task in ours.items():
        row = truth[pid]
        assert task["tgid"] == int(row["tgid"]), row
        assert task["ppid"] == int(row["ppid"]), row
        # A sleeper may have woken in the last milliseconds; who runs no more in any case stays so.
        if row["state"] in "DTtZX" or pid == agent:
            assert task["state"] == row["state"], row
        else:
            assert task["state"] in "RSDI", row
    states = {t["state"] for t in ours.values()}
    assert {"R", "S", "D", "T", "Z", "I"} <= states
    assert ours[agent]["on_cpu"] is True


def test_the_table_of_tasks_is_aligned_and_complete(both):
    _, report = both
    lines = report.text("plugins/tasks/tasks.txt").splitlines()
    tasks = report.json("plugins/tasks/tasks.json")
    assert len(lines) == len(tasks) + 1
    at = lines[0].index("COMM")
    assert all(line[at - 1] == " " and line[at - 2] == " " for line in lines)
    assert [int(line.split()[0]) for line in lines[1:]] == [t["pid"] for t in tasks]
    assert not re.search(r"[^\n\x20-\x7e\x80-\U0010ffff]", report.text("plugins/tasks/tasks.txt"))


def test_time_since_a_task_last_ran(both):
    guest, report = both
    ours = {t["pid"]: t["seconds_since_last_run"] for t in report.json("plugins/tasks/tasks.json")}
    uptime = guest.moment()["boottime_ns"] / 1e9
    assert all(v is None or 0 <= v < uptime + 60 for v in ours.values())
    assert ours[guest.moment()["agent_pid"]] < 30
    # Kernel threads made at boot that never had work again.
    assert ours[2] is not None and max(v for v in ours.values() if v is not None) > uptime / 2


def test_sleeping_tasks_stacks_are_the_kernels(both):
    guest, report = both
    agent = guest.moment()["agent_pid"]
    # Who ran after the last look, in the milliseconds before the end, may stand elsewhere by now.
    panic = report.json("plugins/panic_summary/panic.json")
    window = panic["uptime_seconds"] - guest.moment()["boottime_ns"] / 1e9 + 0.5
    idle = {t["pid"]: t["seconds_since_last_run"] for t in report.json("plugins/tasks/tasks.json")}
    same, frames, moved = 0, 0, []
    for tid, row in guest.tasks().items():
        ours = report.text(f"proc/{row['tgid']}/task/{tid}/stack")
        if int(row["tgid"]) == tid:
            assert report.text(f"proc/{tid}/stack") == ours
        if tid == agent or row["state"] == "R":
            continue  # on a CPU: the kernel shows nothing of those, or itself at work
        assert all(line.startswith("[<0>] ") for line in ours.splitlines())
        ours = [line[6:] for line in ours.splitlines()]
        theirs = list(filter(None, row["stack"].split(";")))
        if guest.version < (5, 15) and row["comm"] == "pool/pipe":
            # The kernel can't get past a kretprobe, and names what lies before its trampoline.
            assert re.match(r"(\w+)\+0x(\w+)/0x\2$", theirs.pop())
            assert len(ours) > len(theirs) and ours[-1].startswith("entry_SYSCALL_64_after_hwframe")
            ours = ours[: len(theirs)]
        if ours == theirs:
            same += 1
            frames += len(ours)
        else:
            assert idle[tid] is not None and idle[tid] < window, row
            moved.append(row["comm"])
    assert len(moved) < 5, moved
    assert same > 100 and frames > 400


def test_stacks_through_tracers_probes_and_bpf_programs(both):
    """What tests/guest/inside/work.sh has put in the place of return addresses."""
    guest, report = both
    tracers = ("return_to_handler", "rethook_trampoline", "kretprobe_trampoline")
    for path, data in report.contents.items():
        if path.startswith("proc/") and path.endswith("/stack"):
            assert not any(name in data.decode() for name in tracers), path
    stacks = {row["comm"]: row["stack"] for row in guest.tasks().values()}
    assert "hrtimer_nanosleep" in stacks["pool/sleep"] and "pipe_read" in stacks["pool/pipe"]
    assert re.search(r";bpf_trampoline_\d\w*\+0x\w+/0x\w+;", stacks["pool <signal>"])


def test_identical_stacks_are_folded(both):
    guest, report = both
    groups = report.json("plugins/stacks/stacks.json")
    counts = [g["count"] for g in groups]
    assert counts == sorted(counts, reverse=True) and counts[0] > 10
    assert all(len(g["tasks"]) == g["count"] for g in groups)
    assert sorted(t["pid"] for g in groups for t in g["tasks"]) == sorted(guest.tasks())
    assert len({tuple(g["frames"]) + (g.get("note"),) for g in groups}) == len(groups)
    text = report.text("plugins/stacks/stacks.txt")
    assert [int(n) for n in re.findall(r"^(\d+) tasks?:", text, re.M)] == counts


@pytest.mark.parametrize("name", ["dmesg", "dmesg_-T"])
def test_dmesg_is_what_dmesg_printed(both, name):
    guest, report = both
    theirs = (guest.truth / "commands" / name).read_bytes()
    ours = report.contents[f"sos_commands/kernel/{name}"]
    assert len(theirs) > 10000
    # The log went on after that look at it, with the panic.
    assert ours.startswith(theirs)
    assert b"Kernel panic - not syncing" in ours[len(theirs) :]


def test_the_log_ends_as_the_console_did(both):
    guest, report = both
    console = guest.console().replace("\r", "")
    panic = [x for x in stamped(console.splitlines()) if "Kernel panic - not syncing" in x[1]][0]
    assert panic in stamped(report.text("sos_commands/kernel/dmesg").splitlines())


def test_kernel_info_is_the_guests(both):
    guest, report = both
    info = report.json("plugins/kernel_info/kernel_info.json")
    proc = guest.truth / "proc"
    assert info["banner"] == (proc / "version").read_text().strip()
    assert info["cmdline"] == (proc / "cmdline").read_text().strip()
    assert info["uts"]["nodename"] == (proc / "sys/kernel/hostname").read_text().strip()
    assert info["uts"]["domainname"] == (proc / "sys/kernel/domainname").read_text().strip()
    assert info["uts"]["release"] == (proc / "sys/kernel/osrelease").read_text().strip()
    assert info["taints"]["mask"] == int((proc / "sys/kernel/tainted").read_text())
    letters = "".join(f["letter"] for f in info["taints"]["flags"])
    # "Tainted: G     U      ", since 6.13 with another line of the flags by their names.
    said = re.search(r"Tainted: ([A-Z ]+?) +\d", guest.console()).group(1)
    assert letters and letters.replace("G", "") == said.replace(" ", "").replace("G", "")
    uptime = guest.moment()["boottime_ns"] / 1e9
    assert abs(info["times"]["uptime_seconds"] - uptime) < 60
    assert info["cpus"]["possible"] == 2
    assert report.text("plugins/kernel_info/uts.txt").splitlines()[1].startswith("nodename: crashbox")


def test_the_archive_is_shaped_as_sos_shapes_it(both):
    _, report = both
    assert re.fullmatch(r"sosvmcore-crashbox-\d{4}-\d\d-\d\d-[a-z]{7}", report.root)
    assert report.archive.name == report.root + ".tar.xz"
    assert report.archive.stat().st_mode & 0o777 == 0o600
    digest = hashlib.sha256(report.archive.read_bytes()).hexdigest()
    assert report.archive.with_name(report.archive.name + ".sha256").read_text() == digest + "\n"
    assert digest in report.result.stdout and str(report.archive) in report.result.stdout
    for m in report.members:
        assert m.name == report.root or m.name.startswith(report.root + "/")
        assert (m.uid, m.gid, m.uname, m.gname) == (0, 0, "root", "root")
        assert m.mtime == report.members[0].mtime
        assert m.isdir() or m.issym() or m.mode == 0o644
    crashed = report.json("plugins/panic_summary/panic.json")["crash_time"]
    assert report.members[0].mtime == crashed
    assert {"sos_logs/sos.log", "sos_logs/ui.log", "sos_reports/manifest.json"} <= set(report.contents)
    assert any(name.startswith("sos_commands/") for name in report.contents)
    # tar itself takes it, without a word.
    assert subprocess.run(["tar", "-tf", report.archive], capture_output=True, check=True).stderr == b""


def test_the_manifest_accounts_for_every_file(both):
    _, report = both
    manifest = report.manifest()
    plugins = manifest["components"]["report"]["plugins"]
    assert set(plugins) == {path.stem for path in (ROOT / "plugins").glob("*.c")}
    listed = set()
    for plugin in plugins.values():
        assert plugin["status"] == "ok" and plugin["reason"] == ""
        for entry in plugin["files"]:
            assert (entry["status"] == "ok") == (entry["reason"] == ""), entry
            if entry["status"] == "omitted":
                assert entry["files_copied"] == [] and entry["kind"], entry
                continue
            (path,) = entry["files_copied"]
            assert entry["bytes"] == len(report.contents[path])
            assert entry["ms"] >= 0 and entry["source"], entry
            listed.add(path)
    own = ("sos_logs/", "sos_reports/", "version.txt", BESIDE)
    ours = {p for p in report.contents if not p.startswith(own)}
    assert listed == ours
    assert manifest["vmcore"]["pages_damaged"] == 0
    assert manifest["vmcore"]["release"] == report.json("plugins/panic_summary/panic.json")["release"]


@pytest.mark.one_kernel
def test_two_runs_give_the_same_contents(guests, reports, tmp_path):
    first = reports("default")
    for options in ((), ("--threads", "1"), ("--threads", "8")):
        second = make_report(guests("default").vmcore, tmp_path / "-".join(("out", *options)), *options)
        for a, b in ((first, second), (second, first)):
            for path, data in a.contents.items():
                if not path.startswith(MOVING):
                    assert b.contents[path] == data, path
        assert [m.name.split("/", 1)[-1] for m in first.members[1:]] == [
            m.name.split("/", 1)[-1] for m in second.members[1:]
        ]


@pytest.mark.one_kernel
def test_the_whole_run_is_clean_under_sanitizers(guests, reports, tmp_path):
    report = make_report(
        guests("default").vmcore, tmp_path / "out", program=sanitized_path() / "vmcore-report"
    )
    said = report.result.stdout + report.result.stderr
    assert "Sanitizer" not in said and "runtime error" not in said
    for path, data in reports("default").contents.items():
        if not path.startswith(MOVING):
            assert report.contents[path] == data, path
