// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/function_text.h"
#include "kernel/task.h"
#include "object/memo.h"

/* include/linux/sched.h; macros. */
#define PF_WQ_WORKER 0x00000020u
#define PF_KTHREAD 0x00200000u

/* The thread's struct kthread, which hung from another member before 5.17; no object: none. */
static struct vr_obj kthread_of(struct vr_obj task)
{
	struct vr_obj none = {.prog = task.prog};
	uint64_t addr = vr_u64(task, "worker_private|set_child_tid");

	return addr ? vr_at(task.prog, "struct kthread", addr) : none;
}

/* As strscpy() into what is left of buf. */
static void append(char *buf, const char *text)
{
	size_t len = strlen(buf);

	snprintf(buf + len, VR_TASK_NAME_SIZE - len, "%s", text);
}

/* 2a1b02bcba78 and what followed in 6.9: the name is made of the worker's ids, and not cut. */
static bool names_by_id(struct vr_program *prog)
{
	static const char key;
	struct facts {
		bool known, by_id;
	} *facts = vr_memo(prog, &key, sizeof(*facts));

	if (facts && !facts->known) {
		facts->by_id = vr_has_symbol(prog, "format_worker_id") ||
			       vr_function_has_text(prog, "wq_worker_comm", "kworker/dying");
		facts->known = !vr_failed(prog);
	}
	return facts && facts->by_id;
}

/* format_worker_id() of kernel/workqueue.c. */
static void worker_id(struct vr_obj worker, uint64_t pool_addr, char *buf)
{
	struct vr_obj pool;

	if (vr_u64(worker, "rescue_wq")) {
		char name[VR_TASK_NAME_SIZE];

		vr_str(worker, "rescue_wq->name", name, sizeof(name));
		snprintf(buf, VR_TASK_NAME_SIZE, "kworker/R-%.50s", name);
		return;
	}
	if (!pool_addr) {
		snprintf(buf, VR_TASK_NAME_SIZE, "kworker/dying");
		return;
	}
	pool = vr_at(worker.prog, "struct worker_pool", pool_addr);
	if (vr_s64(pool, "cpu") >= 0)
		snprintf(buf, VR_TASK_NAME_SIZE, "kworker/%" PRId64 ":%" PRId64 "%s",
			 vr_s64(pool, "cpu"), vr_s64(worker, "id"),
			 vr_s64(pool, "attrs->nice") < 0 ? "H" : "");
	else
		snprintf(buf, VR_TASK_NAME_SIZE, "kworker/u%" PRId64 ":%" PRId64,
			 vr_s64(pool, "id"), vr_s64(worker, "id"));
}

/* wq_worker_comm() */
static void worker_name(struct vr_obj task, char *buf)
{
	struct vr_obj worker = vr_at(task.prog, "struct worker", vr_u64(kthread_of(task), "data"));
	uint64_t pool = vr_u64(worker, "pool");
	char desc[VR_TASK_NAME_SIZE];

	if (names_by_id(task.prog))
		worker_id(worker, pool, buf);
	else
		vr_task_comm(task, buf);
	if (!pool || !*vr_str(worker, "desc", desc, sizeof(desc)))
		return;
	append(buf, vr_u64(worker, "current_work") ? "+" : "-");
	append(buf, desc);
}

char *vr_task_name(struct vr_obj task, char buf[VR_TASK_NAME_SIZE])
{
	uint64_t flags = vr_u64(task, "flags");
	struct vr_obj kthread;

	buf[0] = '\0';
	if (flags & PF_WQ_WORKER) {
		worker_name(task, buf);
		return buf;
	}
	if (flags & PF_KTHREAD && vr_has_member(task.prog, "struct kthread", "full_name")) {
		kthread = kthread_of(task);
		if (vr_ok(kthread) && vr_u64(kthread, "full_name")) {
			char full[256];

			vr_str(kthread, "full_name", full, sizeof(full));
			snprintf(buf, VR_TASK_NAME_SIZE, "%.63s", full);
			return buf;
		}
	}
	return vr_task_comm(task, buf);
}
