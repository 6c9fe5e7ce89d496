# SPDX-License-Identifier: GPL-2.0-or-later
"""
Types from DWARF, of the vmlinux that is made from the dump: it says the same as the dump's BTF, so must the report. The
kernel's own DWARF is held against BTF in tests/kernels.
"""

import random
import struct
import subprocess

import pytest

from conftest import BESIDE, MOVING, make_report, sanitized_path, tool_path
from damage import damaged, every_plugin_ended, report_on, victim  # noqa: F401: fixtures


def make_vmlinux(dump, folder):
    subprocess.run(
        [tool_path("vmlinux"), dump, folder / "vmlinux", folder / "core"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=300,
    )
    return folder / "vmlinux"


@pytest.fixture(scope="module")
def vmlinux(guests, tmp_path_factory):
    """The default guest's."""
    return make_vmlinux(guests("default").vmcore, tmp_path_factory.mktemp("made"))


def log(report):
    return report.text("sos_logs/sos.log")


def kept(report):
    return {p: c for p, c in report.contents.items() if not p.startswith((*MOVING, BESIDE))}


def test_the_report_is_the_same_byte_for_byte(guest, reports, tmp_path):
    vmlinux = make_vmlinux(guest.vmcore, tmp_path)
    report = make_report(guest.vmcore, tmp_path / "out", "--no-btf", "--vmlinux", vmlinux)
    assert f"types are from the DWARF of {vmlinux}" in log(report)
    of_btf, of_dwarf = kept(reports(guest.name)), kept(report)
    assert set(of_btf) == set(of_dwarf)
    assert [p for p in of_btf if of_btf[p] != of_dwarf[p]] == []


def test_a_dump_that_has_lost_its_btf_is_reported_in_full(damaged, tmp_path):  # noqa: F811
    copy, kernel = damaged
    vmlinux = make_vmlinux(copy.path, tmp_path)
    copy.patch(kernel.phys("__start_BTF"), bytes(24))
    report = report_on(copy.path, tmp_path / "out", "--vmlinux", vmlinux)
    assert "types_missing" not in report.manifest()["vmcore"]
    assert "plugins/tasks/tasks.json" in report.contents
    assert "proc/modules" in report.contents
    assert every_plugin_ended(report.manifest())


def test_without_any_types_the_log_is_reported(guests, reports, tmp_path):
    report = make_report(guests("default").vmcore, tmp_path, "--no-btf")
    path = "sos_commands/kernel/dmesg"
    assert report.contents[path] == reports("default").contents[path]
    assert "BTF isn't to be used" in report.manifest()["vmcore"]["types_missing"]


def sections(data):
    """{name: (offset, size)} of an ELF file."""
    table, entry, count, names = (*struct.unpack_from("<Q", data, 0x28), *struct.unpack_from("<HHH", data, 0x3A))
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * entry) for i in range(count)]
    strings = headers[names][4]
    return {
        data[strings + h[0] : data.index(b"\0", strings + h[0])].decode(): (h[4], h[5]) for h in headers
    }


@pytest.mark.parametrize("section", [".debug_info", ".debug_abbrev", ".debug_str"])
def test_a_damaged_file_costs_what_it_says(guests, reports, tmp_path, vmlinux, section):
    """Whatever comes of it, with sanitizers: an error that names the file, or types that don't make sense."""
    data = bytearray(vmlinux.read_bytes())
    start, size = sections(data)[section]
    chance = random.Random(section)
    for _ in range(200):
        data[start + chance.randrange(size)] ^= 1 << chance.randrange(8)
    bad = tmp_path / "bad"
    bad.write_bytes(data)
    options = ("--no-btf", "--vmlinux", bad, "--only-plugins", "kernel_info,dmesg,tasks,panic_summary")
    report = make_report(
        guests("default").vmcore, tmp_path / "out", *options, program=sanitized_path() / "vmcore-report"
    )
    assert "AddressSanitizer" not in report.result.stderr and "runtime error" not in report.result.stderr
    plugins = report.manifest()["components"]["report"]["plugins"]
    assert all(x.get("status") not in ("crashed", "timeout") for x in plugins.values())
    text = log(report)
    assert f"types are from the DWARF of {bad}" in text or f"no types from debug information: {bad}: " in text


def test_a_corrupt_file_costs_nothing_where_there_is_btf(guests, reports, tmp_path, vmlinux):
    data = bytearray(vmlinux.read_bytes())
    start, size = sections(data)[".debug_info"]
    data[start : start + size] = b"\xff" * size
    bad = tmp_path / "bad"
    bad.write_bytes(data)
    report = make_report(guests("default").vmcore, tmp_path / "out", "--vmlinux", bad)
    assert f"no types from debug information: {bad}: " in log(report)
    whole, ours = kept(reports("default")), kept(report)
    assert set(whole) == set(ours)
    assert [p for p in whole if whole[p] != ours[p] and not p.startswith("sos_reports/sos.html")] == []
