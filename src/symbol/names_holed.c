// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of kallsyms some bytes of which are not in the dump, or damaged. A name says how long it
 * is, so that all behind a missing byte would be lost; but kallsyms_markers has where each 256th
 * name begins, and there decoding goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "symbol/names.h"
#include "symbol/sweep.h"
#include "symbol/table.h"

/* All names; a large kernel's take 4 MiB. */
#define NAMES_MAX ((uint64_t)64 << 20)
/* Fewer are found in memory that has nothing to do with markers. */
#define MARKERS_MIN 4u
/* Zeros between the names and the markers. */
#define PADDING_MAX 7u

/* From the first name to the tokens, holes filled with zeros. */
struct window {
	unsigned char *data;
	size_t len;
	struct vr_holes holes; /* offsets */
	const unsigned char *markers;
	uint32_t marker_count;
	uint32_t count; /* of names */
};

static void close_window(struct window *w)
{
	free(w->data);
	vr_holes_free(&w->holes);
}

static enum vr_err open_window(const struct vr_kallsyms_tables *tables, vr_symtab_reader read,
			       void *arg, struct window *w, struct vr_error *err)
{
	uint64_t len = tables->token_table - tables->names;

	*w = (struct window){0};
	if (tables->token_table <= tables->names || len > NAMES_MAX || tables->names % 4)
		return vr_error_set(err, VR_CORRUPT, "kallsyms tables in an unknown order");
	w->data = malloc(len);
	if (!w->data)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	w->len = len;
	vr_read_with_holes(read, arg, tables->names, w->data, len, &w->holes);
	return w->holes.failed ? vr_error_set(err, VR_NOMEM, "out of memory for symbols") : VR_OK;
}

/* Where the i-th marker's names begin and end, as offsets; the last end where the markers begin. */
static void block_of(const struct window *w, uint32_t i, size_t *begin, size_t *end)
{
	*begin = vr_load32(w->markers + (size_t)i * 4);
	*end = i + 1 < w->marker_count ? vr_load32(w->markers + (size_t)(i + 1) * 4)
				       : (size_t)(w->markers - w->data);
}

static bool is_padding(const unsigned char *p, const unsigned char *end)
{
	if (end - p > PADDING_MAX)
		return false;
	while (p < end && !*p)
		p++;
	return p == end;
}

/* How many names there are in the last block, which must end before the markers; 0: it doesn't. */
static uint32_t count_last(const struct window *w, bool two_bytes)
{
	size_t at, end, len;
	uint32_t n = 0;

	block_of(w, w->marker_count - 1, &at, &end);
	if (vr_holes_in(&w->holes, at, end))
		return 0;
	while (end - at >= 2 && w->data[at] && n <= VR_NAMES_PER_MARKER) {
		at += vr_symbol_name_length(w->data + at, two_bytes, &len);
		if (!len || len > end - at)
			return 0;
		at += len;
		n++;
	}
	return n <= VR_NAMES_PER_MARKER && is_padding(w->data + at, w->data + end) ? n : 0;
}

/* Could the markers begin at that offset, count of them? */
static bool fits(struct window *w, size_t at, uint32_t count)
{
	uint32_t last = vr_load32(w->data + at + (size_t)(count - 1) * 4);

	if (last >= at || at - last > VR_MARKER_MAX)
		return false;
	w->markers = w->data + at;
	w->marker_count = count;
	return true;
}

/* The same where it isn't known how many: the last block tells. */
static bool fits_any(struct window *w, size_t at, uint32_t run)
{
	/* The word behind the last may look like another. */
	for (uint32_t count = run; count >= MARKERS_MIN && count + 1 >= run; count--) {
		uint32_t in_last;

		if (!fits(w, at, count))
			continue;
		in_last = count_last(w, true);
		if (!in_last)
			in_last = count_last(w, false);
		if (in_last) {
			w->count = (count - 1) * VR_NAMES_PER_MARKER + in_last;
			return true;
		}
	}
	return false;
}

/* Numbers that grow as markers do, from 0 on; at most as many as fit into the window. */
static uint32_t run_at(const struct window *w, size_t at)
{
	uint32_t run = 1, here = vr_load32(w->data + at);

	if (here)
		return 0;
	for (size_t next = at + 4; w->len - at >= 8 && next <= w->len - 4; next += 4, run++) {
		uint32_t there = vr_load32(w->data + next);

		if (there < here || there - here < VR_MARKER_MIN || there - here > VR_MARKER_MAX)
			break;
		here = there;
	}
	return run;
}

static bool find_markers(struct window *w, uint32_t count)
{
	uint32_t want = count / VR_NAMES_PER_MARKER + (count % VR_NAMES_PER_MARKER != 0);

	w->count = count;
	if (count && want < MARKERS_MIN)
		return false;
	/* A run has no 0 but its first, so that none is gone through twice. */
	for (size_t at = VR_MARKER_MIN; at + 4 <= w->len; at += 4) {
		uint32_t run = run_at(w, at);

		if (count ? run >= want && fits(w, at, want)
			  : run >= MARKERS_MIN && fits_any(w, at, run))
			return true;
	}
	return false;
}

/* Names [names->count, until) are lost. */
static void lose(struct vr_symbol_names *names, uint32_t until, uint32_t mark)
{
	names->lost += until - names->count;
	while (names->count < until)
		names->offsets[names->count++] = mark;
}

/*
 * The names of one block. With a hole in it, those before the hole; without one they must end where
 * the block does, or none of them can be trusted.
 */
static enum vr_err decode_block(const struct vr_kallsyms_tables *tables, const struct window *w,
				uint32_t i, const struct vr_symbol_tokens *tokens, bool two_bytes,
				uint32_t mark, struct vr_symbol_names *names)
{
	uint32_t first = names->count, until = VR_MIN(first + VR_NAMES_PER_MARKER, w->count);
	size_t at, end, pool = names->len;
	const struct vr_hole *hole;
	bool whole;

	block_of(w, i, &at, &end);
	hole = vr_holes_in(&w->holes, at, end);
	if (hole)
		end = VR_MAX(at, hole->start);
	while (names->count < until && end - at >= 2) {
		size_t len, skip = vr_symbol_name_length(w->data + at, two_bytes, &len);
		uint32_t offset = (uint32_t)names->len;

		names->saw_long |= w->data[at] >= 0x80;
		if (!vr_symbol_names_reserve(names, 0))
			return VR_NOMEM;
		if (len > end - at - skip ||
		    !vr_symbol_names_expand(tokens, w->data + at + skip, len, names))
			break;
		at += skip + len;
		names->offsets[names->count] = offset;
		vr_symbol_names_notice(tables, offset, names);
		names->count++;
	}
	whole = names->count == until &&
		(i + 1 < w->marker_count ? at == end : is_padding(w->data + at, w->data + end));
	if (hole && !names->lost_at)
		names->lost_at = tables->names + hole->start;
	if (whole || hole) {
		lose(names, until, mark);
		return VR_OK;
	}
	names->len = pool;
	names->count = first;
	if (names->stext != UINT32_MAX && names->stext >= first)
		names->stext = UINT32_MAX;
	if (names->other != UINT32_MAX && names->other >= first)
		names->other = UINT32_MAX;
	lose(names, until, mark);
	return VR_OK;
}

static enum vr_err decode_all(const struct vr_kallsyms_tables *tables, const struct window *w,
			      const struct vr_symbol_tokens *tokens, bool two_bytes,
			      struct vr_symbol_names *names)
{
	enum vr_err rc = VR_OK;
	uint32_t mark;

	*names = (struct vr_symbol_names){.stext = UINT32_MAX, .other = UINT32_MAX};
	names->offsets = malloc((size_t)w->count * sizeof(*names->offsets));
	mark = vr_symbol_names_mark(names, VR_LOST_NAME);
	if (!names->offsets || mark == UINT32_MAX)
		return VR_NOMEM;
	for (uint32_t i = 0; i < w->marker_count && !rc; i++)
		rc = decode_block(tables, w, i, tokens, two_bytes, mark, names);
	return rc;
}

enum vr_err vr_symbol_names_by_markers(const struct vr_kallsyms_tables *tables, uint32_t count,
				       vr_symtab_reader read, void *arg,
				       const struct vr_symbol_tokens *tokens,
				       struct vr_symbol_names *names, struct vr_error *err)
{
	VR_CLEANUP(close_window) struct window w;
	struct vr_symbol_names plain;
	enum vr_err rc;

	*names = (struct vr_symbol_names){0};
	rc = open_window(tables, read, arg, &w, err);
	if (rc)
		return rc;
	if (!find_markers(&w, count) || w.count > VR_SYMBOLS_MAX)
		return vr_error_set(err, VR_CORRUPT, "there are no kallsyms_markers to go by");
	rc = decode_all(tables, &w, tokens, true, names);
	/* Until Linux 6.1 the top bit of a length meant nothing more. */
	if (!rc && names->saw_long && names->lost) {
		rc = decode_all(tables, &w, tokens, false, &plain);
		if (!rc && plain.lost < names->lost) {
			vr_symbol_names_free(names);
			*names = plain;
		} else {
			vr_symbol_names_free(&plain);
		}
	}
	if (rc)
		return vr_error_set(err, rc, "no memory for the symbols");
	if (names->lost == names->count)
		return vr_error_set(err, VR_CORRUPT, "none of the names in kallsyms can be right");
	return VR_OK;
}
