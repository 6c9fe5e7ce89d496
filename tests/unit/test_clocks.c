// SPDX-License-Identifier: GPL-2.0-or-later
/* The timekeeper's clocks, and the taints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/taint.h"
#include "kernel/timekeeping.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(old_types,
	struct timespec64 { long tv_sec; long tv_nsec; };
	struct tk_read_base { unsigned int mult, shift; unsigned long xtime_nsec; };
	struct timekeeper {
		struct tk_read_base tkr_mono; unsigned long xtime_sec;
		struct timespec64 wall_to_monotonic; long offs_boot;
	};
	struct seqcount_raw_spinlock { unsigned int sequence; };
	typedef struct seqcount_raw_spinlock seqcount_raw_spinlock_t;
	struct taint_flag { char c_true, c_false; const char *desc; };
)
/* clang-format on */

/* Since 6.13 the timekeeper lies in a structure that has a name. */
static const char new_types[] =
	"struct timespec64 { long tv_sec; long tv_nsec; };"
	"struct tk_read_base { unsigned int mult, shift; unsigned long xtime_nsec; };"
	"struct timekeeper { struct tk_read_base tkr_mono; unsigned long xtime_sec;"
	"	struct timespec64 wall_to_monotonic; long offs_boot; };"
	"struct tk_data { unsigned int seq; struct timekeeper timekeeper; };";

#define SECOND 1000000000ll

static struct timekeeper good_clocks(void)
{
	return (struct timekeeper){
		.tkr_mono = {.shift = 8, .xtime_nsec = 500ull << 8},
		.xtime_sec = 1700000000,
		.wall_to_monotonic = {.tv_sec = -1699990001, .tv_nsec = 999999000},
		.offs_boot = 5 * SECOND,
	};
}

static struct tiny_kernel *make(const char *types, const char *symbol, const char *info,
				struct timekeeper clocks)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types, .info = info});
	uint64_t va = tk_global(k, symbol, 8 + sizeof(clocks));

	memcpy(tk_ptr(k, va + 8), &clocks, sizeof(clocks));
	return k;
}

static void test_clocks(void **state)
{
	static const char *const symbols[] = {"tk_core", "tk_core", "timekeeper_data"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct tiny_kernel *k =
			make(i ? new_types : old_types, symbols[i], NULL, good_clocks());
		struct vr_program *prog = tk_open(k);
		struct vr_clocks clocks;

		assert_true(vr_clocks_read(prog, &clocks));
		assert_int_equal(clocks.realtime_ns, 1700000000 * SECOND + 500);
		assert_int_equal(clocks.monotonic_ns, 9999 * SECOND + 999999500);
		assert_int_equal(clocks.boottime_ns, clocks.monotonic_ns + 5 * SECOND);
		assert_int_equal(vr_crash_seconds(prog), 1700000000);
		tk_expect(prog, VR_OK, 0);
		tk_free(k);
	}
}

static void check_refused(struct timekeeper clocks)
{
	struct tiny_kernel *k = make(old_types, "tk_core", NULL, clocks);
	struct vr_program *prog = tk_open(k);
	struct vr_clocks out = {1, 2, 3};

	assert_false(vr_clocks_read(prog, &out));
	assert_int_equal(out.realtime_ns, 0);
	assert_int_equal(out.boottime_ns, 0);
	tk_expect(prog, VR_CORRUPT, 0);
	assert_int_equal(vr_crash_seconds(prog), 0);
	tk_expect(prog, VR_CORRUPT, 0);
	tk_free(k);
}

static void test_impossible_clocks(void **state)
{
	static const int64_t values[] = {INT64_MIN,     INT64_MIN + 1, INT64_MAX,
					 INT64_MAX - 1, -7258118401,   7258118401};
	struct timekeeper t;

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(values); i++) {
		t = good_clocks();
		t.xtime_sec = (unsigned long)values[i];
		check_refused(t);
		t = good_clocks();
		t.wall_to_monotonic.tv_sec = values[i];
		check_refused(t);
		t = good_clocks();
		t.wall_to_monotonic.tv_nsec = values[i];
		check_refused(t);
		if (values[i] == 7258118401)
			continue;
		t = good_clocks();
		t.offs_boot = values[i];
		check_refused(t);
	}
	for (unsigned shift = 64; shift; shift *= 2) {
		t = good_clocks();
		t.tkr_mono.shift = shift;
		check_refused(t);
	}
	t = good_clocks();
	t.tkr_mono.xtime_nsec = ~0ul;
	check_refused(t);
	t = good_clocks();
	t.wall_to_monotonic.tv_nsec = SECOND;
	check_refused(t);
	t = good_clocks();
	t.wall_to_monotonic.tv_nsec = -1;
	check_refused(t);
	/* The machine would have been up before the epoch, or for centuries. */
	t = good_clocks();
	t.wall_to_monotonic.tv_sec = -1700000002;
	check_refused(t);
	t = good_clocks();
	t.xtime_sec = t.wall_to_monotonic.tv_sec = 7258118400;
	check_refused(t);
	t = good_clocks();
	t.offs_boot = INT64_MAX / 4;
	check_refused(t);
}

/* Whatever is there, sums don't overflow: for the sanitizers to say. */
static void test_random_clocks(void **state)
{
	struct tiny_kernel *k = make(old_types, "tk_core", NULL, good_clocks());
	struct timekeeper *t = tk_ptr(k, TK_DATA + 8);
	uint64_t x = 7;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct vr_program *prog;
		struct vr_clocks out;
		uint8_t *bytes = (uint8_t *)t;

		*t = good_clocks();
		for (int i = 0; i < 3; i++) {
			x = x * 6364136223846793005ull + 1442695040888963407ull;
			bytes[(x >> 32) % sizeof(*t)] = (uint8_t)(x >> 56);
		}
		prog = tk_open(k);
		if (!vr_clocks_read(prog, &out))
			tk_expect(prog, VR_CORRUPT, 0);
		else
			assert_true(out.boottime_ns >= out.monotonic_ns);
	}
	tk_free(k);
}

static void test_no_clocks(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = old_types});
	struct vr_program *prog = tk_open(k);
	struct vr_clocks out;

	(void)state;
	assert_false(vr_clocks_read(prog, &out));
	tk_expect(prog, VR_ABSENT, 0);
	assert_int_equal(vr_crash_seconds(prog), 0);
	tk_expect(prog, VR_ABSENT, 0);
	tk_free(k);
}

static void test_crash_time(void **state)
{
	static const struct {
		const char *info;
		int64_t want;
	} cases[] = {
		{"CRASHTIME=1700001234\n", 1700001234},
		{"CRASHTIME=-5\n", 1700000000},
		{"CRASHTIME=0\n", 1700000000},
		{"CRASHTIME=\n", 1700000000},
		{"CRASHTIME=12x\n", 1700000000},
		{"CRASHTIME=99999999999999\n", 1700000000},
		{"CRASHTIME=9999999999999999999999\n", 1700000000},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		struct tiny_kernel *k = make(old_types, "tk_core", cases[i].info, good_clocks());
		struct vr_program *prog = tk_open(k);

		assert_int_equal(vr_crash_seconds(prog), cases[i].want);
		tk_expect(prog, VR_OK, 0);
		tk_free(k);
	}
}

/* ---- Taints ---- */

/* A kernel with these letters in its table, then these bytes. */
static struct tiny_kernel *make_taints(const char *letters, char behind, uint64_t mask)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = old_types});
	struct taint_flag *flags;
	size_t n = strlen(letters);

	tk_put64(k, tk_global(k, "tainted_mask", 8), mask);
	flags = tk_ptr(k, tk_global(k, "taint_flags", (n + 1) * sizeof(*flags)));
	for (size_t i = 0; i < n; i++) {
		flags[i].c_true = letters[i];
		flags[i].c_false = letters[i] == 'P' ? 'G' : ' ';
	}
	flags[n].c_true = behind;
	flags[n].c_false = behind == 'Q' ? 'x' : ' ';
	return k;
}

static void test_taints(void **state)
{
	static const char behind[] = {'\0', 'a', '[', (char)0xc1, 'Q'}; /* Q: followed by an x */
	struct vr_taint taints[VR_MAX_TAINTS];

	(void)state;
	for (size_t i = 0; i < sizeof(behind); i++) {
		struct tiny_kernel *k =
			make_taints("PFSRMBUDAWCIOELKXTNJQ", behind[i], 1ull << 9 | 1ull << 20);
		struct vr_program *prog = tk_open(k);

		assert_int_equal(vr_tainted_mask(prog), 1ull << 9 | 1ull << 20);
		assert_int_equal(vr_taints_read(prog, taints), 21);
		for (unsigned bit = 0; bit < 21; bit++) {
			assert_int_equal(taints[bit].bit, bit);
			assert_int_equal(taints[bit].set, bit == 9 || bit == 20);
		}
		assert_int_equal(taints[0].letter, 'P');
		assert_string_equal(taints[0].name, "TAINT_PROPRIETARY_MODULE");
		assert_int_equal(taints[9].letter, 'W');
		assert_string_equal(taints[9].name, "TAINT_WARN");
		assert_string_equal(taints[19].name, "TAINT_FWCTL");
		assert_null(taints[20].name); /* newer than this program */
		tk_expect(prog, VR_OK, 0);
		tk_free(k);
	}
}

static void test_taints_damaged(void **state)
{
	struct vr_taint taints[VR_MAX_TAINTS];
	struct tiny_kernel *k;
	struct vr_program *prog;
	char many[200];

	(void)state;
	k = make_taints("", 0, 1);
	prog = tk_open(k);
	assert_int_equal(vr_taints_read(prog, taints), 0);
	tk_expect(prog, VR_CORRUPT, 0);
	tk_free(k);
	/* A table that has no end ends with the mask's bits. */
	memset(many, 'A', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	k = make_taints(many, 0, ~0ull);
	prog = tk_open(k);
	assert_int_equal(vr_taints_read(prog, taints), VR_MAX_TAINTS);
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
	k = tk_new((struct tk_spec){.types = old_types});
	prog = tk_open(k);
	assert_int_equal(vr_taints_read(prog, taints), 0);
	tk_expect(prog, VR_ABSENT, 0);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks),         cmocka_unit_test(test_impossible_clocks),
		cmocka_unit_test(test_random_clocks),  cmocka_unit_test(test_no_clocks),
		cmocka_unit_test(test_crash_time),     cmocka_unit_test(test_taints),
		cmocka_unit_test(test_taints_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
