# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of plugins; needs neither drgn nor a plugin."""

import re


def snake_case(name):
    """A class's name as a plugin's: "HTTPStats" is "http_stats"."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()
