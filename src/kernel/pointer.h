/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel addresses as printk's %p and %pK show them (lib/vsprintf.c). */
#ifndef KERNEL_POINTER_H
#define KERNEL_POINTER_H

#include <vmcore-report/object.h>

/** What the kernel makes of an address before it shows it. */
struct vr_pointer_style {
	enum { VR_POINTER_HASHED, VR_POINTER_RAW, VR_POINTER_ZERO } how;
	uint64_t key[2];
};

/** SipHash-2-4 of one word: siphash_1u64() of lib/siphash.c. */
uint64_t vr_siphash_1u64(uint64_t word, const uint64_t key[2]);

/** The style of %p: hashes, made with the dump's ptr_key. Latches as vr_pointer_style() does. */
bool vr_pointer_plain(struct vr_program *prog, struct vr_pointer_style *style);
/**
 * The style of %pK for a reader with CAP_SYSLOG: kptr_restrict decides, hashes are made with the
 * dump's ptr_key. False: latched; VR_UNSUPPORTED where the kernel had no key yet.
 */
bool vr_pointer_style(struct vr_program *prog, struct vr_pointer_style *style);
/** The 16 digits of an address, without 0x, are those of this number. */
uint64_t vr_pointer_show(const struct vr_pointer_style *style, uint64_t addr);

#endif
