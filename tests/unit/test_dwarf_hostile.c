// SPDX-License-Identifier: GPL-2.0-or-later
/* DWARF that is cut, flipped, or forged: an error or types that make no sense, and always an end. */
#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bits.h"
#include "base/strbuf.h"
#include "compiled.h"

/* ---- Whatever the sections say, everything is asked ---- */

static void ask_type(struct vr_types *types, const struct vr_type *type)
{
	char text[512];
	size_t count = 0;
	const struct vr_member *members = vr_type_members(type, &count);
	struct vr_member member;
	int64_t value;

	vr_type_spell(type, text, sizeof(text));
	vr_type_strip(type);
	vr_types_pointer_to(types, type);
	vr_types_array_of(types, type, 3);
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = members[i].bit_size ? members[i].bit_size
						    : vr_type_size(members[i].type) * 8;

		vr_type_spell(members[i].type, text, sizeof(text));
		if (vr_type_kind(members[i].type) == VR_TYPE_INCOMPLETE)
			continue;
		assert_true(vr_range_ok(members[i].bit_offset, bits, vr_type_size(type) * 8));
	}
	vr_type_member(type, "no_such_member", &member);
	vr_type_enumerators(type, &count);
	vr_types_enum_value(types, NULL, "NO_SUCH", &value);
}

static void ask_all(struct vr_types *types)
{
	struct vr_dies *dies = types->sources[0]->dies;

	for (uint32_t i = 0; i < dies->name_count; i++) {
		const struct vr_die_name *name = &dies->names[i];
		char text[VR_BTF_NAME_MAX + 16];

		if (name->space == VR_SPACE_VARIABLE) {
			vr_type_spell(vr_types_variable(types, name->name), text, sizeof(text));
			continue;
		}
		ask_type(types, vr_type_of_id(types->sources[0], name->offset));
		snprintf(text, sizeof(text), "struct %s", name->name);
		vr_types_find(types, text, NULL);
	}
}

static enum vr_err try(const struct vr_dwarf_sections *sections)
{
	struct vr_types *types = vr_types_new();
	struct vr_error err = {0};
	enum vr_err rc = vr_types_add_dwarf(types, NULL, sections, NULL, "forged", &err);

	if (rc)
		assert_non_null(strstr(err.text, "forged"));
	else
		ask_all(types);
	vr_types_free(types);
	return rc;
}

/* ---- A compiler's, damaged ---- */

static const char source[] =
	"struct list { struct list *next; }; enum e { A, B = -7, C = 900 };\n"
	"typedef struct { int x : 3, y : 9; union { long l; char c[8]; }; } both; typedef both "
	"other;\n"
	"struct s { struct list l; other o[2][3]; enum e e; int (*f)(both *, const char *, ...);\n"
	"	const volatile other *p; struct unknown *u; char tail[]; } s; other one; enum e "
	"e;\n"
	"int function(struct s *a) { struct s b = *a; return b.l.next == 0; }\n";

struct copy {
	struct vr_dwarf_sections sections;
	struct vr_unit_section types;
	struct vr_bytes *parts[4];
};

/* Sections in memory of just their size, so that a step beyond is noticed. */
static void copy_section(struct vr_bytes *to, struct vr_debug_file *file, const char *name)
{
	const void *data;
	size_t len;

	if (vr_debug_file_section(file, name, &data, &len, NULL) != VR_OK)
		return;
	to->data = memcpy(malloc(len), data, len);
	to->len = len;
}

static void copy_file(struct copy *copy, const char *flags)
{
	struct vr_debug_file *file = compile(source, flags);
	struct vr_dwarf_sections *s = &copy->sections;

	*copy = (struct copy){.parts = {&s->info, &s->abbrev, &s->str, &copy->types.bytes}};
	copy_section(&s->info, file, ".debug_info");
	copy_section(&copy->types.bytes, file, ".debug_types");
	copy->types.is_types = true;
	s->units = &copy->types;
	s->unit_section_count = 1;
	copy_section(&s->abbrev, file, ".debug_abbrev");
	copy_section(&s->str, file, ".debug_str");
	copy_section(&s->line_str, file, ".debug_line_str");
	vr_debug_file_free(file);
}

static void *bytes_of(const struct vr_bytes *bytes)
{
	return (void *)(uintptr_t)bytes->data;
}

static void free_copy(struct copy *copy)
{
	for (size_t i = 0; i < 4; i++)
		free(bytes_of(copy->parts[i]));
	free(bytes_of(&copy->sections.line_str));
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void test_flipped_bits(void **state)
{
	static const char *const flags[] = {
		"-c -gdwarf-4",
		"-c -gdwarf-5",
		"-shared -nostdlib -fPIC -gdwarf-5 -fdebug-types-section",
		"-shared -nostdlib -fPIC -gdwarf-4 -fdebug-types-section",
	};
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int refused = 0, taken = 0;

	(void)state;
	for (size_t f = 0; f < sizeof(flags) / sizeof(*flags); f++) {
		struct copy copy;

		copy_file(&copy, flags[f]);
		assert_int_equal(try(&copy.sections), VR_OK);
		for (int i = 0; i < 1500; i++) {
			struct vr_bytes *part = copy.parts[next_random(&random) % 4];
			unsigned char *byte = bytes_of(part), old;

			if (!part->len)
				continue;
			byte += next_random(&random) % part->len;
			old = *byte;
			*byte ^= (unsigned char)(i % 3 ? 1u << next_random(&random) % 8 : 0xff);
			*(try(&copy.sections) ? &refused : &taken) += 1;
			*byte = old;
		}
		free_copy(&copy);
	}
	/* Some of each, else the test tests nothing. */
	assert_true(refused > 50);
	assert_true(taken > 50);
}

static void test_cut_sections(void **state)
{
	struct copy copy;

	(void)state;
	copy_file(&copy, "-c -gdwarf-5");
	for (size_t i = 0; i < 3; i++) {
		struct vr_bytes whole = *copy.parts[i];

		for (size_t len = 0; len < whole.len; len += 1 + len / 16) {
			void *part = malloc(len + !len);

			memcpy(part, whole.data, len);
			*copy.parts[i] = (struct vr_bytes){part, len};
			try(&copy.sections);
			free(part);
		}
		*copy.parts[i] = whole;
	}
	free_copy(&copy);
}

/* ---- Forged by hand ---- */

enum abbrev {
	UNIT = 1,
	TYPEDEF,
	STRUCT,
	MEMBER,
	ARRAY,
	RANGE,
	POINTER,
	ENUM,
	NUMBER,
	DECLARED,
	BASE
};

static const unsigned char abbrevs[] = {
	UNIT,
	DW_TAG_compile_unit,
	1,
	0,
	0,
	TYPEDEF,
	DW_TAG_typedef,
	0,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_type,
	DW_FORM_ref4,
	0,
	0,
	STRUCT,
	DW_TAG_structure_type,
	1,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_byte_size,
	DW_FORM_udata,
	0,
	0,
	MEMBER,
	DW_TAG_member,
	0,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_type,
	DW_FORM_ref4,
	DW_AT_data_member_location,
	DW_FORM_udata,
	0,
	0,
	ARRAY,
	DW_TAG_array_type,
	1,
	DW_AT_type,
	DW_FORM_ref4,
	0,
	0,
	RANGE,
	DW_TAG_subrange_type,
	0,
	DW_AT_count,
	DW_FORM_udata,
	0,
	0,
	POINTER,
	DW_TAG_pointer_type,
	0,
	DW_AT_type,
	DW_FORM_ref4,
	0,
	0,
	ENUM,
	DW_TAG_enumeration_type,
	1,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_byte_size,
	DW_FORM_udata,
	0,
	0,
	NUMBER,
	DW_TAG_enumerator,
	0,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_const_value,
	DW_FORM_sdata,
	0,
	0,
	DECLARED,
	DW_TAG_structure_type,
	0,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_declaration,
	DW_FORM_flag_present,
	0,
	0,
	BASE,
	DW_TAG_base_type,
	0,
	DW_AT_name,
	DW_FORM_string,
	DW_AT_byte_size,
	DW_FORM_udata,
	DW_AT_encoding,
	DW_FORM_data1,
	0,
	0,
	0,
};

struct forged {
	struct vr_strbuf info;
	struct vr_types *types;
};

static uint32_t put(struct forged *f, enum abbrev abbrev)
{
	uint32_t at = (uint32_t)f->info.len;

	vr_strbuf_putc(&f->info, (char)abbrev);
	return at;
}

static void put_name(struct forged *f, const char *name)
{
	vr_strbuf_add(&f->info, name, strlen(name) + 1);
}

static void put32(struct forged *f, uint32_t value)
{
	vr_strbuf_add(&f->info, &value, sizeof(value));
}

static void put_uleb(struct forged *f, uint64_t value)
{
	do {
		vr_strbuf_putc(&f->info, (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0)));
		value >>= 7;
	} while (value);
}

static void begin(struct forged *f)
{
	static const unsigned char header[] = {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8};

	*f = (struct forged){0};
	vr_strbuf_add(&f->info, header, sizeof(header));
	put(f, UNIT);
}

static uint32_t put_typedef(struct forged *f, const char *name, uint32_t type)
{
	uint32_t at = put(f, TYPEDEF);

	put_name(f, name);
	put32(f, type);
	return at;
}

static uint32_t put_struct(struct forged *f, const char *name, uint64_t size)
{
	uint32_t at = put(f, STRUCT);

	put_name(f, name);
	put_uleb(f, size);
	return at;
}

static void put_member(struct forged *f, const char *name, uint32_t type, uint64_t offset)
{
	put(f, MEMBER);
	put_name(f, name);
	put32(f, type);
	put_uleb(f, offset);
}

static void put_end(struct forged *f)
{
	vr_strbuf_putc(&f->info, 0);
}

/* The table of what was forged; its text must stay until finish(). */
static struct vr_types *take(struct forged *f)
{
	struct vr_dwarf_sections sections = {.abbrev = {abbrevs, sizeof(abbrevs)}};
	uint32_t length;

	put_end(f);
	length = (uint32_t)f->info.len - 4;
	memcpy(f->info.data, &length, sizeof(length));
	sections.info = (struct vr_bytes){f->info.data, f->info.len};
	f->types = vr_types_new();
	assert_int_equal(vr_types_add_dwarf(f->types, NULL, &sections, NULL, "forged", NULL),
			 VR_OK);
	return f->types;
}

static void finish(struct forged *f)
{
	ask_all(f->types);
	vr_types_free(f->types);
	vr_strbuf_free(&f->info);
}

static void assert_nonsense(struct vr_types *types, const char *name)
{
	const struct vr_type *type = vr_type_strip(vr_types_find(types, name, NULL));

	assert_non_null(type);
	assert_int_equal(vr_type_kind(type), VR_TYPE_INCOMPLETE);
	assert_int_equal(vr_type_size(type), 0);
}

static void test_circles(void **state)
{
	struct forged f;
	struct vr_types *types;
	struct vr_member member;
	uint32_t first, array;

	(void)state;
	begin(&f);
	first = put_typedef(&f, "round", (uint32_t)f.info.len + 11);
	put_typedef(&f, "about", first);
	put_typedef(&f, "itself", (uint32_t)f.info.len);
	array = put(&f, ARRAY);
	put32(&f, array);
	put(&f, RANGE);
	put_uleb(&f, 2);
	put_end(&f);
	put_typedef(&f, "arrays", array);
	first = put_struct(&f, "snake", 8);
	put_member(&f, "", first, 0);
	put_member(&f, "", first, 0);
	put_end(&f);
	types = take(&f);
	assert_nonsense(types, "round");
	assert_nonsense(types, "itself");
	assert_nonsense(types, "arrays");
	assert_int_equal(
		vr_type_member(vr_types_find(types, "struct snake", NULL), "tail", &member),
		VR_CORRUPT);
	finish(&f);
}

static void test_sizes_and_places_beyond_measure(void **state)
{
	static const uint64_t counts[] = {UINT64_MAX, INT64_MAX, 1ull << 62, UINT32_MAX};
	struct forged f;
	struct vr_types *types;
	const struct vr_member *members;
	uint32_t base, array;
	size_t count;

	(void)state;
	begin(&f);
	base = put(&f, BASE);
	put_name(&f, "long int");
	put_uleb(&f, 8);
	vr_strbuf_putc(&f.info, DW_ATE_signed);
	put(&f, BASE);
	put_name(&f, "wide");
	put_uleb(&f, 1ull << 40);
	vr_strbuf_putc(&f.info, DW_ATE_signed);
	for (size_t i = 0; i < 4; i++) {
		array = put(&f, ARRAY);
		put32(&f, base);
		put(&f, RANGE);
		put_uleb(&f, counts[i]);
		put(&f, RANGE);
		put_uleb(&f, counts[i]);
		put_end(&f);
		put_typedef(&f, "vast", array);
	}
	put_struct(&f, "places", 16);
	put_member(&f, "fits", base, 8);
	put_member(&f, "behind", base, 9);
	put_member(&f, "far", base, UINT64_MAX / 8 + 2);
	put_member(&f, "nowhere", UINT32_MAX, 0);
	put_member(&f, "header", 4, 0);
	put_member(&f, "unit", 11, 0);
	put_end(&f);
	put_struct(&f, "huge", UINT64_MAX);
	put_member(&f, "a", base, 1ull << 61);
	put_end(&f);
	types = take(&f);
	assert_nonsense(types, "wide");
	assert_nonsense(types, "vast");
	assert_nonsense(types, "struct huge");
	members = vr_type_members(vr_types_find(types, "struct places", NULL), &count);
	assert_int_equal(count, 6);
	assert_int_equal(vr_type_size(members[0].type), 8);
	for (size_t i = 1; i < count; i++) {
		assert_int_equal(vr_type_size(members[i].type), 0);
		assert_int_equal(vr_type_kind(members[i].type), VR_TYPE_INCOMPLETE);
	}
	finish(&f);
}

static void test_several_of_one_name(void **state)
{
	struct forged f;
	struct vr_types *types;
	const struct vr_type *type;
	uint32_t declared;

	(void)state;
	begin(&f);
	declared = put(&f, DECLARED);
	put_name(&f, "twin");
	put_struct(&f, "twin", 8);
	put_end(&f);
	put_struct(&f, "twin", 16);
	put_end(&f);
	put_typedef(&f, "twin_t", declared);
	declared = put(&f, DECLARED);
	put_name(&f, "only");
	put_struct(&f, "only", 24);
	put_end(&f);
	put_typedef(&f, "only_t", declared);
	declared = put(&f, DECLARED);
	put_name(&f, "never");
	put_typedef(&f, "never_t", declared);
	types = take(&f);
	/* By name the first; what is only declared may be either. */
	assert_int_equal(vr_type_size(vr_types_find(types, "struct twin", NULL)), 8);
	type = vr_type_strip(vr_types_find(types, "twin_t", NULL));
	assert_int_equal(vr_type_kind(type), VR_TYPE_INCOMPLETE);
	assert_string_equal(vr_type_name(type), "twin");
	assert_int_equal(vr_type_size(vr_types_find(types, "only_t", NULL)), 24);
	assert_ptr_equal(vr_type_strip(vr_types_find(types, "only_t", NULL)),
			 vr_types_find(types, "struct only", NULL));
	assert_int_equal(vr_type_kind(vr_types_find(types, "struct never", NULL)),
			 VR_TYPE_INCOMPLETE);
	finish(&f);
}

static void assert_corrupt(const unsigned char *info, size_t len, enum vr_err kind)
{
	struct vr_dwarf_sections sections = {.info = {info, len},
					     .abbrev = {abbrevs, sizeof(abbrevs)}};

	assert_int_equal(try(&sections), kind);
}

static void test_headers_that_lie(void **state)
{
	static const unsigned char longer[] = {200, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, UNIT, 0};
	static const unsigned char version[] = {9, 0, 0, 0, 6, 0, 0, 0, 0, 0, 8, UNIT, 0};
	static const unsigned char addresses[] = {9, 0, 0, 0, 4, 0, 0, 0, 0, 0, 3, UNIT, 0};
	static const unsigned char table[] = {9, 0, 0, 0, 4, 0, 255, 255, 0, 0, 8, UNIT, 0};
	static const unsigned char unknown[] = {9, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 99, 0};
	static const unsigned char skeleton[] = {17, 0, 0, 0, 5, 0, 4, 8, 0, 0,    0,
						 0,  1, 2, 3, 4, 5, 6, 7, 8, UNIT, 0};
	static const unsigned char none[] = {0, 0, 0, 0, 0, 0, 0, 0};
	static const unsigned char wide[] = {255, 255, 255, 255, 255, 255, 255, 255,
					     255, 255, 255, 255, 4,   0,   0,   0};

	(void)state;
	assert_corrupt(longer, sizeof(longer), VR_CORRUPT);
	assert_corrupt(version, sizeof(version), VR_UNSUPPORTED);
	assert_corrupt(addresses, sizeof(addresses), VR_CORRUPT);
	assert_corrupt(table, sizeof(table), VR_CORRUPT);
	assert_corrupt(unknown, sizeof(unknown), VR_CORRUPT);
	assert_corrupt(skeleton, sizeof(skeleton), VR_UNSUPPORTED);
	assert_corrupt(none, sizeof(none), VR_CORRUPT);
	assert_corrupt(wide, sizeof(wide), VR_CORRUPT);
	assert_corrupt(none, 0, VR_ABSENT);
}

/* Nameless structs that hold several nameless ones each, all the way down: never all of them. */
static void test_a_tree_without_end(void **state)
{
	struct forged f;
	struct vr_types *types;
	uint32_t below = 0;

	(void)state;
	begin(&f);
	below = put(&f, BASE);
	put_name(&f, "int");
	put_uleb(&f, 4);
	vr_strbuf_putc(&f.info, DW_ATE_signed);
	for (int level = 0; level < 40; level++) {
		uint32_t at = put_struct(&f, level == 39 ? "tree" : "", 4);

		for (int i = 0; i < 64; i++)
			put_member(&f, "", below, 0);
		put_end(&f);
		below = at;
	}
	put_struct(&f, "tree", 5);
	put_end(&f);
	types = take(&f);
	assert_int_equal(vr_type_size(vr_types_find(types, "struct tree", NULL)), 4);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_cut_sections),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_sizes_and_places_beyond_measure),
		cmocka_unit_test(test_several_of_one_name),
		cmocka_unit_test(test_headers_that_lie),
		cmocka_unit_test(test_a_tree_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
