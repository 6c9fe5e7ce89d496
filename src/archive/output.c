// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"

/* Linux writes at most 2 GiB at once. */
#define WRITE_MAX ((size_t)1 << 30)

static enum vr_err output_error(const struct vr_output *output, int os_errno, const char *verb,
				struct vr_error *err)
{
	return vr_error_os(err, os_errno, "can't %s %s/%s", verb, output->where, output->name);
}

static void fd_path(int fd, char *buf, size_t size)
{
	snprintf(buf, size, "/proc/self/fd/%d", fd);
}

/* An unnamed file, and the way to name it later; -1 where there is no such thing. */
static int open_unnamed(int dir, mode_t mode)
{
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	char path[40];

	if (fd < 0)
		return -1;
	fd_path(fd, path, sizeof(path));
	if (faccessat(AT_FDCWD, path, F_OK, 0) == 0)
		return fd;
	close(fd);
	errno = EOPNOTSUPP;
	return -1;
}

/* What kernels and file systems say that don't know O_TMPFILE (old kernels take it for
 * O_DIRECTORY). */
static bool lacks_tmpfile(int os_errno)
{
	return os_errno == EOPNOTSUPP || os_errno == EISDIR || os_errno == EINVAL ||
	       os_errno == ENOSYS || os_errno == ENOENT;
}

enum vr_err vr_output_open(struct vr_output *output, int dir, const char *where, const char *name,
			   mode_t mode, bool named, struct vr_error *err)
{
	int len;

	*output = (struct vr_output){.dir = dir, .fd = -1, .where = where};
	sha256_init(&output->sha);
	len = snprintf(output->name, sizeof(output->name), "%s", name);
	if (len < 0 || (size_t)len + sizeof("..partial") > sizeof(output->temp))
		return output_error(output, ENAMETOOLONG, "create", err);
	if (!named) {
		output->fd = open_unnamed(dir, mode);
		if (output->fd >= 0)
			return VR_OK;
		if (!lacks_tmpfile(errno))
			return output_error(output, errno, "create", err);
	}
	output->fd = -1;
	snprintf(output->temp, sizeof(output->temp), ".%.240s.partial", name);
	output->fd =
		openat(dir, output->temp, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode);
	if (output->fd < 0)
		return output_error(output, errno, "create", err);
	return VR_OK;
}

enum vr_err vr_output_write(struct vr_output *output, const void *data, size_t len,
			    struct vr_error *err)
{
	const unsigned char *p = data;

	if (output->encrypted)
		return vr_gpg_write(&output->gpg, data, len, err);
	while (len) {
		ssize_t n = write(output->fd, p, VR_MIN(len, WRITE_MAX));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return output_error(output, n ? errno : EIO, "write", err);
		sha256_update(&output->sha, (size_t)n, p);
		output->bytes += (uint64_t)n;
		p += n;
		len -= (size_t)n;
	}
	return VR_OK;
}

enum vr_err vr_output_encrypt(struct vr_output *output, const struct vr_encryption *encryption,
			      struct vr_error *err)
{
	output->encrypted = true;
	return vr_gpg_start(&output->gpg, encryption, output->fd, err);
}

enum vr_err vr_output_seal(struct vr_output *output, struct vr_error *err)
{
	enum vr_err kind = vr_gpg_finish(&output->gpg, err);
	unsigned char part[65536];
	ssize_t n;

	if (kind != VR_OK)
		return kind;
	/* It was another process that wrote. */
	for (;;) {
		n = pread(output->fd, part, sizeof(part), (off_t)output->bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_update(&output->sha, (size_t)n, part);
		output->bytes += (uint64_t)n;
	}
	return n < 0 ? output_error(output, errno, "read", err) : VR_OK;
}

void vr_output_sha256(struct vr_output *output, char hex[65])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(&output->sha, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

int vr_rename_new(int dir, const char *from, const char *to)
{
	struct stat st;

	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (fstatat(dir, from, &st, AT_SYMLINK_NOFOLLOW))
		return errno;
	if (S_ISDIR(st.st_mode))
		return renameat(dir, from, dir, to) ? errno : 0;
	if (linkat(dir, from, dir, to, 0))
		return errno;
	return unlinkat(dir, from, 0) ? errno : 0;
}

/* Network file systems report at close() what they could not store. Closing a copy tells it while
 * the file has no name yet. */
static int output_flush(const struct vr_output *output)
{
	int copy = fcntl(output->fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return errno;
	return close(copy) ? errno : 0;
}

static int output_name(const struct vr_output *output)
{
	char path[40];

	if (output->temp[0])
		return vr_rename_new(output->dir, output->temp, output->name);
	fd_path(output->fd, path, sizeof(path));
	return linkat(AT_FDCWD, path, output->dir, output->name, AT_SYMLINK_FOLLOW) ? errno : 0;
}

enum vr_err vr_output_publish(struct vr_output *output, struct vr_error *err)
{
	int os_errno = output_flush(output);
	const char *verb = "write";

	if (!os_errno) {
		os_errno = output_name(output);
		verb = "create";
	}
	if (os_errno) {
		vr_output_discard(output);
		return output_error(output, os_errno, verb, err);
	}
	close(output->fd);
	output->fd = -1;
	return VR_OK;
}

void vr_output_discard(struct vr_output *output)
{
	vr_gpg_stop(&output->gpg);
	if (output->fd < 0)
		return;
	close(output->fd);
	output->fd = -1;
	if (output->temp[0])
		unlinkat(output->dir, output->temp, 0);
}
