// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "archive/page.h"
#include "base/bits.h"
#include "base/cleanup.h"

#define OVERVIEW "plugins/overview/overview.json"

static void add_file(struct vr_page *page, const char *path, const void *data, size_t len)
{
	struct vr_file_record record = {.path = path, .reason = ""};

	vr_page_file(page, "some_plugin", &record, data, len);
}

static void add_problem(struct vr_page *page, enum vr_file_status status, const char *path,
			const char *reason)
{
	struct vr_file_record record = {
		.path = path, .reason = reason, .status = status, .rows_dropped = 1};

	vr_page_file(page, "some_plugin", &record, "", 0);
}

/* The page's HTML; page is released. */
static char *html_of(struct vr_page *page, const char *headline)
{
	size_t len;
	char *html = vr_page_text(page, headline, "1.0", &len);

	assert_non_null(html);
	assert_int_equal(strlen(html), len);
	assert_true(len <= VR_PAGE_MAX);
	vr_page_free(page);
	return html;
}

/* The page's data as its script reads it. */
static json_t *data_of(const char *html)
{
	static const char begin[] = "<script type=\"application/json\" id=\"data\">";
	const char *data = strstr(html, begin), *end;
	json_error_t error;
	json_t *json;

	assert_non_null(data);
	data += strlen(begin);
	end = strstr(data, "</script>");
	assert_non_null(end);
	assert_null(memchr(data, '<', (size_t)(end - data)));
	json = json_loadb(data, (size_t)(end - data), JSON_ALLOW_NUL, &error);
	assert_non_null(json);
	return json;
}

static json_t *data_of_page(struct vr_page *page)
{
	VR_FREE char *html = html_of(page, "");

	return data_of(html);
}

static const char *string_at(json_t *json, const char *key, size_t i)
{
	const char *text = json_string_value(json_array_get(json_object_get(json, key), i));

	assert_non_null(text);
	return text;
}

static int64_t number_of(json_t *json, const char *key)
{
	assert_true(json_is_integer(json_object_get(json, key)));
	return json_integer_value(json_object_get(json, key));
}

/* How often needle stands in text. */
static size_t occurrences(const char *text, const char *needle)
{
	size_t n = 0;

	while ((text = strstr(text, needle))) {
		text += strlen(needle);
		n++;
	}
	return n;
}

static void test_folders(void **state)
{
	static const char *const paths[] = {"proc/10/stat", "proc/10/comm", "proc/9/comm",
					    "proc/9/stat",  "version.txt",  "proc/9/task/9/comm"};
	struct vr_page *page = vr_page_new();
	json_t *json;

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(paths); i++)
		add_file(page, paths[i], "", 0);
	add_file(page, "proc/\xff", "", 0);
	json = data_of_page(page);
	assert_int_equal(json_array_size(json_object_get(json, "folders")), 8);
	assert_string_equal(string_at(json, "folders", 0), "");
	assert_string_equal(string_at(json, "folders", 2), "proc/9");
	assert_string_equal(string_at(json, "folders", 4), "proc/9/task/9");
	assert_string_equal(string_at(json, "folders", 6), "proc/10");
	/* Two with the same names have one list. */
	assert_int_equal(json_array_size(json_object_get(json, "shapes")), 3);
	assert_string_equal(string_at(json, "shapes", 1), "comm/stat");
	assert_true(json_equal(json_array_get(json_object_get(json, "folders"), 3),
			       json_array_get(json_object_get(json, "folders"), 7)));
	assert_int_equal(number_of(json, "files_not_listed"), 1);
	json_decref(json);
}

static void test_problems(void **state)
{
	struct vr_page *page = vr_page_new();
	json_t *json, *list, *first;
	char path[64], reason[64];

	(void)state;
	for (int i = 8; i < 12; i++) {
		snprintf(path, sizeof(path), "proc/%d/task/%d/environ", i, i + 1);
		snprintf(reason, sizeof(reason), "0x%x is not in the dump", 0xabc0 + i);
		add_problem(page, VR_FILE_OMITTED, path, reason);
	}
	add_problem(page, VR_FILE_PARTIAL, "proc/1*2", "a row");
	add_problem(page, VR_FILE_PARTIAL, "proc/3*2", "a row");
	json = data_of_page(page);
	assert_int_equal(number_of(json, "omitted"), 4);
	assert_int_equal(number_of(json, "partial"), 2);
	assert_int_equal(number_of(json, "problems_not_listed"), 0);
	list = json_object_get(json, "problems");
	/* What has a star in its name stays by itself. */
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "path")),
			    "proc/3*2");
	first = json_array_get(list, 2);
	assert_string_equal(json_string_value(json_object_get(first, "path")),
			    "proc/*/task/*/environ");
	assert_string_equal(json_string_value(json_object_get(first, "keys")),
			    "8,9 9,10 10,11 11,12");
	assert_string_equal(json_string_value(json_object_get(first, "reason")),
			    "0xabc8 is not in the dump");
	assert_true(json_is_true(json_object_get(first, "varies")));
	assert_int_equal(number_of(first, "rows"), 4);
	json_decref(json);
}

/* Whatever a worker sends stays text. */
static void test_hostile(void **state)
{
	static const char evil[] =
		"</script><script>alert(1)</script><!--<script>\"'&\x01\xff\xe2\x80\xa8";
	VR_FREE char *html = NULL, *plain = NULL;
	struct vr_page *page = vr_page_new();
	json_t *json;

	(void)state;
	plain = html_of(vr_page_new(), "");
	vr_page_set_machine(page, evil, evil, 1);
	add_file(page, OVERVIEW, evil, sizeof(evil));
	add_file(page, "plugins/panic_summary/summary.txt", evil, sizeof(evil));
	add_file(page, "proc/<script>", evil, sizeof(evil));
	add_problem(page, VR_FILE_PARTIAL, "</script>", evil);
	vr_page_plugin(page, evil, "failed", evil);
	vr_page_skipped(page, evil, evil);
	vr_page_not_loaded(page, evil, evil);
	vr_page_alert(page, evil, evil);
	vr_page_note(page, evil, evil);
	html = html_of(page, evil);
	/* No more tags than a page with nothing in it has. */
	assert_int_equal(occurrences(html, "<script"), occurrences(plain, "<script"));
	assert_int_equal(occurrences(html, "</script"), occurrences(plain, "</script"));
	assert_int_equal(occurrences(html, "<!--"), occurrences(plain, "<!--"));
	assert_null(strchr(html, '\x01'));
	assert_null(strchr(html, '\xff'));
	assert_null(strstr(html, "\xe2\x80\xa8"));
	assert_non_null(strstr(html, "&lt;/script&gt;&lt;script&gt;alert(1)"));
	json = data_of(html);
	/* A byte that isn't UTF-8 becomes four characters, the rest is as it was, to the NUL. */
	assert_memory_equal(
		json_string_value(json_object_get(json_object_get(json, "parts"), OVERVIEW)), evil,
		48);
	json_decref(json);
}

/* A report of any size makes a page of bounded size, which says what it leaves out. */
static void test_many_files(void **state)
{
	struct vr_page *page = vr_page_new();
	size_t left;
	json_t *json;
	char path[200];

	(void)state;
	/* 200,000 files of 8,000 processes: all of them are listed. */
	for (int i = 0; i < 200000; i++) {
		snprintf(path, sizeof(path), "proc/%d/file-%d", i / 25, i % 25);
		add_file(page, path, "", 0);
	}
	json = data_of_page(page);
	assert_int_equal(number_of(json, "files_not_listed"), 0);
	assert_int_equal(json_array_size(json_object_get(json, "folders")), 16000);
	json_decref(json);

	/* Each in a folder of its own, with a name of its own; the machine's own come first. */
	page = vr_page_new();
	add_file(page, "sys/kernel/last", "", 0);
	for (int i = 0; i < 200000; i++) {
		snprintf(path, sizeof(path), "proc/%d/a-name-that-takes-some-room-%d", i, i);
		add_file(page, path, "", 0);
	}
	json = data_of_page(page);
	left = (size_t)number_of(json, "files_not_listed");
	assert_in_range(left, 1, 199999);
	assert_int_equal(left, number_of(json, "folders_not_listed"));
	assert_int_equal(json_array_size(json_object_get(json, "folders")) / 2, 200001 - left);
	assert_string_equal(
		string_at(json, "folders", json_array_size(json_object_get(json, "folders")) - 2),
		"sys/kernel");
	json_decref(json);
}

/* The same for everything at once, of what takes the most room when it is escaped. */
static void test_bound(void **state)
{
	static const char *const parts[] = {OVERVIEW,
					    "plugins/kernel_info/kernel_info.json",
					    "plugins/panic_summary/summary.txt",
					    "proc/loadavg",
					    "proc/meminfo",
					    "proc/modules",
					    "proc/pressure/cpu",
					    "proc/pressure/io",
					    "proc/pressure/memory",
					    "sos_commands/kernel/dmesg"};
	static const char fills[] = {'&', '<', '\x01', '\xff', 'a'};
	const size_t size = 1 << 20;
	VR_FREE char *data = malloc(size + 1);
	char path[64], reason[300];

	(void)state;
	assert_non_null(data);
	for (size_t fill = 0; fill < sizeof(fills); fill++) {
		struct vr_page *page = vr_page_new();

		for (size_t i = 0; i < size; i++)
			data[i] = i % 64 == 63 ? '\n' : fills[fill];
		data[size] = '\0';
		memset(reason, fills[fill], sizeof(reason) - 1);
		reason[sizeof(reason) - 1] = '\0';
		/* As large as each may be, and far larger. */
		for (size_t i = 0; i < VR_ARRAY_SIZE(parts); i++) {
			size_t len = i ? size : ((size_t)256 << 10) / 6 - 1024;

			add_file(page, parts[i], data, len);
		}
		for (int i = 0; i < 30000; i++) {
			snprintf(path, sizeof(path), "%d/%.*s", i, 40, reason);
			add_problem(page, VR_FILE_PARTIAL, path, reason);
			vr_page_note(page, reason, reason);
		}
		vr_page_set_machine(page, data, data, INT64_MAX);
		free(html_of(page, data));
	}
}

static void test_cut_parts(void **state)
{
	struct vr_page *page = vr_page_new();
	const size_t size = 100000;
	VR_FREE char *log = malloc(size);
	const char *kept;
	json_t *json;

	(void)state;
	assert_non_null(log);
	for (size_t i = 0; i < size; i++)
		log[i] = i % 10 == 9 ? '\n' : (char)('0' + i / 10 % 10);
	add_file(page, "sos_commands/kernel/dmesg", log, size);
	add_file(page, "proc/modules", log, size);
	add_file(page, "proc/meminfo", log, size);
	json = data_of_page(page);
	/* The log's last lines, the modules' first; a part of meminfo would mislead. */
	kept = json_string_value(
		json_object_get(json_object_get(json, "parts"), "sos_commands/kernel/dmesg"));
	assert_in_range(strlen(kept), 5000, 12 << 10);
	assert_memory_equal(kept, log + size - strlen(kept), strlen(kept));
	assert_int_equal(log[size - strlen(kept) - 1], '\n');
	kept = json_string_value(json_object_get(json_object_get(json, "parts"), "proc/modules"));
	assert_memory_equal(kept, log, strlen(kept));
	assert_int_equal(kept[strlen(kept) - 1], '\n');
	assert_null(json_object_get(json_object_get(json, "parts"), "proc/meminfo"));
	assert_int_equal(json_array_size(json_object_get(json, "cut")), 2);
	json_decref(json);
}

static void test_nothing(void **state)
{
	VR_FREE char *html = html_of(vr_page_new(), "");
	size_t len;

	(void)state;
	assert_non_null(strstr(html, "unknown machine"));
	vr_page_own_file(NULL, "a");
	vr_page_note(NULL, "a", "b");
	vr_page_skipped(NULL, "a", "b");
	assert_null(vr_page_text(NULL, "", "", &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders), cmocka_unit_test(test_problems),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_many_files),
		cmocka_unit_test(test_bound),   cmocka_unit_test(test_cut_parts),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
