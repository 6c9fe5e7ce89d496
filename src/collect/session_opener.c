// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens dumps for real: a session, and what it knows of the dump for the manifest. */
#include "collect/opener.h"

#include <stdio.h>
#include <stdlib.h>

#include "collect/debug_files.h"
#include "kernel/module.h"
#include "kernel/task_set.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"
#include "object/program.h"
#include "session/session.h"

static void image_facts(const struct vr_image_info *info, struct vr_dump_facts *facts)
{
	vr_dump_fact_text(facts, "format", info->format);
	vr_dump_fact_text(facts, "compression", info->compression ? info->compression : "none");
	vr_dump_fact_number(facts, "page_size", info->page_size);
	vr_dump_fact_number(facts, "max_pfn", info->max_pfn);
	vr_dump_fact_number(facts, "stored_pages", info->stored_pages);
	vr_dump_fact_number(facts, "incomplete", info->incomplete);
	if (info->incomplete)
		vr_dump_fact_text(facts, "incomplete_why",
				  info->incomplete_why ? info->incomplete_why : "not said");
}

/* Of which symbols and types the dump lacks what it takes to know them. */
static void lack_facts(const struct vr_session *session, struct vr_dump_facts *facts)
{
	const struct vr_error *symbols = vr_session_lacks_symbols(session);
	const struct vr_error *types = vr_session_lacks_types(session);

	if (symbols)
		vr_dump_fact_text(facts, VR_FACT_SYMBOLS_MISSING, symbols->text);
	if (types)
		vr_dump_fact_text(facts, VR_FACT_TYPES_MISSING, types->text);
}

/* Name, release and time of the crash; each where it can be read. */
static void machine_facts(struct vr_program *prog, const struct vr_image_info *info,
			  const struct vr_log *log, struct vr_dump_facts *facts)
{
	struct vr_scope scope;
	struct vr_utsname uts;
	struct vr_clocks clocks;

	vr_scope_enter(prog, &scope);
	if (vr_utsname_read(prog, &uts)) {
		snprintf(facts->nodename, sizeof(facts->nodename), "%s", uts.nodename);
		snprintf(facts->release, sizeof(facts->release), "%s", uts.release);
	}
	if (vr_scope_leave(prog, &scope) != VR_OK) {
		const char *release = prog->fact(prog->fact_arg, "OSRELEASE");

		snprintf(facts->release, sizeof(facts->release), "%s",
			 info->release[0] || !release ? info->release : release);
		vr_log(log, VR_LOG_WARNING, "the machine's name can't be read: %s",
		       scope.error.text);
	}
	vr_scope_enter(prog, &scope);
	facts->crash_time = vr_crash_seconds(prog);
	if (vr_clocks_read(prog, &clocks)) {
		vr_dump_fact_number(facts, "uptime_seconds",
				    (uint64_t)(clocks.boottime_ns / 1000000000));
	}
	if (vr_scope_leave(prog, &scope) != VR_OK)
		vr_log(log, VR_LOG_WARNING, "the time of the crash can't be read: %s",
		       scope.error.text);
}

/* Whether pages of the kernel's own memory were left out: its tasks tell. */
static void hole_facts(struct vr_program *prog, const struct vr_log *log,
		       struct vr_dump_facts *facts)
{
	struct vr_scope scope;
	char holes[256];

	vr_scope_enter(prog, &scope);
	if (vr_task_set_holes(vr_tasks(prog), holes, sizeof(holes))) {
		vr_dump_fact_text(facts, "holed", holes);
		vr_log(log, VR_LOG_WARNING,
		       "the dump has holes: %s (a makedumpfile that is older than the kernel "
		       "leaves "
		       "such dumps)",
		       holes);
	}
	vr_scope_leave(prog, &scope);
}

/* Which files were used, as they add to the report. */
static void debug_facts(const struct vr_debug_set *set, struct vr_dump_facts *facts)
{
	if (set->vmlinux)
		vr_dump_fact_text(facts, "vmlinux", vr_debug_file_name(set->vmlinux));
	if (set->module_count)
		vr_dump_fact_number(facts, "module_debuginfo", set->module_count);
}

static enum vr_err open_with(struct vr_debug_files *debug, const struct vr_dump_source *source,
			     const struct vr_log *log, struct vr_session **session,
			     struct vr_error *err)
{
	struct vr_session_options options = {
		.dump_fd = source->fds[0],
		.more_fds = source->fds + 1,
		.more_count = source->fd_count - 1,
		.log = log,
		.vmcoreinfo_text = source->vmcoreinfo_text,
		.no_btf = source->no_btf,
		.find_vmlinux = vr_debug_files_find_vmlinux,
		.find_arg = debug,
	};
	enum vr_err kind = vr_session_open(&options, session, err);
	struct vr_program *prog;

	if (kind != VR_OK)
		return kind;
	prog = vr_session_program(*session);
	kind = vr_modules_load(prog, log);
	if (kind != VR_OK) {
		vr_session_close(*session);
		return vr_error_set(err, kind, "out of memory for the modules' symbols");
	}
	vr_debug_files_find_modules(debug, prog);
	if (debug->set.vmlinux || debug->set.module_count)
		prog->debug = &debug->set;
	return VR_OK;
}

static enum vr_err session_open(const struct vr_dump_source *source, const struct vr_log *log,
				struct vr_opened *opened, struct vr_dump_facts *facts,
				struct vr_error *err)
{
	struct vr_debug_files *debug = calloc(1, sizeof(*debug));
	const struct vr_image_info *info;
	struct vr_session *session;
	enum vr_err kind;

	if (!debug)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	vr_debug_files_init(debug, &source->debug, log);
	kind = open_with(debug, source, log, &session, err);
	vr_debug_files_close(debug);
	if (kind != VR_OK) {
		vr_debug_files_free(debug);
		free(debug);
		return kind;
	}
	opened->session = session;
	opened->debug = debug;
	opened->prog = vr_session_program(session);
	info = vr_image_info(vr_session_image(session));
	image_facts(info, facts);
	lack_facts(session, facts);
	debug_facts(&debug->set, facts);
	machine_facts(opened->prog, info, log, facts);
	hole_facts(opened->prog, log, facts);
	return VR_OK;
}

static void session_counts(const struct vr_opened *opened, struct vr_image_counts *counts)
{
	*counts = *vr_image_counts(vr_session_image(opened->session));
}

static void complain(const struct vr_complaint_sink *sink, const struct vr_debug_file *file,
		     const struct vr_error *damage, bool asked_for)
{
	if (file && damage->kind != VR_OK)
		sink->say(sink->arg, vr_debug_file_name(file), damage->text, asked_for);
}

static void session_complaints(const struct vr_opened *opened, const struct vr_complaint_sink *sink)
{
	struct vr_debug_files *debug = opened->debug;
	struct vr_debug_set *set = &debug->set;
	const struct vr_error *damage;
	const char *module;
	size_t at = 0;

	if (set->vmlinux)
		complain(sink, set->vmlinux, vr_debug_file_damage(set->vmlinux),
			 set->vmlinux_asked_for);
	for (size_t i = 0; i < set->module_count; i++)
		complain(sink, set->modules[i].file, vr_debug_file_damage(set->modules[i].file),
			 set->modules[i].asked_for);
	/* Types are asked for on their own. */
	while (vr_types_next_damage(opened->prog->types, &at, &module, &damage)) {
		const struct vr_debug_module *of = module ? vr_debug_set_module(set, module) : NULL;

		complain(sink, of ? of->file : set->vmlinux, damage,
			 of ? of->asked_for : set->vmlinux_asked_for);
	}
}

static void session_close(struct vr_opened *opened)
{
	vr_session_close(opened->session);
	vr_debug_files_free(opened->debug);
	free(opened->debug);
}

const struct vr_opener vr_session_opener = {
	.open = session_open,
	.counts = session_counts,
	.complaints = session_complaints,
	.close = session_close,
};
