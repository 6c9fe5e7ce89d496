// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/bits.h"
#include "image/image.h"

/* Largest file in memory that a Python zygote may make, and what it may have open: debuginfo. */
#define MEMORY_FILE_MAX ((rlim_t)256 << 20)
#define PYTHON_FILES 1024

/* Neither new name spaces nor threads: processes, plainly. */
#define CLONE_DENIED                                                                               \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_PTRACE |          \
	 CLONE_UNTRACED)

/* What makes even an open to read write. */
#define OPEN_WRITES (O_CREAT | O_TRUNC)

/*
 * A system call and what becomes of it. What comes after its name are conditions on one argument
 * each: (argument & mask) == value. It is allowed, or fails with error: what a plugin may well try
 * and go on without.
 */
struct rule {
	int call;
	struct {
		unsigned arg;
		uint64_t mask, value;
	} when[2];
	int error;
};

/* What a worker needs: to read the dump, to write to its sink, memory, time, and its end. */

static const struct rule worker_rules[] = {
	{SCMP_SYS(pread64)},
	{SCMP_SYS(preadv)},
	{SCMP_SYS(write)},
	{SCMP_SYS(writev)},
	{SCMP_SYS(exit)},
	{SCMP_SYS(exit_group)},
	{SCMP_SYS(brk)},
	{SCMP_SYS(mmap), {{2, PROT_EXEC, 0}, {3, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
	{SCMP_SYS(mprotect), {{2, PROT_EXEC, 0}}},
	{SCMP_SYS(munmap)},
	{SCMP_SYS(mremap)},
	{SCMP_SYS(madvise)},
	{SCMP_SYS(futex)},
	{SCMP_SYS(clock_gettime)},
	{SCMP_SYS(gettimeofday)},
	{SCMP_SYS(time)},
	{SCMP_SYS(getrandom)},
	{SCMP_SYS(getpid)},
	{SCMP_SYS(gettid)},
	{SCMP_SYS(sysinfo)}, /* qsort() of glibc before 2.37 asks how much memory there is */
	{SCMP_SYS(rt_sigprocmask)},
	{SCMP_SYS(rt_sigreturn)},
	{SCMP_SYS(restart_syscall)},
};

/* What the zygote needs beyond that: to fork, end and reap workers, and to talk to the supervisor.
 */
static const struct rule zygote_rules[] = {
	{SCMP_SYS(read)},
	{SCMP_SYS(lseek)},
	{SCMP_SYS(fstat)},
	{SCMP_SYS(newfstatat)}, /* what fstat() is in glibc since 2.33 */
	{SCMP_SYS(clone), {{0, CLONE_DENIED, 0}}},
	{SCMP_SYS(set_robust_list)},
	{SCMP_SYS(rseq)},
	{SCMP_SYS(wait4)},
	{SCMP_SYS(kill), {{1, ~0ull, SIGKILL}}},
	{SCMP_SYS(sendmsg)},
	{SCMP_SYS(recvmsg)},
	{SCMP_SYS(ppoll)},
	{SCMP_SYS(close)},
	{SCMP_SYS(getppid)},
	{SCMP_SYS(rt_sigaction)},
	/* in a worker, before it tightens the filter */
	{SCMP_SYS(prctl), {{0, ~0ull, PR_SET_PDEATHSIG}}},
	{SCMP_SYS(prctl), {{0, ~0ull, PR_SET_NAME}}},
	{SCMP_SYS(seccomp)},
};

/*
 * What an interpreter needs beyond that, in its zygote and in its workers alike: to find and read
 * modules (landlock says which files), also compiled ones, and to ask about itself.
 */
static const struct rule python_rules[] = {
	{SCMP_SYS(openat), {{2, OPEN_WRITES | O_ACCMODE, 0}}},
	{SCMP_SYS(openat), {{2, O_ACCMODE, O_WRONLY}}, EACCES},
	{SCMP_SYS(openat), {{2, O_ACCMODE, O_RDWR}}, EACCES},
	{SCMP_SYS(openat), {{2, O_ACCMODE, O_ACCMODE}}, EACCES},
	{SCMP_SYS(openat), {{2, O_ACCMODE | O_CREAT, O_CREAT}}, EACCES},
	{SCMP_SYS(openat), {{2, O_ACCMODE | O_TRUNC, O_TRUNC}}, EACCES},
	{SCMP_SYS(mmap)},
	{SCMP_SYS(mprotect)},
	{SCMP_SYS(read)},
	{SCMP_SYS(readv)},
	{SCMP_SYS(lseek)},
	{SCMP_SYS(close)},
	{SCMP_SYS(fstat)},
	{SCMP_SYS(stat)},
	{SCMP_SYS(lstat)},
	{SCMP_SYS(newfstatat)},
	{SCMP_SYS(statx)},
	{SCMP_SYS(statfs)},
	{SCMP_SYS(fstatfs)},
	{SCMP_SYS(access)},
	{SCMP_SYS(faccessat)},
	{SCMP_SYS(faccessat2)},
	{SCMP_SYS(readlink)},
	{SCMP_SYS(readlinkat)},
	{SCMP_SYS(getdents64)},
	{SCMP_SYS(getcwd)},
	{SCMP_SYS(fcntl)},
	{SCMP_SYS(fadvise64)},
	{SCMP_SYS(dup)},
	{SCMP_SYS(dup2)},
	{SCMP_SYS(dup3)},
	{SCMP_SYS(poll)},
	{SCMP_SYS(select)},
	{SCMP_SYS(pselect6)},
	{SCMP_SYS(uname)},
	{SCMP_SYS(getuid)},
	{SCMP_SYS(geteuid)},
	{SCMP_SYS(getgid)},
	{SCMP_SYS(getegid)},
	{SCMP_SYS(getppid)},
	{SCMP_SYS(getrusage)},
	{SCMP_SYS(times)},
	{SCMP_SYS(clock_getres)},
	{SCMP_SYS(clock_nanosleep)},
	{SCMP_SYS(nanosleep)},
	{SCMP_SYS(sched_yield)},
	{SCMP_SYS(sched_getaffinity)},
	{SCMP_SYS(rt_sigaction)},
	{SCMP_SYS(sigaltstack)},
	{SCMP_SYS(prlimit64), {{2, ~0ull, 0}}},
	{SCMP_SYS(getrlimit)},
	/* Threads can't be had, which Python says; what forks is ended as in any worker. */
	{SCMP_SYS(clone), {{0, CLONE_VM, CLONE_VM}}, EPERM},
	{SCMP_SYS(clone3), {{0}}, ENOSYS},
	{SCMP_SYS(ioctl), {{0}}, ENOTTY},
	{SCMP_SYS(epoll_create), {{0}}, ENOSYS}, /* importing selectors tries it */
	{SCMP_SYS(epoll_create1), {{0}}, ENOSYS},
	{SCMP_SYS(mkdir), {{0}}, EACCES},
	{SCMP_SYS(mkdirat), {{0}}, EACCES},
	{SCMP_SYS(rmdir), {{0}}, EACCES},
	{SCMP_SYS(unlink), {{0}}, EACCES},
	{SCMP_SYS(unlinkat), {{0}}, EACCES},
	{SCMP_SYS(rename), {{0}}, EACCES},
	{SCMP_SYS(renameat), {{0}}, EACCES},
	{SCMP_SYS(renameat2), {{0}}, EACCES},
	{SCMP_SYS(symlink), {{0}}, EACCES},
	{SCMP_SYS(link), {{0}}, EACCES},
	{SCMP_SYS(chmod), {{0}}, EACCES},
	{SCMP_SYS(fchmod), {{0}}, EACCES},
	{SCMP_SYS(chown), {{0}}, EACCES},
	{SCMP_SYS(utimensat), {{0}}, EACCES},
	{SCMP_SYS(truncate), {{0}}, EACCES},
};

/* In its zygote alone: what is made from the dump for drgn lies in files in memory. */
static const struct rule python_zygote_rules[] = {
	{SCMP_SYS(memfd_create)},
	{SCMP_SYS(ftruncate)},
	{SCMP_SYS(pwrite64)},
};

/*
 * A zygote with files that have debug information: to map them, so that workers need no right to do
 * so. And libdw asks /proc for a file's name, which it needn't have: in workers, too.
 */
static const struct rule debuginfo_zygote_rules[] = {
	{SCMP_SYS(mmap), {{2, PROT_EXEC, 0}, {3, MAP_SHARED, 0}}},
};

static const struct rule debuginfo_rules[] = {
	{SCMP_SYS(readlink), {{0}}, ENOENT},
};

/* For a file of its own that it has open. */
static const struct rule writer_rules[] = {
	{SCMP_SYS(ftruncate)},
	{SCMP_SYS(pwrite64)},
};

static int add_rules(scmp_filter_ctx ctx, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct scmp_arg_cmp cmp[2];
		unsigned n = 0;
		int rc;

		/* A rule without a condition has all masks zero. */
		for (size_t j = 0; j < 2 && rules[i].when[j].mask; j++)
			cmp[n++] = SCMP_CMP64(rules[i].when[j].arg, SCMP_CMP_MASKED_EQ,
					      rules[i].when[j].mask, rules[i].when[j].value);
		rc = seccomp_rule_add_array(
			ctx,
			rules[i].error ? SCMP_ACT_ERRNO((uint16_t)rules[i].error) : SCMP_ACT_ALLOW,
			rules[i].call, n, cmp);
		/* A call that this architecture does not have needs no rule. */
		if (rc < 0 && rc != -EDOM)
			return rc;
	}
	return 0;
}

/* The filter as a program that can be loaded later, with no library and no memory at hand. */
static int export_filter(scmp_filter_ctx ctx, struct sock_fprog *prog)
{
	int fd = memfd_create("seccomp", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);
	off_t size = rc < 0 ? 0 : lseek(fd, 0, SEEK_END);
	void *code = NULL;

	if (rc == 0 && (size <= 0 || size / (off_t)sizeof(struct sock_filter) > BPF_MAXINSNS))
		rc = -EINVAL;
	if (rc == 0 && !(code = malloc((size_t)size)))
		rc = -ENOMEM;
	if (rc == 0 && pread(fd, code, (size_t)size, 0) != size)
		rc = -EIO;
	if (fd >= 0)
		close(fd);
	if (rc < 0) {
		free(code);
		return rc;
	}
	prog->filter = code;
	prog->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	return 0;
}

static int make_filter(struct sock_fprog *prog, const struct vr_sandbox *sandbox, bool zygote)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	bool python = sandbox->profile == VR_PROFILE_PYTHON;
	int rc;

	if (!ctx)
		return -ENOMEM;
	/* First what is wider: a rule with conditions adds nothing to one without. */
	rc = python ? add_rules(ctx, python_rules, VR_ARRAY_SIZE(python_rules)) : 0;
	if (rc == 0 && python && zygote)
		rc = add_rules(ctx, python_zygote_rules, VR_ARRAY_SIZE(python_zygote_rules));
	if (rc == 0 && !python && sandbox->debuginfo)
		rc = add_rules(ctx, debuginfo_rules, VR_ARRAY_SIZE(debuginfo_rules));
	if (rc == 0 && !python && sandbox->debuginfo && zygote)
		rc = add_rules(ctx, debuginfo_zygote_rules, VR_ARRAY_SIZE(debuginfo_zygote_rules));
	if (rc == 0 && sandbox->profile == VR_PROFILE_WRITER)
		rc = add_rules(ctx, writer_rules, VR_ARRAY_SIZE(writer_rules));
	if (rc == 0)
		rc = add_rules(ctx, worker_rules, VR_ARRAY_SIZE(worker_rules));
	if (rc == 0 && zygote)
		rc = add_rules(ctx, zygote_rules, VR_ARRAY_SIZE(zygote_rules));
	/* Its flags are behind a pointer, which no filter can follow: without it fork() uses clone.
	 */
	if (rc == 0 && zygote)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = export_filter(ctx, prog);
	seccomp_release(ctx);
	return rc;
}

void vr_sandbox_prepare(struct vr_sandbox *sandbox)
{
	int rc;

	if (sandbox->off)
		sandbox->off_why = "it was asked for";
	if (VR_SANITIZED) {
		sandbox->off = true;
		sandbox->off_why = "this is a sanitizer build";
	}
	if (sandbox->off)
		return;
	rc = make_filter(&sandbox->zygote, sandbox, true);
	if (rc == 0)
		rc = make_filter(&sandbox->worker, sandbox, false);
	if (rc < 0)
		snprintf(sandbox->missing, sizeof(sandbox->missing), "%s", strerror(-rc));
}

void vr_sandbox_free(struct vr_sandbox *sandbox)
{
	free(sandbox->zygote.filter);
	free(sandbox->worker.filter);
	*sandbox = (struct vr_sandbox){0};
}

/* The one thing here that can't hang from an argument: a signal handler has none of ours. */
static struct vr_slot *volatile refused_slot;

/* SIGABRT raised by tgkill(pid, tid, SIGABRT): its third argument. */
static bool is_abort(const siginfo_t *info, const ucontext_t *uc)
{
#if defined(__x86_64__)
	return info->si_syscall == SYS_tgkill && uc->uc_mcontext.gregs[REG_RDX] == SIGABRT;
#elif defined(__aarch64__)
	return info->si_syscall == SYS_tgkill && uc->uc_mcontext.regs[2] == SIGABRT;
#else
	(void)info;
	(void)uc;
	return false;
#endif
}

static void on_refused(int sig, siginfo_t *info, void *context)
{
	struct vr_slot *slot = refused_slot;

	(void)sig;
	if (slot) {
		slot->arch = info->si_arch;
		slot->aborting = is_abort(info, context);
		slot->refused = info->si_syscall + 1;
	}
	_exit(VR_REFUSED_STATUS);
}

static void limit(int resource, rlim_t value, const char *name, const struct vr_log *log)
{
	struct rlimit rl;

	if (getrlimit(resource, &rl) == 0 && rl.rlim_max != RLIM_INFINITY && value > rl.rlim_max)
		value = rl.rlim_max;
	rl.rlim_cur = rl.rlim_max = value;
	if (setrlimit(resource, &rl) < 0)
		vr_log(log, VR_LOG_WARNING, "sandbox: no limit on %s: %s", name, strerror(errno));
}

static int load_filter(const struct sock_fprog *prog)
{
	return (int)syscall(SYS_seccomp, 1u /* SECCOMP_SET_MODE_FILTER */, 0u, prog);
}

void vr_sandbox_enter_zygote(const struct vr_sandbox *sandbox, struct vr_slot *slot,
			     const struct vr_log *log)
{
	struct sigaction sa = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_NODEFER};
	bool python = sandbox->profile == VR_PROFILE_PYTHON;

	if (sandbox->off) {
		vr_log(log, VR_LOG_WARNING, "the sandbox is OFF, since %s", sandbox->off_why);
		return;
	}
	limit(RLIMIT_CORE, 0, "core files", log);
	limit(RLIMIT_FSIZE, python ? MEMORY_FILE_MAX : sandbox->file_limit, "written files", log);
	limit(RLIMIT_NOFILE, (python ? PYTHON_FILES : 32) + VR_IMAGE_FILES_MAX, "descriptors", log);
	limit(RLIMIT_DATA, sandbox->memory_limit, "memory", log);
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		vr_log(log, VR_LOG_WARNING, "sandbox: not undumpable: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		vr_log(log, VR_LOG_WARNING,
		       "sandbox: no privileges can be given up, so neither landlock nor seccomp: "
		       "%s",
		       strerror(errno));
		return;
	}
	if (vr_landlock_enter(&sandbox->readable) < 0)
		vr_log(log, VR_LOG_WARNING, "sandbox: no landlock on this machine: %s",
		       strerror(errno));
	if (sandbox->missing[0]) {
		vr_log(log, VR_LOG_WARNING, "sandbox: no system call filter: %s", sandbox->missing);
		return;
	}
	refused_slot = slot;
	if (sigaction(SIGSYS, &sa, NULL) < 0 || load_filter(&sandbox->zygote) < 0)
		vr_log(log, VR_LOG_WARNING, "sandbox: no system call filter on this machine: %s",
		       strerror(errno));
}

bool vr_sandbox_enter_worker(const struct vr_sandbox *sandbox, struct vr_slot *slot)
{
	refused_slot = slot;
	if (sandbox->off || sandbox->missing[0])
		return true;
	/* Where the kernel has no seccomp the zygote has said so; the refusal itself is no refusal.
	 */
	return load_filter(&sandbox->worker) == 0 || errno == ENOSYS || errno == EINVAL;
}

char *vr_syscall_name(const struct vr_slot *slot, char *buf, size_t size)
{
	int nr = slot->refused - 1;
	char *name = NULL;

	if (slot->arch)
		name = seccomp_syscall_resolve_num_arch(slot->arch, nr);
	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "call %d", nr);
	free(name);
	return buf;
}
