/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel of a few pages as an ELF dump in memory: page tables, VMCOREINFO, kallsyms and BTF, so
 * that vr_session_open() really opens it. Include cmocka.h first.
 *
 *	struct tiny_kernel *k = tk_new((struct tk_spec){.types = my_types});
 *	struct list_head *head = tk_ptr(k, tk_global(k, "modules", sizeof(*head)));
 *	... fill in structures; tk_alloc() gives more memory ...
 *	struct vr_program *prog = tk_open(k);
 *	... look at it; change memory and tk_open() again ...
 *	tk_free(k);
 *
 * Memory (64 MiB of RAM, of which the dump holds what was handed out):
 *
 *	TK_TEXT, TK_DATA     the image: functions, and what tk_global() hands out; mapped linearly
 *	direct map + RAM     what tk_alloc() hands out
 *	tk_map()             anything else
 */
#ifndef TESTS_TINY_KERNEL_H
#define TESTS_TINY_KERNEL_H

#include "base/bits.h"
#include "image_builder.h"
#include "kallsyms_builder.h"
#include "object/program.h"
#include "session/session.h"
#include "tiny_types.h"

#define TK_IMAGE 0xffffffff80000000ull /* __START_KERNEL_map */
#define TK_TEXT 0xffffffff81000000ull
#define TK_DATA 0xffffffff82000000ull
#define TK_BTF 0xffffffff82400000ull
#define TK_TEXT_PAGES 4
#define TK_DATA_PAGES 16
#define TK_RAM_PAGES 16384
#define TK_PAGE 4096ull
#define TK_PRESENT 0x1ull
#define TK_LARGE 0x80ull
/* Mapped nowhere, with four levels or five. */
#define TK_NOWHERE 0xffffdead00000000ull

struct tk_spec {
	const char *types;  /* C text, see TINY_TYPES() */
	const char *info;   /* more lines for VMCOREINFO */
	int levels;         /* of page tables; 0: 4 */
	uint64_t sme_mask;  /* set in all table entries */
	int64_t phys_base;  /* 0: -8 MiB */
	size_t cache_bytes; /* of the session */
};

enum tk_state { TK_ABSENT, TK_HELD, TK_CUT_OFF };

struct tiny_kernel {
	struct tk_spec spec;
	uint8_t *ram;
	uint8_t state[TK_RAM_PAGES]; /* enum tk_state */
	uint64_t low, high;          /* RAM not handed out; tables come from the upper end */
	uint64_t pgd;                /* physical */
	uint64_t data;               /* virtual: the next global */
	struct {
		uint64_t pfn;
		uint8_t *data;
	} far[8]; /* single pages beyond the RAM */
	size_t far_count;
	struct {
		uint64_t va, phys, len;
	} maps[16];
	size_t map_count;
	struct kb_symbol symbols[256];
	char names[256][48];
	uint32_t symbol_count;
	struct tt types;
	struct kb_memory kallsyms;
	bool built;
	int fd;
	struct vr_session *session;
};

/* ---- Physical memory ---- */

static inline uint8_t *tk_host(struct tiny_kernel *k, uint64_t phys)
{
	uint64_t pfn = phys / TK_PAGE;

	if (pfn < TK_RAM_PAGES)
		return k->ram + phys;
	for (size_t i = 0; i < k->far_count; i++)
		if (k->far[i].pfn == pfn)
			return k->far[i].data + phys % TK_PAGE;
	assert_true(k->far_count < 8);
	k->far[k->far_count].pfn = pfn;
	k->far[k->far_count].data = calloc(1, TK_PAGE);
	return k->far[k->far_count++].data + phys % TK_PAGE;
}

/** What the dump is to have of a RAM page. */
static inline void tk_set_page(struct tiny_kernel *k, uint64_t phys, enum tk_state state)
{
	assert_true(phys / TK_PAGE < TK_RAM_PAGES);
	k->state[phys / TK_PAGE] = (uint8_t)state;
}

static inline uint64_t tk_alloc_table(struct tiny_kernel *k)
{
	k->high -= TK_PAGE;
	assert_true(k->high >= k->low);
	tk_set_page(k, k->high, TK_HELD);
	return k->high;
}

/** size bytes of RAM, aligned to a cache line (a page, where it takes a page or more): physical. */
static inline uint64_t tk_alloc_phys(struct tiny_kernel *k, uint64_t size)
{
	uint64_t align = size >= TK_PAGE ? TK_PAGE : 64;
	uint64_t at = (k->low + align - 1) & -align;

	k->low = at + size;
	assert_true(k->low <= k->high);
	for (uint64_t p = at & -TK_PAGE; p < k->low; p += TK_PAGE)
		if (k->state[p / TK_PAGE] == TK_ABSENT)
			tk_set_page(k, p, TK_HELD);
	return at;
}

/* ---- Virtual memory ---- */

static inline uint64_t tk_direct_map(const struct tiny_kernel *k)
{
	return k->spec.levels == 5 ? 0xff11000000000000ull : 0xffff888000000000ull;
}

/** The page-table entry of va at a level (1: of 4 KiB pages), tables above it made as needed. */
static inline uint64_t *tk_entry(struct tiny_kernel *k, uint64_t va, int level)
{
	uint64_t table = k->pgd;

	for (int at = k->spec.levels;; at--) {
		uint64_t slot = va >> (12 + 9 * (at - 1)) & 511;
		uint64_t *entry = (uint64_t *)(void *)tk_host(k, table + slot * 8);

		if (at == level)
			return entry;
		if (!*entry)
			*entry = tk_alloc_table(k) | 0x62 | TK_PRESENT | k->spec.sme_mask;
		table = *entry & 0x000ffffffffff000ull & ~k->spec.sme_mask;
	}
}

/** Map len bytes by pages of level 1 (4 KiB), 2 (2 MiB) or 3 (1 GiB). */
static inline void tk_map(struct tiny_kernel *k, uint64_t va, uint64_t phys, uint64_t len,
			  int level)
{
	uint64_t step = 1ull << (12 + 9 * (level - 1));

	for (uint64_t off = 0; off < len; off += step)
		*tk_entry(k, va + off, level) = (phys + off) | 0x62 | TK_PRESENT |
						k->spec.sme_mask | (level > 1 ? TK_LARGE : 0);
	assert_true(k->map_count < 16);
	k->maps[k->map_count].va = va;
	k->maps[k->map_count].phys = phys;
	k->maps[k->map_count++].len = len;
}

/** Physical address behind va, by what tk_map() was told. */
static inline uint64_t tk_phys(struct tiny_kernel *k, uint64_t va)
{
	for (size_t i = 0; i < k->map_count; i++)
		if (va - k->maps[i].va < k->maps[i].len)
			return k->maps[i].phys + (va - k->maps[i].va);
	fail_msg("0x%llx is mapped nowhere", (unsigned long long)va);
	return 0;
}

/** The memory at va, to write to; objects of one tk_alloc() or tk_global() are in one piece. */
static inline void *tk_ptr(struct tiny_kernel *k, uint64_t va)
{
	return tk_host(k, tk_phys(k, va));
}

static inline void tk_put64(struct tiny_kernel *k, uint64_t va, uint64_t value)
{
	memcpy(tk_ptr(k, va), &value, sizeof(value));
}

static inline uint64_t tk_get64(struct tiny_kernel *k, uint64_t va)
{
	uint64_t value;

	memcpy(&value, tk_ptr(k, va), sizeof(value));
	return value;
}

/** A kernel address in a member of a structure that this program's compiler laid out. */
#define tk_va(type, va) ((type *)(uintptr_t)(va))

/** Map len bytes of the image, where phys_base says. */
static inline void tk_map_image(struct tiny_kernel *k, uint64_t va, uint64_t len)
{
	uint64_t phys = va - TK_IMAGE + (uint64_t)k->spec.phys_base;

	tk_map(k, va, phys, len, 1);
	for (uint64_t off = 0; off < len; off += TK_PAGE)
		tk_set_page(k, phys + off, TK_HELD);
}

/** size bytes of zeroed memory in the direct map: its address. */
static inline uint64_t tk_alloc(struct tiny_kernel *k, uint64_t size)
{
	return tk_direct_map(k) + tk_alloc_phys(k, size);
}

/* ---- Symbols ---- */

static inline void tk_symbol(struct tiny_kernel *k, char letter, const char *name, uint64_t va)
{
	uint32_t i = k->symbol_count++;

	assert_true(i < 256);
	snprintf(k->names[i], sizeof(k->names[i]), "%c%s", letter, name);
	k->symbols[i] = (struct kb_symbol){va, k->names[i]};
}

/** A global variable of size bytes: its address. */
static inline uint64_t tk_global(struct tiny_kernel *k, const char *name, uint64_t size)
{
	uint64_t va = k->data;

	k->data += (size + 63) & ~63ull;
	assert_true(k->data <= TK_DATA + TK_DATA_PAGES * TK_PAGE);
	tk_symbol(k, 'D', name, va);
	return va;
}

static inline int tk_compare(const void *a, const void *b)
{
	const struct kb_symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* ---- The whole ---- */

static inline struct tiny_kernel *tk_new(struct tk_spec spec)
{
	struct tiny_kernel *k = calloc(1, sizeof(*k));

	k->spec = spec;
	k->spec.levels = spec.levels ? spec.levels : 4;
	k->spec.phys_base = spec.phys_base ? spec.phys_base : -0x800000;
	/* Little of it is ever touched. */
	k->ram = mmap(NULL, TK_RAM_PAGES * TK_PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(k->ram != MAP_FAILED);
	k->low = TK_PAGE; /* page 0 stays unused */
	k->high = TK_RAM_PAGES * TK_PAGE;
	k->fd = -1;
	k->pgd = tk_alloc_table(k);
	k->data = TK_DATA;
	tk_map(k, tk_direct_map(k), 0, TK_RAM_PAGES * TK_PAGE, 2);
	tk_map_image(k, TK_TEXT, TK_TEXT_PAGES * TK_PAGE);
	tk_map_image(k, TK_DATA, TK_DATA_PAGES * TK_PAGE);
	tk_symbol(k, 'T', "_stext", TK_TEXT);
	tk_symbol(k, 'T', "_etext", TK_TEXT + TK_TEXT_PAGES * TK_PAGE);
	tt_init(&k->types);
	if (spec.types)
		tt_parse(&k->types, spec.types);
	return k;
}

static inline void tk_load_bytes(struct tiny_kernel *k, uint64_t va, const void *data, size_t len)
{
	tk_map_image(k, va, (len + TK_PAGE - 1) & -TK_PAGE);
	memcpy(tk_ptr(k, va), data, len);
}

static inline void tk_build_tables(struct tiny_kernel *k)
{
	size_t len;
	unsigned char *btf = tt_blob(&k->types, &len);

	tk_load_bytes(k, TK_BTF, btf, len);
	free(btf);
	tk_symbol(k, 'R', "__start_BTF", TK_BTF);
	tk_symbol(k, 'R', "__stop_BTF", TK_BTF + len);
	qsort(k->symbols, k->symbol_count, sizeof(k->symbols[0]), tk_compare);
	kb_build(&k->kallsyms, k->symbols, k->symbol_count, KB_ABSOLUTE_PERCPU, true);
	tk_load_bytes(k, k->kallsyms.base, k->kallsyms.bytes.data, k->kallsyms.bytes.len);
	k->built = true;
}

static inline void tk_vmcoreinfo(struct tiny_kernel *k, struct vr_strbuf *text)
{
	const struct vr_kallsyms_tables *t = &k->kallsyms.tables;

	vr_strbuf_printf(text, "OSRELEASE=6.1.0-tiny\nPAGESIZE=4096\n");
	vr_strbuf_printf(text, "SYMBOL(swapper_pg_dir)=%llx\nNUMBER(phys_base)=%lld\n",
			 (unsigned long long)(TK_IMAGE + k->pgd - (uint64_t)k->spec.phys_base),
			 (long long)k->spec.phys_base);
	vr_strbuf_printf(text, "NUMBER(pgtable_l5_enabled)=%d\n", k->spec.levels == 5);
	if (k->spec.sme_mask)
		vr_strbuf_printf(text, "NUMBER(sme_mask)=%lld\n", (long long)k->spec.sme_mask);
	vr_strbuf_printf(text, "SYMBOL(_stext)=%llx\n", TK_TEXT);
	vr_strbuf_printf(text, "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n",
			 (unsigned long long)t->names, (unsigned long long)t->num_syms);
	vr_strbuf_printf(text,
			 "SYMBOL(kallsyms_token_table)=%llx\nSYMBOL(kallsyms_token_index)=%llx\n",
			 (unsigned long long)t->token_table, (unsigned long long)t->token_index);
	vr_strbuf_printf(text,
			 "SYMBOL(kallsyms_offsets)=%llx\nSYMBOL(kallsyms_relative_base)=%llx\n",
			 (unsigned long long)t->offsets, (unsigned long long)t->relative_base);
	vr_strbuf_puts(text, k->spec.info ? k->spec.info : "");
}

/* The segments: a page that is cut off lies behind the end of the file. */
static inline void tk_segments(struct tiny_kernel *k, struct dump *d)
{
	Elf64_Phdr load = {.p_type = PT_LOAD};
	size_t index = 1;

	for (uint64_t pfn = 0; pfn < TK_RAM_PAGES; pfn++) {
		if (k->state[pfn] == TK_ABSENT)
			continue;
		if (!pfn || k->state[pfn] != k->state[pfn - 1]) {
			load.p_offset = k->state[pfn] == TK_HELD ? d->len : 1u << 30;
			load.p_paddr = pfn * TK_PAGE;
			load.p_filesz = load.p_memsz = 0;
			index++;
		}
		if (k->state[pfn] == TK_HELD)
			dump_put(d, k->ram + pfn * TK_PAGE, TK_PAGE);
		load.p_filesz = load.p_memsz += TK_PAGE;
		dump_phdr(d, index - 1, load);
	}
	for (size_t i = 0; i < k->far_count; i++) {
		load.p_offset = d->len;
		load.p_paddr = k->far[i].pfn * TK_PAGE;
		load.p_filesz = load.p_memsz = TK_PAGE;
		dump_put(d, k->far[i].data, TK_PAGE);
		dump_phdr(d, index++, load);
	}
	assert_true(index <= 64);
	dump_elf_header(d, d->phdr_off, (uint16_t)index);
}

static inline int tk_dump(struct tiny_kernel *k)
{
	struct dump d = {.phdr_off = 64};
	Elf64_Phdr note = {.p_type = PT_NOTE};
	VR_STRBUF text = {0};
	int fd;

	dump_put_at(&d, d.phdr_off + 64 * sizeof(Elf64_Phdr), "", 0);
	note.p_offset = d.len;
	tk_vmcoreinfo(k, &text);
	dump_note(&d, "VMCOREINFO", 0, text.data, (uint32_t)text.len);
	note.p_filesz = d.len - note.p_offset;
	dump_phdr(&d, 0, note);
	tk_segments(k, &d);
	fd = dump_file(&d);
	dump_free(&d);
	return fd;
}

/** Close what tk_open() opened. */
static inline void tk_close(struct tiny_kernel *k)
{
	vr_session_close(k->session);
	k->session = NULL;
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

/** Make the dump and try to open it: k->session, NULL where that fails. */
static inline enum vr_err tk_try_open(struct tiny_kernel *k, struct vr_error *err)
{
	struct vr_session_options options = {.cache_bytes = k->spec.cache_bytes};

	tk_close(k);
	if (!k->built)
		tk_build_tables(k);
	options.dump_fd = k->fd = tk_dump(k);
	return vr_session_open(&options, &k->session, err);
}

/** Make the dump as memory is now, and open it. Symbols and types can't be added afterwards. */
static inline struct vr_program *tk_open(struct tiny_kernel *k)
{
	struct vr_error err = {0};

	if (tk_try_open(k, &err) != VR_OK)
		fail_msg("%s", err.text);
	return vr_session_program(k->session);
}

static inline void tk_free(struct tiny_kernel *k)
{
	tk_close(k);
	for (size_t i = 0; i < k->far_count; i++)
		free(k->far[i].data);
	vr_strbuf_free(&k->kallsyms.bytes);
	munmap(k->ram, TK_RAM_PAGES * TK_PAGE);
	free(k);
}

/** Does the error say this kind (and this address, unless 0)? Then forget it, and any cuts. */
static inline void tk_expect(struct vr_program *prog, enum vr_err kind, uint64_t addr)
{
	if (prog->scope->error.kind != kind)
		fail_msg("%s, not %s: %s", vr_err_name(prog->scope->error.kind), vr_err_name(kind),
			 prog->scope->error.text);
	if (addr && prog->scope->error.addr != addr)
		fail_msg("at 0x%llx, not 0x%llx", (unsigned long long)prog->scope->error.addr,
			 (unsigned long long)addr);
	prog->scope->error = (struct vr_error){0};
	prog->scope->cut = (struct vr_error){0};
	prog->scope->cuts = 0;
}

/** The same for the first cut, of which there is to be just one (VR_OK: none at all). */
static inline void tk_expect_cut(struct vr_program *prog, enum vr_err kind)
{
	if (prog->scope->cut.kind != kind || prog->scope->cuts != (kind != VR_OK))
		fail_msg("%u cuts, %s, not %s: %s", prog->scope->cuts,
			 vr_err_name(prog->scope->cut.kind), vr_err_name(kind),
			 prog->scope->cut.text);
	prog->scope->cut = (struct vr_error){0};
	prog->scope->cuts = 0;
}

#endif
