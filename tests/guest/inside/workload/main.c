// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * workload ROLE [NAME]: starts one role as a daemon and returns when it is set
 * up. NAME is the command name of the daemon, if not that of the role.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define ROLES_FILE "/run/truth/roles.tsv"
#define SETUP_SECONDS 30

static const struct {
	const char *name;
	void (*function)(void);
} roles[] = {
	{ "apart", role_apart },
	{ "autofs", role_autofs },
	{ "crowd", role_crowd },
	{ "fexit", role_fexit },
	{ "files", role_files },
	{ "frozen-writer", role_frozen_writer },
	{ "fuse", role_fuse },
	{ "fuseblk", role_fuseblk },
	{ "heartbeat", role_heartbeat },
	{ "ipc", role_ipc },
	{ "locks", role_locks },
	{ "memory", role_memory },
	{ "names", role_names },
	{ "packet", role_packet },
	{ "pause", role_pause },
	{ "sched", role_sched },
	{ "spinner", role_spinner },
	{ "states", role_states },
	{ "suspended-read", role_suspended_reader },
	{ "tcp", role_tcp },
	{ "threads", role_threads },
	{ "timers", role_timers },
	{ "udp", role_udp },
	{ "unix", role_unix },
	{ "uring", role_uring },
	{ "user", role_user },
};

/* The pipe on which the starter waits. */
static int starter = -1;

void note_role_of(pid_t tgid, pid_t tid, const char *name, char state)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "%s\t%d\t%d\t%c\n", name, tgid, tid, state);
	int fd = open(ROLES_FILE, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, line, length) != length)
		perror(ROLES_FILE);
	close(fd);
}

void note_role(const char *name, char state)
{
	note_role_of(getpid(), syscall(SYS_gettid), name, state);
}

long check(long result, const char *what)
{
	if (result < 0)
		fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
	return result;
}

pid_t spawn(const char *name, void (*function)(void))
{
	pid_t pid = fork();

	if (check(pid, "fork") != 0)
		return pid;
	close(starter);
	starter = -1;
	prctl(PR_SET_NAME, name);
	function();
	for (;;)
		pause();
}

void settled(void)
{
	if (starter >= 0 && write(starter, "", 1) != 1)
		perror("workload: settled");
	close(starter);
	starter = -1;
}

void settle(void)
{
	settled();
	for (;;)
		pause();
}

/* The daemon's side of the fork. */
static void run_daemon(void (*function)(void), const char *name)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
	prctl(PR_SET_NAME, name);
	function();
	settle();
}

int main(int count, char **arguments)
{
	int ends[2];
	char byte;

	for (size_t i = 0; count >= 2 && i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i].name, arguments[1]))
			continue;
		if (pipe2(ends, O_CLOEXEC))
			return 1;
		if (fork() == 0) {
			starter = ends[1];
			close(ends[0]);
			run_daemon(roles[i].function, arguments[count - 1]);
		}
		close(ends[1]);
		alarm(SETUP_SECONDS); /* kills us: the daemon's children hold the pipe, too */
		if (read(ends[0], &byte, 1) == 1)
			return 0;
		fprintf(stderr, "workload: %s died\n", arguments[1]);
		return 1;
	}
	fprintf(stderr, "usage: workload ROLE [NAME]\n");
	return 2;
}
