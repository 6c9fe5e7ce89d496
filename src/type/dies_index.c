// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index of names: one pass over the entries at the top of each unit. Every unit of a kernel
 * describes the headers that it includes again, so that what was seen before is told by a hash.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/namehash.h"
#include "debuginfo/language.h"
#include "type/dies.h"

/*
 * Units may share abbreviations, or have some of their own. So often the whole section may be read
 * before it is a forgery that wants it read for ever.
 */
#define ABBREV_READS 64
#define ABBREV_BYTES ((uint64_t)16 << 20)

struct pass {
	struct vr_dies *dies;
	struct vr_die_abbrevs abbrevs; /* the unit's at hand */
	uint64_t abbrev_budget;
	uint64_t *seen; /* a hash table of hashes; 0: free */
	size_t seen_count, seen_mask;
	uint32_t name_cap, enum_cap;
};

bool vr_die_space(uint16_t tag, enum vr_btf_space *space)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
		*space = VR_SPACE_STRUCT;
		return true;
	case DW_TAG_union_type:
		*space = VR_SPACE_UNION;
		return true;
	case DW_TAG_enumeration_type:
		*space = VR_SPACE_ENUM;
		return true;
	case DW_TAG_typedef:
	case DW_TAG_base_type:
		*space = VR_SPACE_PLAIN;
		return true;
	default:
		return false;
	}
}

/* ---- What was seen ---- */

static bool grow_seen(struct pass *pass)
{
	size_t slots = pass->seen ? (pass->seen_mask + 1) * 2 : (size_t)1 << 16;
	uint64_t *bigger = calloc(slots, sizeof(*bigger));

	if (!bigger)
		return false;
	for (size_t i = 0; pass->seen && i <= pass->seen_mask; i++) {
		size_t to = pass->seen[i] & (slots - 1);

		if (!pass->seen[i])
			continue;
		while (bigger[to])
			to = (to + 1) & (slots - 1);
		bigger[to] = pass->seen[i];
	}
	free(pass->seen);
	pass->seen = bigger;
	pass->seen_mask = slots - 1;
	return true;
}

/* Whether a hash is new; it isn't the next time. */
static bool is_new(struct pass *pass, uint64_t hash, bool *failed)
{
	size_t at;

	hash += hash == 0;
	if ((!pass->seen || pass->seen_count > pass->seen_mask / 2) && !grow_seen(pass)) {
		*failed = true;
		return false;
	}
	for (at = hash & pass->seen_mask; pass->seen[at]; at = (at + 1) & pass->seen_mask)
		if (pass->seen[at] == hash)
			return false;
	pass->seen[at] = hash;
	pass->seen_count++;
	return true;
}

/* A linker keeps one copy of each string, so that a name is told by where it is. */
static uint64_t name_key(const struct pass *pass, const struct vr_die_unit *unit, const char *name)
{
	const struct vr_die_part *part = &pass->dies->parts[unit->part];
	uintptr_t offset = (uintptr_t)name - (uintptr_t)part->info.data;

	if (offset < part->info.len)
		return vr_namehash(pass->dies->seed, name, strnlen(name, VR_BTF_NAME_MAX));
	return (uintptr_t)name;
}

/* The first child's name tells apart what has the same name, size and line in two files. */
static uint64_t child_key(const struct pass *pass, const struct vr_die *die)
{
	struct vr_die child;

	if (!die->has_children ||
	    !vr_die_read_in(pass->dies, die->unit, &pass->abbrevs, die->next, &child))
		return 0;
	return child.tag ? name_key(pass, die->unit, vr_die_name(&child)) + child.tag : 0;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	return vr_namehash_mix(a ^ 0x8ebc6af09c88c6e3ull, b ^ 0xe7037ed1a0b428dbull);
}

static uint64_t key_of(const struct pass *pass, const struct vr_die *die, const char *name)
{
	uint64_t size = 0, line = 0, key;

	vr_die_number(die, VR_DIE_BYTE_SIZE, &size);
	vr_die_number(die, VR_DIE_LINE, &line);
	key = mix(name_key(pass, die->unit, name) + die->tag, size << 32 ^ line);
	key = mix(key, vr_die_has(die, VR_DIE_DECLARATION));
	return die->tag == DW_TAG_typedef ? key : mix(key, child_key(pass, die));
}

/* ---- The pass ---- */

static bool add_name(struct pass *pass, const struct vr_die *die, enum vr_btf_space space,
		     const char *name)
{
	struct vr_dies *dies = pass->dies;
	size_t len = strnlen(name, VR_BTF_NAME_MAX + 1);

	if (len == 0 || len > VR_BTF_NAME_MAX)
		return true;
	if (!vr_dies_grow((void **)&dies->names, &pass->name_cap, dies->name_count,
			  sizeof(*dies->names)))
		return false;
	dies->names[dies->name_count++] = (struct vr_die_name){
		.name = name,
		.len = (uint32_t)len,
		.offset = die->offset,
		.space = (uint8_t)space,
		.is_declaration =
			space != VR_SPACE_VARIABLE && vr_die_flag(die, VR_DIE_DECLARATION),
	};
	return true;
}

static bool add_type(struct pass *pass, const struct vr_die *die, enum vr_btf_space space)
{
	struct vr_dies *dies = pass->dies;
	const char *name = vr_die_name(die);
	bool failed = false;

	if (!*name && space != VR_SPACE_ENUM)
		return true;
	if (!is_new(pass, key_of(pass, die, name), &failed))
		return !failed;
	if (space == VR_SPACE_ENUM && die->has_children) {
		if (!vr_dies_grow((void **)&dies->enums, &pass->enum_cap, dies->enum_count,
				  sizeof(*dies->enums)))
			return false;
		dies->enums[dies->enum_count++] = die->offset;
	}
	return add_name(pass, die, space, name);
}

/* A variable that is declared first, in a header, has its name and mostly its type there. */
static bool add_variable(struct pass *pass, const struct vr_die *die)
{
	const char *name = vr_die_name(die);
	struct vr_die declared;
	uint32_t at = vr_die_ref(die, VR_DIE_SPECIFICATION, VR_DIE_VOID);

	if (vr_die_flag(die, VR_DIE_DECLARATION))
		return true;
	if (!*name && at >= die->unit->first && at < die->unit->end &&
	    vr_die_read_in(pass->dies, die->unit, &pass->abbrevs, at, &declared))
		name = vr_die_name(&declared);
	return add_name(pass, die, VR_SPACE_VARIABLE, name);
}

/* Other languages have types of the same names as C's; pahole leaves them out of BTF, too. */
static bool is_c(const struct vr_die *root)
{
	uint64_t language;

	return !vr_die_number(root, VR_DIE_LANGUAGE, &language) || vr_dwarf_is_c(language);
}

static enum vr_err corrupt(const struct vr_die_unit *unit, uint32_t at, struct vr_error *err)
{
	return vr_error_set(err, VR_CORRUPT,
			    "the unit of debug information at 0x%x can't be read from 0x%x on",
			    unit->start, at);
}

/* The unit's first entry says what holds for all. *at becomes its first child's. */
static enum vr_err begin_unit(struct pass *pass, struct vr_die_unit *unit, uint32_t *at,
			      struct vr_error *err)
{
	struct vr_die root;

	*at = unit->end;
	/* One of nothing but its header describes nothing. */
	if (unit->first == unit->end)
		return VR_OK;
	if (!vr_die_read_in(pass->dies, unit, &pass->abbrevs, unit->first, &root))
		return corrupt(unit, unit->first, err);
	if (vr_die_has(&root, VR_DIE_SPLIT))
		return vr_error_set(
			err, VR_UNSUPPORTED,
			"split DWARF: what describes the types is in other files (.dwo)");
	vr_die_number(&root, VR_DIE_STR_OFFSETS_BASE, &unit->str_base);
	unit->is_passed_over = !is_c(&root);
	if (root.tag && root.has_children && !unit->is_passed_over)
		*at = root.next;
	return VR_OK;
}

static enum vr_err index_unit(struct pass *pass, struct vr_die_unit *unit, struct vr_error *err)
{
	uint32_t at;
	enum vr_err rc = begin_unit(pass, unit, &at, err);

	while (!rc && at < unit->end) {
		enum vr_btf_space space;
		struct vr_die die;
		bool added = true;

		if (!vr_die_read_in(pass->dies, unit, &pass->abbrevs, at, &die))
			return corrupt(unit, at, err);
		if (die.tag == 0)
			break;
		if (vr_die_space(die.tag, &space))
			added = add_type(pass, &die, space);
		else if (die.tag == DW_TAG_variable)
			added = add_variable(pass, &die);
		if (!added)
			return vr_error_set(err, VR_NOMEM, "out of memory for debug information");
		if (!vr_die_skip(pass->dies, &pass->abbrevs, &die, &at))
			return corrupt(unit, die.offset, err);
	}
	return rc;
}

static enum vr_err read_abbrevs(struct pass *pass, const struct vr_die_unit *unit,
				const struct vr_die_unit *before, struct vr_error *err)
{
	enum vr_err rc;
	size_t bytes;

	if (before && before->abbrev_offset == unit->abbrev_offset &&
	    pass->dies->parts[before->part].sections == pass->dies->parts[unit->part].sections &&
	    before->offset_size == unit->offset_size && before->address_size == unit->address_size)
		return VR_OK;
	rc = vr_die_abbrevs_read(pass->dies, unit, &pass->abbrevs, &bytes);
	if (rc == VR_NOMEM)
		return vr_error_set(err, VR_NOMEM, "out of memory for debug information");
	if (rc || bytes > pass->abbrev_budget)
		return vr_error_set(
			err, VR_CORRUPT,
			"the abbreviations of the unit of debug information at 0x%x can't "
			"be right",
			unit->start);
	pass->abbrev_budget -= bytes;
	return VR_OK;
}

static enum vr_err index_units(struct pass *pass, struct vr_error *err)
{
	struct vr_dies *dies = pass->dies;
	const struct vr_die_unit *before = NULL;

	pass->abbrev_budget = ABBREV_BYTES;
	pass->abbrev_budget += (dies->sections.abbrev.len + dies->alt.abbrev.len) * ABBREV_READS;
	for (size_t i = 0; i < dies->unit_count; i++) {
		enum vr_err rc = read_abbrevs(pass, &dies->units[i], before, err);

		if (!rc)
			rc = index_unit(pass, &dies->units[i], err);
		if (rc)
			return rc;
		before = &dies->units[i];
	}
	return VR_OK;
}

/* ---- Names ---- */

/* The slot where the name is, or the empty one where it belongs. */
static uint32_t *name_slot(const struct vr_dies *dies, enum vr_btf_space space, const char *name,
			   size_t len)
{
	uint32_t i = (uint32_t)vr_namehash(dies->seed + space, name, len) & dies->name_mask;

	for (; dies->name_slots[i]; i = (i + 1) & dies->name_mask) {
		const struct vr_die_name *other = &dies->names[dies->name_slots[i] - 1];

		if (other->space == space && other->len == len && !memcmp(other->name, name, len))
			break;
	}
	return &dies->name_slots[i];
}

static bool hash_names(struct vr_dies *dies)
{
	size_t slots = 16;

	while (slots < (size_t)dies->name_count * 2)
		slots *= 2;
	dies->name_mask = (uint32_t)(slots - 1);
	dies->name_slots = calloc(slots, sizeof(*dies->name_slots));
	if (!dies->name_slots)
		return false;
	/* Backwards, each put before its namesakes: the chains are then in the order of offsets. */
	for (uint32_t i = dies->name_count; i-- > 0;) {
		struct vr_die_name *name = &dies->names[i];
		uint32_t *slot = name_slot(dies, name->space, name->name, name->len);

		name->next = *slot;
		*slot = i + 1;
	}
	return true;
}

enum vr_err vr_dies_index(struct vr_dies *dies, struct vr_error *err)
{
	struct pass pass = {.dies = dies};
	enum vr_err rc;

	if (dies->is_indexed)
		return VR_OK;
	free(dies->names);
	free(dies->enums);
	dies->names = NULL;
	dies->enums = NULL;
	dies->name_count = dies->enum_count = 0;
	rc = index_units(&pass, err);
	vr_die_abbrevs_free(&pass.abbrevs);
	free(pass.seen);
	if (!rc && !hash_names(dies))
		rc = vr_error_set(err, VR_NOMEM, "out of memory for debug information");
	dies->is_indexed = !rc;
	return rc;
}

static struct vr_die_name *first_name(const struct vr_dies *dies, enum vr_btf_space space,
				      const char *name, size_t len)
{
	uint32_t index;

	if (!dies->is_indexed || len == 0 || len > VR_BTF_NAME_MAX)
		return NULL;
	index = *name_slot(dies, space, name, len);
	return index ? &dies->names[index - 1] : NULL;
}

static struct vr_die_name *next_name(const struct vr_dies *dies, const struct vr_die_name *name)
{
	return name->next ? &dies->names[name->next - 1] : NULL;
}

uint32_t vr_dies_find_declaration(struct vr_dies *dies, enum vr_btf_space space, const char *name,
				  size_t len)
{
	const struct vr_die_name *n = first_name(dies, space, name, len);

	while (n && !n->is_declaration)
		n = next_name(dies, n);
	return n ? n->offset : VR_DIE_VOID;
}

/* More that differ than anybody needs to tell apart. */
enum { SHAPES_MAX = 16 };

static uint64_t shape_of(struct vr_dies *dies, struct vr_die_name *name)
{
	if (!name->shape)
		name->shape = vr_die_shape(dies, name->offset);
	return name->shape;
}

/* The definitions among these names that differ. */
static uint32_t count_shapes(struct vr_dies *dies, struct vr_die_name *n)
{
	uint64_t shapes[SHAPES_MAX];
	uint32_t count = 0;

	/* Most are the only one. */
	if (!n->next)
		return 1;
	for (; n && count < SHAPES_MAX; n = next_name(dies, n)) {
		uint32_t i = 0;

		if (n->is_declaration)
			continue;
		shapes[count] = shape_of(dies, n);
		while (shapes[i] != shapes[count])
			i++;
		count += i == count;
	}
	return count;
}

uint32_t vr_dies_find_definition(struct vr_dies *dies, enum vr_btf_space space, const char *name,
				 size_t len, uint32_t *count)
{
	struct vr_die_name *n = first_name(dies, space, name, len);

	while (n && n->is_declaration)
		n = next_name(dies, n);
	if (count)
		*count = n ? count_shapes(dies, n) : 0;
	return n ? n->offset : VR_DIE_VOID;
}

/* A variable's type is in its entry, or in that of its declaration. */
static uint32_t type_of_variable(struct vr_dies *dies, uint32_t offset)
{
	struct vr_die die;

	for (int i = 0; i < 4 && vr_die_read(dies, offset, &die); i++) {
		if (vr_die_has(&die, VR_DIE_TYPE))
			return vr_die_ref(&die, VR_DIE_TYPE, VR_DIE_BAD);
		offset = vr_die_ref(&die, VR_DIE_SPECIFICATION, VR_DIE_BAD);
	}
	return VR_DIE_BAD;
}

uint32_t vr_dies_find_variable(struct vr_dies *dies, const char *name)
{
	const struct vr_die_name *n = first_name(dies, VR_SPACE_VARIABLE, name, strlen(name));
	uint32_t first = n ? type_of_variable(dies, n->offset) : VR_DIE_VOID;
	uint64_t shape = n && n->next ? vr_die_ref_shape(dies, first) : 0;

	while (n && (n = next_name(dies, n)))
		if (vr_die_ref_shape(dies, type_of_variable(dies, n->offset)) != shape)
			return VR_DIE_VOID;
	return first == VR_DIE_BAD ? VR_DIE_VOID : first;
}

/* ---- One entry for all that are the same ---- */

/* A declaration's definition, where there is just one; else the first declaration. */
static uint32_t complete(struct vr_dies *dies, enum vr_btf_space space, const char *name,
			 size_t len, uint32_t offset)
{
	uint32_t count, found = vr_dies_find_definition(dies, space, name, len, &count);

	if (count == 1)
		return found;
	found = vr_dies_find_declaration(dies, space, name, len);
	return found ? found : offset;
}

uint32_t vr_dies_canonical(struct vr_dies *dies, uint32_t offset)
{
	struct vr_die_name *n;
	enum vr_btf_space space;
	struct vr_die die;
	const char *name;
	uint64_t shape = 0;
	size_t len;

	if (!vr_die_read(dies, offset, &die) || !vr_die_space(die.tag, &space))
		return offset;
	if (vr_die_has(&die, VR_DIE_SIGNATURE)) {
		offset = vr_die_ref(&die, VR_DIE_SIGNATURE, VR_DIE_BAD);
		if (!vr_die_read(dies, offset, &die) || !vr_die_space(die.tag, &space))
			return offset;
	}
	name = vr_die_name(&die);
	len = strnlen(name, VR_BTF_NAME_MAX + 1);
	if (vr_die_flag(&die, VR_DIE_DECLARATION))
		return complete(dies, space, name, len, offset);
	for (n = first_name(dies, space, name, len); n; n = next_name(dies, n)) {
		if (n->offset == offset)
			return offset;
		if (n->is_declaration)
			continue;
		shape = shape ? shape : vr_die_shape(dies, offset);
		if (shape_of(dies, n) == shape)
			return n->offset;
	}
	return offset;
}

/* ---- Enumerators ---- */

static uint32_t *constant_slot(const struct vr_dies *dies, const char *name, size_t len)
{
	uint32_t i = (uint32_t)vr_namehash(dies->seed, name, len) & dies->constant_mask;

	for (; dies->constant_slots[i]; i = (i + 1) & dies->constant_mask)
		if (!strcmp(dies->constants[dies->constant_slots[i] - 1].name, name))
			break;
	return &dies->constant_slots[i];
}

/* All enumerators of all enums; their number. False: out of memory. */
static bool collect_constants(struct vr_dies *dies, uint32_t *count)
{
	uint32_t cap = 0;

	*count = 0;
	for (uint32_t i = 0; i < dies->enum_count; i++) {
		struct vr_die_walk walk;
		struct vr_die type, child;
		uint64_t size = 0;
		bool is_signed;

		if (!vr_die_read(dies, dies->enums[i], &type))
			continue;
		is_signed = vr_die_enum_is_signed(dies, &type);
		vr_die_number(&type, VR_DIE_BYTE_SIZE, &size);
		walk = vr_die_children(dies, &type);
		while (vr_die_walk_next(&walk, &child)) {
			const char *name = vr_die_name(&child);

			if (child.tag != DW_TAG_enumerator || !*name)
				continue;
			if (!vr_dies_grow((void **)&dies->constants, &cap, *count,
					  sizeof(*dies->constants)))
				return false;
			dies->constants[(*count)++] = (struct vr_die_constant){
				name, vr_die_enum_value(&child, is_signed, size)};
		}
	}
	return true;
}

static bool hash_constants(struct vr_dies *dies)
{
	uint32_t count;
	size_t slots = 16;

	if (collect_constants(dies, &count)) {
		while (slots < (size_t)count * 2)
			slots *= 2;
		dies->constant_slots = calloc(slots, sizeof(*dies->constant_slots));
		dies->constant_mask = (uint32_t)(slots - 1);
	}
	if (!dies->constant_slots) {
		free(dies->constants);
		dies->constants = NULL;
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const char *name = dies->constants[i].name;
		uint32_t *slot = constant_slot(dies, name, strlen(name));

		*slot = *slot ? *slot : i + 1;
	}
	return true;
}

enum vr_err vr_dies_find_enumerator(struct vr_dies *dies, const char *name, int64_t *value)
{
	uint32_t slot;

	if (!*name || !dies->is_indexed)
		return VR_ABSENT;
	if (!dies->constant_slots && !hash_constants(dies))
		return VR_NOMEM;
	slot = *constant_slot(dies, name, strlen(name));
	if (!slot)
		return VR_ABSENT;
	*value = dies->constants[slot - 1].value;
	return VR_OK;
}
