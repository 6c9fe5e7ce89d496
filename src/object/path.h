/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Member paths ("cgroups->subsys[2]", "__state|state") bound to offsets. */
#ifndef OBJECT_PATH_H
#define OBJECT_PATH_H

#include "object/program.h"

/** Most pointers that one path may follow. */
#define VR_PATH_MAX_DEREFS 8

/**
 * A path bound to a type. The address of the member is reached from that of the object by adding
 * offsets[0] and then, derefs times, reading a pointer and adding the next offset.
 */
struct vr_binding {
	const struct vr_type *type; /* what the path starts from */
	const char *path;           /* owned by the program's arena */
	enum vr_err status;         /* else only error is set */
	const char *error;
	const struct vr_type *result;
	const struct vr_type *value; /* result without typedefs and qualifiers */
	uint8_t size;                /* bytes to load for an integer value, 0 if it isn't one */
	bool is_signed;
	uint8_t bit_offset, bit_size; /* of a bitfield */
	uint8_t derefs;
	uint64_t offsets[VR_PATH_MAX_DEREFS + 1];
};

/**
 * The binding of path to type, from the cache or made now; lives as long as the program. NULL only
 * when out of memory. A path that does not fit is cached too, with status VR_ABSENT, or of the kind
 * of what the dump lacks where that leaves it open.
 */
const struct vr_binding *vr_path_bind(struct vr_program *prog, const struct vr_type *type,
				      const char *path);

/** How a value of that type is loaded: its size (1, 2, 4, 8; 0: no integer) and signedness. */
uint8_t vr_type_load_size(const struct vr_type *value);

#endif
