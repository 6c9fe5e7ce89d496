/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of which the dump may lack parts, from both their ends: a hole costs what is in it, not
 * what lies behind it. What isn't certainly on the list is left out.
 */
#ifndef KERNEL_LIST_ENDS_H
#define KERNEL_LIST_ENDS_H

#include <vmcore-report/object.h>

/** Called for each entry: the address of its struct list_head. Return false to stop. */
typedef bool (*vr_list_ends_fn)(void *arg, uint64_t node);

/**
 * Walk the list at head from both its ends, so that entries may be given twice. An entry counts if
 * it leads back to the one before it, or if that can't be read. Bounded; latches nothing.
 */
void vr_list_ends(struct vr_program *prog, uint64_t head, vr_list_ends_fn fn, void *arg);

#endif
