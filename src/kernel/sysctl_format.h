/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reading a file of /proc/sys gives: the work of its proc_handler(). One table says which
 * function here does what which handler of the kernel's does (sysctl_handlers.c).
 */
#ifndef KERNEL_SYSCTL_FORMAT_H
#define KERNEL_SYSCTL_FORMAT_H

#include "base/strbuf.h"
#include "kernel/sysctl.h"

/** Appends what is read; required reads latch. */
typedef void (*vr_sysctl_format_fn)(const struct vr_sysctl *s, struct vr_strbuf *out);

/** What one handler of the kernel's does. */
struct vr_sysctl_handler {
	const char *name;
	vr_sysctl_format_fn format; /* NULL: not told, for the reason... */
	const char *why;            /* ...that stands here */
	/** Does reading give anything? NULL: yes. Latches nothing. */
	bool (*readable)(const struct vr_sysctl *s);
};

/** The table, sorted by name; *count lines of it. */
const struct vr_sysctl_handler *vr_sysctl_handlers(size_t *count);

/**
 * Is there such a file at all? False where the kernel answers a read with an error. Latches
 * nothing.
 */
bool vr_sysctl_readable(const struct vr_sysctl *s);
/**
 * Append what the file reads: nothing at all in some. Latches; VR_UNSUPPORTED for a handler that
 * isn't known, and for secrets.
 */
void vr_sysctl_format(const struct vr_sysctl *s, struct vr_strbuf *out);

/* ---- For those that format ---- */

/** Read len bytes at addr; false: latched. */
bool vr_sysctl_read(const struct vr_sysctl *s, uint64_t addr, void *buf, size_t len);
/** How many elements of that size maxlen says; 0 and latched where it can't be right. */
size_t vr_sysctl_elements(const struct vr_sysctl *s, size_t size);
/** A global variable's value, by its line in globals.c; latches. */
int64_t vr_sysctl_global(const struct vr_sysctl *s, const char *symbol);
/** A line of one number. */
void vr_sysctl_put(struct vr_strbuf *out, int64_t value);
/** The text of at most size bytes at addr, and a line's end: _proc_do_string(). */
void vr_sysctl_put_string(const struct vr_sysctl *s, uint64_t addr, size_t size,
			  struct vr_strbuf *out);

/* ---- Handlers of kernel/sysctl.c ---- */

void vr_sysctl_ints(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_userhz_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_ms_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_uint(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_u8(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_bool(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_ulongs(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_ms_jiffies_ulongs(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_string(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_large_bitmap(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_static_key(const struct vr_sysctl *s, struct vr_strbuf *out);

/* ---- Those of kernel/, security/, drivers/ (sysctl_kernel.c) ---- */

void vr_sysctl_uts_string(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_zero(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nothing(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_uuid(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_cap(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_kprobes_optimization(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_bpf_stats(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_cad_pid(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nmi_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_soft_watchdog(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_last_pid(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_memfd_noexec(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_numa_balancing(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_schedstats(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_energy_aware(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_actions_logged(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_sys_info(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_sysrq(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_taint(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_delayacct(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_max_threads(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_hung_task_count(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_kexec_limit(const struct vr_sysctl *s, struct vr_strbuf *out);
bool vr_sysctl_ftrace_works(const struct vr_sysctl *s);
void vr_sysctl_ftrace_enabled(const struct vr_sysctl *s, struct vr_strbuf *out);
bool vr_sysctl_apparmor_works(const struct vr_sysctl *s);
void vr_sysctl_domain_flags(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_cdrom_info(const struct vr_sysctl *s, struct vr_strbuf *out);

/* ---- Those of fs/, mm/ (sysctl_fs.c) ---- */

void vr_sysctl_nr_files(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nr_inodes(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nr_dentry(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_dqstats(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nr_hugepages(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_nr_overcommit_hugepages(const struct vr_sysctl *s, struct vr_strbuf *out);

/* ---- Those of net/ (sysctl_net.c) ---- */

void vr_sysctl_default_qdisc(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_flow_limit_cpus(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_rps_default_mask(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_rps_sock_flow(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_unres_qlen(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_neigh_time(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_u8_or_int(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_port_range(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_privileged_ports(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_ping_group_range(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_tcp_available(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_tcp_allowed(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_tcp_ulps(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_mptcp_schedulers(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_mptcp_path_managers(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_tcp_default(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_tcp_ehash(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_udp_hash(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_multipath_seed(const struct vr_sysctl *s, struct vr_strbuf *out);
bool vr_sysctl_has_secret(const struct vr_sysctl *s);
void vr_sysctl_nf_log(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_conntrack_buckets(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_lwtunnel_hooks(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_sctp_hmac(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_rpc_debug(const struct vr_sysctl *s, struct vr_strbuf *out);
void vr_sysctl_rpc_transports(const struct vr_sysctl *s, struct vr_strbuf *out);

#endif
