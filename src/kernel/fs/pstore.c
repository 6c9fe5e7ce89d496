// SPDX-License-Identifier: GPL-2.0-or-later
/* pstore (fs/pstore/inode.c). */
#include "kernel/fs/show.h"

/* CONFIG_PSTORE_DEFAULT_KMSG_BYTES, unless somebody chose another when the kernel was built. */
#define DEFAULT_KMSG_BYTES 10240

void vr_fs_pstore_options(const struct vr_fs_mount *m)
{
	uint64_t bytes = vr_u64(vr_kernel_global(m->sb.prog, "kmsg_bytes"), "");

	if (bytes != DEFAULT_KMSG_BYTES)
		vr_fs_printf(m, ",kmsg_bytes=%" PRIu64, bytes);
}
