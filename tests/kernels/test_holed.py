# SPDX-License-Identifier: GPL-2.0-or-later
"""
Dumps with holes: from a makedumpfile that doesn't know the kernel and left out pages of its slabs. Of the same
memory there is a dump without holes, so what should be in the report is known in full.
"""

import pytest

from conftest import make_report, probe


class Pair:
    """The reports of one memory: of the dump that holds all of it, and of the one with holes."""

    def __init__(self, guest, whole, directory):
        self.guest = guest
        self.whole = whole
        self.report = make_report(guest.holed, directory)
        tasks = [int(x.split("\t")[0]) for x in probe(guest.vmcore, "tasks")]
        addresses = [x.split()[1] for x in probe(guest.vmcore, "addrs") if x.startswith("task ")]
        self.address = dict(zip(tasks, addresses))
        # Where the task_struct of a task has its first hole; 0 where it has none.
        lines = probe(guest.holed, "missing", "struct task_struct", *addresses)
        holes = dict(x.split() for x in lines)
        self.hole = {pid: int(holes[addr], 16) for pid, addr in self.address.items()}

    def rows(self):
        """The holed report's tasks by their address, those without holes too."""
        rows = self.report.json("plugins/tasks/tasks.json")
        return {row.get("address") or self.address.get(row["pid"]): row for row in rows}


@pytest.fixture(scope="module")
def pair(holed_guest, reports, tmp_path_factory):
    return Pair(holed_guest, reports(holed_guest.name), tmp_path_factory.mktemp("holed"))


def entries(report, plugin):
    files = report.manifest()["components"]["report"]["plugins"][plugin]["files"]
    return {entry["specification"]: entry for entry in files}


def test_the_dump_has_holes_and_the_other_has_none(pair):
    assert set(pair.hole) == set(pair.guest.tasks())
    assert any(pair.hole.values()) and not all(pair.hole.values())
    lines = probe(pair.guest.vmcore, "missing", "struct task_struct", *pair.address.values())
    assert {x.split()[1] for x in lines} == {"0x0"}


def test_every_task_is_reported_or_accounted_for(pair):
    rows = pair.rows()
    lost = []
    for pid, address in pair.address.items():
        if address not in rows:
            lost.append(pid)
        elif pair.hole[pid] == 0:
            assert rows[address]["pid"] == pid
        else:
            assert "not in the dump" in rows[address].get("missing", "not in the dump")
    # Nothing invented, nothing twice.
    assert len(rows) == len(pair.report.json("plugins/tasks/tasks.json"))
    assert set(rows) <= set(pair.address.values())
    # Whoever is there as a whole is found, by one way or another.
    truth = pair.guest.tasks()
    assert [pid for pid in lost if pair.hole[pid] == 0] == []
    assert len(lost) < len(truth) / 4
    assert entries(pair.report, "tasks")["plugins/tasks/tasks.txt"]["rows_dropped"] >= len(lost)


def test_what_is_reported_of_a_task_is_true(pair):
    whole = {row["pid"]: row for row in pair.whole.json("plugins/tasks/tasks.json")}
    pids = {address: pid for pid, address in pair.address.items()}
    for address, row in pair.rows().items():
        for key, value in row.items():
            if key not in ("address", "missing") and value is not None:
                assert value == whole[pids[address]][key], (pids[address], key)


def test_stacks_are_whole_or_say_where_they_end(pair):
    entry = entries(pair.report, "vmcore_procfs")
    known = {row["pid"] for row in pair.rows().values()}
    same = 0
    for path, data in pair.whole.contents.items():
        if not path.startswith("proc/") or not path.endswith("/stack"):
            continue
        ours = pair.report.contents.get(path)
        if ours == data:
            same += 1
            continue
        if ours:
            # As many frames as can be had, and then why there are no more.
            assert entry["/" + path]["status"] == "partial"
            frames = [x for x in ours.splitlines() if x.startswith(b"[<0>]")]
            for frame, whole in zip(frames, data.splitlines()):
                # A BPF program's name may be in a hole.
                assert frame == whole or (b"0x" in frame.split()[1][:2] and b" bpf_" in whole)
        elif "/" + path in entry:
            assert entry["/" + path]["status"] == "omitted"
        else:
            # A task that isn't known at all, or not its pid: as the test above has it.
            assert int(path.split("/")[-2]) not in known
            continue
        assert entry["/" + path]["kind"] == "fault"
        assert "not in the dump" in entry["/" + path]["reason"]
    assert same > 50


def test_the_manifest_says_that_the_dump_is_holed_and_why(pair):
    manifest = pair.report.manifest()
    assert manifest["vmcore"]["pages_excluded"] > 0
    entry = entries(pair.report, "tasks")["plugins/tasks/tasks.json"]
    assert entry["status"] == "partial" and entry["kind"] == "fault" and entry["reason"]
    assert manifest["vmcore"]["holed"]


def test_the_kernels_own_words_survive(pair):
    """The log, the panic and who it was lie in memory that even such a makedumpfile keeps."""
    for path in ("sos_commands/kernel/dmesg", "plugins/kernel_info/uts.txt"):
        assert pair.report.contents[path] == pair.whole.contents[path]
    ours = pair.report.json("plugins/panic_summary/panic.json")
    theirs = pair.whole.json("plugins/panic_summary/panic.json")
    for key in ("message", "task", "stack", "release"):
        assert ours[key] == theirs[key]
