// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "image/vmcoreinfo.h"

static struct vr_vmcoreinfo *parse(const char *text)
{
	struct vr_vmcoreinfo *info;
	struct vr_error err;

	assert_int_equal(vr_vmcoreinfo_parse(text, &info, &err), VR_OK);
	return info;
}

static void test_values(void **state)
{
	struct vr_vmcoreinfo *info = parse("OSRELEASE=6.1.0-56-cloud-amd64\n"
					   "BUILD-ID=3b43fad5\n"
					   "PAGESIZE=4096\n"
					   "SYMBOL(swapper_pg_dir)=ffffffff97210000\n"
					   "SYMBOL(mem_section)=ffff88bb5ffd6000\n"
					   "NUMBER(phys_base)=-218103808\n"
					   "NUMBER(KERNEL_IMAGE_SIZE)=1073741824\n"
					   "NUMBER(VMALLOC_START)=0xffffd11c40000000\n"
					   "KERNELOFFSET=14800000\n"
					   "EMPTY=\n"
					   "TWICE=first\n"
					   "TWICE=second\n"
					   "EQUALS=a=b\n");
	int64_t number;
	uint64_t addr;

	(void)state;
	assert_string_equal(vr_vmcoreinfo_get(info, "OSRELEASE"), "6.1.0-56-cloud-amd64");
	assert_string_equal(vr_vmcoreinfo_get(info, "KERNELOFFSET"), "14800000");
	assert_string_equal(vr_vmcoreinfo_get(info, "EMPTY"), "");
	assert_string_equal(vr_vmcoreinfo_get(info, "TWICE"), "first");
	assert_string_equal(vr_vmcoreinfo_get(info, "EQUALS"), "a=b");
	assert_null(vr_vmcoreinfo_get(info, "OSRELEAS"));
	assert_null(vr_vmcoreinfo_get(info, ""));
	assert_null(vr_vmcoreinfo_get(info, "zzz"));
	assert_int_equal(vr_vmcoreinfo_symbol(info, "swapper_pg_dir", &addr), VR_OK);
	assert_true(addr == 0xffffffff97210000ull);
	assert_int_equal(vr_vmcoreinfo_symbol(info, "phys_base", &addr), VR_ABSENT);
	assert_int_equal(vr_vmcoreinfo_number(info, "phys_base", &number), VR_OK);
	assert_true(number == -218103808);
	assert_int_equal(vr_vmcoreinfo_number(info, "KERNEL_IMAGE_SIZE", &number), VR_OK);
	assert_true(number == 1073741824);
	assert_int_equal(vr_vmcoreinfo_number(info, "VMALLOC_START", &number), VR_OK);
	assert_true((uint64_t)number == 0xffffd11c40000000ull);
	assert_int_equal(vr_vmcoreinfo_number(info, "mem_section", &number), VR_ABSENT);
	vr_vmcoreinfo_free(info);
	vr_vmcoreinfo_free(NULL);
}

static void test_bad_numbers(void **state)
{
	static const char *const bad[] = {"",
					  "x",
					  "0x",
					  "12 ",
					  " 12",
					  "-",
					  "+1",
					  "1-",
					  "0xg",
					  "1a",
					  "18446744073709551616",
					  "-9223372036854775809",
					  "0x10000000000000000"};
	static const char *const bad_symbols[] = {"", "0xffff", "-1", "fffffffffffffffff", "ff\r"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128] = "OSRELEASE=x\nNUMBER(n)=";
		struct vr_vmcoreinfo *info;
		int64_t number = 77;

		strcat(text, bad[i]);
		info = parse(text);
		assert_int_equal(vr_vmcoreinfo_number(info, "n", &number), VR_CORRUPT);
		assert_int_equal(number, 77);
		vr_vmcoreinfo_free(info);
	}
	for (size_t i = 0; i < sizeof(bad_symbols) / sizeof(bad_symbols[0]); i++) {
		char text[128] = "OSRELEASE=x\nSYMBOL(n)=";
		struct vr_vmcoreinfo *info;
		uint64_t addr = 77;

		strcat(text, bad_symbols[i]);
		info = parse(text);
		assert_int_equal(vr_vmcoreinfo_symbol(info, "n", &addr), VR_CORRUPT);
		assert_int_equal(addr, 77);
		vr_vmcoreinfo_free(info);
	}
}

static void test_extremes(void **state)
{
	struct vr_vmcoreinfo *info = parse("OSRELEASE=x\nNUMBER(min)=-9223372036854775808\n"
					   "NUMBER(max)=18446744073709551615");
	int64_t number;

	(void)state;
	assert_int_equal(vr_vmcoreinfo_number(info, "min", &number), VR_OK);
	assert_true(number == INT64_MIN);
	assert_int_equal(vr_vmcoreinfo_number(info, "max", &number), VR_OK);
	assert_true(number == -1);
	vr_vmcoreinfo_free(info);
}

static void test_not_vmcoreinfo(void **state)
{
	static const char *const texts[] = {"",          "\n\n\n",       "=",
					    "OSRELEASE", "XOSRELEASE=1", "PAGESIZE=4096\n"};
	struct vr_vmcoreinfo *info;
	struct vr_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(vr_vmcoreinfo_parse(texts[i], &info, &err), VR_CORRUPT);
		assert_null(info);
	}
}

/* Lines without end or number, a text that is too long. */
static void test_large(void **state)
{
	size_t size = ((size_t)1 << 20) + 1;
	char *text = malloc(size + 1);
	struct vr_vmcoreinfo *info;
	struct vr_error err;
	char *name;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', size);
	text[size] = '\0';
	memcpy(text, "OSRELEASE=", 10);
	assert_int_equal(vr_vmcoreinfo_parse(text, &info, &err), VR_CORRUPT);
	text[size - 1] = '\0';
	info = parse(text);
	assert_int_equal(strlen(vr_vmcoreinfo_get(info, "OSRELEASE")), size - 1 - 10);
	name = strdup(text + 20);
	assert_int_equal(vr_vmcoreinfo_symbol(info, name, &(uint64_t){0}), VR_ABSENT);
	free(name);
	vr_vmcoreinfo_free(info);

	for (size_t i = 12; i + 4 < size; i += 4)
		memcpy(text + i, "\na=b", 4);
	info = parse(text);
	assert_string_equal(vr_vmcoreinfo_get(info, "a"), "b");
	vr_vmcoreinfo_free(info);
	free(text);
}

static void test_layout_and_symbols(void **state)
{
	struct vr_vmcoreinfo *info;
	uint32_t value = 77;
	uint64_t addr;
	size_t at = 0;
	char name[8];

	(void)state;
	assert_int_equal(
		vr_vmcoreinfo_parse("OSRELEASE=6.1\nSIZE(list_head)=16\n"
				    "OFFSET(list_head.prev)=8\nLENGTH(bad)=0x10\n"
				    "SIZE(large)=4294967295\nSYMBOL(prb)=ffff800000001000\n"
				    "SYMBOL(bad)=xyz\nSYMBOL(a_long_name)=1\nSYMBOL(=2\n",
				    &info, NULL),
		VR_OK);
	assert_int_equal(vr_vmcoreinfo_layout(info, "SIZE", "list_head", &value), VR_OK);
	assert_int_equal(value, 16);
	assert_int_equal(vr_vmcoreinfo_layout(info, "OFFSET", "list_head.prev", &value), VR_OK);
	assert_int_equal(value, 8);
	assert_int_equal(vr_vmcoreinfo_layout(info, "OFFSET", "list_head.next", &value), VR_ABSENT);
	assert_int_equal(vr_vmcoreinfo_layout(info, "LENGTH", "bad", &value), VR_CORRUPT);
	assert_int_equal(vr_vmcoreinfo_layout(info, "SIZE", "large", &value), VR_CORRUPT);
	assert_int_equal(value, 8);
	/* By their keys; what isn't a number is passed over. */
	assert_true(vr_vmcoreinfo_next_symbol(info, &at, name, sizeof(name), &addr));
	assert_string_equal(name, "");
	assert_true(vr_vmcoreinfo_next_symbol(info, &at, name, sizeof(name), &addr));
	assert_string_equal(name, "a_long_");
	assert_true(vr_vmcoreinfo_next_symbol(info, &at, name, sizeof(name), &addr));
	assert_string_equal(name, "prb");
	assert_true(addr == 0xffff800000001000);
	assert_false(vr_vmcoreinfo_next_symbol(info, &at, name, sizeof(name), &addr));
	vr_vmcoreinfo_free(info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),   cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_extremes), cmocka_unit_test(test_not_vmcoreinfo),
		cmocka_unit_test(test_large),    cmocka_unit_test(test_layout_and_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
