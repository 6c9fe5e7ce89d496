// SPDX-License-Identifier: GPL-2.0-or-later
/* Network addresses as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/inet_address.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct in6_addr { unsigned char s6_addr[16]; };
	struct holder { unsigned int v4; struct in6_addr v6; };
)
/* clang-format on */

static void test_ip4(void **state)
{
	char buf[VR_INET_TEXT];

	(void)state;
	assert_string_equal(vr_ip4_text("\xc0\x00\x02\x01", buf), "192.0.2.1");
	assert_string_equal(vr_ip4_text("\xff\xff\xff\xff", buf), "255.255.255.255");
}

static void test_ip6(void **state)
{
	static const struct {
		const char *addr, *text;
	} short_forms[] = {
		{"20010db8000000000000000000000010", "2001:db8::10"},
		{"00000000000000000000000000000000", "::"},
		{"00000000000000000000000000000001", "::1"},
		{"00010000000000000000000000000000", "1::"},
		/* One group of zeros stays, of two runs the longer goes, of equal ones the first. */
		{"20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"},
		{"20010000000100000000000100020003", "2001:0:1::1:2:3"},
		{"20010000000000010000000000020003", "2001::1:0:0:2:3"},
		{"0a0b0c0d00f0ff001234000500600700", "a0b:c0d:f0:ff00:1234:5:60:700"},
		{"00000000000000000000ffffc0000201", "::ffff:192.0.2.1"},
		{"fe8000000000000002005efec0000201", "fe80::200:5efe:192.0.2.1"},
		{"fe8000000000000000005efec0000201", "fe80::5efe:192.0.2.1"},
		{"ffffffffffffffffffffffffffffffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	char buf[VR_INET_TEXT];
	uint8_t addr[16];

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(short_forms); i++) {
		for (size_t k = 0; k < 16; k++) {
			unsigned byte;

			sscanf(short_forms[i].addr + 2 * k, "%2x", &byte);
			addr[k] = (uint8_t)byte;
		}
		assert_string_equal(vr_ip6_text(addr, buf), short_forms[i].text);
		assert_string_equal(vr_ip6_digits(addr, buf), short_forms[i].addr);
	}
	assert_string_equal(vr_ip6_groups(addr, buf), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	memset(addr, 0, sizeof(addr));
	addr[15] = 1;
	assert_string_equal(vr_ip6_groups(addr, buf), "0000:0000:0000:0000:0000:0000:0000:0001");
}

static void test_hw(void **state)
{
	uint8_t addr[64] = {0x52, 0x54, 0, 0x63};
	char buf[VR_HW_TEXT];

	(void)state;
	assert_string_equal(vr_hw_text(addr, 4, ":", buf), "52:54:00:63");
	assert_string_equal(vr_hw_text(addr, 4, "", buf), "52540063");
	assert_string_equal(vr_hw_text(addr, 0, ":", buf), "");
	/* Longer than an address can be. */
	assert_int_equal(strlen(vr_hw_text(addr, 64, ":", buf)), 3 * VR_HW_ADDRESS - 1);
}

static void test_members(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t va = tk_alloc(k, sizeof(struct holder));
	struct holder *h = tk_ptr(k, va);
	struct vr_program *prog;
	char buf[VR_INET_TEXT];
	uint8_t addr[16];

	(void)state;
	memcpy(&h->v4, "\xc0\x00\x02\x01", 4);
	h->v6.s6_addr[15] = 1;
	prog = tk_open(k);
	assert_string_equal(vr_get_ip4(vr_at(prog, "struct holder", va), "v4", buf), "192.0.2.1");
	vr_get_ip6(vr_at(prog, "struct holder", va), "v6", addr);
	assert_string_equal(vr_ip6_text(addr, buf), "::1");
	tk_expect(prog, VR_OK, 0);
	vr_get_ip6(vr_at(prog, "struct holder", TK_NOWHERE), "v6", addr);
	assert_string_equal(vr_ip6_text(addr, buf), "::");
	tk_expect(prog, VR_FAULT, 0);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip4),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_hw),
		cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
