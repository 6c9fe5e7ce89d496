// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/function_code.h"

#include "base/bits.h"
#include "object/program.h"

#define MAX_CODE 16384

struct function {
	uint64_t addr;
	size_t len;
	uint8_t code[MAX_CODE];
};

static bool read_function(struct vr_program *prog, const char *name, struct function *f)
{
	struct vr_symbol symbol = {0};
	struct vr_error err;

	f->addr = vr_symbol(prog, name);
	if (vr_failed(prog) || vr_symtab_lookup(prog->symtab, f->addr, &symbol) != VR_OK)
		return false;
	f->len = (size_t)VR_MIN(symbol.size, (uint64_t)MAX_CODE);
	if (vr_read(prog, f->addr, f->code, f->len, &err) == VR_OK)
		return true;
	vr_latch_error(prog, &err);
	return false;
}

bool vr_function_calls(struct vr_program *prog, const char *function, const char *callee)
{
	struct function f;
	uint64_t target;

	if (vr_try_symbol(prog, callee, &target) != VR_OK || !read_function(prog, function, &f))
		return false;
	/* e8 or e9, and the distance from the instruction's end. */
	for (size_t i = 0; i + 5 <= f.len; i++) {
		uint64_t distance = (uint64_t)(int64_t)(int32_t)vr_load32(f.code + i + 1);

		if ((f.code[i] & 0xfe) == 0xe8 && f.addr + i + 5 + distance == target)
			return true;
	}
	return false;
}

bool vr_function_loads(struct vr_program *prog, const char *function, int32_t constant)
{
	struct function f;

	if (!read_function(prog, function, &f))
		return false;
	for (size_t i = 0; i + 5 <= f.len; i++) {
		const uint8_t *p = f.code + i;

		/* b8 to bf, and c7 with a register: mov $imm32,%reg. */
		if ((p[0] & 0xf8) == 0xb8 && (int32_t)vr_load32(p + 1) == constant)
			return true;
		if (i + 6 <= f.len && p[0] == 0xc7 && (p[1] & 0xf8) == 0xc0 &&
		    (int32_t)vr_load32(p + 2) == constant)
			return true;
	}
	return false;
}

bool vr_function_masks(struct vr_program *prog, const char *function, int8_t constant)
{
	struct function f;

	if (!read_function(prog, function, &f))
		return false;
	/* 83 with a register: and $imm8,%reg. */
	for (size_t i = 0; i + 3 <= f.len; i++)
		if (f.code[i] == 0x83 && (f.code[i + 1] & 0xf8) == 0xe0 &&
		    (int8_t)f.code[i + 2] == constant)
			return true;
	return false;
}

bool vr_function_refers(struct vr_program *prog, const char *function, uint64_t addr)
{
	struct function f;

	if (!read_function(prog, function, &f))
		return false;
	/* Four bytes, sign-extended or counted from their own end. */
	for (size_t i = 0; i + 4 <= f.len; i++) {
		uint64_t operand = (uint64_t)(int64_t)(int32_t)vr_load32(f.code + i);

		if (operand == addr || f.addr + i + 4 + operand == addr)
			return true;
	}
	return false;
}
