# SPDX-License-Identifier: GPL-2.0-or-later
"""
The base class of plugins in Python.

    from sos.vmcore_report.plugin import DrgnPluginBase

    class SlabBrief(DrgnPluginBase):
        description = "number of slab caches"

        def collect(self, prog):
            from drgn.helpers.linux.slab import for_each_slab_cache
            self.write_text("count.txt", f"{len(list(for_each_slab_cache(prog)))}\n")

A plugin is one file with one such class. vmcore-report calls check_enabled(), setup() and collect(),
each with a drgn.Program of the dump, in a process of the plugin's own.
"""

import json
import logging
import os

from sos.vmcore_report.helpers import (  # noqa: F401, for plugins to import from here
    for_each_cpu_best_effort,
    per_cpu_symbol,
    to_text,
)
from sos.vmcore_report.names import snake_case

__all__ = ["DrgnPluginBase", "PluginOpt", "for_each_cpu_best_effort", "per_cpu_symbol", "to_text"]


def name_of(cls):
    """The name of a plugin class: plugin_name, else the class's name in snake_case."""
    if cls.plugin_name:
        return str(cls.plugin_name)
    return snake_case(cls.__name__)


class PluginOpt:
    """
    An option of a plugin, which users set with "-k plugin.name=value". Its values are of the type of
    default, or of val_type (bool, int or str): a plugin's option_list has these.
    """

    def __init__(self, name="undefined", default=None, desc="", long_desc="", val_type=None):
        self.name = name
        self.default = default
        self.desc = desc
        self.long_desc = long_desc
        self.val_type = val_type


class DrgnPluginBase:
    """
    Subclass it and define collect(). Attributes of an instance:

    outdir   "plugins/<plugin name>": where the write_...() helpers put files, within the archive
    logger   a logging.Logger; warnings and errors go to the plugin's own log in the archive
    archive  add_string(content, path, mode="w"): a file anywhere in the archive
    """

    #: The plugin's name; by default the class's, in snake_case.
    plugin_name = None
    #: One line for --list-plugins.
    description = ""
    #: False: runs only when asked for by --enable-plugins or --only-plugins.
    default_enabled = True
    #: True: runs only with --experimental, or when asked for by name.
    experimental = False
    #: What can be set: a list of PluginOpt.
    option_list = []

    _options_set = {}

    def __init__(self, outdir=None, logger=None, archive=None):
        name = name_of(type(self))
        if not outdir:
            outdir = os.path.join("plugins", name)
        elif outdir != "plugins" and not outdir.startswith("plugins" + os.sep):
            outdir = os.path.join("plugins", outdir.lstrip(os.sep))
        self.outdir = outdir
        self.logger = logger or logging.getLogger(f"sos.vmcore_report.{name}")
        self.archive = archive

    def check_enabled(self, prog):
        """Is there anything to do on this dump? False, or an exception: the plugin is inactive."""
        return True

    def setup(self, prog):
        """Called once before collect()."""

    def collect(self, prog):
        """Does the work."""
        raise NotImplementedError(f"{type(self).__name__} has no collect()")

    def get_option(self, optionname, default=0):
        """An option of option_list: what the user set, else its default; default where it has none."""
        if optionname in self._options_set:
            return self._options_set[optionname]
        for option in self.option_list:
            if option.name == optionname and option.default is not None:
                return option.default
        return default

    # Files below plugins/<plugin name>/. mode "w" writes anew, "a" goes on with what was written.

    def write_text(self, relpath, content, mode="w"):
        """A text file; bytes are written as they are."""
        self.archive.add_string(content, os.path.join(self.outdir, relpath), mode=mode)

    def write_json(self, relpath, obj, mode="w"):
        """obj as JSON; what json doesn't know is written as its str()."""
        self.write_text(relpath, json.dumps(obj, indent=2, default=str) + "\n", mode=mode)

    def write_lines(self, relpath, lines, mode="w"):
        """Each of lines with a newline behind it."""
        self.write_text(relpath, "".join(f"{to_text(line)}\n" for line in lines), mode=mode)

    # What the reader of the report should see first; beyond what sos's own plugins have.

    def add_alert(self, text):
        """A finding that the reader should see first."""
        self.archive.message("alert", text)

    def add_note(self, text):
        """A finding that the reader should know."""
        self.archive.message("note", text)
