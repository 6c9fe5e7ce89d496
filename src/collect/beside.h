/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that were saved beside a dump, by whoever saved the dump: the log as makedumpfile took it out
 * of it, the crash kernel's own. Their bytes are copied as they are, never looked at.
 */
#ifndef COLLECT_BESIDE_H
#define COLLECT_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

#include <vmcore-report/error.h>

/* Files, and bytes of one of them, that are copied at most. */
#define VR_BESIDE_MAX 16
#define VR_BESIDE_BYTES_MAX ((size_t)16 << 20)

struct vr_beside_file {
	char name[256];
	char *data; /* NULL: it is not copied, for which reason says why */
	size_t len;
	char reason[200];
};

struct vr_beside {
	char folder[256]; /* its name, without what is before it */
	size_t count;
	struct vr_beside_file files[VR_BESIDE_MAX];
};

/**
 * The files beside a dump, by name. Regular files only, no link is followed (the folder's own path
 * apart), nothing is waited for. A folder that can't be read, or whose name can't be told, has none.
 * False: out of memory.
 */
bool vr_beside_find(struct vr_beside *beside, const char *dump_path);
void vr_beside_free(struct vr_beside *beside);

/** Is it a name of such a file? */
bool vr_beside_name(const char *name);

#endif
