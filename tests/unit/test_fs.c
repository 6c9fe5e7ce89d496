// SPDX-License-Identifier: GPL-2.0-or-later
/* What file systems show of themselves in mounts: flags and values, and what is made of damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kernel/fs/fs.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef struct { unsigned int val; } kuid_t;
	typedef struct { unsigned int val; } kgid_t;
	struct inode { unsigned short i_mode; kuid_t i_uid; kgid_t i_gid; unsigned long i_ino; void *i_private; };
	struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
	struct qstr { unsigned int hash, len; const unsigned char *name; };
	struct dentry {
		unsigned int d_flags; struct hlist_bl_node d_hash; struct dentry *d_parent;
		struct qstr d_name; struct inode *d_inode; void *d_op; void *d_fsdata;
	};
	struct super_operations { void *show_options, *show_devname, *show_path, *show_stats; };
	struct file_system_type { const char *name; };
	struct super_block {
		unsigned long s_flags, s_blocksize; void *s_bdev; const struct super_operations *s_op;
		struct file_system_type *s_type; char *s_subtype; void *s_fs_info; struct dentry *s_root;
	};
	struct vfsmount { struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; };
	struct mount {
		struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt;
		const char *mnt_devname;
	};
	struct path { struct vfsmount *mnt; struct dentry *dentry; };
	struct fs_struct { struct path root, pwd; };
	struct task_struct { struct fs_struct *fs; };
	struct pid_namespace { struct task_struct *child_reaper; };

	struct pts_mount_opts {
		int setuid, setgid; kuid_t uid; kgid_t gid; unsigned short mode, ptmxmode; int reserve, max;
	};
	struct pts_fs_info { struct pts_mount_opts mount_opts; };
	struct list_head { struct list_head *next, *prev; };
	struct proc_xfs_info { unsigned long flag; char *str; };
	struct xfs_sb { unsigned char sb_blocklog; };
	struct ovl_config {
		char *upperdir, *workdir, **lowerdirs; _Bool default_permissions; int redirect_mode; _Bool index;
		_Bool nfs_export; int xino; _Bool metacopy;
	};
	struct ovl_fs { unsigned int numlayer, numdatalayer; struct ovl_config config; int xino_mode; };
	struct uid_gid_extent { unsigned int first, lower_first, count; };
	struct uid_gid_map { unsigned int nr_extents; struct uid_gid_extent extent[5]; };
	struct user_namespace { struct uid_gid_map uid_map, gid_map; };
	struct fuse_conn {
		struct user_namespace *user_ns; kuid_t user_id; kgid_t group_id; unsigned int max_read;
		_Bool legacy_opts_show, default_permissions, allow_other;
	};
	struct fuse_mount { struct fuse_conn *fc; };
	struct hstate { unsigned int order; };
	struct hugepage_subpool { long max_hpages, min_hpages; };
	struct hugetlbfs_sb_info {
		long max_inodes; struct hstate *hstate; struct hugepage_subpool *spool; kuid_t uid; kgid_t gid;
		unsigned short mode;
	};
)
TINY_TYPES(newer,
	struct xfs_mount {
		struct xfs_sb m_sb; unsigned long m_features; char *m_rtname, *m_logname; int m_dalign, m_swidth;
		unsigned int m_allocsize_log; int m_logbufs, m_logbsize; unsigned int m_qflags;
	};
)
/* clang-format on */

/* A file system of whose functions the name is the caller's, mounted on /. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	struct vr_paths paths;
	struct vr_strbuf out;
	struct vr_strbuf types;
	uint64_t sb, mount, root, top, ops, table, rodata;
};

#define FUNCTION (TK_TEXT + 64)

static uint64_t text(struct place *p, const char *string)
{
	uint64_t va = tk_alloc(p->k, strlen(string) + 1);

	memcpy(tk_ptr(p->k, va), string, strlen(string) + 1);
	return va;
}

static struct super_block *super(struct place *p)
{
	return tk_ptr(p->k, p->sb);
}

static uint64_t new_dentry(struct place *p, uint64_t parent, const char *name)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct dentry));
	uint64_t inode = tk_alloc(p->k, sizeof(struct inode));
	struct dentry *d = tk_ptr(p->k, va);

	d->d_parent = tk_va(struct dentry, parent ? parent : va);
	d->d_name.name = tk_va(unsigned char, text(p, name));
	d->d_name.len = (unsigned)strlen(name);
	d->d_hash.pprev = tk_va(struct hlist_bl_node *, va);
	d->d_inode = tk_va(struct inode, inode);
	return va;
}

/* The reader: process 1, whose root is that mount. */
static void make_reader(struct place *p)
{
	uint64_t ns = tk_global(p->k, "init_pid_ns", sizeof(struct pid_namespace));
	uint64_t task = tk_alloc(p->k, sizeof(struct task_struct));
	uint64_t fs = tk_alloc(p->k, sizeof(struct fs_struct));
	struct fs_struct *f = tk_ptr(p->k, fs);

	f->root.mnt = tk_va(struct vfsmount, p->mount + offsetof(struct mount, mnt));
	f->root.dentry = tk_va(struct dentry, p->root);
	tk_put64(p->k, task, fs);
	tk_put64(p->k, ns, task);
}

/* Of a kernel with these types besides. */
static struct place make_of(const char *more, const char *function)
{
	struct place p = {0};
	struct mount *m;
	uint64_t kind;

	vr_strbuf_printf(&p.types, "%s %s", types, more);
	p.k = tk_new((struct tk_spec){.types = vr_strbuf_str(&p.types)});
	p.sb = tk_alloc(p.k, sizeof(struct super_block));
	p.ops = tk_alloc(p.k, sizeof(struct super_operations));
	p.mount = tk_alloc(p.k, sizeof(struct mount));
	p.root = p.top = new_dentry(&p, 0, "/");
	p.table = tk_global(p.k, "xfs_info_set.602", 64 * sizeof(struct proc_xfs_info));
	kind = tk_alloc(p.k, sizeof(struct file_system_type));
	tk_put64(p.k, kind, text(&p, "odd kind#"));
	super(&p)->s_op = tk_va(struct super_operations, p.ops);
	super(&p)->s_type = tk_va(struct file_system_type, kind);
	super(&p)->s_root = tk_va(struct dentry, p.root);
	m = tk_ptr(p.k, p.mount);
	m->mnt_parent = tk_va(struct mount, p.mount);
	m->mnt_mountpoint = tk_va(struct dentry, p.root);
	m->mnt.mnt_root = tk_va(struct dentry, p.top);
	m->mnt.mnt_sb = tk_va(struct super_block, p.sb);
	m->mnt_devname = tk_va(char, text(&p, "odd source#\\"));
	make_reader(&p);
	tk_symbol(p.k, 't', function, FUNCTION);
	tk_symbol(p.k, 't', "behind_it", FUNCTION + 64);
	tk_put64(p.k, p.ops, FUNCTION);
	p.rodata = tk_global(p.k, "__start_rodata", 64);
	tk_global(p.k, "__end_rodata", 8);
	return p;
}

static struct place make(const char *function)
{
	return make_of(newer, function);
}

/* Let the function use that text, and no other. */
static void put_text(struct place *p, const char *used)
{
	int32_t operand = (int32_t)(int64_t)p->rodata;

	snprintf(tk_ptr(p->k, p->rodata), 64, "%s", used);
	memcpy((uint8_t *)tk_ptr(p->k, FUNCTION) + 13, &operand, sizeof(operand));
}

static void *info(struct place *p, size_t size)
{
	uint64_t va = tk_alloc(p->k, size);

	super(p)->s_fs_info = tk_va(void, va);
	return tk_ptr(p->k, va);
}

/* What show() appends; out stays the place's. */
static const char *shown(struct place *p, void (*show)(const struct vr_fs_mount *m))
{
	struct vr_fs_mount m;

	p->prog = tk_open(p->k);
	assert_true(vr_paths_begin(p->prog, &p->paths));
	vr_strbuf_truncate(&p->out, 0);
	m = vr_fs_mount(&p->paths, vr_at(p->prog, "struct mount", p->mount), &p->out);
	show(&m);
	return vr_strbuf_str(&p->out);
}

static void expect(struct place *p, const char *want)
{
	assert_string_equal(shown(p, vr_fs_options), want);
	tk_expect(p->prog, VR_OK, 0);
}

static void expect_error(struct place *p, enum vr_err kind)
{
	shown(p, vr_fs_options);
	tk_expect(p->prog, kind, 0);
}

static void done(struct place *p)
{
	vr_strbuf_free(&p->out);
	tk_free(p->k);
	vr_strbuf_free(&p->types);
}

static void test_columns(void **state)
{
	struct place p = make("nobodys_show_options");

	(void)state;
	assert_string_equal(shown(&p, vr_fs_source), "odd\\040source#\\134");
	assert_string_equal(shown(&p, vr_fs_type), "odd\\040kind#");
	super(&p)->s_subtype = tk_va(char, text(&p, "sub type"));
	assert_string_equal(shown(&p, vr_fs_type), "odd\\040kind#.sub\\040type");
	assert_string_equal(shown(&p, vr_fs_root), "/");
	assert_string_equal(shown(&p, vr_fs_stats), "");
	tk_expect(p.prog, VR_OK, 0);
	((struct mount *)tk_ptr(p.k, p.mount))->mnt_devname = NULL;
	assert_string_equal(shown(&p, vr_fs_source), "none");
	/* None of its own, one that isn't known, one that isn't in the dump. */
	expect_error(&p, VR_UNSUPPORTED);
	tk_put64(p.k, p.ops, 0);
	expect(&p, "");
	super(&p)->s_op = tk_va(struct super_operations, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	done(&p);
}

static void test_devpts(void **state)
{
	struct place p = make("devpts_show_options");
	struct pts_fs_info *i = info(&p, sizeof(*i));

	(void)state;
	i->mount_opts = (struct pts_mount_opts){.mode = 0600, .max = 1 << 20};
	expect(&p, ",mode=600,ptmxmode=000");
	i->mount_opts = (struct pts_mount_opts){.setuid = 1,
						.setgid = 1,
						.uid = {0},
						.gid = {5},
						.mode = 0620,
						.ptmxmode = 0666,
						.max = 7};
	expect(&p, ",uid=0,gid=5,mode=620,ptmxmode=666,max=7");
	super(&p)->s_fs_info = tk_va(void, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	super(&p)->s_fs_info = NULL;
	expect_error(&p, VR_FAULT);
	done(&p);
}

static void test_without_types(void **state)
{
	struct place p = make("squashfs_show_options");

	(void)state;
	info(&p, 64);
	expect_error(&p, VR_ABSENT);
	done(&p);
}

static void put_line(struct place *p, unsigned i, uint64_t flag, const char *option)
{
	tk_put64(p->k, p->table + 16 * i, flag);
	tk_put64(p->k, p->table + 16 * i + 8, text(p, option));
}

static void test_xfs(void **state)
{
	struct place p = make("xfs_fs_show_options");
	struct xfs_mount *i = info(&p, sizeof(*i));

	(void)state;
	put_line(&p, 0, 1ULL << 52, ",wsync");
	put_line(&p, 1, 1ULL << 49, ",noalign");
	put_text(&p, ",uqnoenforce");
	*i = (struct xfs_mount){.m_sb = {12}, .m_qflags = 0x0001 | 0x0008 | 0x0200};
	expect(&p, ",inode64,uqnoenforce,prjquota");
	*i = (struct xfs_mount){.m_sb = {12},
				.m_features = 1ULL << 49 | 1ULL << 50 | 1ULL << 56,
				.m_allocsize_log = 16,
				.m_logbufs = 4,
				.m_logbsize = 65536,
				.m_dalign = 2,
				.m_swidth = 8,
				.m_logname = tk_va(char, text(&p, "/dev/log,1"))};
	expect(&p, ",noalign,inode32,allocsize=64k,logbufs=4,logbsize=64k,logdev=/dev/log\\0541,"
		   "sunit=16,swidth=64,noquota");
	/* A table that doesn't end, a text without an end, one that isn't there. */
	for (unsigned line = 0; line < 64; line++)
		put_line(&p, line, 1ULL << 40, "");
	expect(&p, ",noalign,inode32,allocsize=64k,logbufs=4,logbsize=64k,logdev=/dev/log\\0541,"
		   "sunit=16,swidth=64,noquota" +
			   strlen(",noalign"));
	i->m_logname = tk_va(char, tk_alloc(p.k, 8192));
	memset(tk_ptr(p.k, (uint64_t)(uintptr_t)i->m_logname), 'x', 8192);
	expect_error(&p, VR_CORRUPT);
	i->m_logname = tk_va(char, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	done(&p);
}

/* Before 5.15 it has flags, whose bits are in no type; of users' quotas it says what it knows to say. */
static void test_xfs_flags(void **state)
{
	/* clang-format off */
	TINY_TYPES(older,
		struct xfs_mount {
			struct xfs_sb m_sb; unsigned long m_flags; char *m_rtname, *m_logname; int m_dalign, m_swidth;
			unsigned int m_allocsize_log; int m_logbufs, m_logbsize; unsigned int m_qflags;
		};
	)
	/* clang-format on */
	struct place p = make_of(older, "xfs_fs_show_options");
	struct xfs_mount *i = info(&p, sizeof(*i));

	(void)state;
	put_line(&p, 0, 1ULL << 8, ",attr2");
	*i = (struct xfs_mount){.m_sb = {12}, .m_flags = 1ULL << 8 | 1ULL << 15};
	expect(&p, ",attr2,inode64,noquota");
	*i = (struct xfs_mount){.m_sb = {12},
				.m_flags = 1ULL << 14 | 1ULL << 12,
				.m_allocsize_log = 20,
				.m_qflags = 0x0001};
	expect(&p, ",inode32,allocsize=1024k,usrquota");
	put_text(&p, ",uqnoenforce");
	expect(&p, ",inode32,allocsize=1024k,uqnoenforce");
	i->m_qflags = 0x0003;
	expect(&p, ",inode32,allocsize=1024k,usrquota");
	done(&p);
}

/* Before 5.5 its table has other flags. */
static void test_xfs_before_those_flags(void **state)
{
	/* clang-format off */
	TINY_TYPES(ancient,
		struct xfs_mount {
			struct xfs_sb m_sb; unsigned long m_flags; char *m_rtname, *m_logname; int m_dalign, m_swidth;
			unsigned int m_writeio_log; int m_logbufs, m_logbsize; unsigned int m_qflags;
		};
	)
	/* clang-format on */
	struct place p = make_of(ancient, "xfs_fs_show_options");

	(void)state;
	info(&p, sizeof(struct xfs_mount));
	expect_error(&p, VR_ABSENT);
	done(&p);
}

/* clang-format off */
TINY_TYPES(btrfs,
	enum btrfs_compression_type { BTRFS_COMPRESS_NONE, BTRFS_COMPRESS_ZLIB, BTRFS_COMPRESS_LZO, BTRFS_NR_COMPRESS_TYPES };
	struct cpumask { unsigned long bits[1]; };
	enum cpuhp_state { CPUHP_OFFLINE, CPUHP_ONLINE = 7 };
	struct cpuhp_cpu_state { enum cpuhp_state state; };
	struct btrfs_key { unsigned long objectid; };
	struct btrfs_root { struct btrfs_key root_key; };
	struct btrfs_inode { struct btrfs_root *root; struct inode vfs_inode; };
	struct btrfs_super_block { unsigned long cache_generation, compat_ro_flags; };
	struct rcu_string { long rcu; char str[1]; };
	struct btrfs_device { struct list_head dev_list; unsigned long devid, dev_state; struct rcu_string *name; };
	struct btrfs_fs_devices { struct list_head devices; };
	struct btrfs_fs_info {
		unsigned long mount_opt, max_inline; unsigned int thread_pool_size, compress_type, compress_level;
		unsigned int metadata_ratio, commit_interval; struct super_block *sb;
		struct btrfs_super_block *super_copy; struct btrfs_fs_devices *fs_devices;
	};
)
TINY_TYPES(btrfs_flags, enum btrfs_flags { BTRFS_FS_BARRIER, BTRFS_FS_CLEANUP_SPACE_CACHE_V1 };)
/* clang-format on */

static struct btrfs_fs_info *make_btrfs(struct place *p)
{
	struct btrfs_fs_info *i = info(p, sizeof(*i));
	uint64_t inode = tk_alloc(p->k, sizeof(struct btrfs_inode));
	uint64_t root = tk_alloc(p->k, sizeof(struct btrfs_root));

	tk_put64(p->k, inode, root);
	tk_put64(p->k, root, 5);
	((struct dentry *)tk_ptr(p->k, p->root))->d_inode =
		tk_va(struct inode, inode + offsetof(struct btrfs_inode, vfs_inode));
	tk_put64(p->k, tk_global(p->k, "__cpu_present_mask", 8), 1);
	*(int *)tk_ptr(p->k, tk_global(p->k, "nr_cpu_ids", 4)) = 1;
	tk_global(p->k, "__per_cpu_offset", 8);
	*(int *)tk_ptr(p->k, tk_global(p->k, "cpuhp_state", 4)) = CPUHP_ONLINE;
	tk_put64(p->k, tk_global(p->k, "btrfs_compress_types", 32) + 16, text(p, "lzo"));
	super(p)->s_flags = 1u << 16;
	*i = (struct btrfs_fs_info){
		.max_inline = 2048,
		.thread_pool_size = 3,
		.commit_interval = 30,
		.sb = tk_va(struct super_block, p->sb),
		.super_copy = tk_va(struct btrfs_super_block,
				    tk_alloc(p->k, sizeof(struct btrfs_super_block))),
		.fs_devices = tk_va(struct btrfs_fs_devices,
				    tk_alloc(p->k, sizeof(struct btrfs_fs_devices))),
	};
	return i;
}

/* Before 6.0 its options are bits that no type has; before 5.11 it shows what was asked for. */
static void test_btrfs_macros(void **state)
{
	struct place p = make_of(btrfs, "btrfs_show_options");
	struct btrfs_fs_info *i = make_btrfs(&p);
	struct vr_strbuf since = {0};

	(void)state;
	put_text(&p, ",subvol=");
	expect(&p, ",nospace_cache,subvolid=5,subvol=/");
	i->mount_opt =
		1u << 3 | 1u << 5 | 1u << 11 | 1u << 12 | 1u << 17 | 1u << 18 | 1u << 27 | 1u << 29;
	i->compress_type = BTRFS_COMPRESS_LZO;
	((struct btrfs_super_block *)tk_ptr(p.k, (uint64_t)(uintptr_t)i->super_copy))
		->compat_ro_flags = 1;
	expect(&p,
	       ",compress-force=lzo,ssd,rescue=nologreplay,discard=async,space_cache,inode_cache,"
	       "subvolid=5,subvol=/");
	i->mount_opt = 1u << 26;
	expect(&p, ",space_cache=v2,subvolid=5,subvol=/");
	done(&p);

	vr_strbuf_printf(&since, "%s %s", btrfs, btrfs_flags);
	p = make_of(vr_strbuf_str(&since), "btrfs_show_options");
	i = make_btrfs(&p);
	i->mount_opt = 1u << 12 | 1u << 18 | 1u << 27 | 1ul << 31;
	expect(&p, ",rescue=nologreplay:usebackuproot:ignoredatacsums,nospace_cache,subvolid=5,"
		   "subvol=/");
	i->fs_devices = tk_va(struct btrfs_fs_devices, TK_NOWHERE);
	expect(&p, ",rescue=nologreplay:usebackuproot:ignoredatacsums,nospace_cache,subvolid=5,"
		   "subvol=/");
	i->super_copy = tk_va(struct btrfs_super_block, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	i->compress_type = UINT32_MAX;
	i->mount_opt = 1u << 5;
	expect_error(&p, VR_CORRUPT);
	done(&p);
	vr_strbuf_free(&since);
}

static void put_device(struct place *p, struct btrfs_fs_info *i, uint64_t va, unsigned long number,
		       const char *name)
{
	uint64_t head = (uint64_t)(uintptr_t)i->fs_devices;
	struct list_head *first = tk_ptr(p->k, head);
	struct btrfs_device *d = tk_ptr(p->k, va);

	*d = (struct btrfs_device){.devid = number};
	if (name) {
		uint64_t string = tk_alloc(p->k, 64);

		snprintf((char *)tk_ptr(p->k, string) + 8, 56, "%s", name);
		d->name = tk_va(struct rcu_string, string);
	}
	d->dev_list.next = first->next;
	d->dev_list.prev = tk_va(struct list_head, head);
	((struct list_head *)tk_ptr(p->k, (uint64_t)(uintptr_t)first->next))->prev =
		tk_va(struct list_head, va);
	first->next = tk_va(struct list_head, va);
}

/* Before 5.16 its source is the first of its devices by their numbers that is there and has a name. */
static void test_btrfs_devices(void **state)
{
	struct place p = make_of(btrfs, "btrfs_show_devname");
	struct btrfs_fs_info *i = make_btrfs(&p);
	uint64_t head = (uint64_t)(uintptr_t)i->fs_devices, device[4];
	struct btrfs_device *last;

	(void)state;
	tk_put64(p.k, p.ops + offsetof(struct super_operations, show_devname), FUNCTION);
	tk_put64(p.k, head, head);
	tk_put64(p.k, head + 8, head);
	assert_string_equal(shown(&p, vr_fs_source), "");
	for (size_t n = 0; n < 4; n++)
		device[n] = tk_alloc(p.k, sizeof(struct btrfs_device));
	put_device(&p, i, device[0], 4, "/dev/four");
	put_device(&p, i, device[1], 3, "/dev/number three");
	put_device(&p, i, device[2], 2, NULL);
	put_device(&p, i, device[3], 1, "/dev/gone");
	last = tk_ptr(p.k, device[3]);
	last->dev_state = 1u << 2;
	assert_string_equal(shown(&p, vr_fs_source), "/dev/number\\040three");
	tk_expect(p.prog, VR_OK, 0);
	last->dev_state = 0;
	assert_string_equal(shown(&p, vr_fs_source), "/dev/gone");
	/* In a circle that leaves the head out; to nowhere: any of the others may have been the first. */
	last = tk_ptr(p.k, device[0]);
	last->dev_list.next = tk_va(struct list_head, device[3]);
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_CORRUPT, 0);
	last->dev_list.next = tk_va(struct list_head, TK_NOWHERE);
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_FAULT, 0);
	i->fs_devices = NULL;
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_FAULT, 0);
	done(&p);
}

static void test_fuse(void **state)
{
	struct place p = make("fuse_show_options");
	uint64_t conn = tk_alloc(p.k, sizeof(struct fuse_conn));
	uint64_t ns = tk_alloc(p.k, sizeof(struct user_namespace));
	struct fuse_mount *i = info(&p, sizeof(*i));
	struct fuse_conn *c = tk_ptr(p.k, conn);
	struct user_namespace *n = tk_ptr(p.k, ns);

	(void)state;
	*(int *)tk_ptr(p.k, tk_global(p.k, "overflowuid", 4)) = 65534;
	*(int *)tk_ptr(p.k, tk_global(p.k, "overflowgid", 4)) = 65533;
	i->fc = tk_va(struct fuse_conn, conn);
	*c = (struct fuse_conn){.user_ns = tk_va(struct user_namespace, ns), .max_read = ~0u};
	expect(&p, "");
	/* Ids of a namespace: 100000 and following are its 0 and following. */
	n->uid_map = (struct uid_gid_map){.nr_extents = 1, .extent = {{0, 100000, 65536}}};
	c->legacy_opts_show = c->allow_other = true;
	c->user_id.val = 101000;
	c->group_id.val = 7;
	c->max_read = 4096;
	expect(&p, ",user_id=1000,group_id=65533,allow_other,max_read=4096");
	super(&p)->s_bdev = tk_va(void, p.sb);
	super(&p)->s_blocksize = 4096;
	expect(&p, ",user_id=1000,group_id=65533,allow_other,max_read=4096,blksize=4096");
	n->uid_map.nr_extents = UINT32_MAX;
	expect_error(&p, VR_CORRUPT);
	i->fc = tk_va(struct fuse_conn, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	done(&p);
}

static void test_hugetlbfs(void **state)
{
	struct place p = make("hugetlbfs_show_options");
	uint64_t hstate = tk_alloc(p.k, sizeof(struct hstate));
	uint64_t pool = tk_alloc(p.k, sizeof(struct hugepage_subpool));
	struct hugetlbfs_sb_info *i = info(&p, sizeof(*i));

	(void)state;
	*(unsigned *)tk_ptr(p.k, hstate) = 9;
	*(struct hugepage_subpool *)tk_ptr(p.k, pool) = (struct hugepage_subpool){4, -1};
	*i = (struct hugetlbfs_sb_info){
		.max_inodes = -1, .mode = 0755, .hstate = tk_va(struct hstate, hstate)};
	expect(&p, ",pagesize=2M");
	i->spool = tk_va(struct hugepage_subpool, pool);
	i->mode = 01777;
	i->uid.val = 3;
	expect(&p, ",uid=3,mode=1777,pagesize=2M,size=8388608");
	*(unsigned *)tk_ptr(p.k, hstate) = UINT32_MAX;
	expect_error(&p, VR_CORRUPT);
	done(&p);
}

/* Layers of an overlay that are more than there can be. */
static void test_overlay(void **state)
{
	static const char *const parameters[] = {
		"ovl_index_def",        "ovl_metacopy_def",
		"ovl_nfs_export_def",   "ovl_redirect_always_follow",
		"ovl_redirect_dir_def", "ovl_xino_auto_def"};
	struct place p = make("ovl_show_options");
	struct ovl_fs *i = info(&p, sizeof(*i));
	uint64_t layers = tk_alloc(p.k, 64);

	(void)state;
	for (size_t n = 0; n < VR_ARRAY_SIZE(parameters); n++)
		tk_global(p.k, parameters[n], 1);
	i->config.lowerdirs = tk_va(char *, layers);
	tk_put64(p.k, layers + 8, text(&p, "/lower"));
	i->numlayer = UINT32_MAX;
	expect_error(&p, VR_CORRUPT);
	i->numlayer = 2;
	i->numdatalayer = 3;
	expect_error(&p, VR_CORRUPT);
	i->config.lowerdirs = tk_va(char *, TK_NOWHERE);
	expect_error(&p, VR_FAULT);
	done(&p);
}

/* What was mounted from a server, and the path below it. */
static void test_nfs_source(void **state)
{
	struct place p = make("nfs_show_devname");
	struct mount *m = tk_ptr(p.k, p.mount);
	struct dentry *root = tk_ptr(p.k, p.root), *dir;
	uint64_t below = new_dentry(&p, p.root, "odd folder"), base = tk_alloc(p.k, 8192);

	(void)state;
	dir = tk_ptr(p.k, below);
	tk_put64(p.k, p.ops + offsetof(struct super_operations, show_devname), FUNCTION);
	root->d_fsdata = tk_va(void, text(&p, "server:/"));
	assert_string_equal(shown(&p, vr_fs_source), "server:/");
	m->mnt.mnt_root = tk_va(struct dentry, below);
	assert_string_equal(shown(&p, vr_fs_source), "server:/odd\\040folder");
	tk_expect(p.prog, VR_OK, 0);
	/* A name without an end; parents in a circle. */
	memset(tk_ptr(p.k, base), 'x', 8192);
	root->d_fsdata = tk_va(void, base);
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_CORRUPT, 0);
	root->d_parent = tk_va(struct dentry, below);
	dir->d_parent = tk_va(struct dentry, p.root);
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_CORRUPT, 0);
	dir->d_parent = tk_va(struct dentry, TK_NOWHERE);
	shown(&p, vr_fs_source);
	tk_expect(p.prog, VR_FAULT, 0);
	done(&p);
}

/* Whatever is wrong with it, it comes to an end. */
static void test_bit_flips(void **state)
{
	struct place p = make("xfs_fs_show_options");
	struct xfs_mount *i = info(&p, sizeof(*i));
	uint64_t parts[] = {p.sb, p.ops, (uint64_t)(uintptr_t)super(&p)->s_fs_info, p.table};

	(void)state;
	srandom(1);
	put_line(&p, 0, 1, ",first");
	i->m_logname = tk_va(char, text(&p, "/dev/log"));
	for (unsigned round = 0; round < 200; round++) {
		uint8_t *byte = tk_ptr(p.k, parts[random() % 4] + (uint64_t)(random() % 56));
		uint8_t old = *byte;

		*byte ^= (uint8_t)(1u << random() % 8);
		shown(&p, vr_fs_options);
		p.prog->scope->error = (struct vr_error){0};
		*byte = old;
	}
	done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_devpts),
		cmocka_unit_test(test_xfs),
		cmocka_unit_test(test_without_types),
		cmocka_unit_test(test_fuse),
		cmocka_unit_test(test_hugetlbfs),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_nfs_source),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_xfs_flags),
		cmocka_unit_test(test_xfs_before_those_flags),
		cmocka_unit_test(test_btrfs_macros),
		cmocka_unit_test(test_btrfs_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
