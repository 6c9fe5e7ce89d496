// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/blob.h"

#include <stdlib.h>

#include "base/bits.h"

void vr_blob_free(struct vr_blob *b)
{
	free(b->data);
	*b = (struct vr_blob){.max = b->max};
}

bool vr_blob_grow(struct vr_blob *b, size_t extra)
{
	uint8_t *data;
	size_t cap;

	if (b->failed)
		return false;
	if (b->cap - b->len >= extra)
		return true;
	if (extra > b->max || b->len > b->max - extra) {
		b->failed = VR_LIMIT;
		return false;
	}
	/* Twice as much as is needed: large blocks are moved by their page tables. */
	cap = VR_MIN(VR_MAX((b->len + extra) * 2, (size_t)4096), b->max);
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = VR_NOMEM;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void vr_blob_add(struct vr_blob *b, const void *data, size_t len)
{
	if (!len || !vr_blob_room(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void vr_blob_align(struct vr_blob *b, size_t align)
{
	size_t pad = (align - b->len % align) % align;

	if (!pad || !vr_blob_room(b, pad))
		return;
	memset(b->data + b->len, 0, pad);
	b->len += pad;
}
