// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "archive/path.h"
#include "archive/sos_names.h"
#include "base/bits.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "collect/beside.h"

#define LOG_MAX ((size_t)16 << 20)
#define LINE_SIZE 2048
/* Files of which the user is told that they are damaged. */
#define BAD_FILES_MAX 8u

/* Owner of the paths that no plugin may write. */
#define OWNER_REPORT UINT32_MAX

static const char *compression_name(enum vr_compression compression)
{
	static const char *const names[] = {[VR_COMPRESS_XZ] = "xz",
					    [VR_COMPRESS_GZIP] = "gzip",
					    [VR_COMPRESS_ZSTD] = "zstd",
					    [VR_COMPRESS_NONE] = "none"};

	return names[compression];
}

static void report_disabled(struct vr_report *report, const char *plugin, const char *reason)
{
	vr_manifest_disabled(report->manifest, plugin, reason);
	vr_page_skipped(report->page, plugin, reason);
}

/* As stat --file-system --format=%T prints it, which sos asks. */
static const char *fs_type(const char *path, char *buf, size_t size)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} types[] = {{0xef53, "ext2/ext3"},   {0x58465342, "xfs"},  {0x9123683e, "btrfs"},
		     {0x01021994, "tmpfs"},   {0x6969, "nfs"},      {0x794c7630, "overlayfs"},
		     {0x2fc12fc1, "zfs"},     {0xf2f52010, "f2fs"}, {0x858458f6, "ramfs"},
		     {0x65735546, "fuseblk"}, {0xfe534d42, "smb2"}, {0xff534d42, "cifs"},
		     {0xca451a4e, "bcachefs"}};
	struct statfs st;

	if (statfs(path, &st) < 0)
		return "";
	for (size_t i = 0; i < VR_ARRAY_SIZE(types); i++)
		if ((unsigned long)st.f_type == types[i].magic)
			return types[i].name;
	snprintf(buf, size, "UNKNOWN (0x%lx)", (unsigned long)st.f_type);
	return buf;
}

bool vr_report_begin(struct vr_report *report, const struct vr_collect_options *options,
		     const struct vr_collect_events *events, struct vr_collect_result *result)
{
	static const char *const own[] = {"version.txt", "sos_logs", "sos_reports"};
	char type[32];

	*report = (struct vr_report){.options = options, .events = events, .result = result};
	report->manifest = vr_manifest_new();
	report->page = vr_page_new();
	if (!report->manifest || !report->page)
		return false;
	/* As files, so that nothing can be written below the two folders either. */
	if (!vr_emitter_paths_find(&report->unseen))
		return false;
	for (size_t i = 0; i < VR_ARRAY_SIZE(own); i++)
		if (vr_pathset_claim(&report->paths, own[i], OWNER_REPORT, NULL) != VR_CLAIM_OK)
			return false;
	vr_manifest_set(report->manifest, "version", options->version);
	vr_manifest_set(report->manifest, "cmdline", options->cmdline);
	vr_manifest_set(report->manifest, "compression",
			options->build ? "none" : compression_name(options->compression));
	vr_manifest_set(report->manifest, "tmpdir", options->tmp_dir);
	vr_manifest_set(report->manifest, "tmpdir_fs_type",
			fs_type(options->tmp_dir, type, sizeof(type)));
	vr_manifest_set(report->manifest, "policy", "vmcore-report");
	vr_manifest_set_limits(report->manifest, options->plugin_timeout,
			       getpriority(PRIO_PROCESS, 0));
	for (size_t i = 0; i < options->plugins->count; i++) {
		const struct vr_plugin_entry *entry = &options->plugins->entries[i];

		if (entry->skip_reason)
			report_disabled(report, entry->name, entry->skip_reason);
	}
	for (size_t i = 0; i < options->plugins->failure_count; i++) {
		const struct vr_plugin_failure *failure = &options->plugins->failures[i];

		vr_manifest_not_loaded(report->manifest, failure->path, failure->reason);
		vr_page_not_loaded(report->page, failure->path, failure->reason);
	}
	return true;
}

void vr_report_free(struct vr_report *report)
{
	vr_manifest_free(report->manifest);
	vr_page_free(report->page);
	vr_emitter_paths_free(&report->unseen);
	vr_pathset_free(&report->paths);
	vr_strbuf_free(&report->log);
	vr_strbuf_free(&report->bad_files);
}

/* "2026-11-23 06:20:42,123", as Python's logging has it. */
static void log_time(char *buf, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + len, size - len, ",%03ld", now.tv_nsec / 1000000);
}

/* Into sos.log; text becomes printable in line, which has VR_PRINTABLE_SIZE(LINE_SIZE) bytes. */
static void log_line(struct vr_report *report, enum vr_log_level level, const char *text,
		     char *line)
{
	char stamp[40];

	vr_printable(text, line, VR_PRINTABLE_SIZE(LINE_SIZE));
	if (level < report->options->log_level || report->log.len >= LOG_MAX)
		return;
	log_time(stamp, sizeof(stamp));
	vr_strbuf_printf(&report->log, "%s %s: %s\n", stamp, vr_log_level_name(level), line);
}

void vr_report_log(struct vr_report *report, enum vr_log_level level, const char *fmt, ...)
{
	char text[LINE_SIZE], line[VR_PRINTABLE_SIZE(LINE_SIZE)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_line(report, level, text, line);
	if (report->events->log)
		report->events->log(report->events->arg, level, line);
}

bool vr_report_has_logged(const struct vr_report *report, const char *text)
{
	char line[VR_PRINTABLE_SIZE(LINE_SIZE)];

	vr_printable(text, line, sizeof(line));
	return report->log.data && strstr(report->log.data, line);
}

void vr_report_busy(struct vr_report *report, const char *text)
{
	char line[VR_PRINTABLE_SIZE(LINE_SIZE)];
	char cut[LINE_SIZE];

	snprintf(cut, sizeof(cut), "%s", text);
	if (report->events->busy)
		report->events->busy(report->events->arg, vr_printable(cut, line, sizeof(line)));
}

void vr_report_notice(struct vr_report *report, enum vr_log_level level, const char *fmt, ...)
{
	char text[LINE_SIZE], line[VR_PRINTABLE_SIZE(LINE_SIZE)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_line(report, level, text, line);
	if (report->events->notice)
		report->events->notice(report->events->arg, level, line);
}

/* A member of our own making; takes the text. */
static void add_own(struct vr_report *report, struct vr_packer *packer, const char *path,
		    char *text, size_t len)
{
	if (!text) {
		vr_error_set(&packer->error, VR_NOMEM, "out of memory");
		return;
	}
	vr_page_own_file(report->page, path);
	vr_packer_add(packer, path, text, len, text);
}

/*
 * The time of all members. Where the dump does not tell the crash's, the dump file's own is as good
 * a witness, and the same in each run. Beyond the year 9999 it is no time.
 */
static int64_t member_time(const struct vr_report *report, const struct vr_dump_facts *facts)
{
	struct stat st;

	if (facts->crash_time > 0 && facts->crash_time < 253402300800)
		return facts->crash_time;
	if (fstat(report->options->dump.fds[0], &st) == 0 && st.st_mtime > 0)
		return st.st_mtime;
	return 0;
}

static bool has_fact(const struct vr_dump_facts *facts, const char *key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->list[i].key, key))
			return true;
	return false;
}

/* What the user must know before reading the report. */
static void warn_of_lack(struct vr_report *report, const struct vr_dump_facts *facts)
{
	bool symbols = has_fact(facts, VR_FACT_SYMBOLS_MISSING);
	bool types = has_fact(facts, VR_FACT_TYPES_MISSING);

	if (symbols || types)
		vr_report_notice(report, VR_LOG_WARNING,
				 "The dump lacks some of the kernel's %s%s%s: what depends on them "
				 "is not in the report",
				 symbols ? "symbols" : "", symbols && types ? " and " : "",
				 types ? "types" : "");
}

void vr_report_facts(struct vr_report *report, const struct vr_dump_facts *facts,
		     struct vr_packer *packer)
{
	char text[VR_PRINTABLE_SIZE(sizeof(facts->list[0].text))], node[300], *version;
	struct vr_archive_naming naming = {.label = report->options->label,
					   .case_id = report->options->case_id,
					   .sosreport = report->options->sosreport_name,
					   .when = (time_t)report->options->start_time};
	char name[512];
	int len;

	naming.nodename = facts->nodename;
	vr_archive_name(name, sizeof(name), &naming);
	vr_packer_open(packer, name, member_time(report, facts));
	len = asprintf(&version, "vmcore-report: %s", report->options->version);
	add_own(report, packer, "version.txt", len < 0 ? NULL : version, (size_t)VR_MAX(len, 0));
	vr_report_log(report, VR_LOG_INFO, "dump of %s, Linux %s",
		      vr_printable(facts->nodename, node, sizeof(node)),
		      vr_printable(facts->release, text, sizeof(text)));
	vr_manifest_dump_string(report->manifest, "path", report->options->dump_path);
	vr_manifest_dump_string(report->manifest, "nodename", facts->nodename);
	vr_manifest_dump_string(report->manifest, "release", facts->release);
	vr_page_set_machine(report->page, facts->nodename, facts->release, facts->crash_time);
	if (facts->crash_time > 0)
		vr_manifest_dump_number(report->manifest, "crash_time",
					(uint64_t)facts->crash_time);
	warn_of_lack(report, facts);
	for (size_t i = 0; i < facts->count; i++) {
		const struct vr_dump_fact *fact = &facts->list[i];

		if (fact->is_text) {
			vr_printable(fact->text, text, sizeof(text));
			vr_manifest_dump_string(report->manifest, fact->key, fact->text);
			vr_report_log(report, VR_LOG_INFO, "dump: %s: %s", fact->key, text);
		} else {
			vr_manifest_dump_number(report->manifest, fact->key, fact->number);
			vr_report_log(report, VR_LOG_INFO, "dump: %s: %llu", fact->key,
				      (unsigned long long)fact->number);
		}
	}
}

/* Put text into the headline: printable, line breaks kept, cut at whole characters. */
static void set_headline(struct vr_collect_result *result, const char *text)
{
	char line[VR_PRINTABLE_SIZE(4096)], piece[4097];
	size_t at = 0;

	while (*text && at + 2 < sizeof(result->headline)) {
		size_t len = strcspn(text, "\n");

		snprintf(piece, sizeof(piece), "%.*s", (int)VR_MIN(len, sizeof(piece) - 1), text);
		vr_printable(piece, line, sizeof(line));
		for (const char *p = line; *p;) {
			size_t n = vr_utf8_length(p, strlen(p));

			if (n == 0 || at + n + 2 > sizeof(result->headline))
				break;
			memcpy(result->headline + at, p, n);
			at += n;
			p += n;
		}
		text += len;
		if (*text == '\n') {
			result->headline[at++] = '\n';
			text++;
		}
	}
	result->headline[at] = '\0';
}

/* plugins/<name>/ is the plugin's of that name. */
static bool is_others(const struct vr_task *task, const char *path)
{
	static const char folder[] = "plugins/";
	size_t len = strlen(task->entry->name);

	if (strncmp(path, folder, sizeof(folder) - 1) != 0)
		return false;
	path += sizeof(folder) - 1;
	return strncmp(path, task->entry->name, len) != 0 || path[len] != '/';
}

/* May the file enter the archive? Otherwise its record becomes that of an omitted one. */
static bool admit(struct vr_report *report, struct vr_task *task, struct vr_task_file *file,
		  char *reason, size_t size)
{
	struct vr_file_record *record = &file->record;
	const char *why = vr_path_check(record->path);
	uint32_t owner = task->plugin;
	enum vr_claim claim = VR_CLAIM_OK;

	if (record->status == VR_FILE_OMITTED)
		return false;
	if (why) {
		snprintf(reason, size, "bad path: %s", why);
	} else if (is_others(task, record->path)) {
		snprintf(reason, size, "the folder is another plugin's");
	} else {
		claim = vr_pathset_claim(&report->paths, record->path, task->plugin, &owner);
		if (claim == VR_CLAIM_OK)
			return true;
		if (claim == VR_CLAIM_NOMEM)
			snprintf(reason, size, "out of memory");
		else if (owner == OWNER_REPORT)
			snprintf(reason, size, "path is the report's own");
		else
			snprintf(reason, size, "%s by plugin %s", vr_claim_text(claim),
				 report->options->plugins->entries[owner].name);
	}
	record->status = VR_FILE_OMITTED;
	record->kind = claim == VR_CLAIM_NOMEM ? VR_NOMEM : VR_CORRUPT;
	record->reason = reason;
	record->bytes = 0;
	return false;
}

static void report_file(struct vr_report *report, struct vr_task *task, struct vr_task_file *file,
			struct vr_manifest_plugin *plugin, struct vr_packer *packer)
{
	struct vr_collect_result *result = report->result;
	struct vr_file_record *record = &file->record;
	char reason[200];
	bool enters = admit(report, task, file, reason, sizeof(reason));

	vr_manifest_plugin_file(plugin, record);
	vr_page_file(report->page, task->entry->name, record, file->data, file->len);
	vr_emitter_paths_seen(&report->unseen, record->path);
	if (record->status != VR_FILE_OK)
		vr_report_log(report, VR_LOG_DEBUG, "%s: %s: %s: %s", task->entry->name,
			      record->status == VR_FILE_PARTIAL ? "partial" : "omitted",
			      record->path, record->reason);
	result->files_ok += record->status == VR_FILE_OK;
	result->files_partial += record->status == VR_FILE_PARTIAL;
	result->files_omitted += record->status == VR_FILE_OMITTED;
	if (enters) {
		vr_packer_add(packer, record->path, file->data, file->len, file->block);
		file->block = NULL;
	}
}

/* Several plugins may come across the same. */
static void report_bad_file(struct vr_report *report, const char *text)
{
	struct vr_strbuf *said = &report->bad_files;
	const char *why = strchr(text, '\n'), *line;
	size_t len = why ? (size_t)(why - text) + 1 : 0;

	for (line = vr_strbuf_str(said); line && *line && strncmp(line, text, len) != 0;)
		line = strchr(line, '\n') + 1;
	if (!why || (line && *line) || report->bad_file_count++ >= BAD_FILES_MAX)
		return;
	vr_strbuf_add(said, text, len);
	vr_report_notice(report, VR_LOG_WARNING, "%s: %s", vr_log_level_name(VR_LOG_WARNING),
			 why + 1);
}

static void report_notes(struct vr_report *report, const struct vr_task *task,
			 struct vr_manifest_plugin *plugin)
{
	for (size_t i = 0; i < task->note_count; i++) {
		const struct vr_task_note *note = &task->notes[i];

		if (note->kind == VR_MSG_ALERT) {
			vr_manifest_plugin_alert(plugin, note->text);
			vr_page_alert(report->page, task->entry->name, note->text);
		} else if (note->kind == VR_MSG_NOTE) {
			vr_manifest_plugin_note(plugin, note->text);
			vr_page_note(report->page, task->entry->name, note->text);
		} else if (note->kind == VR_MSG_INFO) {
			vr_report_log(report, VR_LOG_INFO, "plugin %s: %s", task->entry->name,
				      note->text);
		} else if (note->kind == VR_MSG_BAD_FILE) {
			report_bad_file(report, note->text);
		} else if (!report->result->headline[0]) {
			set_headline(report->result, note->text);
		}
	}
}

/* A plugin that found nothing to do: no plugin of this report, but its reason is kept. */
static void report_inactive(struct vr_report *report, const struct vr_task *task)
{
	char reason[sizeof(task->outcome.result.error.text) + 16];

	snprintf(reason, sizeof(reason), "inactive: %s", task->outcome.result.error.text);
	report_disabled(report, task->entry->name, reason);
	vr_report_log(report, VR_LOG_INFO, "plugin %s is %s", task->entry->name, reason);
}

static void end_plugin(struct vr_report *report, const struct vr_task *task,
		       struct vr_manifest_plugin *plugin, const char *status, const char *reason)
{
	vr_manifest_plugin_end(plugin, status, reason, task->start, task->end);
	vr_page_plugin(report->page, task->entry->name, status, reason);
}

/* A dry run: what the plugin would do. */
static void report_checked(struct vr_report *report, const struct vr_task *task)
{
	const struct vr_wire_done *outcome = &task->outcome;
	const struct vr_collect_events *events = report->events;
	char inactive[sizeof(outcome->result.error.text) + 16];
	const char *reason = NULL;

	if (task->failure[0])
		reason = task->failure;
	else if (outcome->result.inactive)
		reason = inactive;
	snprintf(inactive, sizeof(inactive), "inactive: %s", outcome->result.error.text);
	report->result->plugins_run += !reason;
	if (events->checked)
		events->checked(events->arg, task->plugin, reason);
}

/* How many of its files weren't wanted, for the log. */
static void report_skipped(struct vr_report *report, const struct vr_task *task)
{
	size_t skipped = 0;

	for (size_t i = 0; i < task->file_count; i++) {
		const struct vr_file_record *record = &task->files[i].record;

		skipped += record->status == VR_FILE_OMITTED &&
			   !strncmp(record->reason, VR_SKIPPED_FILE, strlen(VR_SKIPPED_FILE));
	}
	if (skipped)
		vr_report_log(report, VR_LOG_INFO, "plugin %s: %zu files skipped (--skip-files)",
			      task->entry->name, skipped);
}

void vr_report_task(struct vr_report *report, struct vr_task *task, struct vr_packer *packer)
{
	const struct vr_wire_done *outcome = &task->outcome;
	bool failed = task->failure[0];
	struct vr_manifest_plugin *plugin;
	char restarts[80];

	snprintf(restarts, sizeof(restarts), "%u of its files ended the worker that wrote them",
		 task->restarts);
	report->counts.read += outcome->counts.read;
	report->counts.excluded += outcome->counts.excluded;
	report->counts.damaged += outcome->counts.damaged;
	if (report->options->wishes.dry_run) {
		report_checked(report, task);
		vr_task_drop(task);
		return;
	}
	if (task->done && !failed && outcome->result.inactive) {
		report_inactive(report, task);
		vr_task_drop(task);
		return;
	}
	plugin = vr_manifest_enabled(report->manifest, task->entry->name);
	if (task->entry->timeout)
		vr_manifest_plugin_timeout(plugin, task->entry->timeout);
	vr_task_sort(task);
	report_skipped(report, task);
	for (size_t i = 0; i < task->file_count; i++)
		report_file(report, task, &task->files[i], plugin, packer);
	report_notes(report, task, plugin);
	if (failed)
		end_plugin(report, task, plugin, task->timed_out ? "timeout" : "failed",
			   task->failure);
	else if (outcome->result.error.kind != VR_OK)
		end_plugin(report, task, plugin, "partial", outcome->result.error.text);
	else if (task->restarts)
		end_plugin(report, task, plugin, "partial", restarts);
	else
		end_plugin(report, task, plugin, "ok", "");
	report->result->plugins_run++;
	report->result->plugins_failed += failed;
	vr_report_log(report, VR_LOG_INFO, "plugin %s: %zu files in %.1f ms%s%s", task->entry->name,
		      task->file_count, (task->end - task->start) * 1e3,
		      outcome->result.error.kind == VR_OK ? "" : ": ",
		      outcome->result.error.kind == VR_OK ? "" : outcome->result.error.text);
	vr_task_drop(task);
}

/* ---- The end ---- */

static bool is_unwanted(const struct vr_run_wishes *wishes, const char *path)
{
	for (size_t i = 0; i < wishes->skip_file_count; i++)
		if (vr_path_matches(path, wishes->skip_files[i]))
			return true;
	return false;
}

/* What was saved beside the dump, to where the machine itself would have had it. */
static void report_beside(struct vr_report *report, struct vr_packer *packer)
{
	static const char source[] = "beside the dump";
	VR_FREE struct vr_beside *beside = calloc(1, sizeof(*beside));
	char path[sizeof(beside->folder) + sizeof(beside->files[0].name) + 16];

	if (!report->options->dump_beside || report->options->wishes.dry_run)
		return;
	if (!beside || !vr_beside_find(beside, report->options->dump_beside)) {
		vr_error_set(&packer->error, VR_NOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < beside->count; i++) {
		struct vr_beside_file *file = &beside->files[i];
		const char *why = file->data ? "" : file->reason;
		enum vr_claim claim = VR_CLAIM_OK;

		snprintf(path, sizeof(path), "var/crash/%s/%s", beside->folder, file->name);
		if (file->data)
			claim = vr_pathset_claim(&report->paths, path, OWNER_REPORT, NULL);
		if (claim != VR_CLAIM_OK)
			why = vr_claim_text(claim);
		if (is_unwanted(&report->options->wishes, path))
			why = "skipped (--skip-files)";
		vr_manifest_other(report->manifest, path, "", *why ? "omitted" : "ok", why, source,
				  file->len);
		vr_report_log(report, VR_LOG_INFO, "%s: %s%s%s", path, source, *why ? ": " : "",
			      why);
		if (!*why) {
			add_own(report, packer, path, file->data, file->len);
			file->data = NULL;
		}
	}
	vr_beside_free(beside);
}

/* The links of sos in the root folder, to what there is. */
static void report_links(struct vr_report *report, struct vr_packer *packer)
{
	for (const struct vr_sos_link *link = vr_sos_links; link->name; link++)
		if (vr_pathset_has(&report->paths, link->target) &&
		    vr_pathset_claim(&report->paths, link->name, OWNER_REPORT, NULL) == VR_CLAIM_OK)
			vr_packer_link(packer, link->name, link->target);
}

/* What no file came of: paths of plugins that did not run, or that this machine did not have. */
static void report_unseen(struct vr_report *report)
{
	const struct vr_plugins *plugins = report->options->plugins;
	const char *status, *reason;
	char path[160];

	for (size_t i = 0; i < report->unseen.count; i++) {
		const struct vr_emitter_path *entry = &report->unseen.list[i];

		status = vr_manifest_plugin_status(report->manifest, entry->plugin, &reason);
		if (!strcmp(status, "ok") || !strcmp(status, "partial")) {
			status = "none";
			reason = "the machine had no such file";
		} else if (strcmp(status, "skipped") != 0) {
			status = "omitted";
		}
		vr_manifest_other(report->manifest, entry->path, entry->plugin, status, reason, "",
				  0);
	}
	for (size_t i = 0; i < plugins->count; i++) {
		const char *name = plugins->entries[i].name;

		status = vr_manifest_plugin_status(report->manifest, name, &reason);
		if (strcmp(status, "skipped") != 0)
			continue;
		snprintf(path, sizeof(path), "plugins/%s/", name);
		vr_manifest_other(report->manifest, path, name, status, reason, "", 0);
	}
}

static void report_logs(struct vr_report *report, const struct vr_task *tasks, size_t count,
			struct vr_packer *packer)
{
	const struct vr_collect_events *events = report->events;
	const char *seen;
	char path[128];

	for (size_t i = 0; i < count; i++) {
		const struct vr_strbuf *errors = &tasks[i].errors;

		if (errors->len == 0)
			continue;
		snprintf(path, sizeof(path), "sos_logs/%s-plugin-errors.txt", tasks[i].entry->name);
		add_own(report, packer, path, strndup(errors->data, errors->len), errors->len);
	}
	if (report->log.len)
		add_own(report, packer, "sos_logs/sos.log", strdup(report->log.data),
			report->log.len);
	seen = events->seen ? events->seen(events->arg) : NULL;
	if (seen)
		add_own(report, packer, "sos_logs/ui.log", strdup(seen), strlen(seen));
}

void vr_report_end(struct vr_report *report, const struct vr_task *tasks, size_t count,
		   struct vr_packer *packer)
{
	static const struct {
		const char *path;
		char *(*text)(const struct vr_manifest *);
	} files[] = {{"sos_reports/sos.txt", vr_sos_text},
		     {"sos_reports/sos.json", vr_sos_json_text},
		     {"sos_reports/vmcore_coverage.json", vr_coverage_text},
		     {"sos_reports/manifest.json", vr_manifest_text}};
	double now = vr_wall_clock();
	size_t len = 0;
	char *page;

	report_beside(report, packer);
	report_links(report, packer);
	report_unseen(report);
	vr_manifest_dump_number(report->manifest, "pages_read", report->counts.read);
	vr_manifest_dump_number(report->manifest, "pages_excluded", report->counts.excluded);
	vr_manifest_dump_number(report->manifest, "pages_damaged", report->counts.damaged);
	vr_manifest_set_times(report->manifest, report->options->start_time, now);
	report_logs(report, tasks, count, packer);
	for (size_t i = 0; i < VR_ARRAY_SIZE(files); i++) {
		char *text = files[i].text(report->manifest);

		add_own(report, packer, files[i].path, text, text ? strlen(text) : 0);
	}
	page = vr_page_text(report->page, report->result->headline, report->options->version, &len);
	add_own(report, packer, "sos_reports/sos.html", page, len);
	vr_packer_finish(packer);
}
