// SPDX-License-Identifier: GPL-2.0-or-later
/* What forged and damaged BTF can't do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bits.h"
#include "btf_kernel.h"

/* Ask everything of every type. */
static void exercise(struct vr_types *types)
{
	for (size_t s = 0; s < types->source_count; s++) {
		struct vr_type_source *source = types->sources[s];

		for (uint32_t id = 0; id < source->btf->end_id; id++) {
			const struct vr_type *type = vr_type_of_id(source, id);
			const struct vr_member *members;
			struct vr_member member;
			uint64_t offset;
			char buf[80];
			size_t count;

			vr_type_spell(type, buf, sizeof(buf));
			vr_type_target(vr_type_strip(type));
			vr_type_enumerators(type, &count);
			members = vr_type_members(type, &count);
			for (size_t i = 0; i < count; i++) {
				uint64_t bits = members[i].bit_size
							? members[i].bit_size
							: vr_type_size(members[i].type) * 8;

				assert_true(members[i].type == types->broken ||
					    members[i].bit_offset + bits <=
						    vr_type_size(vr_type_strip(type)) * 8);
			}
			vr_type_member(type, "high", &member);
			vr_type_offsetof(type, "tasks[1].prev", &offset);
			vr_types_pointer_to(types, type);
			vr_types_array_of(types, type, 3);
		}
	}
}

static enum vr_err try_blob(const unsigned char *blob, size_t len)
{
	struct vr_types *types = vr_types_new();
	unsigned char *copy = malloc(len ? len : 1);
	struct vr_error err = {0};
	int64_t value;
	enum vr_err rc;

	memcpy(copy, blob, len);
	rc = vr_types_add_btf(types, copy, len, &err);
	if (rc)
		assert_int_equal(err.kind, rc);
	vr_types_find(types, "struct task_struct *", NULL);
	vr_types_find(types, "unsigned long", NULL);
	vr_types_variable(types, "cpu_number");
	vr_types_enum_value(types, NULL, "KIND_NONE", &value);
	exercise(types);
	vr_types_free(types);
	return rc;
}

static void add_enums(struct btf_builder *b)
{
	bb_type(b, "kind", VR_BTF_ENUM, true, 1, 4);
	bb_enumerator(b, "KIND_NONE", -1);
	bb_type(b, "wide", VR_BTF_ENUM64, false, 1, 8);
	bb_u32(b, bb_name(b, "WIDE"));
	bb_u32(b, 2);
	bb_u32(b, 3);
	bb_type(b, "foo", VR_BTF_FWD, false, 0, 0);
	bb_type(b, "cpu_number", VR_BTF_VAR, false, 0, 1);
	bb_u32(b, 1);
	bb_type(b, NULL, VR_BTF_FUNC_PROTO, false, 1, 1);
	bb_u32(b, 0);
	bb_u32(b, 2);
	bb_type(b, "fn", VR_BTF_FUNC, false, 1, b->next_id - 1);
}

static void test_cut_anywhere(void **state)
{
	struct kernel k;
	unsigned char *blob;
	size_t len;

	(void)state;
	make_kernel(&k);
	add_enums(&k.b);
	blob = bb_blob(&k.b, &len);
	assert_int_equal(try_blob(blob, len), VR_OK);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(try_blob(blob, cut), VR_CORRUPT);
	free(blob);
	bb_free(&k.b);
}

static void test_types_cut_anywhere(void **state)
{
	struct kernel k;
	unsigned char *blob;
	size_t len;

	(void)state;
	make_kernel(&k);
	add_enums(&k.b);
	blob = bb_blob(&k.b, &len);
	for (uint32_t cut = 0; cut < k.b.types.len; cut++) {
		memcpy(blob + 12, &cut, 4);
		try_blob(blob, len);
	}
	free(blob);
	bb_free(&k.b);
}

static void test_headers(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		enum vr_err rc;
	} bad[] = {
		{0, 0x19feb, VR_UNSUPPORTED}, {0, 0x10000, VR_CORRUPT},
		{0, 0x2eb9f, VR_UNSUPPORTED}, {0, 0x101eb9f, VR_UNSUPPORTED},
		{4, 0, VR_CORRUPT},           {4, UINT32_MAX, VR_CORRUPT},
		{8, UINT32_MAX, VR_CORRUPT},  {12, UINT32_MAX, VR_CORRUPT},
		{16, UINT32_MAX, VR_CORRUPT}, {20, UINT32_MAX, VR_CORRUPT},
		{20, 0, VR_CORRUPT},          {20, 5, VR_CORRUPT},
	};
	struct kernel k;

	(void)state;
	make_kernel(&k);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len;
		unsigned char *blob = bb_blob(&k.b, &len);

		memcpy(blob + bad[i].at, &bad[i].value, 4);
		assert_int_equal(try_blob(blob, len), bad[i].rc);
		free(blob);
	}
	bb_free(&k.b);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void test_random_damage(void **state)
{
	uint32_t seed = 20240229;
	struct kernel k;
	unsigned char *blob;
	size_t len;

	(void)state;
	make_kernel(&k);
	add_enums(&k.b);
	blob = bb_blob(&k.b, &len);
	for (int i = 0; i < 5000; i++) {
		unsigned char *copy = malloc(len);

		memcpy(copy, blob, len);
		for (uint32_t n = next_random(&seed) % 4 + 1; n > 0; n--) {
			uint32_t at = next_random(&seed) % (len - 24) + 24;

			if (next_random(&seed) % 2)
				copy[at] ^= 1u << (next_random(&seed) % 8);
			else
				copy[at] = (unsigned char)next_random(&seed);
		}
		try_blob(copy, len);
		free(copy);
	}
	free(blob);
	bb_free(&k.b);
}

static void test_random_damage_of_module(void **state)
{
	uint32_t seed = 77;
	struct kernel base, own;
	unsigned char *blob;
	size_t len;

	(void)state;
	make_kernel(&base);
	bb_init_split(&own.b, &base.b);
	add_base_types(&own);
	add_task(&own);
	blob = bb_blob(&own.b, &len);
	for (int i = 0; i < 2000; i++) {
		struct vr_types *types = load(&base.b);
		unsigned char *copy = malloc(len);

		memcpy(copy, blob, len);
		for (int n = 0; n < 3 && i; n++)
			copy[next_random(&seed) % len] ^= 1u << (next_random(&seed) % 8);
		if (vr_types_add_module_btf(types, "m", copy, len, NULL) && i == 0)
			fail();
		exercise(types);
		vr_types_free(types);
	}
	free(blob);
	bb_free(&own.b);
	bb_free(&base.b);
}

static void check_nonsense(struct vr_types *types, uint32_t id)
{
	const struct vr_type *type = vr_type_of_id(types->sources[0], id);

	assert_int_equal(vr_type_kind(type), VR_TYPE_INCOMPLETE);
	assert_int_equal(vr_type_size(type), 0);
	assert_ptr_equal(vr_type_strip(type), type);
}

static void test_circles(void **state)
{
	struct btf_builder b;
	struct vr_types *types;
	struct vr_member member;
	uint64_t offset;

	(void)state;
	bb_init(&b);
	bb_type(&b, "a", VR_BTF_TYPEDEF, false, 0, 2);
	bb_type(&b, "b", VR_BTF_TYPEDEF, false, 0, 1);
	bb_type(&b, NULL, VR_BTF_CONST, false, 0, 3);
	bb_array(&b, 4, 1);          /* 4: an array of itself */
	bb_ptr(&b, 5);               /* 5: a pointer to itself is fine */
	bb_struct(&b, "self", 8, 3); /* 6: holds itself, twice */
	bb_member(&b, NULL, 6, 0);
	bb_member(&b, NULL, 6, 0);
	bb_member(&b, "inner", 6, 0);
	bb_type(&b, NULL, VR_BTF_FUNC_PROTO, false, 1, 7); /* 7: returns itself */
	bb_u32(&b, 0);
	bb_u32(&b, 7);
	bb_type(&b, "fn", VR_BTF_FUNC, false, 0, 8); /* 8: is its own prototype */
	types = load(&b);
	bb_free(&b);
	for (uint32_t id = 1; id <= 4; id++)
		check_nonsense(types, id);
	check_nonsense(types, 8);
	assert_int_equal(vr_type_size(vr_type_of_id(types->sources[0], 5)), 8);
	assert_int_equal(vr_type_member(find(types, "struct self"), "nope", &member), VR_CORRUPT);
	assert_int_equal(vr_type_offsetof(find(types, "struct self"), "inner", &offset),
			 VR_CORRUPT);
	exercise(types);
	vr_types_free(types);
}

static void test_measures_beyond_all(void **state)
{
	struct btf_builder b;
	struct vr_types *types;

	(void)state;
	bb_init(&b);
	bb_struct(&b, "big", UINT32_MAX, 0);
	bb_array(&b, 1, UINT32_MAX); /* 2: 2^64 - 2^33 + 1 bytes */
	bb_array(&b, 2, UINT32_MAX); /* 3 */
	bb_array(&b, 1, 1u << 30);   /* 4: nearly 2^62 */
	bb_struct(&b, "holder", 8, 2);
	bb_member(&b, "huge", 4, 0);
	bb_member(&b, "end", 1, 64);
	for (uint32_t i = 0; i < 100; i++) /* 6..105 */
		bb_type(&b, NULL, VR_BTF_CONST, false, 0, i ? 5 + i : 1);
	types = load(&b);
	bb_free(&b);
	check_nonsense(types, 2);
	check_nonsense(types, 3);
	assert_true(vr_type_size(vr_type_of_id(types->sources[0], 4)) == (uint64_t)UINT32_MAX
										 << 30);
	/* What lies outside its struct has no layout. */
	check_member(find(types, "struct holder"), "huge", 0, 0, 0);
	check_member(find(types, "struct holder"), "end", 64, 0, 0);
	assert_true(vr_type_size(vr_type_of_id(types->sources[0], 30)) == UINT32_MAX);
	check_nonsense(types, 105);
	exercise(types);
	vr_types_free(types);
}

static void test_records_that_lie(void **state)
{
	static const struct {
		uint32_t kind, vlen, value, body;
		enum vr_err rc;
	} bad[] = {
		{VR_BTF_STRUCT, 0xffff, 4, 0, VR_CORRUPT},
		{VR_BTF_ENUM, 0xffffff, 4, 0, VR_CORRUPT},
		{VR_BTF_FUNC_PROTO, 2, 0, 0, VR_CORRUPT},
		{VR_BTF_INT, 0, 17, 0, VR_CORRUPT},
		{VR_BTF_INT, 0, 4, 33, VR_CORRUPT},
		{VR_BTF_INT, 0, 0, 0, VR_CORRUPT},
		{VR_BTF_PTR, 0, 2, 0, VR_CORRUPT},
		{VR_BTF_FLOAT, 0, 0, 0, VR_CORRUPT},
		{VR_BTF_TYPEDEF, 0, UINT32_MAX, 0, VR_CORRUPT},
		{0, 0, 0, 0, VR_UNSUPPORTED},
		{VR_BTF_KINDS, 0, 0, 0, VR_UNSUPPORTED},
		{127, 0, 0, 0, VR_UNSUPPORTED},
		{VR_BTF_ENUM, 0, 3, 0, VR_CORRUPT},
		{VR_BTF_INT, 0, 4, 32, VR_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct btf_builder b;
		unsigned char *blob;
		size_t len;

		bb_init(&b);
		bb_type(&b, "x", bad[i].kind, false, bad[i].vlen, bad[i].value);
		if (bad[i].kind == VR_BTF_INT)
			bb_u32(&b, bad[i].body);
		blob = bb_blob(&b, &len);
		assert_int_equal(try_blob(blob, len), bad[i].rc);
		free(blob);
		bb_free(&b);
	}
}

/* However many share a name, finding them doesn't take the square of it. */
static void test_many_namesakes(void **state)
{
	struct btf_builder b;
	uint32_t name;
	struct vr_types *types;

	(void)state;
	bb_init(&b);
	name = bb_name(&b, "same");
	for (int i = 0; i < 300000; i++) {
		bb_u32(&b, name);
		bb_u32(&b, VR_BTF_STRUCT << 24);
		bb_u32(&b, (uint32_t)i);
	}
	types = load(&b);
	bb_free(&b);
	assert_int_equal(vr_type_size(find(types, "struct same")), 0);
	assert_int_equal(vr_types_count(types), 300000);
	vr_types_free(types);
}

/* ---- Parts that can't be read ---- */

static void lose(unsigned char *blob, size_t len, struct vr_holes *holes, size_t at, size_t n)
{
	size_t end = VR_MIN(at + n, len);

	memset(blob + at, 0, end - at);
	vr_holes_add(holes, at, end);
}

/* Types of whole records only, each as it is without the hole; all else is lost, not absent. */
static void check_against(struct vr_types *holed, struct vr_types *whole)
{
	struct vr_btf *all = whole->sources[0]->btf, *some = holed->sources[0]->btf;

	assert_true(some->end_id <= all->end_id);
	for (uint32_t id = 1; id < some->end_id; id++) {
		struct vr_btf_record a, b;
		const char *name;

		vr_btf_record(all, id, &a);
		vr_btf_record(some, id, &b);
		assert_true(a.kind == b.kind && a.vlen == b.vlen && a.value == b.value);
		name = vr_btf_string(some, b.name);
		if (*name && *name != VR_BTF_LOST_NAME)
			assert_string_equal(name, vr_btf_string(all, a.name));
		if (!*name)
			assert_string_equal(vr_btf_string(all, a.name), "");
	}
}

static void test_holes(void **state)
{
	static const struct vr_error why = {.kind = VR_FAULT, .text = "a hole"};
	struct vr_types *whole = vr_types_new();
	size_t len, opened = 0;
	unsigned char *blob, *first;
	struct kernel k;

	(void)state;
	make_kernel(&k);
	add_enums(&k.b);
	blob = bb_blob(&k.b, &len);
	first = malloc(len);
	memcpy(first, blob, len);
	assert_int_equal(vr_types_add_btf(whole, first, len, NULL), VR_OK);
	for (size_t at = 0; at < len; at += 3) {
		struct vr_types *types = vr_types_new();
		unsigned char *copy = malloc(len);
		struct vr_holes holes = {0};
		struct vr_error err;
		struct vr_member member;
		enum vr_err r;

		memcpy(copy, blob, len);
		lose(copy, len, &holes, at, 16);
		r = vr_types_add_holed_btf(types, copy, len, &holes, &err);
		vr_types_set_lack(types, &why);
		if (r == VR_OK) {
			const struct vr_type *type =
				vr_types_find(types, "struct task_struct", &err);

			check_against(types, whole);
			exercise(types);
			if (!type)
				assert_int_equal(err.kind, VR_FAULT);
			else if (vr_type_member(type, "no_such_member", &member) != VR_FAULT)
				assert_int_equal(vr_type_member(type, "no_such_member", &member),
						 VR_ABSENT);
			assert_null(vr_types_find(types, "struct no_such_type", &err));
			assert_int_equal(err.kind, VR_FAULT);
			opened++;
		} else {
			assert_int_equal(r, VR_FAULT);
		}
		vr_holes_free(&holes);
		vr_types_free(types);
	}
	assert_true(opened > len / 3 - 30);
	vr_types_free(whole);
	free(blob);
	bb_free(&k.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_types_cut_anywhere),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_random_damage_of_module),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_measures_beyond_all),
		cmocka_unit_test(test_records_that_lie),
		cmocka_unit_test(test_many_namesakes),
		cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
