// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/panic_stack.h"

#include <string.h>

#include "base/bits.h"

#define SYMBOL_SIZE 640

/* The way into and through a panic or an oops, which is the same for all of them. */
static const char *const machinery[] = {
	"__bad_area",
	"__bad_area_nosemaphore",
	"__crash_kexec",
	"__die",
	"__die_body",
	"async_page_fault",
	"bad_area",
	"bad_area_access_error",
	"bad_area_nosemaphore",
	"crash_kexec",
	"crash_save_cpu",
	"die",
	"die_addr",
	"do_error_trap",
	"do_invalid_op",
	"do_kern_addr_fault",
	"do_trap",
	"do_user_addr_fault",
	"double_fault",
	"dump_stack",
	"dump_stack_lvl",
	"general_protection",
	"handle_bug",
	"handle_page_fault",
	"invalid_op",
	"kernelmode_fixup_or_oops",
	"machine_kexec",
	"make_task_dead",
	"nmi_panic",
	"no_context",
	"oops_end",
	"page_fault",
	"page_fault_oops",
	"panic",
	"report_bug",
	"vpanic",
};

static bool is_machinery(const char *name)
{
	size_t i;

	for (i = 0; i < VR_ARRAY_SIZE(machinery); i++) {
		if (!strcmp(name, machinery[i]))
			return true;
	}
	return false;
}

/* The exception that an oops came in by. */
static bool is_entry(const char *name)
{
	return !strncmp(name, "exc_", 4) || !strncmp(name, "asm_exc_", 8);
}

char *vr_frame_function(struct vr_program *prog, const struct vr_frame *frame, char *name,
			size_t size)
{
	vr_frame_symbolize(prog, frame, name, size);
	name[strcspn(name, "+.")] = '\0';
	return name;
}

size_t vr_panic_origin(struct vr_program *prog, const struct vr_stack *stack)
{
	char name[SYMBOL_SIZE];
	bool begun = false;

	for (size_t i = 0; i < stack->count; i++) {
		vr_frame_function(prog, &stack->frames[i], name, sizeof(name));
		if (is_machinery(name))
			begun = true;
		else if (begun && !is_entry(name))
			return i;
	}
	return 0;
}
