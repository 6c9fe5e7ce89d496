# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual machine: QEMU, and what its console says."""

import re
import subprocess
import tempfile
import time

from . import GuestError
from .host import tool
from .monitor import Monitor

# What inside/* prints on the console, one stage after the other.
MARK = re.compile(rb"GUEST: ([a-z ]+)")
PANIC = re.compile(rb"Kernel panic - not syncing: ([^\r\n]*)")
# The last thing that a kernel without crash kernel says.
HALT = re.compile(rb"---\[ end Kernel panic - not syncing")
# A kernel that says one of these on its own account died of the emulation.
DEATH = re.compile(rb"Kernel panic|BUG: |Oops: |general protection fault|GUEST: failed[^\r\n]*")

# The stages, in order, and what the user is told when one begins.
STAGES = (
    "booting",
    "at work",
    "saving the truth",
    "crashing",
    "in the crash kernel",
    "saving the dump",
    "done",
)


# Seconds without a byte on the console, by stage, and in all, after which a
# machine is given up. Emulation does hang at times, mostly at boot, where the
# kernel is talkative and a few seconds of silence are many. Later inside/*
# prints dots.
SILENCE = {"booting": 45, "crashing": 90}
SILENCE_ELSE = 120
TOTAL = 900


class Died(GuestError):
    """The machine died or hung where it should not have: worth a retry."""


class Console:
    """Follows the console log and knows the stage that the machine is in."""

    def __init__(self, log, say):
        self.stage = "booting"
        self.begun = {"booting": time.monotonic()}
        self.last_output = time.monotonic()
        #: the kernel has panicked and waits for nothing
        self.halted = False
        self._say = say
        self._log = log
        self._text = b""
        self._scanned = 0

    def read(self):
        """Takes in what is new; raises Died if the kernel died."""
        new = self._log.read()
        if not new:
            return
        self.last_output = time.monotonic()
        self._text += new
        # Only whole lines: the rest of a line may be the half of a mark.
        end = self._text.rfind(b"\n") + 1
        for line in self._text[self._scanned : end].splitlines():
            self._line(line)
        self._scanned = end

    def _line(self, line):
        panic = PANIC.search(line)
        if self.stage == "crashing" and HALT.search(line):
            self.halted = True
            return
        if self.stage == "crashing" and panic:
            self._say(f"panicked: {panic[1].decode(errors='replace')}")
            return
        if self.stage not in ("crashing", "done") and DEATH.search(line):
            raise Died(f"died while {self.stage}: {line.decode(errors='replace').strip()}")
        mark = MARK.search(line)
        if mark and mark[1].decode() in STAGES:
            self.enter(mark[1].decode())

    def enter(self, stage):
        """A stage begins; raises Died if it isn't its turn."""
        # A kernel that dies of the emulation may do so without a word.
        if stage == "in the crash kernel" and self.stage != "crashing":
            raise Died(f"crashed while {self.stage}")
        self.stage = stage
        self.begun[stage] = time.monotonic()
        if stage not in ("crashing", "done"):
            self._say(stage)

    def durations(self, end):
        """{stage: seconds}"""
        marks = [*self.begun.items(), ("end", end)]
        return {
            stage: round(after - begun, 1)
            for (stage, begun), (_, after) in zip(marks, marks[1:])
            if stage != "done"
        }


def command(variant, kernel_image, initramfs, disks, console_log):
    """QEMU's command line. Disks are raw images, seen as vda, vdb, ..."""
    after = "crashkernel=256M panic=10" if variant.saved_by == "kexec" else "panic=0"
    kernel_arguments = (
        f"console=ttyS0 loglevel=7 printk.time=1 {after}"
        # the kernel ignores these; inside/* reads them
        f" guest.crash={variant.crash} guest.dump={variant.dump_options.replace(' ', ',')}"
        f" guest.elf={variant.elf_options.replace(' ', ',')}"
        f" guest.holed={variant.holed_options.replace(' ', ',')} guest.crowd={variant.crowd}"
        f" guest.shares={int(variant.shares)}"
    )
    words = [
        # QEMU doesn't outlive us, however we end.
        tool("setpriv"), "--pdeathsig", "KILL",
        tool("qemu-system-x86_64"),
        "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
        "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", variant.cpu,
        "-smp", "2", "-m", "768M",
        "-kernel", kernel_image, "-initrd", initramfs, "-append", kernel_arguments,
        "-chardev", f"file,id=console,path={console_log}", "-serial", "chardev:console",
        "-device", "virtio-rng-pci",
        "-netdev", "user,id=net,restrict=on,ipv6=off",
        "-device", "virtio-net-pci,netdev=net,romfile=,mac=52:54:00:63:72:61",
    ]  # fmt: skip
    if variant.saved_by == "qemu" and variant.vmcoreinfo:
        words += ["-device", "vmcoreinfo"]
    for name, image in disks.items():
        words += [
            "-drive", f"if=none,id={name},format=raw,cache=unsafe,file={image}",
            "-device", f"virtio-blk-pci,drive={name},serial={name}",
        ]  # fmt: skip
    return [str(word) for word in words]


def run(words, console_log, say, dump=None):
    """Runs a machine until it powers off; returns {stage: seconds}.

    If dump names a file, the machine's memory is saved there when its kernel
    has panicked, and the machine ended.
    """
    console_log.write_bytes(b"")
    with open(console_log, "rb") as log, tempfile.TemporaryFile() as messages:
        console = Console(log, say)
        start = time.monotonic()
        monitor = Monitor()
        process = subprocess.Popen(
            [*words, *monitor.arguments()], pass_fds=monitor.descriptors(),
            stdin=subprocess.DEVNULL, stdout=messages, stderr=messages,
        )  # fmt: skip
        try:
            while process.poll() is None:
                console.read()
                if console.halted and dump and console.stage == "crashing":
                    console.enter("saving the dump")
                    monitor.dump(dump)
                    console.enter("done")
                    monitor.end()
                    process.wait(SILENCE_ELSE)
                now = time.monotonic()
                silence = SILENCE.get(console.stage, SILENCE_ELSE)
                if now - console.last_output > silence:
                    raise Died(f"silent for {silence} s while {console.stage}")
                if now - start > TOTAL:
                    raise Died(f"not done after {TOTAL} s, still {console.stage}")
                time.sleep(0.1)
            console.read()
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Died(f"QEMU's monitor fails while {console.stage}: {error}") from error
        finally:
            process.kill()
            process.wait()
            monitor.close()
        if process.returncode != 0:
            messages.seek(0)
            said = messages.read().decode(errors="replace").strip()
            raise Died(f"QEMU ended with {process.returncode} while {console.stage}: {said}")
    if console.stage != "done":
        raise Died(f"went off while {console.stage}")
    return console.durations(time.monotonic())
