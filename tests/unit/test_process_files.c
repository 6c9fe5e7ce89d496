// SPDX-License-Identifier: GPL-2.0-or-later
/* A process's areas of memory and its descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel/fd.h"
#include "kernel/vma.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct rb_node { unsigned long color; };
	struct mm_context { unsigned long flags; };
	struct mm_struct { struct vm_area_struct *mmap; struct mm_context context; };
	struct vm_area_struct {
		unsigned long vm_start, vm_end; struct vm_area_struct *vm_next;
		struct mm_struct *vm_mm; unsigned long vm_flags;
		union { struct rb_node shared; void *anon_name; };
		void *vm_ops; unsigned long vm_pgoff; struct file *vm_file; void *vm_private_data;
	};
	struct file { unsigned int f_flags; };
	struct fdtable { unsigned int max_fds; struct file **fd; unsigned long *close_on_exec; };
	struct files_struct { struct fdtable *fdt; };
	struct task_struct { struct files_struct *files; };
)
/* clang-format on */

static uint64_t new_area(struct tiny_kernel *k, uint64_t start, uint64_t end)
{
	uint64_t va = tk_alloc(k, sizeof(struct vm_area_struct));
	struct vm_area_struct *vma = tk_ptr(k, va);

	vma->vm_start = start;
	vma->vm_end = end;
	return va;
}

static void set_next(struct tiny_kernel *k, uint64_t area, uint64_t next)
{
	((struct vm_area_struct *)tk_ptr(k, area))->vm_next = tk_va(struct vm_area_struct, next);
}

static void expect_areas(struct tiny_kernel *k, uint64_t mm, const char *want, enum vr_err cut)
{
	struct vr_program *prog = tk_open(k);
	VR_STRBUF got = {0};
	struct vr_vma_walk w;

	vr_vma_begin(vr_at(prog, "struct mm_struct", mm), &w);
	while (vr_vma_next(&w) && got.len < 4000)
		vr_strbuf_printf(&got, "%llx-%llx:%llx ", (unsigned long long)w.vma.start,
				 (unsigned long long)w.vma.end,
				 (unsigned long long)w.vma.anon_name & 0xff);
	assert_false(vr_vma_next(&w));
	assert_string_equal(vr_strbuf_str(&got), want);
	tk_expect_cut(prog, cut);
	tk_expect(prog, VR_OK, 0);
}

static void test_areas(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t mm = tk_alloc(k, sizeof(struct mm_struct));
	uint64_t a = new_area(k, 0x1000, 0x2000), b = new_area(k, 0x2000, 0x5000);
	struct vm_area_struct *vma = tk_ptr(k, b);

	(void)state;
	expect_areas(k, mm, "", VR_OK);
	tk_put64(k, mm, a);
	set_next(k, a, b);
	expect_areas(k, mm, "1000-2000:0 2000-5000:0 ", VR_OK);
	/* A name is one only where no file is. */
	vma->anon_name = tk_va(void, 0x42);
	expect_areas(k, mm, "1000-2000:0 2000-5000:42 ", VR_OK);
	vma->vm_file = tk_va(struct file, 0x1000);
	expect_areas(k, mm, "1000-2000:0 2000-5000:0 ", VR_OK);
	set_next(k, b, TK_NOWHERE);
	expect_areas(k, mm, "1000-2000:0 2000-5000:0 ", VR_FAULT);
	set_next(k, b, b);
	expect_areas(k, mm, "1000-2000:0 2000-5000:0 ", VR_CORRUPT);
	tk_free(k);
}

static void test_gate(void **state)
{
	struct tiny_kernel *k = tk_new((struct tk_spec){.types = types});
	uint64_t mm = tk_alloc(k, sizeof(struct mm_struct));
	uint64_t gate = tk_global(k, "gate_vma", sizeof(struct vm_area_struct));
	uint64_t mode = tk_global(k, "vsyscall_mode", 4);

	(void)state;
	tk_put64(k, gate, 0xffffffffff600000);
	for (unsigned m = 0; m < 3; m++) {
		for (unsigned flags = 0; flags < 4; flags++) {
			struct vr_program *prog;
			struct vr_vma_walk w;

			tk_put64(k, mode, m);
			tk_put64(k, mm + offsetof(struct mm_struct, context), flags);
			prog = tk_open(k);
			vr_vma_begin(vr_at(prog, "struct mm_struct", mm), &w);
			assert_int_equal(vr_vma_gate(&w, vr_at(prog, "struct mm_struct", mm)),
					 m < 2 && (flags & 2));
			if (m < 2 && (flags & 2))
				assert_true(w.vma.start == 0xffffffffff600000);
			tk_expect(prog, VR_OK, 0);
		}
	}
	tk_free(k);
}

struct fds {
	struct tiny_kernel *k;
	uint64_t task, files, table, array, exec;
};

static struct fds make_fds(void)
{
	struct fds p = {.k = tk_new((struct tk_spec){.types = types})};
	struct fdtable *table;

	p.task = tk_alloc(p.k, sizeof(struct task_struct));
	p.files = tk_alloc(p.k, sizeof(struct files_struct));
	p.table = tk_alloc(p.k, sizeof(struct fdtable));
	p.array = tk_alloc(p.k, 8 * 128);
	p.exec = tk_alloc(p.k, 16);
	tk_put64(p.k, p.task, p.files);
	tk_put64(p.k, p.files, p.table);
	table = tk_ptr(p.k, p.table);
	table->max_fds = 128;
	table->fd = tk_va(struct file *, p.array);
	table->close_on_exec = tk_va(unsigned long, p.exec);
	return p;
}

static void expect_fds(struct fds *p, const char *want, enum vr_err cut)
{
	struct vr_program *prog = tk_open(p->k);
	VR_STRBUF got = {0};
	struct vr_fd_walk w;

	vr_fds_begin(vr_at(prog, "struct task_struct", p->task), &w);
	while (vr_fds_next(&w) && got.len < 4000)
		vr_strbuf_printf(&got, "%u:%llx%s ", w.fd, (unsigned long long)w.file.addr,
				 w.close_on_exec ? "!" : "");
	assert_string_equal(vr_strbuf_str(&got), want);
	if (prog->scope->cut.kind != cut)
		fail_msg("%s", prog->scope->cut.text);
	tk_expect(prog, VR_OK, 0);
}

static void test_descriptors(void **state)
{
	struct fds p = make_fds();
	struct fdtable *table = tk_ptr(p.k, p.table);

	(void)state;
	expect_fds(&p, "", VR_OK);
	tk_put64(p.k, p.array, 0x10);
	tk_put64(p.k, p.array + 8 * 63, 0x20);
	tk_put64(p.k, p.array + 8 * 64, 0x30);
	tk_put64(p.k, p.array + 8 * 127, 0x40);
	tk_put64(p.k, p.exec, 1ull << 63);
	tk_put64(p.k, p.exec + 8, 1ull << 63);
	expect_fds(&p, "0:10 63:20! 64:30 127:40! ", VR_OK);
	/* Fewer than a word's worth, and more than anybody may have. */
	table->max_fds = 64;
	expect_fds(&p, "0:10 63:20! ", VR_OK);
	table->max_fds = 65;
	expect_fds(&p, "0:10 63:20! 64:30 ", VR_OK);
	table->fd = tk_va(struct file *, TK_NOWHERE);
	table->max_fds = UINT32_MAX;
	expect_fds(&p, "", VR_LIMIT);
	table->max_fds = 128;
	expect_fds(&p, "", VR_FAULT);
	/* None at all: a zombie. */
	tk_put64(p.k, p.task, 0);
	expect_fds(&p, "", VR_OK);
	tk_free(p.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
