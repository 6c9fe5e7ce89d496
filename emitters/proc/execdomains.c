// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/execdomains (execdomains_proc_show() in kernel/exec_domain.c): there is one, by now. */
#include "kernel/function_text.h"
#include "plugin/emitter.h"

#define LINE "0-0\tLinux           \t[kernel]\n"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	if (vr_function_has_text(key->prog, "execdomains_proc_show", LINE))
		vr_puts(f, LINE);
	else
		vr_latch(key->prog, VR_UNSUPPORTED, "the kernel doesn't say what we expect");
}

VR_EMITTER(.path = "proc/execdomains", .source = "execdomains_proc_show", .emit = emit)
