/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What helpers remember of a dump between calls. */
#ifndef OBJECT_MEMO_H
#define OBJECT_MEMO_H

#include "object/program.h"

/**
 * Memory that lives as long as prog, one piece per key (the address of something static of the
 * caller's, who asks for the same size each time): all zero when it is asked for first. NULL and a
 * latched VR_NOMEM where there is none. For the few facts that are asked for again with each task.
 */
void *vr_memo(struct vr_program *prog, const void *key, size_t size);

#endif
