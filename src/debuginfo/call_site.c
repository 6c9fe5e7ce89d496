// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/call_site.h"

#include <dwarf.h>

#include "debuginfo/file_parts.h"
#include "debuginfo/location.h"

/* Blocks within each other, as in lines.c. */
#define DEPTH_MAX 256
/* Entries of one function that are looked at. */
#define ENTRIES_MAX 1000000u
/* A call passes six values in registers. */
#define VALUES_MAX 6

/* What is known of one call. */
struct call {
	size_t count;
	struct {
		uint64_t reg; /* DWARF's number */
		Dwarf_Attribute value;
	} values[VALUES_MAX];
};

static bool is_call(Dwarf_Die *die)
{
	return dwarf_tag(die) == DW_TAG_call_site || dwarf_tag(die) == DW_TAG_GNU_call_site;
}

static bool is_tail_call(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_call_tail_call) || dwarf_hasattr(die, DW_AT_GNU_tail_call);
}

/* Is it the call that returns to pc? 0: any that is the function's last jump. */
static bool is_wanted(Dwarf_Die *die, uint64_t pc)
{
	Dwarf_Attribute attr;
	Dwarf_Addr at;

	if (!is_call(die))
		return false;
	if (!pc || is_tail_call(die))
		return !pc && is_tail_call(die);
	if (!dwarf_attr(die, DW_AT_call_return_pc, &attr) && !dwarf_attr(die, DW_AT_low_pc, &attr))
		return false;
	return dwarf_formaddr(&attr, &at) == 0 && at == pc;
}

/* Such a call, anywhere below an entry. */
static bool find_call(Dwarf_Die *below, uint64_t pc, unsigned depth, unsigned *left,
		      Dwarf_Die *found)
{
	Dwarf_Die child;
	int r = depth < DEPTH_MAX ? dwarf_child(below, &child) : 1;

	for (; r == 0 && *left; r = dwarf_siblingof(&child, &child)) {
		--*left;
		if (is_wanted(&child, pc)) {
			*found = child;
			return true;
		}
		if (dwarf_haschildren(&child) == 1 && find_call(&child, pc, depth + 1, left, found))
			return true;
	}
	return false;
}

static void read_values(Dwarf_Die *site, struct call *call)
{
	Dwarf_Die child;
	int r;

	for (r = dwarf_child(site, &child); r == 0 && call->count < VALUES_MAX;
	     r = dwarf_siblingof(&child, &child)) {
		Dwarf_Attribute attr, *value = &call->values[call->count].value;
		Dwarf_Op *ops;
		size_t count;

		if ((dwarf_tag(&child) == DW_TAG_call_site_parameter ||
		     dwarf_tag(&child) == DW_TAG_GNU_call_site_parameter) &&
		    dwarf_attr(&child, DW_AT_location, &attr) &&
		    dwarf_getlocation(&attr, &ops, &count) == 0 && count == 1 &&
		    vr_location_is_register(ops, &call->values[call->count].reg) &&
		    (dwarf_attr(&child, DW_AT_call_value, value) ||
		     dwarf_attr(&child, DW_AT_GNU_call_site_value, value)))
			call->count++;
	}
}

/* The call that a caller's frame is in; NULL: nothing is known of it. */
static const struct call *call_of(const struct vr_debug_frame *caller)
{
	struct vr_lookups *cache = vr_debug_file_lookups(caller->file);
	uint64_t pc = caller->pc - caller->offset;
	const uint64_t *known = vr_map_get(&cache->calls, pc);
	unsigned left = ENTRIES_MAX;
	struct call *call = NULL;
	Dwarf_Die function, site;

	if (known)
		return (const struct call *)(uintptr_t)*known;
	if (vr_source_function(caller->source, &function) &&
	    find_call(&function, pc, 0, &left, &site))
		call = vr_arena_alloc(&cache->arena, sizeof(*call));
	if (call)
		read_values(&site, call);
	vr_map_put(&cache->calls, pc, (uint64_t)(uintptr_t)call, NULL);
	return call;
}

/* May a function end by a jump to another one, which might lead back to it? */
static bool may_jump(struct vr_debug_file *file, Dwarf_Die *function)
{
	struct vr_lookups *cache = vr_debug_file_lookups(file);
	uint64_t key = dwarf_dieoffset(function);
	const uint64_t *known = vr_map_get(&cache->tail_calls, key);
	unsigned left = ENTRIES_MAX;
	Dwarf_Die found;
	bool may;

	if (known)
		return *known;
	may = find_call(function, 0, 0, &left, &found) || !left;
	vr_map_put(&cache->tail_calls, key, may, NULL);
	return may;
}

/* Did the caller's instruction call this very function, so that its frame began there? */
static bool is_called_directly(const struct vr_debug_frame *f, const struct vr_debug_frame *caller)
{
	Dwarf_Die function;
	uint64_t entry;

	return f->source && vr_source_function(f->source, &function) && caller->called &&
	       caller->call_target && vr_source_entry(f->source, &entry) &&
	       entry + f->offset == caller->call_target && !may_jump(f->file, &function);
}

bool vr_call_site_value(const struct vr_debug_stack *stack, size_t frame, const Dwarf_Op *location,
			Dwarf_Attribute *given)
{
	const struct vr_debug_frame *f = &stack->frames[frame], *caller = f + 1;
	const struct call *call;
	uint64_t reg;

	if (frame + 1 >= stack->count || !caller->file || !caller->source ||
	    !vr_location_is_register(location, &reg) || !is_called_directly(f, caller))
		return false;
	call = call_of(caller);
	for (size_t i = 0; call && i < call->count; i++)
		if (call->values[i].reg == reg) {
			*given = call->values[i].value;
			return true;
		}
	return false;
}
