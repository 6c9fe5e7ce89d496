# SPDX-License-Identifier: GPL-2.0-or-later
"""One dump in every container that dumps come in: the same report comes out."""

import subprocess

import pytest

from conftest import make_report, probe, tool_path
from test_report import FIXED


def same_contents(a, b):
    names = {p for p in a.contents if not p.startswith(FIXED)}
    assert names == {p for p in b.contents if not p.startswith(FIXED)}
    return [p for p in sorted(names) if a.contents[p] != b.contents[p]]


@pytest.mark.parametrize(
    "form", ["kdump-raw", "kdump-zlib", "kdump-lzo", "kdump-snappy", "kdump-zstd", "elf"]
)
def test_each_container_gives_the_same_report(guests, reports, tmp_path, form):
    path = tmp_path / "vmcore"
    subprocess.run([tool_path("recode"), guests("default").vmcore, path, form], check=True)
    report = make_report(path, tmp_path / "out")
    assert same_contents(reports("default"), report) == []
    vmcore = report.manifest()["vmcore"]
    expected = "elf" if form == "elf" else "kdump-compressed"
    assert vmcore["format"] == expected
    if form not in ("elf", "kdump-raw"):
        assert vmcore["compression"] == form.split("-")[1]
    path.unlink()


def test_an_elf_dump_that_makedumpfile_wrote(guest, reports, tmp_path):
    """Of the same memory as the kdump file, but without the pages that were all zeroes."""
    elf = guest.path / "vmcore.elf"
    report = make_report(elf, tmp_path / "out")
    variant = guest.info["variant"]
    assert same_contents(reports(variant), report) == []
    assert probe(elf, "tasks") == probe(guest.vmcore, "tasks")
