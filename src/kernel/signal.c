// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/signal.h"

#include "base/bits.h"
#include "object/memo.h"

#define NSIG 64 /* _NSIG of x86-64 */

/* Of struct k_sigaction: its size and where sa_handler is. */
struct action_layout {
	uint64_t size, handler;
};

/* collect_sigign_sigcatch(), with one read. */
static void collect(struct vr_obj task, struct vr_task_signals *signals)
{
	static const char key;
	struct action_layout *layout = vr_memo(task.prog, &key, sizeof(*layout));
	struct vr_obj actions = vr_get(task, "sighand->action");
	uint8_t buf[NSIG * 64];

	if (layout && !layout->size) {
		layout->handler = vr_offsetof(task.prog, "struct k_sigaction", "sa.sa_handler");
		layout->size = vr_sizeof(task.prog, "struct k_sigaction");
	}
	if (!layout || vr_failed(task.prog))
		return;
	if (layout->size > sizeof(buf) / NSIG || layout->handler + 8 > layout->size) {
		vr_latch(task.prog, VR_CORRUPT, "a struct k_sigaction that can't be right");
		return;
	}
	if (!vr_bytes(actions, "", buf, NSIG * layout->size))
		return;
	for (unsigned i = 0; i < NSIG; i++) {
		uint64_t handler = vr_load64(buf + i * layout->size + layout->handler);

		if (handler == 1) /* SIG_IGN */
			signals->ignored |= 1ull << i;
		else if (handler) /* not SIG_DFL */
			signals->caught |= 1ull << i;
	}
}

bool vr_task_signals_read(struct vr_obj task, struct vr_task_signals *signals)
{
	*signals = (struct vr_task_signals){0};
	if (!vr_u64(task, "sighand"))
		return !vr_failed(task.prog);
	signals->has_handlers = true;
	signals->threads = vr_u64(task, "signal->nr_threads");
	signals->pending = vr_u64(task, "pending.signal.sig[0]");
	signals->shared_pending = vr_u64(task, "signal->shared_pending.signal.sig[0]");
	signals->blocked = vr_u64(task, "blocked.sig[0]");
	collect(task, signals);
	return !vr_failed(task.prog);
}
