/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a task is kept from speculating (arch/x86/kernel/cpu/bugs.c), in the words of
 * /proc/<pid>/status. */
#ifndef KERNEL_SPECULATION_H
#define KERNEL_SPECULATION_H

#include <vmcore-report/object.h>

/** After "Speculation_Store_Bypass:". Static string; "" and latched. */
const char *vr_store_bypass_text(struct vr_obj task);
/** After "SpeculationIndirectBranch:". Static string; "" and latched. */
const char *vr_indirect_branch_text(struct vr_obj task);

#endif
