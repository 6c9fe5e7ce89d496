/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole runs for tests, with real processes and the real sandbox, over a program that holds
 * nothing: RUN(&plugin, ...), then what came of it.
 */
#ifndef COLLECT_RUN_H
#define COLLECT_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "collect/child.h"
#include "collect/collect.h"
#include "fake_program.h"

#define TEST(name) static void name(void **state __attribute__((unused)))
#define PLUGIN(name_)                                                                              \
	static void name_##_collect(struct vr_run *run, struct vr_program *prog);                  \
	static const struct vr_plugin name_ = {                                                    \
		.file = #name_ ".c", .default_enabled = true, .collect = name_##_collect};         \
	static void name_##_collect(struct vr_run *run __attribute__((unused)),                    \
				    struct vr_program *prog __attribute__((unused)))

/* ---- The dump ---- */

static const struct vr_log *opener_log;

static enum vr_err fake_open(const struct vr_dump_source *source, const struct vr_log *log,
			     struct vr_opened *opened, struct vr_dump_facts *facts,
			     struct vr_error *err)
{
	char byte;

	if (pread(source->fds[0], &byte, 1, 0) != 1)
		return vr_error_os(err, errno, "no dump");
	vr_log(log, VR_LOG_INFO, "opened a fake");
	opener_log = log;
	opened->prog = fake_program();
	strcpy(facts->nodename, "box.example.org");
	strcpy(facts->release, "6.1.0");
	facts->crash_time = 1000000000;
	vr_dump_fact_text(facts, "format", "fake");
	vr_dump_fact_number(facts, "pages", 7);
	return VR_OK;
}

static void fake_counts(const struct vr_opened *opened, struct vr_image_counts *counts)
{
	(void)opened;
	*counts = (struct vr_image_counts){0};
}

static void fake_close(struct vr_opened *opened)
{
	(void)opened;
}

static struct vr_opener opener = {.open = fake_open, .counts = fake_counts, .close = fake_close};

/* ---- A run ---- */

static struct {
	char dir[64];
	char notices[4096];
	char log[65536];
	struct vr_collect_result result;
	struct vr_error err;
	enum vr_err kind;
	volatile int stop;
	json_t *manifest;
} got;

static struct {
	unsigned threads, timeout, first_timeout; /* the last: of the first plugin only */
	uint64_t output_limit, memory_limit;
	bool archive;
} with;

static void on_notice(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	(void)level;
	strncat(got.notices, text, sizeof(got.notices) - strlen(got.notices) - 2);
	strcat(got.notices, "\n");
}

static void on_log(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	(void)level;
	strncat(got.log, text, sizeof(got.log) - strlen(got.log) - 2);
	strcat(got.log, "\n");
}

static const char *on_seen(void *arg)
{
	(void)arg;
	return "what was seen\n";
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline size_t left_in_dir(void)
{
	DIR *dir = opendir(got.dir);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void run(const struct vr_plugin *const *list, size_t count)
{
	struct vr_collect_options options = {
		.dump_path = "/a/dump",
		.threads = with.threads ? with.threads : 2,
		.plugin_timeout = with.timeout ? with.timeout : 60,
		.memory_limit = with.memory_limit ? with.memory_limit : (uint64_t)1 << 30,
		.output_limit = with.output_limit ? with.output_limit : (uint64_t)64 << 20,
		.tmp_dir = got.dir,
		.compression = VR_COMPRESS_NONE,
		.build = !with.archive,
		.cmdline = "vmcore-report",
		.version = "1.2.3",
		.start_time = 1700000000,
		.log_level = VR_LOG_DEBUG,
		.opener = &opener,
	};
	struct vr_collect_events events = {.notice = on_notice, .log = on_log, .seen = on_seen};
	struct vr_plugins plugins;
	VR_CLOSE int dump = open("/proc/self/exe", O_RDONLY);
	char path[5000];

	assert_int_equal(vr_plugins_from(list, count, &plugins, &got.err), VR_OK);
	if (with.first_timeout)
		plugins.entries[0].timeout = with.first_timeout;
	options.plugins = &plugins;
	options.dump = (struct vr_dump_source){.fds = &dump, .fd_count = 1};
	got.kind = vr_collect(&options, &events, &got.stop, &got.result, &got.err);
	vr_plugins_free(&plugins);
	/* no child is left, whatever happened */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	if (got.kind != VR_OK || with.archive)
		return;
	snprintf(path, sizeof(path), "%s/sos_reports/manifest.json", got.result.archive.path);
	got.manifest = json_load_file(path, 0, NULL);
	assert_non_null(got.manifest);
}

#define RUN(...)                                                                                   \
	do {                                                                                       \
		const struct vr_plugin *const list_[] = {__VA_ARGS__};                             \
		run(list_, sizeof(list_) / sizeof(list_[0]));                                      \
	} while (0)

static int setup(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	memset(&with, 0, sizeof(with));
	opener.open = fake_open;
	/* Now: the sandbox would not allow it. */
	fake_program();
	strcpy(got.dir, "/tmp/test-collect-XXXXXX");
	return mkdtemp(got.dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(got.manifest);
	return nftw(got.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- What came of it ---- */

static json_t *plugin(const char *name)
{
	json_t *json = json_object_get(got.manifest, "components");

	json = json_object_get(json_object_get(json, "report"), "plugins");
	json = json_object_get(json, name);
	if (!json)
		fail_msg("no plugin %s in the manifest", name);
	return json;
}

static inline void assert_plugin(const char *name, const char *status, const char *reason)
{
	json_t *json = plugin(name);
	const char *text = json_string_value(json_object_get(json, "reason"));

	assert_string_equal(json_string_value(json_object_get(json, "status")), status);
	if (!text || !strstr(text, reason))
		fail_msg("%s: reason is `%s`", name, text ? text : "");
}

static inline json_t *file_entry(const char *name, const char *path)
{
	json_t *files = json_object_get(plugin(name), "files"), *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		const char *p = json_string_value(json_object_get(file, "specification"));

		if (strcmp(p, path) == 0)
			return file;
	}
	fail_msg("no file %s of %s", path, name);
	return NULL;
}

static inline void assert_omitted(const char *name, const char *path, const char *reason)
{
	json_t *file = file_entry(name, path);
	const char *text = json_string_value(json_object_get(file, "reason"));

	assert_string_equal(json_string_value(json_object_get(file, "status")), "omitted");
	if (!text || !strstr(text, reason))
		fail_msg("%s: reason is `%s`", path, text);
}

static inline char *read_member(const char *path)
{
	static char text[1 << 16];
	char full[5000];
	ssize_t n;
	int fd;

	snprintf(full, sizeof(full), "%s/%s", got.result.archive.path, path);
	fd = open(full, O_RDONLY);
	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static inline void assert_member(const char *path, const char *text)
{
	const char *is = read_member(path);

	if (!is)
		fail_msg("%s is missing", path);
	assert_string_equal(is, text);
}

static inline void assert_no_member(const char *path)
{
	if (read_member(path))
		fail_msg("%s is there", path);
}

#endif
