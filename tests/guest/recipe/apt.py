# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages, downloaded and unpacked without being installed, as any user."""

import re
import shutil
from pathlib import Path

from . import GuestError
from .host import run


class Apt:
    """apt-get and apt-cache over one set of package lists.

    Without a folder: the machine's own lists, as they are. With a folder:
    lists of our own in it, which update() fills without being root; of the
    machine's own sources, or of another suite of the same mirror.
    """

    def __init__(self, folder=None, suite=None):
        self.environment = {}
        if not folder:
            return
        folder = folder.absolute()
        for name in ("lists/partial", "archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # What is installed here is no candidate.
        (folder / "status").touch()
        lines = [
            f'Dir::State::Lists "{folder}/lists";',
            f'Dir::State::Status "{folder}/status";',
            f'Dir::Cache "{folder}";',
            'Acquire::Languages "none";',
        ]
        if suite:
            (folder / "sources.list").write_text(suite_sources(suite))
            lines += [
                f'Dir::Etc::SourceList "{folder}/sources.list";',
                'Dir::Etc::SourceParts "/dev/null";',
            ]
        config = folder / "apt.conf"
        config.write_text("".join(line + "\n" for line in lines))
        self.environment = {"APT_CONFIG": str(config)}

    def _run(self, *command, **options):
        # As root, apt would drop to a user that may not write in our folder.
        return run(command[0], "-q", "-o", "APT::Sandbox::User=root", *command[1:],
                   environment=self.environment, **options)

    def update(self):
        """Fetches the lists; sources that can't be reached are ignored."""
        try:
            self._run("apt-get", "update")
        except GuestError:
            pass  # what counts is whether the package is found

    def dependencies(self, package):
        """Names of the packages that a package depends on, alternatives too."""
        shown = self._run("apt-cache", "show", "--no-all-versions", package)
        depends = re.findall(r"^(?:Pre-)?Depends: (.*)", shown, re.MULTILINE)
        return re.findall(r"(?:^|[,|])\s*([^\s:,|(]+)", ", ".join(depends))

    def download(self, packages, folder):
        """Downloads the newest versions of packages into a folder."""
        self._run("apt-get", "download", *packages, cwd=folder)


def suite_sources(suite):
    """A sources list for another suite, of the mirror this machine uses."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    targets = run("apt-get", "indextargets", "--format",
                  "$(ORIGIN)\t$(LABEL)\t$(REPO_URI)", "Created-By: Packages")
    for line in targets.splitlines():
        origin, label, uri = line.split("\t")
        if (origin, label) == ("Debian", "Debian"):
            return f"deb [signed-by={keyring}] {uri} {suite} main\n"
    raise GuestError("apt's sources on this machine name no Debian mirror")


def cached_tree(cache, name, suite):
    """The newest unpacked download of name in the cache, or None."""
    folder = cache / f"{name}@{suite or 'host'}"
    trees = sorted(folder.glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    return trees[-1] if trees else None


def obtain_tree(cache, name, suite, choose, say):
    """Downloads and unpacks packages, unless they are in the cache.

    choose(apt) names them; the first one's name and version become the name
    of the folder returned, which holds debs/ and root/. Without a suite, the
    package lists of this machine are tried first, if it has any; then lists
    of our own, which need no root.
    """
    tree = cached_tree(cache, name, suite)
    if tree:
        return tree
    say(f"downloading {name} of {suite or 'this suite'}")
    private = Apt(cache / f"apt-{suite or 'host'}", suite)
    attempts = [(private, True)] if suite else [(Apt(), False), (private, True)]
    failure = None
    for apt, update in attempts:
        try:
            if update:
                apt.update()
            return download_tree(cache / f"{name}@{suite or 'host'}", apt, choose(apt))
        except GuestError as error:
            failure = error
    raise GuestError(f"can't download {name}: {failure}")


def download_tree(folder, apt, packages):
    """Downloads and unpacks packages below folder; all or nothing."""
    partial = folder / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "debs").mkdir(parents=True)
    apt.download(packages, partial / "debs")
    for deb in sorted((partial / "debs").iterdir()):
        run("dpkg-deb", "-x", deb, partial / "root")
    (first,) = (partial / "debs").glob(f"{packages[0]}_*.deb")
    return partial.rename(folder / first.name.rpartition("_")[0])
