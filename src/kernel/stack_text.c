// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/source.h"

#define SYMBOL_SIZE 640

void vr_regs_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_regs *r,
		   bool iret_only)
{
	char symbol[SYMBOL_SIZE];

	/* User addresses have no symbols; and the upper halves of cs and ss may hold FRED's data.
	 */
	if (r->cs & 3)
		snprintf(symbol, sizeof(symbol), "0x%" PRIx64, r->ip);
	else
		vr_symbolize(prog, r->ip, symbol, sizeof(symbol));
	vr_strbuf_printf(sb, "RIP: %04" PRIx64 ":%s", r->cs & 0xffff, symbol);
	if (!(r->cs & 3))
		vr_frame_print_line(sb, prog, &(struct vr_frame){.pc = r->ip, .exact = true});
	vr_strbuf_putc(sb, '\n');
	vr_strbuf_printf(sb, "RSP: %04" PRIx64 ":%016" PRIx64 " EFLAGS: %08" PRIx64, r->ss & 0xffff,
			 r->sp, r->flags);
	if (!iret_only && r->orig_ax != UINT64_MAX)
		vr_strbuf_printf(sb, " ORIG_RAX: %016" PRIx64, r->orig_ax);
	vr_strbuf_putc(sb, '\n');
	if (iret_only)
		return;
	vr_strbuf_printf(sb, "RAX: %016" PRIx64 " RBX: %016" PRIx64 " RCX: %016" PRIx64 "\n", r->ax,
			 r->bx, r->cx);
	vr_strbuf_printf(sb, "RDX: %016" PRIx64 " RSI: %016" PRIx64 " RDI: %016" PRIx64 "\n", r->dx,
			 r->si, r->di);
	vr_strbuf_printf(sb, "RBP: %016" PRIx64 " R08: %016" PRIx64 " R09: %016" PRIx64 "\n", r->bp,
			 r->r8, r->r9);
	vr_strbuf_printf(sb, "R10: %016" PRIx64 " R11: %016" PRIx64 " R12: %016" PRIx64 "\n",
			 r->r10, r->r11, r->r12);
	vr_strbuf_printf(sb, "R13: %016" PRIx64 " R14: %016" PRIx64 " R15: %016" PRIx64 "\n",
			 r->r13, r->r14, r->r15);
}

/* The registers at addr; false where they can't be read. */
static bool print_regs_at(struct vr_strbuf *sb, struct vr_program *prog, uint64_t addr,
			  bool iret_only)
{
	struct vr_regs regs = {0};
	/* Below an interrupt's own frame there may be no memory: read no more than it is. */
	size_t skip = iret_only ? offsetof(struct vr_regs, ip) : 0;

	if (vr_read(prog, addr + skip, (char *)&regs + skip, sizeof(regs) - skip, NULL))
		return false;
	vr_regs_print(sb, prog, &regs, iret_only);
	return true;
}

static void print_frame(struct vr_strbuf *sb, const struct vr_frame_style *style,
			const struct vr_frame *f)
{
	size_t before = sb->len;

	if (f->kind == VR_FRAME_REGS) {
		vr_frame_print_inlined(sb, style, f);
		if (print_regs_at(sb, style->prog, f->regs_addr, f->partial_regs)) {
			vr_frame_print_parameters(sb, style, f);
			return;
		}
		vr_strbuf_truncate(sb, before);
	}
	vr_frame_print(sb, style, f, f->kind == VR_FRAME_UNRELIABLE ? "? " : "");
}

static void print_mark(struct vr_strbuf *sb, const char *slash, enum vr_stack_kind kind)
{
	if (kind != VR_STACK_UNKNOWN)
		vr_strbuf_printf(sb, " <%s%s>\n", slash, vr_stack_kind_name(kind));
}

void vr_stack_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_stack *stack)
{
	struct vr_stack_parameters parameters;
	struct vr_frame_style style = {.prog = prog, .indent = " ", .parameters = &parameters};
	enum vr_stack_kind on = VR_STACK_UNKNOWN;

	vr_stack_parameters(prog, stack, &parameters);
	for (size_t i = 0; i < stack->count; i++) {
		const struct vr_frame *f = &stack->frames[i];

		if (f->stack != on) {
			print_mark(sb, "/", on);
			print_mark(sb, "", f->stack);
			on = f->stack;
		}
		style.number = (unsigned)i;
		print_frame(sb, &style, f);
	}
	vr_stack_parameters_free(&parameters);
	if (stack->user_regs_addr)
		print_regs_at(sb, prog, stack->user_regs_addr, stack->user_regs_partial);
	print_mark(sb, "/", on);
	if (!stack->complete)
		vr_strbuf_printf(sb, " (incomplete: %s)\n", stack->error.text);
}
