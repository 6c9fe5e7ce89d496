/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug information as the type layer takes it: sections, wherever they come from. */
#ifndef TYPE_DWARF_SECTIONS_H
#define TYPE_DWARF_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** A section; NULL and 0: there is none. */
struct vr_bytes {
	const void *data;
	size_t len;
};

/**
 * The sections of one ELF file that describe types: not compressed, and relocated where the file is
 * relocatable.
 */
struct vr_dwarf_sections {
	struct vr_bytes info, abbrev, str, line_str, str_offsets;
	/* Where type units are: .debug_types, and .debug_info but the first, each of which a file that
	 * nobody has linked may have any number of. */
	const struct vr_unit_section *units;
	size_t unit_section_count;
};

struct vr_unit_section {
	struct vr_bytes bytes;
	bool is_types; /* .debug_types: what DWARF 4 has */
};

#endif
