/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct vr_run and struct vr_file as this folder sees them; plugins see them opaque (plugin.h). */
#ifndef PLUGIN_STATE_H
#define PLUGIN_STATE_H

#include "base/strbuf.h"
#include "plugin/copies.h"
#include "plugin/pathset.h"
#include "plugin/run.h"

struct vr_file {
	struct vr_run *run;
	struct vr_file
		*outer; /* the file that was open when this one was begun; or the next zombie */
	char *path;     /* in the archive; NULL: the spare file, which only swallows */
	struct vr_strbuf body;
	struct vr_strbuf source;
	struct vr_scope scope;
	struct vr_scope row;
	struct vr_error refused;   /* why the file can't be written at all */
	struct vr_error row_error; /* of the first row that was dropped */
	struct vr_error row_cut;   /* of the first row kept in which a walk was cut short */
	uint64_t row_cuts;
	uint64_t rows_kept;
	uint64_t rows_dropped;
	size_t row_start; /* length of body where the open row began */
	bool in_row;
	bool ended; /* by the host, before the plugin did: kept until it does, or the run ends */
	enum vr_err status;
	enum vr_file_writing writing;
	struct vr_copy_key copy_key; /* of: NULL: no other file has the same contents */
	uint64_t start_ns;           /* CLOCK_MONOTONIC */
};

struct vr_run {
	const char *name;
	const struct vr_plugin *plugin;
	struct vr_program *prog;
	const struct vr_sink *sink;
	const char *phase;    /* "collect", ...: the action while no file is open */
	struct vr_file *open; /* the innermost open file */
	struct vr_file *zombies;
	struct vr_file spare;  /* what vr_file_new() gives when memory is out */
	struct vr_strbuf body; /* the last file's bytes' room, for the next one */
	struct vr_pathset paths;
	struct vr_copies copies;
	uint32_t unit; /* the last one begun */
	struct vr_error failed;
	struct vr_error inactive;
};

/** Tell the sink what the plugin does now: the innermost open file, else the phase. */
void vr_run_action(struct vr_run *run);
/** End, as errors, the files that the plugin left open, and release all that is left of files. */
void vr_run_close_files(struct vr_run *run);

#endif
