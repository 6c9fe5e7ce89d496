// SPDX-License-Identifier: GPL-2.0-or-later
/* The finder's client, in the zygote's sandbox. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "collect/finder.h"
#include "collect/finder_wire.h"

static bool lose(struct vr_finder_client *client)
{
	close(client->fd);
	client->fd = -1;
	return false;
}

static bool wait_for_reply(const struct vr_finder_client *client)
{
	struct timespec silence = {.tv_sec = VR_FINDER_SILENCE_MS / 1000};
	struct pollfd pfd = {.fd = client->fd, .events = POLLIN};
	int n;

	do {
		n = ppoll(&pfd, 1, &silence, NULL);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* One reply, and the descriptor that comes with it or -1. */
static bool receive(struct vr_finder_client *client, struct vr_finder_reply *reply, int *fd)
{
	ssize_t n;

	*fd = -1;
	if (!wait_for_reply(client))
		return false;
	do {
		n = vr_receive_with_fd(client->fd, reply, sizeof(*reply), fd);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*reply)) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return false;
	}
	reply->text[sizeof(reply->text) - 1] = '\0';
	return true;
}

bool vr_finder_next(struct vr_finder_client *client, const struct vr_debug_wanted *wanted,
		    bool local, uint64_t *at, struct vr_found_file *found)
{
	struct vr_finder_request request = {.wanted = *wanted, .at = *at, .local = local};
	struct iovec iov = {.iov_base = &request, .iov_len = sizeof(request)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct vr_finder_reply reply;

	if (client->fd < 0)
		return false;
	if (sendmsg(client->fd, &msg, MSG_NOSIGNAL) != (ssize_t)sizeof(request))
		return lose(client);
	do {
		if (!receive(client, &reply, &found->fd))
			return lose(client);
		if (reply.status == VR_FINDER_BUSY && client->busy)
			client->busy(client->arg, reply.text);
	} while (reply.status == VR_FINDER_BUSY);
	*at = reply.at;
	found->asked_for = reply.asked_for;
	memcpy(found->path, reply.text, sizeof(found->path));
	return found->fd >= 0;
}
