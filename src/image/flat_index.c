// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/flat_index.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/*
 * QEMU writes up to 16 KiB a record, makedumpfile 64 KiB, and a strand ends whenever the block of
 * page descriptors is full: these bounds suffice for 400 GB of dump, and bound what a forged one
 * can make of it to some 300 MB.
 */
#define RECORDS_MAX ((uint64_t)1 << 25)
#define STRANDS_MAX ((size_t)1 << 21)
#define RUNS_MAX ((size_t)1 << 22)

/* Records of several sizes in a run: as many as are quickly added up. */
#define RUN_MAX 16u

static bool grow(void *items, size_t *cap, size_t count, size_t size)
{
	void **array = items;
	size_t more = *cap ? *cap * 2 : 256;
	void *made;

	if (count < *cap)
		return true;
	made = realloc(*array, more * size);
	if (!made)
		return false;
	*array = made;
	*cap = more;
	return true;
}

static bool add_size(struct vr_flat_index *index, uint32_t size)
{
	if (!grow(&index->sizes, &index->size_cap, index->size_count, sizeof(*index->sizes)))
		return false;
	index->sizes[index->size_count++] = size;
	return true;
}

/* A run of one size becomes one of several. */
static bool list_sizes(struct vr_flat_index *index, struct vr_flat_run *run, uint64_t count)
{
	run->sizes = (uint32_t)index->size_count;
	for (uint64_t i = 0; i < count; i++) {
		if (!add_size(index, (uint32_t)run->size))
			return false;
	}
	run->size = 0;
	return true;
}

/* Whether the record goes into the last run; *failed: it does, and there is no memory for it. */
static bool extend_run(struct vr_flat_index *index, uint64_t len, bool *failed)
{
	struct vr_flat_run *run;
	uint64_t count;

	*failed = false;
	if (!index->run_count)
		return false;
	run = &index->runs[index->run_count - 1];
	count = index->records - run->first;
	if (run->size == len)
		return true;
	if (count >= RUN_MAX || len > UINT32_MAX || run->size > UINT32_MAX)
		return false;
	*failed = (run->size && !list_sizes(index, run, count)) || !add_size(index, (uint32_t)len);
	return true;
}

static bool add_to_runs(struct vr_flat_index *index, uint64_t len)
{
	bool failed;

	if (extend_run(index, len, &failed))
		return !failed;
	if (!grow(&index->runs, &index->run_cap, index->run_count, sizeof(*index->runs)))
		return false;
	index->runs[index->run_count++] = (struct vr_flat_run){
		.payload = index->payload,
		.size = len,
		.first = (uint32_t)index->records,
	};
	return true;
}

enum vr_err vr_flat_index_add(struct vr_flat_index *index, uint64_t at, uint64_t len)
{
	struct vr_flat_strand *last = NULL;

	if (index->strand_count)
		last = &index->strands[index->strand_count - 1];
	if (last && last->end != at)
		last = NULL;
	if (index->records == RECORDS_MAX || index->run_count == RUNS_MAX ||
	    (!last && index->strand_count == STRANDS_MAX))
		return VR_LIMIT;
	if (!add_to_runs(index, len))
		return VR_NOMEM;
	if (!last) {
		if (!grow(&index->strands, &index->strand_cap, index->strand_count,
			  sizeof(*index->strands)))
			return VR_NOMEM;
		last = &index->strands[index->strand_count++];
		*last = (struct vr_flat_strand){.start = at, .payload = index->payload};
	}
	last->end = at + len;
	index->records++;
	index->payload += len;
	return VR_OK;
}

static int compare_strands(const void *a, const void *b)
{
	const struct vr_flat_strand *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->payload < y->payload ? -1 : x->payload > y->payload;
}

static bool overlap(const struct vr_flat_index *index)
{
	for (size_t i = 1; i < index->strand_count; i++) {
		if (index->strands[i].start < index->strands[i - 1].end)
			return true;
	}
	return false;
}

/* Strands (by number) that are open at some place, the one written last on top: a binary heap. */
struct open_strands {
	const struct vr_flat_strand *strands;
	uint32_t *heap;
	size_t count;
};

static uint64_t heap_key(const struct open_strands *open, size_t i)
{
	return open->strands[open->heap[i]].payload;
}

static void heap_swap(struct open_strands *open, size_t i, size_t k)
{
	uint32_t n = open->heap[i];

	open->heap[i] = open->heap[k];
	open->heap[k] = n;
}

static void push_strand(struct open_strands *open, uint32_t strand)
{
	size_t i = open->count++;

	open->heap[i] = strand;
	while (i && heap_key(open, (i - 1) / 2) < heap_key(open, i)) {
		heap_swap(open, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void pop_strand(struct open_strands *open)
{
	size_t i = 0;

	open->heap[0] = open->heap[--open->count];
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < open->count && heap_key(open, child + 1) > heap_key(open, child))
			child++;
		if (child >= open->count || heap_key(open, child) <= heap_key(open, i))
			return;
		heap_swap(open, i, child);
		i = child;
	}
}

/*
 * Cut out what later strands overwrite: along the file, the strand on top of the heap counts. *made
 * and *made_count come zeroed.
 */
static bool sweep(const struct vr_flat_index *index, struct open_strands *open,
		  struct vr_flat_strand **made, size_t *made_count)
{
	const struct vr_flat_strand *in = index->strands;
	size_t next = 0, cap = 0;
	uint64_t at = 0;

	while (next < index->strand_count || open->count) {
		const struct vr_flat_strand *top;
		uint64_t end;

		if (!open->count)
			at = in[next].start;
		while (next < index->strand_count && in[next].start == at)
			push_strand(open, (uint32_t)next++);
		top = &in[open->heap[0]];
		if (top->end <= at) {
			pop_strand(open);
			continue;
		}
		end = top->end;
		if (next < index->strand_count)
			end = VR_MIN(end, in[next].start);
		if (!grow(made, &cap, *made_count, sizeof(**made)))
			return false;
		(*made)[(*made_count)++] = (struct vr_flat_strand){
			.start = at,
			.end = end,
			.payload = top->payload + (at - top->start),
		};
		at = end;
	}
	return true;
}

static enum vr_err make_disjoint(struct vr_flat_index *index)
{
	struct open_strands open = {
		.strands = index->strands,
		.heap = malloc(index->strand_count * sizeof(*open.heap)),
	};
	struct vr_flat_strand *made = NULL;
	size_t count = 0;
	bool ok = open.heap && sweep(index, &open, &made, &count);

	free(open.heap);
	if (!ok) {
		free(made);
		return VR_NOMEM;
	}
	free(index->strands);
	index->strands = made;
	index->strand_count = index->strand_cap = count;
	return VR_OK;
}

enum vr_err vr_flat_index_finish(struct vr_flat_index *index)
{
	enum vr_err kind = VR_OK;

	if (!index->strand_count)
		return VR_OK;
	qsort(index->strands, index->strand_count, sizeof(*index->strands), compare_strands);
	if (overlap(index))
		kind = make_disjoint(index);
	if (!kind)
		index->size = index->strands[index->strand_count - 1].end;
	return kind;
}

void vr_flat_index_free(struct vr_flat_index *index)
{
	free(index->strands);
	free(index->runs);
	free(index->sizes);
	*index = (struct vr_flat_index){0};
}

/* The first strand that ends behind at; there is one. */
static size_t find_strand(const struct vr_flat_index *index, uint64_t at)
{
	size_t low = 0, high = index->strand_count - 1;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (at < index->strands[i].end)
			high = i;
		else
			low = i + 1;
	}
	return low;
}

/* The last run that begins at or before payload; the first one begins at 0. */
static size_t find_run(const struct vr_flat_index *index, uint64_t payload)
{
	size_t low = 0, high = index->run_count - 1;

	while (low < high) {
		size_t i = high - (high - low) / 2;

		if (payload < index->runs[i].payload)
			high = i - 1;
		else
			low = i;
	}
	return low;
}

static uint64_t run_end(const struct vr_flat_index *index, size_t run)
{
	return run + 1 < index->run_count ? index->runs[run + 1].payload : index->payload;
}

/* The record that holds payload, and where it ends. */
static uint64_t find_record(struct vr_flat_index *index, uint64_t payload, uint64_t *end)
{
	size_t i = index->last_run;
	const struct vr_flat_run *run = &index->runs[i];
	uint64_t record;

	if (payload < run->payload || payload >= run_end(index, i)) {
		i = find_run(index, payload);
		index->last_run = i;
		run = &index->runs[i];
	}
	record = run->first;
	if (run->size) {
		record += (payload - run->payload) / run->size;
		*end = run->payload + (record - run->first + 1) * run->size;
		return record;
	}
	*end = run->payload + index->sizes[run->sizes];
	while (*end <= payload) {
		record++;
		*end += index->sizes[run->sizes + (record - run->first)];
	}
	return record;
}

struct vr_flat_place vr_flat_index_find(struct vr_flat_index *index, uint64_t at)
{
	size_t i = index->last_strand;
	const struct vr_flat_strand *strand = &index->strands[i];
	struct vr_flat_place place;
	uint64_t end;

	if (at < strand->start || at >= strand->end) {
		i = find_strand(index, at);
		index->last_strand = i;
		strand = &index->strands[i];
	}
	if (at < strand->start)
		return (struct vr_flat_place){.record = VR_FLAT_HOLE, .len = strand->start - at};
	place.payload = strand->payload + (at - strand->start);
	place.record = find_record(index, place.payload, &end);
	place.len = VR_MIN(end - place.payload, strand->end - at);
	return place;
}
