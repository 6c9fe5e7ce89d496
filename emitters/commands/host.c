// SPDX-License-Identifier: GPL-2.0-or-later
/* hostname, hostname -f, and uptime of procps. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "kernel/globals.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"
#include "plugin/emitter.h"

/* include/linux/sched/loadavg.h: 1.0 as fixed point. */
#define FIXED_SHIFT 11
#define FIXED_1 (1u << FIXED_SHIFT)

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void emit_hostname(struct vr_file *f, const struct vr_key *key)
{
	struct vr_utsname uts;

	if (vr_utsname_read(key->prog, &uts))
		vr_printf(f, "%s\n", uts.nodename);
}

/*
 * The whole name, which those ask for who mask it (sos clean). The kernel has what it was told: where
 * that is a name alone, its domain is the resolver's.
 */
static void emit_whole_hostname(struct vr_file *f, const struct vr_key *key)
{
	struct vr_utsname uts;

	if (!vr_utsname_read(key->prog, &uts))
		return;
	vr_printf(f, "%s\n", uts.nodename);
	if (!strchr(uts.nodename, '.'))
		vr_cut(key->prog, VR_UNSUPPORTED,
		       "the name's domain, if it has one, is not in the kernel's memory");
}

/* How long the machine was up, in minutes. */
static void put_duration(struct vr_file *f, int64_t seconds)
{
	int64_t days = seconds / DAY, hours = seconds % DAY / HOUR,
		minutes = seconds % HOUR / MINUTE;

	if (days)
		vr_printf(f, "%" PRId64 " day%s, ", days, days > 1 ? "s" : "");
	if (hours)
		vr_printf(f, "%2" PRId64 ":%02" PRId64 ", ", hours, minutes);
	else
		vr_printf(f, "%" PRId64 " min, ", minutes);
}

/* The average as proc/loadavg has it. */
static void put_loads(struct vr_file *f, struct vr_program *prog)
{
	struct vr_obj loads = vr_kernel_global(prog, "avenrun");

	for (unsigned i = 0; i < 3; i++) {
		uint64_t load = vr_u64(vr_index(loads, i), "") + FIXED_1 / 200;

		vr_printf(f, "%s%" PRIu64 ".%02" PRIu64, i ? ", " : "", load >> FIXED_SHIFT,
			  (load & (FIXED_1 - 1)) * 100 >> FIXED_SHIFT);
	}
}

/* Who had logged in is told by a file of user space: without one uptime counts none. */
static void emit_uptime(struct vr_file *f, const struct vr_key *key)
{
	struct vr_clocks clocks;
	time_t now = (time_t)vr_crash_seconds(key->prog);
	char text[16];
	struct tm tm;

	if (!vr_clocks_read(key->prog, &clocks) || vr_failed(key->prog))
		return;
	if (!gmtime_r(&now, &tm) || !strftime(text, sizeof(text), "%H:%M:%S", &tm)) {
		vr_latch(key->prog, VR_CORRUPT, "%lld s is no time", (long long)now);
		return;
	}
	vr_printf(f, " %s up ", text);
	put_duration(f, clocks.boottime_ns / 1000000000);
	vr_puts(f, " 0 users,  load average: ");
	put_loads(f, key->prog);
	vr_puts(f, "\n");
	vr_cut(key->prog, VR_UNSUPPORTED, "users who had logged in are not in the kernel's memory");
}

VR_EMITTER(.path = "sos_commands/host/hostname", .source = "init_uts_ns", .emit = emit_hostname)
VR_EMITTER(.path = "sos_commands/host/hostname_-f", .source = "init_uts_ns",
	   .emit = emit_whole_hostname)
VR_EMITTER(.path = "sos_commands/host/uptime", .source = "timekeeper, avenrun", .emit = emit_uptime)
