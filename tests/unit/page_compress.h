/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compressing pages as dump writers do, for tests. */
#ifndef TESTS_PAGE_COMPRESS_H
#define TESTS_PAGE_COMPRESS_H

#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

/* makedumpfile's flags */
enum { PAGE_RAW = 0, PAGE_ZLIB = 1, PAGE_LZO = 2, PAGE_SNAPPY = 4, PAGE_ZSTD = 0x20 };

/* Room for what any of them makes of a page of 64 KiB. */
#define PAGE_COMPRESS_MAX ((size_t)160 << 10)

/** Compress size bytes with those flags; out has PAGE_COMPRESS_MAX bytes. The length, 0: failed. */
static inline size_t page_compress(uint32_t flags, const uint8_t *in, size_t size, uint8_t *out)
{
	static uint8_t lzo_work[LZO1X_1_MEM_COMPRESS];
	uLongf zlib_len = PAGE_COMPRESS_MAX;
	size_t len = PAGE_COMPRESS_MAX;
	lzo_uint lzo_len = PAGE_COMPRESS_MAX;

	switch (flags) {
	case PAGE_ZLIB:
		return compress2(out, &zlib_len, in, size, 1) == Z_OK ? zlib_len : 0;
	case PAGE_LZO:
		return lzo1x_1_compress(in, size, out, &lzo_len, lzo_work) == LZO_E_OK ? lzo_len
										       : 0;
	case PAGE_SNAPPY:
		return snappy_compress((const char *)in, size, (char *)out, &len) == SNAPPY_OK ? len
											       : 0;
	case PAGE_ZSTD:
		len = ZSTD_compress(out, len, in, size, 1);
		return ZSTD_isError(len) ? 0 : len;
	default:
		return 0;
	}
}

#endif
