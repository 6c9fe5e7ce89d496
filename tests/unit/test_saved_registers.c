// SPDX-License-Identifier: GPL-2.0-or-later
/* Where functions have the registers that they must keep, by made-up functions; what isn't sure isn't said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/saved_registers.h"
#include "tiny_kernel.h"

#define TEST(name) static void name(__attribute__((unused)) void **state)

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct orc_entry {
		short sp_offset; short bp_offset;
		unsigned int sp_reg : 4; unsigned int bp_reg : 4; unsigned int type : 3;
		unsigned int signal : 1;
	} __attribute__((packed));
)
/* clang-format on */

#define FUNCTION_SIZE 64
/* Many of the commonest kind after them, which tell how registers are numbered. */
#define FILLERS 60
#define ENTRIES_MAX 256
/* ORC of Linux 6.4: CALL 2; registers PREV_SP 1, BP 4, SP 5. */
#define CALL 2
#define BP 4
#define SP 5

struct kernel {
	struct tiny_kernel *k;
	struct vr_program *prog;
	struct vr_orc_tables tables;
	struct {
		uint64_t ip;
		struct orc_entry entry;
	} entries[ENTRIES_MAX];
	size_t count, functions;
};

static void begin(struct kernel *t)
{
	*t = (struct kernel){.k = tk_new((struct tk_spec){.types = types})};
}

static void entry(struct kernel *t, uint64_t ip, int sp_offset, unsigned sp_reg, int bp_offset)
{
	assert_true(t->count < ENTRIES_MAX - FILLERS);
	t->entries[t->count].ip = ip;
	t->entries[t->count++].entry = (struct orc_entry){.sp_offset = (short)sp_offset,
							  .bp_offset = (short)bp_offset,
							  .sp_reg = sp_reg,
							  .bp_reg = bp_offset ? 1 : 0,
							  .type = CALL};
}

/*
 * A function of that code. Where the stack grows and shrinks: pairs of an offset in it and of bytes
 * from the stack pointer to the CFA from there on, up to one below 0.
 */
static uint64_t function(struct kernel *t, const char *name, const char *code, size_t len,
			 const int *depths)
{
	uint64_t start = TK_TEXT + FUNCTION_SIZE * ++t->functions;
	uint8_t *to = tk_ptr(t->k, start);

	assert_true(len <= FUNCTION_SIZE);
	memset(to, 0x90, FUNCTION_SIZE);
	memcpy(to, code, len);
	tk_symbol(t->k, 't', name, start);
	for (; depths[0] >= 0; depths += 2)
		entry(t, start + depths[0], depths[1], SP, 0);
	return start;
}
#define FUNCTION(t, name, code, ...)                                                               \
	function((t), (name), (code), sizeof(code) - 1, (const int[]){__VA_ARGS__, -1})

static void finish(struct kernel *t)
{
	uint32_t count = (uint32_t)t->count + FILLERS;
	uint64_t ips = tk_global(t->k, "__start_orc_unwind_ip", 4ull * count);
	uint64_t orc = tk_global(t->k, "__start_orc_unwind", 6ull * count);
	int32_t *ip = tk_ptr(t->k, ips);
	struct orc_entry *to = tk_ptr(t->k, orc);
	uint64_t rest = TK_TEXT + FUNCTION_SIZE * (t->functions + 1);

	tk_symbol(t->k, 'D', "__stop_orc_unwind_ip", ips + 4ull * count);
	tk_symbol(t->k, 'D', "__stop_orc_unwind", orc + 6ull * count);
	tk_symbol(t->k, 't', "rest", rest);
	for (uint32_t i = 0; i < FILLERS; i++)
		entry(t, rest + i, 8, SP, 0);
	for (uint32_t i = 0; i < count; i++) {
		ip[i] = (int32_t)(t->entries[i].ip - (ips + 4ull * i));
		to[i] = t->entries[i].entry;
	}
	t->prog = tk_open(t->k);
	assert_int_equal(vr_orc_tables_find(t->prog, &t->tables, NULL), VR_OK);
}

/* "rbx c-16, r12 untouched": '?' unknown, 'u' untouched, in the order rbx, r12, r13, r14, r15. */
static void expect(struct kernel *t, uint64_t start, uint64_t ip, const char *want)
{
	static const int order[] = {VR_DWARF_RBX, VR_DWARF_R12, VR_DWARF_R13, VR_DWARF_R14,
				    VR_DWARF_R15};
	struct vr_saved_register saved[VR_DWARF_REG_COUNT];
	char text[128] = "";

	vr_saved_registers(&t->tables, start, ip, saved);
	for (size_t i = 0; i < VR_ARRAY_SIZE(order); i++) {
		const struct vr_saved_register *s = &saved[order[i]];
		char one[24] = "u";

		if (s->saved == VR_SAVED_UNKNOWN)
			strcpy(one, "?");
		else if (s->saved == VR_SAVED_ON_STACK)
			snprintf(one, sizeof(one), "%d", s->offset);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 one);
	}
	assert_string_equal(text, want);
	assert_int_equal(saved[VR_DWARF_RAX].saved, VR_SAVED_UNKNOWN);
	assert_int_equal(saved[VR_DWARF_RSP].saved, VR_SAVED_UNKNOWN);
}

static void end(struct kernel *t)
{
	tk_expect(t->prog, VR_OK, 0);
	tk_free(t->k);
}

/* endbr64; call; push %r15; mov %rdi,%r15; push %r14; push %rbx; sub $16,%rsp; ...; add; pop; pop; pop; ret */
#define PUSHES                                                                                     \
	"\xf3\x0f\x1e\xfa\xe8\0\0\0\x41\x41\x57\x49\x89\xff\x41\x56\x53\x48\x83\xec\x10"           \
	"\x90\x90\x90\x48\x83\xc4\x10\x5b\x41\x5e\x41\x5f\xc3"

TEST(pushes)
{
	struct kernel t;
	uint64_t f, cold;

	begin(&t);
	f = FUNCTION(&t, "f", PUSHES, 0, 8, 11, 16, 16, 24, 17, 32, 21, 48, 28, 32, 29, 24, 31, 16,
		     33, 8);
	cold = FUNCTION(&t, "f.cold", "\x90\x90\x90", 0, 48, 2, 32);
	finish(&t);
	expect(&t, f, f, "u u u u u");
	expect(&t, f, f + 11, "u u u u -16");
	expect(&t, f, f + 17, "-32 u u -24 -16");
	expect(&t, f, f + 22, "-32 u u -24 -16");
	expect(&t, f, f + 28, "-32 u u -24 -16");
	expect(&t, f, f + 29, "u u u -24 -16");
	expect(&t, f, f + 33, "u u u u u");
	/* the rest of the same frame */
	expect(&t, f, cold, "-32 u u -24 -16");
	/* on its own it is no function */
	expect(&t, cold, cold, "? ? ? ? ?");
	/* nor does one begin within another */
	expect(&t, f + 4, f + 22, "? ? ? ? ?");
	end(&t);
}

TEST(what_is_not_sure)
{
	struct kernel t;
	uint64_t ambiguous, moved, early, either, argument;

	begin(&t);
	/* mov 0x41(%rdi),%al; push %rbx: the 41 might as well belong to the push, as in push %r11 */
	ambiguous = FUNCTION(&t, "ambiguous", "\x8a\x47\x41\x53\x90\x90", 0, 8, 4, 16);
	/* sub $16,%rsp; mov %rbx,(%rsp); mov %r13,8(%rsp) */
	moved = FUNCTION(&t, "moved", "\x48\x83\xec\x10\x48\x89\x1c\x24\x4c\x89\x6c\x24\x08\x90", 0,
			 8, 4, 24);
	/* on one way sub $24,%rsp, on another push %rbx: at the same depth who knows */
	early = FUNCTION(&t, "early", "\x48\x83\xec\x18\x90\x48\x83\xc4\x18\xc3\x53\x90\x90", 0, 8,
			 4, 32, 9, 8, 11, 16);
	/* push %rbx on one way, push %r12 on another */
	either = FUNCTION(&t, "either", "\x53\x90\x5b\xc3\x41\x54\x90\x90", 0, 8, 1, 16, 3, 8, 6,
			  16);
	/* push %rbx; sub $8,%rsp; push %rbx: the second one is for a call */
	argument =
		FUNCTION(&t, "argument", "\x53\x48\x83\xec\x08\x53\x90", 0, 8, 1, 16, 5, 24, 6, 32);
	finish(&t);
	expect(&t, ambiguous, ambiguous + 5, "? u u u u");
	expect(&t, moved, moved + 13, "? u ? u u");
	expect(&t, early, early + 12, "? ? ? ? ?");
	expect(&t, either, either + 2, "? ? u u u");
	expect(&t, argument, argument + 6, "-16 u u u u");
	end(&t);
}

TEST(frame_pointer)
{
	struct vr_saved_register saved[VR_DWARF_REG_COUNT];
	struct kernel t;
	uint64_t f;

	begin(&t);
	/* push %rbp; mov %rsp,%rbp; push %rbx: which the entries don't tell */
	f = FUNCTION(&t, "f", "\x55\x48\x89\xe5\x53\x90\x90", 0, 8);
	entry(&t, f + 1, 16, SP, -16);
	entry(&t, f + 4, 16, BP, -16);
	finish(&t);
	expect(&t, f, f + 5, "? ? ? ? ?");
	vr_saved_registers(&t.tables, f, f + 5, saved);
	assert_int_equal(saved[VR_DWARF_RBP].saved, VR_SAVED_ON_STACK);
	assert_int_equal(saved[VR_DWARF_RBP].offset, -16);
	vr_saved_registers(&t.tables, f, f, saved);
	assert_int_equal(saved[VR_DWARF_RBP].saved, VR_SAVED_NOT);
	end(&t);
}

/* Any code, any entries. */
TEST(nonsense)
{
	srand(1);
	for (int i = 0; i < 60; i++) {
		struct vr_saved_register saved[VR_DWARF_REG_COUNT];
		uint64_t starts[8];
		struct kernel t;

		begin(&t);
		for (size_t n = 0; n < VR_ARRAY_SIZE(starts); n++) {
			char code[FUNCTION_SIZE], name[] = "a";
			int depths[2 * 12 + 1], at = 0, k = 0;

			for (size_t j = 0; j < sizeof(code); j++)
				code[j] = (char)(rand() % 3 ? 0x50 + rand() % 8 : rand());
			for (; k < 24 && at < FUNCTION_SIZE; k += 2, at += 1 + rand() % 8) {
				depths[k] = at;
				depths[k + 1] = rand() % 5 ? 8 * (rand() % 10) : rand() - rand();
			}
			depths[k] = -1;
			name[0] = (char)('a' + n);
			starts[n] = function(&t, name, code, sizeof(code), depths);
		}
		finish(&t);
		for (size_t n = 0; n < VR_ARRAY_SIZE(starts); n++)
			for (int at = -1; at <= FUNCTION_SIZE; at++)
				vr_saved_registers(&t.tables, starts[n], starts[n] + at, saved);
		end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushes),
		cmocka_unit_test(what_is_not_sure),
		cmocka_unit_test(frame_pointer),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
