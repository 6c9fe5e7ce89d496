// SPDX-License-Identifier: GPL-2.0-or-later
/* overlay (fs/overlayfs/super.c, since 6.5 params.c). */
#include "kernel/fs/show.h"

/* Most layers that a mount may have: OVL_MAX_STACK. */
#define MAX_LAYERS 500

static bool parameter(struct vr_program *prog, const char *symbol)
{
	return vr_u64(vr_kernel_global(prog, symbol), "");
}

static void show_switch(const struct vr_fs_mount *m, struct vr_obj config, const char *member,
			const char *usual)
{
	bool on = vr_u64(config, member);

	if (on != parameter(config.prog, usual))
		vr_fs_printf(m, ",%s=%s", member, on ? "on" : "off");
}

/* A choice that has a table of names, which is sorted by value. */
static void show_choice(const struct vr_fs_mount *m, const char *name, uint64_t choice,
			int64_t usual, const char *table)
{
	struct vr_program *prog = m->sb.prog;
	struct vr_obj line;
	char text[32];

	if (choice == (uint64_t)usual)
		return;
	if (choice > 16) {
		vr_latch(prog, VR_CORRUPT, "%s is %" PRIu64, name, choice);
		return;
	}
	line = vr_kernel_element(prog, table, choice);
	vr_fs_printf(m, ",%s=%s", name,
		     vr_str(line, vr_has(line, "name") ? "name" : "", text, sizeof(text)));
}

/* ovl_redirect_mode_def(); a text until 6.4. */
static void show_redirect(const struct vr_fs_mount *m, struct vr_obj config)
{
	struct vr_program *prog = config.prog;
	bool on = parameter(prog, "ovl_redirect_dir_def");
	const char *usual;
	char mode[16];

	if (vr_type_kind(vr_get(config, "redirect_mode").type) == VR_TYPE_POINTER) {
		vr_str(config, "redirect_mode", mode, sizeof(mode));
		if (strcmp(mode, on ? "on" : "off"))
			vr_fs_printf(m, ",redirect_dir=%s", mode);
		return;
	}
	usual = on                                              ? "OVL_REDIRECT_ON"
		: parameter(prog, "ovl_redirect_always_follow") ? "OVL_REDIRECT_FOLLOW"
								: "OVL_REDIRECT_NOFOLLOW";
	show_choice(m, "redirect_dir", vr_u64(config, "redirect_mode"), vr_constant(prog, usual),
		    "ovl_parameter_redirect_dir");
}

/*
 * Since 6.5 an array: the first is what lowerdir= said, or NULL; then come those of lowerdir+= and
 * datadir+=.
 */
static void show_layers(const struct vr_fs_mount *m, struct vr_obj info, struct vr_obj config)
{
	uint64_t count, merged;

	if (!vr_has(config, "lowerdirs")) {
		vr_fs_string_option(m, "lowerdir", config, "lowerdir");
		return;
	}
	if (vr_u64(vr_deref(config, "lowerdirs"), "")) {
		vr_fs_string_option(m, "lowerdir", vr_deref(config, "lowerdirs"), "");
		return;
	}
	count = vr_u64(info, "numlayer");
	merged = count - vr_u64(info, "numdatalayer");
	if (count > MAX_LAYERS + 1 || merged > count) {
		vr_latch(m->sb.prog, VR_CORRUPT, "%" PRIu64 " layers", count);
		return;
	}
	for (uint64_t i = 1; i < count; i++)
		vr_fs_string_option(m, i < merged ? "lowerdir+" : "datadir+",
				    vr_index(vr_get(config, "lowerdirs"), i), "");
}

static void show_uuid(const struct vr_fs_mount *m, struct vr_obj config)
{
	if (!vr_has(config, "uuid"))
		return;
	if (vr_type_size(vr_get(config, "uuid").type) > 1) /* since 6.6 */
		show_choice(m, "uuid", vr_u64(config, "uuid"),
			    vr_constant(config.prog, "OVL_UUID_AUTO"), "ovl_parameter_uuid");
	else if (!vr_u64(config, "uuid"))
		vr_fs_puts(m, ",uuid=off");
}

static void show_rest(const struct vr_fs_mount *m, struct vr_obj config)
{
	struct vr_program *prog = config.prog;

	vr_fs_flag_if(m, config, "ovl_volatile", ",volatile");
	if (vr_has(config, "fsync_mode"))
		show_choice(m, "fsync", vr_u64(config, "fsync_mode"),
			    vr_constant(prog, "OVL_FSYNC_AUTO"), "ovl_parameter_fsync");
	vr_fs_flag_if(m, config, "userxattr", ",userxattr");
	if (vr_has(config, "verity_mode"))
		show_choice(m, "verity", vr_u64(config, "verity_mode"),
			    vr_constant(prog, "OVL_VERITY_OFF"), "ovl_parameter_verity");
}

void vr_fs_overlay_options(const struct vr_fs_mount *m)
{
	struct vr_obj info = vr_fs_info(m, "struct ovl_fs"), config = vr_get(info, "config");
	struct vr_program *prog = info.prog;
	const char *usual;

	show_layers(m, info, config);
	if (vr_u64(config, "upperdir")) {
		vr_fs_string_option(m, "upperdir", config, "upperdir");
		vr_fs_string_option(m, "workdir", config, "workdir");
	}
	vr_fs_flag(m, config, "default_permissions", ",default_permissions");
	show_redirect(m, config);
	show_switch(m, config, "index", "ovl_index_def");
	show_uuid(m, config);
	show_switch(m, config, "nfs_export", "ovl_nfs_export_def");
	/* Of no use where all layers are of one file system: ovl_same_fs(). */
	usual = parameter(prog, "ovl_xino_auto_def") ? "OVL_XINO_AUTO" : "OVL_XINO_OFF";
	if (vr_u64(info, "xino_mode"))
		show_choice(m, "xino", vr_u64(config, "xino"), vr_constant(prog, usual),
			    vr_has_symbol(prog, "ovl_parameter_xino") ? "ovl_parameter_xino"
								      : "ovl_xino_str");
	show_switch(m, config, "metacopy", "ovl_metacopy_def");
	show_rest(m, config);
}
