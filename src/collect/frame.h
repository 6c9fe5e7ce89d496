/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on a byte stream: a length, a type and a body. The reading side takes what comes from a
 * worker that may be damaged or hostile: lengths are bounded, and memory grows with the bytes that
 * have come, not with those that were announced.
 */
#ifndef COLLECT_FRAME_H
#define COLLECT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/** Bytes before the body: u32 length of the body, u16 type, u16 magic. */
#define VR_FRAME_HEADER 8

/** One frame as read: body is valid until the reader's next call. */
struct vr_frame {
	uint16_t type;
	const uint8_t *body;
	size_t len;
};

enum vr_frame_status {
	VR_FRAME_OK,
	VR_FRAME_MORE,  /* not a whole frame yet */
	VR_FRAME_BAD,   /* no frame: nothing more will come of this stream */
	VR_FRAME_LIMIT, /* a frame beyond the limit: likewise */
};

/** Zero-initialise, set limit. */
struct vr_frame_reader {
	size_t limit; /* largest body */
	uint8_t *buf;
	size_t start; /* first byte not yet given out */
	size_t end;   /* behind the last byte read */
	size_t cap;
	bool bad;
};

/**
 * Read once from fd into the reader. The number of bytes, 0 at the end of the stream, -1 with errno
 * (EAGAIN among them; ENOMEM).
 */
ssize_t vr_frame_fill(struct vr_frame_reader *reader, int fd);
/** Put bytes into the reader; false: out of memory. */
bool vr_frame_feed(struct vr_frame_reader *reader, const void *data, size_t len);
/** The next frame that is complete. */
enum vr_frame_status vr_frame_next(struct vr_frame_reader *reader, struct vr_frame *frame);
/**
 * Keep the body of the frame that was just given out: a block to free(), with *body pointing into
 * it. A large one is handed over, not copied. NULL: out of memory.
 */
void *vr_frame_keep(struct vr_frame_reader *reader, const struct vr_frame *frame,
		    const uint8_t **body);
void vr_frame_reader_free(struct vr_frame_reader *reader);

/** Write a frame's header into header. len is at most UINT32_MAX. */
void vr_frame_header(uint8_t header[VR_FRAME_HEADER], uint16_t type, size_t len);
/**
 * Send a frame whose body is count (at most 4) pieces, over a blocking descriptor. False with
 * errno; EMSGSIZE where the body is beyond UINT32_MAX bytes.
 */
bool vr_frame_send(int fd, uint16_t type, const struct iovec *pieces, size_t count);

#endif
