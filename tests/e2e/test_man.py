# SPDX-License-Identifier: GPL-2.0-or-later
"""Manual pages and bash completion: in order by themselves, and in step with --help."""

import re
import subprocess

import pytest

from conftest import ROOT, has_python, make_report, program_path, run_program

MAN = ROOT / "docs" / "man"
PAGES = sorted(MAN.iterdir())
COMPLETION = ROOT / "src" / "cli" / "completion.bash"


@pytest.fixture(scope="module")
def options():
    """What --help says: {name: (letter, word of its value)}."""
    found = {}
    for line in run_program("--help").stdout.splitlines():
        match = re.match(r" +(?:(-\w), )?(--[\w-]+)(?: (\S+))?(?:  .*)?$", line)
        if match:
            letter, name, value = match.groups()
            found[name] = (letter, value)
    assert len(found) > 20 and found["--only-plugins"] == ("-o", "LIST")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_a_manual_page_is_in_order(page):
    lint = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", page], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert lint.returncode == 0 and not lint.stdout, lint.stdout
    shown = subprocess.run(["mandoc", "-T", "utf8", page], text=True, stdout=subprocess.PIPE, check=True).stdout
    assert re.search(r"^NAME\n +vmcore-report", re.sub(".\x08", "", shown), re.M)


def test_the_manual_has_every_option(options):
    """Each as an item of its own, with the letter and a word for the value; and no other."""
    text = (MAN / "vmcore-report.1").read_text()
    documented = {}
    for item in re.findall(r"^\.It (Fl .*)$", text, re.M):
        match = re.match(r"Fl (?:(\w) , )?-([\w-]+)((?: Ar| Cm) .+)?$", item)
        assert match, item
        letter, name, value = match.groups()
        assert "--" + name not in documented, item
        documented["--" + name] = ("-" + letter if letter else None, bool(value))
    assert documented == {name: (letter, bool(value)) for name, (letter, value) in options.items()}


def test_the_manual_has_every_exit_status():
    text = (MAN / "vmcore-report.1").read_text()
    status = text[text.index(".Sh EXIT STATUS") : text.index(".Sh EXAMPLES")]
    said = re.search(r"Exit status: (.*)\.", run_program("--help").stdout.replace("\n", " ")).group(1)
    assert re.findall(r"^\.It (\d+)", status, re.M) == re.findall(r"\b\d+\b", said)


def test_the_manuals_examples_use_options_that_there_are(options):
    letters = {letter for letter, _ in options.values() if letter}
    for page in PAGES:
        for line in re.findall(r"^\.Dl .*vmcore-report .*", page.read_text(), re.M):
            for word in re.findall(r"\s(-[\w-]+)", line.replace("\\-", "-")):
                assert word in options or word in letters, line


def examples(page):
    """What stands between .Bd and .Ed."""
    blocks = re.findall(r"^\.Bd [^\n]*\n(.*?)^\.Ed", page.read_text(), re.M | re.S)
    return [block.replace("\\e", "\\") for block in blocks]


def test_the_manuals_plugins_work(guests, tmp_path):
    in_c, in_python = examples(MAN / "vmcore-report-plugin.7")
    (tmp_path / "ticks_c.c").write_text(in_c)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-Wall", "-Werror", f"-I{ROOT}/include", "-o", "ticks_c.so", "ticks_c.c"],
        cwd=tmp_path, check=True,
    )
    wanted = ["ticks_c"]
    if has_python():
        (tmp_path / "ticks.py").write_text(in_python)
        wanted.append("ticks")
    report = make_report(
        guests("default").vmcore, tmp_path / "out", "--plugin-dir", tmp_path, "-o", ",".join(wanted)
    )
    ticks = {report.text(f"plugins/{name}/ticks.txt") for name in wanted}
    assert len(ticks) == 1 and int(ticks.pop()) > 1 << 31


# ---- bash ----


def complete(*words, cwd=None):
    """What bash offers for the last of the words."""
    script = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        [[ $(complete -p vmcore-report) == *'-F _vmcore_report '* ]] || exit 1
        _vmcore_report "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' "${COMPREPLY[@]}"
    """
    result = subprocess.run(
        ["bash", "-c", script, "bash", COMPLETION, program_path(), *map(str, words)],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, timeout=60,
    )
    assert result.returncode == 0 and not result.stderr, result.stderr
    return result.stdout.splitlines()


def test_completion_has_every_option(options):
    letters = [letter for letter, _ in options.values() if letter]
    assert sorted(complete("-")) == sorted([*options, *letters])
    assert sorted(complete("")) == sorted([*options, *letters])
    for name in options:
        assert name in complete(name[:5])


def test_completion_has_the_values_of_choices(options):
    for name, (letter, value) in options.items():
        if not value or "|" not in value:
            continue
        choices = [word for word in value.split("|") if not word.isupper()]
        for words in ([name, ""], [name, "=", ""], [name, "="], *([[letter, ""]] if letter else [])):
            assert complete(*words) == choices, words


def test_completion_has_plugins():
    listed, options = run_program("--list-plugins").stdout.split("\nThe following options", 1)
    plugins = re.findall(r"^ (\w+)", listed, re.M)
    assert "tasks" in plugins
    for option in ("-o", "--only-plugins", "-e", "-n", "--skip-plugins"):
        assert sorted(complete(option, "")) == sorted(plugins)
    settings = [name + "=" for name in re.findall(r"^ (\w+\.[\w-]+)", options, re.M)]
    assert settings and sorted(complete("-k", "")) == sorted(settings)
    assert complete("-o", "ta") == ["tasks"]
    assert complete("-o", "dmesg,ta") == ["dmesg,tasks"]


def test_completion_has_files(tmp_path):
    (tmp_path / "a dump").write_text("")
    (tmp_path / "folder").mkdir()
    assert complete("--vmcore", "", cwd=tmp_path) == ["a dump", "folder"]
    assert complete("--vmcore", "=", "a", cwd=tmp_path) == ["a dump"]
    assert complete("--plugin-dir", "", cwd=tmp_path) == ["folder"]
    # A number is typed.
    assert complete("--threads", "", cwd=tmp_path) == []
