// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoding kallsyms (kernel/kallsyms.c, and scripts/kallsyms.c which writes it): all names as bytes
 * that stand for pieces of text, and a table of addresses in one of four forms.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "symbol/kallsyms.h"
#include "symbol/stream.h"
#include "symbol/table.h"

#define TOKENS 256
/* Pieces up to this long are copied by a move of fixed size. */
#define TOKEN_SHORT 16
/* All names together; a large kernel's take 10 MiB. */
#define POOL_MAX ((size_t)128 << 20)
/* The longest name with its type letter and NUL, and what the last move may write beyond. */
#define POOL_SLACK (VR_SYMBOL_NAME_MAX + 2 + TOKEN_SHORT)

/* What each byte of a name stands for. */
struct tokens {
	char text[TOKENS][TOKEN_SHORT];
	uint16_t len[TOKENS];
	char *table; /* the pieces as they are in the dump, for long ones */
	uint16_t index[TOKENS];
};

/* All names, decoded. */
struct names {
	char *pool;
	size_t len, cap;
	uint32_t *offsets;
	uint32_t count;
	bool saw_long;   /* some length byte had its top bit set */
	uint64_t end;    /* address behind the last name */
	uint32_t marker; /* how far the names reach before the 257th, as kallsyms_markers[1] has it
			  */
	uint32_t stext;  /* index of _stext, or count */
};

static void free_names(struct names *names)
{
	free(names->pool);
	free(names->offsets);
	*names = (struct names){0};
}

static void free_tokens(struct tokens *tokens)
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

static enum vr_err set_token(struct tokens *tokens, int i, size_t table_len, struct vr_error *err)
{
	const char *text = tokens->table + tokens->index[i];
	size_t len = strnlen(text, table_len - tokens->index[i]);

	if (len == table_len - tokens->index[i] || len > VR_SYMBOL_NAME_MAX ||
	    !is_symbol_text(text, len))
		return vr_error_set(err, VR_CORRUPT, "kallsyms token %d isn't text", i);
	tokens->len[i] = (uint16_t)len;
	memcpy(tokens->text[i], text, VR_MIN(len, (size_t)TOKEN_SHORT));
	return VR_OK;
}

static enum vr_err read_tokens(const struct vr_kallsyms_tables *tables, vr_symtab_reader read,
			       void *arg, struct tokens *tokens, struct vr_error *err)
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
	for (int i = 0; i < TOKENS; i++)
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
	for (int i = 0; i < TOKENS && !rc; i++)
		rc = set_token(tokens, i, len, err);
	return rc;
}

static bool reserve_pool(struct names *names, size_t guess)
{
	size_t cap = names->cap ? names->cap + names->cap / 2 : guess;
	char *bigger;

	if (names->cap - names->len >= POOL_SLACK)
		return true;
	cap += POOL_SLACK;
	bigger = realloc(names->pool, cap);
	if (!bigger)
		return false;
	names->pool = bigger;
	names->cap = cap;
	return true;
}

/* Expand one name at the end of the pool, which has room for it. False: it is too long, or empty.
 */
static bool expand(const struct tokens *tokens, const unsigned char *p, size_t len,
		   struct names *names)
{
	char *begin = names->pool + names->len, *out = begin;
	const char *limit = begin + VR_SYMBOL_NAME_MAX + 1;

	for (const unsigned char *end = p + len; p < end; p++) {
		size_t n = tokens->len[*p];

		if (n > (size_t)(limit - out))
			return false;
		if (n <= TOKEN_SHORT)
			memcpy(out, tokens->text[*p], TOKEN_SHORT);
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
static size_t name_length(const unsigned char *p, bool two_bytes, size_t *len)
{
	*len = p[0];
	if (!two_bytes || p[0] < 0x80)
		return 1;
	*len = (p[0] & 0x7f) | (size_t)(p[1] & 0x7f) << 7;
	return 2;
}

static enum vr_err decode_name(struct vr_symbol_stream *stream, const struct tokens *tokens,
			       bool two_bytes, struct names *names, struct vr_error *err)
{
	enum vr_err rc = vr_symbol_stream_need(stream, 2, err);
	size_t len, skip;

	if (rc)
		return rc;
	names->saw_long |= stream->buf[stream->start] >= 0x80;
	skip = name_length(stream->buf + stream->start, two_bytes, &len);
	rc = vr_symbol_stream_need(stream, skip + len, err);
	if (rc)
		return rc;
	if (!expand(tokens, stream->buf + stream->start + skip, len, names))
		return vr_error_set(err, VR_CORRUPT, "symbol %u has an impossible name",
				    names->count);
	stream->start += skip + len;
	return VR_OK;
}

static enum vr_err decode_names(const struct vr_kallsyms_tables *tables, uint32_t count,
				vr_symtab_reader read, void *arg, const struct tokens *tokens,
				bool two_bytes, struct names *names, struct vr_error *err)
{
	VR_CLEANUP(vr_symbol_stream_close) struct vr_symbol_stream stream;
	enum vr_err rc = VR_OK;

	*names = (struct names){.stext = UINT32_MAX};
	names->offsets = malloc((size_t)count * sizeof(*names->offsets));
	if (vr_symbol_stream_open(&stream, read, arg, tables->names) || !names->offsets)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	for (; names->count < count; names->count++) {
		size_t begin = names->len;

		if (names->count == 256)
			names->marker =
				(uint32_t)(stream.va - (stream.end - stream.start) - tables->names);
		if (begin > POOL_MAX)
			return vr_error_set(err, VR_LIMIT, "symbols take more than %zu MiB",
					    POOL_MAX >> 20);
		if (!reserve_pool(names, (size_t)count * 28))
			return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
		rc = decode_name(&stream, tokens, two_bytes, names, err);
		if (rc)
			return rc;
		names->offsets[names->count] = (uint32_t)begin;
		if (names->stext == UINT32_MAX && !strcmp(names->pool + begin + 1, "_stext"))
			names->stext = names->count;
	}
	names->end = stream.va - (stream.end - stream.start);
	return VR_OK;
}

/*
 * kallsyms_markers come right behind the names in every release, 8- or 4-aligned, and say how far
 * each 256 names reach: the witness to how lengths were written.
 */
static bool markers_agree(const struct names *names, vr_symtab_reader read, void *arg)
{
	for (uint64_t align = 4; align <= 8; align += 4) {
		uint64_t va = (names->end + align - 1) & ~(align - 1);
		uint32_t marker[2];

		if (names->count > 256 && !read(arg, va, marker, sizeof(marker)) &&
		    marker[0] == 0 && marker[1] == names->marker)
			return true;
	}
	return false;
}

/* Decode the names by the rule of lengths that fits; *names is the caller's to free in any case. */
static enum vr_err find_names(const struct vr_kallsyms_tables *tables, uint32_t count,
			      vr_symtab_reader read, void *arg, struct names *names,
			      struct vr_error *err)
{
	VR_CLEANUP(free_tokens) struct tokens tokens = {0};
	struct names plain;
	struct vr_error ignored;
	enum vr_err rc = read_tokens(tables, read, arg, &tokens, err);

	if (rc)
		return rc;
	rc = decode_names(tables, count, read, arg, &tokens, true, names, err);
	if (!names->saw_long || (!rc && markers_agree(names, read, arg)))
		return rc;
	/* Lengths that are long by the one rule: see whether the older rule makes more sense. */
	if (!decode_names(tables, count, read, arg, &tokens, false, &plain, &ignored) &&
	    (rc || markers_agree(&plain, read, arg))) {
		free_names(names);
		*names = plain;
		return VR_OK;
	}
	free_names(&plain);
	return rc;
}

/* How the i-th address is written. */
enum encoding {
	PLACE_RELATIVE,  /* Linux 7.0 on: relative to where the offset itself is */
	BASE_RELATIVE,   /* relative to kallsyms_relative_base, unsigned */
	ABSOLUTE_PERCPU, /* the same for negative ones; positive ones are absolute */
	ABSOLUTE,        /* not an offset at all */
	ENCODINGS,
};

static uint64_t decode_address(enum encoding encoding, const struct vr_kallsyms_tables *tables,
			       uint64_t base, const unsigned char *table, uint32_t i)
{
	uint32_t raw;
	uint64_t extended;

	if (encoding == ABSOLUTE)
		return vr_load64(table + (size_t)i * 8);
	raw = vr_load32(table + (size_t)i * 4);
	extended = (uint64_t)(int64_t)(int32_t)raw;
	if (encoding == PLACE_RELATIVE)
		return tables->offsets + (uint64_t)i * 4 + extended;
	if (encoding == BASE_RELATIVE)
		return base + raw;
	return raw < 0x80000000u ? raw : base - 1 - extended;
}

static bool encoding_possible(enum encoding encoding, const struct vr_kallsyms_tables *tables)
{
	if (encoding == ABSOLUTE)
		return !tables->offsets;
	return tables->offsets && (encoding == PLACE_RELATIVE || tables->relative_base);
}

/* read() with the page that faults in *err. */
static enum vr_err read_table(uint64_t va, void *buf, size_t len, const char *name,
			      vr_symtab_reader read, void *arg, struct vr_error *err)
{
	enum vr_err rc = read(arg, va, buf, len);
	uint64_t at = va;
	unsigned char byte;

	if (rc && rc != VR_FAULT)
		return vr_error_set(err, rc, "can't read %s", name);
	if (!rc)
		return VR_OK;
	while (at - va < len && !read(arg, at, &byte, 1))
		at = (at | 4095) + 1;
	return vr_error_fault(err, at - va < len ? at : va, "can't read %s at %#llx", name,
			      (unsigned long long)at);
}

/* Addresses by the table at one place; VR_CORRUPT where no encoding gives _stext its own. */
static enum vr_err try_addresses(const struct vr_kallsyms_tables *tables, const struct names *names,
				 vr_symtab_reader read, void *arg, uint64_t *addrs,
				 struct vr_error *err)
{
	size_t width = tables->offsets ? 4 : 8;
	uint64_t va = tables->offsets ? tables->offsets : tables->addresses, base = 0;
	VR_FREE unsigned char *table = malloc(names->count * width);
	enum encoding e = 0;
	enum vr_err rc;

	if (!table)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	rc = read_table(va, table, names->count * width, "kallsyms addresses", read, arg, err);
	if (!rc && tables->relative_base)
		rc = read_table(tables->relative_base, &base, sizeof(base),
				"kallsyms_relative_base", read, arg, err);
	if (rc)
		return rc;
	while (e < ENCODINGS &&
	       !(encoding_possible(e, tables) &&
		 decode_address(e, tables, base, table, names->stext) == tables->stext))
		e++;
	if (e == ENCODINGS)
		return vr_error_set(err, VR_CORRUPT,
				    "no form of kallsyms gives _stext its address");
	for (uint32_t i = 0; i < names->count; i++)
		addrs[i] = decode_address(e, tables, base, table, i);
	return VR_OK;
}

/* Genuine ones are; a damaged page has some hundred that aren't. */
static bool is_sorted(const uint64_t *addrs, uint32_t count)
{
	uint32_t wrong = 0;

	for (uint32_t i = 1; i < count; i++)
		wrong += addrs[i] < addrs[i - 1];
	return wrong <= count / 32;
}

static enum vr_err find_addresses(struct vr_kallsyms_tables *tables,
				  const struct vr_kallsyms_place *places, size_t place_count,
				  bool sorted, const struct names *names, vr_symtab_reader read,
				  void *arg, uint64_t **addrs, struct vr_error *err)
{
	VR_FREE uint64_t *made = malloc(names->count * sizeof(*made));
	enum vr_err rc = VR_CORRUPT;

	if (!made)
		return vr_error_set(err, VR_NOMEM, "out of memory for symbols");
	if (names->stext == UINT32_MAX)
		return vr_error_set(err, VR_CORRUPT, "there is no _stext among the symbols");
	for (size_t i = 0; i < place_count; i++) {
		tables->offsets = places[i].offsets;
		tables->relative_base = places[i].relative_base;
		tables->addresses = places[i].addresses;
		rc = try_addresses(tables, names, read, arg, made, err);
		if (rc)
			continue;
		if (sorted && !is_sorted(made, names->count))
			return vr_error_set(err, VR_CORRUPT,
					    "the addresses of kallsyms aren't in order");
		*addrs = VR_TAKE(made);
		break;
	}
	return rc;
}

enum vr_err vr_kallsyms_decode(struct vr_symtab *tab, struct vr_kallsyms_tables *tables,
			       const struct vr_kallsyms_place *places, size_t place_count,
			       bool sorted, vr_symtab_reader read, void *arg, struct vr_error *err)
{
	VR_CLEANUP(free_names) struct names names = {0};
	uint64_t *addrs = NULL;
	uint32_t count;
	enum vr_err rc;
	char *pool;

	if (tab->core.count)
		return vr_error_set(err, VR_UNSUPPORTED, "vmlinux's symbols are there already");
	rc = read_table(tables->num_syms, &count, sizeof(count), "kallsyms_num_syms", read, arg,
			err);
	if (rc)
		return rc;
	if (!count)
		return vr_error_set(err, VR_CORRUPT, "kallsyms has no symbols");
	if (count > VR_SYMBOLS_MAX)
		return vr_error_set(err, VR_LIMIT, "kallsyms has %u symbols", count);
	rc = find_names(tables, count, read, arg, &names, err);
	if (!rc)
		rc = find_addresses(tables, places, place_count, sorted, &names, read, arg, &addrs,
				    err);
	if (rc)
		return rc;
	pool = realloc(names.pool, names.len);
	tab->core = (struct vr_core_symbols){
		.addrs = addrs,
		.names = VR_TAKE(names.offsets),
		.pool = pool ? pool : names.pool,
		.count = count,
		.stext = names.stext,
	};
	names.pool = NULL;
	return VR_OK;
}

enum vr_err vr_symtab_add_kallsyms(struct vr_symtab *tab, const struct vr_kallsyms_tables *tables,
				   vr_symtab_reader read, void *arg, struct vr_error *err)
{
	const struct vr_kallsyms_place place = {tables->offsets, tables->relative_base,
						tables->addresses};
	struct vr_kallsyms_tables used = *tables;

	if (tab->core.count)
		return vr_error_set(err, VR_UNSUPPORTED, "vmlinux's symbols are there already");
	if (!tables->names || !tables->num_syms || !tables->token_table || !tables->token_index ||
	    (!tables->offsets && !tables->addresses))
		return vr_error_set(err, VR_ABSENT, "the addresses of kallsyms aren't known");
	return vr_kallsyms_decode(tab, &used, &place, 1, false, read, arg, err);
}
