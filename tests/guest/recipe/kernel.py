# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guest has from Debian packages that aren't installed here.

That is the kernel that is to crash and, for a kernel of another suite, that
suite's makedumpfile: one that is older than the kernel damages dumps. And
programs that must not be installed here: a package of a server starts it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict

from . import GuestError
from .apt import cached_tree, obtain_tree
from .host import run


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel package."""

    release: str
    #: the bzImage
    image: Path
    #: the folder lib/modules/RELEASE
    modules: Path
    #: {suite: folder with its makedumpfile and libraries}, of other suites
    makedumpfiles: Dict[str, Path]
    #: {package: folder with its programs and libraries}
    servers: Dict[str, Path]


def kernel_packages(variant):
    """A chooser of packages, for obtain_tree."""

    def choose(apt):
        images = [
            name
            for name in apt.dependencies(variant.kernel_package)
            if re.match(r"linux-image-\d", name)
        ]
        if not images:
            raise GuestError(f"no {variant.kernel_package}")
        # From 7.x on the image package is but a shell around others.
        parts = [
            name
            for name in apt.dependencies(images[0])
            if re.match(r"linux-(binary|modules)-\d", name)
        ]
        return images[:1] + parts

    return choose


def program_packages(package):
    """A chooser of packages, for obtain_tree: one of programs, and its libraries."""

    def choose(apt):
        packages = [package]
        for needing in packages:  # which grows
            for name in apt.dependencies(needing):
                if re.match(r"lib|zlib", name) and name not in packages:
                    packages.append(name)
        return packages

    return choose


def makedumpfile_suites(variant):
    """The suites whose makedumpfile goes into the guest, besides what is installed here."""
    return [suite for suite in (variant.suite, variant.holed_suite) if suite]


def server_packages(variant):
    """{package: suite} of servers that run in the guest."""
    # Kernels refuse what 3.4.7 answers: it doesn't say how long that is.
    return {"ksmbd-tools": "trixie"} if variant.shares else {}


def identities(variant, cache):
    """[package_version, ...] of what is in the cache, or None if it isn't all."""
    trees = [cached_tree(cache, variant.kernel_package, variant.suite)]
    trees += [cached_tree(cache, "makedumpfile", suite) for suite in makedumpfile_suites(variant)]
    trees += [cached_tree(cache, *server) for server in server_packages(variant).items()]
    return [tree.name for tree in trees] if all(trees) else None


def obtain(variant, cache, say):
    """The unpacked kernel of a variant; with a filled cache, offline."""
    tree = obtain_tree(cache, variant.kernel_package, variant.suite, kernel_packages(variant), say)
    tools = {
        suite: obtain_tree(cache, "makedumpfile", suite, program_packages("makedumpfile"), say)
        / "root"
        for suite in makedumpfile_suites(variant)
    }
    servers = {
        package: obtain_tree(cache, package, suite, program_packages(package), say) / "root"
        for package, suite in server_packages(variant).items()
    }
    return find_kernel(tree / "root", tools, servers)


def find_kernel(root, makedumpfiles, servers):
    """Finds the parts of an unpacked kernel package; indexes its modules."""
    # Suites differ in where they have merged /lib into /usr/lib.
    base = root / "usr" if (root / "usr/lib/modules").is_dir() else root
    (modules,) = (base / "lib/modules").iterdir()
    images = [*root.glob("boot/vmlinuz-*"), *modules.glob("vmlinuz")]
    if not (modules / "modules.dep").exists():
        run("depmod", "-b", base, modules.name)
    return Kernel(modules.name, images[0], modules, makedumpfiles, servers)
