// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/finder.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/fdpass.h"
#include "collect/child.h"
#include "collect/debuginfod.h"
#include "collect/finder_wire.h"

#define NS_PER_S 1000000000ull
/* Between two words of being busy, and before the first: what is quick needs none. */
#define BUSY_NS (10 * NS_PER_S)
#define FIRST_BUSY_NS (2 * NS_PER_S)
/*
 * How long servers may be silent at first (they unpack a package of a gigabyte then) and later, and
 * after which time their pace tells whether it will do: a part of the time that all downloads may
 * take, or so many seconds, whichever is less.
 */
#define SILENT_PART 4
#define SILENT_S 60
#define STALLED_PART 12
#define STALLED_S 20
/* Fewer bytes are no progress; and the library counts its rounds as long as it knows of none. */
#define PROGRESS_MIN ((uint64_t)64 << 10)
/* How long it may take to notice that its client is gone, milliseconds. */
#define STOP_MS 3000
/* Where the list of files ends and servers are to be asked; and where that is done. */
#define AT_SERVERS (UINT64_MAX - 1)
#define AT_END UINT64_MAX

/* A file that servers are asked for. */
struct download {
	uint64_t asked_ns; /* since when */
	uint64_t first_ns; /* when bytes began to come; 0: none have */
	uint64_t moved_ns; /* when there was progress last */
	uint64_t done;
	uint64_t window_ns, window_done; /* from when on the pace of late is measured */
	char refused[160];               /* why it was ended */
};

struct finder {
	const struct vr_finder_options *options;
	int client;
	struct vr_debug_paths *paths;
	struct vr_debuginfod *servers;
	bool servers_tried;
	uint64_t servers_ns; /* spent on them */
	uint64_t busy_ns;    /* when that is told next */
	bool given_up;
	struct download download;
	const struct vr_finder_request *request;
};

static bool send_reply(struct finder *f, const struct vr_finder_reply *reply, int fd)
{
	return vr_send_with_fd(f->client, reply, sizeof(*reply), fd, 0);
}

static void tell_busy(struct finder *f, const char *fmt, ...) VR_PRINTF(2, 3);

static void tell_busy(struct finder *f, const char *fmt, ...)
{
	struct vr_finder_reply reply = {.status = VR_FINDER_BUSY};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reply.text, sizeof(reply.text), fmt, ap);
	va_end(ap);
	send_reply(f, &reply, -1);
}

/* Has the client gone? It says nothing while it waits. */
static bool is_alone(const struct finder *f)
{
	struct pollfd pfd = {.fd = f->client};

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR));
}

/* A part of the time that downloads may take, but so many seconds at most. */
static uint64_t part_of_limit(const struct finder *f, unsigned part, unsigned seconds)
{
	return VR_MIN(f->options->debuginfod_seconds * NS_PER_S / part, seconds * NS_PER_S);
}

static void note_progress(struct download *d, uint64_t now, uint64_t done)
{
	if (done < d->done + PROGRESS_MIN)
		return;
	if (!d->first_ns)
		d->first_ns = d->window_ns = now;
	d->moved_ns = now;
	d->done = done;
}

/* Whether it takes longer than left at the pace of so many bytes in that time. */
static bool is_late(uint64_t rest, uint64_t left, uint64_t bytes, uint64_t ns)
{
	return (double)rest * (double)ns > (double)left * (double)bytes;
}

/* Whether all of it can't come in time, neither by the pace so far nor by that of late. */
static bool is_too_slow(struct download *d, uint64_t window, uint64_t now, uint64_t total,
			uint64_t left)
{
	uint64_t rest = total - VR_MIN(total, d->done);
	bool slow;

	if (!d->first_ns || now - d->window_ns < window)
		return false;
	slow = is_late(rest, left, d->done, now - d->first_ns) &&
	       is_late(rest, left, d->done - d->window_done, now - d->window_ns);
	d->window_ns = now;
	d->window_done = d->done;
	return slow;
}

/* Why it is in vain to wait any longer, into refused; false: it isn't. */
static bool is_in_vain(struct finder *f, uint64_t now, uint64_t done, uint64_t total)
{
	struct download *d = &f->download;
	uint64_t limit = f->options->debuginfod_seconds * NS_PER_S;
	uint64_t spent = f->servers_ns + (now - d->asked_ns);
	uint64_t pause = part_of_limit(f, STALLED_PART, STALLED_S), patience;

	patience = d->first_ns ? pause : part_of_limit(f, SILENT_PART, SILENT_S);
	note_progress(d, now, done);
	if (spent > limit)
		snprintf(d->refused, sizeof(d->refused), "they took %u s",
			 f->options->debuginfod_seconds);
	else if (now - d->moved_ns > patience)
		snprintf(d->refused, sizeof(d->refused), "nothing has come from them for %llu s",
			 (unsigned long long)(patience / NS_PER_S));
	else if (is_too_slow(d, pause, now, total, limit - spent))
		snprintf(d->refused, sizeof(d->refused),
			 "%llu of %llu MiB in %llu s are too slow for the %u s that downloads may "
			 "take (--plugin-timeout)",
			 (unsigned long long)done >> 20, (unsigned long long)total >> 20,
			 (unsigned long long)((now - d->first_ns) / NS_PER_S),
			 f->options->debuginfod_seconds);
	return d->refused[0] != '\0';
}

static bool on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct finder *f = arg;
	uint64_t now = vr_now_ns();
	const char *what =
		f->request->wanted.what == VR_DEBUG_MODULE ? f->request->wanted.name : "the kernel";

	if (is_alone(f) || is_in_vain(f, now, done, total))
		return false;
	if (now < f->busy_ns)
		return true;
	f->busy_ns = now + BUSY_NS;
	if (total)
		tell_busy(f, "Downloading debug information of %s: %llu of %llu MiB", what,
			  (unsigned long long)done >> 20, (unsigned long long)total >> 20);
	else
		tell_busy(f,
			  "Asking debuginfod servers for debug information of %s (--no-debuginfod "
			  "does without)",
			  what);
	return true;
}

static bool have_servers(struct finder *f)
{
	const char *why;

	if (!f->servers_tried && f->options->debuginfod) {
		f->servers = vr_debuginfod_new(on_progress, f, &why);
		if (!f->servers)
			tell_busy(f, "debuginfod servers can't be asked: %s", why);
	}
	f->servers_tried = true;
	return f->servers && !f->given_up;
}

static int ask_servers(struct finder *f, struct vr_finder_reply *reply)
{
	const struct vr_debug_wanted *wanted = &f->request->wanted;
	char *path = NULL;
	int fd;

	reply->at = f->request->local ? AT_SERVERS : AT_END;
	if (f->request->local || wanted->id.len < 2 || wanted->id.len > VR_BUILD_ID_MAX ||
	    (wanted->what != VR_DEBUG_VMLINUX && wanted->what != VR_DEBUG_MODULE) ||
	    !have_servers(f))
		return -1;
	f->download = (struct download){.asked_ns = vr_now_ns()};
	f->download.moved_ns = f->download.asked_ns;
	f->busy_ns = f->download.asked_ns + FIRST_BUSY_NS;
	fd = vr_debuginfod_find(f->servers, &wanted->id, &path);
	f->servers_ns += vr_now_ns() - f->download.asked_ns;
	f->given_up = fd < 0 && f->download.refused[0];
	if (f->given_up)
		tell_busy(f, "debuginfod servers are given up: %s", f->download.refused);
	else if (fd < 0 && fd != -ENOENT)
		tell_busy(f, "debuginfod servers can't be asked: %s", strerror(-fd));
	if (fd >= 0)
		snprintf(reply->text, sizeof(reply->text), "%s", path ? path : "debuginfod");
	free(path);
	return fd;
}

static bool answer(struct finder *f, const struct vr_finder_request *request)
{
	struct vr_finder_reply reply = {0};
	size_t at = request->at < AT_SERVERS ? (size_t)request->at : SIZE_MAX;
	const char *path = NULL;
	bool asked_for = false, ok;
	int fd = -1;

	f->request = request;
	if (request->at < AT_SERVERS) {
		fd = vr_debug_paths_next(f->paths, &request->wanted, &at, &path, &asked_for);
		reply.at = fd >= 0 ? at : AT_SERVERS;
	}
	if (fd >= 0)
		snprintf(reply.text, sizeof(reply.text), "%s", path);
	else if (request->at != AT_END)
		fd = ask_servers(f, &reply);
	reply.status = fd >= 0 ? VR_FINDER_FOUND : VR_FINDER_NONE;
	reply.asked_for = asked_for;
	ok = send_reply(f, &reply, fd);
	if (fd >= 0)
		close(fd);
	return ok;
}

static void serve(struct finder *f)
{
	for (;;) {
		struct vr_finder_request request;
		ssize_t n = recv(f->client, &request, sizeof(request), 0);

		if (n < 0 && errno == EINTR)
			continue;
		/* Requests are of one size; the one that sends others isn't ours any more. */
		if (n != (ssize_t)sizeof(request) || request.wanted.what >= VR_DEBUG_WHATS ||
		    !answer(f, &request))
			return;
	}
}

static int finder_main(const struct vr_finder_options *options, int client, pid_t parent)
{
	struct finder f = {.options = options, .client = client};

	if (!vr_child_die_with(parent) || !vr_child_begin(&f.client, 1, VR_SANITIZED))
		return 1;
	prctl(PR_SET_NAME, "vmcore-finder");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	f.paths = vr_debug_paths_new(&options->places);
	if (!f.paths)
		return 1;
	serve(&f);
	vr_debuginfod_free(f.servers);
	vr_debug_paths_free(f.paths);
	return 0;
}

enum vr_err vr_finder_start(struct vr_finder *finder, const struct vr_finder_options *options,
			    int *fd, struct vr_error *err)
{
	pid_t parent = getpid();
	int pair[2];

	*fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return vr_error_os(err, errno, "no socket for the finder of debug information");
	finder->pid = fork();
	if (finder->pid == 0)
		vr_child_exit(finder_main(options, pair[1], parent));
	close(pair[1]);
	if (finder->pid < 0) {
		int saved = errno;

		close(pair[0]);
		finder->pid = 0;
		return vr_error_os(err, saved, "no process to find debug information");
	}
	*fd = pair[0];
	return VR_OK;
}

void vr_finder_stop(struct vr_finder *finder)
{
	if (finder->pid > 0)
		vr_child_reap(finder->pid, STOP_MS);
	finder->pid = 0;
}
