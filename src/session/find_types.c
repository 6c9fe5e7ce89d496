// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmlinux's types: BTF between its two symbols, else by the look of its header, else what a file with
 * debug information has.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "debuginfo/debug_file.h"
#include "session/open.h"
#include "symbol/sweep.h"

/* vmlinux's BTF is 4 to 6 MB in practice. */
#define MAX_BTF (256ull << 20)
#define MIN_BTF (1ull << 20)
/* struct btf_header (include/uapi/linux/btf.h) */
#define HEADER 24

static enum vr_err no_btf(struct vr_error *err)
{
	return vr_error_set(err, VR_ABSENT,
			    "this kernel was built without BTF, so that its types are not in the "
			    "dump: give its vmlinux with --vmlinux");
}

/* What the holes in BTF at addr cost. */
static void say_lost(struct vr_session *s, struct vr_types *types, uint64_t addr,
		     const struct vr_holes *holes)
{
	uint32_t first = vr_types_first_lost(types);
	uint64_t bad = addr + holes->list[0].start;
	enum vr_mem_status st = vr_aspace_read(s->scratch.as, bad, &(char){0}, 1, NULL);
	struct vr_error lack;

	if (first)
		vr_error_fault(&lack, bad, "those from the %uth on: BTF at 0x%llx is %s", first,
			       (unsigned long long)bad, vr_mem_status_text(st));
	else
		vr_error_fault(&lack, bad, "names of some of them: BTF at 0x%llx is %s",
			       (unsigned long long)bad, vr_mem_status_text(st));
	vr_types_set_lack(types, &lack);
}

/* Read BTF at addr into a table of its own, which becomes the session's if it is right. */
static enum vr_err load(struct vr_session *s, uint64_t addr, uint64_t len, struct vr_error *err)
{
	VR_CLEANUP(vr_holes_free) struct vr_holes holes = {0};
	struct vr_types *types;
	unsigned char *data;
	enum vr_err r;

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
	vr_read_with_holes(vr_read_aspace, s->scratch.as, addr, data, len, &holes);
	r = vr_types_add_holed_btf(types, data, len, &holes, err);
	if (r == VR_OK && holes.count) {
		say_lost(s, types, addr, &holes);
	} else if (r == VR_FAULT) {
		vr_error_prefix(err, "BTF at 0x%llx", (unsigned long long)addr);
		if (err)
			err->addr = addr + holes.list[0].start;
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

/* Keep the max largest. */
static size_t keep_hit(struct hit *hits, size_t n, size_t max, struct hit hit)
{
	size_t smallest = 0;

	if (n < max) {
		hits[n] = hit;
		return n + 1;
	}
	for (size_t i = 1; i < n; i++)
		if (hits[i].len < hits[smallest].len)
			smallest = i;
	if (hit.len > hits[smallest].len)
		hits[smallest] = hit;
	return n;
}

/*
 * The headers in the image, the max largest of them: memory of the start-up code, long since used
 * for something else, may have any number of BPF programs'.
 */
static size_t find_headers(struct vr_aspace *as, const struct vr_kallsyms_range *range,
			   struct hit *hits, size_t max, uint64_t *missing)
{
	VR_CLEANUP(vr_sweep_end) struct vr_sweep sweep;
	size_t n = 0;

	if (!vr_sweep_begin(&sweep, vr_read_aspace, as, range->start & ~7ull, range->end,
			    HEADER - 4))
		return 0;
	while (vr_sweep_next(&sweep))
		for (size_t at = 0; at + HEADER <= sweep.len; at += 4) {
			uint64_t len = announced(sweep.data + at);

			if (len && len <= range->end - VR_MIN(range->end, sweep.at + at))
				n = keep_hit(hits, n, max, (struct hit){sweep.at + at, len});
		}
	*missing = sweep.missing;
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
	uint64_t missing = 0, before = vr_missed_reads(s);
	bool doubt;
	size_t n, i;

	if (!vr_image_range(s, &range))
		return no_btf(err);
	n = find_headers(s->scratch.as, &range, hits, VR_ARRAY_SIZE(hits), &missing);
	qsort(hits, n, sizeof(hits[0]), largest_first);
	doubt = vr_symtab_lack(s->symtab) || vr_may_be_missing(s, &range, before);
	/* What is left where vmlinux's is missing isn't vmlinux's. */
	while (n && doubt && hits[n - 1].len < MIN_BTF)
		n--;
	if (!n && doubt)
		return vr_error_set(err, VR_FAULT,
				    "no BTF from 0x%llx to 0x%llx, %llu pages of which can't be "
				    "read",
				    (unsigned long long)range.start, (unsigned long long)range.end,
				    (unsigned long long)missing);
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

static enum vr_err find(struct vr_session *s, const struct vr_session_options *options,
			struct vr_error *err)
{
	struct vr_symbol start, stop;

	if (!options->ignore_hints &&
	    vr_symtab_find_in(s->symtab, NULL, "__start_BTF", &start) == VR_OK &&
	    vr_symtab_find_in(s->symtab, NULL, "__stop_BTF", &stop) == VR_OK &&
	    stop.addr > start.addr)
		return load(s, start.addr, stop.addr - start.addr, err);
	return by_scan(s, err);
}

/* Of a file: its BTF, unless that isn't wanted, else its DWARF. */
static enum vr_err load_file(struct vr_session *s, bool no_btf, struct vr_error *err)
{
	struct vr_types *types = vr_types_new();
	enum vr_err r = VR_ABSENT;
	bool is_btf;

	if (!types)
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	if (!no_btf)
		r = vr_types_add_btf_of(types, s->vmlinux, err);
	if (r != VR_OK && r != VR_ABSENT)
		vr_log(s->log, VR_LOG_WARNING, "its BTF can't be used: %s", err->text);
	is_btf = r == VR_OK;
	if (r != VR_OK)
		r = vr_types_add_dwarf_of(types, NULL, s->vmlinux, err);
	if (r != VR_OK) {
		vr_types_free(types);
		return r;
	}
	vr_log(s->log, VR_LOG_INFO, "types are from the %s of %s", is_btf ? "BTF" : "DWARF",
	       vr_debug_file_name(s->vmlinux));
	vr_types_free(s->types);
	s->types = types;
	return VR_OK;
}

/*
 * What the dump lacks wholly or in part may be had from a file; and where it has all, the file says of
 * which types variables are. Whether the session's types are the file's.
 */
static bool use_file(struct vr_session *s, bool no_btf, bool has_all)
{
	struct vr_error err;
	enum vr_err r;

	if (!s->vmlinux)
		return false;
	r = has_all ? vr_types_add_dwarf_of(s->types, NULL, s->vmlinux, &err)
		    : load_file(s, no_btf, &err);
	if (r != VR_OK)
		vr_log(s->log, VR_LOG_WARNING, "no types from debug information: %s", err.text);
	return r == VR_OK && !has_all;
}

/* The kernel has them, but they can't be had. */
static enum vr_err do_without(struct vr_session *s, const struct vr_error *why,
			      struct vr_error *err)
{
	struct vr_error lack = *why;

	vr_types_free(s->types);
	s->types = vr_types_new();
	if (!s->types)
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	vr_error_prefix(&lack, "all but those in VMCOREINFO (BTF)");
	vr_types_set_lack(s->types, &lack);
	s->without_types = true;
	return VR_OK;
}

enum vr_err vr_find_types(struct vr_session *s, const struct vr_session_options *options,
			  struct vr_error *err)
{
	struct vr_error why;
	enum vr_err r = options->no_btf
				? vr_error_set(&why, VR_ABSENT,
					       "BTF isn't to be used, and there is no vmlinux with "
					       "debug information")
				: find(s, options, &why);

	if (r != VR_NOMEM && use_file(s, options->no_btf, r == VR_OK && !vr_types_lack(s->types)))
		return VR_OK;
	if (r == VR_NOMEM && err)
		*err = why;
	else if (r != VR_OK)
		r = do_without(s, &why, err);
	if (r == VR_OK && vr_types_lack(s->types))
		r = vr_types_from_facts(s, err);
	if (r != VR_OK)
		vr_error_prefix(err, "types (BTF)");
	if (r == VR_OK && vr_types_lack(s->types))
		vr_log(s->log, VR_LOG_WARNING, "the dump lacks types: %s",
		       vr_types_lack(s->types)->text);
	return r;
}
