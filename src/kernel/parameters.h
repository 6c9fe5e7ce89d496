/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parameters of the functions on a kernel stack, where files with debug information are at hand: those
 * whose values are sure. A value is what the parameter has now, which need not be what it was called
 * with.
 */
#ifndef KERNEL_PARAMETERS_H
#define KERNEL_PARAMETERS_H

#include <vmcore-report/json.h>

#include "base/strbuf.h"
#include "debuginfo/parameters.h"
#include "kernel/stack.h"

/** Of a whole stack. */
struct vr_stack_parameters {
	struct vr_stack_parameter {
		unsigned frame; /* its number */
		unsigned
			function; /* which of those that stand there: as struct vr_source has them */
		unsigned
			line; /* which of the lines that vr_frame_print() makes of all the frames */
		struct vr_parameter of;
	} * list; /* by line */
	size_t count;
};

/**
 * All that are sure, into *parameters, which is empty where nobody tells. Latches nothing; out of memory
 * there are fewer. For vr_stack_parameters_free().
 */
void vr_stack_parameters(struct vr_program *prog, const struct vr_stack *stack,
			 struct vr_stack_parameters *parameters);
void vr_stack_parameters_free(struct vr_stack_parameters *parameters);

/**
 * A parameter's value: 0xffff888003c5a300, with the text behind it where it points to some of the
 * kernel's; -9; true; PIDTYPE_PID.
 */
void vr_parameter_print_value(struct vr_strbuf *sb, struct vr_program *prog,
			      const struct vr_parameter *parameter);
/** It as a new object of the list: name, type, value (what is no number as a string). */
struct vr_json *vr_parameter_add_json(struct vr_json *list, struct vr_program *prog,
				      const struct vr_parameter *parameter);

#endif
