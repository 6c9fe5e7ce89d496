// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/function_call.h"

#include "base/bits.h"
#include "object/program.h"

#define MAX_CODE 16384

bool vr_function_calls(struct vr_program *prog, const char *function, const char *callee)
{
	uint64_t addr = vr_symbol(prog, function), target;
	struct vr_symbol symbol = {0};
	uint8_t code[MAX_CODE];
	struct vr_error err;
	size_t len;

	if (vr_failed(prog) || vr_try_symbol(prog, callee, &target) != VR_OK ||
	    vr_symtab_lookup(prog->symtab, addr, &symbol) != VR_OK)
		return false;
	len = (size_t)VR_MIN(symbol.size, (uint64_t)MAX_CODE);
	if (vr_read(prog, addr, code, len, &err) != VR_OK) {
		vr_latch_error(prog, &err);
		return false;
	}
	/* e8 or e9, and the distance from the instruction's end. */
	for (size_t i = 0; i + 5 <= len; i++) {
		uint64_t distance = (uint64_t)(int64_t)(int32_t)vr_load32(code + i + 1);

		if ((code[i] & 0xfe) == 0xe8 && addr + i + 5 + distance == target)
			return true;
	}
	return false;
}
