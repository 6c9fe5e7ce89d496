// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/parameters.h"

#include <ctype.h>
#include <dwarf.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "debuginfo/file_parts.h"
#include "debuginfo/location.h"

/* Entries below a function, or enumerators, that are looked at. */
#define ENTRIES_MAX 100000u
/* const, typedef and pointers, one of another. */
#define TYPES_MAX 32

/* What a file says of a parameter at one address: all but its value. */
struct recipe {
	struct vr_parameter parameter;
	unsigned size;    /* of its value, in bytes */
	bool is_constant; /* the value is given */
	int passed_in;    /* the register that it is passed in, by DWARF's number; -1: not sure */
	Dwarf_Attribute location;
	const Dwarf_Op *ops;
	size_t op_count;
	Dwarf_Die type; /* of VR_PARAMETER_ENUM */
};

struct recipes {
	size_t count;
	struct recipe list[];
};

/* A name; NULL where it is none of C. */
static const char *name_of(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	for (const char *p = name; p && *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return NULL;
	return name;
}

/* ---- Types ---- */

/* What a type, or a variable, is of; false: void, or what can't be read. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, type);
}

/* The same type without its names and qualifiers. */
static bool strip(Dwarf_Die *type)
{
	for (unsigned i = 0; i < TYPES_MAX; i++) {
		switch (dwarf_tag(type)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!type_of(type, type))
				return false;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool put_name(struct vr_strbuf *sb, const char *before, Dwarf_Die *type)
{
	char text[VR_PRINTABLE_SIZE(128)];
	const char *name = dwarf_diename(type);

	if (!name || strlen(name) >= 128)
		return false;
	vr_strbuf_printf(sb, "%s%s", before, vr_printable(name, text, sizeof(text)));
	return true;
}

/* A type in C's words; false: it has no such simple ones. */
static bool spell(struct vr_strbuf *sb, Dwarf_Die *type, unsigned depth)
{
	bool is_void = !type->addr, simple;
	Dwarf_Die of;

	if (is_void) {
		vr_strbuf_puts(sb, "void");
		return true;
	}
	if (depth == TYPES_MAX)
		return false;
	if (!type_of(type, &of))
		of = (Dwarf_Die){0};
	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
	case DW_TAG_typedef:
		return put_name(sb, "", type);
	case DW_TAG_structure_type:
		return put_name(sb, "struct ", type);
	case DW_TAG_union_type:
		return put_name(sb, "union ", type);
	case DW_TAG_enumeration_type:
		return put_name(sb, "enum ", type);
	case DW_TAG_restrict_type:
		return spell(sb, &of, depth + 1);
	case DW_TAG_const_type:
		/* Of a pointer it is the parameter that is constant, which doesn't matter. */
		if (!of.addr || dwarf_tag(&of) != DW_TAG_pointer_type)
			vr_strbuf_puts(sb, "const ");
		return spell(sb, &of, depth + 1);
	case DW_TAG_volatile_type:
		vr_strbuf_puts(sb, "volatile ");
		return spell(sb, &of, depth + 1);
	case DW_TAG_pointer_type:
		simple = spell(sb, &of, depth + 1);
		vr_strbuf_puts(sb, sb->len && sb->data[sb->len - 1] == '*' ? "*" : " *");
		return simple;
	default:
		return false;
	}
}

static const char *spelled(struct vr_arena *arena, Dwarf_Die *type)
{
	VR_STRBUF sb = {0};
	const char *text = "";

	if (spell(&sb, type, 0) && !sb.failed)
		text = vr_arena_strndup(arena, sb.data, sb.len);
	return text ? text : "";
}

/* C's char itself: bytes of other types, which may be signed or not as well, are no text. */
static bool is_char(Dwarf_Die *type)
{
	const char *name = dwarf_diename(type);

	return dwarf_tag(type) == DW_TAG_base_type && dwarf_bytesize(type) == 1 && name &&
	       !strcmp(name, "char");
}

static bool set_base_form(struct recipe *recipe, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	Dwarf_Word encoding;

	if (dwarf_formudata(dwarf_attr(type, DW_AT_encoding, &attr), &encoding) != 0)
		return false;
	switch (encoding) {
	case DW_ATE_boolean:
		recipe->parameter.form = VR_PARAMETER_BOOL;
		return true;
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		recipe->parameter.form = VR_PARAMETER_SIGNED;
		return true;
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		recipe->parameter.form = VR_PARAMETER_UNSIGNED;
		return true;
	default:
		return false;
	}
}

/* How its values are to be read; false: not at all, as those of a struct. */
static bool set_form(struct recipe *recipe, Dwarf_Die *type)
{
	struct vr_parameter *p = &recipe->parameter;
	Dwarf_Die stripped = *type, of;
	int size;

	if (!strip(&stripped))
		return false;
	size = dwarf_bytesize(&stripped);
	if (size < 1 || size > 8)
		return false;
	recipe->size = (unsigned)size;
	recipe->type = stripped;
	switch (dwarf_tag(&stripped)) {
	case DW_TAG_base_type:
		return set_base_form(recipe, &stripped);
	case DW_TAG_pointer_type:
		p->form = VR_PARAMETER_POINTER;
		p->points_to_chars = type_of(&stripped, &of) && strip(&of) && is_char(&of);
		return size == 8;
	case DW_TAG_enumeration_type:
		p->form = VR_PARAMETER_ENUM;
		p->is_signed = type_of(&stripped, &of) && strip(&of) &&
			       set_base_form(recipe, &of) && p->form == VR_PARAMETER_SIGNED;
		p->form = VR_PARAMETER_ENUM;
		return true;
	default:
		return false;
	}
}

/* ---- What is said of a parameter ---- */

static bool set_location(struct recipe *recipe, Dwarf_Die *die, uint64_t at)
{
	Dwarf_Op *ops[2];
	size_t counts[2];
	Dwarf_Attribute attr;
	Dwarf_Word value;
	Dwarf_Sword number;

	if (dwarf_attr(die, DW_AT_const_value, &attr)) {
		recipe->is_constant = true;
		if (dwarf_formsdata(&attr, &number) == 0)
			recipe->parameter.value = (uint64_t)number;
		else if (dwarf_formudata(&attr, &value) == 0)
			recipe->parameter.value = value;
		else
			return false;
		return true;
	}
	if (!dwarf_attr(die, DW_AT_location, &recipe->location) ||
	    dwarf_getlocation_addr(&recipe->location, at, ops, counts, 2) != 1)
		return false;
	recipe->ops = ops[0];
	recipe->op_count = counts[0];
	return true;
}

/*
 * Into which register the next parameter of a function goes (x86-64 psABI, 3.2.3), as long as all are of
 * simple types.
 */
struct passing {
	int next; /* -1: not sure */
};

static struct passing passing_begin(Dwarf_Die *function)
{
	Dwarf_Die type, unit;
	/* Where a struct is to be returned to is passed as well; and Rust has rules of its own. */
	bool is_simple = dwarf_tag(function) == DW_TAG_subprogram &&
			 dwarf_diecu(function, &unit, NULL, NULL) && vr_unit_is_c(&unit) &&
			 (!type_of(function, &type) ||
			  (strip(&type) && dwarf_tag(&type) != DW_TAG_structure_type &&
			   dwarf_tag(&type) != DW_TAG_union_type));

	return (struct passing){is_simple ? 0 : -1};
}

static int passing_next(struct passing *passing, bool is_simple)
{
	static const int order[] = {VR_DWARF_RDI, VR_DWARF_RSI, VR_DWARF_RDX,
				    VR_DWARF_RCX, VR_DWARF_R8,  VR_DWARF_R9};

	if (!is_simple || passing->next == (int)VR_ARRAY_SIZE(order))
		passing->next = -1;
	return passing->next < 0 ? -1 : order[passing->next++];
}

static bool make_recipe(struct recipe *recipe, Dwarf_Die *die, uint64_t at, struct passing *passing,
			struct vr_arena *arena)
{
	const char *name = name_of(die);
	bool is_simple, is_located;
	Dwarf_Die type;

	*recipe = (struct recipe){0};
	is_simple = type_of(die, &type) && set_form(recipe, &type);
	recipe->passed_in = passing_next(passing, is_simple);
	if (!name || !is_simple)
		return false;
	is_located = set_location(recipe, die, at);
	if (!is_located && recipe->passed_in < 0)
		return false;
	recipe->parameter.name = name;
	recipe->parameter.type = spelled(arena, &type);
	return true;
}

static struct recipes *make_recipes(Dwarf_Die *function, uint64_t at, struct vr_arena *arena)
{
	struct recipe list[VR_PARAMETERS_MAX];
	struct recipes *recipes;
	size_t count = 0;
	Dwarf_Die child;
	struct passing passing = passing_begin(function);
	int r = dwarf_child(function, &child);

	for (unsigned i = 0; r == 0 && i < ENTRIES_MAX && count < VR_PARAMETERS_MAX; i++) {
		if (dwarf_tag(&child) == DW_TAG_formal_parameter &&
		    make_recipe(&list[count], &child, at, &passing, arena))
			count++;
		r = dwarf_siblingof(&child, &child);
	}
	recipes = vr_arena_alloc(arena, sizeof(*recipes) + count * sizeof(*list));
	if (!recipes)
		return NULL;
	recipes->count = count;
	memcpy(recipes->list, list, count * sizeof(*list));
	return recipes;
}

static const struct recipes *recipes_of(const struct vr_debug_frame *f, size_t function)
{
	struct vr_lookups *cache = vr_debug_file_lookups(f->file);
	/* No two addresses of code differ in their highest bits only. */
	uint64_t key = f->at << 6 | function;
	const uint64_t *known = vr_map_get(&cache->parameters, key);
	Dwarf_Die entry = f->source->frames[function].entry;
	struct recipes *recipes = NULL;

	if (known)
		return (const struct recipes *)(uintptr_t)*known;
	if (entry.addr)
		recipes = make_recipes(&entry, f->at, &cache->arena);
	vr_map_put(&cache->parameters, key, (uint64_t)(uintptr_t)recipes, NULL);
	return recipes;
}

/* ---- Its value ---- */

static bool is_signed(const struct vr_parameter *p)
{
	return p->form == VR_PARAMETER_SIGNED || (p->form == VR_PARAMETER_ENUM && p->is_signed);
}

static const char *find_enumerator(Dwarf_Die *type, uint64_t value, unsigned size)
{
	uint64_t mask = UINT64_MAX >> (64 - 8 * size);
	Dwarf_Attribute attr;
	Dwarf_Sword number;
	Dwarf_Die child;
	int r = dwarf_child(type, &child);

	for (unsigned i = 0; r == 0 && i < ENTRIES_MAX; i++) {
		if (dwarf_tag(&child) == DW_TAG_enumerator &&
		    dwarf_formsdata(dwarf_attr(&child, DW_AT_const_value, &attr), &number) == 0 &&
		    ((uint64_t)number & mask) == (value & mask))
			return name_of(&child);
		r = dwarf_siblingof(&child, &child);
	}
	return NULL;
}

/* The value in as many bytes as it has room for; false: it isn't sure. */
static bool find_value(const struct vr_debug_stack *stack, size_t frame,
		       const struct recipe *recipe, uint64_t *value)
{
	Dwarf_Attribute attr = recipe->location;
	struct vr_location location;

	if (recipe->is_constant) {
		*value = recipe->parameter.value;
		return true;
	}
	if (!recipe->ops ||
	    !vr_location_evaluate(stack, frame, &attr, recipe->ops, recipe->op_count, &location))
		return false;
	*value = location.value;
	return !location.in_memory || stack->read(stack->arg, location.value, value, recipe->size);
}

/* What the function was called with. */
static bool find_entry_value(const struct vr_debug_stack *stack, size_t frame,
			     const struct recipe *recipe, uint64_t *value)
{
	return recipe->passed_in >= 0 && frame + 1 < stack->count &&
	       !stack->frames[frame + 1].target_is_clone &&
	       vr_location_at_entry(stack, frame, recipe->passed_in, value);
}

static bool evaluate(const struct vr_debug_stack *stack, size_t frame, const struct recipe *recipe,
		     struct vr_parameter *p)
{
	unsigned unused = 64 - 8 * recipe->size;
	Dwarf_Die type = recipe->type;
	uint64_t value;

	*p = recipe->parameter;
	if (!find_value(stack, frame, recipe, &value)) {
		p->at_entry = true;
		if (!find_entry_value(stack, frame, recipe, &value))
			return false;
	}
	value <<= unused;
	p->value = is_signed(p) ? (uint64_t)((int64_t)value >> unused) : value >> unused;
	if (p->form == VR_PARAMETER_ENUM)
		p->enumerator = find_enumerator(&type, p->value, recipe->size);
	/* No such value is a bool's: what is there isn't the parameter. */
	return p->form != VR_PARAMETER_BOOL || p->value <= 1;
}

size_t vr_parameters_evaluate(const struct vr_debug_stack *stack, size_t frame, size_t function,
			      struct vr_parameter list[VR_PARAMETERS_MAX])
{
	const struct vr_debug_frame *f = &stack->frames[frame];
	const struct recipes *recipes = f->file && f->source ? recipes_of(f, function) : NULL;
	size_t count = 0;

	for (size_t i = 0; recipes && i < recipes->count; i++)
		if (evaluate(stack, frame, &recipes->list[i], &list[count]))
			count++;
	return count;
}
