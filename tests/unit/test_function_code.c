// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's own code and tables tell of it: calls, constants, files of /proc, bugs of CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/function_code.h"
#include "kernel/proc_entry.h"
#include "kernel/speculation.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct pid_entry { const char *name; unsigned int len; };
	enum ssb_mitigation {
		SPEC_STORE_BYPASS_NONE, SPEC_STORE_BYPASS_DISABLE, SPEC_STORE_BYPASS_PRCTL,
		SPEC_STORE_BYPASS_SECCOMP
	};
	enum spectre_v2_user_mitigation {
		SPECTRE_V2_USER_NONE, SPECTRE_V2_USER_STRICT, SPECTRE_V2_USER_STRICT_PREFERRED,
		SPECTRE_V2_USER_PRCTL, SPECTRE_V2_USER_SECCOMP
	};
	struct cpuinfo_x86 { unsigned int x86_capability[4]; };
	struct task_struct { unsigned long atomic_flags; };
)
/* clang-format on */

#define CALLER (TK_TEXT + 0x100)
#define CALLEE (TK_TEXT + 0x200)

static struct tiny_kernel *make(void)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});

	tk_symbol(k, 'T', "caller", CALLER);
	tk_symbol(k, 'T', "callee", CALLEE);
	/* Up to here symbols are found by their addresses. */
	tk_symbol(k, 'D', "_end", TK_DATA + TK_DATA_PAGES * TK_PAGE);
	return k;
}

static void put_call(struct tiny_kernel *k, uint64_t at, uint8_t opcode, uint64_t target)
{
	uint8_t *code = tk_ptr(k, at);
	int32_t distance = (int32_t)(target - at - 5);

	code[0] = opcode;
	memcpy(code + 1, &distance, 4);
}

static void test_calls(void **state)
{
	struct tiny_kernel *k = make();
	struct vr_program *prog = tk_open(k);

	(void)state;
	assert_false(vr_function_calls(prog, "caller", "callee"));
	put_call(k, CALLER + 0x10, 0xe8, CALLEE);
	assert_true(vr_function_calls(tk_open(k), "caller", "callee"));
	/* A jump at the very end; then one that only begins within. */
	memset(tk_ptr(k, CALLER), 0, 0x100);
	put_call(k, CALLEE - 5, 0xe9, CALLEE);
	assert_true(vr_function_calls(tk_open(k), "caller", "callee"));
	memset(tk_ptr(k, CALLER), 0, 0x100);
	put_call(k, CALLEE - 4, 0xe8, CALLEE);
	assert_false(vr_function_calls(tk_open(k), "caller", "callee"));
	prog = tk_open(k);
	assert_false(vr_function_calls(prog, "caller", "unheard_of"));
	tk_expect(prog, VR_OK, 0);
	assert_false(vr_function_calls(prog, "unheard_of", "callee"));
	tk_expect(prog, VR_ABSENT, 0);
	tk_free(k);
}

static void test_constants(void **state)
{
	struct tiny_kernel *k = make();

	(void)state;
	assert_false(vr_function_loads(tk_open(k), "caller", -3));
	memcpy(tk_ptr(k, CALLER + 7), "\xb8\xfd\xff\xff\xff", 5);
	assert_true(vr_function_loads(tk_open(k), "caller", -3));
	assert_false(vr_function_loads(tk_open(k), "caller", -4));
	memcpy(tk_ptr(k, CALLER + 7), "\x48\xc7\xc0\xfc\xff\xff\xff", 7);
	assert_true(vr_function_loads(tk_open(k), "caller", -4));
	tk_free(k);
}

static void test_missing_code(void **state)
{
	struct tiny_kernel *k = make();
	struct vr_program *prog;

	(void)state;
	tk_set_page(k, tk_phys(k, CALLER), TK_ABSENT);
	prog = tk_open(k);
	assert_false(vr_function_loads(prog, "caller", 1));
	tk_expect(prog, VR_FAULT, 0);
	tk_free(k);
}

static void put_entry(struct tiny_kernel *k, uint64_t table, unsigned i, const char *name)
{
	uint64_t text = tk_alloc(k, 128);

	strcpy(tk_ptr(k, text), name);
	((struct pid_entry *)tk_ptr(k, table))[i].name = tk_va(char, text);
}

static void test_entries(void **state)
{
	struct tiny_kernel *k = make();
	uint64_t table = tk_global(k, "tgid_base_stuff", 4 * sizeof(struct pid_entry));
	struct vr_program *prog;

	(void)state;
	tk_global(k, "behind", 64);
	put_entry(k, table, 0, "status");
	put_entry(k, table, 1, "io");
	prog = tk_open(k);
	assert_true(vr_proc_has_entry(prog, false, "status"));
	assert_true(vr_proc_has_entry(prog, false, "io"));
	assert_false(vr_proc_has_entry(prog, false, "cpuset"));
	/* No such table. */
	assert_true(vr_proc_has_entry(prog, true, "cpuset"));
	tk_expect(prog, VR_OK, 0);
	/* One that can't be right says nothing. */
	((struct pid_entry *)tk_ptr(k, table))[1].name = tk_va(char, TK_NOWHERE);
	prog = tk_open(k);
	assert_true(vr_proc_has_entry(prog, false, "cpuset"));
	put_entry(k, table, 1, "a name that is longer than any that the kernel has");
	prog = tk_open(k);
	assert_true(vr_proc_has_entry(prog, false, "cpuset"));
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

/* Words of the CPU's bugs follow those of its features: one here, behind three. */
struct machine {
	struct tiny_kernel *k;
	uint64_t names, cpu, ssb, ibpb, stibp, task;
};

static struct machine make_machine(void)
{
	struct machine m = {.k = make()};
	uint64_t text = tk_alloc(m.k, 64);

	m.names = tk_global(m.k, "x86_bug_flags", 32 * 8);
	m.cpu = tk_global(m.k, "boot_cpu_data", sizeof(struct cpuinfo_x86));
	m.ssb = tk_global(m.k, "ssb_mode", 4);
	m.ibpb = tk_global(m.k, "spectre_v2_user_ibpb", 4);
	m.stibp = tk_global(m.k, "spectre_v2_user_stibp", 4);
	strcpy(tk_ptr(m.k, text), "spectre_v2");
	strcpy(tk_ptr(m.k, text + 32), "spec_store_bypass");
	tk_put64(m.k, m.names + 16 * 8, text);
	tk_put64(m.k, m.names + 17 * 8, text + 32);
	m.task = tk_alloc(m.k, sizeof(struct task_struct));
	return m;
}

static void expect_texts(struct machine *m, uint32_t bugs, int ssb, int user, uint64_t flags,
			 const char *store, const char *branch)
{
	struct vr_program *prog;
	struct vr_obj task;

	((struct cpuinfo_x86 *)tk_ptr(m->k, m->cpu))->x86_capability[3] = bugs;
	*(int *)tk_ptr(m->k, m->ssb) = ssb;
	*(int *)tk_ptr(m->k, m->ibpb) = user;
	*(int *)tk_ptr(m->k, m->stibp) = user;
	tk_put64(m->k, m->task, flags);
	prog = tk_open(m->k);
	task = vr_at(prog, "struct task_struct", m->task);
	assert_string_equal(vr_store_bypass_text(task), store);
	assert_string_equal(vr_indirect_branch_text(task), branch);
	tk_expect(prog, VR_OK, 0);
}

static void test_speculation(void **state)
{
	const uint32_t v2 = 1u << 16, ssb = 1u << 17;
	struct machine m = make_machine();

	(void)state;
	expect_texts(&m, 0, 0, 0, 0, "not vulnerable", "not affected");
	expect_texts(&m, v2 | ssb, 0, 0, 0, "vulnerable", "always enabled");
	expect_texts(&m, v2 | ssb, 1, 1, 0, "globally mitigated", "always disabled");
	expect_texts(&m, v2 | ssb, 2, 3, 0, "thread vulnerable", "conditional enabled");
	expect_texts(&m, v2, 2, 3, 1 << 3 | 1 << 5, "thread mitigated", "conditional disabled");
	expect_texts(&m, v2, 3, 4, 1 << 4 | 1 << 6, "thread force mitigated",
		     "conditional force disabled");
	expect_texts(&m, v2, 3, 4, 1 << 7, "vulnerable", "conditional enabled");
	tk_free(m.k);
}

static void test_damaged_bugs(void **state)
{
	struct machine m = make_machine();
	struct vr_program *prog;

	(void)state;
	tk_put64(m.k, m.names, TK_NOWHERE);
	prog = tk_open(m.k);
	assert_string_equal(vr_store_bypass_text(vr_at(prog, "struct task_struct", m.task)), "");
	tk_expect(prog, VR_FAULT, 0);
	tk_free(m.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),        cmocka_unit_test(test_constants),
		cmocka_unit_test(test_missing_code), cmocka_unit_test(test_entries),
		cmocka_unit_test(test_speculation),  cmocka_unit_test(test_damaged_bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
