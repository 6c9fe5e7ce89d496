/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the layers on their way to sos.log: what to do with them is the opener's business. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <vmcore-report/error.h>

enum vr_log_level { VR_LOG_DEBUG, VR_LOG_INFO, VR_LOG_WARNING, VR_LOG_ERROR };

/** Receives each message (one line, no newline at its end, printable). */
struct vr_log {
	void (*emit)(void *arg, enum vr_log_level level, const char *text);
	void *arg;
};

/** log may be NULL: the message is dropped. */
void vr_log(const struct vr_log *log, enum vr_log_level level, const char *fmt, ...)
	VR_PRINTF(3, 4);
/** "DEBUG", "INFO", "WARNING", "ERROR": Python logging's names, which sos logs use. */
const char *vr_log_level_name(enum vr_log_level level);

#endif
