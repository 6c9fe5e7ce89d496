// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/location.h"

#include <dwarf.h>
#include <string.h>

#include "base/bits.h"
#include "debuginfo/call_site.h"

#define STACK_MAX 64
#define OPS_MAX 256
/* Frames that an expression leads out to: a value at a function's entry is one of its caller's, which
 * may be one at the caller's entry. */
#define LEVELS_MAX 8

/* One evaluation. */
struct machine {
	const struct vr_debug_stack *stack;
	size_t frame;
	Dwarf_Attribute *attr;
	unsigned level;
	uint64_t values[STACK_MAX];
	size_t depth;
};

static bool evaluate(const struct vr_debug_stack *stack, size_t frame, Dwarf_Attribute *attr,
		     const Dwarf_Op *ops, size_t count, unsigned level,
		     struct vr_location *location);

bool vr_location_is_register(const Dwarf_Op *op, uint64_t *number)
{
	if (op->atom == DW_OP_regx)
		*number = op->number;
	else if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		*number = op->atom - DW_OP_reg0;
	else
		return false;
	return true;
}

static const struct vr_debug_frame *frame_of(const struct machine *m)
{
	return &m->stack->frames[m->frame];
}

static bool push(struct machine *m, uint64_t value)
{
	if (m->depth == STACK_MAX)
		return false;
	m->values[m->depth++] = value;
	return true;
}

static bool pop(struct machine *m, uint64_t *value)
{
	if (!m->depth)
		return false;
	*value = m->values[--m->depth];
	return true;
}

static bool get_register(const struct machine *m, uint64_t number, uint64_t *value)
{
	const struct vr_dwarf_regs *regs = &frame_of(m)->regs;

	if (number >= VR_DWARF_REG_COUNT || !(regs->known >> number & 1))
		return false;
	*value = regs->value[number];
	return true;
}

static bool push_register(struct machine *m, uint64_t number, uint64_t offset)
{
	uint64_t value;

	return get_register(m, number, &value) && push(m, value + offset);
}

static bool push_cfa(struct machine *m, uint64_t offset)
{
	const struct vr_debug_frame *f = frame_of(m);

	return f->has_cfa && push(m, f->cfa + offset);
}

/* What the function's variables on the stack are relative to. */
static bool push_frame_base(struct machine *m, uint64_t offset)
{
	const struct vr_debug_frame *f = frame_of(m);
	struct vr_location base;
	Dwarf_Attribute attr;
	Dwarf_Die function;
	Dwarf_Op *ops;
	size_t count;

	if (!f->source || !vr_source_function(f->source, &function) || m->level == LEVELS_MAX ||
	    !dwarf_attr(&function, DW_AT_frame_base, &attr) ||
	    dwarf_getlocation_addr(&attr, f->at, &ops, &count, 1) != 1 ||
	    !evaluate(m->stack, m->frame, &attr, ops, count, m->level + 1, &base))
		return false;
	return push(m, base.value + offset);
}

static bool push_memory(struct machine *m, size_t size)
{
	uint64_t addr, value = 0;

	if (size > sizeof(value) || !pop(m, &addr) ||
	    !m->stack->read(m->stack->arg, addr, &value, size))
		return false;
	return push(m, value);
}

/* What a location, one operation, had when a frame's function was entered. */
static bool entry_value(const struct vr_debug_stack *stack, size_t frame, const Dwarf_Op *op,
			unsigned level, uint64_t *value)
{
	struct vr_location location;
	Dwarf_Attribute given;
	Dwarf_Op *ops;
	size_t count;

	if (level == LEVELS_MAX || !vr_call_site_value(stack, frame, op, &given) ||
	    dwarf_getlocation(&given, &ops, &count) != 0 ||
	    !evaluate(stack, frame + 1, &given, ops, count, level + 1, &location))
		return false;
	*value = location.value;
	return true;
}

static bool push_entry_value(struct machine *m, const Dwarf_Op *op)
{
	Dwarf_Attribute attr;
	uint64_t value;
	Dwarf_Op *ops;
	size_t count;

	return m->attr && dwarf_getlocation_attr(m->attr, op, &attr) == 0 &&
	       dwarf_getlocation(&attr, &ops, &count) == 0 && count == 1 &&
	       entry_value(m->stack, m->frame, &ops[0], m->level, &value) && push(m, value);
}

static bool binary(struct machine *m, unsigned atom)
{
	uint64_t a, b;
	int64_t x, y;

	if (!pop(m, &b) || !pop(m, &a))
		return false;
	x = (int64_t)a;
	y = (int64_t)b;
	switch (atom) {
	case DW_OP_and:
		return push(m, a & b);
	case DW_OP_or:
		return push(m, a | b);
	case DW_OP_xor:
		return push(m, a ^ b);
	case DW_OP_plus:
		return push(m, a + b);
	case DW_OP_minus:
		return push(m, a - b);
	case DW_OP_mul:
		return push(m, a * b);
	case DW_OP_div:
		return b && !(x == INT64_MIN && y == -1) && push(m, (uint64_t)(x / y));
	case DW_OP_mod:
		return b && push(m, a % b);
	case DW_OP_shl:
		return push(m, b < 64 ? a << b : 0);
	case DW_OP_shr:
		return push(m, b < 64 ? a >> b : 0);
	case DW_OP_shra:
		return push(m, (uint64_t)(x >> VR_MIN(b, 63)));
	case DW_OP_eq:
		return push(m, x == y);
	case DW_OP_ne:
		return push(m, x != y);
	case DW_OP_lt:
		return push(m, x < y);
	case DW_OP_le:
		return push(m, x <= y);
	case DW_OP_gt:
		return push(m, x > y);
	case DW_OP_ge:
		return push(m, x >= y);
	default:
		return false;
	}
}

static bool unary(struct machine *m, const Dwarf_Op *op)
{
	uint64_t a;

	if (!pop(m, &a))
		return false;
	switch (op->atom) {
	case DW_OP_neg:
		return push(m, -a);
	case DW_OP_not:
		return push(m, ~a);
	case DW_OP_abs:
		return push(m, (int64_t)a < 0 ? -a : a);
	case DW_OP_plus_uconst:
		return push(m, a + op->number);
	default:
		return false;
	}
}

/* Copy the value that lies so far below the top. */
static bool pick(struct machine *m, uint64_t below)
{
	return below < m->depth && push(m, m->values[m->depth - 1 - below]);
}

static bool shuffle(struct machine *m, const Dwarf_Op *op)
{
	uint64_t a, b;

	switch (op->atom) {
	case DW_OP_dup:
		return pick(m, 0);
	case DW_OP_over:
		return pick(m, 1);
	case DW_OP_pick:
		return pick(m, op->number);
	case DW_OP_drop:
		return pop(m, &a);
	case DW_OP_swap:
		return pop(m, &a) && pop(m, &b) && push(m, a) && push(m, b);
	default:
		return false;
	}
}

static bool step(struct machine *m, const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(m, op->atom - DW_OP_lit0);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_register(m, op->atom - DW_OP_breg0, op->number);
	switch (op->atom) {
	case DW_OP_nop:
		return true;
	case DW_OP_const1u ... DW_OP_consts:
		return push(m, op->number);
	case DW_OP_addr:
		return push(m, op->number + frame_of(m)->offset);
	case DW_OP_bregx:
		return push_register(m, op->number, op->number2);
	case DW_OP_fbreg:
		return push_frame_base(m, op->number);
	case DW_OP_call_frame_cfa:
		return push_cfa(m, 0);
	case DW_OP_deref:
		return push_memory(m, 8);
	case DW_OP_deref_size:
		return push_memory(m, op->number);
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
		return push_entry_value(m, op);
	case DW_OP_dup:
	case DW_OP_over:
	case DW_OP_pick:
	case DW_OP_drop:
	case DW_OP_swap:
		return shuffle(m, op);
	case DW_OP_neg:
	case DW_OP_not:
	case DW_OP_abs:
	case DW_OP_plus_uconst:
		return unary(m, op);
	default:
		return binary(m, op->atom);
	}
}

/* Bytes that stand in the expression itself. */
static bool implicit_value(struct machine *m, const Dwarf_Op *op, uint64_t *value)
{
	Dwarf_Block block;

	if (!m->attr || dwarf_getlocation_implicit_value(m->attr, op, &block) != 0 ||
	    block.length > sizeof(*value))
		return false;
	*value = 0;
	memcpy(value, block.data, block.length);
	return true;
}

static bool evaluate(const struct vr_debug_stack *stack, size_t frame, Dwarf_Attribute *attr,
		     const Dwarf_Op *ops, size_t count, unsigned level,
		     struct vr_location *location)
{
	struct machine m = {.stack = stack, .frame = frame, .attr = attr, .level = level};
	uint64_t number;

	*location = (struct vr_location){0};
	if (!count || count > OPS_MAX || frame >= stack->count)
		return false;
	if (count == 1 && vr_location_is_register(ops, &number))
		return get_register(&m, number, &location->value);
	if (count == 1 && ops->atom == DW_OP_implicit_value)
		return implicit_value(&m, ops, &location->value);
	for (size_t i = 0; i < count; i++) {
		if (ops[i].atom == DW_OP_stack_value)
			return i + 1 == count && pop(&m, &location->value);
		if (!step(&m, &ops[i]))
			return false;
	}
	location->in_memory = true;
	return pop(&m, &location->value);
}

bool vr_location_evaluate(const struct vr_debug_stack *stack, size_t frame, Dwarf_Attribute *attr,
			  const Dwarf_Op *ops, size_t count, struct vr_location *location)
{
	return evaluate(stack, frame, attr, ops, count, 0, location);
}

bool vr_location_at_entry(const struct vr_debug_stack *stack, size_t frame, enum vr_dwarf_reg reg,
			  uint64_t *value)
{
	Dwarf_Op op = {.atom = (uint8_t)(DW_OP_reg0 + reg)};

	return entry_value(stack, frame, &op, 0, value);
}
