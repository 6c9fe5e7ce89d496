// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/fd.h"

#include "base/bits.h"
#include "kernel/list.h"

#define CHUNK VR_ARRAY_SIZE(((struct vr_fd_walk *)0)->chunk)

void vr_fds_begin(struct vr_obj task, struct vr_fd_walk *w)
{
	struct vr_obj table;

	*w = (struct vr_fd_walk){.file = vr_at(task.prog, "struct file", 0)};
	if (!vr_u64(task, "files"))
		return;
	table = vr_deref(task, "files->fdt");
	w->max = vr_u64(table, "max_fds");
	w->files = vr_u64(table, "fd");
	w->exec_bits = vr_u64(table, "close_on_exec");
	if (vr_failed(task.prog))
		w->max = 0;
	if (w->max <= VR_WALK_LIMIT)
		return;
	vr_cut(task.prog, VR_LIMIT, "more than %u descriptors", VR_WALK_LIMIT);
	w->max = VR_WALK_LIMIT;
}

/* As many descriptors at once as a word of close_on_exec has bits. */
static bool load(struct vr_fd_walk *w)
{
	struct vr_program *prog = w->file.prog;
	uint64_t n = VR_MIN(w->max - w->next, CHUNK);
	struct vr_error err;

	if (vr_read(prog, w->files + 8 * w->next, w->chunk, 8 * n, &err) == VR_OK &&
	    vr_read(prog, w->exec_bits + w->next / 8, &w->chunk_exec, 8, &err) == VR_OK)
		return true;
	vr_cut(prog, err.kind, "descriptors from %llu on: %s", (unsigned long long)w->next,
	       err.text);
	w->next = w->max;
	return false;
}

bool vr_fds_next(struct vr_fd_walk *w)
{
	while (w->next < w->max && !vr_failed(w->file.prog)) {
		uint64_t i = w->next % CHUNK;

		if (!i && !load(w))
			return false;
		w->fd = (unsigned)w->next++;
		w->file.addr = w->chunk[i];
		w->close_on_exec = w->chunk_exec >> i & 1;
		if (w->file.addr)
			return true;
	}
	return false;
}
