// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void vr_log(const struct vr_log *log, enum vr_log_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!log || !log->emit)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	log->emit(log->arg, level, text);
}

const char *vr_log_level_name(enum vr_log_level level)
{
	switch (level) {
	case VR_LOG_DEBUG:
		return "DEBUG";
	case VR_LOG_INFO:
		return "INFO";
	case VR_LOG_WARNING:
		return "WARNING";
	case VR_LOG_ERROR:
		return "ERROR";
	}
	return "INFO";
}
