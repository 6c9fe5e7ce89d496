// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/uid_map, gid_map, projid_map and setgroups: the user namespace of a task
 * (kernel/user_namespace.c).
 */
#include "pid_emitter.h"

#define BASE_EXTENTS 5  /* UID_GID_MAP_MAX_BASE_EXTENTS */
#define MAX_EXTENTS 340 /* UID_GID_MAP_MAX_EXTENTS */
#define USERNS_SETGROUPS_ALLOWED 1u

static struct vr_obj namespace_of(const struct vr_key *key)
{
	return vr_deref(key->obj, "real_cred->user_ns");
}

/* uid_m_show(); as the reader is in the initial namespace, what ids are there is what is stored. */
static void put_map(struct vr_file *f, struct vr_obj map)
{
	uint64_t count = vr_u64(map, "nr_extents");
	struct vr_obj extents;

	if (count > MAX_EXTENTS) {
		vr_latch(map.prog, VR_CORRUPT, "%" PRIu64 " ranges of ids", count);
		return;
	}
	extents = count <= BASE_EXTENTS ? vr_get(map, "extent") : vr_get(map, "forward");
	for (uint64_t i = 0; i < count && !vr_failed(map.prog); i++) {
		struct vr_obj extent = vr_index(extents, i);

		vr_printf(f, "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", vr_u64(extent, "first"),
			  vr_u64(extent, "lower_first"), vr_u64(extent, "count"));
	}
}

static void emit_uid_map(struct vr_file *f, const struct vr_key *key)
{
	put_map(f, vr_get(namespace_of(key), "uid_map"));
}

static void emit_gid_map(struct vr_file *f, const struct vr_key *key)
{
	put_map(f, vr_get(namespace_of(key), "gid_map"));
}

static void emit_projid_map(struct vr_file *f, const struct vr_key *key)
{
	put_map(f, vr_get(namespace_of(key), "projid_map"));
}

static void emit_setgroups(struct vr_file *f, const struct vr_key *key)
{
	vr_puts(f, vr_u64(namespace_of(key), "flags") & USERNS_SETGROUPS_ALLOWED ? "allow\n"
										 : "deny\n");
}

static bool exists(const struct vr_key *key)
{
	return vr_key_has_entry(key, "uid_map");
}

VR_EMITTER(.path = "proc/{pid}/uid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_uid_map)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/uid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_uid_map)
VR_EMITTER(.path = "proc/{pid}/gid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_gid_map)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/gid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_gid_map)
VR_EMITTER(.path = "proc/{pid}/projid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_projid_map)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/projid_map", .source = "user_namespace", .exists = exists,
	   .emit = emit_projid_map)
VR_EMITTER(.path = "proc/{pid}/setgroups", .source = "user_namespace", .exists = exists,
	   .emit = emit_setgroups)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/setgroups", .source = "user_namespace", .exists = exists,
	   .emit = emit_setgroups)
