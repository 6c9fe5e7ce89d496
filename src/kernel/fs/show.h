/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share; not for others. */
#ifndef KERNEL_FS_SHOW_H
#define KERNEL_FS_SHOW_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/fs/fs.h"
#include "kernel/globals.h"

/** Room for an option's text: PATH_MAX, or a page. */
#define VR_FS_TEXT 4097

/** s_fs_info as that type; latches. */
struct vr_obj vr_fs_info(const struct vr_fs_mount *m, const char *type);

/** Line i of a table, of which that is the first. */
struct vr_obj vr_fs_element(struct vr_obj first, uint64_t i);

void vr_fs_puts(const struct vr_fs_mount *m, const char *text);
void vr_fs_printf(const struct vr_fs_mount *m, const char *fmt, ...) VR_PRINTF(2, 3);
/** With each character of esc as \ooo. */
void vr_fs_escaped(const struct vr_fs_mount *m, const char *text, const char *esc);
/** ",name" or ",name=value", escaped as seq_show_option() does it. */
void vr_fs_option(const struct vr_fs_mount *m, const char *name, const char *value);
/** The same with the string that a member points to; nothing where that is NULL. */
void vr_fs_string_option(const struct vr_fs_mount *m, const char *name, struct vr_obj obj,
			 const char *member);
/** text where the member (an integer) isn't 0. */
void vr_fs_flag(const struct vr_fs_mount *m, struct vr_obj obj, const char *member,
		const char *text);
/** The same of a member that not all kernels have. */
void vr_fs_flag_if(const struct vr_fs_mount *m, struct vr_obj obj, const char *member,
		   const char *text);

/** A bit and what it is shown as. */
struct vr_fs_bit {
	uint64_t bit;
	const char *text;
};
/** The texts of those that are set. */
void vr_fs_bits(const struct vr_fs_mount *m, uint64_t flags, const struct vr_fs_bit *bits,
		size_t count);

/** A kuid_t, a kgid_t as the initial namespace has it: from_kuid_munged(&init_user_ns, ). */
uint32_t vr_fs_user(struct vr_obj obj, const char *member);
uint32_t vr_fs_group(struct vr_obj obj, const char *member);
/** ",uid=%u", ",gid=%u" where the member isn't root's. */
void vr_fs_uid(const struct vr_fs_mount *m, struct vr_obj obj, const char *member);
void vr_fs_gid(const struct vr_fs_mount *m, struct vr_obj obj, const char *member);

/** The options of nfs, what is usual, too, but without ",addr=": nfs_show_mount_options(). */
void vr_fs_nfs_all_options(const struct vr_fs_mount *m);

/* The functions that fs.c has in its table, by the kernel's name of what they follow. */
void vr_fs_autofs_options(const struct vr_fs_mount *m);
void vr_fs_bpf_options(const struct vr_fs_mount *m);
void vr_fs_btrfs_options(const struct vr_fs_mount *m);
void vr_fs_btrfs_source(const struct vr_fs_mount *m);
void vr_fs_btrfs_stats(const struct vr_fs_mount *m);
void vr_fs_cgroup_options(const struct vr_fs_mount *m);
void vr_fs_cgroup1_options(const struct vr_fs_mount *m);
void vr_fs_cifs_options(const struct vr_fs_mount *m);
void vr_fs_cifs_source(const struct vr_fs_mount *m);
void vr_fs_cifs_stats(const struct vr_fs_mount *m);
void vr_fs_debugfs_options(const struct vr_fs_mount *m);
void vr_fs_devpts_options(const struct vr_fs_mount *m);
void vr_fs_efivarfs_options(const struct vr_fs_mount *m);
void vr_fs_ext4_options(const struct vr_fs_mount *m);
void vr_fs_fat_options(const struct vr_fs_mount *m);
void vr_fs_fuse_options(const struct vr_fs_mount *m);
void vr_fs_hugetlbfs_options(const struct vr_fs_mount *m);
void vr_fs_isofs_options(const struct vr_fs_mount *m);
void vr_fs_nfs_options(const struct vr_fs_mount *m);
void vr_fs_nfs_source(const struct vr_fs_mount *m);
void vr_fs_nfs_stats(const struct vr_fs_mount *m);
void vr_fs_overlay_options(const struct vr_fs_mount *m);
void vr_fs_proc_options(const struct vr_fs_mount *m);
void vr_fs_pstore_options(const struct vr_fs_mount *m);
void vr_fs_ramfs_options(const struct vr_fs_mount *m);
void vr_fs_squashfs_options(const struct vr_fs_mount *m);
void vr_fs_tmpfs_options(const struct vr_fs_mount *m);
void vr_fs_tracefs_options(const struct vr_fs_mount *m);
void vr_fs_xfs_options(const struct vr_fs_mount *m);
void vr_fs_xfs_stats(const struct vr_fs_mount *m);

#endif
