// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/function_text.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/module.h"
#include "object/program.h"

#define MAX_CODE 16384
#define MAX_STRING 1024

/* Where a function's strings are. */
struct rodata {
	struct vr_module_memory parts;
};

static bool get_rodata(struct vr_program *prog, const struct vr_symbol *function,
		       struct rodata *data)
{
	struct vr_list_walk w;
	char name[VR_MODULE_NAME];

	if (!function->module) {
		uint64_t start = vr_symbol(prog, "__start_rodata");

		data->parts = (struct vr_module_memory){.count = 1};
		data->parts.ranges[0] =
			(struct vr_module_range){start, vr_symbol(prog, "__end_rodata") - start};
		return !vr_failed(prog);
	}
	w = vr_module_walk(prog);
	while (vr_list_next(&w))
		if (!strcmp(vr_module_name(w.entry, name), function->module))
			return vr_module_memory(w.entry, &data->parts);
	return false;
}

/* How many bytes there are from addr on. */
static uint64_t bytes_at(const struct rodata *data, uint64_t addr)
{
	for (size_t i = 0; i < data->parts.count; i++) {
		const struct vr_module_range *range = &data->parts.ranges[i];

		if (addr - range->start < range->size)
			return range->size - (addr - range->start);
	}
	return 0;
}

/* Has the string at addr that text in it? What can't be read has not. */
static bool has_text(struct vr_program *prog, const struct rodata *data, uint64_t addr,
		     const char *text)
{
	char string[MAX_STRING + 1];
	size_t len = (size_t)VR_MIN(bytes_at(data, addr), (uint64_t)MAX_STRING);

	if (!len)
		return false;
	if (vr_read(prog, addr, string, len, NULL) != VR_OK)
		return false;
	string[len] = '\0';
	return strstr(string, text) != NULL;
}

bool vr_function_has_text(struct vr_program *prog, const char *function, const char *text)
{
	uint64_t addr = vr_symbol(prog, function);
	struct vr_symbol symbol = {0};
	uint8_t code[MAX_CODE];
	struct rodata data = {0};
	struct vr_error err;
	size_t len;

	if (vr_failed(prog) || vr_symtab_lookup(prog->symtab, addr, &symbol) != VR_OK ||
	    !get_rodata(prog, &symbol, &data))
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
