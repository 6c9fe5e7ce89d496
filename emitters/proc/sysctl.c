// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/sys/: the sysctls (fs/proc/proc_sysctl.c). */
#include "kernel/sysctl.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "kernel/sysctl_format.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const void *arg)
{
	VR_STRBUF text = {0};

	vr_sysctl_format(arg, &text);
	vr_write(f, vr_strbuf_str(&text), text.len);
}

static void walk(struct vr_folder *folder, const struct vr_key *key)
{
	struct vr_sysctl_walk w;

	vr_sysctl_walk_begin(key->prog, &w);
	while (vr_sysctl_walk_next(&w)) {
		char source[160];

		if (!vr_sysctl_readable(&w.sysctl))
			continue;
		snprintf(source, sizeof(source), "struct ctl_table, %s()", w.sysctl.handler);
		vr_folder_file(folder, w.sysctl.path, source, emit, &w.sysctl);
	}
}

VR_EMITTER(.path = "proc/sys/", .source = "sysctl_table_root", .walk = walk)
