// SPDX-License-Identifier: GPL-2.0-or-later
/* Types by their C names. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "type/model.h"

#define POINTERS_MAX 16
#define DIMENSIONS_MAX 8

/* C's words for integers, which may stand in any order. */
enum word {
	W_CHAR,
	W_SHORT,
	W_INT,
	W_LONG,
	W_INT128,
	W_FLOAT,
	W_DOUBLE,
	W_SIGNED,
	W_UNSIGNED,
	WORDS
};

static const char *const words[WORDS] = {
	[W_CHAR] = "char",     [W_SHORT] = "short",     [W_INT] = "int",
	[W_LONG] = "long",     [W_INT128] = "__int128", [W_FLOAT] = "float",
	[W_DOUBLE] = "double", [W_SIGNED] = "signed",   [W_UNSIGNED] = "unsigned",
};

/* Each set of words, how GCC names the type in debug information, and how Clang does. */
static const struct {
	uint8_t count[WORDS];
	const char *gcc, *clang;
} integers[] = {
	{{[W_CHAR] = 1}, "char", NULL},
	{{[W_CHAR] = 1, [W_SIGNED] = 1}, "signed char", NULL},
	{{[W_CHAR] = 1, [W_UNSIGNED] = 1}, "unsigned char", NULL},
	{{[W_SHORT] = 1}, "short int", "short"},
	{{[W_SHORT] = 1, [W_UNSIGNED] = 1}, "short unsigned int", "unsigned short"},
	{{0}, "int", NULL},
	{{[W_UNSIGNED] = 1}, "unsigned int", NULL},
	{{[W_LONG] = 1}, "long int", "long"},
	{{[W_LONG] = 1, [W_UNSIGNED] = 1}, "long unsigned int", "unsigned long"},
	{{[W_LONG] = 2}, "long long int", "long long"},
	{{[W_LONG] = 2, [W_UNSIGNED] = 1}, "long long unsigned int", "unsigned long long"},
	{{[W_INT128] = 1}, "__int128", NULL},
	{{[W_INT128] = 1, [W_UNSIGNED] = 1}, "__int128 unsigned", "unsigned __int128"},
	{{[W_FLOAT] = 1}, "float", NULL},
	{{[W_DOUBLE] = 1}, "double", NULL},
	{{[W_DOUBLE] = 1, [W_LONG] = 1}, "long double", NULL},
};

/* A name taken apart. */
struct parsed {
	uint8_t count[WORDS];
	bool is_integer;
	enum vr_btf_space space;
	const char *name;
	size_t len;
	unsigned int pointers, dimensions;
	uint64_t dimension[DIMENSIONS_MAX];
};

static void skip_spaces(const char **p)
{
	while (isspace((unsigned char)**p))
		(*p)++;
}

/* The identifier at *p, which is moved behind it and the spaces after. 0: there is none. */
static size_t identifier(const char **p, const char **start)
{
	size_t len = 0;

	*start = *p;
	while (isalnum((unsigned char)(*p)[len]) || (*p)[len] == '_' || (*p)[len] == '$')
		len++;
	*p += len;
	skip_spaces(p);
	return len;
}

static bool is(const char *start, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(start, word, len) == 0;
}

static bool is_qualifier(const char *start, size_t len)
{
	return is(start, len, "const") || is(start, len, "volatile") ||
	       is(start, len, "restrict") || is(start, len, "__restrict");
}

static bool take_integer_word(struct parsed *out, const char *start, size_t len)
{
	for (int i = 0; i < WORDS; i++) {
		if (!is(start, len, words[i]))
			continue;
		out->is_integer = true;
		return out->count[i]++ < 2;
	}
	return false;
}

/* One word of "const struct foo", "unsigned long", "u64". */
static bool take_word(struct parsed *out, const char **p, const char *start, size_t len)
{
	bool tagged = true;

	if (is_qualifier(start, len))
		return true;
	if (out->name)
		return false;
	if (take_integer_word(out, start, len))
		return true;
	if (out->is_integer)
		return false;
	if (is(start, len, "struct"))
		out->space = VR_SPACE_STRUCT;
	else if (is(start, len, "union"))
		out->space = VR_SPACE_UNION;
	else if (is(start, len, "enum"))
		out->space = VR_SPACE_ENUM;
	else
		tagged = false;
	if (tagged)
		len = identifier(p, &start);
	out->name = start;
	out->len = len;
	return len > 0;
}

static bool take_dimension(struct parsed *out, const char **p)
{
	uint64_t length = 0;
	char *end;

	(*p)++;
	skip_spaces(p);
	if (isdigit((unsigned char)**p)) {
		length = strtoull(*p, &end, 0);
		*p = end;
		skip_spaces(p);
	}
	if (**p != ']' || length > INT64_MAX || out->dimensions == DIMENSIONS_MAX)
		return false;
	(*p)++;
	skip_spaces(p);
	out->dimension[out->dimensions++] = length;
	return true;
}

static bool parse(const char *p, struct parsed *out)
{
	const char *start;
	size_t len;

	*out = (struct parsed){.space = VR_SPACE_PLAIN};
	skip_spaces(&p);
	while ((len = identifier(&p, &start)) > 0)
		if (!take_word(out, &p, start, len))
			return false;
	if (!out->name && !out->is_integer)
		return false;
	while (*p == '*') {
		p++;
		skip_spaces(&p);
		if (++out->pointers > POINTERS_MAX)
			return false;
		while ((len = identifier(&p, &start)) > 0)
			if (!is_qualifier(start, len))
				return false;
	}
	while (*p == '[')
		if (!take_dimension(out, &p))
			return false;
	return *p == '\0';
}

/*
 * The best type of that name: a definition in the source preferred, in vmlinux, in the modules in
 * their order; else a declaration, likewise.
 */
static const struct vr_type *find_name(struct vr_types *types, struct vr_type_source *prefer,
				       enum vr_btf_space space, const char *name, size_t len)
{
	struct vr_type_source *source;
	uint32_t id;

	for (size_t i = 0; i <= types->source_count; i++) {
		source = i ? types->sources[i - 1] : prefer;
		if (!source)
			continue;
		id = vr_source_find_definition(source, space, name, len, NULL);
		if (id)
			return vr_type_of_id(source, id);
	}
	for (size_t i = 0; i <= types->source_count; i++) {
		source = i ? types->sources[i - 1] : prefer;
		id = source ? vr_source_find(source, space, name, len) : 0;
		if (id)
			return vr_type_of_id(source, id);
	}
	return NULL;
}

static const struct vr_type *find_integer(struct vr_types *types, struct parsed *name)
{
	uint8_t count[WORDS];

	memcpy(count, name->count, sizeof(count));
	/* What goes without saying: "int" beside another word, "signed" but for char. */
	count[W_INT] = 0;
	if (!count[W_CHAR] && !count[W_UNSIGNED])
		count[W_SIGNED] = 0;
	for (size_t i = 0; i < VR_ARRAY_SIZE(integers); i++) {
		const struct vr_type *type;
		const char *gcc = integers[i].gcc, *clang = integers[i].clang;

		if (memcmp(count, integers[i].count, sizeof(count)) != 0)
			continue;
		type = find_name(types, NULL, VR_SPACE_PLAIN, gcc, strlen(gcc));
		if (!type && clang)
			type = find_name(types, NULL, VR_SPACE_PLAIN, clang, strlen(clang));
		return type;
	}
	return NULL;
}

static const struct vr_type *find_base(struct vr_types *types, struct vr_type_source *prefer,
				       struct parsed *name)
{
	if (name->is_integer)
		return find_integer(types, name);
	if (name->space == VR_SPACE_PLAIN && is(name->name, name->len, "void"))
		return types->nothing;
	return find_name(types, prefer, name->space, name->name, name->len);
}

const struct vr_type *vr_type_by_name(struct vr_types *types, struct vr_type_source *prefer,
				      const char *name, struct vr_error *err)
{
	const struct vr_type *type;
	struct parsed parsed;

	if (!parse(name, &parsed)) {
		vr_error_set(err, VR_UNSUPPORTED, "'%s' isn't understood as a type", name);
		return NULL;
	}
	type = find_base(types, prefer, &parsed);
	if ((!type || (!parsed.pointers && vr_type_is_lost(type))) && types->lack.kind != VR_OK) {
		vr_error_set(err, types->lack.kind,
			     "type '%s' may be among those that the dump lacks: %s", name,
			     types->lack.text);
		if (err)
			err->addr = types->lack.addr;
		return NULL;
	}
	if (!type) {
		vr_error_set(err, VR_ABSENT, "this kernel has no type '%s'", name);
		return NULL;
	}
	for (unsigned int i = 0; type && i < parsed.pointers; i++)
		type = vr_types_pointer_to(types, type);
	for (unsigned int i = parsed.dimensions; type && i-- > 0;)
		type = vr_types_array_of(types, type, parsed.dimension[i]);
	if (!type)
		vr_error_set(err, VR_NOMEM, "out of memory for type '%s'", name);
	return type;
}
