// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/function_text.h"

#include <string.h>

#include "base/bits.h"
#include "object/program.h"

#define MAX_CODE 16384
#define MAX_STRING 1024

struct rodata {
	uint64_t start, end;
};

/* Has the string at addr that text in it? What can't be read has not. */
static bool has_text(struct vr_program *prog, const struct rodata *data, uint64_t addr,
		     const char *text)
{
	char string[MAX_STRING + 1];
	size_t len;

	if (addr < data->start || addr >= data->end)
		return false;
	len = (size_t)VR_MIN(data->end - addr, (uint64_t)MAX_STRING);
	if (vr_read(prog, addr, string, len, NULL) != VR_OK)
		return false;
	string[len] = '\0';
	return strstr(string, text) != NULL;
}

bool vr_function_has_text(struct vr_program *prog, const char *function, const char *text)
{
	struct rodata data = {vr_symbol(prog, "__start_rodata"), vr_symbol(prog, "__end_rodata")};
	uint64_t addr = vr_symbol(prog, function);
	struct vr_symbol symbol = {0};
	uint8_t code[MAX_CODE];
	struct vr_error err;
	size_t len;

	if (vr_failed(prog) || vr_symtab_lookup(prog->symtab, addr, &symbol) != VR_OK)
		return false;
	len = (size_t)VR_MIN(symbol.size, (uint64_t)MAX_CODE);
	if (vr_read(prog, addr, code, len, &err) != VR_OK) {
		vr_latch_error(prog, &err);
		return false;
	}
	/* An address is an operand of four bytes, sign-extended or counted from its own end. */
	for (size_t i = 0; i + 4 <= len; i++) {
		uint64_t operand = (uint64_t)(int64_t)(int32_t)vr_load32(code + i);

		if (has_text(prog, &data, operand, text) ||
		    has_text(prog, &data, addr + i + 4 + operand, text))
			return true;
	}
	return false;
}
