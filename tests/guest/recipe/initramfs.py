# SPDX-License-Identifier: GPL-2.0-or-later
"""Initramfs images: a cpio writer, shared libraries, modules."""

import shutil
import stat
from pathlib import Path

from . import GuestError
from .host import run, tool


class Initramfs:
    """A newc cpio archive, everything owned by root; needs no root to make."""

    def __init__(self):
        self._members = {}  # path: (mode, content or path of a host file, rdev)

    def folder(self, path, mode=0o755):
        """Adds a folder, and those above it."""
        path = path.strip("/")
        if not path or path in self._members:
            return
        if "/" in path:
            self.folder(path.rpartition("/")[0])
        self._members[path] = (stat.S_IFDIR | mode, b"", (0, 0))

    def _add(self, path, mode, content, device=(0, 0)):
        path = path.strip("/")
        self.folder(path.rpartition("/")[0])
        self._members[path] = (mode, content, device)

    def file(self, path, content, mode=0o644):
        """Adds a file: its bytes, or the Path of a host file."""
        self._add(path, stat.S_IFREG | mode, content)

    def link(self, path, target):
        """Adds a symbolic link."""
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def console(self):
        """Adds the device that init is started on, before devtmpfs is there."""
        self._add("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1))

    def program(self, name, inside=None):
        """Adds a program of the host and the shared libraries it needs."""
        path = Path(tool(name))
        self.file(inside or f"usr/bin/{name}", path, 0o755)
        for library in shared_libraries(path):
            self.file(str(library), library, 0o755)

    def foreign_program(self, name, root, called=None):
        """Adds a program out of unpacked packages, with the libraries in there.

        These may be of another suite than the rest, so they are kept apart,
        and the program is started by its own loader. In the guest it is
        called like that, or by its own name.
        """
        path = next(root.glob(f"usr/*bin/{name}"))
        folders = [
            str(root / above / "lib" / folder)
            for above in ("usr", "")
            for folder in ("x86_64-linux-gnu", "")
        ]
        loader = next(root.glob("**/x86_64-linux-gnu/ld-linux-x86-64.so.2"))
        called = called or name
        inside = f"opt/{called}"
        listing = run(loader, "--library-path", ":".join(folders), "--list", path)
        for library in parse_libraries(listing, path):
            if library.name != loader.name:
                self.file(f"{inside}/{library.name}", library.resolve(), 0o755)
        self.file(f"{inside}/{loader.name}", loader.resolve(), 0o755)
        self.file(f"{inside}/{name}", path.resolve(), 0o755)
        start = f'exec /{inside}/{loader.name} --library-path /{inside} /{inside}/{name} "$@"'
        self.file(f"usr/bin/{called}", f"#!/bin/sh\n{start}\n".encode(), 0o755)

    def user_land(self):
        """Adds a shell, and busybox, whose commands init installs.

        The shell isn't busybox's, which prefers busybox's own commands to
        the real ones whatever PATH says.
        """
        self.file("bin/busybox", Path(tool("busybox")), 0o755)
        self.program("dash", "bin/sh")

    def locale(self, name):
        """Adds a locale of the host: commands are to print UTF-8 as it is."""
        for path in sorted(Path("/usr/lib/locale", name).rglob("*")):
            if path.is_file():
                self.file(str(path), path)

    def kernel_modules(self, kernel, names):
        """Adds modules, what they depend on, and modprobe's indexes."""
        wanted = module_closure(kernel.modules, names)
        inside = f"lib/modules/{kernel.release}"
        for path in wanted:
            self.file(f"{inside}/{path}", kernel.modules / path)
        for index in sorted(kernel.modules.glob("modules.*")):
            self.file(f"{inside}/{index.name}", index)

    def write(self, output):
        """Writes the archive, uncompressed: the guest has it unpacked sooner."""
        with open(output, "wb") as file:
            for number, (path, member) in enumerate(sorted(self._members.items()), 1):
                write_member(file, number, path, *member)
            write_member(file, 0, "TRAILER!!!", 0, b"", (0, 0))


def write_member(file, number, path, mode, content, device):
    """Writes one member in the format that `cpio -H newc` reads."""
    name = path.encode() + b"\0"
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    fields = (number, mode, 0, 0, 1, 0, size, 0, 0, *device, len(name), 0)
    file.write(b"070701" + b"".join(b"%08X" % field for field in fields) + name)
    file.write(bytes(-file.tell() % 4))
    if isinstance(content, Path):
        with open(content, "rb") as source:
            shutil.copyfileobj(source, file)
    else:
        file.write(content)
    file.write(bytes(-file.tell() % 4))


def shared_libraries(program):
    """The shared libraries of a program of the host, its loader among them."""
    return parse_libraries(run("ldd", program), program)


def parse_libraries(listing, program):
    """Paths in what ldd, or a loader with --list, says."""
    libraries = []
    for line in listing.splitlines():
        words = line.split()
        if "not found" in line:
            raise GuestError(f"{program} lacks a library: {line.strip()}")
        path = words[2] if len(words) > 2 and words[1] == "=>" else words[0]
        if path.startswith("/"):
            libraries.append(Path(path))
    return libraries


def module_closure(folder, names):
    """Paths, relative to folder, of modules and all that they depend on.

    A module that this kernel has built in, or doesn't have, is left out:
    whether that matters is seen when the guest loads it.
    """
    depends = {}
    for line in (folder / "modules.dep").read_text(encoding="utf-8").splitlines():
        path, _, rest = line.partition(":")
        depends[path] = rest.split()
    by_name = {module_name(path): path for path in depends}
    wanted = set()
    queue = [by_name[name] for name in names if name in by_name]
    while queue:
        path = queue.pop()
        if path not in wanted:
            wanted.add(path)
            queue += depends[path]
    return sorted(wanted)


def module_name(path):
    """The name under which a module is loaded: kernel/fs/x-y.ko.xz is x_y."""
    return Path(path).name.partition(".ko")[0].replace("-", "_")
