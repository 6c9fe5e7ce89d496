// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finding the kallsyms tables by what they look like, for kernels whose VMCOREINFO doesn't say
 * where they are (before Linux 6.0). scripts/kallsyms.c writes them in one of these orders, each
 * table aligned to 8 bytes or (7.x) to 4:
 *
 *	offsets, relative_base, num_syms, names, markers, [seqs_of_names,] token_table, token_index
 *	addresses, num_syms, names, markers, token_table, token_index
 *	num_syms, names, markers, token_table, token_index, offsets, [relative_base, seqs_of_names]
 *
 * Releases and backports mix them, so that none is derived from the kernel's version. The one with
 * the rarest looks is searched for, token_index: 256 growing numbers of two bytes, the first of
 * them 0. From there one table leads to the next, each checked in full against the last.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "symbol/kallsyms.h"
#include "symbol/names.h"
#include "symbol/sweep.h"
#include "symbol/table.h"

#define TOKENS 256
#define INDEX_SIZE (TOKENS * 2u)
/* A token and its NUL: kernels use all 256 tokens, the longest measured had 60 bytes. */
#define STEP_MIN 2
#define STEP_MAX 512
/* All tokens; token_index has two bytes for where one begins. */
#define TOKENS_MAX ((size_t)64 << 10)

/* There is a marker for each 256 names; a name takes at least 2 bytes. */
#define NAMES_PER_MARKER VR_NAMES_PER_MARKER
#define MARKER_MIN VR_MARKER_MIN
#define MARKER_MAX VR_MARKER_MAX
/* Fewer symbols than these stand for are no kernel's. */
#define MARKERS_MIN 4u
/* seqs_of_names, 3 bytes a symbol, may lie between the markers and the tokens. */
#define MARKERS_BEFORE ((size_t)16 << 20)
#define NAMES_MAX ((size_t)64 << 20)

/* Bounds on what a forged dump can make us do; a genuine one needs 1 of each. */
#define CANDIDATES_MAX 16
#define MARKER_TRIES 64
#define WALKS_MAX 256
#define READ_MAX ((size_t)512 << 20)

/* Some of the image's memory, holes filled with zeros. */
struct window {
	uint64_t at;
	size_t len;
	unsigned char *data;
	struct vr_holes holes; /* offsets */
};

struct scan {
	const struct vr_kallsyms_range *range;
	vr_symtab_reader read;
	void *arg;
	unsigned walks; /* times that names were followed */
	size_t budget;  /* bytes that windows may still read */
	bool out_of_memory;
};

/* What is known of one set of tables. */
struct found {
	struct vr_kallsyms_tables tables;
	uint64_t markers;
	uint32_t count;
};

static void free_window(struct window *w)
{
	free(w->data);
	w->data = NULL;
	vr_holes_free(&w->holes);
}

/* Read [from, to), cut to the range. False: nothing left of it, or no memory. */
static bool open_window(struct scan *s, uint64_t from, uint64_t to, struct window *w)
{
	*w = (struct window){.at = VR_MAX(from, s->range->start)};
	to = VR_MIN(to, s->range->end);
	if (w->at >= to)
		return false;
	w->len = (size_t)(to - w->at);
	if (w->len > s->budget)
		return false;
	s->budget -= w->len;
	w->data = malloc(w->len);
	if (!w->data) {
		s->out_of_memory = true;
		return false;
	}
	vr_read_with_holes(s->read, s->arg, w->at, w->data, w->len, &w->holes);
	return true;
}

/* ---- token_index: the pass over all of the image ---- */

static bool is_step(const unsigned char *data, size_t i)
{
	uint16_t step =
		(uint16_t)(vr_load16(data + 2 * (i + 1)) - vr_load16(data + 2 * i) - STEP_MIN);

	return step <= STEP_MAX - STEP_MIN;
}

/*
 * The next place at or behind `from` where token_index may be, or len. Looks at the last step of a
 * would-be index first: where that is none, no index begins before it, and 510 bytes are done with.
 */
static size_t next_index(const unsigned char *data, size_t len, size_t from)
{
	size_t first = from / 2, n = len / 2;
	size_t known = first; /* all steps from first up to here are right */

	while (first + TOKENS <= n) {
		size_t behind = first + TOKENS - 1, i = behind;

		while (i > known && is_step(data, i - 1))
			i--;
		if (i > known) {
			first = i;
		} else if (first % 2 || vr_load16(data + 2 * first)) {
			first++;
		} else {
			return 2 * first;
		}
		known = behind;
	}
	return len;
}

/* All places in the range where token_index may be. More than there is room for: VR_LIMIT. */
static enum vr_err find_indexes(struct scan *s, uint64_t *found, size_t *count, uint64_t *missing)
{
	VR_CLEANUP(vr_sweep_end) struct vr_sweep sweep;

	*count = 0;
	if (!vr_sweep_begin(&sweep, s->read, s->arg, s->range->start & ~7ull, s->range->end,
			    INDEX_SIZE - 4))
		return VR_NOMEM;
	while (vr_sweep_next(&sweep)) {
		for (size_t at = 0; (at = next_index(sweep.data, sweep.len, at)) < sweep.len;
		     at += 4) {
			if (*count == CANDIDATES_MAX)
				return VR_LIMIT;
			found[(*count)++] = sweep.at + at;
		}
	}
	*missing = sweep.missing;
	return VR_OK;
}

/* ---- token_table: 256 strings that lie exactly where the index says ---- */

static bool is_token_table(const unsigned char *table, const uint16_t *index, size_t len)
{
	for (int i = 0; i < TOKENS; i++) {
		size_t begin = index[i], end = i + 1 < TOKENS ? index[i + 1] : len;

		if (memchr(table + begin, '\0', end - begin) != table + end - 1)
			return false;
	}
	return true;
}

static bool find_token_table(struct scan *s, struct found *f)
{
	VR_CLEANUP(free_window) struct window w = {0};
	uint64_t at = f->tables.token_index;
	uint16_t index[TOKENS];

	if (s->read(s->arg, at, index, sizeof(index)) != VR_OK)
		return false;
	if (!open_window(s, at - VR_MIN(at, (uint64_t)TOKENS_MAX), at, &w))
		return false;
	/* Up to 7 bytes of padding; the last token's length is the one that no index tells. */
	for (size_t back = index[TOKENS - 1] + STEP_MIN;
	     back <= index[TOKENS - 1] + STEP_MAX + 7u && back <= w.len; back++) {
		const unsigned char *table = w.data + w.len - back, *last = table + index[255];
		const unsigned char *nul = memchr(last, '\0', (size_t)(w.data + w.len - last));

		if (back % 4 || !nul || w.data + w.len - (nul + 1) > 7 ||
		    !is_token_table(table, index, (size_t)(nul + 1 - table)))
			continue;
		f->tables.token_table = at - back;
		return true;
	}
	return false;
}

/* ---- names: what the markers were made from ---- */

/*
 * Follow the names from data + begin and see whether they meet each marker (their offsets), and end
 * right before the markers. One-byte lengths, or such whose top bit announces a second byte. Blocks
 * of names with holes in them are passed over, as long as they are the fewer.
 */
static bool meets_markers(const struct window *w, size_t begin, const unsigned char *markers,
			  uint32_t count, bool two_bytes)
{
	size_t at = begin, end = w->len;
	uint32_t blocks = 0, holed_blocks = 0;
	bool holed = false;

	for (uint32_t i = 0; i < count; i++) {
		size_t n;

		if (i % NAMES_PER_MARKER == 0) {
			const unsigned char *marker = markers + (size_t)blocks++ * 4;
			size_t here = begin + vr_load32(marker);
			size_t next =
				count - i > NAMES_PER_MARKER ? begin + vr_load32(marker + 4) : end;

			if ((at != here && !holed) || here > end)
				return false;
			at = here;
			holed = vr_holes_in(&w->holes, here, next);
			holed_blocks += holed;
		}
		if (holed)
			continue;
		if (end - at < 2)
			return false;
		n = w->data[at++];
		if (two_bytes && n & 0x80)
			n = (n & 0x7f) | (size_t)(w->data[at++] & 0x7f) << 7;
		if (!n || n > end - at)
			return false;
		at += n;
	}
	for (; at < end && !holed; at++)
		if (w->data[at] || end - at > 7)
			return false;
	return holed_blocks <= blocks / 2;
}

static uint32_t markers_for(uint32_t symbols)
{
	return symbols / NAMES_PER_MARKER + (symbols % NAMES_PER_MARKER != 0);
}

/*
 * The names before the markers, of which there are `run` or one less: the word behind the last may
 * look like another. num_syms comes right before the names, perhaps with 4 bytes of padding.
 */
static bool find_names(struct scan *s, struct found *f, const unsigned char *markers, uint32_t run)
{
	VR_CLEANUP(free_window) struct window w = {0};
	uint32_t furthest = vr_load32(markers + 4 * (size_t)(run - 1));
	uint32_t nearest = vr_load32(markers + 4 * (size_t)(run - 2));
	/* A multiple of 4, so that words are cut where they are in memory. */
	uint64_t reach = ((uint64_t)furthest + MARKER_MAX + 3) & ~3ull;

	if (reach > NAMES_MAX || reach > f->markers ||
	    !open_window(s, f->markers - reach, f->markers, &w))
		return false;
	for (size_t begin = nearest <= w.len ? (w.len - nearest) & ~(size_t)3 : 0; begin >= 8;
	     begin -= 4) {
		uint32_t count = vr_load32(w.data + begin - 4), needed;
		bool padded = !count;

		if (padded)
			count = vr_load32(w.data + begin - 8);
		needed = markers_for(count);
		if ((needed != run && needed != run - 1) || count > VR_SYMBOLS_MAX)
			continue;
		if (s->walks++ == WALKS_MAX)
			return false;
		if (!meets_markers(&w, begin, markers, count, true) &&
		    !meets_markers(&w, begin, markers, count, false))
			continue;
		f->tables.names = w.at + begin;
		f->tables.num_syms = w.at + begin - (padded ? 8 : 4);
		f->count = count;
		return true;
	}
	return false;
}

/* ---- markers: the nearest run of growing numbers before the tokens that names agree with ---- */

static bool find_markers_in(struct scan *s, struct found *f, const struct window *w)
{
	uint32_t run = 1; /* numbers that grow as markers do, from here on */
	int tries = 0;

	for (size_t at = w->len & ~(size_t)3; at >= 8;) {
		uint32_t here, next;

		at -= 4;
		here = vr_load32(w->data + at - 4);
		next = vr_load32(w->data + at);
		run = next - here >= MARKER_MIN && next - here <= MARKER_MAX && next > here
			      ? run + 1
			      : 1;
		if (here || run < MARKERS_MIN)
			continue;
		f->markers = w->at + at - 4;
		if (find_names(s, f, w->data + at - 4, run))
			return true;
		if (++tries == MARKER_TRIES || s->walks > WALKS_MAX || s->out_of_memory)
			return false;
	}
	return false;
}

static bool find_markers(struct scan *s, struct found *f)
{
	uint64_t end = f->tables.token_table;

	/* Mostly they are right there; seqs_of_names may be a few hundred KiB long. */
	for (size_t reach = (size_t)16 << 10; reach <= MARKERS_BEFORE && !s->out_of_memory;
	     reach *= 8) {
		VR_CLEANUP(free_window) struct window w = {0};

		if (!open_window(s, end - VR_MIN(end, (uint64_t)reach), end, &w))
			return false;
		if (find_markers_in(s, f, &w))
			return true;
	}
	return false;
}

/* ---- addresses: what gives _stext its own, at one of the places where they may be ---- */

static uint64_t align8(uint64_t x)
{
	return (x + 7) & ~7ull;
}

static enum vr_err decode(struct scan *s, struct vr_symtab *tab, struct found *f,
			  struct vr_error *err)
{
	uint64_t behind = f->tables.token_index + INDEX_SIZE, before = f->tables.num_syms;
	uint64_t size = (uint64_t)f->count * 4;
	const struct vr_kallsyms_place places[] = {
		{.offsets = behind},
		{.offsets = before - 8 - align8(size), .relative_base = before - 8},
		{.offsets = behind, .relative_base = align8(behind + size)},
		{.offsets = align8(behind), .relative_base = align8(align8(behind) + size)},
		{.addresses = before - 2 * size},
		{.addresses = align8(behind)},
	};

	return vr_kallsyms_decode(tab, &f->tables, places, VR_ARRAY_SIZE(places), true, s->read,
				  s->arg, err);
}

static enum vr_err follow(struct scan *s, struct vr_symtab *tab, struct found *f,
			  struct vr_error *err)
{
	if (find_token_table(s, f) && find_markers(s, f))
		return decode(s, tab, f, err);
	if (s->out_of_memory)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	return vr_error_set(err, VR_CORRUPT, "what looks like kallsyms at 0x%llx is not whole",
			    (unsigned long long)f->tables.token_index);
}

/* A second set of tables that is as good: neither can be trusted then. */
static bool is_another(struct scan *s, struct found *f)
{
	struct vr_symtab *tab = vr_symtab_new();
	bool ok = tab && follow(s, tab, f, NULL) == VR_OK;

	vr_symtab_free(tab);
	return ok;
}

static enum vr_err choose(struct scan *s, struct vr_symtab *tab, const uint64_t *indexes,
			  size_t count, struct vr_kallsyms_tables *tables, struct vr_error *err)
{
	enum vr_err rc = VR_ABSENT;
	bool have = false;

	for (size_t i = 0; i < count; i++) {
		struct found f = {.tables = {.token_index = indexes[i],
					     .stext = s->range->stext,
					     .other = s->range->other,
					     .other_addr = s->range->other_addr}};

		if (have && is_another(s, &f)) {
			vr_symtab_clear_core(tab);
			return vr_error_set(err, VR_CORRUPT,
					    "kallsyms was found twice, at 0x%llx and 0x%llx",
					    (unsigned long long)tables->names,
					    (unsigned long long)f.tables.names);
		}
		if (have)
			continue;
		rc = follow(s, tab, &f, err);
		have = rc == VR_OK;
		if (have)
			*tables = f.tables;
		if (rc == VR_NOMEM)
			break;
	}
	return have ? VR_OK : rc;
}

enum vr_err vr_symtab_scan_kallsyms(struct vr_symtab *tab, const struct vr_kallsyms_range *range,
				    vr_symtab_reader read, void *arg,
				    struct vr_kallsyms_tables *tables, struct vr_error *err)
{
	const struct vr_kallsyms_range aligned = {range->start & ~7ull, range->end & ~7ull,
						  range->stext, range->other, range->other_addr};
	struct scan s = {.range = &aligned, .read = read, .arg = arg, .budget = READ_MAX};
	uint64_t indexes[CANDIDATES_MAX], missing = 0;
	size_t count;
	enum vr_err rc = find_indexes(&s, indexes, &count, &missing);

	*tables = (struct vr_kallsyms_tables){0};
	if (rc == VR_NOMEM)
		return vr_error_set(err, rc, "out of memory for symbols");
	if (rc == VR_LIMIT)
		return vr_error_set(err, rc, "more than %d places look like kallsyms",
				    CANDIDATES_MAX);
	if (!count)
		return vr_error_set(err, VR_ABSENT,
				    "no kallsyms tables from 0x%llx to 0x%llx (%llu pages of which "
				    "can't be read)",
				    (unsigned long long)aligned.start,
				    (unsigned long long)aligned.end, (unsigned long long)missing);
	return choose(&s, tab, indexes, count, tables, err);
}
