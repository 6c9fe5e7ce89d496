/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names a file's debug information may have, told by its strings alone (.debug_str): of some ninety
 * modules that are loaded types are asked of twenty, so that the others' entries needn't be read.
 */
#ifndef TYPE_NAME_FILTER_H
#define TYPE_NAME_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "type/dwarf_sections.h"

struct vr_name_filter;

/**
 * Reads all strings once, and keeps nothing of them. NULL: they don't tell, as their compiler isn't
 * known to put every name there or a linker has let one string be the end of another; or out of memory.
 */
struct vr_name_filter *vr_name_filter_new(const struct vr_bytes *strings);
void vr_name_filter_free(struct vr_name_filter *filter);
/** False: there is no type, constant or variable of that name. */
bool vr_name_filter_has(const struct vr_name_filter *filter, const char *name, size_t len);

#endif
