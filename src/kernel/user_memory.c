// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/user_memory.h"

#include "object/program.h"

bool vr_user_memory_open(struct vr_obj mm, struct vr_user_memory *user)
{
	struct vr_paging paging = mm.prog->as->paging;
	uint64_t pgd = vr_u64(mm, "pgd");
	struct vr_error err;
	enum vr_mem_status status;

	*user = (struct vr_user_memory){.prog = mm.prog};
	if (vr_failed(mm.prog))
		return false;
	status = vr_aspace_translate(mm.prog->as, pgd, &paging.pgd_phys);
	if (status != VR_MEM_OK) {
		vr_program_fault(&err, status, pgd);
		vr_latch_error(mm.prog, &err);
		return false;
	}
	/* These are the kernel's; a process's memory is where its tables say. */
	paging.image = paging.direct = (struct vr_linear_range){0};
	user->as = vr_aspace_new(mm.prog->as->image, mm.prog->as->arch, &paging);
	if (!user->as)
		vr_latch(mm.prog, VR_NOMEM, "out of memory");
	return user->as != NULL;
}

void vr_user_memory_close(struct vr_user_memory *user)
{
	if (user->as)
		vr_aspace_free(user->as);
	user->as = NULL;
}

bool vr_user_memory_read(struct vr_user_memory *user, uint64_t addr, void *buf, size_t len)
{
	enum vr_mem_status status;
	struct vr_error err;
	uint64_t bad = addr;

	if (vr_failed(user->prog))
		return false;
	status = vr_aspace_read(user->as, addr, buf, len, &bad);
	if (status == VR_MEM_OK)
		return true;
	vr_error_set(&err, VR_FAULT, "the process's memory at 0x%llx is %s",
		     (unsigned long long)bad,
		     status == VR_MEM_UNMAPPED ? "not in memory" : vr_mem_status_text(status));
	err.addr = bad;
	vr_latch_error(user->prog, &err);
	return false;
}
