// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/globals.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/percpu.h"
#include "object/program.h"

/*
 * Sorted by name. An array whose length depends on the configuration is given as its first element,
 * and marked. What no code here uses is what debuggers' scripts look up by name (src/vmlinux). A release in a comment is the first with that line, or the first without it.
 */
static const struct vr_global_type types[] = {
	{"__cpu_active_mask", "struct cpumask"},
	{"__cpu_online_mask", "struct cpumask"},
	{"__cpu_possible_mask", "struct cpumask"},
	{"__cpu_present_mask", "struct cpumask"},
	{"__highest_present_section_nr", "unsigned long"},
	{"__num_online_cpus", "atomic_t"},
	{"__per_cpu_offset", "unsigned long", .array = true}, /* [NR_CPUS] */
	{"__sched_clock_offset", "u64"},
	{"__sched_clock_stable", "struct static_key_false"},
	{"__scx_enabled", "struct static_key_false"},
	{"_totalram_pages", "atomic_long_t"},
	{"aa_g_lock_policy", "bool"},
	{"aa_profile_mode_names", "const char *", .array = true},
	{"acpi_wakeup_device_list", "struct list_head"},
	{"all_mddevs", "struct list_head"}, /* drivers/md/md.c */
	{"apparmor_blob_sizes", "struct lsm_blob_sizes"},
	{"apparmor_enabled", "int"},
	{"apparmor_initialized", "int"},
	{"arp_tbl", "struct neigh_table"},
	{"avenrun", "unsigned long [3]"},
	{"bdev_map", "struct kobj_map *"}, /* until 5.11 */
	{"bdi_list", "struct list_head"},
	{"block_class", "struct class"},
	{"blockdev_superblock", "struct super_block *"},
	{"bond_ad_select_tbl", "const struct bond_opt_value", .array = true},
	{"bond_fail_over_mac_tbl", "const struct bond_opt_value", .array = true},
	{"bond_primary_reselect_tbl", "const struct bond_opt_value", .array = true},
	{"bond_xmit_hashtype_tbl", "const struct bond_opt_value", .array = true},
	{"boot_command_line", "char [2048]"},
	{"boot_cpu_data", "struct cpuinfo_x86"},
	{"bpf_jit_harden", "int"},
	{"bpf_jit_kallsyms", "int"},
	{"bpf_kallsyms", "struct list_head"},
	{"bpf_map_types", "const struct bpf_map_ops *", .array = true,
	 .length = "*"}, /* kernel/bpf/syscall.c */
	{"btf_idr", "struct idr"},
	{"btf_modules", "struct list_head"}, /* since 5.11, kernel/bpf/btf.c */
	{"btrfs_compress_types", "char *", .array = true},
	{"bus_kset", "struct kset *"},
	{"bus_ktype", "struct kobj_type"},
	{"cad_pid", "struct pid *"},
	{"cdev", "struct cn_dev"}, /* drivers/connector/connector.c */
	{"cdev_map", "struct kobj_map *"},
	{"cdrom_list", "struct list_head"}, /* drivers/cdrom/cdrom.c */
	{"cgroup_roots", "struct list_head"},
	{"cgroup_subsys", "struct cgroup_subsys *", .array = true,
	 .length = "CGROUP_SUBSYS_COUNT"}, /* [CGROUP_SUBSYS_COUNT] */
	{"cgroup_subsys_enabled_key", "struct static_key_true *", .array = true,
	 .length = "CGROUP_SUBSYS_COUNT"}, /* [CGROUP_SUBSYS_COUNT] */
	{"cgrp_dfl_root", "struct cgroup_root"},
	{"cgrp_dfl_visible", "bool"},
	{"chrdevs", "struct char_device_struct *[255]"},
	{"class_kset", "struct kset *"},
	{"class_ktype", "struct kobj_type"},
	{"clocksource_list", "struct list_head"},
	{"console_driver", "struct tty_driver *"},  /* drivers/tty/vt/vt.c */
	{"console_drivers", "struct console *"},    /* until 6.2 */
	{"console_list", "struct hlist_head"},      /* since 6.2 */
	{"contig_page_data", "struct pglist_data"}, /* without NUMA */
	{"cpu_core_map", "cpumask_var_t", .per_cpu = true},
	{"cpu_info", "struct cpuinfo_x86", .per_cpu = true},
	{"cpu_khz", "unsigned int"},
	{"cpu_number", "int", .per_cpu = true},                /* 6.2 to 6.14: in pcpu_hot */
	{"cpu_samples", "struct aperfmperf", .per_cpu = true}, /* since 5.18 */
	{"cpufreq_cpu_data", "struct cpufreq_policy *", .per_cpu = true},
	{"cpufreq_driver", "struct cpufreq_driver *"},
	{"cpuhp_state", "struct cpuhp_cpu_state", .per_cpu = true},
	{"crash_notes", "note_buf_t *"}, /* per-CPU memory that was allocated */
	{"crashing_cpu", "int"},
	{"crypto_alg_list", "struct list_head"},
	{"css_set_table", "struct hlist_head", .array = true}, /* [128], kernel/cgroup/cgroup.c */
	{"current_task", "struct task_struct *", .per_cpu = true}, /* 6.2 to 6.14: in pcpu_hot */
	{"dccp_state_names", "const char *", .array = true},       /* nf_conntrack_proto_dccp.c */
	{"ddebug_tables", "struct list_head"},
	{"default_hstate_idx", "unsigned int"},
	{"default_qdisc_ops", "struct Qdisc_ops *"},
	{"delayacct_on", "int"},
	{"dentry_hashtable", "struct hlist_bl_head *"},
	{"device_ktype", "struct kobj_type"},
	{"direct_gbpages", "int"},
	{"direct_pages_count", "unsigned long", .array = true,
	 .length = "PG_LEVEL_NUM"}, /* [PG_LEVEL_NUM] */
	{"dirty_background_bytes", "unsigned long"},
	{"dirty_background_ratio", "int"},
	{"dma_chan_busy", "struct dma_chan [8]"}, /* kernel/dma.c */
	{"dmi_ident", "char *", .array = true, .length = "DMI_STRING_MAX"},
	{"dqstats", "struct dqstats"},
	{"driver_ktype", "struct kobj_type"},
	{"dump_stack_arch_desc_str", "char [128]"},
	{"early_memtest_bad_size", "phys_addr_t"},
	{"early_memtest_done", "bool"},
	{"exception_stacks", "struct exception_stacks", .per_cpu = true},
	{"ext4_mount_opts", "struct mount_opts", .array = true},
	{"ext4_param_specs", "struct fs_parameter_spec", .array = true}, /* since 5.17 */
	{"ext_sched_class", "struct sched_class"},
	{"fc_ineligible_reasons", "const char *", .array = true}, /* fs/ext4/fast_commit.c */
	{"fg_console", "int"},
	/* Linked by their own member `next` before they were on a hash list (7.x). */
	{"file_lock_list", "struct file_lock_list_struct", .per_cpu = true},
	{"file_systems", "struct hlist_head", .only_if = "struct file_system_type", .path = "list"},
	{"file_systems", "struct file_system_type *"},
	{"filled_random_ptr_key", "bool"}, /* since 5.19 */
	{"fips_enabled", "int"},
	{"fl_ht", "struct ip6_flowlabel *[256]"},
	{"fscache_cache_states", "const char", .array = true}, /* since 5.17 */
	{"fscache_caches", "struct list_head"},
	{"fscache_cookie_lru_timer", "struct timer_list"},
	{"fscache_cookie_states", "const char", .array = true},
	{"fscache_cookies", "struct list_head"},
	{"fscache_volumes", "struct list_head"},
	{"ftrace_disabled", "int"},
	{"ftrace_enabled", "int"},
	{"ftrace_mod_maps", "struct list_head"},
	{"ftrace_ops_trampoline_list", "struct list_head"},
	{"gate_vma", "struct vm_area_struct"},
	{"gfpflag_names", "struct trace_print_flags", .array = true, .length = "*"},
	{"high_memory", "void *"},
	{"hrtimer_bases", "struct hrtimer_cpu_base", .per_cpu = true},
	{"hrtimer_resolution", "unsigned int"},
	{"hstates", "struct hstate [2]"}, /* [HUGE_MAX_HSTATE] */
	{"hugetlb_max_hstate", "int"},
	{"hvc_driver", "struct tty_driver *"},
	{"icmp6type2name", "const char *", .array = true}, /* [256], until 6.18 */
	{"icmpmibmap", "struct snmp_mib",
	 .array = true}, /* a struct without a name, with the same members */
	{"idt_table", "gate_desc [256]"},
	{"inet6_addr_lst", "struct hlist_head [256]"}, /* until 5.18 */
	{"inetsw", "struct list_head [11]"},
	{"init_cgroup_ns", "struct cgroup_namespace"},
	{"init_cred", "struct cred"},
	{"init_css_set", "struct css_set"},
	{"init_fs", "struct fs_struct"},
	{"init_ipc_ns", "struct ipc_namespace"},
	{"init_mm", "struct mm_struct"},
	{"init_net", "struct net"},
	{"init_nsproxy", "struct nsproxy"},
	{"init_pid_ns", "struct pid_namespace"},
	{"init_struct_pid", "struct pid"},
	{"init_task", "struct task_struct"},
	{"init_time_ns", "struct time_namespace"},
	{"init_user_ns", "struct user_namespace"},
	{"init_uts_ns", "struct uts_namespace"},
	{"inode_hashtable", "struct hlist_head *"},
	{"input_dev_list", "struct list_head"},
	{"input_handler_list", "struct list_head"},
	{"iomem_resource", "struct resource"},
	{"ioport_resource", "struct resource"},
	{"ip_rt_acct", "struct ip_rt_acct *"},
	{"ipc_mni_shift", "int"},
	{"ipv4_dst_ops", "struct dst_ops"},
	{"irq_default_affinity", "cpumask_var_t"},
	{"irq_desc_tree", "struct xarray"}, /* until 6.5, kernel/irq/irqdesc.c: a radix tree */
	{"irq_proc_constraints", "struct irq_proc_constraints"},  /* since 7.1 */
	{"irq_stat_count_show", "unsigned long", .array = true},  /* since 7.1: a bitmap */
	{"irq_stat_info", "struct irq_stat_info", .array = true}, /* since 7.1 */
	{"jiffies", "unsigned long"}, /* the lower half of jiffies_64, or all of it */
	{"jiffies_64", "u64"},
	{"kernel_cpustat", "struct kernel_cpustat", .per_cpu = true},
	{"kexec_crash_image", "struct kimage *"},
	{"kexec_image", "struct kimage *"},
	{"key_quota_maxbytes", "unsigned int"},
	{"key_quota_maxkeys", "unsigned int"},
	{"key_quota_root_maxbytes", "unsigned int"},
	{"key_quota_root_maxkeys", "unsigned int"},
	{"key_serial_tree", "struct rb_root"},
	{"key_user_tree", "struct rb_root"},
	{"kmsg_bytes", "unsigned int"}, /* fs/pstore/platform.c; an unsigned long until 6.8 */
	{"kprobe_insn_slots", "struct kprobe_insn_cache"},
	{"kprobe_optinsn_slots", "struct kprobe_insn_cache"},
	{"kprobes_allow_optimization", "bool"},
	{"kptr_restrict", "int"},
	{"kstat", "struct kernel_stat", .per_cpu = true},
	{"last_ftrace_enabled", "int"},
	{"link_idr", "struct idr"},
	{"linux_banner", "char [512]"},                  /* at most: ends with its NUL */
	{"linux_proc_banner", "char [512]"},             /* at most: ends with its NUL */
	{"lnames", "struct limit_names", .array = true}, /* [RLIM_NLIMITS], fs/proc/base.c */
	{"lockd_net_id", "unsigned int"},
	{"log_buf", "char *"}, /* that of kernel/printk/printk.c */
	{"log_buf_len", "u32"},
	{"loggers", "struct nf_logger *",
	 .array = true},           /* [NFPROTO_NUMPROTO][NF_LOG_TYPE_MAX], net/netfilter/nf_log.c */
	{"lsm_active_cnt", "u32"}, /* since 6.8 */
	{"lsm_idlist", "const struct lsm_id *", .array = true}, /* likewise */
	{"lsm_names", "char *"},                                /* not in 7.x */
	{"major_names", "struct blk_major_name *[255]"},
	{"map_idr", "struct idr"},
	{"max_low_pfn", "unsigned long"},
	{"max_pfn", "unsigned long"},
	{"max_threads", "int"},
	{"md_submodule", "struct xarray"}, /* since 6.15: before, pers_list */
	{"mem_section", "struct mem_section **"},
	{"memblock", "struct memblock"},
	{"memory_subsys", "struct bus_type"},
	{"migratetype_names", "const char *", .array = true,
	 .length = "MIGRATE_TYPES"}, /* [MIGRATE_TYPES] */
	{"min_low_pfn", "unsigned long"},
	{"misc_list", "struct list_head"}, /* drivers/char/misc.c */
	{"mod_tree", "struct mod_tree_root"},
	{"module_ktype", "struct kobj_type"},
	{"modules", "struct list_head"},
	{"mount_hashtable", "struct hlist_head *"},
	{"mptcp_pm_list", "struct list_head"},    /* since 6.15 */
	{"mptcp_sched_list", "struct list_head"}, /* since 6.6 */
	{"mptcp_snmp_list", "struct snmp_mib", .array = true},
	{"mt_pivots", "const unsigned char", .array = true, .length = "*"},
	{"mt_slots", "const unsigned char", .array = true, .length = "*"},
	{"mtrr_if", "const struct mtrr_ops *"},
	{"mtrr_state", "struct mtrr_state_type"},
	{"mtrr_strings", "const char *", .array = true},
	{"mtrr_usage_table", "unsigned int", .array = true},
	{"nd_tbl", "struct neigh_table"},
	{"net_hotdata", "struct net_hotdata"}, /* since 6.9 */
	{"net_namespace_list", "struct list_head"},
	{"netfs_io_requests", "struct list_head"}, /* since 6.8, fs/netfs/main.c */
	{"netfs_origins", "const char *", .array = true, .length = "nr__netfs_io_origin"},
	{"nf_conntrack_hash", "struct hlist_nulls_head *"},
	{"nf_conntrack_htable_size", "unsigned int"},
	{"nf_conntrack_net_id", "unsigned int"},
	{"nf_ct_expect_hash", "struct hlist_head *"},
	{"nf_ct_expect_hsize", "unsigned int"},
	{"nf_hooks_lwtunnel_enabled", "struct static_key_false"},
	{"nfs_net_id", "unsigned int"},
	{"nl_table", "struct netlink_table *"},               /* net/netlink/af_netlink.c */
	{"no_hash_pointers", "bool"},                         /* since 5.12 */
	{"node_data", "struct pglist_data *", .array = true}, /* [MAX_NUMNODES] */
	{"node_states", "nodemask_t", .array = true,
	 .length = "NR_NODE_STATES"}, /* [NR_NODE_STATES] */
	{"nr_cpu_ids", "unsigned int"},
	{"nr_dentry", "long int", .per_cpu = true},
	{"nr_dentry_negative", "long int", .per_cpu = true},
	{"nr_dentry_unused", "long int", .per_cpu = true},
	{"nr_files", "struct percpu_counter"},
	{"nr_inodes", "long unsigned int", .per_cpu = true},
	{"nr_irqs", "int"},                        /* until 6.12 */
	{"nr_memmap_boot_pages", "atomic_long_t"}, /* since 6.11 */
	{"nr_memmap_pages", "atomic_long_t"},      /* since 6.11 */
	{"nr_node_ids", "unsigned int"},
	{"nr_swap_pages", "atomic_long_t"},
	{"nr_swapfiles", "unsigned int"},
	{"nr_swapper_spaces", "unsigned int", .array = true}, /* [MAX_SWAPFILES], until 6.18 */
	{"nr_threads", "int"},
	{"nr_unused", "long unsigned int", .per_cpu = true},
	{"nr_vmalloc_pages", "atomic_long_t"},
	{"nr_vmap_nodes", "unsigned int"}, /* since 6.9, mm/vmalloc.c */
	{"num_poisoned_pages", "atomic_long_t"},
	{"num_var_ranges", "unsigned int"},
	{"numa_node", "int", .per_cpu = true},
	{"opt_array", "u32", .array = true}, /* lib/dynamic_debug.c: a flag's bit, its letter */
	{"overflowgid", "int"},
	{"overflowuid", "int"},
	{"ovl_index_def", "bool"},
	{"ovl_metacopy_def", "bool"},
	{"ovl_nfs_export_def", "bool"},
	{"ovl_parameter_fsync", "struct constant_table", .array = true},
	{"ovl_parameter_redirect_dir", "struct constant_table", .array = true}, /* since 6.5 */
	{"ovl_parameter_uuid", "struct constant_table", .array = true},
	{"ovl_parameter_verity", "struct constant_table", .array = true},
	{"ovl_parameter_xino", "struct constant_table", .array = true},
	{"ovl_redirect_always_follow", "bool"},
	{"ovl_redirect_dir_def", "bool"},
	{"ovl_xino_auto_def", "bool"},
	{"ovl_xino_str", "char *", .array = true}, /* until 6.4 */
	{"page_offset_base", "unsigned long"},
	{"pageflag_names", "struct trace_print_flags", .array = true, .length = "*"},
	{"panic_cpu", "atomic_t"},
	{"panic_notifier_list", "struct atomic_notifier_head"},
	{"panic_on_oops", "int"},
	{"pci_bus_type", "struct bus_type"},
	{"pci_root_buses", "struct list_head"},
	{"pcpu_hot", "struct pcpu_hot", .per_cpu = true}, /* 6.2 to 6.14 */
	{"pcpu_nr_populated", "unsigned long"},
	{"pcpu_nr_units", "int"},
	{"pending_raid_disks", "struct list_head"},
	{"pernet_list", "struct list_head"},
	{"pers_list", "struct list_head"},
	{"phys_base", "unsigned long"},
	{"pid_max", "int"}, /* until 6.14: then a namespace's */
	{"ping_table", "struct ping_table"},
	{"policy_modes", "char *", .array = true, .length = "MPOL_MAX"}, /* mm/mempolicy.c */
	{"poll_spurious_irq_timer", "struct timer_list"},
	{"prb", "struct printk_ringbuffer *"},
	{"proc_root", "struct proc_dir_entry"},
	{"proc_show_all", "bool"}, /* since 6.17, kernel/cgroup/cgroup-v1.c */
	{"prog_idr", "struct idr"},
	{"proto_list", "struct list_head"},
	{"psi_enable", "bool"},
	{"psi_period", "u64"},
	{"psi_system", "struct psi_group"},
	{"ptr_key", "siphash_key_t"},
	{"ptype_all", "struct list_head"},
	{"ptype_base", "struct list_head [16]"},
	{"purge_vmap_area_list", "struct list_head"}, /* until 6.9, mm/vmalloc.c */
	{"raw_prot", "struct proto"},
	{"raw_v4_hashinfo", "struct raw_hashinfo"},
	{"raw_v6_hashinfo", "struct raw_hashinfo"},
	{"rawv6_prot", "struct proto"},
	{"rcu_state", "struct rcu_state"},
	{"rdt_enable_key", "struct static_key_false"},
	{"registered_fb", "struct fb_info *[32]"}, /* [FB_MAX] */
	{"resctrl_mounted", "bool"},               /* since 6.11 */
	{"root_ns", "struct aa_ns *"},             /* security/apparmor/policy_ns.c */
	{"root_task_group", "struct task_group"},
	{"rps_sock_flow_table", "struct rps_sock_flow_table *"}, /* until 6.9 */
	{"rt_cache_stat", "struct rt_cache_stat", .per_cpu = true},
	{"rt_group_sched", "struct static_key_false"}, /* since 6.15 */
	{"runqueues", "struct rq", .per_cpu = true},
	{"samples", "struct aperfmperf_sample", .per_cpu = true}, /* until 5.18 */
	{"saved_command_line", "char *"},
	{"sched_clock_data", "struct sched_clock_data", .per_cpu = true},
	{"sched_clock_irqtime", "int"}, /* since 6.14 a static key, which begins with one */
	{"sched_numa_balancing", "struct static_key_false"},
	{"sched_schedstats", "struct static_key_false"},
	{"sched_tunable_scaling_names", "const char *[3]"},
	{"scsi_bus_type", "struct bus_type"},
	{"scsi_dev_info_list", "struct list_head"},
	{"scsi_device_types", "const char *", .array = true},
	{"sctp_conntrack_names", "const char *",
	 .array = true},                         /* net/netfilter/nf_conntrack_proto_sctp.c */
	{"sctp_globals", "struct sctp_globals"}, /* net/sctp/protocol.c */
	{"sctp_snmp_list", "struct snmp_mib", .array = true}, /* net/sctp/proc.c */
	{"sd_asym_cpucapacity", "struct sched_domain *", .per_cpu = true},
	{"sd_flag_debug", "struct sd_flag_debug", .array = true, .length = "__SD_FLAG_CNT"},
	{"seccomp_actions_logged", "u32"},
	{"seccomp_log_names", "struct seccomp_log_name", .array = true, .length = "*"},
	{"sections_per_block", "int"},
	{"selinux_state", "struct selinux_state"},
	{"shrinker_list", "struct list_head"},
	{"si_names", "const char *", .array = true, .length = "*"}, /* lib/sys_info.c, since 6.17 */
	{"slab_caches", "struct list_head"},
	{"slab_kset", "struct kset *"},
	{"snmp4_ipextstats_list", "struct snmp_mib", .array = true},
	{"snmp4_ipstats_list", "struct snmp_mib", .array = true},
	{"snmp4_net_list", "struct snmp_mib", .array = true},
	{"snmp4_tcp_list", "struct snmp_mib", .array = true},
	{"snmp4_udp_list", "struct snmp_mib", .array = true},
	{"snmp6_icmp6_list", "struct snmp_mib", .array = true},
	{"snmp6_ipstats_list", "struct snmp_mib", .array = true},
	{"snmp6_udp6_list", "struct snmp_mib", .array = true},
	{"snmp6_udplite6_list", "struct snmp_mib", .array = true}, /* until 7.x */
	{"softirq_to_name", "const char *", .array = true},        /* [NR_SOFTIRQS] */
	{"softirq_vec", "struct softirq_action", .array = true, .length = "NR_SOFTIRQS"},
	{"softnet_data", "struct softnet_data", .per_cpu = true},
	{"sparse_irqs", "struct maple_tree"}, /* since 6.5, kernel/irq/irqdesc.c */
	{"spectre_v2_user_ibpb", "enum spectre_v2_user_mitigation"},
	{"spectre_v2_user_stibp", "enum spectre_v2_user_mitigation"},
	{"ssb_mode", "enum ssb_mitigation"},
	{"super_blocks", "struct list_head"},
	{"svc_xprt_class_list", "struct list_head"},                 /* net/sunrpc/svc_xprt.c */
	{"swap_info", "struct swap_info_struct *", .array = true},   /* [MAX_SWAPFILES] */
	{"swapper_spaces", "struct address_space *", .array = true}, /* likewise, until 6.18 */
	{"sys_call_table", "sys_call_ptr_t", .array = true, .length = "*"},
	{"sysctl_hung_task_detect_count", "atomic_long_t"}, /* until 7.0 an unsigned long */
	{"sysctl_numa_balancing_mode", "int"},              /* since 5.18 */
	{"sysctl_overcommit_kbytes", "unsigned long"},
	{"sysctl_overcommit_ratio", "int"},
	{"sysctl_sched_base_slice", "unsigned int"},       /* since 6.6 */
	{"sysctl_sched_child_runs_first", "unsigned int"}, /* until 6.7 */
	{"sysctl_sched_features", "unsigned int"},
	{"sysctl_sched_idle_min_granularity", "unsigned int"}, /* until 6.6 */
	{"sysctl_sched_latency", "unsigned int"},              /* until 6.6 */
	{"sysctl_sched_min_granularity", "unsigned int"},      /* until 6.6 */
	{"sysctl_sched_tunable_scaling", "unsigned int"},
	{"sysctl_sched_wakeup_granularity", "unsigned int"}, /* until 6.6 */
	{"sysctl_table_root", "struct ctl_table_root"},
	{"sysfs_root_kn", "struct kernfs_node *"},
	{"sysrq_always_enabled", "bool"},
	{"sysrq_enabled", "int"},
	{"system_state", "enum system_states"},
	{"system_vectors", "unsigned long [4]"},
	{"taint_flags", "struct taint_flag", .array = true,
	 .length = "*"}, /* [TAINT_FLAGS_COUNT] */
	{"tainted_mask", "unsigned long"},
	{"task_groups", "struct list_head"},
	{"task_state_array", "const char *[9]"}, /* fs/proc/array.c */
	{"task_struct_cachep", "struct kmem_cache *"},
	{"tcp_cong_list", "struct list_head"},
	{"tcp_conntrack_names", "const char *", .array = true}, /* nf_conntrack_proto_tcp.c */
	{"tcp_hashinfo", "struct inet_hashinfo"},
	{"tcp_orphan_count", "unsigned int", .per_cpu = true}, /* since 5.16 */
	{"tcp_prot", "struct proto"},
	{"tcp_ulp_list", "struct list_head"},
	{"tcpv6_prot", "struct proto"},
	{"tick_broadcast_device", "struct tick_device"},
	{"tick_broadcast_mask", "cpumask_var_t"},
	{"tick_broadcast_oneshot_mask", "cpumask_var_t"},
	{"tick_cpu_device", "struct tick_device", .per_cpu = true},
	{"tick_cpu_sched", "struct tick_sched", .per_cpu = true},
	{"tick_do_timer_cpu", "int"},
	{"tick_nohz_active", "unsigned long"},
	{"tick_oneshot_wakeup_device", "struct clock_event_device *",
	 .per_cpu = true},                     /* since 5.14 */
	{"timekeeper_data", "struct tk_data"}, /* 7.x: an array, the first is what was tk_core */
	/* Until 6.13 the type had no name: see timekeeping.c. */
	{"tk_core", "struct tk_data", .only_if = "struct tk_data"},
	{"tls_mib_list", "struct snmp_mib", .array = true},
	{"total_forks", "unsigned long"},
	{"total_nr_irqs", "unsigned int"}, /* since 6.12 */
	{"total_swap_pages", "long"},
	{"totalcma_pages", "unsigned long"},
	{"totalreserve_pages", "unsigned long"},
	{"tty_drivers", "struct list_head"},
	{"tty_ldiscs", "struct tty_ldisc_ops *", .array = true}, /* [NR_LDISCS] */
	{"uclamp_default", "struct uclamp_se [2]"},
	{"udp_prot", "struct proto"},
	{"udp_table", "struct udp_table"},
	{"udplite_prot", "struct proto"}, /* until 7.x */
	{"udplite_table", "struct udp_table"},
	{"udplitev6_prot", "struct proto"}, /* until 7.x */
	{"udpv6_prot", "struct proto"},
	{"uidhash_table", "struct hlist_head [128]"},
	{"unix_socket_table", "struct hlist_head [512]"},      /* until 5.17 */
	{"vlan_name_type_str", "const char *", .array = true}, /* [VLAN_NAME_TYPE_HIGHEST] */
	{"vlan_net_id", "unsigned int"},
	{"vm_committed_as", "struct percpu_counter"},
	{"vm_dirty_bytes", "unsigned long"},
	{"vm_dirty_ratio", "int"},
	{"vm_event_states", "struct vm_event_state", .per_cpu = true},
	{"vm_node_stat", "atomic_long_t", .array = true,
	 .length = "NR_VM_NODE_STAT_ITEMS"}, /* [NR_VM_NODE_STAT_ITEMS] */
	{"vm_numa_event", "atomic_long_t", .array = true,
	 .length = "NR_VM_NUMA_EVENT_ITEMS"}, /* [NR_VM_NUMA_EVENT_ITEMS], since 5.14 */
	{"vm_numa_stat", "atomic_long_t", .array = true,
	 .length = "NR_VM_NUMA_STAT_ITEMS"}, /* until 5.14 */
	{"vm_zone_stat", "atomic_long_t", .array = true,
	 .length = "NR_VM_ZONE_STAT_ITEMS"}, /* [NR_VM_ZONE_STAT_ITEMS] */
	{"vmalloc_base", "unsigned long"},
	{"vmap_area_list", "struct list_head"},   /* until 6.9 */
	{"vmap_area_root", "struct rb_root"},     /* until 6.9 */
	{"vmap_nodes", "struct vmap_node *"},     /* since 6.9: an array of nr_vmap_nodes */
	{"vmap_purge_list", "struct llist_head"}, /* until 5.13, mm/vmalloc.c */
	{"vmap_zone_size", "unsigned int"},       /* since 6.9 */
	{"vmcoreinfo_data", "unsigned char *"},
	{"vmemmap_base", "unsigned long"},
	{"vmstat_text", "const char *", .array = true},
	{"vsyscall_mode", "unsigned int"}, /* an enumeration */
	{"watchdog_enabled", "unsigned long"},
	{"worker_pool_idr", "struct idr"},
	{"workqueues", "struct list_head"},
	{"x86_bug_flags", "const char *", .array = true}, /* [NBUGINTS * 32] */
	{"x86_cap_flags", "const char *", .array = true},
	{"x86_platform_ipi_callback", "void *"},
	{"x86_power_flags", "const char *[32]"},
	{"x86_vmx_flags", "const char *", .array = true},
	{"xfrm_mib_list", "struct snmp_mib", .array = true},
	{"xfsstats", "struct xstats"},
	{"xt", "struct xt_af *"}, /* net/netfilter/x_tables.c */
	{"xt_pernet_id", "unsigned int"},
	{"zswap_pool_total_size", "u64"}, /* until 6.8 */
	{"zswap_pools", "struct list_head"},
	/* Both since 6.13. */
	{"zswap_stored_pages", "atomic_long_t", .only_if = "enum mthp_stat_item",
	 .path = "MTHP_STAT_ZSWPOUT"},
	{"zswap_stored_pages", "atomic_t"},
};

const struct vr_global_type *vr_global_types(size_t *count)
{
	*count = VR_ARRAY_SIZE(types);
	return types;
}

static bool holds(struct vr_program *prog, const struct vr_global_type *line)
{
	int64_t value;

	if (!line->only_if)
		return true;
	if (line->path && !strncmp(line->only_if, "enum ", 5))
		return vr_enum_value(prog, line->only_if, line->path, &value) == VR_OK;
	return line->path ? vr_has_member(prog, line->only_if, line->path)
			  : vr_type_find(prog, line->only_if) != NULL;
}

const struct vr_global_type *vr_global_type_find(struct vr_program *prog, const char *symbol)
{
	size_t low = 0, high = VR_ARRAY_SIZE(types);

	/* The first line of that name. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(types[mid].symbol, symbol) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < VR_ARRAY_SIZE(types) && !strcmp(types[low].symbol, symbol); low++)
		if (holds(prog, &types[low]))
			return &types[low];
	return NULL;
}

/* By the table, else by DWARF where there is some. */
static enum vr_err type_of(struct vr_program *prog, const char *name, const struct vr_type **type,
			   struct vr_error *err)
{
	const struct vr_global_type *line = vr_global_type_find(prog, name);

	*type = NULL;
	if (line) {
		*type = vr_types_find(prog->types, line->type, err);
		return *type ? VR_OK : err->kind;
	}
	*type = vr_types_variable(prog->types, name);
	return *type ? VR_OK
		     : vr_error_set(err, VR_ABSENT, "nothing says of which type `%s` is", name);
}

/* The first alternative that the kernel has. */
static enum vr_err find(struct vr_program *prog, const char *names, struct vr_obj *out,
			struct vr_error *err)
{
	uint64_t addr;
	enum vr_err r;

	*out = (struct vr_obj){.prog = prog};
	for (const char *p = names; *p;) {
		const char *end = strchrnul(p, '|');
		char name[128];

		if ((size_t)(end - p) >= sizeof(name))
			break;
		memcpy(name, p, (size_t)(end - p));
		name[end - p] = '\0';
		r = vr_try_symbol(prog, name, &addr);
		if (r == VR_OK) {
			r = type_of(prog, name, &out->type, err);
			out->addr = r == VR_OK ? addr : 0;
			return r;
		}
		p = *end ? end + 1 : end;
	}
	r = vr_find_symbol(prog, names, &addr, err);
	return r != VR_OK ? r : vr_error_set(err, VR_ABSENT, "no symbol `%s`", names);
}

struct vr_obj vr_kernel_global(struct vr_program *prog, const char *symbol)
{
	struct vr_obj obj = {.prog = prog};
	struct vr_error err;

	if (!vr_failed(prog) && find(prog, symbol, &obj, &err) != VR_OK)
		vr_latch_error(prog, &err);
	return obj;
}

struct vr_obj vr_kernel_element(struct vr_program *prog, const char *symbol, uint64_t i)
{
	struct vr_obj element = vr_kernel_global(prog, symbol);

	element.addr += i * vr_type_size(element.type);
	return element;
}

enum vr_err vr_try_kernel_global(struct vr_program *prog, const char *symbol, struct vr_obj *out)
{
	struct vr_error err;

	return find(prog, symbol, out, &err);
}

struct vr_obj vr_kernel_per_cpu(struct vr_program *prog, const char *symbol, unsigned cpu)
{
	struct vr_obj copy = vr_kernel_global(prog, symbol);

	if (vr_ok(copy))
		copy.addr = vr_per_cpu_addr(prog, copy.addr, cpu);
	return vr_failed(prog) ? (struct vr_obj){.prog = prog} : copy;
}
