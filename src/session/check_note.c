// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A note that isn't this kernel's: Hyper-V and broken tools leave such. What the kernel's own
 * symbols contradict is named; nothing here changes what is used.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/open.h"

/* Where the kernel is linked: the image's range of x86-64, and the alignment of its start. */
#define IMAGE_START 0xffffffff80000000ull
#define IMAGE_SIZE ((uint64_t)1 << 30)
#define IMAGE_ALIGN ((uint64_t)2 << 20)

/* KASLR's offset, by which debuggers find everything: the kernel must have been linked somewhere. */
static void check_offset(const struct vr_session *s)
{
	const char *text = vr_vmcoreinfo_get(s->info, "KERNELOFFSET");
	struct vr_symbol start;
	uint64_t offset, linked;
	char *end;

	if (!text || vr_symtab_find(s->symtab, "_text", &start, NULL) != VR_OK)
		return;
	offset = strtoull(text, &end, 16);
	linked = start.addr - offset;
	if (end != text && !*end && linked - IMAGE_START < IMAGE_SIZE && linked % IMAGE_ALIGN == 0)
		return;
	vr_log(s->log, VR_LOG_WARNING,
	       "VMCOREINFO's KERNELOFFSET %.32s is wrong: _text is at 0x%" PRIx64, text,
	       start.addr);
}

static void check_symbols(const struct vr_session *s)
{
	static const char *const keys[] = {"_stext", "swapper_pg_dir", "init_uts_ns", "prb"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct vr_symbol symbol;
		const char *text;
		uint64_t said;
		size_t count;
		char key[64], *end;

		snprintf(key, sizeof(key), "SYMBOL(%s)", keys[i]);
		text = vr_vmcoreinfo_get(s->info, key);
		if (!text || vr_symtab_find(s->symtab, keys[i], &symbol, &count) != VR_OK ||
		    count != 1)
			continue;
		said = strtoull(text, &end, 16);
		if (*end || said != symbol.addr)
			vr_log(s->log, VR_LOG_WARNING,
			       "VMCOREINFO's %s=%.32s is wrong: the kernel's own tables have it at "
			       "0x%" PRIx64,
			       key, text, symbol.addr);
	}
}

void vr_check_note(const struct vr_session *s)
{
	check_offset(s);
	check_symbols(s);
}
