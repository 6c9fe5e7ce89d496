// SPDX-License-Identifier: GPL-2.0-or-later
/* pstore (fs/pstore/inode.c). */
#include "kernel/fs/show.h"
#include "kernel/function_code.h"

#define FUNCTION "pstore_show_options"
/* CONFIG_PSTORE_DEFAULT_KMSG_BYTES, unless somebody chose another: that is in its code then. */
#define DEFAULT_KMSG_BYTES 10240

void vr_fs_pstore_options(const struct vr_fs_mount *m)
{
	uint64_t bytes = vr_u64(vr_kernel_global(m->sb.prog, "kmsg_bytes"), "");

	if (!vr_function_refers(m->sb.prog, FUNCTION, DEFAULT_KMSG_BYTES))
		vr_latch(m->sb.prog, VR_UNSUPPORTED, "another default than %d bytes",
			 DEFAULT_KMSG_BYTES);
	if (bytes != DEFAULT_KMSG_BYTES)
		vr_fs_printf(m, ",kmsg_bytes=%" PRIu64, bytes);
}
