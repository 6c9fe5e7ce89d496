# SPDX-License-Identifier: GPL-2.0-or-later
"""sos's configuration files, and the dump that is taken where none is named."""

import os
import pathlib
import re
import shutil

import pytest

from conftest import make_report, program_path, run_program

NOBODY = 65534


@pytest.fixture
def vmcore(guests):
    return guests("default").vmcore


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "sos.conf"

    def write(text):
        path.write_text(text)
        return path

    return write


def enabled(stdout):
    part = stdout.split("currently enabled:")[1].split("The following")[0]
    return {line.split()[0] for line in part.splitlines() if line.startswith(" ")}


def test_a_file_and_the_command_line_over_it(vmcore, out, conf):
    file = conf(
        "[global]\nlabel = fromfile\nonly-plugins = tasks\nverbose = 1\nthreads = 2\n"
        "[report]\nlabel = wrong\n[vmcore-report]\ncase_id = 0123\ntmp-dir = /no/such\n"
        "[plugin_options]\nrpm.rpmva = off\ntasks.timeout = 77\n"
    )
    report = make_report(vmcore, out, "--config-file", file)
    assert re.fullmatch(r"sosvmcore-crashbox-fromfile-0123-\d{4}-\d\d-\d\d-[a-z]{7}", report.root)
    assert report.manifest()["components"]["report"]["enabled_plugins"] == ["tasks"]
    log = report.text("sos_logs/sos.log")
    assert "Set tasks plugin option timeout to 77" in log
    assert report.result.stderr == ""
    shutil.rmtree(out)
    report = make_report(
        vmcore, out, "--config-file", file, "--label", "line", "-o", "kernel_info", "-k", "tasks.timeout=-1",
        "--name-style", "sosreport",
    )
    assert re.fullmatch(r"sosreport-crashbox-line-0123-\d{4}-\d\d-\d\d-[a-z]{7}", report.root)
    assert report.manifest()["components"]["report"]["enabled_plugins"] == ["kernel_info"]


def test_what_is_wrong_with_it_is_said(vmcore, out, conf, tmp_path):
    report = make_report(
        vmcore, out, "-o", "tasks", "--config-file", conf("[global]\nno-such = 1\n[vmcore-report]\nsysroot = /\n")
    )
    said = "Unknown option 'no_such' in section 'global'\nUnknown option 'sysroot' in section 'vmcore-report'\n"
    assert report.result.stderr == said
    assert "Unknown option 'no_such'" in report.text("sos_logs/sos.log")
    result = run_program("-l", "--config-file", tmp_path / "none")
    assert result.stderr == (
        f"WARNING: Unable to read configuration file {tmp_path / 'none'} : No such file or directory\n"
    )
    result = run_program("-l", "--config-file", conf("[global]\nbatch = 7\n"), check=False)
    assert result.returncode == 1
    assert result.stderr == f"Error: {conf('')}: Value of 'batch' must be True or False or analogous\n"
    result = run_program("-l", "--config-file", conf("[global]\nbatch\n"), check=False)
    assert result.returncode == 1 and str(conf("")) in result.stderr


def test_help_needs_no_configuration(conf):
    for option in ("--help", "--version"):
        assert run_program(option, "--config-file", conf("[[[")).stderr == ""


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_the_users_file_counts_unless_root(conf):
    place = pathlib.Path(f"/var/tmp/test-config-{os.getpid()}")
    (place / ".config" / "sos").mkdir(parents=True)
    try:
        shutil.copy(program_path(), place / "vmcore-report")
        shutil.copy(conf("[global]\nskip-plugins = tasks,dmesg\nplugin-timeout = 7\n"), place / "system.conf")
        (place / ".config" / "sos" / "sos.conf").write_text("[vmcore-report]\nskip-plugins = stacks\n")
        for path in (place, place / "system.conf"):
            path.chmod(0o755)

        def names(*args, **kwargs):
            said = run_program(
                "-l", *args, "--config-file", place / "system.conf", program=place / "vmcore-report",
                env={"HOME": str(place)}, cwd="/", **kwargs,
            ).stdout
            assert " timeout                   7 " in said
            return enabled(said)

        def as_nobody():
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        assert {"stacks", "slab_info"} <= names() and not {"tasks", "dmesg"} & names()
        user = names(preexec_fn=as_nobody)
        assert "stacks" not in user and {"tasks", "dmesg"} <= user
        assert not {"stacks", "slab_info"} & names("-n", "slab_info", preexec_fn=as_nobody)
        assert "stacks" in names("-e", "stacks", preexec_fn=as_nobody)
    finally:
        shutil.rmtree(place)


# No --vmcore

LAYOUTS = {
    "kdump-utils": ("127.0.0.1-2026-11-23-06:20:42/vmcore", ("vmcore-dmesg.txt", "kexec-dmesg.log")),
    "flattened": ("box-2026-11-23-06:20:42/vmcore.flat", ("vmcore-dmesg.txt",)),
    "incomplete": ("box-2026-11-23-06:20:42/vmcore-incomplete", ("vmcore-dmesg-incomplete.txt",)),
    "kdump-tools": ("202611230620/dump.202611230620", ("dmesg.202611230620",)),
    "kdump-tools copy": ("202611230620/vmcore.202611230620", ("dmesg.202611230620",)),
    "kdump-tools incomplete": ("202611230620/dump-incomplete", ()),
    "kdump": ("2026-11-23-06-20/vmcore", ("README.txt", "dmesg.txt")),
    "Exadata": ("box-2026-11-23-vmcore", ("box-2026-11-23-vmcore-dmesg.txt",)),
    "none": ("vmcore", ("vmcore-dmesg.txt", "vmcore-creation.status", "vmcore.tar.gz")),
}


def put(crash, name, source, age, neighbours=()):
    path = crash / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if source:
        shutil.copy(source, path)
    else:
        path.write_text("no dump\n")
    stamp = 1790000000 - age
    os.utime(path, (stamp, stamp))
    for other in neighbours:
        # What lies beside a dump is written later.
        (path.parent / other).write_text("x\n")
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_newest_dump_is_taken(vmcore, out, tmp_path, layout):
    crash = tmp_path / "crash"
    name, neighbours = LAYOUTS[layout]
    put(crash, "202501010000/dump.202501010000", None, 3000)
    put(crash, "zz-2025-01-01-00:00:00/vmcore", None, 2000)
    path = put(crash, name, vmcore, 1000, neighbours)
    (crash / "202612010000").mkdir()
    (crash / "202612010000" / "dump.202612010000").write_text("")
    result = run_program(
        "--crash-dir", crash, "--tmp-dir", out, "--batch", "-o", "kernel_info", "--build"
    )
    assert f" The newest dump is taken: {path}\n" in result.stdout
    (root,) = out.iterdir()
    assert str(path) in (root / "sos_reports" / "manifest.json").read_text()


def test_no_dump_to_take(tmp_path):
    crash = tmp_path / "crash"

    def said():
        result = run_program("--crash-dir", crash, "--batch", check=False)
        assert result.returncode == 2
        return result.stderr.splitlines()[-1]

    start = "vmcore-report: error: the following arguments are required: --vmcore"
    assert said() == f"{start} (there is no dump in {crash})"
    crash.mkdir()
    (crash / "202611230620").mkdir()
    (crash / "202611230620" / "dmesg.202611230620").write_text("x")
    assert said() == f"{start} (there is no dump in {crash})"
    (crash / "202611230620" / "dump.202611230620.gz").write_text("x")
    assert said() == f"{start} ({crash}/202611230620/dump.202611230620.gz must be unpacked first)"
