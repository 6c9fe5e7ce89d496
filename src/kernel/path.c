// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/list.h"

/* NAME_MAX, and what names of files without a place may have before and behind it. */
#define MAX_NAME 1024

struct dentry {
	uint64_t parent, name, hashed, ops, inode;
	uint32_t len;
};

struct mount {
	uint64_t parent, mountpoint, root;
};

static const struct vr_view_field dentry_fields[] = {
	VR_VIEW_FIELD(struct dentry, parent, "d_parent"),
	VR_VIEW_FIELD(struct dentry, name, "d_name.name"),
	VR_VIEW_FIELD(struct dentry, hashed, "d_hash.pprev"),
	VR_VIEW_FIELD(struct dentry, ops, "d_op"),
	VR_VIEW_FIELD(struct dentry, inode, "d_inode"),
	VR_VIEW_FIELD(struct dentry, len, "d_name.len"),
};

static const struct vr_view_field mount_fields[] = {
	VR_VIEW_FIELD(struct mount, parent, "mnt_parent"),
	VR_VIEW_FIELD(struct mount, mountpoint, "mnt_mountpoint"),
	VR_VIEW_FIELD(struct mount, root, "mnt.mnt_root"),
};

bool vr_paths_begin(struct vr_program *prog, struct vr_paths *paths)
{
	struct vr_obj reaper = vr_get(vr_kernel_global(prog, "init_pid_ns"), "child_reaper");

	*paths = (struct vr_paths){
		.prog = prog,
		.root = vr_path_get(vr_deref(reaper, ""), "fs->root"),
		.dentry = vr_view_bind(prog, "struct dentry", dentry_fields,
				       VR_ARRAY_SIZE(dentry_fields)),
		.mount = vr_view_bind(prog, "struct mount", mount_fields,
				      VR_ARRAY_SIZE(mount_fields)),
		.vfsmount_offset = vr_offsetof(prog, "struct mount", "mnt"),
	};
	return !vr_failed(prog);
}

struct vr_path vr_path_get(struct vr_obj obj, const char *member)
{
	struct vr_obj path = vr_get(obj, member);

	return (struct vr_path){.mnt = vr_u64(path, "mnt"), .dentry = vr_u64(path, "dentry")};
}

/* ---- Text that grows towards the beginning of a buffer ---- */

struct tail {
	struct vr_program *prog;
	char *buf, *at;
};

static struct tail tail_begin(struct vr_program *prog, char buf[VR_PATH_SIZE])
{
	struct tail t = {.prog = prog, .buf = buf, .at = buf + VR_PATH_SIZE - 1};

	*t.at = '\0';
	return t;
}

static bool prepend(struct tail *t, const char *text, size_t len)
{
	if (len > (size_t)(t->at - t->buf)) {
		vr_latch(t->prog, VR_LIMIT, "a path of more than %d bytes", VR_PATH_SIZE - 1);
		return false;
	}
	t->at -= len;
	memcpy(t->at, text, len);
	return true;
}

/* The name of a dentry, which ends at a NUL where that comes first, into name. */
static bool read_name(struct vr_program *prog, const struct dentry *d, char name[MAX_NAME + 1])
{
	struct vr_error err;

	if (d->len > MAX_NAME) {
		vr_latch(prog, VR_CORRUPT, "a name of %" PRIu32 " bytes at 0x%" PRIx64, d->len,
			 d->name);
		return false;
	}
	if (vr_read(prog, d->name, name, d->len, &err) != VR_OK) {
		vr_latch(prog, err.kind, "a file's name: %s", err.text);
		return false;
	}
	name[d->len] = '\0';
	return true;
}

static bool prepend_name(struct tail *t, const struct dentry *d)
{
	char name[MAX_NAME + 1];

	return read_name(t->prog, d, name) && prepend(t, name, strlen(name)) && prepend(t, "/", 1);
}

static const char *finish(struct vr_program *prog, const struct tail *t)
{
	return vr_failed(prog) ? "" : t->at;
}

/* ---- Up the tree ---- */

/* prepend_path(), without the slash of an empty path. */
static enum vr_reach climb(const struct vr_paths *p, struct tail *t, struct vr_path at,
			   struct vr_path root)
{
	struct vr_cycle_check mounts = {0}, dentries = {0};
	struct mount m;
	struct dentry d;

	if (!vr_view_fill(p->prog, p->mount, at.mnt - p->vfsmount_offset, &m))
		return VR_REACH_OUTSIDE;
	while (at.dentry != root.dentry || at.mnt != root.mnt) {
		if (at.dentry == m.root) {
			if (m.parent == at.mnt - p->vfsmount_offset)
				return VR_REACH_OUTSIDE;
			at = (struct vr_path){m.parent + p->vfsmount_offset, m.mountpoint};
			if (vr_cycle_seen(&mounts, m.parent))
				vr_latch(p->prog, VR_CORRUPT, "a circle of mounts at 0x%" PRIx64,
					 m.parent);
			if (!vr_view_fill(p->prog, p->mount, m.parent, &m))
				return VR_REACH_OUTSIDE;
			continue;
		}
		if (!vr_view_fill(p->prog, p->dentry, at.dentry, &d))
			return VR_REACH_OUTSIDE;
		if (d.parent == at.dentry)
			return VR_REACH_ESCAPED;
		if (vr_cycle_seen(&dentries, at.dentry))
			vr_latch(p->prog, VR_CORRUPT, "a circle of directories at 0x%" PRIx64,
				 at.dentry);
		if (vr_failed(p->prog) || !prepend_name(t, &d))
			return VR_REACH_OUTSIDE;
		at.dentry = d.parent;
	}
	return VR_REACH_ROOT;
}

static enum vr_reach prepend_path(const struct vr_paths *p, struct tail *t, struct vr_path path,
				  struct vr_path root)
{
	char *end = t->at;
	enum vr_reach reach = climb(p, t, path, root);

	if (reach == VR_REACH_ESCAPED)
		t->at = end;
	if (t->at == end)
		prepend(t, "/", 1);
	return reach;
}

const char *vr_path_below(const struct vr_paths *paths, struct vr_path path, struct vr_path root,
			  char buf[VR_PATH_SIZE], enum vr_reach *reach)
{
	struct tail t = tail_begin(paths->prog, buf);
	enum vr_reach r = prepend_path(paths, &t, path, root);

	if (reach)
		*reach = r;
	return finish(paths->prog, &t);
}

char *vr_function_name(struct vr_program *prog, uint64_t addr, char *buf, size_t size)
{
	char *plus;

	buf[0] = '\0';
	if (!addr)
		return buf;
	vr_symbolize(prog, addr, buf, size);
	plus = strstr(buf, "+0x0/");
	if (plus)
		*plus = '\0';
	else
		buf[0] = '\0';
	return buf;
}

/* ---- Files without a place: the functions behind dentry_operations.d_dname ---- */

/* ns_dname() of fs/nsfs.c: the kind of namespace and its number. */
static void name_namespace(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	struct vr_obj inode = vr_deref(dentry, "d_inode");
	struct vr_obj ns = vr_at(dentry.prog, "struct ns_common", vr_u64(inode, "i_private"));
	char kind[32];

	(void)name;
	snprintf(text, size, "%s:[%" PRIu64 "]", vr_str(ns, "ops->name", kind, sizeof(kind)),
		 vr_u64(inode, "i_ino"));
}

/* pipefs_dname() of fs/pipe.c. */
static void name_pipe(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	(void)name;
	snprintf(text, size, "pipe:[%" PRIu64 "]", vr_u64(dentry, "d_inode->i_ino"));
}

/* sockfs_dname() of net/socket.c. */
static void name_socket(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	(void)name;
	snprintf(text, size, "socket:[%" PRIu64 "]", vr_u64(dentry, "d_inode->i_ino"));
}

/* anon_inodefs_dname() of fs/anon_inodes.c. */
static void name_anonymous(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	(void)dentry;
	snprintf(text, size, "anon_inode:%s", name);
}

/* pidfs_dname() of fs/pidfs.c. */
static void name_pidfd(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	(void)dentry;
	(void)name;
	snprintf(text, size, "anon_inode:[pidfd]");
}

/* simple_dname(): memory that has a name, as shared memory and memfd_create() make it. */
static void name_memory(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	(void)dentry;
	snprintf(text, size, "/%s (deleted)", name);
}

/* dmabuffs_dname() of drivers/dma-buf/dma-buf.c. */
static void name_dma_buf(struct vr_obj dentry, const char *name, char *text, size_t size)
{
	struct vr_obj buf = vr_at(dentry.prog, "struct dma_buf", vr_u64(dentry, "d_fsdata"));
	char label[32] = "";

	if (vr_u64(buf, "name"))
		vr_str(buf, "name", label, sizeof(label));
	snprintf(text, size, "/%s:%s", name, label);
}

static const struct {
	const char *function;
	void (*name)(struct vr_obj dentry, const char *name, char *text, size_t size);
} namers[] = {
	{"anon_inodefs_dname", name_anonymous},
	{"dmabuffs_dname", name_dma_buf},
	{"ns_dname", name_namespace},
	{"pidfs_dname", name_pidfd},
	{"pipefs_dname", name_pipe},
	{"simple_dname", name_memory},
	{"sockfs_dname", name_socket},
};

static const char *d_dname(const struct vr_paths *p, uint64_t addr, const struct dentry *d,
			   uint64_t function, char buf[VR_PATH_SIZE])
{
	char name[MAX_NAME + 1], symbol[128];

	if (!read_name(p->prog, d, name))
		return "";
	vr_function_name(p->prog, function, symbol, sizeof(symbol));
	for (size_t i = 0; i < VR_ARRAY_SIZE(namers); i++) {
		if (strcmp(namers[i].function, symbol))
			continue;
		namers[i].name(vr_at(p->prog, "struct dentry", addr), name, buf, VR_PATH_SIZE);
		return vr_failed(p->prog) ? "" : buf;
	}
	vr_latch(p->prog, VR_UNSUPPORTED, "a file that is named by %s()", symbol);
	return "";
}

/* d_unlinked() */
static bool is_unlinked(uint64_t addr, const struct dentry *d)
{
	return !d->hashed && d->parent != addr;
}

const char *vr_d_path(const struct vr_paths *p, struct vr_path path, char buf[VR_PATH_SIZE])
{
	static const char deleted[] = " (deleted)";
	struct tail t = tail_begin(p->prog, buf);
	struct dentry d = {0};
	struct mount m = {0};
	uint64_t function = 0;

	vr_view_fill(p->prog, p->dentry, path.dentry, &d);
	if (d.ops)
		function = vr_u64(vr_at(p->prog, "struct dentry_operations", d.ops), "d_dname");
	if (function && d.parent == path.dentry)
		vr_view_fill(p->prog, p->mount, path.mnt - p->vfsmount_offset, &m);
	if (vr_failed(p->prog))
		return "";
	/* What is at the top of a mount has a place: where it is mounted. */
	if (function && (d.parent != path.dentry || m.root != path.dentry))
		return d_dname(p, path.dentry, &d, function, buf);
	if (is_unlinked(path.dentry, &d))
		prepend(&t, deleted, sizeof(deleted) - 1);
	prepend_path(p, &t, path, p->root);
	return finish(p->prog, &t);
}

const char *vr_dentry_path(const struct vr_paths *p, uint64_t dentry, char buf[VR_PATH_SIZE])
{
	static const char deleted[] = "//deleted";
	struct tail t = tail_begin(p->prog, buf);
	struct vr_cycle_check dentries = {0};
	struct dentry d;
	char *end;

	if (!vr_view_fill(p->prog, p->dentry, dentry, &d))
		return "";
	if (is_unlinked(dentry, &d))
		prepend(&t, deleted, sizeof(deleted) - 1);
	end = t.at;
	while (d.parent != dentry) {
		if (vr_cycle_seen(&dentries, dentry)) {
			vr_latch(p->prog, VR_CORRUPT, "a circle of directories at 0x%" PRIx64,
				 dentry);
			return "";
		}
		dentry = d.parent;
		if (!prepend_name(&t, &d) || !vr_view_fill(p->prog, p->dentry, dentry, &d))
			return "";
	}
	if (t.at == end)
		prepend(&t, "/", 1);
	return finish(p->prog, &t);
}
