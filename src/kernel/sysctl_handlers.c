// SPDX-License-Identifier: GPL-2.0-or-later
/* Which handler of the kernel's is told by which function here. */
#include "kernel/sysctl_format.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* Sorted by name. Most of those with a name of their own only check what is written. */
static const struct vr_sysctl_handler handlers[] = {
	{"addrconf_sysctl_addr_gen_mode", vr_sysctl_uint},
	{"addrconf_sysctl_disable", vr_sysctl_ints},
	{"addrconf_sysctl_disable_policy", vr_sysctl_ints},
	{"addrconf_sysctl_force_forwarding", vr_sysctl_uint},
	{"addrconf_sysctl_forward", vr_sysctl_ints},
	{"addrconf_sysctl_ignore_routes_with_linkdown", vr_sysctl_ints},
	{"addrconf_sysctl_mtu", vr_sysctl_ints},
	{"addrconf_sysctl_proxy_ndp", vr_sysctl_ints},
	{"addrconf_sysctl_stable_secret", .why = "a secret", .readable = vr_sysctl_has_secret},
	{"apparmor_dointvec", vr_sysctl_ints, .readable = vr_sysctl_apparmor_works},
	{"bpf_stats_handler", vr_sysctl_bpf_stats},
	{"bpf_unpriv_handler", vr_sysctl_ints},
	{"brnf_sysctl_call_tables", vr_sysctl_ints},
	{"cdrom_sysctl_handler", vr_sysctl_ints},
	{"cdrom_sysctl_info", vr_sysctl_cdrom_info},
	{"compaction_proactiveness_sysctl_handler", vr_sysctl_ints},
	{"devinet_conf_proc", vr_sysctl_ints},
	{"devinet_sysctl_forward", vr_sysctl_ints},
	{"devkmsg_sysctl_set_loglvl", vr_sysctl_string},
	{"dirty_background_bytes_handler", vr_sysctl_ulongs},
	{"dirty_background_ratio_handler", vr_sysctl_ints},
	{"dirty_bytes_handler", vr_sysctl_ulongs},
	{"dirty_ratio_handler", vr_sysctl_ints},
	{"dirty_writeback_centisecs_handler", vr_sysctl_ints},
	{"dirtytime_interval_handler", vr_sysctl_ints},
	{"do_proc_dqstats", vr_sysctl_dqstats},
	{"flow_limit_cpu_sysctl", vr_sysctl_flow_limit_cpus},
	{"flow_limit_table_len_sysctl", vr_sysctl_ints},
	{"fscache_max_active_sysctl", vr_sysctl_ints},
	{"ftrace_enable_sysctl", vr_sysctl_ftrace_enabled, .readable = vr_sysctl_ftrace_works},
	{"hugetlb_mempolicy_sysctl_handler", vr_sysctl_nr_hugepages},
	{"hugetlb_overcommit_handler", vr_sysctl_nr_overcommit_hugepages},
	{"hugetlb_sysctl_handler", vr_sysctl_nr_hugepages},
	{"ipv4_doint_and_flush", vr_sysctl_ints},
	{"ipv4_fwd_update_priority", vr_sysctl_u8_or_int},
	{"ipv4_local_port_range", vr_sysctl_port_range},
	{"ipv4_ping_group_range", vr_sysctl_ping_group_range},
	{"ipv4_privileged_ports", vr_sysctl_privileged_ports},
	{"kexec_limit_handler", vr_sysctl_kexec_limit},
	{"laptop_mode_handler", vr_sysctl_jiffies},
	{"lowmem_reserve_ratio_sysctl_handler", vr_sysctl_ints},
	{"min_free_kbytes_sysctl_handler", vr_sysctl_ints},
	{"mmap_min_addr_handler", vr_sysctl_ulongs},
	{"ndisc_ifinfo_sysctl_change", vr_sysctl_neigh_time},
	{"neigh_proc_base_reachable_time", vr_sysctl_neigh_time},
	{"neigh_proc_dointvec", vr_sysctl_ints},
	{"neigh_proc_dointvec_jiffies", vr_sysctl_jiffies},
	{"neigh_proc_dointvec_ms_jiffies", vr_sysctl_ms_jiffies},
	{"neigh_proc_dointvec_ms_jiffies_positive", vr_sysctl_ms_jiffies},
	{"neigh_proc_dointvec_unres_qlen", vr_sysctl_unres_qlen},
	{"neigh_proc_dointvec_userhz_jiffies", vr_sysctl_userhz_jiffies},
	{"neigh_proc_dointvec_zero_intmax", vr_sysctl_ints},
	{"nf_conntrack_hash_sysctl", vr_sysctl_conntrack_buckets},
	{"nf_conntrack_log_invalid_sysctl", vr_sysctl_u8},
	{"nf_hooks_lwtunnel_sysctl_handler", vr_sysctl_lwtunnel_hooks},
	{"nf_log_proc_dostring", vr_sysctl_nf_log},
	{"numa_zonelist_order_handler", vr_sysctl_string},
	{"overcommit_kbytes_handler", vr_sysctl_ulongs},
	{"overcommit_policy_handler", vr_sysctl_ints},
	{"overcommit_ratio_handler", vr_sysctl_ints},
	{"percpu_pagelist_fraction_sysctl_handler", vr_sysctl_ints},
	{"percpu_pagelist_high_fraction_sysctl_handler", vr_sysctl_ints},
	{"perf_cpu_time_max_percent_handler", vr_sysctl_ints},
	{"perf_event_max_sample_rate_handler", vr_sysctl_ints},
	{"perf_event_max_stack_handler", vr_sysctl_ints},
	{"perf_proc_update_handler", vr_sysctl_ints},
	{"pid_mfd_noexec_dointvec_minmax", vr_sysctl_memfd_noexec},
	{"pid_ns_ctl_handler", vr_sysctl_last_pid},
	{"proc_allowed_congestion_control", vr_sysctl_tcp_allowed},
	{"proc_available_path_managers", vr_sysctl_mptcp_path_managers},
	{"proc_available_schedulers", vr_sysctl_mptcp_schedulers},
	{"proc_blackhole_detect_timeout", vr_sysctl_ints},
	{"proc_cap_handler", vr_sysctl_cap},
	{"proc_do_cad_pid", vr_sysctl_cad_pid},
	{"proc_do_dev_weight", vr_sysctl_ints},
	{"proc_do_large_bitmap", vr_sysctl_large_bitmap},
	{"proc_do_rointvec", vr_sysctl_ints},
	{"proc_do_rss_key", .why = "a secret"},
	{"proc_do_skb_defer_max", vr_sysctl_ints},
	{"proc_do_static_key", vr_sysctl_static_key},
	{"proc_do_uts_string", vr_sysctl_uts_string},
	{"proc_do_uuid", vr_sysctl_uuid},
	{"proc_do_xprt", vr_sysctl_rpc_transports},
	{"proc_dobool", vr_sysctl_bool},
	{"proc_dodebug", vr_sysctl_rpc_debug},
	{"proc_dohung_task_detect_count", vr_sysctl_hung_task_count},
	{"proc_dohung_task_timeout_secs", vr_sysctl_ulongs},
	{"proc_dointvec", vr_sysctl_ints},
	{"proc_dointvec_jiffies", vr_sysctl_jiffies},
	{"proc_dointvec_minmax", vr_sysctl_ints},
	{"proc_dointvec_minmax_bpf_enable", vr_sysctl_ints},
	{"proc_dointvec_minmax_bpf_restricted", vr_sysctl_ints},
	{"proc_dointvec_minmax_coredump", vr_sysctl_ints},
	{"proc_dointvec_minmax_sysadmin", vr_sysctl_ints},
	{"proc_dointvec_minmax_warn_RT_change", vr_sysctl_ints},
	{"proc_dointvec_ms_jiffies", vr_sysctl_ms_jiffies},
	{"proc_dointvec_ms_jiffies_minmax", vr_sysctl_ms_jiffies},
	{"proc_dointvec_userhz_jiffies", vr_sysctl_userhz_jiffies},
	{"proc_dolongvec_minmax_bpf_restricted", vr_sysctl_ulongs},
	{"proc_dopipe_max_size", vr_sysctl_uint},
	{"proc_dostring", vr_sysctl_string},
	{"proc_dostring_coredump", vr_sysctl_string},
	{"proc_dou8vec_minmax", vr_sysctl_u8},
	{"proc_douintvec", vr_sysctl_uint},
	{"proc_douintvec_minmax", vr_sysctl_uint},
	{"proc_doulongvec_minmax", vr_sysctl_ulongs},
	{"proc_doulongvec_ms_jiffies_minmax", vr_sysctl_ms_jiffies_ulongs},
	{"proc_fib_multipath_hash_fields", vr_sysctl_uint},
	{"proc_fib_multipath_hash_policy", vr_sysctl_u8_or_int},
	{"proc_fib_multipath_hash_seed", vr_sysctl_multipath_seed},
	{"proc_ipc_auto_msgmni", vr_sysctl_zero},
	{"proc_ipc_dointvec", vr_sysctl_ints},
	{"proc_ipc_dointvec_minmax", vr_sysctl_ints},
	{"proc_ipc_dointvec_minmax_orphans", vr_sysctl_ints},
	{"proc_ipc_doulongvec_minmax", vr_sysctl_ulongs},
	{"proc_ipc_sem_dointvec", vr_sysctl_ints},
	{"proc_kprobes_optimization_handler", vr_sysctl_kprobes_optimization},
	{"proc_mq_dointvec", vr_sysctl_ints},
	{"proc_mq_dointvec_minmax", vr_sysctl_ints},
	{"proc_nmi_watchdog", vr_sysctl_nmi_watchdog},
	{"proc_nr_dentry", vr_sysctl_nr_dentry},
	{"proc_nr_files", vr_sysctl_nr_files},
	{"proc_nr_inodes", vr_sysctl_nr_inodes},
	{"proc_path_manager", vr_sysctl_string},
	{"proc_pm_type", vr_sysctl_u8},
	{"proc_rt6_multipath_hash_fields", vr_sysctl_uint},
	{"proc_rt6_multipath_hash_policy", vr_sysctl_u8_or_int},
	{"proc_scheduler", vr_sysctl_string},
	{"proc_sctp_do_alpha", vr_sysctl_ints},
	{"proc_sctp_do_alpha_beta", vr_sysctl_ints},
	{"proc_sctp_do_auth", vr_sysctl_ints},
	{"proc_sctp_do_beta", vr_sysctl_ints},
	{"proc_sctp_do_hmac_alg", vr_sysctl_sctp_hmac},
	{"proc_sctp_do_probe_interval", vr_sysctl_ints},
	{"proc_sctp_do_rto_max", vr_sysctl_ints},
	{"proc_sctp_do_rto_min", vr_sysctl_ints},
	{"proc_sctp_do_udp_port", vr_sysctl_ints},
	{"proc_soft_watchdog", vr_sysctl_soft_watchdog},
	{"proc_taint", vr_sysctl_taint},
	{"proc_tcp_available_congestion_control", vr_sysctl_tcp_available},
	{"proc_tcp_available_ulp", vr_sysctl_tcp_ulps},
	{"proc_tcp_congestion_control", vr_sysctl_tcp_default},
	{"proc_tcp_ehash_entries", vr_sysctl_tcp_ehash},
	{"proc_tcp_fastopen_key", .why = "a secret"},
	{"proc_tfo_blackhole_detect_timeout", vr_sysctl_ints},
	{"proc_udp_hash_entries", vr_sysctl_udp_hash},
	{"proc_watchdog", vr_sysctl_watchdog},
	{"proc_watchdog_cpumask", vr_sysctl_large_bitmap},
	{"proc_watchdog_thresh", vr_sysctl_ints},
	{"rps_default_mask_sysctl", vr_sysctl_rps_default_mask},
	{"rps_sock_flow_sysctl", vr_sysctl_rps_sock_flow},
	{"sched_energy_aware_handler", vr_sysctl_energy_aware},
	{"sched_proc_update_handler", vr_sysctl_ints},
	{"sched_rr_handler", vr_sysctl_ints},
	{"sched_rt_handler", vr_sysctl_ints},
	{"sd_ctl_doflags", vr_sysctl_domain_flags},
	{"seccomp_actions_logged_handler", vr_sysctl_actions_logged},
	{"set_default_qdisc", vr_sysctl_default_qdisc},
	{"stack_trace_sysctl", vr_sysctl_ints},
	{"sysctl_compaction_handler", vr_sysctl_ints},
	{"sysctl_delayacct", vr_sysctl_delayacct},
	{"sysctl_max_threads", vr_sysctl_max_threads},
	{"sysctl_min_slab_ratio_sysctl_handler", vr_sysctl_ints},
	{"sysctl_min_unmapped_ratio_sysctl_handler", vr_sysctl_ints},
	{"sysctl_numa_balancing", vr_sysctl_numa_balancing},
	{"sysctl_panic_print_handler", vr_sysctl_ulongs},
	{"sysctl_sched_uclamp_handler", vr_sysctl_ints},
	{"sysctl_schedstats", vr_sysctl_schedstats},
	{"sysctl_sys_info_handler", vr_sysctl_sys_info},
	{"sysctl_vm_numa_stat_handler", vr_sysctl_ints},
	{"sysrq_sysctl_handler", vr_sysctl_sysrq},
	{"timer_migration_handler", vr_sysctl_ints},
	{"tracepoint_printk_sysctl", vr_sysctl_ints},
	{"vmstat_refresh", vr_sysctl_nothing},
	{"watermark_scale_factor_sysctl_handler", vr_sysctl_ints},
	{"xfs_deprecate_irix_sgid_inherit_proc_handler", vr_sysctl_ints},
	{"xfs_deprecate_irix_symlink_mode_proc_handler", vr_sysctl_ints},
	{"xfs_deprecated_dointvec_minmax", vr_sysctl_ints},
	{"xfs_panic_mask_proc_handler", vr_sysctl_ints},
	{"xfs_stats_clear_proc_handler", vr_sysctl_ints},
	{"yama_dointvec_minmax", vr_sysctl_ints},
};

const struct vr_sysctl_handler *vr_sysctl_handlers(size_t *count)
{
	*count = VR_ARRAY_SIZE(handlers);
	return handlers;
}

static int compare(const void *name, const void *handler)
{
	return strcmp(name, ((const struct vr_sysctl_handler *)handler)->name);
}

static const struct vr_sysctl_handler *find(const struct vr_sysctl *s)
{
	return bsearch(s->handler, handlers, VR_ARRAY_SIZE(handlers), sizeof(handlers[0]), compare);
}

bool vr_sysctl_readable(const struct vr_sysctl *s)
{
	const struct vr_sysctl_handler *h = find(s);

	return !h || !h->readable || h->readable(s);
}

void vr_sysctl_format(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	const struct vr_sysctl_handler *h = find(s);

	if (!h)
		vr_latch(s->prog, VR_UNSUPPORTED, "what %s() shows", s->handler);
	else if (!h->format)
		vr_latch(s->prog, VR_UNSUPPORTED, "%s() shows %s", s->handler, h->why);
	else
		h->format(s, out);
	if (out->failed)
		vr_latch(s->prog, VR_NOMEM, "out of memory");
}
