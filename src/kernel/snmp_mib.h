/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of the network stack (include/net/snmp.h): arrays of numbers, and tables that give some
 * of them names.
 *
 *	struct vr_mib mib;
 *	struct vr_mib_walk w = vr_mib_names_begin(prog, "xfrm_mib_list");
 *
 *	vr_mib_read(vr_get(net, "mib.xfrm_statistics"), &mib);
 *	while (vr_mib_next(&w))
 *		use(w.name, vr_mib_value(prog, &mib, w.entry));
 */
#ifndef KERNEL_SNMP_MIB_H
#define KERNEL_SNMP_MIB_H

#include <vmcore-report/object.h>

/** Most counters in one array (ICMP6MSG_MIB_MAX is 512). */
#define VR_MIB_MAX 1024
/** Room for a counter's name and its NUL. */
#define VR_MIB_NAME 64

/** An array of counters, all CPUs' parts added up. */
struct vr_mib {
	uint64_t values[VR_MIB_MAX];
	size_t count;
};

/**
 * Read the counters behind a pointer to per-CPU memory, whose structure has an array `mibs` (struct
 * linux_mib, ipstats_mib, ...). False: latched.
 */
bool vr_mib_read(struct vr_obj pointer, struct vr_mib *mib);
/** The same where all CPUs share them (struct icmpmsg_mib, icmpv6_mib_device, ...). */
bool vr_mib_read_shared(struct vr_obj pointer, struct vr_mib *mib);
/** One of them; VR_CORRUPT is latched where there aren't so many. */
uint64_t vr_mib_value(struct vr_program *prog, const struct vr_mib *mib, uint64_t entry);

/** A walk over a table of names (struct snmp_mib). */
struct vr_mib_walk {
	char name[VR_MIB_NAME];
	uint32_t entry;
	/* private */
	struct vr_obj item;
	uint64_t left;
};

/** Begin at a global table, which ends with a name that is NULL, or with the symbol. Latches. */
struct vr_mib_walk vr_mib_names_begin(struct vr_program *prog, const char *symbol);
/** Advance; false at the end, or latched: VR_CORRUPT where a name can't be one. */
bool vr_mib_next(struct vr_mib_walk *walk);

#endif
