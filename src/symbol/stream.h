/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading forward through memory whose end isn't known, in large pieces: what lies behind the end
 * may not be in the dump, which is an error only for who needs it.
 */
#ifndef SYMBOL_STREAM_H
#define SYMBOL_STREAM_H

#include "symbol/symtab.h"

struct vr_symbol_stream {
	vr_symtab_reader read;
	void *arg;
	uint64_t va;  /* of the first byte not read yet */
	size_t chunk; /* bytes to read at a time */
	unsigned char *buf;
	size_t start, end, cap; /* buf[start..end) has been read and not used */
};

/** Begin at va. VR_NOMEM. */
enum vr_err vr_symbol_stream_open(struct vr_symbol_stream *stream, vr_symtab_reader read, void *arg,
				  uint64_t va);
void vr_symbol_stream_close(struct vr_symbol_stream *stream);
/**
 * Have at least count bytes (64 KiB at most) at buf[start]. VR_FAULT and what else the reader says:
 * what could be read before it then is there nonetheless.
 */
enum vr_err vr_symbol_stream_need(struct vr_symbol_stream *stream, size_t count,
				  struct vr_error *err);

#endif
