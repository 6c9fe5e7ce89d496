// SPDX-License-Identifier: GPL-2.0-or-later
/* A plugin's life: needs, check_enabled, setup, collect. */
#include "plugin/run.h"

#include <stdio.h>

#include "archive/path.h"
#include "base/bits.h"
#include "plugin/needs.h"
#include "plugin/state.h"

#define MESSAGE_SIZE 4096

void vr_run_action(struct vr_run *run)
{
	char text[256];

	if (!run->sink->action)
		return;
	if (run->open) {
		snprintf(text, sizeof(text), "file %s", run->open->path);
		run->sink->action(run->sink->arg, text);
	} else {
		run->sink->action(run->sink->arg, run->phase);
	}
}

static void enter_phase(struct vr_run *run, const char *phase)
{
	run->phase = phase;
	vr_run_action(run);
}

bool vr_run_unit(struct vr_run *run)
{
	run->unit++;
	if (run->unit < run->sink->first_unit)
		return false;
	if (run->sink->unit)
		run->sink->unit(run->sink->arg, run->unit);
	return true;
}

void vr_run_units(struct vr_run *run, uint64_t count)
{
	if (run->sink->units)
		run->sink->units(run->sink->arg, (uint32_t)VR_MIN(count, UINT32_MAX));
}

uint32_t vr_run_units_begun(const struct vr_run *run)
{
	return run->unit;
}

const char *vr_run_skips(const struct vr_run *run, const char *path)
{
	const struct vr_run_wishes *wishes = &run->sink->wishes;

	for (size_t i = 0; i < wishes->skip_file_count; i++)
		if (vr_path_matches(path, wishes->skip_files[i]))
			return wishes->skip_files[i];
	return NULL;
}

void vr_run_unit_end(struct vr_run *run)
{
	if (run->sink->unit)
		run->sink->unit(run->sink->arg, 0);
}

void vr_run_failed(struct vr_run *run, const char *reason)
{
	if (run->failed.kind == VR_OK)
		vr_error_set(&run->failed, VR_UNSUPPORTED, "%s", reason);
}

void vr_run_inactive(struct vr_run *run, const char *reason)
{
	vr_error_set(&run->inactive, VR_ABSENT, "%s", reason);
}

const struct vr_pids *vr_run_pids(const struct vr_run *run)
{
	static const struct vr_pids usual = {.limit = VR_PIDS_USUAL};

	return run->sink->wishes.pids ? run->sink->wishes.pids : &usual;
}

const struct vr_plugin_option *vr_run_options(const struct vr_run *run,
					      const struct vr_option_value **values)
{
	*values = run->sink->options;
	return run->plugin->options;
}

const char *vr_run_name(const struct vr_run *run)
{
	return run->name;
}

/* Is there nothing to do? Then result has why. */
static bool is_inactive(struct vr_run *run, const struct vr_plugin *plugin,
			struct vr_run_result *result)
{
	struct vr_scope scope;
	bool yes;

	enter_phase(run, "checking its needs");
	if (vr_needs_check(plugin->needs, run->prog, &result->error) != VR_OK)
		return true;
	if (!plugin->check_enabled)
		return false;
	enter_phase(run, "check_enabled");
	vr_scope_enter(run->prog, &scope);
	yes = plugin->check_enabled(run, run->prog);
	vr_run_close_files(run);
	if (vr_scope_leave(run->prog, &scope) != VR_OK) {
		result->error = scope.error;
		return true;
	}
	if (run->failed.kind != VR_OK)
		return false;
	if (run->inactive.kind != VR_OK)
		result->error = run->inactive;
	else if (!yes)
		vr_error_set(&result->error, VR_ABSENT, "nothing to do on this dump");
	return !yes || run->inactive.kind != VR_OK;
}

static void run_phase(struct vr_run *run, const char *phase,
		      void (*fn)(struct vr_run *run, struct vr_program *prog),
		      struct vr_run_result *result)
{
	struct vr_scope scope;

	if (!fn || run->failed.kind != VR_OK)
		return;
	enter_phase(run, phase);
	vr_scope_enter(run->prog, &scope);
	fn(run, run->prog);
	vr_run_close_files(run);
	vr_scope_leave(run->prog, &scope);
	if (result->error.kind == VR_OK)
		result->error = scope.error;
}

void vr_run_plugin(const struct vr_plugin *plugin, const char *name, struct vr_program *prog,
		   const struct vr_sink *sink, struct vr_run_result *result)
{
	struct vr_run run = {
		.name = name, .plugin = plugin, .prog = prog, .sink = sink, .phase = "start"};

	run.spare.run = &run;
	*result = (struct vr_run_result){0};
	result->inactive = is_inactive(&run, plugin, result);
	if (!result->inactive && !sink->wishes.dry_run) {
		run_phase(&run, "setup", plugin->setup, result);
		run_phase(&run, "collect", plugin->collect, result);
	}
	if (run.failed.kind != VR_OK) {
		result->failed = true;
		result->error = run.failed;
	}
	vr_pathset_free(&run.paths);
	vr_copies_free(&run.copies);
	enter_phase(&run, "end");
}

static void message(struct vr_run *run, enum vr_message_kind kind, const char *fmt, va_list ap)
	VR_PRINTF(3, 0);

static void message(struct vr_run *run, enum vr_message_kind kind, const char *fmt, va_list ap)
{
	char text[MESSAGE_SIZE];

	vsnprintf(text, sizeof(text), fmt, ap);
	run->sink->message(run->sink->arg, kind, text);
}

void vr_warn(struct vr_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(run, VR_MSG_WARN, fmt, ap);
	va_end(ap);
}

void vr_fail(struct vr_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(run, VR_MSG_ERROR, fmt, ap);
	va_end(ap);
}

void vr_alert(struct vr_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(run, VR_MSG_ALERT, fmt, ap);
	va_end(ap);
}

void vr_note(struct vr_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(run, VR_MSG_NOTE, fmt, ap);
	va_end(ap);
}

void vr_headline(struct vr_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(run, VR_MSG_HEADLINE, fmt, ap);
	va_end(ap);
}

void vr_message(struct vr_run *run, enum vr_message_kind kind, const char *text)
{
	run->sink->message(run->sink->arg, kind, text);
}
