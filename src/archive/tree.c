// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/output.h"
#include "base/bits.h"
#include "base/cleanup.h"

#define TEMP_ATTEMPTS 100
/* vr_path_check() lets no deeper path in. */
#define DEPTH_MAX 128
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static enum vr_err tree_error(const struct vr_tree *tree, uint32_t number, int os_errno,
			      struct vr_error *err)
{
	char path[VR_NAMES_PATH_MAX];

	vr_names_path(tree->names, number, path);
	return vr_error_os(err, os_errno, "can't write %s/%s%s%s", tree->where, tree->name,
			   path[0] ? "/" : "", path);
}

static int make_hidden_dir(struct vr_tree *tree)
{
	for (int i = 0; i < TEMP_ATTEMPTS; i++) {
		uint32_t suffix = 0;

		if (getrandom(&suffix, sizeof(suffix), GRND_NONBLOCK) != sizeof(suffix))
			suffix = (uint32_t)getpid() + (uint32_t)i;
		snprintf(tree->temp, sizeof(tree->temp), ".%.240s.%08x", tree->name, suffix);
		if (mkdirat(tree->dir, tree->temp, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			return errno;
	}
	return EEXIST;
}

enum vr_err vr_tree_open(struct vr_tree *tree, const struct vr_names *names, int dir,
			 const char *where, const char *name, time_t mtime, struct vr_error *err)
{
	int os_errno;

	*tree = (struct vr_tree){.names = names,
				 .dir = dir,
				 .where = where,
				 .name = name,
				 .root = -1,
				 .last_fd = -1,
				 .mtime = mtime};
	os_errno = make_hidden_dir(tree);
	if (os_errno)
		return tree_error(tree, VR_NAMES_ROOT, os_errno, err);
	tree->root = openat(dir, tree->temp, OPEN_DIR);
	if (tree->root < 0) {
		os_errno = errno;
		unlinkat(dir, tree->temp, AT_REMOVEDIR);
		return tree_error(tree, VR_NAMES_ROOT, os_errno, err);
	}
	return VR_OK;
}

static void drop_last_dir(struct vr_tree *tree)
{
	if (tree->last_fd >= 0 && tree->last_fd != tree->root)
		close(tree->last_fd);
	tree->last_fd = -1;
}

/* A descriptor of a folder, one component after the other so that no link is followed. The tree
 * keeps it: members come folder by folder. Returns it, or -1 with errno. */
static int open_dir(struct vr_tree *tree, uint32_t number)
{
	uint32_t chain[DEPTH_MAX];
	size_t depth = 0;
	int fd = tree->root;

	if (tree->last_fd >= 0 && tree->last_dir == number)
		return tree->last_fd;
	drop_last_dir(tree);
	for (uint32_t n = number; n != VR_NAMES_ROOT; n = tree->names->names[n].parent) {
		if (depth == DEPTH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		chain[depth++] = n;
	}
	while (depth--) {
		int next = openat(fd, tree->names->names[chain[depth]].text, OPEN_DIR);
		int os_errno = errno;

		if (fd != tree->root)
			close(fd);
		if (next < 0) {
			errno = os_errno;
			return -1;
		}
		fd = next;
	}
	tree->last_fd = fd;
	tree->last_dir = number;
	return fd;
}

enum vr_err vr_tree_dir(struct vr_tree *tree, uint32_t number, struct vr_error *err)
{
	const struct vr_name *name = &tree->names->names[number];
	int parent = open_dir(tree, name->parent);

	if (parent < 0 || mkdirat(parent, name->text, 0700))
		return tree_error(tree, number, errno, err);
	return VR_OK;
}

static int write_all(int fd, const unsigned char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, VR_MIN(len, (size_t)1 << 30));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Modes are those of the tar whatever the umask is; the root folder alone decides who gets in. */
static int write_file(const struct vr_tree *tree, int parent, const char *name, const void *data,
		      size_t len)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = tree->mtime}};
	VR_CLOSE int fd =
		openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int os_errno;

	if (fd < 0)
		return errno;
	os_errno = write_all(fd, data, len);
	if (os_errno)
		return os_errno;
	/* What a file system without modes or such times says to this costs nobody the report. */
	if (fchmod(fd, 0644) || futimens(fd, times))
		errno = 0;
	return close(vr_take_fd(&fd)) ? errno : 0;
}

enum vr_err vr_tree_file(struct vr_tree *tree, uint32_t number, const void *data, size_t len,
			 struct vr_error *err)
{
	const struct vr_name *name = &tree->names->names[number];
	int parent = open_dir(tree, name->parent);
	int os_errno = parent < 0 ? errno : write_file(tree, parent, name->text, data, len);

	if (os_errno)
		return tree_error(tree, number, os_errno, err);
	tree->bytes += len;
	return VR_OK;
}

enum vr_err vr_tree_link(struct vr_tree *tree, uint32_t number, const char *target,
			 struct vr_error *err)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = tree->mtime}};
	const struct vr_name *name = &tree->names->names[number];
	int parent = open_dir(tree, name->parent);

	if (parent < 0 || symlinkat(target, parent, name->text))
		return tree_error(tree, number, errno, err);
	if (utimensat(parent, name->text, times, AT_SYMLINK_NOFOLLOW))
		errno = 0; /* as above */
	return VR_OK;
}

static void tree_close(struct vr_tree *tree)
{
	drop_last_dir(tree);
	if (tree->root >= 0)
		close(tree->root);
	tree->root = -1;
}

/* Folders get their modes and times last, since making a member changes the times. */
static void finish_dirs(struct vr_tree *tree)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = tree->mtime}};

	for (uint32_t i = 0; i < tree->names->count; i++) {
		int fd = tree->names->names[i].dir ? open_dir(tree, i) : -1;

		if (fd < 0)
			continue;
		if ((i != VR_NAMES_ROOT && fchmod(fd, 0755)) || futimens(fd, times))
			errno = 0; /* as above */
	}
}

enum vr_err vr_tree_publish(struct vr_tree *tree, struct vr_error *err)
{
	int os_errno;

	finish_dirs(tree);
	os_errno = vr_rename_new(tree->dir, tree->temp, tree->name);
	if (os_errno) {
		vr_tree_remove(tree);
		return tree_error(tree, VR_NAMES_ROOT, os_errno, err);
	}
	tree_close(tree);
	return VR_OK;
}

void vr_tree_remove(struct vr_tree *tree)
{
	if (tree->root < 0)
		return;
	/* Children have larger numbers than their folders. */
	for (uint32_t i = tree->names->count; i-- > 1;) {
		const struct vr_name *name = &tree->names->names[i];
		int parent = open_dir(tree, name->parent);

		if (parent >= 0)
			unlinkat(parent, name->text, name->dir ? AT_REMOVEDIR : 0);
	}
	tree_close(tree);
	unlinkat(tree->dir, tree->temp, AT_REMOVEDIR);
}
