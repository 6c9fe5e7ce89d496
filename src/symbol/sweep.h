/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking through a range of memory once, piece by piece, for what nobody says the address of. What
 * the dump doesn't hold reads as zeros: init memory is freed, and a hole must not end the search.
 *
 *	if (vr_sweep_begin(&s, read, arg, start, end, keep))
 *		...
 *	while (vr_sweep_next(&s))
 *		look at s.data[0..s.len), which is at address s.at
 *	vr_sweep_end(&s);
 */
#ifndef SYMBOL_SWEEP_H
#define SYMBOL_SWEEP_H

#include "base/holes.h"
#include "symbol/symtab.h"

struct vr_sweep {
	uint64_t at; /* address of data[0] */
	const unsigned char *data;
	size_t len;
	uint64_t missing; /* pages so far that could not be read */
	/* private */
	vr_symtab_reader read;
	void *arg;
	uint64_t next, end;
	size_t keep;
	unsigned char *buf;
};

/**
 * Begin to look through [start, end). Each piece repeats the last `keep` bytes (at most 4096) of
 * the one before, so that what lies across two is seen whole in one; data[0] of the first is at
 * start, and pieces begin at addresses that are equal to start modulo 4 where keep is a multiple of
 * 4. False: out of memory.
 */
bool vr_sweep_begin(struct vr_sweep *sweep, vr_symtab_reader read, void *arg, uint64_t start,
		    uint64_t end, size_t keep);
/** The next piece; false behind the last. */
bool vr_sweep_next(struct vr_sweep *sweep);
void vr_sweep_end(struct vr_sweep *sweep);

/**
 * Copy len bytes at va, zeros where they can't be read; the number of pages that couldn't. holes
 * (may be NULL) gets those as offsets in buf.
 */
uint64_t vr_read_with_holes(vr_symtab_reader read, void *arg, uint64_t va, unsigned char *buf,
			    size_t len, struct vr_holes *holes);

#endif
