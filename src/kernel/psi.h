/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pressure stall information (kernel/sched/psi.c). */
#ifndef KERNEL_PSI_H
#define KERNEL_PSI_H

#include <vmcore-report/object.h>

/** Most states of enum psi_states, PSI_NONIDLE left out. */
#define VR_PSI_STATES 16

/** A group's sums and averages, brought up to the scheduler's latest clock. */
struct vr_psi {
	unsigned states;
	uint64_t total_ns[VR_PSI_STATES];
	uint64_t avg[VR_PSI_STATES][3]; /* percent over 10, 60, 300 s; fixed point, 11 bits */
};

/**
 * What psi_show() reads of a struct psi_group, having done what it does first: it adds what the CPUs
 * have recorded since the last time. False: latched.
 */
bool vr_psi_read(struct vr_obj group, struct vr_psi *psi);

#endif
