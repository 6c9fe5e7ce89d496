/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ORC, the x86-64 kernel's unwind tables: decoding an entry, finding the one for an address, and
 * one step from a frame to its caller. Pure: memory comes through a callback.
 *
 * Follows Linux's arch/x86/include/asm/orc_types.h and arch/x86/kernel/unwind_orc.c.
 */
#ifndef ARCH_ORC_H
#define ARCH_ORC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

#define VR_ORC_ENTRY_SIZE 6

/** The encodings of an entry's flags and registers that there have been. */
enum vr_orc_version {
	VR_ORC_NONE = 0,
	VR_ORC_V1, /* up to 6.2 */
	VR_ORC_V2, /* 6.3: a signal bit (ffb1b4a41016) */
	VR_ORC_V3, /* 6.4 on: "undefined" and "end of stack" are types (fb799447ae29) */
	VR_ORC_V4, /* 7.1 on: registers renumbered */
};

/** What an offset is relative to, whatever the version calls it. */
enum vr_orc_reg {
	VR_ORC_REG_UNDEFINED,
	VR_ORC_REG_PREV_SP,
	VR_ORC_REG_AX,
	VR_ORC_REG_DX,
	VR_ORC_REG_DI,
	VR_ORC_REG_BP,
	VR_ORC_REG_SP,
	VR_ORC_REG_R10,
	VR_ORC_REG_R13,
	VR_ORC_REG_BP_INDIRECT,
	VR_ORC_REG_SP_INDIRECT,
	VR_ORC_REG_INVALID,
};

enum vr_orc_type {
	VR_ORC_UNDEFINED, /* nothing is known here */
	VR_ORC_END,       /* the outermost frame of its stack */
	VR_ORC_CALL,
	VR_ORC_REGS,         /* a whole struct pt_regs lies at the frame */
	VR_ORC_REGS_PARTIAL, /* only the five words that the CPU pushed */
	VR_ORC_INVALID,
};

/** One decoded entry. */
struct vr_orc_entry {
	int16_t sp_offset;
	int16_t bp_offset;
	enum vr_orc_reg sp_reg;
	enum vr_orc_reg bp_reg;
	enum vr_orc_type type;
	bool signal; /* the caller's ip is where it was stopped, not a return address */
};

/** Decode the six bytes of an entry. What no kernel writes becomes VR_ORC_INVALID (_REG_INVALID).
 */
void vr_orc_decode(enum vr_orc_version version, const uint8_t raw[VR_ORC_ENTRY_SIZE],
		   struct vr_orc_entry *entry);

/**
 * Tell versions before 7.1 from those after by a sample of a table: count entries of
 * VR_ORC_ENTRY_SIZE bytes. By far the commonest base is the stack pointer, whose number changed
 * from 5 to 3. VR_ORC_V1 (which stands for V1 to V3), VR_ORC_V4, or VR_ORC_NONE where the sample
 * can't tell.
 */
enum vr_orc_version vr_orc_guess(const uint8_t *sample, size_t count);
/** The version that the kernel's own 20-byte hash at __start_orc_header (6.4 on) stands for, or
 * NONE. */
enum vr_orc_version vr_orc_version_by_hash(const uint8_t hash[20]);

/** Reads virtual memory for the functions below: VR_OK, or VR_FAULT or VR_CORRUPT with *err set. */
typedef enum vr_err (*vr_orc_reader)(void *arg, uint64_t addr, void *buf, size_t len,
				     struct vr_error *err);

/** A pair of tables in the dump: count s32 offsets (each relative to itself) and as many entries.
 */
struct vr_orc_table {
	uint64_t ips;
	uint64_t entries;
	uint32_t count;
};

/**
 * Find and decode the entry for ip: the last one that starts at or below it. Bisects the table
 * where it lies, so that only some twenty words are read. A table out of order gives a wrong entry
 * or none, never more. VR_ABSENT: none starts at or below ip. VR_FAULT.
 */
enum vr_err vr_orc_find(const struct vr_orc_table *table, enum vr_orc_version version, uint64_t ip,
			vr_orc_reader read, void *arg, struct vr_orc_entry *entry,
			struct vr_error *err);

/** An entry, and where it begins to hold. */
struct vr_orc_place {
	uint64_t ip;
	struct vr_orc_entry entry;
};

/**
 * All entries that hold somewhere in [start, end), into list, which has room for max. VR_ABSENT: none
 * holds at start. VR_LIMIT: there are more. VR_FAULT.
 */
enum vr_err vr_orc_list(const struct vr_orc_table *table, enum vr_orc_version version,
			uint64_t start, uint64_t end, vr_orc_reader read, void *arg,
			struct vr_orc_place *list, size_t max, size_t *count, struct vr_error *err);

/** Words of struct pt_regs (arch/x86/include/uapi/asm/ptrace.h), by their index. */
enum vr_pt_reg {
	VR_PT_R15,
	VR_PT_R14,
	VR_PT_R13,
	VR_PT_R12,
	VR_PT_BP,
	VR_PT_BX,
	VR_PT_R11,
	VR_PT_R10,
	VR_PT_R9,
	VR_PT_R8,
	VR_PT_AX,
	VR_PT_CX,
	VR_PT_DX,
	VR_PT_SI,
	VR_PT_DI,
	VR_PT_ORIG_AX,
	VR_PT_IP,
	VR_PT_CS,
	VR_PT_FLAGS,
	VR_PT_SP,
	VR_PT_SS,
	VR_PT_COUNT,
};

/** Where an unwind stands. Filled by the caller to begin with. */
struct vr_unwind {
	uint64_t ip, sp, bp;
	bool signal;        /* ip is where it was stopped, not a return address */
	bool has_regs;      /* regs holds all registers of this very frame */
	bool user;          /* the last step led out to user mode: this is the end */
	uint64_t regs_addr; /* the pt_regs by which this frame was found, or 0 */
	uint64_t regs[VR_PT_COUNT];
};

/**
 * One step out to the caller, as entry says. sp_indirect_offset_first: the meaning of SP_INDIRECT
 * before Linux 5.12 (87ccc826bf1c "x86/unwind/orc: Change REG_SP_INDIRECT").
 * On VR_OK *state is the caller's frame. Otherwise *state is untouched: VR_ABSENT (a register is
 * needed that was not saved, or the entry is UNDEFINED or END), VR_CORRUPT (an entry no kernel
 * has), or what read returned.
 */
enum vr_err vr_orc_step(struct vr_unwind *state, const struct vr_orc_entry *entry,
			bool sp_indirect_offset_first, vr_orc_reader read, void *arg,
			struct vr_error *err);

/** The rule for a call through a NULL pointer: the return address is on top of the stack. */
extern const struct vr_orc_entry vr_orc_null_entry;
/** The guess for code that has no tables (BPF programs, trampolines): it keeps a frame pointer. */
extern const struct vr_orc_entry vr_orc_frame_pointer_entry;

#endif
