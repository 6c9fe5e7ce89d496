// SPDX-License-Identifier: GPL-2.0-or-later
/* Types from a file with debug information: its BTF, or its DWARF. */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "debuginfo/debug_file.h"
#include "type/model.h"

enum vr_err vr_types_add_btf_of(struct vr_types *types, struct vr_debug_file *file,
				struct vr_error *err)
{
	const void *data;
	size_t len;
	enum vr_err rc = vr_debug_file_section(file, ".BTF", &data, &len, err);
	void *copy;

	if (rc)
		return rc;
	copy = malloc(len + 1);
	if (!copy)
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	memcpy(copy, data, len);
	rc = vr_types_add_btf(types, copy, len, err);
	if (rc)
		vr_error_prefix(err, "%s", vr_debug_file_name(file));
	return rc;
}

/* The sections of a file, and room for those of type units: zero it, free units. */
struct sections {
	struct vr_dwarf_sections list;
	struct vr_unit_section *units;
};

static void free_sections(struct sections *sections)
{
	free(sections->units);
}

/* One that isn't there has no bytes. */
static enum vr_err get_section(struct vr_debug_file *file, const char *name, struct vr_bytes *bytes,
			       struct vr_error *err)
{
	struct vr_error why;
	enum vr_err rc = vr_debug_file_section(file, name, &bytes->data, &bytes->len, &why);

	if (rc == VR_OK || rc == VR_ABSENT)
		return VR_OK;
	if (err)
		*err = why;
	return rc;
}

/* All sections of that name behind the one with index at (0: all). */
static enum vr_err get_units(struct vr_debug_file *file, const char *name, size_t at,
			     struct sections *sections, struct vr_error *err)
{
	struct vr_dwarf_sections *list = &sections->list;
	struct vr_bytes bytes;
	struct vr_error why;
	enum vr_err rc;

	while (!(rc = vr_debug_file_next_section(file, name, &at, &bytes.data, &bytes.len, &why))) {
		struct vr_unit_section *more =
			reallocarray(sections->units, list->unit_section_count + 1, sizeof(*more));

		if (!more)
			return vr_error_set(err, VR_NOMEM, "out of memory for types");
		list->units = sections->units = more;
		more[list->unit_section_count++] = (struct vr_unit_section){
			.bytes = bytes, .is_types = !strcmp(name, ".debug_types")};
	}
	if (rc == VR_ABSENT)
		return VR_OK;
	if (err)
		*err = why;
	return rc;
}

static enum vr_err get_sections(struct vr_debug_file *file, struct sections *sections,
				struct vr_error *err)
{
	struct vr_dwarf_sections *list = &sections->list;
	const struct {
		const char *name;
		struct vr_bytes *bytes;
	} wanted[] = {
		{".debug_abbrev", &list->abbrev},
		{".debug_str", &list->str},
		{".debug_line_str", &list->line_str},
		{".debug_str_offsets", &list->str_offsets},
	};
	enum vr_err rc = VR_OK;
	size_t first = 0;

	for (size_t i = 0; i < VR_ARRAY_SIZE(wanted) && !rc; i++)
		rc = get_section(file, wanted[i].name, wanted[i].bytes, err);
	if (rc)
		return rc;
	rc = vr_debug_file_next_section(file, ".debug_info", &first, &list->info.data,
					&list->info.len, err);
	/* Without it the others are of no use. */
	if (rc)
		return rc == VR_ABSENT ? VR_OK : rc;
	rc = get_units(file, ".debug_info", first, sections, err);
	return rc ? rc : get_units(file, ".debug_types", 0, sections, err);
}

/* Whether it can wait until it is known which module is asked for. */
static bool can_wait(struct vr_debug_file *file, struct vr_name_filter **filter)
{
	struct vr_bytes strings;

	*filter = NULL;
	if (!vr_debug_file_has_dwarf(file) ||
	    vr_debug_file_section(file, ".debug_str", &strings.data, &strings.len, NULL) != VR_OK)
		return false;
	*filter = vr_name_filter_new(&strings);
	vr_debug_file_let_go(file, ".debug_str");
	return *filter != NULL;
}

enum vr_err vr_source_read_waiting(struct vr_type_source *source, struct vr_error *err)
{
	VR_CLEANUP(free_sections) struct sections sections = {0};
	enum vr_err rc = get_sections(source->waiting, &sections, err);

	source->waiting = NULL;
	if (rc)
		return rc;
	rc = vr_dies_open(&sections.list, NULL, &source->dies, err);
	if (rc)
		vr_error_prefix(err, "%s", source->file);
	return rc;
}

enum vr_err vr_types_add_dwarf_of(struct vr_types *types, const char *module,
				  struct vr_debug_file *file, struct vr_error *err)
{
	VR_CLEANUP(free_sections) struct sections sections = {0};
	VR_CLEANUP(free_sections) struct sections alt_sections = {0};
	struct vr_debug_file *alt = vr_debug_file_alt(file);
	struct vr_name_filter *filter;
	struct vr_debug_link link;
	enum vr_err rc;

	vr_debug_file_altlink(file, &link);
	if (link.name[0] && !alt)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "%s: a part of it is in another file, %s, which isn't there",
				    vr_debug_file_name(file), link.name);
	if (module && !alt && can_wait(file, &filter))
		return vr_types_add_waiting(types, module, file, filter, err);
	rc = get_sections(file, &sections, err);
	if (!rc && alt)
		rc = get_sections(alt, &alt_sections, err);
	return rc ? rc
		  : vr_types_add_dwarf(types, module, &sections.list,
				       alt ? &alt_sections.list : NULL, vr_debug_file_name(file),
				       err);
}
