// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"

#define MAGIC 0x5256u
#define READ_SIZE ((size_t)256 << 10)
/* A buffer that one large frame made larger than this is given back afterwards. */
#define KEEP_SIZE ((size_t)1 << 20)

void vr_frame_header(uint8_t header[VR_FRAME_HEADER], uint16_t type, size_t len)
{
	uint32_t len32 = (uint32_t)len;
	uint16_t magic = MAGIC;

	memcpy(header, &len32, 4);
	memcpy(header + 4, &type, 2);
	memcpy(header + 6, &magic, 2);
}

bool vr_frame_send(int fd, uint16_t type, const struct iovec *pieces, size_t count)
{
	uint8_t header[VR_FRAME_HEADER];
	struct iovec iov[5] = {{.iov_base = header, .iov_len = sizeof(header)}};
	size_t total = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		iov[i + 1] = pieces[i];
		if (pieces[i].iov_len > UINT32_MAX - total) {
			errno = EMSGSIZE;
			return false;
		}
		total += pieces[i].iov_len;
	}
	vr_frame_header(header, type, total);
	while (at <= count) {
		ssize_t n = writev(fd, iov + at, (int)(count + 1 - at));

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		while (at <= count && (size_t)n >= iov[at].iov_len)
			n -= (ssize_t)iov[at++].iov_len;
		if (at <= count) {
			iov[at].iov_base = (uint8_t *)iov[at].iov_base + n;
			iov[at].iov_len -= (size_t)n;
		}
	}
	return true;
}

/* Bytes that the frame at the start will have, as far as that can be known. */
static size_t wanted(const struct vr_frame_reader *reader)
{
	if (reader->end - reader->start < VR_FRAME_HEADER)
		return VR_FRAME_HEADER;
	return VR_FRAME_HEADER + (size_t)vr_load32(reader->buf + reader->start);
}

/* Make room for more bytes: at most twice what has come, and no more than the frame will need. */
static bool make_room(struct vr_frame_reader *reader)
{
	size_t held = reader->end - reader->start;
	size_t cap = reader->cap;
	uint8_t *buf;

	if (held == 0) {
		reader->start = reader->end = 0;
		if (cap > KEEP_SIZE) {
			free(reader->buf);
			reader->buf = NULL;
			reader->cap = cap = 0;
		}
	} else if (reader->start >= READ_SIZE || reader->end + READ_SIZE / 4 > cap) {
		memmove(reader->buf, reader->buf + reader->start, held);
		reader->start = 0;
		reader->end = held;
	}
	if (reader->end + READ_SIZE / 4 <= cap)
		return true;
	if (cap == 0)
		cap = READ_SIZE;
	else
		cap = VR_MIN(cap * 2, VR_MAX(cap, wanted(reader)) + READ_SIZE);
	buf = realloc(reader->buf, cap);
	if (!buf)
		return false;
	reader->buf = buf;
	reader->cap = cap;
	return true;
}

ssize_t vr_frame_fill(struct vr_frame_reader *reader, int fd)
{
	ssize_t n;

	if (!make_room(reader)) {
		errno = ENOMEM;
		return -1;
	}
	do {
		n = read(fd, reader->buf + reader->end, reader->cap - reader->end);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		reader->end += (size_t)n;
	return n;
}

bool vr_frame_feed(struct vr_frame_reader *reader, const void *data, size_t len)
{
	while (len) {
		size_t n;

		if (!make_room(reader))
			return false;
		n = VR_MIN(len, reader->cap - reader->end);
		memcpy(reader->buf + reader->end, data, n);
		reader->end += n;
		data = (const uint8_t *)data + n;
		len -= n;
	}
	return true;
}

enum vr_frame_status vr_frame_next(struct vr_frame_reader *reader, struct vr_frame *frame)
{
	size_t held = reader->end - reader->start;
	const uint8_t *p = reader->buf + reader->start;
	size_t len;

	if (reader->bad)
		return VR_FRAME_BAD;
	if (held < VR_FRAME_HEADER)
		return VR_FRAME_MORE;
	len = vr_load32(p);
	if (vr_load16(p + 6) != MAGIC) {
		reader->bad = true;
		return VR_FRAME_BAD;
	}
	if (len > reader->limit)
		return VR_FRAME_LIMIT;
	if (held - VR_FRAME_HEADER < len)
		return VR_FRAME_MORE;
	frame->type = vr_load16(p + 4);
	frame->body = p + VR_FRAME_HEADER;
	frame->len = len;
	reader->start += VR_FRAME_HEADER + len;
	return VR_FRAME_OK;
}

void *vr_frame_keep(struct vr_frame_reader *reader, const struct vr_frame *frame,
		    const uint8_t **body)
{
	size_t rest = reader->end - reader->start;
	uint8_t *block = frame->len > KEEP_SIZE ? reader->buf : NULL, *fresh;

	if (!block) {
		block = malloc(frame->len + 1);
		if (!block)
			return NULL;
		if (frame->len)
			memcpy(block, frame->body, frame->len);
		*body = block;
		return block;
	}
	fresh = malloc(rest + READ_SIZE);
	if (!fresh)
		return NULL;
	memcpy(fresh, block + reader->start, rest);
	reader->buf = fresh;
	reader->start = 0;
	reader->end = rest;
	reader->cap = rest + READ_SIZE;
	*body = frame->body;
	return block;
}

void vr_frame_reader_free(struct vr_frame_reader *reader)
{
	free(reader->buf);
	*reader = (struct vr_frame_reader){.limit = reader->limit};
}
