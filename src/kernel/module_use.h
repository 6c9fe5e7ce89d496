/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded modules as tables of them show them (kernel/module/procfs.c). */
#ifndef KERNEL_MODULE_USE_H
#define KERNEL_MODULE_USE_H

#include "kernel/module.h"

/** Is it there at all? Modules that are only being made are never shown. */
bool vr_module_formed(struct vr_obj module);
/** Bytes of all its memory: module_total_size(). Latches. */
uint32_t vr_module_size(struct vr_obj module);
/** Can modules be unloaded (CONFIG_MODULE_UNLOAD)? Nobody counts their users otherwise. */
bool vr_module_counts(struct vr_obj module);
/** How often it is in use: module_refcount(). */
int32_t vr_module_refcount(struct vr_obj module);
/** Modules that use it. Entries: struct module_use, whose source they are. */
struct vr_list_walk vr_module_users(struct vr_obj module);

#endif
