// SPDX-License-Identifier: GPL-2.0-or-later
#include <vmcore-report/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_printable(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			*text = '?';
	}
}

static void error_fill(struct vr_error *err, enum vr_err kind, const char *fmt, va_list ap)
{
	err->kind = kind;
	err->os_errno = 0;
	err->addr = 0;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	make_printable(err->text);
}

enum vr_err vr_error_set(struct vr_error *err, enum vr_err kind, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		va_start(ap, fmt);
		error_fill(err, kind, fmt, ap);
		va_end(ap);
	}
	return kind;
}

enum vr_err vr_error_fault(struct vr_error *err, uint64_t addr, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		va_start(ap, fmt);
		error_fill(err, VR_FAULT, fmt, ap);
		va_end(ap);
		err->addr = addr;
	}
	return VR_FAULT;
}

enum vr_err vr_error_os(struct vr_error *err, int os_errno, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		size_t len;

		va_start(ap, fmt);
		error_fill(err, VR_OS, fmt, ap);
		va_end(ap);
		err->os_errno = os_errno;
		len = strlen(err->text);
		snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(os_errno));
	}
	return VR_OS;
}

void vr_error_prefix(struct vr_error *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;
	size_t len;

	if (!err)
		return;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	make_printable(err->text);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
}

const char *vr_err_name(enum vr_err kind)
{
	switch (kind) {
	case VR_OK:
		return "ok";
	case VR_ABSENT:
		return "absent";
	case VR_FAULT:
		return "fault";
	case VR_CORRUPT:
		return "corrupt";
	case VR_LIMIT:
		return "limit";
	case VR_NOMEM:
		return "nomem";
	case VR_OS:
		return "os";
	case VR_UNSUPPORTED:
		return "unsupported";
	}
	return "unknown";
}
