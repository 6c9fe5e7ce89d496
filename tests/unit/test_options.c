// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

#define TEST(name) static void name(void **state __attribute__((unused)))

static struct vr_options got;
static struct vr_error err;

static enum vr_err parse(int argc, char **argv)
{
	vr_options_free(&got);
	vr_options_init(&got);
	return vr_options_parse(&got, argc, argv, &err);
}

#define PARSE(...)                                                                                 \
	({                                                                                         \
		char *argv_[] = {(char[]){"prog"}, __VA_ARGS__, NULL};                             \
		parse((int)(sizeof(argv_) / sizeof(argv_[0])) - 1, argv_);                         \
	})
#define A(text)                                                                                    \
	(char[])                                                                                   \
	{                                                                                          \
		text                                                                               \
	}

TEST(defaults)
{
	assert_int_equal(PARSE(A("--vmcore"), A("x")), VR_OK);
	assert_int_equal(got.vmcore.count, 1);
	assert_string_equal(got.vmcore.items[0], "x");
	assert_int_equal(PARSE(A("--vmcore"), A("a,b"), A("--vmcore=c")), VR_OK);
	assert_int_equal(got.vmcore.count, 2);
	assert_string_equal(got.vmcore.items[0], "a,b");
	assert_string_equal(got.vmcore.items[1], "c");
	assert_int_equal(got.plugin_timeout, 300);
	assert_true(got.threads >= 1);
	assert_int_equal(got.compression, VR_CHOICE_AUTO);
	assert_null(got.label);
	assert_false(got.build || got.batch || got.quiet || got.experimental);
}

TEST(commands_written_for_sos)
{
	assert_int_equal(PARSE(A("vmcore-report"), A("--vmcore=x"), A("--only-plugins"), A("a,b")),
			 VR_OK);
	assert_string_equal(got.vmcore.items[0], "x");
	assert_int_equal(got.only.count, 2);
	assert_int_equal(PARSE(A("vmcore"), A("--batch"), A("-q"), A("-vv"), A("--build")), VR_OK);
	assert_true(got.batch && got.quiet && got.build);
	assert_int_equal(got.verbose, 2);
}

TEST(lists_add_up_and_are_split)
{
	assert_int_equal(PARSE(A("-o"), A("a,,b"), A("--plugins"), A("c"), A("-n"), A("d"), A("-e"),
			       A("e,f"), A("--debuginfo-dir"), A("/x,/y"), A("--debuginfo-dir=/z")),
			 VR_OK);
	assert_int_equal(got.only.count, 3);
	assert_string_equal(got.only.items[1], "b");
	assert_string_equal(got.only.items[2], "c");
	assert_int_equal(got.skip.count, 1);
	assert_int_equal(got.enable.count, 2);
	assert_int_equal(got.debuginfo_dirs.count, 3);
}

TEST(options_of_plugins)
{
	assert_int_equal(PARSE(A("-k"), A("a.b=c,d.e"), A("--plugin-option=f.g=h"), A("--plugopts"),
			       A("i.j=k=l")),
			 VR_OK);
	assert_int_equal(got.plugin_options.count, 4);
	assert_string_equal(got.plugin_options.items[1], "d.e");
	assert_string_equal(got.plugin_options.items[3], "i.j=k=l");
}

TEST(the_last_of_a_single_value_counts)
{
	assert_int_equal(PARSE(A("--label"), A("one"), A("--label"), A("two"), A("-t"), A("3")),
			 VR_OK);
	assert_string_equal(got.label, "two");
	assert_int_equal(got.threads, 3);
}

TEST(choices)
{
	static const char *const names[] = {"auto", "gzip", "xz", "none", "zstd"};

	for (unsigned i = 0; i < 5; i++) {
		char value[16];

		snprintf(value, sizeof(value), "%s", names[i]);
		assert_int_equal(PARSE(A("-z"), value), VR_OK);
		assert_int_equal(got.compression, i);
	}
	assert_int_equal(PARSE(A("-z"), A("zip")), VR_CORRUPT);
	assert_string_equal(err.text, "argument --compression-type: invalid choice: 'zip' (one of "
				      "auto|gzip|xz|none|zstd)");
	assert_int_equal(PARSE(A("-z"), A("")), VR_CORRUPT);
	assert_int_equal(PARSE(A("-z"), A("xz|none")), VR_CORRUPT);
}

TEST(numbers)
{
	static const char *const bad[] = {"0",  "-1", "x",  "",
					  "1x", " 1", "+1", "99999999999999999999"};

	for (size_t i = 0; i < 8; i++) {
		char value[32];

		snprintf(value, sizeof(value), "%s", bad[i]);
		assert_int_equal(PARSE(A("--plugin-timeout"), value), VR_CORRUPT);
		assert_non_null(strstr(err.text, "is not a number from 1 to"));
	}
	assert_int_equal(PARSE(A("--plugin-timeout"), A("5")), VR_OK);
	assert_int_equal(got.plugin_timeout, 5);
}

TEST(wrong_usage_is_named)
{
	assert_int_equal(PARSE(A("--nosuch")), VR_CORRUPT);
	assert_string_equal(err.text, "unrecognized arguments: --nosuch");
	assert_int_equal(PARSE(A("-X")), VR_CORRUPT);
	assert_string_equal(err.text, "unrecognized arguments: -X");
	assert_int_equal(PARSE(A("--vmcore")), VR_CORRUPT);
	assert_string_equal(err.text, "argument --vmcore: expected one argument");
	assert_int_equal(PARSE(A("-o")), VR_CORRUPT);
	assert_string_equal(err.text, "argument -o: expected one argument");
	assert_int_equal(PARSE(A("--build=yes")), VR_CORRUPT);
	assert_int_equal(PARSE(A("/var/crash/vmcore")), VR_CORRUPT);
	assert_non_null(strstr(err.text, "/var/crash/vmcore (a dump is given with --vmcore)"));
}

TEST(folders_of_plugins_and_new_ones)
{
	assert_int_equal(PARSE(A("--plugin-dir"), A("a,b"), A("--plugin-dir=c")), VR_OK);
	assert_int_equal(got.plugin_dirs.count, 2);
	assert_string_equal(got.plugin_dirs.items[0], "a,b");
	assert_null(got.new_plugin);
	assert_int_equal(PARSE(A("--new-plugin"), A("mine"), A("--python")), VR_OK);
	assert_string_equal(got.new_plugin, "mine");
	assert_true(got.python);
	assert_int_equal(PARSE(A("--plugin-dir")), VR_CORRUPT);
}

TEST(options_that_make_no_sense_for_a_dump)
{
	assert_int_equal(PARSE(A("--sysroot"), A("/x")), VR_CORRUPT);
	assert_string_equal(err.text, "argument --sysroot is not for crash dumps: nothing of this "
				      "system is collected");
	assert_int_equal(PARSE(A("--since=20260101")), VR_CORRUPT);
	assert_non_null(
		strstr(err.text, "--since is not for crash dumps: a dump is of one moment"));
	assert_int_equal(PARSE(A("-a")), VR_CORRUPT);
	assert_int_equal(PARSE(A("-p"), A("network")), VR_CORRUPT);
	assert_non_null(strstr(err.text, "there are no presets and profiles"));
}

TEST(help_fits_and_names_every_option)
{
	static const char *const options[] = {"--vmcore PATH", "-o, --only-plugins LIST",
					      "-z, --compression-type auto|gzip|xz|none|zstd",
					      "--plugin-timeout SECONDS", "--version"};
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	vr_options_help(out);
	fclose(out);
	for (size_t i = 0; i < 5; i++)
		assert_non_null(strstr(text, options[i]));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 100);
}

static int teardown(void **state)
{
	(void)state;
	vr_options_free(&got);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(commands_written_for_sos),
		cmocka_unit_test(lists_add_up_and_are_split),
		cmocka_unit_test(options_of_plugins),
		cmocka_unit_test(the_last_of_a_single_value_counts),
		cmocka_unit_test(choices),
		cmocka_unit_test(numbers),
		cmocka_unit_test(wrong_usage_is_named),
		cmocka_unit_test(folders_of_plugins_and_new_ones),
		cmocka_unit_test(options_that_make_no_sense_for_a_dump),
		cmocka_unit_test(help_fits_and_names_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
