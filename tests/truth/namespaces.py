# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files of the report and of the truth are those of the same network namespace."""

import json
import re
import tarfile

LIST = "plugins/network_namespaces/network_namespaces.json"
OTHERS = "sos_commands/networking/namespaces/"


def of_truth(guest):
    """{number: folder} of the namespaces that the guest saved: of the first process of each."""
    with tarfile.open(guest.path / "truth.tar") as tar:
        links = {m.name: m.linkname for m in tar if m.issym() and re.fullmatch(r"proc/\d+/ns/net", m.name)}
    folders = [p for p in (guest.truth / "proc").glob("[0-9]*/net") if p.is_dir()]
    targets = {p: links.get(f"proc/{p.parent.name}/ns/net", "") for p in folders}
    return {int(t[5:-1]): f"proc/{p.parent.name}/net" for p, t in targets.items() if t.startswith("net:[")}


class Namespaces:
    """Of all but the initial one, whose files have the same paths in both."""

    def __init__(self, guest, archive):
        self.ours, self.theirs = {}, {}
        if LIST not in archive.paths:
            return
        folders = {x["inum"]: x["folder"] for x in json.loads(archive.read(LIST))["namespaces"]}
        for number, folder in of_truth(guest).items():
            report = folders.get(number, f"{OTHERS}{number}")
            self.ours[report], self.theirs[folder] = folder, report

    def truth(self, path):
        """Where the truth has this path of the report; None: it has nothing of that namespace."""
        if not path.startswith(OTHERS):
            return path
        parts = path.split("/")
        folder = self.ours.get("/".join(parts[:4]))
        return "/".join([folder, *parts[4:]]) if folder else None

    def report(self, path):
        """Where the report has, or should have, this path of the truth."""
        parts = path.split("/")
        folder = self.theirs.get("/".join(parts[:3]))
        return "/".join([folder, *parts[3:]]) if folder else path
