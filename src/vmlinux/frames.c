// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/frames.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "kernel/panic.h"
#include "kernel/stack.h"
#include "object/program.h"
#include "vmlinux/frame_rows.h"

#define PAGE 0x1000u
/* Bytes of tables read at a time, in whole entries. */
#define CHUNK_ENTRIES 16384u
/* A stack frame of more than a stack is none. */
#define FRAME_MAX 0x4000u

struct maker {
	struct vr_program *prog;
	const struct vr_layout *layout;
	struct vr_orc_tables tables;
	struct vr_frame_rows rows;
	/* The table of one image being read: a piece of it. */
	int32_t *ips;
	uint8_t *entries;
	bool *held; /* by entry: both could be read */
};

/*
 * Read count elements of size bytes each; held of those that can't be read becomes false. Page by
 * page where the piece as a whole can't be.
 */
static void read_piece(struct maker *m, uint64_t addr, void *buf, size_t size, uint32_t count)
{
	uint64_t len = (uint64_t)count * size, done = 0;

	if (!vr_read(m->prog, addr, buf, len, NULL))
		return;
	while (done < len) {
		uint64_t n = VR_MIN(PAGE - ((addr + done) & (PAGE - 1)), len - done);

		if (vr_read(m->prog, addr + done, (uint8_t *)buf + done, n, NULL)) {
			uint64_t last = (done + n - 1) / size;

			for (uint64_t i = done / size; i <= last && i < count; i++)
				m->held[i] = false;
		}
		done += n;
	}
}

/* Where entries, in the order of their addresses, begin: the last one of each address counts. */
struct cursor {
	bool known;
	uint64_t ip;
	struct vr_orc_entry entry;
};

static void put_pending(struct maker *m, struct cursor *c, uint64_t end)
{
	if (c->known)
		vr_frame_rows_add(&m->rows, c->ip, end, &c->entry);
	c->known = false;
}

static void put_piece(struct maker *m, const struct vr_orc_table *table, uint32_t first,
		      uint32_t count, const struct vr_text_range *text, struct cursor *c)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t ip = table->ips + 4 * (uint64_t)(first + i) + (uint64_t)(int64_t)m->ips[i];

		/* How far the entry before a lost one reached isn't known. */
		if (!m->held[i]) {
			c->known = false;
			continue;
		}
		put_pending(m, c, ip);
		if (!vr_layout_in(text, ip))
			continue;
		c->known = true;
		c->ip = ip;
		vr_orc_decode(m->tables.version, m->entries + (size_t)i * VR_ORC_ENTRY_SIZE,
			      &c->entry);
	}
}

static void put_table(struct maker *m, const struct vr_orc_table *table,
		      const struct vr_text_range *text)
{
	struct cursor c = {0};

	for (uint32_t first = 0; first < table->count && !m->rows.out->failed;) {
		uint32_t count = VR_MIN(table->count - first, CHUNK_ENTRIES);

		memset(m->held, true, count);
		read_piece(m, table->ips + 4 * (uint64_t)first, m->ips, 4, count);
		read_piece(m, table->entries + VR_ORC_ENTRY_SIZE * (uint64_t)first, m->entries,
			   VR_ORC_ENTRY_SIZE, count);
		put_piece(m, table, first, count, text, &c);
		first += count;
	}
	put_pending(m, &c, text->end);
	vr_frame_rows_flush(&m->rows);
}

static void put_module(struct maker *m, struct vr_obj module)
{
	struct vr_module_memory memory;
	struct vr_orc_table table = {0};
	struct vr_text_range text;
	uint64_t count;

	if (!vr_module_memory(module, &memory) || !memory.count)
		return;
	text.start = memory.ranges[0].start;
	text.end = text.start + memory.ranges[0].size;
	if (text.start < m->layout->modules.start || text.end > m->layout->modules.end ||
	    text.end < text.start)
		return;
	if (vr_try_u64(module, "arch.num_orcs", &count) || count > memory.ranges[0].size ||
	    vr_try_u64(module, "arch.orc_unwind_ip", &table.ips) ||
	    vr_try_u64(module, "arch.orc_unwind", &table.entries))
		return;
	table.count = (uint32_t)VR_MIN(count, (uint64_t)UINT32_MAX);
	put_table(m, &table, &text);
}

static void put_modules(struct maker *m)
{
	struct vr_scope scope;
	struct vr_list_walk w;

	vr_scope_enter(m->prog, &scope);
	w = vr_module_walk(m->prog);
	while (vr_list_next(&w)) {
		struct vr_scope row;

		vr_scope_enter(m->prog, &row);
		put_module(m, w.entry);
		vr_scope_leave(m->prog, &row);
	}
	vr_scope_leave(m->prog, &scope);
}

/*
 * The one place in text without ORC where stacks of real dumps begin: __crash_kexec(), which saves
 * its own registers. Its caller was found on the stack (kernel/stack.h), and so there is a rule for
 * the instruction that it stopped at, if for no other.
 */
static void put_crash(struct maker *m)
{
	struct vr_orc_entry entry = {
		.sp_reg = VR_ORC_REG_SP,
		.bp_reg = VR_ORC_REG_UNDEFINED,
		.type = VR_ORC_CALL,
	};
	VR_FREE struct vr_stack *stack = calloc(1, sizeof(*stack));
	struct vr_orc_entry known;
	uint64_t size, ip;
	unsigned int cpu;

	if (!stack || vr_panic_cpu(m->prog, &cpu, NULL, NULL))
		return;
	vr_stack_of_cpu(m->prog, cpu, stack);
	if (stack->count < 2 || !stack->frames[0].exact || stack->frames[1].kind == VR_FRAME_REGS)
		return;
	ip = stack->frames[0].pc;
	size = stack->frames[1].sp - stack->frames[0].sp;
	if (!vr_layout_in(&m->layout->text, ip) || size % 8 || size < 8 || size > FRAME_MAX)
		return;
	if (!vr_orc_tables_lookup(&m->tables, ip, &known, NULL, NULL) &&
	    known.type != VR_ORC_UNDEFINED)
		return;
	entry.sp_offset = (int16_t)size;
	vr_frame_rows_add(&m->rows, ip, ip + 1, &entry);
	vr_frame_rows_flush(&m->rows);
}

enum vr_err vr_frames_make(struct vr_program *prog, const struct vr_layout *layout,
			   struct vr_blob *out, uint32_t *rows, struct vr_error *err)
{
	struct maker m = {.prog = prog, .layout = layout};
	enum vr_err rc = vr_orc_tables_find(prog, &m.tables, err);

	*rows = 0;
	if (rc)
		return rc;
	m.rows = (struct vr_frame_rows){
		.out = out,
		.offset = layout->offset,
		.sp_indirect_offset_first = m.tables.sp_indirect_offset_first,
	};
	m.ips = malloc(CHUNK_ENTRIES * 4);
	m.entries = malloc((size_t)CHUNK_ENTRIES * VR_ORC_ENTRY_SIZE);
	m.held = malloc(CHUNK_ENTRIES);
	if (m.ips && m.entries && m.held) {
		vr_frame_rows_begin(&m.rows);
		put_table(&m, &m.tables.vmlinux, &layout->text);
		if (layout->modules_section)
			put_modules(&m);
		put_crash(&m);
		*rows = m.rows.rows;
	} else {
		out->failed = VR_NOMEM;
	}
	free(m.ips);
	free(m.entries);
	free(m.held);
	return VR_OK;
}
