// SPDX-License-Identifier: GPL-2.0-or-later
/* Files, locks, memory, IPC, and tasks that are stuck in a file system. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define MIB (1UL << 20)

/* ---- open files ---- */

static const char *const odd_files[] = {
	"two words",	      "new\nline",	  "na\xc3\xafve", "\xff\xfehigh",
	"back\\slash\\040",   "<b>&amp;<b>",	 "(deleted)",	  "tab\there",
	"ends in (deleted)",
};

static void open_odd_files(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd_files); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/srv/data/%s", odd_files[i]);
		check(open(path, O_RDWR | O_CREAT, 0644), path);
	}
}

static void open_plain_files(void)
{
	int fd = check(open("/srv/data/log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640), "log");

	check(write(fd, "twelve bytes", 12), "log");
	fd = check(open("/srv/data/gone", O_RDWR | O_CREAT, 0600), "gone");
	check(ftruncate(fd, MIB), "gone");
	lseek(fd, 4711, SEEK_SET);
	unlink("/srv/data/gone");
	check(open("/srv/data", O_RDONLY | O_DIRECTORY), "folder");
	check(open("/srv/data", O_PATH), "O_PATH");
	check(open("/srv/data", O_RDWR | O_TMPFILE, 0600), "O_TMPFILE");
	check(open("/srv/xfs/file", O_RDWR | O_CREAT | O_DIRECT, 0644), "O_DIRECT");
	check(open("/srv/both/lower-file", O_RDONLY | O_NOATIME), "overlay");
	check(open("/dev/null", O_RDWR), "null");
	check(open("/dev/vdc", O_RDONLY | O_NONBLOCK), "block device");
	check(open("/proc/self/status", O_RDONLY), "proc");
	check(open("/sys/kernel/mm", O_RDONLY | O_DIRECTORY), "sysfs");
	mkfifo("/run/fifo", 0600);
	check(open("/run/fifo", O_RDWR | O_NONBLOCK), "fifo");
}

static void open_anonymous_files(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = 0x1234 };
	struct itimerspec when = { .it_value.tv_sec = 4000, .it_interval.tv_sec = 60 };
	int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll");
	int watcher = check(inotify_init1(IN_NONBLOCK), "inotify");
	int timer = check(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), "timerfd");
	int memory = check(memfd_create("a memfd", MFD_ALLOW_SEALING), "memfd");
	int ends[2];
	sigset_t set;

	check(inotify_add_watch(watcher, "/srv/data", IN_CREATE | IN_DELETE), "inotify");
	check(timerfd_settime(timer, 0, &when, NULL), "timerfd");
	check(ftruncate(memory, 3 * 4096), "memfd");
	check(fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK), "seal");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	check(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
	check(pipe2(ends, O_NONBLOCK), "pipe");
	check(write(ends[1], "unread", 6), "pipe");
	fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event), "epoll");
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, eventfd(3, EFD_SEMAPHORE), &event), "eventfd");
	check(syscall(SYS_pidfd_open, 1, 0), "pidfd");
	check(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK), "userfaultfd");
}

/* So many files that the table had to grow, with gaps. */
static void fill_file_table(void)
{
	int fd = open("/dev/zero", O_RDONLY);

	for (int number = 64; number < 400; number += number % 7 + 1)
		check(dup2(fd, number), "dup2");
	check(fcntl(fd, F_DUPFD_CLOEXEC, 1000), "high fd");
}

void role_files(void)
{
	check(chdir("/srv/data"), "chdir");
	open_plain_files();
	open_odd_files();
	open_anonymous_files();
	fill_file_table();
	note_role("files", 'S');
}

/* ---- locks ---- */

#define LOCK_FILE "/srv/data/locked"

static void wait_for_posix_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 0, .l_len = 10 };
	int fd = open(LOCK_FILE, O_RDWR);

	note_role("waits-posix-lock", 'S');
	check(fcntl(fd, F_SETLKW, &lock), "F_SETLKW");
}

static void wait_for_flock(void)
{
	int fd = open("/srv/data/flocked", O_RDWR | O_CREAT, 0644);

	note_role("waits-flock", 'S');
	check(flock(fd, LOCK_SH), "LOCK_SH");
}

void role_locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 0, .l_len = 100 };
	struct flock shared = { .l_type = F_RDLCK, .l_start = 1000, .l_len = 0 };
	int fd = check(open(LOCK_FILE, O_RDWR | O_CREAT, 0644), LOCK_FILE);
	int other = check(open(LOCK_FILE, O_RDWR), LOCK_FILE);
	int whole = check(open("/srv/data/flocked", O_RDWR | O_CREAT, 0644), "flocked");
	int leased = check(open("/srv/data/leased", O_RDONLY | O_CREAT, 0644), "leased");

	check(fcntl(fd, F_SETLK, &lock), "F_SETLK");
	check(fcntl(fd, F_SETLK, &shared), "F_SETLK");
	lock.l_start = 500;
	check(fcntl(other, F_OFD_SETLK, &lock), "F_OFD_SETLK");
	check(flock(whole, LOCK_EX), "LOCK_EX");
	check(fcntl(leased, F_SETLEASE, F_RDLCK), "F_SETLEASE");
	note_role("locks", 'S');
	spawn("posix-waiter", wait_for_posix_lock);
	spawn("flock-waiter", wait_for_flock);
}

/* ---- memory ---- */

void role_memory(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	int rw = PROT_READ | PROT_WRITE;
	int file = check(open("/srv/data/mapped", O_RDWR | O_CREAT, 0644), "mapped");
	char *area;

	/* touched, locked, untouched, unreadable */
	area = mmap(NULL, 8 * MIB, rw, flags | MAP_POPULATE, -1, 0);
	memset(area, 1, 8 * MIB);
	area = mmap(NULL, MIB, rw, flags, -1, 0);
	check(mlock(area, MIB), "mlock");
	mmap(NULL, 64 * MIB, rw, flags | MAP_NORESERVE, -1, 0);
	mmap(NULL, MIB, PROT_NONE, flags, -1, 0);
	mmap(NULL, MIB, rw, flags | MAP_GROWSDOWN | MAP_STACK, -1, 0);
	/* a file, shared and dirty; private and written to */
	check(ftruncate(file, 2 * MIB), "mapped");
	area = mmap(NULL, 2 * MIB, rw, MAP_SHARED, file, 0);
	memset(area, 2, MIB);
	area = mmap(NULL, MIB, rw, MAP_PRIVATE, file, 4096);
	area[0] = 3;
	/* shared without a file; out on swap; huge; a program's */
	area = mmap(NULL, MIB, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(area, 4, MIB);
	area = mmap(NULL, 2 * MIB, rw, flags, -1, 0);
	memset(area, 5, 2 * MIB);
	check(madvise(area, 2 * MIB, MADV_PAGEOUT), "MADV_PAGEOUT");
	area = mmap(NULL, 2 * MIB, rw, flags | MAP_HUGETLB, -1, 0);
	if (check(area == MAP_FAILED ? -1 : 0, "MAP_HUGETLB") == 0)
		area[0] = 6;
	area = mmap(NULL, 4 * MIB, rw, flags, -1, 0);
	madvise(area, 4 * MIB, MADV_HUGEPAGE);
	memset(area, 7, 4 * MIB);
	madvise(area, MIB, MADV_DONTDUMP);
	area = mmap(NULL, 4096, PROT_READ | PROT_EXEC, flags, -1, 0);
	note_role("memory", 'S');
}

/* ---- IPC ---- */

static void wait_for_semaphore(void)
{
	struct sembuf down = { .sem_num = 1, .sem_op = -1 };

	note_role("waits-semaphore", 'S');
	check(semop(semget(0x5e4a, 0, 0), &down, 1), "semop");
}

static void wait_for_message(void)
{
	struct {
		long type;
		char text[16];
	} message;

	note_role("waits-message", 'S');
	check(msgrcv(msgget(0x3e55, 0), &message, sizeof(message.text), 99, 0), "msgrcv");
}

void role_ipc(void)
{
	struct {
		long type;
		char text[16];
	} message = { 5, "fifteen letters" };
	struct mq_attr attributes = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	struct itimerval alarm_after = { .it_value.tv_sec = 5000 };
	struct sigevent silent = { .sigev_notify = SIGEV_NONE };
	struct itimerspec every = { .it_value.tv_sec = 6000, .it_interval.tv_sec = 6000 };
	unsigned short values[3] = { 4, 0, 7 };
	int shared = check(shmget(0x5aa5, 3 * 4096 + 1, IPC_CREAT | 0640), "shmget");
	int semaphores = check(semget(0x5e4a, 3, IPC_CREAT | 0660), "semget");
	int queue = check(msgget(0x3e55, IPC_CREAT | 0600), "msgget");
	int doomed = check(shmget(IPC_PRIVATE, 8192, 0600), "shmget");
	mqd_t posix;
	timer_t timer;
	char *area;

	area = shmat(shared, NULL, 0);
	memset(area, 1, 4096);
	shmat(doomed, NULL, SHM_RDONLY);
	check(shmctl(doomed, IPC_RMID, NULL), "IPC_RMID");
	check(semctl(semaphores, 0, SETALL, values), "SETALL");
	for (int i = 0; i < 3; i++)
		check(msgsnd(queue, &message, sizeof(message.text), 0), "msgsnd");
	posix = check(mq_open("/orders", O_CREAT | O_RDWR, 0600, &attributes), "mq_open");
	check(mq_send(posix, "hello", 5, 3), "mq_send");
	check(setitimer(ITIMER_REAL, &alarm_after, NULL), "setitimer");
	check(timer_create(CLOCK_MONOTONIC, &silent, &timer), "timer_create");
	check(timer_settime(timer, 0, &every, NULL), "timer_settime");
	note_role("ipc", 'S');
	spawn("sem-waiter", wait_for_semaphore);
	spawn("msg-waiter", wait_for_message);
}

/* A ring whose kernel side is a thread, iou-sqp-PID, in our own process. */
void role_uring(void)
{
	struct io_uring_params parameters = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1 };

	check(syscall(SYS_io_uring_setup, 8, &parameters), "io_uring_setup");
	note_role("uring", 'S');
	usleep(50000);
}

/* ---- stuck ---- */

/* The file system is frozen by then: a write to it waits for the thaw. */
void role_frozen_writer(void)
{
	int fd = open("/srv/frozen/file", O_WRONLY);

	check(fd, "/srv/frozen/file");
	note_role("frozen-writer", 'D');
	settled();
	check(write(fd, "x", 1), "frozen write");
}

/* The device is suspended by then: a read from it waits for the resume. */
void role_suspended_reader(void)
{
	void *page = NULL;
	int fd = open("/dev/mapper/stuck", O_RDONLY | O_DIRECT);

	check(fd, "/dev/mapper/stuck");
	check(-posix_memalign(&page, 4096, 4096), "posix_memalign");
	note_role("suspended-reader", 'D');
	settled();
	check(read(fd, page, 4096), "suspended read");
}
