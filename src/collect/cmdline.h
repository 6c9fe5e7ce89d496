/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line as it may be told: the manifest and sos.log go to others. */
#ifndef COLLECT_CMDLINE_H
#define COLLECT_CMDLINE_H

/**
 * The words with a space between them, free() it. Values of options that are secrets (passphrases,
 * passwords, keys for uploads), also where an option's name is cut short, and passwords in URLs become
 * "********", as sos has them. NULL: out of memory.
 */
char *vr_cmdline_text(int argc, char *const *argv);

#endif
