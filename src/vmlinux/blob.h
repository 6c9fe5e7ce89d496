/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing section of bytes, made for many small writes: room is checked once per record. */
#ifndef VMLINUX_BLOB_H
#define VMLINUX_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <vmcore-report/error.h>

/**
 * Set max (bytes) to begin, the rest zero. Where memory or max doesn't suffice, failed stays set
 * (VR_NOMEM, VR_LIMIT) and what comes next is dropped: look at it once, at the end.
 */
struct vr_blob {
	uint8_t *data;
	size_t len, cap;
	size_t max; /* at most 2 GiB, so that offsets have 32 bits */
	enum vr_err failed;
};

void vr_blob_free(struct vr_blob *b);
/** Have room for extra more bytes, the slow way; false: b->failed. */
bool vr_blob_grow(struct vr_blob *b, size_t extra);

/** Have room for extra more bytes; false: b->failed. */
static inline bool vr_blob_room(struct vr_blob *b, size_t extra)
{
	if (__builtin_expect(b->cap - b->len >= extra, 1))
		return true;
	return vr_blob_grow(b, extra);
}

/* The functions below need room that was made before: none of them checks. */

static inline void vr_blob_u8(struct vr_blob *b, uint8_t v)
{
	b->data[b->len++] = v;
}

static inline void vr_blob_u16(struct vr_blob *b, uint16_t v)
{
	memcpy(b->data + b->len, &v, sizeof(v));
	b->len += sizeof(v);
}

static inline void vr_blob_u32(struct vr_blob *b, uint32_t v)
{
	memcpy(b->data + b->len, &v, sizeof(v));
	b->len += sizeof(v);
}

static inline void vr_blob_u64(struct vr_blob *b, uint64_t v)
{
	memcpy(b->data + b->len, &v, sizeof(v));
	b->len += sizeof(v);
}

/* Most bytes of a LEB128 number of 64 bits. */
#define VR_LEB_MAX 10

static inline void vr_blob_uleb(struct vr_blob *b, uint64_t v)
{
	while (v >= 0x80) {
		vr_blob_u8(b, (uint8_t)(v | 0x80));
		v >>= 7;
	}
	vr_blob_u8(b, (uint8_t)v);
}

static inline void vr_blob_sleb(struct vr_blob *b, int64_t v)
{
	/* Until what is left is the sign of the last byte. */
	while (v < -64 || v > 63) {
		vr_blob_u8(b, (uint8_t)((uint64_t)v | 0x80));
		v >>= 7;
	}
	vr_blob_u8(b, (uint8_t)v & 0x7f);
}

/** These make their own room. */
void vr_blob_add(struct vr_blob *b, const void *data, size_t len);
/** Zeros up to a multiple of align. */
void vr_blob_align(struct vr_blob *b, size_t align);

static inline void vr_blob_set32(struct vr_blob *b, size_t at, uint32_t v)
{
	memcpy(b->data + at, &v, sizeof(v));
}

#endif
