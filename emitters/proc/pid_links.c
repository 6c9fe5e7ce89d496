// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is a folder of links, or a link, in a running kernel's proc/<pid>/ (fs/proc/fd.c,
 * namespaces.c, base.c). In an archive such links would lead nowhere, so that each is a line of
 * text, the target as readlink() gives it at the line's end, with \012 for a line feed and \134 for a
 * backslash:
 *
 *	fd	number, flags in octal and position as fdinfo/<number> has them, target:
 *			3 0100000 4096 /var/log/messages
 *	ns	name, target:	mnt mnt:[4026531841]
 *	links	cwd, exe and root, those that there are, likewise:	cwd /
 */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/fd.h"
#include "kernel/path.h"
#include "kernel/task_pid.h"
#include "pid_emitter.h"

/* include/uapi/asm-generic/fcntl.h */
#define O_CLOEXEC 02000000u

static void put_target(struct vr_file *f, const char *target)
{
	char escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];

	vr_printf(f, "%s\n", vr_seq_escape(target, "\n\\", escaped, sizeof(escaped)));
}

/* proc_fd_link() and seq_show() */
static void emit_fd(struct vr_file *f, const struct vr_key *key)
{
	char path[VR_PATH_SIZE];
	struct vr_paths paths;
	struct vr_fd_walk w;

	vr_paths_begin(key->prog, &paths);
	vr_fds_begin(key->obj, &w);
	while (vr_fds_next(&w)) {
		uint64_t flags;

		vr_row_begin(f);
		flags = vr_u64(w.file, "f_flags") | (w.close_on_exec ? O_CLOEXEC : 0);
		vr_printf(f, "%u 0%" PRIo64 " %" PRId64 " ", w.fd, flags, vr_s64(w.file, "f_pos"));
		put_target(f, vr_d_path(&paths, vr_path_get(w.file, "f_path"), path));
		vr_row_end(f);
	}
}

static void put_link(struct vr_file *f, const struct vr_paths *paths, const char *name,
		     struct vr_path path)
{
	char buf[VR_PATH_SIZE];

	vr_printf(f, "%s ", name);
	put_target(f, vr_d_path(paths, path, buf));
}

/* proc_cwd_link(), proc_exe_link(), proc_root_link() */
static void emit_links(struct vr_file *f, const struct vr_key *key)
{
	bool has_fs = vr_u64(key->obj, "fs") != 0;
	bool has_exe = !(vr_u64(key->obj, "flags") & PF_KTHREAD) && vr_u64(key->obj, "mm") &&
		       vr_u64(key->obj, "mm->exe_file");
	struct vr_paths paths;

	vr_paths_begin(key->prog, &paths);
	if (has_fs)
		put_link(f, &paths, "cwd", vr_path_get(key->obj, "fs->pwd"));
	if (has_exe)
		put_link(f, &paths, "exe", vr_path_get(key->obj, "mm->exe_file->f_path"));
	if (has_fs)
		put_link(f, &paths, "root", vr_path_get(key->obj, "fs->root"));
}

/* A dead leader's or a zombie's have nothing left to lead to. */
static bool has_links(const struct vr_key *key)
{
	uint64_t fs;

	return vr_try_u64(key->obj, "fs", &fs) != VR_OK || fs;
}

/*
 * The namespaces by name, as ls sorts them: what the kernel must have to have the link at all, the
 * kind that the target names, and where the number is.
 */
static const struct {
	const char *name, *symbol, *kind, *number;
} namespaces[] = {
	{"cgroup", "cgroupns_operations", "cgroup", "nsproxy->cgroup_ns->ns.inum"},
	{"ipc", "ipcns_operations", "ipc", "nsproxy->ipc_ns->ns.inum"},
	{"mnt", "mntns_operations", "mnt", "nsproxy->mnt_ns->ns.inum"},
	{"net", "netns_operations", "net", "nsproxy->net_ns->ns.inum"},
	{"pid", "pidns_operations", "pid", NULL},
	{"pid_for_children", "pidns_for_children_operations", "pid",
	 "nsproxy->pid_ns_for_children->ns.inum"},
	{"time", "timens_operations", "time", "nsproxy->time_ns->ns.inum"},
	{"time_for_children", "timens_for_children_operations", "time",
	 "nsproxy->time_ns_for_children->ns.inum"},
	{"user", "userns_operations", "user", "cred->user_ns->ns.inum"},
	{"uts", "utsns_operations", "uts", "nsproxy->uts_ns->ns.inum"},
};

/* pidns_get(): that of the task's own id; 0 where it has none any more. */
static uint64_t pid_namespace(struct vr_obj task)
{
	struct vr_obj pid = vr_task_pid(task, VR_PID_THREAD);
	uint64_t ns[VR_PID_LEVELS];

	if (!vr_ok(pid))
		return 0;
	return vr_u64(vr_at(task.prog, "struct pid_namespace", ns[vr_pid_namespaces(pid, ns)]),
		      "ns.inum");
}

static void put_namespace(struct vr_file *f, struct vr_obj task, size_t i)
{
	bool by_proxy = namespaces[i].number && namespaces[i].number[0] == 'n';
	uint64_t number;

	if (!vr_has_symbol(task.prog, namespaces[i].symbol) ||
	    (by_proxy && !vr_u64(task, "nsproxy")))
		return;
	/* pidns_for_children_get(): not before it has a first process. */
	if (!strcmp(namespaces[i].name, "pid_for_children") &&
	    !vr_u64(task, "nsproxy->pid_ns_for_children->child_reaper"))
		return;
	number = namespaces[i].number ? vr_u64(task, namespaces[i].number) : pid_namespace(task);
	if (number)
		vr_printf(f, "%s %s:[%" PRIu64 "]\n", namespaces[i].name, namespaces[i].kind,
			  number);
}

static void emit_ns(struct vr_file *f, const struct vr_key *key)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(namespaces); i++) {
		vr_row_begin(f);
		put_namespace(f, key->obj, i);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/{pid}/fd", .source = "files_struct, file", .emit = emit_fd)
VR_EMITTER(.path = "proc/{pid}/links", .source = "fs_struct, mm_struct.exe_file",
	   .exists = has_links, .emit = emit_links)
VR_EMITTER(.path = "proc/{pid}/ns", .source = "nsproxy, cred, pid", .emit = emit_ns)
