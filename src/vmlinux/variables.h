/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables and functions as debug information. */
#ifndef VMLINUX_VARIABLES_H
#define VMLINUX_VARIABLES_H

#include "vmlinux/dwarf.h"
#include "vmlinux/layout.h"
#include "vmlinux/vmlinux.h"

/**
 * Entries for the functions that BTF has prototypes of, the variables that the table of globals
 * (kernel/globals.h) or BTF has types of, and, without a type, for the symbols that are left. The
 * blobs' failures tell; out of memory: VR_NOMEM is in dw->info.failed.
 */
void vr_dwarf_variables(struct vr_dwarf *dw, struct vr_program *prog,
			const struct vr_layout *layout, struct vr_vmlinux_info *info);

#endif
