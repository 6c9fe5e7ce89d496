# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of whole reports share: the program, the guests' dumps, reports made once and looked at often."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"

sys.path.insert(0, str(ROOT / "tests" / "guest"))

from recipe.variants import VARIANTS as KINDS  # noqa: E402

# The guests that tests go through, by their names in tests/guest/recipe/variants.py.
VARIANTS = os.environ.get("VMCORE_VARIANTS", "default debian13").split()
# Without those that are about a few kinds of files only.
WHOLE = [x for x in VARIANTS if not KINDS[x].held]
HOLED = [x for x in VARIANTS if KINDS[x].holed_options]


# Nobody's servers are asked for anything but by the test that has its own.
os.environ.pop("DEBUGINFOD_URLS", None)

# What differs from one run over a dump to the next: logs, times.
MOVING = ("sos_logs/", "sos_reports/manifest.json", "sos_reports/vmcore_coverage.json")
# What whoever saved the dump has left beside it.
BESIDE = "var/crash/"


def program_path():
    return pathlib.Path(os.environ.get("VMCORE_REPORT", BUILD / "vmcore-report"))


def tool_path(name):
    return pathlib.Path(os.environ.get("VMCORE_TOOLS", BUILD / "tests" / "tools")) / name


def sanitized_path():
    return pathlib.Path(os.environ.get("VMCORE_SANITIZED", BUILD / "sanitized"))


def dumps_path():
    return pathlib.Path(os.environ.get("VMCORE_DUMPS", BUILD / "guest"))


def debuginfo(guest):
    """The genuine vmlinux of a guest's kernel, with DWARF (tests/kernels/fetch-debuginfo)."""
    (found,) = (dumps_path() / "packages").glob(f"debuginfo@*/{guest.info['packages'][0]}.vmlinux")
    return found


def module_debuginfo(guest):
    """The folder that has the debug files of its modules, as a debugger looks for them."""
    return debuginfo(guest).with_suffix(".root") / "usr/lib/debug"


def debuginfo_options(guest):
    """What names all of that to the program."""
    return "--vmlinux", debuginfo(guest), "--debuginfo-dir", module_debuginfo(guest)


def has_python():
    """Can this build run Python plugins here?"""
    module = program_path().resolve().parent / "vmcore-report-python.so"
    return module.exists() and importlib.util.find_spec("drgn") is not None


class Guest:
    """One guest's output: its dump and what its own kernel said right before it died."""

    def __init__(self, path, unpacked):
        self.path = path
        self.vmcore = path / "vmcore"
        self.holed = path / "vmcore.holed"
        self.info = json.loads((path / "info.json").read_text())
        self.name = self.info["variant"]
        self.kind = KINDS[self.name]
        self.version = tuple(map(int, self.info["kernel_release"].split(".")[:2]))
        self.truth = unpacked

    def console(self):
        return (self.path / "console.log").read_text(errors="replace")

    def tasks(self):
        """{tid: row} of the last look at all tasks, milliseconds before the crash."""
        lines = (self.truth / "tasks.tsv").read_text(errors="surrogateescape").splitlines()
        names = lines[0].split("\t")
        return {int(r["tid"]): r for r in (dict(zip(names, x.split("\t"))) for x in lines[1:])}

    def moment(self):
        pairs = (x.split("=", 1) for x in (self.truth / "moment").read_text().split())
        return {k: int(v) for k, v in pairs}


def unpack_truth(archive, folder):
    """Unpack what a guest saved: files, folders, and links to what it saved, too."""
    links = []
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() or member.isdir():
                member.mode = 0o755 if member.isdir() else 0o644
                tar.extract(member, folder)
            elif member.issym():
                links.append((member.name, member.linkname))
    for name, target in links:
        # the guest's root is the folder
        target = os.path.normpath(os.path.join("/", os.path.dirname(name), target))
        if (folder / target[1:]).exists():
            (folder / name).symlink_to(os.path.relpath(target, "/" + os.path.dirname(name)))


@pytest.fixture(scope="session")
def guests(tmp_path_factory):
    found = {}

    def get(variant="default"):
        if variant not in found:
            path = dumps_path() / variant
            if not (path / "vmcore").exists():
                pytest.fail(f"no dump in {path}: `make guests` makes it")
            unpacked = tmp_path_factory.mktemp(f"truth-{variant}")
            unpack_truth(path / "truth.tar", unpacked)
            found[variant] = Guest(path, unpacked)
        return found[variant]

    return get


@pytest.fixture(scope="session", params=WHOLE)
def guest(request, guests):
    """Each guest in turn."""
    return guests(request.param)


@pytest.fixture(scope="session", params=VARIANTS)
def any_guest(request, guests):
    """Each guest in turn, those that are about a few kinds of files, too."""
    return guests(request.param)


@pytest.fixture(scope="session", params=HOLED)
def holed_guest(request, guests):
    """Each guest in turn that has another dump, which lacks pages that it should hold."""
    return guests(request.param)


def run_program(*args, program=None, check=True, env=None, **kwargs):
    """Run vmcore-report as a user types it."""
    result = subprocess.run(
        [str(program or program_path()), *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=600,
        env={**os.environ, **(env or {})},
        **kwargs,
    )
    if check and result.returncode:
        pytest.fail(f"exit {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


class Report:
    """A finished archive, unpacked."""

    def __init__(self, directory, result):
        self.result = result
        archives = [p for p in directory.iterdir() if p.name.endswith(".tar.xz")]
        assert len(archives) == 1, sorted(p.name for p in directory.iterdir())
        self.archive = archives[0]
        with tarfile.open(self.archive) as tar:
            self.members = tar.getmembers()
            self.contents = {
                m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in self.members if m.isfile()
            }
        self.root = self.members[0].name.split("/", 1)[0]

    def text(self, path):
        return self.contents[path].decode("utf-8", "surrogateescape")

    def json(self, path):
        return json.loads(self.contents[path])

    def manifest(self):
        return self.json("sos_reports/manifest.json")


def make_report(dump, directory, *options, program=None, env=None):
    directory.mkdir(parents=True, exist_ok=True)
    result = run_program(
        "--vmcore", dump, "--tmp-dir", directory, "--batch", *options, program=program, env=env
    )
    return Report(directory, result)


@pytest.fixture(scope="session")
def reports(guests, tmp_path_factory):
    """The default report of a guest's dump, made once."""
    made = {}

    def get(variant="default"):
        if variant not in made:
            directory = tmp_path_factory.mktemp(f"report-{variant}")
            made[variant] = make_report(guests(variant).vmcore, directory)
        return made[variant]

    return get


def probe(dump, *args):
    """Lines that the engine's probe prints for a dump."""
    result = subprocess.run(
        [str(tool_path("probe")), str(dump), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout[-400:]
    return result.stdout.decode("utf-8", "surrogateescape").splitlines()


def variant_of(item):
    params = getattr(item, "callspec", None) and item.callspec.params
    return params and (params.get("guest") or params.get("any_guest") or params.get("holed_guest"))


def pytest_collection_modifyitems(config, items):
    config.variant_of = {item.nodeid: variant_of(item) for item in items}


def pytest_terminal_summary(terminalreporter, config):
    """A line for each kernel: what came out, and how long its tests took and its guest had taken."""
    if "VMCORE_VARIANTS" not in os.environ:
        return
    terminalreporter.section("kernels")
    for variant in VARIANTS:
        counts, seconds = {}, 0.0
        for outcome in ("passed", "failed", "error", "skipped", ""):
            for report in terminalreporter.stats.get(outcome, ()):
                if config.variant_of.get(report.nodeid) == variant:
                    seconds += report.duration
                    if outcome:
                        counts[outcome] = counts.get(outcome, 0) + 1
        try:
            info = json.loads((dumps_path() / variant / "info.json").read_text())
        except OSError:
            continue
        words = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
        made = sum(info["seconds"].values())
        terminalreporter.write_line(
            f"{variant:16}{info['kernel_release']:32}{words}; {seconds:.1f} s (guest {made:.0f} s)"
        )
