// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/modules (m_show() in kernel/module/procfs.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/module_use.h"
#include "kernel/taint.h"
#include "plugin/emitter.h"

struct table {
	struct vr_file *f;
	struct vr_program *prog;
	struct vr_taint taints[VR_MAX_TAINTS];
	uint64_t is_of_modules; /* a bit per taint that modules can have */
	size_t taint_count;
	int64_t coming, going;
	bool addresses;
};

/* Letters that a module may show: all of them since the table doesn't tell (7.x). */
static void read_taints(struct table *t)
{
	bool tells = vr_has_member(t->prog, "struct taint_flag", "module");
	struct vr_obj flag = vr_kernel_global(t->prog, "taint_flags");
	uint64_t size = vr_sizeof(t->prog, "struct taint_flag");

	t->taint_count = vr_taints_read(t->prog, t->taints);
	for (size_t i = 0; i < t->taint_count; i++, flag.addr += size)
		if (!tells || vr_u64(flag, "module"))
			t->is_of_modules |= 1ull << i;
}

/* print_unload_info() */
static void put_users(const struct table *t, struct vr_obj module)
{
	struct vr_list_walk w;
	bool any = false;

	if (!vr_module_counts(module)) {
		vr_puts(t->f, " - -");
		return;
	}
	vr_printf(t->f, " %" PRId32 " ", vr_module_refcount(module));
	w = vr_module_users(module);
	while (vr_list_next(&w)) {
		char name[VR_MODULE_NAME];

		vr_printf(t->f, "%s,", vr_str(w.entry, "source->name", name, sizeof(name)));
		any = true;
	}
	if (vr_u64(module, "init") && !vr_u64(module, "exit")) {
		vr_puts(t->f, "[permanent],");
		any = true;
	}
	if (!any)
		vr_puts(t->f, "-");
}

/* module_flags() */
static void put_taints(const struct table *t, struct vr_obj module, int64_t state)
{
	uint64_t taints = vr_u64(module, "taints");

	if (!taints)
		return;
	vr_puts(t->f, " (");
	for (size_t i = 0; i < t->taint_count; i++)
		if (taints & t->is_of_modules & 1ull << t->taints[i].bit)
			vr_write(t->f, &t->taints[i].letter, 1);
	if (state == t->going)
		vr_puts(t->f, "-");
	if (state == t->coming)
		vr_puts(t->f, "+");
	vr_puts(t->f, ")");
}

static void put_module(const struct table *t, struct vr_obj module)
{
	int64_t state = vr_s64(module, "state");
	struct vr_module_memory memory;
	char name[VR_MODULE_NAME];

	if (!vr_module_formed(module))
		return;
	vr_module_memory(module, &memory);
	vr_printf(t->f, "%s %" PRIu32, vr_module_name(module, name), vr_module_size(module));
	put_users(t, module);
	vr_printf(t->f, " %s 0x%016" PRIx64,
		  state == t->going    ? "Unloading"
		  : state == t->coming ? "Loading"
				       : "Live",
		  t->addresses ? memory.ranges[0].start : 0);
	put_taints(t, module, state);
	vr_puts(t->f, "\n");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct table t = {.f = f, .prog = key->prog};
	struct vr_list_walk w = vr_module_walk(key->prog);

	read_taints(&t);
	t.coming = vr_constant(t.prog, "MODULE_STATE_COMING");
	t.going = vr_constant(t.prog, "MODULE_STATE_GOING");
	/* kallsyms_show_value() for a reader with CAP_SYSLOG */
	t.addresses = vr_s64(vr_kernel_global(t.prog, "kptr_restrict"), "") <= 1;
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_module(&t, w.entry);
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "modules");
}

VR_EMITTER(.path = "proc/modules", .source = "modules", .exists = exists, .emit = emit)
