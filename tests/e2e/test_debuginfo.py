# SPDX-License-Identifier: GPL-2.0-or-later
"""Files with debug information: found in every layout, only the dump's own used, and what they add to stacks."""

import http.server
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

import debug_elf
import native
from conftest import make_report, run_program

PLUGINS = ("--only-plugins", "stacks,panic_summary,overview")
KTHREAD = re.compile(r"^ +waits \(kernel/kthread\.c:%d\) \(inlined\)\n +kthread\+0x\w+/0x\w+ \(kernel/kthread\.c:%d\)$"
                     % (debug_elf.INLINED_LINE, debug_elf.CALL_LINE), re.M)  # fmt: skip
MD_THREAD = re.compile(r"^ +md_thread\+0x\w+/0x\w+ \[md_mod\] \(md\.c:%d\)$" % (debug_elf.MODULE_LINE + 1), re.M)


@pytest.fixture(scope="module")
def kernel(guests):
    return debug_elf.Kernel(guests("default"))


@pytest.fixture(scope="module")
def vmlinux(kernel, tmp_path_factory):
    return debug_elf.vmlinux(kernel, tmp_path_factory.mktemp("own") / "vmlinux")


@pytest.fixture(scope="module")
def other(kernel, tmp_path_factory):
    """One of another build."""
    return debug_elf.vmlinux(kernel, tmp_path_factory.mktemp("other") / "vmlinux", build_id="12" * 20)


@pytest.fixture(scope="module")
def md_mod(kernel, tmp_path_factory):
    return debug_elf.module(kernel, tmp_path_factory.mktemp("module") / "md-mod.ko")


@pytest.fixture(scope="module")
def plain(guests, tmp_path_factory):
    """The report without any file."""
    return make_report(guests("default").vmcore, tmp_path_factory.mktemp("plain"), *PLUGINS)


@pytest.fixture
def report(guests, tmp_path):
    def run(*options, plugins=PLUGINS, **kwargs):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        return make_report(guests("default").vmcore, tmp_path / "out", *plugins, *options, **kwargs)

    return run


def stacks(made):
    return made.text("plugins/stacks/stacks.txt")


def same_but_for_lines(made, plain):
    """No more and no less than source lines has been added."""
    for path in ("plugins/stacks/stacks.txt", "plugins/panic_summary/summary.txt"):
        text = re.sub(r"^.*\(inlined\)\n", "", made.text(path), flags=re.M)
        assert re.sub(r" \([^()\n]+:\d+\)$", "", text, flags=re.M) == plain.text(path)


# What is added


def test_source_lines_and_inlined_functions(report, plain, vmlinux):
    made = report("--vmlinux", vmlinux)
    assert made.result.stderr == ""
    assert KTHREAD.search(stacks(made))
    assert "kernel/kthread.c" not in stacks(plain)
    same_but_for_lines(made, plain)
    assert made.manifest()["vmcore"]["vmlinux"] == str(vmlinux)


def test_in_json_too(report, vmlinux):
    made = report("--vmlinux", vmlinux)
    frames = [f for group in made.json("plugins/stacks/stacks.json") for f in group["frames"]]
    assert f"waits (kernel/kthread.c:{debug_elf.INLINED_LINE}) (inlined)" in frames


def test_files_in_the_kernels_own_format_stay_as_they_are(guests, report, vmlinux):
    plugins = ("--only-plugins", "vmcore_procfs", "--pids", "20")
    made, plain = report("--vmlinux", vmlinux, plugins=plugins), report(plugins=plugins)
    stack = {p: t for p, t in plain.contents.items() if re.fullmatch(r"proc/\d+/(task/\d+/)?stack", p)}
    assert stack and all(made.contents[p] == t for p, t in stack.items())


# Which files are taken


def test_another_builds_is_refused_with_both_ids(report, plain, kernel, other):
    made = report("--vmlinux", other)
    (line,) = made.result.stderr.splitlines()
    assert line == (
        f"WARNING: {other}: its build id is {'12' * 20}, the dump's is {kernel.build_id}; it is not used"
        " (--force-debuginfo uses it all the same)"
    )
    assert stacks(made) == stacks(plain)


def test_forced_it_is_used(report, other):
    made = report("--vmlinux", other, "--force-debuginfo")
    assert "it is used all the same, as --force-debuginfo says" in made.result.stderr
    assert KTHREAD.search(stacks(made))


def test_another_modules_is_refused(report, kernel, vmlinux, tmp_path):
    shutil.copy(vmlinux, tmp_path / "vmlinux")
    debug_elf.module(kernel, tmp_path / "md-mod.ko.debug", build_id="34" * 20)
    made = report("--debuginfo-dir", tmp_path)
    assert f"its build id is {'34' * 20}, that of the module in the dump is " in made.result.stderr
    assert KTHREAD.search(stacks(made)) and not MD_THREAD.search(stacks(made))
    made = report("--debuginfo-dir", tmp_path, "--force-debuginfo")
    assert MD_THREAD.search(stacks(made))


def test_without_build_ids_the_banner_decides(report, kernel, tmp_path):
    same = debug_elf.vmlinux(kernel, tmp_path / "same", build_id="", banner=kernel.banner)
    made = report("--vmlinux", same)
    assert KTHREAD.search(stacks(made))
    assert "is taken to be the dump's by its banner" in made.text("sos_logs/sos.log")
    wrong = debug_elf.vmlinux(kernel, tmp_path / "wrong", build_id="", banner="Linux version 6.1.0-99-cloud-amd64 (x)")
    made = report("--vmlinux", wrong)
    assert 'it is "Linux version 6.1.0-99-cloud-amd64 (x)", the dump is of "Linux version' in made.result.stderr
    assert "kernel/kthread.c" not in stacks(made)
    unknown = debug_elf.vmlinux(kernel, tmp_path / "unknown", build_id="")
    made = report("--vmlinux", unknown)
    assert "no telling whether it is the dump's: it has no build id; it is not used" in made.result.stderr
    assert KTHREAD.search(stacks(report("--vmlinux", unknown, "--force-debuginfo")))


def test_a_dump_without_a_build_id_in_vmcoreinfo(guests, report, vmlinux, other, tmp_path):
    """As before 5.9: the kernel's own notes have it."""
    head = guests("default").vmcore.read_bytes()[: 1 << 20]
    start = head.index(b"OSRELEASE=")
    text = re.sub(rb"BUILD-ID=.*\n", b"", head[start : head.index(b"\0", start)])
    (tmp_path / "vmcoreinfo").write_bytes(text)
    options = ("--vmcoreinfo", tmp_path / "vmcoreinfo")
    assert KTHREAD.search(stacks(report("--vmlinux", vmlinux, *options)))
    assert "its build id is 1212" in report("--vmlinux", other, *options).result.stderr


# Where they lie

LAYOUTS = {
    "debian and ubuntu": ("usr/lib/debug/boot/vmlinux-{r}", "usr/lib/debug/lib/modules/{r}/kernel/drivers/md/md-mod.ko"),
    "fedora": ("usr/lib/debug/lib/modules/{r}/vmlinux", "usr/lib/debug/lib/modules/{r}/kernel/drivers/md/md-mod.ko.debug"),
    "suse": (
        "usr/lib/debug/usr/lib/modules/{r}/vmlinux.debug",
        "usr/lib/debug/usr/lib/modules/{r}/kernel/drivers/md/md-mod.ko.debug",
    ),
    "older suse": ("usr/lib/debug/boot/vmlinux-{r}.debug", "usr/lib/debug/lib/modules/{r}/kernel/drivers/md/md-mod.ko.debug"),
    "usr/lib/debug itself": ("boot/vmlinux-{r}", "lib/modules/{r}/kernel/drivers/md/md-mod.ko"),
    "a kernel's folder": ("lib/modules/{r}/vmlinux", "lib/modules/{r}/updates/dkms/md-mod.ko"),
    "a build tree": ("lib/modules/{r}/build/vmlinux", "lib/modules/{r}/kernel/md-mod.ko"),
    "flat": ("vmlinux", "md-mod.ko.debug"),
    "flat with the release": ("vmlinux-{r}", "md_mod.ko.debug"),
    "folders of its own": ("vmlinux.debug", "drivers/md/md-mod.ko"),
    "build ids": (".build-id/{v[0]}{v[1]}/{v_rest}.debug", ".build-id/{m[0]}{m[1]}/{m_rest}.debug"),
    "installed build ids": (
        "usr/lib/debug/.build-id/{v[0]}{v[1]}/{v_rest}.debug",
        "usr/lib/debug/.build-id/{m[0]}{m[1]}/{m_rest}.debug",
    ),
}


@pytest.mark.parametrize("layout,link", [*((x, False) for x in LAYOUTS), ("flat", True), ("build ids", True)])
def test_layouts(report, kernel, vmlinux, md_mod, tmp_path, layout, link):
    names = {"r": kernel.release, "v": kernel.build_id, "v_rest": kernel.build_id[2:]}
    names |= {"m": kernel.module("md_mod")[0], "m_rest": kernel.module("md_mod")[0][2:]}
    for source, place in zip((vmlinux, md_mod), LAYOUTS[layout]):
        path = tmp_path / "tree" / place.format(**names)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(source) if link else shutil.copy(source, path)
    made = report("--debuginfo-dir", tmp_path / "tree")
    assert made.result.stderr == ""
    assert KTHREAD.search(stacks(made)) and MD_THREAD.search(stacks(made))


def test_several_folders_with_commas_and_repeated(report, vmlinux, md_mod, tmp_path):
    (tmp_path / "none").mkdir()
    made = report("--debuginfo-dir", f"{tmp_path / 'none'},{vmlinux.parent}", "--debuginfo-dir", md_mod.parent)
    assert KTHREAD.search(stacks(made)) and MD_THREAD.search(stacks(made))


@pytest.mark.parametrize("end,command", [("xz", "xz -T1"), ("zst", "zstd -q"), ("gz", "gzip")])
def test_compressed_modules(report, vmlinux, md_mod, tmp_path, end, command):
    shutil.copy(vmlinux, tmp_path / "vmlinux")
    with open(tmp_path / f"md-mod.ko.{end}", "wb") as out:
        subprocess.run([*command.split(), "-c", md_mod], stdout=out, check=True)
    made = report("--debuginfo-dir", tmp_path)
    assert made.result.stderr == ""
    assert MD_THREAD.search(stacks(made))


def test_a_damaged_compressed_module_is_named(report, vmlinux, md_mod, tmp_path):
    shutil.copy(vmlinux, tmp_path / "vmlinux")
    packed = subprocess.run(["xz", "-c", md_mod], stdout=subprocess.PIPE, check=True).stdout
    (tmp_path / "md-mod.ko.xz").write_bytes(packed[:-40])
    made = report("--debuginfo-dir", tmp_path)
    assert f"WARNING: {tmp_path}/md-mod.ko.xz: what is compressed by xz in it is damaged" in made.result.stderr
    assert KTHREAD.search(stacks(made))


@pytest.mark.parametrize("place", ["vmlinux.dbg", ".debug/vmlinux.dbg"])
@pytest.mark.parametrize("with_id", [True, False], ids=["id", "crc"])
def test_what_was_split_off(report, kernel, tmp_path, place, with_id):
    whole = debug_elf.vmlinux(kernel, tmp_path / "whole", build_id=None if with_id else "", banner=kernel.banner)
    (tmp_path / ".debug").mkdir()
    debug_elf.run("objcopy", "--only-keep-debug", whole, tmp_path / place)
    debug_elf.run("objcopy", "--strip-debug", f"--add-gnu-debuglink={tmp_path / place}", whole, tmp_path / "vmlinux")
    assert KTHREAD.search(stacks(report("--vmlinux", tmp_path / "vmlinux")))
    # another one of that name
    with open(tmp_path / place, "ab") as file:
        file.write(b"x")
    assert bool(KTHREAD.search(stacks(report("--vmlinux", tmp_path / "vmlinux")))) == with_id


def test_what_dwz_has_moved_out(report, kernel, tmp_path):
    folder = tmp_path / ".dwz"
    folder.mkdir()
    members = "".join(f"int member_{i}; struct part_{i} {{ long a, b; }} *p{i};" for i in range(100))
    source = debug_elf.KERNEL + f"struct whole {{ {members} }} whole;"
    for name in ("vmlinux", "twin"):
        debug_elf.vmlinux(kernel, tmp_path / name, source=source)
    debug_elf.run("dwz", "-m", folder / "common", "-M", "/usr/lib/debug/.dwz/common", tmp_path / "vmlinux", tmp_path / "twin")
    assert KTHREAD.search(stacks(report("--vmlinux", tmp_path / "vmlinux")))
    (folder / "common").unlink()
    made = report("--vmlinux", tmp_path / "vmlinux")
    assert "kernel/kthread.c" not in stacks(made)
    assert f"WARNING: {tmp_path}/vmlinux: a part of it is in another file, common, which" in made.result.stderr


def test_what_is_in_dwo_files_or_compressed_as_of_old_is_refused(report, plain, kernel, tmp_path):
    refused = (
        ({"flags": ("-gsplit-dwarf",)}, "split over .dwo files"),
        ({"link": ("--compress-debug-sections=zlib-gnu",)}, "objcopy --decompress-debug-sections"),
    )
    for i, (options, why) in enumerate(refused):
        (tmp_path / str(i)).mkdir()
        bad = debug_elf.vmlinux(kernel, tmp_path / str(i) / "vmlinux", **options)
        made = report("--vmlinux", bad)
        (line,) = made.result.stderr.splitlines()
        assert line.startswith(f"WARNING: {bad}: ") and why in line and line.endswith("; it is not used")
        assert stacks(made) == stacks(plain)
    # What ELF itself compresses is read.
    (tmp_path / "good").mkdir()
    good = debug_elf.vmlinux(kernel, tmp_path / "good/vmlinux", link=("--compress-debug-sections=zlib",))
    made = report("--vmlinux", good)
    assert made.result.stderr == "" and KTHREAD.search(stacks(made))


# Files that are no good


def damaged(data, how):
    if how == "empty":
        return b""
    if how == "text":
        return b"not an ELF file at all\n" * 100
    if how == "cut":
        return data[: len(data) // 2]
    if how == "header":
        return data[:40] + b"\xff" * 8 + data[48:]
    return data[:4] + b"\1" + data[5:]


@pytest.mark.parametrize("how", ["text", "cut", "header", "class"])
def test_a_corrupt_file_is_named_and_the_report_is_whole(report, plain, vmlinux, tmp_path, how):
    bad = tmp_path / "vmlinux"
    bad.write_bytes(damaged(vmlinux.read_bytes(), how))
    made = report("--vmlinux", bad)
    assert f"WARNING: {bad}: " in made.result.stderr and "not used" in made.result.stderr
    assert stacks(made) == stacks(plain)


def noise(good, section, bad):
    """A file with nonsense in one of its sections; its build id is right."""
    place = re.search(rf" {re.escape(section)} +\w+ +\w+ (\w+) (\w+)", debug_elf.run("readelf", "-SW", good))
    at, size = (int(x, 16) for x in place.groups())
    data = bytearray(good.read_bytes())
    data[at : at + size] = bytes((i * 197 + 31) & 0xFF for i in range(size))
    bad.write_bytes(data)
    return bad


def test_forged_debug_sections_cost_lines_at_most(report, plain, vmlinux, tmp_path):
    """Each section of DWARF made nonsense in turn: whatever that costs, the file is named, once, for all plugins."""
    noticed = {
        ".debug_info": "invalid DWARF",
        ".debug_abbrev": "invalid DWARF",
        ".debug_line": "invalid .debug_line section",
    }
    sections = debug_elf.run("readelf", "-SW", vmlinux)
    for name in re.findall(r"(\.debug_\w+)", sections):
        bad = noise(vmlinux, name, tmp_path / "vmlinux")
        made = report("--vmlinux", bad)
        said = ""
        if name in noticed:
            said = f"WARNING: {bad}: some of its debug information can't be read: {noticed[name]}\n"
        assert made.result.stderr == said, name
        assert made.text("sos_logs/sos.log").count(said) == 1 or not said
        assert {p for p in made.contents if p.startswith("plugins/")} == {p for p in plain.contents if p.startswith("plugins/")}, name
        same_but_for_lines(made, plain)


def test_a_damaged_module_is_named(report, kernel, vmlinux, md_mod, tmp_path):
    shutil.copy(vmlinux, tmp_path / "vmlinux")
    noise(md_mod, ".debug_line", tmp_path / "md-mod.ko")
    made = report("--debuginfo-dir", tmp_path)
    assert made.result.stderr == (
        f"WARNING: {tmp_path}/md-mod.ko: some of its debug information can't be read: invalid .debug_line section\n"
    )
    assert KTHREAD.search(stacks(made)) and not MD_THREAD.search(stacks(made))


def test_no_more_rights_than_without(report, vmlinux, tmp_path):
    """A plugin that opens a file is ended all the same, and one that maps a file."""
    body = '	if (open("/etc/passwd", O_RDONLY) >= 0)\n		vr_note(run, "opened");'
    native.build(tmp_path / "plugins", "opens", native.plugin("opens", body, "#include <fcntl.h>\n"))
    body = "	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0);"
    native.build(tmp_path / "plugins", "maps", native.plugin("maps", body, "#include <sys/mman.h>\n"))
    options = ("--plugin-dir", tmp_path / "plugins", "--vmlinux", vmlinux)
    made = report(*options, plugins=("--only-plugins", "opens,maps"))
    log = made.text("sos_logs/sos.log")
    assert "plugin opens" in log or "Plugin opens failed: it made the system call `openat`" in made.result.stderr
    assert "made the system call `openat`" in made.result.stderr
    assert "made the system call `mmap`" in made.result.stderr


# debuginfod


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def server(kernel, vmlinux, md_mod, tmp_path_factory):
    """Debian's server, with a package as Debian's are."""
    folder = tmp_path_factory.mktemp("packages")
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: kernel-dbg\nVersion: 1\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: one\n"
    )
    for source, place in zip((vmlinux, md_mod), LAYOUTS["debian and ubuntu"]):
        path = tree / place.format(r=kernel.release)
        path.parent.mkdir(parents=True)
        shutil.copy(source, path)
    (folder / "served").mkdir()
    debug_elf.run("dpkg-deb", "--root-owner-group", "-b", tree, folder / "served/kernel-dbg_1_amd64.deb")
    port = free_port()
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            ["debuginfod", "-U", "-p", str(port), "-d", ":memory:", "-t0", "-g0", str(folder / "served")],
            stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and "scanned" not in (folder / "log").read_text().split("groom")[0]:
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


def test_debuginfod(report, server, tmp_path):
    env = {"DEBUGINFOD_URLS": server, "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache")}
    deadline = time.monotonic() + 60
    while True:
        made = report(env=env)
        # the server may still be reading its package
        if KTHREAD.search(stacks(made)) or time.monotonic() > deadline:
            break
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    assert KTHREAD.search(stacks(made)) and MD_THREAD.search(stacks(made))
    assert list((tmp_path / "cache").glob("*/debuginfo"))
    # from the cache, with nobody there
    made = report(env={**env, "DEBUGINFOD_URLS": "http://127.0.0.1:1"})
    assert KTHREAD.search(stacks(made))
    assert "kernel/kthread.c" not in stacks(report("--no-debuginfod", env=env))


def test_a_server_that_does_not_answer_has_a_time_limit(report, plain, tmp_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        started = time.monotonic()
        made = report(
            "--plugin-timeout", "5",
            env={
                "DEBUGINFOD_URLS": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache"),
            },
        )  # fmt: skip
    assert time.monotonic() - started < 20
    assert "debuginfod servers are given up: nothing has come from them for 1 s" in made.result.stdout
    assert stacks(made) == stacks(plain)


@pytest.fixture
def sender(kernel, vmlinux):
    """A server that has the kernel's debug information, MiB large, and sends it as its steps say: seconds to wait, bytes."""
    size = 4 << 20
    steps = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != f"/buildid/{kernel.build_id}/debuginfo":
                self.send_error(404)
                return
            data = vmlinux.read_bytes().ljust(size, b"\0")
            for i, (wait, count) in enumerate(steps):
                time.sleep(wait)
                if i == 0:
                    self.send_response(200)
                    self.send_header("Content-Length", str(size))
                    self.end_headers()
                try:
                    self.wfile.write(data[:count])
                except OSError:
                    return
                data = data[count:]

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def url(*what):
            steps[:] = what
            return f"http://127.0.0.1:{server.server_address[1]}"

        yield url
        server.shutdown()


@pytest.mark.parametrize(
    "timeout,steps,said",
    [
        # Plenty of time for it: a server that takes a while to begin, and one that is slow but comes to an end.
        (60, [(5, 4 << 20)], None),
        (60, [(0.5, 256 << 10)] * 16, None),
        (60, [(0, 1 << 20), (100, 3 << 20)], "nothing has come from them for 4 s"),
        # 4 MiB at 132 KiB a second take 31 s, of which there are 24.
        (30, [(0.5, 66 << 10)] * 200, r"\d of 4 MiB in [2-9] s are too slow for the 24 s that downloads may take"),
    ],
    ids=["late", "slow", "stalls", "too slow"],
)
def test_how_long_a_server_is_waited_for(report, plain, sender, tmp_path, timeout, steps, said):
    env = {"DEBUGINFOD_URLS": sender(*steps), "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache")}
    started = time.monotonic()
    made = report("--plugin-timeout", timeout, env=env)
    if not said:
        assert "given up" not in made.result.stdout
        assert KTHREAD.search(stacks(made))
        return
    assert time.monotonic() - started < 20
    assert re.search(f"debuginfod servers are given up: {said}", made.result.stdout)
    assert stacks(made) == stacks(plain)


def test_a_server_that_is_not_there_costs_nothing(report, plain, tmp_path):
    env = {"DEBUGINFOD_URLS": "http://127.0.0.1:1", "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache")}
    started = time.monotonic()
    made = report(env=env)
    assert time.monotonic() - started < 10
    assert stacks(made) == stacks(plain)


def test_a_missing_file_is_an_error(guests, tmp_path):
    result = run_program("--vmcore", guests("default").vmcore, "--tmp-dir", tmp_path, "--batch", "--vmlinux",
                         "/no/such/vmlinux", check=False)  # fmt: skip
    assert result.returncode == 1 and "vmlinux not found: /no/such/vmlinux" in result.stderr
