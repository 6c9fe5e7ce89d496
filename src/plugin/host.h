/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of functions that plugins built elsewhere call (vmcore-report/host.h). */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <vmcore-report/host.h>

/** Every function that the public headers declare. */
extern const struct vr_host vr_host_table;

#endif
