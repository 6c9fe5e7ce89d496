# SPDX-License-Identifier: GPL-2.0-or-later
"""A run that is killed leaves no archive, or a whole one whose checksum is there and right."""

import hashlib
import random
import shutil
import subprocess
import tarfile
import time

from conftest import program_path

TIMES = 50
# What is left of a run that was killed: hidden names, which nobody takes for a report.
ENDINGS = (".tar.xz", ".tar.xz.sha256")


def run(vmcore, out):
    return subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, "--batch", "--only-plugins", "dmesg,stacks,tasks,kernel_info"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def archives(out):
    """The archives under their final names; nothing but those and their checksums may have such a name."""
    visible = [path for path in out.iterdir() if not path.name.startswith(".")]
    assert all(path.name.endswith(ENDINGS) for path in visible), visible
    return [path for path in visible if path.name.endswith(".tar.xz")]


def check(archive):
    checksum = archive.with_name(archive.name + ".sha256").read_text()
    assert checksum == hashlib.sha256(archive.read_bytes()).hexdigest() + "\n"
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert names[1].endswith("/version.txt") and any(name.endswith("/sos_reports/manifest.json") for name in names)


def test_a_run_that_is_killed_at_any_moment(guests, tmp_path):
    vmcore = guests("default").vmcore
    out = tmp_path / "out"
    out.mkdir()
    begun = time.monotonic()
    assert run(vmcore, out).wait() == 0
    whole = time.monotonic() - begun
    (archive,) = archives(out)
    check(archive)
    dice = random.Random(50)
    left = 0
    for i in range(TIMES):
        shutil.rmtree(out)
        out.mkdir()
        # Half of them around the end, where names are given.
        share = dice.uniform(0.9, 1.1) if i % 2 else dice.uniform(0, 1)
        process = run(vmcore, out)
        time.sleep(whole * share)
        process.kill()
        process.wait()
        for archive in archives(out):
            check(archive)
            left += 1
    assert left < TIMES
