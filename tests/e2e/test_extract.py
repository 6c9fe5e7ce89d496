# SPDX-License-Identifier: GPL-2.0-or-later
"""--extract-vmlinux: the file itself, what gdb and crash make of it, and how it fails. drgn's part is in test_drgn."""

import os
import random
import re
import shutil
import signal
import stat
import struct
import subprocess
import time

import pytest

from conftest import probe, program_path, run_program, sanitized_path, tool_path

# crash 8.0.2, Debian 12's, opens no newer kernel, with the genuine vmlinux neither.
NEWEST_FOR_CRASH = (6, 1)


@pytest.fixture(scope="module")
def extracted(guest, tmp_path_factory):
    """The file and what was said of it, made once."""
    folder = tmp_path_factory.mktemp(f"extract-{guest.name}")
    result = run_program("--vmcore", guest.vmcore, "--extract-vmlinux", folder / "vmlinux", "--tmp-dir", folder)
    assert sorted(x.name for x in folder.iterdir()) == ["vmlinux"]
    yield folder / "vmlinux", result
    (folder / "vmlinux").unlink()


class Elf:
    """Sections of a file: {name: (type, address, bytes)}."""

    def __init__(self, path):
        data = path.read_bytes()
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count, names = struct.unpack_from("<HHH", data, 58)
        heads = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
        text = data[heads[names][4] :]
        self.sections = {}
        for name, kind, _, address, offset, length in heads:
            content = data[offset : offset + length] if kind != 8 else None
            self.sections[text[name : text.index(b"\0", name)].decode()] = (kind, address, content)

    def at(self, address, length):
        for _, start, content in self.sections.values():
            if content and start and start <= address < start + len(content):
                return content[address - start : address - start + length]
        raise LookupError(hex(address))


def kernel_offset(guest):
    with open(guest.vmcore, "rb") as file:
        said = re.search(rb"KERNELOFFSET=([0-9a-f]+)", file.read(1 << 20))
    # A dump without that note: Debian links its kernels for CONFIG_PHYSICAL_START=0x1000000.
    return int(said[1], 16) if said else kallsyms(guest)["_text"] - 0xFFFFFFFF81000000


def kallsyms(guest):
    lines = (guest.truth / "proc/kallsyms").read_text().splitlines()
    return {x.split()[2]: int(x.split()[0], 16) for x in lines if "[" not in x}


# What it has


def test_what_is_said_of_it(guest, extracted):
    path, result = extracted
    assert f"saved in:\n\t{path}\n" in result.stdout and not result.stderr
    has = re.search(
        r"^ Has\t(\d+) types \((.*?)\), (\d+) functions, (\d+) variables \((\d+) with a type\), (\d+) symbols, "
        r"stack unwinding, ([\d.]+) MiB of text and data$",
        result.stdout,
        re.M,
    )
    assert int(has.group(1)) > 25000 and int(has.group(3)) > 25000 and int(has.group(5)) > 300
    assert int(has.group(6)) == len(probe(guest.vmcore, "symbols"))
    assert float(has.group(7)) > 20
    modules = len((guest.truth / "proc/modules").read_text().splitlines())
    if guest.version < (5, 11):
        assert has.group(2) == "no types of modules"
    else:
        assert 10 < int(re.match(r"those of (\d+) modules", has.group(2)).group(1)) <= modules
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_has_the_bytes_of_memory(guest, extracted):
    elf, symbols, offset = Elf(extracted[0]), kallsyms(guest), kernel_offset(guest)
    assert offset
    banner = elf.at(symbols["linux_banner"] - offset, 500)
    assert banner.split(b"\0")[0] == (guest.truth / "proc/version").read_bytes()
    # A pointer in data leads to where the kernel ran, as do those in its text.
    assert struct.unpack("<Q", elf.at(symbols["init_task"] - offset, 4096)[:8])
    names = elf.at(symbols["init_uts_ns"] - offset, 1024)
    assert guest.info["kernel_release"].encode() + b"\0" in names
    for name in (".text", ".rodata", ".data", ".modules"):
        assert elf.sections[name][0] == 1 and len(elf.sections[name][2].strip(b"\0")) > 100000, name
    # What was for the start only is gone; what began as zeros is in no file.
    assert not elf.sections[".init.text"][2].strip(b"\0")
    assert elf.sections[".bss"][0] == 8


def test_it_is_the_same_again_and_replaces_what_is_there(guest, extracted, tmp_path):
    target = tmp_path / "vmlinux"
    target.write_bytes(b"something else")
    (tmp_path / "link").symlink_to("vmlinux")
    result = run_program("--vmcore", guest.vmcore, "--extract-vmlinux", tmp_path / "link", "--quiet")
    assert result.stdout.startswith("The dump's vmlinux")
    assert (tmp_path / "link").is_symlink() and sorted(x.name for x in tmp_path.iterdir()) == ["link", "vmlinux"]
    assert target.read_bytes() == extracted[0].read_bytes()


# What others make of it


def gdb(path, *commands):
    words = [x for command in commands for x in ("-ex", command)]
    done = subprocess.run(["gdb", "-nx", "-batch", *words, path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def test_gdb(guest, extracted):
    said = gdb(
        extracted[0],
        "print init_uts_ns.name.release",
        "print init_task.comm",
        "ptype panic",
        "x/4i panic",
        "x/2i tun_get_socket",
        "info symbol schedule",
        "ptype struct pid",
    )
    assert f'"{guest.info["kernel_release"]}", ' in said and '"swapper/0' in said
    assert "type = void (const char *, ...)" in said
    assert "<panic>:" in said and "(bad)" not in said and "Cannot access" not in said
    assert "<tun_get_socket>:" in said and "<tun_get_socket+" in said
    assert "schedule in section .text" in said
    assert "struct upid numbers[" in said


def crash(guest, path, folder, *commands):
    script = folder / "commands"
    script.write_text("\n".join([*commands, "quit", ""]))
    done = subprocess.run(
        ["crash", "-s", "-i", script, path, guest.vmcore],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", timeout=300, env={**os.environ, "HOME": str(folder), "TERM": "dumb"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_crash(guest, extracted, tmp_path):
    if not shutil.which("crash"):
        pytest.skip("there is no crash here")
    if guest.version > NEWEST_FOR_CRASH:
        pytest.skip("this crash knows no kernel as new")
    said = crash(guest, extracted[0], tmp_path, "sys", "bt", "mod", "struct list_head", "net", "dis panic 2", "log")
    assert f"RELEASE: {guest.info['kernel_release']}\n" in said and "NODENAME: crashbox" in said
    assert "inconsistency" not in said and "cannot find" not in said
    frames = re.findall(r"^ *#\d+ \[\w+\] (\S+) at ", said, re.M)
    assert {"panic", "sysrq_handle_crash", "vfs_write"} <= set(frames)
    # where a crash kernel was started
    assert ("machine_kexec" in frames) == (guest.kind.saved_by == "kexec")
    loaded = [x.split()[0] for x in (guest.truth / "proc/modules").read_text().splitlines()]
    assert set(re.findall(r"^[0-9a-f]{16}  (\S+) +[0-9a-f]{16} ", said, re.M)) == set(loaded)
    assert "struct list_head *prev;" in said and "<panic>" in said
    assert re.search(r"^[0-9a-f]{16}  lo +127\.0\.0\.1", said, re.M)
    assert "Kernel panic - not syncing: sysrq triggered crash" in said


# How it fails: of one kernel


@pytest.fixture
def vmcore(guests):
    return guests("default").vmcore


def fails(folder, *args, code=1):
    before = sorted(x.name for x in folder.iterdir())
    result = run_program(*args, check=False)
    assert result.returncode == code, result.stdout + result.stderr
    assert sorted(x.name for x in folder.iterdir()) == before
    return result.stderr


@pytest.mark.one_kernel
def test_files_that_can_not_be(vmcore, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "standard output" in fails(tmp_path, "--vmcore", vmcore, "--extract-vmlinux", "-", code=2)
    assert "not allowed" in fails(tmp_path, "--vmcore", vmcore, "--extract-vmlinux", folder / "x", "--dry-run", code=2)
    assert "it is no regular file" in fails(tmp_path, "--vmcore", vmcore, "--extract-vmlinux", folder)
    assert "it is no regular file" in fails(tmp_path, "--vmcore", vmcore, "--extract-vmlinux", "/dev/null")
    said = fails(tmp_path, "--vmcore", vmcore, "--extract-vmlinux", tmp_path / "no" / "x")
    assert said == f"Error: can't write {tmp_path}/no/x: No such file or directory\n"
    copy = tmp_path / "vmcore"
    copy.write_bytes(b"KDUMP   ")
    assert "it is the dump" in fails(tmp_path, "--vmcore", copy, "--extract-vmlinux", copy)
    assert copy.read_bytes() == b"KDUMP   "


@pytest.mark.one_kernel
def test_a_dump_that_is_none(tmp_path):
    (tmp_path / "vmcore").write_bytes(bytes(100000))
    said = fails(tmp_path, "--vmcore", tmp_path / "vmcore", "--extract-vmlinux", tmp_path / "vmlinux")
    assert said.startswith("Error: ")


@pytest.mark.one_kernel
def test_a_full_disk(vmcore, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", small]).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        said = fails(small, "--vmcore", vmcore, "--extract-vmlinux", small / "vmlinux")
        assert said == "Error: the file can't be written: No space left on device\n"
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.one_kernel
@pytest.mark.parametrize("seconds", [0.02, 0.15, 0.3])
def test_an_interrupt(vmcore, tmp_path, seconds):
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--extract-vmlinux", tmp_path / "vmlinux"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.readline()  # its handlers are in place when it speaks
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # It may have been done by then.
    if process.returncode:
        assert process.returncode == 130 and "Exiting on user cancel" in said
        assert list(tmp_path.iterdir()) == []
    else:
        assert [x.name for x in tmp_path.iterdir()] == ["vmlinux"]


def run_sanitized(dump, target):
    """A run that ends well, or with a word why not and no file; what it said."""
    result = run_program(
        "--vmcore", dump, "--extract-vmlinux", target, program=sanitized_path() / "vmcore-report", check=False
    )
    said = result.stdout + result.stderr
    assert "Sanitizer" not in said and "runtime error" not in said, said
    assert result.returncode in (0, 1), said
    if result.returncode:
        assert re.search(r"^Error: .+", result.stderr, re.M), said
    assert sorted(x.name for x in target.parent.iterdir()) == ([] if result.returncode else [target.name])
    return result


@pytest.mark.one_kernel
@pytest.mark.parametrize("part", [0.001, 0.3, 0.5, 0.75, 0.9])
def test_a_dump_that_is_cut_short(vmcore, tmp_path, part):
    dump, folder = tmp_path / "vmcore", tmp_path / "out"
    folder.mkdir()
    shutil.copyfile(vmcore, dump)
    os.truncate(dump, int(vmcore.stat().st_size * part))
    result = run_sanitized(dump, folder / "vmlinux")
    if result.returncode == 0:
        assert re.search(r"the dump is incomplete", result.stderr)


@pytest.mark.one_kernel
@pytest.mark.parametrize("seed", range(4))
def test_a_dump_with_flipped_bits(vmcore, tmp_path, seed):
    dice = random.Random(seed)
    dump, folder = tmp_path / "vmcore", tmp_path / "out"
    folder.mkdir()
    shutil.copyfile(vmcore, dump)
    size = dump.stat().st_size
    with open(dump, "r+b", buffering=0) as file:
        for _ in range(400):
            at = dice.randrange(size)
            file.seek(at)
            old = file.read(1)[0]
            file.seek(at)
            file.write(bytes([old ^ 1 << dice.randrange(8)]))
    run_sanitized(dump, folder / "vmlinux")


@pytest.mark.one_kernel
def test_pages_that_the_dump_lacks_are_zeros_and_counted(guests, tmp_path):
    guest = guests("default")
    dump = tmp_path / "vmcore"
    lines = {name: probe(guest.vmcore, "phys", name)[0].split() for name in ("panic", "linux_banner")}
    drops = []
    for _, phys in lines.values():
        page = int(phys, 16) & ~0xFFF
        drops += ["--drop", f"{page:#x}-{page + 0x1000:#x}"]
    subprocess.run([tool_path("recode"), *drops, guest.vmcore, dump, "kdump-lzo"], check=True)
    result = run_program("--vmcore", dump, "--extract-vmlinux", tmp_path / "vmlinux")
    first = min(int(address, 16) & ~0xFFF for address, _ in lines.values())
    assert result.stderr == (
        f"WARNING: vmlinux: zeros stand for 8 KiB of the kernel's memory, the first of them at {first:#x}: "
        "not in the dump\n"
    )
    elf = Elf(tmp_path / "vmlinux")
    for address, _ in lines.values():
        at = (int(address, 16) & ~0xFFF) - kernel_offset(guest)
        assert elf.at(at, 0x1000) == bytes(0x1000) and elf.at(at - 0x1000, 0x1000) != bytes(0x1000)
