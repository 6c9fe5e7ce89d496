// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "base/jsonout.h"

static void test_layout(void **state)
{
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text, .indent = 2};

	(void)state;
	vr_json_out_object(&out, NULL);
	vr_json_out_array(&out, "empty");
	vr_json_out_end(&out);
	vr_json_out_flat_object(&out, "line");
	vr_json_out_uint(&out, "a", UINT64_MAX);
	vr_json_out_array(&out, "b");
	vr_json_out_int(&out, NULL, INT64_MIN);
	vr_json_out_string(&out, NULL, NULL);
	vr_json_out_end(&out);
	vr_json_out_end(&out);
	vr_json_out_bool(&out, "c", true);
	vr_json_out_end(&out);
	assert_false(text.failed);
	assert_string_equal(text.data, "{\n  \"empty\": [],\n"
				       "  \"line\": {\"a\": \"18446744073709551615\", "
				       "\"b\": [-9223372036854775808, null]},\n  \"c\": true\n}\n");
}

static void check_string(const char *value, const char *want)
{
	VR_STRBUF text = {0};

	vr_json_quote(&text, value);
	assert_string_equal(text.data, want);
}

static void test_strings(void **state)
{
	(void)state;
	check_string("", "\"\"");
	check_string("a\"b\\c\n\t\x01\x7f", "\"a\\\"b\\\\c\\n\\t\\u0001\\u007F\"");
	check_string("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		     "\"\\u00E9 \\u20AC \\uD83D\\uDE00\"");
	/* Not UTF-8: as json.h has it. */
	check_string("a\xff\xc3(", "\"a\\\\xff\\\\xc3(\"");
}

static void check_real(double value, const char *want)
{
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text};

	vr_json_out_real(&out, NULL, value);
	assert_string_equal(text.data, want);
}

static void test_reals(void **state)
{
	(void)state;
	check_real(0, "0.0");
	check_real(0.25, "0.25");
	check_real(-1.5, "-1.5");
	check_real(1795871127.168987, "1795871127.168987");
	check_real(100, "100.0");
	check_real(1e-9, "0.0");
	check_real(1e13, "null");
	check_real(NAN, "null");
	check_real(INFINITY, "null");
}

/* Whatever the bytes are, other programs read it. */
static void test_others_read_it(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		VR_STRBUF text = {0};
		char value[40];
		size_t len = (size_t)rand_r(&seed) % sizeof(value);
		json_t *json;

		for (size_t k = 0; k < len; k++)
			value[k] = (char)(1 + rand_r(&seed) % 255);
		value[len ? len - 1 : 0] = '\0';
		vr_json_quote(&text, value);
		json = json_loads(text.data, JSON_DECODE_ANY, NULL);
		assert_true(json_is_string(json));
		json_decref(json);
	}
}

static void test_too_deep(void **state)
{
	VR_STRBUF text = {0};
	struct vr_json_out out = {.text = &text};

	(void)state;
	for (int i = 0; i < VR_JSON_OUT_DEPTH + 5; i++)
		vr_json_out_array(&out, NULL);
	assert_true(text.failed);
	for (int i = 0; i < 2 * VR_JSON_OUT_DEPTH; i++)
		vr_json_out_end(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),   cmocka_unit_test(test_strings),
		cmocka_unit_test(test_reals),    cmocka_unit_test(test_others_read_it),
		cmocka_unit_test(test_too_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
