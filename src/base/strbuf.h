/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string of bytes. */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <vmcore-report/error.h>

/**
 * Zero-initialise to begin. data is NUL-terminated whenever it isn't NULL, and owned by the buffer.
 * When memory runs out the buffer keeps what it has and `failed` stays set: check it once, at the end.
 */
struct vr_strbuf {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

/** Release the bytes; the buffer is empty and usable afterwards. */
void vr_strbuf_free(struct vr_strbuf *sb);
/** Make room for at least extra more bytes; false (and failed) when out of memory. */
bool vr_strbuf_reserve(struct vr_strbuf *sb, size_t extra);
void vr_strbuf_add(struct vr_strbuf *sb, const void *data, size_t len);
void vr_strbuf_puts(struct vr_strbuf *sb, const char *text);
void vr_strbuf_putc(struct vr_strbuf *sb, char c);
void vr_strbuf_printf(struct vr_strbuf *sb, const char *fmt, ...) VR_PRINTF(2, 3);
void vr_strbuf_vprintf(struct vr_strbuf *sb, const char *fmt, va_list ap) VR_PRINTF(2, 0);
/** Cut back to len bytes (no effect where it is shorter already). */
void vr_strbuf_truncate(struct vr_strbuf *sb, size_t len);
/** The text, never NULL; valid until the next change. */
const char *vr_strbuf_str(const struct vr_strbuf *sb);

#define VR_STRBUF VR_CLEANUP(vr_strbuf_free) struct vr_strbuf

#endif
