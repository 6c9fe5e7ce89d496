// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/parameters.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/text.h"
#include "kernel/orc_tables.h"
#include "kernel/saved_registers.h"
#include "kernel/source.h"
#include "object/program.h"

/* Of a text that a parameter points to. */
#define TEXT_MAX 64
#define TEXT_SIZE (2 * TEXT_MAX + 1)

/* ---- Registers ---- */

static void set_register(struct vr_dwarf_regs *regs, enum vr_dwarf_reg number, uint64_t value)
{
	regs->value[number] = value;
	regs->known |= 1u << number;
}

static void set_from_pt_regs(struct vr_dwarf_regs *regs, const struct vr_regs *r)
{
	const uint64_t values[VR_DWARF_REG_COUNT] = {
		[VR_DWARF_RAX] = r->ax,  [VR_DWARF_RDX] = r->dx,  [VR_DWARF_RCX] = r->cx,
		[VR_DWARF_RBX] = r->bx,  [VR_DWARF_RSI] = r->si,  [VR_DWARF_RDI] = r->di,
		[VR_DWARF_RBP] = r->bp,  [VR_DWARF_RSP] = r->sp,  [VR_DWARF_R8] = r->r8,
		[VR_DWARF_R9] = r->r9,   [VR_DWARF_R10] = r->r10, [VR_DWARF_R11] = r->r11,
		[VR_DWARF_R12] = r->r12, [VR_DWARF_R13] = r->r13, [VR_DWARF_R14] = r->r14,
		[VR_DWARF_R15] = r->r15,
	};

	for (int i = 0; i < VR_DWARF_REG_COUNT; i++)
		set_register(regs, i, values[i]);
}

/* What a task that doesn't run has put on its stack (arch/x86/entry/entry_64.S, __switch_to_asm). */
static void set_from_switched(struct vr_program *prog, struct vr_dwarf_regs *regs, uint64_t addr)
{
	static const struct {
		const char *member;
		enum vr_dwarf_reg number;
	} saved[] = {{"bx", VR_DWARF_RBX},  {"bp", VR_DWARF_RBP},  {"r12", VR_DWARF_R12},
		     {"r13", VR_DWARF_R13}, {"r14", VR_DWARF_R14}, {"r15", VR_DWARF_R15}};
	struct vr_obj frame;
	struct vr_scope scope;
	uint64_t value;

	vr_scope_enter(prog, &scope);
	frame = vr_at(prog, "struct inactive_task_frame", addr);
	for (size_t i = 0; i < VR_ARRAY_SIZE(saved) && vr_ok(frame); i++)
		if (vr_try_u64(frame, saved[i].member, &value) == VR_OK)
			set_register(regs, saved[i].number, value);
	vr_scope_leave(prog, &scope);
}

/* What a frame begins with, unless its callees tell. */
static void set_first(struct vr_program *prog, const struct vr_stack *stack, size_t i,
		      struct vr_dwarf_regs *regs)
{
	const struct vr_frame *f = &stack->frames[i];
	struct vr_regs saved;

	if (f->kind == VR_FRAME_REGS) {
		*regs = (struct vr_dwarf_regs){0};
		if (!f->partial_regs && vr_regs_read(prog, f->regs_addr, &saved, NULL) == VR_OK)
			set_from_pt_regs(regs, &saved);
	} else if (i == 0 && stack->has_regs) {
		set_from_pt_regs(regs, &stack->regs);
	} else if (i == 0 && stack->switched_addr) {
		set_from_switched(prog, regs, stack->switched_addr);
	}
	set_register(regs, VR_DWARF_RSP, f->sp);
}

/* ---- The stack as DWARF sees it ---- */

static bool read_memory(void *arg, uint64_t addr, void *buf, size_t len)
{
	return vr_read(arg, addr, buf, len, NULL) == VR_OK;
}

/* Whom the call before a return address calls, where the instruction says it. */
static void set_call_target(struct vr_program *prog, struct vr_debug_frame *d)
{
	struct vr_symbol symbol;
	uint8_t call[5];

	if (vr_read(prog, d->pc - 5, call, sizeof(call), NULL) != VR_OK || call[0] != 0xe8)
		return;
	d->call_target = d->pc + (uint64_t)(int64_t)(int32_t)vr_load32(call + 1);
	/* Names of what compilers make of a function have a dot. */
	d->target_is_clone = vr_symtab_lookup(prog->symtab, d->call_target, &symbol) != VR_OK ||
			     symbol.addr != d->call_target || strchr(symbol.name, '.');
}

static bool is_call(const struct vr_frame *f)
{
	return f->kind == VR_FRAME_CALL && !f->exact;
}

static void describe(struct vr_program *prog, const struct vr_stack *stack, size_t i,
		     struct vr_debug_frame *d)
{
	const struct vr_frame *f = &stack->frames[i];
	struct vr_code_place place;

	set_first(prog, stack, i, &d->regs);
	d->pc = f->pc;
	d->called = i > 0 && is_call(f);
	if (f->kind == VR_FRAME_UNRELIABLE || !vr_frame_place(prog, f, &place))
		return;
	d->file = place.file;
	d->at = place.at;
	d->offset = place.offset;
	d->source = vr_source_at(place.file, place.at);
	if (d->called)
		set_call_target(prog, d);
}

/* Without call frame information: by the function's own instructions. */
static void follow_pushes(struct vr_debug_stack *d, size_t i, struct vr_orc_tables *tables)
{
	struct vr_saved_register saved[VR_DWARF_REG_COUNT];
	struct vr_debug_frame *f = &d->frames[i], *caller = f + 1;
	uint64_t entry;

	if (!f->source || !vr_source_entry(f->source, &entry) || !vr_source_returns(f->source))
		return;
	vr_saved_registers(tables, entry + f->offset, f->at + f->offset, saved);
	for (int k = 0; k < VR_DWARF_REG_COUNT; k++) {
		uint64_t value = f->regs.value[k];

		if (saved[k].saved == VR_SAVED_NOT
			    ? f->regs.known >> k & 1
			    : saved[k].saved == VR_SAVED_ON_STACK &&
				      d->read(d->arg, f->cfa + saved[k].offset, &value, 8))
			set_register(&caller->regs, k, value);
	}
}

/*
 * What is known of a frame because it called the one before. The kernel's own tables say where its frame
 * ends; DWARF, which knows of the registers besides, must say the same, or else it isn't believed.
 */
static void follow(struct vr_debug_stack *d, size_t i, uint64_t end, struct vr_orc_tables *tables)
{
	struct vr_debug_frame *f = &d->frames[i];
	struct vr_dwarf_regs caller;

	if (vr_debug_frame_unwind(d, i, &caller)) {
		f->has_cfa = f->cfa == end;
		if (f->has_cfa)
			f[1].regs = caller;
	} else {
		f->cfa = end;
		f->has_cfa = true;
		follow_pushes(d, i, tables);
	}
}

static void describe_all(struct vr_program *prog, const struct vr_stack *stack,
			 struct vr_debug_stack *d)
{
	struct vr_orc_tables tables;

	vr_orc_tables_find(prog, &tables, NULL);
	for (size_t i = 0; i < d->count; i++) {
		describe(prog, stack, i, &d->frames[i]);
		if (i + 1 < d->count && is_call(&stack->frames[i + 1]))
			follow(d, i, stack->frames[i + 1].sp, &tables);
	}
}

/* ---- Parameters ---- */

static bool add(struct vr_stack_parameters *p, size_t *room,
		const struct vr_stack_parameter *parameter)
{
	if (p->count == *room) {
		size_t more = *room ? *room * 2 : 32;
		struct vr_stack_parameter *list = reallocarray(p->list, more, sizeof(*list));

		if (!list)
			return false;
		p->list = list;
		*room = more;
	}
	p->list[p->count++] = *parameter;
	return true;
}

static void evaluate_all(const struct vr_debug_stack *d, struct vr_stack_parameters *p)
{
	struct vr_parameter found[VR_PARAMETERS_MAX];
	struct vr_stack_parameter parameter = {0};
	size_t room = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct vr_source *source = d->frames[i].source;

		parameter.frame = (unsigned)i;
		for (size_t k = 0; source && k < source->count; k++, parameter.line++) {
			size_t count = vr_parameters_evaluate(d, i, k, found);

			parameter.function = (unsigned)k;
			for (size_t j = 0; j < count; j++) {
				parameter.of = found[j];
				if (!add(p, &room, &parameter))
					return;
			}
		}
		if (!source)
			parameter.line++;
	}
}

void vr_stack_parameters(struct vr_program *prog, const struct vr_stack *stack,
			 struct vr_stack_parameters *parameters)
{
	struct vr_debug_stack d = {.count = stack->count, .read = read_memory, .arg = prog};

	*parameters = (struct vr_stack_parameters){0};
	if (!prog->debug || !stack->count)
		return;
	d.frames = calloc(stack->count, sizeof(*d.frames));
	if (!d.frames)
		return;
	describe_all(prog, stack, &d);
	evaluate_all(&d, parameters);
	free(d.frames);
}

void vr_stack_parameters_free(struct vr_stack_parameters *parameters)
{
	free(parameters->list);
	*parameters = (struct vr_stack_parameters){0};
}

/* ---- Text ---- */

/* A string of the kernel's, with line breaks and tabs as in C; false: what is there is none, or none that can be shown. */
static bool read_text(struct vr_program *prog, uint64_t addr, char text[TEXT_SIZE])
{
	size_t len = 0;
	char c;

	if (addr >> 56 != 0xff)
		return false;
	for (size_t i = 0; i <= TEXT_MAX; i++) {
		if (vr_read(prog, addr + i, &c, 1, NULL) != VR_OK)
			return false;
		if (!c) {
			text[len] = '\0';
			return i > 0;
		}
		if (c == '\n' || c == '\t') {
			text[len++] = '\\';
			c = c == '\n' ? 'n' : 't';
		} else if (c < ' ' || c > '~' || c == '"' || c == '\\') {
			return false;
		}
		text[len++] = c;
	}
	return false;
}

/* Might it be a secret, by its name? Then its text is nobody's. */
static bool is_secret(const struct vr_parameter *p)
{
	static const char *const words[] = {"pass", "secret", "key", "token", "cred"};

	for (size_t i = 0; i < VR_ARRAY_SIZE(words); i++)
		if (strcasestr(p->name, words[i]))
			return true;
	return false;
}

/* The text that it points to, where it is to be shown. */
static bool text_of(struct vr_program *prog, const struct vr_parameter *p, char text[TEXT_SIZE])
{
	return p->form == VR_PARAMETER_POINTER && p->points_to_chars && !is_secret(p) &&
	       read_text(prog, p->value, text);
}

void vr_parameter_print_value(struct vr_strbuf *sb, struct vr_program *prog,
			      const struct vr_parameter *p)
{
	char text[TEXT_SIZE];

	switch (p->form) {
	case VR_PARAMETER_POINTER:
		vr_strbuf_printf(sb, "0x%" PRIx64, p->value);
		if (text_of(prog, p, text))
			vr_strbuf_printf(sb, " \"%s\"", text);
		return;
	case VR_PARAMETER_BOOL:
		vr_strbuf_puts(sb, p->value ? "true" : "false");
		return;
	case VR_PARAMETER_ENUM:
		if (p->enumerator) {
			vr_strbuf_puts(sb, p->enumerator);
			return;
		}
		break;
	case VR_PARAMETER_SIGNED:
	case VR_PARAMETER_UNSIGNED:
		break;
	}
	if (p->form == VR_PARAMETER_SIGNED || p->is_signed)
		vr_strbuf_printf(sb, "%" PRId64, (int64_t)p->value);
	else
		vr_strbuf_printf(sb, "%" PRIu64, p->value);
}

struct vr_json *vr_parameter_add_json(struct vr_json *list, struct vr_program *prog,
				      const struct vr_parameter *p)
{
	struct vr_json *o = vr_json_add_object(list, NULL);
	char text[TEXT_SIZE];

	vr_json_set_string(o, "name", p->name);
	if (p->at_entry)
		vr_json_set_bool(o, "at_entry", true);
	if (p->type[0])
		vr_json_set_string(o, "type", p->type);
	if (p->form == VR_PARAMETER_POINTER)
		vr_json_set_addr(o, "value", p->value);
	else if (p->form == VR_PARAMETER_BOOL)
		vr_json_set_bool(o, "value", p->value != 0);
	else if (p->form == VR_PARAMETER_ENUM && p->enumerator)
		vr_json_set_string(o, "value", p->enumerator);
	else if (p->form == VR_PARAMETER_SIGNED || p->is_signed)
		vr_json_set_int(o, "value", (int64_t)p->value);
	else
		vr_json_set_uint(o, "value", p->value);
	if (text_of(prog, p, text))
		vr_json_set_string(o, "text", text);
	return o;
}
