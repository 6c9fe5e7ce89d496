// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/whole.h"

bool vr_scope_leave_whole(struct vr_program *prog, struct vr_scope *scope)
{
	const struct vr_error *why = &scope->error;

	vr_scope_leave(prog, scope);
	if (why->kind == VR_OK)
		why = &scope->cut;
	if (why->kind == VR_OK)
		return true;
	vr_latch(prog, why->kind, "%s", why->text);
	return false;
}
