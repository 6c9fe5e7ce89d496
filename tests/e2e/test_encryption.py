# SPDX-License-Identifier: GPL-2.0-or-later
"""Encrypted archives: that they decrypt to what would have been written, and that no passphrase is seen."""

import hashlib
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tarfile
import time

import pytest

from conftest import make_report, program_path, run_program

PASS = "correct horse; 'battery' \"staple\" %s $HOME"

pytestmark = pytest.mark.skipif(shutil.which("gpg") is None, reason="there is no gpg")


@pytest.fixture
def vmcore(guests):
    return guests("default").vmcore


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A keyring with one key; short, since an agent's socket is in it."""
    path = pathlib.Path(f"/tmp/gpg-{os.getpid()}")
    path.mkdir(mode=0o700)
    env = {**os.environ, "GNUPGHOME": str(path)}
    subprocess.run(
        ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "box@example.org", "rsa2048", "encrypt"],
        check=True, env=env, stderr=subprocess.DEVNULL,
    )
    subprocess.run(["gpgconf", "--kill", "all"], env=env)
    yield path
    subprocess.run(["gpgconf", "--kill", "all"], env=env)
    shutil.rmtree(path)


def left(path):
    return sorted(p.name for p in path.iterdir())


def run(vmcore, out, home, *args, env=None, check=True):
    return run_program(
        "--vmcore", vmcore, "--tmp-dir", out, "--batch", "-o", "tasks,kernel_info", *args, check=check,
        env={"GNUPGHOME": str(home), **(env or {})},
    )


def decrypt(path, home, passphrase=None):
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "-o", "-"]
    if passphrase is not None:
        command += ["--passphrase-fd", "0"]
    return subprocess.run(
        [*command, "-d", path], check=True, input=(passphrase or "").encode() + b"\n", stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "GNUPGHOME": str(home)},
    ).stdout


def unpack(data, path):
    path.write_bytes(data)
    with tarfile.open(path) as tar:
        return tar.getnames()[0], {
            m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()
        }


def the_archive(out, suffix=".tar.xz"):
    names = left(out)
    archive = out / names[0]
    assert re.fullmatch(r"secured-sosvmcore-crashbox-[-\d]+-[a-z]{7}" + re.escape(suffix) + r"\.gpg", names[0])
    assert names == [names[0], names[0] + ".sha256"]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert (out / names[1]).read_text() == digest + "\n"
    return archive


@pytest.mark.parametrize("kind, suffix", [("xz", ".tar.xz"), ("gzip", ".tar.gz"), ("none", ".tar"), ("zstd", ".tar.zst")])
def test_a_passphrase(vmcore, out, home, tmp_path, kind, suffix):
    result = run(vmcore, out, home, "--encrypt-pass", PASS, "-z", kind)
    archive = the_archive(out, suffix)
    assert f"\t{archive}\n" in result.stdout
    data = decrypt(archive, home, PASS)
    if kind == "zstd":
        data = subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    root, contents = unpack(data, tmp_path / "archive.tar")
    assert root == archive.name.removeprefix("secured-").removesuffix(suffix + ".gpg")
    plain = make_report(vmcore, tmp_path / "plain", "-o", "tasks,kernel_info")
    same = [x for x in plain.contents if not x.startswith(("sos_logs/", "sos_reports/"))]
    assert {k: contents[k] for k in same} == {k: plain.contents[k] for k in same}
    assert sorted(contents) == sorted(plain.contents)
    # Nobody is told.
    for secret in (PASS.encode(), b"battery"):
        assert not [k for k, v in contents.items() if secret in v]
    assert PASS not in result.stdout + result.stderr


def test_a_key(vmcore, out, home, tmp_path):
    run(vmcore, out, home, "--encrypt-key", "box@example.org")
    _, contents = unpack(decrypt(the_archive(out), home), tmp_path / "archive.tar")
    assert "plugins/tasks/tasks.txt" in contents


def test_a_key_that_is_none_leaves_nothing(vmcore, out, home):
    result = run(vmcore, out, home, "--encrypt-key", "nobody@example.org", check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(
        "Error: An error occurred encrypting the archive: Specified key not in keyring (gpg: "
    )
    assert left(out) == []


def test_no_gpg(vmcore, out, home):
    result = run(vmcore, out, home, "--encrypt-pass", "x", env={"PATH": "/nonexistent"}, check=False)
    assert result.returncode == 1
    assert result.stderr == "Error: The archive can't be encrypted: gpg is not installed\n"
    assert left(out) == []


def test_from_the_environment(vmcore, out, home, tmp_path):
    result = run(vmcore, out, home, "--encrypt", env={"SOSENCRYPTPASS": PASS})
    assert "Encryption passphrase set via environment variable\n" in result.stdout
    assert unpack(decrypt(the_archive(out), home, PASS), tmp_path / "a")[1]
    shutil.rmtree(out)
    out.mkdir()
    env = {"SOSENCRYPTPASS": PASS, "SOSENCRYPTKEY": "box@example.org"}
    result = run(vmcore, out, home, "--encrypt", env=env)
    assert "Encryption key set via environment variable\n" in result.stdout
    assert unpack(decrypt(the_archive(out), home), tmp_path / "a")[1]
    shutil.rmtree(out)
    out.mkdir()
    # Without --encrypt they are nothing; with it and without them it is said.
    run(vmcore, out, home, env=env)
    assert left(out)[0].startswith("sosvmcore-")
    shutil.rmtree(out)
    out.mkdir()
    result = run(vmcore, out, home, "--encrypt")
    assert result.stderr == "WARNING: No encryption environment variables set, archive will not be encrypted\n"
    assert left(out)[0].startswith("sosvmcore-")


def test_with_build_it_is_said(vmcore, out, home):
    result = run(vmcore, out, home, "--build", "--encrypt-pass", "x")
    assert "WARNING: Unable to encrypt when using --build. Encryption is only available for archives.\n" in result.stderr
    (name,) = left(out)
    assert (out / name / "version.txt").exists()


def test_from_the_configuration(vmcore, out, home, tmp_path):
    (tmp_path / "conf").write_text("[global]\nencrypt-pass = hush\n")
    run(vmcore, out, home, "--config-file", tmp_path / "conf")
    assert unpack(decrypt(the_archive(out), home, "hush"), tmp_path / "a")[1]


@pytest.mark.parametrize(
    "args, words",
    [
        (("--encrypt", "--encrypt-pass", "x"), "argument --encrypt-pass: not allowed with argument --encrypt"),
        (("--encrypt", "--encrypt-key=x"), "argument --encrypt-key: not allowed with argument --encrypt"),
        (("--encrypt-pass=x", "--encrypt-key=x"), "argument --encrypt-pass: not allowed with argument --encrypt-key"),
    ],
)
def test_one_way_at_a_time(args, words):
    result = run_program("--vmcore", "x", *args, check=False)
    assert result.returncode == 2 and words in result.stderr


# Who may look on


def look(found):
    """What every process says of itself, as far as it names us or gpg."""
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes()
            if b"vmcore-report" in command or b"gpg" in command:
                found.append((path.name, command, (path / "environ").read_bytes()))
        except OSError:
            pass


@pytest.mark.parametrize("how", ["argument", "joined", "environment"])
def test_the_list_of_processes_shows_no_passphrase(vmcore, out, home, how):
    secret = "s3cr3t-passphrase-of-the-test"
    args, env = {
        "argument": (["--encrypt-pass", secret], {}),
        "joined": ([f"--encrypt-pass={secret}"], {}),
        "environment": (["--encrypt"], {"SOSENCRYPTPASS": secret}),
    }[how]
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, "--batch", *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "GNUPGHOME": str(home), **env},
    )
    # Where it says this its command line and its environment are read.
    said = b""
    while b"Setting up archive" not in said:
        said += os.read(process.stdout.fileno(), 1)
    found = []
    while process.poll() is None:
        look(found)
        if select.select([process.stdout], [], [], 0)[0]:
            said += os.read(process.stdout.fileno(), 65536)
    ours = [x for x in found if str(out).encode() in x[1]]
    gpg = [x for x in found if b"--passphrase-fd" in x[1]]
    assert process.returncode == 0 and ours and gpg
    for _, command, environment in ours + gpg:
        assert secret.encode() not in command + environment
    assert secret.encode() not in said + process.stderr.read()
    _, contents = unpack(decrypt(the_archive(out), home, secret), out / "archive.tar")
    assert not [k for k, v in contents.items() if secret.encode() in v]


@pytest.mark.parametrize("ms", [30, 100, 250, 500])
def test_interrupted(vmcore, out, home, ms):
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, "--batch", "--encrypt-pass", "x"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "GNUPGHOME": str(home)},
    )
    time.sleep(ms / 1000)
    # As the terminal does: the whole group.
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (0, 130, -signal.SIGINT), stderr
    if process.returncode == 130:
        assert b"Exiting on user cancel\n" in stderr
    if process.returncode:
        assert left(out) == []


# Asked on a terminal


def talk(vmcore, out, home, *answers):
    """Run it on a terminal and answer what it asks. All that the terminal showed, and the status."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [program_path(), "--vmcore", vmcore, "--tmp-dir", out, "-o", "tasks", "--encrypt"],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "GNUPGHOME": str(home), "SOSENCRYPTPASS": "env", "NO_COLOR": "1"},
        start_new_session=True,
    )
    os.close(slave)
    text, waiting = b"", list(answers)
    while select.select([master], [], [], 60)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
        if waiting and text.endswith(waiting[0][0].encode() + b": "):
            answer = waiting.pop(0)[1]
            if answer is None:
                process.send_signal(signal.SIGINT)
            else:
                time.sleep(0.05)
                os.write(master, answer.encode() + b"\n")
    os.close(master)
    return text.decode().replace("\r", ""), process.wait(timeout=60)


METHOD = "[P]assphrase, [K]ey, [E]nv vars, [N]o encryption"


def test_asked_for_a_passphrase(vmcore, out, home, tmp_path):
    text, status = talk(
        vmcore, out, home, (METHOD, "x"), (METHOD, "p"), ("Specify encryption passphrase", "sotto voce")
    )
    assert status == 0, text
    # It is not shown while it is typed.
    assert "sotto" not in text
    assert unpack(decrypt(the_archive(out), home, "sotto voce"), tmp_path / "a")[1]


def test_asked_for_a_key(vmcore, out, home, tmp_path):
    text, status = talk(vmcore, out, home, (METHOD, "K"), ("Specify encryption key", "box@example.org"))
    assert status == 0, text
    assert unpack(decrypt(the_archive(out), home), tmp_path / "a")[1]


def test_asked_and_told_to_look_or_not_to(vmcore, out, home, tmp_path):
    assert talk(vmcore, out, home, (METHOD, "e"))[1] == 0
    assert unpack(decrypt(the_archive(out), home, "env"), tmp_path / "a")[1]
    shutil.rmtree(out)
    out.mkdir()
    text, status = talk(vmcore, out, home, (METHOD, "n"))
    assert status == 0 and "Archive will not be encrypted\n" in text
    assert left(out)[0].startswith("sosvmcore-")


def test_asked_and_interrupted(vmcore, out, home):
    for answers in ([(METHOD, None)], [(METHOD, "p"), ("Specify encryption passphrase", None)]):
        text, status = talk(vmcore, out, home, *answers)
        assert status == 130 and "Exiting on user cancel\n" in text
        assert left(out) == []
