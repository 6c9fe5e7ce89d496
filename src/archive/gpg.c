// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/gpg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bits.h"

/* Where the child's own descriptors go before they get their numbers. */
#define ASIDE 16
/* As much as an empty pipe takes at once. */
#define PASSPHRASE_MAX ((size_t)4096)
/* Of what it said, the end is told. */
#define SAID_MAX 160

/* ---- In the child ---- */

static bool place(int fd, int number)
{
	int aside = fcntl(fd, F_DUPFD, ASIDE);

	return aside >= 0 && dup2(aside, number) == number;
}

static _Noreturn void become_gpg(const struct vr_encryption *encryption, const int fds[4],
				 pid_t parent)
{
	const char *with_key[] = {"gpg",
				  "--batch",
				  "--no-tty",
				  "--quiet",
				  "--trust-model",
				  "always",
				  "--compress-algo",
				  "none",
				  "-o",
				  "-",
				  "-e",
				  "-r",
				  encryption->key,
				  NULL};
	/* It would ask its agent how many rounds take a tenth of a second: a fixed number of them,
	 * the largest there is, and there is no need for an agent. */
	const char *with_passphrase[] = {"gpg",
					 "--batch",
					 "--no-tty",
					 "--quiet",
					 "--no-autostart",
					 "--s2k-count",
					 "65011712",
					 "--pinentry-mode",
					 "loopback",
					 "--no-symkey-cache",
					 "--passphrase-fd",
					 "3",
					 "--compress-algo",
					 "none",
					 "-o",
					 "-",
					 "-c",
					 NULL};
	const char **argv = encryption->key ? with_key : with_passphrase;
	int count = encryption->key ? 3 : 4;

	for (int i = 0; i < count; i++)
		if (!place(fds[i], i))
			_exit(126);
	closefrom(count);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(126);
	/* execvp() takes no const strings, and changes none. */
	execvp("gpg", (char *const *)(uintptr_t)argv);
	argv[0] = "gpg2";
	execvp("gpg2", (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* ---- Its parent ---- */

/* A pipe that has the passphrase in it, to be read; -1 with errno. */
static int passphrase_pipe(const char *passphrase)
{
	size_t len = strlen(passphrase);
	int pair[2];
	bool ok;

	if (len > PASSPHRASE_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	ok = write(pair[1], passphrase, len) == (ssize_t)len && write(pair[1], "\n", 1) == 1;
	close(pair[1]);
	if (ok)
		return pair[0];
	close(pair[0]);
	errno = EIO;
	return -1;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

enum vr_err vr_gpg_start(struct vr_gpg *gpg, const struct vr_encryption *encryption, int out,
			 struct vr_error *err)
{
	int pair[2] = {-1, -1}, secret = -1, saved;
	pid_t parent = getpid();

	*gpg = (struct vr_gpg){.in = -1, .has_key = encryption->key};
	gpg->errors = memfd_create("gpg", MFD_CLOEXEC);
	if (gpg->errors < 0 || pipe2(pair, O_CLOEXEC) < 0)
		goto fail;
	if (!encryption->key) {
		secret = passphrase_pipe(encryption->passphrase);
		if (secret < 0)
			goto fail;
	}
	gpg->pid = fork();
	if (gpg->pid == 0)
		become_gpg(encryption, (const int[]){pair[0], out, gpg->errors, secret}, parent);
	if (gpg->pid < 0)
		goto fail;
	close_fd(&pair[0]);
	close_fd(&secret);
	gpg->in = pair[1];
	return VR_OK;
fail:
	saved = errno;
	close_fd(&pair[0]);
	close_fd(&pair[1]);
	close_fd(&secret);
	close_fd(&gpg->errors);
	gpg->pid = 0;
	return vr_error_os(err, saved, "no process to encrypt the archive");
}

enum vr_err vr_gpg_write(struct vr_gpg *gpg, const void *data, size_t len, struct vr_error *err)
{
	const unsigned char *p = data;

	if (gpg->pid <= 0)
		return vr_error_os(err, EPIPE, "encrypting the archive");
	while (len) {
		ssize_t n = write(gpg->in, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && errno == EPIPE && vr_gpg_finish(gpg, err) != VR_OK)
			return err ? err->kind : VR_UNSUPPORTED;
		if (n <= 0)
			return vr_error_os(err, errno, "encrypting the archive");
		p += n;
		len -= (size_t)n;
	}
	return VR_OK;
}

/* The last line of what it said that isn't empty, less its name before it. */
static void last_words(int fd, char *buf, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > (off_t)size - 1 ? end - ((off_t)size - 1) : 0;
	ssize_t n = end > 0 ? pread(fd, buf, (size_t)(end - from), from) : 0;
	char *line;

	buf[n > 0 ? n : 0] = '\0';
	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
		buf[--n] = '\0';
	line = strrchr(buf, '\n');
	line = line ? line + 1 : buf;
	memmove(buf, line, strlen(line) + 1);
	for (line = buf; *line; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			*line = '?';
}

static enum vr_err failure(const struct vr_gpg *gpg, int status, struct vr_error *err)
{
	static const char what[] = "An error occurred encrypting the archive";
	char said[SAID_MAX];

	last_words(gpg->errors, said, sizeof(said));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return vr_error_set(err, VR_UNSUPPORTED, "%s: there is no gpg", what);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return vr_error_set(err, VR_UNSUPPORTED, "%s: %s (%s)", what,
				    gpg->has_key ? "Specified key not in keyring"
						 : "Could not read passphrase",
				    said);
	if (WIFEXITED(status))
		return vr_error_set(err, VR_UNSUPPORTED, "%s: gpg exited with code %d (%s)", what,
				    WEXITSTATUS(status), said);
	return vr_error_set(err, VR_UNSUPPORTED, "%s: gpg was killed by signal %d", what,
			    WTERMSIG(status));
}

static int wait_for(struct vr_gpg *gpg)
{
	int status = 0;

	while (waitpid(gpg->pid, &status, 0) < 0 && errno == EINTR)
		;
	gpg->pid = 0;
	return status;
}

enum vr_err vr_gpg_finish(struct vr_gpg *gpg, struct vr_error *err)
{
	enum vr_err kind = VR_OK;
	int status;

	close_fd(&gpg->in);
	status = wait_for(gpg);
	if (status)
		kind = failure(gpg, status, err);
	close_fd(&gpg->errors);
	return kind;
}

void vr_gpg_stop(struct vr_gpg *gpg)
{
	if (gpg->pid <= 0)
		return;
	kill(gpg->pid, SIGKILL);
	wait_for(gpg);
	close_fd(&gpg->in);
	close_fd(&gpg->errors);
}
