# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins that were compiled long ago, or against a program of the future."""

import re
import subprocess

import pytest

import native
from conftest import ROOT, make_report, run_program

FROZEN = sorted((ROOT / "tests" / "abi").glob("api-*"))
NOW = ROOT / "include"


def code(include):
    """All of a version's public headers, without comments."""
    texts = [p.read_text() for p in sorted((include / "vmcore-report").glob("*.h"))]
    return re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.S)


def functions(include):
    """{name: prototype}, from the headers' text."""
    text = re.sub(r"^\s*#(?:.*\\\n)*.*$", "", code(include), flags=re.M)
    found = re.findall(r"^VR_API\b([^;{]*?(\w+)\s*\([^;]*\)[^;]*);", text, re.M)
    return {name: " ".join(prototype.split()) for prototype, name in found}


def structs(include):
    """{name: fields}, those whose layout a plugin sees."""
    found = {}
    for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", code(include), re.M | re.S):
        if name == "vr_host":
            continue
        fields = []
        for declaration in body.split(";"):
            pointer = re.search(r"\(\*(\w+)\)\(", declaration)
            fields += [pointer.group(1)] if pointer else re.findall(r"(\w+)(?:\[\w+\])?\s*(?:,|$)", declaration.strip())
        found[name] = fields
    return found


def enumerators(include):
    bodies = re.findall(r"^enum \w+ \{(.*?)\};", code(include), re.M | re.S)
    return [x for body in bodies for x in re.findall(r"\b(VR_\w+)\b", body)]


def layout(include, tmp_path):
    """{what: number} as a compiler sees it: sizes, offsets, values."""
    lines = []
    for name, fields in structs(include).items():
        lines.append(f'P("sizeof {name}", sizeof(struct {name}))')
        lines += [f'P("{name}.{x}", offsetof(struct {name}, {x}))' for x in fields]
    lines += [f'P("vr_host.{x}", offsetof(struct vr_host, {x}))' for x in ("size", "api", *functions(include))]
    lines += ['P("sizeof vr_host", sizeof(struct vr_host))', 'P("api", VR_PLUGIN_API)']
    lines += [f'P("{x}", {x})' for x in enumerators(include)]
    source = tmp_path / "layout.c"
    source.write_text(
        "#define VR_BUILTIN\n#include <stdio.h>\n#include <vmcore-report/host.h>\n"
        '#define P(what, value) printf("%s=%lld\\n", what, (long long)(value));\n'
        "int main(void)\n{\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
    )
    subprocess.run(["cc", f"-I{include}", "-o", tmp_path / "layout", source], check=True)
    out = subprocess.run([tmp_path / "layout"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {k: int(v) for k, v in (x.split("=") for x in out.splitlines())}


def test_the_table_has_every_function():
    names = functions(NOW)
    text = (NOW / "vmcore-report" / "host.h").read_text()
    assert len(names) > 100
    assert sorted(re.findall(r"X\((vr_\w+)\)", text)) == sorted(names)
    assert sorted(re.findall(r"^#define (vr_\w+) \(vr_host_->\1\)$", text, re.M)) == sorted(names)


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda p: p.name)
def test_the_headers_only_ever_grow(frozen, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    old, new = layout(frozen / "include", tmp_path / "a"), layout(NOW, tmp_path / "b")
    assert len(old) > 150
    growing = ("sizeof vr_plugin", "sizeof vr_host", "api")
    assert {k: new.get(k) for k in old if k not in growing} == {k: v for k, v in old.items() if k not in growing}
    assert all(new[k] >= old[k] for k in growing)
    was, is_now = functions(frozen / "include"), functions(NOW)
    assert {k: is_now.get(k) for k in was} == was


def test_the_last_version_is_frozen(tmp_path):
    """A change of the API needs a new minor version, and a copy of its headers in tests/abi."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert layout(FROZEN[-1] / "include", tmp_path / "a") == layout(NOW, tmp_path / "b")
    assert functions(FROZEN[-1] / "include") == functions(NOW)


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda p: p.name)
def test_plugins_of_earlier_versions_run(frozen, guest, tmp_path):
    source = (frozen / "plugin.c").read_text()
    native.build(tmp_path, "old_one", source, include=frozen / "include")
    report = make_report(guest.vmcore, tmp_path / "out", "--plugin-dir", tmp_path, "-o", "old_one")
    plugin = report.manifest()["components"]["report"]["plugins"]["old_one"]
    assert (plugin["status"], plugin["reason"]) == ("ok", "")
    assert plugin["notes"] == ["no symbol `no_such_symbol`"]
    assert report.text("plugins/old_one/values.txt").splitlines() == [
        "comm swapper/0", "pid 0", "again 1", "size 1", "spelled struct task_struct", "member 1", "absent absent",
        f"symbol init_task+0x0/0x{symbol_size(report):x}", "end",
    ]
    files = {x["specification"]: x for x in plugin["files"]}
    rows = files["plugins/old_one/rows.txt"]
    assert report.text("plugins/old_one/rows.txt") == "row 0\nrow 2\n"
    assert (rows["status"], rows["rows_dropped"], rows["reason"]) == (
        "partial", 1, "1 of 3 rows dropped, the first: row 1 is bad",
    )
    assert files["plugins/old_one/values.txt"]["source"] == "init_task"
    assert files["plugins/old_one/never.txt"]["reason"] == "told so"
    walks = report.json("plugins/old_one/walks.json")
    tasks = guest.tasks()
    assert abs(walks["processes"] - len({r["tgid"] for r in tasks.values()})) <= 3
    assert walks["cpus"] >= 1 and walks["pids"] >= walks["processes"] and walks["stack"]
    modules = {x.split()[0] for x in (guest.truth / "proc" / "modules").read_text().splitlines()}
    assert set(walks["modules"]) == modules
    assert "[WARN] a warning, number 1" in report.text("sos_logs/old_one-plugin-errors.txt")
    if "vr_option_text" in functions(frozen / "include"):
        assert report.text("plugins/old_one/options.txt") == "1 3 ''\n"


def test_options_reach_a_plugin_that_was_compiled_elsewhere(guests, tmp_path):
    source = (FROZEN[-1] / "plugin.c").read_text()
    native.build(tmp_path, "old_one", source, include=FROZEN[-1] / "include")
    options = "old_one.loud=no,old_one.depth=-12", "-k", "old_one.word=a=b c"
    report = make_report(
        guests("default").vmcore, tmp_path / "out", "--plugin-dir", tmp_path, "-o", "old_one", "-k", *options
    )
    assert report.text("plugins/old_one/options.txt") == "0 -12 'a=b c'\n"
    assert "Set old_one plugin option depth to -12" in report.text("sos_logs/sos.log")
    listed = run_program("-l", "--plugin-dir", tmp_path, "-k", *options).stdout
    assert re.search(r"^ old_one\.depth +-12 +how far$", listed, re.M)
    assert re.search(r"^ old_one\.loud +off +or not$", listed, re.M)


BAD_OPTIONS = {
    "wild": "(const struct vr_plugin_option *)8",
    "endless": "endless",
    "unnamed": "unnamed",
}


def test_options_that_are_declared_wrong_cost_their_plugin(tmp_path):
    for name, options in BAD_OPTIONS.items():
        before = (
            '#define O {.name = "x"}\n#define O8 O, O, O, O, O, O, O, O\n'
            "static const struct vr_plugin_option endless[] = {O8, O8, O8, O8, O8, O8, O8, O8};\n"
            'static const struct vr_plugin_option unnamed[] = {{.name = "No Name"}, {NULL}};\n'
            "const void *keep(void);\nconst void *keep(void) { return endless[0].name ? endless : unnamed; }\n"
        )
        native.build(tmp_path, name, native.plugin(name, "", before=before, fields=f".options = {options},"))
    said = run_program("-l", "--plugin-dir", tmp_path).stdout
    failed = said[said.index("could not be loaded") :]
    assert "wild.so: it crashes (SIGSEGV) when it is loaded" in failed
    assert "endless.so: its list of options has no end, or more than 63" in failed
    assert "unnamed.so: `No Name` is no name for an option" in failed


def symbol_size(report):
    """Of init_task, as the plugin saw it: it isn't the test's business."""
    return int(re.search(r"init_task\+0x0/0x(\w+)", report.text("plugins/old_one/values.txt")).group(1), 16)


# Descriptors of other programs

REFUSED = {
    "next_major": (
        ".api = 2 << 16 | 3,", "made for plugin API 2.3; this vmcore-report has 1.1",
    ),
    "no_major": (".api = 0,", "made for plugin API 0.0; this vmcore-report has 1.1"),
    "too_short": (".size = 88,", "its descriptor has 88 bytes, that of plugin API 1.0 has 96"),
    "too_long": (".size = 4096,", "its descriptor says that it has 4096 bytes, the file has 104"),
    "wants_more": (
        ".api = 1 << 16 | 7, .host_size = sizeof(struct vr_host) + 3 * sizeof(void *),",
        "made for plugin API 1.7, which has 3 functions more than 1.1, this vmcore-report's",
    ),
    "no_place": (".host = NULL,", "its descriptor has no place for our functions (host)"),
}

# What a later version's header would make of VR_PLUGIN(): fields that this program doesn't know.
LATER = (
    native.HEAD
    + """
struct later {
	struct vr_plugin now;
	const char *motto;
	void (*finish)(void);
};

static void collect(struct vr_run *run, struct vr_program *prog)
{
	(void)prog;
	vr_write_text(run, "x", "later\\n");
}

const struct vr_host *vr_host_;
VR_API extern const struct later vr_plugin_descriptor;
const struct later vr_plugin_descriptor = {
	.now = {.size = sizeof(struct later), .api = VR_PLUGIN_API + 1, .host_size = sizeof(struct vr_host),
		.host = &vr_host_, .name = "later", .default_enabled = true, .collect = collect},
	.motto = "not for you", .finish = (void (*)(void))8};
"""
)


def test_descriptors_that_are_refused_and_one_that_is_not(guests, tmp_path):
    for name, (fields, _) in REFUSED.items():
        native.build(tmp_path, name, native.plugin(name, "", fields=fields))
    native.build(tmp_path, "later", LATER)
    report = make_report(guests("default").vmcore, tmp_path / "out", "--plugin-dir", tmp_path, "-o", "later")
    facts = report.manifest()["components"]["report"]
    assert facts["plugins_not_loaded"] == {f"{tmp_path}/{k}.so": v[1] for k, v in REFUSED.items()}
    assert facts["plugins"]["later"]["status"] == "ok"
    assert report.text("plugins/later/x") == "later\n"


def test_a_plugin_of_two_files(tmp_path):
    """Every file of a plugin may call; one of them has the descriptor."""
    (tmp_path / "helper.c").write_text(
        "#include <vmcore-report/json.h>\nvoid help(struct vr_run *run);\n"
        'void help(struct vr_run *run)\n{\n	vr_note(run, "helped");\n}\n'
    )
    native.build(
        tmp_path, "two", native.plugin("two", "	help(run);", before="void help(struct vr_run *run);\n"),
        flags=[str(tmp_path / "helper.c")],
    )
    assert re.search(r"^ two ", run_program("--list-plugins", "--plugin-dir", tmp_path).stdout, re.M)
    symbols = subprocess.run(
        ["nm", "-D", tmp_path / "two.so"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    assert [x.split()[-1] for x in symbols.splitlines() if "vr_" in x] == ["vr_plugin_descriptor"]
