// SPDX-License-Identifier: GPL-2.0-or-later
/* Control groups and the paths of kernfs, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/cgroup.h"
#include "kernel/kernfs.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	enum css_flags { CSS_NO_REF = 1, CSS_ONLINE = 2 };
	struct kernfs_node { struct kernfs_node *parent; char *name; };
	struct cgroup_subsys_state { unsigned int flags; };
	struct cgroup { struct cgroup_subsys_state self; void *root; struct kernfs_node *kn; };
	struct cgroup_root { int hierarchy_id; struct cgroup cgrp; struct list_head root_list; };
	struct css_set { struct cgroup *dfl_cgrp; struct list_head cgrp_links; };
	struct cgrp_cset_link { struct cgroup *cgrp; struct list_head cgrp_link; };
	struct task_struct { struct css_set *cgroups; };
)
/* clang-format on */

#define DEPTH 3

/* The unified hierarchy and one of version 1; a task in /a/bb/ccc of the first and the root of the
 * second. */
struct place {
	struct tiny_kernel *k;
	struct vr_program *prog;
	uint64_t heads, roots[2], visible, init_set, set, link, task;
	uint64_t nodes[DEPTH + 1], cgroup;
};

static void link_list(struct place *p, uint64_t a, uint64_t b)
{
	tk_put64(p->k, a, b);
	tk_put64(p->k, b + 8, a);
}

static uint64_t root_cgroup(const struct place *p, unsigned i)
{
	return p->roots[i] + offsetof(struct cgroup_root, cgrp);
}

static void make_paths(struct place *p)
{
	static const char *const names[] = {"", "a", "bb", "ccc"};

	for (unsigned i = 0; i <= DEPTH; i++) {
		uint64_t name = tk_alloc(p->k, 8);
		struct kernfs_node *node;

		strcpy(tk_ptr(p->k, name), names[i]);
		p->nodes[i] = tk_alloc(p->k, sizeof(*node));
		node = tk_ptr(p->k, p->nodes[i]);
		node->name = tk_va(char, name);
		node->parent = i ? tk_va(struct kernfs_node, p->nodes[i - 1]) : NULL;
	}
}

static struct place make(void)
{
	/* A name that the compiler has for another type. */
	static const char bool_type[] = "typedef unsigned char bool;";
	char text[sizeof(types) + sizeof(bool_type)];
	struct place p = {0};
	struct cgroup *cgroup;
	struct css_set *set;

	snprintf(text, sizeof(text), "%s%s", bool_type, types);
	p.k = tk_new((struct tk_spec){.types = text});
	p.heads = tk_global(p.k, "cgroup_roots", 16);
	p.visible = tk_global(p.k, "cgrp_dfl_visible", 1);
	p.roots[0] = tk_global(p.k, "cgrp_dfl_root", sizeof(struct cgroup_root));
	p.roots[1] = tk_alloc(p.k, sizeof(struct cgroup_root));
	p.init_set = tk_global(p.k, "init_css_set", sizeof(struct css_set));
	*(uint8_t *)tk_ptr(p.k, p.visible) = 1;
	make_paths(&p);
	for (unsigned i = 0; i < 2; i++) {
		struct cgroup_root *root = tk_ptr(p.k, p.roots[i]);

		root->hierarchy_id = (int)i;
		root->cgrp.root = tk_va(void, p.roots[i]);
		root->cgrp.kn = tk_va(struct kernfs_node, p.nodes[0]);
	}
	link_list(&p, p.heads, p.roots[1] + offsetof(struct cgroup_root, root_list));
	link_list(&p, p.roots[1] + offsetof(struct cgroup_root, root_list),
		  p.roots[0] + offsetof(struct cgroup_root, root_list));
	link_list(&p, p.roots[0] + offsetof(struct cgroup_root, root_list), p.heads);
	p.cgroup = tk_alloc(p.k, sizeof(*cgroup));
	cgroup = tk_ptr(p.k, p.cgroup);
	cgroup->self.flags = CSS_ONLINE;
	cgroup->kn = tk_va(struct kernfs_node, p.nodes[DEPTH]);
	p.set = tk_alloc(p.k, sizeof(*set));
	set = tk_ptr(p.k, p.set);
	set->dfl_cgrp = tk_va(struct cgroup, p.cgroup);
	p.link = tk_alloc(p.k, sizeof(struct cgrp_cset_link));
	((struct cgrp_cset_link *)tk_ptr(p.k, p.link))->cgrp =
		tk_va(struct cgroup, root_cgroup(&p, 1));
	link_list(&p, p.set + offsetof(struct css_set, cgrp_links),
		  p.link + offsetof(struct cgrp_cset_link, cgrp_link));
	link_list(&p, p.link + offsetof(struct cgrp_cset_link, cgrp_link),
		  p.set + offsetof(struct css_set, cgrp_links));
	p.task = tk_alloc(p.k, sizeof(struct task_struct));
	tk_put64(p.k, p.task, p.set);
	return p;
}

static struct vr_obj open_task(struct place *p)
{
	p->prog = tk_open(p->k);
	return vr_at(p->prog, "struct task_struct", p->task);
}

static void test_hierarchies(void **state)
{
	struct place p = make();
	struct vr_obj task = open_task(&p), cgroup;
	struct vr_cgroup_root_walk w = vr_cgroup_roots_begin(p.prog);
	char path[VR_KERNFS_PATH_SIZE];

	(void)state;
	assert_true(vr_cgroup_root_next(&w));
	assert_false(w.is_default);
	cgroup = vr_task_cgroup(task, &w);
	assert_int_equal(cgroup.addr, root_cgroup(&p, 1));
	assert_string_equal(vr_kernfs_path(vr_deref(cgroup, "kn"), path), "/");
	assert_true(vr_cgroup_root_next(&w));
	assert_true(w.is_default);
	cgroup = vr_task_cgroup(task, &w);
	assert_int_equal(cgroup.addr, p.cgroup);
	assert_false(vr_cgroup_is_dead(cgroup));
	assert_string_equal(vr_kernfs_path(vr_deref(cgroup, "kn"), path), "/a/bb/ccc");
	assert_false(vr_cgroup_root_next(&w));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

/* Tasks of the first set are in the root of each; an unused unified hierarchy isn't shown. */
static void test_initial_set(void **state)
{
	struct place p = make();
	struct vr_cgroup_root_walk w;
	struct vr_obj task;

	(void)state;
	*(uint8_t *)tk_ptr(p.k, p.visible) = 0;
	tk_put64(p.k, p.task, p.init_set);
	task = open_task(&p);
	w = vr_cgroup_roots_begin(p.prog);
	assert_true(vr_cgroup_root_next(&w));
	assert_int_equal(vr_task_cgroup(task, &w).addr, root_cgroup(&p, 1));
	assert_false(vr_cgroup_root_next(&w));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static void test_unmounted(void **state)
{
	struct place p = make();
	struct vr_cgroup_root_walk w;
	struct vr_obj task;

	(void)state;
	link_list(&p, p.set + offsetof(struct css_set, cgrp_links),
		  p.set + offsetof(struct css_set, cgrp_links));
	((struct cgroup *)tk_ptr(p.k, p.cgroup))->self.flags = 0;
	task = open_task(&p);
	w = vr_cgroup_roots_begin(p.prog);
	assert_true(vr_cgroup_root_next(&w));
	assert_false(vr_ok(vr_task_cgroup(task, &w)));
	assert_true(vr_cgroup_root_next(&w));
	assert_true(vr_cgroup_is_dead(vr_task_cgroup(task, &w)));
	tk_expect(p.prog, VR_OK, 0);
	tk_free(p.k);
}

static struct vr_obj open_node(struct place *p, unsigned i)
{
	p->prog = tk_open(p->k);
	return vr_at(p->prog, "struct kernfs_node", p->nodes[i]);
}

static void test_damaged_paths(void **state)
{
	char path[VR_KERNFS_PATH_SIZE];
	struct place p = make();

	(void)state;
	/* Its own grandparent. */
	tk_put64(p.k, p.nodes[0], p.nodes[2]);
	vr_kernfs_path(open_node(&p, 3), path);
	tk_expect(p.prog, VR_LIMIT, 0);
	/* The same with names that take no room. */
	for (unsigned i = 0; i <= DEPTH; i++)
		*(char *)tk_ptr(p.k, tk_get64(p.k, p.nodes[i] + 8)) = '\0';
	vr_kernfs_path(open_node(&p, 3), path);
	tk_expect(p.prog, VR_CORRUPT, 0);
	tk_put64(p.k, p.nodes[0], TK_NOWHERE);
	vr_kernfs_path(open_node(&p, 3), path);
	tk_expect(p.prog, VR_FAULT, 0);
	tk_free(p.k);
}

static void test_damaged_hierarchies(void **state)
{
	struct place p = make();
	struct vr_cgroup_root_walk w;
	struct vr_obj task;
	unsigned n = 0;

	(void)state;
	/* Roots and links that go in circles. */
	tk_put64(p.k, p.roots[0] + offsetof(struct cgroup_root, root_list),
		 p.roots[1] + offsetof(struct cgroup_root, root_list));
	tk_put64(p.k, p.link + offsetof(struct cgrp_cset_link, cgrp_link),
		 p.link + offsetof(struct cgrp_cset_link, cgrp_link));
	((struct cgrp_cset_link *)tk_ptr(p.k, p.link))->cgrp = tk_va(struct cgroup, p.cgroup);
	task = open_task(&p);
	w = vr_cgroup_roots_begin(p.prog);
	while (vr_cgroup_root_next(&w) && n < 100) {
		vr_task_cgroup(task, &w);
		n++;
	}
	assert_true(n < 10);
	assert_true(p.prog->scope->cuts > 0);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hierarchies),         cmocka_unit_test(test_initial_set),
		cmocka_unit_test(test_unmounted),           cmocka_unit_test(test_damaged_paths),
		cmocka_unit_test(test_damaged_hierarchies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
