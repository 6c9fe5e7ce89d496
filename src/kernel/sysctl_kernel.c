// SPDX-License-Identifier: GPL-2.0-or-later
/* Handlers of kernel/, security/ and drivers/ that do more than show what their table says. */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/symbol_at.h"
#include "kernel/sysctl_format.h"

/* include/linux/nmi.h: bits of watchdog_enabled */
#define NMI_WATCHDOG_ENABLED 1
#define SOFT_WATCHDOG_ENABLED 2
/* UUID_SIZE */
#define UUID_BYTES 16
/* __NEW_UTS_LEN, and the end */
#define UTS_BYTES 65
/* Names in the tables of seccomp and of what a panic prints. */
#define MAX_NAMES 64

/* Of a struct static_key_false, or _true. */
static bool is_enabled(const struct vr_sysctl *s, const char *symbol)
{
	return vr_s64(vr_kernel_global(s->prog, symbol), "key.enabled.counter") > 0;
}

void vr_sysctl_uts_string(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put_string(s, s->data, VR_MIN(vr_sysctl_elements(s, 1), (size_t)UTS_BYTES), out);
}

void vr_sysctl_zero(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	(void)s;
	vr_sysctl_put(out, 0);
}

void vr_sysctl_nothing(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	(void)s;
	(void)out;
}

/* The number of a boot is made when it is first asked for. */
static bool read_uuid(const struct vr_sysctl *s, uint8_t uuid[UUID_BYTES])
{
	return s->data && vr_read(s->prog, s->data, uuid, UUID_BYTES, NULL) == VR_OK;
}

void vr_sysctl_uuid(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint8_t uuid[UUID_BYTES];

	if (!s->data || (read_uuid(s, uuid) && !uuid[8])) {
		vr_latch(s->prog, VR_UNSUPPORTED, "%s() makes a random number when it is read",
			 s->handler);
		return;
	}
	if (!vr_sysctl_read(s, s->data, uuid, sizeof(uuid)))
		return;
	for (size_t i = 0; i < UUID_BYTES; i++)
		vr_strbuf_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				 uuid[i]);
	vr_strbuf_putc(out, '\n');
}

/* Two words of 32 bits; until 6.12 the table said which variable by a number. */
void vr_sysctl_cap(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint64_t at = s->data;
	uint32_t words[2];

	if (at == 1)
		at = vr_symbol(s->prog, "usermodehelper_bset");
	else if (at == 2)
		at = vr_symbol(s->prog, "usermodehelper_inheritable");
	if (vr_sysctl_read(s, at, words, sizeof(words)))
		vr_strbuf_printf(out, "%" PRIu32 "\t%" PRIu32 "\n", words[0], words[1]);
}

void vr_sysctl_kprobes_optimization(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_sysctl_global(s, "kprobes_allow_optimization") != 0);
}

/* What was last written is kept in a variable of the function's own; files switch the key, too. */
void vr_sysctl_bpf_stats(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	if (vr_s64(vr_at(s->prog, "struct static_key", s->data), "enabled.counter") > 0)
		vr_latch(s->prog, VR_UNSUPPORTED, "what %s() keeps to itself", s->handler);
	vr_sysctl_put(out, 0);
}

void vr_sysctl_cad_pid(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj pid = vr_deref(vr_kernel_global(s->prog, "cad_pid"), "");

	vr_sysctl_put(out, vr_s64(pid, "numbers[0].nr"));
}

static void put_watchdog(const struct vr_sysctl *s, unsigned which, struct vr_strbuf *out)
{
	vr_sysctl_put(out, (vr_sysctl_global(s, "watchdog_enabled") & which) != 0);
}

void vr_sysctl_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_watchdog(s, NMI_WATCHDOG_ENABLED | SOFT_WATCHDOG_ENABLED, out);
}

void vr_sysctl_nmi_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_watchdog(s, NMI_WATCHDOG_ENABLED, out);
}

void vr_sysctl_soft_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_watchdog(s, SOFT_WATCHDOG_ENABLED, out);
}

void vr_sysctl_last_pid(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint64_t next = vr_u64(vr_kernel_global(s->prog, "init_pid_ns"), "idr.idr_next");

	vr_sysctl_put(out, (int32_t)((uint32_t)next - 1));
}

void vr_sysctl_memfd_noexec(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_s64(vr_kernel_global(s->prog, "init_pid_ns"), "memfd_noexec_scope"));
}

/* A number of modes since 5.18. */
void vr_sysctl_numa_balancing(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	if (vr_has_symbol(s->prog, "sysctl_numa_balancing_mode"))
		vr_sysctl_put(out, vr_sysctl_global(s, "sysctl_numa_balancing_mode"));
	else
		vr_sysctl_put(out, is_enabled(s, "sched_numa_balancing"));
}

void vr_sysctl_schedstats(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, is_enabled(s, "sched_schedstats"));
}

/*
 * Since 6.7 empty where such scheduling is impossible, as it is on CPUs that are all alike: commit
 * 8f833c82cdab, whose function all later kernels have.
 */
void vr_sysctl_energy_aware(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	unsigned cpus = vr_nr_cpus(s->prog);
	struct vr_cpumask possible;

	if (!vr_has_symbol(s->prog, "sched_is_eas_possible")) {
		vr_sysctl_ints(s, out);
		return;
	}
	vr_cpumask_read(s->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < cpus; cpu++) {
		if (vr_u64(vr_kernel_per_cpu(s->prog, "sd_asym_cpucapacity", cpu), ""))
			vr_latch(s->prog, VR_UNSUPPORTED, "CPUs of different capacity");
		if (vr_failed(s->prog))
			return;
	}
}

/* Names of the bits of a word, from a table of the kernel's. */
void vr_sysctl_actions_logged(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint64_t logged = (uint64_t)vr_sysctl_global(s, "seccomp_actions_logged");
	bool first = true;

	for (unsigned i = 0; i < MAX_NAMES && !vr_failed(s->prog); i++) {
		struct vr_obj line = vr_kernel_element(s->prog, "seccomp_log_names", i);
		char name[64];

		if (!vr_u64(line, "name"))
			break;
		if (!(logged & vr_u64(line, "log")))
			continue;
		vr_strbuf_printf(out, first ? "%s" : " %s",
				 vr_str(line, "name", name, sizeof(name)));
		first = false;
	}
	vr_strbuf_putc(out, '\n');
}

/* lib/sys_info.c (since 6.17): what a panic prints. */
void vr_sysctl_sys_info(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_symbol_at names = {0};
	uint64_t bits;
	bool first = true;

	if (!vr_sysctl_read(s, s->data, &bits, sizeof(bits)) ||
	    !vr_symbol_at(s->prog, vr_symbol(s->prog, "si_names"), &names))
		return;
	for (unsigned i = 0; i < VR_MIN(names.size / 8, (uint64_t)64); i++) {
		char name[64];

		if (!(bits >> i & 1))
			continue;
		vr_str(vr_kernel_element(s->prog, "si_names", i), "", name, sizeof(name));
		if (!name[0])
			continue;
		vr_strbuf_printf(out, first ? "%s" : ",%s", name);
		first = false;
	}
	vr_strbuf_putc(out, '\n');
}

void vr_sysctl_sysrq(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	bool always = vr_has_symbol(s->prog, "sysrq_always_enabled") &&
		      vr_sysctl_global(s, "sysrq_always_enabled");

	vr_sysctl_put(out, always ? 1 : vr_sysctl_global(s, "sysrq_enabled"));
}

void vr_sysctl_taint(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_strbuf_printf(out, "%" PRIu64 "\n", (uint64_t)vr_sysctl_global(s, "tainted_mask"));
}

void vr_sysctl_delayacct(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_sysctl_global(s, "delayacct_on"));
}

void vr_sysctl_max_threads(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_sysctl_global(s, "max_threads"));
}

void vr_sysctl_hung_task_count(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(
		out, vr_s64(vr_kernel_global(s->prog, "sysctl_hung_task_detect_count"), "counter"));
}

void vr_sysctl_kexec_limit(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_s64(vr_at(s->prog, "struct kexec_load_limit", s->data), "limit"));
}

bool vr_sysctl_ftrace_works(const struct vr_sysctl *s)
{
	struct vr_obj disabled;
	uint64_t value;

	return vr_try_kernel_global(s->prog, "ftrace_disabled", &disabled) != VR_OK ||
	       vr_try_u64(disabled, "", &value) != VR_OK || !value;
}

/*
 * The kernel that loads the crash kernel turns this off in its last moment (machine_kexec()); beside
 * it is kept whether the last one who wrote wanted it on.
 */
void vr_sysctl_ftrace_enabled(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	int64_t enabled = vr_sysctl_global(s, "ftrace_enabled");

	vr_sysctl_put(out, enabled ? enabled : vr_sysctl_global(s, "last_ftrace_enabled"));
}

bool vr_sysctl_apparmor_works(const struct vr_sysctl *s)
{
	struct vr_obj obj;
	uint64_t value;

	if (vr_try_kernel_global(s->prog, "apparmor_enabled", &obj) == VR_OK &&
	    vr_try_u64(obj, "", &value) == VR_OK && !value)
		return false;
	return vr_try_kernel_global(s->prog, "aa_g_lock_policy", &obj) != VR_OK ||
	       vr_try_u64(obj, "", &value) != VR_OK || !value;
}

/* Flags of a scheduling domain (until 5.13): each name with a blank behind it. */
void vr_sysctl_domain_flags(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	int64_t count = vr_constant(s->prog, "__SD_FLAG_CNT");
	uint64_t flags;

	if (!vr_sysctl_read(s, s->data, &flags, sizeof(flags)))
		return;
	for (int64_t i = 0; i < count && i < 64 && !vr_failed(s->prog); i++) {
		char name[64];

		if (flags >> i & 1)
			vr_strbuf_printf(
				out, "%s ",
				vr_str(vr_kernel_element(s->prog, "sd_flag_debug", (uint64_t)i),
				       "name", name, sizeof(name)));
	}
	vr_strbuf_putc(out, '\n');
}

/* ---- drivers/cdrom ---- */

enum cdrom_line { CDROM_NAME, CDROM_NUMBER, CDROM_CAPABILITY };

/* cdrom_sysctl_info(): lines of which each drive has a column. */
static const struct {
	const char *header;
	enum cdrom_line line;
	const char *member;
	uint32_t capability; /* include/uapi/linux/cdrom.h: CDC_* */
} cdrom_lines[] = {
	{"drive name:\t", CDROM_NAME, .member = "name"},
	{"drive speed:\t", CDROM_NUMBER, .member = "speed"},
	{"drive # of slots:", CDROM_NUMBER, .member = "capacity"},
	{"Can close tray:\t", CDROM_CAPABILITY, .capability = 0x1},
	{"Can open tray:\t", CDROM_CAPABILITY, .capability = 0x2},
	{"Can lock tray:\t", CDROM_CAPABILITY, .capability = 0x4},
	{"Can change speed:", CDROM_CAPABILITY, .capability = 0x8},
	{"Can select disk:", CDROM_CAPABILITY, .capability = 0x10},
	{"Can read multisession:", CDROM_CAPABILITY, .capability = 0x20},
	{"Can read MCN:\t", CDROM_CAPABILITY, .capability = 0x40},
	{"Reports media changed:", CDROM_CAPABILITY, .capability = 0x80},
	{"Can play audio:\t", CDROM_CAPABILITY, .capability = 0x100},
	{"Can write CD-R:\t", CDROM_CAPABILITY, .capability = 0x2000},
	{"Can write CD-RW:", CDROM_CAPABILITY, .capability = 0x4000},
	{"Can read DVD:\t", CDROM_CAPABILITY, .capability = 0x8000},
	{"Can write DVD-R:", CDROM_CAPABILITY, .capability = 0x10000},
	{"Can write DVD-RAM:", CDROM_CAPABILITY, .capability = 0x20000},
	{"Can read MRW:\t", CDROM_CAPABILITY, .capability = 0x80000},
	{"Can write MRW:\t", CDROM_CAPABILITY, .capability = 0x100000},
	{"Can write RAM:\t", CDROM_CAPABILITY, .capability = 0x200000},
};

static void put_drive(struct vr_obj drive, unsigned i, struct vr_strbuf *out)
{
	const char *member = cdrom_lines[i].member;
	char name[32];

	switch (cdrom_lines[i].line) {
	case CDROM_NAME:
		vr_strbuf_printf(out, "\t%s", vr_str(drive, member, name, sizeof(name)));
		break;
	case CDROM_NUMBER:
		vr_strbuf_printf(out, "\t%" PRId64, vr_s64(drive, member));
		break;
	case CDROM_CAPABILITY:
		vr_strbuf_printf(out, "\t%d",
				 (vr_u64(drive, "ops->capability") & ~vr_u64(drive, "mask") &
				  cdrom_lines[i].capability) != 0);
		break;
	}
}

/* Made anew by each read: what the table's data has is of the last one. */
void vr_sysctl_cdrom_info(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj drives = vr_kernel_global(s->prog, "cdrom_list");
	/* Without drives nobody need know what one looks like. */
	bool none = vr_u64(drives, "next") == drives.addr;
	size_t room = vr_sysctl_elements(s, 1);
	VR_STRBUF text = {0};

	vr_strbuf_printf(&text, "CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n");
	for (unsigned i = 0; i < VR_ARRAY_SIZE(cdrom_lines) && text.len < room; i++) {
		struct vr_list_walk w;

		vr_strbuf_printf(&text, "\n%s", cdrom_lines[i].header);
		if (none)
			continue;
		w = vr_list_begin(drives, "struct cdrom_device_info", "list");
		while (vr_list_next(&w) && text.len < room)
			put_drive(w.entry, i, &text);
	}
	vr_strbuf_printf(&text, "\n\n");
	/* What there is no room for isn't shown. */
	if (room)
		vr_strbuf_printf(out, "%.*s\n", (int)(room - 1), vr_strbuf_str(&text));
	out->failed |= text.failed;
}
