// SPDX-License-Identifier: GPL-2.0-or-later
/* vfat and msdos (fs/fat/inode.c). */
#include "kernel/fs/show.h"

/* VFAT_SFN_*, FAT_ERRORS_*, FAT_NFS_*: macros of fs/fat/fat.h. */
static const struct vr_fs_bit short_names[] = {
	{0x0001 | 0x0100, "lower"}, /* display in lower case, create as Windows 95 */
	{0x0002 | 0x0100, "win95"},
	{0x0004 | 0x0200, "winnt"},
	{0x0004 | 0x0100, "mixed"},
};
#define ERRORS_CONT 1u
#define ERRORS_PANIC 2u
#define NFS_NOSTALE_RO 2u

static void show_charset(const struct vr_fs_mount *m, const char *name, struct vr_obj sbi,
			 const char *member, size_t skipped)
{
	char text[64];

	if (!vr_u64(sbi, member))
		return;
	vr_str(vr_deref(sbi, member), "charset", text, sizeof(text));
	if (strlen(text) >= skipped)
		vr_fs_printf(m, ",%s=%s", name, text + skipped);
}

static void show_short_names(const struct vr_fs_mount *m, struct vr_obj opts)
{
	uint64_t value = vr_u64(opts, "shortname");
	const char *name = "unknown";

	for (size_t i = 0; i < VR_ARRAY_SIZE(short_names); i++)
		if (value == short_names[i].bit)
			name = short_names[i].text;
	vr_fs_printf(m, ",shortname=%s", name);
}

static void show_names(const struct vr_fs_mount *m, struct vr_obj opts, bool isvfat)
{
	char check = (char)vr_u64(opts, "name_check");

	if (check != 'n')
		vr_fs_printf(m, ",check=%c", check);
	vr_fs_flag(m, opts, "usefree", ",usefree");
	vr_fs_flag(m, opts, "quiet", ",quiet");
	vr_fs_flag(m, opts, "showexec", ",showexec");
	vr_fs_flag(m, opts, "sys_immutable", ",sys_immutable");
	if (!isvfat) {
		vr_fs_flag(m, opts, "dotsOK", ",dotsOK=yes");
		vr_fs_flag(m, opts, "nocase", ",nocase");
		return;
	}
	vr_fs_flag(m, opts, "utf8", ",utf8");
	vr_fs_flag(m, opts, "unicode_xlate", ",uni_xlate");
	if (!vr_u64(opts, "numtail"))
		vr_fs_puts(m, ",nonumtail");
	vr_fs_flag(m, opts, "rodir", ",rodir");
}

static void show_rest(const struct vr_fs_mount *m, struct vr_obj opts)
{
	uint64_t errors = vr_u64(opts, "errors"), nfs = vr_u64(opts, "nfs");
	int64_t offset = vr_s64(opts, "time_offset");

	vr_fs_flag(m, opts, "flush", ",flush");
	if (vr_u64(opts, "tz_set")) {
		if (offset)
			vr_fs_printf(m, ",time_offset=%" PRId64, offset);
		else
			vr_fs_puts(m, ",tz=UTC");
	}
	vr_fs_puts(m, errors == ERRORS_CONT    ? ",errors=continue"
		      : errors == ERRORS_PANIC ? ",errors=panic"
					       : ",errors=remount-ro");
	if (nfs)
		vr_fs_puts(m, nfs == NFS_NOSTALE_RO ? ",nfs=nostale_ro" : ",nfs=stale_rw");
	vr_fs_flag(m, opts, "discard", ",discard");
	vr_fs_flag(m, opts, "dos1xfloppy", ",dos1xfloppy");
}

void vr_fs_fat_options(const struct vr_fs_mount *m)
{
	struct vr_obj sbi = vr_fs_info(m, "struct msdos_sb_info"), opts = vr_get(sbi, "options");
	bool isvfat = vr_u64(opts, "isvfat");
	uint64_t utime;

	vr_fs_uid(m, opts, "fs_uid");
	vr_fs_gid(m, opts, "fs_gid");
	vr_fs_printf(m, ",fmask=%04" PRIo64 ",dmask=%04" PRIo64, vr_u64(opts, "fs_fmask"),
		     vr_u64(opts, "fs_dmask"));
	utime = vr_u64(opts, "allow_utime");
	if (utime)
		vr_fs_printf(m, ",allow_utime=%04" PRIo64, utime);
	show_charset(m, "codepage", sbi, "nls_disk", strlen("cp"));
	if (isvfat) {
		show_charset(m, "iocharset", sbi, "nls_io", 0);
		show_short_names(m, opts);
	}
	show_names(m, opts, isvfat);
	show_rest(m, opts);
}
