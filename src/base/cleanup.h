/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scope-bound release of what a function owns. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VR_CLEANUP(fn) __attribute__((cleanup(fn)))
/* free() a pointer at the end of its scope. */
#define VR_FREE VR_CLEANUP(vr_cleanup_free)
/* close() a descriptor (or -1) at the end of its scope. */
#define VR_CLOSE VR_CLEANUP(vr_cleanup_close)

static inline void vr_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void vr_cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Hand over ownership: the variable becomes NULL (or -1) and its old value is returned. */
#define VR_TAKE(ptr)                                                                               \
	({                                                                                         \
		__auto_type vr_taken_ = (ptr);                                                     \
		(ptr) = NULL;                                                                      \
		vr_taken_;                                                                         \
	})

static inline int vr_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
