// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/fs/show.h"

#include "kernel/function_text.h"
#include "kernel/kernfs.h"
#include "object/memo.h"

/* mangle() of fs/proc_namespace.c, for sources and kinds; 5.10 has it without the last one. */
#define MANGLED " \t\n\\#"

typedef void (*show_function)(const struct vr_fs_mount *m);

struct shown {
	const char *function; /* the kernel's */
	show_function show;
};

/*
 * They are sorted. What the kernel calls is what decides: a file system may be mounted as
 * of more than one kind (ext2 by ext4), and devtmpfs is what tmpfs or ramfs makes of it.
 */
static const struct shown options[] = {
	{"autofs_show_options", vr_fs_autofs_options},
	{"bpf_show_options", vr_fs_bpf_options},
	{"btrfs_show_options", vr_fs_btrfs_options},
	{"cgroup1_show_options", vr_fs_cgroup1_options},
	{"cgroup_show_options", vr_fs_cgroup_options},
	{"cifs_show_options", vr_fs_cifs_options},
	{"debugfs_show_options", vr_fs_debugfs_options},
	{"devpts_show_options", vr_fs_devpts_options},
	{"efivarfs_show_options", vr_fs_efivarfs_options},
	{"ext4_show_options", vr_fs_ext4_options},
	{"fat_show_options", vr_fs_fat_options},
	{"fuse_show_options", vr_fs_fuse_options},
	{"hugetlbfs_show_options", vr_fs_hugetlbfs_options},
	{"isofs_show_options", vr_fs_isofs_options},
	{"nfs_show_options", vr_fs_nfs_options},
	{"ovl_show_options", vr_fs_overlay_options},
	{"proc_show_options", vr_fs_proc_options},
	{"pstore_show_options", vr_fs_pstore_options},
	{"ramfs_show_options", vr_fs_ramfs_options},
	{"shmem_show_options", vr_fs_tmpfs_options},
	{"squashfs_show_options", vr_fs_squashfs_options},
	{"tracefs_show_options", vr_fs_tracefs_options},
	{"xfs_fs_show_options", vr_fs_xfs_options},
};

static const struct shown sources[] = {
	{"btrfs_show_devname", vr_fs_btrfs_source},
	{"cifs_show_devname", vr_fs_cifs_source},
	{"nfs_show_devname", vr_fs_nfs_source},
};

static const struct shown stats[] = {
	{"btrfs_show_stats", vr_fs_btrfs_stats},
	{"cifs_show_stats", vr_fs_cifs_stats},
	{"nfs_show_stats", vr_fs_nfs_stats},
	{"xfs_fs_show_stats", vr_fs_xfs_stats},
};

struct facts {
	bool known, mangles_hash;
};

/* What is escaped in sources and kinds: a string of show_vfsmnt()'s, or of what isn't inlined there. */
static const char *mangled(struct vr_program *prog)
{
	static const char *const functions[] = {"show_vfsmnt", "show_type", "mangle"};
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts)
		return VR_SEQ_PATH;
	for (size_t i = 0; !facts->known && i < VR_ARRAY_SIZE(functions); i++)
		if (vr_has_symbol(prog, functions[i]) &&
		    vr_function_has_text(prog, functions[i], MANGLED))
			facts->mangles_hash = true;
	facts->known = true;
	return facts->mangles_hash ? MANGLED : VR_SEQ_PATH;
}

struct vr_fs_mount vr_fs_mount(const struct vr_paths *paths, struct vr_obj mount,
			       struct vr_strbuf *out)
{
	return (struct vr_fs_mount){
		.paths = paths,
		.mount = mount,
		.sb = vr_deref(mount, "mnt.mnt_sb"),
		.top = vr_deref(mount, "mnt.mnt_root"),
		.out = out,
	};
}

/* Calls what follows the kernel's function at addr. */
static void show(const struct vr_fs_mount *m, const struct shown *table, size_t count,
		 uint64_t addr)
{
	char name[128];

	vr_function_name(m->sb.prog, addr, name, sizeof(name));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].function, name))
			continue;
		table[i].show(m);
		return;
	}
	vr_latch(m->sb.prog, VR_UNSUPPORTED, "what %s() shows isn't known",
		 name[0] ? name : "a function without a name");
}

/* Owners of kernfs trees have functions of their own: sysfs none, cgroup two. */
static uint64_t kernfs_operation(const struct vr_fs_mount *m, const char *member)
{
	struct vr_obj info = vr_fs_info(m, "struct kernfs_super_info");
	uint64_t ops = vr_u64(info, "root->syscall_ops");

	return ops ? vr_u64(vr_at(m->sb.prog, "struct kernfs_syscall_ops", ops), member) : 0;
}

static uint64_t operation(const struct vr_fs_mount *m, const char *member, char name[128])
{
	uint64_t function = vr_u64(vr_deref(m->sb, "s_op"), member);

	vr_function_name(m->sb.prog, function, name, 128);
	return function;
}

void vr_fs_options(const struct vr_fs_mount *m)
{
	char name[128];
	uint64_t function = operation(m, "show_options", name);

	if (!strcmp(name, "kernfs_sop_show_options"))
		function = kernfs_operation(m, "show_options");
	if (function)
		show(m, options, VR_ARRAY_SIZE(options), function);
}

bool vr_fs_has_source(const struct vr_fs_mount *m)
{
	return vr_u64(m->sb, "s_op->show_devname") || vr_u64(m->mount, "mnt_devname");
}

void vr_fs_source(const struct vr_fs_mount *m)
{
	uint64_t function = vr_u64(m->sb, "s_op->show_devname");
	char source[VR_FS_TEXT];

	if (function)
		show(m, sources, VR_ARRAY_SIZE(sources), function);
	else if (!vr_u64(m->mount, "mnt_devname"))
		vr_fs_puts(m, "none");
	else
		vr_fs_escaped(m, vr_str(m->mount, "mnt_devname", source, sizeof(source)),
			      mangled(m->sb.prog));
}

/* show_type() */
void vr_fs_type(const struct vr_fs_mount *m)
{
	char text[256];

	vr_fs_escaped(m, vr_str(m->sb, "s_type->name", text, sizeof(text)), mangled(m->sb.prog));
	if (!vr_u64(m->sb, "s_subtype"))
		return;
	vr_fs_puts(m, ".");
	vr_fs_escaped(m, vr_str(m->sb, "s_subtype", text, sizeof(text)), mangled(m->sb.prog));
}

/* kernfs_sop_show_path(): without a function of the owner's as all others. */
static void kernfs_root(const struct vr_fs_mount *m)
{
	uint64_t function = kernfs_operation(m, "show_path");
	char path[VR_PATH_SIZE], name[128];
	struct vr_obj node;

	if (!function) {
		vr_fs_escaped(m, vr_dentry_path(m->paths, m->top.addr, path), VR_SEQ_PATH);
		return;
	}
	/* As a reader sees it whose world begins at the tree's own root. */
	vr_function_name(m->sb.prog, function, name, sizeof(name));
	if (strcmp(name, "cgroup_show_path")) {
		vr_latch(m->sb.prog, VR_UNSUPPORTED, "what %s() shows isn't known", name);
		return;
	}
	node = vr_at(m->sb.prog, "struct kernfs_node", vr_u64(m->top, "d_inode->i_private"));
	vr_fs_escaped(m, vr_kernfs_path(node, path), VR_SEQ_PATH);
}

/* nsfs_show_path() */
static void namespace_root(const struct vr_fs_mount *m)
{
	struct vr_obj inode = vr_deref(m->top, "d_inode");
	struct vr_obj ns = vr_at(m->sb.prog, "struct ns_common", vr_u64(inode, "i_private"));
	char kind[64];

	vr_fs_printf(m, "%s:[%" PRIu64 "]", vr_str(ns, "ops->name", kind, sizeof(kind)),
		     vr_u64(inode, "i_ino"));
}

void vr_fs_root(const struct vr_fs_mount *m)
{
	char path[VR_PATH_SIZE], name[128];
	uint64_t function = operation(m, "show_path", name);

	if (!function)
		vr_fs_escaped(m, vr_dentry_path(m->paths, m->top.addr, path), VR_SEQ_PATH);
	else if (!strcmp(name, "kernfs_sop_show_path"))
		kernfs_root(m);
	else if (!strcmp(name, "nfs_show_path"))
		vr_fs_puts(m, "/");
	else if (!strcmp(name, "nsfs_show_path"))
		namespace_root(m);
	else
		vr_latch(m->sb.prog, VR_UNSUPPORTED, "what %s() shows isn't known", name);
}

void vr_fs_stats(const struct vr_fs_mount *m)
{
	uint64_t function = vr_u64(m->sb, "s_op->show_stats");

	if (!function)
		return;
	vr_fs_puts(m, " ");
	show(m, stats, VR_ARRAY_SIZE(stats), function);
}
