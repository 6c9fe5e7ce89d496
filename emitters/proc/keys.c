// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/keys (proc_keys_show()) and proc/key-users (proc_key_users_show(), both in
 * security/keys/proc.c), as root sees them who possesses none. Never what is in a key, but for how
 * a public one is called.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/rbtree.h"
#include "kernel/timekeeping.h"
#include "plugin/emitter.h"

#define NSEC_PER_SEC 1000000000
#define NO_ID 0xffffffffu

/* include/linux/key.h, the same since 4.15 */
static const struct {
	unsigned bit;
	char letter;
} key_flags[] = {{1, 'R'}, {0, 'D'}, {2, 'Q'}, {3, 'U'}};
#define KEY_FLAG_INVALIDATED 5
#define KEY_VIEW 0x01u
/* include/keys/asymmetric-subtype.h: where in the payload what is */
#define ASYM_CRYPTO "payload.data[0]"
#define ASYM_SUBTYPE "payload.data[1]"
#define ASYM_KEY_IDS "payload.data[2]"

/* key_task_permission(): those of the owner, the group, others */
static bool may_root_view(struct vr_obj key)
{
	uint64_t perm = vr_u64(key, "perm");

	if (!vr_u64(key, "uid.val"))
		return perm >> 16 & KEY_VIEW;
	if (!vr_u64(key, "gid.val") && perm & 0x3f00)
		return perm >> 8 & KEY_VIEW;
	return perm & KEY_VIEW;
}

/* from_kuid_munged() and from_kgid_munged() */
static uint64_t shown_id(struct vr_obj key, const char *member, const char *overflow)
{
	uint64_t id = vr_u64(key, member);

	return id == NO_ID ? vr_u64(vr_kernel_global(key.prog, overflow), "") : id;
}

/* How long it is good for; forever: 0, or TIME64_MAX since commit 39299bdd2546 (6.7). */
static void show_timeout(struct vr_obj key, int64_t now, char buf[24])
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t expiry = vr_s64(key, "expiry");

	if (!expiry || expiry == INT64_MAX) {
		strcpy(buf, "perm");
	} else if (now >= expiry) {
		strcpy(buf, "expd");
	} else {
		int64_t left = expiry - now;
		size_t i = 0;

		while (units[i].seconds > left && i + 1 < VR_ARRAY_SIZE(units))
			i++;
		snprintf(buf, 24, "%" PRId64 "%c", left / units[i].seconds, units[i].unit);
	}
}

static void put_description(struct vr_file *f, struct vr_obj key)
{
	char text[4096];

	vr_puts(f, vr_str(key, "description", text, sizeof(text)));
}

/* asymmetric_key_describe() and public_key_describe() */
static void put_asymmetric(struct vr_file *f, struct vr_obj key)
{
	struct vr_obj public, ids, id;
	char id_type[32], algo[64];
	uint64_t len;

	put_description(f, key);
	if (!vr_u64(key, ASYM_SUBTYPE))
		return;
	vr_puts(f, ": ");
	public = vr_at(key.prog, "struct public_key", vr_u64(key, ASYM_CRYPTO));
	if (public.addr)
		vr_printf(f, "%s.%s", vr_str(public, "id_type", id_type, sizeof(id_type)),
			  vr_str(public, "pkey_algo", algo, sizeof(algo)));
	ids = vr_at(key.prog, "struct asymmetric_key_ids", vr_u64(key, ASYM_KEY_IDS));
	id = vr_at(key.prog, "struct asymmetric_key_id", ids.addr ? vr_u64(ids, "id[1]") : 0);
	if (id.addr) {
		vr_puts(f, " ");
		len = vr_u64(id, "len");
		for (uint64_t i = len > 4 ? len - 4 : 0; i < len; i++)
			vr_printf(f, "%02x",
				  (unsigned)vr_u64(vr_index(vr_get(id, "data"), i), "") & 0xff);
	}
	vr_puts(f, " []");
}

static void put_keyring(struct vr_file *f, struct vr_obj key)
{
	uint64_t count = vr_u64(key, "keys.nr_leaves_on_tree");

	if (vr_u64(key, "description"))
		put_description(f, key);
	else
		vr_puts(f, "[anon]");
	if (vr_s64(key, "state") != 1)
		return;
	if (count)
		vr_printf(f, ": %" PRIu64, count);
	else
		vr_puts(f, ": empty");
}

/* What key->type->describe() says, where we know that function. */
static void describe(struct vr_file *f, struct vr_obj key)
{
	uint64_t function = vr_u64(key, "type->describe");
	char name[640];

	if (!function)
		return;
	vr_symbolize(key.prog, function, name, sizeof(name));
	*strchrnul(name, '+') = '\0';
	if (!strcmp(name, "keyring_describe")) {
		put_keyring(f, key);
	} else if (!strcmp(name, "user_describe") ||
		   !strcmp(name, "fscrypt_provisioning_key_describe")) {
		put_description(f, key);
		if (vr_s64(key, "state") == 1)
			vr_printf(f, ": %" PRIu64, vr_u64(key, "datalen"));
	} else if (!strcmp(name, "asymmetric_key_describe")) {
		put_asymmetric(f, key);
	} else if (!strcmp(name, "blacklist_describe") ||
		   !strcmp(name, "fscrypt_user_key_describe")) {
		put_description(f, key);
	} else {
		vr_latch(key.prog, VR_UNSUPPORTED, "a key that %s() describes", name);
	}
}

static void put_key(struct vr_file *f, struct vr_obj key, int64_t now)
{
	uint64_t flags = vr_u64(key, "flags");
	int64_t state = vr_s64(key, "state");
	char timeout[24], letters[8], type[64];
	size_t n = 0;

	if (!may_root_view(key))
		return;
	show_timeout(key, now, timeout);
	letters[n++] = state ? 'I' : '-';
	for (size_t i = 0; i < VR_ARRAY_SIZE(key_flags); i++)
		letters[n++] = flags >> key_flags[i].bit & 1 ? key_flags[i].letter : '-';
	letters[n++] = state < 0 ? 'N' : '-';
	letters[n++] = flags >> KEY_FLAG_INVALIDATED & 1 ? 'i' : '-';
	letters[n] = '\0';
	vr_printf(f,
		  "%08" PRIx32 " %s %5" PRId64 " %4s %08" PRIx32 " %5" PRIu64 " %5" PRIu64
		  " %-9.9s ",
		  (uint32_t)vr_u64(key, "serial"), letters, vr_s64(key, "usage.refs.counter"),
		  timeout, (uint32_t)vr_u64(key, "perm"), shown_id(key, "uid.val", "overflowuid"),
		  shown_id(key, "gid.val", "overflowgid"),
		  vr_str(key, "type->name", type, sizeof(type)));
	describe(f, key);
	vr_puts(f, "\n");
}

static void emit_keys(struct vr_file *f, const struct vr_key *k)
{
	struct vr_rbtree_walk w = vr_rbtree_begin(vr_kernel_global(k->prog, "key_serial_tree"),
						  "struct key", "serial_node");
	struct vr_clocks clocks;

	if (!vr_clocks_read(k->prog, &clocks))
		return;
	while (vr_rbtree_next(&w)) {
		vr_row_begin(f);
		put_key(f, w.entry, clocks.realtime_ns / NSEC_PER_SEC);
		vr_row_end(f);
	}
}

static void emit_users(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_rbtree_walk w =
		vr_rbtree_begin(vr_kernel_global(prog, "key_user_tree"), "struct key_user", "node");

	while (vr_rbtree_next(&w)) {
		struct vr_obj user = w.entry;
		bool root;

		vr_row_begin(f);
		root = !vr_u64(user, "uid.val");
		vr_printf(f,
			  "%5" PRIu64 ": %5" PRId64 " %" PRId64 "/%" PRId64 " %" PRId64 "/%" PRId64
			  " %" PRId64 "/%" PRId64 "\n",
			  vr_u64(user, "uid.val"), vr_s64(user, "usage.refs.counter"),
			  vr_s64(user, "nkeys.counter"), vr_s64(user, "nikeys.counter"),
			  vr_s64(user, "qnkeys"),
			  (int64_t)(int32_t)vr_u64(
				  vr_kernel_global(prog, root ? "key_quota_root_maxkeys"
							      : "key_quota_maxkeys"),
				  ""),
			  vr_s64(user, "qnbytes"),
			  (int64_t)(int32_t)vr_u64(
				  vr_kernel_global(prog, root ? "key_quota_root_maxbytes"
							      : "key_quota_maxbytes"),
				  ""));
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "key_serial_tree"); /* CONFIG_KEYS */
}

VR_EMITTER(.path = "proc/keys", .source = "key_serial_tree", .exists = exists, .emit = emit_keys)
VR_EMITTER(.path = "proc/key-users", .source = "key_user_tree", .exists = exists,
	   .emit = emit_users)
