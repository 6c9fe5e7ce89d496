// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices of a class, disks and their partitions, files of /proc: whole ones, and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/disk.h"
#include "kernel/proc_tree.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
	struct rb_root { struct rb_node *rb_node; };
	struct klist { struct list_head k_list; };
	struct klist_node { void *n_klist; struct list_head n_node; };
	struct subsys_private { struct klist klist_devices; };
	struct class { struct subsys_private *p; };
	struct kobject { const char *name; };
	struct device_type { const char *name; };
	struct device {
		struct kobject kobj; const char *init_name; const struct device_type *type;
		unsigned int devt;
	};
	struct device_private { struct klist_node knode_class; struct device *device; };
	struct hd_struct {
		unsigned long nr_sects; struct device __dev; int partno;
	};
	struct disk_part_tbl { int len; struct hd_struct *part[0]; };
	struct request_queue { void *mq_ops; };
	struct gendisk {
		char disk_name[32]; struct disk_part_tbl *part_tbl; struct hd_struct part0;
		struct request_queue *queue;
	};
	struct proc_dir_entry {
		struct rb_root subdir; struct rb_node subdir_node; char *name;
		unsigned char namelen;
	};
)
/* clang-format on */

#define PARTS 3

struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t list, type, table;
	uint64_t disk[2], priv[2];
};

static void new_disk(struct place *p, unsigned i, const char *name, uint64_t table)
{
	struct gendisk *disk;
	struct device_private *priv;

	p->disk[i] = tk_alloc(p->k, sizeof(struct gendisk));
	p->priv[i] = tk_alloc(p->k, sizeof(struct device_private));
	disk = tk_ptr(p->k, p->disk[i]);
	strcpy(disk->disk_name, name);
	disk->part_tbl = tk_va(struct disk_part_tbl, table);
	disk->part0.nr_sects = 1000;
	disk->part0.__dev.type = tk_va(struct device_type, p->type);
	disk->part0.__dev.devt = 8u << 20 | 16 * i;
	priv = tk_ptr(p->k, p->priv[i]);
	priv->device = tk_va(struct device, p->disk[i] + offsetof(struct gendisk, part0.__dev));
}

static uint64_t node(const struct place *p, unsigned i)
{
	return p->priv[i] + offsetof(struct device_private, knode_class.n_node);
}

/* sda of one partition, its third one, and nvme0n1 of none. */
static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t class = tk_global(p.k, "block_class", sizeof(struct class)), subsys, part;
	struct hd_struct *third;
	uint64_t at[4];

	p.type = tk_global(p.k, "disk_type", sizeof(struct device_type));
	subsys = tk_alloc(p.k, sizeof(struct subsys_private));
	tk_put64(p.k, class, subsys);
	p.list = subsys + offsetof(struct subsys_private, klist_devices.k_list);
	p.table = tk_alloc(p.k, 8 + 8 * PARTS);
	new_disk(&p, 0, "sda", p.table);
	new_disk(&p, 1, "nvme0n1", p.table);
	part = tk_alloc(p.k, sizeof(struct hd_struct));
	third = tk_ptr(p.k, part);
	third->nr_sects = 10;
	third->partno = 2;
	third->__dev.devt = 8u << 20 | 2;
	tk_put64(p.k, p.table, PARTS);
	tk_put64(p.k, p.table + 8, p.disk[0] + offsetof(struct gendisk, part0));
	tk_put64(p.k, p.table + 24, part);
	memcpy(at, (uint64_t[]){p.list, node(&p, 0), node(&p, 1), p.list}, sizeof(at));
	for (unsigned i = 0; i < 3; i++) {
		tk_put64(p.k, at[i], at[i + 1]);
		tk_put64(p.k, at[i + 1] + 8, at[i]);
	}
	return p;
}

static unsigned count_disks(struct place *p)
{
	struct vr_disk_walk w;
	unsigned n = 0;

	p->prog = tk_open(p->k);
	w = vr_disks_begin(p->prog);
	while (vr_disk_next(&w))
		assert_int_equal(w.disk.addr, p->disk[n++ % 2]);
	return n;
}

static void test_disks(void **state)
{
	struct place p = make();
	struct vr_part_walk w;
	char name[VR_DISK_NAME];
	unsigned major, minor;

	(void)state;
	assert_int_equal(count_disks(&p), 2);
	w = vr_parts_begin(vr_at(p.prog, "struct gendisk", p.disk[0]));
	assert_true(vr_part_next(&w));
	assert_string_equal(vr_part_name(&w, name), "sda");
	assert_int_equal(w.sectors, 1000);
	assert_true(vr_part_next(&w));
	assert_string_equal(vr_part_name(&w, name), "sda2");
	vr_part_devt(&w, &major, &minor);
	assert_int_equal(major, 8);
	assert_int_equal(minor, 2);
	assert_false(vr_part_next(&w));
	w = vr_parts_begin(vr_at(p.prog, "struct gendisk", p.disk[1]));
	while (vr_part_next(&w))
		vr_part_name(&w, name);
	assert_string_equal(name, "nvme0n1p2");
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_devices_that_go(void **state)
{
	struct place p = make();

	(void)state;
	tk_put64(p.k, p.priv[1], 1); /* KNODE_DEAD */
	assert_int_equal(count_disks(&p), 1);
	tk_expect(p.prog, VR_OK, 0);
	/* A partition is a device of the class, too. */
	tk_put64(p.k, p.priv[1], 0);
	tk_put64(p.k, p.disk[1] + offsetof(struct gendisk, part0.__dev.type), 0);
	assert_int_equal(count_disks(&p), 1);
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_damaged(void **state)
{
	struct place p = make();
	struct vr_part_walk w;
	unsigned n = 0;

	(void)state;
	/* The list goes in a circle. */
	tk_put64(p.k, node(&p, 1), node(&p, 0));
	count_disks(&p);
	tk_expect_cut(p.prog, VR_CORRUPT);
	tk_free(p.k);
	p = make();
	/* A table of more partitions than there can be. */
	tk_put64(p.k, p.table, 0x7fffffff);
	p.prog = tk_open(p.k);
	w = vr_parts_begin(vr_at(p.prog, "struct gendisk", p.disk[0]));
	while (vr_part_next(&w) && n < 1000)
		n++;
	assert_in_range(n, 0, 256);
	tk_free(p.k);
	p = make();
	/* A device nowhere. */
	tk_put64(p.k, p.priv[0] + offsetof(struct device_private, device), TK_NOWHERE);
	assert_int_equal(count_disks(&p), 0);
	assert_true(vr_failed(p.prog));
	tk_free(p.k);
}

static uint64_t new_entry(struct tiny_kernel *k, const char *name)
{
	uint64_t va = tk_alloc(k, sizeof(struct proc_dir_entry)), text = tk_alloc(k, 64);
	struct proc_dir_entry *e = tk_ptr(k, va);

	strcpy(tk_ptr(k, text), name);
	e->name = tk_va(char, text);
	e->namelen = (unsigned char)strlen(name);
	return va;
}

static void test_proc_files(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t root = tk_global(k, "proc_root", sizeof(struct proc_dir_entry));
	uint64_t bus = new_entry(k, "bus"), fb = new_entry(k, "fb"), pci = new_entry(k, "pci");
	size_t link = offsetof(struct proc_dir_entry, subdir_node);
	size_t left = link + offsetof(struct rb_node, rb_left);
	struct vr_program *prog;
	struct vr_rbtree_walk w;
	char name[VR_PROC_NAME];

	(void)state;
	tk_put64(k, root, bus + link);
	tk_put64(k, bus + left, fb + link);
	tk_put64(k, fb + link, bus + link);
	tk_put64(k, bus, pci + link);
	prog = tk_open(k);
	assert_true(vr_proc_has_file(prog, "fb"));
	assert_true(vr_proc_has_file(prog, "bus/pci"));
	assert_false(vr_proc_has_file(prog, "pci"));
	assert_false(vr_proc_has_file(prog, "fbi"));
	assert_false(vr_proc_has_file(prog, "bus/pci/devices"));
	w = vr_proc_dir_begin(vr_proc_find(prog, ""));
	assert_true(vr_rbtree_next(&w));
	assert_string_equal(vr_proc_name(w.entry, name), "fb");
	assert_true(vr_rbtree_next(&w));
	assert_int_equal(w.entry.addr, vr_proc_find(prog, "bus").addr);
	assert_false(vr_rbtree_next(&w));
	assert_int_equal(vr_proc_find(prog, "bus/pci").addr, pci);
	assert_false(vr_ok(vr_proc_find(prog, "bus/usb")));
	/* What can't be told isn't denied: a tree in a circle, and one that isn't there. */
	tk_put64(k, fb + left, bus + link);
	prog = tk_open(k);
	assert_true(vr_proc_has_file(prog, "dma"));
	w = vr_proc_dir_begin(vr_proc_find(prog, ""));
	for (unsigned n = 0; vr_rbtree_next(&w); n++)
		assert_true(n < 1000);
	assert_int_not_equal(prog->scope->cuts, 0);
	tk_put64(k, root, TK_NOWHERE);
	prog = tk_open(k);
	assert_true(vr_proc_has_file(prog, "dma"));
	tk_expect(prog, VR_OK, 0);
	tk_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_devices_that_go),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_proc_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
