// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/contents.h"

#include "base/bits.h"
#include "object/program.h"

#define PAGE 0x1000ull
/* Modules lie close together; where they don't, a file of all between them would be of zeros. */
#define MODULES_MAX (256ull << 20)

static void miss(struct vr_contents *c, uint64_t addr, size_t len, enum vr_mem_status why)
{
	if (!c->missing || addr < c->first) {
		c->first = addr;
		c->why = why;
	}
	c->missing += len;
}

/* Pages of memory; those that can't be read are zeros. gaps: not all has to be mapped. */
static bool fill(struct vr_contents *c, uint64_t addr, uint8_t *buf, size_t len, bool gaps)
{
	bool any = false;

	addr += c->offset;
	while (len) {
		size_t n = VR_MIN(PAGE - (addr & (PAGE - 1)), len);
		enum vr_mem_status status = vr_aspace_read(c->prog->as, addr, buf, n, NULL);

		if (status != VR_MEM_OK)
			memset(buf, 0, n);
		if (status == VR_MEM_OK || !gaps || status != VR_MEM_UNMAPPED)
			c->bytes += n;
		if (status != VR_MEM_OK && (!gaps || status != VR_MEM_UNMAPPED))
			miss(c, addr, n, status);
		for (size_t i = 0; !any && i < n; i++)
			any = buf[i] != 0;
		addr += n;
		buf += n;
		len -= n;
	}
	return any;
}

static bool fill_image(void *arg, uint64_t addr, uint8_t *buf, size_t len)
{
	return fill(arg, addr, buf, len, false);
}

static bool fill_modules(void *arg, uint64_t addr, uint8_t *buf, size_t len)
{
	return fill(arg, addr, buf, len, true);
}

static uint16_t add_section(const struct vr_layout *layout, struct vr_elf_file *elf,
			    const char *name, uint64_t flags, Elf64_Word type,
			    struct vr_text_range range)
{
	Elf64_Shdr header = {
		.sh_type = type,
		.sh_flags = SHF_ALLOC | flags,
		.sh_addr = vr_layout_link(layout, range.start),
		.sh_size = range.end - range.start,
	};

	return vr_elf_add(elf, name, header, NULL, 0);
}

/* True: it is the one by whose name and type debuggers tell vmlinux from other files. */
static bool add_part(struct vr_contents *c, const struct vr_layout *layout,
		     struct vr_layout_part *part, struct vr_elf_file *elf, bool bytes)
{
	bool is_mark = !strcmp(part->name, ".init.text");
	bool has_bytes = is_mark || (bytes && part->state != VR_PART_ZERO);

	part->section = add_section(layout, elf, part->name, part->flags,
				    has_bytes ? SHT_PROGBITS : SHT_NOBITS, part->range);
	if (bytes && part->state == VR_PART_HELD)
		vr_elf_fill_section(elf, part->section, fill_image, c);
	return is_mark;
}

/*
 * Each part is a segment. Readers take the first to begin where the image does: per-CPU offsets come
 * behind it.
 */
static void add_loads(const struct vr_layout *layout, struct vr_elf_file *elf)
{
	size_t offsets = layout->part_count && layout->parts[0].range.start < VR_IMAGE_START;

	for (size_t i = offsets; i < layout->part_count; i++) {
		vr_elf_add_load(elf, layout->parts[i].section);
		if (offsets && i == offsets)
			vr_elf_add_load(elf, layout->parts[0].section);
	}
}

void vr_contents_add(struct vr_contents *c, struct vr_layout *layout, struct vr_elf_file *elf,
		     bool bytes)
{
	static const Elf64_Shdr mark = {.sh_type = SHT_PROGBITS};
	uint64_t size = layout->modules.end - layout->modules.start;
	bool marked = false;

	c->offset = layout->offset;
	for (size_t i = 0; i < layout->part_count; i++)
		marked |= add_part(c, layout, &layout->parts[i], elf, bytes);
	add_loads(layout, elf);
	if (!marked)
		vr_elf_add(elf, ".init.text", mark, "", 0);
	if (!layout->modules.start)
		return;
	c->modules = bytes && size <= MODULES_MAX;
	layout->modules_section =
		add_section(layout, elf, ".modules", SHF_WRITE | SHF_EXECINSTR,
			    c->modules ? SHT_PROGBITS : SHT_NOBITS, layout->modules);
	if (c->modules)
		vr_elf_fill_section(elf, layout->modules_section, fill_modules, c);
	vr_elf_add_load(elf, layout->modules_section);
}
