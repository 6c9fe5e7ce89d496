// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parameters of real frames: a library that the compiler at hand makes calls back, and what is then on
 * this very process's stack is worked out again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bits.h"
#include "debuginfo/parameters.h"

#define TEST(name) static void name(__attribute__((unused)) void **state)
#define STACK_BYTES 4096
#define FRAMES_MAX 16
#define MUTATIONS 600

/* What the library's functions are called with is what the tests below expect. */
static const char source[] =
	"enum color { RED = 1, GREEN = 5, BELOW = -3 };\n"
	"struct thing { int a; };\n"
	"typedef unsigned char byte_t;\n"
	"void (*probe)(void);\n"
	"volatile long sink;\n"
	"#define OUT __attribute__((noinline, noclone, noipa))\n"
	/* all of these are needed again behind the call */
	"OUT long kept(struct thing *t, int count, _Bool flag, enum color c, const char *name, "
	"byte_t byte, const byte_t *bytes)\n"
	"{\n"
	"	probe();\n"
	"	return t->a + count + flag + c + name[0] + byte + bytes[0];\n"
	"}\n"
	"static inline __attribute__((always_inline)) long folded(long depth, struct thing *t)\n"
	"{\n"
	"	return kept(t, -(int)depth, 1, BELOW, \"name\", 200, (const byte_t *)\"key\") + "
	"depth;\n"
	"}\n"
	"OUT long outer(struct thing *t, long x)\n"
	"{\n"
	"	return folded(x, t) * 2 + x;\n"
	"}\n"
	/* this is not, so that only the caller knows it */
	"OUT void lost(int key, const struct thing *const *t)\n"
	"{\n"
	"	sink = key + (t != 0);\n"
	"	probe();\n"
	"	sink = 0;\n"
	"}\n"
	"OUT void knows(const struct thing *const *t)\n"
	"{\n"
	"	lost(99, t);\n"
	"	sink++;\n"
	"}\n"
	/* nor here, and a jump may lead back to it */
	"OUT void jumps(int key)\n"
	"{\n"
	"	sink = key;\n"
	"	probe();\n"
	"	knows(0);\n"
	"}\n"
	"OUT void knows_too(void)\n"
	"{\n"
	"	jumps(7);\n"
	"	sink++;\n"
	"}\n"
	/* on the stack, as is what doesn't fit into registers */
	"struct big { long words[4]; };\n"
	"OUT long on_stack(long a, long b, long c, long d, long e, long f, short seventh, struct "
	"big big)\n"
	"{\n"
	"	probe();\n"
	"	return a + b + c + d + e + f + seventh + big.words[0];\n"
	"}\n"
	"OUT __attribute__((noreturn)) void never(long x)\n"
	"{\n"
	"	sink = x;\n"
	"	for (;;)\n"
	"		probe();\n"
	"}\n"
	"OUT void into_never(long kept_here)\n"
	"{\n"
	"	never(kept_here);\n"
	"}\n";

/* ---- What is on the stack when the library calls back ---- */

__attribute__((used)) static volatile uint64_t saved[8]; /* rbx, rbp, r12 to r15, rsp, rip */
/* As it was the first time. */
static struct {
	bool taken;
	uint64_t regs[8];
	uint8_t stack[STACK_BYTES];
} kept;
static jmp_buf way_out;
static bool jump_out;

__attribute__((used, no_sanitize("address"), no_sanitize("undefined"))) static void keep_stack(void)
{
	volatile uint8_t *from = (volatile uint8_t *)saved[6];

	for (size_t i = 0; i < 8 && !kept.taken; i++)
		kept.regs[i] = saved[i];
	for (size_t i = 0; i < STACK_BYTES && !kept.taken; i++)
		kept.stack[i] = from[i];
	kept.taken = true;
	if (jump_out)
		longjmp(way_out, 1);
}

__attribute__((naked)) static void keep_registers(void)
{
	__asm__("lea saved(%rip), %rax\n"
		"mov %rbx, 0(%rax)\n"
		"mov %rbp, 8(%rax)\n"
		"mov %r12, 16(%rax)\n"
		"mov %r13, 24(%rax)\n"
		"mov %r14, 32(%rax)\n"
		"mov %r15, 40(%rax)\n"
		"lea 8(%rsp), %rcx\n"
		"mov %rcx, 48(%rax)\n"
		"mov (%rsp), %rcx\n"
		"mov %rcx, 56(%rax)\n"
		"jmp keep_stack\n");
}

static bool read_memory(__attribute__((unused)) void *arg, uint64_t addr, void *buf, size_t len)
{
	if (addr < kept.regs[6] || !vr_range_ok(addr - kept.regs[6], len, STACK_BYTES))
		return false;
	memcpy(buf, kept.stack + (addr - kept.regs[6]), len);
	return true;
}

static bool read_nothing(__attribute__((unused)) void *arg, __attribute__((unused)) uint64_t addr,
			 __attribute__((unused)) void *buf, __attribute__((unused)) size_t len)
{
	return false;
}

/* ---- The library, and its frames ---- */

struct library {
	char path[64];
	void *handle;
	uint64_t base;
	struct vr_debug_file *file;
	struct vr_debug_stack stack;
	struct vr_debug_frame frames[FRAMES_MAX];
};

/* To be called at once: what is kept is kept from here on. */
static void *function_of(struct library *lib, const char *name)
{
	void *at = dlsym(lib->handle, name);

	assert_non_null(at);
	kept.taken = false;
	return at;
}

static struct vr_debug_file *map_file(const char *path)
{
	struct vr_debug_file *file;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(vr_debug_file_map(fd, "library", &file, NULL), VR_OK);
	close(fd);
	return file;
}

static void library_make(struct library *lib, const char *flags)
{
	struct link_map *map;
	char command[256];
	FILE *to;

	*lib = (struct library){.path = "/tmp/vr-parameters-XXXXXX"};
	close(mkstemp(lib->path));
	snprintf(command, sizeof(command),
		 "gcc -O2 %s -fno-asynchronous-unwind-tables -fPIC -shared -Wl,-Bsymbolic -x c -o "
		 "%s -",
		 flags, lib->path);
	to = popen(command, "w");
	assert_non_null(to);
	fputs(source, to);
	assert_int_equal(pclose(to), 0);
	lib->handle = dlopen(lib->path, RTLD_NOW);
	assert_non_null(lib->handle);
	assert_int_equal(dlinfo(lib->handle, RTLD_DI_LINKMAP, &map), 0);
	lib->base = map->l_addr;
	lib->file = map_file(lib->path);
	*(void (**)(void))function_of(lib, "probe") = keep_registers;
}

static void library_free(struct library *lib)
{
	vr_debug_file_free(lib->file);
	dlclose(lib->handle);
	unlink(lib->path);
}

/* Does an address lie in the library? A damaged file may lead anywhere. */
static bool is_inside(struct library *lib, uint64_t addr)
{
	Dl_info info;

	return dladdr((void *)addr, &info) && (uint64_t)info.dli_fbase == lib->base;
}

/* The call before a return address, as kernel/parameters.c reads it out of a dump. */
static uint64_t call_target(struct library *lib, uint64_t pc)
{
	const uint8_t *call = (const uint8_t *)pc - 5;

	if (!is_inside(lib, pc - 5))
		return 0;
	return call[0] == 0xe8 ? pc + (uint64_t)(int64_t)(int32_t)vr_load32(call + 1) : 0;
}

static void set_frame(struct library *lib, size_t i, uint64_t pc, uint64_t sp)
{
	struct vr_debug_frame *f = &lib->frames[i];

	f->file = lib->file;
	f->offset = lib->base;
	f->pc = pc;
	f->at = pc - 1 - lib->base;
	f->source = vr_source_at(lib->file, f->at);
	f->called = true;
	f->call_target = call_target(lib, pc);
	f->regs.value[VR_DWARF_RSP] = sp;
	f->regs.known |= 1u << VR_DWARF_RSP;
}

/* All frames of the library's, from the one that called back on. */
static void walk(struct library *lib)
{
	static const enum vr_dwarf_reg order[] = {VR_DWARF_RBX, VR_DWARF_RBP, VR_DWARF_R12,
						  VR_DWARF_R13, VR_DWARF_R14, VR_DWARF_R15};
	uint64_t pc = kept.regs[7], sp = kept.regs[6];
	size_t i = 0;

	memset(lib->frames, 0, sizeof(lib->frames));
	lib->stack = (struct vr_debug_stack){
		.frames = lib->frames, .count = FRAMES_MAX, .read = read_memory};
	for (size_t k = 0; k < VR_ARRAY_SIZE(order); k++) {
		lib->frames[0].regs.value[order[k]] = kept.regs[k];
		lib->frames[0].regs.known |= 1u << order[k];
	}
	for (; i + 1 < FRAMES_MAX; i++) {
		set_frame(lib, i, pc, sp);
		if (!is_inside(lib, pc) ||
		    !vr_debug_frame_unwind(&lib->stack, i, &lib->frames[i + 1].regs))
			break;
		sp = lib->frames[i].cfa;
		if (!read_memory(NULL, sp - 8, &pc, 8))
			break;
	}
	lib->stack.count = i;
}

/* ---- What is found ---- */

struct found {
	struct vr_parameter list[VR_PARAMETERS_MAX];
	size_t count;
};

/* Those of the function of that name, inlined or not. */
static struct found parameters_of(struct library *lib, const char *name)
{
	struct found found = {0};

	for (size_t i = 0; i < lib->stack.count; i++) {
		const struct vr_source *s = lib->frames[i].source;

		for (size_t k = 0; s && k < s->count; k++)
			if (!strcmp(s->frames[k].function, name))
				found.count = vr_parameters_evaluate(&lib->stack, i, k, found.list);
	}
	return found;
}

static const struct vr_parameter *parameter(const struct found *found, const char *name)
{
	for (size_t i = 0; i < found->count; i++)
		if (!strcmp(found->list[i].name, name))
			return &found->list[i];
	return NULL;
}

static const struct vr_parameter *expect(const struct found *found, const char *name,
					 const char *type, enum vr_parameter_form form,
					 uint64_t value)
{
	const struct vr_parameter *p = parameter(found, name);

	if (!p)
		fail_msg("%s isn't found", name);
	assert_string_equal(p->type, type);
	assert_int_equal(p->form, form);
	assert_int_equal(p->value, value);
	return p;
}

static int thing = 4711;

static void check_kept(struct library *lib)
{
	long (*outer)(void *, long) = (long (*)(void *, long))function_of(lib, "outer");
	struct found found;

	outer(&thing, 31);
	walk(lib);
	assert_int_equal(lib->stack.count, 2);
	found = parameters_of(lib, "kept");
	assert_int_equal(found.count, 7);
	expect(&found, "t", "struct thing *", VR_PARAMETER_POINTER, (uint64_t)&thing);
	expect(&found, "count", "int", VR_PARAMETER_SIGNED, (uint64_t)-31);
	expect(&found, "flag", "_Bool", VR_PARAMETER_BOOL, 1);
	assert_string_equal(
		expect(&found, "c", "enum color", VR_PARAMETER_ENUM, (uint64_t)-3)->enumerator,
		"BELOW");
	assert_true(parameter(&found, "name")->points_to_chars);
	assert_string_equal((const char *)parameter(&found, "name")->value, "name");
	assert_false(parameter(&found, "t")->points_to_chars);
	/* bytes, which need not be text */
	assert_false(parameter(&found, "bytes")->points_to_chars);
	expect(&found, "byte", "byte_t", VR_PARAMETER_UNSIGNED, 200);
	found = parameters_of(lib, "folded");
	expect(&found, "depth", "long int", VR_PARAMETER_SIGNED, 31);
	found = parameters_of(lib, "outer");
	expect(&found, "x", "long int", VR_PARAMETER_SIGNED, 31);
}

static void check_entry_values(struct library *lib)
{
	struct found found;

	((void (*)(void *))function_of(lib, "knows"))(&thing);
	walk(lib);
	found = parameters_of(lib, "lost");
	expect(&found, "key", "int", VR_PARAMETER_SIGNED, 99);
	/* what knows() was called with nobody knows any more */
	assert_null(parameter(&found, "t"));
	/* a jump may have led there, from where it went itself */
	((void (*)(void))function_of(lib, "knows_too"))();
	walk(lib);
	found = parameters_of(lib, "jumps");
	assert_int_equal(lib->stack.count, 2);
	assert_int_equal(found.count, 0);
}

static void check_stack(struct library *lib)
{
	struct big {
		long words[4];
	} big = {{1, 2, 3, 4}};
	struct found found;

	((long (*)(long, long, long, long, long, long, short, struct big))function_of(
		lib, "on_stack"))(1, 2, 3, 4, 5, 6, -7, big);
	walk(lib);
	found = parameters_of(lib, "on_stack");
	expect(&found, "seventh", "short int", VR_PARAMETER_SIGNED, (uint64_t)-7);
	assert_null(parameter(&found, "big")); /* of no simple type */
	expect(&found, "f", "long int", VR_PARAMETER_SIGNED, 6);
}

static void check_never(struct library *lib)
{
	struct found found;

	jump_out = true;
	if (!setjmp(way_out))
		((void (*)(long))function_of(lib, "into_never"))(5);
	jump_out = false;
	walk(lib);
	assert_int_equal(lib->stack.count, 2);
	/* it has saved rbx (GCC before 14), and may have left anything in the others */
	assert_int_equal(lib->frames[1].regs.known & (1u << VR_DWARF_R12 | 1u << VR_DWARF_R15), 0);
	found = parameters_of(lib, "into_never");
	assert_int_equal(found.count, 0);
}

static void check_all(const char *flags)
{
	struct library lib;

	library_make(&lib, flags);
	check_kept(&lib);
	check_entry_values(&lib);
	check_stack(&lib);
	check_never(&lib);
	library_free(&lib);
}

TEST(dwarf_5)
{
	check_all("-gdwarf-5");
}

TEST(dwarf_4)
{
	check_all("-gdwarf-4");
}

/* What registers have is not taken from where nobody said so. */
TEST(unknown_registers)
{
	struct library lib;
	struct found found;

	library_make(&lib, "-g");
	((long (*)(void *, long))function_of(&lib, "outer"))(&thing, 31);
	walk(&lib);
	lib.stack.read = read_nothing;
	for (size_t i = 0; i < lib.stack.count; i++) {
		lib.frames[i].regs.known = 1u << VR_DWARF_RSP;
		lib.frames[i].has_cfa = false;
	}
	found = parameters_of(&lib, "kept");
	for (size_t i = 0; i < found.count; i++)
		/* what the compiler knows to be constant */
		assert_true(parameter(&found, "t") == NULL && parameter(&found, "count") == NULL);
	library_free(&lib);
}

/* Files with a wrong byte here or there: a value is missing or wrong, no more. */
TEST(mutations)
{
	struct vr_debug_file *genuine;
	struct library lib;
	uint8_t *bytes;
	long size;
	FILE *f;

	library_make(&lib, "-g");
	((long (*)(void *, long))function_of(&lib, "outer"))(&thing, 31);
	f = fopen(lib.path, "r");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	bytes = malloc(size);
	assert_int_equal(fread(bytes, 1, size, f), size);
	fclose(f);
	genuine = lib.file;
	srand(1);
	for (int i = 0; i < MUTATIONS; i++) {
		char path[] = "/tmp/vr-mutation-XXXXXX";
		int fd = mkstemp(path);
		size_t at = rand() % size;
		uint8_t was = bytes[at];

		bytes[at] ^= 1 << rand() % 8;
		assert_int_equal(write(fd, bytes, size), size);
		bytes[at] = was;
		assert_int_equal(vr_debug_file_map(fd, "mutation", &lib.file, NULL), VR_OK);
		walk(&lib);
		for (size_t k = 0; k < lib.stack.count; k++) {
			struct found found;

			for (size_t j = 0; lib.frames[k].source && j < lib.frames[k].source->count;
			     j++)
				vr_parameters_evaluate(&lib.stack, k, j, found.list);
		}
		vr_debug_file_free(lib.file);
		close(fd);
		unlink(path);
	}
	lib.file = genuine;
	free(bytes);
	library_free(&lib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dwarf_5),
		cmocka_unit_test(dwarf_4),
		cmocka_unit_test(unknown_registers),
		cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
