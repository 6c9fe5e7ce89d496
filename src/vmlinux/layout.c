// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/layout.h"

#include <stdlib.h>

#include "base/bits.h"
#include "object/program.h"

#define PAGE 0x1000ull
/* The image and the modules behind it share the top 2 GiB. */
#define IMAGE_MAX 0x40000000ull

static struct vr_text_range between(struct vr_program *prog, const char *start, const char *end)
{
	struct vr_text_range range;

	if (vr_try_symbol(prog, start, &range.start) || vr_try_symbol(prog, end, &range.end) ||
	    range.start < VR_IMAGE_START || range.end < range.start || range.end > VR_IMAGE_END)
		return (struct vr_text_range){0};
	return range;
}

static uint64_t kernel_offset(struct vr_program *prog)
{
	const char *text = prog->fact ? prog->fact(prog->fact_arg, "KERNELOFFSET") : NULL;
	uint64_t offset = text ? strtoull(text, NULL, 16) : 0;

	return offset < IMAGE_MAX ? offset : 0;
}

/* Where symbols say nothing of its end: behind the highest of them. */
static uint64_t last_symbol(struct vr_program *prog, uint64_t start)
{
	uint64_t last = start;

	for (size_t i = 0; i < vr_symtab_count(prog->symtab); i++) {
		struct vr_symbol sym;

		vr_symtab_at(prog->symtab, i, &sym);
		if (!sym.module && sym.addr > last && sym.addr - start < IMAGE_MAX)
			last = sym.addr;
	}
	return last;
}

static void find_modules(struct vr_program *prog, struct vr_layout *layout)
{
	struct vr_text_range all = {UINT64_MAX, 0};
	struct vr_list_walk w;
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	w = vr_module_walk(prog);
	while (vr_list_next(&w)) {
		struct vr_module_memory memory;
		struct vr_scope row;

		vr_scope_enter(prog, &row);
		if (!vr_module_memory(w.entry, &memory))
			memory.count = 0;
		vr_scope_leave(prog, &row);
		for (size_t i = 0; i < memory.count; i++) {
			uint64_t start = memory.ranges[i].start, size = memory.ranges[i].size;

			if (start < layout->image.end || !size ||
			    !vr_range_ok(start, size, VR_IMAGE_END))
				continue;
			all.start = VR_MIN(all.start, start);
			all.end = VR_MAX(all.end, start + size);
		}
	}
	vr_scope_leave(prog, &scope);
	if (all.start < all.end)
		layout->modules =
			(struct vr_text_range){all.start & -PAGE, (all.end + PAGE - 1) & -PAGE};
}

enum vr_err vr_layout_find(struct vr_program *prog, bool modules, struct vr_layout *layout,
			   struct vr_error *err)
{
	struct vr_text_range whole;
	uint64_t start;

	*layout = (struct vr_layout){.offset = kernel_offset(prog)};
	if (vr_try_symbol(prog, "_stext", &start) || start < VR_IMAGE_START + layout->offset ||
	    start >= VR_IMAGE_END)
		return vr_error_set(err, VR_ABSENT, "the kernel's text isn't found (_stext)");
	layout->text = between(prog, "_stext", "_etext");
	layout->init_text = between(prog, "_sinittext", "_einittext");
	whole = between(prog, "_stext", "_end");
	layout->image.start = start & -PAGE;
	layout->image.end = whole.end ? whole.end : last_symbol(prog, start) + 1;
	layout->image.end = VR_MAX(layout->image.end, layout->text.end);
	layout->image.end = (layout->image.end + PAGE - 1) & -PAGE;
	if (!layout->text.end)
		layout->text = layout->image;
	if (modules)
		find_modules(prog, layout);
	return VR_OK;
}

static uint16_t add_section(const struct vr_layout *layout, struct vr_elf_file *elf,
			    const char *name, uint64_t flags, struct vr_text_range range)
{
	Elf64_Shdr header = {
		.sh_type = SHT_NOBITS,
		.sh_flags = SHF_ALLOC | flags,
		.sh_addr = vr_layout_link(layout, range.start),
		.sh_size = range.end - range.start,
	};

	return vr_elf_add(elf, name, header, NULL, 0);
}

void vr_layout_add(struct vr_layout *layout, struct vr_elf_file *elf)
{
	struct vr_text_range data = {layout->text.end, layout->image.end};
	Elf64_Shdr mark = {.sh_type = SHT_PROGBITS};

	/* By a section of this name and type debuggers tell vmlinux from other files. */
	vr_elf_add(elf, ".init.text", mark, "", 0);
	layout->text_section = add_section(layout, elf, ".text", SHF_EXECINSTR, layout->text);
	layout->init_section =
		add_section(layout, elf, ".init_text", SHF_EXECINSTR, layout->init_text);
	layout->data_section = add_section(layout, elf, ".data", SHF_WRITE, data);
	vr_elf_add_load(elf, vr_layout_link(layout, layout->image.start),
			vr_layout_link(layout, layout->image.end));
	if (!layout->modules.start)
		return;
	layout->modules_section =
		add_section(layout, elf, ".modules", SHF_WRITE | SHF_EXECINSTR, layout->modules);
	vr_elf_add_load(elf, vr_layout_link(layout, layout->modules.start),
			vr_layout_link(layout, layout->modules.end));
}
