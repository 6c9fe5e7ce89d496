# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins that do their worst: each costs its own files, with the exact reason, and nothing else."""

import os
import re
import shutil

import pytest

import native
from conftest import make_report, run_program

INCLUDES = """
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
"""

COLLECT = " (last action: collect)"


def refused(call):
    return f"made the system call `{call}`, which the sandbox refuses{COLLECT}"


# What each does after it has written plugins/<name>/before.txt, and the reason for which it failed.
BAD = {
    "segfaults": (
        "	vr_puts(vr_file_new(run, \"half.txt\"), \"half\");\n	*(volatile int *)8 = 1;",
        "was killed by SIGSEGV (last action: file plugins/segfaults/half.txt)",
    ),
    "allocates": (
        "	char *volatile p;\n	while ((p = malloc(1 << 20)))\n		memset(p, 1, 1 << 20);\n	*(volatile char *)p = 1;",
        "was killed by SIGSEGV" + COLLECT,
    ),
    "floods_a_file": (
        "	static char block[1 << 20];\n	struct vr_file *f = vr_file_new(run, \"flood\");\n"
        "	for (int i = 0; i < 1024; i++)\n		vr_write(f, block, sizeof(block));\n	vr_file_end(f);",
        None,
    ),
    "forks": ("	if (fork() == 0)\n		for (;;)\n			pause();", refused("clone")),
    "connects": ("	socket(AF_INET, SOCK_STREAM, 0);", refused("socket")),
    "executes": ("	execl(\"/bin/true\", \"true\", (char *)0);", refused("execve")),
    "opens": ("	open(\"/etc/passwd\", O_RDONLY);", refused("openat")),
    "kills": ("	kill(1, 0);", refused("kill")),
    "exits": ("	exit(0);", "exited before it was done" + COLLECT),
    "exits_at_once": ("	_exit(0);", "exited before it was done" + COLLECT),
    "aborts": ("	abort();", "was killed by SIGABRT" + COLLECT),
    "recurses": ("	vr_note(run, \"%d\", deep(1 << 30));", "was killed by SIGSEGV" + COLLECT),
}

EXTRA = {
    "recurses": "static __attribute__((noinline)) int deep(int n)\n"
    "{\n	volatile char room[4096];\n	room[0] = (char)n;\n"
    "	return n ? deep(n - 1) + room[0] : 0;\n}\n",
}

# These end well, whatever they try.
ODD = {
    "escapes": "	vr_write_text(run, \"../../x\", \"out\\n\");\n	vr_write_text(run, \"/etc/x\", \"out\\n\");",
    "steals": "	struct vr_file *f = vr_file_new_at(run, \"plugins/kernel_info/uts.txt\");\n"
    "	vr_puts(f, \"stolen\\n\");\n	vr_file_end(f);",
    "shouts": "	static char block[1 << 20];\n	memset(block, 'x', sizeof(block));\n"
    "	for (int i = 0; i < 1024; i++)\n		if (write(1, block, sizeof(block)) < 0)\n			return;",
}


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name, body in {**{k: v[0] for k, v in BAD.items()}, **ODD}.items():
        first = '	vr_write_text(run, "before.txt", "written before\\n");\n'
        # -w: what they do is what compilers warn of.
        native.build(
            folder, name, native.plugin(name, first + body, before=INCLUDES + EXTRA.get(name, "")), flags=["-w"]
        )
        (folder / f"{name}.c").unlink()
    return folder


def contents(report):
    """What the plugins wrote, but for the hostile ones."""
    skip = ("sos_logs/", "sos_reports/", *(f"plugins/{x}/" for x in (*BAD, *ODD)))
    return {k: v for k, v in report.contents.items() if not k.startswith(skip)}


@pytest.fixture(scope="module")
def made(plugins, guests, tmp_path_factory):
    """The reports with them, by number of threads."""
    reports = {}
    for threads in (1, 8):
        reports[threads] = make_report(
            guests("default").vmcore, tmp_path_factory.mktemp(f"out{threads}"), "--plugin-dir", plugins,
            "-t", threads,
        )
    return reports


@pytest.fixture(scope="module", params=[1, 8])
def report(made, request):
    return made[request.param]


def test_all_others_are_as_without_them(report, reports):
    assert contents(report) == contents(reports("default"))


@pytest.mark.parametrize("name", BAD)
def test_each_has_its_exact_reason(report, name):
    plugin = report.manifest()["components"]["report"]["plugins"][name]
    if BAD[name][1]:
        assert (plugin["status"], plugin["reason"]) == ("failed", BAD[name][1])
        assert not plugin["timeout_hit"]
    # What was finished stays.
    assert report.text(f"plugins/{name}/before.txt") == "written before\n"
    assert f"plugins/{name}/half.txt" not in report.contents


def test_one_that_does_not_end_is_ended(guests, reports, tmp_path):
    """On its own: whether others take longer than a second is up to the machine."""
    body = '	vr_write_text(run, "before.txt", "written before\\n");\n	for (;;)\n		__asm__ volatile("");'
    native.build(tmp_path, "loops", native.plugin("loops", body))
    report = make_report(
        guests("default").vmcore, tmp_path / "out", "--plugin-dir", tmp_path, "--plugin-timeout", 1,
        "--only-plugins", "loops,kernel_info",
    )
    plugin = report.manifest()["components"]["report"]["plugins"]["loops"]
    assert (plugin["status"], plugin["timeout_hit"]) == ("timeout", True)
    assert plugin["reason"] == "timed out after 1 s" + COLLECT
    assert report.text("plugins/loops/before.txt") == "written before\n"
    uts = "plugins/kernel_info/uts.txt"
    assert report.contents[uts] == reports("default").contents[uts]
    assert "Plugin loops timed out" in report.result.stderr


def test_a_flood_ends_at_the_budget(report):
    plugin = report.manifest()["components"]["report"]["plugins"]["floods_a_file"]
    (flood,) = [x for x in plugin["files"] if x["specification"].endswith("/flood")]
    assert (flood["status"], flood["kind"], flood["files_copied"]) == ("omitted", "nomem", [])


def test_paths_of_others_are_theirs(report, reports):
    files = report.manifest()["components"]["report"]["plugins"]
    escapes = {x["specification"]: x for x in files["escapes"]["files"]}
    bad = [x for x in escapes.values() if x["status"] == "omitted"]
    assert len(bad) == 2 and all("path" in x["reason"] for x in bad), bad
    assert not [m for m in report.members if ".." in m.name.split("/") or m.name.startswith("/")]
    stolen = [x for x in files["steals"]["files"] if x["specification"] == "plugins/kernel_info/uts.txt"]
    assert [x["status"] for x in stolen] == ["omitted"]
    assert stolen[0]["reason"] == "the folder is another plugin's"
    uts = "plugins/kernel_info/uts.txt"
    assert report.contents[uts] == reports("default").contents[uts]


def test_what_they_print_is_not_seen(report):
    assert "xxxx" not in report.result.stdout + report.result.stderr
    assert report.manifest()["components"]["report"]["plugins"]["shouts"]["status"] == "ok"


def test_the_same_whatever_the_number_of_threads(made):
    one, eight = made[1], made[8]
    assert {k: v for k, v in one.contents.items() if not k.startswith("sos_")} == {
        k: v for k, v in eight.contents.items() if not k.startswith("sos_")
    }
    names = [[m.name.split("/", 1)[-1] for m in r.members[1:]] for r in (one, eight)]
    assert names[0] == names[1]


def test_nothing_is_left_running(made):
    # The worker that forks would leave a child that waits for ever.
    for path in os.listdir("/proc"):
        if path.isdigit():
            try:
                name = open(f"/proc/{path}/comm").read().strip()
            except OSError:
                continue
            assert name not in BAD, name


# Files that can't be loaded


LOADS = {
    "crashes": ("	*(volatile int *)8 = 1;", "it crashes (SIGSEGV) when it is loaded"),
    "exits": ("	exit(0);", "it ends the program (status 0) when it is loaded"),
    "exits_hard": ("	_exit(3);", "it ends the program (status 3) when it is loaded"),
    "hangs": ("	for (;;)\n		pause();", "it was not loaded within 10 seconds"),
    "threads": (
        "	pthread_t t;\n	pthread_create(&t, NULL, wait_for_ever, NULL);",
        "it starts a thread when it is loaded",
    ),
}


@pytest.fixture(scope="module")
def unloadable(tmp_path_factory):
    """A folder of files that are no plugins, and one that is: (folder, {name: reason})."""
    folder = tmp_path_factory.mktemp("unloadable")
    reasons = {}

    def add(name, source, reason, *flags):
        native.build(folder, name, source, flags=["-w", *flags])
        (folder / f"{name}.c").unlink()
        reasons[f"{name}.so"] = reason

    thread = "#include <pthread.h>\nstatic void *wait_for_ever(void *arg)\n{\n	pause();\n	return arg;\n}\n"
    for name, (body, reason) in LOADS.items():
        before = f"{INCLUDES}{thread}__attribute__((constructor)) static void begin(void)\n{{\n{body}\n}}\n"
        add(name, native.plugin(name, "", before=before), reason)
    before = f"{INCLUDES}__attribute__((destructor)) static void end(void)\n{{\n	abort();\n}}\n"
    add("dies_last", native.plugin("dies_last", "", before=before), "it crashes (SIGABRT) when it is unloaded")
    none = "no plugin of vmcore-report: it has no symbol vr_plugin_descriptor"
    add("no_descriptor", "int x;\n", none)
    add("bad_name", native.plugin("../x", ""), "bad_name.c: `../x` is no name for a plugin")
    add("idle", native.HEAD + "VR_PLUGIN(.name = \"idle\")\n", "it has no collect function")
    add("taken", native.plugin("tasks", ""), "the name `tasks` is taken by a built-in plugin")
    good = native.build(folder, "good", native.plugin("good", '	vr_write_text(run, "x", "y\\n");'))
    shutil.copy(good, folder / "twin.so")
    reasons["twin.so"] = f"the name `good` is taken by {folder}/good.so"
    (folder / "text.so").write_text("#!/bin/sh\necho no shared object at all, though long enough for a header\n")
    reasons["text.so"] = "invalid ELF header"
    (folder / "empty.so").write_bytes(b"")
    reasons["empty.so"] = "file too short"
    data = good.read_bytes()
    (folder / "cut.so").write_bytes(data[: len(data) // 2])
    reasons["cut.so"] = None
    (folder / "folder.so").mkdir()
    reasons["folder.so"] = "it is no regular file"
    (folder / "gone.so").symlink_to("nowhere")
    reasons["gone.so"] = "No such file or directory"
    undefined = INCLUDES + "extern int nobody_has_this(void);\n"
    add("undefined", native.plugin("undefined", "	nobody_has_this();", before=undefined),
        "undefined symbol: nobody_has_this", "-Wl,-z,undefs")
    (folder / "notes.txt").write_text("not looked at\n")
    (folder / "good.c").unlink()
    return folder, reasons


def test_what_can_not_be_loaded_is_named_and_the_run_goes_on(unloadable, guests, tmp_path, reports):
    folder, reasons = unloadable
    report = make_report(guests("default").vmcore, tmp_path, "--plugin-dir", folder)
    facts = report.manifest()["components"]["report"]
    found = {k: v for k, v in facts["plugins_not_loaded"].items()}
    assert set(found) == {f"{folder}/{name}" for name in reasons}
    for name, reason in reasons.items():
        path = f"{folder}/{name}"
        if reason is not None:
            assert found[path].replace(f"{folder}/", "", 1 if name == "bad_name.so" else 0) == reason
        line = f"WARNING: plugin {path} is not loaded: {found[path]}"
        assert line in report.result.stderr
        assert line.split(": ", 1)[1] in report.text("sos_logs/sos.log")
    assert report.text("plugins/good/x") == "y\n"
    rest = {k: v for k, v in contents(report).items() if k != "plugins/good/x"}
    assert rest == contents(reports("default"))


def test_the_list_of_plugins_has_them(unloadable, tmp_path):
    folder, _ = unloadable
    for name in ("text.so", "crashes.so", "good.so"):
        shutil.copy(folder / name, tmp_path)
    said = run_program("--list-plugins", "--plugin-dir", tmp_path).stdout
    _, failed = said.split("The following plugins could not be loaded:\n\n")
    assert failed == (
        f" {tmp_path}/crashes.so: it crashes (SIGSEGV) when it is loaded\n"
        f" {tmp_path}/text.so: invalid ELF header\n\n"
    )
    assert re.search(r"^ good ", said, re.M)


def test_folders(unloadable, tmp_path):
    missing = tmp_path / "missing"
    said = run_program("--list-plugins", "--plugin-dir", missing).stdout
    assert f" {missing}: No such file or directory\n" in said
    # The same folder twice is the same folder.
    native.build(tmp_path, "mine", native.plugin("mine", ""))
    said = run_program("--list-plugins", "--plugin-dir", tmp_path, "--plugin-dir", f"{tmp_path}/.").stdout
    assert "could not be loaded" not in said and re.search(r"^ mine ", said, re.M)


def test_the_first_folder_wins(tmp_path):
    for folder in ("a", "b"):
        native.build(tmp_path / folder, folder, native.plugin("same", "", fields=f'.description = "{folder}",'))
    for first, second in ("ab", "ba"):
        said = run_program(
            "--list-plugins", "--plugin-dir", tmp_path / first, "--plugin-dir", tmp_path / second
        ).stdout
        assert re.search(rf"^ same +{first}$", said, re.M)
        taken = f"{tmp_path}/{second}/{second}.so: the name `same` is taken by {tmp_path}/{first}/{first}.so"
        assert taken in said
