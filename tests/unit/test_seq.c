// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/bitmap.h"
#include "kernel/seq.h"
#include "kernel/ticks.h"

#define TEST(name) static void name(void **state __attribute__((unused)))

TEST(escapes_are_octal)
{
	char buf[64], small[7];

	assert_string_equal(vr_seq_escape("a b\t\\\n", VR_SEQ_PATH, buf, sizeof(buf)),
			    "a\\040b\\011\\134\\012");
	assert_string_equal(vr_seq_escape("\xff#", "#\xff", buf, sizeof(buf)), "\\377\\043");
	assert_string_equal(vr_seq_escape("plain", "", buf, sizeof(buf)), "plain");
	/* cut at whole characters */
	assert_string_equal(vr_seq_escape("ab cd", " ", small, sizeof(small)), "ab\\040");
}

TEST(bitmaps_as_the_kernel_prints_them)
{
	uint64_t bits[2] = {0x10f, 0x8000000000000001};
	char buf[128], small[6];

	assert_string_equal(vr_bitmap_list(bits, 128, buf, sizeof(buf)), "0-3,8,64,127");
	assert_string_equal(vr_bitmap_list(bits, 3, buf, sizeof(buf)), "0-2");
	assert_string_equal(vr_bitmap_list(bits, 0, buf, sizeof(buf)), "");
	assert_string_equal(vr_bitmap_hex(bits, 128, buf, sizeof(buf)),
			    "80000000,00000001,00000000,0000010f");
	assert_string_equal(vr_bitmap_hex(bits, 9, buf, sizeof(buf)), "10f");
	assert_string_equal(vr_bitmap_hex(bits, 36, buf, sizeof(buf)), "0,0000010f");
	assert_string_equal(vr_bitmap_hex(bits, 2, buf, sizeof(buf)), "3");
	/* cut, but within bounds */
	vr_bitmap_list(bits, 128, small, sizeof(small));
	assert_true(strlen(small) < sizeof(small));
	vr_bitmap_hex(bits, 128, small, sizeof(small));
	assert_true(strlen(small) < sizeof(small));
}

TEST(ticks_in_all_hz)
{
	assert_int_equal(vr_jiffies_to_ms(250, 250), 1000);
	assert_int_equal(vr_jiffies_to_ms(300, 300), 1000);
	assert_int_equal(vr_ns_to_clock(1999999999), 199);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_octal),
		cmocka_unit_test(bitmaps_as_the_kernel_prints_them),
		cmocka_unit_test(ticks_in_all_hz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
