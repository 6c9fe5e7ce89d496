# SPDX-License-Identifier: GPL-2.0-or-later
"""One dump in every container that dumps come in: the same report comes out."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import BESIDE, MOVING, Report, make_report, probe, run_program, tool_path


# What lies beside a dump is in the report, and in the list of files that its page has.
OTHERS = (*MOVING, BESIDE, "sos_reports/sos.html")


def same_contents(a, b):
    names = {p for p in a.contents if not p.startswith(OTHERS)}
    assert names == {p for p in b.contents if not p.startswith(OTHERS)}
    return [p for p in sorted(names) if a.contents[p] != b.contents[p]]


FORMS = ("kdump-raw", "kdump-zlib", "kdump-lzo", "kdump-snappy", "kdump-zstd", "elf")


def recode(source, path, form):
    subprocess.run([tool_path("recode"), source, path, form], check=True)
    return path


@pytest.mark.parametrize("form", [*FORMS, "flattened-kdump-zlib", "flattened-kdump-lzo", "flattened-elf"])
def test_each_container_gives_the_same_report(guests, reports, tmp_path, form):
    path = recode(guests("default").vmcore, tmp_path / "vmcore", form)
    report = make_report(path, tmp_path / "out")
    assert same_contents(reports("default"), report) == []
    vmcore = report.manifest()["vmcore"]
    flattened = "flattened " if form.startswith("flattened-") else ""
    assert vmcore["format"] == flattened + ("elf" if form.endswith("elf") else "kdump-compressed")
    assert not vmcore["incomplete"]
    if "kdump" in form and not form.endswith("raw"):
        assert vmcore["compression"] == form.split("-")[-1]
    path.unlink()


def test_sadump_gives_the_same_report(guests, reports, tmp_path):
    """It has no notes: VMCOREINFO and the CPUs' registers are those in the memory itself."""
    path = tmp_path / "vmcore"
    subprocess.run([tool_path("sadump"), guests("default").vmcore, path], check=True)
    report = make_report(path, tmp_path / "out")
    assert same_contents(reports("default"), report) == []
    vmcore = report.manifest()["vmcore"]
    assert vmcore["format"] == "sadump" and not vmcore["incomplete"]
    path.unlink()


def test_lkcd_gives_the_same_report(guests, reports, tmp_path):
    path = recode(guests("default").vmcore, tmp_path / "vmcore", "lkcd")
    out = tmp_path / "out"
    out.mkdir()
    result = run_program("--vmcore", path, "--tmp-dir", out, "--batch", check=False)
    if "only a build with libkdumpfile" in result.stderr:
        pytest.skip("this build has no libkdumpfile 0.5.6 or later")
    assert same_contents(reports("default"), Report(out, result)) == []
    path.unlink()


@pytest.fixture(scope="module")
def parts(guests, tmp_path_factory):
    """The dump as makedumpfile --split writes it, in three files."""
    base = recode(guests("default").vmcore, tmp_path_factory.mktemp("parts") / "vmcore", "split-kdump-lzo")
    return [base.with_name(f"vmcore.{i}") for i in (1, 2, 3)]


def test_a_split_dump_gives_the_same_report(reports, parts, tmp_path):
    first, second, third = parts
    report = make_report(third, tmp_path, "--vmcore", first, "--vmcore", second)
    assert same_contents(reports("default"), report) == []
    vmcore = report.manifest()["vmcore"]
    assert vmcore["path"] == f"{third}, {first}, {second}"
    assert not vmcore["incomplete"]


def test_a_part_that_is_missing_is_named(parts):
    said = subprocess.run(
        [tool_path("recode"), parts[0], parts[2], "-", "-"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert re.search(
        r"incomplete=\d+ pages, frames 0x[0-9a-f]+ to 0x[0-9a-f]+, are in a part of the split dump "
        r"that was not given$",
        said,
        re.MULTILINE,
    )
    assert " damaged=0 " in said


def test_files_that_do_not_go_together(guests, parts, tmp_path):
    def said(*args):
        result = run_program(*args, "--tmp-dir", tmp_path, "--batch", check=False)
        assert result.returncode == 1
        assert list(tmp_path.iterdir()) == []
        return result.stderr

    one, two = parts[:2]
    assert "given twice" in said("--vmcore", one, "--vmcore", two, "--vmcore", one)
    whole = guests("default").vmcore
    assert "file 2: a dump of its own" in said("--vmcore", one, "--vmcore", whole)
    elf = guests("default").path / "vmcore.elf"
    assert "file 2: not a part of a split dump" in said("--vmcore", one, "--vmcore", elf)
    assert "only parts of a split one go together" in said("--vmcore", elf, "--vmcore", one)


@pytest.mark.parametrize("form", ["kdump-lzo", "flattened-kdump-lzo", "elf"])
@pytest.mark.parametrize("kept", [97, 80, 60])
def test_a_dump_cut_short_gives_what_is_there(guests, reports, tmp_path, form, kept):
    path = tmp_path / "vmcore"
    if form == "elf":  # recode's has its program headers last
        shutil.copyfile(guests("default").path / "vmcore.elf", path)
    else:
        recode(guests("default").vmcore, path, form)
    os.truncate(path, path.stat().st_size * kept // 100)
    out = tmp_path / "out"
    out.mkdir()
    result = run_program("--vmcore", path, "--tmp-dir", out, "--batch", check=False)
    path.unlink()
    assert "failed" not in result.stderr
    if result.returncode:
        # the kernel itself, wherever it happened to lie, was in what is gone
        assert re.search("damaged in the dump|can't read|not in the dump", result.stderr), result.stderr
        assert list(out.iterdir()) == []
        return
    report = Report(out, result)
    vmcore = report.manifest()["vmcore"]
    assert vmcore["incomplete"]
    assert re.search("cut off|never written", vmcore["incomplete_why"])
    # fewer lines perhaps, but none that are not in the whole one
    whole = reports("default").text("sos_commands/kernel/dmesg").splitlines()
    assert set(report.contents.get("sos_commands/kernel/dmesg", b"").decode().splitlines()) <= set(whole)


WHOLES = [
    ("gzip", "gunzip"),
    ("xz", "unxz"),
    ("bzip2", "bunzip2"),
    ("zstd", "unzstd"),
    ("lz4", "unlz4"),
]


@pytest.mark.parametrize("packer, unpacker", WHOLES)
def test_a_dump_packed_as_a_whole_says_how_to_unpack_it(guests, tmp_path, packer, unpacker):
    """As kdump-tools leaves them with KDUMP_COMPRESSION set."""
    if not shutil.which(packer):
        pytest.skip(f"no {packer} here")
    path = tmp_path / "dump.202601010000.packed"
    with open(guests("default").vmcore, "rb") as source:
        data = source.read(1 << 20)
    path.write_bytes(subprocess.run([packer, "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout)
    out = tmp_path / "out"
    out.mkdir()
    result = run_program("--vmcore", path, "--tmp-dir", out, "--batch", check=False)
    assert result.returncode == 1
    assert f"compressed as a whole with {packer}: unpack it first ({unpacker})" in result.stderr
    assert list(out.iterdir()) == []


def test_an_elf_dump_that_makedumpfile_wrote(guest, reports, tmp_path):
    """Of the same memory as the kdump file, without the pages that were all zeroes, but with processes' own."""
    elf = guest.path / "vmcore.elf"
    if not elf.exists():
        pytest.skip("there is none")
    report = make_report(elf, tmp_path / "out")
    more = set(report.contents) - set(reports(guest.name).contents)
    assert {path.split("/")[-1] for path in more} <= {"cmdline", "environ", "auxv"}
    for path in more:
        truth = guest.truth / path
        assert not truth.exists() or report.contents.pop(path) == truth.read_bytes(), path
        report.contents.pop(path, None)
    # ps shows processes' arguments, and sos's lists have those files.
    told = {"sos_commands/process/ps_alxwww", "sos_commands/process/ps_auxwwwm"}
    told |= {"sos_reports/sos.html", "sos_reports/sos.json", "sos_reports/sos.txt"}
    assert set(same_contents(reports(guest.name), report)) <= told
    assert probe(elf, "tasks") == probe(guest.vmcore, "tasks")
