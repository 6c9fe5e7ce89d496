// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/xz.h"

#include <errno.h>

/*
 * Of a report's bytes most are in runs that were there before, which a level that looks for longer
 * matches than its own finds as well as a higher one: half of the time and a third of the memory of
 * level 3, for 3 percent of size.
 */
#define XZ_PRESET 1
#define XZ_NICE_LENGTH 273
/* What a thread compresses on its own: smaller ones keep more threads busy and cost some size (2
 * MiB: 3 percent of a report). */
#define XZ_BLOCK (2 << 20)

static enum vr_err xz_error(lzma_ret ret, struct vr_error *err)
{
	if (ret == LZMA_MEM_ERROR || ret == LZMA_MEMLIMIT_ERROR)
		return vr_error_set(err, VR_NOMEM, "out of memory for xz");
	return vr_error_os(err, EIO, "xz failed (%d)", (int)ret);
}

enum vr_err vr_xz_open(struct vr_xz *xz, struct vr_output *output, unsigned threads,
		       struct vr_error *err)
{
	lzma_options_lzma level;
	lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &level},
				 {.id = LZMA_VLI_UNKNOWN}};
	/* Even one thread is "mt": the bytes are those of any number of them then. */
	const lzma_mt options = {
		.threads = threads,
		.block_size = XZ_BLOCK,
		.filters = filters,
		.check = LZMA_CHECK_CRC64,
	};
	lzma_ret ret;

	if (lzma_lzma_preset(&level, XZ_PRESET))
		return xz_error(LZMA_OPTIONS_ERROR, err);
	level.nice_len = XZ_NICE_LENGTH;
	xz->stream = (lzma_stream)LZMA_STREAM_INIT;
	xz->output = output;
	ret = lzma_stream_encoder_mt(&xz->stream, &options);
	if (ret != LZMA_OK)
		return xz_error(ret, err);
	xz->stream.next_out = xz->buf;
	xz->stream.avail_out = sizeof(xz->buf);
	return VR_OK;
}

static enum vr_err xz_flush(struct vr_xz *xz, struct vr_error *err)
{
	enum vr_err kind =
		vr_output_write(xz->output, xz->buf, sizeof(xz->buf) - xz->stream.avail_out, err);

	xz->stream.next_out = xz->buf;
	xz->stream.avail_out = sizeof(xz->buf);
	return kind;
}

enum vr_err vr_xz_write(struct vr_xz *xz, const void *data, size_t len, struct vr_error *err)
{
	xz->stream.next_in = data;
	xz->stream.avail_in = len;
	while (xz->stream.avail_in) {
		lzma_ret ret = lzma_code(&xz->stream, LZMA_RUN);
		enum vr_err kind;

		if (ret != LZMA_OK)
			return xz_error(ret, err);
		kind = xz->stream.avail_out ? VR_OK : xz_flush(xz, err);
		if (kind)
			return kind;
	}
	return VR_OK;
}

enum vr_err vr_xz_finish(struct vr_xz *xz, struct vr_error *err)
{
	for (;;) {
		lzma_ret ret = lzma_code(&xz->stream, LZMA_FINISH);
		enum vr_err kind;

		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			return xz_error(ret, err);
		kind = xz_flush(xz, err);
		if (kind || ret == LZMA_STREAM_END)
			return kind;
	}
}

void vr_xz_close(struct vr_xz *xz)
{
	lzma_end(&xz->stream);
}
