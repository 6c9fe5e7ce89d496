/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug information as the type layer takes it: sections, wherever they come from. */
#ifndef TYPE_DWARF_SECTIONS_H
#define TYPE_DWARF_SECTIONS_H

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
	struct vr_bytes info, types, abbrev, str, line_str, str_offsets;
};

#endif
