# SPDX-License-Identifier: GPL-2.0-or-later
"""--pids: which processes have files of their own."""

import pytest

from conftest import make_report, run_program

pytestmark = pytest.mark.one_kernel


def processes(report):
    return {int(p.split("/")[1]) for p in report.contents if p.startswith("proc/") and p.split("/")[1].isdigit()}


def notes(report):
    return report.manifest()["components"]["report"]["plugins"]["vmcore_procfs"]["notes"]


@pytest.fixture
def make(guests, tmp_path):
    def go(name, *options):
        dump = guests("default").vmcore
        return make_report(dump, tmp_path / name, "--only-plugins", "vmcore_procfs,tasks", *options)

    return go


def urgent(report):
    """Processes with a task that is blocked or running, as `tasks` has it."""
    return {t["tgid"] for t in report.json("plugins/tasks/tasks.json") if t["state"] in ("D", "R")}


def test_all_of_them_unless_there_are_too_many(make):
    usual, all_of_them = make("a"), make("b", "--pids", "all")
    assert processes(usual) == processes(all_of_them)
    assert processes(usual) == {t["tgid"] for t in usual.json("plugins/tasks/tasks.json")}
    assert notes(usual) == []


def test_blocked_and_running_ones_alone(make):
    report = make("a", "--pids", "blocked")
    assert processes(report) == urgent(report) != set()
    there = len({t["tgid"] for t in report.json("plugins/tasks/tasks.json")})
    out = there - len(urgent(report))
    assert notes(report) == [f"{out} of {there} processes have no files here (--pids)"]


def test_blocked_and_running_ones_first(make):
    report = make("a", "--pids", "blocked")
    first = urgent(report)
    assert len(first) > 1
    some = processes(make("b", "--pids", len(first) - 1))
    assert some < first and len(some) == len(first) - 1
    more = processes(make("c", "--pids", len(first) + 2))
    assert first < more and len(more) == len(first) + 2
    assert 1 in more, "then in the order of the kernel's list"


@pytest.mark.parametrize("value", ["0", "-1", "some", "1x", ""])
def test_what_is_none_of_these(value, guests):
    result = run_program("--vmcore", guests("default").vmcore, "--pids", value, check=False)
    assert result.returncode == 2 and "--pids" in result.stderr
