// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Landlock without rules: all that it can handle is denied. The structure and the bits are the
 * kernel's uapi (include/uapi/linux/landlock.h), spelled out since older headers lack the newer
 * ones.
 */
#include "collect/sandbox.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif
#define CREATE_RULESET_VERSION 1u

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* since ABI 4, Linux 6.7 */
	uint64_t scoped;             /* since ABI 6, Linux 6.12 */
};

/* What each ABI version can deny. */
static const struct {
	long abi;
	unsigned fs_bits;
	uint64_t net, scoped;
	size_t size;
} versions[] = {
	{6, 16, 3, 3, 24}, /* abstract UNIX sockets and signals to the outside */
	{5, 16, 3, 0, 16}, /* ioctl on devices */
	{4, 15, 3, 0, 16}, /* TCP bind and connect */
	{3, 15, 0, 0, 8},  /* truncate */
	{2, 14, 0, 0, 8},  /* refer */
	{1, 13, 0, 0, 8},
};

int vr_landlock_deny_all(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	long ruleset, result;
	int saved;

	for (size_t i = 0; i < VR_ARRAY_SIZE(versions); i++) {
		struct ruleset_attr attr = {
			.handled_access_fs = (1ull << versions[i].fs_bits) - 1,
			.handled_access_net = versions[i].net,
			.scoped = versions[i].scoped,
		};

		if (abi < versions[i].abi)
			continue;
		ruleset = syscall(SYS_landlock_create_ruleset, &attr, versions[i].size, 0);
		if (ruleset < 0)
			return -1;
		result = syscall(SYS_landlock_restrict_self, (int)ruleset, 0);
		saved = errno;
		close((int)ruleset);
		errno = saved;
		return result < 0 ? -1 : 0;
	}
	return -1;
}
