# SPDX-License-Identifier: GPL-2.0-or-later
"""Files, mounts, locks and what else has paths."""

import os
import tarfile

from compare import NEAR, Different, first_difference
from kind import kind


def but_for_the_agent(steady):
    """Equal; of the process that saves all this and then crashes the machine only the lines that steady() picks."""

    def compare(ours, theirs, context):
        if int(context.keys["pid"]) != context.guest.moment()["agent_pid"]:
            raise Different(first_difference(ours, theirs))
        mine, real = (b"\n".join(filter(steady, x.split(b"\n"))) for x in (ours, theirs))
        if mine != real:
            raise Different(first_difference(mine, real))
        return NEAR

    return compare


AGENT = "crash-agent, which saves the truth, goes on allocating memory and opening files"


def is_of_a_file(area):
    return len(area.split()) > 5 and not area.endswith(b"[heap]")


kind("proc/{pid}/maps", but_for_the_agent(is_of_a_file), moves=AGENT)


def links(guest):
    """{path: target} of the links that the guest saved, as bytes; unpacked truth needn't have them."""
    if not hasattr(guest, "links"):
        with tarfile.open(guest.path / "truth.tar") as tar:
            guest.links = {m.name: os.fsencode(m.linkname) for m in tar if m.issym()}
        guest.links_in = {}
        for path in guest.links:
            folder, name = path.rsplit("/", 1)
            guest.links_in.setdefault(folder, []).append(name)
    return guest.links


def escape(target):
    return target.replace(b"\\", b"\\134").replace(b"\n", b"\\012")


def fd(guest, path):
    """A line for each link of the folder, with what fdinfo says of it."""
    if not (guest.truth / path).is_dir():
        return None
    targets, lines = links(guest), []
    for name in sorted(guest.links_in.get(path, ()), key=int):
        info = (guest.truth / f"{path}info" / name).read_bytes().split(b"\n")
        fields = dict(line.split(b":\t", 1) for line in info if b":\t" in line)
        lines.append(
            b"%s %s %s %s\n" % (name.encode(), fields[b"flags"], fields[b"pos"], escape(targets[f"{path}/{name}"]))
        )
    return b"".join(lines)


def ns(guest, path):
    if not (guest.truth / path).is_dir():
        return None
    targets = links(guest)
    names = sorted(guest.links_in.get(path, ()))
    return b"".join(b"%s %s\n" % (x.encode(), targets[f"{path}/{x}"]) for x in names)


def process_links(guest, path):
    targets, folder = links(guest), path.rsplit("/", 1)[0]
    names = [x for x in ("cwd", "exe", "root") if f"{folder}/{x}" in targets]
    lines = [b"%s %s\n" % (x.encode(), escape(targets[f"{folder}/{x}"])) for x in names]
    return b"".join(lines) or None


def is_inherited(line):
    return line.split(b" ", 1)[0] in (b"0", b"1", b"2")


kind("proc/{pid}/fd", but_for_the_agent(is_inherited), moves=AGENT, render=fd)
kind("proc/{pid}/links", render=process_links)
kind("proc/{pid}/ns", render=ns)

kind("proc/filesystems")
kind("proc/locks")
kind("proc/swaps")
kind("proc/sysvipc/msg")
kind("proc/sysvipc/sem")
kind("proc/sysvipc/shm")
