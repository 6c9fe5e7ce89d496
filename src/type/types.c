// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of types. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "debuginfo/debug_file.h"
#include "type/model.h"

struct vr_types *vr_types_new(void)
{
	struct vr_types *types = calloc(1, sizeof(*types));

	if (!types)
		return NULL;
	types->nothing = vr_type_new(types, VR_TYPE_VOID);
	types->broken = vr_type_new(types, VR_TYPE_INCOMPLETE);
	types->lost = vr_type_new(types, VR_TYPE_INCOMPLETE);
	if (!types->nothing || !types->broken || !types->lost) {
		vr_types_free(types);
		return NULL;
	}
	types->nothing->name = "void";
	return types;
}

static void free_source(struct vr_type_source *source)
{
	if (!source)
		return;
	vr_btf_close(source->btf);
	vr_dies_close(source->dies);
	vr_name_filter_free(source->filter);
	vr_map_free(&source->shells);
	free(source->module);
	free(source->made);
	free(source);
}

void vr_types_free(struct vr_types *types)
{
	if (!types)
		return;
	for (size_t i = types->source_count; i-- > 0;)
		free_source(types->sources[i]);
	free(types->sources);
	vr_map_free(&types->arrays);
	vr_arena_free(&types->arena);
	free(types);
}

/* An empty source, which isn't of the table's yet. NULL: out of memory. */
static struct vr_type_source *new_source(struct vr_types *types, const char *module)
{
	struct vr_type_source *source = calloc(1, sizeof(*source));
	struct vr_type_source **bigger;

	bigger = realloc(types->sources, (types->source_count + 1) * sizeof(*bigger));
	if (bigger)
		types->sources = bigger;
	if (!source || !bigger || (module && !(source->module = strdup(module)))) {
		free_source(source);
		return NULL;
	}
	source->types = types;
	source->base = module && types->source_count ? types->sources[0] : NULL;
	return source;
}

/* data is taken over. */
static enum vr_err add_source(struct vr_types *types, const char *module, void *data, size_t len,
			      const struct vr_holes *holes, struct vr_error *err)
{
	struct vr_type_source *source = new_source(types, module);
	enum vr_err rc;

	if (!source) {
		free(data);
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	}
	rc = vr_btf_open(data, len, source->base ? source->base->btf : NULL, holes, &source->btf,
			 err);
	if (rc) {
		free_source(source);
		return rc;
	}
	/* All zeroes, and most of it never touched. */
	source->made =
		calloc(source->btf->end_id - source->btf->start_id + 1, sizeof(*source->made));
	if (!source->made) {
		free_source(source);
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	}
	types->sources[types->source_count++] = source;
	return VR_OK;
}

enum vr_err vr_types_add_holed_btf(struct vr_types *types, void *data, size_t len,
				   const struct vr_holes *holes, struct vr_error *err)
{
	if (types->source_count) {
		free(data);
		return vr_error_set(err, VR_UNSUPPORTED, "vmlinux's BTF is there already");
	}
	return add_source(types, NULL, data, len, holes, err);
}

enum vr_err vr_types_add_btf(struct vr_types *types, void *data, size_t len, struct vr_error *err)
{
	return vr_types_add_holed_btf(types, data, len, NULL, err);
}

enum vr_err vr_types_add_partial(struct vr_types *types, void *data, size_t len,
				 struct vr_error *err)
{
	enum vr_err rc = add_source(types, NULL, data, len, NULL, err);

	if (!rc)
		types->sources[types->source_count - 1]->is_partial = true;
	return rc;
}

enum vr_err vr_types_add_module_btf(struct vr_types *types, const char *module, void *data,
				    size_t len, struct vr_error *err)
{
	bool none = !vr_types_has_btf(types) || types->sources[0]->is_partial;
	enum vr_err rc;

	/* A module's ids go on where vmlinux's end, which must be known. */
	if (none || types->sources[0]->btf->is_cut) {
		free(data);
		return vr_error_set(err, types->lack.kind ? types->lack.kind : VR_ABSENT,
				    "BTF of module %s without %s vmlinux's", module,
				    none ? "any of" : "all of");
	}
	rc = add_source(types, module, data, len, NULL, err);
	if (rc)
		vr_error_prefix(err, "module %s", module);
	return rc;
}

bool vr_types_has_btf(const struct vr_types *types)
{
	return types->source_count && types->sources[0]->btf;
}

bool vr_types_has_source(const struct vr_types *types, const char *module)
{
	for (size_t i = 0; i < types->source_count; i++) {
		const struct vr_type_source *source = types->sources[i];

		if (module ? source->module && !strcmp(source->module, module) : !source->module)
			return true;
	}
	return false;
}

static bool has_dwarf(const struct vr_types *types, const char *module)
{
	for (size_t i = 0; i < types->source_count; i++) {
		const struct vr_type_source *source = types->sources[i];

		if (source->file &&
		    (module ? source->module && !strcmp(source->module, module) : !source->module))
			return true;
	}
	return false;
}

static enum vr_err already(struct vr_error *err, const char *name)
{
	return vr_error_set(err, VR_UNSUPPORTED, "%s: there is debug information already", name);
}

enum vr_err vr_types_add_dwarf(struct vr_types *types, const char *module,
			       const struct vr_dwarf_sections *sections,
			       const struct vr_dwarf_sections *alt, const char *name,
			       struct vr_error *err)
{
	struct vr_type_source *source;
	enum vr_err rc;

	if (has_dwarf(types, module))
		return already(err, name);
	source = new_source(types, module);
	if (!source)
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	source->file = name;
	source->variables_only = !module && vr_types_has_btf(types) &&
				 !types->sources[0]->is_partial && !types->lack.kind;
	rc = vr_dies_open(sections, alt, &source->dies, err);
	if (!rc && !source->variables_only)
		rc = vr_dies_index(source->dies, err);
	if (rc) {
		free_source(source);
		vr_error_prefix(err, "%s", name);
		return rc;
	}
	types->sources[types->source_count++] = source;
	return VR_OK;
}

enum vr_err vr_types_add_waiting(struct vr_types *types, const char *module,
				 struct vr_debug_file *file, struct vr_name_filter *filter,
				 struct vr_error *err)
{
	const char *name = vr_debug_file_name(file);
	struct vr_type_source *source = NULL;
	enum vr_err rc = VR_OK;

	if (has_dwarf(types, module))
		rc = already(err, name);
	else if (!(source = new_source(types, module)))
		rc = vr_error_set(err, VR_NOMEM, "out of memory for types");
	if (rc) {
		vr_name_filter_free(filter);
		return rc;
	}
	source->file = name;
	source->waiting = file;
	source->filter = filter;
	types->sources[types->source_count++] = source;
	return VR_OK;
}

uint32_t vr_types_first_lost(const struct vr_types *types)
{
	const struct vr_btf *btf = types->source_count ? types->sources[0]->btf : NULL;

	return btf && btf->is_cut ? btf->end_id : 0;
}

void vr_types_set_lack(struct vr_types *types, const struct vr_error *why)
{
	types->lack = *why;
}

const struct vr_error *vr_types_lack(const struct vr_types *types)
{
	return types->lack.kind != VR_OK ? &types->lack : NULL;
}

size_t vr_types_count(const struct vr_types *types)
{
	size_t count = 0;

	for (size_t i = 0; i < types->source_count; i++) {
		const struct vr_type_source *source = types->sources[i];
		const struct vr_btf *btf = source->btf;

		count += btf ? btf->end_id - btf->start_id - (btf->start_id == 0)
			     : (source->dies ? source->dies->name_count : 0);
	}
	return count;
}

const struct vr_type *vr_types_find(struct vr_types *types, const char *name, struct vr_error *err)
{
	return vr_type_by_name(types, NULL, name, err);
}

const struct vr_type *vr_types_find_in(struct vr_types *types, const char *module, const char *name,
				       struct vr_error *err)
{
	struct vr_type_source *prefer = NULL;

	for (size_t i = 0; module && i < types->source_count; i++)
		if (types->sources[i]->module && !strcmp(types->sources[i]->module, module))
			prefer = types->sources[i];
	return vr_type_by_name(types, prefer, name, err);
}

const struct vr_type *vr_types_pointer_to(struct vr_types *types, const struct vr_type *target)
{
	struct vr_type_source *source = target->source;
	const struct vr_type *pointer = target->pointer;
	struct vr_type *made;
	uint32_t id = 0;

	if (pointer)
		return pointer;
	if (target == types->nothing && vr_types_has_btf(types))
		id = types->sources[0]->btf->pointer_to[0];
	else if (source && source->btf)
		id = source->btf->pointer_to[target->id - source->btf->start_id];
	if (id) {
		pointer = vr_type_of_id(source ? source : types->sources[0], id);
	} else {
		made = vr_type_new(types, VR_TYPE_POINTER);
		if (made) {
			made->size = sizeof(uint64_t);
			made->target = target;
		}
		pointer = made;
	}
	target->self->pointer = pointer;
	return pointer;
}

const struct vr_type *vr_types_array_of(struct vr_types *types, const struct vr_type *element,
					uint64_t count)
{
	uint64_t key = vr_hash_u64((uintptr_t)element ^ vr_hash_u64(count)), size;
	uint64_t *slot = vr_map_get(&types->arrays, key);
	struct vr_type *first = slot ? (struct vr_type *)(uintptr_t)*slot : NULL, *made;

	for (made = first; made; made = made->next)
		if (made->target == element && made->length == count)
			return made;
	if (__builtin_mul_overflow(element->size, count, &size) || size > INT64_MAX)
		return NULL;
	made = vr_type_new(types, VR_TYPE_ARRAY);
	if (!made || !vr_map_put(&types->arrays, key, (uintptr_t)made, NULL))
		return NULL;
	made->target = element;
	made->length = count;
	made->size = size;
	made->next = first;
	return made;
}

bool vr_source_may_have(struct vr_type_source *source, const char *name, size_t len)
{
	enum vr_err rc = VR_OK;

	if (source->btf || (source->dies && source->dies->is_indexed))
		return true;
	if (source->damage.kind != VR_OK ||
	    (source->filter && !vr_name_filter_has(source->filter, name, len)))
		return false;
	if (source->waiting)
		rc = vr_source_read_waiting(source, &source->damage);
	if (rc == VR_OK && vr_dies_index(source->dies, &source->damage) != VR_OK)
		vr_error_prefix(&source->damage, "%s", source->file);
	return source->damage.kind == VR_OK;
}

bool vr_types_next_damage(const struct vr_types *types, size_t *at, const char **module,
			  const struct vr_error **damage)
{
	while (*at < types->source_count) {
		const struct vr_type_source *source = types->sources[(*at)++];

		if (source->damage.kind == VR_OK)
			continue;
		*module = source->module;
		*damage = &source->damage;
		return true;
	}
	return false;
}

/* BTF's record of a variable, or what DWARF has; 0: none. */
static uint32_t variable_in(struct vr_type_source *source, const char *name)
{
	struct vr_btf_record rec;
	uint32_t index;

	if (!vr_source_may_have(source, name, strlen(name)))
		return 0;
	if (source->dies)
		return vr_dies_find_variable(source->dies, name);
	index = vr_btf_find(source->btf, VR_SPACE_VARIABLE, name, strlen(name));
	if (!index)
		return 0;
	vr_btf_record(source->btf, source->btf->names[index - 1].id, &rec);
	return rec.value;
}

const struct vr_type *vr_types_variable(struct vr_types *types, const char *name)
{
	for (size_t i = 0; i < types->source_count; i++) {
		uint32_t id = variable_in(types->sources[i], name);

		if (id)
			return vr_type_of_id(types->sources[i], id);
	}
	return NULL;
}

static enum vr_err missing(const struct vr_types *types)
{
	return types->lack.kind != VR_OK ? types->lack.kind : VR_ABSENT;
}

static enum vr_err value_in(const struct vr_type *type, const char *enumerator, int64_t *value)
{
	size_t count;
	const struct vr_enumerator *names = vr_type_enumerators(type, &count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i].name, enumerator))
			continue;
		*value = names[i].value;
		return VR_OK;
	}
	return missing(type->types);
}

enum vr_err vr_types_enum_value(struct vr_types *types, const char *type_name,
				const char *enumerator, int64_t *value)
{
	if (type_name) {
		const struct vr_type *type = vr_type_by_name(types, NULL, type_name, NULL);

		return type ? value_in(type, enumerator, value) : missing(types);
	}
	for (size_t i = 0; i < types->source_count; i++) {
		struct vr_type_source *source = types->sources[i];
		enum vr_err rc = VR_ABSENT;

		if (source->btf)
			rc = vr_btf_find_enumerator(source->btf, enumerator, value);
		else if (!source->variables_only &&
			 vr_source_may_have(source, enumerator, strlen(enumerator)))
			rc = vr_dies_find_enumerator(source->dies, enumerator, value);
		if (rc != VR_ABSENT)
			return rc;
	}
	return missing(types);
}
