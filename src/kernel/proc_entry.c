// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/proc_entry.h"

#include <string.h>

#include "base/bits.h"
#include "object/memo.h"

#define MAX_ENTRIES 96
#define MAX_NAME 24

struct table {
	bool read;
	size_t count; /* 0: it couldn't be had */
	char names[MAX_ENTRIES][MAX_NAME];
};

static void read_table(struct vr_program *prog, const char *symbol, struct table *t)
{
	struct vr_symbol sym;
	struct vr_scope scope;
	uint64_t size;

	t->read = true;
	vr_scope_enter(prog, &scope);
	size = vr_sizeof(prog, "struct pid_entry");
	if (size && vr_symtab_find_in(prog->symtab, NULL, symbol, &sym) == VR_OK &&
	    vr_symtab_lookup(prog->symtab, sym.addr, &sym) == VR_OK) {
		size_t count = (size_t)VR_MIN(sym.size / size, (uint64_t)MAX_ENTRIES);

		for (size_t i = 0; i < count && !vr_failed(prog); i++) {
			struct vr_obj entry = vr_at(prog, "struct pid_entry", sym.addr + i * size);

			/* What lies behind the table up to the next symbol has no names. */
			if (!vr_u64(entry, "name"))
				break;
			vr_str(entry, "name", t->names[i], MAX_NAME);
			t->count = i + 1;
		}
	}
	if (vr_scope_leave(prog, &scope) != VR_OK)
		t->count = 0;
}

bool vr_proc_has_entry(struct vr_program *prog, bool thread, const char *name)
{
	static const char keys[2];
	struct table *t = vr_memo(prog, &keys[thread], sizeof(*t));

	if (!t)
		return true;
	if (!t->read)
		read_table(prog, thread ? "tid_base_stuff" : "tgid_base_stuff", t);
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->names[i], name))
			return true;
	return !t->count;
}
