// SPDX-License-Identifier: GPL-2.0-or-later
/* Which kernel it was and how it stood: names, banner, taints, command line, times, CPUs. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/text.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "kernel/taint.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"

#define NSEC_PER_SEC 1000000000

/* Longer than COMMAND_LINE_SIZE of any architecture. */
#define MAX_TEXT 16384

/*
 * What the files say is kept in one JSON object each, put together in kernel_info.json at the end;
 * a part that could not be read is not there, and its own file says why.
 */

static void uts_files(struct vr_run *run, struct vr_program *prog, struct vr_json *all)
{
	struct vr_file *json = vr_file_new(run, "uts.json");
	struct vr_utsname uts;
	bool ok = vr_utsname_read(prog, &uts);
	const struct {
		const char *key, *value;
	} fields[] = {
		{"sysname", uts.sysname}, {"nodename", uts.nodename},
		{"release", uts.release}, {"version", uts.version},
		{"machine", uts.machine}, {"domainname", uts.domainname},
	};
	struct vr_json *own = vr_json_object();
	struct vr_json *part = ok ? vr_json_add_object(all, "uts") : NULL;
	struct vr_file *text;

	for (size_t i = 0; i < VR_ARRAY_SIZE(fields); i++) {
		vr_json_set_string(own, fields[i].key, fields[i].value);
		vr_json_set_string(part, fields[i].key, fields[i].value);
	}
	vr_file_source(json, "init_uts_ns");
	vr_print_json(json, own);
	vr_file_end(json);

	text = vr_file_new(run, "uts.txt");
	vr_file_source(text, "init_uts_ns");
	vr_utsname_read(prog, &uts);
	for (size_t i = 0; i < VR_ARRAY_SIZE(fields); i++) {
		char line[VR_PRINTABLE_SIZE(sizeof(uts.sysname))];

		vr_printf(text, "%s: %s\n", fields[i].key,
			  vr_printable(fields[i].value, line, sizeof(line)));
	}
	vr_file_end(text);
}

/* A global string, as a file of its own and as a member of the whole. */
static void text_file(struct vr_run *run, struct vr_program *prog, struct vr_json *all,
		      const char *relpath, const char *key, const char *symbol)
{
	struct vr_file *f = vr_file_new(run, relpath);
	char text[MAX_TEXT];
	size_t len;

	vr_file_source(f, "%s", symbol);
	vr_str(vr_kernel_global(prog, symbol), "", text, sizeof(text));
	len = strlen(text);
	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	vr_printf(f, "%s\n", text);
	if (vr_file_end(f) == VR_OK)
		vr_json_set_string(all, key, text);
}

static void taint_file(struct vr_run *run, struct vr_program *prog, struct vr_json *all)
{
	struct vr_file *f = vr_file_new(run, "taints.json");
	struct vr_taint taints[VR_MAX_TAINTS];
	size_t count = vr_taints_read(prog, taints);
	uint64_t mask = vr_tainted_mask(prog);
	struct vr_json *both[2] = {vr_json_object(), NULL};

	if (!vr_failed(prog))
		both[1] = vr_json_add_object(all, "taints");
	for (size_t i = 0; i < VR_ARRAY_SIZE(both); i++) {
		struct vr_json *list;

		vr_json_set_uint(both[i], "mask", mask);
		list = vr_json_add_array(both[i], "flags");
		for (size_t k = 0; k < count; k++) {
			char letter[2] = {taints[k].letter, '\0'};
			struct vr_json *o;

			if (!taints[k].set)
				continue;
			o = vr_json_add_object(list, NULL);
			vr_json_set_uint(o, "bit", taints[k].bit);
			vr_json_set_string(o, "letter", letter);
			if (taints[k].name)
				vr_json_set_string(o, "name", taints[k].name);
			else
				vr_json_set_null(o, "name");
		}
	}
	vr_file_source(f, "tainted_mask, taint_flags");
	vr_print_json(f, both[0]);
	vr_file_end(f);
}

static void set_time(struct vr_json *json, const char *key, int64_t ns)
{
	time_t t = (time_t)(ns / NSEC_PER_SEC);
	char text[40];
	struct tm tm;

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		vr_json_set_string(json, key, text);
}

static void times_part(struct vr_program *prog, struct vr_json *all)
{
	struct vr_json *o = vr_json_add_object(all, "times");
	struct vr_scope scope;
	struct vr_clocks clocks;

	vr_scope_enter(prog, &scope);
	if (vr_clocks_read(prog, &clocks)) {
		set_time(o, "boot_time", clocks.realtime_ns - clocks.boottime_ns);
		vr_json_set_real(o, "uptime_seconds", (double)clocks.boottime_ns / NSEC_PER_SEC);
		set_time(o, "last_clock_update", clocks.realtime_ns);
		set_time(o, "crash_time", vr_crash_seconds(prog) * NSEC_PER_SEC);
	}
	if (vr_scope_leave(prog, &scope) != VR_OK)
		vr_cut(prog, scope.error.kind, "times: %s", scope.error.text);
}

static void cpus_part(struct vr_program *prog, struct vr_json *all)
{
	static const struct {
		const char *count, *list, *symbol;
	} masks[] = {
		{"possible", "possible_list", "__cpu_possible_mask"},
		{"present", "present_list", "__cpu_present_mask"},
		{"online", "online_list", "__cpu_online_mask"},
	};
	struct vr_json *o = vr_json_add_object(all, "cpus");

	for (size_t i = 0; i < VR_ARRAY_SIZE(masks); i++) {
		struct vr_cpumask mask;
		struct vr_scope scope;
		char list[4096];

		vr_scope_enter(prog, &scope);
		if (vr_cpumask_read(prog, masks[i].symbol, &mask)) {
			vr_json_set_uint(o, masks[i].count, vr_cpumask_count(&mask));
			vr_json_set_string(o, masks[i].list,
					   vr_cpumask_list(&mask, list, sizeof(list)));
		}
		if (vr_scope_leave(prog, &scope) != VR_OK)
			vr_cut(prog, scope.error.kind, "%s CPUs: %s", masks[i].count,
			       scope.error.text);
	}
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_json *all = vr_json_object();
	struct vr_file *f;

	uts_files(run, prog, all);
	text_file(run, prog, all, "banner.txt", "banner", "linux_banner");
	text_file(run, prog, all, "cmdline.txt", "cmdline", "saved_command_line");
	taint_file(run, prog, all);
	f = vr_file_new(run, "kernel_info.json");
	vr_file_source(f, "the other files, timekeeper, __cpu_*_mask");
	times_part(prog, all);
	cpus_part(prog, all);
	vr_print_json(f, all);
	vr_file_end(f);
}

VR_PLUGIN(.description = "kernel names, banner, taints, command line, boot time, uptime and CPUs",
	  .collect = collect)
