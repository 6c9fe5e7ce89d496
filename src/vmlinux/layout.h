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

#define VR_LAYOUT_PARTS_MAX 8

/** What is known of the bytes of a part of the image. */
enum vr_part_state {
	VR_PART_HELD, /* memory has them, as far as the dump does */
	VR_PART_GONE, /* the kernel threw them away: what was for its start only */
	VR_PART_ZERO, /* they began as zeros: no file has them */
};

/** A part of the image that is a section of its own. */
struct vr_layout_part {
	const char *name;
	struct vr_text_range range;
	enum vr_part_state state;
	uint64_t flags;   /* SHF_WRITE, SHF_EXECINSTR */
	uint16_t section; /* its index in the file */
};

/** All as loaded; to get to link time subtract offset. */
struct vr_layout {
	uint64_t offset; /* KERNELOFFSET */
	struct vr_text_range image, text, init_text;
	struct vr_text_range modules; /* start 0: there are none */
	/* In the order of their addresses; per-CPU variables, where these are offsets, come first. */
	struct vr_layout_part parts[VR_LAYOUT_PARTS_MAX];
	size_t part_count;
	uint16_t modules_section;
};

/** Find it. VR_ABSENT: no _stext. */
enum vr_err vr_layout_find(struct vr_program *prog, bool modules, struct vr_layout *layout,
			   struct vr_error *err);
/** The section that a symbol at addr belongs to; SHN_ABS: none. */
uint16_t vr_layout_section(const struct vr_layout *layout, uint64_t addr);

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
