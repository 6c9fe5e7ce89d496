// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/mounts and mountinfo, proc/mounts (fs/proc_namespace.c). What file systems themselves
 * add to their lines (show_options()) is missing, which the manifest says of each such file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/kernfs.h"
#include "kernel/mount.h"
#include "plugin/emitter.h"

/* Most kinds of file systems that one file's reason names. */
#define MAX_NAMED 256
/* More modules for security than there are. */
#define MAX_MODULES 32

/* The mounts that a task sees, and what was left out of them so far. */
struct view {
	struct vr_file *f;
	struct vr_program *prog;
	struct vr_paths paths;
	struct vr_path root;
	char left_out[MAX_NAMED]; /* of whose options: "tmpfs, ext4" */
	char renamed[MAX_NAMED];  /* who may show another source than the one mounted from */
	char kind[64];
};

/* A kernel thread has these too, a process that has exited none (mounts_open_common()). */
static bool has_mounts(const struct vr_key *key)
{
	uint64_t nsproxy, fs;

	return vr_try_u64(key->obj, "nsproxy", &nsproxy) != VR_OK ||
	       vr_try_u64(key->obj, "fs", &fs) != VR_OK || (nsproxy && fs);
}

/* Is kind one of the words of the list? */
static bool is_named(const char *list, const char *kind)
{
	size_t n = strlen(kind);

	for (const char *p = list; (p = strstr(p, kind)); p++)
		if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ','))
			return true;
	return false;
}

static void name(char list[MAX_NAMED], const char *kind)
{
	size_t len = strlen(list);

	if (*kind && !is_named(list, kind))
		snprintf(list + len, MAX_NAMED - len, "%s%s", len ? ", " : "", kind);
}

static void put_escaped(struct vr_file *f, const char *text)
{
	char escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];

	vr_puts(f, vr_seq_escape(text, VR_SEQ_PATH, escaped, sizeof(escaped)));
}

/* A string that the kernel has, for the row's scope; NULL gives none. */
static const char *get_text(struct vr_obj obj, const char *member, const char *none, char *buf,
			    size_t size)
{
	return vr_u64(obj, member) ? vr_str(obj, member, buf, size) : none;
}

/* A file system's own show_devname() shows what it is on now, which isn't known here. */
static void put_source(struct view *v, struct vr_obj mount, struct vr_obj sb)
{
	char source[4096];

	if (vr_u64(sb, "s_op->show_devname"))
		name(v->renamed, v->kind);
	put_escaped(v->f, get_text(mount, "mnt_devname", "none", source, sizeof(source)));
}

/* show_type() */
static void put_type(struct view *v, struct vr_obj sb)
{
	char subtype[256];

	put_escaped(v->f, v->kind);
	get_text(sb, "s_subtype", strcpy(subtype, ""), subtype, sizeof(subtype));
	if (!subtype[0])
		return;
	vr_puts(v->f, ".");
	put_escaped(v->f, subtype);
}

/* kernfs_sop_show_options() shows what the tree's owner shows, if that shows anything. */
static bool has_own_options(struct vr_obj sb)
{
	uint64_t function = vr_u64(sb, "s_op->show_options"), info, ops;
	char name[128];

	if (strcmp(vr_function_name(sb.prog, function, name, sizeof(name)),
		   "kernfs_sop_show_options"))
		return function != 0;
	info = vr_u64(sb, "s_fs_info");
	ops = vr_u64(vr_at(sb.prog, "struct kernfs_super_info", info), "root->syscall_ops");
	return ops && vr_u64(vr_at(sb.prog, "struct kernfs_syscall_ops", ops), "show_options");
}

static void put_super_options(struct view *v, struct vr_obj sb)
{
	char options[VR_MOUNT_TEXT];

	vr_puts(v->f, vr_super_options(sb, options));
	if (has_own_options(sb))
		name(v->left_out, v->kind);
}

/* The directory of its file system that is mounted. */
static void put_top(struct view *v, struct vr_obj mount, struct vr_obj sb)
{
	char buf[VR_PATH_SIZE], name[128];
	struct vr_obj top = vr_deref(mount, "mnt.mnt_root");

	vr_function_name(v->prog, vr_u64(sb, "s_op->show_path"), name, sizeof(name));
	if (!strcmp(name, "nsfs_show_path")) {
		struct vr_obj inode = vr_deref(top, "d_inode");
		struct vr_obj ns = vr_at(v->prog, "struct ns_common", vr_u64(inode, "i_private"));

		vr_printf(v->f, "%s:[%" PRIu64 "]", vr_str(ns, "ops->name", buf, sizeof(buf)),
			  vr_u64(inode, "i_ino"));
	} else if (!strcmp(name, "kernfs_sop_show_path")) {
		struct vr_obj node =
			vr_at(v->prog, "struct kernfs_node", vr_u64(top, "d_inode->i_private"));

		put_escaped(v->f, vr_kernfs_path(node, buf));
	} else if (!strcmp(name, "nfs_show_path")) {
		vr_puts(v->f, "/");
	} else {
		put_escaped(v->f, vr_dentry_path(&v->paths, top.addr, buf));
	}
}

/* A mount outside of the task's root has no line: false. */
static bool is_seen(struct view *v, struct vr_obj mount, char buf[VR_PATH_SIZE], const char **path)
{
	enum vr_reach reach;

	*path = vr_path_below(&v->paths, vr_mount_path(mount), v->root, buf, &reach);
	return reach == VR_REACH_ROOT || vr_failed(v->prog);
}

/* show_vfsmnt() */
static void put_mount(struct view *v, struct vr_obj mount)
{
	struct vr_obj sb = vr_deref(mount, "mnt.mnt_sb");
	char path[VR_PATH_SIZE], options[VR_MOUNT_TEXT];
	const char *place;

	if (!is_seen(v, mount, path, &place))
		return;
	vr_str(sb, "s_type->name", v->kind, sizeof(v->kind));
	put_source(v, mount, sb);
	vr_puts(v->f, " ");
	put_escaped(v->f, place);
	vr_puts(v->f, " ");
	put_type(v, sb);
	vr_puts(v->f, vr_mount_is_readonly(mount) || vr_super_is_readonly(sb) ? " ro" : " rw");
	put_super_options(v, sb);
	vr_puts(v->f, vr_mount_options(mount, options));
	vr_puts(v->f, " 0 0\n");
}

/* show_mountinfo() */
static void put_mountinfo(struct view *v, struct vr_obj mount)
{
	struct vr_obj sb = vr_deref(mount, "mnt.mnt_sb");
	uint64_t dev = vr_u64(sb, "s_dev");
	char path[VR_PATH_SIZE], options[VR_MOUNT_TEXT];
	const char *place;

	if (!is_seen(v, mount, path, &place))
		return;
	vr_str(sb, "s_type->name", v->kind, sizeof(v->kind));
	vr_printf(v->f, "%" PRId64 " %" PRId64 " %" PRIu64 ":%" PRIu64 " ", vr_s64(mount, "mnt_id"),
		  vr_s64(mount, "mnt_parent->mnt_id"), dev >> 20, dev & 0xfffff);
	put_top(v, mount, sb);
	vr_puts(v->f, " ");
	put_escaped(v->f, place);
	vr_puts(v->f, vr_mount_is_readonly(mount) ? " ro" : " rw");
	vr_puts(v->f, vr_mount_options(mount, options));
	vr_puts(v->f, vr_mount_propagation(mount, v->root, options));
	vr_puts(v->f, " - ");
	put_type(v, sb);
	vr_puts(v->f, " ");
	put_source(v, mount, sb);
	vr_puts(v->f, vr_super_is_readonly(sb) ? " ro" : " rw");
	put_super_options(v, sb);
	vr_puts(v->f, "\n");
}

/* Modules for security that add options of theirs (security_sb_show_options()). */
static bool shows_options(const char *module)
{
	return strstr(module, "selinux") || strstr(module, "smack");
}

/*
 * Is one of them active? They are in a table since 6.8, and were (until 7.x) in a text for
 * securityfs as well.
 */
static void check_security(struct view *v)
{
	struct vr_obj count, list;
	char names[256];
	uint64_t n;

	if (vr_try_kernel_global(v->prog, "lsm_active_cnt", &count) == VR_OK &&
	    vr_try_kernel_global(v->prog, "lsm_idlist", &list) == VR_OK) {
		n = vr_u64(count, "");
		for (uint64_t i = 0; i < n && i < MAX_MODULES; i++, list.addr += 8)
			if (vr_try_str(list, "name", names, sizeof(names)) == VR_OK &&
			    shows_options(names))
				name(v->left_out, names);
	} else if (vr_try_kernel_global(v->prog, "lsm_names", &list) == VR_OK &&
		   vr_try_str(list, "", names, sizeof(names)) == VR_OK && shows_options(names)) {
		name(v->left_out, strstr(names, "selinux") ? "selinux" : "smack");
	}
}

static void emit(struct vr_file *f, struct vr_obj task,
		 void (*put)(struct view *v, struct vr_obj mount))
{
	struct view v = {.f = f, .prog = task.prog};
	struct vr_mount_walk w;

	vr_paths_begin(v.prog, &v.paths);
	v.root = vr_path_get(task, "fs->root");
	check_security(&v);
	vr_mounts_begin(vr_deref(task, "nsproxy->mnt_ns"), &w);
	while (vr_mounts_next(&w)) {
		vr_row_begin(f);
		put(&v, w.mount);
		vr_row_end(f);
	}
	if (v.renamed[0])
		vr_cut(v.prog, VR_UNSUPPORTED, "with the sources that were mounted for %s",
		       v.renamed);
	if (v.left_out[0])
		vr_cut(v.prog, VR_UNSUPPORTED, "without the options of their own of %s",
		       v.left_out);
}

static void emit_mounts(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key->obj, put_mount);
}

static void emit_mountinfo(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key->obj, put_mountinfo);
}

/* Of the task that reads it, in a running kernel; here of process 1. */
static void emit_first(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj ns = vr_kernel_global(key->prog, "init_pid_ns");

	emit(f, vr_deref(ns, "child_reaper"), put_mount);
}

#define SOURCE "mnt_namespace, mount, super_block"
VR_EMITTER(.path = "proc/{pid}/mounts", .source = SOURCE, .exists = has_mounts, .emit = emit_mounts)
VR_EMITTER(.path = "proc/{pid}/mountinfo", .source = SOURCE, .exists = has_mounts,
	   .emit = emit_mountinfo)
VR_EMITTER(.path = "proc/mounts", .source = SOURCE, .emit = emit_first)
