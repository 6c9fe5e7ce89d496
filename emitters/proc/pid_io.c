// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/io (do_io_accounting() in fs/proc/base.c). */
#include "kernel/cputime.h"
#include "pid_emitter.h"

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "io") && vr_has(key->obj, "ioac.rchar") &&
	       vr_has(key->obj, "ioac.read_bytes");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_usage usage;

	if (key->tid)
		vr_task_usage(key->obj, &usage);
	else
		vr_process_usage(key->obj, &usage);
	vr_printf(f, "rchar: %" PRIu64 "\n", usage.io.rchar);
	vr_printf(f, "wchar: %" PRIu64 "\n", usage.io.wchar);
	vr_printf(f, "syscr: %" PRIu64 "\n", usage.io.syscr);
	vr_printf(f, "syscw: %" PRIu64 "\n", usage.io.syscw);
	vr_printf(f, "read_bytes: %" PRIu64 "\n", usage.io.read_bytes);
	vr_printf(f, "write_bytes: %" PRIu64 "\n", usage.io.write_bytes);
	vr_printf(f, "cancelled_write_bytes: %" PRIu64 "\n", usage.io.cancelled_write_bytes);
}

VR_EMITTER(.path = "proc/{pid}/io", .source = "task_struct.ioac, signal_struct.ioac",
	   .exists = exists, .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/io", .source = "task_struct.ioac", .exists = exists,
	   .emit = emit)
