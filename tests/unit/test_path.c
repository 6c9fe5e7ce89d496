// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/path.h"

static void test_good_paths(void **state)
{
	static const char *const good[] = {
		"version.txt",
		"proc/1/status",
		"sys/devices/pci0000:00/0000:00:1f.2/class",
		"sos_commands/process/ps_auxwww",
		"a b/c\\d",
		"...",
		".hidden/..x",
		"plugins/caf\xc3\xa9",
		"raw/\xff\xfe",
		"proc/irq/7/-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(vr_path_check(good[i]));
}

static void test_bad_paths(void **state)
{
	static const char *const bad[] = {
		"",     "/",       "/etc/passwd", "..",   "../x",  "a/../b",   "a/..", ".",
		"./a",  "a/./b",   "a/.",         "a//b", "a/",    "//",       "a\nb", "a/\x1b[",
		"\x7f", "a\x01/b", "x\xc2\x9bm",  "\t",   "a/b\r", "\xc2\x80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!vr_path_check(bad[i]))
			fail_msg("\"%s\" was accepted", bad[i]);
}

static void test_limits(void **state)
{
	char path[5000];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[255] = '\0';
	assert_null(vr_path_check(path));
	path[255] = 'a';
	path[256] = '\0';
	assert_non_null(vr_path_check(path));

	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 100 == 50 ? '/' : 'a';
	path[4000] = '\0';
	assert_null(vr_path_check(path));
	path[4000] = 'a';
	path[4001] = '\0';
	assert_non_null(vr_path_check(path));

	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? '/' : 'a';
	path[255] = '\0';
	assert_null(vr_path_check(path));
	path[255] = '/';
	path[257] = '\0';
	assert_non_null(vr_path_check(path));
}

static void check_letters(const char *name)
{
	size_t len = strlen(name);

	assert_true(len > 8);
	assert_int_equal(name[len - 8], '-');
	for (size_t i = len - 7; i < len; i++)
		assert_in_range(name[i], 'a', 'z');
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(vr_path_matches("proc/1/maps", "proc/*/maps"));
	assert_true(vr_path_matches("proc/1/maps", "/proc/1/maps"));
	assert_true(vr_path_matches("proc/1/task/2/maps", "/proc/*/maps"));
	assert_true(vr_path_matches("proc/12", "proc/[0-9]?"));
	assert_false(vr_path_matches("proc/1/maps", "proc/1"));
	assert_false(vr_path_matches("proc/1/maps", "maps"));
	assert_false(vr_path_matches("proc/1/maps", "proc/[!1]/*"));
	assert_false(vr_path_matches("proc/1/maps", ""));
}

static void name_it(char *buf, size_t size, const char *nodename, const char *label, time_t when)
{
	vr_archive_name(
		buf, size,
		&(struct vr_archive_naming){.nodename = nodename, .label = label, .when = when});
}

static void check_name(const char *nodename, const char *label, const char *start)
{
	char name[256];

	vr_archive_name(name, sizeof(name),
			&(struct vr_archive_naming){
				.nodename = nodename, .label = label, .when = 1795414766});
	check_letters(name);
	name[strlen(name) - 8] = '\0';
	assert_string_equal(name, start);
	assert_null(vr_path_check(name));
}

static void test_name(void **state)
{
	char name[256];

	(void)state;
	setenv("TZ", "UTC", 1);
	check_name("box.example.com", NULL, "sosvmcore-box-2026-11-23");
	check_name("box", "db", "sosvmcore-box-db-2026-11-23");
	check_name("box", "case-0.1", "sosvmcore-box-case-0.1-2026-11-23");
	check_name("", NULL, "sosvmcore-localhost-2026-11-23");
	check_name(NULL, "", "sosvmcore-localhost-2026-11-23");
	check_name("(none)", NULL, "sosvmcore-none-2026-11-23");
	check_name("../../etc", NULL, "sosvmcore-localhost-2026-11-23");
	check_name("a/b\n\x1b[31m\xc3\xa9", "x/../y", "sosvmcore-ab31m-x..y-2026-11-23");
	vr_archive_name(name, sizeof(name),
			&(struct vr_archive_naming){.nodename = "box.example.com",
						    .label = "db",
						    .case_id = "01/234",
						    .sosreport = true,
						    .when = 1795414766});
	name[strlen(name) - 8] = '\0';
	assert_string_equal(name, "sosreport-box-db-01234-2026-11-23");
	/* The date is local. */
	setenv("TZ", "XXX-24", 1);
	check_name("box", NULL, "sosvmcore-box-2026-11-24");
	setenv("TZ", "UTC", 1);
}

static void test_names_differ(void **state)
{
	char a[256], b[256];

	(void)state;
	name_it(a, sizeof(a), "box", NULL, 0);
	name_it(b, sizeof(b), "box", NULL, 0);
	assert_string_not_equal(a, b);
}

static void test_name_sizes(void **state)
{
	char long_text[1000], name[256];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	name_it(name, sizeof(name), long_text, long_text, 0);
	assert_true(strlen(name) <= 190);
	check_letters(name);
	vr_archive_name(name, sizeof(name),
			&(struct vr_archive_naming){
				.nodename = long_text, .label = long_text, .case_id = long_text});
	assert_in_range(strlen(name), 180, 192);
	check_letters(name);
	for (size_t size = 0; size < 200; size++) {
		memset(name, '!', sizeof(name));
		name_it(name, size, long_text, "label", 0);
		assert_int_equal(name[size], '!');
		if (size) {
			assert_true(strnlen(name, size) < size);
		}
		if (size > 40)
			check_letters(name);
	}
}

static void test_name_times(void **state)
{
	static const time_t odd[] = {-1, 0, INT64_MAX, INT64_MIN, 253402300800, -99999999999999};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		char name[256];
		int year, month, day;

		name_it(name, sizeof(name), "box", NULL, odd[i]);
		assert_int_equal(sscanf(name, "sosvmcore-box-%4d-%2d-%2d-", &year, &month, &day),
				 3);
		assert_in_range(year, 1969, 9999);
		check_letters(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_paths), cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_name),       cmocka_unit_test(test_names_differ),
		cmocka_unit_test(test_name_sizes), cmocka_unit_test(test_name_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
