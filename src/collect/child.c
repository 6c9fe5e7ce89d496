// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a child that leaked ends with in a sanitizer build. */
#define LEAK_STATUS 23

bool vr_slots_map(struct vr_slots *slots, size_t count)
{
	void *base = mmap(NULL, count * VR_SLOT_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return false;
	*slots = (struct vr_slots){.base = base, .count = count};
	return true;
}

void vr_slots_unmap(struct vr_slots *slots)
{
	if (slots->base)
		munmap(slots->base, slots->count * VR_SLOT_SIZE);
	*slots = (struct vr_slots){0};
}

void vr_slots_drop_others(const struct vr_slots *slots, size_t keep)
{
	if (keep > 0)
		munmap(slots->base, keep * VR_SLOT_SIZE);
	if (keep + 1 < slots->count)
		munmap(slots->base + (keep + 1) * VR_SLOT_SIZE,
		       (slots->count - keep - 1) * VR_SLOT_SIZE);
}

void vr_slot_action(struct vr_slot *slot, const char *text)
{
	size_t len = strnlen(text, VR_ACTION_SIZE - 1);

	memcpy(slot->action, text, len);
	slot->action[len] = '\0';
}

void vr_slot_read(const struct vr_slot *slot, struct vr_slot *copy)
{
	memcpy(copy, slot, sizeof(*copy));
	copy->action[VR_ACTION_SIZE - 1] = '\0';
	for (char *p = copy->action; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
			*p = '?';
}

/* Move *fd to the number to, which must be free or no longer wanted. */
static bool move_fd(int *fd, int to)
{
	if (*fd != to && dup2(*fd, to) < 0)
		return false;
	*fd = to;
	return true;
}

static void reset_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGPIPE};
	struct sigaction sa = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < SIGRTMIN; sig++) {
		/* A sanitizer's own handlers stay. */
		if (VR_SANITIZED && (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE))
			continue;
		sigaction(sig, &sa, NULL);
	}
	sa.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool vr_child_begin(int *fds, size_t count, bool keep_stderr)
{
	int null;

	reset_signals();
	/* Out of the way first, so that no descriptor is overwritten before it has moved. */
	for (size_t i = 0; i < count; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD, 3 + (int)count);
		if (fds[i] < 0)
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!move_fd(&fds[i], 3 + (int)i))
			return false;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return false;
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || (!keep_stderr && dup2(null, 2) < 0))
		return false;
	closefrom(3 + (int)count);
	return true;
}

bool vr_child_die_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

#if VR_SANITIZED
/* The leak sanitizer's own entry (lsan_interface.h); none of it where it isn't linked. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
#endif

_Noreturn void vr_child_exit(int status)
{
#if VR_SANITIZED
	if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
		_exit(LEAK_STATUS);
#endif
	_exit(status);
}

uint64_t vr_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int vr_child_reap(pid_t pid, unsigned ms)
{
	uint64_t until = vr_now_ns() + (uint64_t)ms * 1000000;
	struct timespec nap = {.tv_nsec = 1000000};
	int status = 0;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			return status;
		if (vr_now_ns() >= until)
			break;
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 16000000)
			nap.tv_nsec *= 2;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

char *vr_wait_text(int wait_status, char *buf, size_t size)
{
	if (WIFSIGNALED(wait_status)) {
		const char *name = sigabbrev_np(WTERMSIG(wait_status));

		if (name)
			snprintf(buf, size, "was killed by SIG%s", name);
		else
			snprintf(buf, size, "was killed by signal %d", WTERMSIG(wait_status));
	} else {
		snprintf(buf, size, "exited with status %d", WEXITSTATUS(wait_status));
	}
	return buf;
}
