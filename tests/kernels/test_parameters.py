# SPDX-License-Identifier: GPL-2.0-or-later
"""
Parameters of functions in stacks: against the system calls' arguments as the guest's own kernel told them
(/proc/<pid>/syscall), and what drgn finds by them.
"""

import re

import pytest

from conftest import debuginfo, dumps_path, make_report
from drgn_dump import Dump

from drgn.helpers.linux import fs, pid

# Which argument of the system call a function's parameter is, whatever the call.
ARGUMENTS = {
    ("fuse_dev_do_read", "nbytes"): 2,
    ("vfs_read", "buf"): 1,
    ("vfs_read", "count"): 2,
    ("vfs_write", "buf"): 1,
    ("vfs_write", "count"): 2,
    ("ksys_read", "fd"): 0,
    ("ksys_write", "fd"): 0,
    ("do_sys_poll", "ufds"): 0,
    ("do_sys_poll", "nfds"): 1,
    ("do_fcntl", "fd"): 0,
    ("do_fcntl", "cmd"): 1,
    ("do_fcntl", "arg"): 2,
    ("fcntl_setlk", "fd"): 0,
    ("fcntl_setlk", "cmd"): 1,
    ("do_futex", "uaddr"): 0,
    ("do_futex", "op"): 1,
    ("do_futex", "val"): 2,
    ("do_epoll_wait", "epfd"): 0,
    ("do_epoll_wait", "events"): 1,
    ("do_epoll_wait", "maxevents"): 2,
    ("__do_semtimedop", "semid"): 0,
    ("do_semtimedop", "semid"): 0,
    ("__sys_accept4", "fd"): 0,
}
# Of which file the first argument is the number.
OF_A_DESCRIPTOR = {("vfs_read", "file"), ("vfs_write", "file"), ("fuse_dev_do_read", "file")}
# read() and write(), by their numbers.
OF_A_FILE = (0, 1)


def function_of(line):
    """The function's name of a line of a stack."""
    return re.split(r"[+ ]", line.removeprefix("? "))[0].split(".")[0]


class Parameter:
    def __init__(self, stack, task, found):
        self.tid = task["pid"]
        self.line = found["frame"]
        self.function = function_of(stack["frames"][self.line])
        self.name = found["name"]
        self.at_entry = found.get("at_entry", False)
        value = found["value"]
        self.value = int(value, 16) if isinstance(value, str) and value.startswith("0x") else value


@pytest.fixture(scope="module")
def files(guest):
    """vmlinux and modules with DWARF"""
    (tree,) = (dumps_path() / "packages").glob(f"debuginfo@*/{guest.info['packages'][0]}.root")
    return debuginfo(guest), tree


@pytest.fixture(scope="module")
def stacks(guest, files, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"parameters-{guest.name}")
    report = make_report(guest.vmcore, folder, "--only-plugins", "stacks,panic_summary", "--debuginfo-dir", files[1])
    return report.json("plugins/stacks/stacks.json")


@pytest.fixture(scope="module")
def parameters(stacks):
    return [
        Parameter(stack, task, x)
        for stack in stacks
        for task in stack["tasks"]
        for x in (*stack.get("parameters", ()), *task.get("parameters", ()))
    ]


def arguments(guest, tid):
    """(number, [arguments]) of the system call that a task is in; None: in none, or in another one since"""
    if tid == guest.moment()["agent_pid"]:
        return None
    for path in (guest.truth / "proc").glob(f"[0-9]*/task/{tid}/syscall"):
        words = path.read_text().split()
        if len(words) == 9:
            return int(words[0]), [int(x, 16) for x in words[1:7]]
    return None


def same(value, other):
    """Some are of 32 bits only."""
    return (value - other) % (1 << (64 if value >> 32 > 0 else 32)) == 0


def test_against_system_calls(guest, parameters):
    checked, wrong = set(), []
    for p in parameters:
        which = ARGUMENTS.get((p.function, p.name))
        call = arguments(guest, p.tid) if which is not None else None
        if not call:
            continue
        checked.add((p.function, p.name))
        if not same(p.value, call[1][which]):
            wrong.append((p.tid, p.function, p.name, p.value, call))
    print(f"{guest.name}: {len(parameters)} parameters, arguments of calls: {sorted(checked)}")
    assert not wrong
    assert len(checked) >= 3


@pytest.fixture(scope="module")
def dump(guest, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"drgn-{guest.name}")
    yield Dump(guest, folder)
    for path in folder.iterdir():
        path.unlink()


def test_files_are_those_of_the_descriptors(parameters, guest, files, dump):
    prog = dump.program(files[0])
    checked, wrong = 0, []
    for p in parameters:
        if (p.function, p.name) not in OF_A_DESCRIPTOR:
            continue
        call = arguments(guest, p.tid)
        if not call or call[0] not in OF_A_FILE:
            continue
        checked += 1
        theirs = fs.fget(pid.find_task(prog, p.tid), call[1][0]).value_()
        if p.value != theirs:
            wrong.append((p.tid, hex(p.value), hex(theirs)))
    assert not wrong
    assert checked > 0 or guest.version < (6, 0), "none is known"
