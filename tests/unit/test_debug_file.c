// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF files with debug information, as the compiler at hand makes them, and damaged in every way. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "debuginfo/debug_paths.h"
#include "debuginfo/debug_set.h"
#include "debuginfo/lines.h"
#include "debuginfo/match.h"
#include "debuginfo/module_index.h"
#include "test_files.h"

#define TEST(name) static void name(__attribute__((unused)) void **state)
#define MUTATIONS 1500

static const char source[] = "static inline __attribute__((always_inline)) int twice(int x)\n"
			     "{\n"
			     "	__asm__ volatile(\".skip 64\");\n"
			     "	return 2 * x;\n"
			     "}\n"
			     "int outer(int x)\n"
			     "{\n"
			     "	return twice(x);\n"
			     "}\n"
			     "const char linux_banner[] = \"Linux version 1.2.3\\n\";\n"
			     "struct pair { int a; long b; } pair;\n";

static struct vr_debug_file *map_bytes(const void *data, size_t len)
{
	struct vr_debug_file *file = NULL;
	struct vr_error err;
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(vr_debug_file_map(fd, "a-file", &file, &err), VR_OK);
	close(fd);
	return file;
}

static struct vr_debug_file *map_path(const char *path)
{
	VR_STRBUF bytes = {0};

	read_file(path, &bytes);
	return map_bytes(bytes.data, bytes.len);
}

static void check_outer(struct vr_debug_file *file, uint64_t addr)
{
	const struct vr_source *found = vr_source_at(file, addr);

	assert_non_null(found);
	assert_int_equal(found->count, 2);
	assert_string_equal(found->frames[0].function, "twice");
	assert_string_equal(found->frames[0].path, "some/source.c");
	assert_int_equal(found->frames[0].line, 3);
	assert_string_equal(found->frames[1].function, "outer");
	assert_string_equal(found->frames[1].path, "some/source.c");
	assert_int_equal(found->frames[1].line, 8);
	assert_ptr_equal(vr_source_at(file, addr), found);
}

TEST(lines_of_a_linked_file)
{
	static const char *const versions[] = {
		"-gdwarf-4",
		"-gdwarf-5",
		"-gdwarf-4 -gz=zlib",
		"-gdwarf-5 -gz=zlib",
		"-gdwarf-4 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section",
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(versions); i++) {
		const char *path = compile(*state, source, versions[i], true);
		struct vr_debug_file *file = map_path(path);
		struct vr_error err;
		char banner[64];
		uint64_t addr;
		size_t section;

		assert_int_equal(vr_debug_file_symbol(file, "outer", &addr, &section, &err), VR_OK);
		check_outer(file, addr + 10);
		assert_null(vr_source_at(file, addr + 0x100000));
		assert_null(vr_source_at(file, 0));
		assert_int_equal(vr_debug_file_symbol(file, "linux_banner", &addr, &section, &err),
				 VR_OK);
		assert_int_equal(vr_debug_file_text(file, addr, banner, sizeof(banner)), VR_OK);
		assert_string_equal(banner, "Linux version 1.2.3\n");
		assert_int_equal(vr_debug_file_text(file, addr, banner, 6), VR_OK);
		assert_string_equal(banner, "Linux");
		assert_int_equal(vr_debug_file_text(file, 1, banner, 6), VR_ABSENT);
		assert_false(vr_debug_file_is_module(file));
		vr_debug_file_free(file);
	}
}

/* clang-format off */
/* A unit as Rust's compiler makes it, of one function, with as many others inlined into each other in it. */
static const char rust[] =
	"__asm__(R\"(\n"
	".text\n"
	".globl outer\n"
	"outer: .skip 64\n"
	".section .debug_abbrev,\"\",@progbits\n"
	"abbrevs:\n"
	".byte 1, 0x11, 1, 0x13, 5, 0x11, 1, 0x12, 7, 0, 0\n"       /* DW_TAG_compile_unit */
	".byte 2, 0x39, 1, 3, 8, 0, 0\n"                            /* DW_TAG_namespace */
	".byte 3, 0x2e, 1, 3, 8, 0x6e, 8, 0x11, 1, 0x12, 7, 0, 0\n" /* DW_TAG_subprogram */
	".byte 4, 0x2e, 0, 3, 8, 0x6e, 8, 0x20, 11, 0, 0\n"         /* one that is inlined */
	".byte 5, 0x1d, 1, 0x31, 0x13, 0x11, 1, 0x12, 7, 0, 0, 0\n" /* DW_TAG_inlined_subroutine */
	".section .debug_info,\"\",@progbits\n"
	"unit: .long unit_end - unit - 4\n"
	".short 5\n"
	".byte 1, 8\n"
	".long abbrevs\n"
	".byte 1\n"
	".short 0x1c\n" /* DW_LANG_Rust */
	".quad outer, 64\n"
	".byte 2\n .asciz \"core\"\n"
	".byte 2\n .asciz \"num\"\n"
	"plus: .byte 4\n .asciz \"plus<u8>\"\n .asciz \"_RNvNtC4core3num4plus\"\n .byte 1\n"
	".byte 3\n .asciz \"times\"\n .asciz \"_RNvNtC4core3num5times\"\n .quad outer, 64\n"
	".rept CALLS\n .byte 5\n .long plus - unit\n .quad outer, 64\n .endr\n"
	".rept CALLS\n .byte 0\n .endr\n"
	".byte 0, 0, 0, 0\n"
	"unit_end:\n"
	".section .debug_aranges,\"\",@progbits\n"
	".long 44\n .short 2\n .long unit\n .byte 8, 0\n .long 0\n"
	".quad outer, 64, 0, 0\n"
	")\");\n";
/* clang-format on */

/* Functions in namespaces, named as their symbols are; of too many in each other the outer ones. */
TEST(functions_of_rust)
{
	static const struct {
		const char *flags;
		size_t count;
	} cases[] = {{"-gdwarf-5 -Wa,--defsym,CALLS=2", 3},
		     {"-gdwarf-5 -Wa,--defsym,CALLS=63", 64},
		     {"-gdwarf-5 -Wa,--defsym,CALLS=100", 64}};

	for (size_t i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		struct vr_debug_file *file = map_path(compile(*state, rust, cases[i].flags, true));
		const struct vr_source *found;
		struct vr_error err;
		uint64_t addr;
		size_t section;

		assert_int_equal(vr_debug_file_symbol(file, "outer", &addr, &section, &err), VR_OK);
		found = vr_source_at(file, addr + 5);
		assert_non_null(found);
		assert_int_equal(found->count, cases[i].count);
		for (size_t f = 0; f < found->count; f++)
			assert_string_equal(found->frames[f].function,
					    f + 1 < found->count ? "_RNvNtC4core3num4plus"
								 : "_RNvNtC4core3num5times");
		vr_debug_file_free(file);
	}
}

TEST(lines_of_a_module_where_its_sections_are)
{
	static const char *const versions[] = {
		"-gdwarf-4",
		"-gdwarf-5",
		"-gdwarf-4 -gz=zlib",
		"-gdwarf-5 -gz=zlib",
		"-gdwarf-4 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section -gz=zlib",
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(versions); i++) {
		struct vr_debug_file *file = map_path(compile(*state, source, versions[i], false));

		assert_true(vr_debug_file_is_module(file));
		assert_int_equal(vr_debug_file_place(file, ".text", 0xffffffffc0123000), VR_OK);
		assert_int_equal(vr_debug_file_place(file, ".none", 0xffffffffc0000000), VR_ABSENT);
		check_outer(file, 0xffffffffc012300a);
		assert_null(vr_source_at(file, 10));
		assert_int_equal(vr_debug_file_damage(file)->kind, VR_OK);
		vr_debug_file_free(file);
	}
}

TEST(what_is_no_such_file)
{
	static const char text[] =
		"no ELF file by any means, though it is long enough to be one: 64 bytes";
	struct vr_debug_file *file = map_bytes(text, sizeof(text));
	struct vr_build_id id;
	struct vr_error err;
	Dwarf *dwarf;
	int fd = memfd_create("empty", MFD_CLOEXEC);

	assert_int_equal(vr_debug_file_build_id(file, &id, &err), VR_CORRUPT);
	assert_string_equal(err.text, "a-file: it is no ELF file");
	assert_int_equal(vr_debug_file_dwarf(file, &dwarf, &err), VR_CORRUPT);
	assert_null(vr_source_at(file, 10));
	vr_debug_file_free(file);
	assert_int_equal(vr_debug_file_map(fd, "a-file", &file, &err), VR_UNSUPPORTED);
	assert_null(file);
	close(fd);
	vr_debug_file_free(NULL);
}

TEST(build_ids_in_notes)
{
	static const uint8_t notes[] = {4,   0,   0, 0, 3, 0, 0,   0,   1,   0, 0,    0,   'X',
					'e', 'n', 0, 1, 2, 3, 0,   4,   0,   0, 0,    2,   0,
					0,   0,   3, 0, 0, 0, 'G', 'N', 'U', 0, 0xab, 0xcd};
	static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 3,    0,    0,    0};
	char text[VR_BUILD_ID_TEXT];
	struct vr_build_id id, same;

	assert_true(vr_build_id_of_notes(notes, sizeof(notes), &id));
	assert_string_equal(vr_build_id_text(&id, text), "abcd");
	assert_true(vr_build_id_parse("ABcd", &same) && vr_build_id_equal(&id, &same));
	for (size_t len = 0; len < sizeof(notes); len++)
		assert_false(vr_build_id_of_notes(notes, len, &id));
	assert_false(vr_build_id_of_notes(endless, sizeof(endless), &id));
	assert_string_equal(vr_build_id_text(&id, text), "none");
	assert_false(vr_build_id_parse("", &id) || vr_build_id_parse("abc", &id) ||
		     vr_build_id_parse("zz", &id));
}

TEST(matches)
{
	struct vr_debug_file *file =
		map_path(compile(*state, source, "-g -Wl,--build-id=0xabcd", true));
	struct vr_debug_file *bare =
		map_path(compile(*state, source, "-g -Wl,--build-id=none", true));
	struct vr_kernel_identity kernel = {.banner = "Linux version 1.2.3"};
	struct vr_error why;

	vr_build_id_parse("abcd", &kernel.id);
	assert_int_equal(vr_match_vmlinux(file, &kernel, &why), VR_MATCH_SAME);
	assert_int_equal(vr_match_vmlinux(bare, &kernel, &why), VR_MATCH_BANNER);
	vr_build_id_parse("abce", &kernel.id);
	assert_int_equal(vr_match_vmlinux(file, &kernel, &why), VR_MATCH_OTHER);
	assert_string_equal(why.text, "its build id is abcd, the dump's is abce");
	kernel.id.len = 0;
	assert_int_equal(vr_match_vmlinux(file, &kernel, &why), VR_MATCH_BANNER);
	kernel.banner[0] = 'l';
	assert_int_equal(vr_match_vmlinux(file, &kernel, &why), VR_MATCH_OTHER);
	kernel.banner[0] = '\0';
	assert_int_equal(vr_match_vmlinux(file, &kernel, &why), VR_MATCH_UNKNOWN);
	vr_debug_file_free(file);
	vr_debug_file_free(bare);
}

/* The file at path with nonsense in one of its sections. */
static struct vr_debug_file *map_with_nonsense(const char *path, const char *section)
{
	struct vr_debug_file *file = map_path(path);
	VR_STRBUF bytes = {0};
	const void *data;
	char *at;
	size_t len;

	read_file(path, &bytes);
	assert_int_equal(vr_debug_file_section(file, section, &data, &len, NULL), VR_OK);
	at = memmem(bytes.data, bytes.len, data, len);
	assert_non_null(at);
	memset(at, 0xa5, len);
	vr_debug_file_free(file);
	return map_bytes(bytes.data, bytes.len);
}

TEST(damage_that_is_noticed_late)
{
	static const char *const sections[] = {".debug_info", ".debug_abbrev", ".debug_line"};
	const char *path = compile(*state, source, "-gdwarf-5", true);
	struct vr_debug_file *file = map_path(path);
	uint64_t addr;
	size_t section;

	vr_debug_file_symbol(file, "outer", &addr, &section, NULL);
	vr_source_at(file, addr + 10);
	vr_source_at(file, addr + 0x100000);
	assert_int_equal(vr_debug_file_damage(file)->kind, VR_OK);
	vr_debug_file_free(file);
	for (size_t i = 0; i < VR_ARRAY_SIZE(sections); i++) {
		const struct vr_source *found;

		file = map_with_nonsense(path, sections[i]);
		assert_int_equal(vr_debug_file_damage(file)->kind, VR_OK);
		found = vr_source_at(file, addr + 10);
		assert_true(!found || !found->frames[0].line || !found->frames[0].path[0]);
		assert_int_equal(vr_debug_file_damage(file)->kind, VR_CORRUPT);
		assert_non_null(strstr(vr_debug_file_damage(file)->text,
				       "a-file: some of its debug information can't be read: "));
		vr_debug_file_free(file);
	}
}

/* Relocations that are written to another section would change what was checked already. */
TEST(sections_that_overlap_are_refused)
{
	VR_STRBUF bytes = {0};
	struct vr_debug_file *file;
	struct vr_error err;
	Elf64_Ehdr *header;
	Elf64_Shdr *table;
	const void *data;
	size_t len;

	read_file(compile(*state, source, "-gdwarf-5", false), &bytes);
	header = (Elf64_Ehdr *)bytes.data;
	table = (Elf64_Shdr *)(bytes.data + header->e_shoff);
	for (int i = 0; i < 2; i++) {
		file = map_bytes(bytes.data, bytes.len);
		assert_int_equal(vr_debug_file_section(file, ".debug_info", &data, &len, &err),
				 i ? VR_CORRUPT : VR_OK);
		vr_debug_file_free(file);
		for (unsigned n = 1; n < header->e_shnum; n++)
			if (table[n].sh_type == SHT_RELA)
				table[n].sh_size += 24;
	}
	assert_string_equal(err.text, "a-file: its sections overlap");
}

/* All that is asked of a file. */
static void use(struct vr_debug_file *file, uint64_t addr)
{
	struct vr_kernel_identity kernel = {.banner = "Linux"};
	struct vr_debug_link link;
	struct vr_error err;
	const void *data;
	size_t len;

	vr_match_vmlinux(file, &kernel, &err);
	vr_debug_file_link(file, &link);
	vr_debug_file_altlink(file, &link);
	vr_debug_file_section(file, ".BTF", &data, &len, &err);
	vr_debug_file_place(file, ".text", addr & ~(uint64_t)0xfff);
	for (uint64_t at = addr; at < addr + 80; at += 13)
		vr_source_at(file, at);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void damage(const char *path, uint64_t addr, uint32_t seed)
{
	VR_STRBUF good = {0};

	read_file(path, &good);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		unsigned char *bad = malloc(good.len);
		struct vr_debug_file *file;
		size_t len = good.len;

		memcpy(bad, good.data, good.len);
		for (unsigned n = 1 + next_random(&seed) % 8; n--;)
			bad[next_random(&seed) % len] = (unsigned char)next_random(&seed);
		if (i % 16 == 0)
			len = 1 + next_random(&seed) % len;
		file = map_bytes(bad, len);
		use(file, addr);
		vr_debug_file_free(file);
		free(bad);
	}
}

TEST(damaged_files)
{
	const char *path = compile(*state, source, "-gdwarf-5", true);
	struct vr_debug_file *file = map_path(path);
	size_t section;
	uint64_t addr;

	vr_debug_file_symbol(file, "outer", &addr, &section, NULL);
	vr_debug_file_free(file);
	damage(path, addr, 1);
	damage(compile(*state, source, "-gdwarf-4", false), 0xffffffffc0123000, 2);
	damage(compile(*state, source, "-gdwarf-5 -gz=zlib", false), 0xffffffffc0123000, 3);
	damage(compile(*state, rust, "-gdwarf-5 -Wa,--defsym,CALLS=63", false), 0xffffffffc0123000,
	       4);
}

/* ---- Where files lie ---- */

TEST(paths_that_may_not_be_asked_for)
{
	const char *dir = test_folder(*state);
	struct vr_debug_places places = {.dirs = &dir, .dir_count = 1, .root = ""};
	struct vr_debug_paths *paths = vr_debug_paths_new(&places);
	struct vr_debug_wanted wanted = {.what = VR_DEBUG_VMLINUX, .release = "6.1.0"};
	const char *path;
	size_t at = 0;
	bool asked;
	int fd;

	write_text(*state, "vmlinux-6.1.0", "x");
	write_text(*state, "secret", "x");
	fd = vr_debug_paths_next(paths, &wanted, &at, &path, &asked);
	assert_true(fd >= 0 && asked);
	close(fd);
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);

	strcpy(wanted.release, "../secret");
	at = 0;
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);
	memset(wanted.release, 'x', sizeof(wanted.release));
	at = 0;
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);

	/* beside what was never given */
	wanted = (struct vr_debug_wanted){.what = VR_DEBUG_SPLIT, .name = "passwd"};
	strcpy(wanted.beside, "/etc/group");
	at = 0;
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);
	strcpy(wanted.name, "../secret");
	at = 0;
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);
	vr_debug_paths_free(paths);
}

TEST(this_systems_own_folders)
{
	struct vr_debug_places places = {.system = true, .root = test_folder(*state)};
	struct vr_debug_paths *paths = vr_debug_paths_new(&places);
	struct vr_debug_wanted wanted = {.what = VR_DEBUG_VMLINUX, .release = "6.1.0"};
	char command[256];
	const char *path;
	size_t at = 0;
	bool asked;
	int fd;

	assert_false(vr_debug_paths_exist(places.root));
	snprintf(command, sizeof(command), "mkdir -p %s/usr/lib/debug/boot", places.root);
	run_command(command);
	assert_true(vr_debug_paths_exist(places.root));
	/* what merely lies at the top isn't the kernel's */
	write_text(*state, "vmlinux", "x");
	write_text(*state, "usr/lib/debug/boot/vmlinux-6.1.0", "x");
	write_text(*state, "usr/lib/debug/boot/vmlinux-6.1.1", "x");
	fd = vr_debug_paths_next(paths, &wanted, &at, &path, &asked);
	assert_true(fd >= 0 && !asked);
	assert_non_null(strstr(path, "/usr/lib/debug/boot/vmlinux-6.1.0"));
	close(fd);
	assert_int_equal(vr_debug_paths_next(paths, &wanted, &at, &path, &asked), -1);
	vr_debug_paths_free(paths);
}

TEST(modules_by_their_names)
{
	struct vr_module_index index = {0};

	write_text(*state, "md-mod.ko.xz", "x");
	write_text(*state, "md-mod.ko.debug", "x");
	write_text(*state, "md_mod.ko", "x");
	write_text(*state, "md-mod.ko.txt", "x");
	write_text(*state, "xfs.ko", "x");
	vr_module_index_add(&index, test_folder(*state), true);
	vr_module_index_sort(&index);
	assert_non_null(strstr(vr_module_index_at(&index, "md_mod", 0)->path, "md-mod.ko.debug"));
	assert_non_null(strstr(vr_module_index_at(&index, "md_mod", 1)->path, "md_mod.ko"));
	assert_non_null(strstr(vr_module_index_at(&index, "md_mod", 2)->path, "md-mod.ko.xz"));
	assert_null(vr_module_index_at(&index, "md_mod", 3));
	assert_null(vr_module_index_at(&index, "md", 0));
	assert_non_null(vr_module_index_at(&index, "xfs", 0));
	vr_module_index_free(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions_of_rust, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(lines_of_a_linked_file, folder_setup,
						folder_teardown),
		cmocka_unit_test_setup_teardown(lines_of_a_module_where_its_sections_are,
						folder_setup, folder_teardown),
		cmocka_unit_test(what_is_no_such_file),
		cmocka_unit_test(build_ids_in_notes),
		cmocka_unit_test_setup_teardown(matches, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(damage_that_is_noticed_late, folder_setup,
						folder_teardown),
		cmocka_unit_test_setup_teardown(sections_that_overlap_are_refused, folder_setup,
						folder_teardown),
		cmocka_unit_test_setup_teardown(damaged_files, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(paths_that_may_not_be_asked_for, folder_setup,
						folder_teardown),
		cmocka_unit_test_setup_teardown(this_systems_own_folders, folder_setup,
						folder_teardown),
		cmocka_unit_test_setup_teardown(modules_by_their_names, folder_setup,
						folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
