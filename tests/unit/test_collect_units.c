// SPDX-License-Identifier: GPL-2.0-or-later
/* Plugins that work in units, one of which may kill its worker, and files written more than once. */
#include "collect_run.h"
#include "plugin/run.h"

static volatile uintptr_t nowhere = 8;

static void crash(void)
{
	*(volatile int *)nowhere = 1;
}

static void write_unit(struct vr_run *run, unsigned i, void (*act)(void))
{
	char path[32], text[32];
	struct vr_file *f;

	if (!vr_run_unit(run))
		return;
	snprintf(path, sizeof(path), "proc/%u", i);
	snprintf(text, sizeof(text), "unit %u\n", i);
	f = vr_file_new_at(run, path);
	vr_puts(f, text);
	if (act)
		act();
	vr_file_end(f);
}

PLUGIN(units)
{
	for (unsigned i = 1; i <= 9; i++)
		write_unit(run, i, i == 3 || i == 4 || i == 9 ? crash : NULL);
	vr_run_unit_end(run);
}

TEST(a_unit_that_crashes_costs_only_itself)
{
	if (VR_SANITIZED)
		skip();
	RUN(&units);
	assert_int_equal(got.kind, VR_OK);
	for (unsigned i = 1; i <= 9; i++) {
		char path[32], text[32];

		snprintf(path, sizeof(path), "proc/%u", i);
		snprintf(text, sizeof(text), "unit %u\n", i);
		if (i == 3 || i == 4 || i == 9) {
			assert_no_member(path);
			snprintf(text, sizeof(text), "/proc/%u", i);
			assert_omitted("units", text, "was killed by SIGSEGV");
		} else {
			assert_member(path, text);
		}
	}
	assert_plugin("units", "partial", "3 of its files ended the worker that wrote them");
	assert_int_equal(got.result.files_ok, 6);
	assert_int_equal(got.result.files_omitted, 3);
}

PLUGIN(all_units_crash)
{
	for (unsigned i = 1; i <= 1000; i++)
		write_unit(run, i, crash);
	vr_run_unit_end(run);
}

TEST(a_plugin_of_crashes_has_a_bound)
{
	if (VR_SANITIZED)
		skip();
	RUN(&all_units_crash);
	assert_int_equal(got.kind, VR_OK);
	assert_plugin("all_units_crash", "failed", "was killed by SIGSEGV");
	assert_int_equal(got.result.plugins_failed, 1);
}

PLUGIN(crash_behind_units)
{
	write_unit(run, 1, NULL);
	vr_run_unit_end(run);
	crash();
}

TEST(a_crash_outside_of_units_is_the_end)
{
	if (VR_SANITIZED)
		skip();
	RUN(&crash_behind_units);
	assert_member("proc/1", "unit 1\n");
	assert_plugin("crash_behind_units", "failed", "was killed by SIGSEGV");
}

static void put(struct vr_run *run, const char *path, const char *text,
		enum vr_file_writing writing)
{
	vr_write_file(run, path, text, strlen(text), writing, NULL);
}

PLUGIN(rewriter)
{
	put(run, "sys/a", "one", VR_WRITE_REPLACE);
	put(run, "sys/b", "first\n", VR_WRITE_APPEND);
	put(run, "sys/a", "two", VR_WRITE_REPLACE);
	put(run, "sys/b", "second\n", VR_WRITE_APPEND);
	put(run, "sys/c", "gone", VR_WRITE_NEW);
	put(run, "sys/c", "here", VR_WRITE_REPLACE);
	put(run, "sys/c", " too", VR_WRITE_APPEND);
	put(run, "sys/d", "kept", VR_WRITE_NEW);
	put(run, "sys/d", "refused", VR_WRITE_NEW);
	put(run, "../out", "refused", VR_WRITE_REPLACE);
}

TEST(a_file_may_be_written_anew_and_go_on)
{
	RUN(&rewriter);
	assert_int_equal(got.kind, VR_OK);
	assert_member("sys/a", "two");
	assert_member("sys/b", "first\nsecond\n");
	assert_member("sys/c", "here too");
	assert_member("sys/d", "kept");
	assert_plugin("rewriter", "ok", "");
	assert_int_equal(got.result.files_ok, 4);
	assert_int_equal(got.result.files_omitted, 2);
}

PLUGIN(raiser)
{
	vr_write_text(run, "a.txt", "before");
	vr_run_failed(run, "raised an exception in collect()");
}

TEST(a_plugin_that_says_that_it_failed)
{
	RUN(&raiser);
	assert_member("plugins/raiser/a.txt", "before");
	assert_plugin("raiser", "failed", "raised an exception in collect()");
	assert_string_equal(got.notices,
			    "Plugin raiser failed: it raised an exception in collect()\n");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_unit_that_crashes_costs_only_itself), T(a_plugin_of_crashes_has_a_bound),
		T(a_crash_outside_of_units_is_the_end),   T(a_file_may_be_written_anew_and_go_on),
		T(a_plugin_that_says_that_it_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
