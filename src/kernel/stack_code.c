// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack_code.h"

#include <string.h>

#include "base/bits.h"
#include "object/program.h"

/* Programs, their subprograms and trampolines; a busy machine has some thousands. */
#define MAX_BPF 100000
/* Tracers and other users of ftrace. */
#define MAX_FTRACE_OPS 4096
/* enum of include/linux/ftrace.h, the same since 3.7. */
#define FTRACE_OPS_FL_SAVE_REGS 4
/* Of a function, to look for where it sets up its frame. */
#define PROLOGUE 48

/* ---- BPF ---- */

static enum vr_err find_listed(struct vr_program *prog, uint64_t head, uint64_t addr,
			       struct vr_bpf_code *code)
{
	struct vr_obj ksym = vr_at(prog, "struct bpf_ksym", 0);
	uint64_t link = vr_offsetof(prog, "struct bpf_ksym", "lnode");
	uint64_t node = vr_u64(vr_at(prog, "struct list_head", head), "next");

	for (unsigned i = 0; i < MAX_BPF && node != head && !vr_failed(prog); i++) {
		ksym.addr = node - link;
		code->start = vr_u64(ksym, "start");
		code->end = vr_u64(ksym, "end");
		if (!vr_failed(prog) && addr >= code->start && addr < code->end) {
			vr_str(ksym, "name", code->name, sizeof(code->name));
			return VR_OK;
		}
		node = vr_u64(ksym, "lnode.next");
	}
	if (node != head)
		vr_latch(prog, VR_LIMIT, "more than %d BPF programs", MAX_BPF);
	return VR_ABSENT;
}

/* struct bpf_ksym came with 5.8 (ca4424c920f5 "bpf: Move ksym_tnode to bpf_ksym"). */
enum vr_err vr_bpf_code_find(struct vr_program *prog, uint64_t addr, struct vr_bpf_code *code,
			     struct vr_error *err)
{
	struct vr_scope scope;
	enum vr_err kind;
	uint64_t head;

	if (vr_try_symbol(prog, "bpf_kallsyms", &head) ||
	    !vr_has_member(prog, "struct bpf_ksym", "lnode"))
		return vr_error_set(err, VR_ABSENT, "this kernel has no list of BPF programs");
	vr_scope_enter(prog, &scope);
	kind = find_listed(prog, head, addr, code);
	if (vr_scope_leave(prog, &scope) != VR_OK) {
		vr_error_prefix(&scope.error, "bpf_kallsyms");
		if (err)
			*err = scope.error;
		return scope.error.kind;
	}
	return kind ? vr_error_set(err, VR_ABSENT, "no BPF program is at 0x%llx",
				   (unsigned long long)addr)
		    : VR_OK;
}

/* ---- ftrace ---- */

static uint64_t copied_from(struct vr_obj ops, uint64_t addr)
{
	uint64_t start, size, flags, original;

	if (vr_try_u64(ops, "trampoline", &start) || vr_try_u64(ops, "trampoline_size", &size) ||
	    vr_try_u64(ops, "flags", &flags) || !start || addr < start || addr - start >= size)
		return 0;
	if (vr_try_symbol(ops.prog,
			  flags & FTRACE_OPS_FL_SAVE_REGS ? "ftrace_regs_caller" : "ftrace_caller",
			  &original))
		return 0;
	return original == start ? 0 : original + (addr - start);
}

uint64_t vr_ftrace_original(struct vr_program *prog, uint64_t addr)
{
	uint64_t list, at, original = 0;
	struct vr_scope scope;
	struct vr_obj ops;

	if (vr_try_symbol(prog, "ftrace_ops_list", &list) || vr_read(prog, list, &at, 8, NULL))
		return 0;
	vr_scope_enter(prog, &scope);
	ops = vr_at(prog, "struct ftrace_ops", 0);
	/* The last one is ftrace_list_end, whose next is NULL. */
	for (unsigned i = 0; vr_ok(ops) && at && !original && i < MAX_FTRACE_OPS; i++) {
		ops.addr = at;
		original = copied_from(ops, addr);
		if (vr_try_u64(ops, "next", &at))
			break;
	}
	vr_scope_leave(prog, &scope);
	return original;
}

/* ---- Frame pointers ---- */

/* What the compiler may put before all else: endbr64, and the call of ftrace or a nop for it. */
static size_t leading(const uint8_t *code, size_t size)
{
	size_t i = 0;

	if (size >= 4 && !memcmp(code, "\xf3\x0f\x1e\xfa", 4))
		i = 4;
	if (size >= i + 5 && (code[i] == 0xe8 || !memcmp(code + i, "\x0f\x1f\x44\x00\x00", 5)))
		i += 5;
	return i;
}

bool vr_frame_pointer_rule(struct vr_program *prog, uint64_t ip, bool exact,
			   struct vr_orc_entry *rule)
{
	static const uint8_t set_up[] = {0x55, 0x48, 0x89, 0xe5}; /* push %rbp; mov %rsp,%rbp */
	uint8_t code[PROLOGUE], now;
	const uint8_t *at;
	struct vr_symbol sym;
	size_t size, push;

	if (vr_symtab_lookup(prog->symtab, ip, &sym) || ip < sym.addr)
		return false;
	size = sym.size ? VR_MIN(sym.size, sizeof(code)) : sizeof(code);
	if (vr_read(prog, sym.addr, code, size, NULL))
		return false;
	at = memmem(code, size, set_up, sizeof(set_up));
	if (!at)
		return false;
	*rule = vr_orc_frame_pointer_entry;
	/* What has called another function has set up its frame before. */
	if (!exact)
		return true;
	push = (size_t)(at - code);
	if (push != leading(code, size) || vr_read(prog, ip, &now, 1, NULL))
		return false;
	/* Before the push, and at the ret after the pop. */
	if (ip <= sym.addr + push || now == 0xc3)
		*rule = vr_orc_null_entry;
	else if (ip == sym.addr + push + 1)
		rule->sp_reg = VR_ORC_REG_SP;
	return true;
}

size_t vr_prologue_instruction(const uint8_t *code, size_t size)
{
	/* mov, movslq, xor, test of two registers: by their opcodes, with a prefix or without */
	static const char between_registers[] = "\x89\x8b\x63\x31\x33\x85";
	size_t prefix = size > 0 && (code[0] & 0xf0) == 0x40;
	const uint8_t *op = code + prefix;

	if (size >= 4 && !memcmp(code, "\xf3\x0f\x1e\xfa", 4))
		return 4;
	if (size >= 5 && (code[0] == 0xe8 || !memcmp(code, "\x0f\x1f\x44\x00\x00", 5)))
		return 5;
	if (size >= prefix + 5 && (op[0] & 0xf8) == 0xb8 && !(prefix && (code[0] & 8)))
		return prefix + 5;
	if (size >= prefix + 2 && op[0] && strchr(between_registers, op[0]) && op[1] >= 0xc0)
		return prefix + 2;
	return 0;
}
