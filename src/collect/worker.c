// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/zygote.h"

#include <string.h>

#include "base/cleanup.h"
#include "collect/frame.h"

struct worker {
	int sink;
	struct vr_slot *slot;
	struct vr_strbuf scratch; /* the next frame's fields */
};

/* The supervisor has closed the stream, or can't be reached: nothing that we do matters any more.
 */
static void send(struct worker *w, enum vr_wire_type type, const void *data, size_t len)
{
	struct iovec pieces[2] = {
		{.iov_base = w->scratch.data, .iov_len = w->scratch.len},
		/* iovec has no const */
		{.iov_base = (void *)(uintptr_t)data, .iov_len = len},
	};

	if (w->scratch.failed || !vr_frame_send(w->sink, (uint16_t)type, pieces, 2))
		vr_child_exit(1);
}

static void sink_file(void *arg, const struct vr_file_record *record, const void *data, size_t len)
{
	struct worker *w = arg;

	vr_strbuf_truncate(&w->scratch, 0);
	vr_wire_put_record(&w->scratch, record);
	send(w, VR_WIRE_FILE, data, len);
}

static void sink_message(void *arg, enum vr_message_kind kind, const char *text)
{
	struct worker *w = arg;

	vr_strbuf_truncate(&w->scratch, 0);
	vr_wire_put_u32(&w->scratch, (uint32_t)kind);
	vr_wire_put_string(&w->scratch, text);
	send(w, VR_WIRE_MESSAGE, NULL, 0);
}

/* What the layers say of the dump while the plugin reads it: of a damaged page, say. */
static void take_log(void *arg, enum vr_log_level level, const char *text)
{
	if (level >= VR_LOG_WARNING)
		sink_message(arg, VR_MSG_WARN, text);
}

static void take_complaint(void *arg, const char *file, const char *text, bool asked_for)
{
	VR_STRBUF both = {0};

	if (!asked_for) {
		sink_message(arg, VR_MSG_INFO, text);
		return;
	}
	vr_strbuf_printf(&both, "%s\n%s", file, text);
	if (!both.failed)
		sink_message(arg, VR_MSG_BAD_FILE, vr_strbuf_str(&both));
}

static void sink_action(void *arg, const char *text)
{
	struct worker *w = arg;

	vr_slot_action(w->slot, text);
}

static void sink_unit(void *arg, uint32_t unit)
{
	struct worker *w = arg;

	w->slot->unit = unit;
}

static void sink_units(void *arg, uint32_t count)
{
	struct worker *w = arg;

	w->slot->units = count;
}

int vr_worker_run(const struct vr_plugin_entry *entry, const struct vr_opener *opener,
		  const struct vr_opened *opened, struct vr_log *log, int sink,
		  struct vr_slot *slot, uint32_t unit, const struct vr_run_wishes *wishes)
{
	struct worker worker = {.sink = sink, .slot = slot};
	struct vr_sink table = {.file = sink_file,
				.message = sink_message,
				.action = sink_action,
				.unit = sink_unit,
				.first_unit = unit,
				.units = sink_units,
				.wishes = *wishes,
				.options = entry->values,
				.arg = &worker};
	struct vr_complaint_sink complaints = {.say = take_complaint, .arg = &worker};
	struct vr_image_counts before = {0}, after = {0};
	struct vr_wire_done done;

	*log = (struct vr_log){.emit = take_log, .arg = &worker};
	if (opener->counts)
		opener->counts(opened, &before);
	vr_run_plugin(entry->plugin, entry->name, opened->prog, &table, &done.result);
	if (opener->counts)
		opener->counts(opened, &after);
	if (opener->complaints)
		opener->complaints(opened, &complaints);
	done.counts = (struct vr_image_counts){.read = after.read - before.read,
					       .excluded = after.excluded - before.excluded,
					       .damaged = after.damaged - before.damaged};
	vr_strbuf_truncate(&worker.scratch, 0);
	vr_wire_put_done(&worker.scratch, &done);
	send(&worker, VR_WIRE_DONE, NULL, 0);
	vr_strbuf_free(&worker.scratch);
	*log = (struct vr_log){0};
	return 0;
}
