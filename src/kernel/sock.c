// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sock.h"

#include <stdio.h>
#include <string.h>

#include "kernel/globals.h"

#define COMMON "__sk_common."
/* (kuid_t)-1 */
#define NO_ID 0xffffffffu

void vr_socks_begin(struct vr_hash_walk *walk, const struct vr_hash_table *table)
{
	vr_hash_begin(walk, table, "struct sock", COMMON "skc_node");
}

bool vr_sock_is_in(struct vr_obj sk, struct vr_obj net, unsigned family)
{
	return vr_u64(sk, COMMON "skc_net.net") == net.addr &&
	       (!family || vr_u64(sk, COMMON "skc_family") == family);
}

static uint16_t from_network(uint64_t port)
{
	return (uint16_t)((port & 0xff) << 8 | (port >> 8 & 0xff));
}

struct vr_sock_ends vr_sock_ends(struct vr_obj sk, unsigned family)
{
	struct vr_sock_ends ends = {.v6 = family == VR_AF_INET6};

	if (ends.v6) {
		vr_bytes(sk, COMMON "skc_v6_rcv_saddr", ends.local, 16);
		vr_bytes(sk, COMMON "skc_v6_daddr", ends.remote, 16);
	} else {
		ends.local[0] = (uint32_t)vr_u64(sk, COMMON "skc_rcv_saddr");
		ends.remote[0] = (uint32_t)vr_u64(sk, COMMON "skc_daddr");
	}
	ends.local_port = (uint16_t)vr_u64(sk, COMMON "skc_num");
	ends.remote_port = from_network(vr_u64(sk, COMMON "skc_dport"));
	return ends;
}

char *vr_sock_ends_text(const struct vr_sock_ends *ends, char buf[VR_SOCK_ENDS_SIZE])
{
	const uint32_t *l = ends->local, *r = ends->remote;

	if (ends->v6)
		snprintf(buf, VR_SOCK_ENDS_SIZE, "%08X%08X%08X%08X:%04X %08X%08X%08X%08X:%04X",
			 l[0], l[1], l[2], l[3], ends->local_port, r[0], r[1], r[2], r[3],
			 ends->remote_port);
	else
		snprintf(buf, VR_SOCK_ENDS_SIZE, "%08X:%04X %08X:%04X", l[0], ends->local_port,
			 r[0], ends->remote_port);
	return buf;
}

/* The inode that is in one piece with its struct socket. */
static struct vr_obj inode_of(struct vr_obj sk)
{
	uint64_t socket = vr_u64(sk, "sk_socket");

	if (!socket)
		return (struct vr_obj){.prog = sk.prog};
	return vr_get(vr_container_of(sk.prog, socket, "struct socket_alloc", "socket"),
		      "vfs_inode");
}

uint64_t vr_sock_inode(struct vr_obj sk)
{
	struct vr_obj inode;

	if (vr_has(sk, "sk_ino"))
		return vr_u64(sk, "sk_ino");
	inode = inode_of(sk);
	return vr_ok(inode) ? vr_u64(inode, "i_ino") : 0;
}

uint32_t vr_sock_uid(struct vr_obj sk)
{
	struct vr_obj inode;
	uint32_t uid;

	/* Until 6.17 that of the inode, there where a socket has one. */
	if (vr_has_symbol(sk.prog, "sock_i_uid")) {
		inode = inode_of(sk);
		uid = vr_ok(inode) ? (uint32_t)vr_u64(inode, "i_uid.val") : 0;
	} else {
		uid = (uint32_t)vr_u64(sk, "sk_uid.val");
	}
	return uid == NO_ID ? (uint32_t)vr_u64(vr_kernel_global(sk.prog, "overflowuid"), "") : uid;
}

int32_t vr_sock_wmem(struct vr_obj sk)
{
	/* It counts from 1, until the socket is closed. */
	return (int32_t)((uint32_t)vr_u64(sk, "sk_wmem_alloc.refs.counter") - 1);
}

int32_t vr_sock_rmem(struct vr_obj sk)
{
	return (int32_t)vr_u64(sk, "sk_backlog.rmem_alloc.counter");
}

int32_t vr_sock_refs(struct vr_obj sk)
{
	return (int32_t)vr_u64(sk, COMMON "skc_refcnt.refs.counter");
}

uint32_t vr_sock_drops(struct vr_obj sk)
{
	/* Since 6.18 those with many readers count on two cache lines instead. */
	if (vr_has(sk, "sk_drop_counters") && vr_u64(sk, "sk_drop_counters"))
		return (uint32_t)(vr_u64(sk, "sk_drop_counters->drops0.counter") +
				  vr_u64(sk, "sk_drop_counters->drops1.counter"));
	return (uint32_t)vr_u64(sk, "sk_drops.counter");
}
