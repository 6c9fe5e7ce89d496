// SPDX-License-Identifier: GPL-2.0-or-later
/* Types from a file with debug information: its BTF, or its DWARF. */
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "debuginfo/debug_file.h"
#include "type/types.h"

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

static enum vr_err get_sections(struct vr_debug_file *file, struct vr_dwarf_sections *sections,
				struct vr_error *err)
{
	const struct {
		const char *name;
		struct vr_bytes *bytes;
	} wanted[] = {
		{".debug_info", &sections->info},
		{".debug_types", &sections->types},
		{".debug_abbrev", &sections->abbrev},
		{".debug_str", &sections->str},
		{".debug_line_str", &sections->line_str},
		{".debug_str_offsets", &sections->str_offsets},
	};
	enum vr_err rc = VR_OK;

	*sections = (struct vr_dwarf_sections){0};
	for (size_t i = 0; i < VR_ARRAY_SIZE(wanted) && !rc; i++)
		rc = get_section(file, wanted[i].name, wanted[i].bytes, err);
	return rc;
}

enum vr_err vr_types_add_dwarf_of(struct vr_types *types, const char *module,
				  struct vr_debug_file *file, struct vr_error *err)
{
	struct vr_debug_file *alt = vr_debug_file_alt(file);
	struct vr_dwarf_sections sections, alt_sections;
	struct vr_debug_link link;
	enum vr_err rc;

	vr_debug_file_altlink(file, &link);
	if (link.name[0] && !alt)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "%s: a part of it is in another file, %s, which isn't there",
				    vr_debug_file_name(file), link.name);
	rc = get_sections(file, &sections, err);
	if (!rc && alt)
		rc = get_sections(alt, &alt_sections, err);
	return rc ? rc
		  : vr_types_add_dwarf(types, module, &sections, alt ? &alt_sections : NULL,
				       vr_debug_file_name(file), err);
}
