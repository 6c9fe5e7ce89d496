/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of a report as a folder on disk: hidden while it grows, then renamed. */
#ifndef ARCHIVE_TREE_H
#define ARCHIVE_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <vmcore-report/error.h>

#include "archive/names.h"

struct vr_tree {
	const struct vr_names *names; /* borrowed: every name made here */
	int dir;                      /* the folder that it is made in, borrowed */
	const char *where;            /* its path for messages, borrowed */
	const char *name;             /* the final one, borrowed */
	char temp[256];
	int root;    /* -1: not open */
	int last_fd; /* the folder of the last member, or -1 */
	uint32_t last_dir;
	time_t mtime;
	uint64_t bytes; /* of all files */
};

/** Make the hidden folder (0700). The borrowed ones must outlive the tree. VR_OS. */
enum vr_err vr_tree_open(struct vr_tree *tree, const struct vr_names *names, int dir,
			 const char *where, const char *name, time_t mtime, struct vr_error *err);
/** Make the folder of that number (0755), whose parent is there. VR_OS. */
enum vr_err vr_tree_dir(struct vr_tree *tree, uint32_t number, struct vr_error *err);
/** Make the file of that number (0644), likewise. VR_OS. */
enum vr_err vr_tree_file(struct vr_tree *tree, uint32_t number, const void *data, size_t len,
			 struct vr_error *err);
/** Make the symbolic link of that number, likewise. VR_OS. */
enum vr_err vr_tree_link(struct vr_tree *tree, uint32_t number, const char *target,
			 struct vr_error *err);
/** Give the folder its name and close the tree. VR_OS: then it is removed. */
enum vr_err vr_tree_publish(struct vr_tree *tree, struct vr_error *err);
/** Remove all that was made, and nothing else, and close the tree. */
void vr_tree_remove(struct vr_tree *tree);

#endif
