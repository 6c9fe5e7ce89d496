/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces (net/core/net_namespace.c) and the names that `ip netns` gave them: a file below
 * a folder `netns` on which the namespace is mounted.
 *
 *	struct vr_net_walk w;
 *
 *	vr_nets_begin(prog, &w);
 *	while (vr_nets_next(&w))
 *		use(w.net, w.id);
 *	vr_nets_end(&w);
 */
#ifndef KERNEL_NET_NAMESPACE_H
#define KERNEL_NET_NAMESPACE_H

#include "kernel/list.h"

/** Room for a namespace's name: NAME_MAX and its NUL. */
#define VR_NET_NAME_SIZE 256

/* Where the files of network namespaces go: the initial one's, the others'. */
#define VR_FIRST_NET "proc/net"
#define VR_OTHER_NETS "sos_commands/networking/namespaces"
/** Room for the folder of a namespace's files. */
#define VR_NET_FOLDER_SIZE (sizeof(VR_OTHER_NETS) + VR_NET_NAME_SIZE)

struct vr_net_name {
	uint64_t net;
	char name[VR_NET_NAME_SIZE];
};

/** A walk over all namespaces that aren't being taken down, the initial one among them. */
struct vr_net_walk {
	struct vr_obj net; /* struct net */
	bool initial;      /* init_net */
	uint64_t inum;     /* of proc/<pid>/ns/net */
	/* What it is called: its name where it has one that nothing else has, and that a folder can
	 * have, else inum in decimal; never a name of digits alone. */
	char id[VR_NET_NAME_SIZE];
	const char *name; /* as it is in the dump; NULL: it has none */
	/* private */
	struct vr_list_walk list;
	struct vr_net_name *names;
	size_t count;
};

/** Begin; names that can't be read are those that a namespace hasn't. */
void vr_nets_begin(struct vr_program *prog, struct vr_net_walk *walk);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_nets_next(struct vr_net_walk *walk);
/** The folder of the archive that has the current one's files, into buf; returns buf. */
char *vr_net_folder(const struct vr_net_walk *walk, char buf[VR_NET_FOLDER_SIZE]);
/**
 * What a part of the kernel keeps for a namespace, by its id (a global variable) and as that type:
 * net_generic(). Latches.
 */
struct vr_obj vr_net_generic(struct vr_obj net, const char *id, const char *type);
/** Release what the walk holds. */
void vr_nets_end(struct vr_net_walk *walk);

#endif
