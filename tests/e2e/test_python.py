# SPDX-License-Identifier: GPL-2.0-or-later
"""
Plugins in Python, as users write them: a file in a folder, with a real drgn.Program and no debug
information but what the dump holds.
"""

import os
import pathlib
import shutil
import subprocess
import textwrap

import pytest

from conftest import has_python, make_report, program_path, run_program, tool_path

pytestmark = pytest.mark.skipif(
    not has_python(), reason="this build has no Python, or there is no drgn"
)

TEMPLATE = pathlib.Path(__file__).parent / "data" / "guide_template.txt"
HEAD = "from sos.vmcore_report.plugin import DrgnPluginBase\n\n\n"


def write_plugin(folder, name, body, head=HEAD):
    """A plugin file with collect() as given, or a whole class body."""
    folder.mkdir(exist_ok=True)
    text = textwrap.dedent(body).strip("\n")
    if "def " not in text.split("\n")[0] and "def collect" not in text:
        text = "def collect(self, prog):\n" + textwrap.indent(text, "    ")
    camel = "".join(word.capitalize() for word in name.split("_"))
    (folder / f"{name}.py").write_text(f"{head}class {camel}(DrgnPluginBase):\n{textwrap.indent(text, '    ')}\n")


def status_of(report, name):
    plugin = report.manifest()["components"]["report"]["plugins"][name]
    return plugin["status"], plugin["reason"]


def skipped(report):
    return report.manifest()["components"]["report"]["skipped_plugins"]


@pytest.fixture
def plugins(tmp_path):
    return tmp_path / "plugins"


@pytest.fixture
def run(guests, tmp_path, plugins):
    def go(*options, variant="default", **kwargs):
        return make_report(
            guests(variant).vmcore, tmp_path / "out", "--plugin-dir", plugins, *options, **kwargs
        )

    return go


def test_the_template_runs_unmodified(plugins, run):
    plugins.mkdir()
    shutil.copy(TEMPLATE, plugins / "my_plugin.py")
    # Its check_enabled() asks for a symbol that no kernel has.
    report = run()
    assert skipped(report)["my_plugin"].startswith("inactive: ")
    assert not any(path.startswith("plugins/my_plugin/") for path in report.contents)


def test_the_template_where_its_symbol_is_there(plugins, run):
    plugins.mkdir()
    text = TEMPLATE.read_text().replace('prog["some_symbol"]\n            return', 'prog["init_task"]\n            return')
    assert text != TEMPLATE.read_text()
    (plugins / "my_plugin.py").write_text(text)
    report = run("--only-plugins", "my_plugin")
    assert report.text("plugins/my_plugin/data.json") == "{}\n"
    assert report.text("plugins/my_plugin/summary.txt") == "Collection done\n"
    assert status_of(report, "my_plugin") == ("ok", "")


def test_drgn_sees_the_kernel(guest, plugins, tmp_path):
    write_plugin(
        plugins,
        "looker",
        """
        from drgn.helpers.linux.pid import for_each_task
        from drgn.helpers.linux.percpu import per_cpu
        from sos.vmcore_report.plugin import for_each_cpu_best_effort, per_cpu_symbol, to_text
        tasks = {int(t.pid): to_text(t.comm.string_()) for t in for_each_task(prog)}
        self.write_json("tasks.json", tasks)
        runqueues = per_cpu_symbol(prog, "runqueues", "rq")
        cpus = list(for_each_cpu_best_effort(prog))
        self.write_json("rq.json", {cpu: int(per_cpu(runqueues, cpu).cpu) for cpu in cpus})
        trace = prog.crashed_thread().stack_trace()
        self.write_lines("panic.txt", [frame.symbol().name for frame in trace if frame.pc >> 63])
        self.write_text("symbol.txt", prog.symbol("panic").name)
        self.write_text("comm.txt", to_text(prog["init_task"].comm.string_()))
        self.archive.add_string("one\\n", "sys/kernel/debug/looker/dump.txt", mode="w")
        self.archive.add_string("two\\n", "sys/kernel/debug/looker/dump.txt", mode="a")
        self.write_text("a.txt", "gone", mode="w")
        self.write_text("a.txt", "here", mode="w")
        self.logger.info("all is well")
        self.logger.warning("a warning")
        self.logger.error("an error")
        """,
    )
    report = make_report(guest.vmcore, tmp_path / "out", "--plugin-dir", plugins, "--only-plugins", "looker")
    assert status_of(report, "looker") == ("ok", "")
    ours = {int(tid): comm for tid, comm in report.json("plugins/looker/tasks.json").items()}
    truth = {tid: row["comm"] for tid, row in guest.tasks().items()}
    ours.pop(0, None)
    for tid, comm in truth.items():
        # Kernel threads' own names change as they work: "kworker/0:1-events" for ps alone.
        assert tid in ours, f"{tid} {comm} is missing"
    assert len(ours) - len(truth) < 5
    cpus = report.json("plugins/looker/rq.json")
    assert cpus == {str(i): i for i in range(len(cpus))} and len(cpus) >= 2
    panic = report.text("plugins/looker/panic.txt").splitlines()
    assert "sysrq_handle_crash" in panic and "panic" in panic
    assert report.text("plugins/looker/symbol.txt") == "panic"
    assert report.text("plugins/looker/comm.txt") == "swapper/0"
    assert report.text("sys/kernel/debug/looker/dump.txt") == "one\ntwo\n"
    assert report.text("plugins/looker/a.txt") == "here"
    assert report.text("sos_logs/looker-plugin-errors.txt") == "[WARN] a warning\n[ERROR] an error\n"
    assert "plugin looker: all is well" in report.text("sos_logs/sos.log")


@pytest.mark.one_kernel
def test_what_a_plugin_says_of_itself(plugins):
    plugins.mkdir()
    write_plugin(plugins, "plain_one", "pass")
    (plugins / "file_name.py").write_text(
        HEAD + "class HTTPStats2Plugin(DrgnPluginBase):\n"
        "    description = 'a ' 'description'\n    default_enabled = False\n"
        "    def collect(self, prog):\n        pass\n"
    )
    (plugins / "renamed.py").write_text(
        "from sos.vmcore_report.plugin import DrgnPluginBase as Base\n"
        "N = 'computed'\nclass X(Base):\n    plugin_name = N + '_name'\n    experimental = True\n"
    )
    (plugins / "none_here.py").write_text("x = 1\n")
    (plugins / "broken.py").write_text("def :\n")
    (plugins / "_private.py").write_text("raise Exception\n")
    result = run_program("--plugin-dir", plugins, "--list-plugins", check=True)
    lines = result.stdout.splitlines()
    enabled = result.stdout[: result.stdout.index("currently disabled")]
    assert " plain_one" in enabled
    assert any(x.split()[:2] == ["http_stats2_plugin", "optional"] and "a description" in x for x in lines)
    assert any(x.split()[:2] == ["computed_name", "experimental"] for x in lines)
    assert "none_here.py: ImportError: no DrgnPluginBase subclass in it" in result.stdout
    assert "broken.py: SyntaxError: " in result.stdout
    assert "_private" not in result.stdout


@pytest.mark.one_kernel
def test_no_interpreter_where_native_plugins_alone_shall_run(plugins, run):
    """A file that would be run to be looked at leaves no trace."""
    plugins.mkdir()
    (plugins / "loud.py").write_text("raise SystemExit('looked at')\n")
    assert "looked at" in run_program("--plugin-dir", plugins, "--list-plugins").stdout
    report = run("--only-plugins", "tasks")
    assert "looked at" not in report.result.stderr + report.text("sos_logs/sos.log")


OPTIONS = """
from sos.vmcore_report.plugin import DrgnPluginBase, PluginOpt


class Choosy(DrgnPluginBase):
    option_list = [
        PluginOpt("loud", default=False, desc="or not"),
        PluginOpt("depth", 3, "how far"),
        PluginOpt(name="word", default="", desc="what to say", val_type=str),
        PluginOpt("limit", val_type=int),
    ]

    def check_enabled(self, prog):
        return not self.get_option("loud") or self.get_option("depth") == -7

    def collect(self, prog):
        names = ("loud", "depth", "word", "limit", "other")
        self.write_json("options.json", [self.get_option(name) for name in names])
"""


@pytest.mark.one_kernel
@pytest.mark.parametrize("computed", [False, True])
def test_options(plugins, run, computed):
    """Known without running the file, or where that can't be told by running it."""
    plugins.mkdir()
    text = OPTIONS.replace("default=False", "default=not True") if computed else OPTIONS
    (plugins / "choosy.py").write_text(text)
    report = run("-o", "choosy")
    assert report.json("plugins/choosy/options.json") == [False, 3, "", 0, 0]
    shutil.rmtree(report.archive.parent)
    listed = run_program("-l", "--plugin-dir", plugins, "-k", "choosy.depth=-7").stdout
    options = [x.split() for x in listed.splitlines() if x.startswith(" choosy.")]
    assert options == [
        ["choosy.loud", "off", "or", "not"], ["choosy.depth", "-7", "how", "far"],
        ["choosy.word", "what", "to", "say"], ["choosy.limit", "0"],
    ]
    report = run("-o", "choosy", "-k", "choosy.loud,choosy.depth=-7,choosy.word=on", "-k", "choosy.limit=1")
    assert report.json("plugins/choosy/options.json") == [True, -7, "on", 1, 0]
    failed = run_program("-l", "--plugin-dir", plugins, "-k", "choosy.depth=x", check=False)
    assert failed.returncode == 1
    assert failed.stderr == "Error: Plugin option 'choosy.depth' takes integer values, not 'x'\n"


@pytest.mark.one_kernel
def test_options_of_a_plugin_that_does_not_run(plugins, run):
    write_plugin(plugins, "other_one", "self.write_text('ran', '')")
    report = run("-o", "tasks", "-k", "other_one.timeout=5")
    assert "WARNING: unable to set option for disabled or non-existing plugin (other_one)." in report.result.stderr


@pytest.mark.one_kernel
def test_selection_is_the_guides(plugins, run, tmp_path):
    write_plugin(plugins, "my_plugin", "self.write_text('ran', '')")
    write_plugin(plugins, "shy", "default_enabled = False\ndef collect(self, prog):\n    self.write_text('ran', '')")
    write_plugin(plugins, "new", "experimental = True\ndef collect(self, prog):\n    self.write_text('ran', '')")

    def ran(*options):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        report = run(*options)
        return {p.split("/")[1] for p in report.contents if p.startswith("plugins/")} & {
            "my_plugin",
            "shy",
            "new",
            "tasks",
        }

    assert ran() == {"my_plugin", "tasks"}
    assert ran("--only-plugins", "my_plugin") == {"my_plugin"}
    assert ran("--plugins", "my_plugin,shy") == {"my_plugin", "shy"}
    assert ran("--enable-plugins", "shy,new") == {"my_plugin", "shy", "new", "tasks"}
    assert ran("--skip-plugins", "my_plugin") == {"tasks"}
    assert ran("--experimental") == {"my_plugin", "new", "tasks"}


HOSTILE = {
    "raises": ("raise KeyError('some_symbol')", "failed", "raised KeyError: 'some_symbol' in collect()"),
    "segfaults": ("import ctypes\nctypes.string_at(8)", "failed", "was killed by SIGSEGV"),
    "loops": ("while True: pass", "timeout", "timed out after 15 s"),
    "allocates": ("x = []\nwhile True: x.append(bytes(1 << 26))", "failed", "raised MemoryError in collect()"),
    "climbs": ("self.write_text('../../x', 'out')\nself.write_text('in', 'in')", "ok", ""),
    "takes": ("self.archive.add_string('mine', 'plugins/tasks/tasks.json')", "ok", ""),
    "grabs": ("self.archive.add_string('mine', 'proc/1/stack')", "ok", ""),
    "prints": ("import sys\nfor i in range(1024): sys.stdout.write('x' * (1 << 20))", "ok", ""),
    "floods": (
        "for i in range(1024): self.archive.add_string('x' * (1 << 20), f'sys/{i}')",
        "failed",
        "sent more than it may",
    ),
    "forks": ("import os\nos.fork()", "failed", "made the system call `clone`, which the sandbox refuses"),
    "connects": ("import socket\nsocket.socket()", "failed", "made the system call `socket`, which the sandbox refuses"),
    "executes": (
        "import os\nos.execv('/bin/true', ['true'])",
        "failed",
        "made the system call `execve`, which the sandbox refuses",
    ),
    "threads": (
        "import threading\nthreading.Thread(target=print).start()",
        "failed",
        "raised RuntimeError: can't start new thread in collect()",
    ),
    "exits": ("import sys\nsys.exit(3)", "failed", "raised SystemExit: 3 in collect()"),
    "quits": ("import os\nos._exit(3)", "failed", "exited with status 3"),
    "leaves": ("import os\nos._exit(0)", "failed", "exited before it was done"),
    "writes": ("open('/tmp/out-of-the-sandbox', 'w')", "failed", "raised PermissionError: [Errno 13] "),
    "reads": ("open('/etc/shadow')", "failed", "raised PermissionError: [Errno 13] "),
    "deletes": ("import os\nos.unlink('/tmp/nothing')", "failed", "raised PermissionError: [Errno 13] "),
    "recurses": ("f = lambda: f()\nf()", "failed", "raised RecursionError: "),
}


@pytest.mark.one_kernel
@pytest.mark.parametrize("threads", [1, 8])
def test_plugins_that_misbehave_cost_only_themselves(plugins, run, reports, threads):
    for name, (body, _, _) in HOSTILE.items():
        write_plugin(plugins, name, body)
    write_plugin(plugins, "behaves", "self.write_text('ok.txt', 'ok')")
    report = run("--threads", threads, "--plugin-timeout", "15")
    for name, (_, status, reason) in HOSTILE.items():
        found = status_of(report, name)
        assert found[0] == status and reason in found[1], (name, found)
    assert report.text("plugins/behaves/ok.txt") == "ok"
    assert report.text("plugins/climbs/in") == "in"
    files = report.manifest()["components"]["report"]["plugins"]
    assert "bad path" in files["climbs"]["files"][0]["reason"]
    assert files["takes"]["files"][0]["reason"] == "the folder is another plugin's"
    assert files["grabs"]["files"][0]["reason"] == "path already written by plugin vmcore_procfs"
    errors = report.text("sos_logs/raises-plugin-errors.txt")
    assert "[ERROR] Traceback (most recent call last):" in errors
    assert "[ERROR] KeyError: 'some_symbol'" in errors
    assert "raises.py" in errors and "host.py" not in errors
    assert not pathlib.Path("/tmp/out-of-the-sandbox").exists()
    # Native plugins' files are what they are without any of these.
    alone = reports("default")
    ours = {p: c for p, c in alone.contents.items() if not p.startswith(("sos_logs/", "sos_reports/"))}
    assert {p: report.contents.get(p) for p in ours} == ours


@pytest.mark.one_kernel
def test_an_installed_sos_is_extended_not_hidden(plugins, run, tmp_path):
    installed = tmp_path / "site" / "sos"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("__version__ = '4.12.0'\n")
    (installed / "utilities.py").write_text("def answer():\n    return 42\n")
    write_plugin(
        plugins,
        "user",
        """
        import sos
        from sos.utilities import answer
        self.write_text("sos.txt", f"{sos.__version__} {answer()}")
        """,
    )
    report = run("--only-plugins", "user", env={"PYTHONPATH": str(installed.parent)})
    assert report.text("plugins/user/sos.txt") == "4.12.0 42"


@pytest.mark.one_kernel
def test_without_drgn_the_native_report_is_whole(plugins, run, reports, tmp_path):
    home = tmp_path / "home"
    (home / "lib").mkdir(parents=True)
    version = next(pathlib.Path("/usr/lib").glob("python3.*"))
    (home / "lib" / version.name).symlink_to(version)
    write_plugin(plugins, "my_plugin", "pass")
    env = {"PYTHONHOME": str(home)}
    listed = run_program("--plugin-dir", plugins, "--list-plugins", env=env)
    assert "drgn is not installed" in listed.stdout and "my_plugin" in listed.stdout
    report = run(env=env)
    assert "drgn is not installed" in skipped(report)["my_plugin"]
    assert {p for p in reports("default").contents} <= set(report.contents)


@pytest.mark.one_kernel
def test_without_python_the_native_report_is_whole(plugins, run, reports, tmp_path):
    alone = tmp_path / "bin" / "vmcore-report"
    alone.parent.mkdir()
    shutil.copy(program_path(), alone)
    write_plugin(plugins, "my_plugin", "pass")
    listed = run_program("--plugin-dir", plugins, "--list-plugins", program=alone)
    assert "this vmcore-report was built without Python" in listed.stdout
    report = run(program=alone)
    assert "built without Python" in skipped(report)["my_plugin"]
    assert {p for p in reports("default").contents} <= set(report.contents)


@pytest.mark.one_kernel
def test_a_file_dropped_into_the_source_tree_is_found(guests, tmp_path):
    """The guide's own place: sos/vmcore_report/plugins/<plugin>.py."""
    tree = program_path().resolve().parent / "vmcore-report.source"
    path = tree / "sos" / "vmcore_report" / "plugins" / "dropped_for_a_test.py"
    path.write_text(HEAD + "class Dropped(DrgnPluginBase):\n    def collect(self, prog):\n        self.write_text('x', '')\n")
    try:
        report = make_report(guests("default").vmcore, tmp_path, "--only-plugins", "dropped")
    finally:
        path.unlink()
    assert "plugins/dropped/x" in report.contents


LOOKER = """
from drgn.helpers.linux.pid import for_each_task
self.write_lines("tasks.txt", [f"{t.pid.value_()} {t.comm.string_()}" for t in for_each_task(prog)])
self.write_lines("panic.txt", [f.symbol().name for f in prog.crashed_thread().stack_trace() if f.pc >> 63])
"""


@pytest.fixture(scope="module")
def vmlinux(guests, tmp_path_factory):
    """A vmlinux with DWARF: the one that is made from the dump, as a file."""
    folder = tmp_path_factory.mktemp("debuginfo")
    subprocess.run(
        [tool_path("vmlinux"), guests("default").vmcore, folder / "vmlinux", folder / "core"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=300,
    )
    return folder / "vmlinux"


@pytest.mark.one_kernel
def test_the_same_with_a_vmlinux_and_with_none(plugins, run, vmlinux, tmp_path):
    write_plugin(plugins, "looker", LOOKER)
    without = run("--only-plugins", "looker")
    assert "debug information made from the dump" in without.text("sos_logs/sos.log")
    for number, options in enumerate((["--vmlinux", vmlinux], ["--debuginfo-dir", vmlinux.parent])):
        shutil.rmtree(tmp_path / "out")
        report = run("--only-plugins", "looker", *options)
        assert status_of(report, "looker") == ("ok", ""), number
        assert "debug information made from the dump" not in report.text("sos_logs/sos.log")
        for path in ("plugins/looker/tasks.txt", "plugins/looker/panic.txt"):
            assert report.contents[path] == without.contents[path]


@pytest.mark.one_kernel
def test_a_vmlinux_that_is_none_is_said_and_done_without(plugins, run, tmp_path):
    write_plugin(plugins, "looker", LOOKER)
    (tmp_path / "vmlinux").write_bytes(b"\x7fELF nonsense")
    report = run("--only-plugins", "looker", "--vmlinux", tmp_path / "vmlinux")
    assert status_of(report, "looker") == ("ok", "")
    log = report.text("sos_logs/sos.log")
    assert "not used" in log and "debug information made from the dump" in log


@pytest.mark.one_kernel
def test_drgn_tools_is_asked_where_it_is_installed(plugins, run, tmp_path):
    package = tmp_path / "site" / "drgn_tools"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "debuginfo.py").write_text("asked = []\ndef drgn_prog_set(prog):\n    asked.append(prog)\n")
    write_plugin(
        plugins,
        "asker",
        "import drgn_tools.debuginfo\nself.write_text('asked', str(drgn_tools.debuginfo.asked == [prog]))",
    )
    report = run("--only-plugins", "asker", env={"PYTHONPATH": str(package.parent)})
    assert report.text("plugins/asker/asked") == "True"


# The guide's command lines, with this program's name in place of "python3 bin/sos vmcore-report".
GUIDE = [
    "vmcore-report --vmcore /path/to/vmcore --vmlinux /usr/lib/debug/lib/modules/$(uname -r)/vmlinux",
    "vmcore-report --vmcore /path/to/vmcore --only-plugins my_plugin",
    "vmcore-report --vmcore /path/to/vmcore --enable-plugins my_plugin",
    "vmcore-report --vmcore /path/to/vmcore --skip-plugins my_plugin",
    "vmcore-report --vmcore /path/to/vmcore"
    " --vmlinux /usr/lib/debug/lib/modules/$(uname -r)/vmlinux --only-plugins my_plugin",
    "vmcore-report --vmcore /path/to/vmcore --only-plugins my_plugin"
    " --debuginfo-dir /usr/lib/debug --debuginfo-dir /path/to/ko.debugs",
]


@pytest.mark.one_kernel
@pytest.mark.parametrize("line", GUIDE)
def test_the_guides_command_lines(guests, vmlinux, tmp_path, line):
    """As typed, but for the places of what they name; the plugin lies where the guide puts it."""
    bin_path, out = tmp_path / "bin", tmp_path / "out"
    for path in (bin_path, out, tmp_path / "ko.debugs"):
        path.mkdir()
    program = bin_path / "vmcore-report"
    # Where the report goes is this machine's sos.conf's to say, if there is one.
    program.write_text(f'#!/bin/sh\nexec {program_path().resolve()} "$@" --tmp-dir {out}\n')
    program.chmod(0o755)
    for name, place in (
        ("/path/to/vmcore", guests("default").vmcore),
        ("/usr/lib/debug/lib/modules/$(uname -r)/vmlinux", vmlinux),
        ("/path/to/ko.debugs", tmp_path / "ko.debugs"),
        ("/usr/lib/debug", vmlinux.parent),
    ):
        line = line.replace(name, str(place))
    tree = program_path().resolve().parent / "vmcore-report.source"
    path = tree / "sos" / "vmcore_report" / "plugins" / "my_plugin.py"
    path.write_text(TEMPLATE.read_text().replace('prog["some_symbol"]\n            return', 'prog["init_task"]\n            return'))
    try:
        result = subprocess.run(
            ["sh", "-c", line],
            env={**os.environ, "PATH": f"{bin_path}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
        )
    finally:
        path.unlink()
    assert result.returncode == 0 and result.stderr == "", result.stderr
    (archive,) = out.glob("sosvmcore-*.tar.xz")
    assert str(archive) in result.stdout
    # What the guide says to do then.
    check = tmp_path / "check"
    script = "mkdir $C && tar -C $C -xf $O/sosvmcore-*.tar.xz && ls $C/sosvmcore-*/sos_logs/ui.log $C/sosvmcore-*/sos_logs/sos.log"
    subprocess.run(["sh", "-c", script], env={**os.environ, "C": str(check), "O": str(out)}, check=True, stdout=subprocess.DEVNULL)
    (root,) = check.iterdir()
    ran = "--skip-plugins" not in line
    assert (root / "plugins" / "my_plugin" / "summary.txt").exists() == ran
    assert (root / "plugins" / "tasks").exists() == ("--only-plugins" not in line)
