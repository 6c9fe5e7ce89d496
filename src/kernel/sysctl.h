/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sysctls: /proc/sys as process 1 sees it, walked from the kernel's own tables
 * (fs/proc/proc_sysctl.c).
 *
 *	struct vr_sysctl_walk w;
 *
 *	vr_sysctl_walk_begin(prog, &w);
 *	while (vr_sysctl_walk_next(&w))
 *		use(&w.sysctl);
 */
#ifndef KERNEL_SYSCTL_H
#define KERNEL_SYSCTL_H

#include "kernel/rbtree.h"

/** Folders within each other: the kernel's own tables have six. */
#define VR_SYSCTL_DEPTH 16
/** A path's bytes, its end among them. */
#define VR_SYSCTL_PATH 2048

/** A file of /proc/sys: its struct ctl_table. Strings live until the walk goes on. */
struct vr_sysctl {
	struct vr_program *prog;
	const char *path;    /* below /proc/sys: "net/ipv4/conf/eth0.100/mtu" */
	const char *name;    /* its last part */
	const char *handler; /* the name of proc_handler(), "" where that has none */
	uint64_t header;     /* the struct ctl_table_header that it was registered with */
	uint64_t table;      /* addresses of the struct ctl_table, */
	uint64_t data;       /* and of what it says */
	uint64_t extra1, extra2;
	int32_t maxlen; /* bytes, or what the handler takes it for */
	uint16_t mode;
};

struct vr_sysctl_walk {
	struct vr_sysctl sysctl; /* the current one */
	/* private */
	struct vr_program *prog;
	const struct vr_view *header_view, *table_view;
	uint64_t node_size, table_size;
	uint64_t dirs[VR_SYSCTL_DEPTH];  /* struct ctl_dir */
	size_t lengths[VR_SYSCTL_DEPTH]; /* of the path that each of them has */
	struct vr_rbtree_walk trees[VR_SYSCTL_DEPTH];
	unsigned depth;
	bool in_set[VR_SYSCTL_DEPTH]; /* a namespace's own folder, not one that all share */
	uint64_t set_root, set_parent, set_dir; /* where the last link led */
	uint32_t entries;
	char path[VR_SYSCTL_PATH];
	char handler[128];
};

/**
 * Walk all files that can be read, folder by folder, sorted by name within each (as readdir() gives
 * them). Those of namespaces are those of the initial ones. Bounded; what can't be read or can't be
 * right is recorded as a cut, and left out.
 */
void vr_sysctl_walk_begin(struct vr_program *prog, struct vr_sysctl_walk *walk);
/** Advance; false at the end, or where the scope failed. */
bool vr_sysctl_walk_next(struct vr_sysctl_walk *walk);

#endif
