// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bits.h"
#include "cli/config.h"

#define TEST(name) static void name(void **state __attribute__((unused)))

static struct vr_options got, line;
static struct vr_error err;
static char path[] = "/tmp/test-config-XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* What the file says, with nothing on the command line. */
static enum vr_err read_text(const char *text)
{
	write_file(text);
	vr_options_free(&got);
	vr_options_init(&got);
	return vr_config_read(&got, path, true, &err);
}

static enum vr_err parse(int argc, char **argv)
{
	vr_options_free(&line);
	vr_options_init(&line);
	return vr_options_parse(&line, argc, argv, &err);
}

/* The file's text, and the command line over it. */
#define LOAD(text, ...)                                                                            \
	({                                                                                         \
		char *argv_[] = {(char[]){"prog"}, __VA_ARGS__};                                   \
		assert_int_equal(parse((int)VR_ARRAY_SIZE(argv_), argv_), VR_OK);                  \
		assert_int_equal(read_text(text), VR_OK);                                          \
		assert_int_equal(vr_options_merge(&got, &line, &err), VR_OK);                      \
	})
#define A(text)                                                                                    \
	(char[])                                                                                   \
	{                                                                                          \
		text                                                                               \
	}

static void assert_list(const struct vr_list *list, const char *joined)
{
	char text[512] = "";

	for (size_t i = 0; i < list->count; i++) {
		strcat(text, i ? "," : "");
		strcat(text, list->items[i]);
	}
	assert_string_equal(text, joined);
}

TEST(both_sections_count_and_the_second_wins)
{
	assert_int_equal(read_text("# of this machine\n"
				   "; all of it\n"
				   "[report]\n"
				   "threads = 99\n"
				   "label = nobody\n"
				   "[global]\n"
				   "threads = 3\n"
				   "Batch = YES\n"
				   "skip-plugins = a,\n"
				   "   b, c\n"
				   "verbose = 2\n"
				   "[vmcore-report]\n"
				   "threads = 5\n"
				   "compression_type = gzip\n"
				   "name = a label; with # these\n"),
			 VR_OK);
	assert_int_equal(got.threads, 5);
	assert_true(got.batch);
	assert_int_equal(got.verbose, 2);
	assert_list(&got.skip, "a,b,c");
	assert_int_equal(got.compression, VR_CHOICE_GZIP);
	assert_string_equal(got.label, "alabel;with#these");
	assert_list(&got.notices, "");
}

TEST(lists_of_the_later_section_replace)
{
	assert_int_equal(read_text("[global]\nonly-plugins = a,b\n[vmcore-report]\n"
				   "only_plugins = c\nvmcore = /a,b\ndebuginfo-dirs = /x,/y\n"),
			 VR_OK);
	assert_list(&got.only, "c");
	assert_int_equal(got.vmcore.count, 1);
	assert_int_equal(got.debuginfo_dirs.count, 2);
}

TEST(long_lines_are_whole)
{
	char text[2000] = "[global]\nskip-plugins = ";
	size_t start = strlen(text);

	for (unsigned i = 0; i < 200; i++)
		sprintf(text + strlen(text), "p%03u,", i);
	assert_int_equal(read_text(strcat(text, "\n")), VR_OK);
	assert_int_equal(got.skip.count, 200);
	assert_string_equal(got.skip.items[199], "p199");
	assert_int_equal(text[start], 'p');
}

TEST(what_makes_no_sense)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"[global]\nbatch = perhaps\n",
		 "Value of 'batch' must be True or False or analogous"},
		{"[global]\nbatch =\n", "Value of 'batch' must be True or False or analogous"},
		{"[global]\nthreads = x\n",
		 "argument --threads: 'x' is not a number from 1 to 256"},
		{"[global]\nverbose = -1\n",
		 "argument --verbose: '-1' is not a number from 0 to 9"},
		{"[vmcore-report]\ncompression-type = zip\n",
		 "argument --compression-type: invalid choice: 'zip'"},
		{"[global\nbatch = on\n", "line 1: No closing bracket"},
		{"[global]\nbatch\n", "line 2"},
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		assert_int_equal(read_text(cases[i].text), VR_CORRUPT);
		assert_non_null(strstr(err.text, cases[i].said));
		assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
	}
}

TEST(unknown_keys_are_told)
{
	assert_int_equal(read_text("[global]\nno-such-key = 1\nhelp = on\nlist-plugins = on\n"
				   "[vmcore-report]\nsysroot = /x\ntmp-dir =\n"),
			 VR_OK);
	assert_list(&got.notices, "Unknown option 'no_such_key' in section 'global',"
				  "Unknown option 'help' in section 'global',"
				  "Unknown option 'list_plugins' in section 'global',"
				  "Unknown option 'sysroot' in section 'vmcore-report'");
	assert_false(got.help || got.list_plugins);
	assert_null(got.tmp_dir);
}

TEST(files_with_nothing_in_them)
{
	assert_int_equal(read_text(""), VR_OK);
	assert_int_equal(read_text("\n"), VR_OK);
	assert_int_equal(read_text("# nothing\n"), VR_OK);
	assert_int_equal(read_text("[global]\n"), VR_OK);
	assert_int_equal(vr_config_read(&got, "/dev/null", false, &err), VR_OK);
	assert_int_equal(got.notices.count, 0);
}

TEST(files_that_can_not_be_read)
{
	char said[256];

	vr_options_free(&got);
	vr_options_init(&got);
	assert_int_equal(vr_config_read(&got, "/no/such", true, &err), VR_OK);
	assert_int_equal(got.notices.count, 0);
	assert_int_equal(vr_config_read(&got, "/no/such", false, &err), VR_OK);
	snprintf(said, sizeof(said), "WARNING: Unable to read configuration file /no/such : %s",
		 "No such file or directory");
	assert_list(&got.notices, said);
}

TEST(options_of_plugins)
{
	LOAD("[plugin_options]\nrpm.rpmva = off\ntasks.word = a b, c\n[vmcore-report]\n"
	     "plugin-option = x.a=1,x.b=2\n",
	     A("-k"), A("x.b=3,x.c=4"));
	assert_int_equal(got.shared_options.count, 2);
	assert_string_equal(got.shared_options.items[1], "tasks.word=a b, c");
	assert_list(&got.plugin_options, "x.a=1,x.b=3,x.c=4");
}

TEST(the_command_line_wins)
{
	static const char text[] = "[global]\nthreads = 3\nlabel = l\nbuild = on\nverbose = 2\n"
				   "compression-type = gzip\nvmcore = /conf\ndebuginfo-dir = /d\n";

	LOAD(text, A("--batch"));
	assert_int_equal(got.threads, 3);
	assert_string_equal(got.label, "l");
	assert_true(got.build && got.batch);
	assert_list(&got.vmcore, "/conf");
	LOAD(text, A("-t"), A("7"), A("--name=n"), A("-v"), A("-z"), A("auto"), A("--vmcore"),
	     A("/line"), A("--debuginfo-dir=/e"));
	assert_int_equal(got.threads, 7);
	assert_string_equal(got.label, "n");
	assert_int_equal(got.verbose, 1);
	assert_int_equal(got.compression, VR_CHOICE_AUTO);
	assert_list(&got.vmcore, "/line");
	assert_list(&got.debuginfo_dirs, "/e");
}

/* -e, -o and -n on the command line, against each of them in the file. */
TEST(selection_is_merged_as_sos_does)
{
	static const char text[] = "[global]\nonly-plugins = o1,x\nenable-plugins = e1,x\n"
				   "skip-plugins = s1,x\n";

	LOAD(text, A("-n"), A("s2"));
	assert_list(&got.only, "o1,x");
	assert_list(&got.enable, "e1,x");
	assert_list(&got.skip, "s1,x,s2");
	LOAD(text, A("-n"), A("x"));
	assert_list(&got.only, "o1");
	assert_list(&got.enable, "e1");
	assert_list(&got.skip, "s1,x");
	LOAD(text, A("-e"), A("x,e2"));
	assert_list(&got.only, "o1");
	assert_list(&got.enable, "e1,x,e2");
	assert_list(&got.skip, "s1");
	LOAD(text, A("-o"), A("x"));
	assert_list(&got.only, "x");
	assert_list(&got.enable, "e1");
	assert_list(&got.skip, "s1");
	LOAD(text, A("--plugins"), A("new"), A("-n"), A("e1"));
	assert_list(&got.only, "new");
	assert_list(&got.enable, "x");
	assert_list(&got.skip, "s1,x,e1");
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	vr_options_free(&got);
	vr_options_free(&line);
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sections_count_and_the_second_wins),
		cmocka_unit_test(lists_of_the_later_section_replace),
		cmocka_unit_test(long_lines_are_whole),
		cmocka_unit_test(what_makes_no_sense),
		cmocka_unit_test(unknown_keys_are_told),
		cmocka_unit_test(files_with_nothing_in_them),
		cmocka_unit_test(files_that_can_not_be_read),
		cmocka_unit_test(options_of_plugins),
		cmocka_unit_test(the_command_line_wins),
		cmocka_unit_test(selection_is_merged_as_sos_does),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
