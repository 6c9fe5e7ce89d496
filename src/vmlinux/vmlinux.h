/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's ELF file and a core of it, made from the dump: what debuggers (drgn, gdb) ask for
 * and nobody has at hand.
 *
 *	vr_vmlinux_write(prog, vmlinux_fd, &options, &err)    -> load_debug_info(["/proc/self/fd/N"])
 *	vr_notes_core_write(prog, core_fd, &err)              -> set_core_dump("/proc/self/fd/M")
 *	vr_image_runs_begin/next (image/runs.h)               -> add_memory_segment(...) for each
 */
#ifndef VMLINUX_VMLINUX_H
#define VMLINUX_VMLINUX_H

#include <vmcore-report/object.h>

#include "base/log.h"

struct vr_vmlinux_options {
	uint64_t max_bytes;       /* of the file; 0: the default of 256 MiB */
	bool no_modules;          /* leave out what belongs to modules */
	bool contents;            /* text and data, too, from memory: crash wants them */
	const struct vr_log *log; /* hears what had to be left out; may be NULL */
};

/** What came into the file; all zero where a part was left out. */
struct vr_vmlinux_info {
	uint64_t bytes;     /* of the file */
	uint32_t types;     /* BTF records that became type DIEs */
	uint32_t variables; /* with a type, and of type void */
	uint32_t void_variables;
	uint32_t functions;
	uint32_t symbols;
	uint32_t unwind_rows;     /* rows of call frame information, one per ORC entry that says
				 something new */
	uint32_t modules;         /* whose types are there */
	uint64_t content_bytes;   /* of memory that was written, as it was at the end */
	uint64_t content_missing; /* bytes of these that can't be read: zeros stand for them */
	bool init_gone;           /* what was for the kernel's start only: zeros stand for it */
	bool build_id;
};

/**
 * Write a vmlinux for the dumped kernel to fd (a file or memfd, from its offset 0 on; it is
 * truncated first): types, variables, functions, symbols, build id, and call frame information
 * made from the kernel's ORC tables, of vmlinux and of all modules alike. Addresses are those of
 * link time, as in the genuine file: KERNELOFFSET (VMCOREINFO) is subtracted. One file holds the
 * modules too, as far from the kernel as they were loaded.
 *
 * With contents the sections .text, .rodata, .data and .modules have the bytes of memory: what the
 * running kernel had made of its text (alternatives, static keys, relocations) and data.
 *
 * What the dump doesn't hold is left out and logged; without symbols or types there is no file.
 * options and info may be NULL. vr_modules_load() must have been called if modules are wanted.
 * VR_OS (writing), VR_NOMEM, VR_ABSENT (no types or symbols), VR_LIMIT (max_bytes).
 */
enum vr_err vr_vmlinux_write(struct vr_program *prog, int fd,
			     const struct vr_vmlinux_options *options, struct vr_vmlinux_info *info,
			     struct vr_error *err);

/**
 * Write an ELF core without memory to fd (likewise): the NT_PRSTATUS note of each CPU, in the order
 * of CPUs, and VMCOREINFO. Debuggers take it for a kernel's and have memory added by
 * vr_image_runs_next(). VR_OS, VR_NOMEM, VR_ABSENT (no VMCOREINFO).
 */
enum vr_err vr_notes_core_write(struct vr_program *prog, int fd, struct vr_error *err);

#endif
