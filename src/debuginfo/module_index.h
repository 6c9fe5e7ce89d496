/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules' files below some folders, by the modules' names. */
#ifndef DEBUGINFO_MODULE_INDEX_H
#define DEBUGINFO_MODULE_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct vr_module_file {
	char *name; /* as the kernel has it: '_', not '-' */
	char *path;
	int rank; /* debug files come before modules, those before compressed ones */
	bool asked_for;
};

struct vr_module_index {
	struct vr_module_file *list;
	size_t count, cap;
	size_t seen; /* entries of folders */
};

/** Add what is in a folder and below it; links to folders are not followed. */
void vr_module_index_add(struct vr_module_index *index, const char *folder, bool asked_for);
/** To be called after the last folder. */
void vr_module_index_sort(struct vr_module_index *index);
/** The n-th file of a module; NULL: there are no more. */
const struct vr_module_file *vr_module_index_at(const struct vr_module_index *index,
						const char *name, size_t n);
void vr_module_index_free(struct vr_module_index *index);

#endif
