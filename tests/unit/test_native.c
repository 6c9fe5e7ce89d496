// SPDX-License-Identifier: GPL-2.0-or-later
/* Descriptors of other versions, names that two plugins want, and where things are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/places.h"
#include "plugin/host.h"
#include "plugin/native.h"

#define TEST(name) static void name(void **state __attribute__((unused)))

static void collect(struct vr_run *run, struct vr_program *prog)
{
	(void)run;
	(void)prog;
}

static const struct vr_host *place;

/* What VR_PLUGIN() makes elsewhere. */
static struct vr_plugin good(void)
{
	return (struct vr_plugin){.size = sizeof(struct vr_plugin),
				  .api = VR_PLUGIN_API,
				  .host_size = sizeof(struct vr_host),
				  .host = &place,
				  .name = "good",
				  .default_enabled = true,
				  .collect = collect};
}

static struct vr_plugin seen;
static struct vr_error err;

static enum vr_err check(const void *descriptor, size_t available, const struct vr_native_abi *abi)
{
	memset(&err, 0, sizeof(err));
	memset(&seen, 0xff, sizeof(seen));
	return vr_native_check(descriptor, available, abi, &seen, &err);
}

TEST(one_of_this_version)
{
	struct vr_plugin plugin = good();

	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_OK);
	assert_memory_equal(&seen, &plugin, sizeof(plugin));
	/* More room than is claimed is no matter. */
	assert_int_equal(check(&plugin, sizeof(plugin) + 64, &vr_native_abi_now), VR_OK);
}

/* A program that knows a field and two functions more than the plugin. */
TEST(one_of_an_earlier_minor_version)
{
	struct vr_native_abi later = vr_native_abi_now;
	struct vr_plugin plugin = good();

	later.api += 2;
	later.host_size += 2 * sizeof(void *);
	/* As if what follows `needs` had come later. */
	later.size_min = plugin.size = offsetof(struct vr_plugin, default_enabled);
	plugin.host_size = 200;
	assert_int_equal(check(&plugin, plugin.size, &later), VR_OK);
	assert_true(seen.collect == collect);
	assert_false(seen.default_enabled); /* what it doesn't have is zero */
	plugin.size--;
	assert_int_equal(check(&plugin, sizeof(plugin), &later), VR_CORRUPT);
}

TEST(one_of_a_later_minor_version)
{
	struct {
		struct vr_plugin now;
		uint64_t more[4];
	} plugin = {.now = good(), .more = {1, 2, 3, 4}};

	plugin.now.size = sizeof(plugin);
	plugin.now.api++;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_OK);
	assert_string_equal(seen.name, "good");
	plugin.now.host_size += 5 * sizeof(void *);
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_UNSUPPORTED);
	assert_string_equal(err.text, "made for plugin API 1.2, which has 5 functions more than "
				      "1.1, this vmcore-report's");
}

TEST(other_major_versions)
{
	struct vr_plugin plugin = good();

	plugin.api = 2 << 16;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_UNSUPPORTED);
	assert_string_equal(err.text, "made for plugin API 2.0; this vmcore-report has 1.1");
	/* Of another major version nothing else is looked at. */
	plugin.size = 0;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_UNSUPPORTED);
}

TEST(nonsense)
{
	struct vr_plugin plugin = good();
	size_t n;

	for (n = 0; n < sizeof(plugin); n++)
		assert_int_equal(check(&plugin, n, &vr_native_abi_now), VR_CORRUPT);
	plugin.size = SIZE_MAX;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_CORRUPT);
	plugin = good();
	plugin.host = NULL;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_CORRUPT);
	plugin = good();
	plugin.collect = NULL;
	assert_int_equal(check(&plugin, sizeof(plugin), &vr_native_abi_now), VR_CORRUPT);
	assert_string_equal(err.text, "it has no collect function");
}

TEST(the_table_is_full)
{
	const void *const *functions =
		(const void *const *)((const char *)&vr_host_table +
				      offsetof(struct vr_host, vr_error_set));
	size_t count = (sizeof(struct vr_host) - offsetof(struct vr_host, vr_error_set)) / 8;

	assert_int_equal(vr_host_table.size, sizeof(struct vr_host));
	assert_int_equal(vr_host_table.api, VR_PLUGIN_API);
	assert_true(count >= 110);
	for (size_t i = 0; i < count; i++)
		assert_non_null(functions[i]);
}

/* ---- One name, two plugins ---- */

static void add(struct vr_plugins *plugins, const char *name, const char *path, unsigned rank)
{
	struct vr_plugin_entry entry = {.rank = rank, .language = VR_PLUGIN_NATIVE};
	struct vr_plugin *plugin = malloc(sizeof(*plugin));

	*plugin = good();
	plugin->name = name;
	entry.plugin = plugin;
	entry.block = plugin;
	entry.path = strdup(path);
	assert_int_equal(vr_plugins_add(plugins, &entry, &err), VR_OK);
}

TEST(the_folder_that_is_searched_first_wins)
{
	static const struct vr_plugin builtin = {
		.name = "tasks", .default_enabled = true, .collect = collect};
	const struct vr_plugin *const list[] = {&builtin};
	struct vr_plugins plugins;

	assert_int_equal(vr_plugins_from(list, 1, &plugins, &err), VR_OK);
	add(&plugins, "zebra", "a/zebra.so", 1);
	add(&plugins, "apple", "b/apple.so", 2);
	add(&plugins, "tasks", "a/tasks.so", 1);
	add(&plugins, "zebra", "b/zebra.so", 2);
	add(&plugins, "apple", "a/apple.so", 1); /* found later, searched earlier: Python */
	add(&plugins, "apple", "a/apple2.so", 1);
	add(&plugins, "../x", "a/x.so", 1);
	assert_int_equal(plugins.count, 3);
	assert_string_equal(plugins.entries[0].name, "apple");
	assert_string_equal(plugins.entries[0].path, "a/apple.so");
	assert_string_equal(plugins.entries[1].name, "tasks");
	assert_null(plugins.entries[1].path);
	assert_int_equal(plugins.entries[1].language, VR_PLUGIN_BUILTIN);
	assert_string_equal(plugins.entries[2].path, "a/zebra.so");
	assert_int_equal(plugins.failure_count, 5);
	assert_string_equal(plugins.failures[0].path, "a/tasks.so");
	assert_string_equal(plugins.failures[0].reason,
			    "the name `tasks` is taken by a built-in plugin");
	assert_string_equal(plugins.failures[1].reason, "the name `zebra` is taken by a/zebra.so");
	assert_string_equal(plugins.failures[2].path, "b/apple.so");
	assert_string_equal(plugins.failures[2].reason, "the name `apple` is taken by a/apple.so");
	assert_string_equal(plugins.failures[3].path, "a/apple2.so");
	assert_string_equal(plugins.failures[4].path, "a/x.so");
	vr_plugins_free(&plugins);
	assert_int_equal(plugins.count + plugins.failure_count, 0);
}

/* ---- Folders ---- */

static char folder[] = "/tmp/test-native-XXXXXX";

static char *in_folder(const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", folder, name);
	return buf;
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f = fopen(in_folder(name, path, sizeof(path)), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

TEST(folders_are_searched_in_the_order_of_names)
{
	static const char *const names[] = {"b.so",        "a.so",       "two.py",  "one.py",
					    "__init__.py", ".hidden.so", "_own.py", "x.txt",
					    ".so",         "README"};
	struct vr_plugins plugins = {0};
	char path[256];

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(names[i], "no such thing\n");
	assert_int_equal(vr_native_search(&plugins, folder, 3, false, &err), VR_OK);
	assert_int_equal(plugins.count, 0);
	assert_int_equal(plugins.failure_count, 2);
	assert_string_equal(plugins.failures[0].path, in_folder("a.so", path, sizeof(path)));
	assert_string_equal(plugins.failures[1].path, in_folder("b.so", path, sizeof(path)));
	assert_string_equal(plugins.failures[0].reason, "file too short");
	assert_int_equal(plugins.python_count, 2);
	assert_string_equal(plugins.python_files[0].path, in_folder("one.py", path, sizeof(path)));
	assert_string_equal(plugins.python_files[1].path, in_folder("two.py", path, sizeof(path)));
	assert_int_equal(plugins.python_files[0].rank, 3);
	vr_plugins_free(&plugins);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i], path, sizeof(path)));
	rmdir(folder);
	/* Gone now: no matter for a folder that need not be there. */
	assert_int_equal(vr_native_search(&plugins, folder, 1, true, &err), VR_OK);
	assert_int_equal(plugins.failure_count, 0);
	assert_int_equal(vr_native_search(&plugins, folder, 1, false, &err), VR_OK);
	assert_int_equal(plugins.failure_count, 1);
	assert_string_equal(plugins.failures[0].reason, "No such file or directory");
	vr_plugins_free(&plugins);
}

TEST(places_are_found_from_the_program)
{
	struct vr_places places;
	char path[256];

	assert_int_equal(vr_places_of("/x/usr/bin/vmcore-report", &places, &err), VR_OK);
	assert_null(places.source);
	assert_ptr_equal(strstr(places.plugins, "/x/usr/bin/"), places.plugins);
	assert_non_null(strstr(places.plugins, "/vmcore-report/plugins"));
	assert_non_null(strstr(places.python, "/vmcore-report/sos"));
	assert_non_null(strstr(places.python_plugins, "/vmcore-report/sos/vmcore_report/plugins"));
	vr_places_free(&places);
	vr_places_free(&places);
	/* A build folder has a link to its sources. */
	strcpy(folder, "/tmp/test-native-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(symlink("/usr", in_folder("vmcore-report.source", path, sizeof(path))), 0);
	assert_int_equal(
		vr_places_of(in_folder("vmcore-report", path, sizeof(path)), &places, &err), VR_OK);
	assert_string_equal(places.source, "/usr");
	assert_string_equal(places.modules, folder);
	assert_string_equal(places.python, "/usr/sos");
	assert_null(places.plugins);
	vr_places_free(&places);
	unlink(in_folder("vmcore-report.source", path, sizeof(path)));
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_this_version),
		cmocka_unit_test(one_of_an_earlier_minor_version),
		cmocka_unit_test(one_of_a_later_minor_version),
		cmocka_unit_test(other_major_versions),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(the_table_is_full),
		cmocka_unit_test(the_folder_that_is_searched_first_wins),
		cmocka_unit_test(folders_are_searched_in_the_order_of_names),
		cmocka_unit_test(places_are_found_from_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
