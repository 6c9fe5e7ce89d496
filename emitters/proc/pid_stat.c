// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/stat and statm (do_task_stat() and proc_pid_statm() in fs/proc/array.c). */
#include "kernel/cputime.h"
#include "kernel/mm.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/task_name.h"
#include "kernel/task_pid.h"
#include "kernel/task_regs.h"
#include "kernel/ticks.h"
#include "kernel/wchan.h"
#include "pid_emitter.h"

/* Macros of include/linux/sched.h, sched/signal.h, sched/prio.h and uapi/asm-generic/resource.h. */
#define PF_POSTCOREDUMP 0x00000008u
#define PF_DUMPCORE 0x00000200u
#define SIGNAL_STOP_STOPPED 0x00000001u
#define SIGNAL_GROUP_EXIT 0x00000004u
#define MAX_RT_PRIO 100
#define DEFAULT_PRIO 120
#define RLIMIT_RSS 5

static void put_u64(struct vr_file *f, uint64_t value)
{
	vr_printf(f, " %" PRIu64, value);
}

static void put_s64(struct vr_file *f, int64_t value)
{
	vr_printf(f, " %" PRId64, value);
}

/* The controlling terminal, as new_encode_dev() writes its number, and its foreground group. */
static void put_tty(struct vr_file *f, struct vr_obj task)
{
	struct vr_obj tty, pgrp;
	uint64_t major, minor;

	if (!vr_u64(task, "signal->tty") || !vr_u64(task, "sighand")) {
		vr_puts(f, " 0 -1");
		return;
	}
	tty = vr_deref(task, "signal->tty");
	major = vr_u64(tty, "driver->major");
	minor = (vr_u64(tty, "driver->minor_start") + vr_u64(tty, "index")) & 0xfffff;
	put_s64(f, (int32_t)((minor & 0xff) | major << 8 | (minor & ~0xffull) << 12));
	pgrp = (struct vr_obj){.prog = task.prog};
	if (vr_u64(tty, "ctrl.pgrp|pgrp"))
		pgrp = vr_deref(tty, "ctrl.pgrp|pgrp");
	put_s64(f, vr_pid_nr(pgrp, 0, 0));
}

static void put_usage(struct vr_file *f, struct vr_obj task, const struct vr_usage *usage)
{
	put_u64(f, usage->min_flt);
	put_u64(f, vr_u64(task, "signal->cmin_flt"));
	put_u64(f, usage->maj_flt);
	put_u64(f, vr_u64(task, "signal->cmaj_flt"));
	put_u64(f, vr_ns_to_clock(usage->utime));
	put_u64(f, vr_ns_to_clock(usage->stime));
	put_u64(f, vr_ns_to_clock(vr_u64(task, "signal->cutime")));
	put_u64(f, vr_ns_to_clock(vr_u64(task, "signal->cstime")));
}

/* From vsize to kstkeip. */
static void put_memory(struct vr_file *f, struct vr_obj task, struct vr_obj mm)
{
	uint64_t limit =
		vr_u64(task, "sighand")
			? vr_u64(vr_index(vr_get(task, "signal->rlim"), RLIMIT_RSS), "rlim_cur")
			: 0;
	struct vr_mm_counters counters;
	struct vr_regs regs = {0};

	if (!vr_ok(mm)) {
		vr_printf(f, " 0 0 %" PRIu64 " 0 0 0 0 0", limit);
		return;
	}
	vr_mm_counters_read(mm, false, &counters);
	put_u64(f, vr_u64(mm, "total_vm") << 12);
	put_u64(f, counters.file + counters.anon + counters.shmem);
	put_u64(f, limit);
	put_u64(f, vr_u64(mm, "start_code"));
	put_u64(f, vr_u64(mm, "end_code"));
	put_u64(f, vr_u64(mm, "start_stack"));
	/* Told of a task that dumps core alone, since only that has stopped for good. */
	if (vr_u64(task, "flags") & (PF_EXITING | PF_DUMPCORE | PF_POSTCOREDUMP))
		vr_task_regs(task, &regs);
	put_u64(f, regs.sp);
	put_u64(f, regs.ip);
}

static void put_signals(struct vr_file *f, const struct vr_task_signals *signals)
{
	put_u64(f, signals->pending & 0x7fffffff);
	put_u64(f, signals->blocked & 0x7fffffff);
	put_u64(f, signals->ignored & 0x7fffffff);
	put_u64(f, signals->caught & 0x7fffffff);
}

static bool waits(struct vr_obj task)
{
	/* Since 5.16, with which __get_wchan() came (4e046156792c), the state alone decides. */
	if (vr_has_symbol(task.prog, "__get_wchan"))
		return vr_u64(task, "__state|state") != 0;
	return vr_task_wchan(task) != 0;
}

/* delayacct_blkio_ticks() */
static uint64_t io_delay(struct vr_obj task)
{
	struct vr_obj delays;
	uint64_t ns;

	if (!vr_has(task, "delays") || !vr_u64(task, "delays"))
		return 0;
	delays = vr_deref(task, "delays");
	ns = vr_u64(delays, "blkio_delay");
	/* Waiting for what was swapped out counted as well before it was told apart (5.17). */
	if (!vr_has(delays, "swapin_start"))
		ns += vr_u64(delays, "swapin_delay");
	return vr_ns_to_clock(ns);
}

static void put_addresses(struct vr_file *f, struct vr_obj mm)
{
	if (!vr_ok(mm)) {
		vr_puts(f, " 0 0 0 0 0 0 0");
		return;
	}
	put_u64(f, vr_u64(mm, "start_data"));
	put_u64(f, vr_u64(mm, "end_data"));
	put_u64(f, vr_u64(mm, "start_brk"));
	put_u64(f, vr_u64(mm, "arg_start"));
	put_u64(f, vr_u64(mm, "arg_end"));
	put_u64(f, vr_u64(mm, "env_start"));
	put_u64(f, vr_u64(mm, "env_end"));
}

/* A process shows what it was ended or stopped by since 5.17 (2d18f7f45620), as kthreads have had full
 * names since (d6986ce24fc0). */
static int64_t exit_code(struct vr_obj task, bool whole)
{
	uint64_t ended = SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED;

	if (whole && vr_u64(task, "sighand") &&
	    vr_has_member(task.prog, "struct kthread", "full_name") &&
	    vr_u64(task, "signal->flags") & ended)
		return vr_s64(task, "signal->group_exit_code");
	return vr_s64(task, "exit_code");
}

static void emit_stat(struct vr_file *f, const struct vr_key *key)
{
	bool whole = !key->tid;
	struct vr_obj task = key->obj, mm = vr_task_mm(task);
	struct vr_task_signals signals;
	char name[VR_TASK_NAME_SIZE];
	struct vr_usage usage;

	vr_task_signals_read(task, &signals);
	if (whole)
		vr_process_usage(task, &usage);
	else
		vr_task_usage(task, &usage);
	vr_printf(f, "%" PRId64 " (%s) %c", vr_task_pid_nr(task, VR_PID_THREAD),
		  vr_task_name(task, name), vr_task_state(task));
	if (signals.has_handlers) {
		put_s64(f, vr_task_ppid(task));
		put_s64(f, vr_task_pid_nr(task, VR_PID_GROUP));
		put_s64(f, vr_task_pid_nr(task, VR_PID_SESSION));
	} else {
		vr_puts(f, " 0 -1 -1");
	}
	put_tty(f, task);
	put_u64(f, vr_u64(task, "flags"));
	put_usage(f, task, &usage);
	put_s64(f, vr_s64(task, "prio") - MAX_RT_PRIO);
	put_s64(f, vr_s64(task, "static_prio") - DEFAULT_PRIO);
	put_u64(f, signals.threads);
	put_u64(f, 0);
	put_u64(f, vr_ns_to_clock(vr_u64(task, "start_boottime|real_start_time")));
	put_memory(f, task, mm);
	put_signals(f, &signals);
	put_u64(f, (!whole || signals.threads < 2) && waits(task));
	vr_puts(f, " 0 0");
	put_s64(f, vr_s64(task, "exit_signal"));
	put_u64(f, vr_task_cpu(task));
	put_u64(f, vr_u64(task, "rt_priority"));
	put_u64(f, vr_u64(task, "policy"));
	put_u64(f, io_delay(task));
	put_u64(f, vr_ns_to_clock(usage.gtime));
	put_u64(f, vr_ns_to_clock(vr_u64(task, "signal->cgtime")));
	put_addresses(f, mm);
	put_s64(f, exit_code(task, whole));
	vr_puts(f, "\n");
}

/* task_statm() in fs/proc/task_mmu.c; pages. */
static void emit_statm(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);
	struct vr_mm_counters counters;
	uint64_t start, text, shared;

	if (!vr_ok(mm)) {
		vr_puts(f, "0 0 0 0 0 0 0\n");
		return;
	}
	vr_mm_counters_read(mm, vr_mm_shows_exact(key->prog), &counters);
	shared = counters.file + counters.shmem;
	start = vr_u64(mm, "start_code") & ~0xfffull;
	text = ((vr_u64(mm, "end_code") + 0xfff) & ~0xfffull) - start;
	vr_printf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " 0 %" PRIu64 " 0\n",
		  vr_u64(mm, "total_vm"), shared + counters.anon, shared, text >> 12,
		  vr_u64(mm, "data_vm") + vr_u64(mm, "stack_vm"));
}

VR_EMITTER(.path = "proc/{pid}/stat", .source = "task_struct, signal_struct, mm_struct",
	   .emit = emit_stat)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/stat", .source = "task_struct, mm_struct",
	   .emit = emit_stat)
VR_EMITTER(.path = "proc/{pid}/statm", .source = "mm_struct", .emit = emit_statm)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/statm", .source = "mm_struct", .emit = emit_statm)
