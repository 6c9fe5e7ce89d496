// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk.h"

#include "base/cleanup.h"
#include "base/bits.h"
#include "kernel/globals.h"

/* Sizes of the rings are powers of two; a log buffer of 1 GiB and 2^24 records are far beyond any.
 */
#define MAX_DATA_BITS 30
#define MAX_COUNT_BITS 24
/* printk_ringbuffer.h: the state is in the top two bits of state_var, the id in the rest. */
#define STATE_SHIFT 62
#define ID_MASK (~(3ull << STATE_SHIFT))
enum { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };

struct desc {
	uint64_t state_var, begin, next;
};

struct info {
	uint64_t seq, ts_nsec;
	uint16_t text_len;
	uint8_t facility, flags, level;
	uint32_t caller_id;
};

static const struct vr_view_field desc_fields[] = {
	VR_VIEW_FIELD(struct desc, state_var, "state_var.counter"),
	VR_VIEW_FIELD(struct desc, begin, "text_blk_lpos.begin"),
	VR_VIEW_FIELD(struct desc, next, "text_blk_lpos.next"),
};

static const struct vr_view_field info_fields[] = {
	VR_VIEW_FIELD(struct info, seq, "seq"),
	VR_VIEW_FIELD(struct info, ts_nsec, "ts_nsec"),
	VR_VIEW_FIELD(struct info, text_len, "text_len"),
	VR_VIEW_FIELD(struct info, facility, "facility"),
	VR_VIEW_FIELD(struct info, flags, "flags"),
	VR_VIEW_FIELD(struct info, level, "level"),
	VR_VIEW_FIELD(struct info, caller_id, "caller_id"),
};

struct vr_printk_walk vr_printk_walk_begin(struct vr_program *prog)
{
	struct vr_obj rb = vr_deref(vr_kernel_global(prog, "prb"), "");
	struct vr_printk_walk w = {.prog = prog};
	uint64_t count_bits = vr_u64(rb, "desc_ring.count_bits");
	uint64_t size_bits = vr_u64(rb, "text_data_ring.size_bits");

	w.descs = vr_u64(rb, "desc_ring.descs");
	w.infos = vr_u64(rb, "desc_ring.infos");
	w.id = vr_u64(rb, "desc_ring.tail_id.counter") & ID_MASK;
	w.head_id = vr_u64(rb, "desc_ring.head_id.counter") & ID_MASK;
	w.data = vr_u64(rb, "text_data_ring.data");
	w.desc_size = vr_sizeof(prog, "struct prb_desc");
	w.info_size = vr_sizeof(prog, "struct printk_info");
	w.desc_view =
		vr_view_bind(prog, "struct prb_desc", desc_fields, VR_ARRAY_SIZE(desc_fields));
	w.info_view =
		vr_view_bind(prog, "struct printk_info", info_fields, VR_ARRAY_SIZE(info_fields));
	if (!vr_failed(prog) && (count_bits > MAX_COUNT_BITS || size_bits > MAX_DATA_BITS))
		vr_latch(prog, VR_CORRUPT, "a log of 2^%llu records and 2^%llu bytes",
			 (unsigned long long)count_bits, (unsigned long long)size_bits);
	w.done = vr_failed(prog);
	if (!w.done) {
		w.mask = (1ull << count_bits) - 1;
		w.data_size = 1ull << size_bits;
		w.left = w.mask + 1;
	}
	return w;
}

/* The text of a data block: behind the record's id, wrapped to the ring's start where it did not
 * fit. */
static bool read_text(struct vr_printk_walk *w, uint64_t id, const struct desc *desc, size_t len)
{
	uint64_t begin = desc->begin & (w->data_size - 1);
	uint64_t next = desc->next & (w->data_size - 1);
	uint64_t room, block_id;

	w->text.len = 0;
	/*
	 * Bit 0 set marks a record without a data block (printk_ringbuffer.h): 3 (NO_LPOS, later
	 * EMPTY_LINE_LPOS) is an empty line, 1 (FAILED_LPOS) a text that there was no room for.
	 */
	if (desc->begin & 1 && desc->next & 1)
		return desc->begin == 3 && desc->next == 3;
	if (begin > next && next) /* wrapped: the block lies at the start, its rest up to next */
		begin = 0;
	else if (begin > next)
		next = w->data_size;
	if (next - begin <= sizeof(block_id))
		return false;
	room = next - begin - sizeof(block_id);
	len = VR_MIN(len, room);
	if (!vr_strbuf_reserve(&w->text, len))
		return false;
	if (vr_read(w->prog, w->data + begin, &block_id, sizeof(block_id), NULL) != VR_OK ||
	    block_id != id ||
	    vr_read(w->prog, w->data + begin + sizeof(block_id), w->text.data, len, NULL) != VR_OK)
		return false;
	w->text.len = len;
	return true;
}

static bool read_record(struct vr_printk_walk *w, uint64_t id)
{
	uint64_t slot = id & w->mask;
	struct vr_scope scope;
	struct desc desc = {0};
	struct info info = {0};
	unsigned state;

	vr_scope_enter(w->prog, &scope);
	vr_view_fill(w->prog, w->desc_view, w->descs + slot * w->desc_size, &desc);
	vr_view_fill(w->prog, w->info_view, w->infos + slot * w->info_size, &info);
	if (vr_scope_leave(w->prog, &scope) != VR_OK) {
		vr_cut(w->prog, scope.error.kind, "a log record: %s", scope.error.text);
		return false;
	}
	state = (unsigned)(desc.state_var >> STATE_SHIFT);
	if ((desc.state_var & ID_MASK) != id ||
	    (state != STATE_COMMITTED && state != STATE_FINALIZED))
		return false;
	w->record = (struct vr_log_record){
		.seq = info.seq,
		.ts_nsec = info.ts_nsec,
		.facility = info.facility,
		.level = info.level,
		.flags = info.flags,
		.caller_id = info.caller_id,
	};
	w->record.lost = !read_text(w, id, &desc, info.text_len);
	w->record.text = vr_strbuf_str(&w->text);
	w->record.text_len = w->text.len;
	return true;
}

bool vr_printk_walk_next(struct vr_printk_walk *w)
{
	while (!w->done && !vr_failed(w->prog) && w->left) {
		uint64_t id = w->id;

		w->left--;
		w->done = id == w->head_id;
		w->id = (id + 1) & ID_MASK;
		if (read_record(w, id))
			return true;
	}
	return false;
}

void vr_printk_walk_end(struct vr_printk_walk *w)
{
	vr_strbuf_free(&w->text);
}
