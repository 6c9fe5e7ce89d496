// SPDX-License-Identifier: GPL-2.0-or-later
/* x86-64 page tables and the address space over them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tiny_kernel.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)
/* Free places in the kernel's half, with four levels and with five. */
#define FREE4 0xffffc90000000000ull
#define FREE5 0xffa0000000000000ull

static uint64_t free_place(const struct tiny_kernel *k)
{
	return k->spec.levels == 5 ? FREE5 : FREE4;
}

static enum vr_mem_status read_at(struct vr_program *prog, uint64_t va, void *buf, size_t len,
				  uint64_t *bad)
{
	return vr_aspace_read(prog->as, va, buf, len, bad);
}

static void check_page(struct vr_program *prog, uint64_t va, uint64_t want_phys,
		       const char *want_text)
{
	char text[16] = "";
	uint64_t phys = 0;

	assert_int_equal(vr_aspace_translate(prog->as, va, &phys), VR_MEM_OK);
	assert_int_equal(phys, want_phys);
	assert_int_equal(read_at(prog, va, text, strlen(want_text) + 1, NULL), VR_MEM_OK);
	assert_string_equal(text, want_text);
}

static void test_page_sizes(void **state)
{
	static const struct tk_spec specs[] = {
		{.levels = 4},
		{.levels = 5},
		{.levels = 4, .sme_mask = 1ull << 47, .phys_base = 0x1000},
		{.levels = 5, .sme_mask = 1ull << 51},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(specs); i++) {
		struct tiny_kernel *k = tk_new(specs[i]);
		uint64_t small = free_place(k), large = small + 2 * GIB, huge = small + 4 * GIB;
		uint64_t page = tk_alloc_phys(k, TK_PAGE);
		struct vr_program *prog;

		tk_map(k, small, page, TK_PAGE, 1);
		tk_map(k, large, 64 * MIB, 4 * MIB, 2);
		tk_map(k, huge, 3 * GIB, GIB, 3);
		strcpy(tk_ptr(k, small + 0x123), "small");
		strcpy(tk_ptr(k, large + 2 * MIB + 0x54321), "large");
		strcpy(tk_ptr(k, huge + GIB - 0x777), "huge");
		prog = tk_open(k);
		check_page(prog, small + 0x123, page + 0x123, "small");
		check_page(prog, large + 2 * MIB + 0x54321, 66 * MIB + 0x54321, "large");
		check_page(prog, huge + GIB - 0x777, 4 * GIB - 0x777, "huge");
		/* The direct map is another way to the same page. */
		check_page(prog, tk_direct_map(k) + page + 0x123, page + 0x123, "small");
		tk_free(k);
	}
}

/* The bit for the page attribute table lies within the address bits of a large page. */
static void test_large_page_attributes(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t va = FREE4, phys = 0;
	struct vr_program *prog;

	(void)state;
	tk_map(k, va, 64 * MIB, 2 * MIB, 2);
	*tk_entry(k, va, 2) |= 0x1000 | 1ull << 63 | 0x7ull << 52;
	tk_map(k, va + GIB, 3 * GIB, GIB, 3);
	*tk_entry(k, va + GIB, 3) |= 0x1000 | 1ull << 63;
	prog = tk_open(k);
	assert_int_equal(vr_aspace_translate(prog->as, va + 0x2234, &phys), VR_MEM_OK);
	assert_int_equal(phys, 64 * MIB + 0x2234);
	assert_int_equal(vr_aspace_translate(prog->as, va + GIB + 0x2234, &phys), VR_MEM_OK);
	assert_int_equal(phys, 3 * GIB + 0x2234);
	tk_free(k);
}

static void check_fails(struct vr_program *prog, uint64_t va, enum vr_mem_status want)
{
	uint64_t before = prog->as->faults[want], value = 0, bad = 0, phys;
	const uint8_t *p;

	assert_int_equal(vr_aspace_read64(prog->as, va, &value, &bad), want);
	assert_int_equal(bad, va);
	assert_int_equal(vr_aspace_peek(prog->as, va, &p), want);
	assert_int_equal(prog->as->faults[want], before + 2);
	if (want == VR_MEM_UNMAPPED)
		assert_int_equal(vr_aspace_translate(prog->as, va, &phys), want);
}

static void test_not_mapped(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		struct tiny_kernel *k = tk_new((struct tk_spec){.levels = levels});
		uint64_t at = free_place(k);
		struct vr_program *prog;

		/* No entry at each of the levels in turn. */
		tk_map(k, at, tk_alloc_phys(k, TK_PAGE), TK_PAGE, 1);
		/* Not present, though other bits are set: swapped out, or PROT_NONE. */
		*tk_entry(k, at + 2 * TK_PAGE, 1) = 0x5000 | 0x162;
		prog = tk_open(k);
		assert_int_equal(read_at(prog, at, (char[1]){0}, 1, NULL), VR_MEM_OK);
		check_fails(prog, at + TK_PAGE, VR_MEM_UNMAPPED);
		check_fails(prog, at + 2 * TK_PAGE, VR_MEM_UNMAPPED);
		check_fails(prog, at + 2 * MIB, VR_MEM_UNMAPPED);
		check_fails(prog, at + GIB, VR_MEM_UNMAPPED);
		check_fails(prog, at + 512 * GIB, VR_MEM_UNMAPPED);
		check_fails(prog, TK_NOWHERE, VR_MEM_UNMAPPED);
		check_fails(prog, 0, VR_MEM_UNMAPPED);
		check_fails(prog, 0x400000, VR_MEM_UNMAPPED);
		tk_free(k);
	}
}

static void test_not_canonical(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t place = tk_direct_map(k) + tk_alloc_phys(k, 64);
	struct vr_program *prog;

	(void)state;
	prog = tk_open(k);
	assert_int_equal(read_at(prog, place, (char[1]){0}, 1, NULL), VR_MEM_OK);
	for (unsigned bit = 48; bit < 64; bit++)
		check_fails(prog, place ^ 1ull << bit, VR_MEM_UNMAPPED);
	check_fails(prog, place & ~(~0ull << 48), VR_MEM_UNMAPPED);
	check_fails(prog, 0x5a5a5a5a5a5a5a5aull, VR_MEM_UNMAPPED);
	check_fails(prog, 0xdead000000000100ull, VR_MEM_UNMAPPED);
	tk_free(k);

	k = tk_new((struct tk_spec){.levels = 5});
	place = tk_direct_map(k) + tk_alloc_phys(k, 64);
	prog = tk_open(k);
	assert_int_equal(read_at(prog, place, (char[1]){0}, 1, NULL), VR_MEM_OK);
	for (unsigned bit = 57; bit < 64; bit++)
		check_fails(prog, place ^ 1ull << bit, VR_MEM_UNMAPPED);
	tk_free(k);
}

static void test_missing_pages(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t at = FREE4, page = tk_alloc_phys(k, 3 * TK_PAGE);
	struct vr_program *prog;

	(void)state;
	tk_map(k, at, page, 3 * TK_PAGE, 1);
	tk_map(k, at + GIB, page, 3 * TK_PAGE, 1);
	tk_map(k, at + 2 * GIB, page, 3 * TK_PAGE, 1);
	tk_set_page(k, page + TK_PAGE, TK_ABSENT);
	tk_set_page(k, page + 2 * TK_PAGE, TK_CUT_OFF);
	/* Of two more tables one is not in the dump, the other is damaged. */
	tk_set_page(k, *tk_entry(k, at + GIB, 2) & 0xffffffffff000ull, TK_ABSENT);
	tk_set_page(k, *tk_entry(k, at + 2 * GIB, 2) & 0xffffffffff000ull, TK_CUT_OFF);
	prog = tk_open(k);
	assert_int_equal(read_at(prog, at, (char[8]){0}, 8, NULL), VR_MEM_OK);
	check_fails(prog, at + TK_PAGE, VR_MEM_EXCLUDED);
	check_fails(prog, at + 2 * TK_PAGE, VR_MEM_DAMAGED);
	check_fails(prog, at + GIB, VR_MEM_EXCLUDED);
	check_fails(prog, at + 2 * GIB, VR_MEM_DAMAGED);
	/* An entry that leads beyond all memory. */
	tk_map(k, at + 3 * GIB, 0xffffffffff000ull, TK_PAGE, 1);
	*tk_entry(k, at + 4 * GIB, 2) = 0xffffffffff000ull | 0x63;
	prog = tk_open(k);
	check_fails(prog, at + 3 * GIB, VR_MEM_EXCLUDED);
	check_fails(prog, at + 4 * GIB, VR_MEM_EXCLUDED);
	tk_free(k);
}

/* The image lies where phys_base says, and so can be read without its tables. */
static void test_image_without_tables(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	struct vr_program *prog;
	uint64_t page;

	(void)state;
	strcpy(tk_ptr(k, TK_TEXT + 0x1234), "text");
	tk_map(k, FREE4, tk_alloc_phys(k, TK_PAGE), TK_PAGE, 1);
	for (int level = 2; level <= 4; level++) {
		page = level == 4 ? k->pgd : *tk_entry(k, TK_TEXT, level) & 0xffffffffff000ull;
		tk_set_page(k, page, TK_ABSENT);
		prog = tk_open(k);
		check_page(prog, TK_TEXT + 0x1234, tk_phys(k, TK_TEXT + 0x1234), "text");
		/* Nothing of that holds for other places. */
		if (level == 4)
			check_fails(prog, FREE4, VR_MEM_EXCLUDED);
		tk_set_page(k, page, TK_HELD);
	}
	tk_free(k);
}

/* Behind _end nothing is mapped, whether the tables are there to say so or not. */
static void test_image_ends_at_end(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	struct vr_program *prog;

	(void)state;
	tk_symbol(k, 'B', "_end", TK_TEXT + 0x1000);
	tk_set_page(k, k->pgd, TK_ABSENT);
	strcpy(tk_ptr(k, TK_TEXT + 0x234), "text");
	prog = tk_open(k);
	check_page(prog, TK_TEXT + 0x234, tk_phys(k, TK_TEXT + 0x234), "text");
	check_fails(prog, TK_TEXT + 0x1234, VR_MEM_EXCLUDED);
	tk_free(k);
}

/* All memory is mapped at page_offset_base, which needs no tables either; a base that can't be is
 * none. */
static void test_direct_map_without_tables(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t base = tk_global(k, "page_offset_base", 8), at = tk_alloc(k, TK_PAGE);
	struct vr_program *prog;
	uint64_t page;

	(void)state;
	tk_put64(k, base, tk_direct_map(k));
	strcpy(tk_ptr(k, at), "direct");
	for (int level = 3; level <= 4; level++) {
		page = *tk_entry(k, at, level) & 0xffffffffff000ull;
		tk_set_page(k, page, TK_ABSENT);
		prog = tk_open(k);
		check_page(prog, at, tk_phys(k, at), "direct");
		/* Behind all memory: another entry of the top tables says no, if they are there. */
		check_fails(prog, at + TK_RAM_PAGES * TK_PAGE * 64,
			    level == 4 ? VR_MEM_EXCLUDED : VR_MEM_UNMAPPED);
		tk_put64(k, base, tk_direct_map(k) + 0x1000);
		prog = tk_open(k);
		check_fails(prog, at, VR_MEM_EXCLUDED);
		tk_put64(k, base, tk_direct_map(k));
		tk_set_page(k, page, TK_HELD);
	}
	tk_free(k);
}

/* Tables that lead back to themselves: as on a CPU, only as deep as there are levels. */
static void test_table_cycle(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	struct vr_program *prog;
	uint64_t phys = 0;

	(void)state;
	*(uint64_t *)(void *)tk_host(k, k->pgd + 300 * 8) = k->pgd | 0x63;
	prog = tk_open(k);
	assert_int_equal(vr_aspace_translate(prog->as,
					     0xffff000000000000ull | 300ull << 39 | 300ull << 30 |
						     300ull << 21 | 300ull << 12 | 8,
					     &phys),
			 VR_MEM_OK);
	assert_int_equal(phys, k->pgd + 8);
	tk_free(k);
}

static void test_crossing_reads(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t at = FREE4, a = tk_alloc_phys(k, TK_PAGE), b = tk_alloc_phys(k, TK_PAGE);
	uint64_t value = 0, bad = 0, mask;
	struct vr_program *prog;
	uint8_t buf[3 * TK_PAGE];

	(void)state;
	/* Neighbours in virtual memory, in the other order in physical memory, then a hole. */
	tk_map(k, at, b, TK_PAGE, 1);
	tk_map(k, at + TK_PAGE, a, TK_PAGE, 1);
	memset(tk_host(k, a), 0xaa, TK_PAGE);
	memset(tk_host(k, b), 0xbb, TK_PAGE);
	prog = tk_open(k);
	for (uint64_t n = 1; n < 8; n++) {
		assert_int_equal(vr_aspace_read64(prog->as, at + TK_PAGE - n, &value, &bad),
				 VR_MEM_OK);
		mask = ~0ull << (8 * n);
		assert_int_equal(value,
				 (mask & 0xaaaaaaaaaaaaaaaaull) | (~mask & 0xbbbbbbbbbbbbbbbbull));
	}
	assert_int_equal(read_at(prog, at + 5, buf, 2 * TK_PAGE - 5, &bad), VR_MEM_OK);
	assert_int_equal(buf[TK_PAGE - 6], 0xbb);
	assert_int_equal(buf[TK_PAGE - 5], 0xaa);
	assert_int_equal(buf[2 * TK_PAGE - 6], 0xaa);

	/* What came before the hole is there; the rest is untouched. */
	memset(buf, 0x11, sizeof(buf));
	assert_int_equal(read_at(prog, at + TK_PAGE + 16, buf, 2 * TK_PAGE, &bad), VR_MEM_UNMAPPED);
	assert_int_equal(bad, at + 2 * TK_PAGE);
	assert_int_equal(buf[TK_PAGE - 17], 0xaa);
	assert_int_equal(buf[TK_PAGE - 16], 0x11);
	assert_int_equal(vr_aspace_read64(prog->as, at + 2 * TK_PAGE - 4, &value, &bad),
			 VR_MEM_UNMAPPED);
	assert_int_equal(bad, at + 2 * TK_PAGE);
	assert_int_equal(read_at(prog, at + 2 * TK_PAGE - 4, buf, 8, NULL), VR_MEM_UNMAPPED);
	assert_int_equal(read_at(prog, TK_NOWHERE, buf, 0, NULL), VR_MEM_OK);
	/* Around the end of the address space. */
	assert_int_equal(read_at(prog, ~0ull - 3, buf, 16, &bad), VR_MEM_UNMAPPED);
	assert_int_equal(bad, ~0ull - 3);
	tk_free(k);
}

/* More pages than the cache holds: what the TLB remembers must not outlive them. */
static void test_evicted_pages(void **state)
{
	enum { PAGES = 200 };
	struct tiny_kernel *k = tk_new((struct tk_spec){.cache_bytes = 1});
	uint64_t start = tk_alloc(k, PAGES * TK_PAGE), x = 1;
	struct vr_program *prog;

	(void)state;
	for (uint64_t i = 0; i < PAGES; i++)
		tk_put64(k, start + i * TK_PAGE + 8, i * 0x0101010101010101ull);
	prog = tk_open(k);
	for (unsigned round = 0; round < 4 * PAGES; round++) {
		uint64_t i, value = 0;

		x = x * 6364136223846793005ull + 1442695040888963407ull;
		i = round < 2 * PAGES ? round % PAGES : (x >> 33) % PAGES;
		assert_int_equal(vr_aspace_read64(prog->as, start + i * TK_PAGE + 8, &value, NULL),
				 VR_MEM_OK);
		assert_int_equal(value, i * 0x0101010101010101ull);
	}
	/* It was the cache, not the TLB, that was too small. */
	assert_true(vr_image_counts(prog->image)->read > 2 * PAGES);
	tk_free(k);
}

/* Two pages whose addresses share a slot of the TLB. */
static void test_tlb_conflict(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	uint64_t at = FREE4, page = tk_alloc_phys(k, 2 * TK_PAGE), value = 0;
	/* The slot is va_page ^ va_page >> 10, modulo 1024. */
	uint64_t other = at + (1ull << 22) + TK_PAGE;
	struct vr_program *prog;

	(void)state;
	tk_map(k, at, page, TK_PAGE, 1);
	tk_map(k, other, page + TK_PAGE, TK_PAGE, 1);
	tk_put64(k, at, 1);
	tk_put64(k, other, 2);
	prog = tk_open(k);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vr_aspace_read64(prog->as, at, &value, NULL), VR_MEM_OK);
		assert_int_equal(value, 1);
		assert_int_equal(vr_aspace_read64(prog->as, other, &value, NULL), VR_MEM_OK);
		assert_int_equal(value, 2);
	}
	tk_free(k);
}

/* ---- Facts of VMCOREINFO ---- */

struct fact {
	const char *key, *value;
};

static const char *get_fact(void *arg, const char *key)
{
	for (const struct fact *f = arg; f->key; f++)
		if (!strcmp(f->key, key))
			return f->value;
	return NULL;
}

static enum vr_err facts(struct fact *list, struct vr_paging *paging)
{
	return vr_arch_x86_64.paging_from_facts(get_fact, list, paging, NULL);
}

static void test_facts(void **state)
{
	struct fact list[] = {{"SYMBOL(swapper_pg_dir)", "ffffffff82610000"},
			      {"NUMBER(phys_base)", "-16777216"},
			      {"NUMBER(pgtable_l5_enabled)", "1"},
			      {"NUMBER(sme_mask)", "140737488355328"},
			      {NULL, NULL}};
	struct vr_paging paging;

	(void)state;
	assert_int_equal(facts(list, &paging), VR_OK);
	assert_int_equal(paging.pgd_phys, 0x1610000);
	assert_int_equal(paging.levels, 5);
	assert_int_equal(paging.sme_mask, 1ull << 47);
	list[2].value = "0";
	list[3].key = "-";
	assert_int_equal(facts(list, &paging), VR_OK);
	assert_int_equal(paging.levels, 4);
	assert_int_equal(paging.sme_mask, 0);
	list[0].key = "SYMBOL(init_top_pgt)";
	assert_int_equal(facts(list, &paging), VR_OK);

	list[0].value = "ffff888002610000";
	assert_int_equal(facts(list, &paging), VR_CORRUPT);
	list[0].value = "rubbish";
	assert_int_equal(facts(list, &paging), VR_CORRUPT);
	list[0].value = "";
	assert_int_equal(facts(list, &paging), VR_CORRUPT);
	list[0] = (struct fact){"SYMBOL(swapper_pg_dir)", "ffffffff82610000"};
	list[1].value = "1 2";
	assert_int_equal(facts(list, &paging), VR_CORRUPT);
	list[1].value = "99999999999999999999999";
	assert_int_equal(facts(list, &paging), VR_CORRUPT);
	list[1].key = "-";
	assert_int_equal(facts(list, &paging), VR_ABSENT);
	list[1] = (struct fact){"NUMBER(phys_base)", "0"};
	list[0].key = "-";
	assert_int_equal(facts(list, &paging), VR_ABSENT);
}

/* What a session says of a dump whose tables can't be right. */
static void test_session_refuses(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){0});
	struct vr_error err = {0};
	uint64_t entry;

	(void)state;
	tk_open(k);
	entry = *tk_entry(k, TK_TEXT, 1);
	*tk_entry(k, TK_TEXT, 1) = 0;
	assert_int_equal(tk_try_open(k, &err), VR_CORRUPT);
	*tk_entry(k, TK_TEXT, 1) = entry;
	tk_set_page(k, tk_phys(k, TK_BTF), TK_ABSENT);
	assert_int_equal(tk_try_open(k, &err), VR_FAULT);
	assert_int_equal(err.addr, TK_BTF);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_sizes),
		cmocka_unit_test(test_large_page_attributes),
		cmocka_unit_test(test_not_mapped),
		cmocka_unit_test(test_not_canonical),
		cmocka_unit_test(test_missing_pages),
		cmocka_unit_test(test_image_without_tables),
		cmocka_unit_test(test_image_ends_at_end),
		cmocka_unit_test(test_direct_map_without_tables),
		cmocka_unit_test(test_table_cycle),
		cmocka_unit_test(test_crossing_reads),
		cmocka_unit_test(test_evicted_pages),
		cmocka_unit_test(test_tlb_conflict),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_session_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
