// SPDX-License-Identifier: GPL-2.0-or-later
/* Views: many members of a structure with one read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct pair { int a, b; };
	struct big {
		char gap[40];
		signed char s8; unsigned char u8; short s16; unsigned short u16;
		int s32; unsigned int u32; long s64; unsigned long u64; _Bool yes;
		unsigned int low : 3; int neg : 5; unsigned int across : 20;
		long wide : 40; long rest : 24;
		struct pair pairs[3]; union { unsigned long raw; struct pair parts; };
		struct pair *pointer;
	};
	struct packed { unsigned int before : 4; unsigned long nine : 64; } __attribute__((packed));
	struct huge { int first; char gap[70000]; int last; };
)
/* clang-format on */

/* What a plugin would declare; wider and narrower than the kernel's members. */
struct big_view {
	int64_t s8, s16, s32, neg, wide;
	uint64_t u8, u16, u32, s64, u64;
	uint8_t yes, low;
	uint32_t across;
	int32_t b, low_half;
	uint64_t raw, pointer, newer, gone;
	uint8_t guard;
};

#define FIELD(member, path) VR_VIEW_FIELD(struct big_view, member, path)

static const struct vr_view_field fields[] = {
	FIELD(s8, "s8"),
	FIELD(s16, "s16"),
	FIELD(s32, "s32"),
	FIELD(neg, "neg"),
	FIELD(wide, "wide"),
	FIELD(u8, "u8"),
	FIELD(u16, "u16"),
	FIELD(u32, "u32"),
	FIELD(s64, "s64"),
	FIELD(u64, "u64"),
	FIELD(yes, "yes"),
	FIELD(low, "low"),
	FIELD(across, "across"),
	FIELD(b, "pairs[2].b"),
	FIELD(low_half, "s64"),
	FIELD(raw, "raw"),
	FIELD(pointer, "pointer"),
	FIELD(newer, "newer|parts.b"),
	{.path = "gone", .offset = offsetof(struct big_view, gone), .size = 8, .optional = true},
};

static void fill_noise(void *to, size_t size, uint64_t x)
{
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((uint8_t *)to)[i] = (uint8_t)x;
	}
}

static void check_big(const struct big_view *v, const struct big *b)
{
	assert_int_equal(v->s8, b->s8);
	assert_int_equal(v->s16, b->s16);
	assert_int_equal(v->s32, b->s32);
	assert_int_equal(v->neg, b->neg);
	assert_int_equal(v->wide, b->wide);
	assert_int_equal(v->u8, b->u8);
	assert_int_equal(v->u16, b->u16);
	assert_int_equal(v->u32, b->u32);
	assert_int_equal(v->s64, b->s64);
	assert_int_equal(v->u64, b->u64);
	assert_int_equal(v->yes, ((const uint8_t *)b)[offsetof(struct big, yes)]);
	assert_int_equal(v->low, b->low);
	assert_int_equal(v->across, b->across);
	assert_int_equal(v->b, b->pairs[2].b);
	assert_int_equal(v->low_half, (int32_t)b->s64);
	assert_int_equal(v->raw, b->raw);
	assert_int_equal(v->pointer, (uintptr_t)b->pointer);
	assert_int_equal(v->newer, b->parts.b);
	/* A missing optional member is left alone, and so is what lies around. */
	assert_int_equal(v->gone, 0xa5a5a5a5a5a5a5a5ull);
	assert_int_equal(v->guard, 0xa5);
}

/* At each place in two pages, so that the end of a page falls on each member. */
static void test_fill(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t pages = tk_alloc(k, 2 * TK_PAGE);
	const struct vr_view *view;
	struct vr_program *prog;
	struct big big;

	(void)state;
	fill_noise(tk_ptr(k, pages), 2 * TK_PAGE, 12345);
	prog = tk_open(k);
	view = vr_view_bind(prog, "struct big", fields, VR_ARRAY_SIZE(fields));
	assert_non_null(view);
	for (uint64_t at = pages + TK_PAGE - sizeof(big) - 8; at < pages + TK_PAGE + 8; at++) {
		struct big_view v;

		memcpy(&big, tk_ptr(k, at), sizeof(big));
		memset(&v, 0xa5, sizeof(v));
		assert_true(vr_view_fill(prog, view, at, &v));
		check_big(&v, &big);
	}
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

/* Views agree with reads of single members. */
static void test_same_as_reads(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t at = tk_alloc(k, 64 * sizeof(struct big));
	struct vr_program *prog;

	(void)state;
	fill_noise(tk_ptr(k, at), 64 * sizeof(struct big), 999);
	prog = tk_open(k);
	for (size_t f = 0; f < VR_ARRAY_SIZE(fields); f++) {
		struct vr_view_field field = {.path = fields[f].path, .size = 8};
		const struct vr_view *view;

		if (fields[f].optional)
			continue;
		view = vr_view_bind(prog, "struct big", &field, 1);
		for (uint64_t i = 0; i < 64; i++) {
			uint64_t va = at + i * sizeof(struct big), value = 0;

			assert_true(vr_view_fill(prog, view, va, &value));
			assert_int_equal(value, vr_u64(vr_at(prog, "struct big", va), field.path));
		}
	}
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

static void check_refused(struct vr_program *prog, const char *type, struct vr_view_field field,
			  enum vr_err kind)
{
	assert_null(vr_view_bind(prog, type, &field, 1));
	tk_expect(prog, kind, 0);
}

static void test_refused(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	struct vr_view_field many[200],
		ends[2] = {{.path = "first", .size = 4}, {.path = "last", .size = 4, .offset = 4}};
	const struct vr_view *view;
	struct vr_program *prog;
	uint64_t value = 5;

	(void)state;
	prog = tk_open(k);
	check_refused(prog, "struct big", (struct vr_view_field){"missing", 0, 8, false},
		      VR_ABSENT);
	check_refused(prog, "struct gone", (struct vr_view_field){"u8", 0, 8, false}, VR_ABSENT);
	check_refused(prog, "struct big", (struct vr_view_field){"pointer->a", 0, 8, false},
		      VR_ABSENT);
	check_refused(prog, "struct big", (struct vr_view_field){"pairs", 0, 8, false}, VR_ABSENT);
	check_refused(prog, "struct packed", (struct vr_view_field){"nine", 0, 8, false},
		      VR_ABSENT);
	assert_null(vr_view_bind(prog, "struct huge", ends, 2));
	tk_expect(prog, VR_LIMIT, 0);
	for (size_t i = 0; i < VR_ARRAY_SIZE(many); i++)
		many[i] = (struct vr_view_field){"u8", 0, 8, false};
	assert_null(vr_view_bind(prog, "struct big", many, VR_ARRAY_SIZE(many)));
	tk_expect(prog, VR_LIMIT, 0);
	/* One that binds nothing reads nothing. */
	ends[0] = (struct vr_view_field){"gone", 0, 8, true};
	view = vr_view_bind(prog, "struct big", ends, 1);
	assert_non_null(view);
	assert_true(vr_view_fill(prog, view, TK_NOWHERE, &value));
	assert_int_equal(value, 5);
	assert_false(vr_view_fill(prog, NULL, TK_NOWHERE, &value));
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

static void test_faults(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t end = TK_TEXT + TK_TEXT_PAGES * TK_PAGE, value = 5;
	struct vr_view_field field = {"s64", 0, 8, false};
	const struct vr_view *view;
	struct vr_program *prog;

	(void)state;
	prog = tk_open(k);
	view = vr_view_bind(prog, "struct big", &field, 1);
	/* Just what the view needs is read: what lies around may be missing. */
	assert_true(vr_view_fill(prog, view, end - offsetof(struct big, s64) - 8, &value));
	assert_true(vr_view_fill(prog, view, TK_TEXT - offsetof(struct big, s64), &value));
	value = 5;
	assert_false(vr_view_fill(prog, view, end - offsetof(struct big, s64), &value));
	tk_expect(prog, VR_FAULT, end);
	assert_false(vr_view_fill(prog, view, end - offsetof(struct big, s64) - 4, &value));
	tk_expect(prog, VR_FAULT, end);
	assert_false(vr_view_fill(prog, view, TK_TEXT - offsetof(struct big, s64) - 1, &value));
	tk_expect(prog, VR_FAULT, TK_TEXT - 1);
	assert_false(vr_view_fill(prog, view, 0, &value));
	tk_expect(prog, VR_FAULT, offsetof(struct big, s64));
	assert_false(vr_view_fill(prog, view, ~0ull - 50, &value));
	tk_expect(prog, VR_FAULT, 0);
	assert_int_equal(value, 5);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_same_as_reads),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
