// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's log as dmesg(1) of util-linux prints it, plain and with -T. */
#include <vmcore-report/plugin.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/utf8.h"
#include "kernel/printk.h"
#include "kernel/timekeeping.h"

#define NSEC_PER_SEC 1000000000

/*
 * dmesg escapes what a terminal could take amiss, and indents the further lines of a record to the
 * width of its time stamp.
 */
static void print_text(struct vr_file *f, const struct vr_log_record *r, int indent)
{
	for (size_t i = 0; i < r->text_len;) {
		size_t len = vr_utf8_length(r->text + i, r->text_len - i);
		unsigned char c = (unsigned char)r->text[i];

		if (!len || (len == 1 && !isprint(c) && !isspace(c))) {
			vr_printf(f, "\\x%02x", c);
			len = 1;
		} else if (c == '\n' && i + 1 < r->text_len) {
			vr_printf(f, "\n%*s", indent, "");
		} else {
			vr_write(f, r->text + i, len);
		}
		i += len;
	}
	vr_puts(f, "\n");
}

/* What dmesg -T adds to a record's seconds: the time of boot, and the time spent asleep since. */
static bool stamp_base(struct vr_program *prog, int64_t *base)
{
	struct vr_clocks clocks;

	if (!vr_clocks_read(prog, &clocks))
		return false;
	*base = (clocks.realtime_ns - clocks.boottime_ns) / NSEC_PER_SEC +
		(clocks.boottime_ns - clocks.monotonic_ns) / NSEC_PER_SEC;
	return true;
}

static int print_stamp(struct vr_file *f, const struct vr_log_record *r, const int64_t *base)
{
	char stamp[64];
	int len;

	if (base) {
		time_t t = (time_t)(*base + (int64_t)(r->ts_nsec / NSEC_PER_SEC));
		char date[40] = "?";
		struct tm tm;

		/* The dump doesn't know the user space's time zone: UTC. */
		if (gmtime_r(&t, &tm))
			strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm);
		len = snprintf(stamp, sizeof(stamp), "[%s] ", date);
	} else {
		len = snprintf(stamp, sizeof(stamp), "[%5" PRIu64 ".%06" PRIu64 "] ",
			       r->ts_nsec / NSEC_PER_SEC, r->ts_nsec % NSEC_PER_SEC / 1000);
	}
	vr_puts(f, stamp);
	return len;
}

static void print_log(struct vr_run *run, struct vr_program *prog, const char *path, bool ctime)
{
	struct vr_file *f = vr_file_new_at(run, path);
	struct vr_printk_walk w = vr_printk_walk_begin(prog);
	size_t lost = 0;
	int64_t base;

	vr_file_source(f, "printk ring buffer%s", ctime ? ", timekeeper" : "");
	if (!ctime || stamp_base(prog, &base)) {
		while (vr_printk_walk_next(&w)) {
			if (w.record.lost) {
				lost++;
				continue;
			}
			print_text(f, &w.record, print_stamp(f, &w.record, ctime ? &base : NULL));
		}
	}
	if (lost)
		vr_cut(prog, VR_FAULT, "the text of %zu log records", lost);
	vr_printk_walk_end(&w);
	vr_file_end(f);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	print_log(run, prog, "sos_commands/kernel/dmesg", false);
	print_log(run, prog, "sos_commands/kernel/dmesg_-T", true);
}

static const char *const needs[] = {"symbol:prb", "type:struct printk_ringbuffer", NULL};

VR_PLUGIN(.description = "the kernel's log, as dmesg and dmesg -T print it", .needs = needs,
	  .collect = collect)
