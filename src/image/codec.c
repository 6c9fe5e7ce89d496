// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/codec.h"

#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bits.h"

void vr_codec_free(struct vr_codec *codec)
{
	if (codec->zlib) {
		inflateEnd(codec->zlib);
		free(codec->zlib);
	}
	ZSTD_freeDCtx(codec->zstd);
	*codec = (struct vr_codec){0};
}

const char *vr_codec_name(uint32_t flags)
{
	switch (flags) {
	case VR_CODEC_NONE:
		return "none";
	case VR_CODEC_ZLIB:
		return "zlib";
	case VR_CODEC_LZO:
		return "lzo";
	case VR_CODEC_SNAPPY:
		return "snappy";
	case VR_CODEC_ZSTD:
		return "zstd";
	default:
		return NULL;
	}
}

static const char *inflate_zlib(struct vr_codec *codec, const uint8_t *in, size_t in_len,
				uint8_t *out, size_t page_size)
{
	z_stream *z = codec->zlib;

	if (!z) {
		z = calloc(1, sizeof(*z));
		if (!z)
			return "no memory to inflate it";
		if (inflateInit(z) != Z_OK) {
			free(z);
			return "no memory to inflate it";
		}
		codec->zlib = z;
	} else if (inflateReset(z) != Z_OK) {
		return "zlib can't start anew";
	}
	z->next_in = (z_const Bytef *)(uintptr_t)in;
	z->avail_in = (uInt)in_len;
	z->next_out = out;
	z->avail_out = (uInt)page_size;
	if (inflate(z, Z_FINISH) != Z_STREAM_END || z->avail_out)
		return "its zlib data is damaged";
	return NULL;
}

static const char *inflate_zstd(struct vr_codec *codec, const uint8_t *in, size_t in_len,
				uint8_t *out, size_t page_size)
{
	/* The library also reads what zstd wrote before its format was fixed: no dump has that. */
	if (in_len < 4 || vr_load32(in) != ZSTD_MAGICNUMBER)
		return "its zstd data is damaged";
	if (!codec->zstd)
		codec->zstd = ZSTD_createDCtx();
	if (!codec->zstd)
		return "no memory to inflate it";
	if (ZSTD_decompressDCtx(codec->zstd, out, page_size, in, in_len) != page_size)
		return "its zstd data is damaged";
	return NULL;
}

const char *vr_codec_inflate(struct vr_codec *codec, uint32_t flags, const uint8_t *in,
			     size_t in_len, uint8_t *out, size_t page_size)
{
	lzo_uint lzo_len = page_size;
	size_t snappy_len = page_size;

	switch (flags) {
	case VR_CODEC_ZLIB:
		return inflate_zlib(codec, in, in_len, out, page_size);
	case VR_CODEC_LZO:
		if (lzo1x_decompress_safe(in, in_len, out, &lzo_len, NULL) != LZO_E_OK ||
		    lzo_len != page_size)
			return "its lzo data is damaged";
		return NULL;
	case VR_CODEC_SNAPPY:
		if (snappy_uncompress((const char *)in, in_len, (char *)out, &snappy_len) !=
			    SNAPPY_OK ||
		    snappy_len != page_size)
			return "its snappy data is damaged";
		return NULL;
	case VR_CODEC_ZSTD:
		return inflate_zstd(codec, in, in_len, out, page_size);
	default:
		return "its compression is not known";
	}
}
