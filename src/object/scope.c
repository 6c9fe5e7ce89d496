// SPDX-License-Identifier: GPL-2.0-or-later
/* Where failed required reads latch. */
#include "object/program.h"

#include <stdarg.h>
#include <stdio.h>

void vr_scope_enter(struct vr_program *prog, struct vr_scope *scope)
{
	*scope = (struct vr_scope){.outer = prog->scope};
	prog->scope = scope;
}

enum vr_err vr_scope_leave(struct vr_program *prog, struct vr_scope *scope)
{
	/* A caller that forgot to leave an inner scope must not leave us pointing at a dead frame.
	 */
	for (struct vr_scope *s = prog->scope; s; s = s->outer) {
		if (s == scope) {
			prog->scope = scope->outer;
			break;
		}
	}
	return scope->error.kind;
}

bool vr_failed(struct vr_program *prog)
{
	return prog->scope->error.kind != VR_OK;
}

enum vr_err vr_latch_error(struct vr_program *prog, const struct vr_error *err)
{
	if (prog->scope->error.kind == VR_OK)
		prog->scope->error = *err;
	return err->kind;
}

void vr_latch(struct vr_program *prog, enum vr_err kind, const char *fmt, ...)
{
	char text[sizeof(prog->scope->error.text)];
	struct vr_error err;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vr_error_set(&err, kind, "%s", text);
	vr_latch_error(prog, &err);
}

void vr_cut(struct vr_program *prog, enum vr_err kind, const char *fmt, ...)
{
	struct vr_scope *scope = prog->scope;
	char text[sizeof(scope->cut.text)];
	va_list ap;

	scope->cuts++;
	if (scope->cut.kind != VR_OK)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vr_error_set(&scope->cut, kind, "%s", text);
}

enum vr_err vr_program_fault(struct vr_error *err, enum vr_mem_status status, uint64_t addr)
{
	return vr_error_fault(err, addr, "address 0x%llx is %s", (unsigned long long)addr,
			      vr_mem_status_text(status));
}
