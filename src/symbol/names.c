// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding the names of kallsyms: bytes that stand for pieces of text. */
#include "symbol/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "symbol/stream.h"
#include "symbol/table.h"

/* All names together; a large kernel's take 10 MiB. */
#define POOL_MAX ((size_t)128 << 20)
/* The longest name with its type letter and NUL, and what the last move may write beyond. */
#define POOL_SLACK (VR_SYMBOL_NAME_MAX + 2 + VR_TOKEN_SHORT)

void vr_symbol_names_free(struct vr_symbol_names *names)
{
	free(names->pool);
	free(names->offsets);
	free(names->starts);
	*names = (struct vr_symbol_names){0};
}

static void free_tokens(struct vr_symbol_tokens *tokens)
{
	free(tokens->table);
}

/* Symbols have neither blanks nor control characters: whatever has is no table of tokens. */
static bool is_symbol_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return true;
}

static enum vr_err set_token(struct vr_symbol_tokens *tokens, int i, size_t table_len,
			     struct vr_error *err)
{
	const char *text = tokens->table + tokens->index[i];
	size_t len = strnlen(text, table_len - tokens->index[i]);

	if (len == table_len - tokens->index[i] || len > VR_SYMBOL_NAME_MAX ||
	    !is_symbol_text(text, len))
		return vr_error_set(err, VR_CORRUPT, "kallsyms token %d isn't text", i);
	tokens->len[i] = (uint16_t)len;
	memcpy(tokens->text[i], text, VR_MIN(len, (size_t)VR_TOKEN_SHORT));
	return VR_OK;
}

static enum vr_err read_tokens(const struct vr_kallsyms_tables *tables, vr_symtab_reader read,
			       void *arg, struct vr_symbol_tokens *tokens, struct vr_error *err)
{
	VR_CLEANUP(vr_symbol_stream_close) struct vr_symbol_stream stream;
	size_t last = 0, len;
	enum vr_err rc;

	if (vr_symbol_stream_open(&stream, read, arg, tables->token_table))
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	rc = read(arg, tables->token_index, tokens->index, sizeof(tokens->index));
	if (rc == VR_FAULT)
		return vr_error_fault(err, tables->token_index, "can't read kallsyms_token_index");
	if (rc)
		return vr_error_set(err, rc, "can't read kallsyms_token_index");
	for (int i = 0; i < VR_TOKENS; i++)
		last = VR_MAX(last, (size_t)tokens->index[i]);
	/* Where the last token ends isn't known: take what there is. */
	for (len = last + 1; len <= last + VR_SYMBOL_NAME_MAX; len += 64) {
		rc = vr_symbol_stream_need(&stream, VR_MIN(len, (size_t)64 << 10), err);
		if (rc)
			return rc;
		len = stream.end;
		if (memchr(stream.buf + last, '\0', len - last))
			break;
	}
	tokens->table = malloc(len);
	if (!tokens->table)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	memcpy(tokens->table, stream.buf, len);
	for (int i = 0; i < VR_TOKENS && !rc; i++)
		rc = set_token(tokens, i, len, err);
	return rc;
}

bool vr_symbol_names_reserve(struct vr_symbol_names *names, size_t guess)
{
	size_t cap = names->cap ? names->cap + names->cap / 2 : guess;
	char *bigger;

	if (names->cap - names->len >= POOL_SLACK)
		return true;
	if (names->len > POOL_MAX)
		return false;
	cap += POOL_SLACK;
	bigger = realloc(names->pool, cap);
	if (!bigger)
		return false;
	names->pool = bigger;
	names->cap = cap;
	return true;
}

bool vr_symbol_names_expand(const struct vr_symbol_tokens *tokens, const unsigned char *p,
			    size_t len, struct vr_symbol_names *names)
{
	char *begin = names->pool + names->len, *out = begin;
	const char *limit = begin + VR_SYMBOL_NAME_MAX + 1;

	for (const unsigned char *end = p + len; p < end; p++) {
		size_t n = tokens->len[*p];

		if (n > (size_t)(limit - out))
			return false;
		if (n <= VR_TOKEN_SHORT)
			memcpy(out, tokens->text[*p], VR_TOKEN_SHORT);
		else
			memcpy(out, tokens->table + tokens->index[*p], n);
		out += n;
	}
	if (out - begin < 2)
		return false;
	*out = '\0';
	names->len = (size_t)(out + 1 - names->pool);
	return true;
}

/*
 * The length before a name: one byte, or from Linux 6.1 on (73bbb94466fd) two if the first has its
 * top bit set. Gives the bytes that it takes itself.
 */
size_t vr_symbol_name_length(const unsigned char *p, bool two_bytes, size_t *len)
{
	*len = p[0];
	if (!two_bytes || p[0] < 0x80)
		return 1;
	*len = (p[0] & 0x7f) | (size_t)(p[1] & 0x7f) << 7;
	return 2;
}

static enum vr_err decode_name(struct vr_symbol_stream *stream,
			       const struct vr_symbol_tokens *tokens, bool two_bytes,
			       struct vr_symbol_names *names, struct vr_error *err)
{
	enum vr_err rc = vr_symbol_stream_need(stream, 2, err);
	size_t len, skip;

	if (rc)
		return rc;
	names->saw_long |= stream->buf[stream->start] >= 0x80;
	skip = vr_symbol_name_length(stream->buf + stream->start, two_bytes, &len);
	rc = vr_symbol_stream_need(stream, skip + len, err);
	if (rc)
		return rc;
	if (!vr_symbol_names_expand(tokens, stream->buf + stream->start + skip, len, names))
		return vr_error_set(err, VR_CORRUPT, "symbol %u has an impossible name",
				    names->count);
	stream->start += skip + len;
	return VR_OK;
}

void vr_symbol_names_notice(const struct vr_kallsyms_tables *tables, uint32_t offset,
			    struct vr_symbol_names *names)
{
	const char *name = names->pool + offset + 1;

	if (names->stext == UINT32_MAX && !strcmp(name, "_stext"))
		names->stext = names->count;
	else if (names->other == UINT32_MAX && tables->other && !strcmp(name, tables->other))
		names->other = names->count;
}

static enum vr_err decode_names(const struct vr_kallsyms_tables *tables, uint32_t count,
				vr_symtab_reader read, void *arg,
				const struct vr_symbol_tokens *tokens, bool two_bytes,
				struct vr_symbol_names *names, struct vr_error *err)
{
	VR_CLEANUP(vr_symbol_stream_close) struct vr_symbol_stream stream;
	enum vr_err rc = VR_OK;

	*names = (struct vr_symbol_names){.stext = UINT32_MAX, .other = UINT32_MAX};
	names->offsets = malloc((size_t)count * sizeof(*names->offsets));
	names->starts = malloc(((size_t)count / VR_NAMES_PER_MARKER + 1) * sizeof(*names->starts));
	if (vr_symbol_stream_open(&stream, read, arg, tables->names) || !names->offsets ||
	    !names->starts)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	for (; names->count < count; names->count++) {
		size_t begin = names->len;

		if (names->count % VR_NAMES_PER_MARKER == 0)
			names->starts[names->count / VR_NAMES_PER_MARKER] =
				(uint32_t)(stream.va - (stream.end - stream.start) - tables->names);
		if (begin > POOL_MAX)
			return vr_error_set(err, VR_LIMIT, "symbols take more than %zu MiB",
					    POOL_MAX >> 20);
		if (!vr_symbol_names_reserve(names, (size_t)count * 28))
			return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
		rc = decode_name(&stream, tokens, two_bytes, names, err);
		if (rc)
			return rc;
		names->offsets[names->count] = (uint32_t)begin;
		vr_symbol_names_notice(tables, (uint32_t)begin, names);
	}
	names->end = stream.va - (stream.end - stream.start);
	return VR_OK;
}

enum agreement { AGREE, DIFFER, NO_MARKERS };

/*
 * kallsyms_markers come right behind the names in every release, 8- or 4-aligned, and say how far
 * each 256 names reach: the witness to how lengths were written, and to bytes that were not.
 */
static enum agreement ask_markers(const struct vr_symbol_names *names, vr_symtab_reader read,
				  void *arg)
{
	size_t size = (names->count - 1) / VR_NAMES_PER_MARKER * 4 + 4;
	VR_FREE uint32_t *markers = malloc(size);

	for (uint64_t align = 4; markers && size > 4 && align <= 8; align += 4) {
		uint64_t va = (names->end + align - 1) & ~(align - 1);

		if (read(arg, va, markers, size) || markers[0] || markers[1] < VR_MARKER_MIN ||
		    markers[1] > VR_MARKER_MAX)
			continue;
		return memcmp(markers, names->starts, size) ? DIFFER : AGREE;
	}
	return NO_MARKERS;
}

/* Decode the names by the rule of lengths that fits. DIFFER: some of them can't be right. */
static enum vr_err find_names(const struct vr_kallsyms_tables *tables, uint32_t count,
			      vr_symtab_reader read, void *arg,
			      const struct vr_symbol_tokens *tokens, struct vr_symbol_names *names,
			      enum agreement *agreement, struct vr_error *err)
{
	enum vr_err rc = decode_names(tables, count, read, arg, tokens, true, names, err);
	struct vr_symbol_names plain;
	struct vr_error ignored;
	enum agreement other;

	*agreement = rc ? NO_MARKERS : ask_markers(names, read, arg);
	if (!names->saw_long || *agreement == AGREE)
		return rc;
	/* Lengths that are long by the one rule: see whether the older rule makes more sense. */
	if (!decode_names(tables, count, read, arg, tokens, false, &plain, &ignored)) {
		other = ask_markers(&plain, read, arg);
		if (rc || other == AGREE) {
			vr_symbol_names_free(names);
			*names = plain;
			*agreement = other;
			return VR_OK;
		}
	}
	vr_symbol_names_free(&plain);
	return rc;
}

enum vr_err vr_symbol_names_read(const struct vr_kallsyms_tables *tables, uint32_t count,
				 vr_symtab_reader read, void *arg, struct vr_symbol_names *names,
				 struct vr_error *err)
{
	VR_CLEANUP(free_tokens) struct vr_symbol_tokens tokens = {0};
	enum agreement agreement = NO_MARKERS;
	struct vr_symbol_names holed;
	struct vr_error ignored;
	enum vr_err rc = read_tokens(tables, read, arg, &tokens, err);

	if (rc)
		return rc;
	rc = count ? find_names(tables, count, read, arg, &tokens, names, &agreement, err)
		   : vr_error_fault(err, tables->num_syms, "can't read kallsyms_num_syms");
	if (rc == VR_NOMEM || rc == VR_LIMIT || (!rc && agreement != DIFFER))
		return rc;
	if (vr_symbol_names_by_markers(tables, count, read, arg, &tokens, &holed, &ignored)) {
		vr_symbol_names_free(&holed);
		return rc;
	}
	vr_symbol_names_free(names);
	*names = holed;
	return VR_OK;
}

uint32_t vr_symbol_names_mark(struct vr_symbol_names *names, char mark)
{
	uint32_t offset = (uint32_t)names->len;

	if (!vr_symbol_names_reserve(names, 0))
		return UINT32_MAX;
	names->pool[names->len++] = mark;
	names->pool[names->len++] = '\0';
	return offset;
}
