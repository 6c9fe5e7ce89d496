// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/panic.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/percpu.h"
#include "kernel/printk.h"
#include "kernel/task.h"

#define PANIC_CPU_INVALID (-1)
/* A line of trouble belongs to a panic that follows within this time of it. */
#define CAUSE_WINDOW_NS 10000000000ull

#define PANIC_PREFIX "Kernel panic - not syncing"

/*
 * Beginnings of the lines that say what went wrong (arch/x86/mm/fault.c, arch/x86/kernel/traps.c,
 * lib/bug.c, kernel/watchdog.c, kernel/hung_task.c, drivers/tty/sysrq.c). A weak one repeats what a
 * better line before it said.
 */
static const struct {
	const char *text;
	bool weak;
} causes[] = {
	{"BUG: ", false},
	{"kernel BUG at ", false},
	{"general protection fault", false},
	{"watchdog: BUG: ", false},
	{"watchdog: Watchdog detected hard LOCKUP", false},
	{"NMI watchdog: Watchdog detected hard LOCKUP", false},
	{"Uhhuh. NMI received for unknown reason", false},
	{"NMI: ", true},
	{"INFO: task ", false},
	{"INFO: rcu", false},
	{"rcu: INFO: ", false},
	{"sysrq: Trigger a crash", false},
	{"Unable to handle kernel ", false},
	{"double fault: ", false},
	{"traps: PANIC: ", false},
	{"PANIC: double fault", false},
	{"Out of memory: ", false},
	{"invalid opcode: ", true},
	{"divide error: ", true},
	{"stack segment: ", true},
	{"Oops: ", true},
};

enum vr_err vr_panic_cpu(struct vr_program *prog, unsigned *cpu, bool *denied, struct vr_error *err)
{
	struct vr_scope scope;
	enum vr_err kind;
	unsigned nr;
	uint64_t addr;
	int32_t value;

	if (denied)
		*denied = false;
	if (vr_try_symbol(prog, "panic_cpu", &addr))
		return vr_error_set(err, VR_ABSENT, "the kernel has no panic_cpu");
	kind = vr_read(prog, addr, &value, sizeof(value), err);
	if (kind)
		return kind;
	if (value == PANIC_CPU_INVALID) {
		if (denied)
			*denied = true;
		return vr_error_set(err, VR_ABSENT, "no CPU has panicked");
	}
	vr_scope_enter(prog, &scope);
	nr = vr_nr_cpus(prog);
	vr_scope_leave(prog, &scope);
	if (value < 0 || (unsigned)value >= (nr ? nr : VR_MAX_CPUS))
		return vr_error_set(err, VR_CORRUPT, "panic_cpu is %d", value);
	*cpu = (unsigned)value;
	return VR_OK;
}

static void keep_line(struct vr_panic_line *line, const struct vr_log_record *record, size_t skip)
{
	const char *text = record->text + skip;
	size_t len = record->text_len - skip;
	const char *newline = memchr(text, '\n', len);

	if (newline)
		len = (size_t)(newline - text);
	line->len = VR_MIN(len, sizeof(line->text) - 1);
	memcpy(line->text, text, line->len);
	line->text[line->len] = '\0';
	line->ts_nsec = record->ts_nsec;
	line->found = true;
}

static bool begins(const struct vr_log_record *record, const char *text)
{
	size_t len = strlen(text);

	return record->text_len >= len && !memcmp(record->text, text, len);
}

static bool near(const struct vr_panic_line *line, uint64_t ts_nsec)
{
	return line->found && ts_nsec >= line->ts_nsec &&
	       ts_nsec - line->ts_nsec <= CAUSE_WINDOW_NS;
}

static void look_at(struct vr_panic *panic, const struct vr_log_record *record)
{
	size_t i, skip = strlen(PANIC_PREFIX);

	if (begins(record, PANIC_PREFIX)) {
		/* The last one, but not one on top of another: a panic within a panic. */
		if (near(&panic->panic, record->ts_nsec))
			return;
		while (skip < record->text_len && strchr(": ", record->text[skip]))
			skip++;
		keep_line(&panic->panic, record, skip);
		if (!near(&panic->cause, record->ts_nsec))
			panic->cause.found = false;
		return;
	}
	/* What follows a panic are its consequences. */
	if (panic->panic.found)
		return;
	for (i = 0; i < VR_ARRAY_SIZE(causes); i++) {
		if (!begins(record, causes[i].text))
			continue;
		if (!causes[i].weak || !near(&panic->cause, record->ts_nsec))
			keep_line(&panic->cause, record, 0);
		return;
	}
}

static bool read_log(struct vr_program *prog, struct vr_panic *panic)
{
	struct vr_scope scope;
	struct vr_printk_walk walk;

	vr_scope_enter(prog, &scope);
	walk = vr_printk_walk_begin(prog);
	while (vr_printk_walk_next(&walk)) {
		if (!walk.record.lost)
			look_at(panic, &walk.record);
	}
	vr_printk_walk_end(&walk);
	return vr_scope_leave(prog, &scope) == VR_OK && !scope.cuts;
}

void vr_panic_read(struct vr_program *prog, struct vr_panic *panic)
{
	struct vr_scope scope;

	memset(panic, 0, sizeof(*panic));
	panic->has_cpu = !vr_panic_cpu(prog, &panic->cpu, &panic->denied, &panic->cpu_error);
	panic->log_read = read_log(prog, panic);
	/* Trouble that the machine survived is not what this is about. */
	if (!vr_panic_happened(panic))
		panic->cause.found = false;
	if (!panic->has_cpu)
		return;
	vr_scope_enter(prog, &scope);
	panic->task = vr_cpu_current(prog, panic->cpu);
	if (vr_scope_leave(prog, &scope))
		panic->task.type = NULL;
}
