// SPDX-License-Identifier: GPL-2.0-or-later
/* ORC: decoding in all its versions, lookup, and single steps over a made-up stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/orc.h"
#include "base/bits.h"

/* ---- A memory of one piece ---- */

#define BASE 0xffffc90000000000ull

struct memory {
	uint64_t base;
	size_t size;
	uint8_t *data;
	unsigned reads;
};

static enum vr_err read_memory(void *arg, uint64_t addr, void *buf, size_t len,
			       struct vr_error *err)
{
	struct memory *m = arg;

	m->reads++;
	if (!vr_range_ok(addr - m->base, len, m->size))
		return vr_error_fault(err, addr, "no such memory");
	memcpy(buf, m->data + (addr - m->base), len);
	return VR_OK;
}

static void put64(struct memory *m, uint64_t addr, uint64_t value)
{
	assert_true(vr_range_ok(addr - m->base, 8, m->size));
	memcpy(m->data + (addr - m->base), &value, 8);
}

/* ---- Decoding ---- */

static struct vr_orc_entry decode(enum vr_orc_version version, int16_t sp, int16_t bp,
				  uint16_t flags)
{
	struct vr_orc_entry entry;
	uint8_t raw[VR_ORC_ENTRY_SIZE];

	memcpy(raw, &sp, 2);
	memcpy(raw + 2, &bp, 2);
	memcpy(raw + 4, &flags, 2);
	memset(&entry, 0xaa, sizeof(entry));
	vr_orc_decode(version, raw, &entry);
	return entry;
}

static void test_decode_v1(void **state)
{
	struct vr_orc_entry e = decode(VR_ORC_V1, 64, -16, 5 | 1 << 4);

	(void)state;
	assert_int_equal(e.sp_offset, 64);
	assert_int_equal(e.bp_offset, -16);
	assert_int_equal(e.sp_reg, VR_ORC_REG_SP);
	assert_int_equal(e.bp_reg, VR_ORC_REG_PREV_SP);
	assert_int_equal(e.type, VR_ORC_CALL);
	assert_false(e.signal);

	e = decode(VR_ORC_V1, 0, 0, 5 | 1 << 8);
	assert_int_equal(e.type, VR_ORC_REGS);
	assert_true(e.signal);
	e = decode(VR_ORC_V1, 0, 0, 5 | 2 << 8);
	assert_int_equal(e.type, VR_ORC_REGS_PARTIAL);
	assert_true(e.signal);
	assert_int_equal(decode(VR_ORC_V1, 0, 0, 5 | 3 << 8).type, VR_ORC_INVALID);
	assert_int_equal(decode(VR_ORC_V1, 0, 0, 0).type, VR_ORC_UNDEFINED);
	assert_int_equal(decode(VR_ORC_V1, 0, 0, 0x400).type, VR_ORC_END);
}

static void test_decode_v2(void **state)
{
	(void)state;
	assert_int_equal(decode(VR_ORC_V2, 0, 0, 0x800).type, VR_ORC_END);
	assert_int_equal(decode(VR_ORC_V2, 0, 0, 0x400).type, VR_ORC_UNDEFINED);
	/* A breakpoint's ip is behind the instruction: registers, yet a return address. */
	assert_int_equal(decode(VR_ORC_V2, 0, 0, 5 | 2 << 8).type, VR_ORC_REGS_PARTIAL);
	assert_false(decode(VR_ORC_V2, 0, 0, 5 | 2 << 8).signal);
	assert_true(decode(VR_ORC_V2, 0, 0, 5 | 2 << 8 | 0x400).signal);
}

static void test_decode_v3(void **state)
{
	static const enum vr_orc_type types[8] = {
		VR_ORC_UNDEFINED,    VR_ORC_END,     VR_ORC_CALL,    VR_ORC_REGS,
		VR_ORC_REGS_PARTIAL, VR_ORC_INVALID, VR_ORC_INVALID, VR_ORC_INVALID,
	};
	uint16_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		assert_int_equal(decode(VR_ORC_V3, 8, 0, 5 | i << 8).type, types[i]);
		assert_int_equal(decode(VR_ORC_V4, 8, 0, 3 | i << 8).type, types[i]);
		assert_false(decode(VR_ORC_V3, 8, 0, 5 | i << 8).signal);
		assert_true(decode(VR_ORC_V3, 8, 0, 5 | i << 8 | 0x800).signal);
	}
}

static void test_decode_registers(void **state)
{
	static const enum vr_orc_reg old[16] = {
		VR_ORC_REG_UNDEFINED,   VR_ORC_REG_PREV_SP, VR_ORC_REG_DX,
		VR_ORC_REG_DI,          VR_ORC_REG_BP,      VR_ORC_REG_SP,
		VR_ORC_REG_R10,         VR_ORC_REG_R13,     VR_ORC_REG_BP_INDIRECT,
		VR_ORC_REG_SP_INDIRECT, VR_ORC_REG_AX,      VR_ORC_REG_INVALID,
		VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID, VR_ORC_REG_INVALID,
		VR_ORC_REG_INVALID,
	};
	static const enum vr_orc_reg new[16] = {
		VR_ORC_REG_UNDEFINED,   VR_ORC_REG_AX,          VR_ORC_REG_DX,
		VR_ORC_REG_SP,          VR_ORC_REG_BP,          VR_ORC_REG_DI,
		VR_ORC_REG_R10,         VR_ORC_REG_R13,         VR_ORC_REG_PREV_SP,
		VR_ORC_REG_SP_INDIRECT, VR_ORC_REG_BP_INDIRECT, VR_ORC_REG_INVALID,
		VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID,
		VR_ORC_REG_INVALID,
	};
	uint16_t i;

	(void)state;
	for (i = 0; i < 16; i++) {
		assert_int_equal(decode(VR_ORC_V1, 0, 0, i).sp_reg, old[i]);
		assert_int_equal(decode(VR_ORC_V3, 0, 0, i).sp_reg, old[i]);
		assert_int_equal(decode(VR_ORC_V3, 0, 0, (uint16_t)(i << 4)).bp_reg, old[i]);
		assert_int_equal(decode(VR_ORC_V4, 0, 0, i).sp_reg, new[i]);
		assert_int_equal(decode(VR_ORC_V4, 0, 0, (uint16_t)(i << 4)).bp_reg, new[i]);
	}
}

/* No six bytes may trip the decoder or a step. */
static void test_decode_anything(void **state)
{
	uint8_t page[4096];
	struct memory m = {BASE, sizeof(page), page, 0};
	unsigned i;

	(void)state;
	srand(1);
	for (i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)rand();
	for (i = 0; i < 4 * 65536; i++) {
		enum vr_orc_version version = (enum vr_orc_version)(VR_ORC_V1 + i / 65536);
		struct vr_orc_entry e =
			decode(version, (int16_t)rand(), (int16_t)rand(), (uint16_t)i);
		struct vr_unwind u = {.ip = BASE, .sp = BASE + 2048, .bp = BASE + 1024};

		u.has_regs = i & 1;
		vr_orc_step(&u, &e, i & 2, read_memory, &m, NULL);
	}
}

static void test_guess(void **state)
{
	uint8_t sample[100 * VR_ORC_ENTRY_SIZE] = {0};
	size_t i;

	(void)state;
	assert_int_equal(vr_orc_guess(sample, 0), VR_ORC_NONE);
	assert_int_equal(vr_orc_guess(sample, 100), VR_ORC_NONE);
	for (i = 0; i < 90; i++)
		sample[i * VR_ORC_ENTRY_SIZE + 4] = 0x15;
	assert_int_equal(vr_orc_guess(sample, 100), VR_ORC_V1);
	for (i = 0; i < 90; i++)
		sample[i * VR_ORC_ENTRY_SIZE + 4] = 0x83;
	assert_int_equal(vr_orc_guess(sample, 100), VR_ORC_V4);
	/* Half and half is no witness. */
	for (i = 0; i < 45; i++)
		sample[i * VR_ORC_ENTRY_SIZE + 4] = 0x15;
	assert_int_equal(vr_orc_guess(sample, 100), VR_ORC_NONE);
}

static void test_hash(void **state)
{
	uint8_t hash[20] = {0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
			    0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24};

	(void)state;
	assert_int_equal(vr_orc_version_by_hash(hash), VR_ORC_V3);
	hash[19] ^= 1;
	assert_int_equal(vr_orc_version_by_hash(hash), VR_ORC_NONE);
}

/* ---- Lookup ---- */

#define TEXT (BASE + 0x100000)
#define IPS BASE
#define ENTRIES (BASE + 0x1000)

/* A table of count entries with those starts; entry i has sp_offset i. */
static struct vr_orc_table make_table(struct memory *m, const uint64_t *starts, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		int32_t rel = (int32_t)(starts[i] - (IPS + 4 * i));
		uint8_t *e = m->data + (ENTRIES - BASE) + i * VR_ORC_ENTRY_SIZE;
		uint16_t flags = 5 | 2 << 8;

		memcpy(m->data + 4 * i, &rel, 4);
		memset(e, 0, VR_ORC_ENTRY_SIZE);
		memcpy(e, &i, 2);
		memcpy(e + 4, &flags, 2);
	}
	return (struct vr_orc_table){IPS, ENTRIES, count};
}

static int found(struct memory *m, const struct vr_orc_table *table, uint64_t ip)
{
	struct vr_orc_entry e;

	if (vr_orc_find(table, VR_ORC_V3, ip, read_memory, m, &e, NULL))
		return -1;
	return e.sp_offset;
}

static void test_find(void **state)
{
	static const uint64_t starts[] = {TEXT,        TEXT + 0x10, TEXT + 0x10,
					  TEXT + 0x10, TEXT + 0x40, TEXT + 0x50};
	uint8_t data[0x2000];
	struct memory m = {BASE, sizeof(data), data, 0};
	struct vr_orc_table table = make_table(&m, starts, VR_ARRAY_SIZE(starts));
	struct vr_orc_entry e;

	(void)state;
	assert_int_equal(found(&m, &table, TEXT), 0);
	assert_int_equal(found(&m, &table, TEXT + 0xf), 0);
	/* Of three that start alike the last one is the real one. */
	assert_int_equal(found(&m, &table, TEXT + 0x10), 3);
	assert_int_equal(found(&m, &table, TEXT + 0x3f), 3);
	assert_int_equal(found(&m, &table, TEXT + 0x4f), 4);
	assert_int_equal(found(&m, &table, TEXT + 0x50), 5);
	assert_int_equal(found(&m, &table, UINT64_MAX), 5);
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, TEXT - 1, read_memory, &m, &e, NULL),
			 VR_ABSENT);
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, 0, read_memory, &m, &e, NULL), VR_ABSENT);
	table.count = 0;
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, TEXT, read_memory, &m, &e, NULL),
			 VR_ABSENT);
}

static void test_find_hostile(void **state)
{
	uint8_t data[0x2000];
	struct memory m = {BASE, sizeof(data), data, 0};
	struct vr_orc_table table = {IPS, ENTRIES, UINT32_MAX};
	struct vr_orc_entry e;
	struct vr_error err;
	unsigned i, k;

	(void)state;
	memset(data, 0, sizeof(data));
	/* A count that reaches far beyond memory. */
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, TEXT, read_memory, &m, &e, &err), VR_FAULT);
	assert_true(err.addr > BASE + sizeof(data));
	/* Tables that wrap around the end of the address space. */
	table.ips = UINT64_MAX - 8;
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, TEXT, read_memory, &m, &e, &err), VR_FAULT);
	/* Entries that are not there, behind offsets that are. */
	table = (struct vr_orc_table){IPS, BASE - 0x10000, 16};
	assert_int_equal(vr_orc_find(&table, VR_ORC_V3, UINT64_MAX, read_memory, &m, &e, &err),
			 VR_FAULT);
	/* Any order of any offsets: an entry of the table or none, after few reads. */
	table = (struct vr_orc_table){IPS, ENTRIES, 600};
	srand(2);
	for (k = 0; k < 200; k++) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = (uint8_t)rand();
		m.reads = 0;
		vr_orc_find(&table, VR_ORC_V3, BASE + (uint64_t)(int64_t)(rand() - RAND_MAX / 2),
			    read_memory, &m, &e, NULL);
		assert_true(m.reads <= 12);
	}
}

/* ---- Steps ---- */

struct stack {
	uint8_t data[0x2000];
	struct memory m;
};

static struct vr_unwind begin(struct stack *s)
{
	memset(s, 0, sizeof(*s));
	s->m = (struct memory){BASE, sizeof(s->data), s->data, 0};
	return (struct vr_unwind){.ip = TEXT, .sp = BASE + 0x100, .bp = BASE + 0x200};
}

#define RET (TEXT + 0x1234)

static void test_step_call(void **state)
{
	struct vr_orc_entry e = {.sp_offset = 32, .sp_reg = VR_ORC_REG_SP, .type = VR_ORC_CALL};
	struct stack s;
	struct vr_unwind u = begin(&s);

	(void)state;
	u.has_regs = true;
	u.regs_addr = BASE;
	put64(&s.m, BASE + 0x100 + 32 - 8, RET);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x100 + 32);
	assert_int_equal(u.bp, BASE + 0x200); /* not touched by the function */
	assert_false(u.has_regs);
	assert_int_equal(u.regs_addr, 0);
	assert_false(u.user);

	/* The same by the frame pointer, which it saved. */
	u = begin(&s);
	put64(&s.m, BASE + 0x208, RET);
	put64(&s.m, BASE + 0x200, BASE + 0x300);
	assert_int_equal(
		vr_orc_step(&u, &vr_orc_frame_pointer_entry, false, read_memory, &s.m, NULL),
		VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x210);
	assert_int_equal(u.bp, BASE + 0x300);

	/* A call through NULL. */
	u = begin(&s);
	u.ip = 0;
	u.signal = true;
	put64(&s.m, u.sp, RET);
	assert_int_equal(vr_orc_step(&u, &vr_orc_null_entry, false, read_memory, &s.m, NULL),
			 VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x108);
	assert_false(u.signal);
}

static void test_step_indirect(void **state)
{
	struct vr_orc_entry e = {
		.sp_offset = 16, .sp_reg = VR_ORC_REG_SP_INDIRECT, .type = VR_ORC_CALL};
	struct stack s;
	struct vr_unwind u = begin(&s);

	(void)state;
	/* Since 5.12: the word at sp, plus the offset. */
	put64(&s.m, BASE + 0x100, BASE + 0x800);
	put64(&s.m, BASE + 0x800 + 16 - 8, RET);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x810);

	/* Before: the word at sp plus offset. */
	u = begin(&s);
	put64(&s.m, BASE + 0x110, BASE + 0x900);
	put64(&s.m, BASE + 0x900 - 8, RET);
	assert_int_equal(vr_orc_step(&u, &e, true, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.sp, BASE + 0x900);

	u = begin(&s);
	e.sp_reg = VR_ORC_REG_BP_INDIRECT;
	e.sp_offset = -8;
	e.bp_reg = VR_ORC_REG_BP;
	put64(&s.m, BASE + 0x200 - 8, BASE + 0xa00);
	put64(&s.m, BASE + 0xa00 - 8, RET);
	put64(&s.m, BASE + 0x200, BASE + 0xb00);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.sp, BASE + 0xa00);
	assert_int_equal(u.bp, BASE + 0xb00);
}

static void test_step_needs_register(void **state)
{
	static const struct {
		enum vr_orc_reg reg;
		enum vr_pt_reg word;
	} regs[] = {
		{VR_ORC_REG_R10, VR_PT_R10}, {VR_ORC_REG_R13, VR_PT_R13}, {VR_ORC_REG_DI, VR_PT_DI},
		{VR_ORC_REG_DX, VR_PT_DX},   {VR_ORC_REG_AX, VR_PT_AX},
	};
	struct stack s;
	size_t i;

	(void)state;
	for (i = 0; i < VR_ARRAY_SIZE(regs); i++) {
		struct vr_orc_entry e = {.sp_reg = regs[i].reg, .type = VR_ORC_CALL};
		struct vr_unwind u = begin(&s), before = u;

		put64(&s.m, BASE + 0x400 - 8, RET);
		assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_ABSENT);
		assert_memory_equal(&u, &before, sizeof(u));
		u.has_regs = true;
		u.regs[regs[i].word] = BASE + 0x400;
		assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
		assert_int_equal(u.ip, RET);
		assert_int_equal(u.sp, BASE + 0x400);
	}
}

static void test_step_regs(void **state)
{
	struct vr_orc_entry e = {.sp_reg = VR_ORC_REG_SP, .type = VR_ORC_REGS, .signal = true};
	struct stack s;
	struct vr_unwind u = begin(&s);
	uint64_t at = BASE + 0x100;
	unsigned i;

	(void)state;
	for (i = 0; i < VR_PT_COUNT; i++)
		put64(&s.m, at + 8 * i, 0x1000 + i);
	put64(&s.m, at + 8 * VR_PT_CS, 0x10);
	put64(&s.m, at + 8 * VR_PT_IP, RET);
	put64(&s.m, at + 8 * VR_PT_SP, BASE + 0x700);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x700);
	assert_int_equal(u.bp, 0x1000 + VR_PT_BP);
	assert_true(u.has_regs);
	assert_true(u.signal);
	assert_false(u.user);
	assert_int_equal(u.regs_addr, at);
	assert_int_equal(u.regs[VR_PT_R10], 0x1000 + VR_PT_R10);

	/* FRED keeps more in the upper half of cs. */
	u = begin(&s);
	for (i = 0; i < VR_PT_COUNT; i++)
		put64(&s.m, at + 8 * i, 0);
	put64(&s.m, at + 8 * VR_PT_CS, 0x1200000000033ull);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_true(u.user);
	assert_int_equal(u.regs_addr, at);
}

static void test_step_partial(void **state)
{
	struct vr_orc_entry e = {.sp_reg = VR_ORC_REG_SP,
				 .sp_offset = 8,
				 .type = VR_ORC_REGS_PARTIAL,
				 .signal = true};
	struct stack s;
	struct vr_unwind u = begin(&s);
	uint64_t at = BASE + 0x108;

	(void)state;
	put64(&s.m, at, RET);
	put64(&s.m, at + 8, 0x10);
	put64(&s.m, at + 24, BASE + 0x600);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_int_equal(u.ip, RET);
	assert_int_equal(u.sp, BASE + 0x600);
	assert_int_equal(u.bp, BASE + 0x200);
	assert_false(u.has_regs);
	assert_int_equal(u.regs_addr, at - 8 * VR_PT_IP);

	u = begin(&s);
	put64(&s.m, at + 8, 0x33);
	assert_int_equal(vr_orc_step(&u, &e, false, read_memory, &s.m, NULL), VR_OK);
	assert_true(u.user);
}

static void test_step_refuses(void **state)
{
	static const struct {
		struct vr_orc_entry entry;
		enum vr_err kind;
	} cases[] = {
		{{.type = VR_ORC_UNDEFINED}, VR_ABSENT},
		{{.type = VR_ORC_END}, VR_ABSENT},
		{{.type = VR_ORC_INVALID, .sp_reg = VR_ORC_REG_SP}, VR_CORRUPT},
		{{.type = VR_ORC_CALL, .sp_reg = VR_ORC_REG_UNDEFINED}, VR_CORRUPT},
		{{.type = VR_ORC_CALL, .sp_reg = VR_ORC_REG_INVALID}, VR_CORRUPT},
		{{.type = VR_ORC_CALL, .sp_reg = VR_ORC_REG_PREV_SP}, VR_CORRUPT},
		{{.type = VR_ORC_CALL,
		  .sp_reg = VR_ORC_REG_SP,
		  .sp_offset = 8,
		  .bp_reg = VR_ORC_REG_SP},
		 VR_CORRUPT},
		{{.type = VR_ORC_CALL, .sp_reg = VR_ORC_REG_SP, .sp_offset = -0x1000}, VR_FAULT},
		{{.type = VR_ORC_REGS, .sp_reg = VR_ORC_REG_SP, .sp_offset = 0x1f00}, VR_FAULT},
		{{.type = VR_ORC_CALL,
		  .sp_reg = VR_ORC_REG_SP,
		  .sp_offset = 8,
		  .bp_reg = VR_ORC_REG_PREV_SP,
		  .bp_offset = 0x7000},
		 VR_FAULT},
	};
	struct stack s;
	size_t i;

	(void)state;
	for (i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		struct vr_unwind u = begin(&s), before = u;
		struct vr_error err = {0};

		assert_int_equal(vr_orc_step(&u, &cases[i].entry, false, read_memory, &s.m, &err),
				 cases[i].kind);
		assert_int_equal(err.kind, cases[i].kind);
		assert_memory_equal(&u, &before, sizeof(u));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_v1),
		cmocka_unit_test(test_decode_v2),
		cmocka_unit_test(test_decode_v3),
		cmocka_unit_test(test_decode_registers),
		cmocka_unit_test(test_decode_anything),
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_hostile),
		cmocka_unit_test(test_step_call),
		cmocka_unit_test(test_step_indirect),
		cmocka_unit_test(test_step_needs_register),
		cmocka_unit_test(test_step_regs),
		cmocka_unit_test(test_step_partial),
		cmocka_unit_test(test_step_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
