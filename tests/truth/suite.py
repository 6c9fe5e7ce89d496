# SPDX-License-Identifier: GPL-2.0-or-later
"""
The truth suite: what the report says of a machine against what its own kernel said right before it
died. suite.run() gives a Result for each kind; `python3 suite.py` prints the table and differences.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import conftest  # noqa: E402
from compare import IDENTICAL, NEAR, check  # noqa: E402
from kind import load  # noqa: E402
from namespaces import Namespaces  # noqa: E402


class Context:
    """What comparators may ask for."""

    def __init__(self, guest, path, keys, archive):
        self.guest = guest
        self.path = path
        self.keys = keys
        self.archive = archive
        self.module_types = guest.version >= (5, 11) or archive.has_debuginfo


class Result:
    def __init__(self, kind):
        self.kind = kind
        self.identical = self.near = 0
        self.different = {}  # path: why
        self.missing = []  # paths that the kernel had and we don't
        self.extra = []  # paths that we have and the kernel had not
        self.absent = 0  # files that a dump can't give

    @property
    def files(self):
        return self.identical + self.near + len(self.different) + len(self.missing)


class Archive:
    """A report left as a folder."""

    def __init__(self, root, has_debuginfo=False):
        self.root = pathlib.Path(root)
        self.has_debuginfo = has_debuginfo
        self.paths = sorted(
            str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file() and not p.is_symlink()
        )

    def read(self, path):
        return (self.root / path).read_bytes()


class Truth:
    """What the guest saved."""

    def __init__(self, guest):
        self.root = guest.truth
        self.paths = {}
        for line in (self.root / "index.tsv").read_bytes().split(b"\n")[1:]:
            fields = line.split(b"\t")
            if len(fields) >= 5 and fields[1] == b"f":
                self.paths[fields[4].decode("utf-8", "surrogateescape")] = fields[3].decode()

    def has(self, path):
        return (self.root / path).is_file()

    def read(self, path):
        return (self.root / path).read_bytes()


def make_archive(program, dump, folder, debuginfo=()):
    """A report; debuginfo: options that name the debug files of the kernel and of all its modules."""
    result = subprocess.run(
        [str(program), "--vmcore", str(dump), "--tmp-dir", str(folder), "--batch", "--build"]
        # what isn't on by default is to be right, too
        + ["-k", "vmcore_procfs.kallsyms=on", *map(str, debuginfo)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        raise SystemExit(f"exit {result.returncode}\n{result.stdout}")
    (root,) = [p for p in pathlib.Path(folder).iterdir() if p.is_dir()]
    return Archive(root, bool(debuginfo))


def truth_of(guest, truth, kind, path):
    """The kernel's own file, None where it had none."""
    if kind.render:
        return kind.render(guest, path)
    return truth.read(path) if truth.has(path) else None


def rendered(guest, kind):
    """Paths of a kind whose truth is no file."""
    pids = [p.name for p in (guest.truth / "proc").iterdir() if p.name.isdigit()]
    paths = [kind.pattern.replace("{pid}", pid) for pid in pids]
    return [path for path in paths if kind.render(guest, path) is not None]


def run(guest, archive, only=None):
    """[Result] for each kind that this kernel has."""
    truth = Truth(guest)
    alive = {str(tid) for tid in guest.tasks()}
    results = []
    ours = set(archive.paths)
    spaces = Namespaces(guest, archive)
    theirs = [str(p.relative_to(truth.root)) for p in truth.root.rglob("*") if p.is_file() and not p.is_symlink()]
    theirs = [spaces.report(p) for p in theirs]
    for pattern, kind in sorted(load().items()):
        if not kind.exists(guest.version) or (only and not any(kind.match(x) or x in pattern for x in only)):
            continue
        result = Result(kind)
        results.append(result)
        seen = set()
        for path in sorted(ours):
            match = kind.match(path)
            if not match:
                continue
            where = kind.truth(path) if kind.truth else spaces.truth(path)
            seen.add(path)
            if where is None:
                continue
            real = truth_of(guest, truth, kind, where)
            if real is None:
                if not any(x in match.groupdict() for x in ("pid", "tid")):
                    result.extra.append(path)
                continue
            context = Context(guest, path, match.groupdict(), archive)
            verdict = check(kind.compare, archive.read(path), real, context)
            if verdict == IDENTICAL:
                result.identical += 1
            elif verdict == NEAR:
                result.near += 1
            else:
                result.different[path] = verdict
        if kind.truth:
            continue
        for path in rendered(guest, kind) if kind.render else theirs:
            match = kind.match(path)
            if not match or path in seen:
                continue
            keys = match.groupdict()
            if any(x in keys and keys[x] not in alive for x in ("pid", "tid")):
                continue
            context = Context(guest, path, keys, archive)
            if any(may(context) for may in (kind.absent or {}).values()):
                result.absent += 1
            else:
                result.missing.append(path)
    return results


def table(results):
    lines = [f"{'kind':44} {'files':>6} {'ident.':>6} {'near':>6} {'differ':>6} {'missing':>7}"]
    for r in results:
        lines.append(
            f"{r.kind.pattern:44} {r.files:6} {r.identical:6} {r.near:6} {len(r.different):6} {len(r.missing):7}"
        )
    return "\n".join(lines)


def problems(results, most=3):
    lines = []
    for r in results:
        for path, why in list(r.different.items())[:most]:
            lines.append(f"{path}: {why}")
        for path in r.missing[:most]:
            lines.append(f"{path}: missing")
        for path in r.extra[:most]:
            lines.append(f"{path}: the kernel had no such file")
    return lines


# ---- What is recorded ----

RECORD = HERE / "recorded.json"
COVERAGE = HERE.parents[1] / "docs" / "coverage.md"

# Guests are made anew, with some tasks more or less: this much of a kind's files may be worse.
SLACK = 0.02


def bad(result):
    return len(result.different) + len(result.missing) + len(result.extra)


def level(result):
    """"identical", "near", or the share of files that are neither."""
    if bad(result):
        return round(bad(result) / max(result.files + len(result.extra), 1), 3)
    return "near" if result.near else "identical"


def recorded():
    """{variant: {pattern: level}}."""
    return json.loads(RECORD.read_text()) if RECORD.exists() else {}


def fallen(result, levels):
    """How a kind is worse than what is recorded of it; None: it isn't. One not recorded is held to nothing."""
    was, now = levels.get(result.kind.pattern), level(result)
    if was is None or was == now or now == "identical":
        return None
    if now == "near":
        return f"{result.kind.pattern}: near, was identical" if was == "identical" and not result.kind.moves else None
    allowed = (was if isinstance(was, float) else 0.0) + (SLACK if result.kind.moves or isinstance(was, float) else 0)
    return f"{result.kind.pattern}: {now:.1%} of its files are wrong, was {was}" if now > allowed else None


def short(result):
    """How a kind has too few identical files, whatever is recorded; None: it has enough."""
    of = result.files + result.absent
    if result.identical >= result.kind.least * of:
        return None
    return f"{result.kind.pattern}: {result.identical} of {of} files are identical, less than {result.kind.least:.0%}"


def record(variant, results):
    everything = recorded()
    everything[variant] = {r.kind.pattern: level(r) for r in results if r.files or r.extra}
    RECORD.write_text(json.dumps(dict(sorted(everything.items())), indent=1, sort_keys=True) + "\n")


def write_coverage():
    """docs/coverage.md from what is recorded."""
    everything = recorded()
    kinds = load()
    words = {"identical": "identical", "near": "near", None: ""}
    lines = [
        "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
        "<!-- Made by tests/truth/suite.py --coverage: don't edit. -->",
        "# What the report has, held against the machines' own files",
        "",
        "Each kind of file, on the dumps of several kernels. **identical**: byte for byte, all files of the kind. **near**: the",
        "same shape, and each value within the bounds that `tests/truth/kinds/` states, for files that move between their",
        "saving and the crash. A percentage: so many files of the kind are wrong or missing. Blank: this kernel has no such",
        "file, or the guest had none.",
        "",
        "| | " + " | ".join(everything) + " | moves because |",
        "| --- |" + " --- |" * (len(everything) + 1),
    ]
    for pattern in sorted({p for levels in everything.values() for p in levels}):
        cells = [everything[v].get(pattern) for v in everything]
        text = [f"{c:.1%} wrong" if isinstance(c, float) else words[c] for c in cells]
        moves = kinds[pattern].moves if pattern in kinds else None
        lines.append(f"| `{pattern}` | " + " | ".join(text) + f" | {moves or ''} |")
    COVERAGE.write_text("\n".join(lines) + "\n")


def unpack(path):
    """The truth of a guest as a folder, which is kept from one run to the next."""
    stamp = int((path / "truth.tar").stat().st_mtime)
    folder = pathlib.Path(tempfile.gettempdir()) / f"vmcore-truth-{path.name}-{stamp}"
    if not folder.exists():
        part = folder.with_suffix(f".{os.getpid()}")
        part.mkdir()
        conftest.unpack_truth(path / "truth.tar", part)
        part.rename(folder)
    return folder


def main():
    parser = argparse.ArgumentParser(description="hold a report against the guest's truth")
    parser.add_argument("--variant", default="default")
    parser.add_argument("--diffs", type=int, default=3, help="differences shown for each kind")
    parser.add_argument("--debuginfo", action="store_true", help="with what tests/kernels/fetch-debuginfo has fetched")
    parser.add_argument("--record", action="store_true", help="record what comes out as the least to come")
    parser.add_argument("--coverage", action="store_true", help="write docs/coverage.md from what is recorded")
    parser.add_argument("only", nargs="*", help="paths, or parts of kinds' patterns")
    args = parser.parse_args()
    if args.coverage:
        write_coverage()
        return
    if args.record and args.debuginfo:
        parser.error("what is recorded is of reports without debug files")
    with tempfile.TemporaryDirectory() as folder:
        path = conftest.dumps_path() / args.variant
        guest = conftest.Guest(path, unpack(path))
        debuginfo = conftest.debuginfo_options(guest) if args.debuginfo else ()
        archive = make_archive(conftest.program_path(), guest.vmcore, folder, debuginfo)
        results = run(guest, archive, args.only or guest.kind.held)
    print(table(results))
    for line in problems(results, args.diffs):
        print(line)
    if args.record:
        record(args.variant, results)


if __name__ == "__main__":
    main()
