// SPDX-License-Identifier: GPL-2.0-or-later
/* As of sos 4.12 (sos/report/plugins/). */
#include "archive/sos_names.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"

#define COMMANDS "sos_commands/"
#define CPU "sys/devices/system/cpu/"

const struct vr_sos_link vr_sos_links[] = {
	{"date", COMMANDS "date/date"}, /* sos: timedatectl, which is all of user space */
	{"df", COMMANDS "filesys/df_-al_-x_autofs"},
	{"dmidecode", COMMANDS "hardware/dmidecode"},
	{"free", COMMANDS "memory/free"},
	{"hostname", COMMANDS "host/hostname"},
	{"ip_addr", COMMANDS "networking/ip_-o_addr"},
	{"ip_route", COMMANDS "networking/ip_route_show_table_all"},
	{"lsmod", COMMANDS "kernel/lsmod"},
	{"lsof", COMMANDS "process/lsof_M_-n_-l_-c"},
	{"lspci", COMMANDS "pci/lspci_-nnvv"},
	{"mount", COMMANDS "filesys/mount_-l"},
	{"netstat", COMMANDS "networking/netstat_-W_-neopa"},
	{"ps", COMMANDS "process/ps_auxwwwm"},
	{"pstree", COMMANDS "process/pstree_-lp"},
	{"uname", COMMANDS "kernel/uname_-a"},
	{"uptime", COMMANDS "host/uptime"},
	{NULL, NULL},
};

/* Command lines with characters that a file's name has lost. */
static const struct {
	const char *path; /* below sos_commands/ */
	const char *command;
} spelled[] = {
	{"block/blkid_-c_.dev.null", "blkid -c /dev/null"},
	{"block/ls_-alZR_.dev", "ls -alZR /dev"},
	{"block/ls_-alZR_.sys.block", "ls -alZR /sys/block"},
	{"block/ls_-lanR_.sys.block", "ls -lanR /sys/block"},
	{"kernel/ls_-alZ_.sys.kernel.slab", "ls -alZ /sys/kernel/slab"},
	{"md/mdadm_-D_.dev.md", "mdadm -D /dev/md*"},
	{"memory/lsmem_-a_-o_RANGE_SIZE_STATE_REMOVABLE_ZONES_NODE_BLOCK",
	 "lsmem -a -o RANGE,SIZE,STATE,REMOVABLE,ZONES,NODE,BLOCK"},
	{"process/lsof_M_-n_-l_-c", "lsof +M -n -l -c ''"},
	{"process/"
	 "ps_axo_flags_state_uid_pid_ppid_pgid_sid_cls_pri_addr_sz_wchan_20_lstart_tty_time_"
	 "cmd",
	 "ps axo flags,state,uid,pid,ppid,pgid,sid,cls,pri,addr,sz,wchan:20,lstart,tty,time,cmd"},
	{"process/ps_axo_flags_state_uid_pid_ppid_pgid_sid_cls_pri_psr_addr_sz_wchan_20_lstart_tty_"
	 "time_cmd",
	 "ps axo flags,state,uid,pid,ppid,pgid,sid,cls,pri,psr,addr,sz,wchan:20,lstart,tty,time,"
	 "cmd"},
	{"process/ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup",
	 "ps axo pid,ppid,user,group,lwp,nlwp,start_time,comm,cgroup"},
};

/* Paths, with wildcards as of fnmatch() (FNM_PATHNAME), and their tags. All that match count. */
static const struct {
	const char *path;
	const char *tags[6];
} tagged[] = {
	{COMMANDS "block/blkid_-c_.dev.null", {"blkid"}},
	{COMMANDS "block/ls_-alZR_.dev", {"ls_dev"}},
	{COMMANDS "block/lsblk", {"lsblk"}},
	{COMMANDS "block/lsblk_-O_-P", {"lsblk_pairs"}},
	{COMMANDS "devicemapper/dmsetup_info_-c", {"dmsetup_info"}},
	{COMMANDS "devicemapper/dmsetup_status", {"dmsetup_status"}},
	{COMMANDS "filesys/df_-al_-x_autofs", {"df__al"}},
	{COMMANDS "filesys/dumpe2fs_-h_*", {"dumpe2fs_h"}},
	{COMMANDS "filesys/mount_-l", {"mount"}},
	{COMMANDS "hardware/dmidecode", {"dmidecode"}},
	{COMMANDS "host/hostname", {"hostname_default", "hostname_short"}},
	{COMMANDS "host/hostname_-f", {"hostname"}},
	{COMMANDS "host/uptime", {"uptime"}},
	{COMMANDS "kernel/dmesg", {"dmesg"}},
	{COMMANDS "kernel/dmesg_-T", {"dmesg_T"}},
	{COMMANDS "kernel/lsmod", {"lsmod"}},
	{COMMANDS "kernel/modinfo_ALL_MODULES", {"modinfo_all"}},
	{COMMANDS "kernel/sysctl_-a", {"sysctl"}},
	{COMMANDS "kernel/uname_-a", {"uname"}},
	{COMMANDS "logs/journalctl_--no-pager", {"journal_full", "journal_all"}},
	{COMMANDS "multipath/multipath_-v4_-ll", {"multipath__v4__ll"}},
	/* "ethool_": sos's own spelling. */
	{COMMANDS "networking/ethtool_-S_*", {"ethool_S"}},
	{COMMANDS "networking/ethtool_-T_*", {"ethool_T"}},
	{COMMANDS "networking/ethtool_-a_*", {"ethool_a"}},
	{COMMANDS "networking/ethtool_-c_*", {"ethool_c"}},
	{COMMANDS "networking/ethtool_-g_*", {"ethool_g"}},
	{COMMANDS "networking/ethtool_-i_*", {"ethool_i"}},
	{COMMANDS "networking/ethtool_-k_*", {"ethool_k"}},
	{COMMANDS "networking/ethtool_[!-]*", {"ethtool"}},
	{COMMANDS "networking/ip_-d_address", {"ip_addr"}},
	{COMMANDS "networking/ip_-o_addr", {"ip_addr"}},
	{COMMANDS "networking/ip_-s_-d_link", {"ip_s_link"}},
	{COMMANDS "networking/ip_-s_-s_neigh_show", {"ip_neigh_show"}},
	{COMMANDS "networking/ip_route_show_table_all", {"ip_route", "iproute_show_table_all"}},
	{COMMANDS "networking/netstat_-W_-agn", {"netstat_agn"}},
	{COMMANDS "networking/netstat_-W_-neopa", {"netstat"}},
	{COMMANDS "networking/netstat_-s", {"netstat_s"}},
	{COMMANDS "pci/lspci_-nnvv", {"lspci"}},
	{COMMANDS "process/lsof_M_-n_-l_-c", {"lsof"}},
	{COMMANDS "process/ps_-elfL", {"ps_elfL"}},
	{COMMANDS "process/ps_alxwww", {"ps_alxwww"}},
	{COMMANDS "process/ps_auxfwww", {"ps_auxfwww"}},
	{COMMANDS "process/ps_auxwwwm",
	 {"ps_aux", "ps_auxcww", "ps_auxww", "ps_auxwww", "ps_auxwwwm"}},
	{COMMANDS "processor/lscpu", {"lscpu"}},
	{COMMANDS "processor/lscpu_-ae", {"lscpu_ae"}},
	{COMMANDS "scsi/lsscsi", {"lsscsi"}},
	{COMMANDS "xfs/xfs_info_*", {"xfs_info"}},
	{"proc/interrupts", {"interrupts"}},
	{"proc/mdstat", {"mdstat"}},
	{"proc/net/bonding/bond*", {"bond"}},
	{"sys/block/*/queue/scheduler", {"scheduler"}},
	{CPU "cpu*/online", {"cpu_cores"}},
	{CPU "smt/active", {"cpu_smt_active"}},
	{CPU "smt/control", {"cpu_smt_control"}},
	{CPU "vulnerabilities/*", {"cpu_vulns"}},
	{CPU "vulnerabilities/meltdown", {"cpu_vulns_meltdown"}},
	{CPU "vulnerabilities/spectre_v2", {"cpu_vulns_spectre_v2"}},
	{"sys/kernel/kexec_crash_loaded", {"kexec_crash_loaded"}},
	{"var/crash/*/vmcore-dmesg.txt", {"vmcore_dmesg"}},
};

const char *vr_sos_command(const char *path, char *buf)
{
	const char *name = path, *slash;

	if (!strncmp(path, COMMANDS, sizeof(COMMANDS) - 1)) {
		name += sizeof(COMMANDS) - 1;
		for (size_t i = 0; i < VR_ARRAY_SIZE(spelled); i++)
			if (!strcmp(name, spelled[i].path))
				return spelled[i].command;
	}
	slash = strrchr(name, '/');
	snprintf(buf, VR_SOS_COMMAND_SIZE, "%s", slash ? slash + 1 : name);
	for (char *p = buf; *p; p++)
		if (*p == '_')
			*p = ' ';
	return buf;
}

/* How much of both is the same before the first wildcard; most differ early. */
static bool begins_alike(const char *pattern, const char *path)
{
	while (*pattern && *pattern == *path) {
		pattern++;
		path++;
	}
	return *pattern == '*' || *pattern == '[' || *pattern == *path;
}

size_t vr_sos_tags(const char *path, const char *tags[VR_SOS_TAGS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < VR_ARRAY_SIZE(tagged); i++) {
		if (!begins_alike(tagged[i].path, path) ||
		    fnmatch(tagged[i].path, path, FNM_PATHNAME) != 0)
			continue;
		for (const char *const *tag = tagged[i].tags; *tag && count < VR_SOS_TAGS_MAX;
		     tag++)
			tags[count++] = *tag;
	}
	return count;
}
