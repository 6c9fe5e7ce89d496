# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that don't say where things are, or say it wrongly: what is found by searching is the same."""

import subprocess

import pytest

from conftest import probe, tool_path

NOTE = b"VMCOREINFO\0"


def tell(dump, *args):
    """What probe prints and what it logs."""
    result = subprocess.run(
        [str(tool_path("probe")), *map(str, args[:-1]), str(dump), args[-1]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=300,
    )
    return result.stdout.decode("utf-8", "surrogateescape").splitlines(), result.stderr.decode()


def test_tables_found_by_their_looks_are_those_that_vmcoreinfo_names(guest):
    found, log = tell(guest.vmcore, "--scan", "symbols")
    assert "VMCOREINFO was found in memory" in log
    assert "kallsyms was found by scanning" in log
    assert "BTF was found by scanning" in log
    assert sorted(found) == sorted(probe(guest.vmcore, "symbols"))


@pytest.fixture(scope="module")
def elf(guests):
    path = guests().path / "vmcore.elf"
    if not path.exists():
        pytest.fail(f"no {path}: `make guests` makes it")
    return path.read_bytes()


def patched(elf, tmp_path, old, new):
    """A copy whose VMCOREINFO note, in the file's first pages, is another."""
    start = elf.index(NOTE)
    at = elf.index(old, start)
    assert len(old) == len(new) and at - start < 4096
    path = tmp_path / "vmcore"
    path.write_bytes(elf[:at] + new + elf[at + len(old) :])
    return path


def value_of(elf, key):
    at = elf.index(key, elf.index(NOTE)) + len(key)
    return elf[at : elf.index(b"\n", at)]


def test_without_a_note(elf, guests, tmp_path):
    dump = patched(elf, tmp_path, NOTE, b"VMCORENONE\0")
    tasks, log = tell(dump, "tasks")
    assert "has no VMCOREINFO note" in log and "VMCOREINFO was found in memory" in log
    assert tasks == probe(guests().vmcore, "tasks")


@pytest.mark.parametrize("key", [b"NUMBER(phys_base)=", b"SYMBOL(swapper_pg_dir)=", b"OSRELEASE="])
def test_with_another_kernels_note(key, elf, guests, tmp_path):
    value = value_of(elf, key)
    wrong = {
        b"NUMBER(phys_base)=": b"0" * len(value),
        b"SYMBOL(swapper_pg_dir)=": value[:-5] + b"54000",
        b"OSRELEASE=": b"4" + value[1:],
    }[key]
    tasks, log = tell(patched(elf, tmp_path, key + value, key + wrong), "tasks")
    assert "WARNING: the dump's VMCOREINFO note" in log and "wrong (" in log
    assert "VMCOREINFO was found in memory" in log
    assert tasks == probe(guests().vmcore, "tasks")
