// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kernel it is. Its build id is in VMCOREINFO since 5.9, and before that
 * in the notes that the kernel has of itself in memory, between two symbols of its linker script.
 */
#include <stdio.h>
#include <string.h>

#include "session/open.h"

/* Some hundred bytes in practice. */
#define NOTES_MAX 65536

static void read_notes(const struct vr_session *s, struct vr_build_id *id)
{
	struct vr_symbol start, stop;
	uint8_t notes[NOTES_MAX];
	uint64_t len;

	if (vr_symtab_find_in(s->symtab, NULL, "__start_notes", &start) != VR_OK ||
	    vr_symtab_find_in(s->symtab, NULL, "__stop_notes", &stop) != VR_OK)
		return;
	len = stop.addr - start.addr;
	if (len <= sizeof(notes) &&
	    vr_aspace_read(s->scratch.as, start.addr, notes, len, NULL) == VR_MEM_OK)
		vr_build_id_of_notes(notes, len, id);
}

/* It may end where memory does, so that it is read byte by byte. */
static void read_banner(const struct vr_session *s, char *banner, size_t size)
{
	struct vr_symbol symbol;
	size_t len = 0;

	if (vr_symtab_find_in(s->symtab, NULL, "linux_banner", &symbol) != VR_OK)
		return;
	while (len + 1 < size &&
	       vr_aspace_read(s->scratch.as, symbol.addr + len, banner + len, 1, NULL) ==
		       VR_MEM_OK &&
	       banner[len] && banner[len] != '\n')
		len++;
	banner[len] = '\0';
}

void vr_identify_kernel(const struct vr_session *s, struct vr_kernel_identity *kernel)
{
	const char *id = vr_vmcoreinfo_get(s->info, "BUILD-ID");
	const char *release = vr_vmcoreinfo_get(s->info, "OSRELEASE");

	*kernel = (struct vr_kernel_identity){0};
	snprintf(kernel->release, sizeof(kernel->release), "%s", release ? release : "");
	if (!id || !vr_build_id_parse(id, &kernel->id))
		read_notes(s, &kernel->id);
	read_banner(s, kernel->banner, sizeof(kernel->banner));
}
