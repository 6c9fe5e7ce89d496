// SPDX-License-Identifier: GPL-2.0-or-later
/* An ELF core of notes alone. */
#include <string.h>

#include "base/bits.h"
#include "image/image.h"
#include "kernel/percpu.h"
#include "kernel/stack.h"
#include "object/program.h"
#include "vmlinux/blob.h"
#include "vmlinux/elf_file.h"
#include "vmlinux/vmlinux.h"

#define NOTES_MAX ((size_t)32 << 20)
/* struct elf_prstatus of x86-64. */
#define PRSTATUS_SIZE 336
#define PRSTATUS_PID 32
#define PRSTATUS_REGS 112
/* VMCOREINFO_BYTES is a page. */
#define VMCOREINFO_MAX 0x1000u

static void put_note(struct vr_blob *out, const char *name, uint32_t type, const void *desc,
		     size_t len)
{
	Elf64_Nhdr head = {
		.n_namesz = (Elf64_Word)strlen(name) + 1,
		.n_descsz = (Elf64_Word)len,
		.n_type = type,
	};

	vr_blob_add(out, &head, sizeof(head));
	vr_blob_add(out, name, head.n_namesz);
	vr_blob_align(out, 4);
	vr_blob_add(out, desc, len);
	vr_blob_align(out, 4);
}

/* The dump's own note with these registers, from the one after *next on: it holds more than they. */
static const struct vr_note *find_note(struct vr_program *prog, const struct vr_regs *regs,
				       size_t *next)
{
	const struct vr_note *notes;
	size_t count = 0, i;

	if (!prog->image)
		return NULL;
	notes = vr_image_notes(prog->image, &count);
	for (i = *next; i < count; i++) {
		if (notes[i].type != NT_PRSTATUS || strcmp(notes[i].name, "CORE") ||
		    notes[i].desc_len < PRSTATUS_SIZE ||
		    memcmp(notes[i].desc + PRSTATUS_REGS, regs, sizeof(*regs)))
			continue;
		*next = i + 1;
		return &notes[i];
	}
	return NULL;
}

/*
 * Readers take the n-th note for CPU n's. A CPU that saved nothing has a blank one, unless none
 * follows.
 */
static void put_cpus(struct vr_program *prog, struct vr_blob *out)
{
	unsigned int count = vr_nr_cpus(prog), blanks = 0;
	size_t next = 0;

	for (unsigned int cpu = 0; cpu < count; cpu++) {
		uint8_t status[PRSTATUS_SIZE] = {0};
		const struct vr_note *note;
		enum vr_regs_source source;
		struct vr_regs regs;
		uint32_t pid = 0;

		if (vr_cpu_regs(prog, cpu, &regs, &source, &pid)) {
			blanks++;
			continue;
		}
		for (; blanks; blanks--)
			put_note(out, "CORE", NT_PRSTATUS, status, sizeof(status));
		note = find_note(prog, &regs, &next);
		if (note) {
			put_note(out, "CORE", NT_PRSTATUS, note->desc, PRSTATUS_SIZE);
			continue;
		}
		memcpy(status + PRSTATUS_PID, &pid, sizeof(pid));
		memcpy(status + PRSTATUS_REGS, &regs, sizeof(regs));
		put_note(out, "CORE", NT_PRSTATUS, status, sizeof(status));
	}
}

/* The kernel's own copy of what it hands to the crash kernel (kernel/vmcore_info.c). */
static bool read_vmcoreinfo(struct vr_program *prog, char text[VMCOREINFO_MAX + 1])
{
	uint64_t at, data;

	if (vr_try_symbol(prog, "vmcoreinfo_data", &at) ||
	    vr_read(prog, at, &data, sizeof(data), NULL) ||
	    vr_read(prog, data, text, VMCOREINFO_MAX, NULL))
		return false;
	text[VMCOREINFO_MAX] = '\0';
	return !strncmp(text, "OSRELEASE=", 10);
}

enum vr_err vr_notes_core_write(struct vr_program *prog, int fd, struct vr_error *err)
{
	const char *info = prog->image ? vr_image_vmcoreinfo(prog->image) : NULL;
	struct vr_blob notes = {.max = NOTES_MAX};
	struct vr_elf_file elf = {.type = ET_CORE};
	char text[VMCOREINFO_MAX + 1];
	Elf64_Shdr header = {.sh_type = SHT_NOTE, .sh_addralign = 4};
	struct vr_scope scope;
	uint64_t bytes;
	enum vr_err rc;

	vr_scope_enter(prog, &scope);
	if (!info && read_vmcoreinfo(prog, text))
		info = text;
	put_cpus(prog, &notes);
	vr_scope_leave(prog, &scope);
	if (info)
		put_note(&notes, "VMCOREINFO", 0, info, strlen(info));
	if (!info) {
		rc = vr_error_set(err, VR_ABSENT, "the dump has no VMCOREINFO");
	} else if (notes.failed) {
		rc = vr_error_set(err, notes.failed, "no room for the dump's notes");
	} else {
		vr_elf_add_notes(&elf, vr_elf_add(&elf, ".notes", header, notes.data, notes.len));
		rc = vr_elf_write(&elf, fd, 2 * NOTES_MAX, &bytes, err);
	}
	vr_blob_free(&notes);
	return rc;
}
