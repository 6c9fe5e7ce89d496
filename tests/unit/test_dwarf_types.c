// SPDX-License-Identifier: GPL-2.0-or-later
/* Types out of DWARF, as compilers write it, held against the BTF that GCC makes of the same source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compiled.h"

/* Every kind of type that C has, and a few that only the kernel needs. */
static const char source[] =
	"typedef unsigned long u64; typedef u64 twice; typedef const volatile u64 qualified;\n"
	"enum colour { RED, GREEN = 5, BLUE };\n"
	"enum error { NONE = -1, FINE, WORST = -4095 };\n"
	"enum flags { LOW = 1, HIGH = 0x40000000 };\n"
	"enum { NAMELESS_ONE = 41, NAMELESS_TWO };\n"
	"enum __attribute__((packed)) tiny { TINY = 200 };\n"
	"struct declared; union declared_union;\n"
	"struct list_head { struct list_head *next, *prev; };\n"
	"typedef struct { int counter; } atomic_t;\n"
	"typedef int (*handler_t)(const char *name, struct list_head *list, ...);\n"
	"struct bits { unsigned int a : 1, b : 5; int c : 7; unsigned long d : 40; _Bool e : 1;\n"
	"	enum colour f : 3; unsigned char : 0; signed char g : 2; };\n"
	"struct deep { union { u64 raw; struct { unsigned int low, high; }; };\n"
	"	struct { union { struct { char x, y; }; short z; }; }; };\n"
	"struct all {\n"
	"	char c; signed char sc; unsigned char uc; short s; unsigned short us; int i; "
	"unsigned int ui;\n"
	"	long l; unsigned long ul; long long ll; unsigned long long ull; __int128 i128;\n"
	"	unsigned __int128 u128; _Bool b; u64 u; twice t; qualified q;\n"
	"	const char *name; char *const fixed; const char *restrict limited; void *nothing;\n"
	"	const void *constant; void **twofold; enum colour colour; enum error error;\n"
	"	enum flags flags; enum tiny tiny; struct declared *declared;\n"
	"	union declared_union *also; struct list_head list; struct bits bits; struct deep "
	"deep;\n"
	"	int numbers[7]; struct list_head *lists[3]; const char letters[16]; handler_t "
	"handler;\n"
	"	void (*call)(void); int (*returns)(int (*)(long, char *), u64); atomic_t count;\n"
	"	struct all *parent; char tail[];\n"
	"};\n"
	"struct __attribute__((packed)) packed { char a; long b; short c; };\n"
	"struct aligned { char a; long b __attribute__((aligned(64))); };\n"
	"struct empty { };\n"
	"struct old { int count; char data[0]; };\n"
	"union choice { int number; char *text; struct list_head list; };\n"
	"struct bits bits; struct deep deep; struct all all; struct packed packed; struct aligned "
	"aligned;\n"
	"struct empty empty; struct old old; union choice choice; enum error error;\n"
	"int nameless = NAMELESS_ONE; handler_t handler; enum flags flags; enum tiny tiny; twice "
	"t;\n";

static const char *const names[] = {
	"u64",
	"twice",
	"qualified",
	"enum colour",
	"enum error",
	"enum flags",

	"enum tiny",
	"struct list_head",
	"atomic_t",
	"handler_t",
	"struct bits",
	"struct deep",
	"struct all",
	"struct packed",
	"struct aligned",
	"struct empty",
	"struct old",
	"union choice",
	"int",
	"unsigned int",
	"char",
	"long",
	"unsigned long",
	"_Bool",
};

static const char *spelled(const struct vr_type *type, char buf[1024])
{
	return vr_type_spell(type, buf, 1024);
}

static void assert_same(const struct vr_type *ours, const struct vr_type *btf, int depth);

static void assert_same_members(const struct vr_type *ours, const struct vr_type *btf, int depth)
{
	size_t count, wanted;
	const struct vr_member *a = vr_type_members(ours, &count);
	const struct vr_member *b = vr_type_members(btf, &wanted);

	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(a[i].name, b[i].name);
		assert_int_equal(a[i].bit_offset, b[i].bit_offset);
		assert_int_equal(a[i].bit_size, b[i].bit_size);
		assert_same(a[i].type, b[i].type, depth + 1);
	}
}

static void assert_same_names(const struct vr_type *ours, const struct vr_type *btf)
{
	size_t count, wanted;
	const struct vr_enumerator *a = vr_type_enumerators(ours, &count);
	const struct vr_enumerator *b = vr_type_enumerators(btf, &wanted);

	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(a[i].name, b[i].name);
		assert_int_equal(a[i].value, b[i].value);
	}
}

static void assert_same(const struct vr_type *ours, const struct vr_type *btf, int depth)
{
	char a[1024], b[1024];

	assert_non_null(ours);
	assert_non_null(btf);
	assert_string_equal(spelled(ours, a), spelled(btf, b));
	assert_int_equal(vr_type_kind(ours), vr_type_kind(btf));
	assert_int_equal(vr_type_size(ours), vr_type_size(btf));
	assert_int_equal(vr_type_length(ours), vr_type_length(btf));
	assert_int_equal(vr_type_is_signed(ours), vr_type_is_signed(btf));
	assert_same_names(ours, btf);
	if (depth < 8)
		assert_same_members(ours, btf, depth);
	if (depth < 8 && vr_type_target(btf))
		assert_same(vr_type_target(ours), vr_type_target(btf), depth + 1);
}

static void test_all_kinds_are_as_in_btf(void **state)
{
	static const char *const flags[] = {
		"-c -gdwarf-4",
		"-c -gdwarf-5",
		"-c -gdwarf-5 -O2",
		/* Each type has a section of its own, until it's linked. */
		"-c -gdwarf-4 -fdebug-types-section",
		"-c -gdwarf-5 -fdebug-types-section",
		"-r -nostdlib -gdwarf-4 -fdebug-types-section",
		"-c -gdwarf-5 -fdebug-types-section -gz=zlib",
		"-shared -nostdlib -fPIC -gdwarf-4 -fdebug-types-section",
		"-shared -nostdlib -fPIC -gdwarf-5 -fdebug-types-section",
		"-c -gdwarf-5 -gz=zlib",
		"-c -gdwarf-3 -gstrict-dwarf",
	};
	struct vr_debug_file *with_btf = compile(source, "-c -gbtf");
	struct vr_types *btf = vr_types_new();

	(void)state;
	assert_int_equal(vr_types_add_btf_of(btf, with_btf, NULL), VR_OK);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		struct vr_debug_file *file = compile(source, flags[i]);
		struct vr_types *types = dwarf_types(file);

		for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
			assert_same(vr_types_find(types, names[n], NULL),
				    vr_types_find(btf, names[n], NULL), 0);
		vr_types_free(types);
		vr_debug_file_free(file);
	}
	vr_types_free(btf);
	vr_debug_file_free(with_btf);
}

/* ---- What GCC's BTF doesn't say, or otherwise: large values, arrays of arrays, floats ---- */

static int setup(void **state)
{
	static const char more[] =
		"typedef int row[3]; typedef struct node { struct node *next; } node;\n"
		"struct tables { int cube[2][3][4]; row rows[5]; char open[][8]; };\n"
		"struct tables tables; int array[12]; extern int declared_only; extern long "
		"declared;\n"
		"long declared = 1; static const char *const words[] = {\"a\", \"b\"};\n"
		"enum { ONE = 1, MANY = 1000 }; enum sign { MINUS = -5 } sign;\n"
		"enum top { TOP = 0x80000000u } top; enum huge { HUGE = 0x123456789abcdefUL } "
		"huge;\n"
		"enum deep { DEEP = -0x123456789abcdefL, FLAT } deep;\n"
		"_Atomic int atomic; float real; node *head; int function(int a, struct node *b, "
		"...)\n"
		"{ struct local { int x; } l = {a}; return l.x + (int)(long)b + *words[a] + MANY; "
		"}\n"
		"int uses(void) { return declared_only; }\n";

	*state = compile(more, "-c -gdwarf-5 -O0");
	return 0;
}

static int teardown(void **state)
{
	vr_debug_file_free(*state);
	return 0;
}

static void test_arrays_of_arrays_are_one_array_as_in_btf(void **state)
{
	struct vr_types *types = dwarf_types(*state);
	const struct vr_type *tables = vr_types_find(types, "struct tables", NULL);
	struct vr_member m;
	char text[1024];

	assert_int_equal(vr_type_member(tables, "cube", &m), VR_OK);
	assert_string_equal(spelled(m.type, text), "int [24]");
	assert_int_equal(vr_type_size(m.type), 96);
	assert_int_equal(vr_type_member(tables, "rows", &m), VR_OK);
	assert_string_equal(spelled(m.type, text), "int [15]");
	assert_int_equal(vr_type_size(m.type), 60);
	assert_int_equal(vr_type_member(tables, "open", &m), VR_OK);
	assert_int_equal(vr_type_size(m.type), 0);
	vr_types_free(types);
}

static void test_variables_have_their_types(void **state)
{
	static const struct {
		const char *name, *type;
	} wanted[] = {
		{"tables", "struct tables"}, {"array", "int [12]"},
		{"declared", "long int"},    {"words", "const char *const [2]"},
		{"head", "node *"},          {"sign", "enum sign"},
		{"atomic", "int"},           {"real", "float"},
	};
	struct vr_types *types = dwarf_types(*state);
	char text[1024];

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		assert_string_equal(spelled(vr_types_variable(types, wanted[i].name), text),
				    wanted[i].type);
	assert_int_equal(vr_type_kind(vr_types_variable(types, "real")), VR_TYPE_FLOAT);
	assert_null(vr_types_variable(types, "declared_only"));
	assert_null(vr_types_variable(types, "no_such"));
	assert_null(vr_types_variable(types, ""));
	vr_types_free(types);
}

static void test_constants_by_name_alone(void **state)
{
	struct vr_types *types = dwarf_types(*state);
	int64_t value;

	assert_int_equal(vr_types_enum_value(types, NULL, "MANY", &value), VR_OK);
	assert_int_equal(value, 1000);
	assert_int_equal(vr_types_enum_value(types, NULL, "MINUS", &value), VR_OK);
	assert_int_equal(value, -5);
	assert_int_equal(vr_types_enum_value(types, "enum sign", "MINUS", &value), VR_OK);
	assert_int_equal(vr_types_enum_value(types, NULL, "TOP", &value), VR_OK);
	assert_int_equal(value, 0x80000000);
	assert_int_equal(vr_types_enum_value(types, NULL, "HUGE", &value), VR_OK);
	assert_true(value == 0x123456789abcdef);
	assert_int_equal(vr_types_enum_value(types, "enum deep", "DEEP", &value), VR_OK);
	assert_true(value == -0x123456789abcdef);
	assert_int_equal(vr_types_enum_value(types, NULL, "FEW", &value), VR_ABSENT);
	vr_types_free(types);
}

static void test_one_type_is_one_pointer(void **state)
{
	struct vr_types *types = dwarf_types(*state);
	const struct vr_type *node = vr_types_find(types, "struct node", NULL);
	struct vr_member next;

	assert_ptr_equal(node, vr_types_find(types, " const struct  node", NULL));
	assert_int_equal(vr_type_member(node, "next", &next), VR_OK);
	assert_ptr_equal(vr_type_target(next.type), node);
	assert_ptr_equal(vr_types_find(types, "struct node *", NULL),
			 vr_types_find(types, "struct node*", NULL));
	assert_int_equal(vr_type_kind(vr_types_find(types, "void *", NULL)), VR_TYPE_POINTER);
	assert_null(vr_types_find(types, "struct local", NULL));
	assert_null(vr_types_find(types, "struct nothing", NULL));
	vr_types_free(types);
}

/* ---- Several sources ---- */

static void test_types_of_a_module(void **state)
{
	struct vr_debug_file *kernel = compile("struct shared { int a, b; }; struct shared s;\n"
					       "struct hidden { long x; } h;",
					       "-c -gbtf");
	struct vr_debug_file *module =
		compile("struct hidden; struct shared { int a, b; };\n"
			"struct own { struct shared s; struct hidden *h; } o;",
			"-c -gdwarf-5");
	struct vr_types *types = vr_types_new();
	const struct vr_type *own;
	struct vr_member m;
	struct vr_error err;

	(void)state;
	assert_int_equal(vr_types_add_btf_of(types, kernel, NULL), VR_OK);
	assert_false(vr_types_has_source(types, "mine"));
	assert_int_equal(vr_types_add_dwarf_of(types, "mine", module, NULL), VR_OK);
	assert_true(vr_types_has_source(types, "mine"));
	assert_true(vr_types_has_source(types, NULL));
	assert_int_equal(vr_types_add_dwarf_of(types, "mine", module, &err), VR_UNSUPPORTED);
	own = vr_types_find(types, "struct own", NULL);
	assert_int_equal(vr_type_size(own), 16);
	assert_ptr_equal(vr_types_find_in(types, "mine", "struct own", NULL), own);
	/* What the module only declares is vmlinux's. */
	assert_int_equal(vr_type_member(own, "h", &m), VR_OK);
	assert_int_equal(vr_type_kind(vr_type_strip(vr_type_target(m.type))), VR_TYPE_STRUCT);
	assert_int_equal(vr_type_member(vr_type_target(m.type), "x", &m), VR_OK);
	assert_true(vr_types_has_btf(types));
	assert_ptr_equal(vr_types_find(types, "struct shared", NULL)->source, types->sources[0]);
	vr_types_free(types);
	vr_debug_file_free(kernel);
	vr_debug_file_free(module);
}

static void test_beside_whole_btf_only_variables_are_taken(void **state)
{
	struct vr_debug_file *btf =
		compile("struct a { int x; } a; struct b; struct b *p;", "-c -gbtf");
	struct vr_debug_file *dwarf =
		compile("struct a { int x; } a; struct b { int y; } b; enum { E = 3 }; int e = E;",
			"-c -gdwarf-5");
	struct vr_types *types = vr_types_new();
	char text[1024];
	int64_t value;

	(void)state;
	assert_int_equal(vr_types_add_btf_of(types, btf, NULL), VR_OK);
	assert_int_equal(vr_types_add_dwarf_of(types, NULL, dwarf, NULL), VR_OK);
	assert_int_equal(vr_type_kind(vr_types_find(types, "struct b", NULL)), VR_TYPE_INCOMPLETE);
	assert_int_equal(vr_types_enum_value(types, NULL, "E", &value), VR_ABSENT);
	assert_string_equal(spelled(vr_types_variable(types, "b"), text), "struct b");
	vr_types_free(types);
	vr_debug_file_free(btf);
	vr_debug_file_free(dwarf);
}

static void test_what_is_wrong_is_noted_when_a_variable_is_asked_for(void **state)
{
	struct vr_debug_file *btf = compile("struct a { int x; } a;", "-c -gbtf");
	struct vr_debug_file *dwarf = compile("struct b { int y; } b;", "-c -gdwarf-5");
	struct vr_types *types = vr_types_new();
	struct vr_dwarf_sections sections = {.abbrev = {"", 1}};
	const struct vr_error *damage;
	const char *of = "";
	size_t at = 0;

	(void)state;
	assert_int_equal(vr_types_add_btf_of(types, btf, NULL), VR_OK);
	assert_int_equal(vr_debug_file_section(dwarf, ".debug_info", &sections.info.data,
					       &sections.info.len, NULL),
			 VR_OK);
	assert_int_equal(vr_types_add_dwarf(types, NULL, &sections, NULL, "a-file", NULL), VR_OK);
	assert_false(vr_types_next_damage(types, &at, &of, &damage));
	for (int i = 0; i < 2; i++) {
		assert_null(vr_types_variable(types, "b"));
		at = 0;
		assert_true(vr_types_next_damage(types, &at, &of, &damage));
		assert_null(of);
		assert_ptr_equal(strstr(damage->text, "a-file: the unit"), damage->text);
		assert_false(vr_types_next_damage(types, &at, &of, &damage));
	}
	assert_non_null(vr_types_find(types, "struct a", NULL));
	vr_types_free(types);
	vr_debug_file_free(btf);
	vr_debug_file_free(dwarf);
}

/* A module's DWARF waits until a name is asked for that it may have. */
static void test_a_module_is_read_when_it_is_asked_for(void **state)
{
	static const char source_of_module[] =
		"struct mine { char c; unsigned char u; struct other *o; }; struct mine some;\n"
		"enum choice { FIRST_CHOICE = 7 }; enum choice e;\n"
		"typedef int abc; abc x; const char *s = \"a string of the code\";\n";
	static const struct {
		const char *type;
		bool read, found;
	} asked[] = {
		{"struct mine", true, true},
		{"struct other", true, true}, /* a declaration */
		{"abc", true, true},          /* too short for a table of strings */
		{"struct nobody", false, false},
		{"struct in", true, false}, /* it might be */
		{"struct code", false, false},
		{"struct ther", false, false},
	};
	struct vr_debug_file *btf = compile("struct a { int x; } a;", "-c -gbtf");
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct vr_debug_file *module = compile(source_of_module, "-c -gdwarf-5");
		struct vr_types *types = vr_types_new();

		assert_int_equal(vr_types_add_btf_of(types, btf, NULL), VR_OK);
		assert_int_equal(vr_types_add_dwarf_of(types, "mine", module, NULL), VR_OK);
		assert_int_equal(vr_types_add_dwarf_of(types, "mine", module, NULL),
				 VR_UNSUPPORTED);
		assert_true(vr_types_has_source(types, "mine"));
		assert_non_null(types->sources[1]->waiting);
		assert_non_null(vr_types_find(types, "struct a", NULL));
		assert_int_equal(vr_types_enum_value(types, NULL, "LAST_CHOICE", &value),
				 VR_ABSENT);
		assert_null(vr_types_variable(types, "none"));
		assert_non_null(types->sources[1]->waiting);
		assert_int_equal(vr_types_find(types, asked[i].type, NULL) != NULL, asked[i].found);
		assert_int_equal(types->sources[1]->waiting == NULL, asked[i].read);
		assert_int_equal(vr_types_enum_value(types, NULL, "FIRST_CHOICE", &value), VR_OK);
		assert_int_equal(value, 7);
		assert_null(types->sources[1]->waiting);
		assert_int_equal(vr_type_size(vr_types_variable(types, "some")), 16);
		vr_types_free(types);
		vr_debug_file_free(module);
	}
	vr_debug_file_free(btf);
}

static void test_a_damaged_module_is_noted_when_it_is_read(void **state)
{
	struct vr_debug_file *btf = compile("struct a { int x; } a;", "-c -gbtf");
	struct vr_debug_file *module =
		compile("struct mine { char c; unsigned char u; } m;", "-c -gdwarf-5");
	struct vr_types *types = vr_types_new();
	const struct vr_error *damage;
	const char *of = NULL;
	const void *abbrevs;
	size_t at = 0, len;

	(void)state;
	assert_int_equal(vr_types_add_btf_of(types, btf, NULL), VR_OK);
	assert_int_equal(vr_types_add_dwarf_of(types, "mine", module, NULL), VR_OK);
	assert_int_equal(vr_debug_file_section(module, ".debug_abbrev", &abbrevs, &len, NULL),
			 VR_OK);
	/* An unlinked file's memory may be written to. */
	memset((void *)(uintptr_t)abbrevs, 0xff, len);
	assert_null(vr_types_find(types, "struct nobody", NULL));
	assert_false(vr_types_next_damage(types, &at, &of, &damage));
	for (int i = 0; i < 2; i++) {
		int64_t value;

		assert_null(vr_types_find(types, "struct mine", NULL));
		assert_null(vr_types_variable(types, "mine"));
		assert_int_equal(vr_types_enum_value(types, NULL, "mine", &value), VR_ABSENT);
		assert_non_null(vr_types_find(types, "struct a", NULL));
	}
	at = 0;
	assert_true(vr_types_next_damage(types, &at, &of, &damage));
	assert_string_equal(of, "mine");
	assert_ptr_equal(strstr(damage->text, "a.o: "), damage->text);
	assert_false(vr_types_next_damage(types, &at, &of, &damage));
	vr_types_free(types);
	vr_debug_file_free(btf);
	vr_debug_file_free(module);
}

static void assert_waits(const char *strings, size_t len, bool waits)
{
	struct vr_bytes bytes = {strings, len};
	struct vr_name_filter *filter = vr_name_filter_new(&bytes);

	assert_int_equal(filter != NULL, waits);
	vr_name_filter_free(filter);
}

/* Strings tell only where it is known how they came there. */
static void test_strings_that_do_not_tell(void **state)
{
	static const char good[] = "\0unsigned char\0GNU C89 10.2.1 -g -O2\0char";
	static const char clang[] = "Debian clang version 14.0.6\0char\0unsigned char";
	static const char rust[] = "rustc version 1.78\0char\0unsigned char";
	static const char ends[] = "GNU C89 10.2.1 -g\0unsigned char";
	static const char inlined[] =
		"char\0unsigned char\0GNU C17 12.2.0 -g -fno-merge-debug-strings";
	static const char wide[] = "char\0unsigned char\0GNU C17 12.2.0 -gdwarf64";

	(void)state;
	assert_waits(good, sizeof(good), true);
	assert_waits(clang, sizeof(clang), true);
	assert_waits(good, sizeof(good) - 1, false); /* "char" has no end */
	assert_waits(rust, sizeof(rust), false);
	assert_waits(ends, sizeof(ends), false);
	assert_waits(inlined, sizeof(inlined), false);
	assert_waits(wide, sizeof(wide), false);
	assert_waits("", 0, false);
}

/* ---- What is refused ---- */

static void assert_refused(const char *flags, enum vr_err kind, const char *part)
{
	struct vr_debug_file *file = compile(source, flags);
	struct vr_types *types = vr_types_new();
	struct vr_error err = {0};

	assert_int_equal(vr_types_add_dwarf_of(types, NULL, file, &err), kind);
	assert_non_null(strstr(err.text, "a.o"));
	assert_non_null(strstr(err.text, part));
	assert_false(vr_types_has_source(types, NULL));
	vr_types_free(types);
	vr_debug_file_free(file);
}

static void test_what_cannot_be_read_is_said(void **state)
{
	(void)state;
	assert_refused("-c -g0", VR_ABSENT, "no debug information");
	assert_refused("-c -gdwarf-5 -gsplit-dwarf", VR_UNSUPPORTED, "split");
	assert_refused("-c -gdwarf-4 -gsplit-dwarf", VR_UNSUPPORTED, "split");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds_are_as_in_btf),
		cmocka_unit_test(test_arrays_of_arrays_are_one_array_as_in_btf),
		cmocka_unit_test(test_variables_have_their_types),
		cmocka_unit_test(test_constants_by_name_alone),
		cmocka_unit_test(test_one_type_is_one_pointer),
		cmocka_unit_test(test_types_of_a_module),
		cmocka_unit_test(test_beside_whole_btf_only_variables_are_taken),
		cmocka_unit_test(test_a_module_is_read_when_it_is_asked_for),
		cmocka_unit_test(test_a_damaged_module_is_noted_when_it_is_read),
		cmocka_unit_test(test_strings_that_do_not_tell),
		cmocka_unit_test(test_what_is_wrong_is_noted_when_a_variable_is_asked_for),
		cmocka_unit_test(test_what_cannot_be_read_is_said),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
