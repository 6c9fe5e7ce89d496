/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked lists (include/linux/list.h, types.h). Each walk is bounded, detects cycles, checks back
 * links, and records what it cut short with vr_cut() in the caller's scope.
 *
 *	struct vr_list_walk w = vr_list_begin(vr_global(prog, "modules", "struct list_head"),
 *					      "struct module", "list");
 *	while (vr_list_next(&w))
 *		use(w.entry);
 */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <vmcore-report/object.h>

/** Most entries that one walk gives. */
#define VR_WALK_LIMIT 4000000u

/**
 * Notices that a walk came back to where it was: Brent's method, one remembered address. Zero-
 * initialise, then ask with each address.
 */
struct vr_cycle_check {
	uint64_t mark, count, next_mark;
};
/** True where addr was seen before (found within a constant factor of the cycle's length). */
bool vr_cycle_seen(struct vr_cycle_check *check, uint64_t addr);

struct vr_list_walk {
	struct vr_obj entry; /* the current one; valid after vr_list_next() returned true */
	/* private */
	struct vr_program *prog;
	const struct vr_type *type;
	uint64_t head, node, member_offset;
	uint64_t next_offset, prev_offset;
	struct vr_cycle_check cycle;
	bool hlist, done;
};

/** Walk the list whose head (a struct list_head) is given; entries embed it as member. */
struct vr_list_walk vr_list_begin(struct vr_obj head, const char *type, const char *member);
/** The same for a struct hlist_head. */
struct vr_list_walk vr_hlist_begin(struct vr_obj head, const char *type, const char *member);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_list_next(struct vr_list_walk *walk);

#endif
