// SPDX-License-Identifier: GPL-2.0-or-later
/* Required and optional reads, scopes, strings and bytes: what latches, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/list.h"
#include "kernel/rbtree.h"
#include "kernel/xarray.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct hlist_head { struct hlist_node *first; };
	struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
	struct rb_root { struct rb_node *rb_node; };
	struct xarray { unsigned int xa_flags; void *xa_head; };
	struct xa_node { unsigned char shift; void *slots[64]; };
	struct item {
		int value; struct item *other; struct item *bad;
		struct list_head list; struct hlist_head hash; struct rb_root tree;
		struct xarray xa;
		char comm[16]; char *name; char *text_end; char *no_end; char *nothing;
		unsigned char raw[4]; char flexible[];
	};
)
/* clang-format on */

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t at;
	struct item *item;
};

static struct vr_obj open_item(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_global(p->prog, "item", "struct item");
}

static struct item *make(struct place *p)
{
	p->k = tk_new((struct tk_spec){.types = types});
	p->at = tk_global(p->k, "item", sizeof(struct item) + 64);
	p->item = tk_ptr(p->k, p->at);
	p->item->value = 42;
	p->item->bad = tk_va(struct item, TK_NOWHERE);
	p->item->other = tk_va(struct item, p->at);
	p->item->list.next = p->item->list.prev =
		tk_va(struct list_head, p->at + offsetof(struct item, list));
	return p->item;
}

/* ---- Scopes ---- */

static void test_first_error_stays(void **state)
{
	struct place p;
	struct vr_scope scope;
	struct vr_obj obj;

	(void)state;
	make(&p);
	obj = open_item(&p);
	vr_scope_enter(p.prog, &scope);
	assert_false(vr_failed(p.prog));
	assert_int_equal(vr_u64(obj, "bad->value"), 0);
	assert_true(vr_failed(p.prog));
	assert_int_equal(vr_u64(obj, "missing"), 0);
	vr_latch(p.prog, VR_CORRUPT, "later");
	assert_int_equal(scope.error.kind, VR_FAULT);
	assert_int_equal(scope.error.addr, TK_NOWHERE);
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_FAULT);
	/* It stayed in that scope. */
	assert_false(vr_failed(p.prog));
	assert_int_equal(vr_u64(obj, "value"), 42);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* Everything that is required gives nothing at once after a failure; nothing reads memory. */
static void test_failed_scope_is_quiet(void **state)
{
	static const struct vr_view_field fields[] = {{.path = "value", .size = 4}};
	struct vr_obj obj, out;
	const struct vr_view *view;
	struct vr_scope scope;
	struct place p;
	uint64_t faults, value = 0;
	int filled = 7;
	char buf[16] = "x", bytes[4] = "abc";
	struct vr_list_walk list;
	struct vr_list_walk hash;
	struct vr_rbtree_walk tree;
	struct vr_xarray_walk xa;

	(void)state;
	make(&p);
	obj = open_item(&p);
	view = vr_view_bind(p.prog, "struct item", fields, 1);
	list = vr_list_begin(vr_get(obj, "list"), "struct item", "list");
	vr_scope_enter(p.prog, &scope);
	vr_u64(obj, "bad->value");
	faults = p.prog->as->faults[VR_MEM_UNMAPPED];
	assert_int_equal(vr_u64(obj, "value"), 0);
	assert_int_equal(vr_u64(obj, "bad->value"), 0);
	assert_string_equal(vr_str(obj, "comm", buf, sizeof(buf)), "");
	assert_false(vr_bytes(obj, "raw", bytes, 4));
	assert_memory_equal(bytes, "abc", 4);
	assert_false(vr_ok(vr_get(obj, "other")));
	assert_false(vr_ok(vr_deref(obj, "other")));
	assert_false(vr_ok(vr_index(vr_get(obj, "raw"), 0)));
	assert_false(vr_ok(vr_cast(obj, "struct item")));
	assert_false(vr_ok(vr_at(p.prog, "struct item", p.at)));
	assert_false(vr_ok(vr_global(p.prog, "item", "struct item")));
	assert_false(vr_ok(vr_container_of(p.prog, p.at, "struct item", "list")));
	assert_int_equal(vr_symbol(p.prog, "item"), 0);
	assert_int_equal(vr_sizeof(p.prog, "struct item"), 0);
	assert_int_equal(vr_offsetof(p.prog, "struct item", "list"), 0);
	assert_null(vr_view_bind(p.prog, "struct item", fields, 1));
	assert_false(vr_view_fill(p.prog, view, p.at, &filled));
	assert_int_equal(filled, 7);
	assert_false(vr_list_next(&list));
	hash = vr_hlist_begin(vr_get(obj, "hash"), "struct item", "hash");
	assert_false(vr_list_next(&hash));
	tree = vr_rbtree_begin(vr_get(obj, "tree"), "struct item", "tree");
	assert_false(vr_rbtree_next(&tree));
	xa = vr_xarray_begin(vr_get(obj, "xa"));
	assert_false(vr_xarray_next(&xa));
	assert_int_equal(p.prog->as->faults[VR_MEM_UNMAPPED], faults);
	assert_int_equal(scope.cuts, 0);
	/* Optional reads go on. */
	assert_int_equal(vr_try_u64(obj, "value", &value), VR_OK);
	assert_int_equal(value, 42);
	assert_int_equal(vr_try_get(obj, "other->value", &out), VR_OK);
	assert_true(vr_has(obj, "value"));
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_FAULT);
	tk_free(p.k);
}

static void test_scopes_nest(void **state)
{
	struct vr_scope outer, inner, third;
	struct vr_obj obj;
	struct place p;

	(void)state;
	make(&p);
	obj = open_item(&p);
	vr_scope_enter(p.prog, &outer);
	vr_scope_enter(p.prog, &inner);
	vr_u64(obj, "missing");
	assert_int_equal(vr_scope_leave(p.prog, &inner), VR_ABSENT);
	assert_false(vr_failed(p.prog));
	assert_int_equal(vr_u64(obj, "value"), 42);
	vr_latch(p.prog, VR_CORRUPT, "%s %d", "count", 5);
	vr_scope_enter(p.prog, &inner);
	/* A fresh one, though the outer one has failed. */
	assert_false(vr_failed(p.prog));
	assert_int_equal(vr_u64(obj, "value"), 42);
	vr_scope_enter(p.prog, &third);
	/* Whoever forgets to leave inner scopes leaves them with the outer one. */
	assert_int_equal(vr_scope_leave(p.prog, &outer), VR_CORRUPT);
	assert_string_equal(outer.error.text, "count 5");
	assert_ptr_equal(p.prog->scope, &p.prog->base);
	/* One that was left already changes nothing. */
	vr_scope_leave(p.prog, &third);
	vr_scope_leave(p.prog, &outer);
	assert_ptr_equal(p.prog->scope, &p.prog->base);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* An object that could not be had in one scope, asked in another. */
static void test_lost_objects(void **state)
{
	struct vr_scope scope;
	struct vr_obj obj, lost;
	struct place p;
	uint64_t value;
	char buf[8];

	(void)state;
	make(&p);
	obj = open_item(&p);
	lost = vr_deref(obj, "nothing");
	assert_false(vr_ok(lost));
	vr_scope_enter(p.prog, &scope);
	assert_int_equal(vr_u64(lost, "value"), 0);
	assert_int_equal(scope.error.kind, VR_FAULT);
	vr_scope_leave(p.prog, &scope);
	tk_expect(p.prog, VR_FAULT, 0);
	assert_string_equal(vr_str(lost, "comm", buf, sizeof(buf)), "");
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_false(vr_bytes(lost, "raw", buf, 4));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_int_equal(vr_try_u64(lost, "value", &value), VR_ABSENT);
	assert_int_equal(vr_try_str(lost, "comm", buf, sizeof(buf)), VR_ABSENT);
	assert_int_equal(vr_try_get(lost, "comm", &obj), VR_ABSENT);
	assert_false(vr_has(lost, "value"));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_optional_reads_latch_nothing(void **state)
{
	struct vr_obj obj, out;
	struct place p;
	uint64_t value = 9;
	char buf[16];

	(void)state;
	make(&p)->name = tk_va(char, TK_NOWHERE);
	obj = open_item(&p);
	assert_int_equal(vr_try_u64(obj, "missing", &value), VR_ABSENT);
	assert_int_equal(vr_try_u64(obj, "list", &value), VR_ABSENT);
	assert_int_equal(vr_try_u64(obj, "bad->value", &value), VR_FAULT);
	assert_int_equal(vr_try_str(obj, "name", buf, sizeof(buf)), VR_FAULT);
	assert_int_equal(vr_try_str(obj, "nothing", buf, sizeof(buf)), VR_FAULT);
	assert_int_equal(vr_try_str(obj, "missing", buf, sizeof(buf)), VR_ABSENT);
	assert_int_equal(vr_try_str(obj, "value", buf, sizeof(buf)), VR_ABSENT);
	assert_int_equal(vr_try_get(obj, "missing", &out), VR_ABSENT);
	assert_int_equal(vr_try_symbol(p.prog, "missing", &value), VR_ABSENT);
	assert_int_equal(vr_read(p.prog, TK_NOWHERE, buf, 8, NULL), VR_FAULT);
	assert_false(vr_has_member(p.prog, "struct nothing", "x"));
	tk_expect(p.prog, VR_OK, 0);
	tk_expect_cut(p.prog, VR_OK);
	tk_free(p.k);
}

static void test_cuts(void **state)
{
	struct vr_scope scope;
	struct place p;

	(void)state;
	make(&p);
	open_item(&p);
	vr_scope_enter(p.prog, &scope);
	vr_cut(p.prog, VR_CORRUPT, "a %s", "cycle");
	vr_cut(p.prog, VR_FAULT, "another");
	assert_int_equal(scope.cuts, 2);
	assert_int_equal(scope.cut.kind, VR_CORRUPT);
	assert_string_equal(scope.cut.text, "a cycle");
	/* No failure: reads go on. */
	assert_false(vr_failed(p.prog));
	assert_int_equal(vr_scope_leave(p.prog, &scope), VR_OK);
	tk_expect_cut(p.prog, VR_OK);
	/* A name from the dump may hold anything, of any length. */
	vr_latch(p.prog, VR_CORRUPT, "%0500d\n\033[2J", 7);
	assert_int_equal(strlen(p.prog->base.error.text), sizeof(p.prog->base.error.text) - 1);
	tk_expect(p.prog, VR_CORRUPT, 0);
	vr_latch(p.prog, VR_CORRUPT, "%s", "a\nb\033[2J");
	assert_string_equal(p.prog->base.error.text, "a?b?[2J");
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_free(p.k);
}

/* ---- Strings and bytes ---- */

#define CHECK_STR(path, size, want, kind)                                                          \
	do {                                                                                       \
		char buf[(size) + 1];                                                              \
		memset(buf, '#', sizeof(buf));                                                     \
		assert_string_equal(vr_str(obj, (path), buf, (size)), (want));                     \
		assert_int_equal(buf[(size)], '#');                                                \
		tk_expect(p.prog, (kind), 0);                                                      \
		assert_int_equal(vr_try_str(obj, (path), buf, (size)), (kind));                    \
		assert_int_equal(buf[(size)], '#');                                                \
		tk_expect(p.prog, VR_OK, 0);                                                       \
	} while (0)

static void test_strings(void **state)
{
	struct place p;
	struct item *item = make(&p);
	uint64_t pages = tk_alloc(p.k, 3 * TK_PAGE);
	uint64_t end = TK_TEXT + TK_TEXT_PAGES * TK_PAGE;
	struct vr_obj obj;

	(void)state;
	memcpy(item->comm, "0123456789abcdef", 16); /* no NUL */
	memcpy(item->raw, "abc", 4);
	strcpy((char *)item + offsetof(struct item, flexible), "at the end");
	item->name = tk_va(char, pages + TK_PAGE - 3);
	strcpy(tk_ptr(p.k, pages + TK_PAGE - 3), "across pages");
	item->text_end = tk_va(char, end - 4);
	strcpy(tk_ptr(p.k, end - 4), "end");
	obj = open_item(&p);
	CHECK_STR("comm", 32, "0123456789abcdef", VR_OK);
	CHECK_STR("comm", 17, "0123456789abcdef", VR_OK);
	CHECK_STR("comm", 16, "0123456789abcde", VR_OK); /* cut to fit */
	CHECK_STR("comm", 1, "", VR_OK);
	CHECK_STR("raw", 16, "abc", VR_OK);
	CHECK_STR("flexible", 16, "at the end", VR_OK);
	CHECK_STR("flexible", 10, "", VR_CORRUPT);
	CHECK_STR("name", 16, "across pages", VR_OK);
	CHECK_STR("name", 13, "across pages", VR_OK);
	CHECK_STR("name", 12, "", VR_CORRUPT);
	CHECK_STR("text_end", 16, "end", VR_OK);
	CHECK_STR("other->comm", 32, "0123456789abcdef", VR_OK);
	CHECK_STR("nothing", 16, "", VR_FAULT);
	CHECK_STR("bad->comm", 16, "", VR_FAULT);
	CHECK_STR("value", 16, "", VR_ABSENT);
	CHECK_STR("list", 16, "", VR_ABSENT);
	CHECK_STR("missing", 16, "", VR_ABSENT);
	assert_int_equal(vr_try_str(obj, "comm", NULL, 0), VR_LIMIT);
	assert_null(vr_str(obj, "comm", NULL, 0));
	tk_free(p.k);
}

/* Memory that ends in the middle of a string. */
static void test_strings_cut_off(void **state)
{
	struct place p;
	struct item *item = make(&p);
	uint64_t end = TK_TEXT + TK_TEXT_PAGES * TK_PAGE;
	struct vr_obj obj;
	char buf[32];

	(void)state;
	item->no_end = tk_va(char, end - 5);
	memcpy(tk_ptr(p.k, end - 5), "noend", 5);
	obj = open_item(&p);
	assert_string_equal(vr_str(obj, "no_end", buf, sizeof(buf)), "");
	tk_expect(p.prog, VR_FAULT, end);
	/* As much as fits lies before that: it is the string that has no end, then. */
	assert_string_equal(vr_str(obj, "no_end", buf, 5), "");
	tk_expect(p.prog, VR_CORRUPT, 0);
	assert_int_equal(vr_try_str(obj, "no_end", buf, sizeof(buf)), VR_FAULT);
	/* An array that lies across the end. */
	obj = vr_at(p.prog, "char [16]", end - 3);
	assert_string_equal(vr_str(obj, "", buf, sizeof(buf)), "");
	tk_expect(p.prog, VR_FAULT, end);
	tk_free(p.k);
}

static void test_bytes(void **state)
{
	struct place p;
	struct item *item = make(&p);
	uint64_t end = TK_TEXT + TK_TEXT_PAGES * TK_PAGE;
	struct vr_error err = {0};
	struct vr_obj obj;
	char buf[64];

	(void)state;
	memcpy(item->raw, "\1\2\3\4", 4);
	memcpy((char *)item + offsetof(struct item, flexible), "1234567", 8);
	memset(tk_ptr(p.k, end - 4), 'e', 4);
	obj = open_item(&p);
	assert_true(vr_bytes(obj, "raw", buf, 4));
	assert_memory_equal(buf, "\1\2\3\4", 4);
	assert_true(vr_bytes(obj, "raw", buf, 2));
	assert_true(vr_bytes(obj, "raw", buf, 0));
	assert_true(vr_bytes(obj, "flexible", buf, 8)); /* of unknown length */
	assert_memory_equal(buf, "1234567", 8);
	assert_true(vr_bytes(obj, "", buf, 8));
	tk_expect(p.prog, VR_OK, 0);
	assert_false(vr_bytes(obj, "raw", buf, 5));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_false(vr_bytes(obj, "missing", buf, 1));
	tk_expect(p.prog, VR_ABSENT, 0);
	assert_false(vr_bytes(obj, "bad->raw", buf, 1));
	tk_expect(p.prog, VR_FAULT, TK_NOWHERE + offsetof(struct item, raw));
	assert_int_equal(vr_read(p.prog, end - 4, buf, 4, &err), VR_OK);
	assert_memory_equal(buf, "eeee", 4);
	assert_int_equal(vr_read(p.prog, end - 4, buf, 5, &err), VR_FAULT);
	assert_int_equal(err.kind, VR_FAULT);
	assert_int_equal(err.addr, end);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_error_stays),
		cmocka_unit_test(test_failed_scope_is_quiet),
		cmocka_unit_test(test_scopes_nest),
		cmocka_unit_test(test_lost_objects),
		cmocka_unit_test(test_optional_reads_latch_nothing),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_strings_cut_off),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
