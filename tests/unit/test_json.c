// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <locale.h>

#include <cmocka.h>
#include <jansson.h>

#include <vmcore-report/json.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static void check_text(struct vr_json *json, int indent, const char *want)
{
	VR_FREE char *text = vr_json_text(json, indent);

	assert_non_null(text);
	assert_string_equal(text, want);
	vr_json_free(json);
}

static void test_kinds(void **state)
{
	struct vr_json *json = vr_json_object();
	struct vr_json *list;

	(void)state;
	vr_json_set_string(json, "z", "text");
	vr_json_set_int(json, "y", INT64_MIN);
	vr_json_set_uint(json, "x", INT64_MAX);
	vr_json_set_uint(json, "w", UINT64_MAX);
	vr_json_set_real(json, "v", 0.1);
	vr_json_set_bool(json, "u", true);
	vr_json_set_bool(json, "t", false);
	vr_json_set_null(json, "s");
	vr_json_set_addr(json, "r", 0xffff888000000000);
	list = vr_json_add_array(json, "q");
	vr_json_set_int(list, NULL, 1);
	vr_json_set_addr(list, NULL, 0);
	vr_json_set_int(vr_json_add_object(list, NULL), "a", 0);
	vr_json_add_object(json, "p");
	check_text(json, 0,
		   "{\"z\": \"text\", \"y\": -9223372036854775808, \"x\": 9223372036854775807, "
		   "\"w\": \"18446744073709551615\", \"v\": 0.1, \"u\": true, \"t\": false, "
		   "\"s\": null, \"r\": \"0xffff888000000000\", "
		   "\"q\": [1, \"0x0000000000000000\", {\"a\": 0}], \"p\": {}}\n");
}

static void test_indent(void **state)
{
	struct vr_json *json = vr_json_array();

	(void)state;
	vr_json_set_int(vr_json_add_object(json, NULL), "a", 1);
	check_text(json, 2, "[\n  {\n    \"a\": 1\n  }\n]\n");
}

static void test_real(void **state)
{
	struct vr_json *json = vr_json_array();

	(void)state;
	vr_json_set_real(json, NULL, 1795414766.25);
	vr_json_set_real(json, NULL, 8.3);
	vr_json_set_real(json, NULL, NAN);
	vr_json_set_real(json, NULL, -INFINITY);
	vr_json_set_real(json, NULL, 2);
	check_text(json, 0, "[1795414766.25, 8.3, null, null, 2.0]\n");
}

/* A key set again keeps its place, and a handle to what it replaced stays good. */
static void test_replace(void **state)
{
	struct vr_json *json = vr_json_object();
	struct vr_json *old;

	(void)state;
	vr_json_set_string(json, "a", "");
	old = vr_json_add_object(json, "b");
	vr_json_set_int(json, "c", 1);
	vr_json_set_int(json, "a", 2);
	vr_json_set_int(json, "b", 3);
	vr_json_set_int(old, "lost", 4);
	vr_json_free(old); /* a part: nothing happens */
	vr_json_set_int(old, "lost", 5);
	check_text(json, 0, "{\"a\": 2, \"b\": 3, \"c\": 1}\n");
}

static void test_null(void **state)
{
	struct vr_json *json;

	(void)state;
	vr_json_set_string(NULL, "a", "b");
	vr_json_set_bytes(NULL, "a", "b", 1);
	vr_json_set_int(NULL, "a", 1);
	vr_json_set_uint(NULL, "a", UINT64_MAX);
	vr_json_set_real(NULL, "a", 1);
	vr_json_set_bool(NULL, "a", true);
	vr_json_set_null(NULL, "a");
	vr_json_set_addr(NULL, "a", 1);
	assert_null(vr_json_add_object(NULL, "a"));
	assert_null(vr_json_add_array(NULL, "a"));
	assert_null(vr_json_text(NULL, 0));
	vr_json_free(NULL);

	json = vr_json_array();
	vr_json_set_string(json, NULL, NULL);
	vr_json_set_bytes(json, NULL, NULL, 0);
	check_text(json, 0, "[null, \"\"]\n");
}

static void check_bytes(const char *bytes, size_t len, const char *want)
{
	struct vr_json *json = vr_json_array();

	vr_json_set_bytes(json, NULL, bytes, len);
	check_text(json, 0, want);
}

#define CHECK(bytes, want) check_bytes(bytes, sizeof(bytes) - 1, "[\"" want "\"]\n")

static void test_escapes(void **state)
{
	(void)state;
	CHECK("a\0b", "a\\u0000b");
	CHECK("\x01\x1f\n\t\"\\/", "\\u0001\\u001F\\n\\t\\\"\\\\/");
	CHECK("caf\xc3\xa9", "caf\\u00E9");
	CHECK("\xf0\x9f\x92\xa5", "\\uD83D\\uDCA5");
	/* Not UTF-8: a stray byte, a sequence cut short, overlong, a surrogate, beyond Unicode. */
	CHECK("a\xff", "a\\\\xff");
	CHECK("\x80x", "\\\\x80x");
	CHECK("caf\xc3", "caf\\\\xc3");
	CHECK("\xe2\x82", "\\\\xe2\\\\x82");
	CHECK("\xe2\x82(", "\\\\xe2\\\\x82(");
	CHECK("\xc0\xaf", "\\\\xc0\\\\xaf");
	CHECK("\xe0\x80\xaf", "\\\\xe0\\\\x80\\\\xaf");
	CHECK("\xf0\x80\x80\xaf", "\\\\xf0\\\\x80\\\\x80\\\\xaf");
	CHECK("\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80");
	CHECK("\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80");
	CHECK("\xf5\x80\x80\x80", "\\\\xf5\\\\x80\\\\x80\\\\x80");
	CHECK("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\\uD7FF\\uE000\\uDBFF\\uDFFF");
	CHECK("12345678\xff"
	      "12345678",
	      "12345678\\\\xff12345678");
}

static void test_keys(void **state)
{
	struct vr_json *json = vr_json_object();

	(void)state;
	vr_json_set_int(json, "sd\xff\n", 1);
	vr_json_set_int(json, "", 2);
	vr_json_set_int(json, NULL, 3);
	vr_json_add_array(json, "\xfe");
	check_text(json, 0, "{\"sd\\\\xff\\n\": 1, \"\": 3, \"\\\\xfe\": []}\n");
}

static void test_depth(void **state)
{
	struct vr_json *json = vr_json_object();
	struct vr_json *at = json;

	(void)state;
	for (int i = 0; i < 100000 && at; i++)
		at = vr_json_add_object(at, "a");
	assert_null(at);
	/* A text without what was lost would lie. */
	assert_null(vr_json_text(json, 0));
	vr_json_free(json);
}

/* Whatever the bytes are: a second reader takes the text, and it is ASCII. */
static void test_random(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		static const unsigned char lead[] = {0xc3, 0xe2, 0xed, 0xf0,
						     0xf4, 0x80, 0xbf, 0xa0};
		struct vr_json *json = vr_json_object();
		VR_FREE char *text = NULL;
		json_error_t error;
		json_t *read;
		char bytes[24];
		size_t len = (size_t)rand_r(&seed) % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(rand_r(&seed) % 2 ? lead[rand_r(&seed) % 8]
							    : rand_r(&seed) % 256);
		vr_json_set_bytes(json, "bytes", bytes, len);
		text = vr_json_text(json, 4);
		assert_non_null(text);
		for (const char *p = text; *p; p++)
			assert_true((unsigned char)*p < 0x80);
		read = json_loads(text, JSON_ALLOW_NUL, &error);
		assert_non_null(read);
		json_decref(read);
		vr_json_free(json);
	}
}

/* The same by Python's reader, where there is one. */
static void test_python(void **state)
{
	char name[] = "/tmp/test-json-XXXXXX";
	struct vr_json *json = vr_json_object();
	VR_FREE char *text = NULL;
	char command[256];
	int fd = mkstemp(name);
	int r;

	(void)state;
	assert_true(fd >= 0);
	for (int i = 0; i < 256; i++) {
		char key[8], bytes[3] = {(char)i, 0, (char)0xc3};

		snprintf(key, sizeof(key), "%d", i);
		vr_json_set_bytes(json, key, bytes, sizeof(bytes));
	}
	vr_json_set_real(json, "real", 1e300);
	text = vr_json_text(json, 2);
	assert_non_null(text);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(command, sizeof(command),
		 "/usr/bin/python3 -c \""
		 "import json; d = json.load(open('%s'))\n"
		 "for i in range(256):\n"
		 "  c = chr(i) if i < 128 else '\\\\\\\\x%%02x' %% i\n"
		 "  assert d[str(i)] == c + '\\\\0' + '\\\\\\\\xc3', (i, d[str(i)])\n"
		 "assert d['real'] == 1e300\"",
		 name);
	r = access("/usr/bin/python3", X_OK) ? 0 : system(command);
	unlink(name);
	vr_json_free(json);
	assert_int_equal(r, 0);
}

static void test_utf8_prefix(void **state)
{
	(void)state;
	assert_int_equal(vr_utf8_prefix("", 0), 0);
	assert_int_equal(vr_utf8_prefix("abc", 3), 3);
	assert_int_equal(vr_utf8_prefix("abc\xc3", 4), 3);
	assert_int_equal(vr_utf8_prefix("abc\xc3\xa9", 5), 5);
	assert_int_equal(vr_utf8_prefix("0123456789abcdef\xff", 17), 16);
	assert_int_equal(vr_utf8_prefix("a\0b", 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),       cmocka_unit_test(test_indent),
		cmocka_unit_test(test_real),        cmocka_unit_test(test_replace),
		cmocka_unit_test(test_null),        cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_keys),        cmocka_unit_test(test_depth),
		cmocka_unit_test(test_random),      cmocka_unit_test(test_python),
		cmocka_unit_test(test_utf8_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
