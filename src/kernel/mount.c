// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"

/* include/linux/mount.h, where they were macros until 6.17 and never changed. */
#define MNT_READONLY 0x40u
#define MNT_SHARED 0x1000u
#define MNT_UNBINDABLE 0x2000u
/* A reader's place in the list of mounts (5.8 to 6.7), which is none. */
#define MNT_CURSOR 0x10000000u
/* include/linux/fs.h */
#define SB_RDONLY 1u

struct flag {
	uint64_t bit;
	const char *text;
};

/* In the order in which show_mnt_opts() and show_sb_opts() of fs/proc_namespace.c print them. */
static const struct flag mount_flags[] = {
	{0x01, ",nosuid"},     {0x02, ",nodev"},    {0x04, ",noexec"},      {0x08, ",noatime"},
	{0x10, ",nodiratime"}, {0x20, ",relatime"}, {0x80, ",nosymfollow"},
};
static const struct flag super_flags[] = {
	{1 << 4, ",sync"},
	{1 << 7, ",dirsync"},
	{1 << 6, ",mand"},
	{1 << 25, ",lazytime"},
};

void vr_mounts_begin(struct vr_obj ns, struct vr_mount_walk *w)
{
	/* A tree by mnt_id_unique since 6.8 (commit 2eea9ce4310d), a list until then. */
	*w = (struct vr_mount_walk){.tree = vr_has_member(ns.prog, "struct mount", "mnt_node")};
	if (w->tree)
		w->nodes = vr_rbtree_begin(vr_get(ns, "mounts"), "struct mount", "mnt_node");
	else
		w->list = vr_list_begin(vr_get(ns, "list"), "struct mount", "mnt_list");
}

bool vr_mounts_next(struct vr_mount_walk *w)
{
	if (w->tree) {
		bool more = vr_rbtree_next(&w->nodes);

		w->mount = w->nodes.entry;
		return more;
	}
	while (vr_list_next(&w->list)) {
		uint64_t flags;

		w->mount = w->list.entry;
		if (vr_try_u64(w->mount, "mnt.mnt_flags", &flags) != VR_OK || !(flags & MNT_CURSOR))
			return true;
	}
	return false;
}

struct vr_path vr_mount_path(struct vr_obj mount)
{
	struct vr_obj mnt = vr_get(mount, "mnt");

	return (struct vr_path){.mnt = mnt.addr, .dentry = vr_u64(mnt, "mnt_root")};
}

bool vr_mount_is_readonly(struct vr_obj mount)
{
	return vr_u64(mount, "mnt.mnt_flags") & MNT_READONLY;
}

bool vr_super_is_readonly(struct vr_obj sb)
{
	return vr_u64(sb, "s_flags") & SB_RDONLY;
}

static void add_flags(uint64_t flags, const struct flag *list, size_t count, char *buf)
{
	buf[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (flags & list[i].bit)
			strcat(buf, list[i].text);
}

/*
 * is_idmapped_mnt(): since 5.12 by a namespace of its own, since 6.2 by a map of its own (commit
 * 256c8aed2b42).
 */
static bool is_idmapped(struct vr_obj mount)
{
	struct vr_obj mnt = vr_get(mount, "mnt");
	uint64_t ns;

	if (vr_has(mnt, "mnt_idmap"))
		return vr_u64(mnt, "mnt_idmap") != vr_symbol(mount.prog, "nop_mnt_idmap");
	if (!vr_has(mnt, "mnt_userns"))
		return false;
	ns = vr_u64(mnt, "mnt_userns");
	return ns != vr_kernel_global(mount.prog, "init_user_ns").addr &&
	       ns != vr_u64(mnt, "mnt_sb->s_user_ns");
}

char *vr_mount_options(struct vr_obj mount, char buf[VR_MOUNT_TEXT])
{
	add_flags(vr_u64(mount, "mnt.mnt_flags"), mount_flags, VR_ARRAY_SIZE(mount_flags), buf);
	if (is_idmapped(mount))
		strcat(buf, ",idmapped");
	return buf;
}

char *vr_super_options(struct vr_obj sb, char buf[VR_MOUNT_TEXT])
{
	add_flags(vr_u64(sb, "s_flags"), super_flags, VR_ARRAY_SIZE(super_flags), buf);
	return buf;
}

/* ---- Propagation (fs/pnode.c) ---- */

/* is_subdir() */
static bool is_below(struct vr_program *prog, uint64_t dentry, uint64_t top)
{
	struct vr_cycle_check seen = {0};

	while (dentry != top) {
		uint64_t parent = vr_u64(vr_at(prog, "struct dentry", dentry), "d_parent");

		if (vr_failed(prog) || parent == dentry || vr_cycle_seen(&seen, dentry))
			return false;
		dentry = parent;
	}
	return true;
}

/* is_path_reachable() of fs/namespace.c, for the top of a mount. */
static bool is_reachable(struct vr_obj mount, struct vr_path root)
{
	struct vr_cycle_check seen = {0};
	struct vr_path at = vr_mount_path(mount);

	while (at.mnt != root.mnt) {
		uint64_t parent = vr_u64(mount, "mnt_parent");

		if (vr_failed(mount.prog) || parent == mount.addr || vr_cycle_seen(&seen, parent))
			return false;
		at.dentry = vr_u64(mount, "mnt_mountpoint");
		mount.addr = parent;
		at.mnt = vr_get(mount, "mnt").addr;
	}
	return is_below(mount.prog, at.dentry, root.dentry);
}

/* get_peer_under_root(): a mount of the peer group at mount, of that namespace, that root reaches. */
static uint64_t reachable_group(struct vr_obj mount, uint64_t ns, struct vr_path root)
{
	struct vr_program *prog = mount.prog;
	struct vr_cycle_check seen = {0};
	uint64_t first = mount.addr;

	do {
		if (vr_u64(mount, "mnt_ns") == ns && is_reachable(mount, root))
			return vr_u64(mount, "mnt_group_id");
		mount = vr_container_of(prog, vr_u64(mount, "mnt_share.next"), "struct mount",
					"mnt_share");
		if (vr_failed(prog))
			return 0;
		if (mount.addr != first && vr_cycle_seen(&seen, mount.addr)) {
			vr_latch(prog, VR_CORRUPT, "peer mounts in a circle at 0x%" PRIx64,
				 mount.addr);
			return 0;
		}
	} while (mount.addr != first);
	return 0;
}

/* get_dominating_id() */
static uint64_t dominating_group(struct vr_obj mount, struct vr_path root)
{
	uint64_t ns = vr_u64(mount, "mnt_ns"), master, group;
	struct vr_cycle_check seen = {0};

	while ((master = vr_u64(mount, "mnt_master")) != 0) {
		if (vr_cycle_seen(&seen, master)) {
			vr_latch(mount.prog, VR_CORRUPT, "master mounts in a circle at 0x%" PRIx64,
				 master);
			return 0;
		}
		mount.addr = master;
		group = reachable_group(mount, ns, root);
		if (group)
			return group;
	}
	return 0;
}

char *vr_mount_propagation(struct vr_obj mount, struct vr_path root, char buf[VR_MOUNT_TEXT])
{
	/* Flags of their own since 6.17, with an enumeration for them. */
	bool apart = vr_has(mount, "mnt_t_flags");
	uint64_t flags = vr_u64(mount, apart ? "mnt_t_flags" : "mnt.mnt_flags");
	uint64_t shared = apart ? (uint64_t)vr_constant(mount.prog, "T_SHARED") : MNT_SHARED;
	uint64_t unbindable =
		apart ? (uint64_t)vr_constant(mount.prog, "T_UNBINDABLE") : MNT_UNBINDABLE;
	size_t len = 0;

	buf[0] = '\0';
	if (flags & shared)
		len += (size_t)sprintf(buf, " shared:%d", (int)vr_s64(mount, "mnt_group_id"));
	if (vr_u64(mount, "mnt_master")) {
		int master = (int)vr_s64(mount, "mnt_master->mnt_group_id");
		int from = (int)dominating_group(mount, root);

		len += (size_t)sprintf(buf + len, " master:%d", master);
		if (from && from != master)
			len += (size_t)sprintf(buf + len, " propagate_from:%d", from);
	}
	if (flags & unbindable)
		strcpy(buf + len, " unbindable");
	return buf;
}
