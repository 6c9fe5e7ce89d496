/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have files of their own in the report: a machine may have had any number. */
#ifndef PLUGIN_PROCESSES_H
#define PLUGIN_PROCESSES_H

#include "kernel/task_set.h"

/** What --pids says. */
struct vr_pids {
	uint32_t limit;    /* processes at most; 0: all */
	bool blocked_only; /* those alone that have a task in state D or R */
};
/** The limit where nothing is said: sos's own. */
#define VR_PIDS_USUAL 2048

/** "all", "blocked", or a number from 1 on. False: it is none of these. */
bool vr_pids_parse(const char *text, struct vr_pids *pids);

/** A task whose files are written; in the order of the set of all tasks. */
struct vr_chosen_task {
	struct vr_obj task;
	int64_t pid, tgid;
};

struct vr_chosen {
	struct vr_chosen_task *tasks;
	size_t count;
	size_t processes;  /* that were there */
	size_t left_out;   /* of them */
	size_t unreadable; /* tasks that have no ids */
};

/**
 * Choose: all processes, or where there are more than the limit first those with a blocked or
 * running task, then the rest in the order of the set. False: out of memory, latched. Free in any
 * case.
 */
bool vr_processes_choose(struct vr_program *prog, const struct vr_pids *pids,
			 struct vr_chosen *chosen);
void vr_chosen_free(struct vr_chosen *chosen);

#endif
