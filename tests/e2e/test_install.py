# SPDX-License-Identifier: GPL-2.0-or-later
"""`make install`, and what is installed as others use it: moved, with plugins built against it."""

import os
import re
import shutil
import subprocess

import pytest

import native
from conftest import ROOT, make_report, run_program
from test_plugin_docs import files


def make_install(build, **variables):
    words = [f"{k}={v}" for k, v in variables.items()]
    # Without `build`, which would install packages: what is there is what is to be installed.
    result = subprocess.run(
        ["make", "-C", str(ROOT), "install-files", f"BUILD={build}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
    )
    assert result.returncode == 0, result.stdout[-4000:]


def pkg_config(root, *args, sysroot=None):
    env = {**os.environ, "PKG_CONFIG_PATH": str(root / "lib" / "pkgconfig")}
    if sysroot:
        env["PKG_CONFIG_SYSROOT_DIR"] = str(sysroot)
    return subprocess.run(
        ["pkg-config", *args, "vmcore-report"], env=env, text=True, check=True, stdout=subprocess.PIPE
    ).stdout.split()


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A build folder of our own: `make install` changes the options of the one that it is given."""
    path = tmp_path_factory.mktemp("build")
    subprocess.run(["meson", "setup", path, ROOT], check=True, stdout=subprocess.DEVNULL)
    return path


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    """The program installed with a prefix below a DESTDIR, as a packager does it: (stage, prefix)."""
    stage = tmp_path_factory.mktemp("stage")
    make_install(build, prefix="/opt/vmcore", DESTDIR=stage)
    return stage, "/opt/vmcore"


@pytest.fixture(scope="module")
def root(installed):
    stage, prefix = installed
    return stage / prefix.lstrip("/")


def test_what_is_installed(installed, root):
    stage, _ = installed
    # Nothing outside of the prefix.
    assert [p.name for p in stage.iterdir()] == ["opt"]
    assert (root / "bin" / "vmcore-report").exists()
    headers = {p.name for p in (ROOT / "include" / "vmcore-report").iterdir()}
    assert {p.name for p in (root / "include" / "vmcore-report").iterdir()} == headers
    assert (root / "lib" / "vmcore-report" / "plugins").is_dir()
    assert (root / "share" / "doc" / "vmcore-report" / "plugins.md").exists()
    assert (root / "share" / "man" / "man1" / "vmcore-report.1").exists()
    assert (root / "share" / "man" / "man7" / "vmcore-report-plugin.7").exists()
    assert (root / "share" / "bash-completion" / "completions" / "vmcore-report").exists()


def test_no_place_is_built_in(build, installed, root):
    """Neither where it was built nor where it was meant to go is in the program."""
    stage, prefix = installed
    # Debug information has the sources' paths.
    stripped = root.parent / "stripped"
    subprocess.run(["strip", "-o", stripped, root / "bin" / "vmcore-report"], check=True)
    program = stripped.read_bytes()
    for path in (str(stage), prefix + "/", f"{build}/"):
        assert path.encode() not in program, path


def build_hello(root, folder, *flags):
    folder.mkdir()
    (folder / "hello.c").write_text(files()["hello"])
    subprocess.run(
        ["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", *flags, "-o", "hello.so", "hello.c"],
        cwd=folder, check=True,
    )
    return folder / "hello.so"


def test_a_plugin_built_with_pkg_config_runs_from_the_installed_folder(installed, root, guests, tmp_path):
    stage, prefix = installed
    flags = pkg_config(root, "--cflags", sysroot=stage)
    assert flags == [f"-I{root}/include"]
    (plugins,) = pkg_config(root, "--variable=plugindir")
    assert plugins == f"{prefix}/lib/vmcore-report/plugins"
    shared = build_hello(root, tmp_path / "src", *flags)
    shutil.copy(shared, stage / plugins.lstrip("/"))
    program = root / "bin" / "vmcore-report"
    assert re.search(r"^ hello ", run_program("--list-plugins", program=program).stdout, re.M)
    report = make_report(guests("default").vmcore, tmp_path / "out", program=program)
    assert "plugins/hello/processes.txt" in report.contents
    # Moved as a whole it goes on working; a symbolic link to the program is no other place.
    moved = tmp_path / "elsewhere"
    shutil.copytree(root, moved)
    link = tmp_path / "vmcore-report"
    link.symlink_to(moved / "bin" / "vmcore-report")
    assert re.search(r"^ hello ", run_program("--list-plugins", program=link).stdout, re.M)


def test_one_of_plugin_dir_comes_before_one_that_is_installed(installed, root, tmp_path):
    plugins = root / "lib" / "vmcore-report" / "plugins"
    native.build(plugins, "twin", native.plugin("twin", "", fields='.description = "installed",'))
    native.build(tmp_path, "other", native.plugin("twin", "", fields='.description = "mine",'))
    (plugins / "twin.c").unlink()
    program = root / "bin" / "vmcore-report"
    assert re.search(r"^ twin +installed$", run_program("--list-plugins", program=program).stdout, re.M)
    said = run_program("--list-plugins", "--plugin-dir", tmp_path, program=program).stdout
    assert re.search(r"^ twin +mine$", said, re.M)
    assert f"plugins/twin.so: the name `twin` is taken by {tmp_path}/other.so\n" in said
    (plugins / "twin.so").unlink()


def test_directory_variables_are_followed(build, tmp_path):
    make_install(build, prefix=tmp_path / "usr", libdir=tmp_path / "usr/lib64", datarootdir=tmp_path / "data")
    assert (tmp_path / "usr/lib64/vmcore-report/plugins").is_dir()
    assert (tmp_path / "data/doc/vmcore-report/plugins.md").exists()
    native.build(tmp_path / "usr/lib64/vmcore-report/plugins", "far", native.plugin("far", ""))
    said = run_program("--list-plugins", program=tmp_path / "usr/bin/vmcore-report").stdout
    assert re.search(r"^ far ", said, re.M)
