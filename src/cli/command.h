/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program after its command line is read. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

/** Exit statuses, sos's. */
enum vr_exit { VR_EXIT_OK = 0, VR_EXIT_FAILED = 1, VR_EXIT_USAGE = 2, VR_EXIT_INTERRUPTED = 130 };

/**
 * Do what the options say, and print what there is to say. argc and argv are those of main(), for
 * the manifest. *stop becomes non-zero on a signal. Returns the exit status.
 */
int vr_command_run(const struct vr_options *options, int argc, char *const *argv,
		   const volatile int *stop);

#endif
