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
		clock_gettime(CLOCK_MONOTONIC, &display->begun);
		vr_ui_say(display->ui, " %s plugins. Please wait ...\n",
			  display->dry_run ? "Checking" : "Running");
		break;
	case VR_PROGRESS_STARTED:
		display->started++;
		display->total = total;
		vr_strbuf_printf(&display->running, " %s", plugin);
		vr_strbuf_printf(&line, "  Starting %zu/%zu %-15s [Running:%s]", display->started,
				 total, plugin, vr_strbuf_str(&display->running));
		vr_ui_live(display->ui, vr_strbuf_str(&line));
		break;
	case VR_PROGRESS_FINISHED:
		display->finished++;
		forget(&display->running, plugin);
		if (display->started < total || display->running.len == 0 || !display->ui->live)
			break;
		vr_strbuf_printf(&line, "  Finishing plugins %14s [Running:%s]", "",
				 vr_strbuf_str(&display->running));
		vr_ui_live(display->ui, vr_strbuf_str(&line));
		break;
	case VR_PROGRESS_PACKING:
		/* Over the last of the lines that were rewritten, as sos does. */
		if (display->dry_run) {
			vr_ui_live(display->ui, "  Finished checking plugins");
			break;
		}
		vr_ui_live(display->ui, "  Finished running plugins");
		vr_ui_say(display->ui, "\nCreating compressed archive...");
		break;
	}
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

void vr_progress_tick(struct vr_progress_display *display, int done)
{
	double spent = seconds_since(&display->begun);
	VR_STRBUF line = {0};

	vr_strbuf_printf(&line, "  Finished %zu/%zu plugins", display->finished, display->total);
	if (done >= 0)
		vr_strbuf_printf(&line, ", %d %%", done / 10);
	/* Less says nothing: of a short time, or of a small part. */
	if (spent >= 1 && done >= 50)
		vr_strbuf_printf(&line, ", about %.0f s left", spent * (1000 - done) / done + 0.5);
	vr_strbuf_printf(&line, " [Running:%s]", vr_strbuf_str(&display->running));
	vr_ui_tick(display->ui, vr_strbuf_str(&line));
}

void vr_progress_free(struct vr_progress_display *display)
{
	vr_strbuf_free(&display->running);
}
