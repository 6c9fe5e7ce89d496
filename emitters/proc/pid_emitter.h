/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the emitters of proc/<pid>/ and proc/<pid>/task/<tid>/ have in common. */
#ifndef EMITTERS_PROC_PID_EMITTER_H
#define EMITTERS_PROC_PID_EMITTER_H

#include <inttypes.h>

#include "kernel/proc_entry.h"
#include "plugin/emitter.h"

/* include/linux/sched.h; macros, the same in all kernels. */
#define PF_EXITING 0x00000004u
#define PF_KTHREAD 0x00200000u

/** Does this kernel have the file that key is of, by its own table of names? */
static inline bool vr_key_has_entry(const struct vr_key *key, const char *name)
{
	return vr_proc_has_entry(key->prog, key->tid != 0, name);
}

#endif
