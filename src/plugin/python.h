/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins in Python. What runs them is a module of its own (plugins/python/), which has an
 * interpreter linked to it and is loaded only where there is such a plugin: a machine without
 * Python still makes the whole native report. This header is what program and module agree on; both
 * come from one build.
 */
#ifndef PLUGIN_PYTHON_H
#define PLUGIN_PYTHON_H

#include <vmcore-report/plugin.h>

#include "base/log.h"
#include "plugin/plugins.h"
#include "plugin/run.h"

/** What the module's interpreter is told of its surroundings. Strings are the caller's. */
struct vr_python_config {
	const char *module;  /* the module's file: NULL where this program has none */
	const char *sos_dir; /* the folder that has our sos/vmcore_report/ */
	const char *vmlinux; /* as given by the user; NULL */
	const char *const *debuginfo_dirs;
	size_t debuginfo_dir_count;
	const char *const *plugin_dirs; /* where plugins may have more modules of their own */
	size_t plugin_dir_count;
};

/** A plugin in Python: what its entry's block is. */
struct vr_python_plugin {
	struct vr_plugin plugin; /* what the entry's plugin points to */
	const char *path;        /* of its file */
	const char *class_name;
};

/** Memory of the dump that a debugger may read: all of it, in runs without holes. */
struct vr_python_segment {
	uint64_t address; /* virtual, or physical */
	uint64_t size;
	bool physical;
};

/** What the module may call; dump is the opener's own. */
struct vr_python_services {
	void *dump;
	/** Read memory of one segment. False: why has the reason. */
	bool (*read)(void *dump, uint64_t address, bool physical, void *buf, size_t len,
		     struct vr_error *why);
	/** All segments, into *list (free() it). VR_NOMEM. */
	enum vr_err (*segments)(void *dump, struct vr_python_segment **list, size_t *count,
				struct vr_error *err);
	/** Write the kernel's ELF file, or a core without memory, to fd. */
	enum vr_err (*write_vmlinux)(void *dump, int fd, struct vr_error *err);
	enum vr_err (*write_core)(void *dump, int fd, struct vr_error *err);
	/** A file of the archive in one piece: VR_OK, or why it can't be written, in *err. */
	enum vr_err (*write_file)(struct vr_run *run, const char *path, const void *data,
				  size_t len, enum vr_file_writing writing, struct vr_error *err);
	void (*message)(struct vr_run *run, enum vr_message_kind kind, const char *text);
	/** vr_run_failed() and vr_run_inactive(). */
	void (*failed)(struct vr_run *run, const char *text);
	void (*inactive)(struct vr_run *run, const char *text);
	const char *(*name)(const struct vr_run *run);
	/** The plugin's options, and what they are set to (NULL: none is). */
	const struct vr_plugin_option *(*options)(const struct vr_run *run,
						  const struct vr_option_value **values);
	/** A line of sos.log before any plugin runs. */
	void (*log)(void *dump, enum vr_log_level level, const char *text);
};

/** What the module exports, as the symbol VR_PYTHON_MODULE. */
struct vr_python_module {
	size_t size;         /* sizeof(struct vr_python_module) */
	const char *version; /* the program's: they must be from one build */
	/**
	 * Look at plugin files without running them, as far as that tells, and write what was found
	 * to fd as JSON: see vr_python_discover(). Leaves the interpreter running.
	 */
	enum vr_err (*discover)(const struct vr_python_config *config, const char *const *paths,
				size_t count, int fd, struct vr_error *err);
	/**
	 * Start the interpreter, load drgn and give it the dump; all must outlive the process.
	 * entries' Python plugins get functions that run them.
	 */
	enum vr_err (*start)(const struct vr_python_config *config,
			     const struct vr_python_services *services,
			     struct vr_plugin_entry *entries, size_t count, struct vr_error *err);
	void (*before_fork)(void);
	void (*after_fork)(bool in_child);
};
#define VR_PYTHON_MODULE "vr_python_module"

/** Load the module. NULL: *err has why, for people. Never unloaded. */
const struct vr_python_module *vr_python_load(const struct vr_python_config *config,
					      struct vr_error *err);

/** What looking for Python plugins told, beside the plugins. */
struct vr_python_found {
	char *off;     /* why none of them can run; NULL where all is well */
	char **places; /* folders in which the interpreter finds modules */
	size_t place_count;
};

/**
 * Make entries of plugins->python_files: a process of its own starts an interpreter and looks. A
 * file that is no plugin becomes a failure. Release found by vr_python_found_free(). VR_NOMEM,
 * VR_OS, VR_CORRUPT.
 */
enum vr_err vr_python_discover(const struct vr_python_config *config, struct vr_plugins *plugins,
			       struct vr_python_found *found, struct vr_error *err);
void vr_python_found_free(struct vr_python_found *found);

/** After vr_plugins_select(): where Python is off, what was selected of it is not, found->off being
 * the reason. */
void vr_python_select(struct vr_plugins *plugins, const struct vr_python_found *found);
/** Is any Python plugin selected? */
bool vr_python_selected(const struct vr_plugins *plugins);

#endif
