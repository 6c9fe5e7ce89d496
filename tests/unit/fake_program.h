/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough of a vr_program to run plugins over: scopes are real, memory and types are not. What
 * the host calls of the object API is defined here, so that nothing of object/ is linked.
 */
#ifndef UNIT_FAKE_PROGRAM_H
#define UNIT_FAKE_PROGRAM_H

#include <stdio.h>
#include <string.h>

#include <vmcore-report/object.h>

struct vr_program {
	struct vr_scope *scope;
	struct vr_scope base;
};

struct vr_type {
	int none;
};

static inline struct vr_program *fake_program(struct vr_program *prog)
{
	*prog = (struct vr_program){0};
	prog->scope = &prog->base;
	return prog;
}

void vr_scope_enter(struct vr_program *prog, struct vr_scope *scope)
{
	*scope = (struct vr_scope){.outer = prog->scope};
	prog->scope = scope;
}

enum vr_err vr_scope_leave(struct vr_program *prog, struct vr_scope *scope)
{
	for (struct vr_scope *s = prog->scope; s; s = s->outer)
		if (s == scope)
			prog->scope = scope->outer;
	return scope->error.kind;
}

bool vr_failed(struct vr_program *prog)
{
	return prog->scope->error.kind != VR_OK;
}

void vr_latch(struct vr_program *prog, enum vr_err kind, const char *fmt, ...)
{
	va_list ap;

	if (prog->scope->error.kind != VR_OK)
		return;
	prog->scope->error.kind = kind;
	va_start(ap, fmt);
	vsnprintf(prog->scope->error.text, sizeof(prog->scope->error.text), fmt, ap);
	va_end(ap);
}

void vr_cut(struct vr_program *prog, enum vr_err kind, const char *fmt, ...)
{
	va_list ap;

	if (prog->scope->cuts++)
		return;
	prog->scope->cut.kind = kind;
	va_start(ap, fmt);
	vsnprintf(prog->scope->cut.text, sizeof(prog->scope->cut.text), fmt, ap);
	va_end(ap);
}

bool vr_has_symbol(struct vr_program *prog, const char *symbol)
{
	(void)prog;
	return strcmp(symbol, "init_task") == 0 || strcmp(symbol, "runqueues") == 0;
}

const struct vr_type *vr_type_find(struct vr_program *prog, const char *name)
{
	static const struct vr_type type;

	(void)prog;
	return strcmp(name, "struct task_struct") == 0 || strcmp(name, "u64") == 0 ? &type : NULL;
}

bool vr_has_member(struct vr_program *prog, const char *type, const char *path)
{
	(void)prog;
	(void)type;
	return strcmp(path, "tasks") == 0 || strcmp(path, "__state|state") == 0;
}

#endif
