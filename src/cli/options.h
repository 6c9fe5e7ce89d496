/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table says what options there are, and drives parsing and --help alike. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include <vmcore-report/error.h>

/** Values of a repeatable option. */
struct vr_list {
	char **items;
	size_t count;
};

enum vr_compression_choice {
	VR_CHOICE_AUTO,
	VR_CHOICE_GZIP,
	VR_CHOICE_XZ,
	VR_CHOICE_NONE,
	VR_CHOICE_ZSTD
};

/** What the user asked for. Strings are owned; NULL where not given. */
struct vr_options {
	struct vr_list vmcore; /* files of one dump */
	char *vmcoreinfo;
	char *vmlinux;
	struct vr_list debuginfo_dirs;
	struct vr_list only;
	struct vr_list enable;
	struct vr_list skip;
	bool experimental;
	bool list_plugins;
	struct vr_list plugin_dirs;
	char *new_plugin; /* write a plugin of that name to begin with */
	bool python;      /* in Python, not in C */
	char *pids;
	struct vr_list plugin_options; /* "plugin.option=value" */
	unsigned plugin_timeout;       /* seconds */
	unsigned threads;
	bool build;
	char *label;
	char *tmp_dir;
	unsigned compression; /* enum vr_compression_choice */
	bool batch;
	bool quiet;
	unsigned verbose;
	bool help;
	bool version;
};

/** The defaults. */
void vr_options_init(struct vr_options *options);
void vr_options_free(struct vr_options *options);

/**
 * Read the command line. A leading word "vmcore-report" or "vmcore" is passed over, so that
 * commands written for sos work. VR_CORRUPT: a usage error, which err says as argparse would.
 * VR_NOMEM.
 */
enum vr_err vr_options_parse(struct vr_options *options, int argc, char *const *argv,
			     struct vr_error *err);

/** Write the text of --help. */
void vr_options_help(FILE *out);

#endif
