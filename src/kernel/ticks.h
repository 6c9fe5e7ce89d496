/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ticks: jiffies, HZ, and the USER_HZ that /proc counts in (kernel/time/time.c). */
#ifndef KERNEL_TICKS_H
#define KERNEL_TICKS_H

#include <vmcore-report/object.h>

/** USER_HZ of x86-64 (include/asm-generic/param.h). */
#define VR_USER_HZ 100u

/** The kernel's HZ, told by the length of a tick as time-keeping has it. 0 and latched. */
unsigned vr_hz(struct vr_program *prog);
/** jiffies_64; latches. */
uint64_t vr_jiffies(struct vr_program *prog);
/** Nanoseconds as USER_HZ ticks: nsec_to_clock_t(). */
static inline uint64_t vr_ns_to_clock(uint64_t ns)
{
	return ns / (1000000000u / VR_USER_HZ);
}
/** Jiffies as milliseconds: jiffies_to_msecs(). hz is not 0. */
uint64_t vr_jiffies_to_ms(uint64_t jiffies, unsigned hz);
/** Jiffies as USER_HZ ticks: jiffies_to_clock_t(). hz is not 0. */
uint64_t vr_jiffies_to_clock(uint64_t jiffies, unsigned hz);
/** The same of how far ahead a moment is, 0 where it is past: jiffies_delta_to_clock_t(). */
uint64_t vr_jiffies_ahead(uint64_t moment, uint64_t now, unsigned hz);

#endif
