# SPDX-License-Identifier: GPL-2.0-or-later
"""The recipe that makes a real crash dump; see ../README.md."""


class GuestError(Exception):
    """Something that the caller is told in one line."""
