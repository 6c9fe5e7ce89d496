// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Landlock: all that it can handle is denied, but for reading some files. The structures and the
 * bits are the kernel's uapi (include/uapi/linux/landlock.h), spelled out since older headers lack
 * the newer ones.
 */
#include "collect/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define ACCESS_READ_FILE (1u << 2)
#define ACCESS_READ_DIR (1u << 3)

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* since ABI 4, Linux 6.7 */
	uint64_t scoped;             /* since ABI 6, Linux 6.12 */
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

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

/* Reading path, and what is below it. What isn't there needs no rule. */
static int allow_reading(int ruleset, const char *path)
{
	struct path_beneath_attr attr = {.allowed_access = ACCESS_READ_FILE};
	struct stat st;
	long result = 0;

	attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return 0;
	if (fstat(attr.parent_fd, &st) == 0 && S_ISDIR(st.st_mode))
		attr.allowed_access |= ACCESS_READ_DIR;
	result = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0);
	close(attr.parent_fd);
	return result < 0 ? -1 : 0;
}

static int restrict_self(int ruleset, const struct vr_readable *readable)
{
	for (size_t i = 0; i < readable->count; i++)
		if (allow_reading(ruleset, readable->paths[i]) < 0)
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

int vr_landlock_enter(const struct vr_readable *readable)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	for (size_t i = 0; i < VR_ARRAY_SIZE(versions); i++) {
		struct ruleset_attr attr = {
			.handled_access_fs = (1ull << versions[i].fs_bits) - 1,
			.handled_access_net = versions[i].net,
			.scoped = versions[i].scoped,
		};
		long ruleset;
		int result, saved;

		if (abi < versions[i].abi)
			continue;
		ruleset = syscall(SYS_landlock_create_ruleset, &attr, versions[i].size, 0);
		if (ruleset < 0)
			return -1;
		result = restrict_self((int)ruleset, readable);
		saved = errno;
		close((int)ruleset);
		errno = saved;
		return result;
	}
	return -1;
}
