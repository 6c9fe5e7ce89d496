// SPDX-License-Identifier: GPL-2.0-or-later
/* A process with timers of all kinds. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

/* The C library's timer_create() makes threads, and knows no SIGEV_THREAD_ID. */
static int make_timer(clockid_t clock, struct sigevent *event, time_t seconds)
{
	struct itimerspec when = { .it_value.tv_sec = seconds, .it_interval.tv_sec = seconds / 2 };
	int timer = -1;

	if (check(syscall(SYS_timer_create, clock, event, &timer), "timer_create") < 0)
		return -1;
	if (seconds)
		check(syscall(SYS_timer_settime, timer, 0, &when, NULL), "timer_settime");
	return timer;
}

void role_timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int removed;

	event.sigev_value.sival_ptr = (void *)(uintptr_t)0x123456789abcdef0;
	make_timer(CLOCK_REALTIME, &event, 50000);
	make_timer(CLOCK_MONOTONIC, &event, 0);
	removed = make_timer(CLOCK_MONOTONIC, &event, 60000);
	event.sigev_value.sival_int = 42;
	event.sigev_notify = SIGEV_NONE;
	make_timer(CLOCK_BOOTTIME, &event, 70000);
	event.sigev_notify = SIGEV_THREAD;
	make_timer(CLOCK_PROCESS_CPUTIME_ID, &event, 80000);
	event.sigev_notify = SIGEV_SIGNAL | SIGEV_THREAD_ID;
	event.sigev_signo = SIGRTMAX;
	event._sigev_un._tid = getpid();
	make_timer(CLOCK_MONOTONIC, &event, 90000);
	make_timer(CLOCK_MONOTONIC, NULL, 0);
	check(syscall(SYS_timer_delete, removed), "timer_delete");
	note_role("timers", 'S');
}
