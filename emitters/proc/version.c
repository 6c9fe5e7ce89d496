// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/version (version_proc_show() in fs/proc/version.c) and proc/cmdline. */
#include <string.h>

#include "kernel/globals.h"
#include "kernel/utsname.h"
#include "plugin/emitter.h"

/* Longer than COMMAND_LINE_SIZE of any architecture. */
#define MAX_TEXT 16384

/* The banner is a format for three names. */
static void emit_version(struct vr_file *f, const struct vr_key *key)
{
	char format[1024];
	struct vr_utsname uts;
	unsigned used = 0;

	vr_utsname_read(key->prog, &uts);
	vr_str(vr_kernel_global(key->prog, "linux_proc_banner"), "", format, sizeof(format));
	for (const char *p = format; *p; p++) {
		const char *const names[] = {uts.sysname, uts.release, uts.version};

		if (p[0] == '%' && p[1] == 's' && used < 3) {
			vr_puts(f, names[used++]);
			p++;
		} else {
			vr_write(f, p, 1);
		}
	}
}

static void emit_cmdline(struct vr_file *f, const struct vr_key *key)
{
	char text[MAX_TEXT];

	vr_puts(f,
		vr_str(vr_kernel_global(key->prog, "saved_command_line"), "", text, sizeof(text)));
	vr_puts(f, "\n");
}

VR_EMITTER(.path = "proc/version", .source = "linux_proc_banner, init_uts_ns", .emit = emit_version)
VR_EMITTER(.path = "proc/cmdline", .source = "saved_command_line", .emit = emit_cmdline)
