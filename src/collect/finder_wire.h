/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What finder and client say to each other: one datagram each, both ends being one program. */
#ifndef COLLECT_FINDER_WIRE_H
#define COLLECT_FINDER_WIRE_H

#include "debuginfo/debug_paths.h"

struct vr_finder_request {
	struct vr_debug_wanted wanted;
	uint64_t at;
	uint32_t local;
};

enum vr_finder_status { VR_FINDER_NONE, VR_FINDER_FOUND, VR_FINDER_BUSY };

struct vr_finder_reply {
	uint32_t status; /* enum vr_finder_status; FOUND comes with a descriptor */
	uint32_t asked_for;
	uint64_t at;
	char text[PATH_MAX]; /* the path, or what it is busy with */
};

/** The longest that a finder is silent: it says at least that it is still busy. */
#define VR_FINDER_SILENCE_MS 30000

#endif
