# SPDX-License-Identifier: GPL-2.0-or-later
"""
How a file of the archive is held against the kernel's own. A comparator is a function
(ours, theirs, context) -> verdict, one of

    IDENTICAL          byte for byte
    NEAR               the same shape, and every value within the bounds stated
    DIFFERENT: "why"   anything else; the text is the first difference

The kernel's own files were saved one after the other in the seconds before the crash, so that what
moves has moved on: a comparator for those says what may differ and by how much.
"""

import re

IDENTICAL = "identical"
NEAR = "near"

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


class Different(Exception):
    """Raised within a comparator: its text is the verdict."""


def show(line):
    text = line.decode("utf-8", "backslashreplace")
    return text if len(text) < 160 else text[:160] + "..."


def first_difference(ours, theirs):
    a, b = ours.split(b"\n"), theirs.split(b"\n")
    for i, (x, y) in enumerate(zip(a, b), 1):
        if x != y:
            return f"line {i}: ours `{show(x)}`, the kernel's `{show(y)}`"
    return f"{len(a)} lines, the kernel has {len(b)}"


def static(ours, theirs, context=None):
    """Byte for byte."""
    return IDENTICAL if ours == theirs else first_difference(ours, theirs)


def check(comparator, ours, theirs, context=None):
    """A comparator's verdict; identical is identical, whatever it would say."""
    if ours == theirs:
        return IDENTICAL
    try:
        return comparator(ours, theirs, context) or NEAR
    except Different as difference:
        return str(difference)


def shape(line):
    """A line with each number as #, and its blanks as they are."""
    return NUMBER.sub(b"#", line)


def columns(line):
    """A line with its numbers as # and runs of blanks as one: for columns whose width follows the number."""
    return re.sub(rb"\s+", b" ", shape(line)).strip()


def numbers(line):
    return [float(x) if b"." in x else int(x) for x in NUMBER.findall(line)]


def same_keys(ours, theirs, what="lines"):
    missing = [k for k in theirs if k not in ours]
    extra = [k for k in ours if k not in theirs]
    if missing:
        raise Different(f"{what} missing: {missing[:3]} ({len(missing)} in all)")
    if extra:
        raise Different(f"{what} too many: {extra[:3]} ({len(extra)} in all)")


def within(low=0, high=0, factor=0.0):
    """
    A bound for one value: ours lies between theirs - low and theirs + high, or within that factor
    of theirs.
    """

    def ok(ours, theirs):
        if theirs - low <= ours <= theirs + high:
            return True
        return abs(ours - theirs) <= abs(theirs) * factor

    return ok


exactly = within()
anything = within(1 << 70, 1 << 70)


def grows(by):
    """A counter that only grows: ours is theirs, or up to `by` more."""
    return within(0, by)


def by_line(key, bounds, default=exactly, form=shape, order=True):
    """
    Files of lines, each with a name and numbers. key(line) -> the line's name (None: compared as it
    is). bounds: {name (or a pattern, as re.fullmatch takes it): bound, or a list of bounds, one for
    each number}; default for the rest. form(line) must be equal; order: the lines' order too.
    """

    def find(name):
        text = name.decode("utf-8", "backslashreplace")
        for pattern, bound in bounds.items():
            if text == pattern or re.fullmatch(pattern, text):
                return bound
        return default

    def compare(ours, theirs, context=None):
        mine, real = {}, {}
        for text, lines in ((ours, mine), (theirs, real)):
            for i, line in enumerate(text.split(b"\n")):
                name = key(line)
                lines[name if name is not None else (i, line)] = line
        same_keys(mine, real)
        if order and list(mine) != list(real):
            raise Different("the lines are in another order")
        for name, line in real.items():
            compare_line(name, mine[name], line, find(name) if isinstance(name, bytes) else exactly)
        return NEAR

    def compare_line(name, mine, real, bound):
        if form(mine) != form(real):
            raise Different(f"shape: ours `{show(mine)}`, the kernel's `{show(real)}`")
        a, b = numbers(mine), numbers(real)
        bounds_of = bound if isinstance(bound, (list, tuple)) else [bound] * len(b)
        for i, (x, y) in enumerate(zip(a, b)):
            if not (bounds_of[i] if i < len(bounds_of) else default)(x, y):
                raise Different(f"value {i + 1}: ours `{show(mine)}`, the kernel's `{show(real)}`")

    return compare


def name_before(separator):
    """key for by_line(): what stands before the first separator."""

    def key(line):
        return line.split(separator, 1)[0].strip() if separator in line else None

    return key


def first_word(line):
    words = line.split(None, 1)
    return words[0] if words else None
