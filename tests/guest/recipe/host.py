# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of the host: finding them, running them, their versions."""

import os
import shutil
import subprocess

from . import GuestError

# Debian's administration tools aren't on an ordinary user's PATH.
TOOL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The packages that make the guest or go into it: their versions are part of
# the key of a cached dump.
INGREDIENTS = (
    "btrfs-progs",
    "busybox-static",
    "coreutils",
    "dash",
    "dmsetup",
    "e2fsprogs",
    "ethtool",
    "iproute2",
    "kexec-tools",
    "kmod",
    "lsof",
    "makedumpfile",
    "mount",
    "net-tools",
    "nftables",
    "pciutils",
    "procps",
    "psmisc",
    "qemu-system-x86",
    "squashfs-tools",
    "util-linux",
    "xfsprogs",
)


def tool(name):
    """Path of a program of the host."""
    path = shutil.which(name, path=TOOL_PATH)
    if not path:
        raise GuestError(f"{name} is not installed: run scripts/packages.sh guest")
    return path


def run(*command, environment=None, **options):
    """Runs a command and returns its output; raises GuestError if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        [tool(words[0]), *words[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C", "PATH": TOOL_PATH, **(environment or {})},
        check=False,
        **options,
    )
    if done.returncode != 0:
        raise GuestError(f"{' '.join(words)} failed ({done.returncode}):\n{done.stderr.strip()}")
    return done.stdout


def ingredient_versions():
    """{package: version} of those of INGREDIENTS that are installed here."""
    # Not run(): dpkg-query fails if it has never heard of one of them.
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\n", *INGREDIENTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {package: version for status, package, version in rows if status[1:2] == "i"}


def check_ingredients(versions):
    """Raises GuestError unless everything is installed."""
    missing = [package for package in INGREDIENTS if package not in versions]
    if missing:
        raise GuestError(f"not installed: {', '.join(missing)}; run scripts/packages.sh guest")
