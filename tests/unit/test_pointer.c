// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses as %pK shows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/pointer.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct siphash_key { unsigned long key[2]; };
	typedef struct siphash_key siphash_key_t;
)
/* clang-format on */

/* A name that the compiler has for itself. */
static const char bool_type[] = "typedef unsigned char bool;";

static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static void test_siphash(void **state)
{
	(void)state;
	/* The eighth of the vectors that the algorithm's authors published. */
	assert_int_equal(vr_siphash_1u64(0x0706050403020100, key), 0x93f5f5799a932462);
}

static struct tiny_kernel *make(int restricted, bool filled)
{
	char text[512];
	struct tiny_kernel *k;
	uint64_t va;

	snprintf(text, sizeof(text), "%s%s", types, bool_type);
	k = tk_new((struct tk_spec){.types = text});
	va = tk_global(k, "kptr_restrict", 4);

	memcpy(tk_ptr(k, va), &restricted, 4);
	va = tk_global(k, "filled_random_ptr_key", 1);
	memcpy(tk_ptr(k, va), &filled, 1);
	va = tk_global(k, "ptr_key", 16);
	memcpy(tk_ptr(k, va), key, 16);
	return k;
}

static void test_styles(void **state)
{
	static const uint64_t shown[] = {0x9a932462, 0x0706050403020100, 0, 0};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct tiny_kernel *k = make(i, true);
		struct vr_program *prog = tk_open(k);
		struct vr_pointer_style style;

		assert_true(vr_pointer_style(prog, &style));
		assert_int_equal(vr_pointer_show(&style, 0x0706050403020100), shown[i]);
		assert_int_equal(vr_pointer_show(&style, 0), 0);
		/* Error pointers are no addresses. */
		assert_int_equal(vr_pointer_show(&style, (uint64_t)-12), i < 2 ? (uint64_t)-12 : 0);
		tk_expect(prog, VR_OK, 0);
		tk_free(k);
	}
}

static void test_no_key_yet(void **state)
{
	struct tiny_kernel *k = make(0, false);
	struct vr_program *prog = tk_open(k);
	struct vr_pointer_style style;

	(void)state;
	assert_false(vr_pointer_style(prog, &style));
	tk_expect(prog, VR_UNSUPPORTED, 0);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_no_key_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
