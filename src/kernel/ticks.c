// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/ticks.h"

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/timekeeping.h"

unsigned vr_hz(struct vr_program *prog)
{
	/* The choices of kernel/Kconfig.hz and of what distributions add to them. */
	static const unsigned choices[] = {100, 128, 200,  250,  256, 300,
					   500, 512, 1000, 1024, 1200};
	/* Nanoseconds of a tick, shifted left by 32; the clock's discipline changes it by 500 ppm at
	 * most (include/linux/timex.h, MAXFREQ). */
	uint64_t tick = vr_u64(vr_timekeeper(prog), "ntp_tick") >> 32;

	if (vr_failed(prog))
		return 0;
	for (size_t i = 0; i < VR_ARRAY_SIZE(choices); i++) {
		uint64_t length = 1000000000u / choices[i], slack = length / 1000;

		if (tick >= length - slack && tick <= length + slack)
			return choices[i];
	}
	vr_latch(prog, VR_CORRUPT, "a tick of %llu ns is no kernel's", (unsigned long long)tick);
	return 0;
}

uint64_t vr_jiffies(struct vr_program *prog)
{
	return vr_u64(vr_kernel_global(prog, "jiffies_64"), "");
}

uint64_t vr_jiffies_to_ms(uint64_t jiffies, unsigned hz)
{
	if (1000 % hz == 0)
		return jiffies * (1000 / hz);
	return (uint64_t)((unsigned __int128)jiffies * 1000 / hz);
}

uint64_t vr_jiffies_to_clock(uint64_t jiffies, unsigned hz)
{
	const uint64_t second = 1000000000;

	/* The kernel's TICK_NSEC, rounded as it is there; products wrap as they do there. */
	return jiffies * ((second + hz / 2) / hz) / (second / VR_USER_HZ);
}

uint64_t vr_jiffies_ahead(uint64_t moment, uint64_t now, unsigned hz)
{
	int64_t delta = (int64_t)(moment - now);

	return delta > 0 ? vr_jiffies_to_clock((uint64_t)delta, hz) : 0;
}
