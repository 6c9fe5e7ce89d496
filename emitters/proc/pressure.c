// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/pressure/{cpu,io,memory,irq} (psi_show() in kernel/sched/psi.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/psi.h"
#include "plugin/emitter.h"

static void put_line(struct vr_file *f, const char *name, const uint64_t avg[3], uint64_t total_ns)
{
	vr_puts(f, name);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const names[] = {"avg10", "avg60", "avg300"};

		vr_printf(f, " %s=%" PRIu64 ".%02" PRIu64, names[i], avg[i] >> 11,
			  (avg[i] & 2047) * 100 >> 11);
	}
	vr_printf(f, " total=%" PRIu64 "\n", total_ns / 1000);
}

static bool exists(const struct vr_key *key)
{
	struct vr_obj enabled;
	uint64_t value;

	/* psi_proc_init(); a kernel whose psi= can't be read has the files all the same. */
	if (vr_try_kernel_global(key->prog, "psi_enable", &enabled) != VR_OK)
		return vr_has_symbol(key->prog, "psi_system");
	return vr_try_u64(enabled, "", &value) != VR_OK || value;
}

/* resource: of enum psi_res, whose states are its some and full. */
static void put_resource(struct vr_file *f, struct vr_program *prog, const char *resource,
			 bool has_some, bool has_full)
{
	int64_t some = vr_constant(prog, resource) * 2;
	struct vr_psi psi;

	vr_psi_read(vr_kernel_global(prog, "psi_system"), &psi);
	if (!vr_failed(prog) && (some < 0 || some + (has_some && has_full) >= psi.states))
		vr_latch(prog, VR_CORRUPT, "no pressure of %s", resource);
	if (vr_failed(prog))
		return;
	if (has_some)
		put_line(f, "some", psi.avg[some], psi.total_ns[some]);
	if (has_full)
		put_line(f, "full", psi.avg[some + has_some], psi.total_ns[some + has_some]);
}

static void emit_io(struct vr_file *f, const struct vr_key *key)
{
	put_resource(f, key->prog, "PSI_IO", true, true);
}

static void emit_memory(struct vr_file *f, const struct vr_key *key)
{
	put_resource(f, key->prog, "PSI_MEM", true, true);
}

static void emit_cpu(struct vr_file *f, const struct vr_key *key)
{
	static const uint64_t none[3];
	int64_t full;

	put_resource(f, key->prog, "PSI_CPU", true, false);
	/* Since 5.13 with that state; it means nothing for the whole system. */
	if (vr_enum_value(key->prog, NULL, "PSI_CPU_FULL", &full) == VR_OK)
		put_line(f, "full", none, 0);
}

static bool has_irq(const struct vr_key *key)
{
	int64_t value;

	return vr_enum_value(key->prog, NULL, "PSI_IRQ_FULL", &value) == VR_OK && exists(key);
}

static void emit_irq(struct vr_file *f, const struct vr_key *key)
{
	/* A static key or an int, both of which begin with an int. */
	if (!(uint32_t)vr_u64(vr_kernel_global(key->prog, "sched_clock_irqtime"), ""))
		vr_latch(key->prog, VR_UNSUPPORTED,
			 "interrupts aren't timed: kernels since 6.14 have no such file then");
	put_resource(f, key->prog, "PSI_IRQ", false, true);
}

#define DIR "proc/pressure/"
VR_EMITTER(.path = DIR "cpu", .source = "psi_system", .exists = exists, .emit = emit_cpu)
VR_EMITTER(.path = DIR "io", .source = "psi_system", .exists = exists, .emit = emit_io)
VR_EMITTER(.path = DIR "irq", .source = "psi_system", .exists = has_irq, .emit = emit_irq)
VR_EMITTER(.path = DIR "memory", .source = "psi_system", .exists = exists, .emit = emit_memory)
