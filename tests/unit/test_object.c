// SPDX-License-Identifier: GPL-2.0-or-later
/* Typed values: member paths, integers, bitfields, arrays, pointers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object/path.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef unsigned int u32;
	typedef unsigned long u64;
	enum color { RED, GREEN = 7, BLUE };
	enum sign { MINUS = -3, PLUS = 3 };
	struct pair { int a, b; };
	struct node { struct node *next; struct pair pair; const u64 id; };
	struct thing {
		signed char s8; unsigned char u8; short s16; unsigned short u16;
		int s32; u32 u32; long s64; u64 u64;
		_Bool yes; enum color color; enum sign sign;
		void *pointer; struct incomplete *nothing;
		struct pair inner; struct pair pairs[3];
		union { unsigned long raw; struct { unsigned int low, high; }; };
		struct { int x; struct { int y; } deep; } named;
		struct node *node; struct node **nodes;
		unsigned long matrix[2][3]; struct pair *rows[2]; unsigned long one[1];
		unsigned int tail[];
	};
	struct bits {
		unsigned int low : 3; unsigned int mid : 9; int neg : 5; _Bool flag : 1;
		unsigned int top : 14;
		unsigned long wide : 40; long wide_neg : 24; unsigned long all : 64;
		unsigned char tiny : 1; unsigned char rest : 7; enum color color : 4;
	};
	struct packed {
		unsigned int before : 4; unsigned long nine : 64; unsigned long eight : 57;
		int across : 30; unsigned int after : 31;
	} __attribute__((packed));
)
/* clang-format on */

/* A kernel with one struct thing, and what it points to. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t at, nodes[3], array;
	struct thing *thing;
};

static void set_id(struct node *node, uint64_t id)
{
	memcpy((char *)node + offsetof(struct node, id), &id, sizeof(id));
}

static struct thing *make(struct place *p)
{
	p->k = tk_new((struct tk_spec){.types = types});
	p->at = tk_global(p->k, "the_thing", sizeof(struct thing) + 64);
	p->thing = tk_ptr(p->k, p->at);
	p->array = tk_alloc(p->k, 3 * sizeof(uint64_t));
	for (int i = 0; i < 3; i++) {
		struct node *node;

		/* Nodes lie side by side, so that a pointer to the first can be indexed. */
		p->nodes[i] = i ? p->nodes[0] + (uint64_t)i * sizeof(*node)
				: tk_alloc(p->k, 3 * sizeof(*node));
		node = tk_ptr(p->k, p->nodes[i]);
		node->pair = (struct pair){10 * i, -10 * i};
		set_id(node, 1000 + (uint64_t)i);
		tk_put64(p->k, p->array + 8 * (uint64_t)i, p->nodes[i]);
	}
	for (int i = 0; i < 2; i++)
		tk_put64(p->k, p->nodes[i], p->nodes[i + 1]);
	p->thing->node = tk_va(struct node, p->nodes[0]);
	p->thing->nodes = tk_va(struct node *, p->array);
	return p->thing;
}

static struct vr_obj open_place(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_global(p->prog, "the_thing", "struct thing");
}

static void check_u64(struct vr_obj obj, const char *path, uint64_t want)
{
	uint64_t value = ~want;

	assert_int_equal(vr_u64(obj, path), want);
	tk_expect(obj.prog, VR_OK, 0);
	assert_int_equal(vr_try_u64(obj, path, &value), VR_OK);
	assert_int_equal(value, want);
	assert_true(vr_has(obj, path));
	/* The same in two steps. */
	assert_int_equal(vr_u64(vr_get(obj, path), ""), want);
	tk_expect(obj.prog, VR_OK, 0);
}

static void test_paths(void **state)
{
	struct place p;
	struct thing *t = make(&p);
	struct vr_obj obj, inner;

	(void)state;
	t->s32 = 5;
	t->inner = (struct pair){1, 2};
	t->pairs[2].b = 3;
	t->low = 4;
	t->high = 5;
	t->named.x = 6;
	t->named.deep.y = 7;
	t->matrix[1][2] = 8;
	t->matrix[0][1] = 9;
	t->rows[1] = tk_va(struct pair, p.nodes[1] + offsetof(struct node, pair));
	t->tail[5] = 11;
	obj = open_place(&p);
	check_u64(obj, "s32", 5);
	check_u64(obj, "inner.a", 1);
	check_u64(obj, "inner.b", 2);
	check_u64(obj, "pairs[2].b", 3);
	check_u64(obj, "pairs[0x2].b", 3);
	check_u64(obj, "low", 4);
	check_u64(obj, "high", 5);
	check_u64(obj, "raw", 4 | 5ull << 32);
	check_u64(obj, "named.x", 6);
	check_u64(obj, "named.deep.y", 7);
	check_u64(obj, "matrix[1][2]", 8);
	check_u64(obj, "matrix[0][1]", 9);
	check_u64(obj, "tail[5]", 11);
	check_u64(obj, "node", p.nodes[0]);
	check_u64(obj, "node->id", 1000);
	check_u64(obj, "node->next->pair.a", 10);
	check_u64(obj, "node->next->next->id", 1002);
	check_u64(obj, "node[2].id", 1002);
	check_u64(obj, "node->next[1].id", 1002);
	check_u64(obj, "nodes[1]->id", 1001);
	check_u64(obj, "nodes[0][2].id", 1002);
	check_u64(obj, "rows[1]->a", 10);
	/* Alternatives: the first that fits, whichever part of the others doesn't. */
	check_u64(obj, "missing|s32", 5);
	check_u64(obj, "s32|missing", 5);
	check_u64(obj, "missing|inner.missing|node->pair.c|node->id|s32", 1000);
	check_u64(obj, "inner->a|pairs[3].a|pairs[2].b", 3);
	/* From where the path already led. */
	check_u64(vr_get(obj, "pairs"), "[2].b", 3);
	check_u64(vr_get(obj, "matrix"), "[1][2]", 8);
	check_u64(vr_get(obj, "matrix[1]"), "[2]", 8);
	check_u64(vr_get(obj, "node"), "->id", 1000);
	check_u64(vr_get(obj, "node"), "->next->id", 1001);
	check_u64(vr_get(obj, "nodes"), "[1]->id", 1001);
	inner = vr_get(obj, "inner");
	assert_string_equal(vr_type_name(inner.type), "pair");
	assert_int_equal(inner.addr, p.at + offsetof(struct thing, inner));
	check_u64(inner, ".b", 2);
	assert_int_equal(vr_get(obj, "").addr, obj.addr);
	tk_free(p.k);
}

static void check_absent(struct vr_obj obj, const char *path)
{
	struct vr_obj out = obj;
	uint64_t value;

	assert_int_equal(vr_u64(obj, path), 0);
	tk_expect(obj.prog, VR_ABSENT, 0);
	assert_int_equal(vr_try_u64(obj, path, &value), VR_ABSENT);
	assert_false(vr_has(obj, path));
	assert_false(vr_ok(vr_get(obj, path)));
	tk_expect(obj.prog, VR_ABSENT, 0);
	assert_int_equal(vr_try_get(obj, path, &out), VR_ABSENT);
	assert_false(vr_ok(out));
	tk_expect(obj.prog, VR_OK, 0);
}

static void test_paths_that_do_not_fit(void **state)
{
	static const char *const paths[] = {
		"missing",
		"missing|gone",
		"inner.missing",
		"inner->a",
		"raw.a",
		"node.id",
		"inner.a.b",
		"inner[0]",
		"pairs[3].a",
		"matrix[1][3]",
		"matrix[2][0]",
		"matrix[0][0][0]",
		"pointer->x",
		"pointer[1]",
		"nothing->x",
		"nothing[0]",
		/* Malformed. */
		"pairs[",
		"pairs[]",
		"pairs[x]",
		"pairs[1",
		"pairs[1.a",
		"pairs[1]a",
		"pairs[1|2].a",
		"pairs[18446744073709551615].a",
		"node[18446744073709551615].id",
		"inner..a",
		"inner.",
		"node->",
		"->",
		".",
		"inner a",
		"inner.a ",
		" inner.a",
		"inner-a",
		"node>id",
		"in\xff",
		"s32;",
	};
	struct vr_obj obj;
	struct place p;
	char longest[400] = "";

	(void)state;
	make(&p);
	obj = open_place(&p);
	for (size_t i = 0; i < VR_ARRAY_SIZE(paths); i++) {
		if (vr_has(obj, paths[i]))
			fail_msg("%s", paths[i]);
		check_absent(obj, paths[i]);
	}
	/* What was looked for is said. */
	vr_u64(obj, "inner.missing");
	assert_non_null(strstr(p.prog->scope->error.text, "missing"));
	assert_non_null(strstr(p.prog->scope->error.text, "struct pair"));
	tk_expect(p.prog, VR_ABSENT, 0);
	memset(longest, 'a', sizeof(longest) - 1);
	check_absent(obj, longest);
	/* As many pointers as there may be, and one more. */
	strcpy(longest, "node");
	for (int i = 0; i < VR_PATH_MAX_DEREFS; i++)
		strcat(longest, "->next");
	assert_true(vr_has(obj, longest));
	strcat(longest, "->next");
	check_absent(obj, longest);
	/* There, but no integer. */
	assert_int_equal(vr_u64(obj, "inner"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_u64(obj, ""), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_u64(obj, "pairs"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	tk_free(p.k);
}

static void test_integers(void **state)
{
	struct place p;
	struct thing *t = make(&p);
	struct vr_obj obj;

	(void)state;
	memset(&t->s8, 0xfe, offsetof(struct thing, yes));
	t->yes = true;
	t->color = BLUE;
	t->sign = MINUS;
	t->pointer = tk_va(void, 0xffff888012345678);
	obj = open_place(&p);
	check_u64(obj, "s8", (uint64_t)-2);
	check_u64(obj, "u8", 0xfe);
	check_u64(obj, "s16", (uint64_t)-0x102);
	check_u64(obj, "u16", 0xfefe);
	check_u64(obj, "s32", (uint64_t)-0x1010102);
	check_u64(obj, "u32", 0xfefefefe);
	check_u64(obj, "s64", 0xfefefefefefefefe);
	check_u64(obj, "u64", 0xfefefefefefefefe);
	check_u64(obj, "yes", 1);
	check_u64(obj, "color", 8);
	check_u64(obj, "sign", (uint64_t)-3);
	check_u64(obj, "pointer", 0xffff888012345678);
	assert_int_equal(vr_s64(obj, "s8"), -2);
	assert_int_equal(vr_s64(obj, "sign"), -3);
	tk_free(p.k);
}

#define CHECK_BITS(obj, b, member)                                                                 \
	do {                                                                                       \
		check_u64((obj), #member, (uint64_t)(int64_t)(b)->member);                         \
		assert_int_equal(vr_get((obj), #member).bit_size != 0, true);                      \
	} while (0)

static void check_bits(struct vr_obj obj, const struct bits *b)
{
	CHECK_BITS(obj, b, low);
	CHECK_BITS(obj, b, mid);
	CHECK_BITS(obj, b, neg);
	CHECK_BITS(obj, b, flag);
	CHECK_BITS(obj, b, top);
	CHECK_BITS(obj, b, wide);
	CHECK_BITS(obj, b, wide_neg);
	CHECK_BITS(obj, b, all);
	CHECK_BITS(obj, b, tiny);
	CHECK_BITS(obj, b, rest);
	CHECK_BITS(obj, b, color);
}

/* The compiler says what the values are, for random bytes and where a page ends at each byte. */
static void test_bitfields(void **state)
{
	enum { ROUNDS = 200 };
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t at = tk_alloc(k, (uint64_t)ROUNDS * sizeof(struct bits)), x = 88172645463325252ull;
	uint64_t pages = tk_alloc(k, 2 * TK_PAGE);
	struct vr_program *prog;
	uint8_t *bytes = tk_ptr(k, at);

	(void)state;
	for (size_t i = 0; i < ROUNDS * sizeof(struct bits); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes[i] = (uint8_t)x;
	}
	prog = tk_open(k);
	for (size_t i = 0; i < ROUNDS; i++) {
		uint64_t va = at + i * sizeof(struct bits);

		check_bits(vr_at(prog, "struct bits", va), tk_ptr(k, va));
	}
	for (uint64_t n = 1; n < sizeof(struct bits); n++) {
		uint64_t va = pages + TK_PAGE - n;
		struct bits copy;

		memcpy(tk_ptr(k, va), bytes + n, sizeof(copy));
		memcpy(&copy, bytes + n, sizeof(copy));
		prog = tk_open(k);
		check_bits(vr_at(prog, "struct bits", va), &copy);
	}
	tk_free(k);
}

static void test_packed_bitfields(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t at = tk_alloc(k, sizeof(struct packed)), value;
	struct packed *b = tk_ptr(k, at);
	struct vr_program *prog;
	struct vr_obj obj;

	(void)state;
	memset(b, 0x5a, sizeof(*b));
	b->eight = 0x123456789abcdefull;
	b->across = -12345;
	b->after = 0x7654321;
	prog = tk_open(k);
	assert_int_equal(vr_sizeof(prog, "struct packed"), sizeof(struct packed));
	obj = vr_at(prog, "struct packed", at);
	check_u64(obj, "before", b->before);
	check_u64(obj, "eight", b->eight);
	check_u64(obj, "across", (uint64_t)-12345);
	check_u64(obj, "after", 0x7654321);
	/* 64 bits from the middle of a byte on: more than any kernel has. */
	assert_int_equal(vr_u64(obj, "nine"), 0);
	tk_expect(prog, VR_UNSUPPORTED, 0);
	assert_int_equal(vr_try_u64(obj, "nine", &value), VR_UNSUPPORTED);
	tk_free(k);
}

static void test_reads_that_fault(void **state)
{
	struct place p;
	struct thing *t = make(&p);
	struct vr_obj obj, out;
	uint64_t value;

	(void)state;
	t->rows[0] = NULL;
	t->rows[1] = tk_va(struct pair, TK_NOWHERE);
	obj = open_place(&p);
	assert_int_equal(vr_u64(obj, "rows[1]->b"), 0);
	tk_expect(p.prog, VR_FAULT, TK_NOWHERE + 4);
	assert_int_equal(vr_u64(obj, "rows[0]->b"), 0);
	tk_expect(p.prog, VR_FAULT, 4);
	/* The third node's pointer is NULL: that can be got, what it leads to can't. */
	assert_int_equal(vr_u64(obj, "node->next->next->next"), 0);
	tk_expect(p.prog, VR_OK, 0);
	assert_int_equal(vr_u64(obj, "node->next->next->next->next->id"), 0);
	assert_non_null(strstr(p.prog->scope->error.text, "node->next->next->next->next->id"));
	assert_non_null(strstr(p.prog->scope->error.text, "not mapped"));
	tk_expect(p.prog, VR_FAULT, 0);
	assert_int_equal(vr_try_u64(obj, "rows[1]->b", &value), VR_FAULT);
	assert_int_equal(vr_try_get(obj, "rows[1]->b", &out), VR_OK);
	assert_int_equal(out.addr, TK_NOWHERE + 4);
	assert_int_equal(vr_try_get(obj, "node->next->next->next->next->next", &out), VR_FAULT);
	assert_false(vr_ok(out));
	tk_expect(p.prog, VR_OK, 0);
	/* A number that lies across the end of what is mapped. */
	obj = vr_at(p.prog, "unsigned long", TK_TEXT + TK_TEXT_PAGES * TK_PAGE - 3);
	assert_int_equal(vr_u64(obj, ""), 0);
	tk_expect(p.prog, VR_FAULT, TK_TEXT + TK_TEXT_PAGES * TK_PAGE);
	tk_free(p.k);
}

static void test_deref_and_index(void **state)
{
	struct place p;
	struct thing *t = make(&p);
	struct vr_obj obj, none;

	(void)state;
	t->pairs[2].b = 3;
	t->pointer = tk_va(void, p.nodes[0]);
	t->rows[1] = tk_va(struct pair, TK_NOWHERE);
	obj = open_place(&p);
	assert_int_equal(vr_u64(vr_deref(obj, "node"), "id"), 1000);
	assert_int_equal(vr_u64(vr_deref(vr_get(obj, "node"), ""), "id"), 1000);
	assert_int_equal(vr_u64(vr_index(vr_get(obj, "pairs"), 2), "b"), 3);
	assert_int_equal(vr_u64(vr_index(vr_get(obj, "node"), 2), "id"), 1002);
	assert_int_equal(vr_u64(vr_deref(vr_index(vr_get(obj, "nodes"), 1), ""), "id"), 1001);
	assert_int_equal(vr_deref(obj, "pointer").addr, p.nodes[0]);
	assert_int_equal(vr_u64(vr_deref(obj, "pointer"), ""), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	/* A flexible array has no length to check against, nor has the old way to write one. */
	assert_int_equal(vr_index(vr_get(obj, "one"), 3).addr,
			 p.at + offsetof(struct thing, one) + 24);
	assert_int_equal(vr_get(obj, "one[3]").addr, p.at + offsetof(struct thing, one) + 24);
	assert_int_equal(vr_index(vr_get(obj, "tail"), 1000).addr,
			 p.at + offsetof(struct thing, tail) + 4000);
	assert_int_equal(vr_u64(vr_cast(vr_get(obj, "pairs[2]"), "struct node"), "next"),
			 3ull << 32);
	assert_int_equal(vr_u64(vr_container_of(p.prog, p.nodes[1] + offsetof(struct node, pair),
						"struct node", "pair"),
				"id"),
			 1001);
	assert_int_equal(vr_container_of(p.prog, p.nodes[1] + 12, "struct node", "pair.b").addr,
			 p.nodes[1]);
	tk_expect(p.prog, VR_OK, 0);

#define CHECK_NONE(expr, kind)                                                                     \
	do {                                                                                       \
		none = (expr);                                                                     \
		assert_false(vr_ok(none));                                                         \
		tk_expect(p.prog, (kind), 0);                                                      \
	} while (0)
	CHECK_NONE(vr_deref(obj, "rows[0]"), VR_FAULT);
	CHECK_NONE(vr_deref(obj, "s32"), VR_ABSENT);
	CHECK_NONE(vr_deref(obj, "inner"), VR_ABSENT);
	CHECK_NONE(vr_deref(obj, "missing"), VR_ABSENT);
	CHECK_NONE(vr_deref(obj, "rows[1]->a"), VR_ABSENT);
	CHECK_NONE(vr_index(vr_get(obj, "pairs"), 3), VR_CORRUPT);
	CHECK_NONE(vr_index(vr_get(obj, "pairs"), ~0ull), VR_CORRUPT);
	CHECK_NONE(vr_index(vr_get(obj, "node"), ~0ull), VR_ABSENT);
	CHECK_NONE(vr_index(vr_get(obj, "inner"), 0), VR_ABSENT);
	CHECK_NONE(vr_index(vr_get(obj, "nothing"), 0), VR_FAULT);
	CHECK_NONE(vr_index(vr_get(obj, "pointer"), 0), VR_ABSENT);
	/* A NULL pointer has no elements, wherever those would be. */
	CHECK_NONE(vr_index(vr_get(obj, "rows[0]"), p.nodes[0] / sizeof(struct pair)), VR_FAULT);
	/* Nor has one that can't be read. */
	CHECK_NONE(vr_index(vr_at(p.prog, "struct pair *", TK_NOWHERE), 1), VR_FAULT);
	CHECK_NONE(vr_deref(vr_at(p.prog, "struct pair *", TK_NOWHERE), ""), VR_FAULT);
	CHECK_NONE(vr_cast(obj, "struct missing"), VR_ABSENT);
	CHECK_NONE(vr_cast(none, "struct pair"), VR_ABSENT);
	CHECK_NONE(vr_container_of(p.prog, p.at, "struct node", "missing"), VR_ABSENT);
	CHECK_NONE(vr_container_of(p.prog, p.at, "struct thing", "node->id"), VR_ABSENT);
	tk_free(p.k);
}

static void test_questions(void **state)
{
	struct vr_obj obj, out;
	struct place p;
	uint64_t addr;
	int64_t value;
	char buf[80];

	(void)state;
	make(&p);
	tk_symbol(p.k, 'd', "twice", TK_DATA + 0x2000);
	tk_symbol(p.k, 'd', "twice", TK_DATA + 0x2100);
	tk_symbol(p.k, 't', "a_function", TK_TEXT + 0x40);
	tk_symbol(p.k, 't', "another", TK_TEXT + 0x90);
	obj = open_place(&p);
	assert_true(vr_has_member(p.prog, "struct thing", "missing|inner.b"));
	assert_false(vr_has_member(p.prog, "struct thing", "missing"));
	assert_false(vr_has_member(p.prog, "struct missing", "a"));
	assert_int_equal(vr_sizeof(p.prog, "struct thing"), sizeof(struct thing));
	assert_int_equal(vr_sizeof(p.prog, "struct bits"), sizeof(struct bits));
	assert_int_equal(vr_offsetof(p.prog, "struct thing", "missing|pairs[1].b"),
			 offsetof(struct thing, pairs[1].b));
	assert_int_equal(vr_offsetof(p.prog, "struct thing", "high"), offsetof(struct thing, high));
	assert_int_equal(vr_constant(p.prog, "BLUE"), 8);
	assert_int_equal(vr_constant(p.prog, "MINUS"), -3);
	assert_int_equal(vr_enum_value(p.prog, "enum color", "GREEN", &value), VR_OK);
	assert_int_equal(value, 7);
	assert_int_equal(vr_enum_value(p.prog, "enum color", "PLUS", &value), VR_ABSENT);
	assert_true(vr_has_symbol(p.prog, "gone|the_thing"));
	assert_false(vr_has_symbol(p.prog, "gone"));
	assert_int_equal(vr_symbol(p.prog, "gone|the_thing"), p.at);
	assert_int_equal(vr_try_symbol(p.prog, "the_thing|gone", &addr), VR_OK);
	assert_int_equal(vr_try_global(p.prog, "gone|the_thing", "struct thing", &out), VR_OK);
	assert_int_equal(out.addr, obj.addr);
	assert_ptr_equal(out.type, obj.type);
	assert_string_equal(vr_symbolize(p.prog, TK_TEXT + 0x5c, buf, sizeof(buf)),
			    "a_function+0x1c/0x50");
	assert_string_equal(vr_symbolize(p.prog, 0x1234, buf, sizeof(buf)), "0x1234");
	assert_string_equal(vr_symbolize(p.prog, TK_TEXT + 0x5c, buf, 5), "a_fu");
	tk_expect(p.prog, VR_OK, 0);

	assert_int_equal(vr_sizeof(p.prog, "struct missing"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_offsetof(p.prog, "struct thing", "missing"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_offsetof(p.prog, "struct thing", "node->id"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_constant(p.prog, "PURPLE"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_symbol(p.prog, "gone"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	/* Which of the two is meant can't be told. */
	assert_int_equal(vr_symbol(p.prog, "twice"), 0);
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_false(vr_ok(vr_global(p.prog, "gone", "struct thing")));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_false(vr_ok(vr_global(p.prog, "the_thing", "struct missing")));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_try_global(p.prog, "gone", "struct thing", &out), VR_ABSENT);
	assert_int_equal(vr_try_global(p.prog, "the_thing", "struct missing", &out), VR_ABSENT);
	assert_false(vr_ok(out));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* ---- Bindings ---- */

static void test_bindings_are_kept(void **state)
{
	char one[] = "inner.b", other[] = "inner.b";
	const struct vr_binding *b, *missing;
	struct vr_obj obj;
	struct place p;

	(void)state;
	make(&p)->inner = (struct pair){1, 2};
	obj = open_place(&p);
	b = vr_path_bind(p.prog, obj.type, one);
	assert_int_equal(b->status, VR_OK);
	assert_ptr_equal(vr_path_bind(p.prog, obj.type, one), b);
	assert_ptr_equal(vr_path_bind(p.prog, obj.type, other), b);
	assert_int_equal(vr_u64(obj, one), 2);
	/* The same buffer, another text: as plugins do that print their paths. */
	strcpy(one, "inner.a");
	assert_ptr_not_equal(vr_path_bind(p.prog, obj.type, one), b);
	assert_int_equal(vr_u64(obj, one), 1);
	strcpy(one, "inner.c");
	missing = vr_path_bind(p.prog, obj.type, one);
	assert_int_equal(missing->status, VR_ABSENT);
	assert_ptr_equal(vr_path_bind(p.prog, obj.type, "inner.c"), missing);
	strcpy(one, "inner.b");
	assert_ptr_equal(vr_path_bind(p.prog, obj.type, one), b);
	/* The same text, another type. */
	assert_ptr_not_equal(vr_path_bind(p.prog, vr_type_find(p.prog, "struct node"), one), b);
	assert_int_equal(vr_u64(obj, "inner.b"), 2);
	tk_free(p.k);
}

static void test_many_bindings(void **state)
{
	enum { MANY = 20000 };
	const struct vr_binding *first = NULL;
	struct vr_obj obj;
	struct place p;

	(void)state;
	make(&p)->tail[3] = 77;
	obj = open_place(&p);
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			const struct vr_binding *b;
			char path[32];

			snprintf(path, sizeof(path), i % 2 ? "tail[%u]" : "none[%u]|tail[0]", i);
			b = vr_path_bind(p.prog, obj.type, path);
			assert_non_null(b);
			assert_int_equal(b->status, VR_OK);
			assert_int_equal(b->offsets[0],
					 offsetof(struct thing, tail) + (i % 2 ? 4 * i : 0));
			if (i == 3 && !round)
				first = b;
			if (i == 3)
				assert_ptr_equal(b, first);
		}
	}
	assert_int_equal(p.prog->binding_count, MANY);
	assert_int_equal(vr_u64(obj, "tail[3]"), 77);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_paths_that_do_not_fit),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_bitfields),
		cmocka_unit_test(test_packed_bitfields),
		cmocka_unit_test(test_reads_that_fault),
		cmocka_unit_test(test_deref_and_index),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_bindings_are_kept),
		cmocka_unit_test(test_many_bindings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
