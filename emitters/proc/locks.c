// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/locks: locks on files and who waits for them (locks_show() in fs/locks.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "plugin/emitter.h"

/* include/linux/filelock.h (fs.h until 6.2): macros, the same in all kernels. */
#define FL_POSIX 1u
#define FL_FLOCK 2u
#define FL_DELEG 4u
#define FL_ACCESS 8u
#define FL_LEASE 32u
#define FL_DOWNGRADE_PENDING 256u
#define FL_UNLOCK_PENDING 512u
#define FL_OFDLCK 1024u
#define FL_LAYOUT 2048u
#define IS_LEASE (FL_LEASE | FL_DELEG | FL_LAYOUT)
/* include/uapi/asm-generic/fcntl.h */
enum { F_RDLCK, F_WRLCK, F_UNLCK };
#define LOCK_MAND 32u
#define LOCK_READ 64u
#define LOCK_WRITE 128u
/* include/linux/fs.h, include/uapi/linux/stat.h */
#define SB_MANDLOCK 64u
#define S_ISGID 02000u
#define S_IXGRP 00010u

/* Most waiters behind one another that are followed. */
#define MAX_LEVELS 256

/* One lock; since 6.9 (commit 4ca52f539865) what all kinds have is a struct in it. */
struct lock {
	struct vr_obj obj; /* struct file_lock */
	uint64_t flags, type, file;
	int pid;
};

struct table {
	struct vr_file *f;
	struct vr_program *prog;
	bool all_levels; /* shows those, too, who wait for one who waits */
	bool mandatory;
};

static bool has_locks(const struct vr_key *key)
{
	uint64_t addr;

	return vr_try_symbol(key->prog, "file_lock_list", &addr) != VR_ABSENT;
}

static struct lock get_lock(struct vr_obj obj)
{
	return (struct lock){
		.obj = obj,
		.flags = vr_u64(obj, "c.flc_flags|fl_flags"),
		.type = vr_u64(obj, "c.flc_type|fl_type"),
		.file = vr_u64(obj, "c.flc_file|fl_file"),
		.pid = (int)vr_s64(obj, "c.flc_pid|fl_pid"),
	};
}

/* mandatory_lock(), until 5.14. */
static bool is_mandatory(const struct table *t, struct vr_obj inode)
{
	return t->mandatory && (vr_u64(inode, "i_sb->s_flags") & SB_MANDLOCK) &&
	       (vr_u64(inode, "i_mode") & (S_ISGID | S_IXGRP)) == S_ISGID;
}

static const char *lease_state(const struct lock *l)
{
	if (l->flags & (FL_UNLOCK_PENDING | FL_DOWNGRADE_PENDING))
		return "BREAKING  ";
	return l->file ? "ACTIVE    " : "BREAKER   ";
}

static void put_kind(const struct table *t, const struct lock *l, struct vr_obj inode)
{
	if (l->flags & FL_POSIX)
		vr_printf(t->f, "%s %s ",
			  l->flags & FL_ACCESS   ? "ACCESS"
			  : l->flags & FL_OFDLCK ? "OFDLCK"
						 : "POSIX ",
			  !l->file                 ? "*NOINODE*"
			  : is_mandatory(t, inode) ? "MANDATORY"
						   : "ADVISORY ");
	else if (l->flags & FL_FLOCK)
		vr_puts(t->f, l->type & LOCK_MAND ? "FLOCK  MSNFS     " : "FLOCK  ADVISORY  ");
	else if (l->flags & IS_LEASE)
		vr_printf(t->f, "%s%s", l->flags & FL_DELEG ? "DELEG  " : "LEASE  ",
			  lease_state(l));
	else
		vr_puts(t->f, "UNKNOWN UNKNOWN  ");
}

/* target_leasetype() for leases; LOCK_MAND is of locks that nobody can have any more since 5.18. */
static const char *type_name(const struct lock *l)
{
	uint64_t type = l->type;

	if (type & LOCK_MAND) {
		if (type & LOCK_READ)
			return type & LOCK_WRITE ? "RW   " : "READ ";
		return type & LOCK_WRITE ? "WRITE" : "NONE ";
	}
	if (l->flags & IS_LEASE) {
		if (l->flags & FL_UNLOCK_PENDING)
			type = F_UNLCK;
		else if (l->flags & FL_DOWNGRADE_PENDING)
			type = F_RDLCK;
	}
	return type == F_WRLCK ? "WRITE" : type == F_RDLCK ? "READ" : "UNLCK";
}

/* lock_get_status() */
static void put_lock(const struct table *t, const struct lock *l, uint64_t id, unsigned level)
{
	struct vr_obj inode = {.prog = t->prog};

	if (l->file)
		inode = vr_deref(vr_at(t->prog, "struct file", l->file), "f_inode");
	vr_printf(t->f, "%" PRIu64 ": %*s", id, level ? (int)level + 2 : 0, level ? "-> " : "");
	put_kind(t, l, inode);
	vr_printf(t->f, "%s %d ", type_name(l), l->flags & FL_OFDLCK ? -1 : l->pid);
	if (l->file) {
		uint64_t dev = vr_u64(inode, "i_sb->s_dev");

		vr_printf(t->f, "%02" PRIx64 ":%02" PRIx64 ":%" PRIu64 " ", dev >> 20,
			  dev & 0xfffff, vr_u64(inode, "i_ino"));
	} else {
		vr_puts(t->f, "<none>:0 ");
	}
	if (!(l->flags & FL_POSIX)) {
		vr_puts(t->f, "0 EOF\n");
		return;
	}
	vr_printf(t->f, "%" PRId64 " ", vr_s64(l->obj, "fl_start"));
	if (vr_s64(l->obj, "fl_end") == INT64_MAX)
		vr_puts(t->f, "EOF\n");
	else
		vr_printf(t->f, "%" PRId64 "\n", vr_s64(l->obj, "fl_end"));
}

/* Those who wait for a lock. */
static struct vr_list_walk waiters_of(struct vr_obj lock)
{
	bool apart = vr_has(lock, "c");

	return vr_list_begin(vr_get(lock, apart ? "c.flc_blocked_requests" : "fl_blocked_requests"),
			     "struct file_lock",
			     apart ? "c.flc_blocked_member" : "fl_blocked_member");
}

/* The next one in a list of waiters, who must say the same: so each has one place in the tree. */
static bool next_waiter(struct vr_list_walk *w, uint64_t lock)
{
	while (vr_list_next(w)) {
		if (vr_u64(w->entry, "c.flc_blocker|fl_blocker") == lock)
			return true;
		if (!vr_failed(w->entry.prog))
			vr_cut(w->entry.prog, VR_CORRUPT,
			       "a lock at 0x%" PRIx64 " that waits for another", w->entry.addr);
	}
	return false;
}

/* A lock and, each behind the one that it waits for, those who wait: a tree, in depth. */
static void put_tree(const struct table *t, struct vr_obj obj, uint64_t id)
{
	struct {
		uint64_t lock;
		struct vr_list_walk waiters;
	} path[MAX_LEVELS];
	unsigned level = 0;

	for (;;) {
		struct lock l = get_lock(obj);

		put_lock(t, &l, id, level);
		if (level == MAX_LEVELS) {
			vr_cut(t->prog, VR_LIMIT, "more than %d waiters behind one another",
			       MAX_LEVELS);
			level--;
		} else if (!level || t->all_levels) {
			path[level].lock = obj.addr;
			path[level++].waiters = waiters_of(obj);
		}
		while (level && !next_waiter(&path[level - 1].waiters, path[level - 1].lock))
			level--;
		if (!level)
			return;
		obj = path[level - 1].waiters.entry;
	}
}

static void put_cpu(const struct table *t, unsigned cpu, uint64_t *id)
{
	struct vr_obj list = vr_kernel_per_cpu(t->prog, "file_lock_list", cpu);
	const char *link =
		vr_has_member(t->prog, "struct file_lock", "c") ? "c.flc_link" : "fl_link";
	struct vr_list_walk w = vr_hlist_begin(vr_get(list, "hlist"), "struct file_lock", link);

	while (vr_list_next(&w)) {
		vr_row_begin(t->f);
		++*id;
		/* One that belongs to nobody any more has a number, but isn't shown. */
		if (get_lock(w.entry).pid)
			put_tree(t, w.entry, *id);
		vr_row_end(t->f);
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct table t = {
		.f = f,
		.prog = key->prog,
		/* Since 5.13 (commit b8da9b10e26c), as there is struct fileattr (later: file_kattr). */
		.all_levels = vr_type_find(key->prog, "struct fileattr") ||
			      vr_type_find(key->prog, "struct file_kattr"),
		.mandatory = vr_has_symbol(key->prog, "locks_mandatory_locked"),
	};
	struct vr_cpumask possible;
	uint64_t id = 0;

	if (!vr_cpumask_read(key->prog, "__cpu_possible_mask", &possible))
		return;
	for (unsigned cpu = vr_cpumask_next(&possible, 0); cpu < possible.nr;
	     cpu = vr_cpumask_next(&possible, cpu + 1))
		put_cpu(&t, cpu, &id);
}

VR_EMITTER(.path = "proc/locks", .source = "file_lock_list", .exists = has_locks, .emit = emit)
