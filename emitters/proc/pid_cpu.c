// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/<pid>/arch_status (proc_pid_arch_status() in arch/x86/kernel/fpu/xstate.c) and
 * proc/<pid>/cpu_resctrl_groups (proc_resctrl_show() in arch/x86/kernel/cpu/resctrl/rdtgroup.c,
 * later fs/resctrl/rdtgroup.c).
 */
#include "kernel/globals.h"
#include "kernel/ticks.h"
#include "pid_emitter.h"

#define X86_FEATURE_AVX512F (9 * 32 + 16) /* arch/x86/include/asm/cpufeatures.h */
#define PF_USER_WORKER 0x00004000u        /* include/linux/sched.h */

static bool has_avx512(struct vr_program *prog)
{
	struct vr_obj words = vr_get(vr_kernel_global(prog, "boot_cpu_data"), "x86_capability");

	return vr_u64(vr_index(words, X86_FEATURE_AVX512F / 32), "") >> X86_FEATURE_AVX512F % 32 &
	       1;
}

/* x86_task_fpu(): behind the task's structure since 6.16, where kernel threads have none. */
static struct vr_obj task_fpu(struct vr_obj task)
{
	if (vr_has(task, "thread.fpu.avx512_timestamp"))
		return vr_get(task, "thread.fpu");
	if (vr_u64(task, "flags") & (PF_KTHREAD | PF_USER_WORKER))
		return (struct vr_obj){.prog = task.prog};
	return vr_at(task.prog, "struct fpu",
		     task.addr + vr_sizeof(task.prog, "struct task_struct"));
}

static void emit_arch(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj fpu;
	uint64_t timestamp;
	int64_t elapsed = -1;
	unsigned hz;

	if (!has_avx512(key->prog))
		return;
	fpu = task_fpu(key->obj);
	if (!vr_ok(fpu))
		return;
	timestamp = vr_u64(fpu, "avx512_timestamp");
	hz = vr_hz(key->prog);
	if (timestamp && hz) {
		int64_t ticks = (int64_t)(vr_jiffies(key->prog) - timestamp);

		elapsed = (int64_t)vr_jiffies_to_ms(
			ticks < 0 ? (uint64_t)INT64_MAX : (uint64_t)ticks, hz);
	}
	vr_printf(f, "AVX512_elapsed_ms:\t%" PRId64 "\n", elapsed);
}

static bool has_arch(const struct vr_key *key)
{
	return vr_key_has_entry(key, "arch_status");
}

/* Is the file system there, without which there are no groups? */
static bool is_mounted(struct vr_program *prog)
{
	if (vr_has_symbol(prog, "resctrl_mounted")) /* since 6.11 */
		return vr_u64(vr_kernel_global(prog, "resctrl_mounted"), "");
	return vr_s64(vr_kernel_global(prog, "rdt_enable_key"), "key.enabled.counter") > 0;
}

static void emit_groups(struct vr_file *f, const struct vr_key *key)
{
	if (is_mounted(key->prog))
		vr_latch(key->prog, VR_UNSUPPORTED, "resctrl is mounted, whose groups aren't told");
	vr_puts(f, "res:\nmon:\n");
}

static bool has_groups(const struct vr_key *key)
{
	return vr_key_has_entry(key, "cpu_resctrl_groups");
}

VR_EMITTER(.path = "proc/{pid}/arch_status", .source = "boot_cpu_data, struct fpu",
	   .exists = has_arch, .emit = emit_arch)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/arch_status", .source = "boot_cpu_data, struct fpu",
	   .exists = has_arch, .emit = emit_arch)
VR_EMITTER(.path = "proc/{pid}/cpu_resctrl_groups", .source = "rdt_enable_key, resctrl_mounted",
	   .exists = has_groups, .emit = emit_groups)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/cpu_resctrl_groups",
	   .source = "rdt_enable_key, resctrl_mounted", .exists = has_groups, .emit = emit_groups)
