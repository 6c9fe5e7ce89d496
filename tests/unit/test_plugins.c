// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <vmcore-report/plugin.h>

#include "plugin/names.h"
#include "plugin/option.h"
#include "plugin/pathset.h"
#include "plugin/plugins.h"

static void collect(struct vr_run *run, struct vr_program *prog)
{
	(void)run;
	(void)prog;
}

/* This test is a plugin as well: so that discovery has something to find. */
VR_PLUGIN(.name = "registered", .description = "of this test", .collect = collect)

static const struct vr_plugin tasks = {
	.file = "../plugins/tasks.c", .default_enabled = true, .collect = collect};
static const struct vr_plugin dmesg = {
	.file = "dmesg.c", .default_enabled = true, .collect = collect};
static const struct vr_plugin slab = {.file = "slab_info.c", .collect = collect};
static const struct vr_plugin locks = {
	.file = "locks.c", .default_enabled = true, .experimental = true, .collect = collect};

static const struct vr_plugin *const all[] = {&tasks, NULL, &dmesg, &slab, NULL, &locks};

static void setup(struct vr_plugins *plugins)
{
	struct vr_error err;

	assert_int_equal(vr_plugins_from(all, 6, plugins, &err), VR_OK);
	assert_int_equal(plugins->count, 4);
}

static const char *reason(const struct vr_plugins *plugins, const char *name)
{
	for (size_t i = 0; i < plugins->count; i++)
		if (strcmp(plugins->entries[i].name, name) == 0)
			return plugins->entries[i].skip_reason ? plugins->entries[i].skip_reason
							       : "runs";
	return "unknown";
}

static void discovery_finds_what_was_registered(void **state)
{
	struct vr_plugins plugins;
	struct vr_error err;

	(void)state;
	assert_int_equal(vr_plugins_discover(&plugins, &err), VR_OK);
	assert_int_equal(plugins.count, 1);
	assert_string_equal(plugins.entries[0].name, "registered");
	assert_true(plugins.entries[0].plugin->default_enabled);
	assert_int_equal(plugins.entries[0].plugin->api, VR_PLUGIN_API);
	vr_plugins_free(&plugins);
}

static void plugins_are_sorted_and_named_after_their_files(void **state)
{
	static const char *const names[] = {"dmesg", "locks", "slab_info", "tasks"};
	struct vr_plugins plugins;

	(void)state;
	setup(&plugins);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(plugins.entries[i].name, names[i]);
	vr_plugins_free(&plugins);
}

static void names_from_files(void **state)
{
	static const char *const cases[][2] = {
		{"tasks.c", "tasks"},
		{"/a/b/net-dev.c", "net_dev"},
		{"PanicSummary.c", "panic_summary"},
		{"x86Regs.so.1", "x86_regs"},
		{"BTF.c", "btf"},
		{"noending", "noending"},
	};
	char buf[VR_PLUGIN_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(vr_plugin_name_from_file(cases[i][0], buf, sizeof(buf)),
				    cases[i][1]);
	assert_false(vr_plugin_name_ok(""));
	assert_false(vr_plugin_name_ok("../x"));
	assert_false(vr_plugin_name_ok("9lives"));
	assert_false(vr_plugin_name_ok("with blank"));
	assert_false(vr_plugin_name_ok(
		"a_name_that_is_much_longer_than_any_plugin_has_a_reason_to_be_called"));
}

static void bad_descriptors_are_named(void **state)
{
	static const struct vr_plugin idle = {.file = "idle.c"};
	static const struct vr_plugin twin = {
		.file = "other/tasks.c", .default_enabled = true, .collect = collect};
	static const struct vr_plugin odd = {.file = "odd.c", .name = "../odd", .collect = collect};
	const struct vr_plugin *list[2] = {&idle, NULL};
	struct vr_plugins plugins;
	struct vr_error err;

	(void)state;
	assert_int_equal(vr_plugins_from(list, 2, &plugins, &err), VR_CORRUPT);
	assert_non_null(strstr(err.text, "idle"));
	list[0] = &odd;
	assert_int_equal(vr_plugins_from(list, 2, &plugins, &err), VR_CORRUPT);
	assert_non_null(strstr(err.text, "../odd"));
	list[0] = &tasks;
	list[1] = &twin;
	assert_int_equal(vr_plugins_from(list, 2, &plugins, &err), VR_CORRUPT);
	assert_non_null(strstr(err.text, "other/tasks.c"));
}

static void select_ok(struct vr_plugins *plugins, const struct vr_selection *selection)
{
	struct vr_error err;

	assert_int_equal(vr_plugins_select(plugins, selection, NULL, NULL, &err), VR_OK);
}

static void by_default_optional_and_experimental_ones_stay_out(void **state)
{
	struct vr_selection selection = {0};
	struct vr_plugins plugins;

	(void)state;
	setup(&plugins);
	select_ok(&plugins, &selection);
	assert_string_equal(reason(&plugins, "tasks"), "runs");
	assert_string_equal(reason(&plugins, "slab_info"), "optional");
	assert_string_equal(reason(&plugins, "locks"), "experimental");
	selection.experimental = true;
	select_ok(&plugins, &selection);
	assert_string_equal(reason(&plugins, "locks"), "runs");
	vr_plugins_free(&plugins);
}

static void precedence_is_that_of_sos(void **state)
{
	const char *only[] = {"tasks", "slab_info.depth", "locks"}, *skip[] = {"tasks", "dmesg"};
	const char *enable[] = {"dmesg", "slab_info", "locks"};
	struct vr_selection selection = {
		.only = only, .only_count = 3, .skip = skip, .skip_count = 2};
	struct vr_plugins plugins;

	(void)state;
	setup(&plugins);
	select_ok(&plugins, &selection);
	/* not specified comes before skipped, and to be asked for beats optional and experimental
	 */
	assert_string_equal(reason(&plugins, "dmesg"), "not specified");
	assert_string_equal(reason(&plugins, "tasks"), "skipped");
	assert_string_equal(reason(&plugins, "slab_info"), "runs");
	assert_string_equal(reason(&plugins, "locks"), "runs");
	selection = (struct vr_selection){
		.enable = enable, .enable_count = 3, .skip = skip, .skip_count = 2};
	select_ok(&plugins, &selection);
	assert_string_equal(reason(&plugins, "dmesg"), "skipped");
	assert_string_equal(reason(&plugins, "slab_info"), "runs");
	assert_string_equal(reason(&plugins, "locks"), "runs");
	vr_plugins_free(&plugins);
}

static void count_unknown(void *arg, const char *name)
{
	assert_string_equal(name, "nosuch");
	++*(int *)arg;
}

static void unknown_names(void **state)
{
	const char *typo[] = {"taks"}, *part[] = {"slab"}, *nothing[] = {"zzzzzz"};
	const char *skip[] = {"nosuch"};
	struct vr_selection selection = {.only = typo, .only_count = 1};
	struct vr_plugins plugins;
	struct vr_error err;
	int count = 0;

	(void)state;
	setup(&plugins);
	assert_int_equal(vr_plugins_select(&plugins, &selection, NULL, NULL, &err), VR_ABSENT);
	assert_string_equal(err.text, "Requested plugin 'taks' not found. Did you mean: tasks?");
	selection.only = part;
	assert_int_equal(vr_plugins_select(&plugins, &selection, NULL, NULL, &err), VR_ABSENT);
	assert_non_null(strstr(err.text, "slab_info"));
	selection = (struct vr_selection){.enable = nothing, .enable_count = 1};
	assert_int_equal(vr_plugins_select(&plugins, &selection, NULL, NULL, &err), VR_ABSENT);
	assert_non_null(strstr(err.text, "--list-plugins"));
	selection = (struct vr_selection){.skip = skip, .skip_count = 1};
	assert_int_equal(vr_plugins_select(&plugins, &selection, count_unknown, &count, &err),
			 VR_OK);
	assert_int_equal(count, 1);
	vr_plugins_free(&plugins);
}

static void edit_distances(void **state)
{
	(void)state;
	assert_int_equal(vr_edit_distance("tasks", "tasks"), 0);
	assert_int_equal(vr_edit_distance("taks", "tasks"), 1);
	assert_int_equal(vr_edit_distance("tsaks", "tasks"), 1);
	assert_int_equal(vr_edit_distance("", "tasks"), 5);
	assert_int_equal(vr_edit_distance("dmesg", ""), 5);
	assert_int_equal(vr_edit_distance("kitten", "sitting"), 3);
}

static void paths_are_files_or_folders_never_both(void **state)
{
	struct vr_pathset set = {0};
	uint32_t owner = 0;

	(void)state;
	assert_int_equal(vr_pathset_claim(&set, "a/b/c", 1, &owner), VR_CLAIM_OK);
	assert_int_equal(vr_pathset_claim(&set, "a/b/d", 2, &owner), VR_CLAIM_OK);
	assert_int_equal(vr_pathset_claim(&set, "a/b/c", 2, &owner), VR_CLAIM_TAKEN);
	assert_int_equal(owner, 1);
	assert_int_equal(vr_pathset_claim(&set, "a/b", 3, &owner), VR_CLAIM_FOLDER);
	assert_int_equal(vr_pathset_claim(&set, "a/b/d/e/f", 4, &owner), VR_CLAIM_UNDER);
	assert_int_equal(owner, 2);
	/* what was refused left nothing behind */
	assert_int_equal(vr_pathset_claim(&set, "a/bb", 3, &owner), VR_CLAIM_OK);
	assert_int_equal(vr_pathset_claim(&set, "b/c", 3, &owner), VR_CLAIM_OK);
	vr_pathset_free(&set);
}

static void many_paths(void **state)
{
	struct vr_pathset set = {0};
	char path[64];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 20000; i++) {
			snprintf(path, sizeof(path), "proc/%d/task/%d/status", i % 500, i);
			assert_int_equal(vr_pathset_claim(&set, path, 1, NULL),
					 round ? VR_CLAIM_TAKEN : VR_CLAIM_OK);
		}
	vr_pathset_free(&set);
}

/* ---- Options ---- */

static const struct vr_plugin_option options[] = {
	{.name = "all-of-it", .description = "more", .kind = VR_OPTION_BOOL},
	{.name = "depth", .kind = VR_OPTION_NUMBER, .value = "3"},
	{.name = "word", .kind = VR_OPTION_TEXT, .value = "x y"},
	{NULL},
};
static const struct vr_plugin choosy = {
	.file = "choosy.c", .default_enabled = true, .collect = collect, .options = options};

static char unused[256];

static void on_unused(void *arg, const char *name)
{
	assert_ptr_equal(arg, unused);
	strcat(unused, name);
	strcat(unused, ";");
}

/* What setting these comes to: "ok", or the error's text. */
static const char *set(struct vr_plugins *plugins, const char *a, const char *b)
{
	const char *const list[] = {a, b};
	static struct vr_error err;

	return vr_plugins_set_options(plugins, list, b ? 2 : 1, false, on_unused, unused, &err) ==
			       VR_OK
		       ? "ok"
		       : err.text;
}

static const char *value(const struct vr_plugins *plugins, size_t i)
{
	static char buf[24];
	const struct vr_option_value *values = plugins->entries[0].values;

	return vr_option_print(&options[i], values ? &values[i] : NULL, buf);
}

static void options_are_set(void **state)
{
	static const struct vr_plugin *const list[] = {&choosy, &tasks};
	struct vr_plugins plugins;
	struct vr_error err;

	(void)state;
	assert_int_equal(vr_plugins_from(list, 2, &plugins, &err), VR_OK);
	assert_string_equal(value(&plugins, 0), "off");
	assert_string_equal(value(&plugins, 1), "3");
	assert_string_equal(value(&plugins, 2), "x y");
	assert_string_equal(set(&plugins, "choosy.all-of-it", "choosy.depth=-70"), "ok");
	assert_string_equal(value(&plugins, 0), "on");
	assert_string_equal(value(&plugins, 1), "-70");
	assert_string_equal(set(&plugins, " choosy.word = a=b.c", "choosy.all-of-it=No"), "ok");
	assert_string_equal(value(&plugins, 0), "off");
	assert_string_equal(value(&plugins, 1), "-70");
	assert_string_equal(value(&plugins, 2), "a=b.c");
	assert_string_equal(set(&plugins, "choosy.word=", NULL), "ok");
	assert_string_equal(value(&plugins, 2), "");
	assert_string_equal(set(&plugins, "tasks.timeout=7", "choosy.timeout=-1"), "ok");
	assert_int_equal(plugins.entries[0].timeout, 0);
	assert_int_equal(plugins.entries[1].timeout, 7);
	vr_plugins_free(&plugins);
}

static void options_that_can_not_be_set(void **state)
{
	static const struct vr_plugin *const list[] = {&choosy, &tasks, &slab};
	static const char *const cases[][2] = {
		{"choosy.depths=3", "no such option \"depths\" for plugin (choosy)"},
		{"tasks.depth=3", "no such option \"depth\" for plugin (tasks)"},
		{"choosy.=3", "no such option \"\" for plugin (choosy)"},
		{"nosuch.depth=3",
		 "unable to set option for disabled or non-existing plugin (nosuch)"},
		{"choosy", "plugin option 'choosy' is not of the form plugin.option=value"},
		{"a=b.c", "plugin option 'a=b.c' is not of the form plugin.option=value"},
		{"choosy.depth", "Plugin option 'choosy.depth' takes integer values, not ''"},
		{"choosy.word", "Plugin option 'choosy.word' takes a string, not ''"},
		{"choosy.depth=3x", "Plugin option 'choosy.depth' takes integer values, not '3x'"},
		{"choosy.depth=99999999999999999999",
		 "Plugin option 'choosy.depth' takes integer values, not '99999999999999999999'"},
		{"choosy.all-of-it=1", "Plugin option 'choosy.all-of-it' takes boolean true/false "
				       "(on/off, etc), not '1'"},
		{"tasks.timeout=0", "Plugin option 'tasks.timeout' takes integer values from 1 to "
				    "604800, or -1, not '0'"},
		{"tasks.timeout", "Plugin option 'tasks.timeout' takes integer values from 1 to "
				  "604800, or -1, not ''"},
	};
	static const struct vr_selection none = {0};
	struct vr_plugins plugins;
	struct vr_error err;

	(void)state;
	assert_int_equal(vr_plugins_from(list, 3, &plugins, &err), VR_OK);
	assert_int_equal(vr_plugins_select(&plugins, &none, NULL, NULL, &err), VR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(set(&plugins, cases[i][0], NULL), cases[i][1]);
	assert_string_equal(unused, "");
	/* A plugin that won't run has no use for its options. */
	assert_string_equal(set(&plugins, "slab_info.timeout=3", "slab_info.timeout=4"), "ok");
	assert_string_equal(unused, "slab_info;");
	/* Options that several programs share. */
	assert_int_equal(vr_plugins_set_options(&plugins, (const char *const[]){"rpm.rpmva=off"}, 1,
						true, NULL, NULL, &err),
			 VR_OK);
	vr_plugins_free(&plugins);
}

static void options_must_be_declared_well(void **state)
{
	static struct vr_plugin_option many[65];
	static const struct vr_plugin_option cases[][3] = {
		{{.name = "Up"}},
		{{.name = ""}},
		{{.name = "a b"}},
		{{.name = "timeout", .kind = VR_OPTION_NUMBER}},
		{{.name = "x", .kind = (enum vr_option_kind)3}},
		{{.name = "x", .kind = VR_OPTION_BOOL, .value = "3"}},
		{{.name = "x", .kind = VR_OPTION_NUMBER, .value = "off"}},
		{{.name = "x"}, {.name = "x"}},
	};
	struct vr_plugin plugin = choosy;
	const struct vr_plugin *const list[] = {&plugin};
	struct vr_plugins plugins;
	struct vr_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plugin.options = cases[i];
		assert_int_equal(vr_plugins_from(list, 1, &plugins, &err), VR_CORRUPT);
		assert_non_null(strstr(err.text, "plugin `choosy` (choosy.c): "));
	}
	/* A list without an end. */
	for (size_t i = 0; i < 65; i++)
		many[i].name = "x";
	plugin.options = many;
	assert_int_equal(vr_plugins_from(list, 1, &plugins, &err), VR_CORRUPT);
	assert_non_null(strstr(err.text, "has no end"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(discovery_finds_what_was_registered),
		cmocka_unit_test(plugins_are_sorted_and_named_after_their_files),
		cmocka_unit_test(names_from_files),
		cmocka_unit_test(bad_descriptors_are_named),
		cmocka_unit_test(by_default_optional_and_experimental_ones_stay_out),
		cmocka_unit_test(precedence_is_that_of_sos),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(edit_distances),
		cmocka_unit_test(paths_are_files_or_folders_never_both),
		cmocka_unit_test(many_paths),
		cmocka_unit_test(options_are_set),
		cmocka_unit_test(options_that_can_not_be_set),
		cmocka_unit_test(options_must_be_declared_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
