/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user asked for: one table says what options there are, and drives the command line, the
 * keys of configuration files (config.h) and --help alike.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdint.h>
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

enum vr_name_choice { VR_NAME_SOSVMCORE, VR_NAME_SOSREPORT };

/** Lines of the table, at most. */
#define VR_OPTIONS_MAX 96

/** What the user asked for. Strings are owned; NULL where not given. */
struct vr_options {
	struct vr_list vmcore; /* files of one dump; empty: the newest one */
	char *crash_dir;       /* where that is looked for */
	char *vmcoreinfo;
	char *vmlinux;
	char *extract_vmlinux; /* write that file instead of a report */
	bool no_btf;
	struct vr_list debuginfo_dirs;
	bool force_debuginfo;
	bool no_debuginfod;
	struct vr_list only;
	struct vr_list enable;
	struct vr_list skip;
	struct vr_list skip_files; /* patterns */
	bool dry_run;
	bool experimental;
	bool list_plugins;
	struct vr_list plugin_dirs;
	char *new_plugin; /* write a plugin of that name to begin with */
	bool python;      /* in Python, not in C */
	char *pids;
	struct vr_list plugin_options; /* "plugin.option=value" */
	struct vr_list shared_options; /* the same from [plugin_options]: other programs' too */
	unsigned plugin_timeout;       /* seconds */
	unsigned threads;
	bool build;
	char *label;
	char *case_id;
	unsigned name_style; /* enum vr_name_choice */
	char *tmp_dir;
	unsigned compression; /* enum vr_compression_choice */
	bool encrypt;         /* ask how */
	char *encrypt_key;
	char *encrypt_pass;
	bool batch;
	bool quiet;
	unsigned verbose;
	bool debug;
	char *config_file;
	bool help;
	bool version;
	bool given[VR_OPTIONS_MAX]; /* which were, by line of the table */
	struct vr_list notices;     /* what the user is to be told of the configuration */
};

/** The defaults. */
void vr_options_init(struct vr_options *options);
void vr_options_free(struct vr_options *options);

/**
 * Read the command line; a passphrase in it is overwritten. A leading word "vmcore-report" or "vmcore" is passed over, so that
 * commands written for sos work. VR_CORRUPT: a usage error, which err says as argparse would.
 * VR_NOMEM.
 */
enum vr_err vr_options_parse(struct vr_options *options, int argc, char *const *argv,
			     struct vr_error *err);

/**
 * Set an option by its key in a configuration file: its long name, '_' as good as '-'. What was set
 * before is replaced. VR_ABSENT: there is no such key; VR_CORRUPT: the value is none, as err says.
 */
enum vr_err vr_options_set_key(struct vr_options *options, const char *key, const char *value,
			       struct vr_error *err);
/**
 * Put what was given in line over options, by sos's rules: a plugin named there with -e, -o or -n is
 * no longer in any of these lists of options; enabled and skipped ones add up; a plugin's option
 * replaces that of the same name; of all else the new value counts. line loses what it had. VR_NOMEM.
 */
enum vr_err vr_options_merge(struct vr_options *options, struct vr_options *line,
			     struct vr_error *err);

/** Write the text of --help. */
void vr_options_help(FILE *out);

/** Add the first len bytes of text to a list. VR_NOMEM. */
enum vr_err vr_list_add(struct vr_list *list, const char *text, size_t len, struct vr_error *err);
/** Release what a list has; it is empty afterwards. */
void vr_list_free(struct vr_list *list);

#endif
