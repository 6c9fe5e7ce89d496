// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/iomem and proc/ioports (r_show() in kernel/resource.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "plugin/emitter.h"

/* MAX_IORES_LEVEL: what lies deeper isn't indented further. */
#define MAX_LEVEL 5
#define MAX_DEPTH 64

struct resource {
	uint64_t start, end, name, sibling, child;
};

static const struct vr_view_field fields[] = {
	VR_VIEW_FIELD(struct resource, start, "start"),
	VR_VIEW_FIELD(struct resource, end, "end"),
	VR_VIEW_FIELD(struct resource, name, "name"),
	VR_VIEW_FIELD(struct resource, sibling, "sibling"),
	VR_VIEW_FIELD(struct resource, child, "child"),
};

static void put_resource(struct vr_file *f, struct vr_obj obj, const struct resource *r,
			 unsigned depth, int width)
{
	int indent = 2 * (int)(depth < MAX_LEVEL ? depth : MAX_LEVEL);
	char name[512] = "<BAD>";

	vr_row_begin(f);
	if (r->name)
		vr_str(obj, "name", name, sizeof(name));
	vr_printf(f, "%*s%0*" PRIx64 "-%0*" PRIx64 " : %s\n", indent, "", width, r->start, width,
		  r->end, name);
	vr_row_end(f);
}

/* False: the dump lacks it, which costs what hangs from it and what follows on its level. */
static bool read_resource(struct vr_program *prog, const struct vr_view *view, uint64_t addr,
			  struct resource *r)
{
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	*r = (struct resource){0};
	vr_view_fill(prog, view, addr, r);
	if (vr_scope_leave(prog, &scope) == VR_OK)
		return true;
	vr_cut(prog, scope.error.kind, "resources: %s", scope.error.text);
	return false;
}

static void put_tree(struct vr_file *f, struct vr_obj root)
{
	struct vr_program *prog = root.prog;
	const struct vr_view *view =
		vr_view_bind(prog, "struct resource", fields, sizeof(fields) / sizeof(fields[0]));
	struct vr_cycle_check seen = {0};
	uint64_t siblings[MAX_DEPTH];
	struct resource r;
	unsigned depth = 0;
	uint64_t addr;
	int width;

	if (!view || !vr_view_fill(prog, view, root.addr, &r))
		return;
	width = r.end < 0x10000 ? 4 : 8;
	addr = r.child;
	while (addr) {
		if (vr_cycle_seen(&seen, addr)) {
			vr_cut(prog, VR_CORRUPT, "resources in a circle at 0x%" PRIx64, addr);
			return;
		}
		if (read_resource(prog, view, addr, &r))
			put_resource(f, vr_at(prog, "struct resource", addr), &r, depth, width);
		else
			r = (struct resource){0};
		if (r.child && depth + 1 == MAX_DEPTH) {
			vr_cut(prog, VR_CORRUPT, "resources nested too deeply");
			return;
		}
		if (r.child) {
			siblings[depth++] = r.sibling;
			addr = r.child;
			continue;
		}
		addr = r.sibling;
		while (!addr && depth)
			addr = siblings[--depth];
	}
}

static void emit_iomem(struct vr_file *f, const struct vr_key *key)
{
	put_tree(f, vr_kernel_global(key->prog, "iomem_resource"));
}

static void emit_ioports(struct vr_file *f, const struct vr_key *key)
{
	put_tree(f, vr_kernel_global(key->prog, "ioport_resource"));
}

VR_EMITTER(.path = "proc/iomem", .source = "iomem_resource", .emit = emit_iomem)
VR_EMITTER(.path = "proc/ioports", .source = "ioport_resource", .emit = emit_ioports)
