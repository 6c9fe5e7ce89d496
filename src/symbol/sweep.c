// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define PAGE 4096
/* Fits into a processor's second cache. */
#define PIECE ((size_t)256 << 10)

uint64_t vr_read_with_holes(vr_symtab_reader read, void *arg, uint64_t va, unsigned char *buf,
			    size_t len, struct vr_holes *holes)
{
	uint64_t missing = 0, at = 0;

	if (read(arg, va, buf, len) == VR_OK)
		return 0;
	while (at < len) {
		size_t n = VR_MIN(len - at, (size_t)(PAGE - (va + at) % PAGE));

		if (read(arg, va + at, buf + at, n) != VR_OK) {
			memset(buf + at, 0, n);
			missing++;
			if (holes)
				vr_holes_add(holes, at, at + n);
		}
		at += n;
	}
	return missing;
}

bool vr_sweep_begin(struct vr_sweep *s, vr_symtab_reader read, void *arg, uint64_t start,
		    uint64_t end, size_t keep)
{
	*s = (struct vr_sweep){
		.read = read,
		.arg = arg,
		.next = start,
		.end = VR_MAX(start, end),
		.keep = VR_MIN(keep, (size_t)PAGE),
	};
	s->buf = malloc(PAGE + PIECE);
	return s->buf != NULL;
}

bool vr_sweep_next(struct vr_sweep *s)
{
	size_t keep = VR_MIN(s->keep, s->len);
	size_t n = (size_t)VR_MIN((uint64_t)PIECE - s->next % PAGE, s->end - s->next);

	if (!n)
		return false;
	if (keep)
		memmove(s->buf, s->buf + s->len - keep, keep);
	s->missing += vr_read_with_holes(s->read, s->arg, s->next, s->buf + keep, n, NULL);
	s->at = s->next - keep;
	s->data = s->buf;
	s->len = keep + n;
	s->next += n;
	return true;
}

void vr_sweep_end(struct vr_sweep *s)
{
	free(s->buf);
	s->buf = NULL;
}
