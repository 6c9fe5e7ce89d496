/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kallsyms tables of a small kernel in a piece of memory, as scripts/kallsyms.c lays them out:
 * offsets, relative base, number, names, markers, tokens.
 */
#ifndef TESTS_KALLSYMS_BUILDER_H
#define TESTS_KALLSYMS_BUILDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "symbol/symtab.h"

struct kb_symbol {
	uint64_t addr;
	const char *text; /* type letter and name */
};

enum kb_addresses { KB_PLACE_RELATIVE, KB_BASE_RELATIVE, KB_ABSOLUTE_PERCPU, KB_ABSOLUTE };

/* Memory at base, in which one page may be missing. */
struct kb_memory {
	uint64_t base;
	struct vr_strbuf bytes;
	uint64_t missing; /* a byte that can't be read, 0: none */
	size_t used;      /* bytes up to the end of the tables; the rest fills the page */
	struct vr_kallsyms_tables tables;
};

/* Tokens beside the characters themselves, one of them longer than most. */
static const char *const kb_tokens[] = {"st", "ext", "__", "a_piece_of_more_than_16", "Tf"};

static inline enum vr_err kb_read(void *arg, uint64_t va, void *buf, size_t len)
{
	const struct kb_memory *memory = arg;
	uint64_t off = va - memory->base;

	if (va < memory->base || off > memory->bytes.len || len > memory->bytes.len - off)
		return VR_FAULT;
	if (memory->missing && memory->missing >= va && memory->missing - va < len)
		return VR_FAULT;
	memcpy(buf, memory->bytes.data + off, len);
	return VR_OK;
}

static inline uint64_t kb_align(struct kb_memory *memory, size_t align)
{
	while (memory->bytes.len % align)
		vr_strbuf_putc(&memory->bytes, '\0');
	return memory->base + memory->bytes.len;
}

static inline void kb_addresses(struct kb_memory *memory, const struct kb_symbol *symbols,
				uint32_t count, enum kb_addresses how, uint64_t base)
{
	uint64_t va = kb_align(memory, 8);

	if (how == KB_ABSOLUTE)
		memory->tables.addresses = va;
	else
		memory->tables.offsets = va;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t addr = symbols[i].addr;
		uint32_t offset = (uint32_t)(addr - base);

		if (how == KB_PLACE_RELATIVE)
			offset = (uint32_t)(addr - (va + 4 * (uint64_t)i));
		if (how == KB_ABSOLUTE_PERCPU)
			offset = addr < base ? (uint32_t)addr : (uint32_t)(base - addr - 1);
		if (how == KB_ABSOLUTE)
			vr_strbuf_add(&memory->bytes, &addr, 8);
		else
			vr_strbuf_add(&memory->bytes, &offset, 4);
	}
	if (how == KB_BASE_RELATIVE || how == KB_ABSOLUTE_PERCPU) {
		memory->tables.relative_base = kb_align(memory, 8);
		vr_strbuf_add(&memory->bytes, &base, 8);
	}
}

/* A name as bytes: tokens where they fit, else characters. */
static inline size_t kb_compress(const char *text, unsigned char *out)
{
	size_t len = 0;

	while (*text) {
		size_t t, n = 1;

		for (t = 0; t < sizeof(kb_tokens) / sizeof(kb_tokens[0]); t++) {
			n = strlen(kb_tokens[t]);
			if (!strncmp(text, kb_tokens[t], n))
				break;
		}
		if (t == sizeof(kb_tokens) / sizeof(kb_tokens[0])) {
			out[len++] = (unsigned char)*text++;
			continue;
		}
		out[len++] = (unsigned char)(t + 1);
		text += n;
	}
	return len;
}

static inline void kb_names(struct kb_memory *memory, const struct kb_symbol *symbols,
			    uint32_t count, bool two_bytes)
{
	VR_STRBUF markers = {0};
	uint32_t begin;

	memory->tables.names = kb_align(memory, 8);
	begin = (uint32_t)memory->bytes.len;
	for (uint32_t i = 0; i < count; i++) {
		unsigned char bytes[2048];
		size_t len = kb_compress(symbols[i].text, bytes);
		uint32_t at = (uint32_t)memory->bytes.len - begin;

		if (i % 256 == 0)
			vr_strbuf_add(&markers, &at, 4);
		if (two_bytes && len >= 0x80) {
			vr_strbuf_putc(&memory->bytes, (char)((len & 0x7f) | 0x80));
			vr_strbuf_putc(&memory->bytes, (char)(len >> 7 & 0x7f));
		} else {
			vr_strbuf_putc(&memory->bytes, (char)len);
		}
		vr_strbuf_add(&memory->bytes, bytes, len);
	}
	kb_align(memory, 8);
	vr_strbuf_add(&memory->bytes, markers.data, markers.len);
}

static inline void kb_token_tables(struct kb_memory *memory)
{
	uint16_t index[256];
	size_t begin;

	memory->tables.token_table = kb_align(memory, 8);
	begin = memory->bytes.len;
	for (int i = 0; i < 256; i++) {
		index[i] = (uint16_t)(memory->bytes.len - begin);
		if (i >= 1 && i <= (int)(sizeof(kb_tokens) / sizeof(kb_tokens[0])))
			vr_strbuf_puts(&memory->bytes, kb_tokens[i - 1]);
		else if (i > ' ' && i < 0x7f)
			vr_strbuf_putc(&memory->bytes, (char)i);
		vr_strbuf_putc(&memory->bytes, '\0');
	}
	memory->tables.token_index = kb_align(memory, 8);
	vr_strbuf_add(&memory->bytes, index, sizeof(index));
}

/* Symbols in order of address; one of them "_stext", from whose address stext is known. */
static inline void kb_build(struct kb_memory *memory, const struct kb_symbol *symbols,
			    uint32_t count, enum kb_addresses how, bool two_bytes)
{
	uint64_t base = 0xffffffff81000000;

	*memory = (struct kb_memory){.base = 0xffffffff82345000};
	vr_strbuf_puts(&memory->bytes, "something before it");
	kb_addresses(memory, symbols, count, how, base);
	memory->tables.num_syms = kb_align(memory, 8);
	vr_strbuf_add(&memory->bytes, &count, 4);
	kb_names(memory, symbols, count, two_bytes);
	kb_token_tables(memory);
	memory->used = memory->bytes.len;
	kb_align(memory, 4096);
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(symbols[i].text + 1, "_stext"))
			memory->tables.stext = symbols[i].addr;
}

#endif
