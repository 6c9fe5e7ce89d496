// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/net_namespace.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/mount.h"
#include "kernel/path.h"

/* Most names that are looked at. */
#define MAX_NAMES 65536
/* Mounts that one namespace of mounts may have (sysctl fs.mount-max), and more. */
#define MAX_MOUNTS 1000000

/* Is path that of a file in a folder `netns`? Its last part, or NULL. */
static const char *name_of(const char *path)
{
	static const char folder[] = "/netns";
	const char *last = strrchr(path, '/');

	if (!last || !last[1] || (size_t)(last - path) < strlen(folder) ||
	    strncmp(last - strlen(folder), folder, strlen(folder)) != 0)
		return NULL;
	return strlen(last + 1) < VR_NET_NAME_SIZE ? last + 1 : NULL;
}

/* The namespace that is mounted: 0 where it's something else. */
static uint64_t mounted_net(struct vr_obj mount)
{
	struct vr_program *prog = mount.prog;
	struct vr_obj top = vr_deref(mount, "mnt.mnt_root");
	char type[16], kind[16];
	uint64_t ns;

	if (vr_try_str(vr_deref(mount, "mnt.mnt_sb"), "s_type->name", type, sizeof(type)) !=
		    VR_OK ||
	    strcmp(type, "nsfs") != 0)
		return 0;
	ns = vr_u64(vr_deref(top, "d_inode"), "i_private");
	vr_str(vr_at(prog, "struct ns_common", ns), "ops->name", kind, sizeof(kind));
	if (vr_failed(prog) || strcmp(kind, "net") != 0)
		return 0;
	return vr_container_of(prog, ns, "struct net", "ns").addr;
}

static void add_name(struct vr_net_walk *w, uint64_t net, const char *name)
{
	struct vr_net_name *more;

	for (size_t i = 0; i < w->count; i++)
		if (w->names[i].net == net)
			return; /* the first one counts */
	more = w->count < MAX_NAMES ? realloc(w->names, (w->count + 1) * sizeof(*more)) : NULL;
	if (!more)
		return;
	w->names = more;
	more[w->count].net = net;
	strcpy(more[w->count++].name, name);
}

/* Process 1's mounts: each is a scope, so that one that can't be read costs its name. */
static void find_names(struct vr_program *prog, struct vr_net_walk *w)
{
	struct vr_obj reaper = vr_deref(vr_kernel_global(prog, "init_pid_ns"), "child_reaper");
	struct vr_mount_walk mounts;
	struct vr_paths paths;
	char buf[VR_PATH_SIZE];

	if (!vr_paths_begin(prog, &paths))
		return;
	vr_mounts_begin(vr_deref(reaper, "nsproxy->mnt_ns"), &mounts);
	for (size_t i = 0; i < MAX_MOUNTS && vr_mounts_next(&mounts); i++) {
		struct vr_scope scope;
		uint64_t net;

		vr_scope_enter(prog, &scope);
		net = mounted_net(mounts.mount);
		if (net) {
			const char *path = vr_path_below(&paths, vr_mount_path(mounts.mount),
							 paths.root, buf, NULL);
			const char *name = name_of(path);

			if (name && !vr_failed(prog))
				add_name(w, net, name);
		}
		vr_scope_leave(prog, &scope);
	}
}

void vr_nets_begin(struct vr_program *prog, struct vr_net_walk *w)
{
	struct vr_scope scope;

	*w = (struct vr_net_walk){0};
	vr_scope_enter(prog, &scope);
	find_names(prog, w);
	vr_scope_leave(prog, &scope);
	w->list = vr_list_begin(vr_kernel_global(prog, "net_namespace_list"), "struct net", "list");
}

/* May a folder have this name? One of digits alone could be another namespace's number. */
static bool is_plain(const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, "..") || !name[strspn(name, "0123456789")])
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_.+@:", *p))
			return false;
	return true;
}

static void set_id(struct vr_net_walk *w)
{
	const struct vr_net_name *own = NULL;
	bool shared = false;

	for (size_t i = 0; i < w->count; i++)
		if (w->names[i].net == w->net.addr)
			own = &w->names[i];
	for (size_t i = 0; own && i < w->count; i++)
		shared |= &w->names[i] != own && !strcmp(w->names[i].name, own->name);
	w->name = own ? own->name : NULL;
	if (own && !shared && is_plain(own->name))
		strcpy(w->id, own->name);
	else
		snprintf(w->id, sizeof(w->id), "%" PRIu64, w->inum);
}

bool vr_nets_next(struct vr_net_walk *w)
{
	struct vr_program *prog = w->list.prog;

	if (!vr_list_next(&w->list))
		return false;
	w->net = w->list.entry;
	w->inum = vr_u64(w->net, "ns.inum");
	w->initial = w->net.addr == vr_kernel_global(prog, "init_net").addr;
	set_id(w);
	return !vr_failed(prog);
}

char *vr_net_folder(const struct vr_net_walk *w, char buf[VR_NET_FOLDER_SIZE])
{
	if (w->initial)
		snprintf(buf, VR_NET_FOLDER_SIZE, VR_FIRST_NET);
	else
		snprintf(buf, VR_NET_FOLDER_SIZE, VR_OTHER_NETS "/%s", w->id);
	return buf;
}

void vr_nets_end(struct vr_net_walk *w)
{
	free(w->names);
	w->names = NULL;
	w->count = 0;
}

struct vr_obj vr_net_generic(struct vr_obj net, const char *id, const char *type)
{
	struct vr_obj gen = vr_deref(net, "gen");
	uint64_t i = vr_u64(vr_kernel_global(net.prog, id), ""), len = vr_u64(gen, "s.len");

	if (i >= len)
		vr_latch(net.prog, VR_CORRUPT, "%s is %llu of %llu", id, (unsigned long long)i,
			 (unsigned long long)len);
	return vr_at(net.prog, type, vr_u64(vr_index(vr_get(gen, "ptr"), i), ""));
}
