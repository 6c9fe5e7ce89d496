// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cputime.h"

#include "base/bits.h"
#include "kernel/list.h"
#include "object/memo.h"

/* The counters of a task or, of its dead threads, of a process. */
struct counted {
	uint64_t utime, stime, runtime, gtime, min_flt, maj_flt;
	struct vr_io_usage io;
	uint64_t prev_utime, prev_stime;
};

#define OPTIONAL(ctype, field, path_)                                                              \
	{                                                                                          \
		.path = (path_), .offset = offsetof(ctype, field),                                 \
		.size = sizeof(((ctype *)0)->field), .optional = true                              \
	}
#define COMMON                                                                                     \
	VR_VIEW_FIELD(struct counted, utime, "utime"),                                             \
		VR_VIEW_FIELD(struct counted, stime, "stime"),                                     \
		VR_VIEW_FIELD(struct counted, gtime, "gtime"),                                     \
		VR_VIEW_FIELD(struct counted, min_flt, "min_flt"),                                 \
		VR_VIEW_FIELD(struct counted, maj_flt, "maj_flt"),                                 \
		OPTIONAL(struct counted, io.rchar, "ioac.rchar"),                                  \
		OPTIONAL(struct counted, io.wchar, "ioac.wchar"),                                  \
		OPTIONAL(struct counted, io.syscr, "ioac.syscr"),                                  \
		OPTIONAL(struct counted, io.syscw, "ioac.syscw"),                                  \
		OPTIONAL(struct counted, io.read_bytes, "ioac.read_bytes"),                        \
		OPTIONAL(struct counted, io.write_bytes, "ioac.write_bytes"),                      \
		OPTIONAL(struct counted, io.cancelled_write_bytes, "ioac.cancelled_write_bytes"),  \
		OPTIONAL(struct counted, prev_utime, "prev_cputime.utime"),                        \
		OPTIONAL(struct counted, prev_stime, "prev_cputime.stime")

static const struct vr_view_field task_fields[] = {
	COMMON,
	VR_VIEW_FIELD(struct counted, runtime, "se.sum_exec_runtime"),
};
static const struct vr_view_field process_fields[] = {
	COMMON,
	VR_VIEW_FIELD(struct counted, runtime, "sum_sched_runtime"),
};

struct views {
	const struct vr_view *task, *process;
};

static const struct views *views_of(struct vr_program *prog)
{
	static const char key;
	struct views *views = vr_memo(prog, &key, sizeof(*views));

	if (views && !views->task)
		views->task = vr_view_bind(prog, "struct task_struct", task_fields,
					   VR_ARRAY_SIZE(task_fields));
	if (views && !views->process)
		views->process = vr_view_bind(prog, "struct signal_struct", process_fields,
					      VR_ARRAY_SIZE(process_fields));
	return views && views->task && views->process ? views : NULL;
}

void vr_cputime_adjust(uint64_t runtime, uint64_t prev_utime, uint64_t prev_stime, uint64_t *utime,
		       uint64_t *stime)
{
	uint64_t user = *utime, system = *stime;

	if (prev_utime + prev_stime >= runtime) {
		*utime = prev_utime;
		*stime = prev_stime;
		return;
	}
	if (!system) {
		user = runtime;
	} else if (!user) {
		system = runtime;
	} else {
		unsigned __int128 scaled = (unsigned __int128)system * runtime;

		scaled /= (unsigned __int128)system + user;
		system = (uint64_t)scaled;
	}
	system = VR_MAX(system, prev_stime);
	user = runtime - system;
	if (user < prev_utime) {
		user = prev_utime;
		system = runtime - user;
	}
	*utime = user;
	*stime = system;
}

static void show(const struct counted *c, const struct counted *prev, struct vr_usage *usage)
{
	*usage = (struct vr_usage){.utime = c->utime,
				   .stime = c->stime,
				   .gtime = c->gtime,
				   .min_flt = c->min_flt,
				   .maj_flt = c->maj_flt,
				   .io = c->io};
	vr_cputime_adjust(c->runtime, prev->prev_utime, prev->prev_stime, &usage->utime,
			  &usage->stime);
}

bool vr_task_usage(struct vr_obj task, struct vr_usage *usage)
{
	const struct views *views = views_of(task.prog);
	struct counted c = {0};

	*usage = (struct vr_usage){0};
	if (!views || !vr_view_fill(task.prog, views->task, task.addr, &c))
		return false;
	show(&c, &c, usage);
	return true;
}

static void add(struct counted *sum, const struct counted *c)
{
	sum->utime += c->utime;
	sum->stime += c->stime;
	sum->runtime += c->runtime;
	sum->gtime += c->gtime;
	sum->min_flt += c->min_flt;
	sum->maj_flt += c->maj_flt;
	sum->io.rchar += c->io.rchar;
	sum->io.wchar += c->io.wchar;
	sum->io.syscr += c->io.syscr;
	sum->io.syscw += c->io.syscw;
	sum->io.read_bytes += c->io.read_bytes;
	sum->io.write_bytes += c->io.write_bytes;
	sum->io.cancelled_write_bytes += c->io.cancelled_write_bytes;
}

bool vr_process_usage(struct vr_obj task, struct vr_usage *usage)
{
	const struct views *views = views_of(task.prog);
	struct vr_obj process = vr_deref(task, "signal");
	struct vr_list_walk threads;
	struct counted sum = {0};

	*usage = (struct vr_usage){0};
	if (!views || vr_failed(task.prog) ||
	    !vr_view_fill(task.prog, views->process, process.addr, &sum))
		return false;
	threads =
		vr_list_begin(vr_get(process, "thread_head"), "struct task_struct", "thread_node");
	while (vr_list_next(&threads)) {
		struct counted c = {0};

		if (vr_view_fill(task.prog, views->task, threads.entry.addr, &c))
			add(&sum, &c);
	}
	show(&sum, &sum, usage);
	return !vr_failed(task.prog);
}
