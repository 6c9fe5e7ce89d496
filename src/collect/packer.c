// SPDX-License-Identifier: GPL-2.0-or-later
/* The supervisor's end of the archiver. */
#include "collect/archiver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/child.h"
#include "collect/wire.h"

/* How long an archiver may take to remove what it has begun, milliseconds. */
#define STOP_MS 10000u

/* Something to be sent: a head of our own making, then bytes of someone else's. */
struct vr_packet {
	struct vr_packet *next;
	size_t at; /* bytes sent of head and data together */
	struct vr_strbuf head;
	const uint8_t *data;
	size_t len;
	void *block; /* released when all is sent */
};

enum vr_err vr_packer_start(struct vr_packer *packer, const struct vr_archive_options *options,
			    struct vr_error *err)
{
	int pair[2];

	*packer = (struct vr_packer){.fd = -1, .reader = {.limit = 16384}};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return vr_error_os(err, errno, "no socket for the archiver");
	packer->pid = fork();
	if (packer->pid == 0)
		vr_child_exit(vr_archiver_main(options, pair[1]));
	close(pair[1]);
	packer->fd = pair[0];
	if (packer->pid < 0 || fcntl(packer->fd, F_SETFL, O_NONBLOCK) < 0) {
		vr_error_os(err, errno, "no process for the archiver");
		vr_packer_stop(packer);
		return VR_OS;
	}
	return VR_OK;
}

static void packet_free(struct vr_packet *packet)
{
	vr_strbuf_free(&packet->head);
	free(packet->block);
	free(packet);
}

/* Put the frame's header before body (which is taken over) and queue it with its data. */
static void enqueue(struct vr_packer *packer, enum vr_wire_type type, struct vr_strbuf *body,
		    const void *data, size_t len, void *block)
{
	struct vr_packet *packet = packer->off ? NULL : calloc(1, sizeof(*packet));
	uint8_t header[VR_FRAME_HEADER];

	if (packet && !body->failed && len <= UINT32_MAX - body->len) {
		vr_frame_header(header, (uint16_t)type, body->len + len);
		vr_strbuf_add(&packet->head, header, sizeof(header));
		vr_strbuf_add(&packet->head, body->data, body->len);
	}
	vr_strbuf_free(body);
	if (packer->off) {
		packer->finished = type == VR_WIRE_FINISH;
		free(block);
		return;
	}
	if (!packet || packet->head.len == 0 || packet->head.failed) {
		vr_error_set(&packer->error, VR_NOMEM, "out of memory");
		free(block);
		free(packet);
		return;
	}
	packet->data = data;
	packet->len = len;
	packet->block = block;
	packer->queued += packet->head.len + len;
	if (packer->tail)
		packer->tail->next = packet;
	else
		packer->head = packet;
	packer->tail = packet;
}

void vr_packer_open(struct vr_packer *packer, const char *name, int64_t mtime)
{
	struct vr_strbuf body = {0};

	vr_wire_put_u64(&body, (uint64_t)mtime);
	vr_wire_put_string(&body, name);
	enqueue(packer, VR_WIRE_OPEN, &body, NULL, 0, NULL);
}

void vr_packer_add(struct vr_packer *packer, const char *path, const void *data, size_t len,
		   void *block)
{
	struct vr_strbuf body = {0};

	vr_wire_put_string(&body, path);
	enqueue(packer, VR_WIRE_MEMBER, &body, data, len, block);
}

void vr_packer_link(struct vr_packer *packer, const char *path, const char *target)
{
	struct vr_strbuf body = {0};

	vr_wire_put_string(&body, path);
	vr_wire_put_string(&body, target);
	enqueue(packer, VR_WIRE_LINK, &body, NULL, 0, NULL);
}

void vr_packer_finish(struct vr_packer *packer)
{
	struct vr_strbuf body = {0};

	vr_strbuf_puts(&body, "");
	enqueue(packer, VR_WIRE_FINISH, &body, NULL, 0, NULL);
}

/* Send some of the packet; false: no more for now. */
static bool send_some(struct vr_packer *packer, struct vr_packet *packet)
{
	size_t head = packet->at < packet->head.len ? packet->head.len - packet->at : 0;
	size_t data = packet->at > packet->head.len ? packet->at - packet->head.len : 0;
	struct iovec iov[2] = {
		{.iov_base = packet->head.data + (packet->head.len - head), .iov_len = head},
		{.iov_base = (void *)(uintptr_t)(packet->data + data),
		 .iov_len = packet->len - data},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	ssize_t n = sendmsg(packer->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0) {
		/* A broken stream: what the archiver had to say, if anything, is still to be read.
		 * Anything else would fail again for ever. */
		int failure = errno;

		if (failure != EINTR && failure != EAGAIN && failure != EPIPE &&
		    failure != ECONNRESET)
			vr_error_set(&packer->error, VR_OS, "writing the archive: %s",
				     strerror(failure));
		return failure == EINTR;
	}
	packet->at += (size_t)n;
	packer->queued -= (size_t)n;
	return true;
}

void vr_packer_pump(struct vr_packer *packer)
{
	while (packer->head) {
		struct vr_packet *packet = packer->head;

		if (!send_some(packer, packet))
			return;
		if (packet->at < packet->head.len + packet->len)
			continue;
		packer->head = packet->next;
		if (!packer->head)
			packer->tail = NULL;
		packet_free(packet);
	}
}

static void take_reply(struct vr_packer *packer, const struct vr_frame *frame)
{
	struct vr_wire wire = {.p = frame->body, .left = frame->len};
	struct vr_archive_result *r = &packer->result;

	if (frame->type == VR_WIRE_RESULT) {
		snprintf(r->path, sizeof(r->path), "%s", vr_wire_string(&wire));
		snprintf(r->sha256, sizeof(r->sha256), "%s", vr_wire_string(&wire));
		r->bytes = vr_wire_u64(&wire);
		packer->finished = !wire.bad;
	} else if (frame->type == VR_WIRE_ERROR) {
		vr_wire_error(&wire, &packer->error);
	}
}

/* The archiver is gone with nothing said. */
static void died(struct vr_packer *packer)
{
	char text[64];
	int status = vr_child_reap(packer->pid, STOP_MS);

	packer->pid = 0;
	vr_error_set(&packer->error, VR_OS, "writing the archive: the archiver %s",
		     vr_wait_text(status, text, sizeof(text)));
}

void vr_packer_receive(struct vr_packer *packer)
{
	struct vr_frame frame;
	ssize_t n = vr_frame_fill(&packer->reader, packer->fd);

	while (vr_frame_next(&packer->reader, &frame) == VR_FRAME_OK)
		take_reply(packer, &frame);
	if (packer->finished || packer->error.kind != VR_OK)
		return;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		died(packer);
}

bool vr_packer_cancel(struct vr_packer *packer)
{
	uint64_t until = vr_now_ns() + (uint64_t)STOP_MS * 1000000;

	if (packer->fd < 0 || shutdown(packer->fd, SHUT_WR) < 0)
		return packer->finished;
	while (!packer->finished && packer->error.kind == VR_OK) {
		struct pollfd pfd = {.fd = packer->fd, .events = POLLIN};
		uint64_t now = vr_now_ns();

		if (now >= until)
			break;
		if (poll(&pfd, 1, (int)((until - now) / 1000000) + 1) > 0)
			vr_packer_receive(packer);
	}
	return packer->finished;
}

void vr_packer_stop(struct vr_packer *packer)
{
	if (packer->fd >= 0)
		close(packer->fd);
	packer->fd = -1;
	if (packer->pid > 0)
		vr_child_reap(packer->pid, VR_SANITIZED ? 3 * STOP_MS : STOP_MS);
	packer->pid = 0;
	while (packer->head) {
		struct vr_packet *next = packer->head->next;

		packet_free(packer->head);
		packer->head = next;
	}
	packer->tail = NULL;
	packer->queued = 0;
	vr_frame_reader_free(&packer->reader);
}
