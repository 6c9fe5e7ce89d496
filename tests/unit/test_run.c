// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_program.h"
#include "plugin/option.h"
#include "plugin/run.h"

/* What the sink got, as text: one line a call. */
struct record {
	char text[16384];
	char action[256];
};

static void add(struct record *r, const char *fmt, ...) VR_PRINTF(2, 3);

static void add(struct record *r, const char *fmt, ...)
{
	size_t len = strlen(r->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text + len, sizeof(r->text) - len, fmt, ap);
	va_end(ap);
}

static void sink_file(void *arg, const struct vr_file_record *f, const void *data, size_t len)
{
	static const char *const names[] = {"ok", "partial", "omitted"};

	assert_true(f->ms >= 0);
	if (f->status == VR_FILE_OMITTED)
		assert_null(data);
	else
		assert_int_equal(f->bytes, len);
	add(arg, "%s %s", f->path, names[f->status]);
	if (f->kind != VR_OK)
		add(arg, " %s: %s", vr_err_name(f->kind), f->reason);
	else
		assert_string_equal(f->reason, "");
	if (f->rows_dropped)
		add(arg, " -%d", (int)f->rows_dropped);
	if (f->source[0])
		add(arg, " from %s", f->source);
	if (data)
		add(arg, " [%.*s]", (int)len, (const char *)data);
	add(arg, "\n");
}

static void sink_message(void *arg, enum vr_message_kind kind, const char *text)
{
	static const char *const names[] = {"WARN", "ERROR", "ALERT", "NOTE", "HEADLINE"};

	add(arg, "%s %s\n", names[kind], text);
}

static void sink_action(void *arg, const char *text)
{
	struct record *r = arg;

	snprintf(r->action, sizeof(r->action), "%s", text);
}

static struct record got;
static struct vr_run_result result;

/* What the user has set, for the next run. */
static const struct vr_option_value *options_set;
static struct vr_run_wishes wishes;

static void run(const struct vr_plugin *plugin)
{
	struct vr_sink sink = {.file = sink_file,
			       .message = sink_message,
			       .action = sink_action,
			       .options = options_set,
			       .wishes = wishes,
			       .arg = &got};
	struct vr_program *prog = fake_program();
	struct vr_scope *outermost = prog->scope;

	memset(&got, 0, sizeof(got));
	vr_run_plugin(plugin, "tester", prog, &sink, &result);
	/* whatever the plugin did, its scopes are gone */
	assert_ptr_equal(prog->scope, outermost);
	assert_int_equal(outermost->error.kind, VR_OK);
}

static void run_collect(void (*collect)(struct vr_run *run, struct vr_program *prog))
{
	struct vr_plugin plugin = {.file = "tester.c", .collect = collect};

	run(&plugin);
}

#define TEST(name) static void name(void **state __attribute__((unused)))
#define COLLECT(name)                                                                              \
	static void name(struct vr_run *run __attribute__((unused)),                               \
			 struct vr_program *prog __attribute__((unused)))

COLLECT(collect_plain)
{
	struct vr_file *f = vr_file_new(run, "a.txt");

	assert_string_equal(got.action, "file plugins/tester/a.txt");
	vr_printf(f, "%d+%d\n", 1, 2);
	vr_puts(f, "x");
	vr_write(f, "yz", 2);
	vr_file_source(f, "init_%s", "task");
	assert_int_equal(vr_file_end(f), VR_OK);
	assert_string_equal(got.action, "collect");
	f = vr_file_new_at(run, "sos_commands/kernel/dmesg");
	assert_int_equal(vr_file_end(f), VR_OK);
}

TEST(plain_files)
{
	run_collect(collect_plain);
	assert_string_equal(got.text, "plugins/tester/a.txt ok from init_task [1+2\nxyz]\n"
				      "sos_commands/kernel/dmesg ok []\n");
	assert_int_equal(result.error.kind, VR_OK);
	assert_false(result.inactive);
}

COLLECT(collect_failing)
{
	struct vr_file *f = vr_file_new(run, "bad");

	vr_puts(f, "half");
	vr_latch(prog, VR_FAULT, "no page");
	assert_int_equal(vr_file_end(f), VR_FAULT);
	/* the next file is another scope */
	f = vr_file_new(run, "good");
	assert_false(vr_failed(prog));
	vr_puts(f, "whole");
	assert_int_equal(vr_file_end(f), VR_OK);
}

TEST(a_failed_read_omits_its_file_only)
{
	run_collect(collect_failing);
	assert_string_equal(got.text, "plugins/tester/bad omitted fault: no page\n"
				      "plugins/tester/good ok [whole]\n");
	assert_int_equal(result.error.kind, VR_OK);
}

static void rows(struct vr_run *run, struct vr_program *prog, const char *name, int count, int bad)
{
	struct vr_file *f = vr_file_new(run, name);

	vr_puts(f, "head\n");
	for (int i = 0; i < count; i++) {
		vr_row_begin(f);
		vr_printf(f, "row %d", i);
		if (bad & 1 << i)
			vr_latch(prog, VR_CORRUPT, "row %d is bad", i);
		vr_printf(f, " end\n");
		assert_int_equal(vr_row_end(f), !(bad & 1 << i));
	}
	vr_file_end(f);
}

COLLECT(collect_rows)
{
	rows(run, prog, "all", 2, 0);
	rows(run, prog, "some", 3, 6);
	rows(run, prog, "none", 2, 3);
}

TEST(rows_are_dropped_and_counted)
{
	run_collect(collect_rows);
	assert_string_equal(
		got.text,
		"plugins/tester/all ok [head\nrow 0 end\nrow 1 end\n]\n"
		"plugins/tester/some partial corrupt: 2 of 3 rows dropped, the first: row 1 is bad "
		"-2 [head\nrow 0 end\n]\n"
		"plugins/tester/none omitted corrupt: row 0 is bad -2\n");
}

COLLECT(collect_cuts)
{
	struct vr_file *f = vr_file_new(run, "cut");

	vr_row_begin(f);
	vr_puts(f, "one");
	vr_cut(prog, VR_CORRUPT, "list is a ring");
	vr_row_end(f);
	vr_cut(prog, VR_LIMIT, "too long");
	vr_file_end(f);
	f = vr_file_new(run, "empty");
	vr_cut(prog, VR_FAULT, "no first element");
	vr_file_end(f);
}

TEST(a_walk_that_was_cut_makes_the_file_partial)
{
	run_collect(collect_cuts);
	assert_string_equal(got.text,
			    "plugins/tester/cut partial corrupt: 2 parts are missing, the first: "
			    "list is a ring [one]\n"
			    "plugins/tester/empty omitted fault: no first element\n");
}

COLLECT(collect_paths)
{
	static const char *const bad[] = {"../../x", "", "a//b", "/etc/passwd", "new\nline"};

	for (size_t i = 0; i < 5; i++)
		assert_int_equal(vr_write_text(run, bad[i], "text"), VR_CORRUPT);
	assert_int_equal(vr_file_end(vr_file_new_at(run, "/abs")), VR_CORRUPT);
	assert_int_equal(vr_write_text(run, "twice", "1"), VR_OK);
	assert_int_equal(vr_write_text(run, "twice", "2"), VR_CORRUPT);
	assert_int_equal(vr_write_text(run, "twice/below", "3"), VR_CORRUPT);
}

TEST(bad_and_repeated_paths_are_refused)
{
	run_collect(collect_paths);
	assert_non_null(strstr(got.text, "plugins/tester/../../x omitted corrupt: bad path"));
	assert_non_null(strstr(got.text, "plugins/tester/twice ok [1]\n"
					 "plugins/tester/twice omitted corrupt: path already "
					 "written by this plugin\n"));
	assert_null(strstr(got.text, "[text]"));
}

COLLECT(collect_retry)
{
	struct vr_file *f = vr_file_new(run, "f");

	vr_latch(prog, VR_FAULT, "first way fails");
	vr_file_end(f);
	vr_write_text(run, "f", "second way");
}

TEST(a_path_that_was_omitted_may_be_tried_again)
{
	run_collect(collect_retry);
	assert_non_null(strstr(got.text, "plugins/tester/f ok [second way]\n"));
}

COLLECT(collect_nested)
{
	struct vr_file *a = vr_file_new(run, "a"), *b;

	vr_puts(a, "a1 ");
	vr_row_begin(a);
	b = vr_file_new(run, "b");
	vr_puts(b, "b");
	vr_latch(prog, VR_FAULT, "b is bad");
	vr_file_end(b);
	vr_puts(a, "a2");
	assert_true(vr_row_end(a));
	vr_file_end(a);
}

TEST(files_nest)
{
	run_collect(collect_nested);
	assert_string_equal(got.text, "plugins/tester/b omitted fault: b is bad\n"
				      "plugins/tester/a ok [a1 a2]\n");
}

COLLECT(collect_careless)
{
	struct vr_file *a = vr_file_new(run, "a"), *b = vr_file_new(run, "b");

	vr_puts(b, "b");
	vr_row_begin(b);
	/* the outer one first, and then use of what was ended for us */
	assert_int_equal(vr_file_end(a), VR_OK);
	vr_puts(b, "more");
	vr_row_begin(b);
	assert_false(vr_row_end(b));
	vr_file_end(b);
	a = vr_file_new(run, "c");
	vr_row_begin(a);
	vr_row_begin(a);
	vr_puts(a, "row");
	vr_row_end(a);
	assert_false(vr_row_end(a));
	vr_file_new(run, "d");
}

TEST(a_careless_plugin_harms_itself_only)
{
	run_collect(collect_careless);
	assert_string_equal(got.text,
			    "plugins/tester/b omitted corrupt: the plugin did not end the file\n"
			    "plugins/tester/a ok []\n"
			    "ERROR plugins/tester/d was not ended\n"
			    "plugins/tester/d omitted corrupt: the plugin did not end the file\n"
			    "ERROR plugins/tester/c was not ended\n"
			    "plugins/tester/c omitted corrupt: the plugin did not end the file\n");
}

COLLECT(collect_whole)
{
	const char *lines[] = {"one", "two"};
	struct vr_json *json = vr_json_object();

	vr_json_set_int(json, "n", 1);
	vr_write_json(run, "j", json);
	vr_write_lines(run, "l", lines, 2);
	/* what was read for a file before it began was read in the scope around it */
	vr_cut(prog, VR_LIMIT, "many");
	vr_write_text(run, "t", "text");
	vr_latch(prog, VR_FAULT, "gone");
	vr_write_json(run, "k", vr_json_array());
	vr_omit(run, "proc/kcore", VR_UNSUPPORTED, "not %s", "here");
}

TEST(whole_files_answer_for_what_was_read_before)
{
	run_collect(collect_whole);
	assert_string_equal(got.text, "plugins/tester/j ok [{\n  \"n\": 1\n}\n]\n"
				      "plugins/tester/l ok [one\ntwo\n]\n"
				      "plugins/tester/t partial limit: incomplete: many [text]\n"
				      "plugins/tester/k omitted fault: gone\n"
				      "proc/kcore omitted unsupported: not here\n");
	assert_int_equal(result.error.kind, VR_FAULT);
	assert_string_equal(result.error.text, "gone");
}

COLLECT(collect_messages)
{
	vr_warn(run, "w%d", 1);
	vr_fail(run, "f");
	vr_alert(run, "a");
	vr_note(run, "n");
	vr_headline(run, "h");
}

TEST(messages)
{
	run_collect(collect_messages);
	assert_string_equal(got.text, "WARN w1\nERROR f\nALERT a\nNOTE n\nHEADLINE h\n");
}

static void inactive(const struct vr_plugin *plugin, const char *why)
{
	run(plugin);
	assert_true(result.inactive);
	assert_string_equal(result.error.text, why);
	assert_string_equal(got.text, "");
}

TEST(needs_give_precise_reasons)
{
	static const struct {
		const char *needs[3];
		const char *why;
	} cases[] = {
		{{"symbol:init_task", "symbol:nvme_subsystems"}, "no symbol `nvme_subsystems`"},
		{{"symbol:nosuch|neither"}, "no symbol `nosuch|neither`"},
		{{"type:struct rq"}, "no type `struct rq`"},
		{{"member:struct task_struct.gone"}, "no member `gone` in `struct task_struct`"},
		{{"member:struct rq.curr"}, "no type `struct rq`"},
		{{"member:nodot"}, "malformed need `member:nodot`"},
		{{"what:ever"}, "malformed need `what:ever`"},
	};
	static const char *const met[] = {"symbol:rq|runqueues", "type:u64",
					  "member:struct task_struct.__state|state", NULL};
	struct vr_plugin plugin = {.collect = collect_messages, .needs = met};

	for (size_t i = 0; i < 7; i++) {
		plugin.needs = cases[i].needs;
		inactive(&plugin, cases[i].why);
	}
	plugin.needs = met;
	run(&plugin);
	assert_false(result.inactive);
}

static bool check_no(struct vr_run *run __attribute__((unused)),
		     struct vr_program *prog __attribute__((unused)))
{
	return false;
}

static bool check_failing(struct vr_run *run __attribute__((unused)), struct vr_program *prog)
{
	vr_latch(prog, VR_FAULT, "can't look");
	return true;
}

TEST(check_enabled_decides)
{
	struct vr_plugin plugin = {.collect = collect_messages, .check_enabled = check_no};

	inactive(&plugin, "nothing to do on this dump");
	plugin.check_enabled = check_failing;
	inactive(&plugin, "can't look");
}

static int order;

COLLECT(setup_first)
{
	assert_int_equal(order++, 0);
	vr_latch(prog, VR_FAULT, "in setup");
}

COLLECT(collect_second)
{
	assert_int_equal(order++, 1);
	assert_false(vr_failed(prog));
	vr_latch(prog, VR_FAULT, "in collect");
}

TEST(setup_runs_before_collect)
{
	struct vr_plugin plugin = {.collect = collect_second, .setup = setup_first};

	order = 0;
	run(&plugin);
	assert_int_equal(order, 2);
	assert_string_equal(result.error.text, "in setup");
}

static const struct vr_plugin_option options[] = {
	{.name = "loud", .kind = VR_OPTION_BOOL},
	{.name = "all", .kind = VR_OPTION_BOOL, .value = "on"},
	{.name = "depth", .kind = VR_OPTION_NUMBER, .value = "-3"},
	{.name = "word", .kind = VR_OPTION_TEXT, .value = "hello"},
	{NULL},
};

COLLECT(collect_options)
{
	struct vr_file *f = vr_file_new(run, "o");

	vr_printf(f, "%d %d %lld %s", vr_option_bool(run, "loud"), vr_option_bool(run, "all"),
		  (long long)vr_option_number(run, "depth"), vr_option_text(run, "word"));
	vr_file_end(f);
}

static bool check_loud(struct vr_run *run, struct vr_program *prog __attribute__((unused)))
{
	return vr_option_bool(run, "loud");
}

TEST(options_have_their_defaults_or_what_was_set)
{
	static const struct vr_option_value set[] = {{.is_set = true, .number = 1, .text = ""},
						     {.text = ""},
						     {.text = ""},
						     {.is_set = true, .text = "bye"}};
	struct vr_plugin plugin = {.collect = collect_options, .options = options};

	run(&plugin);
	assert_string_equal(got.text, "plugins/tester/o ok [0 1 -3 hello]\n");
	plugin.check_enabled = check_loud;
	run(&plugin);
	assert_true(result.inactive);
	options_set = set;
	run(&plugin);
	assert_string_equal(got.text, "plugins/tester/o ok [1 1 -3 bye]\n");
	options_set = NULL;
}

TEST(options_that_are_none_are_the_plugins_mistake)
{
	struct vr_plugin plugin = {.collect = collect_options};

	run(&plugin);
	assert_non_null(strstr(got.text, "ERROR asked for an option that it does not declare: "
					 "depth\n"));
	assert_non_null(strstr(got.text, "plugins/tester/o ok [0 0 0 ]\n"));
}

COLLECT(collect_three)
{
	assert_int_equal(vr_write_text(run, "a.txt", "a"), VR_OK);
	assert_int_equal(vr_write_text(run, "b.txt", "b"), VR_OK);
	vr_file_end(vr_file_new_at(run, "proc/x/maps"));
}

TEST(files_that_are_not_wanted)
{
	static const char *const patterns[] = {"plugins/*/b*", "/proc/*"};
	struct vr_plugin plugin = {.collect = collect_three};

	wishes = (struct vr_run_wishes){.skip_files = patterns, .skip_file_count = 2};
	run(&plugin);
	assert_string_equal(got.text,
			    "plugins/tester/a.txt ok [a]\n"
			    "plugins/tester/b.txt omitted limit: skipped "
			    "(--skip-files plugins/*/b*)\n"
			    "proc/x/maps omitted limit: skipped (--skip-files /proc/*)\n");
	wishes = (struct vr_run_wishes){0};
}

TEST(a_dry_run_collects_nothing)
{
	struct vr_plugin plugin = {.collect = collect_three, .setup = setup_first};

	wishes.dry_run = true;
	order = 0;
	run(&plugin);
	assert_false(result.inactive);
	assert_string_equal(got.text, "");
	assert_int_equal(order, 0);
	plugin.check_enabled = check_no;
	run(&plugin);
	assert_true(result.inactive);
	wishes = (struct vr_run_wishes){0};
}

static int made; /* how often contents were */

/* A file whose contents depend on id: rows of which one is dropped, and a walk that was cut. */
static void share(struct vr_run *run, struct vr_program *prog, const char *path, uint64_t id)
{
	struct vr_copy_key key = {.of = &made, .id = {id}};
	struct vr_file *f = vr_file_new(run, path);

	if (!vr_file_use_copy(run, f, &key)) {
		made++;
		vr_file_source(f, "thing %d", (int)id);
		vr_row_begin(f);
		vr_printf(f, "row of %d", (int)id);
		vr_row_end(f);
		vr_row_begin(f);
		vr_latch(prog, VR_FAULT, "no page");
		vr_row_end(f);
		if (id == 3)
			vr_latch(prog, VR_CORRUPT, "no such thing");
	}
	vr_file_end(f);
}

COLLECT(collect_sharing)
{
	share(run, prog, "a", 1);
	share(run, prog, "b", 2);
	share(run, prog, "c", 1);
	assert_int_equal(made, 2);
	/* nothing is kept of what is not in the archive */
	share(run, prog, "d", 3);
	share(run, prog, "e", 3);
	assert_int_equal(made, 4);
	share(run, prog, "f", 2);
	assert_int_equal(made, 4);
}

TEST(files_of_the_same_contents_are_made_once)
{
	made = 0;
	run_collect(collect_sharing);
#define DROPPED " partial fault: 1 of 2 rows dropped, the first: no page -1 from thing "
#define OMITTED " omitted corrupt: no such thing -1 from thing 3\n"
	assert_string_equal(got.text, "plugins/tester/a" DROPPED "1 [row of 1]\n"
				      "plugins/tester/b" DROPPED "2 [row of 2]\n"
				      "plugins/tester/c" DROPPED "1 [row of 1]\n"
				      "plugins/tester/d" OMITTED "plugins/tester/e" OMITTED
				      "plugins/tester/f" DROPPED "2 [row of 2]\n");
}

COLLECT(collect_many_shared)
{
	static char body[100000];

	memset(body, 'x', sizeof(body));
	for (int round = 0; round < 2; round++) {
		for (uint64_t id = 0; id < 300; id++) {
			struct vr_copy_key key = {.of = &made, .id = {id, 0, id}};
			char path[32];
			struct vr_file *f;

			snprintf(path, sizeof(path), "%d/%d", round, (int)id);
			f = vr_file_new(run, path);
			if (!vr_file_use_copy(run, f, &key)) {
				made++;
				vr_write(f, body, id < 100 ? sizeof(body) : 1);
			}
			vr_file_end(f);
		}
	}
}

TEST(what_is_kept_has_bounds)
{
	made = 0;
	run_collect(collect_many_shared);
	/* the oldest have gone before they are asked for again, each time */
	assert_int_equal(made, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_files),
		cmocka_unit_test(a_failed_read_omits_its_file_only),
		cmocka_unit_test(rows_are_dropped_and_counted),
		cmocka_unit_test(a_walk_that_was_cut_makes_the_file_partial),
		cmocka_unit_test(bad_and_repeated_paths_are_refused),
		cmocka_unit_test(a_path_that_was_omitted_may_be_tried_again),
		cmocka_unit_test(files_nest),
		cmocka_unit_test(a_careless_plugin_harms_itself_only),
		cmocka_unit_test(whole_files_answer_for_what_was_read_before),
		cmocka_unit_test(messages),
		cmocka_unit_test(needs_give_precise_reasons),
		cmocka_unit_test(check_enabled_decides),
		cmocka_unit_test(setup_runs_before_collect),
		cmocka_unit_test(files_that_are_not_wanted),
		cmocka_unit_test(a_dry_run_collects_nothing),
		cmocka_unit_test(options_have_their_defaults_or_what_was_set),
		cmocka_unit_test(options_that_are_none_are_the_plugins_mistake),
		cmocka_unit_test(files_of_the_same_contents_are_made_once),
		cmocka_unit_test(what_is_kept_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
