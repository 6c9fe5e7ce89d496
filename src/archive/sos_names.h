/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sos itself knows of paths of an archive: command lines, tags, links in the root folder. */
#ifndef ARCHIVE_SOS_NAMES_H
#define ARCHIVE_SOS_NAMES_H

#include <stddef.h>

#define VR_SOS_COMMAND_SIZE 4096
#define VR_SOS_TAGS_MAX 8

/**
 * The command line whose output sos keeps at path ("sos_commands/<plugin>/<name>"), as far as the name
 * tells it. buf of VR_SOS_COMMAND_SIZE bytes; returns buf or a static string.
 */
const char *vr_sos_command(const char *path, char *buf);

/** sos's tags of a path, VR_SOS_TAGS_MAX at most, static strings; returns how many. */
size_t vr_sos_tags(const char *path, const char *tags[VR_SOS_TAGS_MAX]);

/** A symbolic link in the root folder. */
struct vr_sos_link {
	const char *name;
	const char *target;
};

/** All that sos makes where the target is there; ended by a name of NULL. */
extern const struct vr_sos_link vr_sos_links[];

#endif
