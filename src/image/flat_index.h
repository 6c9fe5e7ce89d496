/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which record of a flattened file holds a place. Of each record only the length is kept: where its
 * bytes lie in the file follows from its number and the lengths of those before it. Records that go
 * on where the one before them ended (nearly all do) make one strand.
 */
#ifndef IMAGE_FLAT_INDEX_H
#define IMAGE_FLAT_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

#define VR_FLAT_HOLE UINT64_MAX

/* The place [start, end) of the file that the records make, by records next to each other. */
struct vr_flat_strand {
	uint64_t start;
	uint64_t end;
	uint64_t payload; /* of start; counted through the bytes of all records, no headers */
};

/* Records one after the other in the file: any number of one size, or a few of several. */
struct vr_flat_run {
	uint64_t payload;
	uint64_t size;  /* of each; 0: see sizes */
	uint32_t first; /* number of the first record */
	uint32_t sizes; /* of the first one, in vr_flat_index's sizes */
};

/** Zero-initialise to begin. */
struct vr_flat_index {
	struct vr_flat_strand *strands; /* after vr_flat_index_finish(): by start, disjoint */
	size_t strand_count, strand_cap;
	struct vr_flat_run *runs;
	size_t run_count, run_cap;
	uint32_t *sizes;
	size_t size_count, size_cap;
	uint64_t records;
	uint64_t payload;             /* bytes of all records */
	uint64_t size;                /* end of the last strand */
	size_t last_strand, last_run; /* where the last search ended */
};

/** Where the bytes at some place are. */
struct vr_flat_place {
	uint64_t record;  /* its number, VR_FLAT_HOLE: none */
	uint64_t payload; /* bytes of records before it */
	uint64_t len;     /* bytes from here on that it holds, or to the end of the hole */
};

/**
 * Add the next record: len bytes (at least 1) for the place at, at + len being at most INT64_MAX.
 * VR_NOMEM, VR_LIMIT (32 million records, or 2 million strands).
 */
enum vr_err vr_flat_index_add(struct vr_flat_index *index, uint64_t at, uint64_t len);

/** All records are added: sort the strands, a later one winning over those it overlaps. VR_NOMEM.
 */
enum vr_err vr_flat_index_finish(struct vr_flat_index *index);
void vr_flat_index_free(struct vr_flat_index *index);

/** The place at, which is below index->size. */
struct vr_flat_place vr_flat_index_find(struct vr_flat_index *index, uint64_t at);

#endif
