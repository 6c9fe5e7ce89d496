/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded modules (include/linux/module.h): where they lie, their symbols, their types. */
#ifndef KERNEL_MODULE_H
#define KERNEL_MODULE_H

#include "base/log.h"
#include "kernel/list.h"

/** MODULE_NAME_LEN: room for a module's name and its NUL. */
#define VR_MODULE_NAME 64
/** Most memory ranges of one module (enum mod_mem_type has seven). */
#define VR_MODULE_RANGES 8

/** The memory of a module. ranges[0] is its text. */
struct vr_module_memory {
	struct vr_module_range {
		uint64_t start, size;
	} ranges[VR_MODULE_RANGES];
	size_t count;
};

/** All modules on the list, in its order (the last one loaded first). Entries: struct module. */
struct vr_list_walk vr_module_walk(struct vr_program *prog);
/** A module's name into buf (VR_MODULE_NAME bytes); returns buf. Latches. */
char *vr_module_name(struct vr_obj module, char *buf);
/** Where its parts lie; empty ones are left out (but text is always first). False: latched. */
bool vr_module_memory(struct vr_obj module, struct vr_module_memory *memory);

/**
 * Add all modules' symbols (module.kallsyms) and types (btf_modules) to the program's tables. Done
 * once, after vr_session_open() and before plugins run. A module whose tables can't be read is
 * logged and left out. VR_NOMEM is the only error.
 */
enum vr_err vr_modules_load(struct vr_program *prog, const struct vr_log *log);

#endif
