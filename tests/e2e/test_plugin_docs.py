# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/plugins.md: each file on the page is compiled and each command run, as they stand there."""

import os
import re
import subprocess

import pytest

from conftest import ROOT, Report, has_python, make_report, program_path, run_program

HAS_PYTHON = has_python()
PAGE = ROOT / "docs" / "plugins.md"


def blocks():
    return re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


def files():
    """The page's C files by their names: each begins with a comment that has it."""
    found = {}
    for kind, text in blocks():
        if kind == "c":
            found[re.search(r"^/\* (\w+): ", text, re.M).group(1)] = text
    return found


def commands():
    """The page's commands, each with the block that it stands in."""
    return [line for kind, text in blocks() if kind == "sh" for line in text.splitlines()]


@pytest.fixture
def place(tmp_path, guests):
    """A folder in which the page's words are true: its vmcore, the program, pkg-config's file."""
    bin_path, config = tmp_path / "bin", tmp_path / "pkgconfig"
    work, plugins = tmp_path / "work", tmp_path / "plugins"
    for path in (bin_path, config, work, plugins):
        path.mkdir()
    (bin_path / "vmcore-report").symlink_to(program_path().resolve())
    (work / "vmcore").symlink_to(guests("default").vmcore.resolve())
    # What is installed is test_install's; this is the source tree.
    (config / "vmcore-report.pc").write_text(
        f"plugindir={plugins}\nName: vmcore-report\nDescription: for tests\nVersion: 0\n"
        f"Cflags: -I{ROOT / 'include'}\n"
    )
    env = {
        **os.environ,
        "PATH": f"{bin_path}:{os.environ['PATH']}",
        "PKG_CONFIG_PATH": str(config),
    }

    def run(line):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        for path in out.iterdir():
            path.unlink()
        # Where the report goes is this machine's sos.conf's to say, if there is one.
        line = line.replace("vmcore-report --vmcore ", f"vmcore-report --tmp-dir {out} --vmcore ")
        result = subprocess.run(
            ["sh", "-ec", line], cwd=work, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
        )
        assert result.returncode == 0, (line, result.stdout, result.stderr)
        # The compiler's warnings would be the first thing that a newcomer sees.
        assert result.stderr == "", (line, result.stderr)
        return Report(out, result) if "--vmcore" in line else result.stdout

    run.work = work
    run.plugins = plugins
    return run


def test_every_command_and_file_of_the_page(place):
    page = files()
    seen = {}
    for line in commands():
        if "hello_python" in line and not HAS_PYTHON:
            continue
        # A file of the page is saved when a command first needs it, unless a command has made it.
        for name, text in page.items():
            if f"{name}.c" in line.split() and not (place.work / f"{name}.c").exists():
                (place.work / f"{name}.c").write_text(text)
        seen[line] = place(line)
    assert set(page) == {"hello", "lister", "quotas"}
    # What the first command wrote is what the page shows.
    assert (place.work / "hello.c").read_text() == page["hello"]
    first, listed, last, *python = [x for x in seen.values() if isinstance(x, Report)]

    lines = first.text("plugins/hello/processes.txt").splitlines()
    assert lines[0].split() == ["PID", "S", "THREADS", "NAME"]
    assert ["1", "S", "1", "init"] in [x.split() for x in lines]
    facts = first.manifest()["components"]["report"]
    assert facts["enabled_plugins"] == ["hello"]
    (file,) = facts["plugins"]["hello"]["files"]
    assert (file["status"], file["source"]) == ("ok", "init_task.tasks")
    assert re.fullmatch(r"\d+ processes with \d+ threads", facts["plugins"]["hello"]["notes"][0])

    # The installed folder isn't the program's in this test: just that the file is there.
    assert (place.plugins / "hello.so").exists()

    names = [x.split() for x in listed.text("plugins/lister/names.txt").splitlines()]
    assert len(names) == 7 and names[0] == ["1", "init"]

    facts = last.manifest()["components"]["report"]
    assert "hello" in facts["enabled_plugins"] and "tasks" in facts["enabled_plugins"]
    reason = re.search(r"as ``(.*?) ``", PAGE.read_text()).group(1)
    assert facts["skipped_plugins"]["quotas"] == reason
    assert not [x for x in last.contents if x.startswith("plugins/quotas")]


    if HAS_PYTHON:
        assert python[0].json("plugins/hello_python/data.json")["jiffies"] > 0
        assert python[0].text("plugins/hello_python/summary.txt").startswith("jiffies: ")


@pytest.mark.skipif(not HAS_PYTHON, reason="this build has no Python, or there is no drgn")
def test_the_python_file_of_the_page(tmp_path, guests):
    ((kind, text),) = [x for x in blocks() if x[0] == "python"]
    (tmp_path / "sleepers.py").write_text(text)
    report = make_report(guests("default").vmcore, tmp_path / "out", "--plugin-dir", tmp_path)
    states = report.json("plugins/sleepers/states.json")
    assert states["S"] > 20 and states["I"] > 5
    assert report.text("plugins/sleepers/idle.txt") == "swapper/0\n"


def test_what_the_page_says_of_budgets():
    text = (ROOT / "src" / "cli" / "command.c").read_text()
    assert "#define MEMORY_LIMIT ((uint64_t)1 << 30)" in text
    assert "#define OUTPUT_LIMIT ((uint64_t)512 << 20)" in text


# --new-plugin


def test_new_plugin_writes_python_too(tmp_path):
    program = program_path().resolve()
    said = run_program("--new-plugin", "irq_storm", "--python", program=program, cwd=tmp_path).stdout
    text = (tmp_path / "irq_storm.py").read_text()
    compile(text, "irq_storm.py", "exec")
    assert "class IrqStorm(DrgnPluginBase)" in text and 'plugin_name = "irq_storm"' in text
    assert "my_plugin" not in text.lower()
    assert "irq_storm.py is written" in said and "--only-plugins irq_storm" in said


def test_new_plugin_in_a_build_folder_says_how_to_build_it(tmp_path):
    program = program_path().resolve()
    said = run_program("--new-plugin", "hello", program=program, cwd=tmp_path).stdout
    command = re.search(r"^  (cc .*)$", said, re.M).group(1)
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    result = run_program("--list-plugins", "--plugin-dir", ".", program=program, cwd=tmp_path)
    assert re.search(r"^ hello +processes and their threads$", result.stdout, re.M)


@pytest.mark.parametrize(
    "name, words",
    [
        ("../evil", "is no name for a plugin"),
        ("Upper", "is no name for a plugin"),
        ("9lives", "is no name for a plugin"),
        ("", "is no name for a plugin"),
        ("x" * 64, "is no name for a plugin"),
        ("tasks", "is the name of a built-in plugin"),
    ],
)
def test_new_plugin_checks_the_name(tmp_path, name, words):
    result = run_program("--new-plugin", name, program=program_path().resolve(), cwd=tmp_path, check=False)
    assert result.returncode == 1
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_new_plugin_never_overwrites(tmp_path):
    program = program_path().resolve()
    (tmp_path / "mine.c").write_text("precious\n")
    (tmp_path / "lost.c").symlink_to("elsewhere.c")
    for name in ("mine", "lost"):
        result = run_program("--new-plugin", name, program=program, cwd=tmp_path, check=False)
        assert result.returncode == 1
        assert f"Error: {name}.c can't be written: File exists" in result.stderr
    assert (tmp_path / "mine.c").read_text() == "precious\n"
    assert not (tmp_path / "elsewhere.c").exists()


def test_python_goes_with_new_plugin_only():
    result = run_program("--python", check=False)
    assert result.returncode == 2
    assert "argument --python: only with --new-plugin" in result.stderr
