// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/sysvipc/: System V shared memory, semaphores and messages of the initial namespace (the
 * sysvipc_*_proc_show() of ipc/shm.c, sem.c and msg.c).
 */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/task_pid.h"
#include "kernel/xarray.h"
#include "plugin/emitter.h"

/* ipc/util.h */
enum { IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS };
/* include/uapi/linux/magic.h */
#define HUGETLBFS_MAGIC 0x958458f6u
/* A set has 32000 at most (SEMMSL), unless somebody raised kernel.sem. */
#define MAX_SEMAPHORES 1000000u

static bool has_sysvipc(const struct vr_key *key)
{
	return vr_type_find(key->prog, "struct shmid_kernel") != NULL;
}

/* key, id and mode */
static void put_key(struct vr_file *f, struct vr_obj perm)
{
	vr_printf(f, "%10" PRId64 " %10" PRId64 "  %4" PRIo64, vr_s64(perm, "key"),
		  vr_s64(perm, "id"), vr_u64(perm, "mode"));
}

static void put_owners(struct vr_file *f, struct vr_obj perm)
{
	vr_printf(f, " %5" PRIu64 " %5" PRIu64 " %5" PRIu64 " %5" PRIu64, vr_u64(perm, "uid.val"),
		  vr_u64(perm, "gid.val"), vr_u64(perm, "cuid.val"), vr_u64(perm, "cgid.val"));
}

/* pid_nr_ns() in the initial namespace, 0 for nobody. */
static uint64_t pid_of(struct vr_obj obj, const char *member)
{
	uint64_t pid = vr_u64(obj, member);

	return pid ? (uint64_t)vr_pid_nr(vr_at(obj.prog, "struct pid", pid), 0, 0) : 0;
}

/* shm_add_rss_swap(): pages in memory, and swapped out. */
static void count_pages(struct vr_obj shm, uint64_t *rss, uint64_t *swapped)
{
	struct vr_obj inode = vr_deref(shm, "shm_file->f_inode");

	*rss = vr_u64(inode, "i_mapping->nrpages");
	*swapped = 0;
	if (vr_u64(inode, "i_sb->s_magic") == HUGETLBFS_MAGIC) {
		struct vr_obj info = vr_at(shm.prog, "struct hugetlbfs_sb_info",
					   vr_u64(inode, "i_sb->s_fs_info"));
		uint64_t order = vr_u64(info, "hstate->order");

		if (order > 30)
			vr_latch(shm.prog, VR_CORRUPT, "huge pages of order %" PRIu64, order);
		else
			*rss <<= order;
	} else if (vr_has_member(shm.prog, "struct shmem_inode_info", "swapped")) {
		*swapped = vr_u64(vr_container_of(shm.prog, inode.addr, "struct shmem_inode_info",
						  "vfs_inode"),
				  "swapped");
	}
}

static void put_shm(struct vr_file *f, struct vr_obj perm)
{
	struct vr_obj shm =
		vr_container_of(perm.prog, perm.addr, "struct shmid_kernel", "shm_perm");
	uint64_t rss, swapped;

	count_pages(shm, &rss, &swapped);
	put_key(f, perm);
	vr_printf(f, " %21" PRIu64 " %5" PRIu64 " %5" PRIu64 "  %5" PRIu64,
		  vr_u64(shm, "shm_segsz"), pid_of(shm, "shm_cprid"), pid_of(shm, "shm_lprid"),
		  vr_u64(shm, "shm_nattch"));
	put_owners(f, perm);
	vr_printf(f, " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %21" PRIu64 " %21" PRIu64 "\n",
		  vr_u64(shm, "shm_atim"), vr_u64(shm, "shm_dtim"), vr_u64(shm, "shm_ctim"),
		  rss * 4096, swapped * 4096);
}

static void put_msg(struct vr_file *f, struct vr_obj perm)
{
	struct vr_obj msq = vr_container_of(perm.prog, perm.addr, "struct msg_queue", "q_perm");

	put_key(f, perm);
	vr_printf(f, "  %10" PRIu64 " %10" PRIu64 " %5" PRIu64 " %5" PRIu64,
		  vr_u64(msq, "q_cbytes"), vr_u64(msq, "q_qnum"), pid_of(msq, "q_lspid"),
		  pid_of(msq, "q_lrpid"));
	put_owners(f, perm);
	vr_printf(f, " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", vr_u64(msq, "q_stime"),
		  vr_u64(msq, "q_rtime"), vr_u64(msq, "q_ctime"));
}

/* get_semotime(): the latest of all semaphores of the set. */
static uint64_t last_operation(struct vr_obj sma, uint64_t count)
{
	struct vr_obj sem = vr_get(sma, "sems[0]");
	uint64_t size = vr_sizeof(sma.prog, "struct sem"), last = 0;

	if (count > MAX_SEMAPHORES)
		vr_latch(sma.prog, VR_CORRUPT, "a set of %" PRIu64 " semaphores", count);
	for (uint64_t i = 0; i < count && !vr_failed(sma.prog); i++, sem.addr += size) {
		uint64_t time = vr_u64(sem, "sem_otime");

		last = (int64_t)time > (int64_t)last || !i ? time : last;
	}
	return last;
}

static void put_sem(struct vr_file *f, struct vr_obj perm)
{
	struct vr_obj sma = vr_container_of(perm.prog, perm.addr, "struct sem_array", "sem_perm");
	uint64_t count = vr_u64(sma, "sem_nsems");

	put_key(f, perm);
	vr_printf(f, " %10" PRIu64, count);
	put_owners(f, perm);
	vr_printf(f, " %10" PRIu64 " %10" PRIu64 "\n", last_operation(sma, count),
		  vr_u64(sma, "sem_ctime"));
}

static void emit(struct vr_file *f, const struct vr_key *key, unsigned which,
		 void (*put)(struct vr_file *f, struct vr_obj perm))
{
	struct vr_obj ids = vr_get(vr_kernel_global(key->prog, "init_ipc_ns"), "ids");
	struct vr_xarray_walk w = vr_idr_begin(vr_get(vr_index(ids, which), "ipcs_idr"));

	while (vr_xarray_next(&w)) {
		vr_row_begin(f);
		put(f, vr_at(key->prog, "struct kern_ipc_perm", w.entry));
		vr_row_end(f);
	}
}

static void emit_shm(struct vr_file *f, const struct vr_key *key)
{
	vr_puts(f, "       key      shmid perms                  size  cpid  lpid nattch   uid   "
		   "gid  cuid  cgid      atime      dtime      ctime                   rss         "
		   "         swap\n");
	emit(f, key, IPC_SHM_IDS, put_shm);
}

static void emit_sem(struct vr_file *f, const struct vr_key *key)
{
	vr_puts(f, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      "
		   "ctime\n");
	emit(f, key, IPC_SEM_IDS, put_sem);
}

static void emit_msg(struct vr_file *f, const struct vr_key *key)
{
	vr_puts(f, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  "
		   "cuid  cgid      stime      rtime      ctime\n");
	emit(f, key, IPC_MSG_IDS, put_msg);
}

#define SOURCE "init_ipc_ns"
VR_EMITTER(.path = "proc/sysvipc/shm", .source = SOURCE, .exists = has_sysvipc, .emit = emit_shm)
VR_EMITTER(.path = "proc/sysvipc/sem", .source = SOURCE, .exists = has_sysvipc, .emit = emit_sem)
VR_EMITTER(.path = "proc/sysvipc/msg", .source = SOURCE, .exists = has_sysvipc, .emit = emit_msg)
