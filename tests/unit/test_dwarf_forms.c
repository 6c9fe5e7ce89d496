// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One source's debug information in every form that compilers, linkers and dwz give it: types and
 * source lines are the same in all of them, or the file says why it can't be read.
 */
#include <setjmp.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "debuginfo/lines.h"
#include "test_files.h"
#include "type/types.h"

/* Enough that is alike in two files for dwz to move it out; outer() is at the start of .text. */
static const char source[] =
	"#define PART(n) struct part_##n { long a_##n; int b_##n[3]; struct part_##n *next; };\n"
	"PART(1) PART(2) PART(3) PART(4) PART(5) PART(6) PART(7) PART(8)\n"
	"enum colour { RED, GREEN = 5, BLUE = -3 };\n"
	"typedef int (*handler_t)(struct part_1 *part, const char *name, ...);\n"
	"typedef union { int i; char c[4]; } either_t;\n"
	"struct whole { struct part_1 p1; struct part_2 p2; struct part_3 p3; struct part_4 p4;\n"
	"	struct part_5 p5; struct part_6 p6; struct part_7 *p7; struct part_8 p8[2];\n"
	"	enum colour colour; handler_t handler; either_t either; unsigned bits : 3, more : "
	"7;\n"
	"	const volatile struct whole *up; struct elsewhere *far; };\n"
	"struct whole whole;\n"
	"static inline __attribute__((always_inline)) int twice(int x)\n"
	"{\n"
	"	__asm__ volatile(\".skip 64\");\n"
	"	return 2 * x;\n"
	"}\n"
	"int outer(int x)\n"
	"{\n"
	"	return twice(x) + whole.colour;\n"
	"}\n";

static const char *const names[] = {
	"struct part_1", "struct part_2", "struct part_3", "struct part_4", "struct part_5",
	"struct part_6", "struct part_7", "struct part_8", "enum colour",   "handler_t",
	"either_t",      "struct whole",  "int",           "char",          "long",
};

static struct vr_debug_file *map(const char *folder, const char *name)
{
	struct vr_debug_file *file = NULL;
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(vr_debug_file_map(fd, name, &file, NULL), VR_OK);
	close(fd);
	return file;
}

static void run(void *state, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void run(void *state, const char *fmt, ...)
{
	char command[1024];
	va_list ap;
	int n = snprintf(command, sizeof(command), "cd %s && ", test_folder(state));

	va_start(ap, fmt);
	vsnprintf(command + n, sizeof(command) - (size_t)n, fmt, ap);
	va_end(ap);
	run_command(command);
}

/* Compile one.c and its twin two.c as one.o and two.o, and link them as one and two. */
static void make(void *state, const char *flags)
{
	static const char *const files[] = {"one", "two"};

	write_text(state, "one.c", source);
	write_text(state, "two.c", source);
	for (size_t i = 0; i < VR_ARRAY_SIZE(files); i++) {
		run(state,
		    "gcc -O1 -fno-pic -fcf-protection=none -ffreestanding %s -c -o %s.o %s.c",
		    flags, files[i], files[i]);
		run(state,
		    "ld -static -nostdlib -e outer --build-id --compress-debug-sections=%s -o %s "
		    "%s.o",
		    strstr(flags, "-gz=") ? strstr(flags, "-gz=") + 4 : "none", files[i], files[i]);
	}
}

static void assert_same_type(const struct vr_type *a, const struct vr_type *b, int depth)
{
	char one[1024], other[1024];
	size_t count, wanted;
	const struct vr_member *m, *n;
	const struct vr_enumerator *e, *g;

	assert_true(a && b);
	assert_string_equal(vr_type_spell(a, one, sizeof(one)),
			    vr_type_spell(b, other, sizeof(other)));
	assert_int_equal(vr_type_kind(a), vr_type_kind(b));
	assert_int_equal(vr_type_size(a), vr_type_size(b));
	e = vr_type_enumerators(a, &count);
	g = vr_type_enumerators(b, &wanted);
	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(e[i].name, g[i].name);
		assert_int_equal(e[i].value, g[i].value);
	}
	m = vr_type_members(a, &count);
	n = vr_type_members(b, &wanted);
	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count && depth; i++) {
		assert_string_equal(m[i].name, n[i].name);
		assert_int_equal(m[i].bit_offset, n[i].bit_offset);
		assert_int_equal(m[i].bit_size, n[i].bit_size);
		assert_same_type(m[i].type, n[i].type, depth - 1);
	}
	if (depth && vr_type_target(a))
		assert_same_type(vr_type_target(a), vr_type_target(b), depth - 1);
}

static void assert_same_types(struct vr_debug_file *file, struct vr_debug_file *plain)
{
	struct vr_types *types = vr_types_new(), *wanted = vr_types_new();
	struct vr_error err = {0};
	char one[1024], other[1024];
	int64_t value;

	vr_types_add_dwarf_of(types, NULL, file, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(vr_types_add_dwarf_of(wanted, NULL, plain, NULL), VR_OK);
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		assert_same_type(vr_types_find(types, names[i], NULL),
				 vr_types_find(wanted, names[i], NULL), 6);
	assert_int_equal(vr_types_enum_value(types, NULL, "BLUE", &value), VR_OK);
	assert_int_equal(value, -3);
	assert_string_equal(
		vr_type_spell(vr_types_variable(types, "whole"), one, sizeof(one)),
		vr_type_spell(vr_types_variable(wanted, "whole"), other, sizeof(other)));
	vr_types_free(types);
	vr_types_free(wanted);
}

/* What stands within outer(). */
static void assert_lines(struct vr_debug_file *file, const char *path)
{
	const struct vr_source *found;
	size_t section;
	uint64_t addr;

	assert_int_equal(vr_debug_file_symbol(file, "outer", &addr, &section, NULL), VR_OK);
	if (vr_debug_file_is_module(file)) {
		addr += 0xffffffffc0123000;
		assert_int_equal(vr_debug_file_place(file, ".text", 0xffffffffc0123000), VR_OK);
	}
	found = vr_source_at(file, addr + 10);
	assert_non_null(found);
	assert_int_equal(found->count, 2);
	assert_string_equal(found->frames[0].function, "twice");
	assert_string_equal(found->frames[0].path, path);
	assert_int_equal(found->frames[0].line, 13);
	assert_string_equal(found->frames[1].function, "outer");
	assert_string_equal(found->frames[1].path, path);
	assert_int_equal(found->frames[1].line, 18);
	assert_int_equal(vr_debug_file_damage(file)->kind, VR_OK);
}

/* The file that says what is to be: linked, DWARF 4, nothing done to it. */
static struct vr_debug_file *plain(void *state)
{
	struct vr_debug_file *file;

	make(state, "-gdwarf-4");
	run(state, "mv one plain");
	file = map(test_folder(state), "plain");
	assert_lines(file, "one.c");
	return file;
}

static void test_what_compilers_write(void **state)
{
	static const char *const flags[] = {
		"-gdwarf-4",
		"-gdwarf-5",
		"-gdwarf-4 -gz=zlib",
		"-gdwarf-5 -gz=zlib",
		"-gdwarf-4 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section -gz=zlib",
	};
	struct vr_debug_file *wanted = plain(*state);

	for (size_t i = 0; i < VR_ARRAY_SIZE(flags); i++) {
		static const char *const made[] = {"one", "one.o", "both.o"};

		make(*state, flags[i]);
		/* As a module: its parts are put together, and nothing is linked. */
		run(*state, "ld -r -o both.o one.o empty.o");
		for (size_t j = 0; j < VR_ARRAY_SIZE(made); j++) {
			struct vr_debug_file *file = map(test_folder(*state), made[j]);

			assert_same_types(file, wanted);
			vr_debug_file_free(file);
			/* Once more: an unlinked one is to be told first where it is. */
			file = map(test_folder(*state), made[j]);
			assert_lines(file, "one.c");
			assert_same_types(file, wanted);
			vr_debug_file_free(file);
		}
	}
	vr_debug_file_free(wanted);
}

static void test_what_dwz_writes(void **state)
{
	static const char *const flags[] = {"-gdwarf-4", "-gdwarf-5"};
	struct vr_debug_file *wanted = plain(*state);

	for (size_t i = 0; i < VR_ARRAY_SIZE(flags); i++) {
		struct vr_debug_file *file, *common;
		struct vr_debug_link link;
		struct vr_types *types;
		struct vr_error err = {0};
		struct vr_build_id id;
		Dwarf *dwarf;

		make(*state, flags[i]);
		run(*state, "dwz one -o alone && dwz -m common -M /elsewhere/common one two");
		file = map(test_folder(*state), "alone");
		assert_same_types(file, wanted);
		assert_lines(file, "one.c");
		vr_debug_file_free(file);

		/* With what was moved out. */
		file = map(test_folder(*state), "one");
		common = map(test_folder(*state), "common");
		vr_debug_file_altlink(file, &link);
		assert_string_equal(link.name, "/elsewhere/common");
		assert_int_equal(vr_debug_file_build_id(common, &id, NULL), VR_OK);
		assert_true(vr_build_id_equal(&id, &link.id));
		vr_debug_file_set_alt(file, common);
		assert_same_types(file, wanted);
		assert_lines(file, "one.c");
		vr_debug_file_free(file);

		/* And without. */
		file = map(test_folder(*state), "one");
		types = vr_types_new();
		assert_int_equal(vr_types_add_dwarf_of(types, NULL, file, &err), VR_UNSUPPORTED);
		assert_string_equal(err.text, "one: a part of it is in another file, "
					      "/elsewhere/common, which isn't there");
		assert_int_equal(vr_debug_file_dwarf(file, &dwarf, &err), VR_UNSUPPORTED);
		assert_string_equal(err.text, "one: a part of it is in another file, "
					      "/elsewhere/common, which isn't there");
		vr_types_free(types);
		vr_debug_file_free(file);
	}
	vr_debug_file_free(wanted);
}

static void test_what_is_not_read(void **state)
{
	static const struct {
		const char *flags, *types, *lines;
	} files[] = {
		{"-gdwarf-4 -gsplit-dwarf", "split DWARF", "split over .dwo files"},
		{"-gdwarf-5 -gsplit-dwarf", "split DWARF", "split over .dwo files"},
		{"-gdwarf-4 -gz=zlib-gnu", "--decompress-debug-sections",
		 "--decompress-debug-sections"},
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(files); i++) {
		static const char *const made[] = {"one", "one.o"};

		make(*state, files[i].flags);
		run(*state, "rm -f *.dwo");
		for (size_t j = 0; j < VR_ARRAY_SIZE(made); j++) {
			struct vr_debug_file *file = map(test_folder(*state), made[j]);
			struct vr_types *types = vr_types_new();
			struct vr_error err = {0};

			assert_int_equal(vr_types_add_dwarf_of(types, NULL, file, &err),
					 VR_UNSUPPORTED);
			assert_non_null(strstr(err.text, files[i].types));
			assert_ptr_equal(strstr(err.text, made[j]), err.text);
			assert_null(vr_source_at(file, 10));
			assert_non_null(strstr(vr_debug_file_damage(file)->text, files[i].lines));
			vr_types_free(types);
			vr_debug_file_free(file);
		}
	}
}

static int setup(void **state)
{
	folder_setup(state);
	write_text(*state, "empty.c", "int more;\n");
	run(*state, "gcc -g -c -o empty.o empty.c");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_compilers_write, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_what_dwz_writes, setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_read, setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
