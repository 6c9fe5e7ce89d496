/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One plugin's run as the supervisor sees it: a stream of frames from a worker, and what it gave.
 */
#ifndef COLLECT_TASK_H
#define COLLECT_TASK_H

#include "archive/manifest.h"
#include "collect/frame.h"
#include "collect/sandbox.h"
#include "collect/wire.h"
#include "plugin/plugins.h"

enum vr_task_state { VR_TASK_WAITING, VR_TASK_RUNNING, VR_TASK_OVER };

/** A file that a worker sent. */
struct vr_task_file {
	struct vr_file_record record; /* its strings lie in block */
	const uint8_t *data;          /* likewise */
	size_t len;
	size_t order; /* in which it came */
	void *block;
};

/** An alert, a note, a headline or a line for sos.log. */
struct vr_task_note {
	enum vr_message_kind kind;
	char *text;
};

struct vr_task {
	const struct vr_plugin_entry *entry;
	uint32_t plugin; /* index into struct vr_plugins */
	enum vr_task_state state;
	unsigned host; /* which zygote runs it: the supervisor's index */
	uint32_t slot;
	uint32_t unit; /* the first unit of work that the worker was to do */
	unsigned restarts;
	uint32_t work, work_done; /* units that it has, as far as it told (struct vr_slot) */
	int fd;                   /* the worker's stream, non-blocking; -1 */
	struct vr_frame_reader reader;
	bool reading; /* in this turn of the loop */
	bool killed;
	bool exited; /* wait_status is known */
	int wait_status;
	bool done; /* the worker said that it was done */
	struct vr_wire_done outcome;
	char failure[400]; /* "" unless it failed */
	bool timed_out;
	uint64_t spent_ns;    /* wall-clock time, waits for us apart */
	uint64_t killed_ns;   /* CLOCK_MONOTONIC */
	uint64_t output_left; /* bytes */
	size_t stored;        /* bytes held for it */
	double start, end;    /* CLOCK_REALTIME, seconds */
	struct vr_task_file *files;
	size_t file_count, file_cap;
	struct vr_task_note *notes;
	size_t note_count, note_cap;
	struct vr_strbuf errors; /* its [WARN] and [ERROR] lines */
};

/** Take the reading end of a worker's stream (made non-blocking already). */
void vr_task_start(struct vr_task *task, int fd, uint32_t slot);
/**
 * Read what has come, up to about 1 MiB. False when the worker must be ended: its stream is closed,
 * failure says why.
 */
bool vr_task_read(struct vr_task *task);
/** Put a failure that the supervisor saw; the first one stays. */
void vr_task_fail(struct vr_task *task, const char *fmt, ...) VR_PRINTF(2, 3);
/**
 * The worker is gone and all that it sent is read: settle whether and why it failed. True: it died
 * in a unit of its work that can be skipped, so that another worker is to be started, for
 * task->unit; the failure is in the task's books already.
 */
bool vr_task_conclude(struct vr_task *task, const struct vr_slots *slots);
/**
 * Bring the files into the order of their paths; those that replace or go on with an earlier one
 * are put together with it.
 */
void vr_task_sort(struct vr_task *task);
/** Release files and notes; errors stay until vr_task_free(). */
void vr_task_drop(struct vr_task *task);
void vr_task_free(struct vr_task *task);
/** CLOCK_REALTIME in seconds. */
double vr_wall_clock(void);

#endif
