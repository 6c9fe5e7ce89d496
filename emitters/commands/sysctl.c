// SPDX-License-Identifier: GPL-2.0-or-later
/* sysctl -a of procps: a line for each line of each file of proc/sys, in the order of readdir(). */
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "kernel/sysctl_format.h"
#include "plugin/emitter.h"

/* Those that it leaves out, the units of which nobody could tell. */
static const char *const deprecated[] = {"base_reachable_time", "retrans_time"};

static bool is_deprecated(const char *name)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(deprecated); i++)
		if (!strcmp(name, deprecated[i]))
			return true;
	return false;
}

/* Dots for slashes, and slashes for the dots in a name: net.ipv4.conf.eth0/100.mtu */
static void make_key(const char *path, char key[VR_SYSCTL_PATH])
{
	size_t i = 0;

	for (; path[i] && i + 1 < VR_SYSCTL_PATH; i++)
		key[i] = (char)(path[i] == '/' ? '.' : path[i] == '.' ? '/' : path[i]);
	key[i] = '\0';
}

static void put(struct vr_file *f, const struct vr_sysctl *s)
{
	VR_STRBUF value = {0};
	char key[VR_SYSCTL_PATH];
	const char *line, *end;

	make_key(s->path, key);
	vr_sysctl_format(s, &value);
	for (line = vr_strbuf_str(&value); *line; line = end) {
		end = strchrnul(line, '\n');
		vr_printf(f, "%s = %.*s\n", key, (int)(end - line), line);
		end += *end != '\0';
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_sysctl_walk w;

	vr_sysctl_walk_begin(key->prog, &w);
	while (vr_sysctl_walk_next(&w)) {
		if (is_deprecated(w.sysctl.name) || !vr_sysctl_readable(&w.sysctl))
			continue;
		vr_row_begin(f);
		put(f, &w.sysctl);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "sos_commands/kernel/sysctl_-a", .source = "sysctl_table_root", .emit = emit)
