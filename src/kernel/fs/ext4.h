/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ext4 says of a file system besides its mounts. */
#ifndef KERNEL_FS_EXT4_H
#define KERNEL_FS_EXT4_H

#include "base/strbuf.h"
#include <vmcore-report/object.h>

/**
 * Append all options of a struct super_block of ext4, those that are the default, too, each behind a
 * line feed: _ext4_show_options() for proc/fs/ext4/<disk>/options. Latches as vr_fs_options() does.
 */
void vr_ext4_all_options(struct vr_obj sb, struct vr_strbuf *out);

#endif
