// SPDX-License-Identifier: GPL-2.0-or-later
/* Types out of BTF: what a plugin sees of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "btf_kernel.h"

static int setup(void **state)
{
	struct kernel k;

	make_kernel(&k);
	*state = load(&k.b);
	bb_free(&k.b);
	return 0;
}

static int teardown(void **state)
{
	vr_types_free(*state);
	return 0;
}

static void test_names_of_integers(void **state)
{
	static const char *const same[][2] = {
		{"unsigned long", "long unsigned int"},
		{"long unsigned", "unsigned long int"},
		{"unsigned", "unsigned int"},
		{"short", "signed short int"},
		{"signed", "int"},
		{"long long", "long long signed int"},
		{" const  unsigned long", "unsigned long"},
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_ptr_equal(find(*state, same[i][0]), find(*state, same[i][1]));
	assert_int_equal(vr_type_size(find(*state, "u64")), 8);
	assert_int_equal(vr_type_kind(find(*state, "u64")), VR_TYPE_TYPEDEF);
	assert_int_equal(vr_type_kind(vr_type_strip(find(*state, "u64"))), VR_TYPE_INT);
	assert_true(vr_type_is_signed(find(*state, "char")));
	assert_false(vr_type_is_signed(find(*state, "u64")));
}

static void test_names_that_are_none(void **state)
{
	static const struct {
		const char *name;
		enum vr_err err;
	} bad[] = {
		{"struct nothing", VR_ABSENT},
		{"task_struct", VR_ABSENT},
		{"union task_struct", VR_ABSENT},
		{"unsigned char", VR_ABSENT},
		{"", VR_UNSUPPORTED},
		{"struct", VR_UNSUPPORTED},
		{"struct list_head foo", VR_UNSUPPORTED},
		{"int (*)(void)", VR_UNSUPPORTED},
		{"char [16", VR_UNSUPPORTED},
		{"long long long", VR_UNSUPPORTED},
		{"char [4] *", VR_UNSUPPORTED},
		{"unsigned u64", VR_UNSUPPORTED},
		{"*", VR_UNSUPPORTED},
		{"char []]", VR_UNSUPPORTED},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vr_error err = {0};

		assert_null(vr_types_find(*state, bad[i].name, &err));
		assert_int_equal(err.kind, bad[i].err);
	}
}

static void test_pointers_and_arrays(void **state)
{
	struct vr_member next;
	const struct vr_type *list = find(*state, "struct list_head"), *array;

	assert_int_equal(vr_type_member(list, "next", &next), VR_OK);
	assert_ptr_equal(find(*state, "struct list_head *"), next.type);
	assert_ptr_equal(vr_types_pointer_to(*state, list), next.type);
	assert_ptr_equal(find(*state, "struct task_struct**"),
			 find(*state, "struct task_struct * *"));
	assert_ptr_equal(vr_type_target(find(*state, "void *")), find(*state, "void"));
	array = find(*state, "char *[2][0x10]");
	assert_ptr_equal(array, find(*state, "char *[2][16]"));
	assert_int_equal(vr_type_length(array), 2);
	assert_int_equal(vr_type_length(vr_type_target(array)), 16);
	assert_int_equal(vr_type_size(array), 2 * 16 * 8);
	assert_int_equal(vr_type_size(find(*state, "u64 []")), 0);
	assert_null(vr_types_array_of(*state, list, UINT64_MAX / 8));
	assert_non_null(vr_types_array_of(*state, list, 0));
}

static void test_members(void **state)
{
	const struct vr_type *task = find(*state, "struct task_struct");
	struct vr_member member;
	size_t count;

	assert_int_equal(vr_type_size(task), 72);
	assert_non_null(vr_type_members(task, &count));
	assert_int_equal(count, 8);
	check_member(task, "state", 0, 0, 4);
	check_member(task, "on_rq", 32, 1, 4);
	check_member(task, "flags", 33, 3, 4);
	check_member(task, "raw", 64, 0, 8);
	check_member(task, "low", 64, 0, 4);
	check_member(task, "high", 96, 0, 4);
	check_member(task, "comm", 384, 0, 16);
	check_member(task, "tail", 576, 0, 0);
	assert_int_equal(vr_type_member(task, "pid", &member), VR_ABSENT);
	assert_int_equal(vr_type_member(task, "", &member), VR_ABSENT);
	assert_int_equal(vr_type_member(find(*state, "u64"), "state", &member), VR_ABSENT);
	assert_int_equal(vr_type_member(task, "parent", &member), VR_OK);
	assert_ptr_equal(vr_type_strip(vr_type_target(member.type)), task);
}

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		enum vr_err rc;
		uint64_t offset;
	} paths[] = {
		{"state", VR_OK, 0},
		{"high", VR_OK, 12},
		{"tasks", VR_OK, 16},
		{"tasks[1]", VR_OK, 32},
		{"tasks[1].prev", VR_OK, 40},
		{"comm[15]", VR_OK, 63},
		{"tail[1000]", VR_OK, 1072},
		{"comm[16]", VR_ABSENT, 0},
		{"tasks[2].next", VR_ABSENT, 0},
		{"tail[99999999999999999999]", VR_UNSUPPORTED, 0},
		{"tail[9223372036854775807]", VR_ABSENT, 0},
		{"state[0]", VR_ABSENT, 0},
		{"state.x", VR_ABSENT, 0},
		{"parent.state", VR_ABSENT, 0},
		{"flags", VR_UNSUPPORTED, 0},
		{"parent->state", VR_UNSUPPORTED, 0},
		{"", VR_UNSUPPORTED, 0},
		{"tasks.", VR_UNSUPPORTED, 0},
		{"tasks[1].", VR_UNSUPPORTED, 0},
		{"tasks[", VR_UNSUPPORTED, 0},
		{"tasks[1", VR_UNSUPPORTED, 0},
		{".state", VR_UNSUPPORTED, 0},
	};
	const struct vr_type *task = find(*state, "struct task_struct");

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		uint64_t offset = 0;

		assert_int_equal(vr_type_offsetof(task, paths[i].path, &offset), paths[i].rc);
		assert_int_equal(offset, paths[i].offset);
	}
}

static void test_spelling(void **state)
{
	static const char *const names[] = {
		"struct task_struct",
		"struct list_head *",
		"char [16]",
		"char *[2][16]",
		"u64",
		"long unsigned int",
		"void **",
		"unsigned int []",
	};
	struct vr_member member;
	char buf[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(vr_type_spell(find(*state, names[i]), buf, sizeof(buf)),
				    names[i]);
	vr_type_member(find(*state, "struct task_struct"), "parent", &member);
	assert_string_equal(vr_type_spell(member.type, buf, sizeof(buf)),
			    "const struct task_struct *");
	assert_string_equal(vr_type_spell(member.type, buf, 8), "const s");
	assert_string_equal(vr_type_spell(NULL, buf, 8), "");
}

static void test_functions(void **state)
{
	struct btf_builder b;
	uint32_t i, proto, ptr, array, none;
	struct vr_types *types;
	char buf[128];

	(void)state;
	bb_init(&b);
	i = bb_int(&b, "int", 4, true, 32, 0);
	proto = bb_type(&b, NULL, VR_BTF_FUNC_PROTO, false, 2, i);
	bb_u32(&b, 0);
	bb_u32(&b, proto + 1);
	bb_u32(&b, 0);
	bb_u32(&b, 0);
	ptr = bb_ptr(&b, proto);
	bb_type(&b, "printk", VR_BTF_FUNC, false, 1, proto);
	array = bb_array(&b, ptr, 3);
	none = bb_type(&b, NULL, VR_BTF_FUNC_PROTO, false, 0, 0);
	bb_ptr(&b, array);
	bb_type(&b, NULL, VR_BTF_CONST, false, 0, ptr);
	types = load(&b);
	bb_free(&b);
	/* A function that takes itself is spelled to some depth. */
	vr_type_spell(vr_type_of_id(types->sources[0], ptr), buf, sizeof(buf));
	assert_memory_equal(buf, "int (*)(int (*)(int (*)(", 24);
	assert_string_equal(vr_type_spell(vr_type_of_id(types->sources[0], none), buf, 128),
			    "void (void)");
	vr_type_spell(vr_type_of_id(types->sources[0], none + 1), buf, sizeof(buf));
	assert_memory_equal(buf, "int (*(*)[3])(", 14);
	vr_type_spell(vr_type_of_id(types->sources[0], none + 2), buf, sizeof(buf));
	assert_memory_equal(buf, "int (*const)(", 13);
	assert_string_equal(vr_type_name(vr_type_of_id(types->sources[0], ptr + 1)), "printk");
	assert_int_equal(vr_type_size(vr_type_of_id(types->sources[0], ptr + 1)), 0);
	assert_ptr_equal(vr_type_target(vr_type_of_id(types->sources[0], ptr + 1)),
			 vr_type_of_id(types->sources[0], i));
	vr_types_free(types);
}

/* Before kflag a bitfield was a member of a special integer type. */
static void test_old_bitfields(void **state)
{
	struct btf_builder b;
	uint32_t bits, shifted, td;
	struct vr_types *types;

	(void)state;
	bb_init(&b);
	bits = bb_int(&b, "unsigned int", 4, false, 5, 0);
	shifted = bb_int(&b, "unsigned int", 4, false, 4, 2);
	td = bb_type(&b, "odd_t", VR_BTF_TYPEDEF, false, 0, shifted);
	bb_struct(&b, "old", 8, 3);
	bb_member(&b, "a", bits, 3);
	bb_member(&b, "b", td, 32);
	bb_member(&b, "outside", shifted, 60);
	types = load(&b);
	bb_free(&b);
	check_member(find(types, "struct old"), "a", 3, 5, 4);
	check_member(find(types, "struct old"), "b", 34, 4, 4);
	/* 60 + 2 + 4 bits are more than 64: readable it must not be. */
	check_member(find(types, "struct old"), "outside", 62, 0, 0);
	vr_types_free(types);
}

static void check_value(struct vr_types *types, const char *type, const char *name, int64_t want)
{
	int64_t value = 77;

	assert_int_equal(vr_types_enum_value(types, type, name, &value), VR_OK);
	assert_true(value == want);
}

static void test_enums(void **state)
{
	struct btf_builder b;
	uint32_t e;
	struct vr_types *types;
	int64_t value;
	size_t count;

	(void)state;
	bb_init(&b);
	e = bb_type(&b, "kind", VR_BTF_ENUM, true, 2, 4);
	bb_enumerator(&b, "KIND_NONE", -1);
	bb_enumerator(&b, "KIND_ONE", 1);
	bb_type(&b, NULL, VR_BTF_ENUM, false, 2, 4);
	bb_enumerator(&b, "FLAG_TOP", INT32_MIN);
	bb_enumerator(&b, "KIND_ONE", 5);
	bb_type(&b, "wide", VR_BTF_ENUM64, false, 1, 8);
	bb_u32(&b, bb_name(&b, "WIDE"));
	bb_u32(&b, 2);
	bb_u32(&b, 0x80000000);
	bb_type(&b, "cut", VR_BTF_ENUM, false, 1, 8);
	bb_enumerator(&b, "CUT", 0);
	bb_type(&b, "declared", VR_BTF_ENUM, false, 0, 4);
	bb_type(&b, "kind_t", VR_BTF_TYPEDEF, false, 0, e);
	types = load(&b);
	bb_free(&b);
	check_value(types, NULL, "KIND_NONE", -1);
	check_value(types, NULL, "KIND_ONE", 1);
	check_value(types, "kind_t", "KIND_ONE", 1);
	check_value(types, "enum kind", "KIND_NONE", -1);
	check_value(types, NULL, "FLAG_TOP", 0x80000000);
	check_value(types, NULL, "WIDE", (int64_t)0x8000000000000002);
	assert_int_equal(vr_types_enum_value(types, NULL, "CUT", &value), VR_ABSENT);
	assert_int_equal(vr_types_enum_value(types, "enum cut", "CUT", &value), VR_ABSENT);
	assert_int_equal(vr_types_enum_value(types, "enum kind", "WIDE", &value), VR_ABSENT);
	assert_int_equal(vr_types_enum_value(types, "enum gone", "WIDE", &value), VR_ABSENT);
	assert_int_equal(vr_types_enum_value(types, NULL, "", &value), VR_ABSENT);
	assert_int_equal(vr_type_kind(find(types, "enum declared")), VR_TYPE_INCOMPLETE);
	assert_true(vr_type_is_signed(find(types, "kind_t")));
	vr_type_enumerators(find(types, "kind_t"), &count);
	assert_int_equal(count, 2);
	vr_types_free(types);
}

/* Linux 5.10: kflag says nothing, so small negative values do. */
static void test_old_enums(void **state)
{
	struct btf_builder b;
	struct vr_types *types;

	(void)state;
	bb_init(&b);
	bb_type(&b, "kind", VR_BTF_ENUM, false, 1, 4);
	bb_enumerator(&b, "KIND_NONE", -1);
	bb_type(&b, "flags", VR_BTF_ENUM, false, 1, 4);
	bb_enumerator(&b, "FLAG_TOP", INT32_MIN);
	types = load(&b);
	bb_free(&b);
	check_value(types, NULL, "KIND_NONE", -1);
	check_value(types, NULL, "FLAG_TOP", 0x80000000);
	vr_types_free(types);
}

static void test_declarations(void **state)
{
	struct btf_builder b;
	uint32_t declared, lonely, twice;
	struct vr_types *types;
	struct vr_type_source *source;

	(void)state;
	bb_init(&b);
	declared = bb_type(&b, "foo", VR_BTF_FWD, false, 0, 0);
	bb_struct(&b, "foo", 24, 0);
	lonely = bb_type(&b, "lonely", VR_BTF_FWD, true, 0, 0);
	twice = bb_type(&b, "twice", VR_BTF_FWD, false, 0, 0);
	bb_struct(&b, "twice", 1, 0);
	bb_struct(&b, "twice", 2, 0);
	types = load(&b);
	bb_free(&b);
	source = types->sources[0];
	assert_int_equal(vr_type_size(find(types, "struct foo")), 24);
	assert_int_equal(vr_type_kind(vr_type_of_id(source, declared)), VR_TYPE_INCOMPLETE);
	assert_ptr_equal(vr_type_strip(vr_type_of_id(source, declared)), find(types, "struct foo"));
	assert_ptr_equal(find(types, "union lonely"), vr_type_of_id(source, lonely));
	assert_null(vr_types_find(types, "struct lonely", NULL));
	/* The first of two definitions by name, but neither for a declaration that may mean both.
	 */
	assert_int_equal(vr_type_size(find(types, "struct twice")), 1);
	assert_int_equal(vr_type_kind(vr_type_strip(vr_type_of_id(source, twice))),
			 VR_TYPE_INCOMPLETE);
	vr_types_free(types);
}

static void test_variables(void **state)
{
	struct btf_builder b;
	uint32_t i, var;
	struct vr_types *types;

	(void)state;
	bb_init(&b);
	i = bb_int(&b, "int", 4, true, 32, 0);
	var = bb_type(&b, "cpu_number", VR_BTF_VAR, false, 0, i);
	bb_u32(&b, 1);
	bb_type(&b, ".data..percpu", VR_BTF_DATASEC, false, 1, 4096);
	bb_u32(&b, var);
	bb_u32(&b, 64);
	bb_u32(&b, 4);
	bb_type(&b, "tagged", VR_BTF_DECL_TAG, false, 0, i);
	bb_u32(&b, UINT32_MAX);
	bb_type(&b, "rcu", VR_BTF_TYPE_TAG, false, 0, i);
	types = load(&b);
	bb_free(&b);
	assert_ptr_equal(vr_types_variable(types, "cpu_number"), find(types, "int"));
	assert_null(vr_types_variable(types, "int"));
	assert_null(vr_types_variable(types, ".data..percpu"));
	assert_null(vr_types_find(types, "cpu_number", NULL));
	assert_int_equal(vr_type_kind(vr_type_of_id(types->sources[0], 5)), VR_TYPE_CONST);
	assert_int_equal(vr_types_count(types), 5);
	vr_types_free(types);
}

static void add_module(struct vr_types *types, const char *name, const struct btf_builder *b)
{
	struct vr_error err = {0};
	size_t len;
	unsigned char *blob = bb_blob(b, &len);

	if (vr_types_add_module_btf(types, name, blob, len, &err))
		fail_msg("%s", err.text);
}

static void test_modules(void **state)
{
	struct kernel k;
	struct btf_builder one, two;
	struct vr_types *types;
	struct vr_member member;
	uint32_t own;
	size_t before;

	(void)state;
	make_kernel(&k);
	types = load(&k.b);
	before = vr_types_count(types);
	bb_init_split(&one, &k.b);
	own = bb_struct(&one, "veth", 24, 2);
	bb_member(&one, "list", k.list_head, 0);
	bb_member(&one, "self", own + 1, 128);
	bb_ptr(&one, own);
	bb_struct(&one, "list_head", 99, 0);
	bb_init_split(&two, &k.b);
	bb_struct(&two, "tun", 8, 1);
	bb_member(&two, "veth", k.b.next_id + 1, 0);
	bb_ptr(&two, k.b.next_id + 2);
	bb_type(&two, "list_head", VR_BTF_FWD, false, 0, 0);
	add_module(types, "veth", &one);
	add_module(types, "tun", &two);
	assert_int_equal(vr_types_count(types), before + 6);
	assert_int_equal(vr_type_size(find(types, "struct list_head")), 16);
	assert_int_equal(vr_type_size(vr_types_find_in(types, "veth", "struct list_head", NULL)),
			 99);
	assert_int_equal(vr_type_size(vr_types_find_in(types, "tun", "struct list_head", NULL)),
			 16);
	assert_int_equal(vr_type_size(vr_types_find_in(types, "gone", "struct tun", NULL)), 8);
	assert_int_equal(vr_type_member(find(types, "struct veth"), "list", &member), VR_OK);
	assert_ptr_equal(member.type, find(types, "struct list_head"));
	assert_int_equal(vr_type_member(find(types, "struct veth"), "self", &member), VR_OK);
	assert_ptr_equal(member.type, find(types, "struct veth *"));
	/* A module's declaration finds vmlinux's definition. */
	assert_int_equal(vr_type_member(find(types, "struct tun"), "veth", &member), VR_OK);
	assert_int_equal(vr_type_size(vr_type_strip(vr_type_target(member.type))), 16);
	bb_free(&one);
	bb_free(&two);
	bb_free(&k.b);
	vr_types_free(types);
}

static void test_module_without_base(void **state)
{
	struct vr_types *types = vr_types_new();
	struct kernel k;
	struct vr_error err;
	unsigned char *blob;
	size_t len;

	(void)state;
	make_kernel(&k);
	blob = bb_blob(&k.b, &len);
	assert_int_equal(vr_types_add_module_btf(types, "veth", blob, len, &err), VR_ABSENT);
	assert_null(vr_types_find(types, "int", NULL));
	assert_non_null(vr_types_find(types, "void *", NULL));
	bb_free(&k.b);
	vr_types_free(types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_of_integers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pointers_and_arrays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_spelling, setup, teardown),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_old_bitfields),
		cmocka_unit_test(test_enums),
		cmocka_unit_test(test_old_enums),
		cmocka_unit_test(test_declarations),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_module_without_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
