// SPDX-License-Identifier: GPL-2.0-or-later
/* The registers that the dying kernel, or the hypervisor, saved for each CPU. */
#include "kernel/stack.h"

#include <elf.h>
#include <string.h>

#include "base/bits.h"
#include "image/image.h"
#include "kernel/panic.h"
#include "kernel/percpu.h"
#include "object/program.h"

/* struct elf_prstatus of x86-64 (include/linux/elfcore.h); pr_reg is a user_regs_struct. */
#define PRSTATUS_PID 32
#define PRSTATUS_REGS 112
#define USER_REGS 27
/* An ELF note's header and its name, "CORE" padded to words. */
#define NOTE_HEAD (12 + 8)

/* Hypervisors and kernels save what the CPU held: canonical addresses. */
static bool canonical(uint64_t addr)
{
	int64_t top = (int64_t)addr >> 56;

	return top == 0 || top == -1;
}

static enum vr_err parse_prstatus(const uint8_t *desc, size_t len, struct vr_regs *regs,
				  uint32_t *pid, struct vr_error *err)
{
	_Static_assert(sizeof(struct vr_regs) == 21 * 8, "the first words of user_regs_struct");

	if (len < PRSTATUS_REGS + USER_REGS * 8)
		return vr_error_set(err, VR_CORRUPT, "a PRSTATUS note of %zu bytes", len);
	memcpy(regs, desc + PRSTATUS_REGS, sizeof(*regs));
	*pid = vr_load32(desc + PRSTATUS_PID);
	if (!regs->ip && !regs->sp && !regs->cs && !regs->flags)
		return vr_error_set(err, VR_ABSENT, "its saved registers are blank");
	if (!canonical(regs->ip) || !canonical(regs->sp))
		return vr_error_set(err, VR_CORRUPT,
				    "its saved registers hold impossible addresses");
	return VR_OK;
}

/* The note that crash_save_cpu() (kernel/crash_core.c) left; blank where a CPU never came to that.
 */
static enum vr_err from_crash_notes(struct vr_program *prog, unsigned cpu, struct vr_regs *regs,
				    uint32_t *pid, struct vr_error *err)
{
	uint8_t note[NOTE_HEAD + PRSTATUS_REGS + USER_REGS * 8];
	uint64_t base, addr;
	enum vr_err kind;

	if (vr_try_symbol(prog, "crash_notes", &addr))
		return vr_error_set(err, VR_ABSENT, "the kernel keeps no crash_notes");
	kind = vr_read(prog, addr, &base, sizeof(base), err);
	if (kind)
		return kind;
	if (!base)
		return vr_error_set(err, VR_ABSENT, "the kernel has no crash_notes");
	addr = vr_per_cpu_addr(prog, base, cpu);
	if (vr_failed(prog))
		return vr_error_set(err, VR_ABSENT, "no per-CPU memory");
	kind = vr_read(prog, addr, note, sizeof(note), err);
	if (kind)
		return kind;
	if (!vr_load32(note) && !vr_load32(note + 4) && !vr_load32(note + 8))
		return vr_error_set(err, VR_ABSENT, "it saved no registers");
	if (vr_load32(note) != 5 || memcmp(note + 12, "CORE", 5) ||
	    vr_load32(note + 8) != NT_PRSTATUS || vr_load32(note + 4) < sizeof(note) - NOTE_HEAD)
		return vr_error_set(err, VR_CORRUPT, "its crash note is damaged");
	return parse_prstatus(note + NOTE_HEAD, sizeof(note) - NOTE_HEAD, regs, pid, err);
}

/* Did the kernel itself save registers before it was dumped? Then its blank notes mean what they
 * say. */
static bool kernel_saved(struct vr_program *prog)
{
	struct vr_regs regs;
	uint32_t pid;
	unsigned cpu;

	return !vr_panic_cpu(prog, &cpu, NULL, NULL) &&
	       !from_crash_notes(prog, cpu, &regs, &pid, NULL);
}

/*
 * The dump's own notes carry no CPU number. They come in the order of the present CPUs, and all of
 * them must be there, since /proc/vmcore leaves blank ones out.
 */
static enum vr_err from_image_notes(struct vr_program *prog, unsigned cpu, struct vr_regs *regs,
				    uint32_t *pid, struct vr_error *err)
{
	const struct vr_note *notes, *found = NULL;
	size_t count = 0, n = 0, i;
	struct vr_cpumask present;
	unsigned rank = 0, c;

	if (!prog->image)
		return vr_error_set(err, VR_ABSENT, "the dump has no notes");
	if (!vr_cpumask_read(prog, "__cpu_present_mask", &present) ||
	    !vr_cpumask_test(&present, cpu))
		return vr_error_set(err, VR_ABSENT, "it is not present");
	for (c = 0; c < cpu; c++)
		rank += vr_cpumask_test(&present, c);
	notes = vr_image_notes(prog->image, &count);
	for (i = 0; i < count; i++) {
		if (notes[i].type != NT_PRSTATUS || strcmp(notes[i].name, "CORE"))
			continue;
		if (n++ == rank)
			found = &notes[i];
	}
	if (!found || n < vr_cpumask_count(&present))
		return vr_error_set(err, VR_ABSENT, "the dump has %zu PRSTATUS notes for %u CPUs",
				    n, vr_cpumask_count(&present));
	return parse_prstatus(found->desc, found->desc_len, regs, pid, err);
}

enum vr_err vr_cpu_regs(struct vr_program *prog, unsigned cpu, struct vr_regs *regs,
			enum vr_regs_source *source, uint32_t *pid)
{
	uint32_t note_pid = 0;
	struct vr_scope scope;
	enum vr_err kind;

	*source = VR_REGS_NONE;
	vr_scope_enter(prog, &scope);
	kind = from_crash_notes(prog, cpu, regs, &note_pid, NULL);
	if (kind == VR_OK) {
		*source = VR_REGS_CRASH_NOTES;
	} else if (kind != VR_ABSENT || !kernel_saved(prog)) {
		enum vr_err noted = from_image_notes(prog, cpu, regs, &note_pid, NULL);

		if (noted == VR_OK)
			*source = VR_REGS_ELF_NOTE;
		if (noted == VR_OK || kind == VR_ABSENT)
			kind = noted;
	}
	vr_scope_leave(prog, &scope);
	if (kind)
		memset(regs, 0, sizeof(*regs));
	else if (pid)
		*pid = note_pid;
	return kind;
}
