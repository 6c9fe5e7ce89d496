// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/frame_rows.h"

#include "base/bits.h"
#include "vmlinux/dwarf_numbers.h"

/* Rows of an entry are worked through from its start for each lookup: keep them few. */
#define ENTRY_ROWS 96
#define ENTRY_SPAN 0x100000ull
#define COMMON_MAX 160
#define ENTRY_MAX 32
#define ROW_MAX 64

/* Data are aligned to words, and grow down. */
#define DATA_ALIGN (-8)

/* x86-64's numbers of registers in DWARF. */
enum {
	DW_RAX,
	DW_RDX,
	DW_RCX,
	DW_RBX,
	DW_RSI,
	DW_RDI,
	DW_RBP,
	DW_RSP,
	DW_R8,
	DW_R15 = 15,
	DW_RIP,
};

/* By their numbers in DWARF, r8 to r15 following. */
static const uint8_t pt_regs[] = {
	VR_PT_AX,  VR_PT_DX,  VR_PT_CX,  VR_PT_BX,  VR_PT_SI,  VR_PT_DI,
	VR_PT_BP,  VR_PT_SP,  VR_PT_R8,  VR_PT_R9,  VR_PT_R10, VR_PT_R11,
	VR_PT_R12, VR_PT_R13, VR_PT_R14, VR_PT_R15, VR_PT_IP,
};

/* The register that a rule's base is, or -1. */
static int base_register(enum vr_orc_reg reg)
{
	switch (reg) {
	case VR_ORC_REG_SP:
		return DW_RSP;
	case VR_ORC_REG_BP:
		return DW_RBP;
	case VR_ORC_REG_R10:
		return DW_R8 + 2;
	case VR_ORC_REG_R13:
		return DW_R8 + 5;
	case VR_ORC_REG_DI:
		return DW_RDI;
	case VR_ORC_REG_DX:
		return DW_RDX;
	case VR_ORC_REG_AX:
		return DW_RAX;
	default:
		return -1;
	}
}

static void saved_at(struct vr_blob *out, unsigned int reg, int64_t offset)
{
	vr_blob_u8(out, DW_CFA_offset_extended_sf);
	vr_blob_uleb(out, reg);
	vr_blob_sleb(out, offset / DATA_ALIGN);
}

/*
 * What ORC doesn't follow is not known in the caller, whatever the ABI says of it; only bp stays
 * what it was. Before the registers of an exception are all saved, none has changed. The outermost
 * frame has no caller: nothing at all is known of it.
 */
static void common_rules(struct vr_blob *out, enum vr_orc_type type)
{
	unsigned int reg;

	switch (type) {
	case VR_ORC_CALL:
		saved_at(out, DW_RIP, -8);
		break;
	case VR_ORC_REGS:
		for (reg = DW_RAX; reg <= DW_RIP; reg++)
			saved_at(out, reg, 8 * pt_regs[reg]);
		return;
	case VR_ORC_REGS_PARTIAL:
		saved_at(out, DW_RIP, 0);
		saved_at(out, DW_RSP, 24);
		break;
	default:
		vr_blob_u8(out, DW_CFA_undefined);
		vr_blob_uleb(out, DW_RIP);
		break;
	}
	for (reg = DW_RAX; reg <= DW_R15; reg++) {
		if (type != VR_ORC_END && (reg == DW_RBP || reg == DW_RSP))
			continue;
		vr_blob_u8(out, type == VR_ORC_REGS_PARTIAL ? DW_CFA_same_value : DW_CFA_undefined);
		vr_blob_uleb(out, reg);
	}
}

static enum vr_orc_type type_of_kind(unsigned int kind)
{
	static const enum vr_orc_type types[] = {VR_ORC_CALL, VR_ORC_REGS, VR_ORC_REGS_PARTIAL,
						 VR_ORC_END};

	return types[kind / 2];
}

static int kind_of(const struct vr_orc_entry *entry)
{
	for (unsigned int kind = 0; kind < VR_FRAME_KINDS; kind += 2)
		if (type_of_kind(kind) == entry->type)
			return (int)(kind + entry->signal);
	return -1;
}

/* Fill up with DW_CFA_nop, which is 0, and set the length. */
static void close_entry(struct vr_blob *out, size_t at)
{
	vr_blob_align(out, sizeof(uint64_t));
	if (!out->failed)
		vr_blob_set32(out, at, (uint32_t)(out->len - at - 4));
}

static void put_common(struct vr_frame_rows *f, unsigned int kind)
{
	struct vr_blob *out = f->out;
	size_t at = out->len;

	if (!vr_blob_room(out, COMMON_MAX))
		return;
	f->common[kind] = (uint32_t)at;
	vr_blob_u32(out, 0);
	vr_blob_u32(out, UINT32_MAX); /* not an entry */
	vr_blob_u8(out, 3);
	if (kind & 1) { /* the caller's address isn't that behind a call */
		vr_blob_u8(out, 'z');
		vr_blob_u8(out, 'S');
	}
	vr_blob_u8(out, 0);
	vr_blob_uleb(out, 1);
	vr_blob_sleb(out, DATA_ALIGN);
	vr_blob_uleb(out, DW_RIP);
	if (kind & 1)
		vr_blob_uleb(out, 0);
	vr_blob_u8(out, DW_CFA_def_cfa);
	vr_blob_uleb(out, DW_RSP);
	vr_blob_uleb(out, 8);
	common_rules(out, type_of_kind(kind));
	close_entry(out, at);
}

void vr_frame_rows_begin(struct vr_frame_rows *f)
{
	for (unsigned int kind = 0; kind < VR_FRAME_KINDS; kind++)
		put_common(f, kind);
}

void vr_frame_rows_flush(struct vr_frame_rows *f)
{
	uint64_t size = f->end - f->start;

	if (!f->open)
		return;
	f->open = false;
	close_entry(f->out, f->entry);
	if (!f->out->failed)
		memcpy(f->out->data + f->entry + 16, &size, sizeof(size));
}

static bool open_entry(struct vr_frame_rows *f, uint64_t start, unsigned int kind)
{
	struct vr_blob *out = f->out;

	if (!vr_blob_room(out, ENTRY_MAX))
		return false;
	f->open = true;
	f->entry = out->len;
	f->start = f->at = start;
	f->entry_rows = 0;
	f->kind = kind;
	vr_blob_u32(out, 0);
	vr_blob_u32(out, f->common[kind]);
	vr_blob_u64(out, start - f->offset);
	vr_blob_u64(out, 0);
	if (kind & 1)
		vr_blob_uleb(out, 0);
	return true;
}

static void advance(struct vr_frame_rows *f, uint64_t to)
{
	uint64_t delta = to - f->at;

	if (delta < 0x40) {
		vr_blob_u8(f->out, (uint8_t)(DW_CFA_advance_loc | delta));
	} else if (delta <= UINT8_MAX) {
		vr_blob_u8(f->out, DW_CFA_advance_loc1);
		vr_blob_u8(f->out, (uint8_t)delta);
	} else if (delta <= UINT16_MAX) {
		vr_blob_u8(f->out, DW_CFA_advance_loc2);
		vr_blob_u16(f->out, (uint16_t)delta);
	} else {
		vr_blob_u8(f->out, DW_CFA_advance_loc4);
		vr_blob_u32(f->out, (uint32_t)delta);
	}
	f->at = to;
}

/* CFA = *(reg + before) + behind */
static void indirect_cfa(struct vr_blob *out, unsigned int reg, int64_t before, int64_t behind)
{
	size_t at;

	vr_blob_u8(out, DW_CFA_def_cfa_expression);
	at = out->len;
	vr_blob_u8(out, 0);
	vr_blob_u8(out, (uint8_t)(DW_OP_breg0 + reg));
	vr_blob_sleb(out, before);
	vr_blob_u8(out, DW_OP_deref);
	if (behind) {
		vr_blob_u8(out, DW_OP_consts);
		vr_blob_sleb(out, behind);
		vr_blob_u8(out, DW_OP_plus);
	}
	out->data[at] = (uint8_t)(out->len - at - 1);
}

static void put_cfa(struct vr_frame_rows *f, const struct vr_orc_entry *e, bool anew)
{
	int reg = base_register(e->sp_reg), old = base_register(f->last.sp_reg);
	struct vr_blob *out = f->out;
	/* Only of these two does the unwinder add the offset (unwind_orc.c). */
	int64_t offset = reg == DW_RSP || reg == DW_RBP ? e->sp_offset : 0;

	if (e->sp_reg == VR_ORC_REG_BP_INDIRECT) {
		indirect_cfa(out, DW_RBP, e->sp_offset, 0);
	} else if (e->sp_reg == VR_ORC_REG_SP_INDIRECT) {
		if (f->sp_indirect_offset_first)
			indirect_cfa(out, DW_RSP, e->sp_offset, 0);
		else
			indirect_cfa(out, DW_RSP, 0, e->sp_offset);
	} else if (offset < 0) {
		vr_blob_u8(out, DW_CFA_def_cfa_sf);
		vr_blob_uleb(out, (uint64_t)reg);
		vr_blob_sleb(out, offset / DATA_ALIGN);
	} else if (!anew && reg == old) {
		vr_blob_u8(out, DW_CFA_def_cfa_offset);
		vr_blob_uleb(out, (uint64_t)offset);
	} else {
		vr_blob_u8(out, DW_CFA_def_cfa);
		vr_blob_uleb(out, (uint64_t)reg);
		vr_blob_uleb(out, (uint64_t)offset);
	}
}

static void put_bp(struct vr_frame_rows *f, const struct vr_orc_entry *e)
{
	struct vr_blob *out = f->out;

	switch (e->bp_reg) {
	case VR_ORC_REG_PREV_SP:
		saved_at(out, DW_RBP, e->bp_offset);
		break;
	case VR_ORC_REG_BP: {
		size_t at;

		vr_blob_u8(out, DW_CFA_expression);
		vr_blob_uleb(out, DW_RBP);
		at = out->len;
		vr_blob_u8(out, 0);
		vr_blob_u8(out, DW_OP_breg0 + DW_RBP);
		vr_blob_sleb(out, e->bp_offset);
		out->data[at] = (uint8_t)(out->len - at - 1);
		break;
	}
	default: /* what the common part says: among saved registers, or unchanged */
		vr_blob_u8(out, DW_CFA_restore | DW_RBP);
		break;
	}
}

static bool same_cfa(const struct vr_orc_entry *a, const struct vr_orc_entry *b)
{
	return a->sp_reg == b->sp_reg && a->sp_offset == b->sp_offset;
}

static bool same_bp(const struct vr_orc_entry *a, const struct vr_orc_entry *b)
{
	return a->bp_reg == b->bp_reg &&
	       (a->bp_reg == VR_ORC_REG_UNDEFINED || a->bp_offset == b->bp_offset);
}

/* Offsets that aren't whole words are said by no rule here; kernels have none. */
static bool can_be_said(const struct vr_orc_entry *e)
{
	if (e->type == VR_ORC_END)
		return true;
	if (e->sp_reg != VR_ORC_REG_BP_INDIRECT && e->sp_reg != VR_ORC_REG_SP_INDIRECT &&
	    (base_register(e->sp_reg) < 0 || (e->sp_offset < 0 && e->sp_offset % 8)))
		return false;
	return e->bp_reg == VR_ORC_REG_UNDEFINED || e->bp_reg == VR_ORC_REG_BP ||
	       (e->bp_reg == VR_ORC_REG_PREV_SP && e->bp_offset % 8 == 0);
}

void vr_frame_rows_add(struct vr_frame_rows *f, uint64_t start, uint64_t end,
		       const struct vr_orc_entry *entry)
{
	int kind = can_be_said(entry) ? kind_of(entry) : -1;
	bool anew;

	if (start >= end || (f->open && start < f->end))
		return;
	if (f->open && (kind != (int)f->kind || start != f->end || f->entry_rows >= ENTRY_ROWS ||
			end - f->start > ENTRY_SPAN))
		vr_frame_rows_flush(f);
	if (kind < 0)
		return;
	anew = !f->open;
	if (anew && !open_entry(f, start, (unsigned int)kind))
		return;
	f->end = end;
	if (!vr_blob_room(f->out, ROW_MAX))
		return;
	if (entry->type == VR_ORC_END) {
		f->rows += anew;
		return;
	}
	if (!anew && same_cfa(entry, &f->last) && same_bp(entry, &f->last))
		return;
	if (!anew)
		advance(f, start);
	if (anew || !same_cfa(entry, &f->last))
		put_cfa(f, entry, anew);
	if (anew ? entry->bp_reg != VR_ORC_REG_UNDEFINED : !same_bp(entry, &f->last))
		put_bp(f, entry);
	f->last = *entry;
	f->entry_rows++;
	f->rows++;
}
