// SPDX-License-Identifier: GPL-2.0-or-later
/* AppArmor's labels: names, and structures that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/apparmor.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct lsm_blob_sizes { int lbs_cred; int lbs_task; };
	struct aa_policy { const char *name; char *hname; };
	struct aa_ns { struct aa_policy base; struct aa_ns *parent; struct aa_profile *unconfined; };
	struct aa_profile { struct aa_policy base; struct aa_ns *ns; long mode; };
	struct aa_proxy { struct aa_label *label; };
	struct aa_label { struct aa_proxy *proxy; long flags; int size; struct aa_profile *vec[2]; };
	struct aa_task_ctx { struct aa_label *nnp, *onexec, *previous; };
	struct cred { void *security; };
	struct task_struct { const struct cred *real_cred; void *security; };
)
/* clang-format on */

#define STALE 0x800

struct place {
	struct tiny_kernel *k;
	uint64_t root, inner;         /* namespaces */
	uint64_t free, man, lxc, ssh; /* profiles: unconfined, two of the first, one of the other */
	uint64_t task, slot, ctx;
};

static uint64_t text(struct place *p, const char *s)
{
	uint64_t va = tk_alloc(p->k, strlen(s) + 1);

	strcpy(tk_ptr(p->k, va), s);
	return va;
}

static uint64_t new_ns(struct place *p, const char *hname, uint64_t parent)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct aa_ns));
	struct aa_ns *ns = tk_ptr(p->k, va);

	ns->base.hname = tk_va(char, text(p, hname));
	ns->parent = tk_va(struct aa_ns, parent);
	return va;
}

static uint64_t new_profile(struct place *p, const char *hname, uint64_t ns, long mode)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct aa_profile));
	struct aa_profile *profile = tk_ptr(p->k, va);

	profile->base.hname = tk_va(char, text(p, hname));
	profile->ns = tk_va(struct aa_ns, ns);
	profile->mode = mode;
	return va;
}

static uint64_t new_label(struct place *p, uint64_t first, uint64_t second)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct aa_label) + 64);
	struct aa_label *label = tk_ptr(p->k, va);

	label->size = second ? 2 : 1;
	label->vec[0] = tk_va(struct aa_profile, first);
	label->vec[1] = tk_va(struct aa_profile, second);
	return va;
}

static void setup(struct place *p)
{
	static const char *const modes[] = {"enforce", "complain", "kill", "unconfined"};
	struct task_struct *task;
	struct lsm_blob_sizes *sizes;
	uint64_t names, cred, security;

	*p = (struct place){.k = tk_new((struct tk_spec){.types = types})};
	names = tk_global(p->k, "aa_profile_mode_names", sizeof(modes));
	for (size_t i = 0; i < 4; i++)
		tk_put64(p->k, names + 8 * i, text(p, modes[i]));
	sizes = tk_ptr(p->k, tk_global(p->k, "apparmor_blob_sizes", sizeof(*sizes)));
	*sizes = (struct lsm_blob_sizes){.lbs_cred = 8, .lbs_task = 16};
	tk_put64(p->k, tk_global(p->k, "apparmor_initialized", 4), 1);
	p->root = new_ns(p, "root", 0);
	p->inner = new_ns(p, "root//lxc", p->root);
	tk_put64(p->k, tk_global(p->k, "root_ns", 8), p->root);
	p->free = new_profile(p, "unconfined", p->root, 3);
	((struct aa_ns *)tk_ptr(p->k, p->root))->unconfined = tk_va(struct aa_profile, p->free);
	p->man = new_profile(p, "/usr/bin/man", p->root, 0);
	p->ssh = new_profile(p, "ssh", p->root, 1);
	p->lxc = new_profile(p, "unconfined", p->inner, 3);
	((struct aa_ns *)tk_ptr(p->k, p->inner))->unconfined = tk_va(struct aa_profile, p->lxc);
	p->task = tk_alloc(p->k, sizeof(*task));
	cred = tk_alloc(p->k, sizeof(struct cred));
	security = tk_alloc(p->k, 64);
	tk_put64(p->k, cred, security);
	p->slot = security + 8;
	security = tk_alloc(p->k, 64);
	p->ctx = security + 16;
	task = tk_ptr(p->k, p->task);
	task->real_cred = tk_va(struct cred, cred);
	task->security = tk_va(void, security);
}

static void expect(struct place *p, const char *name)
{
	struct vr_program *prog = tk_open(p->k);
	struct vr_obj task = vr_at(prog, "struct task_struct", p->task);
	char buf[VR_APPARMOR_NAME];

	assert_true(vr_apparmor_active(prog));
	assert_string_equal(
		vr_apparmor_name(vr_apparmor_task_label(task, VR_APPARMOR_CURRENT), buf), name);
	tk_expect(prog, VR_OK, 0);
	tk_close(p->k);
}

static void test_names(void **state)
{
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.slot, new_label(&p, p.free, 0));
	expect(&p, "unconfined");
	tk_put64(p.k, p.slot, new_label(&p, p.man, 0));
	expect(&p, "/usr/bin/man (enforce)");
	tk_put64(p.k, p.slot, new_label(&p, p.man, p.ssh));
	expect(&p, "/usr/bin/man//&ssh (mixed)");
	tk_put64(p.k, p.slot, new_label(&p, p.lxc, 0));
	expect(&p, ":lxc:unconfined");
	tk_put64(p.k, p.slot, new_label(&p, p.ssh, p.lxc));
	expect(&p, "ssh//&:lxc:unconfined (complain)");
	tk_free(p.k);
}

static void test_other_labels(void **state)
{
	struct vr_program *prog;
	struct vr_obj task;
	uint64_t old, new;
	char buf[VR_APPARMOR_NAME];
	struct place p;

	(void)state;
	setup(&p);
	new = new_label(&p, p.ssh, 0);
	old = new_label(&p, p.man, 0);
	((struct aa_label *)tk_ptr(p.k, old))->flags = STALE;
	((struct aa_label *)tk_ptr(p.k, old))->proxy = tk_va(struct aa_proxy, tk_alloc(p.k, 8));
	tk_put64(p.k, (uint64_t)(uintptr_t)((struct aa_label *)tk_ptr(p.k, old))->proxy, new);
	tk_put64(p.k, p.ctx + offsetof(struct aa_task_ctx, onexec), old);
	prog = tk_open(p.k);
	task = vr_at(prog, "struct task_struct", p.task);
	assert_string_equal(vr_apparmor_name(vr_apparmor_task_label(task, VR_APPARMOR_ONEXEC), buf),
			    "ssh (complain)");
	assert_false(vr_ok(vr_apparmor_task_label(task, VR_APPARMOR_PREVIOUS)));
	assert_false(vr_ok(vr_apparmor_task_label(task, VR_APPARMOR_CURRENT)));
	tk_expect(prog, VR_OK, 0);
	tk_free(p.k);
}

/* The name of what can't be right is empty, and the reason is kept. */
static void expect_bad(struct place *p, enum vr_err kind)
{
	struct vr_program *prog = tk_open(p->k);
	struct vr_obj task = vr_at(prog, "struct task_struct", p->task);
	char buf[VR_APPARMOR_NAME];

	assert_string_equal(
		vr_apparmor_name(vr_apparmor_task_label(task, VR_APPARMOR_CURRENT), buf), "");
	tk_expect(prog, kind, 0);
	tk_close(p->k);
}

static void test_broken(void **state)
{
	struct aa_label *label;
	struct place p;

	(void)state;
	setup(&p);
	tk_put64(p.k, p.slot, TK_NOWHERE);
	expect_bad(&p, VR_FAULT);
	tk_put64(p.k, p.slot, new_label(&p, p.man, p.ssh));
	label = tk_ptr(p.k, tk_get64(p.k, p.slot));
	label->size = -1;
	expect_bad(&p, VR_CORRUPT);
	label->size = 200; /* NULL behind the second */
	expect_bad(&p, VR_FAULT);
	label->size = 1;
	((struct aa_profile *)tk_ptr(p.k, p.man))->mode = 1l << 40;
	expect_bad(&p, VR_CORRUPT);
	/* A namespace that is within itself. */
	((struct aa_ns *)tk_ptr(p.k, p.inner))->parent = tk_va(struct aa_ns, p.inner);
	tk_put64(p.k, p.slot, new_label(&p, p.lxc, 0));
	expect_bad(&p, VR_CORRUPT);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_other_labels),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
