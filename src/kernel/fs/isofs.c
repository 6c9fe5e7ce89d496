// SPDX-License-Identifier: GPL-2.0-or-later
/* iso9660 (fs/isofs/inode.c). */
#include "kernel/fs/show.h"

#define INVALID_MODE 0xffff /* ISOFS_INVALID_MODE, a umode_t */
#define NO_SESSION 255
#define NO_SECTOR 0xffffffffu
#define USUAL_BLOCK 1024

/* Values that are shown unless they are none. */
static void show_value(const struct vr_fs_mount *m, const char *name, uint64_t value, uint64_t none)
{
	if (value != none)
		vr_fs_printf(m, ",%s=%" PRIu64, name, value);
}

static void show_mode(const struct vr_fs_mount *m, const char *name, uint64_t mode)
{
	if (mode != INVALID_MODE)
		vr_fs_printf(m, ",%s=%" PRIo64, name, mode);
}

static void show_letter(const struct vr_fs_mount *m, const char *name, uint64_t letter)
{
	if (letter)
		vr_fs_printf(m, ",%s=%c", name, (char)letter);
}

static void show_charset(const struct vr_fs_mount *m, struct vr_obj info)
{
	char charset[64];

	if (!vr_has(info, "s_nls_iocharset")) /* CONFIG_JOLIET */
		return;
	if (!vr_u64(info, "s_nls_iocharset"))
		vr_fs_puts(m, ",iocharset=utf8");
	else
		vr_fs_printf(m, ",iocharset=%s",
			     vr_str(vr_deref(info, "s_nls_iocharset"), "charset", charset,
				    sizeof(charset)));
}

void vr_fs_isofs_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct isofs_sb_info");
	uint64_t session;

	if (!vr_u64(info, "s_rock"))
		vr_fs_puts(m, ",norock");
	else if (!vr_u64(info, "s_joliet_level"))
		vr_fs_puts(m, ",nojoliet");
	vr_fs_flag(m, info, "s_cruft", ",cruft");
	vr_fs_flag(m, info, "s_hide", ",hide");
	vr_fs_flag(m, info, "s_nocompress", ",nocompress");
	vr_fs_flag(m, info, "s_overriderockperm", ",overriderockperm");
	vr_fs_flag(m, info, "s_showassoc", ",showassoc");
	show_letter(m, "check", vr_u64(info, "s_check"));
	show_letter(m, "map", vr_u64(info, "s_mapping"));
	session = vr_u64(info, "s_session");
	if (session != NO_SESSION)
		vr_fs_printf(m, ",session=%" PRIu32, (uint32_t)session - 1);
	show_value(m, "sbsector", (uint32_t)vr_u64(info, "s_sbsector"), NO_SECTOR);
	show_value(m, "blocksize", vr_u64(m->sb, "s_blocksize"), USUAL_BLOCK);
	if (vr_u64(info, "s_uid_set"))
		vr_fs_printf(m, ",uid=%" PRIu32, vr_fs_user(info, "s_uid"));
	if (vr_u64(info, "s_gid_set"))
		vr_fs_printf(m, ",gid=%" PRIu32, vr_fs_group(info, "s_gid"));
	show_mode(m, "dmode", vr_u64(info, "s_dmode"));
	show_mode(m, "fmode", vr_u64(info, "s_fmode"));
	show_charset(m, info);
}
