// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/kallsyms (s_show() in kernel/kallsyms.c), where the plugin's option asks for it: vmlinux's
 * symbols, modules', and what was made at run time, in the kernel's order.
 */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/module.h"
#include "kernel/symbol_at.h"
#include "plugin/emitter.h"

/* Names longer than those of any kernel are bounded by their arrays: KSYM_NAME_LEN is 512. */
#define MAX_NAME 512

struct symbols {
	struct vr_file *f;
	struct vr_program *prog;
	bool addresses;
};

static void put(const struct symbols *s, uint64_t addr, char type, const char *name,
		const char *module)
{
	vr_printf(s->f, "%016" PRIx64 " %c %s", s->addresses ? addr : 0, type, name);
	if (module)
		vr_printf(s->f, "\t[%s]", module);
	vr_puts(s->f, "\n");
}

static void put_symbols(const struct symbols *s)
{
	struct vr_symbol_walk w = vr_symbols_begin(s->prog);

	while (vr_symbols_next(&w))
		put(s, w.addr, w.type, w.name, w.module);
}

static struct vr_list_walk begin(const struct symbols *s, const char *head, const char *type,
				 const char *member)
{
	return vr_list_begin(vr_kernel_global(s->prog, head), type, member);
}

/*
 * ftrace_mod_get_kallsym(): functions of modules' freed init sections that were traced. As the kernel
 * counts them the first comes twice, and the last not at all.
 */
static void put_traced(const struct symbols *s)
{
	struct vr_list_walk maps;

	if (!vr_has_symbol(s->prog, "ftrace_mod_maps"))
		return;
	maps = begin(s, "ftrace_mod_maps", "struct ftrace_mod_map", "list");
	while (vr_list_next(&maps)) {
		struct vr_list_walk w = vr_list_begin(vr_get(maps.entry, "funcs"),
						      "struct ftrace_mod_func", "list");
		uint64_t count = vr_u64(maps.entry, "num_funcs"), given = 0;
		char module[VR_MODULE_NAME], name[MAX_NAME];

		vr_module_name(vr_deref(maps.entry, "mod"), module);
		while (given < count && vr_list_next(&w)) {
			vr_str(w.entry, "name", name, sizeof(name));
			for (unsigned again = given ? 1 : 2; again && given < count;
			     again--, given++)
				put(s, vr_u64(w.entry, "ip"), 'T', name, module);
		}
	}
}

static void put_trampolines(const struct symbols *s)
{
	struct vr_list_walk w;

	if (!vr_has_symbol(s->prog, "ftrace_ops_trampoline_list"))
		return;
	w = begin(s, "ftrace_ops_trampoline_list", "struct ftrace_ops", "list");
	while (vr_list_next(&w)) {
		uint64_t addr = vr_u64(w.entry, "trampoline");

		if (addr)
			put(s, addr, 't', "ftrace_trampoline", "__builtin__ftrace");
	}
}

/* bpf_jit_kallsyms_enabled(), bpf_get_kallsym() */
static void put_bpf(const struct symbols *s)
{
	struct vr_list_walk w;

	if (!vr_has_symbol(s->prog, "bpf_kallsyms") ||
	    vr_s64(vr_kernel_global(s->prog, "bpf_jit_harden"), "") ||
	    vr_s64(vr_kernel_global(s->prog, "bpf_jit_kallsyms"), "") != 1)
		return;
	w = begin(s, "bpf_kallsyms", "struct bpf_ksym", "lnode");
	while (vr_list_next(&w)) {
		char name[MAX_NAME];

		vr_row_begin(s->f);
		put(s, vr_u64(w.entry, "start"), 't', vr_str(w.entry, "name", name, sizeof(name)),
		    "bpf");
		vr_row_end(s->f);
	}
}

/* kprobe_cache_get_kallsym() */
static void put_kprobes(const struct symbols *s, const char *cache)
{
	struct vr_obj slots;
	struct vr_list_walk w;
	char name[MAX_NAME];

	if (!vr_has_symbol(s->prog, cache))
		return;
	slots = vr_kernel_global(s->prog, cache);
	vr_str(slots, "sym", name, sizeof(name));
	w = vr_list_begin(vr_get(slots, "pages"), "struct kprobe_insn_page", "list");
	while (vr_list_next(&w))
		put(s, vr_u64(w.entry, "insns"), 't', name, "__builtin__kprobes");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct symbols s = {.f = f, .prog = key->prog};

	/* kallsyms_show_value() for a reader with CAP_SYSLOG */
	s.addresses = vr_s64(vr_kernel_global(s.prog, "kptr_restrict"), "") <= 1;
	put_symbols(&s);
	put_traced(&s);
	put_trampolines(&s);
	put_bpf(&s);
	put_kprobes(&s, "kprobe_insn_slots");
	put_kprobes(&s, "kprobe_optinsn_slots");
}

static bool exists(const struct vr_key *key)
{
	return vr_option_bool(key->run, "kallsyms");
}

VR_EMITTER(.path = "proc/kallsyms",
	   .source = "kallsyms, modules, bpf_kallsyms, ftrace_ops_trampoline_list, "
		     "kprobe_insn_slots",
	   .exists = exists, .emit = emit)
