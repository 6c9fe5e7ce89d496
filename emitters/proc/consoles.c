// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/consoles (show_console_dev() in fs/proc/consoles.c). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "plugin/emitter.h"

/* include/linux/console.h: enum cons_flags, which were macros before it. */
static const struct {
	uint64_t flag;
	char letter;
} flag_letters[] = {
	{0x4, 'E'}, {0x2, 'C'}, {0x8, 'B'}, {0x100, 'N'}, {0x1, 'p'}, {0x20, 'b'}, {0x10, 'a'},
};
#define CON_NBCON 0x100u

/*
 * The terminal that the console's function device() names, and its number: only functions that we
 * know can be asked. False: there is none.
 */
static bool find_terminal(struct vr_obj con, struct vr_obj *driver, int64_t *index)
{
	char function[640];

	*index = vr_s64(con, "index");
	if (!vr_u64(con, "device"))
		return false;
	vr_symbolize(con.prog, vr_u64(con, "device"), function, sizeof(function));
	*strchrnul(function, '+') = '\0';
	if (!strcmp(function, "uart_console_device")) {
		*driver = vr_deref(vr_cast(vr_deref(con, "data"), "struct uart_driver"),
				   "tty_driver");
	} else if (!strcmp(function, "vt_console_device")) {
		*driver = vr_deref(vr_kernel_global(con.prog, "console_driver"), "");
		*index = *index ? *index - 1 : vr_s64(vr_kernel_global(con.prog, "fg_console"), "");
	} else if (!strcmp(function, "hvc_console_device")) {
		*driver = vr_deref(vr_kernel_global(con.prog, "hvc_driver"), "");
	} else {
		vr_latch(con.prog, VR_UNSUPPORTED, "a console whose terminal %s() tells", function);
	}
	return !vr_failed(con.prog);
}

static void put_console(struct vr_file *f, struct vr_obj con)
{
	/* A column for consoles that need no lock, and these always can write: since 6.12. */
	bool has_unlocked = vr_has(con, "write_thread");
	uint64_t flags = vr_u64(con, "flags");
	char name[64], text[16];
	struct vr_obj driver;
	int64_t index;
	size_t len = 0;

	for (size_t i = 0; i < VR_ARRAY_SIZE(flag_letters); i++)
		if (flag_letters[i].letter != 'N' || has_unlocked)
			text[len++] = flags & flag_letters[i].flag ? flag_letters[i].letter : ' ';
	text[len] = '\0';
	vr_str(con, "name", name, 17);
	snprintf(name + strlen(name), 16, "%" PRId16, (int16_t)vr_s64(con, "index"));
	vr_printf(f, "%-20s %c%c%c (%s)", name, vr_u64(con, "read") ? 'R' : '-',
		  vr_u64(con, "write") || (has_unlocked && flags & CON_NBCON) ? 'W' : '-',
		  vr_u64(con, "unblank") ? 'U' : '-', text);
	if (find_terminal(con, &driver, &index))
		vr_printf(f, " %4" PRId64 ":%" PRId64, vr_s64(driver, "major"),
			  vr_s64(driver, "minor_start") + index);
	vr_puts(f, "\n");
}

static void put_row(struct vr_file *f, struct vr_obj con)
{
	vr_row_begin(f);
	put_console(f, con);
	vr_row_end(f);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj first = vr_kernel_global(key->prog, "console_list|console_drivers");

	if (vr_has_member(key->prog, "struct console", "node")) {
		struct vr_list_walk w = vr_hlist_begin(first, "struct console", "node");

		while (vr_list_next(&w))
			put_row(f, w.entry);
	} else {
		struct vr_obj con = vr_at(key->prog, "struct console", vr_u64(first, ""));
		struct vr_cycle_check seen = {0};

		while (con.addr && !vr_failed(key->prog) && !vr_cycle_seen(&seen, con.addr)) {
			put_row(f, con);
			con.addr = vr_u64(con, "next");
		}
		if (con.addr && !vr_failed(key->prog))
			vr_cut(key->prog, VR_CORRUPT, "consoles in a circle");
	}
}

VR_EMITTER(.path = "proc/consoles", .source = "console_list|console_drivers", .emit = emit)
