// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack_return.h"

#include "base/bits.h"

/* Functions nest no deeper: FTRACE_RETFUNC_DEPTH was 50, the page of words that came later 512. */
#define MAX_FRAMES 64
#define MAX_WORDS 512
/* Probed functions that a task is in; one may have several probes. */
#define MAX_PROBES 4096
/* kernel/kprobes.c until 5.10: 1 << KPROBE_HASH_BITS. */
#define PROBE_BUCKETS 64

struct vr_return_hooks vr_return_hooks_find(struct vr_program *prog, struct vr_obj task)
{
	struct vr_return_hooks hooks = {.task = task};

	if (vr_try_symbol(prog, "return_to_handler", &hooks.graph))
		hooks.graph = 0;
	/* Since 5.18, 5.15, and before. */
	if (vr_try_symbol(prog, "arch_rethook_trampoline", &hooks.probe) &&
	    vr_try_symbol(prog, "__kretprobe_trampoline", &hooks.probe) &&
	    vr_try_symbol(prog, "kretprobe_trampoline", &hooks.probe))
		hooks.probe = 0;
	return hooks;
}

/* Two members of a structure, and where they are. */
struct record {
	uint64_t size, ret, slot;
};

static bool record_bind(struct vr_program *prog, const char *type, const char *ret,
			const char *slot, struct record *record)
{
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	record->size = vr_sizeof(prog, type);
	record->ret = vr_offsetof(prog, type, ret);
	record->slot = vr_offsetof(prog, type, slot);
	return vr_scope_leave(prog, &scope) == VR_OK;
}

static enum vr_err record_read(struct vr_program *prog, const struct record *record, uint64_t at,
			       uint64_t *ret, uint64_t *slot, struct vr_error *err)
{
	enum vr_err kind = vr_read(prog, at + record->ret, ret, 8, err);

	return kind ? kind : vr_read(prog, at + record->slot, slot, 8, err);
}

/* ---- The function graph tracer ---- */

/* Until 6.10: an array, of which curr_ret_stack is the last index in use. */
static enum vr_err graph_array(struct vr_program *prog, uint64_t base, int64_t last,
			       const struct record *record, uint64_t slot, uint64_t *ip,
			       struct vr_error *err)
{
	for (int64_t i = 0; i <= last && i < MAX_FRAMES; i++) {
		uint64_t ret, where;
		enum vr_err kind = record_read(prog, record, base + (uint64_t)i * record->size,
					       &ret, &where, err);

		if (kind)
			return kind;
		if (where == slot) {
			*ip = ret;
			return VR_OK;
		}
	}
	return VR_ABSENT;
}

/*
 * Since 6.11 (7aa1eaef9f42 "function_graph: Allow multiple users to attach to function graph"):
 * words, of which curr_ret_stack are in use. The last word of a function's has in its low bits how
 * many words before it its struct ftrace_ret_stack lies.
 */
static enum vr_err graph_words(const struct vr_return_hooks *hooks, uint64_t base, int64_t count,
			       const struct record *record, uint64_t slot, uint64_t *ip,
			       struct vr_error *err)
{
	struct vr_program *prog = hooks->task.prog;
	uint64_t at = (uint64_t)count;

	if (count < 0 || count > MAX_WORDS)
		return vr_error_set(err, VR_CORRUPT, "curr_ret_stack is %lld", (long long)count);
	while (at > 0) {
		uint64_t word, ret, where, back;
		enum vr_err kind = vr_read(prog, base + (at - 1) * 8, &word, 8, err);

		if (kind)
			return kind;
		back = word & 0x3ff;
		if (!back || back > at - 1)
			break;
		at -= back + 1;
		kind = record_read(prog, record, base + at * 8, &ret, &where, err);
		if (kind)
			return kind;
		/* A tail call has more than one in the same place. */
		if (where == slot && ret != hooks->graph) {
			*ip = ret;
			return VR_OK;
		}
	}
	return VR_ABSENT;
}

static enum vr_err resolve_graph(const struct vr_return_hooks *hooks, uint64_t slot, uint64_t *ip,
				 struct vr_error *err)
{
	struct vr_program *prog = hooks->task.prog;
	struct record record;
	uint64_t base, depth;

	if (!record_bind(prog, "struct ftrace_ret_stack", "ret", "retp", &record) ||
	    vr_try_u64(hooks->task, "ret_stack", &base) || !base ||
	    vr_try_u64(hooks->task, "curr_ret_stack", &depth))
		return VR_ABSENT;
	if (vr_has(hooks->task, "ret_stack->retp"))
		return graph_array(prog, base, (int64_t)depth, &record, slot, ip, err);
	return graph_words(hooks, base, (int64_t)depth, &record, slot, ip, err);
}

/* ---- kretprobes and fprobes ---- */

/* A task's list of what it has to return through, the innermost first. */
static enum vr_err probe_list(const struct vr_return_hooks *hooks, uint64_t node,
			      uint64_t node_offset, const struct record *record, uint64_t slot,
			      uint64_t *ip, struct vr_error *err)
{
	struct vr_program *prog = hooks->task.prog;

	for (unsigned i = 0; node && i < MAX_PROBES; i++) {
		uint64_t ret, where;
		enum vr_err kind = record_read(prog, record, node - node_offset, &ret, &where, err);

		if (kind)
			return kind;
		/* The outermost of several probes of one function has the address. */
		if (where == slot && ret != hooks->probe) {
			*ip = ret;
			return VR_OK;
		}
		kind = vr_read(prog, node, &node, 8, err);
		if (kind)
			return kind;
	}
	return VR_ABSENT;
}

/* Until 5.10 they are in a table for all tasks, by a hash over the task's address. */
static enum vr_err probe_table(const struct vr_return_hooks *hooks, const struct record *record,
			       uint64_t slot, uint64_t *ip, struct vr_error *err)
{
	struct vr_program *prog = hooks->task.prog;
	uint64_t table, node_offset = 0;
	struct vr_scope scope;

	vr_scope_enter(prog, &scope);
	table = vr_symbol(prog, "kretprobe_inst_table");
	node_offset = vr_offsetof(prog, "struct kretprobe_instance", "hlist");
	if (vr_scope_leave(prog, &scope))
		return VR_ABSENT;
	for (uint64_t i = 0; i < PROBE_BUCKETS; i++) {
		uint64_t node;
		enum vr_err kind = vr_read(prog, table + 8 * i, &node, 8, err);

		/* A slot is on one task's stack only, so that it tells the task as well. */
		if (!kind)
			kind = probe_list(hooks, node, node_offset, record, slot, ip, err);
		if (kind != VR_ABSENT)
			return kind;
	}
	return VR_ABSENT;
}

static enum vr_err resolve_probe(const struct vr_return_hooks *hooks, uint64_t slot, uint64_t *ip,
				 struct vr_error *err)
{
	static const struct {
		const char *list, *type, *slot;
	} kinds[] = {
		{"rethooks.first", "struct rethook_node", "frame"},
		/* 5.11 (d741bf41d7c7 "kprobes: Remove kretprobe hash") and without rethook */
		{"kretprobe_instances.first", "struct kretprobe_instance", "fp"},
	};
	struct vr_program *prog = hooks->task.prog;
	enum vr_err kind = VR_ABSENT;
	struct record record;

	for (size_t i = 0; i < VR_ARRAY_SIZE(kinds) && kind == VR_ABSENT; i++) {
		struct vr_scope scope;
		uint64_t first, offset;

		if (!record_bind(prog, kinds[i].type, "ret_addr", kinds[i].slot, &record) ||
		    vr_try_u64(hooks->task, kinds[i].list, &first))
			continue;
		vr_scope_enter(prog, &scope);
		offset = vr_offsetof(prog, kinds[i].type, "llist");
		if (vr_scope_leave(prog, &scope) == VR_OK)
			kind = probe_list(hooks, first, offset, &record, slot, ip, err);
	}
	if (kind == VR_ABSENT && vr_has_symbol(prog, "kretprobe_inst_table") &&
	    record_bind(prog, "struct kretprobe_instance", "ret_addr", "fp", &record))
		kind = probe_table(hooks, &record, slot, ip, err);
	return kind;
}

/* ---- Both ---- */

static enum vr_err failed(enum vr_err kind, const char *who, uint64_t slot, struct vr_error *err)
{
	if (kind == VR_ABSENT)
		return vr_error_set(err, VR_ABSENT,
				    "the return address at 0x%llx is %s's, and the genuine one "
				    "can't be found",
				    (unsigned long long)slot, who);
	vr_error_prefix(err, "what %s put aside", who);
	return kind;
}

enum vr_err vr_return_resolve(const struct vr_return_hooks *hooks, uint64_t slot, uint64_t *ip,
			      struct vr_error *err)
{
	enum vr_err kind;

	if (!*ip)
		return VR_OK;
	if (*ip == hooks->graph) {
		kind = vr_ok(hooks->task) ? resolve_graph(hooks, slot, ip, err) : VR_ABSENT;
		if (kind)
			return failed(kind, "the function graph tracer", slot, err);
	}
	/* Of two that hook the same function it is the tracer that came last. */
	if (*ip == hooks->probe) {
		kind = vr_ok(hooks->task) ? resolve_probe(hooks, slot, ip, err) : VR_ABSENT;
		if (kind)
			return failed(kind, "a probe", slot, err);
	}
	return VR_OK;
}
