/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of functions on a stack, and their values where those are sure. */
#ifndef DEBUGINFO_PARAMETERS_H
#define DEBUGINFO_PARAMETERS_H

#include "debuginfo/debug_stack.h"

enum vr_parameter_form {
	VR_PARAMETER_POINTER,
	VR_PARAMETER_SIGNED,
	VR_PARAMETER_UNSIGNED,
	VR_PARAMETER_BOOL,
	VR_PARAMETER_ENUM,
};

/** A parameter. Its strings are the file's. */
struct vr_parameter {
	const char *name;
	const char *type; /* "struct file *"; "": takes more than a few words */
	enum vr_parameter_form form;
	bool points_to_chars;
	bool is_signed; /* of VR_PARAMETER_ENUM */
	bool at_entry; /* the value is what the function was called with, and may be another by now */
	uint64_t value;         /* what is signed is extended */
	const char *enumerator; /* VR_PARAMETER_ENUM: of that value; NULL: none has it */
};

/** What a function has at most; further ones are left out. */
#define VR_PARAMETERS_MAX 16

/**
 * Parameters of one of the functions that stand where a frame is (struct vr_source has their order),
 * those whose values are sure, in their order. Returns how many.
 */
size_t vr_parameters_evaluate(const struct vr_debug_stack *stack, size_t frame, size_t function,
			      struct vr_parameter list[VR_PARAMETERS_MAX]);

#endif
