// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/lines.h"

#include <ctype.h>
#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/text.h"
#include "debuginfo/file_parts.h"
#include "debuginfo/language.h"

/* Calls inlined into each other, of which there are rarely more than five in C, and 20 in Rust. */
#define FRAMES_MAX 64
#define PATH_SIZE 1024
/* Blocks within each other; compilers make some ten. */
#define DEPTH_MAX 256
/* Entries of one unit that are looked at: the largest have some ten thousand. */
#define ENTRIES_MAX 4000000u
/* Units that are looked at where no table says which one has an address. */
#define UNITS_MAX 200000u

/* From a function down to the innermost block that has an address. */
struct chain {
	Dwarf_Die function;
	Dwarf_Die inlined
		[FRAMES_MAX]; /* from the outside in; the first ones that there is room for */
	size_t count;
};

/* Libdw looks at a unit only when it is asked for it; what it says then. */
static void note_damage(struct vr_debug_file *file)
{
	vr_debug_file_note_damage(file, dwarf_errmsg(-1));
}

/* The unit that has the address, as no table says. */
static bool scan_units(struct vr_debug_file *file, Dwarf *dwarf, uint64_t addr, Dwarf_Die *unit)
{
	Dwarf_CU *cu = NULL;
	uint8_t type;
	bool damaged = false;
	int r = 0;

	for (unsigned i = 0; i < UNITS_MAX && r == 0; i++) {
		int has = 0;

		r = dwarf_get_units(dwarf, cu, &cu, NULL, &type, unit, NULL);
		if (r == 0 && type == DW_UT_compile)
			has = dwarf_haspc(unit, addr);
		if (has == 1)
			return true;
		damaged |= r < 0 || has < 0;
	}
	if (damaged)
		note_damage(file);
	return false;
}

static bool find_unit(struct vr_debug_file *file, Dwarf *dwarf, uint64_t addr, Dwarf_Die *unit)
{
	Dwarf_Aranges *table;
	Dwarf_Arange *range;
	Dwarf_Off offset;
	size_t count;

	if (dwarf_getaranges(dwarf, &table, &count) != 0 || !count)
		return scan_units(file, dwarf, addr, unit);
	range = dwarf_getarange_addr(table, addr);
	if (!range)
		return false;
	if (dwarf_getarangeinfo(range, NULL, NULL, &offset) == 0 &&
	    dwarf_offdie(dwarf, offset, unit))
		return true;
	note_damage(file);
	return false;
}

static bool may_hold_code(int tag)
{
	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine ||
	       tag == DW_TAG_lexical_block || tag == DW_TAG_GNU_call_site;
}

/* Rust's functions are in namespaces, which don't say what addresses are in them. */
static bool is_namespace(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module;
}

/* The child of die, or of namespaces in it, that holds the address, into *die itself. */
static bool descend(struct vr_debug_file *file, Dwarf_Die *die, uint64_t addr, unsigned *looked_at,
		    unsigned depth)
{
	Dwarf_Die child, inner;
	int r = dwarf_child(die, &child);
	bool damaged = r < 0;

	while (r == 0 && ++*looked_at < ENTRIES_MAX) {
		int tag = dwarf_tag(&child), has = 0;

		inner = child;
		if (is_namespace(tag) && depth < DEPTH_MAX)
			has = descend(file, &inner, addr, looked_at, depth + 1);
		else if (may_hold_code(tag))
			has = dwarf_haspc(&child, addr);
		if (has == 1) {
			*die = inner;
			return true;
		}
		r = dwarf_siblingof(&child, &child);
		damaged |= r < 0 || has < 0;
	}
	if (damaged)
		note_damage(file);
	return false;
}

static bool find_chain(struct vr_debug_file *file, Dwarf_Die *unit, uint64_t addr,
		       struct chain *chain)
{
	unsigned looked_at = 0, depth = 0;
	Dwarf_Die at = *unit;
	bool found = false;

	chain->count = 0;
	while (depth++ < DEPTH_MAX && descend(file, &at, addr, &looked_at, 0)) {
		if (dwarf_tag(&at) == DW_TAG_subprogram) {
			chain->function = at;
			chain->count = 0;
			found = true;
		} else if (dwarf_tag(&at) == DW_TAG_inlined_subroutine && found &&
			   chain->count < FRAMES_MAX) {
			chain->inlined[chain->count++] = at;
		}
	}
	return found;
}

/* ---- Paths ---- */

/* Without "." and "..", and without doubled slashes; false: it doesn't fit. */
static bool normalize(const char *dir, const char *name, char out[PATH_SIZE])
{
	char text[PATH_SIZE];
	size_t len = 0;
	int n;

	n = snprintf(text, sizeof(text), "%s%s%s", name[0] == '/' || !dir ? "" : dir,
		     name[0] == '/' || !dir ? "" : "/", name);
	if (n < 0 || (size_t)n >= sizeof(text))
		return false;
	for (const char *p = text; *p;) {
		size_t part = strcspn(p, "/");

		if (part == 2 && !memcmp(p, "..", 2)) {
			while (len && out[--len] != '/')
				;
		} else if (part && !(part == 1 && *p == '.')) {
			out[len++] = '/';
			memcpy(out + len, p, part);
			len += part;
		}
		p += part;
		p += *p == '/';
	}
	out[len] = '\0';
	return len > 0;
}

/* Length of the folders that both begin with, without the last slash. */
static size_t common_folders(const char *a, const char *b)
{
	size_t common = 0;

	for (size_t i = 0;; i++) {
		if ((a[i] == '/' || !a[i]) && (b[i] == '/' || !b[i]))
			common = i;
		if (a[i] != b[i] || !a[i])
			return common;
	}
}

/*
 * As the kernel's sources name it. The folder in which the compiler ran is their root or, where
 * objects go elsewhere, mostly below it. "" where it is not told.
 */
static char *path_within(struct vr_arena *arena, const char *dir, const char *name)
{
	char path[PATH_SIZE], root[PATH_SIZE], text[VR_PRINTABLE_SIZE(PATH_SIZE)];
	size_t skip = 0;

	if (!name || !normalize(dir, name, path))
		return vr_arena_strndup(arena, "", 0);
	if (dir && normalize(NULL, dir, root))
		skip = common_folders(root, path);
	if (skip && path[skip] == '/')
		skip++;
	/* Whoever made the file chose it. */
	vr_printable(path + skip, text, sizeof(text));
	return vr_arena_strndup(arena, text, strlen(text));
}

bool vr_unit_is_c(Dwarf_Die *unit)
{
	return vr_dwarf_is_c((uint64_t)dwarf_srclang(unit));
}

/*
 * A function's name, NULL where it can be none of a symbol's. Other languages than C have names that mean
 * something within their namespace only; there it is the symbol's, as kallsyms has it.
 */
static const char *name_of(Dwarf_Die *die, bool is_c)
{
	const char *name = NULL;
	Dwarf_Attribute attr;

	if (!is_c)
		name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	if (!name)
		name = dwarf_diename(die);
	for (const char *p = name; p && *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.$", *p))
			return NULL;
	return name;
}

/* ---- Frames ---- */

/* A unit, and the memory that strings about it go to. */
struct unit {
	struct vr_debug_file *file;
	Dwarf_Die die;
	struct vr_arena *arena;
};

static const char *compiled_in(struct unit *unit)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(&unit->die, DW_AT_comp_dir, &attr));
}

static void set_line(struct vr_source_frame *frame, struct unit *unit, uint64_t addr)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->die, addr);
	Dwarf_Lines *lines;
	int number = 0;
	size_t count;

	if (!line && dwarf_hasattr(&unit->die, DW_AT_stmt_list) &&
	    dwarf_getsrclines(&unit->die, &lines, &count) != 0)
		note_damage(unit->file);
	if (!line || dwarf_lineno(line, &number) != 0 || number <= 0)
		return;
	frame->line = (unsigned)number;
	frame->path = path_within(unit->arena, compiled_in(unit), dwarf_linesrc(line, NULL, NULL));
}

static bool get_number(Dwarf_Die *die, unsigned name, Dwarf_Word *value)
{
	Dwarf_Attribute attr;

	return dwarf_formudata(dwarf_attr(die, name, &attr), value) == 0;
}

/* From where what was inlined is called. */
static void set_call(struct vr_source_frame *frame, struct unit *unit, Dwarf_Die *inlined)
{
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t count;

	if (!get_number(inlined, DW_AT_call_line, &line) ||
	    !get_number(inlined, DW_AT_call_file, &file) || line > INT32_MAX ||
	    dwarf_getsrcfiles(&unit->die, &files, &count) != 0 || file >= count)
		return;
	frame->line = (unsigned)line;
	frame->path =
		path_within(unit->arena, compiled_in(unit), dwarf_filesrc(files, file, NULL, NULL));
}

static size_t find_frames(struct vr_debug_file *file, uint64_t addr, struct vr_arena *arena,
			  struct vr_source_frame frames[FRAMES_MAX])
{
	struct unit unit = {.file = file, .arena = arena};
	struct chain chain;
	Dwarf *dwarf;
	size_t count = 0;
	bool c;

	if (vr_debug_file_dwarf(file, &dwarf, NULL) != VR_OK ||
	    !find_unit(file, dwarf, addr, &unit.die))
		return 0;
	set_line(&frames[0], &unit, addr);
	if (!find_chain(file, &unit.die, addr, &chain))
		return frames[0].line != 0; /* assembly */
	c = vr_unit_is_c(&unit.die);
	/* What the last one that there was room for has inlined isn't told, but where: its call is the line. */
	if (chain.count == FRAMES_MAX)
		set_call(&frames[0], &unit, &chain.inlined[--chain.count]);
	for (size_t i = chain.count; i--;) {
		frames[count].entry = chain.inlined[i];
		frames[count++].function = name_of(&chain.inlined[i], c);
		set_call(&frames[count], &unit, &chain.inlined[i]);
	}
	frames[count].entry = chain.function;
	frames[count++].function = name_of(&chain.function, c);
	return count;
}

const struct vr_source *vr_source_at(struct vr_debug_file *file, uint64_t addr)
{
	struct vr_lookups *cache = vr_debug_file_lookups(file);
	const uint64_t *known = vr_map_get(&cache->sources, addr);
	struct vr_source_frame frames[FRAMES_MAX] = {0};
	struct vr_source *source = NULL;
	size_t count;

	if (known)
		return (const struct vr_source *)(uintptr_t)*known;
	count = find_frames(file, addr, &cache->arena, frames);
	if (count)
		source = vr_arena_alloc(&cache->arena,
					sizeof(*source) + count * sizeof(*source->frames));
	if (source)
		source->count = count;
	for (size_t i = 0; source && i < count; i++) {
		source->frames[i] = frames[i];
		if (!frames[i].function)
			source->frames[i].function = "";
		if (!frames[i].path)
			source->frames[i].path = "";
	}
	vr_map_put(&cache->sources, addr, (uint64_t)(uintptr_t)source, NULL);
	return source;
}

bool vr_source_function(const struct vr_source *source, Dwarf_Die *entry)
{
	*entry = source->frames[source->count - 1].entry;
	return entry->addr != NULL;
}

bool vr_source_entry(const struct vr_source *source, uint64_t *addr)
{
	Dwarf_Die function;

	return vr_source_function(source, &function) && dwarf_entrypc(&function, addr) == 0;
}

bool vr_source_returns(const struct vr_source *source)
{
	Dwarf_Die function;

	return !vr_source_function(source, &function) ||
	       !dwarf_hasattr_integrate(&function, DW_AT_noreturn);
}
