// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/fs/fscache/{caches,volumes,cookies} (since 5.17) and requests (since 6.8), since when they are
 * in proc/fs/netfs/, to which proc/fs/fscache links (fs/netfs/fscache_{cache,volume,cookie}.c,
 * main.c; fs/fscache/ before).
 */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

/* A key's length is a byte. */
#define KEY_SIZE 256

/* The letter of a state, which are up to the one called last. */
static char letter(struct vr_program *prog, const char *table, const char *last, uint64_t state)
{
	if (state > (uint64_t)vr_constant(prog, last)) {
		vr_latch(prog, VR_CORRUPT, "a state of %" PRIu64, state);
		return '?';
	}
	return (char)vr_u64(vr_kernel_element(prog, table, state), "");
}

static char *cache_name(struct vr_obj cache, char buf[KEY_SIZE])
{
	if (vr_u64(cache, "name"))
		return vr_str(cache, "name", buf, KEY_SIZE);
	return strcpy(buf, "-");
}

static void emit_caches(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "fscache_caches"),
					      "struct fscache_cache", "cache_link");

	vr_puts(f, "CACHE    REF   VOLS  OBJS  ACCES S NAME\n"
		   "======== ===== ===== ===== ===== = ===============\n");
	while (vr_list_next(&w)) {
		char name[KEY_SIZE];

		vr_row_begin(f);
		vr_printf(f, "%08" PRIx32 " %5d %5d %5d %5d %c %s\n",
			  (uint32_t)vr_u64(w.entry, "debug_id"),
			  (int)vr_u64(w.entry, "ref.refs.counter"),
			  (int)vr_u64(w.entry, "n_volumes.counter"),
			  (int)vr_u64(w.entry, "object_count.counter"),
			  (int)vr_u64(w.entry, "n_accesses.counter"),
			  letter(key->prog, "fscache_cache_states", "FSCACHE_CACHE_IS_WITHDRAWN",
				 vr_u64(w.entry, "state")),
			  cache_name(w.entry, name));
		vr_row_end(f);
	}
}

static void emit_volumes(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "fscache_volumes"),
					      "struct fscache_volume", "proc_link");

	vr_puts(f, "VOLUME   REF   nCOOK ACC FL CACHE           KEY\n"
		   "======== ===== ===== === == =============== ================\n");
	while (vr_list_next(&w)) {
		char name[KEY_SIZE], text[KEY_SIZE];
		struct vr_obj volume = w.entry;

		vr_row_begin(f);
		/* The key's length stands before it. */
		vr_str(vr_at(key->prog, "char [256]", vr_u64(volume, "key") + 1), "", text,
		       sizeof(text));
		vr_printf(f, "%08" PRIx32 " %5d %5d %3d %02" PRIx64 " %-15.15s %s\n",
			  (uint32_t)vr_u64(volume, "debug_id"),
			  (int)vr_u64(volume, "ref.refs.counter"),
			  (int)vr_u64(volume, "n_cookies.counter"),
			  (int)vr_u64(volume, "n_accesses.counter"), vr_u64(volume, "flags"),
			  cache_name(vr_deref(volume, "cache"), name), text);
		vr_row_end(f);
	}
}

/* len bytes, which are in the cookie itself where they fit. */
static void put_hex(struct vr_file *f, struct vr_obj cookie, const char *member, const char *within,
		    uint8_t len)
{
	struct vr_obj data = vr_get(cookie, within);
	uint8_t bytes[KEY_SIZE];

	if (vr_ok(data) && len > vr_type_size(vr_type_strip(data.type)))
		data = vr_at(cookie.prog, "char [256]", vr_u64(cookie, member));
	if (!vr_bytes(data, "", bytes, len))
		return;
	for (unsigned i = 0; i < len; i++)
		vr_printf(f, "%02x", bytes[i]);
}

static void put_cookie(struct vr_file *f, struct vr_obj cookie)
{
	uint8_t key = (uint8_t)vr_u64(cookie, "key_len"), aux = (uint8_t)vr_u64(cookie, "aux_len");

	vr_printf(f, "%08" PRIx32 " %08" PRIx32 " %3d %3d %3d %c %02" PRIx64,
		  (uint32_t)vr_u64(cookie, "debug_id"),
		  (uint32_t)vr_u64(cookie, "volume->debug_id"),
		  (int)vr_u64(cookie, "ref.refs.counter"), (int)vr_u64(cookie, "n_active.counter"),
		  (int)vr_u64(cookie, "n_accesses.counter"),
		  letter(cookie.prog, "fscache_cookie_states", "FSCACHE_COOKIE_STATE_DROPPED",
			 vr_u64(cookie, "state")),
		  vr_u64(cookie, "flags"));
	if (key || aux)
		vr_puts(f, " ");
	put_hex(f, cookie, "key", "inline_key", key);
	if (aux) {
		vr_puts(f, ", ");
		put_hex(f, cookie, "aux", "inline_aux", aux);
	}
	vr_puts(f, "\n");
}

static void emit_cookies(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "fscache_cookies"),
					      "struct fscache_cookie", "proc_link");

	vr_puts(f, "COOKIE   VOLUME   REF ACT ACC S FL DEF             \n"
		   "======== ======== === === === = == ================\n");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_cookie(f, w.entry);
		vr_row_end(f);
	}
}

static void put_request(struct vr_file *f, struct vr_obj request, int flags_width)
{
	struct vr_program *prog = request.prog;
	uint64_t origin = vr_u64(request, "origin");
	char name[16];

	if (origin >= (uint64_t)vr_constant(prog, "nr__netfs_io_origin"))
		vr_latch(prog, VR_CORRUPT, "a request of origin %" PRIu64, origin);
	vr_str(vr_kernel_element(prog, "netfs_origins", origin), "", name, sizeof(name));
	/* Operations aren't counted any more (6.14), and 0 is shown. */
	vr_printf(f,
		  "%08" PRIx32 " %s %3d %*" PRIx64 " %4" PRId64 " %3d @%04" PRIx64 " %" PRIx64
		  "/%" PRIx64 "\n",
		  (uint32_t)vr_u64(request, "debug_id"), name,
		  (int)vr_u64(request, "ref.refs.counter"), flags_width, vr_u64(request, "flags"),
		  vr_s64(request, "error"),
		  vr_has(request, "nr_outstanding") ? (int)vr_u64(request, "nr_outstanding.counter")
						    : 0,
		  vr_u64(request, "start"), vr_u64(request, "submitted"), vr_u64(request, "len"));
}

static void emit_requests(struct vr_file *f, const struct vr_key *key)
{
	/* Flags got wider in 6.14. */
	static const struct {
		const char *head, *line;
		int flags_width;
	} formats[] = {
		{"REQUEST  OR REF FLAG ERR  OPS COVERAGE\n"
		 "======== == === ==== ==== === =========\n",
		 "%08x %s %3d %4lx %4ld %3d @%04llx %llx/%llx", 4},
		{"REQUEST  OR REF FL ERR  OPS COVERAGE\n"
		 "======== == === == ==== === =========\n",
		 "%08x %s %3d %2lx %4ld %3d @%04llx %llx/%llx", 2},
		{"REQUEST  OR REF FL ERR  OPS COVERAGE\n"
		 "======== == === == ==== === =========\n",
		 "%08x %s %3d %2lx %4d %3d @%04llx %llx/%llx", 2},
	};
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "netfs_io_requests"),
					      "struct netfs_io_request", "proc_link");
	size_t i = 0;

	while (i < VR_ARRAY_SIZE(formats) &&
	       !(vr_function_has_text(key->prog, "netfs_requests_seq_show", formats[i].head) &&
		 vr_function_has_text(key->prog, "netfs_requests_seq_show", formats[i].line)))
		i++;
	if (i == VR_ARRAY_SIZE(formats)) {
		vr_latch(key->prog, VR_UNSUPPORTED, "requests are shown in another format");
		return;
	}
	vr_puts(f, formats[i].head);
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_request(f, w.entry, formats[i].flags_width);
		vr_row_end(f);
	}
}

/* Behind the link, where there is one, or in the folder itself. */
#define EXISTS(name)                                                                               \
	static bool has_netfs_##name(const struct vr_key *key)                                     \
	{                                                                                          \
		return vr_proc_has_file(key->prog, "fs/netfs/" #name);                             \
	}                                                                                          \
	static bool has_##name(const struct vr_key *key)                                           \
	{                                                                                          \
		return vr_proc_has_file(key->prog, "fs/fscache/" #name) ||                         \
		       (vr_proc_has_file(key->prog, "fs/fscache") && has_netfs_##name(key));       \
	}

EXISTS(caches)
EXISTS(volumes)
EXISTS(cookies)
EXISTS(requests)

VR_EMITTER(.path = "proc/fs/fscache/caches", .source = "fscache_caches", .exists = has_caches,
	   .emit = emit_caches)
VR_EMITTER(.path = "proc/fs/fscache/volumes", .source = "fscache_volumes", .exists = has_volumes,
	   .emit = emit_volumes)
VR_EMITTER(.path = "proc/fs/fscache/cookies", .source = "fscache_cookies", .exists = has_cookies,
	   .emit = emit_cookies)
VR_EMITTER(.path = "proc/fs/fscache/requests", .source = "netfs_io_requests",
	   .exists = has_requests, .emit = emit_requests)
VR_EMITTER(.path = "proc/fs/netfs/caches", .source = "fscache_caches", .exists = has_netfs_caches,
	   .emit = emit_caches)
VR_EMITTER(.path = "proc/fs/netfs/volumes", .source = "fscache_volumes",
	   .exists = has_netfs_volumes, .emit = emit_volumes)
VR_EMITTER(.path = "proc/fs/netfs/cookies", .source = "fscache_cookies",
	   .exists = has_netfs_cookies, .emit = emit_cookies)
VR_EMITTER(.path = "proc/fs/netfs/requests", .source = "netfs_io_requests",
	   .exists = has_netfs_requests, .emit = emit_requests)
