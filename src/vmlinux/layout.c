// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/layout.h"

#include <stdlib.h>

#include "base/bits.h"
#include "kernel/globals.h"
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

/* Whether memory still has what was for the kernel's start only (init/main.c: free_initmem()). */
static bool init_is_there(struct vr_program *prog)
{
	struct vr_scope scope;
	int64_t gone;
	uint64_t now;
	bool known;

	vr_scope_enter(prog, &scope);
	/* Since 5.16 there is a state of its own for it. */
	known = !vr_enum_value(prog, NULL, "SYSTEM_FREEING_INITMEM", &gone) ||
		!vr_enum_value(prog, NULL, "SYSTEM_RUNNING", &gone);
	now = vr_u64(vr_kernel_global(prog, "system_state"), "");
	known = vr_scope_leave(prog, &scope) == VR_OK && known;
	return known && (int64_t)now < gone;
}

/* What lies before the end of the one before it is dropped: symbols may lie. */
static void add_part(struct vr_layout *layout, const char *name, struct vr_text_range range,
		     enum vr_part_state state, uint64_t flags)
{
	size_t count = layout->part_count;

	if (range.start >= range.end || range.end > layout->image.end ||
	    (count && range.start < layout->parts[count - 1].range.end))
		return;
	layout->parts[layout->part_count++] = (struct vr_layout_part){
		.name = name,
		.range = range,
		.state = state,
		.flags = flags,
	};
}

/* Without the symbols that bound its parts the image is text, and data behind it. */
static void add_plain_parts(struct vr_layout *layout)
{
	add_part(layout, ".text", layout->text, VR_PART_HELD, SHF_EXECINSTR);
	add_part(layout, ".data", (struct vr_text_range){layout->text.end, layout->image.end},
		 VR_PART_HELD, SHF_WRITE);
}

/* As scripts of the linker lay it out (arch/x86/kernel/vmlinux.lds.S). */
static void find_parts(struct vr_program *prog, struct vr_layout *layout)
{
	enum vr_part_state init = init_is_there(prog) ? VR_PART_HELD : VR_PART_GONE;
	struct vr_text_range rodata = between(prog, "__start_rodata", "__end_rodata");
	struct vr_text_range data = between(prog, "_sdata", "_edata");
	struct vr_text_range init_data = between(prog, "_einittext", "__init_end");
	struct vr_text_range percpu = {0};

	if (!rodata.end || !data.end) {
		add_plain_parts(layout);
		return;
	}
	/* Up to 6.14 per-CPU variables have no addresses but offsets, from 0 on. */
	if (!vr_try_symbol(prog, "__per_cpu_start", &percpu.start) &&
	    !vr_try_symbol(prog, "__per_cpu_end", &percpu.end) && !percpu.start &&
	    percpu.end < IMAGE_MAX)
		add_part(layout, ".data..percpu", percpu, VR_PART_GONE, SHF_WRITE);
	percpu = between(prog, "__per_cpu_start", "__per_cpu_end");
	if (vr_layout_in(&init_data, percpu.start))
		init_data.end = percpu.start;
	add_part(layout, ".text", layout->text, VR_PART_HELD, SHF_EXECINSTR);
	add_part(layout, ".rodata", rodata, VR_PART_HELD, 0);
	add_part(layout, ".data", data, VR_PART_HELD, SHF_WRITE);
	add_part(layout, ".init.text", layout->init_text, init, SHF_EXECINSTR);
	add_part(layout, ".init.data", init_data, init, SHF_WRITE);
	add_part(layout, ".data..percpu", percpu, init, SHF_WRITE);
	add_part(layout, ".bss", between(prog, "__bss_start", "__bss_stop"), VR_PART_ZERO,
		 SHF_WRITE);
	add_part(layout, ".brk", between(prog, "__brk_base", "__brk_limit"), VR_PART_ZERO,
		 SHF_WRITE);
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
	find_parts(prog, layout);
	if (modules)
		find_modules(prog, layout);
	return VR_OK;
}

uint16_t vr_layout_section(const struct vr_layout *layout, uint64_t addr)
{
	uint16_t section = SHN_ABS;

	if (layout->modules_section && vr_layout_in(&layout->modules, addr))
		return layout->modules_section;
	for (size_t i = 0; i < layout->part_count; i++) {
		const struct vr_layout_part *part = &layout->parts[i];

		/* What is between two parts, as the ends of parts are, goes with the first. */
		if (addr < part->range.start)
			break;
		if (part->range.start >= VR_IMAGE_START || addr <= part->range.end)
			section = part->section;
	}
	return addr < VR_IMAGE_START || addr <= layout->image.end ? section : SHN_ABS;
}
