// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/wchan: the function that a task waits in (proc_pid_wchan() in fs/proc/base.c). */
#include "kernel/wchan.h"
#include "object/program.h"
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "wchan");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	uint64_t addr = vr_task_wchan(key->obj);
	struct vr_symbol sym;

	if (addr && vr_symtab_lookup(key->prog->symtab, addr, &sym) == VR_OK)
		vr_puts(f, sym.name);
	else
		vr_puts(f, "0");
}

VR_EMITTER(.path = "proc/{pid}/wchan", .source = "task_struct.thread, ORC", .exists = exists,
	   .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/wchan", .source = "task_struct.thread, ORC",
	   .exists = exists, .emit = emit)
