/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel lies, as it was linked and as it was loaded. */
#ifndef VMLINUX_LAYOUT_H
#define VMLINUX_LAYOUT_H

#include "kernel/module.h"
#include "kernel/orc_tables.h"
#include "vmlinux/elf_file.h"

/* __START_KERNEL_map: addresses below belong to no image; per-CPU symbols have such. */
#define VR_IMAGE_START 0xffffffff80000000ull
/* Above lie the vsyscall page and error values. */
#define VR_IMAGE_END 0xffffffffff000000ull

/** All as loaded; to get to link time subtract offset. */
struct vr_layout {
	uint64_t offset; /* KERNELOFFSET */
	struct vr_text_range image, text, init_text;
	struct vr_text_range modules; /* start 0: there are none */
	/* Indexes of sections in the file, for symbols. */
	uint16_t text_section, init_section, data_section, modules_section;
};

/** Find it. VR_ABSENT: no _stext. */
enum vr_err vr_layout_find(struct vr_program *prog, bool modules, struct vr_layout *layout,
			   struct vr_error *err);
/** Sections without bytes and segments for it. */
void vr_layout_add(struct vr_layout *layout, struct vr_elf_file *elf);

static inline bool vr_layout_in(const struct vr_text_range *range, uint64_t addr)
{
	return addr >= range->start && addr < range->end;
}

/** An address as of link time; per-CPU offsets and the like stay what they are. */
static inline uint64_t vr_layout_link(const struct vr_layout *layout, uint64_t addr)
{
	return addr >= VR_IMAGE_START ? addr - layout->offset : addr;
}

#endif
