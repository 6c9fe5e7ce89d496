// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/irq/: where interrupts may go (kernel/irq/proc.c). */
#include <inttypes.h>

#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* A mask of VR_MAX_CPUS bits as text. */
#define MASK_SIZE (VR_MAX_CPUS * 5)

typedef char *(*mask_text)(const struct vr_cpumask *mask, char *buf, size_t size);

static void put_mask(struct vr_file *f, struct vr_obj obj, const char *path, mask_text text)
{
	struct vr_cpumask mask;
	char buf[MASK_SIZE];

	vr_cpumask_var(obj, path, &mask);
	vr_printf(f, "%s\n", text(&mask, buf, sizeof(buf)));
}

/* Descriptors get their folder with their first handler (register_irq_proc()). */
static bool exists(const struct vr_key *key)
{
	uint64_t dir;

	return vr_try_u64(key->obj, "dir", &dir) != VR_OK || dir;
}

static bool has_effective(const struct vr_key *key)
{
	return exists(key) && vr_has(key->obj, "irq_common_data.effective_affinity");
}

static void put_affinity(struct vr_file *f, struct vr_obj desc, mask_text text)
{
	bool pending = vr_has(desc, "pending_mask") &&
		       vr_u64(desc, "irq_common_data.state_use_accessors") &
			       (uint64_t)vr_constant(desc.prog, "IRQD_SETAFFINITY_PENDING");

	put_mask(f, desc, pending ? "pending_mask" : "irq_common_data.affinity", text);
}

static void affinity(struct vr_file *f, const struct vr_key *key)
{
	put_affinity(f, key->obj, vr_cpumask_hex);
}

static void affinity_list(struct vr_file *f, const struct vr_key *key)
{
	put_affinity(f, key->obj, vr_cpumask_list);
}

static void effective(struct vr_file *f, const struct vr_key *key)
{
	put_mask(f, key->obj, "irq_common_data.effective_affinity", vr_cpumask_hex);
}

static void effective_list(struct vr_file *f, const struct vr_key *key)
{
	put_mask(f, key->obj, "irq_common_data.effective_affinity", vr_cpumask_list);
}

static void hint(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask none = {.nr = vr_nr_cpus(key->prog)};
	char buf[MASK_SIZE];

	if (vr_u64(key->obj, "affinity_hint"))
		put_mask(f, key->obj, "affinity_hint", vr_cpumask_hex);
	else
		vr_printf(f, "%s\n", vr_cpumask_hex(&none, buf, sizeof(buf)));
}

static void node(struct vr_file *f, const struct vr_key *key)
{
	vr_printf(f, "%d\n",
		  vr_has(key->obj, "irq_common_data.node")
			  ? (int)vr_s64(key->obj, "irq_common_data.node")
			  : 0);
}

static void spurious(struct vr_file *f, const struct vr_key *key)
{
	unsigned hz = vr_hz(key->prog);

	vr_printf(f, "count %u\nunhandled %u\nlast_unhandled %u ms\n",
		  (uint32_t)vr_u64(key->obj, "irq_count"),
		  (uint32_t)vr_u64(key->obj, "irqs_unhandled"),
		  hz ? (uint32_t)vr_jiffies_to_ms(vr_u64(key->obj, "last_unhandled"), hz) : 0);
}

static void by_default(struct vr_file *f, const struct vr_key *key)
{
	put_mask(f, vr_kernel_global(key->prog, "irq_default_affinity"), "", vr_cpumask_hex);
}

#define DIR "proc/irq/{irq}/"
VR_EMITTER(.path = DIR "smp_affinity", .source = "irq_desc.irq_common_data.affinity",
	   .exists = exists, .emit = affinity)
VR_EMITTER(.path = DIR "smp_affinity_list", .source = "irq_desc.irq_common_data.affinity",
	   .exists = exists, .emit = affinity_list)
VR_EMITTER(.path = DIR "effective_affinity", .source = "irq_desc.irq_common_data",
	   .exists = has_effective, .emit = effective)
VR_EMITTER(.path = DIR "effective_affinity_list", .source = "irq_desc.irq_common_data",
	   .exists = has_effective, .emit = effective_list)
VR_EMITTER(.path = DIR "affinity_hint", .source = "irq_desc.affinity_hint", .exists = exists,
	   .emit = hint)
VR_EMITTER(.path = DIR "node", .source = "irq_desc.irq_common_data.node", .exists = exists,
	   .emit = node)
VR_EMITTER(.path = DIR "spurious", .source = "irq_desc", .exists = exists, .emit = spurious)
VR_EMITTER(.path = "proc/irq/default_smp_affinity", .source = "irq_default_affinity",
	   .emit = by_default)
