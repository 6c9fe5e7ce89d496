/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all sockets have (include/net/sock.h, inet_sock.h), as the files of /proc/net show it. A
 * socket that is but half of one (TIME_WAIT, a request) has only what is in its struct sock_common.
 */
#ifndef KERNEL_SOCK_H
#define KERNEL_SOCK_H

#include "kernel/hash_table.h"

/* include/linux/socket.h */
#define VR_AF_INET 2
#define VR_AF_INET6 10
/* include/net/tcp_states.h; the last one is shown as SYN_RECV */
enum {
	VR_TCP_ESTABLISHED = 1,
	VR_TCP_SYN_RECV = 3,
	VR_TCP_TIME_WAIT = 6,
	VR_TCP_LISTEN = 10,
	VR_TCP_NEW_SYN_RECV = 12
};

/** Addresses and ports of an internet socket: words as memory has them, ports as people do. */
struct vr_sock_ends {
	bool v6;
	uint32_t local[4], remote[4]; /* v4: the first of each */
	uint16_t local_port, remote_port;
};
/** Room for the text of vr_sock_ends_text(). */
#define VR_SOCK_ENDS_SIZE 80

/** Walk the sockets of a table whose chains link skc_node (or skc_nulls_node). */
void vr_socks_begin(struct vr_hash_walk *walk, const struct vr_hash_table *table);
/** Is it one of that namespace (a struct net), and of that family (0: of any)? Latches. */
bool vr_sock_is_in(struct vr_obj sk, struct vr_obj net, unsigned family);

/** Addresses and ports by what hash tables are searched for (sock_common). Latches. */
struct vr_sock_ends vr_sock_ends(struct vr_obj sk, unsigned family);
/** "0100007F:1F90 00000000:0000", as /proc/net has them; returns buf. */
char *vr_sock_ends_text(const struct vr_sock_ends *ends, char buf[VR_SOCK_ENDS_SIZE]);

/** Its inode's number, 0 where it has none: sock_i_ino(). Latches. */
uint64_t vr_sock_inode(struct vr_obj sk);
/** Its owner as the initial user namespace has it: sock_i_uid(). Latches. */
uint32_t vr_sock_uid(struct vr_obj sk);
/** Bytes of packets that wait to be sent (sk_wmem_alloc_get()), to be read. Latches. */
int32_t vr_sock_wmem(struct vr_obj sk);
int32_t vr_sock_rmem(struct vr_obj sk);
/** References to it; packets that it dropped. Latches. */
int32_t vr_sock_refs(struct vr_obj sk);
uint32_t vr_sock_drops(struct vr_obj sk);

#endif
