// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/sos_names.h"
#include "base/bits.h"
#include "plugin/emitter_paths.h"
#include "plugin/pathset.h"

static bool left(const struct vr_emitter_paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!strcmp(paths->list[i].path, path))
			return true;
	return false;
}

static void test_seen(void **state)
{
	static const char *const all[] = {"proc/{pid}/stat",
					  "proc/{pid}/task/{tid}/stat",
					  "proc/uptime",
					  "proc/sys/",
					  "{net}/dev",
					  "{net}/stat/arp_cache",
					  "sys/block/{disk}/queue/{file}"};
	struct vr_emitter_paths paths = {0};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(all); i++)
		assert_true(vr_emitter_paths_add(&paths, all[i]));
	vr_emitter_paths_seen(&paths, "proc/uptimes");
	vr_emitter_paths_seen(&paths, "proc/1/2/stat");
	vr_emitter_paths_seen(&paths, "proc/sys");
	vr_emitter_paths_seen(&paths, "proc/net/stat/dev");
	vr_emitter_paths_seen(&paths, "[");
	assert_int_equal(paths.count, VR_ARRAY_SIZE(all) - 1); /* the folder itself */
	vr_emitter_paths_seen(&paths, "proc/1/task/2/stat");
	assert_false(left(&paths, "proc/{pid}/task/{tid}/stat"));
	assert_true(left(&paths, "proc/{pid}/stat"));
	vr_emitter_paths_seen(&paths, "proc/77/stat");
	assert_false(left(&paths, "proc/{pid}/stat"));
	vr_emitter_paths_seen(&paths, "proc/net/dev");
	assert_false(left(&paths, "{net}/dev"));
	vr_emitter_paths_seen(&paths, "sos_commands/networking/namespaces/blue/stat/arp_cache");
	assert_false(left(&paths, "{net}/stat/arp_cache"));
	vr_emitter_paths_seen(&paths, "sys/block/vda/queue/scheduler");
	assert_int_equal(paths.count, 1);
	assert_string_equal(paths.list[0].path, "proc/uptime");
	assert_string_equal(paths.list[0].plugin, "vmcore_procfs");
	vr_emitter_paths_free(&paths);
}

static void test_has(void **state)
{
	struct vr_pathset set = {0};

	(void)state;
	assert_false(vr_pathset_has(&set, "a"));
	assert_int_equal(vr_pathset_claim(&set, "a/b/c", 1, NULL), VR_CLAIM_OK);
	assert_true(vr_pathset_has(&set, "a/b/c"));
	assert_false(vr_pathset_has(&set, "a/b"));
	assert_false(vr_pathset_has(&set, "a/b/c/d"));
	assert_false(vr_pathset_has(&set, "a/x"));
	vr_pathset_free(&set);
}

static void check_command(const char *path, const char *want)
{
	char buf[VR_SOS_COMMAND_SIZE];

	assert_string_equal(vr_sos_command(path, buf), want);
}

static void test_sos_commands(void **state)
{
	(void)state;
	check_command("sos_commands/kernel/uname_-a", "uname -a");
	check_command("sos_commands/networking/namespaces/blue/ip_route", "ip route");
	check_command("sos_commands/process/lsof_M_-n_-l_-c", "lsof +M -n -l -c ''");
	check_command("sos_commands/block/ls_-alZR_.sys.block", "ls -alZR /sys/block");
	check_command("sos_commands/", "");
}

static void check_tags(const char *path, const char *want)
{
	const char *tags[VR_SOS_TAGS_MAX];
	size_t count = vr_sos_tags(path, tags);
	char text[256] = "";

	for (size_t i = 0; i < count; i++) {
		strcat(text, tags[i]);
		strcat(text, " ");
	}
	assert_string_equal(text, want);
}

static void test_sos_tags(void **state)
{
	(void)state;
	check_tags("proc/interrupts", "interrupts ");
	check_tags("proc/interrupts2", "");
	check_tags("proc/1/interrupts", "");
	check_tags("sys/devices/system/cpu/cpu3/online", "cpu_cores ");
	check_tags("sys/devices/system/cpu/cpu3/x/online", "");
	check_tags("sys/devices/system/cpu/vulnerabilities/meltdown",
		   "cpu_vulns cpu_vulns_meltdown ");
	check_tags("sos_commands/networking/ethtool_eth0", "ethtool ");
	check_tags("sos_commands/networking/ethtool_-i_eth0", "ethool_i ");
	check_tags("sos_commands/networking/ethtool_--show-eee_eth0", "");
	check_tags("var/crash/202402201234/vmcore-dmesg.txt", "vmcore_dmesg ");
	check_tags("", "");
	check_tags("*", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_sos_commands),
		cmocka_unit_test(test_sos_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
