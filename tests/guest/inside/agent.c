// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash-agent DISK KIND [tasks]: saves the truth (with `tasks`: the list of tasks alone), then crashes
 * the kernel.
 *
 * The truth is what the kernel itself says in its last seconds: its files
 * under /proc and /sys, the output of commands, and, as the very last thing,
 * the list of all tasks. It goes as a tar, uncompressed, to a raw disk: a
 * header of 4096 bytes, "TRUTH <length of the tar>\n" and zeros, then the tar.
 *
 * All this is done by one process, so that saving changes little of what is
 * saved: the list of tasks is written over and over until two in a row name
 * the same tasks, and then this process crashes the kernel, milliseconds
 * after the list was taken.
 *
 * README.md beside the recipe says what the tar holds.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HEADER_SIZE 4096
#define BLOCK 512
#define TAR_BUFFER (1 << 20)
/* No file is saved beyond this: the biggest are kallsyms and the BTF. */
#define FILE_LIMIT (32 << 20)
/* /proc/sys allocates as much as is asked for, and refuses 4 MiB. */
#define READ_SIZE (64 << 10)
/* A read that takes longer is broken off, where the kernel lets us. */
#define READ_SECONDS 5
/* How often the list of tasks is taken before we crash even if it changes. */
#define TASK_LIST_TRIES 200

/* What work.sh has put here goes to the top of the tar. */
#define STAGING "/run/truth"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A string that grows. */
struct text {
	char *bytes;
	size_t length, room;
};

/* The tar on the disk, and what of it isn't there yet. */
struct tar {
	int disk;
	off_t end; /* of what is on the disk */
	struct text pending;
};

static struct tar tar;
/* One line per file, folder and link that was looked at. */
static struct text index_text;
static int index_lines;
/* Reused for every file: what was read. */
static struct text content;

static void die(const char *what)
{
	/* The recipe's host side looks for this. */
	fprintf(stderr, "GUEST: failed: crash-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void text_reserve(struct text *text, size_t more)
{
	if (text->length + more <= text->room)
		return;
	text->room = 2 * (text->length + more) + BLOCK;
	text->bytes = realloc(text->bytes, text->room);
	if (!text->bytes)
		die("realloc");
}

static void text_add(struct text *text, const void *bytes, size_t length)
{
	text_reserve(text, length + 1);
	if (!length)
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

__attribute__((format(printf, 2, 3))) static void text_printf(struct text *text,
							      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_reserve(text, PATH_MAX + 256);
	text->length += vsnprintf(text->bytes + text->length, PATH_MAX + 256, format, arguments);
	va_end(arguments);
}

/* Adds bytes with all that would break a line or a column as \xNN. */
static void text_escaped(struct text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = bytes[i];

		if (byte < ' ' || byte > '~' || byte == '\\')
			text_printf(text, "\\x%02x", byte);
		else
			text_add(text, &byte, 1);
	}
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* ---- the tar ---- */

static void disk_write(off_t offset, const void *bytes, size_t length)
{
	while (length) {
		ssize_t done = pwrite(tar.disk, bytes, length, offset);

		if (done <= 0)
			die("writing the truth");
		bytes = (const char *)bytes + done;
		offset += done;
		length -= done;
	}
}

static void tar_flush(void)
{
	disk_write(tar.end, tar.pending.bytes, tar.pending.length);
	tar.end += tar.pending.length;
	tar.pending.length = 0;
}

/* Writes bytes, and zeros up to the next block. */
static void tar_write(const void *bytes, size_t length)
{
	static const char zeros[BLOCK];

	text_add(&tar.pending, bytes, length);
	text_add(&tar.pending, zeros, -length % BLOCK);
	if (tar.pending.length > TAR_BUFFER)
		tar_flush();
}

/* Writes one block of tar header; type as in ustar. */
static void tar_header(const char *path, char type, size_t length, const char *target)
{
	char block[BLOCK] = "";
	unsigned int sum = 0;

	snprintf(block, 100, "%s", path);
	snprintf(block + 100, 8, "%07o", type == '5' ? 0755 : 0644);
	snprintf(block + 108, 8, "%07o", 0);
	snprintf(block + 116, 8, "%07o", 0);
	snprintf(block + 124, 12, "%011zo", length);
	snprintf(block + 136, 12, "%011llo", (unsigned long long)time(NULL));
	memset(block + 148, ' ', 8);
	block[156] = type;
	snprintf(block + 157, 100, "%s", target);
	memcpy(block + 257, "ustar  ", 8); /* GNU's own form, for the 'L' below */
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	tar_write(block, BLOCK);
}

/* A name too long for the header goes before it, as the content of 'L' or 'K'. */
static void tar_long_name(const char *name, char type)
{
	if (strlen(name) < 100)
		return;
	tar_header("././@LongLink", type, strlen(name) + 1, "");
	tar_write(name, strlen(name) + 1);
}

/* The place in the tar of a path: without the staging folder, relative. */
static const char *tar_path(const char *path)
{
	if (!strncmp(path, STAGING, strlen(STAGING)))
		path += strlen(STAGING);
	return path + (*path == '/');
}

static void tar_add(const char *path, char type, const char *bytes, size_t length,
		    const char *target)
{
	path = tar_path(path);
	tar_long_name(target, 'K');
	tar_long_name(path, 'L');
	tar_header(path, type, length, target);
	tar_write(bytes, length);
}

static void tar_add_text(const char *path, const struct text *text)
{
	tar_add(path, '0', text->bytes, text->length, "");
}

/* Ends the tar at its present end and makes sure that all is on the disk. */
static void tar_finish(void)
{
	static const char zeros[2 * BLOCK];
	char header[HEADER_SIZE] = "";

	tar_flush();
	disk_write(tar.end, zeros, sizeof(zeros));
	snprintf(header, sizeof(header), "TRUTH %lld\n",
		 (long long)(tar.end + sizeof(zeros) - HEADER_SIZE));
	disk_write(0, header, sizeof(header));
	if (fsync(tar.disk))
		die("fsync");
}

/* ---- files ---- */

/* Reads a file, as far as it goes, to the end of text; returns an errno. */
static int read_file(const char *path, struct text *text)
{
	int error = 0;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return errno;
	alarm(READ_SECONDS);
	for (size_t start = text->length; text->length - start < FILE_LIMIT;) {
		ssize_t done;

		text_reserve(text, READ_SIZE + 1);
		done = read(fd, text->bytes + text->length, READ_SIZE);
		if (done < 0)
			error = errno;
		if (done <= 0)
			break;
		text->length += done;
	}
	alarm(0);
	close(fd);
	text->bytes[text->length] = 0;
	return error;
}

static void on_alarm(int number)
{
	(void)number; /* it only has to interrupt read() */
}

static void index_add(const char *path, char type, size_t length, int error)
{
	text_printf(&index_text, "%llu\t%c\t%zu\t%s\t", (unsigned long long)now_ns(CLOCK_BOOTTIME),
		    type, length, error ? strerrorname_np(error) : "-");
	text_escaped(&index_text, tar_path(path), strlen(tar_path(path)));
	text_add(&index_text, "\n", 1);
	/* A sign of life: the host gives up a silent machine. */
	if (++index_lines % 4096 == 0)
		fputs(".\n", stderr);
}

static void save_file(const char *path)
{
	int error;

	content.length = 0;
	error = read_file(path, &content);
	/* What could be read before an error is not the kernel's whole word. */
	if (!error)
		tar_add(path, '0', content.bytes, content.length, "");
	index_add(path, 'f', content.length, error);
}

static void save_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length < 0) {
		index_add(path, 'l', 0, errno);
		return;
	}
	target[length] = 0;
	tar_add(path, '2', NULL, 0, target);
	index_add(path, 'l', length, 0);
}

/*
 * Never read: endless or huge; or reading changes something, blocks, or asks
 * a device.
 */
static const char *const unsafe[] = {
	"/proc/acpi/event",
	"/proc/kcore",
	"/proc/kmsg",
	"/proc/kpage*",
	"/proc/sysrq-trigger",
	"/proc/[0-9]*/clear_refs",
	"/proc/[0-9]*/map_files",
	"/proc/[0-9]*/mem",
	"/proc/[0-9]*/pagemap",
	"/sys/class/zram-control", /* reading hot_add adds a device */
	"/sys/devices/*/resource[0-9]*",
	"/sys/devices/*/rom",
	"/sys/devices/*/vpd",
	"/sys/kernel/debug",
	"/sys/kernel/mm/page_idle",
	"/sys/kernel/tracing",
	"/sys/power/wakeup_count",
};

/* Big or expensive, and the same for every thread of a process. */
static const char *const not_per_thread[] = {
	"attr",	  "auxv",     "cmdline",    "environ",	 "exe", "fd",	    "fdinfo",
	"maps",	  "mountinfo", "mounts",    "mountstats", "net", "ns",	    "numa_maps",
	"root",	  "smaps",    "smaps_rollup", "cwd",
};

static bool is_unsafe(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		if (!fnmatch(unsafe[i], path, 0))
			return true;
	return false;
}

static bool is_number(const char *name)
{
	for (; *name; name++)
		if (!isdigit((unsigned char)*name))
			return false;
	return true;
}

/*
 * net/ is the same for all processes of a network namespace. It is saved once
 * for each: for the first process met, and for our own namespace as /proc/net.
 */
static bool is_new_net_namespace(const char *process)
{
	static char seen[64][32];
	static size_t count;
	char path[PATH_MAX], target[32] = "";

	snprintf(path, sizeof(path), "%s/ns/net", process);
	if (readlink(path, target, sizeof(target) - 1) < 0 || count == ARRAY_SIZE(seen))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(seen[i], target))
			return false;
	strcpy(seen[count++], target);
	return true;
}

/* Whether the entry name of folder is to be saved. */
static bool is_wanted(const char *folder, const char *name, const char *path)
{
	if (!strcmp(name, ".") || !strcmp(name, "..") || is_unsafe(path))
		return false;
	if (!fnmatch("/proc/[0-9]*/task/[0-9]*", folder, 0))
		for (size_t i = 0; i < ARRAY_SIZE(not_per_thread); i++)
			if (!strcmp(name, not_per_thread[i]))
				return false;
	if (!strcmp(name, "net") && !fnmatch("/proc/[0-9]*", folder, FNM_PATHNAME))
		return is_new_net_namespace(folder);
	return true;
}

static void save_tree(const char *folder)
{
	struct dirent *entry;
	DIR *stream = opendir(folder);

	if (!stream) {
		index_add(folder, 'd', 0, errno);
		return;
	}
	tar_add(folder, '5', NULL, 0, "");
	index_add(folder, 'd', 0, 0);
	while ((entry = readdir(stream))) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= PATH_MAX ||
		    !is_wanted(folder, entry->d_name, path))
			continue;
		if (entry->d_type == DT_DIR)
			save_tree(path);
		else if (entry->d_type == DT_LNK)
			save_link(path);
		else if (entry->d_type == DT_REG)
			save_file(path);
	}
	closedir(stream);
}

/* Which of the entries of /proc itself to save. */
enum part { FOLDERS, PROCESSES, FILES };

static void save_proc(enum part part)
{
	struct dirent *entry;
	DIR *stream = opendir("/proc");

	if (!stream)
		die("/proc");
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name;
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "/proc/%s", name);
		if (!is_wanted("/proc", name, path))
			continue;
		if (entry->d_type == DT_DIR) {
			if (part == (is_number(name) ? PROCESSES : FOLDERS))
				save_tree(path);
		} else if (part != FILES || !strcmp(name, "kallsyms")) {
			continue;
		} else if (!strcmp(name, "self") || !strcmp(name, "thread-self")) {
			save_link(path);
		} else if (!strcmp(name, "net")) {
			save_tree(path); /* a link to self/net */
		} else {
			save_file(path); /* mounts is a link, too */
		}
	}
	closedir(stream);
}

/* ---- commands ---- */

/* Saves what a command prints; path is its place in the tar. */
static void save_command(const char *path, const char *command)
{
	FILE *output = popen(command, "re");
	char buffer[4096];
	size_t done;

	if (!output)
		die(command);
	content.length = 0;
	while ((done = fread(buffer, 1, sizeof(buffer), output)))
		text_add(&content, buffer, done);
	if (!pclose(output))
		tar_add_text(path, &content);
	else
		index_add(path, 'f', 0, EIO);
}

/* Saves the records of the kernel's log as /dev/kmsg gives them. */
static void save_kmsg(void)
{
	char record[8192];
	ssize_t length;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	content.length = 0;
	while (fd >= 0 && ((length = read(fd, record, sizeof(record))) > 0 || errno == EPIPE))
		text_add(&content, record, length > 0 ? length : 0);
	close(fd);
	tar_add_text("kmsg", &content);
}

/* ---- the list of all tasks ---- */

/* Adds one task: its line to list, its identity (what must not change) to identities. */
static void list_task(const char *tgid, const char *tid, struct text *list,
		      struct text *identities)
{
	static struct text stat;
	char path[PATH_MAX];
	char *name, *name_end;
	char state;
	int ppid;

	stat.length = 0;
	snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", tgid, tid);
	if (read_file(path, &stat) || !stat.length)
		return; /* it has gone */
	/* "12 (any) (thing) S 1 ...": the name ends at the last parenthesis. */
	name = strchr(stat.bytes, '(');
	name_end = strrchr(stat.bytes, ')');
	if (!name || !name_end || sscanf(name_end + 1, " %c %d", &state, &ppid) != 2)
		die("stat of a task");
	name++;

	text_printf(identities, "%s %s %d\n", tid, tgid, ppid);
	text_printf(list, "%s\t%s\t%d\t%c\t", tid, tgid, ppid, state);
	text_escaped(list, name, name_end - name);
	text_add(list, "\t", 1);
	stat.length = 0;
	snprintf(path, sizeof(path), "/proc/%s/task/%s/stack", tgid, tid);
	read_file(path, &stat);
	for (char *line = stat.length ? strtok(stat.bytes, "\n") : NULL; line;
	     line = strtok(NULL, "\n")) {
		char *function = strstr(line, "] ");

		text_printf(list, "%s%s", line == stat.bytes ? "" : ";",
			    function ? function + 2 : line);
	}
	text_add(list, "\n", 1);
}

static void list_tasks(struct text *list, struct text *identities)
{
	struct dirent *process, *task;
	DIR *processes = opendir("/proc");

	list->length = identities->length = 0;
	text_printf(list, "tid\ttgid\tppid\tstate\tcomm\tstack\n");
	if (!processes)
		die("/proc");
	while ((process = readdir(processes))) {
		char path[PATH_MAX];
		DIR *tasks;

		if (!is_number(process->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task", process->d_name);
		tasks = opendir(path);
		while (tasks && (task = readdir(tasks)))
			if (is_number(task->d_name))
				list_task(process->d_name, task->d_name, list, identities);
		if (tasks)
			closedir(tasks);
	}
	closedir(processes);
}

/* What is known of the moment at which the list was taken. */
static void describe_moment(struct text *text, uint64_t began, int tries, bool stable)
{
	text->length = 0;
	text_printf(text, "agent_pid=%d\n", getpid());
	text_printf(text, "realtime_ns=%llu\n", (unsigned long long)now_ns(CLOCK_REALTIME));
	text_printf(text, "monotonic_ns=%llu\n", (unsigned long long)now_ns(CLOCK_MONOTONIC));
	text_printf(text, "boottime_ns=%llu\n", (unsigned long long)now_ns(CLOCK_BOOTTIME));
	text_printf(text, "tasks_took_ns=%llu\n",
		    (unsigned long long)(now_ns(CLOCK_BOOTTIME) - began));
	text_printf(text, "tasks_tries=%d\n", tries);
	text_printf(text, "tasks_stable=%d\n", stable);
}

/* Writes the list of tasks, at the end of the tar, until it stays the same. */
static void save_last_words(void)
{
	struct text list = { 0 }, moment = { 0 }, identities = { 0 }, before = { 0 };
	off_t start = tar.end;
	bool stable = false;

	for (int tries = 1; !stable && tries <= TASK_LIST_TRIES; tries++) {
		uint64_t began = now_ns(CLOCK_BOOTTIME);

		list_tasks(&list, &identities);
		stable = before.length == identities.length &&
			 !memcmp(before.bytes, identities.bytes, before.length);
		before.length = 0;
		text_add(&before, identities.bytes, identities.length);

		describe_moment(&moment, began, tries, stable);
		tar.end = start;
		tar_add_text("tasks.tsv", &list);
		tar_add_text("moment", &moment);
		tar_finish();
	}
}

/* ---- the crash ---- */

static void crash(const char *kind)
{
	int fd = -1;

	if (!strcmp(kind, "sysrq")) {
		fd = open("/proc/sysrq-trigger", O_WRONLY);
		if (fd < 0 || write(fd, "c", 1) < 0)
			die("/proc/sysrq-trigger");
	} else {
		errno = EINVAL;
		die(kind);
	}
}

/* All but the list of tasks, from what stands still to what moves. */
static void save_files(void)
{
	save_tree(STAGING "/commands");
	save_file(STAGING "/roles.tsv");
	save_tree("/sys");
	save_tree("/sys/kernel/debug/bdi");
	save_tree("/sys/kernel/debug/block");
	save_tree("/sys/kernel/debug/sched");
	save_file("/sys/kernel/debug/extfrag/extfrag_index");
	save_file("/sys/kernel/debug/wakeup_sources");
	save_file("/proc/kallsyms");
	save_proc(FOLDERS);
	is_new_net_namespace("/proc/self");
	save_proc(PROCESSES);
	save_command("commands/dmesg", "dmesg");
	save_command("commands/dmesg_-T", "dmesg -T");
	save_command("commands/date", "date +%s.%N");
	save_kmsg();
	/* Whatever this has set in motion comes to rest. */
	tar_finish();
	usleep(300000);
	save_proc(FILES);
}

int main(int count, char **arguments)
{
	bool tasks_only = count == 4 && !strcmp(arguments[3], "tasks");

	if (count != 3 && !tasks_only) {
		fprintf(stderr, "usage: crash-agent DISK KIND [tasks]\n");
		return 2;
	}
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	prctl(PR_SET_NAME, "crash-agent");
	tar.disk = open(arguments[1], O_RDWR | O_CLOEXEC);
	if (tar.disk < 0)
		die(arguments[1]);
	tar.end = HEADER_SIZE;
	text_printf(&index_text, "boottime_ns\ttype\tlength\terror\tpath\n");

	if (!tasks_only)
		save_files();
	tar_add_text("index.tsv", &index_text);
	tar_finish();
	puts("GUEST: crashing");
	fflush(stdout);
	save_last_words();
	crash(arguments[2]);
	errno = 0;
	die("the kernel is still alive");
}
