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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
