// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File systems whose other end is a process: autofs has a pipe to its daemon, FUSE a device. Both
 * answer nobody more than is needed to be mounted: who looks for files in there finds none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/auto_fs.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

/* ---- autofs ---- */

static const struct {
	const char *place, *options;
} autofs_mounts[] = {
	{ "/srv/auto", "fd=%d,pgrp=%d,minproto=4,maxproto=5,indirect,uid=3,gid=4" },
	{ "/srv/auto-direct", "fd=%d,pgrp=%d,minproto=5,maxproto=5,direct,strictexpire" },
	{ "/srv/auto-offset", "fd=%d,pgrp=%d,minproto=5,maxproto=5,offset,ignore" },
};

/* Whoever looks at such a place waits for the daemon, which tells the kernel that there is nothing. */
static void refuse(struct pollfd *pipes, const int *roots, size_t count)
{
	union autofs_v5_packet_union packet;

	for (;;) {
		if (poll(pipes, count, -1) < 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (!(pipes[i].revents & POLLIN))
				continue;
			if (read(pipes[i].fd, &packet, sizeof(packet)) > 0)
				ioctl(roots[i], AUTOFS_IOC_FAIL, packet.v5_packet.wait_queue_token);
		}
	}
}

void role_autofs(void)
{
	struct pollfd pipes[ARRAY_SIZE(autofs_mounts)];
	int roots[ARRAY_SIZE(autofs_mounts)];
	size_t count = 0;

	note_role("autofs", 'S');
	for (size_t i = 0; i < ARRAY_SIZE(autofs_mounts); i++) {
		const char *place = autofs_mounts[i].place;
		char options[128];
		int ends[2];

		mkdir(place, 0755);
		check(pipe(ends), "pipe");
		snprintf(options, sizeof(options), autofs_mounts[i].options, ends[1], getpgrp());
		if (check(mount("/etc/auto.master", place, "autofs", 0, options), place) < 0)
			continue;
		close(ends[1]);
		pipes[count] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
		roots[count++] = open(place, O_RDONLY | O_DIRECTORY);
	}
	settled();
	refuse(pipes, roots, count);
}

/* ---- FUSE ---- */

static void answer(int fd, const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	char buffer[256];
	struct fuse_out_header out = { .len = sizeof(out) + len, .error = error, .unique = in->unique };

	memcpy(buffer, &out, sizeof(out));
	if (len)
		memcpy(buffer + sizeof(out), data, len);
	if (write(fd, buffer, out.len) < 0 && errno != ENOENT)
		perror("workload: fuse");
}

/* Answers the kernel until the file system is gone. */
static void serve(int fd)
{
	static char buffer[1 << 18];
	struct fuse_in_header *in = (void *)buffer;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 65536,
		.max_background = 12, .congestion_threshold = 9, .max_readahead = 131072,
	};
	struct fuse_attr_out attr = { .attr = { .ino = FUSE_ROOT_ID, .mode = S_IFDIR | 0755, .nlink = 2 } };
	struct fuse_statfs_out statfs = { .st = { .bsize = 4096, .namelen = 255 } };

	for (;;) {
		if (read(fd, buffer, sizeof(buffer)) < (ssize_t)sizeof(*in)) {
			if (errno == ENODEV)
				return;
			continue;
		}
		switch (in->opcode) {
		case FUSE_INIT:
			answer(fd, in, 0, &init, sizeof(init));
			break;
		case FUSE_GETATTR:
			answer(fd, in, 0, &attr, sizeof(attr));
			break;
		case FUSE_STATFS:
			answer(fd, in, 0, &statfs, sizeof(statfs));
			break;
		case FUSE_FORGET:
		case FUSE_BATCH_FORGET:
			break;
		default:
			answer(fd, in, -ENOSYS, NULL, 0);
		}
	}
}

static void serve_mount(const char *source, const char *place, const char *kind, const char *more)
{
	int fd = check(open("/dev/fuse", O_RDWR), "/dev/fuse");
	char options[256];

	if (fd < 0)
		return;
	mkdir(place, 0755);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,%s", fd, more);
	if (check(mount(source, place, kind, MS_NOSUID | MS_NODEV, options), place) < 0)
		return;
	settled();
	serve(fd);
}

void role_fuse(void)
{
	note_role("fuse", 'S');
	serve_mount("sshfs#a b:/", "/srv/fuse", "fuse.sshfs",
		    "user_id=1000,group_id=1001,allow_other,max_read=8192");
}

void role_fuseblk(void)
{
	note_role("fuseblk", 'S');
	serve_mount("/dev/nullb0", "/srv/fuseblk", "fuseblk",
		    "user_id=0,group_id=0,default_permissions,blksize=4096");
}
