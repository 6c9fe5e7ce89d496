# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of files: a path pattern of the archive, and how its files are held against the kernel's."""

import re

from compare import static

KINDS = {}

# Of what only a module has types of (`absent`): there are none in dumps until 5.11, but in the modules' debug files.
NO_TYPES = {"modules' types are in dumps since 5.11": lambda context: not context.module_types}

# What a name in braces stands for, where that isn't a number.
KEYS = {"net": r"proc/net|sos_commands/networking/namespaces/[^/]+", "dev": r"[^/]+", "disk": r"[^/]+", "path": r".+"}


class Kind:
    def __init__(
        self,
        pattern,
        compare=static,
        moves=None,
        since=None,
        until=None,
        absent=None,
        truth=None,
        render=None,
        least=0.0,
    ):
        self.pattern = pattern
        self.compare = compare
        self.moves = moves
        self.since = since
        self.until = until
        self.absent = absent
        self.truth = truth
        self.render = render
        self.least = least
        names = re.split(r"(\{\w+\})", pattern)
        self.regex = re.compile(
            "".join(
                "(?P<%s>%s)" % (x[1:-1], KEYS.get(x[1:-1], r"\d+")) if x.startswith("{") else re.escape(x) for x in names
            )
        )

    def match(self, path):
        return self.regex.fullmatch(path)

    def exists(self, version):
        return (not self.since or version >= self.since) and (not self.until or version < self.until)


def kind(pattern, compare=static, **options):
    """
    Register a kind. pattern: "proc/{pid}/status", "{net}/tcp" (each network namespace), "{net}/dev_snmp6/{dev}" (each
    device of each), "proc/sys/{path}" (all that is below). Options:

    moves    why its files need not be identical (required with any comparator but static)
    since    first kernel that has it, as (5, 11); until: first that hasn't
    absent   {reason: function(context) -> bool}: files that a dump can't give, and why
    least    the share of its files, those that a dump can't give among them, that must be identical
    truth    function(path) -> the path of the truth, where it is another
    render   function(guest, path) -> the truth as such a file would have it, where the kernel's own is a folder or
             links; None: there is none
    """
    assert pattern not in KINDS, pattern
    assert (compare is static) != bool(options.get("moves")), f"{pattern}: say why it moves"
    KINDS[pattern] = Kind(pattern, compare, **options)


def load():
    """All kinds, from the files of kinds/."""
    import importlib.util
    import pathlib

    KINDS.clear()
    for path in sorted((pathlib.Path(__file__).parent / "kinds").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"truth_kinds_{path.stem}", path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return KINDS
