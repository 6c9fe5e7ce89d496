/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tiny dumps for tests: built in memory, handed out as memfds. Contents follow from the pfn. */
#ifndef TESTS_IMAGE_BUILDER_H
#define TESTS_IMAGE_BUILDER_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "page_compress.h"

#define DUMP_VMCOREINFO                                                                            \
	"OSRELEASE=6.1.0-test\nPAGESIZE=4096\nSYMBOL(init_top_pgt)=ffffffff82610000\n"
#define DUMP_SUB_SIZE 104u
#define DUMP_DESC_SIZE 24u

/** What to build; see dump_build(). */
struct dump_spec {
	bool elf;
	uint32_t flags;     /* PAGE_*: how kdump pages are compressed */
	uint32_t version;   /* of the kdump header; 0: 6 */
	uint32_t page_size; /* 0: 4096 */
	uint64_t max_pfn;   /* 0: 40 */
	bool split;         /* a part of a split kdump, of these page frames */
	uint64_t start_pfn, end_pfn;
};

struct dump {
	uint8_t *data;
	size_t len;
	size_t cap;
	struct dump_spec spec;
	size_t stored;
	size_t note_off, bitmap_off, desc_off, data_off; /* kdump */
	size_t phdr_off;                                 /* elf */
};

static inline void dump_put_at(struct dump *d, size_t off, const void *data, size_t len)
{
	if (off + len > d->cap) {
		size_t cap = (off + len) * 2 + 65536;

		d->data = realloc(d->data, cap);
		if (!d->data)
			abort();
		memset(d->data + d->cap, 0, cap - d->cap);
		d->cap = cap;
	}
	if (len)
		memcpy(d->data + off, data, len);
	if (off + len > d->len)
		d->len = off + len;
}

static inline void dump_put(struct dump *d, const void *data, size_t len)
{
	dump_put_at(d, d->len, data, len);
}

static inline void dump_set32(struct dump *d, size_t off, uint32_t v)
{
	dump_put_at(d, off, &v, sizeof(v));
}

static inline void dump_set64(struct dump *d, size_t off, uint64_t v)
{
	dump_put_at(d, off, &v, sizeof(v));
}

/** Three of five pages are stored, in runs. */
static inline bool dump_page_stored(uint64_t pfn)
{
	return pfn % 5 < 3;
}

/** The page's contents: zeros, noise that no codec shrinks, or text. */
static inline void dump_page_fill(uint64_t pfn, uint8_t *buf, uint32_t page_size)
{
	uint64_t x = pfn * 0x9e3779b97f4a7c15ull + 1;

	for (uint32_t i = 0; i < page_size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf[i] = pfn % 4 == 0   ? 0
			 : pfn % 4 == 1 ? (uint8_t)x
					: (uint8_t)(pfn + (i / 16) % 7 * (x % 3 == 0));
	}
}

static inline void dump_note(struct dump *d, const char *name, uint32_t type, const void *desc,
			     uint32_t desc_len)
{
	static const uint8_t zeros[4];
	uint32_t name_len = (uint32_t)strlen(name) + 1;
	uint32_t header[3] = {name_len, desc_len, type};

	dump_put(d, header, sizeof(header));
	dump_put(d, name, name_len);
	dump_put(d, zeros, -name_len & 3u);
	dump_put(d, desc, desc_len);
	dump_put(d, zeros, -desc_len & 3u);
}

/* A register set of 336 bytes and VMCOREINFO, whose text's offset is returned. */
static inline size_t dump_notes(struct dump *d)
{
	uint8_t prstatus[336];
	size_t text;

	memset(prstatus, 0x5a, sizeof(prstatus));
	dump_note(d, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus));
	text = d->len + 12 + 12;
	dump_note(d, "VMCOREINFO", 0, DUMP_VMCOREINFO, sizeof(DUMP_VMCOREINFO) - 1);
	return text;
}

static inline void dump_kdump_page(struct dump *d, uint64_t pfn, uint64_t *zero_off)
{
	uint32_t ps = d->spec.page_size;
	uint8_t *page = malloc(ps);
	uint8_t *packed = malloc(PAGE_COMPRESS_MAX);
	size_t desc = d->desc_off + d->stored * DUMP_DESC_SIZE;
	bool zero = pfn % 4 == 0;
	uint32_t flags = zero ? PAGE_RAW : d->spec.flags;
	size_t len;

	if (!page || !packed)
		abort();
	dump_page_fill(pfn, page, ps);
	len = flags ? page_compress(flags, page, ps, packed) : 0;
	if (!len || len >= ps) {
		len = ps;
		flags = PAGE_RAW;
	}
	dump_set64(d, desc, zero && *zero_off ? *zero_off : d->len);
	dump_set32(d, desc + 8, (uint32_t)len);
	dump_set32(d, desc + 12, flags);
	d->stored++;
	if (!zero || !*zero_off) {
		if (zero)
			*zero_off = d->len;
		dump_put(d, flags ? packed : page, len);
	}
	free(page);
	free(packed);
}

/* Whether the page's data is in this file. */
static inline bool dump_page_here(const struct dump *d, uint64_t pfn)
{
	return dump_page_stored(pfn) &&
	       (!d->spec.split || (pfn >= d->spec.start_pfn && pfn < d->spec.end_pfn));
}

static inline void dump_build_kdump(struct dump *d)
{
	uint32_t ps = d->spec.page_size;
	uint32_t version = d->spec.version;
	uint32_t bitmap_blocks = (uint32_t)((d->spec.max_pfn + 7) / 8 + ps - 1) / ps;
	uint64_t zero_off = 0;
	size_t text, stored = 0;

	dump_put_at(d, 0, "KDUMP   ", 8);
	dump_set32(d, 8, version);
	dump_put_at(d, 142, "6.1.0-test", 10);
	dump_put_at(d, 272, "x86_64", 6);
	dump_set32(d, 424, d->spec.flags);
	dump_set32(d, 428, ps);
	dump_set32(d, 432, 1);
	dump_set32(d, 436, 2 * bitmap_blocks);
	dump_set32(d, 440, (uint32_t)d->spec.max_pfn);
	dump_set32(d, 460, 1);
	dump_put_at(d, (size_t)ps + DUMP_SUB_SIZE, "", 0);
	d->note_off = d->len;
	text = dump_notes(d);
	if (version >= 3) {
		dump_set64(d, ps + 32, text);
		dump_set64(d, ps + 40, sizeof(DUMP_VMCOREINFO) - 1);
	}
	if (version >= 4) {
		dump_set64(d, ps + 48, d->note_off);
		dump_set64(d, ps + 56, d->len - d->note_off);
	}
	if (version >= 6)
		dump_set64(d, ps + 96, d->spec.max_pfn);
	if (d->spec.split) {
		dump_set32(d, ps + 12, 1);
		dump_set64(d, ps + (version >= 6 ? 80 : 16), d->spec.start_pfn);
		dump_set64(d, ps + (version >= 6 ? 88 : 24), d->spec.end_pfn);
	}
	d->bitmap_off = (size_t)ps * (2 + bitmap_blocks);
	d->desc_off = d->bitmap_off + (size_t)ps * bitmap_blocks;
	for (uint64_t pfn = 0; pfn < d->spec.max_pfn; pfn++)
		stored += dump_page_here(d, pfn);
	d->data_off = d->desc_off + stored * DUMP_DESC_SIZE;
	dump_put_at(d, d->data_off, "", 0);
	/* The first bitmap: memory that exists. Readers have no business with it. */
	memset(d->data + 2 * ps, 0xff, (size_t)ps * bitmap_blocks);
	for (uint64_t pfn = 0; pfn < d->spec.max_pfn; pfn++) {
		if (dump_page_stored(pfn))
			d->data[d->bitmap_off + pfn / 8] |= (uint8_t)(1u << pfn % 8);
		if (dump_page_here(d, pfn))
			dump_kdump_page(d, pfn, &zero_off);
	}
}

static inline void dump_elf_header(struct dump *d, uint64_t phoff, uint16_t phnum)
{
	Elf64_Ehdr ehdr = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, 1},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = phoff,
		.e_ehsize = 8,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = phnum,
	};

	dump_put_at(d, 0, &ehdr, sizeof(ehdr));
}

static inline void dump_phdr(struct dump *d, size_t index, Elf64_Phdr phdr)
{
	dump_put_at(d, d->phdr_off + index * sizeof(phdr), &phdr, sizeof(phdr));
}

/* One segment for each run of stored pages, its p_memsz reaching to the next. */
static inline void dump_build_elf(struct dump *d)
{
	uint32_t ps = d->spec.page_size;
	uint16_t phnum = (uint16_t)(1 + (d->spec.max_pfn + 4) / 5);
	uint8_t *page = malloc(ps);
	Elf64_Phdr load = {.p_type = PT_LOAD};
	Elf64_Phdr note = {.p_type = PT_NOTE};
	size_t index = 1;

	if (!page)
		abort();
	d->phdr_off = 192;
	dump_elf_header(d, d->phdr_off, phnum);
	dump_put_at(d, d->phdr_off + phnum * sizeof(load) + 13, "", 0);
	note.p_offset = d->len;
	dump_notes(d);
	note.p_filesz = d->len - note.p_offset;
	dump_phdr(d, 0, note);
	for (uint64_t pfn = 0; pfn < d->spec.max_pfn; pfn++) {
		if (dump_page_stored(pfn)) {
			if (pfn % 5 == 0) {
				load.p_offset = d->len;
				load.p_paddr = pfn * ps;
				load.p_filesz = 0;
				load.p_memsz = 0;
			}
			dump_page_fill(pfn, page, ps);
			dump_put(d, page, ps);
			load.p_filesz += ps;
			d->stored++;
		}
		load.p_memsz += ps;
		if (pfn % 5 == 4 || pfn + 1 == d->spec.max_pfn)
			dump_phdr(d, index++, load);
	}
	free(page);
}

/** Build a dump. dump_free() at the end. */
static inline struct dump dump_build(struct dump_spec spec)
{
	struct dump d = {.spec = spec};

	d.spec.version = spec.version ? spec.version : 6;
	d.spec.page_size = spec.page_size ? spec.page_size : 4096;
	d.spec.max_pfn = spec.max_pfn ? spec.max_pfn : 40;
	if (spec.elf)
		dump_build_elf(&d);
	else
		dump_build_kdump(&d);
	return d;
}

static inline void dump_free(struct dump *d)
{
	free(d->data);
	*d = (struct dump){0};
}

/** A new file of those bytes. */
static inline int bytes_file(const void *data, size_t len)
{
	int fd = memfd_create("dump", MFD_CLOEXEC);
	const uint8_t *p = data;

	while (len) {
		ssize_t n = fd < 0 ? -1 : write(fd, p, len);

		if (n <= 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
	return fd;
}

static inline int dump_file(const struct dump *d)
{
	return bytes_file(d->data, d->len);
}

#endif
