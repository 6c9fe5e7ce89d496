# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked not to be done: dry runs, files that aren't wanted; and what a terminal shows meanwhile."""

import fnmatch
import os
import pty
import re
import select
import subprocess

import pytest

import native
from conftest import make_report, program_path, run_program


@pytest.fixture
def vmcore(guests):
    return guests("default").vmcore


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


# --dry-run


def test_a_dry_run_says_what_would_run(vmcore, out, tmp_path):
    native.build(
        tmp_path / "p", "needy",
        native.plugin("needy", '	vr_write_text(run, "x", "x");', fields=".needs = needs,",
                      before='static const char *const needs[] = {"symbol:no_such_symbol_42", NULL};\n'),
    )
    native.build(tmp_path / "p", "ready", native.plugin("ready", "	__builtin_trap();"))
    native.build(
        tmp_path / "p", "rough",
        native.plugin("rough", "", fields=".check_enabled = check,",
                      before="static bool check(struct vr_run *run, struct vr_program *prog)\n"
                             "{ (void)run; (void)prog; __builtin_trap(); }\n"),
    )
    result = run_program(
        "--vmcore", vmcore, "--tmp-dir", out, "--batch", "--dry-run", "--plugin-dir", tmp_path / "p", "-n", "tasks",
        "--encrypt-pass", "x", "--label", "y",
    )
    assert list(out.iterdir()) == []
    would, not_ = result.stdout.split("The following plugins would run:")[1].split(
        "The following plugins would not run:"
    )
    assert {"dmesg", "ready", "vmcore_procfs"} <= {x.split()[0] for x in would.splitlines() if x}
    assert re.search(r"^ tasks +skipped ", not_, re.M)
    assert re.search(r"^ needy +inactive: no symbol `no_such_symbol_42` ", not_, re.M)
    assert re.search(r"^ rough +was killed by SIG(ILL|TRAP) \(last action: check_enabled\) ", not_, re.M)
    assert "Setting up archive" not in result.stdout and "Creating" not in result.stdout


def test_a_dry_run_needs_a_dump(tmp_path):
    result = run_program("--vmcore", program_path(), "--dry-run", "--batch", check=False)
    assert result.returncode == 1 and result.stderr.startswith("Error: ")


# --skip-files


def test_files_that_are_not_wanted_are_not_written(vmcore, out, reports):
    patterns = ["/proc/[0-9]*", "proc/meminfo", "plugins/tasks/*.txt", "sos_commands/kernel/dmesg_*", "version.txt"]
    report = make_report(vmcore, out, "--skip-files", ",".join(patterns[:3]), "--skip-files", ",".join(patterns[3:]))
    whole = reports("default").contents
    skipped = {
        path for path in whole if path != "version.txt" and any(fnmatch.fnmatchcase(path, p.lstrip("/")) for p in patterns)
    }
    assert len(skipped) > 1000 and "proc/meminfo" in skipped
    assert set(whole) - set(report.contents) == skipped
    assert report.text("plugins/tasks/tasks.json") == reports("default").text("plugins/tasks/tasks.json")
    plugins = report.manifest()["components"]["report"]["plugins"]
    files = {x["specification"].lstrip("/"): x for p in plugins.values() for x in p["files"]}
    assert files["proc/meminfo"]["reason"] == "skipped (--skip-files proc/meminfo)"
    assert files["proc/meminfo"]["status"] == "omitted" and files["proc/meminfo"]["files_copied"] == []
    assert "plugin tasks: 1 files skipped (--skip-files)" in report.text("sos_logs/sos.log")


# A terminal


def on_terminal(vmcore, out, *args, env=None):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, *args], stdin=slave, stdout=slave, stderr=slave,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **(env or {})},
    )
    os.close(slave)
    text = b""
    while select.select([master], [], [], 60)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    os.close(master)
    return text.decode(), process.wait(timeout=60)


def test_colours_are_for_terminals(vmcore, out):
    text, status = on_terminal(vmcore, out, "-o", "panic_summary", "-n", "nosuch")
    assert status == 0
    assert "\033[33mWARNING: Requested plugin 'nosuch' not found\033[0m\r\n" in text
    assert "\033[1mWhat happened:\033[0m\r\n" in text
    text, status = on_terminal(vmcore, out, "-o", "nosuch")
    assert status == 1 and text.startswith("\033[31mError: ")
    for args, env in ((["--batch"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
        text, status = on_terminal(vmcore, out, "-o", "panic_summary", "-n", "nosuch", *args, env=env)
        assert status == 0 and "\033" not in text and "What happened:\r\n" in text
    piped = run_program("--vmcore", vmcore, "--tmp-dir", out, "-o", "panic_summary", env={"TERM": "xterm"})
    assert "\033" not in piped.stdout + piped.stderr


SLOW = """
	for (int i = 0; i < 2; i++) {
		struct timespec now, start;
		clock_gettime(CLOCK_MONOTONIC, &start);
		do
			clock_gettime(CLOCK_MONOTONIC, &now);
		while (now.tv_sec - start.tv_sec < 2);
	}
"""


def test_progress_is_estimated_on_a_terminal(vmcore, out, tmp_path):
    native.build(tmp_path, "slow", native.plugin("slow", SLOW, before="#include <time.h>\n"))
    args = ("--plugin-dir", tmp_path, "-o", "slow,vmcore_sysfs")
    text, status = on_terminal(vmcore, out, *args)
    assert status == 0
    found = re.findall(r"\r  Finished (\d)/2 plugins(?:, (\d+) %(?:, about (\d+) s left)?)? \[Running:[ \w]*\] *", text)
    assert found and all(int(p or 0) <= 100 for _, p, _ in found)
    assert [x for x in found if x[2]], text
    # Elsewhere there are plain lines, with nothing to wipe out.
    plain = run_program("--vmcore", vmcore, "--tmp-dir", out, "--batch", *args).stdout
    assert "left" not in plain and "\r" not in plain
