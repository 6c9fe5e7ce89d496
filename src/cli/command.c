// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/dumpfile.h"
#include "cli/encryption.h"
#include "cli/extract.h"
#include "cli/new_plugin.h"
#include "cli/newest_dump.h"
#include "cli/places.h"
#include "cli/plugin_list.h"
#include "cli/progress.h"
#include "cli/python_setup.h"
#include "collect/cmdline.h"
#include "collect/debuginfod.h"
#include "collect/task.h"
#include "plugin/native.h"
#include "plugin/option.h"

/* What the zygote and each worker may allocate, and what one plugin may write. */
#define MEMORY_LIMIT ((uint64_t)1 << 30)
/* A VMCOREINFO note is a page or two. */
#define VMCOREINFO_LIMIT ((size_t)1 << 20)
#define OUTPUT_LIMIT ((uint64_t)512 << 20)

/* Switches the sandbox off, for debuggers and valgrind; sos.log and the terminal say so. */
#define NO_SANDBOX_VARIABLE "VMCORE_REPORT_NO_SANDBOX"

struct command {
	const struct vr_options *options;
	const volatile int *stop;
	struct vr_ui ui;
	struct vr_progress_display display;
	struct vr_places places;
	struct vr_python_setup python;
	struct vr_pids pids;
	struct vr_plugins plugins;
	struct vr_list warnings; /* for sos.log */
	char *tmp_dir;           /* absolute */
	double start;
	struct vr_encryption_choice encryption;
	struct vr_list reasons; /* of a dry run: why plugins would not run; by plugin: */
	const char **checked;
	struct vr_list newest; /* the dump, where none was named */
	int *dump_fds;         /* as many as opened */
	size_t dump_count;
	char *dump_paths;
	char *vmcoreinfo; /* the text of --vmcoreinfo */
};

static int fail(struct command *c, const struct vr_error *err)
{
	if (err->kind == VR_OS && err->os_errno == EINTR) {
		vr_ui_complain(&c->ui, VR_LOG_ERROR, "Exiting on user cancel");
		return VR_EXIT_INTERRUPTED;
	}
	vr_ui_complain(&c->ui, VR_LOG_ERROR, "Error: %s", err->text);
	return VR_EXIT_FAILED;
}

/* To the user now, and to sos.log when there is one. */
static void warn(struct command *c, const char *fmt, ...) VR_PRINTF(2, 3);

static void warn(struct command *c, const char *fmt, ...)
{
	VR_STRBUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.failed)
		return;
	vr_ui_complain(&c->ui, VR_LOG_WARNING, "WARNING: %s", vr_strbuf_str(&text));
	vr_list_add(&c->warnings, vr_strbuf_str(&text), text.len, NULL);
}

static void warn_text(void *arg, const char *text)
{
	warn(arg, "%s", text);
}

/* What reading the configuration had to say, in sos's own words. */
static void tell_notices(struct command *c)
{
	const struct vr_list *notices = &c->options->notices;

	for (size_t i = 0; i < notices->count; i++) {
		vr_ui_complain(&c->ui, VR_LOG_WARNING, "%s", notices->items[i]);
		vr_list_add(&c->warnings, notices->items[i], strlen(notices->items[i]), NULL);
	}
}

/* ---- What was asked for ---- */

static void unknown_skip(void *arg, const char *name)
{
	warn(arg, "Requested plugin '%s' not found", name);
}

static void unused_option(void *arg, const char *plugin)
{
	warn(arg, "unable to set option for disabled or non-existing plugin (%s).", plugin);
}

/* Was this folder searched already, as one of the first count of --plugin-dir? */
static bool is_repeated(const struct vr_list *dirs, size_t count, const char *dir)
{
	struct stat a, b;

	if (!dir || stat(dir, &a) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (stat(dirs->items[i], &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
}

/*
 * Built-in plugins, then those of --plugin-dir in the order given, then the installed ones: a
 * plugin's rank is its folder's place in that order, and among equal names the lowest wins.
 */
static enum vr_err find_plugins(struct command *c, struct vr_error *err)
{
	const struct vr_list *dirs = &c->options->plugin_dirs;
	unsigned rank = (unsigned)dirs->count + 1;
	enum vr_err kind = vr_plugins_discover(&c->plugins, err);

	for (size_t i = 0; kind == VR_OK && i < dirs->count; i++)
		if (!is_repeated(dirs, i, dirs->items[i]))
			kind = vr_native_search(&c->plugins, dirs->items[i], (unsigned)i + 1, false,
						err);
	if (kind == VR_OK && c->places.plugins &&
	    !is_repeated(dirs, dirs->count, c->places.plugins))
		kind = vr_native_search(&c->plugins, c->places.plugins, rank, true, err);
	if (kind == VR_OK && !is_repeated(dirs, dirs->count, c->places.python_plugins))
		kind = vr_native_search(&c->plugins, c->places.python_plugins, rank, true, err);
	if (kind == VR_OK)
		kind = vr_python_setup(&c->python, c->options, &c->places, &c->plugins, err);
	return kind;
}

static void warn_of_failures(struct command *c)
{
	for (size_t i = 0; i < c->plugins.failure_count; i++)
		warn(c, "plugin %s is not loaded: %s", c->plugins.failures[i].path,
		     c->plugins.failures[i].reason);
}

static enum vr_err select_plugins(struct command *c, struct vr_error *err)
{
	const struct vr_options *o = c->options;
	struct vr_selection selection = {
		.only = (const char *const *)o->only.items,
		.only_count = o->only.count,
		.enable = (const char *const *)o->enable.items,
		.enable_count = o->enable.count,
		.skip = (const char *const *)o->skip.items,
		.skip_count = o->skip.count,
		.experimental = o->experimental,
	};
	enum vr_err kind = find_plugins(c, err);

	if (kind != VR_OK)
		return kind;
	kind = vr_plugins_select(&c->plugins, &selection, unknown_skip, c, err);
	if (kind != VR_OK)
		return kind;
	vr_python_select(&c->plugins, &c->python.found);
	kind = vr_plugins_set_options(&c->plugins, (const char *const *)o->shared_options.items,
				      o->shared_options.count, true, NULL, NULL, err);
	if (kind != VR_OK)
		return kind;
	return vr_plugins_set_options(&c->plugins, (const char *const *)o->plugin_options.items,
				      o->plugin_options.count, false, unused_option, c, err);
}

static const char *tmp_dir(const struct vr_options *options)
{
	const char *env = getenv("TMPDIR");

	if (options->tmp_dir)
		return options->tmp_dir;
	return env && *env ? env : "/var/tmp";
}

static enum vr_err check_tmp_dir(struct command *c, struct vr_error *err)
{
	const char *dir = tmp_dir(c->options);
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && access(dir, W_OK | X_OK) == 0)
		c->tmp_dir = realpath(dir, NULL);
	if (c->tmp_dir)
		return VR_OK;
	return vr_error_set(err, VR_ABSENT,
			    "temporary directory %s does not exist or is not writable", dir);
}

static enum vr_err check_debuginfo(struct command *c, struct vr_error *err)
{
	const struct vr_options *o = c->options;
	struct stat st;

	if (o->vmlinux && access(o->vmlinux, F_OK) < 0)
		return vr_error_set(err, VR_ABSENT, "vmlinux not found: %s", o->vmlinux);
	for (size_t i = 0; i < o->debuginfo_dirs.count; i++)
		if (stat(o->debuginfo_dirs.items[i], &st) < 0 || !S_ISDIR(st.st_mode))
			warn(c, "debuginfo directory %s is not a directory, ignored",
			     o->debuginfo_dirs.items[i]);
	return VR_OK;
}

static enum vr_compression compression(const struct vr_options *options)
{
	static const enum vr_compression map[] = {
		[VR_CHOICE_AUTO] = VR_COMPRESS_XZ,   [VR_CHOICE_GZIP] = VR_COMPRESS_GZIP,
		[VR_CHOICE_XZ] = VR_COMPRESS_XZ,     [VR_CHOICE_NONE] = VR_COMPRESS_NONE,
		[VR_CHOICE_ZSTD] = VR_COMPRESS_ZSTD,
	};

	return map[options->compression];
}

/* ---- Events of the run ---- */

static void on_progress(void *arg, enum vr_progress what, const char *plugin, size_t done,
			size_t total)
{
	struct command *c = arg;

	(void)done;
	vr_progress_show(&c->display, what, plugin, total);
}

static void on_tick(void *arg, int done)
{
	struct command *c = arg;

	vr_progress_tick(&c->display, done);
}

/* A dry run: why a plugin would not run goes to where it stands for those that weren't selected. */
static void on_checked(void *arg, uint32_t plugin, const char *reason)
{
	struct command *c = arg;

	if (reason && vr_list_add(&c->reasons, reason, strlen(reason), NULL) == VR_OK)
		c->checked[plugin] = c->reasons.items[c->reasons.count - 1];
}

static void on_log(void *arg, enum vr_log_level level, const char *text)
{
	struct command *c = arg;

	unsigned verbose = c->options->debug ? 2 : c->options->verbose;

	if (verbose >= 2 || (verbose == 1 && level >= VR_LOG_WARNING))
		vr_ui_log(&c->ui, level, text);
}

static void on_notice(void *arg, enum vr_log_level level, const char *text)
{
	struct command *c = arg;

	vr_ui_complain(&c->ui, level, "%s", text);
}

static void on_busy(void *arg, const char *text)
{
	struct command *c = arg;
	VR_STRBUF line = {0};

	vr_strbuf_printf(&line, "  %s", text);
	vr_ui_live(&c->ui, vr_strbuf_str(&line));
}

static const char *on_seen(void *arg)
{
	struct command *c = arg;

	return vr_strbuf_str(&c->ui.seen);
}

/* ---- The result ---- */

/* "1.23MiB", as sos prints sizes. */
static char *human_size(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
	double value = (double)bytes;
	unsigned unit = 0;

	while (value >= 1024 && unit < 6) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, size, "%.2f%sB", value, units[unit]);
	return buf;
}

static void print_owner(struct command *c, const char *path)
{
	const struct passwd *user;
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	user = getpwuid(st.st_uid);
	if (user)
		vr_ui_result(&c->ui, " Owner\t%s", user->pw_name);
	else
		vr_ui_result(&c->ui, " Owner\t%u", st.st_uid);
}

static void print_result(struct command *c, const struct vr_collect_result *result)
{
	const struct vr_archive_result *archive = &result->archive;
	char size[32];

	if (result->headline[0]) {
		vr_ui_result(&c->ui, "\n%sWhat happened:%s", vr_ui_bold(&c->ui),
			     vr_ui_plain(&c->ui));
		vr_ui_paragraph(&c->ui, result->headline);
	}
	if (c->options->build) {
		vr_ui_result(&c->ui,
			     "\nYour vmcore report build tree has been generated in:\n\t%s%s%s\n",
			     vr_ui_bold(&c->ui), archive->path, vr_ui_plain(&c->ui));
		return;
	}
	vr_ui_result(&c->ui, "\nYour vmcore report has been generated and saved in:\n\t%s%s%s\n",
		     vr_ui_bold(&c->ui), archive->path, vr_ui_plain(&c->ui));
	vr_ui_result(&c->ui, " Size\t%s", human_size(archive->bytes, size, sizeof(size)));
	print_owner(c, archive->path);
	vr_ui_result(&c->ui, " sha256\t%s", archive->sha256);
	vr_ui_result(&c->ui, "\nPlease send this file to your support representative.\n");
}

static void print_dry_run(struct command *c)
{
	for (size_t i = 0; i < c->plugins.count; i++)
		if (c->checked[i])
			c->plugins.entries[i].skip_reason = c->checked[i];
	vr_ui_result(&c->ui, "%s", "");
	vr_plugin_list_print_dry(&c->plugins, stdout);
}

/* ---- The run ---- */

static const struct vr_list *dump_files(const struct command *c)
{
	return c->newest.count ? &c->newest : &c->options->vmcore;
}

/* Where debug information is looked for. False: nowhere, as there is no such place. */
static bool finder_options(const struct vr_options *o, struct vr_finder_options *finder)
{
	*finder = (struct vr_finder_options){
		.places = {.vmlinux = o->vmlinux,
			   .dirs = (const char *const *)o->debuginfo_dirs.items,
			   .dir_count = o->debuginfo_dirs.count,
			   .system = true,
			   .root = ""},
		.debuginfod = !o->no_debuginfod && vr_debuginfod_is_set(),
		/* Opening the dump may take as long as a plugin; some of that is for itself. */
		.debuginfod_seconds = VR_MAX(o->plugin_timeout * 4 / 5, 1),
	};
	return o->vmlinux || o->debuginfo_dirs.count || finder->debuginfod ||
	       vr_debug_paths_exist("");
}

static int collect(struct command *c, const char *cmdline)
{
	const struct vr_options *o = c->options;
	struct vr_finder_options finder;
	const char *no_sandbox = getenv(NO_SANDBOX_VARIABLE);
	struct vr_collect_options options = {
		.dump = {.fds = c->dump_fds,
			 .fd_count = c->dump_count,
			 .vmcoreinfo_text = c->vmcoreinfo,
			 .no_btf = o->no_btf,
			 .python = &c->python.config},
		.dump_path = c->dump_paths,
		.dump_beside = dump_files(c)->items[0],
		.plugins = &c->plugins,
		.threads = o->threads,
		.plugin_timeout = o->plugin_timeout,
		.memory_limit = MEMORY_LIMIT,
		.output_limit = OUTPUT_LIMIT,
		.wishes = {.pids = o->pids ? &c->pids : NULL,
			   .skip_files = (const char *const *)o->skip_files.items,
			   .skip_file_count = o->skip_files.count,
			   .dry_run = o->dry_run},
		.tmp_dir = c->tmp_dir,
		.label = o->label,
		.case_id = o->case_id,
		.sosreport_name = o->name_style == VR_NAME_SOSREPORT,
		.compression = compression(o),
		.encryption = c->encryption.encryption,
		.build = o->build,
		.cmdline = cmdline,
		.version = VR_VERSION,
		.start_time = c->start,
		.log_level = o->verbose || o->debug ? VR_LOG_DEBUG : VR_LOG_INFO,
		.opener = &vr_session_opener,
		.python_opener = &vr_python_opener,
		.python_readable = vr_python_readable(&c->python),
		.finder = finder_options(o, &finder) ? &finder : NULL,
		.force_debuginfo = o->force_debuginfo,
		.no_sandbox = no_sandbox && *no_sandbox,
	};
	struct vr_collect_events events = {.progress = on_progress,
					   .log = on_log,
					   .notice = on_notice,
					   .tick = c->ui.live && !o->quiet ? on_tick : NULL,
					   .checked = on_checked,
					   .busy = o->quiet ? NULL : on_busy,
					   .seen = on_seen,
					   .arg = c};
	VR_FREE struct vr_collect_result *result = malloc(sizeof(*result));
	struct vr_error err;

	c->checked = calloc(c->plugins.count + 1, sizeof(*c->checked));
	if (!result || !c->checked) {
		vr_error_set(&err, VR_NOMEM, "out of memory");
		return fail(c, &err);
	}
	if (options.no_sandbox)
		warn(c, "the sandbox is OFF, since " NO_SANDBOX_VARIABLE " is set");
	options.warnings = (const char *const *)c->warnings.items;
	options.warning_count = c->warnings.count;
	if (vr_collect(&options, &events, c->stop, result, &err) != VR_OK)
		return fail(c, &err);
	if (o->dry_run)
		print_dry_run(c);
	else
		print_result(c, result);
	return VR_EXIT_OK;
}

static char *join(char *const *words, size_t count, const char *between)
{
	struct vr_strbuf text = {0};

	for (size_t i = 0; i < count; i++)
		vr_strbuf_printf(&text, "%s%s", i ? between : "", words[i]);
	return text.data;
}

static enum vr_err open_dump(struct command *c, struct vr_error *err)
{
	const struct vr_list *files = dump_files(c);
	bool may_ask = !c->options->batch && isatty(STDIN_FILENO);

	if (files->count > VR_IMAGE_FILES_MAX)
		return vr_error_set(err, VR_UNSUPPORTED, "%zu dump files: at most %u can be read",
				    files->count, VR_IMAGE_FILES_MAX);
	c->dump_fds = calloc(files->count, sizeof(*c->dump_fds));
	c->dump_paths = join(files->items, files->count, ", ");
	if (!c->dump_fds || !c->dump_paths)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	while (c->dump_count < files->count) {
		enum vr_err kind = vr_dumpfile_open(files->items[c->dump_count], may_ask,
						    &c->dump_fds[c->dump_count], err);

		if (kind != VR_OK)
			return kind;
		c->dump_count++;
	}
	return VR_OK;
}

/* --vmcoreinfo: the file's text, for the dump's reader to check. */
static enum vr_err read_vmcoreinfo(struct command *c, struct vr_error *err)
{
	const char *path = c->options->vmcoreinfo;
	VR_STRBUF text = {0};
	char part[4096];
	FILE *file;
	size_t n;
	int saved;

	if (!path)
		return VR_OK;
	file = fopen(path, "re");
	if (!file)
		return vr_error_os(err, errno, "%s", path);
	while (text.len <= VMCOREINFO_LIMIT && (n = fread(part, 1, sizeof(part), file)) > 0)
		vr_strbuf_add(&text, part, n);
	saved = ferror(file) ? errno : 0;
	fclose(file);
	if (saved)
		return vr_error_os(err, saved, "%s", path);
	if (text.failed)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	if (text.len > VMCOREINFO_LIMIT || strlen(vr_strbuf_str(&text)) != text.len)
		return vr_error_set(err, VR_CORRUPT, "%s is no VMCOREINFO", path);
	c->vmcoreinfo = strdup(vr_strbuf_str(&text));
	return c->vmcoreinfo ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory");
}

static void say_hello(struct command *c)
{
	vr_ui_say(&c->ui, "\nvmcore-report (version %s)\n", VR_VERSION);
	if (c->newest.count)
		vr_ui_say(&c->ui, " The newest dump is taken: %s", c->newest.items[0]);
}

static int report(struct command *c, int argc, char *const *argv)
{
	VR_FREE char *cmdline = vr_cmdline_text(argc, argv);
	struct vr_error err;

	say_hello(c);
	warn_of_failures(c);
	if (check_tmp_dir(c, &err) != VR_OK) {
		vr_ui_complain(&c->ui, VR_LOG_ERROR, "%s", err.text);
		return VR_EXIT_FAILED;
	}
	if (check_debuginfo(c, &err) != VR_OK || read_vmcoreinfo(c, &err) != VR_OK ||
	    open_dump(c, &err) != VR_OK ||
	    vr_encryption_choose(&c->encryption, c->options, &c->ui, c->stop, warn_text, c, &err) !=
		    VR_OK)
		return fail(c, &err);
	if (!c->options->dry_run)
		vr_ui_say(&c->ui, " Setting up archive ...");
	return collect(c, cmdline ? cmdline : "vmcore-report");
}

static void extract_log(void *arg, enum vr_log_level level, const char *text)
{
	struct command *c = arg;

	/* What is missing is to be known: there is no sos.log that would say it. */
	if (level >= VR_LOG_WARNING)
		warn(c, "%s", text);
	else
		on_log(c, level, text);
}

/* --extract-vmlinux */
static int extract(struct command *c)
{
	const struct vr_options *o = c->options;
	const char *no_sandbox = getenv(NO_SANDBOX_VARIABLE);
	const struct vr_log log = {.emit = extract_log, .arg = c};
	struct vr_extract_options options = {
		.opener = &vr_extract_opener,
		.timeout = o->plugin_timeout,
		.memory_limit = MEMORY_LIMIT,
		.no_sandbox = no_sandbox && *no_sandbox,
		.log = &log,
	};
	struct vr_vmlinux_info info;
	struct vr_error err;
	char text[512], size[32];

	say_hello(c);
	if (read_vmcoreinfo(c, &err) != VR_OK || open_dump(c, &err) != VR_OK)
		return fail(c, &err);
	options.dump = (struct vr_dump_source){
		.fds = c->dump_fds, .fd_count = c->dump_count, .vmcoreinfo_text = c->vmcoreinfo};
	if (vr_extract_to(o->extract_vmlinux, &options, c->stop, &info, &err) != VR_OK)
		return fail(c, &err);
	vr_ui_result(&c->ui, "The dump's vmlinux has been made and saved in:\n\t%s%s%s\n",
		     vr_ui_bold(&c->ui), o->extract_vmlinux, vr_ui_plain(&c->ui));
	vr_ui_result(&c->ui, " Size\t%s", human_size(info.bytes, size, sizeof(size)));
	vr_ui_result(&c->ui, " Has\t%s\n", vr_extract_text(&info, text, sizeof(text)));
	return VR_EXIT_OK;
}

/* --new-plugin */
static int new_plugin(struct command *c)
{
	const char *name = c->options->new_plugin;
	VR_STRBUF next = {0};
	struct vr_error err;

	if (vr_plugins_discover(&c->plugins, &err) != VR_OK)
		return fail(c, &err);
	for (size_t i = 0; i < c->plugins.count; i++) {
		if (strcmp(c->plugins.entries[i].name, name) == 0) {
			vr_error_set(&err, VR_UNSUPPORTED, "'%s' is the name of a built-in plugin",
				     name);
			return fail(c, &err);
		}
	}
	if (vr_new_plugin(name, c->options->python, &c->places, &next, &err) != VR_OK)
		return fail(c, &err);
	fputs(vr_strbuf_str(&next), stdout);
	return VR_EXIT_OK;
}

static int usage(struct command *c, const char *what)
{
	vr_ui_complain(&c->ui, VR_LOG_ERROR,
		       "usage: vmcore-report --vmcore PATH [options]\n"
		       "vmcore-report: error: %s",
		       what);
	return VR_EXIT_USAGE;
}

static enum vr_err find_newest(struct command *c, struct vr_error *err)
{
	const char *dir = c->options->crash_dir ? c->options->crash_dir : VR_CRASH_DIR;
	VR_FREE char *path = NULL;
	enum vr_err kind = vr_newest_dump(dir, &path, err);

	return kind == VR_OK ? vr_list_add(&c->newest, path, strlen(path), err) : kind;
}

static int no_dump(struct command *c, const struct vr_error *err)
{
	VR_STRBUF text = {0};

	if (err->kind != VR_ABSENT)
		return fail(c, err);
	vr_strbuf_printf(&text, "the following arguments are required: --vmcore (%s)", err->text);
	return usage(c, vr_strbuf_str(&text));
}

/* Options that don't go together, or values that are none: what to say, or NULL. */
static const char *misuse(struct command *c)
{
	const struct vr_options *o = c->options;

	if (o->python && !o->new_plugin)
		return "argument --python: only with --new-plugin";
	if (o->pids && !vr_pids_parse(o->pids, &c->pids))
		return "argument --pids: a number from 1 on, 'all' or 'blocked'";
	if (o->extract_vmlinux && !strcmp(o->extract_vmlinux, "-"))
		return "argument --extract-vmlinux: a file is wanted, not standard output";
	if (o->extract_vmlinux && o->dry_run)
		return "argument --dry-run: not allowed with argument --extract-vmlinux";
	return NULL;
}

static void command_free(struct command *c)
{
	vr_encryption_wipe(&c->encryption);
	vr_list_free(&c->warnings);
	vr_list_free(&c->newest);
	vr_list_free(&c->reasons);
	free(c->checked);
	free(c->tmp_dir);
	vr_plugins_free(&c->plugins);
	vr_places_free(&c->places);
	vr_python_setup_free(&c->python);
	vr_progress_free(&c->display);
	vr_ui_free(&c->ui);
	while (c->dump_count)
		close(c->dump_fds[--c->dump_count]);
	free(c->dump_fds);
	free(c->dump_paths);
	free(c->vmcoreinfo);
}

int vr_command_run(const struct vr_options *options, int argc, char *const *argv,
		   const volatile int *stop)
{
	struct command c = {.options = options,
			    .stop = stop,
			    .display = {.ui = &c.ui, .dry_run = options->dry_run},
			    .start = vr_wall_clock()};
	const char *wrong;
	struct vr_error err;
	int status = VR_EXIT_OK;

	if (options->help) {
		vr_options_help(stdout);
		return VR_EXIT_OK;
	}
	if (options->version) {
		printf("vmcore-report version %s\n", VR_VERSION);
		return VR_EXIT_OK;
	}
	vr_encryption_hide(&c.encryption);
	vr_ui_init(&c.ui, options->quiet, options->batch);
	tell_notices(&c);
	if (vr_places_find(&c.places, &err) != VR_OK)
		status = fail(&c, &err);
	else if ((wrong = misuse(&c)))
		status = usage(&c, wrong);
	else if (options->new_plugin)
		status = new_plugin(&c);
	else if ((options->list_plugins || !options->extract_vmlinux) &&
		 select_plugins(&c, &err) != VR_OK)
		status = fail(&c, &err);
	else if (options->list_plugins)
		vr_plugin_list_print(&c.plugins, options->plugin_timeout, stdout);
	else if (!options->vmcore.count && find_newest(&c, &err) != VR_OK)
		status = no_dump(&c, &err);
	else if (options->extract_vmlinux)
		status = extract(&c);
	else
		status = report(&c, argc, argv);
	command_free(&c);
	return status;
}
