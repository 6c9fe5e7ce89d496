// SPDX-License-Identifier: GPL-2.0-or-later
/* The printk ring buffer: records in all states, wrapped, lost, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/printk.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct atomic_long { long counter; };
	struct prb_data_blk_lpos { unsigned long begin, next; };
	struct prb_desc { struct atomic_long state_var; struct prb_data_blk_lpos text_blk_lpos; };
	struct printk_info {
		unsigned long seq, ts_nsec; unsigned short text_len;
		unsigned char facility; unsigned char flags : 5; unsigned char level : 3;
		unsigned int caller_id; char dev_info[64];
	};
	struct prb_desc_ring {
		unsigned int count_bits; struct prb_desc *descs; struct printk_info *infos;
		struct atomic_long head_id, tail_id, last_finalized_seq;
	};
	struct prb_data_ring {
		unsigned int size_bits; char *data; struct atomic_long head_lpos, tail_lpos;
	};
	struct printk_ringbuffer {
		struct prb_desc_ring desc_ring; struct prb_data_ring text_data_ring;
		struct atomic_long fail;
	};
)
/* clang-format on */

enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

#define COUNT_BITS 4u
#define COUNT (1u << COUNT_BITS)
#define SIZE_BITS 9u
#define SIZE (1u << SIZE_BITS)
#define ID_MASK (~0ull >> 2)
/* Ids begin near their end, so that they wrap: DESC0_ID() of the kernel is like that. */
#define FIRST_ID (ID_MASK - 5)

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	struct printk_ringbuffer *rb;
	struct prb_desc *descs;
	struct printk_info *infos;
	char *data;
	uint64_t next_id, next_lpos, records;
};

static uint64_t lpos_index(uint64_t lpos)
{
	return lpos & (SIZE - 1);
}

static struct prb_desc *desc_of(struct place *p, uint64_t id)
{
	return &p->descs[id & (COUNT - 1)];
}

static struct printk_info *info_of(struct place *p, uint64_t id)
{
	return &p->infos[id & (COUNT - 1)];
}

static void set_state(struct place *p, uint64_t id, unsigned state)
{
	desc_of(p, id)->state_var.counter = (long)((uint64_t)state << 62 | (id & ID_MASK));
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t rb = tk_alloc(p.k, sizeof(struct printk_ringbuffer));
	uint64_t descs = tk_alloc(p.k, COUNT * sizeof(struct prb_desc));
	uint64_t infos = tk_alloc(p.k, COUNT * sizeof(struct printk_info));
	uint64_t data = tk_alloc(p.k, SIZE);

	tk_put64(p.k, tk_global(p.k, "prb", 8), rb);
	p.rb = tk_ptr(p.k, rb);
	p.descs = tk_ptr(p.k, descs);
	p.infos = tk_ptr(p.k, infos);
	p.data = tk_ptr(p.k, data);
	p.rb->desc_ring.count_bits = COUNT_BITS;
	p.rb->desc_ring.descs = tk_va(struct prb_desc, descs);
	p.rb->desc_ring.infos = tk_va(struct printk_info, infos);
	p.rb->desc_ring.head_id.counter = p.rb->desc_ring.tail_id.counter = (long)FIRST_ID;
	p.rb->text_data_ring.size_bits = SIZE_BITS;
	p.rb->text_data_ring.data = tk_va(char, data);
	p.next_id = FIRST_ID;
	p.next_lpos = 0 - 64ull; /* the kernel's BLK0_LPOS() wraps soon, too */
	for (unsigned i = 0; i < COUNT; i++)
		p.descs[i].state_var.counter = (long)((uint64_t)REUSABLE << 62);
	return p;
}

/* Put a text into the data ring, in the manner of data_alloc(). */
static void store_text(struct place *p, uint64_t id, const char *text, size_t len)
{
	struct prb_data_blk_lpos *lpos = &desc_of(p, id)->text_blk_lpos;
	uint64_t size = (8 + len + 7) & ~7ull, at;

	if (!len) {
		lpos->begin = lpos->next = 3;
		return;
	}
	lpos->begin = p->next_lpos;
	lpos->next = lpos->begin + size;
	at = lpos_index(lpos->begin);
	if (lpos->begin >> SIZE_BITS != lpos->next >> SIZE_BITS) {
		lpos->next = (lpos->next & ~(SIZE - 1ull)) + size;
		at = 0;
	}
	assert_true(at + size <= SIZE);
	memcpy(p->data + at, &id, 8);
	memcpy(p->data + at + 8, text, len);
	p->next_lpos = lpos->next;
}

/* Log one record; returns its id. */
static uint64_t add(struct place *p, unsigned state, const char *text)
{
	uint64_t id = p->next_id;
	struct printk_info *info = info_of(p, id);

	*info = (struct printk_info){
		.seq = p->records,
		.ts_nsec = 1000 * p->records,
		.text_len = (unsigned short)strlen(text),
		.facility = 3,
		.flags = 0x12,
		.level = 6,
		.caller_id = 0x80000001,
	};
	store_text(p, id, text, strlen(text));
	set_state(p, id, state);
	if (p->records++ >= COUNT)
		p->rb->desc_ring.tail_id.counter = (long)((id + 1 - COUNT) & ID_MASK);
	p->rb->desc_ring.head_id.counter = (long)id;
	p->next_id = (id + 1) & ID_MASK;
	return id;
}

/* Walk and write down what came: the texts in brackets, "-" for a lost one. */
static const char *walk(struct place *p, struct vr_strbuf *out)
{
	struct vr_printk_walk w;
	unsigned n = 0;

	p->prog = tk_open(p->k);
	vr_strbuf_truncate(out, 0);
	w = vr_printk_walk_begin(p->prog);
	while (vr_printk_walk_next(&w)) {
		assert_true(n++ < COUNT);
		if (w.record.lost)
			vr_strbuf_putc(out, '-');
		else
			vr_strbuf_printf(out, "[%.*s]", (int)w.record.text_len, w.record.text);
	}
	vr_printk_walk_end(&w);
	return vr_strbuf_str(out);
}

#define CHECK_LOG(p, want)                                                                         \
	do {                                                                                       \
		VR_STRBUF out = {0};                                                               \
		assert_string_equal(walk((p), &out), (want));                                      \
	} while (0)

static void check_good(struct place *p, const char *want)
{
	CHECK_LOG(p, want);
	tk_expect_cut(p->prog, VR_OK);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_records(void **state)
{
	struct place p = make();
	struct vr_printk_walk w;

	(void)state;
	check_good(&p, ""); /* no record was ever made */
	add(&p, FINALIZED, "one");
	check_good(&p, "[one]");
	add(&p, FINALIZED, "two\nlines");
	add(&p, FINALIZED, "");
	add(&p, FINALIZED, "four");
	check_good(&p, "[one][two\nlines][][four]");
	info_of(&p, FIRST_ID)->ts_nsec = 123456789012345;
	p.prog = tk_open(p.k);
	w = vr_printk_walk_begin(p.prog);
	assert_true(vr_printk_walk_next(&w));
	assert_int_equal(w.record.ts_nsec, 123456789012345);
	assert_int_equal(w.record.facility, 3);
	assert_int_equal(w.record.flags, 0x12);
	assert_int_equal(w.record.level, 6);
	assert_int_equal(w.record.caller_id, 0x80000001);
	assert_true(vr_printk_walk_next(&w));
	assert_int_equal(w.record.seq, 1);
	vr_printk_walk_end(&w);
	tk_free(p.k);
}

static void test_states(void **state)
{
	struct place p = make();

	(void)state;
	add(&p, FINALIZED, "finalized");
	add(&p, RESERVED, "reserved");
	add(&p, COMMITTED, "committed");
	add(&p, REUSABLE, "reusable");
	add(&p, FINALIZED, "last");
	add(&p, RESERVED, "being written when it died");
	check_good(&p, "[finalized][committed][last]");
	/* A slot that another record has taken meanwhile. */
	set_state(&p, FIRST_ID, FINALIZED);
	desc_of(&p, FIRST_ID)->state_var.counter -= COUNT;
	check_good(&p, "[committed][last]");
	tk_free(p.k);
}

/* More records than there is room for: the oldest go, and ids and blocks wrap on the way. */
static void test_wrapping(void **state)
{
	struct place p = make();
	VR_STRBUF want = {0};

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char text[40];

		/* 24 or 32 bytes with the id: all of the last sixteen are there. */
		snprintf(text, sizeof(text), "record %u%s", i, i % 3 ? "" : " is long");
		add(&p, FINALIZED, text);
		if (i % 7)
			continue;
		vr_strbuf_truncate(&want, 0);
		for (unsigned n = i < COUNT ? 0 : i - COUNT + 1; n <= i; n++)
			vr_strbuf_printf(&want, "[record %u%s]", n, n % 3 ? "" : " is long");
		check_good(&p, vr_strbuf_str(&want));
	}
	tk_free(p.k);
}

/* A block that ends with the ring: older kernels wrap it, newer ones (6.18) leave it there. */
static void test_block_at_the_end(void **state)
{
	struct place p = make();
	struct prb_data_blk_lpos *lpos;
	uint64_t id;

	(void)state;
	p.next_lpos = 7 * SIZE - 24;
	id = add(&p, FINALIZED, "wrapped, as it is");
	lpos = &desc_of(&p, id)->text_blk_lpos;
	assert_int_equal(lpos_index(lpos->next), 32);
	check_good(&p, "[wrapped, as it is]");
	memcpy(p.data + SIZE - 24, &id, 8);
	memcpy(p.data + SIZE - 16, "up to the end...", 16);
	info_of(&p, id)->text_len = 16;
	lpos->next = 7 * SIZE;
	check_good(&p, "[up to the end...]");
	info_of(&p, id)->text_len = 65535;
	check_good(&p, "[up to the end...]");
	tk_free(p.k);
}

static void test_without_text(void **state)
{
	struct place p = make();
	struct prb_data_blk_lpos *lpos;

	(void)state;
	lpos = &desc_of(&p, add(&p, FINALIZED, "empty"))->text_blk_lpos;
	lpos->begin = lpos->next = 3; /* NO_LPOS: an empty line */
	lpos = &desc_of(&p, add(&p, FINALIZED, "failed"))->text_blk_lpos;
	lpos->begin = lpos->next = 1; /* FAILED_LPOS: there was no room */
	add(&p, FINALIZED, "text");
	check_good(&p, "[]-[text]");
	tk_free(p.k);
}

static void test_lost_text(void **state)
{
	struct place p = make();
	struct prb_data_blk_lpos *lpos;
	uint64_t id, other = 12345;

	(void)state;
	id = add(&p, FINALIZED, "first");
	add(&p, FINALIZED, "second");
	/* Its block belongs to another record by now. */
	memcpy(p.data + lpos_index(desc_of(&p, id)->text_blk_lpos.begin), &other, 8);
	check_good(&p, "-[second]");
	memcpy(p.data + lpos_index(desc_of(&p, id)->text_blk_lpos.begin), &id, 8);
	check_good(&p, "[first][second]");
	/* A length that the block has no room for is cut to what there is. */
	info_of(&p, id)->text_len = 65535;
	CHECK_LOG(&p, "[first][second]");
	/* Blocks that can't be: no room for the id, or none at all. */
	lpos = &desc_of(&p, id)->text_blk_lpos;
	lpos->next = lpos->begin + 8;
	check_good(&p, "-[second]");
	lpos->next = lpos->begin;
	check_good(&p, "-[second]");
	lpos->next = lpos->begin + 4;
	check_good(&p, "-[second]");
	lpos->begin = lpos->next = UINT64_MAX - 1;
	check_good(&p, "-[second]");
	/* The ring isn't where it should be. */
	p.rb->text_data_ring.data = tk_va(char, TK_NOWHERE);
	check_good(&p, "--");
	tk_free(p.k);
}

static void check_refused(struct place *p, enum vr_err kind)
{
	CHECK_LOG(p, "");
	tk_expect_cut(p->prog, VR_OK);
	tk_expect(p->prog, kind, 0);
}

static void test_absurd(void **state)
{
	struct place p = make();
	unsigned bits;

	(void)state;
	add(&p, FINALIZED, "text");
	for (bits = 25; bits; bits *= 2) {
		p.rb->desc_ring.count_bits = bits;
		check_refused(&p, VR_CORRUPT);
	}
	p.rb->desc_ring.count_bits = COUNT_BITS;
	for (bits = 31; bits; bits = bits < 128 ? bits * 2 : bits << 8) {
		p.rb->text_data_ring.size_bits = bits;
		check_refused(&p, VR_CORRUPT);
	}
	/* As small as can be: nothing fits, nothing breaks. */
	for (bits = 0; bits < 5; bits++) {
		p.rb->text_data_ring.size_bits = bits;
		check_good(&p, "-");
	}
	p.rb->text_data_ring.size_bits = SIZE_BITS;
	p.rb->desc_ring.count_bits = 0;
	set_state(&p, FIRST_ID, REUSABLE);
	check_good(&p, "");
	p.rb->desc_ring.count_bits = COUNT_BITS;
	set_state(&p, FIRST_ID, FINALIZED);
	/* A head that no walk from the tail comes to: it ends when it has been round once. */
	p.rb->desc_ring.head_id.counter = 77;
	CHECK_LOG(&p, "[text]");
	/* Records that can't be read are cut, one by one. */
	p.rb->desc_ring.descs = tk_va(struct prb_desc, TK_NOWHERE);
	CHECK_LOG(&p, "");
	assert_int_equal(p.prog->base.cuts, COUNT);
	assert_int_equal(p.prog->base.cut.kind, VR_FAULT);
	tk_expect(p.prog, VR_OK, 0);
	tk_put64(p.k, TK_DATA, 0);
	check_refused(&p, VR_FAULT);
	tk_put64(p.k, TK_DATA, TK_NOWHERE);
	check_refused(&p, VR_FAULT);
	tk_free(p.k);
}

/* Nothing that the ring may hold breaks the walk. */
static void test_random(void **state)
{
	struct place p = make();
	uint64_t x = 42;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		add(&p, FINALIZED, "some text of some length");
	for (unsigned round = 0; round < 60; round++) {
		uint8_t *bytes = (uint8_t *)p.descs;
		VR_STRBUF out = {0};
		uint64_t at;

		x = x * 6364136223846793005ull + 1442695040888963407ull;
		at = (x >> 20) % (COUNT * (sizeof(struct prb_desc) + sizeof(struct printk_info)));
		bytes[at] ^= (uint8_t)(1u << (x >> 60 & 7));
		walk(&p, &out);
		tk_expect(p.prog, VR_OK, 0);
	}
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),      cmocka_unit_test(test_states),
		cmocka_unit_test(test_wrapping),     cmocka_unit_test(test_block_at_the_end),
		cmocka_unit_test(test_without_text), cmocka_unit_test(test_lost_text),
		cmocka_unit_test(test_absurd),       cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
