// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/timer_list: high-resolution timers, ticks and their devices (kernel/time/timer_list.c). */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/symbol_at.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/rbtree.h"
#include "kernel/ticks.h"
#include "kernel/timekeeping.h"
#include "plugin/emitter.h"

/* KSYM_NAME_LEN, and " [module]". */
#define SYMBOL_SIZE 640

/* What the whole file has in common. */
struct list {
	struct vr_program *prog;
	int version; /* v0.8 to v0.11 */
	int64_t now_ns;
	uint64_t jiffies;
	struct vr_pointer_style plain, restricted;
};

static int version_of(struct vr_program *prog)
{
	if (vr_has_member(prog, "struct hrtimer", "is_queued"))
		return 11;
	if (vr_has_member(prog, "struct tick_sched", "flags"))
		return 10;
	return vr_has_symbol(prog, "tick_oneshot_wakeup_device") ? 9 : 8;
}

/* %ps: a function's name. v0.8 left its module out, and hid what has no name. */
static const char *name_of(const struct list *l, uint64_t addr, char *buf)
{
	struct vr_symbol_at sym;

	if (vr_symbol_at(l->prog, addr, &sym))
		snprintf(buf, SYMBOL_SIZE, "%s%s%s%s", sym.name,
			 sym.module && l->version > 8 ? " [" : "",
			 sym.module && l->version > 8 ? sym.module : "",
			 sym.module && l->version > 8 ? "]" : "");
	else if (l->version > 8)
		snprintf(buf, SYMBOL_SIZE, "0x%" PRIx64, addr);
	else
		snprintf(buf, SYMBOL_SIZE, "<%016" PRIx64 ">",
			 vr_pointer_show(&l->restricted, addr));
	return buf;
}

static void put_timer(struct vr_file *f, const struct list *l, struct vr_obj timer, unsigned i,
		      int64_t now)
{
	int64_t soft = vr_s64(timer, "_softexpires"), hard = vr_s64(timer, "node.expires");
	char name[SYMBOL_SIZE], function[SYMBOL_SIZE];

	if (l->version > 8)
		snprintf(name, sizeof(name), "<%016" PRIx64 ">",
			 vr_pointer_show(&l->plain, timer.addr));
	else
		name_of(l, timer.addr, name);
	vr_printf(f, " #%u: %s, %s, S:%02x\n", i, name,
		  name_of(l, vr_u64(timer, "function"), function),
		  (unsigned)vr_u64(timer, "is_queued|state"));
	vr_printf(f,
		  " # expires at %" PRIu64 "-%" PRIu64 " nsecs [in %" PRId64 " to %" PRId64
		  " nsecs]\n",
		  (uint64_t)soft, (uint64_t)hard, (int64_t)((uint64_t)soft - (uint64_t)now),
		  (int64_t)((uint64_t)hard - (uint64_t)now));
}

static void put_base(struct vr_file *f, const struct list *l, struct vr_obj base)
{
	int64_t offset = vr_s64(base, "offset");
	int64_t now = (int64_t)((uint64_t)l->now_ns + (uint64_t)offset);
	char name[SYMBOL_SIZE];
	struct vr_rbtree_walk w;
	unsigned i = 0;

	vr_printf(f, "  .base:       %016" PRIx64 "\n  .index:      %d\n",
		  vr_pointer_show(l->version > 8 ? &l->plain : &l->restricted, base.addr),
		  (int)vr_s64(base, "index"));
	vr_printf(f, "  .resolution: %u nsecs\n",
		  (uint32_t)vr_u64(vr_kernel_global(l->prog, "hrtimer_resolution"), ""));
	if (vr_has(base, "get_time"))
		vr_printf(f, "  .get_time:   %s\n", name_of(l, vr_u64(base, "get_time"), name));
	if (l->version >= 11)
		vr_printf(f, "  .offset:     %" PRId64 " nsecs\nactive timers:\n", offset);
	else
		vr_printf(f, "  .offset:     %" PRIu64 " nsecs\nactive timers:\n",
			  (uint64_t)offset);
	w = vr_rbtree_begin(vr_get(base, "active.rb_root.rb_root"), "struct hrtimer",
			    l->version >= 11 ? "node.node.node" : "node.node");
	while (vr_rbtree_next(&w))
		put_timer(f, l, w.entry, i++, now);
}

static void put_number(struct vr_file *f, struct vr_obj obj, const char *member)
{
	vr_printf(f, "  .%-15s: %" PRIu64 "\n", member, vr_u64(obj, member));
}

static void put_ns(struct vr_file *f, struct vr_obj obj, const char *member)
{
	vr_printf(f, "  .%-15s: %" PRIu64 " nsecs\n", member, vr_u64(obj, member));
}

/* Flags of struct tick_sched, which were members of their own until v0.10. */
static void put_tick_flag(struct vr_file *f, struct vr_obj ts, const char *name, uint64_t flag)
{
	vr_printf(f, "  .%-15s: %d\n", name, (vr_u64(ts, "flags") & flag) != 0);
}

static void put_tick(struct vr_file *f, const struct list *l, struct vr_obj ts)
{
	/* kernel/time/tick-sched.h */
	enum { STOPPED = 1 << 1, NOHZ = 1 << 4, HIGHRES = 1 << 5 };

	if (l->version >= 10) {
		put_tick_flag(f, ts, "nohz", NOHZ);
		put_tick_flag(f, ts, "highres", HIGHRES);
	} else {
		put_number(f, ts, "nohz_mode");
	}
	put_ns(f, ts, "last_tick");
	if (l->version >= 10)
		put_tick_flag(f, ts, "tick_stopped", STOPPED);
	else
		put_number(f, ts, "tick_stopped");
	if (l->version < 11)
		put_number(f, ts, "idle_jiffies");
	put_number(f, ts, "idle_calls");
	put_number(f, ts, "idle_sleeps");
	put_ns(f, ts, "idle_entrytime");
	put_ns(f, ts, "idle_waketime");
	if (l->version < 11) {
		put_ns(f, ts, "idle_exittime");
		put_ns(f, ts, "idle_sleeptime");
		put_ns(f, ts, "iowait_sleeptime");
	}
	put_number(f, ts, "last_jiffies");
	put_number(f, ts, "next_timer");
	put_ns(f, ts, "idle_expires");
	vr_printf(f, "jiffies: %" PRIu64 "\n", l->jiffies);
}

static void put_cpu(struct vr_file *f, const struct list *l, unsigned cpu)
{
	struct vr_obj base = vr_kernel_per_cpu(l->prog, "hrtimer_bases", cpu);
	struct vr_obj clocks = vr_get(base, "clock_base");
	uint64_t count = vr_type_length(vr_type_strip(clocks.type));

	vr_printf(f, "cpu: %u\n", cpu);
	for (uint64_t i = 0; i < count && !vr_failed(l->prog); i++) {
		vr_printf(f, " clock %" PRIu64 ":\n", i);
		put_base(f, l, vr_index(clocks, i));
	}
	put_ns(f, base, "expires_next");
	put_number(f, base, "hres_active");
	put_number(f, base, "nr_events");
	put_number(f, base, "nr_retries");
	put_number(f, base, "nr_hangs");
	put_number(f, base, "max_hang_time");
	put_tick(f, l, vr_kernel_per_cpu(l->prog, "tick_cpu_sched", cpu));
	vr_puts(f, "\n");
}

static void put_function(struct vr_file *f, const struct list *l, struct vr_obj dev,
			 const char *member, const char *label)
{
	uint64_t function = vr_u64(dev, member);
	char name[SYMBOL_SIZE];

	if (function)
		vr_printf(f, " %s%s\n", label, name_of(l, function, name));
}

static void put_device(struct vr_file *f, const struct list *l, struct vr_obj dev)
{
	/* Since v0.9 their columns are aligned. */
	bool aligned = l->version > 8;
	char name[64];

	vr_printf(f, "%s\n max_delta_ns:   %" PRIu64 "\n min_delta_ns:   %" PRIu64 "\n",
		  vr_str(dev, "name", name, sizeof(name)), vr_u64(dev, "max_delta_ns"),
		  vr_u64(dev, "min_delta_ns"));
	vr_printf(f, " mult:           %u\n shift:          %u\n mode:           %d\n",
		  (uint32_t)vr_u64(dev, "mult"), (uint32_t)vr_u64(dev, "shift"),
		  (int)vr_s64(dev, "state_use_accessors"));
	vr_printf(f, " next_event:     %" PRId64 " nsecs\n", vr_s64(dev, "next_event"));
	put_function(f, l, dev, "set_next_event", "set_next_event: ");
	put_function(f, l, dev, "set_state_shutdown", aligned ? "shutdown:       " : "shutdown: ");
	put_function(f, l, dev, "set_state_periodic", aligned ? "periodic:       " : "periodic: ");
	put_function(f, l, dev, "set_state_oneshot", aligned ? "oneshot:        " : "oneshot:  ");
	put_function(f, l, dev, "set_state_oneshot_stopped", "oneshot stopped: ");
	put_function(f, l, dev, "tick_resume", aligned ? "resume:         " : "resume:   ");
	put_function(f, l, dev, "event_handler", "event_handler:  ");
	vr_printf(f, "%s retries:        %" PRIu64 "\n", aligned ? "\n" : "",
		  vr_u64(dev, "retries"));
}

/* cpu is -1 for the broadcast device. */
static void put_tick_device(struct vr_file *f, const struct list *l, struct vr_obj td, int cpu)
{
	vr_printf(f, "Tick Device: mode:     %d\n", (int)vr_s64(td, "mode"));
	if (cpu < 0)
		vr_puts(f, "Broadcast device\n");
	else
		vr_printf(f, "Per CPU device: %d\n", cpu);
	vr_puts(f, "Clock Event Device: ");
	if (!vr_u64(td, "evtdev")) {
		vr_puts(f, "<NULL>\n");
		return;
	}
	put_device(f, l, vr_deref(td, "evtdev"));
	if (cpu >= 0 && vr_has_symbol(l->prog, "tick_oneshot_wakeup_device")) {
		struct vr_obj wd =
			vr_kernel_per_cpu(l->prog, "tick_oneshot_wakeup_device", (unsigned)cpu);
		char name[64] = "<NULL>";

		if (vr_u64(wd, ""))
			vr_str(vr_deref(wd, ""), "name", name, sizeof(name));
		vr_printf(f, "Wakeup Device: %s\n", name);
	}
	vr_puts(f, "\n");
}

static void put_mask(struct vr_file *f, struct vr_program *prog, const char *symbol)
{
	char text[VR_MAX_CPUS * 5];
	struct vr_cpumask mask;

	vr_cpumask_var(vr_kernel_global(prog, symbol), "", &mask);
	vr_printf(f, "%s: %s\n", symbol, vr_cpumask_hex(&mask, text, sizeof(text)));
}

static void put_broadcast(struct vr_file *f, const struct list *l)
{
	if (!vr_has_symbol(l->prog, "tick_broadcast_device"))
		return;
	put_tick_device(f, l, vr_kernel_global(l->prog, "tick_broadcast_device"), -1);
	put_mask(f, l->prog, "tick_broadcast_mask");
	put_mask(f, l->prog, "tick_broadcast_oneshot_mask");
	vr_puts(f, "\n");
}

static void read_list(struct vr_program *prog, struct list *l)
{
	struct vr_clocks clocks;

	*l = (struct list){.prog = prog, .version = version_of(prog), .jiffies = vr_jiffies(prog)};
	vr_clocks_read(prog, &clocks);
	l->now_ns = clocks.monotonic_ns;
	if (l->version > 8)
		vr_pointer_plain(prog, &l->plain);
	else
		vr_pointer_style(prog, &l->restricted);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask online;
	struct list l;
	unsigned cpu;

	read_list(key->prog, &l);
	vr_cpus_online(key->prog, &online);
	vr_printf(f, "Timer List Version: v0.%d\n", l.version);
	vr_printf(f, "HRTIMER_MAX_CLOCK_BASES: %d\n",
		  (int)vr_constant(key->prog, "HRTIMER_MAX_CLOCK_BASES"));
	vr_printf(f, "now at %" PRId64 " nsecs\n\n", l.now_ns);
	for (cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++) {
		vr_row_begin(f);
		put_cpu(f, &l, cpu);
		vr_row_end(f);
	}
	vr_row_begin(f);
	put_broadcast(f, &l);
	vr_row_end(f);
	for (cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++) {
		vr_row_begin(f);
		put_tick_device(f, &l, vr_kernel_per_cpu(key->prog, "tick_cpu_device", cpu),
				(int)cpu);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/timer_list",
	   .source = "hrtimer_bases, tick_cpu_sched, tick_cpu_device; now: the timekeeper's last "
		     "update",
	   .emit = emit)
