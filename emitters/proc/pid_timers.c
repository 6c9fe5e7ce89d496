// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/timers (show_timer() in fs/proc/base.c): what timer_create() made. */
#include "base/bits.h"
#include "kernel/list.h"
#include "kernel/task_pid.h"
#include "pid_emitter.h"

#define SIGEV_THREAD_ID 4u /* include/uapi/asm-generic/siginfo.h */

static const char *const notify_names[] = {"signal", "none", "thread"};

/* posixtimer_valid(): one that is being made or deleted has a mark there (since 6.15). */
static bool is_valid(struct vr_obj timer)
{
	return !vr_has(timer, "ignored_list") || !(vr_u64(timer, "it_signal") & 1);
}

static void put_timer(struct vr_file *f, struct vr_obj timer)
{
	uint64_t notify = vr_u64(timer, "it_sigev_notify");
	uint64_t how = notify & ~(uint64_t)SIGEV_THREAD_ID;
	uint64_t pid = vr_u64(timer, "it_pid");

	if (!is_valid(timer))
		return;
	if (how >= VR_ARRAY_SIZE(notify_names))
		vr_latch(timer.prog, VR_CORRUPT, "a timer that notifies by %" PRIu64, notify);
	if (vr_failed(timer.prog))
		return;
	vr_printf(f, "ID: %" PRId64 "\n", vr_s64(timer, "it_id"));
	vr_printf(f, "signal: %" PRId64 "/%016" PRIx64 "\n",
		  vr_s64(timer, "sigq->info.si_signo|sigq.info.si_signo"),
		  vr_u64(timer, "sigq->info._sifields._rt._sigval.sival_ptr|"
				"sigq.info._sifields._rt._sigval.sival_ptr"));
	vr_printf(f, "notify: %s/%s.%" PRId64 "\n", notify_names[how],
		  notify & SIGEV_THREAD_ID ? "tid" : "pid",
		  pid ? vr_pid_nr(vr_at(timer.prog, "struct pid", pid), 0, 0) : 0);
	vr_printf(f, "ClockID: %" PRId64 "\n", vr_s64(timer, "it_clock"));
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj head = vr_get(key->obj, "signal->posix_timers");
	/* On a list until 6.11. */
	bool hashed = vr_has(head, "first");
	struct vr_list_walk w = hashed ? vr_hlist_begin(head, "struct k_itimer", "list")
				       : vr_list_begin(head, "struct k_itimer", "list");

	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_timer(f, w.entry);
		vr_row_end(f);
	}
}

/* A process that is gone but for its exit code can't be read. */
static bool exists(const struct vr_key *key)
{
	uint64_t sighand;

	return vr_key_has_entry(key, "timers") &&
	       (vr_try_u64(key->obj, "sighand", &sighand) != VR_OK || sighand);
}

VR_EMITTER(.path = "proc/{pid}/timers", .source = "signal_struct.posix_timers", .exists = exists,
	   .emit = emit)
