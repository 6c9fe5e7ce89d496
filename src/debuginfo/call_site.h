/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a caller has put into registers for the function that it calls (DWARF 5, 3.4). */
#ifndef DEBUGINFO_CALL_SITE_H
#define DEBUGINFO_CALL_SITE_H

#include "debuginfo/debug_stack.h"

/**
 * What a frame's caller says of the value that a location, one operation, had when the frame's function
 * was entered: an expression of the caller's, into *given. False: it doesn't say, or the frame may have
 * come about otherwise than by that very call, such as by another function's last jump.
 */
bool vr_call_site_value(const struct vr_debug_stack *stack, size_t frame, const Dwarf_Op *location,
			Dwarf_Attribute *given);

#endif
