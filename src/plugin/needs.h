/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plugin declared that it can't do without. */
#ifndef PLUGIN_NEEDS_H
#define PLUGIN_NEEDS_H

#include <vmcore-report/plugin.h>

/**
 * Check a plugin's needs (may be NULL) in their order. VR_OK, or VR_ABSENT with the first one that
 * this kernel lacks: "no symbol `nvme_subsystems`"; another kind where the dump lacks it. VR_CORRUPT: a need is malformed. Latches
 * nothing.
 */
enum vr_err vr_needs_check(const char *const *needs, struct vr_program *prog, struct vr_error *err);

#endif
