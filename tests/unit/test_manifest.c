// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "archive/manifest.h"
#include "base/cleanup.h"

/* The manifest as another program reads it; released by the caller. */
static json_t *manifest_read(struct vr_manifest *manifest)
{
	VR_FREE char *text = vr_manifest_text(manifest);
	json_error_t error;
	json_t *json;

	assert_non_null(text);
	json = json_loads(text, JSON_ALLOW_NUL, &error);
	assert_non_null(json);
	vr_manifest_free(manifest);
	return json;
}

/* The value at a path like "components/report/plugins". */
static json_t *at(json_t *json, const char *path)
{
	char copy[256], *save = NULL;

	strcpy(copy, path);
	for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(part))
					   : json_object_get(json, part);
		if (!json)
			fail_msg("no %s in %s", part, path);
	}
	return json;
}

static const char *text_at(json_t *json, const char *path)
{
	const char *text = json_string_value(at(json, path));

	assert_non_null(text);
	return text;
}

static void test_top(void **state)
{
	static const char *const order[] = {
		"version", "cmdline",        "start_time", "end_time",   "run_time", "compression",
		"tmpdir",  "tmpdir_fs_type", "policy",     "components", "vmcore",   "hostname"};
	struct vr_manifest *manifest = vr_manifest_new();
	const char *key;
	json_t *json, *value;
	size_t i = 0;

	(void)state;
	setenv("TZ", "UTC", 1);
	vr_manifest_set(manifest, "cmdline", "vmcore-report /var/crash/vmcore");
	vr_manifest_set(manifest, "version", "0.1.0");
	vr_manifest_set(manifest, "hostname", "box\xff");
	vr_manifest_set_times(manifest, 1795414766.123456, 1795414771.25);
	vr_manifest_dump_string(manifest, "release", "6.1.0\xc3(");
	vr_manifest_dump_number(manifest, "pages_damaged", 17);
	json = manifest_read(manifest);
	json_object_foreach(json, key, value) assert_string_equal(key, order[i++]);
	assert_int_equal(i, sizeof(order) / sizeof(order[0]));
	assert_string_equal(text_at(json, "version"), "0.1.0");
	assert_string_equal(text_at(json, "compression"), "");
	assert_string_equal(text_at(json, "start_time"), "2026-11-23 06:19:26.123456");
	assert_string_equal(text_at(json, "end_time"), "2026-11-23 06:19:31.250000");
	assert_string_equal(text_at(json, "run_time"), "0:00:05.126544");
	assert_string_equal(text_at(json, "hostname"), "box\\xff");
	assert_string_equal(text_at(json, "vmcore/release"), "6.1.0\\xc3(");
	assert_int_equal(json_integer_value(at(json, "vmcore/pages_damaged")), 17);
	json_decref(json);
}

static void check_times(double start, double end, const char *start_text, const char *run_text)
{
	struct vr_manifest *manifest = vr_manifest_new();
	json_t *json;

	vr_manifest_set_times(manifest, start, end);
	json = manifest_read(manifest);
	assert_string_equal(text_at(json, "start_time"), start_text);
	assert_string_equal(text_at(json, "run_time"), run_text);
	json_decref(json);
}

/* What Python's str() makes of such datetimes and timedeltas. */
static void test_times(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	check_times(0, 0, "1970-01-01 00:00:00", "0:00:00");
	check_times(1, 86401, "1970-01-01 00:00:01", "1 day, 0:00:00");
	check_times(1.5, 86400 * 3 + 3661.5, "1970-01-01 00:00:01.500000", "3 days, 1:01:00");
	check_times(0.9999999, 2, "1970-01-01 00:00:01", "0:00:01");
	/* Unusable ones stay empty. */
	check_times(5, 4, "1970-01-01 00:00:05", "");
	check_times(-1, 4, "", "");
	check_times(1e300, 1e301, "", "");
	check_times(0.0 / 0.0, 1, "", "");
	setenv("TZ", "XXX-1", 1);
	check_times(0, 0, "1970-01-01 01:00:00", "0:00:00");
	setenv("TZ", "UTC", 1);
}

static void fill_plugin(struct vr_manifest_plugin *plugin)
{
	char path[] = "proc/meminfo";
	struct vr_file_record file = {
		.path = path, .source = "vm_stat", .reason = "", .bytes = 1391, .ms = 0.4256789};

	vr_manifest_plugin_file(plugin, &file);
	/* Copied: what the caller does with its strings later is of no matter. */
	memset(path, 'x', sizeof(path) - 1);
	file = (struct vr_file_record){.path = "sos_commands/kernel/dmesg",
				       .status = VR_FILE_PARTIAL,
				       .kind = VR_CORRUPT,
				       .reason = "cut short",
				       .rows_dropped = UINT64_MAX};
	vr_manifest_plugin_file(plugin, &file);
	file = (struct vr_file_record){.path = "sys/kernel/\xfe",
				       .status = VR_FILE_OMITTED,
				       .kind = VR_ABSENT,
				       .reason = "no symbol"};
	vr_manifest_plugin_file(plugin, &file);
	vr_manifest_plugin_alert(plugin, "panicked");
	vr_manifest_plugin_note(plugin, "tainted");
	vr_manifest_plugin_note(plugin, "old");
	vr_manifest_plugin_end(plugin, "ok", NULL, 1, 2.5);
}

static void test_plugin(void **state)
{
	struct vr_manifest *manifest = vr_manifest_new();
	struct vr_manifest_plugin *plugin = vr_manifest_enabled(manifest, "procfs");
	json_t *json, *p;

	(void)state;
	assert_ptr_equal(vr_manifest_enabled(manifest, "procfs"), plugin);
	fill_plugin(plugin);
	json = manifest_read(manifest);
	assert_int_equal(json_array_size(at(json, "components/report/enabled_plugins")), 1);
	p = at(json, "components/report/plugins/procfs");
	assert_string_equal(text_at(p, "start_time"), "1970-01-01 00:00:01");
	assert_string_equal(text_at(p, "run_time"), "0:00:01.500000");
	assert_string_equal(text_at(p, "status"), "ok");
	assert_true(json_is_false(at(p, "timeout_hit")));
	assert_true(json_is_array(at(p, "commands")) && json_is_array(at(p, "collections")));
	assert_true(json_is_object(at(p, "strings")) && json_is_object(at(p, "containers")));
	assert_string_equal(text_at(p, "alerts/0"), "panicked");
	assert_string_equal(text_at(p, "notes/1"), "old");

	assert_string_equal(text_at(p, "files/0/specification"), "/proc/meminfo");
	assert_string_equal(text_at(p, "files/0/files_copied/0"), "proc/meminfo");
	assert_true(json_is_array(at(p, "files/0/tags")));
	assert_string_equal(text_at(p, "files/0/status"), "ok");
	assert_string_equal(text_at(p, "files/0/kind"), "");
	assert_string_equal(text_at(p, "files/0/source"), "vm_stat");
	assert_int_equal(json_integer_value(at(p, "files/0/bytes")), 1391);
	assert_true(json_real_value(at(p, "files/0/ms")) == 0.426);
	assert_string_equal(text_at(p, "files/1/specification"), "sos_commands/kernel/dmesg");
	assert_string_equal(text_at(p, "files/1/status"), "partial");
	assert_string_equal(text_at(p, "files/1/kind"), "corrupt");
	assert_string_equal(text_at(p, "files/1/rows_dropped"), "18446744073709551615");
	assert_string_equal(text_at(p, "files/2/specification"), "/sys/kernel/\\xfe");
	assert_int_equal(json_array_size(at(p, "files/2/files_copied")), 0);
	assert_string_equal(text_at(p, "files/2/status"), "omitted");
	assert_string_equal(text_at(p, "files/2/kind"), "absent");
	assert_string_equal(text_at(p, "files/2/reason"), "no symbol");
	json_decref(json);
}

static void test_failed_and_skipped(void **state)
{
	struct vr_manifest *manifest = vr_manifest_new();
	struct vr_manifest_plugin *slow = vr_manifest_enabled(manifest, "slow");
	struct vr_manifest_plugin *dead = vr_manifest_enabled(manifest, "dead");
	json_t *json;

	(void)state;
	vr_manifest_plugin_end(slow, "timeout", "timed out after 300 s", 0, 300);
	vr_manifest_plugin_end(dead, "failed", "killed by SIGSEGV", 0, 1);
	vr_manifest_disabled(manifest, "zfs", "inactive: no symbol spa_namespace_avl");
	vr_manifest_disabled(manifest, "cpu", "excluded");
	json = manifest_read(manifest);
	assert_true(json_is_true(at(json, "components/report/plugins/slow/timeout_hit")));
	assert_true(json_is_false(at(json, "components/report/plugins/dead/timeout_hit")));
	assert_string_equal(text_at(json, "components/report/plugins/dead/reason"),
			    "killed by SIGSEGV");
	assert_string_equal(text_at(json, "components/report/disabled_plugins/0"), "zfs");
	assert_string_equal(text_at(json, "components/report/disabled_plugins/1"), "cpu");
	assert_string_equal(text_at(json, "components/report/skipped_plugins/cpu"), "excluded");
	json_decref(json);
}

static void fill_all(struct vr_manifest *manifest)
{
	fill_plugin(vr_manifest_enabled(manifest, "procfs"));
	vr_manifest_plugin_note(vr_manifest_enabled(manifest, "bad"), "a\nb\x1b");
	vr_manifest_disabled(manifest, "cpu", "excluded");
	vr_manifest_other(manifest, "proc/dma", "procfs", "none", "the machine had no such file",
			  "", 0);
	vr_manifest_other(manifest, "var/crash/x/vmcore-dmesg.txt", "", "ok", "", "beside", 7);
}

/* What sos's readers look for. */
static void test_sos_fields(void **state)
{
	static const char *const report_keys[] = {
		"sysroot",          "preset",          "profiles",
		"priority",         "devices",         "enabled_plugins",
		"disabled_plugins", "skipped_plugins", "plugins_not_loaded",
		"plugins",          "tag_summary"};
	static const char *const command_keys[] = {
		"command",  "parameters", "exec",     "filepath", "truncated", "return_code",
		"priority", "start_time", "end_time", "run_time", "tags"};
	struct vr_manifest *manifest = vr_manifest_new();
	json_t *json, *p;

	(void)state;
	vr_manifest_set_limits(manifest, 300, -5);
	fill_all(manifest);
	json = manifest_read(manifest);
	p = at(json, "components/report");
	for (size_t i = 0; i < sizeof(report_keys) / sizeof(report_keys[0]); i++)
		at(p, report_keys[i]);
	assert_int_equal(json_integer_value(at(p, "priority/niceness")), -5);
	assert_string_equal(text_at(p, "tag_summary/dmesg/0"), "sos_commands/kernel/dmesg");
	assert_string_equal(text_at(p, "tag_summary/vmcore_dmesg/0"),
			    "var/crash/x/vmcore-dmesg.txt");
	p = at(p, "plugins/procfs");
	assert_int_equal(json_integer_value(at(p, "timeout")), 300);
	assert_int_equal(json_array_size(at(p, "commands")), 1);
	p = at(p, "commands/0");
	for (size_t i = 0; i < sizeof(command_keys) / sizeof(command_keys[0]); i++)
		at(p, command_keys[i]);
	assert_int_equal(json_object_size(p), sizeof(command_keys) / sizeof(command_keys[0]));
	assert_string_equal(text_at(p, "exec"), "dmesg");
	assert_string_equal(text_at(p, "filepath"), "sos_commands/kernel/dmesg");
	assert_true(json_is_true(at(p, "truncated")));
	json_decref(json);
}

static json_t *read_text(char *(*write)(const struct vr_manifest *))
{
	struct vr_manifest *manifest = vr_manifest_new();
	VR_FREE char *text = NULL;
	json_t *json;

	fill_all(manifest);
	text = write(manifest);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	vr_manifest_free(manifest);
	return json;
}

static void test_coverage(void **state)
{
	json_t *json = read_text(vr_coverage_text), *p;

	(void)state;
	assert_int_equal(json_integer_value(at(json, "summary/ok")), 2);
	assert_int_equal(json_integer_value(at(json, "summary/partial")), 1);
	assert_int_equal(json_integer_value(at(json, "summary/omitted")), 1);
	assert_int_equal(json_integer_value(at(json, "summary/none")), 1);
	assert_int_equal(json_array_size(at(json, "paths")), 5);
	p = at(json, "paths/0");
	assert_string_equal(text_at(p, "path"), "proc/meminfo");
	assert_string_equal(text_at(p, "plugin"), "procfs");
	assert_string_equal(text_at(p, "source"), "vm_stat");
	assert_int_equal(json_integer_value(at(p, "bytes")), 1391);
	assert_null(json_object_get(p, "reason"));
	p = at(json, "paths/2");
	assert_string_equal(text_at(p, "path"), "sys/kernel/\\xfe");
	assert_string_equal(text_at(p, "kind"), "absent");
	assert_string_equal(text_at(p, "reason"), "no symbol");
	assert_string_equal(text_at(json, "paths/3/status"), "none");
	assert_string_equal(text_at(json, "paths/4/source"), "beside");
	json_decref(json);
}

static void test_sos_json(void **state)
{
	json_t *json = read_text(vr_sos_json_text);

	(void)state;
	assert_int_equal(json_array_size(json), 2);
	assert_string_equal(text_at(json, "0/0"), "bad"); /* by name */
	assert_string_equal(text_at(json, "1/1/commands/0/name"), "dmesg");
	assert_int_equal(json_integer_value(at(json, "1/1/commands/0/return_code")), 0);
	assert_string_equal(text_at(json, "1/1/commands/0/href"), "../sos_commands/kernel/dmesg");
	assert_int_equal(json_array_size(at(json, "1/1/copied_files")), 1);
	assert_string_equal(text_at(json, "1/1/copied_files/0/name"), "/proc/meminfo");
	assert_string_equal(text_at(json, "1/1/alerts/0"), "panicked");
	json_decref(json);
}

static void test_sos_text(void **state)
{
	struct vr_manifest *manifest = vr_manifest_new();
	VR_FREE char *text = NULL;

	(void)state;
	fill_all(manifest);
	text = vr_sos_text(manifest);
	assert_string_equal(text, "Loaded Plugins:\n  bad  procfs\n"
				  "====================================================="
				  "===================\nbad\n-  notes:\n  * a\\x0ab\\x1b\n"
				  "====================================================="
				  "===================\nprocfs\n-  commands executed:\n  * dmesg\n"
				  "-  files copied:\n  * /proc/meminfo\n-  alerts:\n  ! panicked\n"
				  "-  notes:\n  * tainted\n  * old\n");
	vr_manifest_free(manifest);
}

static char *sample_text(void)
{
	struct vr_manifest *manifest = vr_manifest_new();
	char *text;

	vr_manifest_set_times(manifest, 1, 2);
	fill_plugin(vr_manifest_enabled(manifest, "a"));
	fill_plugin(vr_manifest_enabled(manifest, "b"));
	text = vr_manifest_text(manifest);
	vr_manifest_free(manifest);
	return text;
}

static void test_same_text(void **state)
{
	VR_FREE char *first = sample_text();
	VR_FREE char *second = sample_text();

	(void)state;
	assert_non_null(first);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "\n    \"version\": \"\",\n"));
}

static void test_null(void **state)
{
	struct vr_file_record file = {.path = "a"};

	(void)state;
	vr_manifest_set(NULL, "a", "b");
	vr_manifest_set_times(NULL, 0, 1);
	vr_manifest_dump_string(NULL, "a", "b");
	vr_manifest_dump_number(NULL, "a", 1);
	assert_null(vr_manifest_enabled(NULL, "a"));
	vr_manifest_disabled(NULL, "a", "b");
	vr_manifest_plugin_end(NULL, "ok", "", 0, 1);
	vr_manifest_plugin_file(NULL, &file);
	vr_manifest_plugin_alert(NULL, "a");
	vr_manifest_plugin_note(NULL, "a");
	assert_null(vr_manifest_text(NULL));
	vr_manifest_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),       cmocka_unit_test(test_times),
		cmocka_unit_test(test_plugin),    cmocka_unit_test(test_failed_and_skipped),
		cmocka_unit_test(test_same_text), cmocka_unit_test(test_sos_fields),
		cmocka_unit_test(test_coverage),  cmocka_unit_test(test_sos_json),
		cmocka_unit_test(test_sos_text),  cmocka_unit_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
