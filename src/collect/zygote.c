// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/zygote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fdpass.h"

/* ---- The zygote's own side ---- */

struct zygote {
	const struct vr_zygote_options *options;
	struct vr_dump_source dump; /* as this process has its files */
	int control;
	struct vr_slot *slot;
	struct vr_log log; /* what was opened goes on using it; each worker has its own copy */
	struct vr_log notices;
	struct vr_opened opened;
	struct vr_plugin_entry *entries; /* copies: what opens the dump may change them */
	pid_t *workers;                  /* by plugin; 0: not running */
	pid_t pid;
};

/* One datagram: its type, then what scratch holds. A supervisor that can't be told is gone. */
static void tell(struct zygote *z, enum vr_wire_type type, const struct vr_strbuf *body)
{
	uint32_t type32 = (uint32_t)type;
	struct iovec iov[2] = {
		{.iov_base = &type32, .iov_len = sizeof(type32)},
		{.iov_base = body->data, .iov_len = body->len},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	ssize_t n;

	do {
		n = sendmsg(z->control, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		vr_child_exit(1);
}

static void tell_text(struct zygote *z, enum vr_wire_type type, enum vr_log_level level,
		      const char *text)
{
	VR_STRBUF body = {0};

	vr_wire_put_u32(&body, (uint32_t)level);
	vr_wire_put_string(&body, text);
	tell(z, type, &body);
}

static void tell_log(void *arg, enum vr_log_level level, const char *text)
{
	tell_text(arg, VR_WIRE_LOG, level, text);
}

static void tell_notice(void *arg, enum vr_log_level level, const char *text)
{
	tell_text(arg, VR_WIRE_NOTICE, level, text);
}

static bool tell_failed(struct zygote *z, const struct vr_error *err)
{
	VR_STRBUF body = {0};

	vr_wire_put_error(&body, err);
	tell(z, VR_WIRE_FAILED, &body);
	return false;
}

static bool open_dump(struct zygote *z)
{
	struct vr_dump_facts facts = {0};
	struct vr_error err = {0};
	VR_STRBUF body = {0};

	z->log = (struct vr_log){.emit = tell_log, .arg = z};
	vr_slot_action(z->slot, "entering the sandbox");
	vr_sandbox_enter_zygote(z->options->sandbox, z->slot, &z->log);
	vr_slot_action(z->slot, "opening the dump");
	if (z->options->opener->open(&z->dump, &z->log, &z->opened, &facts, &err) != VR_OK)
		return tell_failed(z, &err);
	if (z->options->opener->prepare) {
		vr_slot_action(z->slot, "making ready to run plugins");
		if (z->options->opener->prepare(&z->opened, &z->dump, &z->log, z->entries,
						z->options->plugins->count, &err) != VR_OK)
			return tell_failed(z, &err);
	}
	vr_wire_put_facts(&body, &facts);
	tell(z, VR_WIRE_FACTS, &body);
	vr_slot_action(z->slot, "waiting");
	return true;
}

static void tell_exited(struct zygote *z, uint32_t plugin, int wait_status)
{
	VR_STRBUF body = {0};

	vr_wire_put_u32(&body, plugin);
	vr_wire_put_u32(&body, (uint32_t)wait_status);
	tell(z, VR_WIRE_EXITED, &body);
}

/* In the worker. */
static int work(struct zygote *z, const struct vr_command *command, int sink)
{
	const struct vr_plugin_entry *entry = &z->entries[command->plugin];
	const struct vr_opener *opener = z->options->opener;
	struct vr_slot *slot = vr_slot_at(z->options->slots, command->slot);

	if (!vr_child_die_with(z->pid))
		return 1;
	close(z->control);
	free(z->workers);
	z->workers = NULL;
	vr_slots_drop_others(z->options->slots, command->slot);
	prctl(PR_SET_NAME, entry->name);
	vr_slot_action(slot, "tightening the sandbox");
	if (!vr_sandbox_enter_worker(z->options->sandbox, slot))
		return 1;
	if (opener->after_fork)
		opener->after_fork(true);
	return vr_worker_run(entry, opener, &z->opened, &z->log, sink, slot, command->unit,
			     z->options->wishes);
}

static void run(struct zygote *z, const struct vr_command *command, int sink)
{
	const struct vr_opener *opener = z->options->opener;
	pid_t pid;

	if (opener->before_fork)
		opener->before_fork();
	pid = fork();
	if (pid == 0) {
		int status = work(z, command, sink);

		if (opener->no_exit_handlers)
			_exit(status);
		if (VR_SANITIZED)
			z->options->opener->close(&z->opened);
		vr_child_exit(status);
	}
	if (opener->after_fork)
		opener->after_fork(false);
	if (pid > 0)
		z->workers[command->plugin] = pid;
	else
		tell_exited(z, command->plugin, VR_EXIT_NOT_STARTED);
}

/* Receive one command and what comes with it; false: the supervisor has closed its end. */
static bool obey(struct zygote *z)
{
	struct vr_command command = {0};
	int sink;
	ssize_t n = vr_receive_with_fd(z->control, &command, sizeof(command), &sink);

	if (n < 0)
		return errno == EINTR;
	if (n == 0)
		return false;
	if (command.what == VR_COMMAND_RUN && sink >= 0)
		run(z, &command, sink);
	else if (command.what == VR_COMMAND_KILL && z->workers[command.plugin] > 0)
		kill(z->workers[command.plugin], SIGKILL);
	if (sink >= 0)
		close(sink);
	return true;
}

static void reap(struct zygote *z, bool all)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, all ? 0 : WNOHANG)) > 0) {
		for (size_t i = 0; i < z->options->plugins->count; i++) {
			if (z->workers[i] != pid)
				continue;
			z->workers[i] = 0;
			if (!all)
				tell_exited(z, (uint32_t)i, status);
		}
	}
}

static void on_child(int sig)
{
	(void)sig; /* its arrival interrupts ppoll(), which is all that is wanted */
}

static void serve(struct zygote *z)
{
	struct sigaction sa = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGCHLD, &sa, NULL);
	for (;;) {
		struct pollfd pfd = {.fd = z->control, .events = POLLIN};
		int n = ppoll(&pfd, 1, NULL, &before);

		reap(z, false);
		if (n > 0 && !obey(z))
			break;
	}
	for (size_t i = 0; i < z->options->plugins->count; i++)
		if (z->workers[i] > 0)
			kill(z->workers[i], SIGKILL);
	reap(z, true);
}

static int zygote_main(const struct vr_zygote_options *options, int control, pid_t parent)
{
	size_t files = options->dump.fd_count;
	int fds[VR_IMAGE_FILES_MAX + 3];
	size_t count = files, finder, output; /* places in fds; 0: it has none */
	struct zygote z = {.options = options, .slot = vr_slot_at(options->slots, options->slot)};

	if (files > VR_IMAGE_FILES_MAX)
		return 1;
	memcpy(fds, options->dump.fds, files * sizeof(*fds));
	fds[count++] = control;
	finder = options->dump.debug.finder_fd >= 0 ? count : 0;
	if (finder)
		fds[count++] = options->dump.debug.finder_fd;
	output = options->dump.output ? count : 0;
	if (output)
		fds[count++] = *options->dump.output;
	if (!vr_child_die_with(parent) ||
	    !vr_child_begin(fds, count, VR_SANITIZED || options->sandbox->off))
		return 1;
	z.dump = options->dump;
	z.dump.fds = fds;
	z.dump.output = output ? &fds[output] : NULL;
	z.control = fds[files];
	z.notices = (struct vr_log){.emit = tell_notice, .arg = &z};
	z.dump.debug.finder_fd = finder ? fds[finder] : -1;
	z.dump.debug.notices = &z.notices;
	z.pid = getpid();
	prctl(PR_SET_NAME, options->name);
	/* Local time zones and the like are files: what may be wanted is read while that is
	 * allowed. */
	tzset();
	z.workers = calloc(options->plugins->count + 1, sizeof(*z.workers));
	z.entries = calloc(options->plugins->count + 1, sizeof(*z.entries));
	if (!z.workers || !z.entries)
		return 1;
	for (size_t i = 0; i < options->plugins->count; i++)
		z.entries[i] = options->plugins->entries[i];
	if (open_dump(&z)) {
		serve(&z);
		if (options->opener->no_exit_handlers)
			_exit(0);
		if (VR_SANITIZED)
			options->opener->close(&z.opened);
	}
	free(z.workers);
	free(z.entries);
	return 0;
}

/* ---- The supervisor's side ---- */

enum vr_err vr_zygote_start(struct vr_zygote *zygote, const struct vr_zygote_options *options,
			    struct vr_error *err)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return vr_error_os(err, errno, "no socket for the dump's reader");
	zygote->pid = fork();
	if (zygote->pid == 0)
		vr_child_exit(zygote_main(options, pair[1], parent));
	close(pair[1]);
	if (zygote->pid < 0) {
		int saved = errno;

		close(pair[0]);
		*zygote = (struct vr_zygote){.fd = -1};
		return vr_error_os(err, saved, "no process for the dump's reader");
	}
	zygote->fd = pair[0];
	return VR_OK;
}

static bool command(struct vr_zygote *zygote, const struct vr_command *cmd, int fd)
{
	return vr_send_with_fd(zygote->fd, cmd, sizeof(*cmd), fd, MSG_DONTWAIT);
}

bool vr_zygote_run(struct vr_zygote *zygote, uint32_t plugin, uint32_t slot, uint32_t unit,
		   int sink)
{
	struct vr_command cmd = {
		.what = VR_COMMAND_RUN, .plugin = plugin, .slot = slot, .unit = unit};

	return command(zygote, &cmd, sink);
}

bool vr_zygote_kill(struct vr_zygote *zygote, uint32_t plugin)
{
	struct vr_command cmd = {.what = VR_COMMAND_KILL, .plugin = plugin};

	return command(zygote, &cmd, -1);
}

ssize_t vr_zygote_receive(struct vr_zygote *zygote, uint8_t buf[VR_DATAGRAM_MAX], uint32_t *type,
			  struct vr_wire *body)
{
	struct iovec iov = {.iov_base = buf, .iov_len = VR_DATAGRAM_MAX};
	/* No room for control messages: descriptors that it may send are dropped by the kernel. */
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	do {
		n = recvmsg(zygote->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	if (n < 4 || (msg.msg_flags & MSG_TRUNC)) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(type, buf, 4);
	*body = (struct vr_wire){.p = buf + 4, .left = (size_t)n - 4};
	return n;
}

int vr_zygote_stop(struct vr_zygote *zygote)
{
	int status = 0;

	if (zygote->fd >= 0)
		close(zygote->fd);
	if (zygote->pid > 0)
		status = vr_child_reap(zygote->pid, VR_SANITIZED ? 30000 : 3000);
	*zygote = (struct vr_zygote){.fd = -1};
	return status;
}

void vr_zygote_end_text(struct vr_zygote *zygote, const struct vr_slot *slot,
			char buf[VR_ZYGOTE_END_MAX])
{
	int status = vr_zygote_stop(zygote);
	struct vr_slot last;
	char text[64];

	vr_slot_read(slot, &last);
	if (last.refused && !last.aborting)
		snprintf(buf, VR_ZYGOTE_END_MAX,
			 "made the system call `%s`, which the sandbox refuses, while %s",
			 vr_syscall_name(&last, text, sizeof(text)), last.action);
	else if (last.refused)
		snprintf(buf, VR_ZYGOTE_END_MAX, "was killed by SIGABRT while %s", last.action);
	else
		snprintf(buf, VR_ZYGOTE_END_MAX, "%s while %s",
			 vr_wait_text(status, text, sizeof(text)), last.action);
}
