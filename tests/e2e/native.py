# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins that tests build as anybody outside of the tree would."""

import os
import subprocess

from conftest import ROOT

INCLUDE = ROOT / "include"

HEAD = """
#include <vmcore-report/plugin.h>
"""


def build(folder, name, source, include=INCLUDE, flags=()):
    """Compile a plugin into folder/name.so, with all that a careful author switches on."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.c"
    path.write_text(source)
    command = [
        os.environ.get("CC", "cc"), "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", f"-I{include}",
        "-Wl,-z,defs", *flags, "-o", str(folder / f"{name}.so"), str(path),
    ]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout[:4000]
    return folder / f"{name}.so"


def plugin(name, body, before="", fields=""):
    """The source of a plugin whose collect() does body."""
    return f"""{HEAD}{before}
static void collect(struct vr_run *run, struct vr_program *prog)
{{
	(void)run;
	(void)prog;
{body}
}}

VR_PLUGIN(.name = "{name}", .description = "a test's", {fields} .collect = collect)
"""
