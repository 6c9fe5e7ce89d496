// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/orc.h"

#include <string.h>

#include "base/bits.h"

const struct vr_orc_entry vr_orc_null_entry = {
	.sp_offset = 8,
	.sp_reg = VR_ORC_REG_SP,
	.type = VR_ORC_CALL,
};

const struct vr_orc_entry vr_orc_frame_pointer_entry = {
	.sp_offset = 16,
	.sp_reg = VR_ORC_REG_BP,
	.bp_offset = -16,
	.bp_reg = VR_ORC_REG_PREV_SP,
	.type = VR_ORC_CALL,
};

/* 10 is AX where a stable release took in that register without the new numbering. */
static const enum vr_orc_reg regs_v1[16] = {
	VR_ORC_REG_UNDEFINED,   VR_ORC_REG_PREV_SP,     VR_ORC_REG_DX,      VR_ORC_REG_DI,
	VR_ORC_REG_BP,          VR_ORC_REG_SP,          VR_ORC_REG_R10,     VR_ORC_REG_R13,
	VR_ORC_REG_BP_INDIRECT, VR_ORC_REG_SP_INDIRECT, VR_ORC_REG_AX,      VR_ORC_REG_INVALID,
	VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID, VR_ORC_REG_INVALID,
};

static const enum vr_orc_reg regs_v4[16] = {
	VR_ORC_REG_UNDEFINED, VR_ORC_REG_AX,          VR_ORC_REG_DX,          VR_ORC_REG_SP,
	VR_ORC_REG_BP,        VR_ORC_REG_DI,          VR_ORC_REG_R10,         VR_ORC_REG_R13,
	VR_ORC_REG_PREV_SP,   VR_ORC_REG_SP_INDIRECT, VR_ORC_REG_BP_INDIRECT, VR_ORC_REG_INVALID,
	VR_ORC_REG_INVALID,   VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID,     VR_ORC_REG_INVALID,
};

/* Up to 6.3 the type has two bits, and "undefined" and "end" are told by the base register. */
static void decode_type_v1(enum vr_orc_version version, uint16_t flags, struct vr_orc_entry *entry)
{
	static const enum vr_orc_type types[4] = {
		VR_ORC_CALL,
		VR_ORC_REGS,
		VR_ORC_REGS_PARTIAL,
		VR_ORC_INVALID,
	};
	bool end = flags & (version == VR_ORC_V2 ? 0x800 : 0x400);

	entry->type = types[flags >> 8 & 3];
	entry->signal = version == VR_ORC_V2 ? flags & 0x400 : entry->type != VR_ORC_CALL;
	if (entry->sp_reg == VR_ORC_REG_UNDEFINED)
		entry->type = end ? VR_ORC_END : VR_ORC_UNDEFINED;
}

static void decode_type_v3(uint16_t flags, struct vr_orc_entry *entry)
{
	static const enum vr_orc_type types[8] = {
		VR_ORC_UNDEFINED,    VR_ORC_END,     VR_ORC_CALL,    VR_ORC_REGS,
		VR_ORC_REGS_PARTIAL, VR_ORC_INVALID, VR_ORC_INVALID, VR_ORC_INVALID,
	};

	entry->type = types[flags >> 8 & 7];
	entry->signal = flags & 0x800;
}

void vr_orc_decode(enum vr_orc_version version, const uint8_t raw[VR_ORC_ENTRY_SIZE],
		   struct vr_orc_entry *entry)
{
	const enum vr_orc_reg *names = version == VR_ORC_V4 ? regs_v4 : regs_v1;
	uint16_t flags = vr_load16(raw + 4);

	entry->sp_offset = (int16_t)vr_load16(raw);
	entry->bp_offset = (int16_t)vr_load16(raw + 2);
	entry->sp_reg = names[flags & 15];
	entry->bp_reg = names[flags >> 4 & 15];
	if (version == VR_ORC_V1 || version == VR_ORC_V2)
		decode_type_v1(version, flags, entry);
	else
		decode_type_v3(flags, entry);
}

enum vr_orc_version vr_orc_guess(const uint8_t *sample, size_t count)
{
	size_t seen[16] = {0};
	size_t i;

	for (i = 0; i < count; i++)
		seen[vr_load16(sample + i * VR_ORC_ENTRY_SIZE + 4) & 15]++;
	/* In either numbering the other's number is a register that next to nothing is based on. */
	if (seen[5] > 8 * (seen[3] + 1))
		return VR_ORC_V1;
	if (seen[3] > 8 * (seen[5] + 1))
		return VR_ORC_V4;
	return VR_ORC_NONE;
}

enum vr_orc_version vr_orc_version_by_hash(const uint8_t hash[20])
{
	static const struct {
		uint8_t hash[20];
		enum vr_orc_version version;
	} known[] = {
		{{0xdb, 0x84, 0xae, 0xd4, 0x10, 0x3b, 0x31, 0xdd, 0x51, 0xe0,
		  0x17, 0xf8, 0xf7, 0x97, 0x83, 0xca, 0x98, 0x5c, 0x2c, 0x51},
		 VR_ORC_V2},
		{{0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
		  0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24},
		 VR_ORC_V3},
		{{0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
		  0x21, 0x76, 0xbb, 0x0e, 0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82},
		 VR_ORC_V4},
	};
	size_t i;

	for (i = 0; i < VR_ARRAY_SIZE(known); i++) {
		if (!memcmp(known[i].hash, hash, 20))
			return known[i].version;
	}
	return VR_ORC_NONE;
}

/* How many entries start at or below ip. */
static enum vr_err count_below(const struct vr_orc_table *table, uint64_t ip, vr_orc_reader read,
			       void *arg, uint32_t *count, struct vr_error *err)
{
	uint32_t low = 0, high = table->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint64_t at = table->ips + 4 * (uint64_t)mid;
		int32_t relative;
		enum vr_err kind = read(arg, at, &relative, sizeof(relative), err);

		if (kind)
			return kind;
		if (at + (uint64_t)(int64_t)relative <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	*count = low;
	return VR_OK;
}

static enum vr_err read_entry(const struct vr_orc_table *table, enum vr_orc_version version,
			      uint32_t i, vr_orc_reader read, void *arg, struct vr_orc_entry *entry,
			      struct vr_error *err)
{
	uint8_t raw[VR_ORC_ENTRY_SIZE];
	enum vr_err kind =
		read(arg, table->entries + VR_ORC_ENTRY_SIZE * (uint64_t)i, raw, sizeof(raw), err);

	if (kind == VR_OK)
		vr_orc_decode(version, raw, entry);
	return kind;
}

enum vr_err vr_orc_find(const struct vr_orc_table *table, enum vr_orc_version version, uint64_t ip,
			vr_orc_reader read, void *arg, struct vr_orc_entry *entry,
			struct vr_error *err)
{
	uint32_t count;
	/*
	 * Of entries that start alike the last one is the real one: objtool writes terminators,
	 * which say "undefined", and the kernel sorts them to the front.
	 */
	enum vr_err kind = count_below(table, ip, read, arg, &count, err);

	if (kind)
		return kind;
	if (count == 0)
		return vr_error_set(err, VR_ABSENT, "no unwind table entry for 0x%llx",
				    (unsigned long long)ip);
	return read_entry(table, version, count - 1, read, arg, entry, err);
}

enum vr_err vr_orc_list(const struct vr_orc_table *table, enum vr_orc_version version,
			uint64_t start, uint64_t end, vr_orc_reader read, void *arg,
			struct vr_orc_place *list, size_t max, size_t *count, struct vr_error *err)
{
	uint32_t first, stop;
	enum vr_err kind;

	*count = 0;
	kind = count_below(table, start, read, arg, &first, err);
	if (!kind)
		kind = count_below(table, end - 1, read, arg, &stop, err);
	if (kind)
		return kind;
	if (!first || stop < first)
		return vr_error_set(err, VR_ABSENT, "no unwind table entry for 0x%llx",
				    (unsigned long long)start);
	if (stop - first >= max)
		return vr_error_set(err, VR_LIMIT, "more than %zu entries", max);
	for (uint32_t i = first - 1; i < stop; i++) {
		struct vr_orc_place *place = &list[*count];
		uint64_t at = table->ips + 4 * (uint64_t)i;
		int32_t relative;

		kind = read(arg, at, &relative, sizeof(relative), err);
		if (!kind)
			kind = read_entry(table, version, i, read, arg, &place->entry, err);
		if (kind)
			return kind;
		place->ip = at + (uint64_t)(int64_t)relative;
		++*count;
	}
	return VR_OK;
}

/* A register that only a full set of them can give. */
static enum vr_err saved_reg(const struct vr_unwind *state, enum vr_pt_reg reg, const char *name,
			     uint64_t *value, struct vr_error *err)
{
	if (!state->has_regs)
		return vr_error_set(err, VR_ABSENT,
				    "the frame at 0x%llx needs %s, which is not saved",
				    (unsigned long long)state->ip, name);
	*value = state->regs[reg];
	return VR_OK;
}

/* The frame address: what the stack pointer was before the call, or where the registers lie. */
static enum vr_err frame_address(const struct vr_unwind *state, const struct vr_orc_entry *entry,
				 bool offset_first, vr_orc_reader read, void *arg, uint64_t *cfa,
				 struct vr_error *err)
{
	uint64_t offset = (uint64_t)(int64_t)entry->sp_offset;
	enum vr_err kind;

	switch (entry->sp_reg) {
	case VR_ORC_REG_SP:
		*cfa = state->sp + offset;
		return VR_OK;
	case VR_ORC_REG_BP:
		*cfa = state->bp + offset;
		return VR_OK;
	case VR_ORC_REG_SP_INDIRECT:
		kind = read(arg, state->sp + (offset_first ? offset : 0), cfa, 8, err);
		if (!kind && !offset_first)
			*cfa += offset;
		return kind;
	case VR_ORC_REG_BP_INDIRECT:
		return read(arg, state->bp + offset, cfa, 8, err);
	case VR_ORC_REG_R10:
		return saved_reg(state, VR_PT_R10, "r10", cfa, err);
	case VR_ORC_REG_R13:
		return saved_reg(state, VR_PT_R13, "r13", cfa, err);
	case VR_ORC_REG_DI:
		return saved_reg(state, VR_PT_DI, "rdi", cfa, err);
	case VR_ORC_REG_DX:
		return saved_reg(state, VR_PT_DX, "rdx", cfa, err);
	case VR_ORC_REG_AX:
		return saved_reg(state, VR_PT_AX, "rax", cfa, err);
	default:
		return vr_error_set(
			err, VR_CORRUPT,
			"the unwind table entry for 0x%llx has an unknown base register",
			(unsigned long long)state->ip);
	}
}

/* The caller's ip and sp, and its other registers where the frame holds them. */
static enum vr_err caller_frame(struct vr_unwind *next, enum vr_orc_type type, uint64_t cfa,
				vr_orc_reader read, void *arg, struct vr_error *err)
{
	uint64_t iret[5];
	enum vr_err kind;

	next->has_regs = false;
	next->regs_addr = 0;
	switch (type) {
	case VR_ORC_CALL:
		next->sp = cfa;
		return read(arg, cfa - 8, &next->ip, 8, err);
	case VR_ORC_REGS:
		kind = read(arg, cfa, next->regs, sizeof(next->regs), err);
		if (kind)
			return kind;
		next->has_regs = true;
		next->regs_addr = cfa;
		next->ip = next->regs[VR_PT_IP];
		next->sp = next->regs[VR_PT_SP];
		next->user = next->regs[VR_PT_CS] & 3;
		return VR_OK;
	default:
		kind = read(arg, cfa, iret, sizeof(iret), err);
		if (kind)
			return kind;
		/* So that members of pt_regs from ip on can be read there, as the kernel does. */
		next->regs_addr = cfa - 8 * VR_PT_IP;
		next->ip = iret[0];
		next->user = iret[1] & 3;
		next->sp = iret[3];
		return VR_OK;
	}
}

static enum vr_err caller_bp(struct vr_unwind *next, const struct vr_unwind *state,
			     const struct vr_orc_entry *entry, uint64_t cfa, vr_orc_reader read,
			     void *arg, struct vr_error *err)
{
	uint64_t offset = (uint64_t)(int64_t)entry->bp_offset;

	switch (entry->bp_reg) {
	case VR_ORC_REG_UNDEFINED:
		if (next->has_regs)
			next->bp = next->regs[VR_PT_BP];
		return VR_OK;
	case VR_ORC_REG_PREV_SP:
		return read(arg, cfa + offset, &next->bp, 8, err);
	case VR_ORC_REG_BP:
		return read(arg, state->bp + offset, &next->bp, 8, err);
	default:
		return vr_error_set(
			err, VR_CORRUPT,
			"the unwind table entry for 0x%llx has an unknown frame register",
			(unsigned long long)state->ip);
	}
}

enum vr_err vr_orc_step(struct vr_unwind *state, const struct vr_orc_entry *entry,
			bool sp_indirect_offset_first, vr_orc_reader read, void *arg,
			struct vr_error *err)
{
	struct vr_unwind next = *state;
	enum vr_err kind;
	uint64_t cfa;

	if (entry->type == VR_ORC_UNDEFINED || entry->type == VR_ORC_END)
		return vr_error_set(err, VR_ABSENT, "no unwind information for 0x%llx",
				    (unsigned long long)state->ip);
	if (entry->type == VR_ORC_INVALID)
		return vr_error_set(err, VR_CORRUPT,
				    "the unwind table entry for 0x%llx is of an unknown type",
				    (unsigned long long)state->ip);
	kind = frame_address(state, entry, sp_indirect_offset_first, read, arg, &cfa, err);
	if (!kind)
		kind = caller_frame(&next, entry->type, cfa, read, arg, err);
	/* In user mode there is no frame whose bp could matter. */
	if (!kind && !next.user)
		kind = caller_bp(&next, state, entry, cfa, read, arg, err);
	if (kind)
		return kind;
	next.signal = entry->signal;
	*state = next;
	return VR_OK;
}
