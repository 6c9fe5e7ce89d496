# SPDX-License-Identifier: GPL-2.0-or-later
"""The house keeps its order: a layer includes those above it in the list, never one below."""

import re

from conftest import ROOT

LAYERS = [
    "base", "image", "arch", "addr", "symbol", "debuginfo", "type", "object", "session", "kernel",
    "vmlinux", "archive", "plugin", "collect", "cli",
]


def includes(path):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)


def sources(folder):
    return sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".c", ".h"))


def test_every_layer_is_known():
    found = sorted(p.name for p in (ROOT / "src").iterdir() if p.is_dir())
    assert found == sorted(LAYERS)


def test_layers_include_upwards_only():
    wrong = []
    for layer in LAYERS:
        allowed = LAYERS[: LAYERS.index(layer) + 1]
        for path in sources(f"src/{layer}"):
            for name in includes(path):
                if "/" not in name or name.split("/")[0] not in allowed:
                    wrong.append(f"{path.relative_to(ROOT)} includes {name}")
    assert not wrong


def test_public_headers_stand_alone():
    for path in sources("include"):
        assert not includes(path), path
        for name in re.findall(r"#include\s+<([^>]+)>", path.read_text()):
            assert name.startswith("vmcore-report/") or name in (
                "stdbool.h", "stddef.h", "stdint.h",
            ), (path, name)


def test_plugins_and_emitters_use_base_and_kernel_helpers_only():
    for path in sources("plugins") + sources("emitters"):
        if path.parent.name == "python":  # what runs plugins is none
            continue
        for name in includes(path):
            shared = name.split("/")[0] in ("base", "kernel") or name in ("plugin/emitter.h", "object/memo.h")
            assert shared or (path.parent / name).exists(), (path, name)


def test_only_cli_prints_or_exits():
    wrong = []
    # _exit() ends a child process whose parent looks at its status.
    pattern = re.compile(r"(?<![\w.>])(printf|puts|putchar|perror|exit|abort)\s*\(")
    for layer in LAYERS[:-1]:
        for path in sources(f"src/{layer}"):
            code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
            code = re.sub(r'"(?:\\.|[^"\\])*"', '""', code)
            wrong += [f"{path.relative_to(ROOT)}: {m.group(1)}" for m in pattern.finditer(code)]
    assert not wrong


def test_every_file_says_its_license():
    tracked = [
        p
        for folder in ("include", "src", "plugins", "emitters", "tests", "bench", "scripts", ".ci")
        for p in (ROOT / folder).rglob("*")
        # data/ has what users have, as it is; JSON has no comments.
        if p.is_file() and p.suffix not in (".pyc", ".json") and p.name != "README.md" and p.parent.name != "data"
    ]
    missing = [str(p) for p in tracked if "SPDX-License-Identifier: GPL-2.0-or-later" not in p.read_text()[:400]]
    assert not missing
