/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a variable is: DWARF's expressions (DWARF 5, 2.5 and 2.6). */
#ifndef DEBUGINFO_LOCATION_H
#define DEBUGINFO_LOCATION_H

#include "debuginfo/debug_stack.h"

struct vr_location {
	bool in_memory;
	uint64_t value; /* in memory: its address */
};

/**
 * Evaluate an expression of attr (NULL: of call frame information) in a frame. False where its result
 * isn't sure: it needs a register that is unknown, memory that isn't there, or an operation that we
 * don't know; or it describes a thing in pieces.
 */
bool vr_location_evaluate(const struct vr_debug_stack *stack, size_t frame, Dwarf_Attribute *attr,
			  const Dwarf_Op *ops, size_t count, struct vr_location *location);
/**
 * What a register had when a frame's function was entered, by what its caller says. False where that
 * isn't sure.
 */
bool vr_location_at_entry(const struct vr_debug_stack *stack, size_t frame, enum vr_dwarf_reg reg,
			  uint64_t *value);
/** Is it a register itself, not what it points to? */
bool vr_location_is_register(const Dwarf_Op *op, uint64_t *number);

#endif
