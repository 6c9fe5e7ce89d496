/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's name and its kernel's: init_uts_ns (include/linux/utsname.h). */
#ifndef KERNEL_UTSNAME_H
#define KERNEL_UTSNAME_H

#include <vmcore-report/object.h>

/** The fields of struct new_utsname, bytes as in the dump. */
struct vr_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

/** Fill *uts from init_uts_ns; false: latched in the current scope. */
bool vr_utsname_read(struct vr_program *prog, struct vr_utsname *uts);

#endif
