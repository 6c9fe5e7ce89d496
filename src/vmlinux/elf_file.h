/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ELF file of x86-64 on its way to a descriptor: sections gathered first, then written at once. */
#ifndef VMLINUX_ELF_FILE_H
#define VMLINUX_ELF_FILE_H

#include <elf.h>

#include <vmcore-report/error.h>

#define VR_ELF_SECTIONS_MAX 24
#define VR_ELF_SEGMENTS_MAX 12

/**
 * What the len bytes from addr on are, in a section that is filled while it is written; false: all
 * of them are zero, and buf needn't be.
 */
typedef bool (*vr_elf_fill)(void *arg, uint64_t addr, uint8_t *buf, size_t len);

struct vr_elf_section {
	const char *name;
	const void *data; /* must live until the file is written; NULL: none, or fill */
	vr_elf_fill
		fill; /* NULL: none; without either all bytes are zero, and take no room on disk */
	void *fill_arg;
	Elf64_Shdr header;
	uint16_t segment; /* index + 1 of the segment that holds just this section's bytes, or 0 */
};

/** Zero-initialise to begin, but for type (ET_EXEC, ET_CORE). */
struct vr_elf_file {
	uint16_t type;
	struct vr_elf_section sections[VR_ELF_SECTIONS_MAX];
	Elf64_Phdr segments[VR_ELF_SEGMENTS_MAX];
	uint16_t section_count; /* without the null section */
	uint16_t segment_count;
};

/**
 * Add a section: its index in the file, as symbols refer to it. header is what the caller knows of
 * it: all but name and offset, and sh_size only where there are no data.
 */
uint16_t vr_elf_add(struct vr_elf_file *elf, const char *name, Elf64_Shdr header, const void *data,
		    size_t len);
/** Have a section that isn't SHT_NOBITS filled while it is written. */
void vr_elf_fill_section(struct vr_elf_file *elf, uint16_t section, vr_elf_fill fill, void *arg);
/** Make a section a PT_LOAD segment. */
void vr_elf_add_load(struct vr_elf_file *elf, uint16_t section);
/** Make a section that has data a PT_NOTE segment. */
void vr_elf_add_notes(struct vr_elf_file *elf, uint16_t section);

/**
 * Write it to fd from offset 0 on, cutting off what was there. *bytes gets its size. VR_OS, and
 * VR_LIMIT where it would be larger than max.
 */
enum vr_err vr_elf_write(struct vr_elf_file *elf, int fd, uint64_t max, uint64_t *bytes,
			 struct vr_error *err);

#endif
