# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor (QMP), for what can only be done from outside the machine."""

import json
import socket

# Seconds; saving the memory takes a few.
PATIENCE = 300


class Monitor:
    """One machine's monitor, over a pair of sockets: no name, no port."""

    def __init__(self):
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(PATIENCE)
        self._lines = self._ours.makefile("r", encoding="utf-8")
        self._greeted = False

    def arguments(self):
        """What QEMU's command line needs."""
        connection = f"socket,id=monitor,fd={self._theirs.fileno()}"
        return ["-chardev", connection, "-mon", "chardev=monitor,mode=control"]

    def descriptors(self):
        """What QEMU has to inherit."""
        return (self._theirs.fileno(),)

    def _command(self, name, **arguments):
        request = {"execute": name, "arguments": arguments}
        self._ours.sendall(json.dumps(request).encode() + b"\n")
        for line in self._lines:
            answer = json.loads(line)
            if "error" in answer:
                raise OSError(f"{name}: {answer['error'].get('desc')}")
            if "return" in answer:
                return
        raise OSError(f"{name}: no answer")

    def _begin(self):
        if not self._greeted:
            self._greeted = True
            self._command("qmp_capabilities")

    def dump(self, path):
        """Saves the machine's memory as `dump-guest-memory -z` does."""
        self._begin()
        self._command("stop")
        self._command(
            "dump-guest-memory", paging=False, protocol=f"file:{path}", format="kdump-zlib"
        )

    def end(self):
        """Ends the machine."""
        self._begin()
        self._command("quit")

    def close(self):
        """Lets go of it."""
        self._lines.close()
        self._ours.close()
        self._theirs.close()
