// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The supervisor: one loop over the zygote's datagrams, the workers' streams and the archiver. It
 * never waits for any single one of them, and never looks into the dump.
 */
#include "collect/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "collect/report.h"
#include "collect/zygote.h"
#include "plugin/option.h"

/* Files of plugins whose turn has not come are kept up to this; then only the first is read. */
#define BUFFER_MAX ((size_t)64 << 20)
/* Bytes on their way to the archiver, beyond which no worker is read. */
#define QUEUE_MAX ((size_t)64 << 20)
/* Room in a worker's pipe: larger than the default, so that it is woken less often. */
#define PIPE_SIZE (256 << 10)
/* How long a killed worker may take to be gone, seconds. */
#define KILL_SECONDS 10u

#define DATAGRAMS_PER_TURN 64
/* What a zygote may tell the user, before it is taken for a flood. */
#define NOTICES_MAX 1000u

#define NS_PER_S 1000000000ull
/* Between two looks at how far the work is. */
#define TICK_NS (NS_PER_S / 4)
/* Units of work that a plugin counts for which doesn't tell how many it has. */
#define SMALL_WORK 50

enum phase { OPENING, RUNNING, PACKING };

/* Zygotes; each has the slot of its number. */
enum { NATIVE, PYTHON, HOSTS };

/* A zygote and what runs in it. */
struct host {
	struct vr_sandbox sandbox;
	struct vr_zygote zygote;
	bool ready;          /* the dump is open there */
	uint64_t opening_ns; /* when that began */
	struct vr_finder finder;
	unsigned notices; /* that came from there */
};

struct supervisor {
	const struct vr_collect_options *options;
	const struct vr_collect_events *events;
	const volatile int *stop;
	struct vr_report report;
	struct vr_slots slots;
	struct host hosts[HOSTS];
	struct vr_packer packer;
	enum phase phase;
	struct vr_task *tasks; /* those that were selected, in order */
	size_t count;
	size_t head; /* the first whose turn has not come */
	size_t over;
	unsigned running;
	bool *slot_used; /* by slot; those of the zygotes come first */
	uint64_t now_ns, tick_ns;
	sigset_t sigmask;      /* while waiting */
	struct vr_error error; /* that ends the run */
	uint8_t datagram[VR_DATAGRAM_MAX];
};

static void progress(struct supervisor *s, enum vr_progress what, const struct vr_task *task)
{
	if (s->events->progress)
		s->events->progress(s->events->arg, what, task ? task->entry->name : NULL, s->over,
				    s->count);
}

static bool failed(const struct supervisor *s)
{
	return s->error.kind != VR_OK;
}

/* ---- Workers ---- */

/* A worker's stream: the reading end stays here, without waiting. */
static bool make_stream(int pipefd[2])
{
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return false;
	fcntl(pipefd[0], F_SETPIPE_SZ, PIPE_SIZE);
	if (fcntl(pipefd[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	close(pipefd[0]);
	close(pipefd[1]);
	return false;
}

static uint32_t free_slot(const struct supervisor *s)
{
	uint32_t slot = HOSTS;

	while (s->slot_used[slot])
		slot++;
	return slot;
}

static void start_task(struct supervisor *s, struct vr_task *task)
{
	uint32_t slot = free_slot(s);
	int pipefd[2];

	memset(vr_slot_at(&s->slots, slot), 0, sizeof(struct vr_slot));
	if (!make_stream(pipefd)) {
		vr_error_os(&s->error, errno, "no pipe for a worker");
		return;
	}
	if (!vr_zygote_run(&s->hosts[task->host].zygote, task->plugin, slot, task->unit,
			   pipefd[1])) {
		vr_error_os(&s->error, errno, "the dump's reader can't be told to go on");
		close(pipefd[0]);
	} else {
		vr_task_start(task, pipefd[0], slot);
		s->slot_used[slot] = true;
		s->running++;
		if (!task->restarts)
			progress(s, VR_PROGRESS_STARTED, task);
	}
	close(pipefd[1]);
}

/*
 * Start what can be. The one whose turn it is may go beyond the number of threads: the others may
 * be waiting for it with their files.
 */
static void schedule(struct supervisor *s)
{
	if (s->phase != RUNNING)
		return;
	for (size_t i = s->head; i < s->count && !failed(s); i++) {
		struct vr_task *task = &s->tasks[i];
		const struct host *host = &s->hosts[task->host];

		if (s->running >= s->options->threads + (i == s->head))
			break;
		if (task->state == VR_TASK_WAITING && host->ready && host->zygote.pid > 0)
			start_task(s, task);
	}
}

static void kill_task(struct supervisor *s, struct vr_task *task)
{
	if (task->killed || task->exited)
		return;
	task->killed = true;
	task->killed_ns = s->now_ns;
	vr_zygote_kill(&s->hosts[task->host].zygote, task->plugin);
}

/* Seconds that a plugin may take. */
static unsigned task_limit(const struct supervisor *s, const struct vr_task *task)
{
	return task->entry->timeout ? task->entry->timeout : s->options->plugin_timeout;
}

static void time_out(struct supervisor *s, struct vr_task *task)
{
	task->timed_out = true;
	vr_task_fail(task, "timed out after %u s", task_limit(s, task));
	vr_report_notice(&s->report, VR_LOG_ERROR, "Plugin %s timed out", task->entry->name);
	kill_task(s, task);
}

static void end_task(struct supervisor *s, struct vr_task *task)
{
	bool again = vr_task_conclude(task, &s->slots);

	s->slot_used[task->slot] = false;
	s->running--;
	if (again)
		return;
	s->over++;
	if (task->failure[0] && !task->timed_out)
		vr_report_notice(&s->report, VR_LOG_ERROR, "Plugin %s failed: it %s",
				 task->entry->name, task->failure);
	else if (task->failure[0])
		vr_report_log(&s->report, VR_LOG_ERROR, "plugin %s %s", task->entry->name,
			      task->failure);
	progress(s, VR_PROGRESS_FINISHED, task);
}

/* End those that are through, and pass on the files of those whose turn it is. */
static void settle_tasks(struct supervisor *s)
{
	for (size_t i = s->head; i < s->count; i++) {
		struct vr_task *task = &s->tasks[i];

		if (task->state == VR_TASK_RUNNING && task->exited && task->fd < 0)
			end_task(s, task);
	}
	while (s->head < s->count && s->tasks[s->head].state == VR_TASK_OVER)
		vr_report_task(&s->report, &s->tasks[s->head++], &s->packer);
}

/* ---- The zygote ---- */

static void take_log(struct supervisor *s, unsigned which, struct vr_wire *body)
{
	enum vr_log_level level = (enum vr_log_level)vr_wire_enum(body, VR_LOG_ERROR + 1);
	const char *text = vr_wire_string(body);

	/* Of this machine both zygotes say the same: once is enough. */
	if (!body->bad && (which == NATIVE || !vr_report_has_logged(&s->report, text)))
		vr_report_log(&s->report, level, "%s", text);
}

/* Of debug information both zygotes say the same. */
static void take_notice(struct supervisor *s, unsigned which, struct vr_wire *body)
{
	enum vr_log_level level = (enum vr_log_level)vr_wire_enum(body, VR_LOG_ERROR + 1);
	const char *text = vr_wire_string(body);

	if (body->bad || which != NATIVE || s->phase != OPENING ||
	    s->hosts[which].notices++ >= NOTICES_MAX)
		return;
	if (level >= VR_LOG_WARNING) {
		vr_report_notice(&s->report, level, "%s: %s", vr_log_level_name(level), text);
		return;
	}
	vr_report_log(&s->report, level, "%s", text);
	vr_report_busy(&s->report, text);
}

static void take_facts(struct supervisor *s, unsigned which, struct vr_wire *body)
{
	struct vr_dump_facts facts;

	vr_wire_facts(body, &facts);
	if (s->hosts[which].ready)
		return;
	s->hosts[which].ready = true;
	if (which != NATIVE)
		return;
	if (body->bad) {
		vr_error_set(&s->error, VR_CORRUPT,
			     "the dump can't be read: the process that reads it makes no sense");
		return;
	}
	vr_report_facts(&s->report, &facts, &s->packer);
	s->phase = RUNNING;
	progress(s, VR_PROGRESS_OPENED, NULL);
}

static void take_exit(struct supervisor *s, unsigned which, struct vr_wire *body)
{
	uint32_t plugin = vr_wire_u32(body);
	int status = (int)vr_wire_u32(body);

	for (size_t i = s->head; i < s->count && !body->bad; i++) {
		struct vr_task *task = &s->tasks[i];

		if (task->plugin != plugin || task->host != which ||
		    task->state != VR_TASK_RUNNING || task->exited)
			continue;
		task->exited = true;
		task->wait_status = status;
	}
}

/* A zygote is gone, and with it what is left to do there. */
static void end_host_tasks(struct supervisor *s, unsigned which, const char *why)
{
	for (size_t i = s->head; i < s->count; i++) {
		struct vr_task *task = &s->tasks[i];

		if (task->host != which || task->state == VR_TASK_OVER || task->exited)
			continue;
		vr_task_fail(task, "%s", why);
		if (task->state == VR_TASK_WAITING) {
			task->state = VR_TASK_OVER;
			s->over++;
		}
		task->exited = true;
	}
}

static void lose_zygote(struct supervisor *s, unsigned which)
{
	char text[VR_ZYGOTE_END_MAX], why[VR_ZYGOTE_END_MAX + 80];
	const char *reader =
		which == PYTHON ? "process of the Python plugins" : "process that reads the dump";

	vr_zygote_end_text(&s->hosts[which].zygote, vr_slot_at(&s->slots, which), text);
	/* Before any plugin has run that ends all; later it ends what is left to do. */
	if (which == NATIVE && s->phase == OPENING) {
		vr_error_set(&s->error, VR_CORRUPT, "the dump can't be read: the %s %s", reader,
			     text);
		return;
	}
	vr_report_notice(&s->report, VR_LOG_ERROR, "The %s %s", reader, text);
	snprintf(why, sizeof(why), "was lost: the %s %s", reader, text);
	end_host_tasks(s, which, why);
}

/* What runs plugins there can't: that costs these plugins, or the run where it is the dump. */
static void take_failed(struct supervisor *s, unsigned which, struct vr_wire *body)
{
	char why[sizeof(s->error.text) + 32];
	struct vr_error err;

	vr_wire_error(body, &err);
	if (s->hosts[which].ready)
		return;
	if (which == NATIVE) {
		s->error = err;
		return;
	}
	vr_zygote_stop(&s->hosts[which].zygote);
	vr_report_notice(&s->report, VR_LOG_ERROR, "Python plugins can't run: %s", err.text);
	snprintf(why, sizeof(why), "could not run: %s", err.text);
	end_host_tasks(s, which, why);
}

static void receive_zygote(struct supervisor *s, unsigned which)
{
	struct vr_zygote *zygote = &s->hosts[which].zygote;
	struct vr_wire body;
	uint32_t type = 0;
	ssize_t n;

	/* It may be hostile as well: not more than a few at once, or nothing else would get a turn.
	 */
	for (int i = 0; i < DATAGRAMS_PER_TURN && zygote->pid > 0 && !failed(s); i++) {
		n = vr_zygote_receive(zygote, s->datagram, &type, &body);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno == EBADMSG)
			continue;
		if (n <= 0) {
			lose_zygote(s, which);
			return;
		}
		if (type == VR_WIRE_LOG)
			take_log(s, which, &body);
		else if (type == VR_WIRE_NOTICE)
			take_notice(s, which, &body);
		else if (type == VR_WIRE_FACTS)
			take_facts(s, which, &body);
		else if (type == VR_WIRE_EXITED)
			take_exit(s, which, &body);
		else if (type == VR_WIRE_FAILED)
			take_failed(s, which, &body);
	}
}

/* ---- The loop ---- */

/* Whose streams are read in this turn. */
static void choose_readers(struct supervisor *s)
{
	bool queue_full = s->packer.queued > QUEUE_MAX;
	size_t stored = 0;

	for (size_t i = s->head + 1; i < s->count; i++)
		stored += s->tasks[i].stored + s->tasks[i].reader.cap;
	for (size_t i = s->head; i < s->count; i++)
		s->tasks[i].reading =
			s->tasks[i].fd >= 0 && !queue_full && (i == s->head || stored < BUFFER_MAX);
}

/* What is left of a plugin's time, in nanoseconds. */
static uint64_t time_of_task(const struct supervisor *s, const struct vr_task *task)
{
	uint64_t limit = task_limit(s, task) * NS_PER_S;

	return limit - VR_MIN(limit, task->spent_ns);
}

/* Time until the next deadline, in nanoseconds. */
static uint64_t time_left(const struct supervisor *s)
{
	uint64_t limit = s->options->plugin_timeout * NS_PER_S, left = limit;

	for (unsigned i = 0; i < HOSTS; i++) {
		const struct host *host = &s->hosts[i];

		if (host->zygote.pid > 0 && !host->ready)
			left = VR_MIN(left, limit - VR_MIN(limit, s->now_ns - host->opening_ns));
	}
	for (size_t i = s->head; i < s->count; i++) {
		const struct vr_task *task = &s->tasks[i];

		if (task->state != VR_TASK_RUNNING)
			continue;
		if (task->exited && task->reading)
			return 0;
		if (task->killed)
			left = VR_MIN(left, NS_PER_S);
		else if (task->reading || task->fd < 0)
			left = VR_MIN(left, time_of_task(s, task));
	}
	return left + 1000000;
}

/* What has passed counts for the workers that were not waiting for us. */
static void check_deadlines(struct supervisor *s)
{
	uint64_t limit = s->options->plugin_timeout * NS_PER_S, before = s->now_ns;

	s->now_ns = vr_now_ns();
	if (s->phase == OPENING && s->now_ns - s->hosts[NATIVE].opening_ns > limit) {
		vr_error_set(&s->error, VR_LIMIT, "the dump could not be opened within %u s",
			     s->options->plugin_timeout);
		return;
	}
	if (s->hosts[PYTHON].zygote.pid > 0 && !s->hosts[PYTHON].ready &&
	    s->now_ns - s->hosts[PYTHON].opening_ns > limit)
		lose_zygote(s, PYTHON);
	for (size_t i = s->head; i < s->count; i++) {
		struct vr_task *task = &s->tasks[i];

		if (task->state != VR_TASK_RUNNING || task->exited)
			continue;
		if (task->reading || task->fd < 0)
			task->spent_ns += s->now_ns - before;
		if (!task->killed && time_of_task(s, task) == 0)
			time_out(s, task);
		else if (task->killed && s->now_ns - task->killed_ns > KILL_SECONDS * NS_PER_S)
			lose_zygote(s, task->host);
	}
}

/* How much work a task has, and has done; false: nobody can tell yet. */
static bool add_work(struct supervisor *s, struct vr_task *task, uint64_t *done, uint64_t *all)
{
	struct vr_slot slot = {0};
	uint64_t weight;

	if (task->state == VR_TASK_RUNNING) {
		vr_slot_read(vr_slot_at(&s->slots, task->slot), &slot);
		task->work = VR_MAX(slot.units, task->work);
		task->work_done = VR_MAX(slot.unit, task->work_done);
	}
	/* One that has no units is taken for a small one. */
	weight = task->work ? task->work : SMALL_WORK;
	*all += weight;
	*done += task->state == VR_TASK_OVER ? weight : VR_MIN(task->work_done, weight - 1);
	return task->state == VR_TASK_OVER ||
	       (task->state == VR_TASK_RUNNING && (task->work || !task->work_done));
}

static void tick(struct supervisor *s)
{
	uint64_t done = 0, all = 0;
	bool known = true;

	if (!s->events->tick || s->phase != RUNNING || s->now_ns - s->tick_ns < TICK_NS)
		return;
	s->tick_ns = s->now_ns;
	for (size_t i = 0; i < s->count; i++)
		known = add_work(s, &s->tasks[i], &done, &all) && known;
	s->events->tick(s->events->arg, known && all ? (int)(done * 1000 / all) : -1);
}

/* Wait until something can be done, and do it. */
static void turn(struct supervisor *s, struct pollfd *fds)
{
	struct timespec timeout;
	size_t n = HOSTS + 1;
	uint64_t left;

	choose_readers(s);
	left = time_left(s);
	if (s->events->tick && s->phase == RUNNING)
		left = VR_MIN(left, TICK_NS);
	timeout = (struct timespec){.tv_sec = (time_t)(left / NS_PER_S),
				    .tv_nsec = (long)(left % NS_PER_S)};
	for (unsigned i = 0; i < HOSTS; i++)
		fds[i] = (struct pollfd){.fd = s->hosts[i].zygote.fd, .events = POLLIN};
	fds[HOSTS] = (struct pollfd){.fd = s->packer.fd,
				     .events = (short)(POLLIN | (s->packer.head ? POLLOUT : 0))};
	for (size_t i = s->head; i < s->count; i++)
		if (s->tasks[i].reading)
			fds[n++] = (struct pollfd){.fd = s->tasks[i].fd, .events = POLLIN};
	if (ppoll(fds, n, &timeout, &s->sigmask) < 0 && errno != EINTR) {
		vr_error_os(&s->error, errno, "poll");
		return;
	}
	check_deadlines(s);
	tick(s);
	if (s->packer.head)
		vr_packer_pump(&s->packer);
	if (fds[HOSTS].revents & (POLLIN | POLLHUP | POLLERR))
		vr_packer_receive(&s->packer);
	/* Before the zygote's word of a worker's end is heard, so that a stream is never cut short.
	 */
	for (unsigned i = 0; i < HOSTS; i++)
		receive_zygote(s, i);
	for (size_t i = s->head; i < s->count; i++) {
		struct vr_task *task = &s->tasks[i];

		if (task->reading && task->fd >= 0 && !vr_task_read(task))
			kill_task(s, task);
	}
	settle_tasks(s);
}

static void stop_zygotes(struct supervisor *s)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		vr_zygote_stop(&s->hosts[i].zygote);
		vr_finder_stop(&s->hosts[i].finder);
	}
}

static void start_packing(struct supervisor *s)
{
	s->phase = PACKING;
	stop_zygotes(s);
	progress(s, VR_PROGRESS_PACKING, NULL);
	vr_report_end(&s->report, s->tasks, s->count, &s->packer);
}

static enum vr_err loop(struct supervisor *s)
{
	VR_FREE struct pollfd *fds = calloc(s->options->threads + HOSTS + 2, sizeof(*fds));

	if (!fds)
		return vr_error_set(&s->error, VR_NOMEM, "out of memory");
	while (!failed(s) && !s->packer.finished) {
		if (*s->stop) {
			stop_zygotes(s);
			if (vr_packer_cancel(&s->packer))
				break;
			return vr_error_os(&s->error, EINTR, "interrupted");
		}
		turn(s, fds);
		if (s->packer.error.kind != VR_OK)
			s->error = s->packer.error;
		if (s->phase == RUNNING && s->head == s->count)
			start_packing(s);
		schedule(s);
	}
	return s->error.kind;
}

/* ---- Beginning and end ---- */

/* The zygotes', and one for each worker: one more than threads, see schedule(). */
static size_t slot_count(const struct supervisor *s)
{
	return HOSTS + s->options->threads + 1;
}

static void add_task(struct supervisor *s, size_t i)
{
	const struct vr_plugin_entry *entry = &s->options->plugins->entries[i];

	if (entry->skip_reason)
		return;
	s->tasks[s->count++] = (struct vr_task){
		.entry = entry,
		.plugin = (uint32_t)i,
		.host = entry->language == VR_PLUGIN_PYTHON ? PYTHON : NATIVE,
		.output_left = s->options->output_limit,
		.fd = -1,
	};
}

static enum vr_err make_tasks(struct supervisor *s)
{
	const struct vr_plugins *plugins = s->options->plugins;

	s->tasks = calloc(plugins->count + 1, sizeof(*s->tasks));
	s->slot_used = calloc(slot_count(s), sizeof(*s->slot_used));
	if (!s->tasks || !s->slot_used)
		return vr_error_set(&s->error, VR_NOMEM, "out of memory");
	/* Ours first: a path that one of them writes is not taken from it by any other. */
	for (size_t i = 0; i < plugins->count; i++)
		if (plugins->entries[i].language == VR_PLUGIN_BUILTIN)
			add_task(s, i);
	for (size_t i = 0; i < plugins->count; i++)
		if (plugins->entries[i].language != VR_PLUGIN_BUILTIN)
			add_task(s, i);
	return VR_OK;
}

static enum vr_err start_finder(struct supervisor *s, struct host *host,
				struct vr_debug_source *debug)
{
	const struct vr_finder_options *finder = s->options->finder;

	debug->force = s->options->force_debuginfo;
	debug->asked_for = finder->places.vmlinux || finder->places.dir_count;
	debug->debuginfod = finder->debuginfod;
	return vr_finder_start(&host->finder, finder, &debug->finder_fd, &s->error);
}

static enum vr_err start_host(struct supervisor *s, unsigned which)
{
	const struct vr_collect_options *o = s->options;
	struct host *host = &s->hosts[which];
	struct vr_zygote_options zygote = {
		.dump = o->dump,
		.opener = which == PYTHON ? o->python_opener : o->opener,
		.plugins = o->plugins,
		.sandbox = &host->sandbox,
		.slots = &s->slots,
		.wishes = &o->wishes,
		.slot = which,
		.name = which == PYTHON ? "vmcore-python" : "vmcore-zygote",
	};

	host->sandbox = (struct vr_sandbox){.profile = which == PYTHON ? VR_PROFILE_PYTHON
								       : VR_PROFILE_NATIVE,
					    .off = o->no_sandbox,
					    .memory_limit = o->memory_limit};
	if (which == PYTHON)
		host->sandbox.readable = o->python_readable;
	zygote.dump.debug.finder_fd = -1;
	if (o->finder && start_finder(s, host, &zygote.dump.debug) != VR_OK)
		return s->error.kind;
	host->sandbox.debuginfo = o->finder != NULL;
	vr_sandbox_prepare(&host->sandbox);
	host->opening_ns = vr_now_ns();
	vr_zygote_start(&host->zygote, &zygote, &s->error);
	if (zygote.dump.debug.finder_fd >= 0)
		close(zygote.dump.debug.finder_fd);
	return s->error.kind;
}

static enum vr_err start_children(struct supervisor *s)
{
	const struct vr_collect_options *o = s->options;
	struct vr_archive_options archive = {.dir = o->tmp_dir,
					     .compression = o->compression,
					     .encryption = o->encryption,
					     .threads = o->threads,
					     .build = o->build};
	if (!vr_slots_map(&s->slots, slot_count(s)))
		return vr_error_os(&s->error, errno, "no memory to share");
	/* What is buffered here must not be written by the children as well. */
	fflush(NULL);
	s->packer.off = o->wishes.dry_run;
	if (!s->packer.off && vr_packer_start(&s->packer, &archive, &s->error) != VR_OK)
		return s->error.kind;
	/* The archiver has it; what reads the dump is not to. */
	if (o->encryption.passphrase)
		explicit_bzero(o->encryption.passphrase, strlen(o->encryption.passphrase));
	s->now_ns = vr_now_ns();
	if (start_host(s, NATIVE) != VR_OK)
		return s->error.kind;
	for (size_t i = 0; i < s->count; i++)
		if (s->tasks[i].host == PYTHON)
			return start_host(s, PYTHON);
	return VR_OK;
}

/* sos.log has the options that were set. */
static void log_options(struct supervisor *s, const struct vr_plugin_entry *entry)
{
	char buf[24];

	for (size_t i = 0, n = vr_option_count(entry->plugin); entry->values && i < n; i++)
		if (entry->values[i].is_set)
			vr_report_log(&s->report, VR_LOG_INFO, "Set %s plugin option %s to %s",
				      entry->name, entry->plugin->options[i].name,
				      vr_option_print(&entry->plugin->options[i], &entry->values[i],
						      buf));
	if (entry->timeout)
		vr_report_log(&s->report, VR_LOG_INFO, "Set %s plugin option timeout to %u",
			      entry->name, entry->timeout);
}

static enum vr_err begin(struct supervisor *s, struct vr_collect_result *result)
{
	const struct vr_collect_options *o = s->options;

	if (!vr_report_begin(&s->report, o, s->events, result))
		return vr_error_set(&s->error, VR_NOMEM, "out of memory");
	vr_report_log(&s->report, VR_LOG_INFO, "vmcore-report %s: %s", o->version, o->cmdline);
	for (size_t i = 0; i < o->warning_count; i++)
		vr_report_log(&s->report, VR_LOG_WARNING, "%s", o->warnings[i]);
	if (make_tasks(s) != VR_OK)
		return s->error.kind;
	for (size_t i = 0; i < s->count; i++)
		log_options(s, s->tasks[i].entry);
	if (s->count == 0)
		vr_report_notice(&s->report, VR_LOG_WARNING, "No vmcore-report plugins enabled");
	return start_children(s);
}

static void end(struct supervisor *s)
{
	stop_zygotes(s);
	vr_packer_stop(&s->packer);
	for (size_t i = 0; i < s->count; i++)
		vr_task_free(&s->tasks[i]);
	free(s->tasks);
	free(s->slot_used);
	vr_slots_unmap(&s->slots);
	for (unsigned i = 0; i < HOSTS; i++)
		vr_sandbox_free(&s->hosts[i].sandbox);
	vr_report_free(&s->report);
}

enum vr_err vr_collect(const struct vr_collect_options *options,
		       const struct vr_collect_events *events, const volatile int *stop,
		       struct vr_collect_result *result, struct vr_error *err)
{
	static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
	struct supervisor *s = calloc(1, sizeof(*s));
	enum vr_err kind;
	sigset_t blocked;

	*result = (struct vr_collect_result){0};
	if (!s)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	s->options = options;
	s->events = events;
	s->stop = stop;
	s->packer.fd = -1;
	for (unsigned i = 0; i < HOSTS; i++)
		s->hosts[i].zygote.fd = -1;
	/* They may come while waiting only, so that none is missed between a look and a wait. */
	sigemptyset(&blocked);
	for (size_t i = 0; i < VR_ARRAY_SIZE(stopping); i++)
		sigaddset(&blocked, stopping[i]);
	sigprocmask(SIG_BLOCK, &blocked, &s->sigmask);
	kind = begin(s, result);
	if (kind == VR_OK)
		kind = loop(s);
	if (kind == VR_OK)
		result->archive = s->packer.result;
	else if (err)
		*err = s->error;
	end(s);
	sigprocmask(SIG_SETMASK, &s->sigmask, NULL);
	free(s);
	return kind;
}
