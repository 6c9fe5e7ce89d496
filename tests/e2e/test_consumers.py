# SPDX-License-Identifier: GPL-2.0-or-later
"""
What eats sos archives must be able to eat ours: the rules by which hotsos, insights-core, xsos and sos clean find
an archive's root and take its files apart, each as a check of its own; and sos clean itself.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time

import pytest

from conftest import dumps_path, make_report
from recipe import GuestError
from recipe.apt import obtain_tree

DATA = ("proc/", "sys/", "sos_commands/")


@pytest.fixture
def report(guest, reports):
    return reports(guest.name)


def lines(report, path):
    return report.text(path).splitlines()


# ---- Finding the archive's kind and root ----


def test_insights_finds_its_marker(report):
    """A regular file below sos_commands; the root is the folder above."""
    files = [m.name for m in report.members if m.isfile() and "/sos_commands" in m.name]
    assert files and {name.split("/sos_commands")[0] for name in files} == {report.root}


def test_hotsos_takes_the_root_from_the_first_member(report):
    assert report.members[0].name.split("/")[0] == report.root
    assert not any(m.name.startswith(("./", "/")) for m in report.members)
    assert report.members[1].name == f"{report.root}/version.txt"
    assert tarfile.is_tarfile(report.archive)


def test_it_is_no_cluster_archive(report):
    """insights-core takes a folder for one whose top level has a file with one of these endings."""
    top = [m.name for m in report.members if m.isfile() and m.name.count("/") == 1]
    assert not [name for name in top if name.endswith(("zip", "tar", "gz", "bz2", "xz"))]


def test_links_in_the_root_folder_lead_to_files(report):
    links = {m.name.split("/", 1)[1]: m.linkname for m in report.members if m.issym()}
    assert {"date", "free", "hostname", "lsmod", "ps", "pstree", "uname", "uptime"} <= set(links)
    for name, target in links.items():
        assert "/" not in name and target in report.contents, name
    assert all(m.mode == 0o777 for m in report.members if m.issym())


def test_what_may_be_seen_by_whom(report):
    modes = {m.name[len(report.root) :].lstrip("/"): m.mode for m in report.members if m.isdir()}
    assert modes[""] == 0o700
    assert {modes[x] for x in ("sos_commands", "sos_logs", "sos_reports")} == {0o755}


# ---- What they parse ----


def test_no_data_file_has_words_of_ours(report):
    """A stub or a comment is worse than no file: parsers take it for data."""
    for path, data in report.contents.items():
        if path.startswith(DATA):
            assert b"vmcore-report:" not in data and b"not reconstructable" not in data, path


# Files of lines that are taken apart one by one: an empty one ends in an exception.
@pytest.mark.parametrize(
    "path",
    "proc/buddyinfo proc/interrupts proc/loadavg proc/meminfo proc/modules proc/mounts proc/slabinfo proc/softirqs "
    "proc/stat proc/uptime proc/version proc/vmstat sos_commands/date/date sos_commands/host/hostname "
    "sos_commands/host/uptime sos_commands/kernel/lsmod sos_commands/kernel/uname_-a "
    "sos_commands/logs/journalctl_--no-pager sos_commands/memory/free".split(),
)
def test_no_line_is_empty(report, path):
    text = report.text(path)
    assert text.endswith("\n") and all(line.strip() for line in text[:-1].split("\n"))
    if path != "proc/slabinfo":
        assert not any(line.startswith("#") for line in text.splitlines())


def test_date_is_that_of_the_c_locale(report):
    """hotsos can't do without, and takes no 12 hours."""
    (line,) = lines(report, "sos_commands/date/date")
    assert re.fullmatch(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d [A-Z]+ \d{4}", line)
    stamp = time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(report.members[0].mtime))
    assert line == stamp == lines(report, "sos_commands/date/date_--utc")[0]


def test_hotsos_finds_the_kernels_log_in_the_journal(report):
    prefix = re.compile(r"(?:\S+\s+\d+\s+[\d:]+\s+\S+\s+\S+:\s+)?\[\s*\d+\.\d+\]")
    ours = lines(report, "sos_commands/logs/journalctl_--no-pager")
    assert all(prefix.match(line) for line in ours)
    assert all(re.match(r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d crashbox\S* kernel: \[", line) for line in ours)
    assert any(line.endswith("Kernel panic - not syncing: sysrq triggered crash") for line in ours)
    texts = [re.sub(r"^.*? kernel: ", "", line) for line in ours]
    dmesg = [line for line in lines(report, "sos_commands/kernel/dmesg") if line.startswith("[")]
    assert [x for x in dmesg if x not in set(texts)] == []
    # The dates are those of dmesg -T.
    first = lines(report, "sos_commands/kernel/dmesg_-T")[0]
    stamp = time.strptime(re.match(r"\[(.*?)\]", first)[1], "%a %b %d %H:%M:%S %Y")
    assert ours[0].startswith(time.strftime("%b %d %H:%M:%S ", stamp))


def test_meminfo_and_vmstat(report):
    for line in lines(report, "proc/meminfo"):
        assert re.match(r"[\w()]+:\s+\d+( kB)?$", line), line
    keys = {line.split(":")[0] for line in lines(report, "proc/meminfo")}
    assert {"MemTotal", "MemAvailable", "Hugetlb", "HugePages_Total", "HugePages_Free"} <= keys
    vmstat = dict(line.split() for line in lines(report, "proc/vmstat"))
    assert int(vmstat["compact_fail"]) >= 0 and int(vmstat["compact_success"]) >= 0


def test_slabinfo_and_buddyinfo(report):
    rows = lines(report, "proc/slabinfo")
    assert rows[0].startswith("slabinfo - version:") and rows[1].startswith("# name ")
    for row in rows[2:]:
        words = row.split()
        assert len(words) >= 12 and int(words[2]) >= 0 and int(words[3]) > 0, row
    for row in lines(report, "proc/buddyinfo"):
        words = row.split()
        assert words[0] == "Node" and words[1].endswith(",") and words[2] == "zone", row
        assert len(words) >= 15 and all(x.isdigit() for x in words[4:]), row


def test_interrupts_and_stat(report):
    rows = lines(report, "proc/interrupts")
    cpus = rows[0].split()
    assert cpus and all(re.fullmatch(r"CPU\d+", x) for x in cpus)
    for row in rows[1:]:
        name, counts = row.split(":", 1)
        assert re.fullmatch(r" *\w+", name), row
        counts = counts.split()
        assert counts[0].isdigit() and (len(counts) == 1 or all(x.isdigit() for x in counts[: len(cpus)])), row
    cpu = [row.split() for row in lines(report, "proc/stat") if row.startswith("cpu")]
    assert len(cpu) == len(cpus) + 1 and all(len(row) >= 8 for row in cpu)


def test_mounts(report):
    for row in lines(report, "proc/mounts"):
        words = row.split(" ")
        assert len(words) == 6 and words[4:] == ["0", "0"], row
    for row in lines(report, "proc/1/mountinfo"):
        left, right = row.split(" - ", 1)
        assert len(left.split()) >= 6 and len(right.split()) >= 3, row
        assert re.fullmatch(r"\d+:\d+", left.split()[2]), row


def test_one_line_files(report):
    for path in ("proc/cmdline", "proc/uptime", "proc/loadavg", "sos_commands/host/hostname"):
        assert len(lines(report, path)) == 1, path
    for path in ("sys/devices/system/cpu/online", "sys/devices/system/cpu/present"):
        assert re.fullmatch(r"[\d,-]+\n", report.text(path)), path


def test_uname_uptime_and_free(report):
    """xsos counts uname's fields from the end; insights-core splits uptime at its commas."""
    (line,) = lines(report, "sos_commands/kernel/uname_-a")
    words = line.split()
    assert words[-2] == "x86_64" and re.fullmatch(r"\d{4}-\d\d-\d\d|\(?[\w/.:+~-]+\)?", words[-3]), line
    (line,) = lines(report, "sos_commands/host/uptime")
    assert re.fullmatch(
        r" \d\d:\d\d:\d\d up ( ?\d+ days?,)?( +\d+:\d\d| *\d+ min),  0 users,  load average: [\d.]+, [\d.]+, [\d.]+", line
    ), line
    rows = lines(report, "sos_commands/memory/free")
    assert [row.split()[0] for row in rows] == ["total", "Mem:", "Swap:"]
    total = int(rows[1].split()[1])
    assert f"MemTotal:       {total:8} kB" in report.text("proc/meminfo")


def test_ps_is_as_xsos_takes_it_apart(guest, report):
    """The state is in column 8 of threads' lines, which have dashes in columns 2 and 11."""
    rows = [row.split(None, 10) for row in lines(report, "sos_commands/process/ps_auxwwwm")]
    assert rows[0][:4] == ["USER", "PID", "%CPU", "%MEM"] and rows[0][10] == "COMMAND"
    threads = [row for row in rows if row[1] == "-"]
    assert len(threads) == len(guest.tasks()) and all(row[10] == "-" for row in threads)
    assert all(re.fullmatch(r"[RSDTtZXPI][<N]?L?s?l?\+?", row[7]) for row in threads)
    assert sum(row[7].startswith("D") for row in threads) == sum(
        x["state"] == "D" for x in report.json("plugins/tasks/tasks.json")
    )


def test_lsmod_has_who_uses_whom(report):
    rows = lines(report, "sos_commands/kernel/lsmod")
    assert rows[0].split() == ["Module", "Size", "Used", "by"]
    for row in rows[1:]:
        words = row.split()
        assert words[1].isdigit() and words[2].lstrip("-").isdigit() and len(words) <= 4, row


# ---- sos's own files ----


def test_the_manifest_is_one_of_sos(report):
    manifest = report.manifest()
    top = "version cmdline start_time end_time run_time compression tmpdir tmpdir_fs_type policy components".split()
    assert [x for x in manifest if x != "vmcore"] == top
    facts = manifest["components"]["report"]
    for name in "sysroot preset profiles priority devices enabled_plugins disabled_plugins plugins tag_summary".split():
        assert name in facts
    for tag, paths in facts["tag_summary"].items():
        assert paths == sorted(set(paths)) and all(path in report.contents for path in paths), tag
    assert facts["tag_summary"]["uname"] == ["sos_commands/kernel/uname_-a"]
    assert facts["tag_summary"]["vmcore_dmesg"][0].endswith("/vmcore-dmesg.txt")
    for name, plugin in facts["plugins"].items():
        for field in "start_time end_time run_time timeout timeout_hit commands files strings containers collections".split():
            assert field in plugin, (name, field)
        commands = {x["filepath"]: x for x in plugin["commands"]}
        assert set(commands) == {
            path for x in plugin["files"] for path in x["files_copied"] if path.startswith("sos_commands/")
        }
        for path, entry in commands.items():
            assert entry["exec"].split(" ")[0] == entry["command"] and entry["return_code"] == 0
            assert entry["end_time"] >= entry["start_time"] > 1e9, path


def test_coverage_tells_of_every_path(report):
    coverage = report.json("sos_reports/vmcore_coverage.json")
    paths = coverage["paths"]
    there = {x["path"] for x in paths if x["status"] in ("ok", "partial")}
    own = ("sos_logs/", "sos_reports/", "version.txt")
    assert there == {path for path in report.contents if not path.startswith(own)}
    for entry in paths:
        assert (entry["status"] == "ok") != bool(entry.get("reason")), entry
        if entry["path"] in there:
            assert entry.get("bytes", 0) == len(report.contents[entry["path"]]), entry
    counts = {status: sum(x["status"] == status for x in paths) for status in coverage["summary"]}
    assert coverage["summary"] == counts


@pytest.mark.one_kernel
def test_coverage_tells_of_what_was_skipped(guests, tmp_path):
    report = make_report(guests("default").vmcore, tmp_path / "out", "-n", "vmcore_sysfs,tasks")
    entries = {x["path"]: x for x in report.json("sos_reports/vmcore_coverage.json")["paths"]}
    assert entries["sys/devices/system/cpu/online"]["status"] == "skipped"
    assert entries["sys/devices/system/cpu/online"]["reason"] == "skipped"
    assert entries["plugins/tasks/"]["status"] == "skipped"


def test_sos_txt_and_sos_json(report):
    named = dict(report.json("sos_reports/sos.json"))
    assert sorted(named) == list(named) == sorted(report.manifest()["components"]["report"]["plugins"])
    assert {"name": "uname -a", "return_code": 0, "href": "../sos_commands/kernel/uname_-a"} in named["vmcore_commands"]["commands"]
    for plugin in named.values():
        for kind in ("commands", "copied_files", "created_files"):
            for entry in plugin.get(kind, ()):
                assert entry["href"].startswith("../") and entry["href"][3:] in report.contents
    text = lines(report, "sos_reports/sos.txt")
    assert text[0] == "Loaded Plugins:" and "=" * 72 in text
    assert "-  commands executed:" in text and "  * uname -a" in text
    for name in named:
        assert name in text


def test_the_log_that_lay_beside_the_dump(guest, report):
    path = f"var/crash/{guest.path.name}/vmcore-dmesg.txt"
    assert report.contents[path] == (guest.path / "vmcore-dmesg.txt").read_bytes()


@pytest.mark.one_kernel
def test_what_lies_beside_a_dump_is_not_followed(guests, tmp_path):
    folder = tmp_path / "202402201234"
    folder.mkdir()
    (folder / "vmcore").symlink_to(guests("default").vmcore)
    (folder / "dmesg.202402201234").write_text("log\n")
    (folder / "README.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "kexec-dmesg.log")
    report = make_report(folder / "vmcore", tmp_path / "out", "-o", "kernel_info")
    assert report.text("var/crash/202402201234/dmesg.202402201234") == "log\n"
    assert [p for p in report.contents if p.startswith("var/")] == ["var/crash/202402201234/dmesg.202402201234"]
    entries = {x["path"]: x for x in report.json("sos_reports/vmcore_coverage.json")["paths"]}
    assert entries["var/crash/202402201234/README.txt"]["reason"] == "it is a symbolic link"
    assert entries["var/crash/202402201234/kexec-dmesg.log"]["status"] == "omitted"


# ---- sos clean ----


@pytest.mark.one_kernel
def installed_sos():
    if not shutil.which("sos"):
        pytest.skip("there is no sos here: scripts/packages.sh check installs Debian's sosreport")
    return ["sos"], {}


def backports_sos():
    """The sos of bookworm-backports, which is years newer, unpacked beside the guests' packages."""
    try:
        tree = obtain_tree(dumps_path() / "packages", "sos", "bookworm-backports", lambda apt: ["sos"], print)
    except GuestError as error:
        pytest.skip(f"bookworm-backports can't be reached: {error}")
    root = tree / "root"
    return [sys.executable, root / "usr/bin/sos"], {"PYTHONPATH": str(root / "usr/lib/python3/dist-packages")}


@pytest.mark.parametrize("sos", [installed_sos, backports_sos])
def test_sos_clean_takes_it(guests, tmp_path, sos):
    command, environment = sos()
    if os.geteuid():
        pytest.skip("sos clean wants to be root")
    # By its name it knows a report.
    report = make_report(
        guests("default").vmcore, tmp_path / "out", "--pids", "1", "--name-style", "sosreport"
    )
    archive = report.archive
    assert archive.name.startswith("sosreport-crashbox-")
    work = tmp_path / "clean"
    work.mkdir()
    result = subprocess.run(
        [*command, "clean", "--batch", "--no-update", "--tmp-dir", work, archive],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=600,
        env={**os.environ, **environment},
    )  # fmt: skip
    made = [p for p in work.iterdir() if p.name.endswith("-obfuscated.tar.xz")]
    assert result.returncode == 0 and len(made) == 1, result.stdout
    assert "Successfully obfuscated 1 report" in result.stdout, result.stdout
    with tarfile.open(made[0]) as tar:
        cleaned = {m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in tar if m.isfile() and "/" in m.name}
    assert b"crashbox" not in cleaned["sos_commands/host/hostname"]
    assert cleaned["proc/meminfo"] == report.contents["proc/meminfo"]
    assert len(cleaned) >= len(report.contents) - 5
    json.loads(cleaned["sos_reports/manifest.json"])
