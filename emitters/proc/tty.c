// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/tty/drivers (show_tty_driver() in fs/proc/proc_tty.c), proc/tty/ldiscs
 * (tty_ldiscs_seq_show() in drivers/tty/tty_ldisc.c).
 */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/proc_tree.h"
#include "kernel/symbol_at.h"
#include "plugin/emitter.h"

#define MINORBITS 20
#define TTYAUX_MAJOR 5 /* include/uapi/linux/major.h */
#define TTY_MAJOR 4
#define NR_LDISCS 31 /* include/uapi/linux/tty.h; 30 until 5.17 */

/* include/linux/tty_driver.h: subtypes */
enum { SYSTEM_TYPE_TTY = 1, SYSTEM_TYPE_CONSOLE, SYSTEM_TYPE_SYSCONS };
enum { PTY_TYPE_MASTER = 1, PTY_TYPE_SLAVE };
/* Types, in the order that they have in all kernels. */
enum { TYPE_SYSTEM, TYPE_CONSOLE, TYPE_SERIAL, TYPE_PTY };

/* Types were counted from 1 while they were macros. */
static int64_t first_type(struct vr_program *prog)
{
	struct vr_scope scope;
	int64_t first;

	vr_scope_enter(prog, &scope);
	first = vr_constant(prog, "TTY_DRIVER_TYPE_SYSTEM");
	return vr_scope_leave(prog, &scope) == VR_OK ? first : 1;
}

static void put_type(struct vr_file *f, struct vr_obj driver)
{
	int64_t type = vr_s64(driver, "type"), subtype = vr_s64(driver, "subtype");

	switch (type - first_type(driver.prog)) {
	case TYPE_SYSTEM:
		vr_printf(f, "system%s",
			  subtype == SYSTEM_TYPE_TTY       ? ":/dev/tty"
			  : subtype == SYSTEM_TYPE_SYSCONS ? ":console"
			  : subtype == SYSTEM_TYPE_CONSOLE ? ":vtmaster"
							   : "");
		break;
	case TYPE_CONSOLE:
		vr_puts(f, "console");
		break;
	case TYPE_SERIAL:
		vr_puts(f, "serial");
		break;
	case TYPE_PTY:
		vr_printf(f, "pty%s",
			  subtype == PTY_TYPE_MASTER  ? ":master"
			  : subtype == PTY_TYPE_SLAVE ? ":slave"
						      : "");
		break;
	default:
		vr_printf(f, "type:%" PRId64 ".%" PRId64, type, subtype);
	}
}

/* show_tty_range(): count device numbers of one major number */
static void put_range(struct vr_file *f, struct vr_obj driver, uint32_t from, uint32_t count)
{
	uint32_t major = from >> MINORBITS, minor = from & ((1u << MINORBITS) - 1);
	char name[64] = "unknown", node[64];

	if (vr_u64(driver, "driver_name"))
		vr_str(driver, "driver_name", name, sizeof(name));
	vr_printf(f, "%-20s /dev/%-8s ", name, vr_str(driver, "name", node, sizeof(node)));
	if (vr_u64(driver, "num") > 1)
		vr_printf(f, "%3" PRIu32 " %" PRIu32 "-%" PRIu32 " ", major, minor,
			  minor + count - 1);
	else
		vr_printf(f, "%3" PRIu32 " %7" PRIu32 " ", major, minor);
	put_type(f, driver);
	vr_puts(f, "\n");
}

static void put_driver(struct vr_file *f, struct vr_obj driver)
{
	uint32_t from =
		(uint32_t)(vr_u64(driver, "major") << MINORBITS | vr_u64(driver, "minor_start"));
	uint32_t to = from + (uint32_t)vr_u64(driver, "num");

	if (!vr_failed(driver.prog) && to < from)
		vr_latch(driver.prog, VR_CORRUPT, "a terminal driver of %" PRIu64 " lines",
			 vr_u64(driver, "num"));
	while (from >> MINORBITS < to >> MINORBITS && !vr_failed(driver.prog)) {
		uint32_t next = ((from >> MINORBITS) + 1) << MINORBITS;

		put_range(f, driver, from, next - from);
		from = next;
	}
	if (from != to)
		put_range(f, driver, from, to - from);
}

static void put_pseudo(struct vr_file *f, const char *path, unsigned major, unsigned minor,
		       const char *type)
{
	vr_printf(f, "%-20s /dev/%-8s %3u %7u system%s\n", path, path + sizeof("/dev/") - 1, major,
		  minor, type);
}

static void emit_drivers(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "tty_drivers"),
					      "struct tty_driver", "tty_drivers");
	bool first = true;

	while (vr_list_next(&w)) {
		if (first) {
			put_pseudo(f, "/dev/tty", TTYAUX_MAJOR, 0, ":/dev/tty");
			put_pseudo(f, "/dev/console", TTYAUX_MAJOR, 1, ":console");
			if (vr_has_symbol(key->prog, "ptm_driver")) /* CONFIG_UNIX98_PTYS */
				put_pseudo(f, "/dev/ptmx", TTYAUX_MAJOR, 2, "");
			if (vr_has_symbol(key->prog, "console_driver")) /* CONFIG_VT */
				put_pseudo(f, "/dev/vc/0", TTY_MAJOR, 0, ":vtmaster");
		}
		first = false;
		vr_row_begin(f);
		put_driver(f, w.entry);
		vr_row_end(f);
	}
}

static void emit_ldiscs(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_kernel_global(key->prog, "tty_ldiscs");
	struct vr_symbol_at at = {0};

	vr_symbol_at(key->prog, table.addr, &at);
	for (uint64_t i = 0; i < NR_LDISCS && (i + 1) * sizeof(uint64_t) <= at.size; i++) {
		uint64_t ops = vr_u64(vr_kernel_element(key->prog, "tty_ldiscs", i), "");
		struct vr_obj ldisc = vr_at(key->prog, "struct tty_ldisc_ops", ops);
		char name[64] = "???";

		if (!ops)
			continue;
		vr_row_begin(f);
		if (vr_u64(ldisc, "name"))
			vr_str(ldisc, "name", name, sizeof(name));
		vr_printf(f, "%-10s %2" PRIu64 "\n", name, i);
		vr_row_end(f);
	}
}

static bool has_drivers(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "tty/drivers");
}

static bool has_ldiscs(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "tty/ldiscs");
}

VR_EMITTER(.path = "proc/tty/drivers", .source = "tty_drivers", .exists = has_drivers,
	   .emit = emit_drivers)
VR_EMITTER(.path = "proc/tty/ldiscs", .source = "tty_ldiscs", .exists = has_ldiscs,
	   .emit = emit_ldiscs)
