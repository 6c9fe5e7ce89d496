/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the dump to report on where none is named. */
#ifndef CLI_NEWEST_DUMP_H
#define CLI_NEWEST_DUMP_H

#include <vmcore-report/error.h>

/** Where distributions leave dumps. */
#define VR_CRASH_DIR "/var/crash"

/**
 * The newest dump in dir or in a folder of it, by the names that kdump-utils, kdump-tools and kdump
 * of the distributions give: vmcore, vmcore.flat, vmcore-incomplete, <something>vmcore, vmcore.<time>,
 * dump.<time>, dump-incomplete; "newest" is the time at which it was written last. *path is the
 * caller's to free. VR_ABSENT: there is none, or none that isn't packed, as err says; VR_NOMEM.
 */
enum vr_err vr_newest_dump(const char *dir, char **path, struct vr_error *err);

#endif
