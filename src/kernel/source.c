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

bool vr_frame_place(struct vr_program *prog, const struct vr_frame *frame,
		    struct vr_code_place *place)
{
	uint64_t addr = frame->exact ? frame->pc : frame->pc - 1;
	struct vr_debug_module *module;
	struct vr_symbol symbol;

	*place = (struct vr_code_place){0};
	if (!prog->debug || vr_symtab_lookup(prog->symtab, addr, &symbol) != VR_OK)
		return false;
	if (symbol.module) {
		module = vr_debug_set_module(prog->debug, symbol.module);
		if (!module || !vr_debug_module_place(prog, module))
			return false;
		place->file = module->file;
	} else {
		if (!prog->debug->vmlinux || !kernel_offset(prog, &place->offset))
			return false;
		place->file = prog->debug->vmlinux;
	}
	place->at = addr - place->offset;
	return true;
}

const struct vr_source *vr_frame_source(struct vr_program *prog, const struct vr_frame *frame)
{
	struct vr_code_place place;

	return vr_frame_place(prog, frame, &place) ? vr_source_at(place.file, place.at) : NULL;
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

/* Those of one of the functions that stand where a frame is. */
static size_t print_parameters(struct vr_strbuf *sb, const struct vr_frame_style *style,
			       size_t function)
{
	const struct vr_stack_parameters *p = style->parameters;
	bool any = false;

	for (size_t i = 0; p && i < p->count; i++) {
		if (p->list[i].frame != style->number || p->list[i].function != function)
			continue;
		if (any)
			vr_strbuf_puts(sb, ", ");
		else
			vr_strbuf_printf(sb, "%s    ", style->indent);
		vr_strbuf_printf(sb, "%s%s=", p->list[i].of.name,
				 p->list[i].of.at_entry ? "@entry" : "");
		vr_parameter_print_value(sb, style->prog, &p->list[i].of);
		any = true;
	}
	if (any)
		vr_strbuf_putc(sb, '\n');
	return any;
}

size_t vr_frame_print_parameters(struct vr_strbuf *sb, const struct vr_frame_style *style,
				 const struct vr_frame *frame)
{
	const struct vr_source *source = vr_frame_source(style->prog, frame);

	return source ? print_parameters(sb, style, source->count - 1) : 0;
}

size_t vr_frame_print_inlined(struct vr_strbuf *sb, const struct vr_frame_style *style,
			      const struct vr_frame *frame)
{
	const struct vr_source *source = vr_frame_source(style->prog, frame);
	size_t lines = 0;

	for (size_t i = 0; source && i + 1 < source->count; i++) {
		vr_strbuf_printf(sb, "%s%s", style->indent,
				 source->frames[i].function[0] ? source->frames[i].function : "?");
		print_line(sb, &source->frames[i]);
		vr_strbuf_puts(sb, " (inlined)\n");
		lines += 1 + print_parameters(sb, style, i);
	}
	return lines;
}

void vr_frame_print_line(struct vr_strbuf *sb, struct vr_program *prog,
			 const struct vr_frame *frame)
{
	const struct vr_source *source = vr_frame_source(prog, frame);

	if (source)
		print_line(sb, &source->frames[source->count - 1]);
}

size_t vr_frame_print(struct vr_strbuf *sb, const struct vr_frame_style *style,
		      const struct vr_frame *frame, const char *mark)
{
	size_t lines = vr_frame_print_inlined(sb, style, frame);
	char symbol[SYMBOL_SIZE];

	vr_strbuf_printf(sb, "%s%s%s", style->indent, mark,
			 vr_frame_symbolize(style->prog, frame, symbol, sizeof(symbol)));
	vr_frame_print_line(sb, style->prog, frame);
	vr_strbuf_putc(sb, '\n');
	return lines + 1 + vr_frame_print_parameters(sb, style, frame);
}
