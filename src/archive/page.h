/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sos_reports/sos.html: the report as a page to look at. A template (page/) with data in it, which
 * the page's own script draws. What comes from the dump enters as JSON strings that are made here,
 * and as escaped text, so that whatever a worker sent stays text. The same dump gives the same page:
 * there is nothing in it of the run's times, command line or place.
 */
#ifndef ARCHIVE_PAGE_H
#define ARCHIVE_PAGE_H

#include "archive/manifest.h"

/** The page is never larger than this, whatever the report's size; what it leaves out it counts. */
#define VR_PAGE_MAX ((size_t)1 << 20)

struct vr_page;

/*
 * All strings are copied. Where memory runs out in any of these, vr_page_text() gives NULL. A NULL
 * page is accepted, and nothing happens.
 */

/** NULL: out of memory. */
struct vr_page *vr_page_new(void);
void vr_page_free(struct vr_page *page);

/** The machine's names, as in the dump; crash_time in seconds since the epoch, 0: unknown. */
void vr_page_set_machine(struct vr_page *page, const char *nodename, const char *release,
			 int64_t crash_time);
/** What became of a plugin's file; of some the page has the bytes as well, which are copied. */
void vr_page_file(struct vr_page *page, const char *plugin, const struct vr_file_record *record,
		  const void *data, size_t len);
/** A file of the report's own: the logs, the manifest. */
void vr_page_own_file(struct vr_page *page, const char *path);
/** How a plugin ended, as vr_manifest_plugin_end() has it. */
void vr_page_plugin(struct vr_page *page, const char *name, const char *status, const char *reason);
/** A plugin that did not run, and a file that should have been a plugin. */
void vr_page_skipped(struct vr_page *page, const char *name, const char *reason);
void vr_page_not_loaded(struct vr_page *page, const char *path, const char *reason);
/** What a plugin wants the reader to see first (an alert) or to know (a note). */
void vr_page_alert(struct vr_page *page, const char *plugin, const char *text);
void vr_page_note(struct vr_page *page, const char *plugin, const char *text);

/**
 * The HTML, free() it; NULL: out of memory. headline says what happened to the machine, "" where
 * nobody could; version is the program's.
 */
char *vr_page_text(struct vr_page *page, const char *headline, const char *version, size_t *len);

#endif
