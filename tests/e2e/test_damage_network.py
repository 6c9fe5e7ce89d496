# SPDX-License-Identifier: GPL-2.0-or-later
"""
Sockets, routes, devices, mounts and sysctl tables that lie: each costs a row or a file, with its
reason, and never the run. As test_damage.py, with sanitizers.
"""

import random
import re
import struct

import pytest

from damage import (  # noqa: F401
    KERNEL_POINTER,
    Memory,
    damaged,
    every_plugin_ended,
    files,
    report_on,
    run_on,
    u32,
    u64,
    victim,
)

# What is looked at here, and no more than a process or two of it.
PROC = ("--only-plugins", "vmcore_procfs", "--pids", "2")
AF_INET = 2
# include/net/af_unix.h
UNIX_HASH_SIZE = 512


@pytest.fixture
def machine(damaged):
    return Machine(*damaged)


class Machine:
    """The structures of one dump that these tests damage."""

    def __init__(self, copy, kernel):
        self.path = copy.path
        self.kernel = kernel
        self.memory = Memory(copy, kernel)
        self.init_net = kernel.addr("init_net")

    def offset(self, kind, path):
        return self.kernel.offset(kind, path)

    def report(self, tmp_path):
        report = report_on(self.path, tmp_path / "out", *PROC)
        manifest = report.manifest()
        assert every_plugin_ended(manifest)
        self.files = files(manifest, "vmcore_procfs")
        # what has nothing to do with it is there, and whole
        for path in ("proc/meminfo", "proc/net/snmp", "proc/net/netlink", "proc/uptime"):
            assert path in report.contents and self.status(path)[0] == "ok"
        return report

    def status(self, path):
        entry = self.files["/" + path] if "/" + path in self.files else self.files[path]
        return entry["status"], entry["kind"]

    def dropped(self, path):
        entry = self.files["/" + path] if "/" + path in self.files else self.files[path]
        return entry["rows_dropped"]

    def chain(self, head):
        """The links of a list that ends with NULL or an odd value."""
        link = self.memory.u64(head)
        while link and not link & 1:
            yield link
            link = self.memory.u64(link)

    def tcp_sockets(self):
        """Links of all TCP sockets of IPv4 that are connected."""
        table = self.kernel.addr("tcp_hashinfo")
        heads = self.memory.member(table, "struct inet_hashinfo", "ehash")
        mask = self.memory.u64(table + self.offset("struct inet_hashinfo", "ehash_mask")) & 0xFFFFFFFF
        raw = self.memory.read(heads, 8 * (mask + 1))
        at = self.offset("struct sock_common", "skc_nulls_node")
        family = self.offset("struct sock_common", "skc_family")
        net = self.offset("struct sock_common", "skc_net")
        for bucket in range(mask + 1):
            if struct.unpack_from("<Q", raw, 8 * bucket)[0] & 1:
                continue
            for link in self.chain(heads + 8 * bucket):
                if self.memory.u64(link - at + family) & 0xFFFF == AF_INET and self.memory.u64(
                    link - at + net
                ) == self.init_net:
                    yield link

    def unix_sockets(self):
        """Addresses of all UNIX sockets of the initial namespace."""
        heads = self.memory.member(self.init_net, "struct net", "unx.table.buckets")
        at = self.offset("struct sock_common", "skc_node")
        raw = self.memory.read(heads, 8 * UNIX_HASH_SIZE)
        for (first,) in struct.iter_unpack("<Q", raw):
            while first:
                yield first - at
                first = self.memory.u64(first)

    def init_mounts(self):
        """Head of the list of mounts of process 1, and its mounts."""
        pid = self.offset("struct task_struct", "pid")
        (init,) = [t for t in self.kernel.tasks if self.memory.u64(t + pid) & 0xFFFFFFFF == 1]
        proxy = self.memory.member(init, "struct task_struct", "nsproxy")
        head = self.memory.member(proxy, "struct nsproxy", "mnt_ns") + self.offset("struct mnt_namespace", "list")
        at = self.offset("struct mount", "mnt_list")
        link, mounts = self.memory.u64(head), []
        while link != head:
            mounts.append(link - at)
            link = self.memory.u64(link)
        return head, mounts

    def sysctl_folder(self, name):
        """A ctl_dir of the first level, by walking the root's tree."""
        memory, node_at = self.memory, self.offset("struct ctl_node", "node")
        found, left = None, [memory.member(self.kernel.addr("sysctl_table_root"), "struct ctl_table_root",
                                           "default_set.dir.root.rb_node")]
        while left:
            node = left.pop()
            if not node:
                continue
            header = memory.member(node - node_at, "struct ctl_node", "header")
            table = memory.member(header, "struct ctl_table_header", "ctl_table")
            text = memory.read(memory.member(table, "struct ctl_table", "procname"), 32)
            if text.split(b"\0")[0] == name:
                found = header
            left += [memory.member(node, "struct rb_node", x) for x in ("rb_left", "rb_right")]
        return found


def test_a_hash_chain_that_loops(machine, tmp_path):
    links = list(machine.tcp_sockets())
    assert len(links) > 4
    machine.memory.patch(links[0], u64(links[0]))
    report = machine.report(tmp_path)
    assert machine.status("proc/net/tcp") == ("partial", "corrupt")
    # each socket is there, the one with the loop too, and none is twice
    rows = [line.split() for line in report.text("proc/net/tcp").splitlines()[1:]]
    assert len(rows) >= len(links)
    assert len({(r[1], r[2]) for r in rows}) == len(rows)


def test_a_hash_chain_that_leads_nowhere(machine, tmp_path):
    links = list(machine.tcp_sockets())
    machine.memory.patch(links[0], u64(KERNEL_POINTER))
    machine.report(tmp_path)
    assert machine.status("proc/net/tcp") == ("partial", "fault")


def test_sockets_whose_pointers_lead_nowhere(machine, tmp_path):
    at = machine.offset("struct sock_common", "skc_nulls_node")
    link = next(machine.tcp_sockets())
    machine.memory.patch(link - at + machine.offset("struct sock", "sk_socket"), u64(KERNEL_POINTER))
    sockets = list(machine.unix_sockets())
    for sock in sockets[:3]:
        machine.memory.patch(sock + machine.offset("struct unix_sock", "addr"), u64(KERNEL_POINTER))
    report = machine.report(tmp_path)
    assert machine.status("proc/net/tcp") == ("partial", "fault") and machine.dropped("proc/net/tcp") == 1
    assert machine.status("proc/net/unix") == ("partial", "fault") and machine.dropped("proc/net/unix") == 3
    # names may have line ends in them
    rows = re.findall(r"^[0-9a-f]{16}: ", report.text("proc/net/unix"), re.M)
    assert len(rows) == len(sockets) - 3


@pytest.mark.parametrize("where", ["itself", "nowhere"])
def test_routes_in_a_circle(machine, tmp_path, where):
    memory = machine.memory
    table = memory.member(machine.init_net, "struct net", "ipv4.fib_main")
    tnode = machine.offset("struct key_vector", "tnode")
    trie = memory.member(table, "struct fib_table", "tb_data")
    top = memory.u64(trie + tnode)
    memory.patch(top + tnode, u64(top if where == "itself" else KERNEL_POINTER))
    machine.report(tmp_path)
    for path in ("proc/net/route", "proc/net/fib_trie"):
        assert machine.status(path)[0] in ("partial", "omitted"), path


def test_devices_in_a_circle(machine, tmp_path):
    memory = machine.memory
    heads = memory.member(machine.init_net, "struct net", "dev_index_head")
    chains = [[*machine.chain(heads + 8 * bucket)] for bucket in range(256)]
    longest = max(chains, key=len)
    assert longest
    memory.patch(longest[-1], u64(longest[0]))
    report = machine.report(tmp_path)
    assert machine.status("proc/net/dev") == ("partial", "corrupt")
    # each is there, and none twice
    names = [line.split(":")[0].strip() for line in report.text("proc/net/dev").splitlines()[2:]]
    assert "lo" in names and "eth0" in names and len(set(names)) == len(names) == sum(map(len, chains))


def test_mounts_in_a_circle_and_one_of_no_file_system(machine, tmp_path):
    head, mounts = machine.init_mounts()
    at, sb = machine.offset("struct mount", "mnt_list"), machine.offset("struct mount", "mnt.mnt_sb")
    machine.memory.patch(mounts[3] + sb, u64(KERNEL_POINTER))
    report = machine.report(tmp_path)
    assert machine.status("proc/mounts") == ("partial", "fault") and machine.dropped("proc/mounts") == 1
    whole = len(report.text("proc/mounts").splitlines())
    machine.memory.patch(mounts[9] + at, u64(mounts[2] + at))
    report = report_on(machine.path, tmp_path / "again", *PROC)
    machine.files = files(report.manifest(), "vmcore_procfs")
    assert machine.status("proc/mounts")[0] == "partial"
    # up to the one that leads back; one has no line
    assert len(report.text("proc/mounts").splitlines()) < whole


@pytest.mark.parametrize("folder", [b"vm", b"net"])
def test_sysctl_folders_without_end(machine, tmp_path, folder):
    found = machine.sysctl_folder(folder)
    at = found + machine.offset("struct ctl_dir", "root.rb_node")
    top = machine.memory.u64(at)
    left = machine.offset("struct rb_node", "rb_left")
    machine.memory.patch(machine.memory.u64(top + left) + left, u64(top))
    report = machine.report(tmp_path)
    assert machine.status("proc/sys") == ("omitted", "corrupt")
    assert "there may be more files" in machine.files["/proc/sys"]["reason"]
    # the other folders are there
    assert "proc/sys/kernel/pid_max" in report.contents and "proc/sys/fs/file-nr" in report.contents


def test_sysctl_tables_that_lead_nowhere(machine, tmp_path):
    memory, node_at = machine.memory, machine.offset("struct ctl_node", "node")
    folder = machine.sysctl_folder(b"vm")
    top = memory.member(folder, "struct ctl_dir", "root.rb_node")
    header = memory.member(top - node_at, "struct ctl_node", "header")
    table = memory.member(header, "struct ctl_table_header", "ctl_table")
    # an entry's data, a name, then all of the table
    memory.patch(table + machine.offset("struct ctl_table", "data"), u64(KERNEL_POINTER))
    memory.patch(table + 64 + machine.offset("struct ctl_table", "procname"), u64(KERNEL_POINTER))
    report = machine.report(tmp_path)
    gone = [p for p, f in machine.files.items() if p.startswith("/proc/sys/vm/") and f["status"] != "ok"]
    assert len(gone) == 1 and machine.files[gone[0]]["kind"] == "fault"
    assert machine.files["/proc/sys"]["kind"] == "fault"
    there = sum(path.startswith("proc/sys/vm/") for path in report.contents)
    memory.patch(header + machine.offset("struct ctl_table_header", "ctl_table"), u64(KERNEL_POINTER))
    report = report_on(machine.path, tmp_path / "again", *PROC)
    assert sum(path.startswith("proc/sys/vm/") for path in report.contents) < there
    assert "proc/sys/kernel/pid_max" in report.contents


@pytest.mark.parametrize("seed", range(3))
def test_network_and_mounts_with_flipped_bits(machine, tmp_path, seed):
    rng = random.Random(seed)
    at = machine.offset("struct sock_common", "skc_nulls_node")
    head, mounts = machine.init_mounts()
    device = machine.offset("struct net_device", "dev_list")
    places = [(machine.init_net, 4096)]
    places += [(link - at, 1024) for link in list(machine.tcp_sockets())[:4]]
    places += [(sock, 1024) for sock in list(machine.unix_sockets())[:4]]
    places += [(mount, 320) for mount in mounts[:8]]
    places += [(machine.memory.member(m, "struct mount", "mnt.mnt_sb"), 1024) for m in mounts[:8]]
    places += [(machine.memory.member(machine.init_net, "struct net", "dev_base_head.next") - device, 2048)]
    places += [(machine.sysctl_folder(name), 128) for name in (b"vm", b"net", b"kernel", b"fs")]
    for _ in range(20 + 150 * seed):
        place, size = rng.choice(places)
        byte = place + rng.randrange(size)
        machine.memory.patch(byte, bytes([machine.memory.read(byte, 1)[0] ^ 1 << rng.randrange(8)]))
    run_on(machine.path, tmp_path / "out", *PROC)
