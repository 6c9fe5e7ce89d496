// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/hash_table.h"

#include <inttypes.h>
#include <string.h>

/* Parts of an array that can't be read before the rest isn't tried. */
#define MAX_UNREAD 16

/* The type of a member: NULL where there is none. */
static const struct vr_type *member_type(struct vr_obj obj, const char *member)
{
	struct vr_obj found = obj;

	if (*member && vr_try_get(obj, member, &found) != VR_OK)
		return NULL;
	return found.type ? vr_type_strip(found.type) : NULL;
}

struct vr_hash_table vr_hash_table(struct vr_obj first, const char *member, uint64_t count)
{
	struct vr_obj head = *member ? vr_get(first, member) : first;
	const struct vr_type *type = head.type ? vr_type_strip(head.type) : NULL;
	const char *name = type ? vr_type_name(type) : NULL;

	return (struct vr_hash_table){
		.prog = first.prog,
		.heads = head.addr,
		.buckets = vr_ok(head) ? count : 0,
		.stride = first.type ? vr_type_size(first.type) : 0,
		.nulls = name && strstr(name, "hlist_nulls_head"),
		.nulls_step = 1,
	};
}

void vr_hash_begin(struct vr_hash_walk *w, const struct vr_hash_table *table, const char *type,
		   const char *member)
{
	struct vr_program *prog = table->prog;
	uint64_t offset = vr_offsetof(prog, type, member);
	struct vr_obj entry = vr_at(prog, type, 0);
	const struct vr_type *link = member_type(entry, member);

	memset(w, 0, offsetof(struct vr_hash_walk, heads));
	w->table = *table;
	w->type = entry.type;
	if (link && vr_type_kind(link) == VR_TYPE_POINTER)
		w->next_offset = offset; /* links lead to the entries themselves */
	else
		w->link_offset = offset;
	w->done = vr_failed(prog) || !table->buckets;
	if (table->buckets > VR_HASH_MAX_BUCKETS || (table->buckets && table->stride < 8) ||
	    table->stride > sizeof(w->heads)) {
		if (!w->done)
			vr_cut(prog, VR_LIMIT,
			       "a table at 0x%" PRIx64 " of %" PRIu64 " buckets, %" PRIu64
			       " bytes each",
			       table->heads, table->buckets, table->stride);
		w->done = true;
	}
}

static void cut(struct vr_hash_walk *w, enum vr_err kind, const char *why, uint64_t addr)
{
	w->node = 0;
	vr_cut(w->table.prog, kind,
	       "bucket %" PRIu64 " of the table at 0x%" PRIx64 ": %s 0x%" PRIx64, w->bucket,
	       w->table.heads, why, addr);
}

/* Have the head of the next bucket among those held: false at the end. */
static bool hold_heads(struct vr_hash_walk *w)
{
	const struct vr_hash_table *t = &w->table;
	uint64_t most = sizeof(w->heads) / t->stride;

	while (w->next_bucket >= w->first_head + w->heads_held) {
		uint64_t left = t->buckets - w->next_bucket;
		uint64_t count = left < most ? left : most;
		uint64_t addr = t->heads + w->next_bucket * t->stride;

		if (!left)
			return false;
		w->first_head = w->next_bucket;
		/* Only the head itself of the last bucket is known to be there. */
		if (vr_read(t->prog, addr, w->heads, (count - 1) * t->stride + 8, NULL) == VR_OK) {
			w->heads_held = count;
			return true;
		}
		w->heads_held = 0;
		w->bucket = w->next_bucket;
		cut(w, VR_FAULT, "can't be read, at", addr);
		w->next_bucket += count;
		if (++w->unread == MAX_UNREAD)
			return false;
	}
	return true;
}

/* A link's value, at the end of a chain 0: where it's another bucket's end that is a cut. */
static uint64_t checked_link(struct vr_hash_walk *w, uint64_t link)
{
	if (!link || !(link & 1))
		return link;
	if (!w->table.nulls)
		cut(w, VR_CORRUPT, "a link to", link);
	else if (link >> 1 !=
		 ((w->table.nulls_base + w->bucket * w->table.nulls_step) & (UINT64_MAX >> 1)))
		cut(w, VR_CORRUPT, "ends with the mark of another bucket,", link >> 1);
	return 0;
}

/* The link behind the current entry, or of the next bucket that isn't empty; 0: the end. */
static uint64_t next_link(struct vr_hash_walk *w)
{
	if (w->node) {
		uint64_t link;

		if (vr_read(w->table.prog, w->node + w->next_offset, &link, 8, NULL) != VR_OK)
			link = 0; /* it could be read before */
		link = checked_link(w, link);
		if (link)
			return link;
	}
	w->node = 0;
	while (hold_heads(w)) {
		uint64_t link;

		memcpy(&link, w->heads + (w->next_bucket - w->first_head) * w->table.stride, 8);
		w->bucket = w->next_bucket++;
		memset(&w->cycle, 0, sizeof(w->cycle));
		if (w->table.lock_bit)
			link &= ~1ull; /* an empty one is 0 */
		link = checked_link(w, link);
		if (link)
			return link;
	}
	return 0;
}

bool vr_hash_next(struct vr_hash_walk *w)
{
	struct vr_program *prog = w->table.prog;
	uint64_t link, after;

	while (!w->done && !vr_failed(prog)) {
		link = next_link(w);
		if (!link)
			break;
		if (++w->count > VR_WALK_LIMIT) {
			cut(w, VR_LIMIT, "too many entries, at", link);
			break;
		}
		/* What can't be read is no entry. */
		if (vr_read(prog, link + w->next_offset, &after, 8, NULL) != VR_OK) {
			cut(w, VR_FAULT, "an entry that can't be read, at", link);
			continue;
		}
		if (vr_cycle_seen(&w->cycle, link)) {
			cut(w, VR_CORRUPT, "a cycle, at", link);
			continue;
		}
		w->node = link;
		w->entry = (struct vr_obj){
			.prog = prog, .type = w->type, .addr = link - w->link_offset};
		return true;
	}
	w->done = true;
	return false;
}

/* ---- struct rhashtable ---- */

/* More tables than one grows into at a time. */
#define MAX_TABLES 8

static void begin_table(struct vr_rhash_walk *w)
{
	struct vr_obj first = vr_get(w->table, "buckets[0]");
	struct vr_hash_table t = vr_hash_table(first, "", vr_u64(w->table, "size"));

	if (!vr_failed(w->table.prog) && vr_u64(w->table, "nest")) {
		vr_cut(w->table.prog, VR_UNSUPPORTED, "the hash table at 0x%" PRIx64 " is nested",
		       w->table.addr);
		t.buckets = 0;
	}
	t.stride = 8; /* of pointers to struct rhash_lock_head */
	t.nulls = t.lock_bit = true;
	/* RHT_NULLS_MARKER(): the head's own address */
	t.nulls_base = t.heads >> 1;
	t.nulls_step = t.stride >> 1;
	vr_hash_begin(&w->walk, &t, w->type, w->member);
}

void vr_rhash_begin(struct vr_rhash_walk *w, struct vr_obj rhashtable, const char *type,
		    const char *member)
{
	w->table = vr_deref(rhashtable, "tbl");
	w->type = type;
	w->member = member;
	w->tables = 1;
	begin_table(w);
}

bool vr_rhash_next(struct vr_rhash_walk *w)
{
	while (!vr_hash_next(&w->walk)) {
		uint64_t future = vr_u64(w->table, "future_tbl");

		if (!future || vr_failed(w->table.prog))
			return false;
		if (w->tables++ == MAX_TABLES) {
			vr_cut(w->table.prog, VR_CORRUPT,
			       "a hash table that grows for ever, at 0x%" PRIx64, future);
			return false;
		}
		w->table = vr_at(w->table.prog, "struct bucket_table", future);
		begin_table(w);
	}
	w->entry = w->walk.entry;
	return true;
}
