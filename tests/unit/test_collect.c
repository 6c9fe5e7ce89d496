// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole runs, with real processes and the real sandbox, over a program that holds nothing: plugins
 * that behave and plugins that don't.
 */
#include "collect_run.h"

/* ---- Dumps that are none ---- */

static enum vr_err refusing_open(const struct vr_dump_source *source, const struct vr_log *log,
				 struct vr_opened *opened, struct vr_dump_facts *facts,
				 struct vr_error *err)
{
	(void)source;
	(void)log;
	(void)opened;
	(void)facts;
	return vr_error_set(err, VR_UNSUPPORTED, "not a dump");
}

static enum vr_err crashing_open(const struct vr_dump_source *source, const struct vr_log *log,
				 struct vr_opened *opened, struct vr_dump_facts *facts,
				 struct vr_error *err)
{
	(void)source;
	(void)log;
	(void)opened;
	(void)facts;
	(void)err;
	raise(SIGKILL);
	return VR_OK;
}

static enum vr_err prying_open(const struct vr_dump_source *source, const struct vr_log *log,
			       struct vr_opened *opened, struct vr_dump_facts *facts,
			       struct vr_error *err)
{
	syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
	return fake_open(source, log, opened, facts, err);
}

static enum vr_err slow_open(const struct vr_dump_source *source, const struct vr_log *log,
			     struct vr_opened *opened, struct vr_dump_facts *facts,
			     struct vr_error *err)
{
	for (;;)
		;
	return fake_open(source, log, opened, facts, err);
}

/* ---- Plugins that behave ---- */

PLUGIN(good)
{
	vr_write_text(run, "z.txt", "last");
	vr_write_text(run, "a.txt", "first");
	vr_headline(run, "It \033[31mbroke\nbadly");
	vr_warn(run, "a warning");
	vr_alert(run, "an alert");
}

PLUGIN(other)
{
	vr_file_end(vr_file_new_at(run, "proc/uptime"));
	vr_write_text(run, "o.txt", "other");
	vr_headline(run, "later ones don't count");
}

TEST(a_report_is_made)
{
	RUN(&good, &other);
	assert_int_equal(got.kind, VR_OK);
	assert_member("plugins/good/a.txt", "first");
	assert_member("plugins/good/z.txt", "last");
	assert_member("plugins/other/o.txt", "other");
	assert_member("proc/uptime", "");
	assert_member("version.txt", "vmcore-report: 1.2.3");
	assert_member("sos_logs/ui.log", "what was seen\n");
	assert_member("sos_logs/good-plugin-errors.txt", "[WARN] a warning\n");
	assert_non_null(strstr(read_member("sos_logs/sos.log"), " INFO: opened a fake\n"));
	assert_plugin("good", "ok", "");
	assert_plugin("other", "ok", "");
	assert_string_equal(got.result.headline, "It \\x1b[31mbroke\nbadly");
	assert_int_equal(got.result.plugins_run, 2);
	assert_int_equal(got.result.plugins_failed, 0);
	assert_int_equal(got.result.files_ok, 4);
	assert_non_null(strstr(got.result.archive.path, "/sosvmcore-box-"));
	assert_string_equal(got.notices, "");
}

PLUGIN(reader_of_a_damaged_dump)
{
	vr_log(opener_log, VR_LOG_INFO, "nothing of note");
	vr_log(opener_log, VR_LOG_WARNING, "page 7 is damaged");
	vr_write_text(run, "a.txt", "read");
}

TEST(what_is_said_of_the_dump_in_a_worker_is_kept)
{
	RUN(&reader_of_a_damaged_dump, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("reader_of_a_damaged_dump", "ok", "");
	assert_member("sos_logs/reader_of_a_damaged_dump-plugin-errors.txt",
		      "[WARN] page 7 is damaged\n");
	assert_member("sos_logs/good-plugin-errors.txt", "[WARN] a warning\n");
}

TEST(an_archive_with_a_checksum_and_nothing_else)
{
	with.archive = true;
	RUN(&good);
	assert_int_equal(got.kind, VR_OK);
	assert_int_equal(strlen(got.result.archive.sha256), 64);
	assert_int_equal(left_in_dir(), 2);
}

static bool never(struct vr_run *run, struct vr_program *prog)
{
	(void)run;
	vr_latch(prog, VR_ABSENT, "no `nvme`");
	return true;
}

TEST(inactive_plugins_have_their_reason)
{
	static const char *const needs[] = {"symbol:nosuch", NULL};
	struct vr_plugin idle = good, needy = other;

	idle.check_enabled = never;
	needy.needs = needs;
	RUN(&idle, &needy);
	assert_int_equal(got.kind, VR_OK);
	assert_int_equal(got.result.plugins_run, 0);
	assert_non_null(strstr(got.log, "plugin good is inactive: no `nvme`"));
	assert_non_null(strstr(got.log, "plugin other is inactive: no symbol `nosuch`"));
	assert_no_member("plugins/good/a.txt");
}

TEST(no_plugins_at_all)
{
	run(NULL, 0);
	assert_int_equal(got.kind, VR_OK);
	assert_string_equal(got.notices, "No vmcore-report plugins enabled\n");
	assert_non_null(read_member("sos_logs/sos.log"));
}

/* ---- Plugins that don't ---- */

static volatile uintptr_t nowhere = 8;

PLUGIN(wild)
{
	vr_write_text(run, "kept.txt", "kept");
	vr_file_new(run, "lost.txt");
	*(volatile int *)nowhere = 1;
}

TEST(a_plugin_that_segfaults_costs_only_itself)
{
	if (VR_SANITIZED)
		skip();
	RUN(&good, &wild);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("good", "ok", "");
	assert_plugin("wild", "failed",
		      "was killed by SIGSEGV (last action: file plugins/wild/lost.txt)");
	assert_member("plugins/wild/kept.txt", "kept");
	assert_no_member("plugins/wild/lost.txt");
	assert_non_null(strstr(read_member("sos_logs/wild-plugin-errors.txt"),
			       "[ERROR] was killed by SIGSEGV"));
	assert_non_null(strstr(got.notices, "Plugin wild failed"));
	assert_int_equal(got.result.plugins_failed, 1);
}

PLUGIN(forever)
{
	vr_write_text(run, "kept.txt", "kept");
	for (;;)
		;
}

TEST(a_plugin_that_never_ends_times_out)
{
	with.timeout = 1;
	RUN(&forever, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("good", "ok", "");
	assert_plugin("forever", "timeout", "timed out after 1 s (last action: collect)");
	assert_member("plugins/forever/kept.txt", "kept");
	assert_string_equal(got.notices, "Plugin forever timed out\n");
}

/* A plugin's own time, shorter or longer than all others'. */
TEST(a_plugin_may_have_a_time_of_its_own)
{
	with.timeout = 60;
	with.first_timeout = 1;
	RUN(&forever, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("forever", "timeout", "timed out after 1 s (last action: collect)");
	assert_plugin("good", "ok", "");
}

PLUGIN(flood)
{
	static char block[100000];

	memset(block, 'x', sizeof(block));
	for (int i = 0;; i++) {
		char name[32];
		struct vr_file *f;

		snprintf(name, sizeof(name), "%06d", i);
		f = vr_file_new(run, name);
		vr_write(f, block, sizeof(block));
		vr_file_end(f);
	}
}

PLUGIN(chatter)
{
	for (;;)
		vr_warn(run, "%s", "");
}

TEST(floods_have_a_bound)
{
	with.output_limit = 2000000;
	RUN(&chatter, &flood, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("flood", "failed", "sent more than it may");
	assert_plugin("chatter", "failed", "sent more than it may");
	assert_plugin("good", "ok", "");
	assert_non_null(read_member("plugins/flood/000000"));
	assert_no_member("plugins/flood/000030");
}

PLUGIN(huge)
{
	struct vr_file *f = vr_file_new(run, "huge");
	static char block[1 << 20];

	for (int i = 0; i < 64; i++)
		vr_write(f, block, sizeof(block));
	vr_file_end(f);
	vr_write_text(run, "after", "never");
}

TEST(one_file_beyond_the_budget)
{
	with.output_limit = 2000000;
	RUN(&huge, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("huge", "failed", "sent more than it may");
	assert_no_member("plugins/huge/after");
	assert_plugin("good", "ok", "");
}

PLUGIN(glutton)
{
	struct vr_file *f = vr_file_new(run, "all");
	static char block[1 << 20];

	for (int i = 0; i < 4096; i++)
		vr_write(f, block, sizeof(block));
	vr_file_end(f);
	vr_write_text(run, "after", "still there");
}

TEST(memory_has_a_bound)
{
	if (VR_SANITIZED)
		skip();
	with.memory_limit = (uint64_t)256 << 20;
	RUN(&glutton);
	assert_int_equal(got.kind, VR_OK);
	assert_omitted("glutton", "plugins/glutton/all", "out of memory");
	assert_member("plugins/glutton/after", "still there");
	assert_plugin("glutton", "ok", "");
}

PLUGIN(climber)
{
	vr_write_text(run, "../../x", "out");
	vr_file_end(vr_file_new_at(run, "/tmp/x"));
	vr_file_end(vr_file_new_at(run, "sos_logs/sos.log"));
	vr_file_end(vr_file_new_at(run, "sos_reports/new.json"));
	vr_file_end(vr_file_new_at(run, "version.txt"));
	vr_write_text(run, "fine", "in");
}

TEST(paths_outside_are_refused)
{
	RUN(&climber);
	assert_int_equal(got.kind, VR_OK);
	assert_omitted("climber", "plugins/climber/../../x", "bad path");
	assert_omitted("climber", "/tmp/x", "bad path");
	assert_omitted("climber", "sos_logs/sos.log", "the report's own");
	assert_omitted("climber", "sos_reports/new.json", "the report's own");
	assert_omitted("climber", "version.txt", "the report's own");
	assert_member("plugins/climber/fine", "in");
	assert_int_equal(got.result.files_omitted, 5);
}

static void write_at(struct vr_run *run, const char *path, const char *text)
{
	struct vr_file *f = vr_file_new_at(run, path);

	vr_puts(f, text);
	vr_file_end(f);
}

PLUGIN(owner)
{
	write_at(run, "proc/x/y", "first");
}

PLUGIN(zthief)
{
	write_at(run, "proc/x/y", "stolen");
	write_at(run, "proc/x", "");
	write_at(run, "proc/x/y/below", "");
	/* though it is not even there */
	write_at(run, "plugins/owner/new.txt", "");
	write_at(run, "plugins/zthief", "");
}

TEST(the_earlier_plugin_wins_a_path)
{
	for (with.threads = 1; with.threads <= 3; with.threads += 2) {
		RUN(&zthief, &owner);
		assert_int_equal(got.kind, VR_OK);
		assert_member("proc/x/y", "first");
		assert_omitted("zthief", "/proc/x/y", "path already written by plugin owner");
		assert_omitted("zthief", "/proc/x", "path is already a folder");
		assert_omitted("zthief", "/proc/x/y/below", "already a file");
		assert_omitted("zthief", "plugins/owner/new.txt", "another plugin's");
		assert_omitted("zthief", "plugins/zthief", "another plugin's");
		json_decref(got.manifest);
		got.manifest = NULL;
	}
}

PLUGIN(quitter)
{
	vr_write_text(run, "kept.txt", "kept");
	_exit(0);
}

PLUGIN(aborter)
{
	abort();
}

TEST(exits_and_aborts)
{
	RUN(&quitter, &aborter, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("quitter", "failed", "exited before it was done");
	assert_member("plugins/quitter/kept.txt", "kept");
	assert_plugin("aborter", "failed", "was killed by SIGABRT");
	assert_plugin("good", "ok", "");
}

PLUGIN(forker)
{
	if (fork() == 0)
		for (;;)
			pause();
}

PLUGIN(talker)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

PLUGIN(reader)
{
	open("/etc/passwd", O_RDONLY);
}

PLUGIN(killer)
{
	kill(getppid(), SIGTERM);
}

PLUGIN(signaller)
{
	syscall(SYS_tgkill, getppid(), getppid(), SIGTERM);
}

PLUGIN(mapper)
{
	syscall(SYS_mprotect, 4096, 4096, 7 /* with PROT_EXEC */);
}

TEST(forbidden_calls_are_named)
{
	if (VR_SANITIZED)
		skip();
	RUN(&forker, &talker, &reader, &killer, &mapper, &signaller, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("forker", "failed",
		      "made the system call `clone`, which the sandbox refuses");
	assert_plugin("talker", "failed", "`socket`");
	assert_plugin("reader", "failed", "`openat`");
	assert_plugin("killer", "failed", "which the sandbox refuses");
	assert_plugin("mapper", "failed", "`mprotect`");
	assert_plugin("signaller", "failed", "which the sandbox refuses");
	assert_plugin("good", "ok", "");
}

/* The sink's descriptor is the first that is open beyond the zygote's own. */
PLUGIN(liar)
{
	char garbage[5000];

	vr_write_text(run, "kept.txt", "kept");
	memset(garbage, 0x5a, sizeof(garbage));
	for (int fd = 3; fd < 16; fd++)
		if (write(fd, garbage, sizeof(garbage)) > 0)
			break;
	vr_write_text(run, "after.txt", "never");
}

TEST(a_stream_of_garbage)
{
	RUN(&liar, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("liar", "failed", "makes no sense");
	assert_member("plugins/liar/kept.txt", "kept");
	assert_no_member("plugins/liar/after.txt");
	assert_plugin("good", "ok", "");
}

TEST(more_plugins_than_threads)
{
	for (with.threads = 1; with.threads <= 8; with.threads *= 2) {
		RUN(&good, &other, &quitter, &climber, &zthief, &aborter, &liar);
		assert_int_equal(got.kind, VR_OK);
		assert_int_equal(got.result.plugins_run, 7);
		assert_int_equal(got.result.plugins_failed, 3);
		assert_string_equal(got.result.headline, "It \\x1b[31mbroke\nbadly");
		json_decref(got.manifest);
		got.manifest = NULL;
	}
}

PLUGIN(bulk_a)
{
	flood_collect(run, prog);
}

PLUGIN(bulk_b)
{
	flood_collect(run, prog);
}

TEST(what_is_kept_for_later_is_bounded_and_nothing_stalls)
{
	with.threads = 3;
	with.output_limit = (uint64_t)100 << 20;
	RUN(&bulk_a, &bulk_b, &good);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("bulk_a", "failed", "sent more than it may");
	assert_plugin("bulk_b", "failed", "sent more than it may");
	assert_plugin("good", "ok", "");
	assert_true(got.result.files_ok > 2000);
}

/* ---- Runs that fail as a whole ---- */

TEST(a_dump_that_is_none)
{
	opener.open = refusing_open;
	RUN(&good);
	assert_int_equal(got.kind, VR_UNSUPPORTED);
	assert_string_equal(got.err.text, "not a dump");
	assert_int_equal(left_in_dir(), 0);
}

TEST(a_dump_that_kills_its_reader)
{
	if (VR_SANITIZED)
		skip();
	opener.open = crashing_open;
	RUN(&good);
	assert_int_equal(got.kind, VR_CORRUPT);
	assert_non_null(strstr(got.err.text, "while opening the dump"));
	opener.open = prying_open;
	RUN(&good);
	assert_int_equal(got.kind, VR_CORRUPT);
	assert_non_null(strstr(got.err.text, "`openat`"));
	assert_int_equal(left_in_dir(), 0);
}

TEST(a_dump_that_never_opens)
{
	opener.open = slow_open;
	with.timeout = 1;
	RUN(&good);
	assert_int_equal(got.kind, VR_LIMIT);
	assert_int_equal(left_in_dir(), 0);
}

TEST(a_folder_that_is_not_there)
{
	char before[64];

	strcpy(before, got.dir);
	strcat(got.dir, "/nosuch");
	RUN(&good);
	assert_int_equal(got.kind, VR_OS);
	assert_int_equal(got.err.os_errno, ENOENT);
	strcpy(got.dir, before);
}

static void on_alarm(int sig)
{
	(void)sig;
	got.stop = 1;
}

TEST(interrupted)
{
	struct sigaction sa = {.sa_handler = on_alarm};
	struct timespec start, end;

	sigaction(SIGALRM, &sa, NULL);
	alarm(1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	with.archive = true;
	RUN(&good, &forever);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(got.kind, VR_OS);
	assert_int_equal(got.err.os_errno, EINTR);
	assert_true(end.tv_sec - start.tv_sec < 5);
	assert_int_equal(left_in_dir(), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_report_is_made),
		T(what_is_said_of_the_dump_in_a_worker_is_kept),
		T(an_archive_with_a_checksum_and_nothing_else),
		T(inactive_plugins_have_their_reason),
		T(no_plugins_at_all),
		T(a_plugin_that_segfaults_costs_only_itself),
		T(a_plugin_that_never_ends_times_out),
		T(a_plugin_may_have_a_time_of_its_own),
		T(floods_have_a_bound),
		T(one_file_beyond_the_budget),
		T(memory_has_a_bound),
		T(paths_outside_are_refused),
		T(the_earlier_plugin_wins_a_path),
		T(exits_and_aborts),
		T(forbidden_calls_are_named),
		T(a_stream_of_garbage),
		T(more_plugins_than_threads),
		T(what_is_kept_for_later_is_bounded_and_nothing_stalls),
		T(a_dump_that_is_none),
		T(a_dump_that_kills_its_reader),
		T(a_dump_that_never_opens),
		T(a_folder_that_is_not_there),
		T(interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
