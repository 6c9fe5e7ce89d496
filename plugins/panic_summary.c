// SPDX-License-Identifier: GPL-2.0-or-later
/* What killed the machine: who panicked, why, from where, and what every CPU was doing. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "kernel/orc_tables.h"
#include "kernel/panic.h"
#include "kernel/panic_stack.h"
#include "kernel/percpu.h"
#include "kernel/source.h"
#include "kernel/stack.h"
#include "kernel/stack_text.h"
#include "kernel/task.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"

#define NSEC_PER_SEC 1000000000
#define SYMBOL_SIZE 640
/* Functions of the panicking stack in the headline. */
#define HEADLINE_FRAMES 4

/* A task as the summary names it. */
struct who {
	bool known;
	uint64_t addr;
	int64_t pid, tgid;
	char comm[16];
};

struct summary {
	struct vr_program *prog;
	struct vr_utsname uts;
	struct vr_clocks clocks;
	int64_t crashed; /* seconds since the epoch */
	bool has_uts, has_clocks, has_crashed;

	struct vr_panic panic;
	struct who task; /* on the panicking CPU */
	struct vr_regs regs;
	enum vr_regs_source source; /* of regs; VR_REGS_NONE: there are none */
	struct vr_stack stack;
};

static struct who who_is(struct vr_obj task)
{
	struct who who = {.addr = task.addr};
	struct vr_scope scope;

	if (!vr_ok(task))
		return who;
	vr_scope_enter(task.prog, &scope);
	who.pid = vr_s64(task, "pid");
	who.tgid = vr_s64(task, "tgid");
	vr_task_comm(task, who.comm);
	who.known = vr_scope_leave(task.prog, &scope) == VR_OK;
	return who;
}

static void gather(struct vr_program *prog, struct summary *s)
{
	struct vr_scope scope;

	s->prog = prog;
	vr_scope_enter(prog, &scope);
	s->has_uts = vr_utsname_read(prog, &s->uts);
	vr_scope_leave(prog, &scope);
	vr_scope_enter(prog, &scope);
	s->has_clocks = vr_clocks_read(prog, &s->clocks);
	vr_scope_leave(prog, &scope);
	vr_scope_enter(prog, &scope);
	s->crashed = vr_crash_seconds(prog);
	s->has_crashed = vr_scope_leave(prog, &scope) == VR_OK;

	vr_panic_read(prog, &s->panic);
	if (!s->panic.has_cpu)
		return;
	s->task = who_is(s->panic.task);
	vr_cpu_regs(prog, s->panic.cpu, &s->regs, &s->source, NULL);
	vr_stack_of_cpu(prog, s->panic.cpu, &s->stack);
}

static const char *source_text(enum vr_regs_source source)
{
	switch (source) {
	case VR_REGS_CRASH_NOTES:
		return "saved by the kernel in its crash notes";
	case VR_REGS_ELF_NOTE:
		return "of the dump's PRSTATUS note";
	default:
		return "none";
	}
}

static void put_duration(struct vr_strbuf *sb, int64_t ns)
{
	int64_t s = ns / NSEC_PER_SEC;

	if (s >= 86400)
		vr_strbuf_printf(sb, "%" PRId64 " d %" PRId64 " h %" PRId64 " min", s / 86400,
				 s / 3600 % 24, s / 60 % 60);
	else if (s >= 3600)
		vr_strbuf_printf(sb, "%" PRId64 " h %" PRId64 " min %" PRId64 " s", s / 3600,
				 s / 60 % 60, s % 60);
	else if (s >= 60)
		vr_strbuf_printf(sb, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else
		vr_strbuf_printf(sb, "%.1f s", (double)ns / NSEC_PER_SEC);
}

static void put_printable(struct vr_strbuf *sb, const char *text)
{
	char buf[VR_PRINTABLE_SIZE(512)];

	vr_strbuf_puts(sb, vr_printable(text, buf, sizeof(buf)));
}

static void put_stamp(struct vr_strbuf *sb, uint64_t ts_nsec)
{
	vr_strbuf_printf(sb, "[%5" PRIu64 ".%06" PRIu64 "] ", ts_nsec / NSEC_PER_SEC,
			 ts_nsec % NSEC_PER_SEC / 1000);
}

static void put_line(struct vr_strbuf *sb, const char *label, const struct vr_panic_line *line)
{
	vr_strbuf_printf(sb, "%-10s ", label);
	put_stamp(sb, line->ts_nsec);
	put_printable(sb, line->text);
	vr_strbuf_putc(sb, '\n');
}

static void put_who(struct vr_strbuf *sb, const struct who *who)
{
	if (!who->known) {
		vr_strbuf_puts(sb, "unknown task");
		return;
	}
	put_printable(sb, who->comm);
	vr_strbuf_printf(sb, " (pid %" PRId64, who->pid);
	if (who->tgid != who->pid)
		vr_strbuf_printf(sb, ", of process %" PRId64, who->tgid);
	vr_strbuf_putc(sb, ')');
}

/* ---- summary.txt ---- */

static void text_machine(struct vr_strbuf *sb, const struct summary *s)
{
	time_t when = (time_t)s->crashed;
	struct tm tm;
	char date[64];

	if (s->has_uts) {
		vr_strbuf_puts(sb, "Kernel:    ");
		put_printable(sb, s->uts.release);
		vr_strbuf_puts(sb, "\nVersion:   ");
		put_printable(sb, s->uts.version);
		vr_strbuf_puts(sb, "\nHost:      ");
		put_printable(sb, s->uts.nodename);
		vr_strbuf_putc(sb, '\n');
	}
	if (s->has_crashed && gmtime_r(&when, &tm) &&
	    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm))
		vr_strbuf_printf(sb, "Date:      %s\n", date);
	if (s->has_clocks) {
		vr_strbuf_puts(sb, "Uptime:    ");
		put_duration(sb, s->clocks.boottime_ns);
		vr_strbuf_putc(sb, '\n');
	}
}

static void text_panic(struct vr_strbuf *sb, const struct summary *s)
{
	const struct vr_panic *p = &s->panic;

	if (p->panic.found)
		put_line(sb, "Panic:", &p->panic);
	else if (!vr_panic_happened(p) && p->denied)
		vr_strbuf_puts(sb, "Panic:     none: this dump is of a system that had not "
				   "panicked\n");
	else
		vr_strbuf_printf(sb, "Panic:     no message: %s\n",
				 p->log_read ? "the kernel's log has none"
					     : "the kernel's log can't be read to its end");
	if (p->cause.found)
		put_line(sb, "Before it:", &p->cause);
	if (!p->has_cpu) {
		if (!p->denied || p->panic.found)
			vr_strbuf_printf(sb, "CPU:       unknown: %s\n", p->cpu_error.text);
		return;
	}
	vr_strbuf_printf(sb, "CPU:       %u\nTask:      ", p->cpu);
	put_who(sb, &s->task);
	vr_strbuf_putc(sb, '\n');
	if (s->source != VR_REGS_NONE) {
		vr_strbuf_printf(sb, "\nRegisters, %s:\n", source_text(s->source));
		vr_regs_print(sb, s->prog, &s->regs, false);
	} else {
		vr_strbuf_puts(sb, "\nIts registers were not saved.\n");
	}
	if (s->stack.user_mode) {
		vr_strbuf_puts(sb, "It was in user mode.\n");
		return;
	}
	vr_strbuf_puts(sb, "Call Trace:\n");
	vr_stack_print(sb, s->prog, &s->stack);
}

/* ---- panic.json ---- */

static void json_line(struct vr_json *o, const char *key, const struct vr_panic_line *line)
{
	struct vr_json *l;

	if (!line->found)
		return;
	l = vr_json_add_object(o, key);
	vr_json_set_bytes(l, "text", line->text, line->len);
	vr_json_set_real(l, "log_seconds", (double)line->ts_nsec / NSEC_PER_SEC);
}

static void json_who(struct vr_json *o, const struct who *who)
{
	if (!who->known)
		return;
	o = vr_json_add_object(o, "task");
	vr_json_set_string(o, "comm", who->comm);
	vr_json_set_int(o, "pid", who->pid);
	vr_json_set_int(o, "tgid", who->tgid);
	vr_json_set_addr(o, "address", who->addr);
}

static void json_regs(struct vr_json *o, const struct vr_regs *r)
{
	const struct {
		const char *name;
		uint64_t value;
	} regs[] = {
		{"rip", r->ip},  {"cs", r->cs},   {"rflags", r->flags},
		{"rsp", r->sp},  {"ss", r->ss},   {"rax", r->ax},
		{"rbx", r->bx},  {"rcx", r->cx},  {"rdx", r->dx},
		{"rsi", r->si},  {"rdi", r->di},  {"rbp", r->bp},
		{"r8", r->r8},   {"r9", r->r9},   {"r10", r->r10},
		{"r11", r->r11}, {"r12", r->r12}, {"r13", r->r13},
		{"r14", r->r14}, {"r15", r->r15}, {"orig_rax", r->orig_ax},
	};
	size_t i;

	o = vr_json_add_object(o, "registers");
	for (i = 0; i < VR_ARRAY_SIZE(regs); i++)
		vr_json_set_addr(o, regs[i].name, regs[i].value);
}

/* Parameters of one of the functions that stand where a frame is. */
static void json_parameters(struct vr_json *o, struct vr_program *prog,
			    const struct vr_stack_parameters *p, size_t frame, size_t function)
{
	struct vr_json *list = NULL;

	for (size_t i = 0; i < p->count; i++) {
		if (p->list[i].frame != frame || p->list[i].function != function)
			continue;
		if (!list)
			list = vr_json_add_array(o, "parameters");
		vr_parameter_add_json(list, prog, &p->list[i].of);
	}
}

/* Where it is in the sources, and what was inlined there, the innermost first. */
static void json_source(struct vr_json *o, struct vr_program *prog, const struct vr_frame *f,
			const struct vr_stack_parameters *parameters, size_t number)
{
	const struct vr_source *source = vr_frame_source(prog, f);
	struct vr_json *list;
	char line[1100];

	if (!source)
		return;
	if (vr_source_text(&source->frames[source->count - 1], line, sizeof(line))[0])
		vr_json_set_string(o, "source", line);
	json_parameters(o, prog, parameters, number, source->count - 1);
	if (source->count == 1)
		return;
	list = vr_json_add_array(o, "inlined");
	for (size_t i = 0; i + 1 < source->count; i++) {
		struct vr_json *call = vr_json_add_object(list, NULL);

		vr_json_set_string(call, "function", source->frames[i].function);
		if (vr_source_text(&source->frames[i], line, sizeof(line))[0])
			vr_json_set_string(call, "source", line);
		json_parameters(call, prog, parameters, number, i);
	}
}

static void json_stack(struct vr_json *o, struct vr_program *prog, const struct vr_stack *stack)
{
	static const char *const kinds[] = {"call", "regs", "unreliable"};
	struct vr_json *list = vr_json_add_array(o, "stack");
	struct vr_stack_parameters parameters;
	char symbol[SYMBOL_SIZE];
	size_t i;

	vr_stack_parameters(prog, stack, &parameters);
	for (i = 0; i < stack->count; i++) {
		const struct vr_frame *f = &stack->frames[i];
		struct vr_json *frame = vr_json_add_object(list, NULL);

		vr_json_set_string(frame, "symbol",
				   vr_frame_symbolize(prog, f, symbol, sizeof(symbol)));
		vr_json_set_addr(frame, "pc", f->pc);
		vr_json_set_addr(frame, "sp", f->sp);
		vr_json_set_string(frame, "kind", kinds[f->kind]);
		vr_json_set_string(frame, "on", vr_stack_kind_name(f->stack));
		json_source(frame, prog, f, &parameters, i);
	}
	vr_stack_parameters_free(&parameters);
	vr_json_set_bool(o, "stack_complete", stack->complete);
	if (!stack->complete)
		vr_json_set_string(o, "stack_error", stack->error.text);
	vr_json_set_bool(o, "user_mode", stack->user_mode);
}

static void json_panic(struct vr_json *o, const struct summary *s)
{
	if (s->has_uts) {
		vr_json_set_string(o, "release", s->uts.release);
		vr_json_set_string(o, "version", s->uts.version);
		vr_json_set_string(o, "nodename", s->uts.nodename);
	}
	if (s->has_crashed)
		vr_json_set_int(o, "crash_time", s->crashed);
	if (s->has_clocks)
		vr_json_set_real(o, "uptime_seconds", (double)s->clocks.boottime_ns / NSEC_PER_SEC);
	if (vr_panic_happened(&s->panic) || s->panic.denied)
		vr_json_set_bool(o, "panicked", vr_panic_happened(&s->panic));
	json_line(o, "message", &s->panic.panic);
	json_line(o, "cause", &s->panic.cause);
	if (!s->panic.has_cpu)
		return;
	vr_json_set_uint(o, "cpu", s->panic.cpu);
	json_who(o, &s->task);
	vr_json_set_string(o, "registers_source", source_text(s->source));
	if (s->source != VR_REGS_NONE)
		json_regs(o, &s->regs);
	json_stack(o, s->prog, &s->stack);
}

/* ---- Every CPU ---- */

/* What one CPU was doing: a line of text, and an object with its whole stack. */
static void put_cpu(struct vr_strbuf *sb, struct vr_json *list, struct vr_program *prog,
		    unsigned cpu, struct vr_stack *stack)
{
	struct vr_json *o = vr_json_add_object(list, NULL);
	enum vr_regs_source source;
	char symbol[SYMBOL_SIZE];
	struct vr_scope scope;
	struct vr_regs regs;
	struct who who;

	vr_scope_enter(prog, &scope);
	who = who_is(vr_cpu_current(prog, cpu));
	vr_scope_leave(prog, &scope);
	vr_cpu_regs(prog, cpu, &regs, &source, NULL);
	vr_strbuf_printf(sb, "CPU %-4u ", cpu);
	put_who(sb, &who);
	vr_json_set_uint(o, "cpu", cpu);
	json_who(o, &who);
	vr_json_set_string(o, "registers_source", source_text(source));
	if (source == VR_REGS_NONE) {
		vr_strbuf_puts(sb, ", registers not saved\n");
		return;
	}
	json_regs(o, &regs);
	vr_stack_of_cpu(prog, cpu, stack);
	json_stack(o, prog, stack);
	if (regs.cs & 3)
		vr_strbuf_printf(sb, ", in user mode at 0x%" PRIx64 "\n", regs.ip);
	else
		vr_strbuf_printf(sb, ", in %s\n",
				 vr_symbolize(prog, regs.ip, symbol, sizeof(symbol)));
}

static void put_cpus(struct vr_strbuf *sb, struct vr_json *o, struct vr_program *prog)
{
	struct vr_json *list = vr_json_add_array(o, "cpus");
	struct vr_cpumask present;
	struct vr_scope scope;
	struct vr_stack stack;
	unsigned cpu;

	/* Not the mask of those online: a panic takes the others off it. */
	vr_scope_enter(prog, &scope);
	vr_cpumask_read(prog, "__cpu_present_mask", &present);
	if (vr_scope_leave(prog, &scope)) {
		vr_cut(prog, scope.error.kind, "%s", scope.error.text);
		vr_strbuf_printf(sb, "\nCPUs: unknown: %s\n", scope.error.text);
		return;
	}
	vr_strbuf_puts(sb, "\nCPUs:\n");
	for (cpu = vr_cpumask_next(&present, 0); cpu < present.nr;
	     cpu = vr_cpumask_next(&present, cpu + 1))
		put_cpu(sb, list, prog, cpu, &stack);
}

/* ---- The headline ---- */

/* The functions that lead to the panic, innermost first. */
static void headline_stack(struct vr_strbuf *sb, const struct summary *s)
{
	char name[SYMBOL_SIZE];
	unsigned shown = 0;
	size_t i;

	for (i = vr_panic_origin(s->prog, &s->stack); i < s->stack.count && shown < HEADLINE_FRAMES;
	     i++) {
		if (s->stack.frames[i].kind == VR_FRAME_UNRELIABLE)
			continue;
		vr_strbuf_printf(
			sb, "%s%s", shown ? " < " : "; in ",
			vr_frame_function(s->prog, &s->stack.frames[i], name, sizeof(name)));
		shown++;
	}
}

static void headline(struct vr_run *run, const struct summary *s)
{
	const struct vr_panic *p = &s->panic;
	VR_STRBUF sb = {0};

	vr_strbuf_puts(&sb, "Linux ");
	put_printable(&sb, s->has_uts ? s->uts.release : "of unknown release");
	if (!vr_panic_happened(p)) {
		if (s->has_clocks) {
			vr_strbuf_puts(&sb, ", up ");
			put_duration(&sb, s->clocks.boottime_ns);
		}
		vr_strbuf_puts(&sb, p->denied ? ": nothing panicked; the dump was taken from "
						"outside of a running system"
					      : ": whether it panicked can't be told");
		vr_headline(run, "%s", vr_strbuf_str(&sb));
		return;
	}
	vr_strbuf_puts(&sb, p->panic.found ? " panicked" : " crashed");
	if (s->has_clocks) {
		vr_strbuf_puts(&sb, " after ");
		put_duration(&sb, s->clocks.boottime_ns);
		vr_strbuf_puts(&sb, " up");
	}
	if (p->panic.found) {
		vr_strbuf_puts(&sb, ": \"");
		put_printable(&sb, p->panic.text);
		vr_strbuf_putc(&sb, '"');
	}
	if (p->cause.found) {
		vr_strbuf_puts(&sb, p->panic.found ? ", after \"" : ": \"");
		put_printable(&sb, p->cause.text);
		vr_strbuf_putc(&sb, '"');
	}
	if (p->has_cpu) {
		vr_strbuf_printf(&sb, "; on CPU %u, ", p->cpu);
		put_who(&sb, &s->task);
		headline_stack(&sb, s);
	}
	vr_headline(run, "%s", vr_strbuf_str(&sb));
}

/* ---- */

/* What is left out makes the files partial. */
static void cut_missing(const struct summary *s)
{
	if (!s->panic.log_read)
		vr_cut(s->prog, VR_FAULT, "the kernel's log can't be read to its end");
	if (s->panic.has_cpu && !s->stack.complete)
		vr_cut(s->prog, s->stack.error.kind, "stack: %s", s->stack.error.text);
}

static void note_dispute(struct vr_run *run, struct vr_program *prog)
{
	struct vr_orc_tables tables;

	if (!vr_orc_tables_find(prog, &tables, NULL) && vr_orc_tables_disputed(&tables))
		vr_warn(run,
			"the version of the unwind tables is disputed: %d by types, %d by sample, "
			"%d "
			"by hash; read as %d",
			tables.by_types, tables.by_sample, tables.by_hash, tables.version);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_json *root = vr_json_object();
	struct summary s = {0};
	VR_STRBUF cpus = {0};
	VR_STRBUF text = {0};
	struct vr_file *f;

	gather(prog, &s);
	note_dispute(run, prog);
	text_machine(&text, &s);
	text_panic(&text, &s);
	json_panic(root, &s);

	f = vr_file_new(run, "panic.json");
	vr_file_source(f, "panic_cpu, the printk log, crash_notes, kernel stacks");
	cut_missing(&s);
	put_cpus(&cpus, root, prog);
	vr_print_json(f, root);
	vr_file_end(f);

	f = vr_file_new(run, "summary.txt");
	vr_file_source(f, "panic_cpu, the printk log, crash_notes, kernel stacks");
	cut_missing(&s);
	if (text.failed || cpus.failed)
		vr_latch(prog, VR_NOMEM, "out of memory");
	vr_write(f, vr_strbuf_str(&text), text.len);
	vr_write(f, vr_strbuf_str(&cpus), cpus.len);
	vr_file_end(f);
	headline(run, &s);
}

VR_PLUGIN(.description = "who panicked, why and from where, and what each CPU was doing",
	  .collect = collect)
