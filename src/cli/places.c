// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/places.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Meson makes this symbolic link in the build folder; it leads to the source tree. */
#define SOURCE_LINK "vmcore-report.source"

/*
 * VR_REL_LIBDIR and VR_REL_DATADIR: the way from the folder of programs to those of libraries and
 * data, "../lib" and "../share" as a rule.
 */

static char *text(const char *fmt, ...) VR_PRINTF(1, 2);

static char *text(const char *fmt, ...)
{
	char *result;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&result, fmt, ap) < 0)
		result = NULL;
	va_end(ap);
	return result;
}

static void fill_built(struct vr_places *places, const char *folder)
{
	places->modules = strdup(folder);
	places->python = text("%s/sos", places->source);
	places->python_plugins = text("%s/sos/vmcore_report/plugins", places->source);
}

static void fill_installed(struct vr_places *places, const char *folder)
{
	places->modules = text("%s/" VR_REL_LIBDIR "/vmcore-report", folder);
	places->plugins = text("%s/" VR_REL_LIBDIR "/vmcore-report/plugins", folder);
	places->python = text("%s/" VR_REL_DATADIR "/vmcore-report/sos", folder);
	places->python_plugins =
		text("%s/" VR_REL_DATADIR "/vmcore-report/sos/vmcore_report/plugins", folder);
}

enum vr_err vr_places_of(const char *exe, struct vr_places *places, struct vr_error *err)
{
	const char *slash = strrchr(exe, '/');
	char *folder, *link;

	*places = (struct vr_places){0};
	folder = slash ? strndup(exe, slash > exe ? (size_t)(slash - exe) : 1) : strdup(".");
	link = folder ? text("%s/" SOURCE_LINK, folder) : NULL;
	if (link) {
		places->source = realpath(link, NULL);
		if (places->source)
			fill_built(places, folder);
		else
			fill_installed(places, folder);
	}
	free(folder);
	free(link);
	if (places->modules && places->python && places->python_plugins &&
	    (places->source || places->plugins))
		return VR_OK;
	vr_places_free(places);
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

enum vr_err vr_places_find(struct vr_places *places, struct vr_error *err)
{
	char *exe = realpath("/proc/self/exe", NULL);
	enum vr_err kind;

	*places = (struct vr_places){0};
	if (!exe)
		return vr_error_os(err, errno, "can't tell where the program is");
	kind = vr_places_of(exe, places, err);
	free(exe);
	return kind;
}

void vr_places_free(struct vr_places *places)
{
	free(places->source);
	free(places->modules);
	free(places->plugins);
	free(places->python);
	free(places->python_plugins);
	*places = (struct vr_places){0};
}
