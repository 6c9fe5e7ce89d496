// SPDX-License-Identifier: GPL-2.0-or-later
/* vmlinux's BTF: between its two symbols, else by the look of its header. */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "session/open.h"
#include "symbol/sweep.h"

/* vmlinux's BTF is 4 to 6 MB in practice. */
#define MAX_BTF (256ull << 20)
/* struct btf_header (include/uapi/linux/btf.h) */
#define HEADER 24

static enum vr_err no_btf(struct vr_error *err)
{
	return vr_error_set(err, VR_ABSENT,
			    "this kernel was built without BTF, so that its types are not in the "
			    "dump: give its vmlinux with --vmlinux");
}

/* Read BTF at addr into a table of its own, which becomes the session's if it is right. */
static enum vr_err load(struct vr_session *s, uint64_t addr, uint64_t len, struct vr_error *err)
{
	struct vr_types *types;
	enum vr_mem_status st;
	uint64_t bad = 0;
	enum vr_err r;
	void *data;

	if (len > MAX_BTF)
		return vr_error_set(err, VR_CORRUPT, "BTF of %llu bytes can't be right",
				    (unsigned long long)len);
	data = malloc(len);
	types = vr_types_new();
	if (!data || !types) {
		free(data);
		vr_types_free(types);
		return vr_error_set(err, VR_NOMEM, "out of memory for %llu bytes of BTF",
				    (unsigned long long)len);
	}
	st = vr_aspace_read(s->scratch.as, addr, data, len, &bad);
	if (st != VR_MEM_OK) {
		free(data);
		r = vr_program_fault(err, st, bad);
	} else {
		r = vr_types_add_btf(types, data, len, err);
	}
	if (r != VR_OK) {
		vr_types_free(types);
		return r;
	}
	vr_types_free(s->types);
	s->types = types;
	return VR_OK;
}

/* Bytes of BTF that a header announces, 0 where it is none: its two sections follow each other. */
static uint64_t announced(const unsigned char *p)
{
	uint64_t type_len = vr_load32(p + 12), str_off = vr_load32(p + 16);
	uint64_t str_len = vr_load32(p + 20), len = HEADER + str_off + str_len;

	if (vr_load16(p) != 0xeb9f || p[2] != 1 || p[3] != 0 || vr_load32(p + 4) != HEADER ||
	    vr_load32(p + 8) != 0 || str_off != type_len || !str_len || len > MAX_BTF)
		return 0;
	return len;
}

struct hit {
	uint64_t addr, len;
};

/* The headers in the image, at most max of them. */
static size_t find_headers(struct vr_aspace *as, const struct vr_kallsyms_range *range,
			   struct hit *hits, size_t max)
{
	VR_CLEANUP(vr_sweep_end) struct vr_sweep sweep;
	size_t n = 0;

	if (!vr_sweep_begin(&sweep, vr_read_aspace, as, range->start & ~7ull, range->end,
			    HEADER - 4))
		return 0;
	while (vr_sweep_next(&sweep))
		for (size_t at = 0; at + HEADER <= sweep.len && n < max; at += 4) {
			uint64_t len = announced(sweep.data + at);

			if (len && len <= range->end - VR_MIN(range->end, sweep.at + at))
				hits[n++] = (struct hit){sweep.at + at, len};
		}
	return n;
}

static int largest_first(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return x->len > y->len ? -1 : x->len < y->len;
}

static bool is_valid(struct vr_session *s, const struct hit *hit)
{
	struct vr_types *chosen = VR_TAKE(s->types);
	bool ok = load(s, hit->addr, hit->len, NULL) == VR_OK;

	if (ok)
		vr_types_free(s->types);
	s->types = chosen;
	return ok;
}

/*
 * The largest that is BTF indeed. The image may have small ones besides, of the BPF programs built
 * into it (kernel/bpf/preload); one of comparable size would leave us guessing.
 */
static enum vr_err by_scan(struct vr_session *s, struct vr_error *err)
{
	struct vr_kallsyms_range range;
	struct vr_error why;
	struct hit hits[16];
	enum vr_err r = VR_ABSENT;
	size_t n, i;

	if (!vr_image_range(s, &range))
		return no_btf(err);
	n = find_headers(s->scratch.as, &range, hits, VR_ARRAY_SIZE(hits));
	qsort(hits, n, sizeof(hits[0]), largest_first);
	for (i = 0; i < n && r != VR_OK; i++)
		r = load(s, hits[i].addr, hits[i].len, i ? NULL : &why);
	if (r != VR_OK) {
		if (n && err)
			*err = why;
		return n ? why.kind : no_btf(err);
	}
	for (size_t other = i; other < n && hits[other].len >= hits[i - 1].len / 2; other++)
		if (is_valid(s, &hits[other]))
			return vr_error_set(err, VR_CORRUPT,
					    "BTF was found twice, at 0x%llx and 0x%llx",
					    (unsigned long long)hits[i - 1].addr,
					    (unsigned long long)hits[other].addr);
	vr_log(s->log, VR_LOG_INFO, "BTF was found by scanning, at 0x%llx",
	       (unsigned long long)hits[i - 1].addr);
	return VR_OK;
}

enum vr_err vr_find_types(struct vr_session *s, const struct vr_session_options *options,
			  struct vr_error *err)
{
	struct vr_symbol start, stop;
	enum vr_err r;

	if (!options->ignore_hints &&
	    vr_symtab_find_in(s->symtab, NULL, "__start_BTF", &start) == VR_OK &&
	    vr_symtab_find_in(s->symtab, NULL, "__stop_BTF", &stop) == VR_OK &&
	    stop.addr > start.addr)
		r = load(s, start.addr, stop.addr - start.addr, err);
	else
		r = by_scan(s, err);
	if (r != VR_OK && r != VR_ABSENT)
		vr_error_prefix(err, "types (BTF)");
	return r;
}
