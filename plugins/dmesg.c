// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's log as dmesg(1) of util-linux prints it, plain and with -T; and as journalctl(1) would
 * show the kernel's part of it, for those who look for it there.
 */
#include <vmcore-report/plugin.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/utf8.h"
#include "kernel/printk.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"

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

/* When a record was written. The dump doesn't know the user space's time zone: UTC. */
static bool record_time(const struct vr_log_record *r, int64_t base, struct tm *tm)
{
	time_t t = (time_t)(base + (int64_t)(r->ts_nsec / NSEC_PER_SEC));

	return gmtime_r(&t, tm);
}

static int print_stamp(struct vr_file *f, const struct vr_log_record *r, const int64_t *base)
{
	char stamp[64];
	int len;

	if (base) {
		char date[40] = "?";
		struct tm tm;

		if (record_time(r, *base, &tm))
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

/* Each line of a record has the whole prefix: time, machine, who said it, and dmesg's stamp. */
static void print_journal_record(struct vr_file *f, const struct vr_log_record *r,
				 const char *nodename, int64_t base)
{
	struct vr_log_record line = *r;
	char date[40] = "?";
	struct tm tm;
	size_t at = 0;

	if (record_time(r, base, &tm))
		strftime(date, sizeof(date), "%b %d %H:%M:%S", &tm);
	do {
		const char *end =
			at < r->text_len ? memchr(r->text + at, '\n', r->text_len - at) : NULL;

		line.text = r->text + at;
		line.text_len = end ? (size_t)(end - line.text) : r->text_len - at;
		vr_printf(f, "%s %s kernel: ", date, nodename);
		print_text(f, &line, print_stamp(f, r, NULL));
		at += line.text_len + 1;
	} while (at < r->text_len);
}

/* hotsos and others look for the log here. What else a journal has is in files of user space. */
static void print_journal(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *f = vr_file_new_at(run, "sos_commands/logs/journalctl_--no-pager");
	struct vr_printk_walk w = vr_printk_walk_begin(prog);
	char nodename[VR_PRINTABLE_SIZE(sizeof(((struct vr_utsname *)NULL)->nodename))];
	struct vr_utsname uts;
	int64_t base;

	vr_file_source(f, "printk ring buffer, timekeeper, init_uts_ns");
	if (vr_utsname_read(prog, &uts) && stamp_base(prog, &base)) {
		vr_printable(uts.nodename, nodename, sizeof(nodename));
		while (vr_printk_walk_next(&w))
			if (!w.record.lost)
				print_journal_record(f, &w.record, nodename, base);
		vr_cut(prog, VR_UNSUPPORTED,
		       "the kernel's messages alone: others are not in its "
		       "memory");
	}
	vr_printk_walk_end(&w);
	vr_file_end(f);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	print_log(run, prog, "sos_commands/kernel/dmesg", false);
	print_log(run, prog, "sos_commands/kernel/dmesg_-T", true);
	print_journal(run, prog);
}

static const char *const needs[] = {"symbol:prb", "type:struct printk_ringbuffer", NULL};

VR_PLUGIN(.description = "the kernel's log, as dmesg and dmesg -T print it", .needs = needs,
	  .collect = collect)
