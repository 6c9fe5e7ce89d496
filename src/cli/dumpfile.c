// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/dumpfile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fdpass.h"

/* Without O_NONBLOCK the opening of a FIFO would wait for its writer. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static enum vr_err check_kind(const char *path, int fd, struct vr_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vr_error_os(err, errno, "can't look at %s", path);
	if (S_ISDIR(st.st_mode))
		return vr_error_set(err, VR_UNSUPPORTED, "%s is a directory, not a dump file",
				    path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return vr_error_set(err, VR_UNSUPPORTED, "%s is not a regular file", path);
	return VR_OK;
}

/* "it belongs to root:adm, mode 0640", into buf. */
static void describe_owner(const char *path, char *buf, size_t size)
{
	const struct passwd *user;
	const struct group *group;
	char uid[24], gid[24];
	struct stat st;

	if (stat(path, &st) < 0) {
		snprintf(buf, size, "its folder may not be entered");
		return;
	}
	user = getpwuid(st.st_uid);
	group = getgrgid(st.st_gid);
	snprintf(uid, sizeof(uid), "%u", st.st_uid);
	snprintf(gid, sizeof(gid), "%u", st.st_gid);
	snprintf(buf, size, "it belongs to %s:%s, mode %04o", user ? user->pw_name : uid,
		 group ? group->gr_name : gid, st.st_mode & 07777);
}

/* ---- Through sudo ---- */

static int receive_fd(int sock)
{
	char byte;
	int fd;

	return TEMP_FAILURE_RETRY(vr_receive_with_fd(sock, &byte, 1, &fd)) == 1 ? fd : -1;
}

int vr_dumpfile_serve(const char *path)
{
	VR_CLOSE int fd = open(path, OPEN_FLAGS);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	return vr_send_with_fd(STDIN_FILENO, "", 1, fd, 0) ? 0 : errno;
}

/* In the child: become sudo, which runs this program again. */
static void exec_sudo(const char *path, bool may_ask, int sock)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *argv[12];
	int null, n = 0;

	if (len < 0)
		_exit(127);
	self[len] = '\0';
	argv[n++] = "sudo";
	if (may_ask) {
		argv[n++] = "-p";
		argv[n++] = "[sudo] password for %p to open the dump: ";
	} else {
		argv[n++] = "-n";
	}
	argv[n++] = "--";
	argv[n++] = self;
	argv[n++] = VR_INTERNAL_OPEN;
	argv[n++] = path;
	argv[n] = NULL;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (dup2(sock, STDIN_FILENO) < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    (!may_ask && dup2(null, STDERR_FILENO) < 0))
		_exit(127);
	execvp("sudo", (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* The descriptor, or -1. */
static int open_as_root(const char *path, bool may_ask)
{
	VR_FREE char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	VR_FREE char *absolute = NULL;
	int pair[2], fd, status;
	pid_t pid;

	if (asprintf(&absolute, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", path) < 0) {
		absolute = NULL;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exec_sudo(absolute, may_ask, pair[1]);
	close(pair[1]);
	fd = pid < 0 ? -1 : receive_fd(pair[0]);
	close(pair[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return fd;
}

enum vr_err vr_dumpfile_open(const char *path, bool may_ask, int *fd, struct vr_error *err)
{
	enum vr_err kind;
	int error;

	*fd = open(path, OPEN_FLAGS);
	error = errno;
	if (*fd < 0 && (error == ENOENT || error == ENOTDIR))
		return vr_error_set(err, VR_ABSENT, "vmcore not found: %s", path);
	if (*fd < 0 && error == EACCES) {
		char owner[200];

		*fd = open_as_root(path, may_ask);
		if (*fd < 0) {
			describe_owner(path, owner, sizeof(owner));
			return vr_error_set(err, VR_OS,
					    "can't open %s: Permission denied: %s, and sudo does "
					    "not open it for you",
					    path, owner);
		}
	}
	if (*fd < 0)
		return vr_error_os(err, error, "can't open %s", path);
	kind = check_kind(path, *fd, err);
	if (kind != VR_OK) {
		close(*fd);
		*fd = -1;
	}
	return kind;
}
