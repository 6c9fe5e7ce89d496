/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack as DWARF sees it: what the files say of a frame is worked out from its registers. */
#ifndef DEBUGINFO_DEBUG_STACK_H
#define DEBUGINFO_DEBUG_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debuginfo/lines.h"

/** Registers by their numbers in DWARF (x86-64 psABI, 3.6.2). */
enum vr_dwarf_reg {
	VR_DWARF_RAX,
	VR_DWARF_RDX,
	VR_DWARF_RCX,
	VR_DWARF_RBX,
	VR_DWARF_RSI,
	VR_DWARF_RDI,
	VR_DWARF_RBP,
	VR_DWARF_RSP,
	VR_DWARF_R8,
	VR_DWARF_R9,
	VR_DWARF_R10,
	VR_DWARF_R11,
	VR_DWARF_R12,
	VR_DWARF_R13,
	VR_DWARF_R14,
	VR_DWARF_R15,
	VR_DWARF_REG_COUNT,
};

struct vr_dwarf_regs {
	uint64_t value[VR_DWARF_REG_COUNT];
	uint32_t known; /* bit by number */
};

/** All addresses but at are those of the dump. */
struct vr_debug_frame {
	struct vr_debug_file *file; /* that has its code; NULL: there is none */
	uint64_t offset;            /* from the file's addresses to the dump's */
	uint64_t at; /* where it is, as the file has addresses: within the call, not behind it */
	const struct vr_source *source; /* what stands there; NULL: nobody tells */
	uint64_t pc;          /* the return address, where the frame called the one before */
	bool called;          /* it did, and wasn't interrupted */
	uint64_t call_target; /* whom it called, as the instruction says; 0: it doesn't */
	bool target_is_clone; /* whose parameters need not be those of the sources */
	uint64_t cfa;         /* the stack pointer before it was called itself */
	bool has_cfa;
	struct vr_dwarf_regs regs;
};

/** Reads the dump's memory; false where it can't be had. */
typedef bool (*vr_debug_reader)(void *arg, uint64_t addr, void *buf, size_t len);

/** Frames from the innermost on. */
struct vr_debug_stack {
	struct vr_debug_frame *frames;
	size_t count;
	vr_debug_reader read;
	void *arg;
};

/**
 * Work out the registers that the caller of a frame had, into *caller, and the frame's own cfa, by the
 * file's call frame information (.debug_frame). What a called function need not keep is unknown then.
 * False: the file doesn't tell.
 */
bool vr_debug_frame_unwind(struct vr_debug_stack *stack, size_t frame,
			   struct vr_dwarf_regs *caller);

#endif
