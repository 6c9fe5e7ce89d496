/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plugin is and what it may call to write its findings.
 *
 * One plugin per file:
 *
 *	#include <vmcore-report/plugin.h>
 *
 *	static void collect(struct vr_run *run, struct vr_program *prog)
 *	{
 *		struct vr_file *f = vr_file_new(run, "summary.txt");
 *
 *		vr_printf(f, "jiffies: %llu\n", vr_u64(vr_global(prog, "jiffies_64", "u64"), ""));
 *		vr_file_end(f);
 *	}
 *
 *	VR_PLUGIN(.description = "the kernel's clock tick count", .collect = collect)
 */
#ifndef VMCORE_REPORT_PLUGIN_H
#define VMCORE_REPORT_PLUGIN_H

#include <vmcore-report/error.h>
#include <vmcore-report/json.h>
#include <vmcore-report/kernel.h>
#include <vmcore-report/object.h>
#include <vmcore-report/type.h>

/** One plugin at work over one dump. */
struct vr_run;
/** A file of the archive that is being written. */
struct vr_file;

/*
 * The contract between a plugin and the program, for plugins that are built elsewhere.
 *
 * The plugin exports one symbol, vr_plugin_descriptor, which says how large it is and for which API
 * it was compiled. The program's functions come to it in a table (struct vr_host, host.h), which
 * says the same of itself: the program puts the table's address where the descriptor's host points.
 * In both, fields are only ever appended, and what is missing counts as zero; the sizes and the
 * order of the other structures in these headers never change. A function's or field's addition
 * makes a new minor version, anything that would break a compiled plugin a new major one.
 *
 * The program accepts a descriptor where all of this holds, and says what doesn't:
 *
 *   - its major version is the program's;
 *   - its size is at least that of API x.0 and at most what the file has (fields that the program
 *     does not know are ignored: a later field must be one that a plugin can do without);
 *   - the table that it was compiled for (host_size) is no larger than the program's: a plugin made
 *     for a later minor version may call what isn't there;
 *   - host isn't NULL, collect isn't NULL, and the name is one.
 *
 * So a plugin runs with the program that it was compiled for and with every later one of the same
 * major version.
 */
#define VR_PLUGIN_API_MAJOR 1
#define VR_PLUGIN_API_MINOR 1
#define VR_PLUGIN_API (VR_PLUGIN_API_MAJOR << 16 | VR_PLUGIN_API_MINOR)

/** The program's functions, as a table (host.h). */
struct vr_host;

/** What values an option takes. */
enum vr_option_kind {
	VR_OPTION_BOOL,   /* "on" and "off", "yes" and "no", ... */
	VR_OPTION_NUMBER, /* a decimal number, which may be negative */
	VR_OPTION_TEXT    /* anything without a comma */
};

/** An option of a plugin, which users set with "-k plugin.option=value". API 1.1. */
struct vr_plugin_option {
	const char *name;        /* lower-case letters, digits, '-' and '_', a letter first */
	const char *description; /* a line for --list-plugins */
	const char *value; /* the default, as users would type it; NULL: "off", "0", nothing */
	enum vr_option_kind kind;
	uint32_t unused_; /* 0 */
};

/** A plugin's descriptor: const, with static lifetime. Use VR_PLUGIN() to define it. */
struct vr_plugin {
	size_t size;      /* sizeof(struct vr_plugin) as the plugin was compiled */
	uint32_t api;     /* VR_PLUGIN_API as the plugin was compiled */
	uint32_t unused_; /* 0 */
	size_t host_size; /* sizeof(struct vr_host) as the plugin was compiled; 0: built in */
	const struct vr_host **host; /* where the table's address goes; NULL: built in */
	const char *file;            /* its source file's name; gives the default name */
	const char *name;            /* snake_case; NULL: the file's name without its ending */
	const char *description;     /* a line for --list-plugins */
	/** Does the work. Required. */
	void (*collect)(struct vr_run *run, struct vr_program *prog);
	/** Runs before collect(). May be NULL. */
	void (*setup)(struct vr_run *run, struct vr_program *prog);
	/** Is there anything to do on this dump? NULL: yes. A failed required read means no. */
	bool (*check_enabled)(struct vr_run *run, struct vr_program *prog);
	/**
	 * What the plugin can't do without, NULL-terminated: "symbol:init_task", "type:struct rq",
	 * "member:struct task_struct.tasks" (alternatives with '|'). Checked before anything else;
	 * the first one missing is the reason for which the plugin is inactive. May be NULL.
	 */
	const char *const *needs;
	bool default_enabled; /* true unless the plugin says false: then only when asked for */
	bool experimental;    /* needs --experimental, or to be asked for by name */
	uint8_t unused2_[6];  /* 0; the end of API 1.0 */
	/** What can be set; ends with an option without a name. NULL: nothing. API 1.1. */
	const struct vr_plugin_option *options;
};

/** Define this file's plugin: VR_PLUGIN(.description = "...", .collect = collect) */
#ifdef VR_BUILTIN
#define VR_PLUGIN_DEFINE_ static const struct vr_plugin vr_plugin_this_
#define VR_PLUGIN_HOST_
#define VR_PLUGIN_REGISTER_                                                                        \
	__attribute__((                                                                            \
		used,                                                                              \
		section("vr_plugins"))) static const struct vr_plugin *const vr_plugin_entry_ =    \
		&vr_plugin_this_;
#else
#define VR_PLUGIN_DEFINE_                                                                          \
	const struct vr_host *vr_host_;                                                            \
	VR_API extern const struct vr_plugin vr_plugin_descriptor;                                 \
	const struct vr_plugin vr_plugin_descriptor
#define VR_PLUGIN_HOST_ .host_size = sizeof(struct vr_host), .host = &vr_host_,
#define VR_PLUGIN_REGISTER_
#endif
#define VR_PLUGIN(...)                                                                             \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Woverride-init\"")       \
		VR_PLUGIN_DEFINE_ = {.size = sizeof(struct vr_plugin),                             \
				     .api = VR_PLUGIN_API,                                         \
				     VR_PLUGIN_HOST_.file = __FILE__,                              \
				     .default_enabled = true,                                      \
				     __VA_ARGS__};                                                 \
	_Pragma("GCC diagnostic pop") VR_PLUGIN_REGISTER_

/* ---- Files ---- */

/**
 * Begin a file under plugins/<plugin name>/ (relpath: relative, no "..", no control characters).
 * A file is a scope (see object.h): a failed required read latches, and vr_file_end() then omits
 * the file from the archive and records the reason. Files may nest. Never NULL: on a bad path or
 * lack of memory the file swallows what is written and is recorded as omitted.
 */
VR_API struct vr_file *vr_file_new(struct vr_run *run, const char *relpath);
/** The same for a path of the archive itself, as "sos_commands/kernel/dmesg". */
VR_API struct vr_file *vr_file_new_at(struct vr_run *run, const char *path);
/**
 * Finish a file: closes its scope and sends it. Its status becomes "ok"; "partial" where rows were
 * dropped or a walk was cut short; "omitted" where a required read failed outside of a row, or
 * where nothing at all could be written because of such failures. Returns the error that decided
 * (VR_OK). f is gone afterwards.
 */
VR_API enum vr_err vr_file_end(struct vr_file *f);

VR_API void vr_printf(struct vr_file *f, const char *fmt, ...) VR_PRINTF(2, 3);
VR_API void vr_puts(struct vr_file *f, const char *text);
VR_API void vr_write(struct vr_file *f, const void *data, size_t len);
/**
 * A string of the dump as people may see it: each control character, and each byte that isn't part
 * of valid UTF-8, becomes \xHH, so that buf needs 4 bytes for each and one more; cut to fit. Returns
 * buf.
 */
VR_API char *vr_printable(const char *text, char *buf, size_t size);
/** The JSON text, indented by two spaces; releases json. */
VR_API void vr_print_json(struct vr_file *f, struct vr_json *json);

/**
 * Begin and end a row: one task, one device. What is written in between is taken back when a
 * required read failed within the row; the row is counted as dropped, and the file goes on as
 * "partial"; one whose rows have all been dropped is omitted. A row that nothing was written in isn't
 * counted. vr_row_end() returns true where the row was kept. Rows don't nest.
 */
VR_API void vr_row_begin(struct vr_file *f);
VR_API bool vr_row_end(struct vr_file *f);

/** Say in the manifest where the file's contents come from: "init_uts_ns", "printk ring buffer". */
VR_API void vr_file_source(struct vr_file *f, const char *fmt, ...) VR_PRINTF(2, 3);

/**
 * Whole files in one call; these return the status as vr_file_end() does. What was read for them
 * was read before, so the scope around the call decides: a failed required read there omits the
 * file.
 */
VR_API enum vr_err vr_write_text(struct vr_run *run, const char *relpath, const char *text);
VR_API enum vr_err vr_write_lines(struct vr_run *run, const char *relpath, const char *const *lines,
				  size_t count);
/** Releases json. Two spaces of indentation. */
VR_API enum vr_err vr_write_json(struct vr_run *run, const char *relpath, struct vr_json *json);

/** Record that a path of the archive is not written, and why; for what a plugin knows it can't
 * tell. */
VR_API void vr_omit(struct vr_run *run, const char *path, enum vr_err kind, const char *fmt, ...)
	VR_PRINTF(4, 5);

/* ---- Options ---- */

/*
 * The value of one of the plugin's own options: what the user set, else its default. To ask for one
 * that isn't declared, or is of another kind, is a mistake of the plugin's: it is told in the
 * plugin's log, and gives false, 0 or "". Text lives as long as the run. API 1.1.
 */
VR_API bool vr_option_bool(struct vr_run *run, const char *name);
VR_API int64_t vr_option_number(struct vr_run *run, const char *name);
VR_API const char *vr_option_text(struct vr_run *run, const char *name);

/* ---- Messages ---- */

/** A line of the plugin's own log in the archive, "[WARN] ..." and "[ERROR] ...". */
VR_API void vr_warn(struct vr_run *run, const char *fmt, ...) VR_PRINTF(2, 3);
VR_API void vr_fail(struct vr_run *run, const char *fmt, ...) VR_PRINTF(2, 3);
/** A finding that the reader of the report should see first (an alert) or should know (a note). */
VR_API void vr_alert(struct vr_run *run, const char *fmt, ...) VR_PRINTF(2, 3);
VR_API void vr_note(struct vr_run *run, const char *fmt, ...) VR_PRINTF(2, 3);
/** What happened to the machine, in one paragraph; shown to the user at the end of the run. */
VR_API void vr_headline(struct vr_run *run, const char *fmt, ...) VR_PRINTF(2, 3);

#ifndef VR_BUILTIN
#include <vmcore-report/host.h>
#endif
#endif
