/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compressions of kdump pages (makedumpfile's DUMP_DH_COMPRESSED_* bits). */
#ifndef IMAGE_CODEC_H
#define IMAGE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VR_CODEC_NONE = 0,
	VR_CODEC_ZLIB = 0x1,
	VR_CODEC_LZO = 0x2,
	VR_CODEC_SNAPPY = 0x4,
	VR_CODEC_ZSTD = 0x20,
};

/** What inflating keeps between pages, made when first needed. Zero-initialise to begin. */
struct vr_codec {
	struct z_stream_s *zlib;
	struct ZSTD_DCtx_s *zstd;
};

void vr_codec_free(struct vr_codec *codec);

/** "none", "zlib", "lzo", "snappy", "zstd"; NULL for flags of no known compression. */
const char *vr_codec_name(uint32_t flags);

/**
 * Inflate a page with those (known, not NONE) flags; out gets exactly page_size bytes. NULL where
 * it did, else what is wrong (a static text); out may have been written to then.
 */
const char *vr_codec_inflate(struct vr_codec *codec, uint32_t flags, const uint8_t *in,
			     size_t in_len, uint8_t *out, size_t page_size);

#endif
