// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/source.h"

#include <stdio.h>
#include <string.h>

#include "kernel/module_sections.h"
#include "object/memo.h"

#define SYMBOL_SIZE 640
/* "path:line" */
#define LINE_SIZE 1100

/* How far from its file's addresses the kernel lies: KASLR. */
struct vmlinux_offset {
	bool tried, known;
	uint64_t offset;
};

static bool kernel_offset(struct vr_program *prog, uint64_t *offset)
{
	static const char key;
	static const char *const names[] = {"_stext", "_text"};
	struct vmlinux_offset *o = vr_memo(prog, &key, sizeof(*o));
	uint64_t here, there;
	size_t section;

	if (!o)
		return false;
	for (size_t i = 0; i < 2 && !o->known && !o->tried; i++) {
		o->known = vr_try_symbol(prog, names[i], &here) == VR_OK &&
			   vr_debug_file_symbol(prog->debug->vmlinux, names[i], &there, &section,
						NULL) == VR_OK;
		o->offset = here - there;
	}
	o->tried = true;
	*offset = o->offset;
	return o->known;
}

static bool find_module(struct vr_program *prog, const char *name, struct vr_obj *module)
{
	struct vr_list_walk walk = vr_module_walk(prog);
	char buf[VR_MODULE_NAME];

	while (vr_list_next(&walk))
		if (!strcmp(vr_module_name(walk.entry, buf), name)) {
			*module = walk.entry;
			return true;
		}
	return false;
}

bool vr_debug_module_place(struct vr_program *prog, struct vr_debug_module *debug)
{
	struct vr_section_walk walk;
	struct vr_obj module;
	struct vr_scope scope;
	bool any = false;

	if (debug->placed)
		return true;
	vr_scope_enter(prog, &scope);
	if (find_module(prog, debug->name, &module)) {
		walk = vr_section_walk_begin(module);
		while (vr_section_walk_next(&walk))
			if (vr_debug_file_place(debug->file, walk.name, walk.addr) == VR_OK)
				any = true;
	}
	vr_scope_leave(prog, &scope);
	debug->placed = any;
	return any;
}

static const struct vr_source *module_source(struct vr_program *prog, const char *name,
					     uint64_t addr)
{
	struct vr_debug_module *module = vr_debug_set_module(prog->debug, name);

	return module && vr_debug_module_place(prog, module) ? vr_source_at(module->file, addr)
							     : NULL;
}

const struct vr_source *vr_frame_source(struct vr_program *prog, const struct vr_frame *frame)
{
	uint64_t addr = frame->exact ? frame->pc : frame->pc - 1, offset;
	struct vr_symbol symbol;

	if (!prog->debug || vr_symtab_lookup(prog->symtab, addr, &symbol) != VR_OK)
		return NULL;
	if (symbol.module)
		return module_source(prog, symbol.module, addr);
	if (!prog->debug->vmlinux || !kernel_offset(prog, &offset))
		return NULL;
	return vr_source_at(prog->debug->vmlinux, addr - offset);
}

char *vr_source_text(const struct vr_source_frame *frame, char *buf, size_t size)
{
	buf[0] = '\0';
	if (frame->path[0] && frame->line)
		snprintf(buf, size, "%s:%u", frame->path, frame->line);
	return buf;
}

static void print_line(struct vr_strbuf *sb, const struct vr_source_frame *frame)
{
	char line[LINE_SIZE];

	if (vr_source_text(frame, line, sizeof(line))[0])
		vr_strbuf_printf(sb, " (%s)", line);
}

size_t vr_frame_print_inlined(struct vr_strbuf *sb, struct vr_program *prog,
			      const struct vr_frame *frame, const char *indent)
{
	const struct vr_source *source = vr_frame_source(prog, frame);
	size_t i;

	for (i = 0; source && i + 1 < source->count; i++) {
		vr_strbuf_printf(sb, "%s%s", indent,
				 source->frames[i].function[0] ? source->frames[i].function : "?");
		print_line(sb, &source->frames[i]);
		vr_strbuf_puts(sb, " (inlined)\n");
	}
	return i;
}

void vr_frame_print_line(struct vr_strbuf *sb, struct vr_program *prog,
			 const struct vr_frame *frame)
{
	const struct vr_source *source = vr_frame_source(prog, frame);

	if (source)
		print_line(sb, &source->frames[source->count - 1]);
}

size_t vr_frame_print(struct vr_strbuf *sb, struct vr_program *prog, const struct vr_frame *frame,
		      const char *indent, const char *mark)
{
	size_t inlined = vr_frame_print_inlined(sb, prog, frame, indent);
	char symbol[SYMBOL_SIZE];

	vr_strbuf_printf(sb, "%s%s%s", indent, mark,
			 vr_frame_symbolize(prog, frame, symbol, sizeof(symbol)));
	vr_frame_print_line(sb, prog, frame);
	vr_strbuf_putc(sb, '\n');
	return inlined + 1;
}
