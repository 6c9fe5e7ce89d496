// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_strbuf_free(struct vr_strbuf *sb)
{
	free(sb->data);
	*sb = (struct vr_strbuf){0};
}

bool vr_strbuf_reserve(struct vr_strbuf *sb, size_t extra)
{
	size_t need, cap;
	char *data;

	if (extra < sb->cap - sb->len)
		return true;
	if (extra > SIZE_MAX / 2 - sb->len - 1) {
		sb->failed = true;
		return false;
	}
	need = sb->len + extra + 1;
	cap = sb->cap ? sb->cap : 64;
	while (cap < need)
		cap *= 2;
	data = realloc(sb->data, cap);
	if (!data) {
		sb->failed = true;
		return false;
	}
	data[sb->len] = '\0';
	sb->data = data;
	sb->cap = cap;
	return true;
}

void vr_strbuf_add(struct vr_strbuf *sb, const void *data, size_t len)
{
	if (!vr_strbuf_reserve(sb, len))
		return;
	if (len)
		memcpy(sb->data + sb->len, data, len);
	sb->len += len;
	sb->data[sb->len] = '\0';
}

void vr_strbuf_puts(struct vr_strbuf *sb, const char *text)
{
	vr_strbuf_add(sb, text, strlen(text));
}

void vr_strbuf_putc(struct vr_strbuf *sb, char c)
{
	vr_strbuf_add(sb, &c, 1);
}

void vr_strbuf_vprintf(struct vr_strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	if (vr_strbuf_reserve(sb, 64)) {
		len = vsnprintf(sb->data + sb->len, sb->cap - sb->len, fmt, ap);
		if (len >= 0 && (size_t)len >= sb->cap - sb->len) {
			if (vr_strbuf_reserve(sb, (size_t)len))
				vsnprintf(sb->data + sb->len, sb->cap - sb->len, fmt, again);
			else
				len = 0;
		}
		if (len > 0)
			sb->len += (size_t)len;
		sb->data[sb->len] = '\0';
	}
	va_end(again);
}

void vr_strbuf_printf(struct vr_strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(sb, fmt, ap);
	va_end(ap);
}

void vr_strbuf_truncate(struct vr_strbuf *sb, size_t len)
{
	if (len < sb->len) {
		sb->len = len;
		sb->data[len] = '\0';
	}
}

const char *vr_strbuf_str(const struct vr_strbuf *sb)
{
	return sb->data ? sb->data : "";
}
