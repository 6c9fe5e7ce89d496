// SPDX-License-Identifier: GPL-2.0-or-later
/* Tasks: names, states, scheduling classes, threads, users. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

/* Noted by work.sh: in a namespace of its own it doesn't know its process id. */
void role_pause(void)
{
}

/* ---- names that break what parses or prints them carelessly ---- */

static const char *const odd_names[] = {
	"<script>",	   /* HTML */
	"&amp;\"'",	   /* HTML again */
	"two words",	   /* columns */
	" leading",	   /* and */
	"trailing ",	   /* trimming */
	"x) S 1 (y",	   /* /proc/PID/stat */
	"(((",		   /* the same */
	"new\nline",	   /* lines */
	"tab\there",	   /* columns */
	"back\\slash",	   /* escapes */
	"\033[31mred",	   /* terminals */
	"na\xc3\xafve \xe2\x82\xac", /* UTF-8 */
	"\xff\xfe\x80high",	     /* no UTF-8 */
	"cut in the \xe2\x82\xac\xe2\x82\xac", /* UTF-8 cut at 15 bytes */
	"fifteen-letters", /* the longest there is */
	"kworker/0:9",	   /* an impostor */
	"[kthreadd]",	   /* another one */
	"%s%n%d",	   /* printf */
	"../../etc",	   /* paths */
	"",		   /* nothing */
};

static void one_odd_name(void)
{
	note_role("odd-name", 'S');
}

void role_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd_names); i++)
		spawn(odd_names[i], one_odd_name);
}

/* ---- scheduling ---- */

static void set_policy(int policy, int priority)
{
	struct sched_param parameters = { .sched_priority = priority };

	check(sched_setscheduler(0, policy, &parameters), "sched_setscheduler");
}

static void be_fifo(void)
{
	set_policy(SCHED_FIFO, 10);
	note_role("sched-fifo", 'S');
}

static void be_round_robin(void)
{
	set_policy(SCHED_RR | SCHED_RESET_ON_FORK, 99);
	note_role("sched-rr", 'S');
}

static void be_batch(void)
{
	set_policy(SCHED_BATCH, 0);
	note_role("sched-batch", 'S');
}

static void be_idle(void)
{
	set_policy(SCHED_IDLE, 0);
	note_role("sched-idle", 'S');
}

static void be_deadline(void)
{
	/* struct sched_attr: the kernel's header for it clashes with libc's. */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = {
		.size = sizeof(attributes),
		.policy = SCHED_DEADLINE,
		.runtime = 1000000,
		.deadline = 20000000,
		.period = 100000000,
	};

	check(syscall(SYS_sched_setattr, 0, &attributes, 0), "SCHED_DEADLINE");
	note_role("sched-deadline", 'S');
}

static void be_nice(void)
{
	check(setpriority(PRIO_PROCESS, 0, 10), "nice 10");
	note_role("nice-10", 'S');
}

static void be_greedy(void)
{
	check(setpriority(PRIO_PROCESS, 0, -20), "nice -20");
	note_role("nice-minus-20", 'S');
}

static void be_pinned(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(1, &cpus);
	check(sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity");
	check(syscall(SYS_ioprio_set, 1, 0, 3 << 13), "ioprio_set"); /* class idle */
	note_role("pinned-to-1", 'S');
}

static void write_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (check(fd, path) < 0)
		return;
	check(write(fd, content, strlen(content)), path);
	close(fd);
}

static void be_oom_victim(void)
{
	write_file("/proc/self/oom_score_adj", "500");
	note_role("oom-victim", 'S');
}

static void be_oom_exempt(void)
{
	write_file("/proc/self/oom_score_adj", "-1000");
	note_role("oom-exempt", 'S');
}

void role_sched(void)
{
	spawn("fifo", be_fifo);
	spawn("round-robin", be_round_robin);
	spawn("batch", be_batch);
	spawn("idle", be_idle);
	spawn("deadline", be_deadline);
	spawn("nice", be_nice);
	spawn("greedy", be_greedy);
	spawn("pinned", be_pinned);
	spawn("oom-victim", be_oom_victim);
	spawn("oom-exempt", be_oom_exempt);
}

/* ---- states ---- */

static void be_stopped(void)
{
	note_role("stopped", 'T');
	raise(SIGSTOP);
}

static void be_traced(void)
{
	note_role("traced", 't');
	check(ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
	raise(SIGSTOP);
}

static void be_tracer(void)
{
	note_role("tracer", 'S');
	waitpid(spawn("traced", be_traced), NULL, WUNTRACED);
}

static void be_dead(void)
{
	note_role("zombie", 'Z');
	_exit(3);
}

static void *outlive_the_leader(void *unused)
{
	prctl(PR_SET_NAME, "orphan-thread");
	note_role("orphan-thread", 'S');
	for (;;)
		pause();
	return unused;
}

/* The process goes on in another thread after its first has ended. */
static void be_dead_leader(void)
{
	pthread_t thread;

	note_role("dead-leader", 'Z');
	pthread_create(&thread, NULL, outlive_the_leader, NULL);
	pthread_exit(NULL);
}

/* The parent of a vfork() waits, uninterruptibly, for its child. */
static void be_vfork_parent(void)
{
	note_role("vfork-parent", 'D');
	if (vfork() == 0) {
		prctl(PR_SET_NAME, "vfork-child");
		note_role("vfork-child", 'S');
		for (;;)
			pause();
	}
}

/* Signals: blocked and pending, ignored, caught. */
static void be_signalled(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, exit);
	raise(SIGUSR1);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 7 });
	note_role("signalled", 'S');
}

void role_states(void)
{
	spawn("stopped", be_stopped);
	spawn("tracer", be_tracer);
	spawn("zombie", be_dead);
	spawn("dead-leader", be_dead_leader);
	spawn("vfork-parent", be_vfork_parent);
	spawn("signalled", be_signalled);
}

/* Never sleeps: what the other CPU is found at. */
void role_spinner(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(1, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	note_role("spinner", 'R');
	settled();
	for (volatile unsigned long turns = 0;; turns++)
		;
}

/* A little of everything, for ever: counters that move. */
void role_heartbeat(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int file = open("/srv/data/heartbeat", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	char page[4096];

	check(file, "/srv/data/heartbeat");
	note_role("heartbeat", 'S');
	settled();
	for (unsigned long beat = 0;; beat++) {
		memset(page, 'a' + beat % 26, sizeof(page));
		check(pwrite(file, page, sizeof(page), beat % 64 * sizeof(page)), "heartbeat");
		sendto(udp, page, 64, 0, (struct sockaddr *)&to, sizeof(to));
		usleep(100000);
	}
}

/* ---- threads, each waiting in another way ---- */

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;

static void *wait_futex(void *unused)
{
	note_role("thread-futex", 'S');
	pthread_mutex_lock(&taken);
	return unused;
}

static void *wait_epoll(void *unused)
{
	struct epoll_event event;

	note_role("thread-epoll", 'S');
	epoll_wait(epoll_create1(0), &event, 1, -1);
	return unused;
}

static void *wait_sleep(void *unused)
{
	struct timespec when = { .tv_sec = 100000 };

	note_role("thread-sleep", 'S');
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
	return unused;
}

static void *wait_pipe(void *unused)
{
	int ends[2];
	char byte;

	check(pipe(ends), "pipe");
	note_role("thread-pipe", 'S');
	check(read(ends[0], &byte, 1), "read");
	return unused;
}

static void *wait_poll(void *unused)
{
	struct pollfd fds[] = { { .fd = socket(AF_UNIX, SOCK_DGRAM, 0), .events = POLLIN } };

	note_role("thread-poll", 'S');
	poll(fds, 1, -1);
	return unused;
}

static void *wait_signal(void *unused)
{
	sigset_t set;
	int number;

	sigfillset(&set);
	note_role("thread-sigwait", 'S');
	sigwait(&set, &number);
	return unused;
}

void role_threads(void)
{
	static const struct {
		const char *name;
		void *(*function)(void *);
	} kinds[] = {
		{ "pool/futex", wait_futex }, { "pool/epoll", wait_epoll },
		{ "pool/sleep", wait_sleep }, { "pool/pipe", wait_pipe },
		{ "pool/poll", wait_poll },   { "pool <signal>", wait_signal },
	};
	pthread_t thread;

	pthread_mutex_lock(&taken);
	note_role("thread-leader", 'S');
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		check(-pthread_create(&thread, NULL, kinds[i].function, NULL), "thread");
		pthread_setname_np(thread, kinds[i].name);
	}
	/* Time for the last of them to fall asleep. */
	usleep(100000);
}

/* ---- so many threads that what a report costs each is seen ---- */

#define CROWD_PROCESS 100 /* threads of one process, its leader among them */

static void crowd_process(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	for (int i = 1; i < CROWD_PROCESS; i++)
		if (check(-pthread_create(&thread, &attributes, wait_sleep, NULL), "thread") < 0)
			break;
}

/* As many threads as the environment's CROWD says, in processes of CROWD_PROCESS. */
void role_crowd(void)
{
	const char *count = getenv("CROWD");

	for (int left = count ? atoi(count) : 0; left > 0; left -= CROWD_PROCESS)
		spawn("crowd", crowd_process);
}

/* ---- an ordinary user ---- */

static void keep_one_capability(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = data[0].permitted = data[0].inheritable = 1 << CAP_NET_RAW;
	check(syscall(SYS_capset, &header, data), "capset");
	check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0), "ambient");
}

static void filter_system_calls(void)
{
	struct sock_filter allow_all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { .len = 1, .filter = allow_all };

	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

void role_user(void)
{
	gid_t groups[] = { 24, 27, 1000, 65534 };
	struct rlimit files = { .rlim_cur = 123, .rlim_max = 456 };
	struct rlimit core = { .rlim_cur = 0, .rlim_max = RLIM_INFINITY };

	check(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	check(setrlimit(RLIMIT_CORE, &core), "RLIMIT_CORE");
	note_role("user-1000", 'S');
	check(setgroups(ARRAY_SIZE(groups), groups), "setgroups");
	check(prctl(PR_SET_KEEPCAPS, 1), "keepcaps");
	check(setresgid(1000, 1001, 1002), "setresgid");
	check(setresuid(1000, 1001, 1002), "setresuid");
	keep_one_capability();
	filter_system_calls();
	prctl(PR_SET_TIMERSLACK, 123456);
	umask(027);
}
