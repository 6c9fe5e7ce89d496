// SPDX-License-Identifier: GPL-2.0-or-later
/* The archiver's own side. */
#include "collect/archiver.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "collect/child.h"
#include "collect/wire.h"

struct archiver {
	struct vr_archive_options options;
	struct vr_archive *archive;
	int fd;
};

static int reply_error(struct archiver *a, const struct vr_error *err)
{
	VR_STRBUF body = {0};
	struct iovec piece;

	vr_wire_put_error(&body, err);
	piece = (struct iovec){.iov_base = body.data, .iov_len = body.len};
	vr_frame_send(a->fd, VR_WIRE_ERROR, &piece, 1);
	return 1;
}

static int finish(struct archiver *a)
{
	struct vr_archive_result result = {0};
	struct vr_error err = {0};
	VR_STRBUF body = {0};
	struct iovec piece;
	enum vr_err kind = vr_archive_finish(a->archive, &result, &err);

	a->archive = NULL;
	if (kind != VR_OK)
		return reply_error(a, &err);
	vr_wire_put_string(&body, result.path);
	vr_wire_put_string(&body, result.sha256);
	vr_wire_put_u64(&body, result.bytes);
	piece = (struct iovec){.iov_base = body.data, .iov_len = body.len};
	return vr_frame_send(a->fd, VR_WIRE_RESULT, &piece, 1) ? 0 : 1;
}

static enum vr_err open_archive(struct archiver *a, struct vr_error *err)
{
	char *passphrase = a->options.encryption.passphrase;
	enum vr_err kind = vr_archive_open(&a->options, &a->archive, err);

	if (passphrase)
		explicit_bzero(passphrase, strlen(passphrase));
	return kind;
}

/* Carry out one order; VR_OK to go on. */
static enum vr_err order(struct archiver *a, const struct vr_frame *frame, struct vr_error *err)
{
	struct vr_wire wire = {.p = frame->body, .left = frame->len};
	const char *text;

	if (frame->type == VR_WIRE_OPEN && !a->archive) {
		a->options.mtime = (time_t)vr_wire_u64(&wire);
		a->options.name = vr_wire_string(&wire);
		if (!wire.bad)
			return open_archive(a, err);
	} else if (frame->type == VR_WIRE_MEMBER && a->archive) {
		text = vr_wire_string(&wire);
		if (!wire.bad)
			return vr_archive_add(a->archive, text, wire.p, wire.left, err);
	} else if (frame->type == VR_WIRE_LINK && a->archive) {
		const char *target;

		text = vr_wire_string(&wire);
		target = vr_wire_string(&wire);
		if (!wire.bad && !wire.left)
			return vr_archive_link(a->archive, text, target, err);
	}
	return vr_error_set(err, VR_CORRUPT, "the archiver was told something that it can't do");
}

static int serve(struct archiver *a)
{
	struct vr_frame_reader reader = {.limit = UINT32_MAX};
	struct vr_error err = {0};
	int status = 1;

	for (;;) {
		struct vr_frame frame;
		enum vr_frame_status got = vr_frame_next(&reader, &frame);

		if (got == VR_FRAME_MORE) {
			/* The end of the stream without an order to finish: the run was given up.
			 */
			if (vr_frame_fill(&reader, a->fd) <= 0)
				break;
			continue;
		}
		if (got != VR_FRAME_OK)
			break;
		if (frame.type == VR_WIRE_FINISH && a->archive) {
			status = finish(a);
			break;
		}
		if (order(a, &frame, &err) != VR_OK) {
			status = reply_error(a, &err);
			break;
		}
	}
	vr_frame_reader_free(&reader);
	if (a->archive)
		vr_archive_abort(a->archive);
	return status;
}

int vr_archiver_main(const struct vr_archive_options *options, int fd)
{
	struct archiver archiver = {.options = *options, .fd = fd};

	if (!vr_child_begin(&archiver.fd, 1, VR_SANITIZED))
		return 1;
	/*
	 * Not tied to the supervisor's life by a signal: the end of the stream tells it as well,
	 * and leaves time to remove what is half done.
	 */
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_NAME, "vmcore-archiver");
	umask(077);
	return serve(&archiver);
}
