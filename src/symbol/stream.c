// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define PAGE 4096
#define CHUNK ((size_t)128 << 10)
#define NEED_MAX ((size_t)64 << 10)

enum vr_err vr_symbol_stream_open(struct vr_symbol_stream *stream, vr_symtab_reader read, void *arg,
				  uint64_t va)
{
	*stream = (struct vr_symbol_stream){.read = read, .arg = arg, .va = va, .chunk = CHUNK};
	stream->cap = CHUNK + NEED_MAX + PAGE;
	stream->buf = malloc(stream->cap);
	return stream->buf ? VR_OK : VR_NOMEM;
}

void vr_symbol_stream_close(struct vr_symbol_stream *stream)
{
	free(stream->buf);
	stream->buf = NULL;
}

/* Read one piece that ends at a page's end. */
static enum vr_err fill(struct vr_symbol_stream *stream, struct vr_error *err)
{
	for (;;) {
		size_t len = stream->chunk - stream->va % PAGE;
		enum vr_err rc;

		if (stream->va + len < stream->va)
			return vr_error_fault(err, stream->va, "the end of the address space");
		rc = stream->read(stream->arg, stream->va, stream->buf + stream->end, len);
		if (!rc) {
			stream->va += len;
			stream->end += len;
			return VR_OK;
		}
		if (rc != VR_FAULT)
			return vr_error_set(err, rc, "reading symbols at %#llx failed",
					    (unsigned long long)stream->va);
		if (stream->chunk == PAGE)
			return vr_error_fault(err, stream->va, "can't read symbols at %#llx",
					      (unsigned long long)stream->va);
		stream->chunk = PAGE;
	}
}

enum vr_err vr_symbol_stream_need(struct vr_symbol_stream *stream, size_t count,
				  struct vr_error *err)
{
	if (stream->end - stream->start >= count)
		return VR_OK;
	if (count > NEED_MAX)
		return vr_error_set(err, VR_CORRUPT, "kallsyms table of impossible length");
	memmove(stream->buf, stream->buf + stream->start, stream->end - stream->start);
	stream->end -= stream->start;
	stream->start = 0;
	while (stream->end < count) {
		enum vr_err rc = fill(stream, err);

		if (rc)
			return rc;
	}
	return VR_OK;
}
