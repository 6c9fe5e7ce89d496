/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the user sees, and a copy of it for sos_logs/ui.log. */
#ifndef CLI_UI_H
#define CLI_UI_H

#include "base/log.h"
#include "base/strbuf.h"

struct vr_ui {
	bool quiet;
	bool live;         /* stdout is a terminal on which a line may be rewritten */
	unsigned width;    /* of the terminal; 80 where there is none */
	bool colour;       /* on stdout */
	bool error_colour; /* on stderr */
	bool line_open;    /* a live line is shown, without a line break yet */
	struct vr_strbuf seen;
};

/**
 * Look at the terminal. batch: plain lines, whatever stdout is. Colours are for terminals that know
 * them, and never where NO_COLOR is set.
 */
void vr_ui_init(struct vr_ui *ui, bool quiet, bool batch);
void vr_ui_free(struct vr_ui *ui);

/** A message to stdout, unless quiet. A line break is added. */
void vr_ui_say(struct vr_ui *ui, const char *fmt, ...) VR_PRINTF(2, 3);
/** A line that the next one replaces, on a terminal; elsewhere an ordinary one. */
void vr_ui_live(struct vr_ui *ui, const char *text);
/** A live line that isn't recorded; nothing where there are no such lines. */
void vr_ui_tick(struct vr_ui *ui, const char *text);
/** What the eye shall find: bold, where there are colours; else as it is. Two of these in one call. */
const char *vr_ui_bold(const struct vr_ui *ui);
const char *vr_ui_plain(const struct vr_ui *ui);
/** Part of the result: to stdout, quiet or not, and not for ui.log (which is closed by then). */
void vr_ui_result(struct vr_ui *ui, const char *fmt, ...) VR_PRINTF(2, 3);
/** The same for text that is wrapped to the terminal's width at its blanks. */
void vr_ui_paragraph(struct vr_ui *ui, const char *text);
/** A warning or an error, to stderr; recorded. */
void vr_ui_complain(struct vr_ui *ui, enum vr_log_level level, const char *fmt, ...)
	VR_PRINTF(3, 4);
/** A line of the log, to stderr; not recorded. */
void vr_ui_log(struct vr_ui *ui, enum vr_log_level level, const char *text);

#endif
