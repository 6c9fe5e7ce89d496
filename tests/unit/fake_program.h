/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program to run plugins over that look at little of it: a tiny kernel with a symbol and a type. */
#ifndef UNIT_FAKE_PROGRAM_H
#define UNIT_FAKE_PROGRAM_H

#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(fake_types,
struct task_struct { int __state; int pid; };
typedef unsigned long long u64;
)
/* clang-format on */

/** The one of this process, made at the first call; it lives on. */
static inline struct vr_program *fake_program(void)
{
	static struct tiny_kernel *kernel;
	static struct vr_program *prog;

	if (!kernel) {
		kernel = tk_new((struct tk_spec){.types = fake_types});
		tk_global(kernel, "init_task", 64);
		tk_global(kernel, "runqueues", 64);
		prog = tk_open(kernel);
	}
	return prog;
}

#endif
