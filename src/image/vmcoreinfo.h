/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: the key=value text that the kernel leaves for dump readers (kernel/vmcore_info.c). */
#ifndef IMAGE_VMCOREINFO_H
#define IMAGE_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

struct vr_vmcoreinfo;

/**
 * Parse the text (copied). Of lines with the same key the first holds. Errors: VR_CORRUPT where it
 * has no OSRELEASE line or is longer than 1 MiB, VR_NOMEM.
 */
enum vr_err vr_vmcoreinfo_parse(const char *text, struct vr_vmcoreinfo **info,
				struct vr_error *err);
void vr_vmcoreinfo_free(struct vr_vmcoreinfo *info);

/** The value of a key such as "OSRELEASE", NULL where it is missing. Owned by info. */
const char *vr_vmcoreinfo_get(const struct vr_vmcoreinfo *info, const char *key);
/** SYMBOL(name), an address in this dump (already relocated). VR_ABSENT, VR_CORRUPT. */
enum vr_err vr_vmcoreinfo_symbol(const struct vr_vmcoreinfo *info, const char *name,
				 uint64_t *addr);
/**
 * NUMBER(name), decimal (signed) or 0x-hexadecimal. Values from 2^63 on (addresses) keep their 64
 * bits and so come out negative. VR_ABSENT, VR_CORRUPT.
 */
enum vr_err vr_vmcoreinfo_number(const struct vr_vmcoreinfo *info, const char *name,
				 int64_t *value);
/**
 * SIZE(name), OFFSET(name), LENGTH(name) by their kind: "SIZE", "OFFSET" (its name is
 * "type.member"), "LENGTH". VR_ABSENT, VR_CORRUPT (not a number, or over 1 GiB).
 */
enum vr_err vr_vmcoreinfo_layout(const struct vr_vmcoreinfo *info, const char *kind,
				 const char *name, uint32_t *value);
/**
 * All SYMBOL() keys in turn, from *at = 0 on: name gets that in the parentheses, cut to fit. False:
 * no more.
 */
bool vr_vmcoreinfo_next_symbol(const struct vr_vmcoreinfo *info, size_t *at, char *name,
			       size_t size, uint64_t *addr);
/** The highest of all SYMBOL() values in [from, to), or from. */
uint64_t vr_vmcoreinfo_highest_symbol(const struct vr_vmcoreinfo *info, uint64_t from, uint64_t to);

#endif
