// SPDX-License-Identifier: GPL-2.0-or-later
/* Network namespaces and their names: the folders that they get, and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/net_namespace.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
	struct qstr { unsigned int hash, len; const unsigned char *name; };
	struct dentry_operations { void *d_revalidate; void *d_dname; };
	struct inode { unsigned long i_ino; void *i_private; };
	struct proc_ns_operations { const char *name; };
	struct ns_common { const struct proc_ns_operations *ops; unsigned int inum; };
	struct net { struct list_head list; int more; struct ns_common ns; };
	struct super_block;
	struct dentry {
		struct hlist_node d_hash; struct dentry *d_parent; struct qstr d_name;
		struct inode *d_inode; const struct dentry_operations *d_op;
		struct super_block *d_sb;
	};
	struct file_system_type { const char *name; };
	struct super_block { unsigned long s_flags; struct file_system_type *s_type; };
	struct vfsmount { struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; };
	struct mnt_namespace;
	struct mount {
		struct mount *mnt_parent; struct dentry *mnt_mountpoint; struct vfsmount mnt;
		struct list_head mnt_list; struct mnt_namespace *mnt_ns; int mnt_id;
	};
	struct mnt_namespace { struct mount *root; struct list_head list; };
	struct path { struct vfsmount *mnt; struct dentry *dentry; };
	struct fs_struct { struct path root; };
	struct nsproxy { struct mnt_namespace *mnt_ns; };
	struct task_struct { struct fs_struct *fs; struct nsproxy *nsproxy; };
	struct pid_namespace { struct task_struct *child_reaper; };
)
/* clang-format on */

#define MAX 8

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t list, mounts, init_net;
	uint64_t root_dentry, run_netns, root_mount, root_sb, nsfs_sb, net_ops, pid_ops;
	uint64_t nets[MAX], mount_at[MAX];
	unsigned net_count, mount_count;
};

static uint64_t text(struct place *p, const char *s)
{
	uint64_t va = tk_alloc(p->k, strlen(s) + 1);

	memcpy(tk_ptr(p->k, va), s, strlen(s) + 1);
	return va;
}

static uint64_t dentry(struct place *p, uint64_t parent, const char *name)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct dentry));
	struct dentry *d = tk_ptr(p->k, va);

	d->d_parent = tk_va(struct dentry, parent ? parent : va);
	d->d_hash.pprev = tk_va(struct hlist_node *, va);
	d->d_name.len = (unsigned)strlen(name);
	d->d_name.name = tk_va(unsigned char, text(p, name));
	return va;
}

static uint64_t super(struct place *p, const char *type)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct super_block));
	uint64_t fs = tk_alloc(p->k, sizeof(struct file_system_type));

	tk_put64(p->k, fs, text(p, type));
	((struct super_block *)tk_ptr(p->k, va))->s_type = tk_va(struct file_system_type, fs);
	return va;
}

static uint64_t mount(struct place *p, uint64_t parent, uint64_t mountpoint, uint64_t root,
		      uint64_t sb)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct mount));
	struct mount *m = tk_ptr(p->k, va);

	m->mnt_parent = tk_va(struct mount, parent ? parent : va);
	m->mnt_mountpoint = tk_va(struct dentry, mountpoint ? mountpoint : root);
	m->mnt.mnt_root = tk_va(struct dentry, root);
	m->mnt.mnt_sb = tk_va(struct super_block, sb);
	p->mount_at[p->mount_count++] = va;
	return va;
}

static void link_all(struct place *p, uint64_t head, const uint64_t *nodes, unsigned count)
{
	uint64_t last = head;

	for (unsigned i = 0; i <= count; i++) {
		uint64_t next = i < count ? nodes[i] : head;

		tk_put64(p->k, last, next);
		tk_put64(p->k, next + 8, last);
		last = next;
	}
}

static struct net *net_of(struct place *p, unsigned i)
{
	return tk_ptr(p->k, p->nets[i]);
}

static void add_net(struct place *p, uint64_t va, unsigned inum)
{
	p->nets[p->net_count] = va;
	net_of(p, p->net_count)->ns.ops = tk_va(struct proc_ns_operations, p->net_ops);
	net_of(p, p->net_count++)->ns.inum = inum;
}

/* A namespace, ns (a struct ns_common), mounted on the file of that name: `ip netns add`. */
static void give_name(struct place *p, uint64_t ns, const char *name)
{
	uint64_t top = dentry(p, 0, "/"), inode = tk_alloc(p->k, sizeof(struct inode));

	tk_put64(p->k, inode + offsetof(struct inode, i_private), ns);
	((struct dentry *)tk_ptr(p->k, top))->d_inode = tk_va(struct inode, inode);
	mount(p, p->root_mount, dentry(p, p->run_netns, name), top, p->nsfs_sb);
}

static uint64_t ns_of(const struct place *p, unsigned i)
{
	return p->nets[i] + offsetof(struct net, ns);
}

/* Three namespaces, 1 (the initial one), 22 and 33. */
static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t pid_ns = tk_global(p.k, "init_pid_ns", sizeof(struct pid_namespace));
	uint64_t reaper, fs, proxy, ns;
	struct fs_struct *root;

	p.list = tk_global(p.k, "net_namespace_list", sizeof(struct list_head));
	p.init_net = tk_global(p.k, "init_net", sizeof(struct net));
	reaper = tk_alloc(p.k, sizeof(struct task_struct));
	fs = tk_alloc(p.k, sizeof(struct fs_struct));
	proxy = tk_alloc(p.k, sizeof(struct nsproxy));
	ns = tk_alloc(p.k, sizeof(struct mnt_namespace));
	p.net_ops = tk_alloc(p.k, 8);
	p.pid_ops = tk_alloc(p.k, 8);
	tk_put64(p.k, p.net_ops, text(&p, "net"));
	tk_put64(p.k, p.pid_ops, text(&p, "pid"));
	p.root_sb = super(&p, "ext4");
	p.nsfs_sb = super(&p, "nsfs");
	p.root_dentry = dentry(&p, 0, "/");
	p.run_netns = dentry(&p, dentry(&p, p.root_dentry, "run"), "netns");
	p.root_mount = mount(&p, 0, 0, p.root_dentry, p.root_sb);
	p.mounts = ns + offsetof(struct mnt_namespace, list);
	tk_put64(p.k, pid_ns, reaper);
	tk_put64(p.k, reaper, fs);
	tk_put64(p.k, reaper + 8, proxy);
	tk_put64(p.k, proxy, ns);
	root = tk_ptr(p.k, fs);
	root->root.mnt = tk_va(struct vfsmount, p.root_mount + offsetof(struct mount, mnt));
	root->root.dentry = tk_va(struct dentry, p.root_dentry);
	add_net(&p, p.init_net, 1);
	add_net(&p, tk_alloc(p.k, sizeof(struct net)), 22);
	add_net(&p, tk_alloc(p.k, sizeof(struct net)), 33);
	link_all(&p, p.list, p.nets, 3);
	return p;
}

/* The folders of all namespaces, one after the other. */
static void expect(struct place *p, const char *want)
{
	uint64_t nodes[MAX];
	VR_STRBUF got = {0};
	struct vr_net_walk w;
	unsigned n = 0;

	for (unsigned i = 0; i < p->mount_count; i++)
		nodes[i] = p->mount_at[i] + offsetof(struct mount, mnt_list);
	link_all(p, p->mounts, nodes, p->mount_count);
	p->prog = tk_open(p->k);
	vr_nets_begin(p->prog, &w);
	while (n++ < 20 && vr_nets_next(&w)) {
		char folder[VR_NET_FOLDER_SIZE];
		const char *last = strrchr(vr_net_folder(&w, folder), '/') + 1;

		assert_true(w.initial ? !strcmp(folder, "proc/net")
				      : !strncmp(folder, VR_OTHER_NETS "/", last - folder));
		vr_strbuf_printf(&got, "%s ", last);
	}
	vr_nets_end(&w);
	assert_string_equal(vr_strbuf_str(&got), want);
}

static void test_names(void **state)
{
	struct place p = make();

	(void)state;
	expect(&p, "net 22 33 ");
	give_name(&p, ns_of(&p, 1), "blue");
	expect(&p, "net blue 33 ");
	/* The first name of a namespace counts; the initial one keeps its place. */
	give_name(&p, ns_of(&p, 1), "azure");
	give_name(&p, ns_of(&p, 0), "home");
	expect(&p, "net blue 33 ");
	tk_expect(p.prog, VR_OK, 0);
	tk_expect_cut(p.prog, VR_OK);
	tk_free(p.k);
}

static void test_names_that_are_no_folders(void **state)
{
	static const char *const names[] = {"33", "..", "a b", "a/b", "a\n"};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++) {
		struct place p = make();

		give_name(&p, ns_of(&p, 1), names[i]);
		expect(&p, "net 22 33 ");
		tk_free(p.k);
	}
}

static void test_two_of_one_name(void **state)
{
	struct place p = make();

	(void)state;
	give_name(&p, ns_of(&p, 1), "blue");
	give_name(&p, ns_of(&p, 2), "blue");
	expect(&p, "net 22 33 ");
	tk_free(p.k);
}

static void test_other_mounts(void **state)
{
	struct place p = make();
	uint64_t pid = tk_alloc(p.k, sizeof(struct ns_common));

	(void)state;
	/* A namespace of another kind, and a file of another file system. */
	tk_put64(p.k, pid, p.pid_ops);
	give_name(&p, pid, "blue");
	mount(&p, p.root_mount, dentry(&p, p.run_netns, "green"), p.root_dentry, p.root_sb);
	/* One that is mounted elsewhere than in a folder `netns`. */
	p.run_netns = dentry(&p, p.root_dentry, "mnt");
	give_name(&p, ns_of(&p, 2), "red");
	expect(&p, "net 22 33 ");
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_damaged(void **state)
{
	struct place p = make();
	struct dentry *top;

	(void)state;
	/* Names that lead nowhere cost themselves alone. */
	give_name(&p, TK_NOWHERE, "lost");
	give_name(&p, 0, "null");
	give_name(&p, ns_of(&p, 2), "green");
	expect(&p, "net 22 green ");
	tk_expect(p.prog, VR_OK, 0);
	top = tk_ptr(
		p.k,
		(uint64_t)(uintptr_t)((struct mount *)tk_ptr(p.k, p.mount_at[3]))->mnt.mnt_root);
	top->d_inode = tk_va(struct inode, TK_NOWHERE);
	expect(&p, "net 22 33 ");
	((struct mount *)tk_ptr(p.k, p.mount_at[1]))->mnt.mnt_sb =
		tk_va(struct super_block, TK_NOWHERE);
	expect(&p, "net 22 33 ");
	tk_expect(p.prog, VR_OK, 0);
	/* The list of namespaces leads away, and into a circle. */
	tk_put64(p.k, p.nets[1], TK_NOWHERE);
	expect(&p, "net 22 ");
	tk_expect_cut(p.prog, VR_FAULT);
	tk_put64(p.k, p.nets[1], p.nets[0]);
	expect(&p, "net 22 ");
	tk_expect_cut(p.prog, VR_CORRUPT);
	/* Process 1 is nowhere: no names, but all namespaces. */
	link_all(&p, p.list, p.nets, 3);
	for (unsigned i = 0; i < p.k->symbol_count; i++)
		if (!strcmp(p.k->names[i] + 1, "init_pid_ns"))
			tk_put64(p.k, p.k->symbols[i].addr, TK_NOWHERE);
	expect(&p, "net 22 33 ");
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_that_are_no_folders),
		cmocka_unit_test(test_two_of_one_name),
		cmocka_unit_test(test_other_mounts),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
