// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/extract.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/text.h"
#include "collect/zygote.h"

/* Kernels' files without debuggers' sections are of 60 MiB, and modules may take 256. */
#define FILE_MAX ((uint64_t)1 << 30)
#define LINE_MAX 2000
#define NS_PER_S 1000000000ull

/* ---- In the process ---- */

/* What is said of the file, as facts. */
static const struct {
	const char *key;
	size_t offset, size;
} numbers[] = {
#define NUMBER(field)                                                                              \
	{                                                                                          \
#field, offsetof(struct vr_vmlinux_info, field),                                   \
			sizeof(((struct vr_vmlinux_info *)0)->field)                               \
	}
	NUMBER(bytes),         NUMBER(types),           NUMBER(variables),   NUMBER(void_variables),
	NUMBER(functions),     NUMBER(symbols),         NUMBER(unwind_rows), NUMBER(modules),
	NUMBER(content_bytes), NUMBER(content_missing), NUMBER(init_gone),   NUMBER(build_id),
#undef NUMBER
};

_Static_assert(VR_ARRAY_SIZE(numbers) <= VR_DUMP_FACTS, "all of them are told");

static void put_facts(const struct vr_vmlinux_info *info, struct vr_dump_facts *facts)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(numbers); i++) {
		uint64_t value = 0;

		memcpy(&value, (const uint8_t *)info + numbers[i].offset, numbers[i].size);
		vr_dump_fact_number(facts, numbers[i].key, value);
	}
}

static void take_facts(const struct vr_dump_facts *facts, struct vr_vmlinux_info *info)
{
	for (size_t i = 0; i < VR_MIN(facts->count, VR_ARRAY_SIZE(numbers)); i++) {
		uint64_t value = facts->list[i].number;
		bool flag = value != 0;

		if (!strcmp(facts->list[i].key, numbers[i].key))
			memcpy((uint8_t *)info + numbers[i].offset,
			       numbers[i].size == sizeof(flag) ? (void *)&flag : &value,
			       numbers[i].size);
	}
}

static enum vr_err extract_open(const struct vr_dump_source *source, const struct vr_log *log,
				struct vr_opened *opened, struct vr_dump_facts *facts,
				struct vr_error *err)
{
	struct vr_vmlinux_options options = {.max_bytes = FILE_MAX, .contents = true, .log = log};
	enum vr_err kind = vr_session_opener.open(source, log, opened, facts, err);
	struct vr_vmlinux_info info;

	if (kind != VR_OK)
		return kind;
	kind = vr_vmlinux_write(opened->prog, *source->output, &options, &info, err);
	if (kind != VR_OK) {
		vr_session_opener.close(opened);
		return kind;
	}
	*facts = (struct vr_dump_facts){0};
	put_facts(&info, facts);
	return VR_OK;
}

static void extract_counts(const struct vr_opened *opened, struct vr_image_counts *counts)
{
	vr_session_opener.counts(opened, counts);
}

static void extract_close(struct vr_opened *opened)
{
	vr_session_opener.close(opened);
}

const struct vr_opener vr_extract_opener = {
	.open = extract_open,
	.counts = extract_counts,
	.close = extract_close,
};

/* ---- The caller's side ---- */

struct extract {
	const struct vr_extract_options *options;
	struct vr_vmlinux_info *info;
	struct vr_slots slots;
	struct vr_zygote zygote;
	bool done;
	struct vr_error error;
	uint8_t datagram[VR_DATAGRAM_MAX];
};

static void take_log(struct extract *x, struct vr_wire *body)
{
	enum vr_log_level level = (enum vr_log_level)vr_wire_enum(body, VR_LOG_ERROR + 1);
	const char *text = vr_wire_string(body);
	char line[VR_PRINTABLE_SIZE(LINE_MAX)];

	if (!body->bad)
		vr_log(x->options->log, level, "%s", vr_printable(text, line, sizeof(line)));
}

static void take(struct extract *x, uint32_t type, struct vr_wire *body)
{
	struct vr_dump_facts facts;

	if (type == VR_WIRE_LOG) {
		take_log(x, body);
	} else if (type == VR_WIRE_FAILED) {
		vr_wire_error(body, &x->error);
	} else if (type == VR_WIRE_FACTS) {
		vr_wire_facts(body, &facts);
		if (body->bad)
			vr_error_set(&x->error, VR_CORRUPT,
				     "the process that reads the dump makes no sense");
		else
			take_facts(&facts, x->info);
		x->done = true;
	}
}

static void receive(struct extract *x)
{
	char text[VR_ZYGOTE_END_MAX];
	struct vr_wire body;
	uint32_t type = 0;
	ssize_t n = vr_zygote_receive(&x->zygote, x->datagram, &type, &body);

	if (n > 0) {
		take(x, type, &body);
	} else if (n == 0 || (errno != EAGAIN && errno != EBADMSG)) {
		vr_zygote_end_text(&x->zygote, vr_slot_at(&x->slots, 0), text);
		vr_error_set(&x->error, VR_CORRUPT, "the process that reads the dump %s", text);
	}
}

static void wait_for_it(struct extract *x, const volatile int *stop, const sigset_t *mask)
{
	uint64_t until = vr_now_ns() + x->options->timeout * NS_PER_S;

	while (!x->done && x->error.kind == VR_OK) {
		struct pollfd fd = {.fd = x->zygote.fd, .events = POLLIN};
		uint64_t now = vr_now_ns(), left = until - VR_MIN(until, now);
		struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
					   .tv_nsec = (long)(left % NS_PER_S)};

		if (*stop)
			vr_error_os(&x->error, EINTR, "interrupted");
		else if (!left)
			vr_error_set(&x->error, VR_LIMIT, "it was not done within %u s",
				     x->options->timeout);
		else if (ppoll(&fd, 1, &timeout, mask) > 0)
			receive(x);
	}
}

static enum vr_err start(struct extract *x, const struct vr_sandbox *sandbox)
{
	static const struct vr_plugins none;
	static const struct vr_run_wishes no_wishes;
	struct vr_zygote_options zygote = {
		.dump = x->options->dump,
		.opener = x->options->opener,
		.plugins = &none,
		.sandbox = sandbox,
		.slots = &x->slots,
		.wishes = &no_wishes,
		.name = "vmcore-extract",
	};

	if (!vr_slots_map(&x->slots, 1))
		return vr_error_os(&x->error, errno, "no memory to share");
	/* What is buffered here must not be written by the child as well. */
	fflush(NULL);
	return vr_zygote_start(&x->zygote, &zygote, &x->error);
}

enum vr_err vr_extract(const struct vr_extract_options *options, const volatile int *stop,
		       struct vr_vmlinux_info *info, struct vr_error *err)
{
	static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
	struct extract x = {.options = options, .info = info, .zygote.fd = -1};
	struct vr_sandbox sandbox = {.profile = VR_PROFILE_WRITER,
				     .off = options->no_sandbox,
				     .memory_limit = options->memory_limit,
				     .file_limit = FILE_MAX};
	sigset_t blocked, before;

	*info = (struct vr_vmlinux_info){0};
	/* They may come while waiting only, so that none is missed between a look and a wait. */
	sigemptyset(&blocked);
	for (size_t i = 0; i < VR_ARRAY_SIZE(stopping); i++)
		sigaddset(&blocked, stopping[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	vr_sandbox_prepare(&sandbox);
	if (start(&x, &sandbox) == VR_OK)
		wait_for_it(&x, stop, &before);
	vr_zygote_stop(&x.zygote);
	vr_slots_unmap(&x.slots);
	vr_sandbox_free(&sandbox);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (x.error.kind != VR_OK && err)
		*err = x.error;
	return x.error.kind;
}
