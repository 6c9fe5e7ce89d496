// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * date of coreutils in the C locale, when the machine died. The kernel knows no time zone but UTC: what
 * date would have printed by /etc/localtime isn't in its memory.
 */
#include <time.h>

#include "kernel/timekeeping.h"
#include "plugin/emitter.h"

static void emit(struct vr_file *f, const struct vr_key *key)
{
	time_t when = (time_t)vr_crash_seconds(key->prog);
	char text[64];
	struct tm tm;

	if (vr_failed(key->prog))
		return;
	if (!gmtime_r(&when, &tm) || !strftime(text, sizeof(text), "%a %b %e %H:%M:%S UTC %Y", &tm))
		vr_latch(key->prog, VR_CORRUPT, "%lld s is no time", (long long)when);
	else
		vr_printf(f, "%s\n", text);
}

VR_EMITTER(.path = "sos_commands/date/date", .source = "VMCOREINFO CRASHTIME, timekeeper",
	   .emit = emit)
VR_EMITTER(.path = "sos_commands/date/date_--utc", .source = "VMCOREINFO CRASHTIME, timekeeper",
	   .emit = emit)
