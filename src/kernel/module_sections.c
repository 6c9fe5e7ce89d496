// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel/module/sysfs.c: struct module_sect_attrs and module_notes_attrs. Until 6.13 an address had
 * a structure of its own around the attribute, and notes were counted.
 */
#include "kernel/module_sections.h"

#include "base/bits.h"

/* Modules have some ten sections; one for each function where the compiler is told so. */
#define SECTIONS_MAX 65536
#define NOTES_MAX 256
/* A build id is one of a few notes of some ten bytes. */
#define NOTE_BYTES_MAX 4096

struct vr_section_walk vr_section_walk_begin(struct vr_obj module)
{
	struct vr_section_walk walk = {.module = module};
	struct vr_obj attrs;

	if (vr_try_get(module, "sect_attrs", &attrs) == VR_OK)
		vr_try_u64(module, "sect_attrs->grp.bin_attrs|sect_attrs->grp.bin_attrs_new",
			   &walk.list);
	return walk;
}

bool vr_section_walk_next(struct vr_section_walk *walk)
{
	struct vr_program *prog = walk->module.prog;
	uint64_t addr;

	if (!walk->list || vr_failed(prog))
		return false;
	if (walk->next >= SECTIONS_MAX) {
		vr_cut(prog, VR_CORRUPT, "more than %d sections in a module", SECTIONS_MAX);
		return false;
	}
	if (vr_read(prog, walk->list + 8 * walk->next++, &addr, 8, NULL) != VR_OK || !addr)
		return false;
	walk->attribute = vr_at(prog, "struct bin_attribute", addr);
	if (vr_try_str(walk->attribute, "attr.name", walk->name, sizeof(walk->name)) != VR_OK)
		walk->name[0] = '\0'; /* of a name that long nobody asks */
	if (vr_has_member(prog, "struct module_sect_attr", "address"))
		walk->addr = vr_u64(vr_container_of(prog, addr, "struct module_sect_attr", "battr"),
				    "address");
	else
		walk->addr = vr_u64(walk->attribute, "private");
	return !vr_failed(prog);
}

static bool read_note(struct vr_obj attribute, struct vr_build_id *id)
{
	uint8_t notes[NOTE_BYTES_MAX];
	uint64_t addr, size;

	if (vr_try_u64(attribute, "private", &addr) != VR_OK ||
	    vr_try_u64(attribute, "size", &size) != VR_OK || size > sizeof(notes) ||
	    vr_read(attribute.prog, addr, notes, size, NULL) != VR_OK)
		return false;
	return vr_build_id_of_notes(notes, size, id);
}

static struct vr_obj note_at(struct vr_obj attrs, uint64_t list, uint64_t i)
{
	struct vr_obj first;
	uint64_t addr;

	if (list)
		return vr_read(attrs.prog, list + 8 * i, &addr, 8, NULL) == VR_OK && addr
			       ? vr_at(attrs.prog, "struct bin_attribute", addr)
			       : (struct vr_obj){0};
	return vr_try_get(attrs, "attrs", &first) == VR_OK ? vr_index(first, i)
							   : (struct vr_obj){0};
}

bool vr_module_build_id(struct vr_obj module, struct vr_build_id *id)
{
	uint64_t count = NOTES_MAX, list = 0, at = 0;
	struct vr_obj attrs, note;
	struct vr_scope scope;
	bool found = false;

	*id = (struct vr_build_id){0};
	if (vr_try_u64(module, "notes_attrs", &at) != VR_OK || !at)
		return false;
	vr_scope_enter(module.prog, &scope);
	attrs = vr_at(module.prog, "struct module_notes_attrs", at);
	if (vr_has(attrs, "notes"))
		count = VR_MIN(vr_u64(attrs, "notes"), NOTES_MAX);
	else
		list = vr_u64(attrs, "grp.bin_attrs|grp.bin_attrs_new");
	for (uint64_t i = 0; i < count && !found && !vr_failed(module.prog); i++) {
		note = note_at(attrs, list, i);
		if (!vr_ok(note))
			break;
		found = read_note(note, id);
	}
	vr_scope_leave(module.prog, &scope);
	return found;
}
