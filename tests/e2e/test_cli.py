# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as a user meets it: options, messages, exit codes, and what is left behind."""

import hashlib
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import struct
import subprocess
import time

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


def left(path):
    return sorted(p.name for p in path.iterdir())


def fails(out, *args, code=1, **kwargs):
    """A run that must fail with a message on stderr, nothing on disk, and no stray words."""
    result = run_program("--tmp-dir", out, "--batch", *args, check=False, **kwargs)
    assert result.returncode == code, result.stdout + result.stderr
    assert result.stderr.strip()
    assert left(out) == []
    return result.stderr


# What a report is


def test_the_archive_and_its_checksum(vmcore, out):
    report = make_report(vmcore, out, "--label", "lab")
    assert re.fullmatch(r"sosvmcore-crashbox-lab-\d{4}-\d\d-\d\d-[a-z]{7}", report.root)
    assert left(out) == [report.root + ".tar.xz", report.root + ".tar.xz.sha256"]
    digest = hashlib.sha256(report.archive.read_bytes()).hexdigest()
    assert (out / (report.archive.name + ".sha256")).read_text() == digest + "\n"
    assert f" sha256\t{digest}\n" in report.result.stdout
    assert f"\t{report.archive}\n" in report.result.stdout
    assert stat.S_IMODE(report.archive.stat().st_mode) == 0o600
    assert all(m.uid == 0 and m.gid == 0 for m in report.members)
    assert len({m.mtime for m in report.members}) == 1
    for path in ("version.txt", "sos_logs/sos.log", "sos_logs/ui.log", "sos_reports/manifest.json"):
        assert path in report.contents


def test_words_are_those_of_sos(vmcore, out):
    text = make_report(vmcore, out).result.stdout
    for words in (
        "\nvmcore-report (version ",
        " Setting up archive ...\n",
        " Running plugins. Please wait ...\n",
        "  Finished running plugins\n",
        "Creating compressed archive...\n",
        "\nWhat happened:\nLinux ",
        "\nYour vmcore report has been generated and saved in:\n\t",
        "\nPlease send this file to your support representative.\n",
    ):
        assert words in text, words
    assert re.search(r"^  Starting 1/\d+ \w+ +\[Running: \w+\]$", text, re.M)
    assert re.search(r"^ Size\t[\d.]+KiB\n Owner\t\w+\n sha256\t[0-9a-f]{64}$", text, re.M)
    assert "\r" not in text


def test_logs_have_the_form_of_sos(vmcore, out):
    report = make_report(vmcore, out)
    for name in ("sos.log", "ui.log"):
        for line in report.text(f"sos_logs/{name}").splitlines():
            assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR): ", line), line


@pytest.mark.parametrize("kind, suffix", [("gzip", ".tar.gz"), ("zstd", ".tar.zst"), ("none", ".tar")])
def test_compression(vmcore, out, kind, suffix):
    run_program("--vmcore", vmcore, "--tmp-dir", out, "-z", kind, "-q")
    names = left(out)
    assert len(names) == 2 and names[0].endswith(suffix)


def test_build_leaves_a_folder(vmcore, out):
    result = run_program("--vmcore", vmcore, "--tmp-dir", out, "--build")
    (name,) = left(out)
    assert (out / name / "sos_reports" / "manifest.json").is_file()
    assert f"build tree has been generated in:\n\t{out / name}\n" in result.stdout
    assert "sha256" not in result.stdout


def test_quiet_prints_the_result_only(vmcore, out):
    result = run_program("--vmcore", vmcore, "--tmp-dir", out, "-q")
    assert "Starting" not in result.stdout and "Setting up" not in result.stdout
    assert "saved in:\n\t" in result.stdout
    assert result.stderr == ""


def test_the_same_whatever_the_number_of_threads(vmcore, tmp_path):
    seen = []
    for threads in (1, 8):
        report = make_report(vmcore, tmp_path / str(threads), "-t", threads)
        names = [m.name.split("/", 1)[-1] for m in report.members[1:]]
        own = {k: v for k, v in report.contents.items() if not k.startswith(("sos_logs/", "sos_reports/"))}
        seen.append((names, own))
    assert seen[0] == seen[1]


def test_the_default_folder_is_tmpdir(vmcore, out):
    # This machine's sos.conf may name another.
    run_program("--vmcore", vmcore, "--batch", "--config-file", "/dev/null", env={"TMPDIR": str(out)})
    assert len(left(out)) == 2


def test_the_result_is_named_in_full(vmcore, out):
    result = run_program("--vmcore", vmcore, "--tmp-dir", ".", "-q", program=program_path().resolve(), cwd=out)
    assert f"\n\t{out.resolve()}/sosvmcore-crashbox-" in result.stdout


def test_a_leading_word_is_accepted(vmcore, out):
    for word in ("vmcore-report", "vmcore"):
        run_program(word, "--vmcore", vmcore, "--tmp-dir", out, "-q", "-o", "kernel_info")
    assert len(left(out)) == 4


# Plugins


def test_list_plugins():
    result = run_program("--list-plugins", "-n", "tasks")
    enabled, disabled = result.stdout.split("The following plugins are currently disabled:")
    assert re.search(r"^ dmesg +\w+", enabled, re.M)
    assert re.search(r"^ tasks +skipped +\w+", disabled, re.M)


def test_list_plugins_has_options():
    said = run_program("-l", "--plugin-timeout", "77", "-k", "tasks.timeout=5").stdout
    every, own = said.split("The following options are available for ALL plugins:\n")[1].split(
        "\n\nThe following plugin options are available:\n"
    )
    assert re.fullmatch(r" timeout +77 +Timeout in seconds for plugin to finish all collections", every)
    assert re.search(r"^ vmcore_procfs.kallsyms +off +\w+", own, re.M)
    assert re.search(r"^ tasks.timeout +5 +Timeout in seconds", own, re.M)
    assert "No plugin options available." in run_program("-l", "-o", "tasks").stdout


@pytest.mark.parametrize(
    "option, said",
    [
        ("tasks.no", 'no such option "no" for plugin (tasks)'),
        ("nosuch.x=1", "unable to set option for disabled or non-existing plugin (nosuch)"),
        ("vmcore_procfs.kallsyms=maybe",
         "Plugin option 'vmcore_procfs.kallsyms' takes boolean true/false (on/off, etc), not 'maybe'"),
    ],
)
def test_plugin_options_that_are_none(vmcore, out, option, said):
    assert fails(out, "--vmcore", vmcore, "-k", option) == f"Error: {said}\n"


def test_selection_reaches_the_manifest(vmcore, out):
    report = make_report(vmcore, out, "--plugins", "tasks,dmesg", "-n", "dmesg,nosuch")
    facts = report.manifest()["components"]["report"]
    assert facts["enabled_plugins"] == ["tasks"]
    assert facts["skipped_plugins"]["dmesg"] == "skipped"
    assert facts["skipped_plugins"]["kernel_info"] == "not specified"
    assert "WARNING: Requested plugin 'nosuch' not found" in report.result.stderr
    assert "'nosuch' not found" in report.text("sos_logs/sos.log")
    assert not [p for p in report.contents if p.startswith("plugins/") and "/tasks/" not in p]


def test_an_unknown_plugin_is_an_error(vmcore, out):
    said = fails(out, "--vmcore", vmcore, "-o", "dmseg")
    assert said == "Error: Requested plugin 'dmseg' not found. Did you mean: dmesg?\n"


# Wrong usage and bad input


@pytest.mark.parametrize(
    "args, words",
    [
        ([], "the following arguments are required: --vmcore"),
        (["--sysroot", "/x"], "argument --sysroot is not for crash dumps: "),
        (["-p", "network"], "there are no presets and profiles for a dump"),
        (["--vmcore"], "argument --vmcore: expected one argument"),
        (["--nosuch"], "unrecognized arguments: --nosuch"),
        (["--vmcore", "x", "-z", "zip"], "invalid choice: 'zip'"),
        (["--vmcore", "x", "-t", "0"], "is not a number from 1 to"),
        (["/var/crash/vmcore"], "a dump is given with --vmcore"),
    ],
)
def test_wrong_usage(args, words):
    result = run_program(*args, check=False)
    assert result.returncode == 2
    assert words in result.stderr and result.stderr.startswith("usage: ")


def test_no_such_dump(out):
    assert fails(out, "--vmcore", "/no/such") == "Error: vmcore not found: /no/such\n"


def test_things_that_are_no_dump(out, tmp_path):
    fifo, empty, text = tmp_path / "fifo", tmp_path / "empty", tmp_path / "text"
    os.mkfifo(fifo)
    empty.write_bytes(b"")
    text.write_text("not a dump\n" * 1000)
    assert "is a directory, not a dump file" in fails(out, "--vmcore", tmp_path)
    assert "is not a regular file" in fails(out, "--vmcore", fifo)
    assert "empty" in fails(out, "--vmcore", empty)
    for path in (text, "/bin/true", "/dev/null"):
        assert fails(out, "--vmcore", path).startswith("Error: ")


def program_core():
    """A core dump of a program, as small as they come: registers, a name, one page."""
    note = b"".join(
        struct.pack("<III", 5, size, kind) + b"CORE\0\0\0\0" + bytes(size)
        for size, kind in ((336, 1), (136, 3))
    )
    header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0
    )
    notes = struct.pack("<IIQQQQQQ", 4, 0, 176, 0, 0, len(note), 0, 4)
    page = struct.pack("<IIQQQQQQ", 1, 5, 4096, 0x400000, 0, 4096, 4096, 4096)
    return (header + notes + page + note).ljust(4096, b"\0") + bytes(4096)


def test_dumps_that_can_not_be_used(vmcore, out, tmp_path):
    data = bytearray(vmcore.read_bytes())
    bad = tmp_path / "vmcore"

    def said(contents):
        bad.write_bytes(contents)
        return fails(out, "--vmcore", bad)

    for length in (7, 300, 3000, 4096, 9000):
        assert said(data[:length]).startswith("Error: "), length
    assert "program" in said(program_core())
    # utsname.machine in the header of a kdump file
    assert data[272:278] == b"x86_64"
    data[272:280] = b"aarch64\0"
    assert "aarch64" in said(data)


def test_vmcoreinfo_from_a_file(vmcore, out, tmp_path):
    text = re.search(rb"OSRELEASE=[ -~\n]+", vmcore.read_bytes()[: 1 << 20]).group(0)
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(text)
    bad.write_bytes(b"\0\xff" * 100)
    report = make_report(vmcore, out, "--vmcoreinfo", good)
    assert report.manifest()["vmcore"]["release"]
    shutil.rmtree(out)
    out.mkdir()
    assert "is no VMCOREINFO" in fails(out, "--vmcore", vmcore, "--vmcoreinfo", bad)
    assert "No such file" in fails(out, "--vmcore", vmcore, "--vmcoreinfo", tmp_path / "none")


def test_temporary_directories_that_do_not_do(vmcore, out):
    said = fails(out, "--vmcore", vmcore, "--tmp-dir", "/no/such")
    assert said == "temporary directory /no/such does not exist or is not writable\n"
    said = fails(out, "--vmcore", vmcore, "--tmp-dir", vmcore)
    assert "does not exist or is not writable" in said


def test_debug_information_is_looked_for(vmcore, out):
    assert "vmlinux not found: /no/such" in fails(out, "--vmcore", vmcore, "--vmlinux", "/no/such")
    result = run_program("--vmcore", vmcore, "--tmp-dir", out, "--debuginfo-dir", "/no/such")
    assert "WARNING: debuginfo directory /no/such is not a directory, ignored" in result.stderr


@pytest.mark.parametrize("options", [("-z", "none"), ("-z", "xz"), ("--encrypt-pass", "correct horse")], ids=" ".join)
def test_a_full_disk_is_no_report(vmcore, tmp_path, options):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small]).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        said = fails(small, "--vmcore", vmcore, *options)
        assert "No space left on device" in said
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)


# Files of others


def as_nobody():
    os.setgid(NOBODY)
    os.setuid(NOBODY)


@pytest.fixture
def protected(vmcore):
    """A dump that only root may read, where others can reach the program and the place."""
    if os.getuid() != 0:
        pytest.skip("needs root")
    path = pathlib.Path(f"/var/tmp/test-cli-{os.getpid()}")
    path.mkdir()
    path.chmod(0o755)
    shutil.copy(vmcore, path / "vmcore")
    (path / "vmcore").chmod(0o640)
    shutil.copy(program_path(), path / "vmcore-report")
    (path / "out").mkdir()
    os.chown(path / "out", NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


def run_as_nobody(place, path):
    return run_program(
        "--vmcore", "vmcore", "--tmp-dir", place / "out", "--batch", program=place / "vmcore-report",
        check=False, preexec_fn=as_nobody, cwd=place, env={"PATH": path},
    )


def test_whose_a_dump_is_that_may_not_be_read(protected):
    result = run_as_nobody(protected, "/nonexistent")
    assert result.returncode == 1
    assert "Permission denied: it belongs to root:root, mode 0640" in result.stderr
    assert left(protected / "out") == []


def test_sudo_opens_what_only_root_may_read(protected, tmp_path):
    # Not the real one, which may not be installed or may ask: one that lets everybody.
    source = tmp_path / "sudo.c"
    source.write_text(
        "#include <string.h>\n#include <unistd.h>\n"
        "int main(int argc, char **argv) {\n"
        "  int i = 1;\n"
        "  if (argc < 5 || strcmp(argv[1], \"-n\") || strcmp(argv[2], \"--\") || setuid(0)) return 1;\n"
        "  for (i = 3; i < 64; i++) close(i);\n"
        "  execv(argv[3], argv + 3);\n"
        "  return 1;\n}\n"
    )
    (protected / "bin").mkdir()
    sudo = protected / "bin" / "sudo"
    subprocess.run(["cc", "-o", sudo, source], check=True)
    sudo.chmod(0o4755)
    result = run_as_nobody(protected, f"{protected}/bin")
    assert result.returncode == 0, result.stderr
    assert " Owner\tnobody\n" in result.stdout
    assert len(left(protected / "out")) == 2


# Interruptions


def start(vmcore, out, *args, **kwargs):
    return subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs,
    )


def processes(marker):
    """Processes that have that environment."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass
    return found


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_at_any_moment(vmcore, out, sig):
    codes = set()
    for ms in (0, 5, 20, 50, 80, 120, 200):
        process = start(vmcore, out, "--batch")
        time.sleep(ms / 1000)
        process.send_signal(sig)
        stdout, stderr = process.communicate(timeout=60)
        codes.add(process.returncode)
        # Before the handler is in place the signal ends the program as it ends any other.
        assert process.returncode in (0, 130, -sig)
        if process.returncode == 130:
            assert b"Exiting on user cancel\n" in stderr
            assert left(out) == []
        for path in out.iterdir():
            path.unlink()
    assert 130 in codes


def test_nothing_outlives_a_supervisor_that_is_killed(vmcore, out):
    marker = f"VMCORE_TEST_MARKER={os.getpid()}-{time.monotonic_ns()}"
    name, value = marker.split("=")
    for ms in (5, 40, 80, 120):
        process = start(vmcore, out, "--batch", env={**os.environ, name: value})
        time.sleep(ms / 1000)
        process.kill()
        process.communicate(timeout=60)
        end = time.monotonic() + 20
        while processes(marker) and time.monotonic() < end:
            time.sleep(0.05)
        assert processes(marker) == []
        # Either nothing, or a whole archive with its checksum.
        assert len([n for n in left(out) if n.endswith(".sha256")]) == len(
            [n for n in left(out) if n.endswith(".tar.xz")]
        )
        for path in out.iterdir():
            path.unlink()


def test_a_broken_pipe_does_not_cost_the_report(vmcore, out):
    process = start(vmcore, out, "--batch")
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert len(left(out)) == 2


def test_a_terminal_gets_one_line_of_progress(vmcore, out):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out], stdin=slave, stdout=slave, stderr=slave
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
    assert process.wait(timeout=60) == 0
    lines = text.decode().split("\r\n")
    (progress,) = [x for x in lines if "Starting 1/" in x]
    parts = progress.split("\r")[1:]
    assert parts[-1].rstrip() == "  Finished running plugins"
    assert all(len(x) < 80 for x in parts)
    os.close(master)


# The sandbox


def test_without_the_sandbox_it_says_so(vmcore, out):
    report = make_report(vmcore, out, env={"VMCORE_REPORT_NO_SANDBOX": "1"})
    assert "the sandbox is OFF" in report.result.stderr
    assert "WARNING: the sandbox is OFF" in report.text("sos_logs/sos.log")


def test_help_and_version():
    assert "--only-plugins LIST" in run_program("--help").stdout
    assert re.fullmatch(r"vmcore-report version \d+\.\d+\.\d+\n", run_program("--version").stdout)
