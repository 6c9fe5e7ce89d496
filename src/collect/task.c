// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/text.h"

/* What a frame costs beyond its bytes; so that a flood of empty ones has its bound too. */
#define FRAME_COST 256u
/* Reads in one turn, so that no worker keeps the loop to itself. */
#define READS_PER_TURN 4
/* Workers that a plugin may lose to units of its work. */
#define RESTARTS_MAX 32

double vr_wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void vr_task_start(struct vr_task *task, int fd, uint32_t slot)
{
	task->state = VR_TASK_RUNNING;
	task->fd = fd;
	task->slot = slot;
	task->killed = task->exited = false;
	task->wait_status = 0;
	if (task->start == 0)
		task->start = vr_wall_clock();
}

void vr_task_fail(struct vr_task *task, const char *fmt, ...)
{
	va_list ap;

	if (task->failure[0])
		return;
	va_start(ap, fmt);
	vsnprintf(task->failure, sizeof(task->failure), fmt, ap);
	va_end(ap);
}

static void close_stream(struct vr_task *task)
{
	if (task->fd >= 0)
		close(task->fd);
	task->fd = -1;
	vr_frame_reader_free(&task->reader);
}

/* Room for one more element of an array. */
static bool reserve(void **array, size_t count, size_t *cap, size_t size)
{
	size_t bigger = *cap ? *cap * 2 : 16;
	void *p;

	if (count < *cap)
		return true;
	p = reallocarray(*array, bigger, size);
	if (!p)
		return false;
	*array = p;
	*cap = bigger;
	return true;
}

static bool out_of_memory(struct vr_task *task)
{
	vr_task_fail(task, "its output can't be kept: out of memory");
	return false;
}

static bool take_file(struct vr_task *task, const struct vr_frame *frame)
{
	void *files = task->files;
	struct vr_task_file *file;
	struct vr_wire wire;
	const uint8_t *body;
	void *block;

	if (!reserve(&files, task->file_count, &task->file_cap, sizeof(*task->files)))
		return out_of_memory(task);
	task->files = files;
	block = vr_frame_keep(&task->reader, frame, &body);
	if (!block)
		return out_of_memory(task);
	file = &task->files[task->file_count];
	*file = (struct vr_task_file){.order = task->file_count, .block = block};
	wire = (struct vr_wire){.p = body, .left = frame->len};
	vr_wire_record(&wire, &file->record);
	if (wire.bad) {
		free(block);
		return false;
	}
	file->data = wire.p;
	file->len = wire.left;
	task->file_count++;
	task->stored += frame->len + sizeof(*file);
	return true;
}

/* A line of the plugin's own log. */
static void add_error_line(struct vr_task *task, const char *tag, const char *text)
{
	char line[VR_PRINTABLE_SIZE(1024)];

	vr_strbuf_printf(&task->errors, "[%s] %s\n", tag, vr_printable(text, line, sizeof(line)));
}

static bool take_message(struct vr_task *task, const struct vr_frame *frame)
{
	struct vr_wire wire = {.p = frame->body, .left = frame->len};
	enum vr_message_kind kind = (enum vr_message_kind)vr_wire_enum(&wire, VR_MSG_KINDS);
	const char *text = vr_wire_string(&wire);
	void *notes = task->notes;
	char *copy;

	if (wire.bad || wire.left)
		return false;
	task->stored += frame->len;
	if (kind == VR_MSG_WARN || kind == VR_MSG_ERROR) {
		add_error_line(task, kind == VR_MSG_WARN ? "WARN" : "ERROR", text);
		return task->errors.failed ? out_of_memory(task) : true;
	}
	copy = strdup(text);
	if (!copy || !reserve(&notes, task->note_count, &task->note_cap, sizeof(*task->notes))) {
		free(copy);
		return out_of_memory(task);
	}
	task->notes = notes;
	task->notes[task->note_count++] = (struct vr_task_note){.kind = kind, .text = copy};
	return true;
}

static bool take_done(struct vr_task *task, const struct vr_frame *frame)
{
	struct vr_wire wire = {.p = frame->body, .left = frame->len};

	vr_wire_done(&wire, &task->outcome);
	task->done = !wire.bad && !wire.left;
	return task->done;
}

static bool take_frame(struct vr_task *task, const struct vr_frame *frame)
{
	uint64_t cost = frame->len + FRAME_COST;

	task->output_left -= VR_MIN(task->output_left, cost);
	if (task->done)
		return false;
	switch (frame->type) {
	case VR_WIRE_FILE:
		return take_file(task, frame);
	case VR_WIRE_MESSAGE:
		return take_message(task, frame);
	case VR_WIRE_DONE:
		return take_done(task, frame);
	default:
		return false;
	}
}

/* All frames that have come; false: the worker must be ended. */
static bool take_frames(struct vr_task *task)
{
	for (;;) {
		struct vr_frame frame;
		enum vr_frame_status got;

		/* The end may always be told. */
		task->reader.limit = (size_t)VR_MIN(task->output_left + 4096, (uint64_t)UINT32_MAX);
		got = vr_frame_next(&task->reader, &frame);
		if (got == VR_FRAME_MORE)
			return true;
		if (got == VR_FRAME_LIMIT ||
		    (got == VR_FRAME_OK && task->output_left == 0 && frame.type != VR_WIRE_DONE)) {
			vr_task_fail(task, "sent more than it may");
			return false;
		}
		if (got != VR_FRAME_OK || !take_frame(task, &frame)) {
			vr_task_fail(task, "sent something that makes no sense");
			return false;
		}
	}
}

bool vr_task_read(struct vr_task *task)
{
	for (int i = 0; i < READS_PER_TURN && task->fd >= 0; i++) {
		ssize_t n = vr_frame_fill(&task->reader, task->fd);

		if (n > 0) {
			if (take_frames(task))
				continue;
			close_stream(task);
			return false;
		}
		if (n < 0 && errno == ENOMEM) {
			out_of_memory(task);
			close_stream(task);
			return false;
		}
		/* Nothing now; nothing ever, where the stream is at its end or its writer is gone.
		 */
		if (n == 0 || errno != EAGAIN || task->exited)
			close_stream(task);
		break;
	}
	return true;
}

/* What the worker's end and what it left behind say. */
static void find_failure(struct vr_task *task, const struct vr_slot *last)
{
	char text[64];

	if (task->failure[0])
		return;
	if (task->wait_status == VR_EXIT_NOT_STARTED)
		vr_task_fail(task, "could not be started: no process to be had");
	else if (last->refused && last->aborting)
		vr_task_fail(task, "was killed by SIGABRT");
	else if (last->refused)
		vr_task_fail(task, "made the system call `%s`, which the sandbox refuses",
			     vr_syscall_name(last, text, sizeof(text)));
	else if (WIFSIGNALED(task->wait_status) || WEXITSTATUS(task->wait_status) != 0)
		vr_task_fail(task, "%s", vr_wait_text(task->wait_status, text, sizeof(text)));
	else if (!task->done)
		vr_task_fail(task, "exited before it was done");
}

/* The file that the unit was writing is missing because of it: say so in its place. */
static void omit_unit(struct vr_task *task, const struct vr_slot *last)
{
	static const char file[] = "file ";
	const char *path = last->action + sizeof(file) - 1;
	struct vr_file_record record = {.path = path,
					.status = VR_FILE_OMITTED,
					.kind = VR_CORRUPT,
					.reason = task->failure,
					.source = ""};
	struct vr_strbuf body = {0};
	struct vr_frame frame;

	if (strncmp(last->action, file, sizeof(file) - 1) != 0 || !*path)
		return;
	vr_wire_put_record(&body, &record);
	frame = (struct vr_frame){
		.type = VR_WIRE_FILE, .body = (const uint8_t *)body.data, .len = body.len};
	if (!body.failed)
		take_file(task, &frame);
	vr_strbuf_free(&body);
}

/* Can another worker go on behind the unit that this one died in? */
static bool can_go_on(const struct vr_task *task, const struct vr_slot *last)
{
	return last->unit >= task->unit && last->unit && last->unit < UINT32_MAX && !task->done &&
	       !task->killed && task->restarts < RESTARTS_MAX && task->output_left;
}

bool vr_task_conclude(struct vr_task *task, const struct vr_slots *slots)
{
	struct vr_slot last;

	close_stream(task);
	task->end = vr_wall_clock();
	vr_slot_read(vr_slot_at(slots, task->slot), &last);
	task->state = VR_TASK_OVER;
	find_failure(task, &last);
	if (task->done && task->outcome.result.failed)
		vr_task_fail(task, "%s", task->outcome.result.error.text);
	if (!task->failure[0] || task->done)
		return false;
	if (last.action[0]) {
		size_t len = strlen(task->failure);

		snprintf(task->failure + len, sizeof(task->failure) - len, " (last action: %s)",
			 last.action);
	}
	add_error_line(task, "ERROR", task->failure);
	if (!can_go_on(task, &last))
		return false;
	omit_unit(task, &last);
	task->failure[0] = '\0';
	task->unit = last.unit + 1;
	task->restarts++;
	task->state = VR_TASK_WAITING;
	return true;
}

static int file_compare(const void *a, const void *b)
{
	const struct vr_task_file *x = a, *y = b;
	int order = strcmp(x->record.path, y->record.path);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Put more behind file's bytes, in a block of its own. */
static bool append_file(struct vr_task_file *file, const struct vr_task_file *more)
{
	size_t head = file->data - (const uint8_t *)file->block;
	uint8_t *block = malloc(head + file->len + more->len + 1);
	const char *old = file->block;

	/* The record's strings lie in the block. */
	if (!block)
		return false;
	memcpy(block, file->block, head + file->len);
	memcpy(block + head + file->len, more->data, more->len);
	file->record.path = (const char *)block + (file->record.path - old);
	file->record.reason = (const char *)block + (file->record.reason - old);
	file->record.source = (const char *)block + (file->record.source - old);
	file->data = block + head;
	file->len += more->len;
	file->record.bytes = file->len;
	free(file->block);
	file->block = block;
	return true;
}

/* Does later, of the same path, take file's place or go on with it? */
static bool merge_file(struct vr_task_file *file, struct vr_task_file *later)
{
	if (later->record.writing == VR_WRITE_NEW || file->record.status == VR_FILE_OMITTED ||
	    later->record.status == VR_FILE_OMITTED)
		return false;
	if (later->record.writing == VR_WRITE_APPEND)
		return append_file(file, later);
	free(file->block);
	*file = *later;
	later->block = NULL;
	return true;
}

void vr_task_sort(struct vr_task *task)
{
	size_t kept = 0;

	if (!task->file_count)
		return;
	qsort(task->files, task->file_count, sizeof(*task->files), file_compare);
	for (size_t i = 1; i < task->file_count; i++) {
		struct vr_task_file *file = &task->files[kept], *later = &task->files[i];

		if (!strcmp(file->record.path, later->record.path) && merge_file(file, later))
			free(later->block);
		else
			task->files[++kept] = *later;
	}
	task->file_count = kept + 1;
}

void vr_task_drop(struct vr_task *task)
{
	for (size_t i = 0; i < task->file_count; i++)
		free(task->files[i].block);
	for (size_t i = 0; i < task->note_count; i++)
		free(task->notes[i].text);
	free(task->files);
	free(task->notes);
	task->files = NULL;
	task->notes = NULL;
	task->file_count = task->file_cap = task->note_count = task->note_cap = 0;
	task->stored = 0;
}

void vr_task_free(struct vr_task *task)
{
	close_stream(task);
	vr_task_drop(task);
	vr_strbuf_free(&task->errors);
}
