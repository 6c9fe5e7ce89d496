// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths across mounts, mounts and their propagation: whole ones, and what is made of damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kernel/mount.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct inode { unsigned long i_ino; void *i_private; };
	struct dentry_operations { void *d_revalidate; void *d_dname; };
	struct qstr { unsigned int hash, len; const unsigned char *name; };
	struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
	struct dentry {
		unsigned int d_flags; struct hlist_bl_node d_hash; struct dentry *d_parent;
		struct qstr d_name; struct inode *d_inode; const struct dentry_operations *d_op;
		void *d_fsdata;
	};
	struct user_namespace { int level; };
	struct super_block { unsigned long s_flags; struct user_namespace *s_user_ns; };
	struct vfsmount {
		struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags;
		struct user_namespace *mnt_userns;
	};
	struct mount {
		struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt;
		struct list_head mnt_list, mnt_share; struct mount *mnt_master; void *mnt_ns;
		int mnt_id, mnt_group_id;
	};
	struct mnt_namespace { struct list_head list; };
	struct path { struct vfsmount *mnt; struct dentry *dentry; };
	struct fs_struct { struct path root, pwd; };
	struct task_struct { struct fs_struct *fs; };
	struct pid_namespace { struct task_struct *child_reaper; };
	struct ns_common { const struct proc_ns_operations *ops; unsigned int inum; };
	struct proc_ns_operations { const char *name; };
)
/* clang-format on */

/* / with usr/bin in it, and a second file system mounted on /mnt, which has a directory "data". */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	struct vr_paths paths;
	uint64_t sb, root, usr, bin, mnt, top, data;
	uint64_t first, second; /* struct mount */
	uint64_t ns, reaper, fs, pid_ns, user_ns;
};

static struct dentry *dentry(const struct place *p, uint64_t va)
{
	return tk_ptr(p->k, va);
}

static struct mount *mount(const struct place *p, uint64_t va)
{
	return tk_ptr(p->k, va);
}

static uint64_t new_dentry(struct place *p, uint64_t parent, const char *name)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct dentry)),
		 text = tk_alloc(p->k, strlen(name) + 1);
	struct dentry *d = dentry(p, va);

	memcpy(tk_ptr(p->k, text), name, strlen(name) + 1);
	d->d_parent = tk_va(struct dentry, parent ? parent : va);
	d->d_name.name = tk_va(unsigned char, text);
	d->d_name.len = (unsigned)strlen(name);
	d->d_hash.pprev = tk_va(struct hlist_bl_node *, va);
	return va;
}

static uint64_t new_mount(struct place *p, uint64_t parent, uint64_t on, uint64_t root, int id)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct mount));
	struct mount *m = mount(p, va);

	m->mnt_parent = tk_va(struct mount, parent ? parent : va);
	m->mnt_mountpoint = tk_va(struct dentry, on ? on : root);
	m->mnt.mnt_root = tk_va(struct dentry, root);
	m->mnt.mnt_sb = tk_va(struct super_block, p->sb);
	m->mnt.mnt_userns = tk_va(struct user_namespace, p->user_ns);
	m->mnt_ns = tk_va(void, p->ns);
	m->mnt_id = id;
	m->mnt_share.next = m->mnt_share.prev =
		tk_va(struct list_head, va + offsetof(struct mount, mnt_share));
	return va;
}

/* Put mounts on the namespace's list. */
static void list_mounts(struct place *p, const uint64_t *mounts, size_t count)
{
	uint64_t head = p->ns + offsetof(struct mnt_namespace, list), last = head;

	for (size_t i = 0; i <= count; i++) {
		uint64_t node = i < count ? mounts[i] + offsetof(struct mount, mnt_list) : head;

		tk_put64(p->k, last, node);
		tk_put64(p->k, node + 8, last);
		last = node;
	}
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct fs_struct *fs;

	p.pid_ns = tk_global(p.k, "init_pid_ns", sizeof(struct pid_namespace));
	p.user_ns = tk_global(p.k, "init_user_ns", sizeof(struct user_namespace));
	p.sb = tk_alloc(p.k, sizeof(struct super_block));
	p.ns = tk_alloc(p.k, sizeof(struct mnt_namespace));
	p.root = new_dentry(&p, 0, "/");
	p.usr = new_dentry(&p, p.root, "usr");
	p.bin = new_dentry(&p, p.usr, "bin");
	p.mnt = new_dentry(&p, p.root, "mnt");
	p.top = new_dentry(&p, 0, "/");
	p.data = new_dentry(&p, p.top, "data");
	p.first = new_mount(&p, 0, 0, p.root, 1);
	p.second = new_mount(&p, p.first, p.mnt, p.top, 20);
	list_mounts(&p, (uint64_t[]){p.first, p.second}, 2);
	p.fs = tk_alloc(p.k, sizeof(struct fs_struct));
	fs = tk_ptr(p.k, p.fs);
	fs->root.mnt = tk_va(struct vfsmount, p.first + offsetof(struct mount, mnt));
	fs->root.dentry = tk_va(struct dentry, p.root);
	p.reaper = tk_alloc(p.k, sizeof(struct task_struct));
	tk_put64(p.k, p.reaper, p.fs);
	tk_put64(p.k, p.pid_ns, p.reaper);
	return p;
}

static void open_it(struct place *p)
{
	p->prog = tk_open(p->k);
	assert_true(vr_paths_begin(p->prog, &p->paths));
}

static struct vr_path at(uint64_t mount_va, uint64_t dentry_va)
{
	return (struct vr_path){mount_va + offsetof(struct mount, mnt), dentry_va};
}

static void expect_path(struct place *p, uint64_t mount_va, uint64_t dentry_va, const char *want)
{
	char buf[VR_PATH_SIZE];

	assert_string_equal(vr_d_path(&p->paths, at(mount_va, dentry_va), buf), want);
	tk_expect(p->prog, VR_OK, 0);
}

static void expect_no_path(struct place *p, uint64_t mount_va, uint64_t dentry_va, enum vr_err kind)
{
	char buf[VR_PATH_SIZE];

	assert_string_equal(vr_d_path(&p->paths, at(mount_va, dentry_va), buf), "");
	tk_expect(p->prog, kind, 0);
}

static void test_paths(void **state)
{
	struct place p = make();
	char buf[VR_PATH_SIZE];
	enum vr_reach reach;

	(void)state;
	open_it(&p);
	expect_path(&p, p.first, p.root, "/");
	expect_path(&p, p.first, p.bin, "/usr/bin");
	expect_path(&p, p.second, p.top, "/mnt");
	expect_path(&p, p.second, p.data, "/mnt/data");
	assert_string_equal(vr_dentry_path(&p.paths, p.data, buf), "/data");
	assert_string_equal(vr_dentry_path(&p.paths, p.top, buf), "/");
	assert_string_equal(
		vr_path_below(&p.paths, at(p.first, p.bin), at(p.first, p.usr), buf, &reach),
		"/bin");
	assert_int_equal(reach, VR_REACH_ROOT);
	assert_string_equal(
		vr_path_below(&p.paths, at(p.second, p.data), at(p.first, p.usr), buf, &reach),
		"/mnt/data");
	assert_int_equal(reach, VR_REACH_OUTSIDE);
	/* A bind mount of /usr, from which somebody's directory was moved away. */
	mount(&p, p.second)->mnt.mnt_root = tk_va(struct dentry, p.usr);
	open_it(&p);
	expect_path(&p, p.second, p.bin, "/mnt/bin");
	assert_string_equal(
		vr_path_below(&p.paths, at(p.second, p.data), p.paths.root, buf, &reach), "/");
	assert_int_equal(reach, VR_REACH_ESCAPED);
	tk_free(p.k);
}

static void test_unlinked(void **state)
{
	struct place p = make();
	char buf[VR_PATH_SIZE];

	(void)state;
	dentry(&p, p.bin)->d_hash.pprev = NULL;
	dentry(&p, p.top)->d_hash.pprev = NULL; /* not of a root */
	open_it(&p);
	expect_path(&p, p.first, p.bin, "/usr/bin (deleted)");
	expect_path(&p, p.second, p.top, "/mnt");
	assert_string_equal(vr_dentry_path(&p.paths, p.bin, buf), "/usr/bin//deleted");
	tk_free(p.k);
}

/* Files without a place; each is named by the function of that name. */
static void test_named(void **state)
{
	static const struct {
		const char *function, *path;
	} named[] = {
		{"anon_inodefs_dname", "anon_inode:[eventpoll]"},
		{"ns_dname", "mnt:[4711]"},
		{"pidfs_dname", "anon_inode:[pidfd]"},
		{"pipefs_dname", "pipe:[4711]"},
		{"simple_dname", "/[eventpoll] (deleted)"},
		{"sockfs_dname", "socket:[4711]"},
		{"unheard_of_dname", NULL},
	};
	struct place p = make();
	uint64_t file = new_dentry(&p, 0, "[eventpoll]");
	uint64_t ops = tk_alloc(p.k, sizeof(struct dentry_operations));
	uint64_t inode = tk_alloc(p.k, sizeof(struct inode));
	uint64_t ns = tk_alloc(p.k, sizeof(struct ns_common)), kind = tk_alloc(p.k, 16);

	(void)state;
	memcpy(tk_ptr(p.k, kind + 8), "mnt", 4);
	tk_put64(p.k, kind, kind + 8);
	tk_put64(p.k, ns, kind);
	tk_put64(p.k, inode, 4711);
	tk_put64(p.k, inode + 8, ns);
	dentry(&p, file)->d_inode = tk_va(struct inode, inode);
	dentry(&p, file)->d_op = tk_va(struct dentry_operations, ops);
	for (size_t i = 0; i < VR_ARRAY_SIZE(named); i++)
		tk_symbol(p.k, 't', named[i].function, TK_TEXT + 64 + 64 * i);
	for (size_t i = 0; i < VR_ARRAY_SIZE(named); i++) {
		tk_put64(p.k, ops + 8, TK_TEXT + 64 + 64 * i);
		open_it(&p);
		if (named[i].path)
			expect_path(&p, p.first, file, named[i].path);
		else
			expect_no_path(&p, p.first, file, VR_UNSUPPORTED);
	}
	/* The same, where it is mounted: a namespace that is kept by a file. */
	mount(&p, p.second)->mnt.mnt_root = tk_va(struct dentry, file);
	open_it(&p);
	expect_path(&p, p.second, file, "/mnt");
	tk_free(p.k);
}

static void test_broken_paths(void **state)
{
	struct place p = make();
	uint64_t deep = p.root;
	char name[201];

	(void)state;
	/* Parents in a circle, and at nothing. */
	dentry(&p, p.usr)->d_parent = tk_va(struct dentry, p.bin);
	open_it(&p);
	expect_no_path(&p, p.first, p.bin, VR_CORRUPT);
	dentry(&p, p.usr)->d_parent = tk_va(struct dentry, TK_NOWHERE);
	open_it(&p);
	expect_no_path(&p, p.first, p.bin, VR_FAULT);
	dentry(&p, p.usr)->d_parent = tk_va(struct dentry, p.root);
	/* A name of four billion bytes, and one that isn't there. */
	dentry(&p, p.bin)->d_name.len = UINT32_MAX;
	open_it(&p);
	expect_no_path(&p, p.first, p.bin, VR_CORRUPT);
	dentry(&p, p.bin)->d_name.len = 3;
	dentry(&p, p.bin)->d_name.name = tk_va(unsigned char, TK_NOWHERE);
	open_it(&p);
	expect_no_path(&p, p.first, p.bin, VR_FAULT);
	/* Mounts in a circle, and on nothing. */
	mount(&p, p.first)->mnt_parent = tk_va(struct mount, p.second);
	mount(&p, p.first)->mnt_mountpoint = tk_va(struct dentry, p.top);
	mount(&p, p.second)->mnt_mountpoint = tk_va(struct dentry, p.root);
	((struct fs_struct *)tk_ptr(p.k, p.fs))->root.dentry = tk_va(struct dentry, p.data);
	open_it(&p);
	expect_no_path(&p, p.second, p.top, VR_CORRUPT);
	mount(&p, p.second)->mnt_parent = tk_va(struct mount, TK_NOWHERE);
	open_it(&p);
	expect_no_path(&p, p.second, p.top, VR_FAULT);
	/* Longer than any buffer. */
	memset(name, 'x', 200);
	name[200] = '\0';
	for (unsigned i = 0; i < 60; i++)
		deep = new_dentry(&p, deep, name);
	open_it(&p);
	expect_no_path(&p, p.first, deep, VR_LIMIT);
	tk_free(p.k);
}

static void expect_ids(struct place *p, const char *want, enum vr_err cut)
{
	VR_STRBUF got = {0};
	struct vr_mount_walk w;

	open_it(p);
	vr_mounts_begin(vr_at(p->prog, "struct mnt_namespace", p->ns), &w);
	while (vr_mounts_next(&w) && got.len < 4000)
		vr_strbuf_printf(&got, "%d ", (int)vr_s64(w.mount, "mnt_id"));
	assert_string_equal(vr_strbuf_str(&got), want);
	tk_expect_cut(p->prog, cut);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_list(void **state)
{
	struct place p = make();
	uint64_t cursor = new_mount(&p, 0, 0, p.root, 99);

	(void)state;
	expect_ids(&p, "1 20 ", VR_OK);
	mount(&p, cursor)->mnt.mnt_flags = 0x10000000; /* a reader's place in the list */
	list_mounts(&p, (uint64_t[]){p.first, cursor, p.second}, 3);
	expect_ids(&p, "1 20 ", VR_OK);
	tk_put64(p.k, p.second + offsetof(struct mount, mnt_list), TK_NOWHERE);
	expect_ids(&p, "1 20 ", VR_FAULT);
	tk_put64(p.k, p.second + offsetof(struct mount, mnt_list),
		 p.first + offsetof(struct mount, mnt_list));
	expect_ids(&p, "1 20 ", VR_CORRUPT);
	tk_free(p.k);
}

static void expect_options(struct place *p, const char *own, const char *super)
{
	struct vr_obj m, sb;
	char buf[VR_MOUNT_TEXT];

	open_it(p);
	m = vr_at(p->prog, "struct mount", p->second);
	sb = vr_at(p->prog, "struct super_block", p->sb);
	assert_string_equal(vr_mount_options(m, buf), own);
	assert_string_equal(vr_super_options(sb, buf), super);
	tk_expect(p->prog, VR_OK, 0);
}

static void test_options(void **state)
{
	struct place p = make();

	(void)state;
	expect_options(&p, "", "");
	mount(&p, p.second)->mnt.mnt_flags = -1;
	mount(&p, p.second)->mnt.mnt_userns = tk_va(struct user_namespace, p.ns);
	tk_put64(p.k, p.sb, UINT64_MAX);
	expect_options(&p, ",nosuid,nodev,noexec,noatime,nodiratime,relatime,nosymfollow,idmapped",
		       ",sync,dirsync,mand,lazytime");
	assert_true(vr_mount_is_readonly(vr_at(p.prog, "struct mount", p.second)));
	assert_true(vr_super_is_readonly(vr_at(p.prog, "struct super_block", p.sb)));
	tk_free(p.k);
}

static const char *propagation(struct place *p, uint64_t va, char buf[VR_MOUNT_TEXT])
{
	open_it(p);
	return vr_mount_propagation(vr_at(p->prog, "struct mount", va), p->paths.root, buf);
}

static void test_propagation(void **state)
{
	struct place p = make();
	uint64_t far = new_mount(&p, 0, 0, p.top, 30), slave = p.second;
	char buf[VR_MOUNT_TEXT];

	(void)state;
	assert_string_equal(propagation(&p, slave, buf), "");
	/* A slave of a mount of another namespace, which is a slave of one that is seen here. */
	mount(&p, far)->mnt_ns = NULL;
	mount(&p, far)->mnt_group_id = 3;
	mount(&p, far)->mnt_master = tk_va(struct mount, p.first);
	mount(&p, p.first)->mnt_group_id = 1;
	mount(&p, p.first)->mnt.mnt_flags = 0x1000;
	mount(&p, slave)->mnt_master = tk_va(struct mount, far);
	mount(&p, slave)->mnt_group_id = 2;
	mount(&p, slave)->mnt.mnt_flags = 0x3000;
	assert_string_equal(propagation(&p, slave, buf),
			    " shared:2 master:3 propagate_from:1 unbindable");
	tk_expect(p.prog, VR_OK, 0);
	/* Masters of each other. */
	mount(&p, p.first)->mnt_ns = NULL;
	mount(&p, p.first)->mnt_master = tk_va(struct mount, far);
	propagation(&p, slave, buf);
	tk_expect(p.prog, VR_CORRUPT, 0);
	/* Peers that don't lead back. */
	mount(&p, far)->mnt_share.next =
		tk_va(struct list_head, p.first + offsetof(struct mount, mnt_share));
	propagation(&p, slave, buf);
	tk_expect(p.prog, VR_CORRUPT, 0);
	mount(&p, far)->mnt_share.next = tk_va(struct list_head, TK_NOWHERE);
	propagation(&p, slave, buf);
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

/* Any bit of these structures may be wrong. */
static void test_bit_flips(void **state)
{
	struct place p = make();
	uint64_t first = p.sb, last = p.reaper + sizeof(struct task_struct);
	char buf[VR_PATH_SIZE];

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 300; i++) {
		uint64_t va = first + (uint64_t)random() % (last - first);
		uint8_t *byte = tk_ptr(p.k, va), old = *byte;
		struct vr_mount_walk w;
		unsigned n = 0;

		*byte ^= (uint8_t)(1u << random() % 8);
		p.prog = tk_open(p.k);
		vr_paths_begin(p.prog, &p.paths);
		vr_d_path(&p.paths, at(p.second, p.data), buf);
		p.prog->scope->error = (struct vr_error){0};
		vr_mounts_begin(vr_at(p.prog, "struct mnt_namespace", p.ns), &w);
		while (vr_mounts_next(&w) && n++ < 10) {
			vr_mount_options(w.mount, buf);
			vr_mount_propagation(w.mount, p.paths.root, buf);
			p.prog->scope->error = (struct vr_error){0};
		}
		assert_true(n < 10);
		*byte = old;
	}
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),       cmocka_unit_test(test_unlinked),
		cmocka_unit_test(test_named),       cmocka_unit_test(test_broken_paths),
		cmocka_unit_test(test_list),        cmocka_unit_test(test_options),
		cmocka_unit_test(test_propagation), cmocka_unit_test(test_bit_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
