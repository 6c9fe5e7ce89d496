// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/mounts, mountinfo and mountstats, proc/mounts (fs/proc_namespace.c). What file systems
 * add of their own, and isn't known how, is missing, which the manifest says of each such file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/fs/fs.h"
#include "kernel/globals.h"
#include "kernel/mount.h"
#include "plugin/emitter.h"

/* Room for the kinds of file systems that one file's reason names. */
#define MAX_NAMED 256
/* More modules for security than there are. */
#define MAX_MODULES 32

/* The mounts that a task sees, and what was left out of them so far. */
struct view {
	struct vr_file *f;
	struct vr_program *prog;
	struct vr_paths paths;
	struct vr_path root;
	char left_out[MAX_NAMED]; /* of whose options: "9p, ceph" */
	char unsourced[MAX_NAMED], unrooted[MAX_NAMED], uncounted[MAX_NAMED];
	struct vr_error why; /* of the first that was left out */
	struct vr_strbuf line;
};

/* One of them. */
struct shown {
	struct view *v;
	struct vr_fs_mount m;
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

/*
 * What show() gives, where it isn't known how or the dump's types don't tell, is left out, and the
 * kind of file system named in list. Anything else that fails costs the line.
 */
static bool put_own(struct shown *s, void (*show)(const struct vr_fs_mount *m),
		    char list[MAX_NAMED])
{
	struct vr_program *prog = s->v->prog;
	size_t before = s->v->line.len;
	struct vr_scope scope;
	enum vr_err err;

	vr_scope_enter(prog, &scope);
	show(&s->m);
	err = vr_scope_leave(prog, &scope);
	if (scope.cuts)
		vr_cut(prog, scope.cut.kind, "%s: %s", s->kind, scope.cut.text);
	if (err == VR_OK)
		return true;
	vr_strbuf_truncate(&s->v->line, before);
	if (err != VR_ABSENT && err != VR_UNSUPPORTED) {
		vr_latch(prog, err, "%s: %s", s->kind, scope.error.text);
		return true;
	}
	if (s->v->why.kind == VR_OK)
		s->v->why = scope.error;
	name(list, s->kind);
	return false;
}

static void put(struct shown *s, const char *text)
{
	vr_strbuf_puts(&s->v->line, text);
}

static void put_escaped(struct shown *s, const char *text)
{
	char escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];

	put(s, vr_seq_escape(text, VR_SEQ_PATH, escaped, sizeof(escaped)));
}

/* What was mounted, where it is now isn't known. */
static void put_source(struct shown *s)
{
	char source[4097];

	if (put_own(s, vr_fs_source, s->v->unsourced))
		return;
	put_escaped(s, vr_u64(s->m.mount, "mnt_devname")
			       ? vr_str(s->m.mount, "mnt_devname", source, sizeof(source))
			       : "none");
}

static void put_root(struct shown *s)
{
	char path[VR_PATH_SIZE];

	if (!put_own(s, vr_fs_root, s->v->unrooted))
		put_escaped(s, vr_dentry_path(&s->v->paths, s->m.top.addr, path));
}

static void put_super_options(struct shown *s)
{
	char options[VR_MOUNT_TEXT];

	put(s, vr_super_options(s->m.sb, options));
}

/* show_vfsmnt() */
static void put_mount(struct shown *s, const char *place)
{
	char options[VR_MOUNT_TEXT];
	bool readonly = vr_mount_is_readonly(s->m.mount) || vr_super_is_readonly(s->m.sb);

	put_source(s);
	put(s, " ");
	put_escaped(s, place);
	put(s, " ");
	vr_fs_type(&s->m);
	put(s, readonly ? " ro" : " rw");
	put_super_options(s);
	put(s, vr_mount_options(s->m.mount, options));
	put_own(s, vr_fs_options, s->v->left_out);
	put(s, " 0 0\n");
}

/* show_mountinfo() */
static void put_mountinfo(struct shown *s, const char *place)
{
	struct vr_obj mount = s->m.mount;
	uint64_t dev = vr_u64(s->m.sb, "s_dev");
	char options[VR_MOUNT_TEXT];

	vr_strbuf_printf(&s->v->line, "%" PRId64 " %" PRId64 " %" PRIu64 ":%" PRIu64 " ",
			 vr_s64(mount, "mnt_id"), vr_s64(mount, "mnt_parent->mnt_id"), dev >> 20,
			 dev & 0xfffff);
	put_root(s);
	put(s, " ");
	put_escaped(s, place);
	put(s, vr_mount_is_readonly(mount) ? " ro" : " rw");
	put(s, vr_mount_options(mount, options));
	put(s, vr_mount_propagation(mount, s->v->root, options));
	put(s, " - ");
	vr_fs_type(&s->m);
	put(s, " ");
	put_source(s);
	put(s, vr_super_is_readonly(s->m.sb) ? " ro" : " rw");
	put_super_options(s);
	put_own(s, vr_fs_options, s->v->left_out);
	put(s, "\n");
}

/* show_vfsstat() */
static void put_mountstats(struct shown *s, const char *place)
{
	if (vr_fs_has_source(&s->m)) {
		put(s, "device ");
		put_source(s);
	} else {
		put(s, "no device");
	}
	put(s, " mounted on ");
	put_escaped(s, place);
	put(s, " with fstype ");
	vr_fs_type(&s->m);
	put_own(s, vr_fs_stats, s->v->uncounted);
	put(s, "\n");
}

/* A mount outside of the task's root has no line. */
static void put_line(struct view *v, struct vr_obj mount,
		     void (*put_it)(struct shown *s, const char *place))
{
	struct shown s = {.v = v, .m = vr_fs_mount(&v->paths, mount, &v->line)};
	char path[VR_PATH_SIZE];
	enum vr_reach reach;
	const char *place;

	place = vr_path_below(&v->paths, vr_mount_path(mount), v->root, path, &reach);
	if (reach != VR_REACH_ROOT || vr_failed(v->prog))
		return;
	vr_str(s.m.sb, "s_type->name", s.kind, sizeof(s.kind));
	vr_strbuf_truncate(&v->line, 0);
	put_it(&s, place);
	if (v->line.failed)
		vr_latch(v->prog, VR_NOMEM, "out of memory");
	vr_puts(v->f, vr_strbuf_str(&v->line));
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

static void say_left_out(struct view *v)
{
	const struct {
		const char *what, *of;
	} parts[] = {
		{"with the sources that were mounted for", v->unsourced},
		{"with the paths of directories for", v->unrooted},
		{"without the counters of", v->uncounted},
		{"without the options of their own of", v->left_out},
	};
	bool said = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].of[0])
			continue;
		if (!said && v->why.kind != VR_OK)
			vr_cut(v->prog, VR_UNSUPPORTED, "%s %s (%s)", parts[i].what, parts[i].of,
			       v->why.text);
		else
			vr_cut(v->prog, VR_UNSUPPORTED, "%s %s", parts[i].what, parts[i].of);
		said = true;
	}
}

static void emit(struct vr_file *f, struct vr_obj task, bool options,
		 void (*put_it)(struct shown *s, const char *place))
{
	struct view v = {.f = f, .prog = task.prog};
	struct vr_mount_walk w;

	vr_paths_begin(v.prog, &v.paths);
	v.root = vr_path_get(task, "fs->root");
	if (options)
		check_security(&v);
	vr_mounts_begin(vr_deref(task, "nsproxy->mnt_ns"), &w);
	while (vr_mounts_next(&w)) {
		vr_row_begin(f);
		put_line(&v, w.mount, put_it);
		vr_row_end(f);
	}
	say_left_out(&v);
	vr_strbuf_free(&v.line);
}

/* It is the same for all that have the same root in the same namespace. */
static bool same_view(const struct vr_key *key, uint64_t id[VR_COPY_IDS])
{
	return vr_try_u64(key->obj, "nsproxy->mnt_ns", &id[0]) == VR_OK &&
	       vr_try_u64(key->obj, "fs->root.mnt", &id[1]) == VR_OK &&
	       vr_try_u64(key->obj, "fs->root.dentry", &id[2]) == VR_OK;
}

static void emit_mounts(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key->obj, true, put_mount);
}

static void emit_mountinfo(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key->obj, true, put_mountinfo);
}

static void emit_mountstats(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key->obj, false, put_mountstats);
}

/* Of the task that reads it, in a running kernel; here of process 1. */
static void emit_first(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj ns = vr_kernel_global(key->prog, "init_pid_ns");

	emit(f, vr_deref(ns, "child_reaper"), true, put_mount);
}

#define SOURCE "mnt_namespace, mount, super_block"
VR_EMITTER(.path = "proc/{pid}/mounts", .source = SOURCE, .exists = has_mounts, .same = same_view,
	   .emit = emit_mounts)
VR_EMITTER(.path = "proc/{pid}/mountinfo", .source = SOURCE, .exists = has_mounts,
	   .same = same_view, .emit = emit_mountinfo)
VR_EMITTER(.path = "proc/{pid}/mountstats", .source = SOURCE, .exists = has_mounts,
	   .same = same_view, .emit = emit_mountstats)
VR_EMITTER(.path = "proc/mounts", .source = SOURCE, .emit = emit_first)
