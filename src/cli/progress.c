// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Take " name" out of the list of running ones. */
static void forget(struct vr_strbuf *running, const char *plugin)
{
	size_t len = strlen(plugin);
	char *p = running->data;

	while (p && *p) {
		size_t word = strcspn(p + 1, " ");

		if (word == len && memcmp(p + 1, plugin, len) == 0) {
			memmove(p, p + 1 + len, strlen(p + 1 + len) + 1);
			running->len -= len + 1;
			return;
		}
		p += 1 + word;
	}
}

void vr_progress_show(struct vr_progress_display *display, enum vr_progress what,
		      const char *plugin, size_t total)
{
	VR_STRBUF line = {0};

	switch (what) {
	case VR_PROGRESS_OPENED:
		vr_ui_say(display->ui, " Running plugins. Please wait ...\n");
		break;
	case VR_PROGRESS_STARTED:
		display->started++;
		vr_strbuf_printf(&display->running, " %s", plugin);
		vr_strbuf_printf(&line, "  Starting %zu/%zu %-15s [Running:%s]", display->started,
				 total, plugin, vr_strbuf_str(&display->running));
		vr_ui_live(display->ui, vr_strbuf_str(&line));
		break;
	case VR_PROGRESS_FINISHED:
		forget(&display->running, plugin);
		if (display->started < total || display->running.len == 0 || !display->ui->live)
			break;
		vr_strbuf_printf(&line, "  Finishing plugins %14s [Running:%s]", "",
				 vr_strbuf_str(&display->running));
		vr_ui_live(display->ui, vr_strbuf_str(&line));
		break;
	case VR_PROGRESS_PACKING:
		/* Over the last of the lines that were rewritten, as sos does. */
		vr_ui_live(display->ui, "  Finished running plugins");
		vr_ui_say(display->ui, "\nCreating compressed archive...");
		break;
	}
}

void vr_progress_free(struct vr_progress_display *display)
{
	vr_strbuf_free(&display->running);
}
