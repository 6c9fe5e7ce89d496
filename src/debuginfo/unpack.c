// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that are compressed as a whole, as modules are: x.ko.xz, x.ko.zst, x.ko.gz. */
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bits.h"
#include "debuginfo/file_parts.h"

/* A module with all its debug information has some ten megabytes, a vmlinux some hundred. */
#define UNPACKED_MAX ((size_t)768 << 20)
/* What the decoders themselves may need: windows of up to 64 MiB. */
#define DECODER_MAX ((uint64_t)96 << 20)
#define WINDOW_LOG_MAX 26
#define STEP_MIN ((size_t)1 << 20)

/* Makes the next bytes at *in into room bytes at out. */
struct unpacker {
	const char *what;
	/* False: it failed. *end: all is unpacked. */
	bool (*step)(struct unpacker *u, uint8_t *out, size_t room, size_t *made, bool *end);
	const uint8_t *in;
	size_t left;
	lzma_stream xz;
	ZSTD_DStream *zstd;
	z_stream gz;
};

static bool step_xz(struct unpacker *u, uint8_t *out, size_t room, size_t *made, bool *end)
{
	lzma_ret r;

	u->xz.next_in = u->in;
	u->xz.avail_in = u->left;
	u->xz.next_out = out;
	u->xz.avail_out = room;
	r = lzma_code(&u->xz, LZMA_FINISH);
	u->in = u->xz.next_in;
	u->left = u->xz.avail_in;
	*made = room - u->xz.avail_out;
	*end = r == LZMA_STREAM_END;
	return r == LZMA_OK || *end;
}

static bool step_zstd(struct unpacker *u, uint8_t *out, size_t room, size_t *made, bool *end)
{
	ZSTD_inBuffer in = {.src = u->in, .size = u->left};
	ZSTD_outBuffer to = {.dst = out, .size = room};
	size_t r = ZSTD_decompressStream(u->zstd, &to, &in);

	u->in += in.pos;
	u->left -= in.pos;
	*made = to.pos;
	*end = !r && !u->left;
	return !ZSTD_isError(r) && (*end || to.pos || in.pos);
}

static bool step_gz(struct unpacker *u, uint8_t *out, size_t room, size_t *made, bool *end)
{
	int r;

	u->gz.next_in = (Bytef *)(uintptr_t)u->in;
	u->gz.avail_in = (uInt)VR_MIN(u->left, (size_t)1 << 30);
	u->gz.next_out = out;
	u->gz.avail_out = (uInt)VR_MIN(room, (size_t)1 << 30);
	r = inflate(&u->gz, Z_NO_FLUSH);
	u->left -= (size_t)(u->gz.next_in - u->in);
	u->in = u->gz.next_in;
	*made = (size_t)(u->gz.next_out - out);
	*end = r == Z_STREAM_END;
	return (r == Z_OK && (u->left || *made)) || *end;
}

static bool is_xz(const uint8_t *p, size_t len)
{
	return len >= 6 && !memcmp(p, "\3757zXZ", 6);
}

static bool is_zstd(const uint8_t *p, size_t len)
{
	return len >= 4 && vr_load32(p) == ZSTD_MAGICNUMBER;
}

static bool is_gz(const uint8_t *p, size_t len)
{
	return len >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

bool vr_is_packed(const void *data, size_t len)
{
	return is_xz(data, len) || is_zstd(data, len) || is_gz(data, len);
}

/* False: out of memory. */
static bool begin(struct unpacker *u)
{
	if (is_xz(u->in, u->left)) {
		u->what = "xz";
		u->step = step_xz;
		return lzma_stream_decoder(&u->xz, DECODER_MAX, 0) == LZMA_OK;
	}
	if (is_zstd(u->in, u->left)) {
		u->what = "zstd";
		u->step = step_zstd;
		u->zstd = ZSTD_createDStream();
		return u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax,
								       WINDOW_LOG_MAX));
	}
	u->what = "gzip";
	u->step = step_gz;
	return inflateInit2(&u->gz, 16 + MAX_WBITS) == Z_OK;
}

static void end(struct unpacker *u)
{
	if (u->step == step_xz)
		lzma_end(&u->xz);
	if (u->step == step_gz)
		inflateEnd(&u->gz);
	ZSTD_freeDStream(u->zstd);
}

static enum vr_err run(struct unpacker *u, uint8_t **out, size_t *size, struct vr_error *err)
{
	size_t cap = VR_MAX(VR_MIN(u->left * 4, UNPACKED_MAX), STEP_MIN);
	bool done = false;

	*out = malloc(cap);
	while (*out && !done) {
		size_t made = 0;
		uint8_t *more;

		if (!u->step(u, *out + *size, cap - *size, &made, &done))
			return vr_error_set(err, VR_CORRUPT,
					    "what is compressed by %s in it is damaged", u->what);
		*size += made;
		if (done || *size < cap)
			continue;
		if (cap >= UNPACKED_MAX)
			return vr_error_set(err, VR_LIMIT, "unpacked it is larger than %zu MiB",
					    UNPACKED_MAX >> 20);
		cap = VR_MIN(cap * 2, UNPACKED_MAX);
		more = realloc(*out, cap);
		if (!more)
			break;
		*out = more;
	}
	return done ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory to unpack it");
}

enum vr_err vr_unpack(const void *data, size_t len, void **unpacked, size_t *size,
		      struct vr_error *err)
{
	struct unpacker u = {.in = data, .left = len, .xz = LZMA_STREAM_INIT};
	uint8_t *out = NULL;
	enum vr_err r;

	*size = 0;
	if (!vr_is_packed(data, len))
		return vr_error_set(err, VR_UNSUPPORTED, "it isn't compressed");
	r = begin(&u) ? run(&u, &out, size, err)
		      : vr_error_set(err, VR_NOMEM, "out of memory to unpack it");
	end(&u);
	if (r != VR_OK) {
		free(out);
		out = NULL;
	}
	*unpacked = out;
	return r;
}
