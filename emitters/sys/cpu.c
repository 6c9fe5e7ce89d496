// SPDX-License-Identifier: GPL-2.0-or-later
/* sys/devices/system/cpu/{online,possible,present} (show_cpus_attr() in drivers/base/cpu.c). */
#include "kernel/cpus.h"
#include "plugin/emitter.h"

/* A list of VR_MAX_CPUS ids as text. */
#define LIST_SIZE (VR_MAX_CPUS * 5)

static void put_list(struct vr_file *f, const struct vr_cpumask *mask)
{
	char text[LIST_SIZE];

	vr_printf(f, "%s\n", vr_cpumask_list(mask, text, sizeof(text)));
}

static void online(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask mask = {0};

	vr_cpus_online(key->prog, &mask);
	put_list(f, &mask);
}

static void possible(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask mask;

	vr_cpumask_read(key->prog, "__cpu_possible_mask", &mask);
	put_list(f, &mask);
}

static void present(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask mask;

	vr_cpumask_read(key->prog, "__cpu_present_mask", &mask);
	put_list(f, &mask);
}

#define DIR "sys/devices/system/cpu/"
VR_EMITTER(.path = DIR "online",
	   .source = "cpuhp_state: the CPUs online before the panic, which takes the others out of "
		     "cpu_online_mask",
	   .emit = online)
VR_EMITTER(.path = DIR "possible", .source = "__cpu_possible_mask", .emit = possible)
VR_EMITTER(.path = DIR "present", .source = "__cpu_present_mask", .emit = present)
