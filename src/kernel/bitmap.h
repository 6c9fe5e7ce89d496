/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps as the kernel prints them (lib/vsprintf.c, bitmap_string() and bitmap_list_string()). */
#ifndef KERNEL_BITMAP_H
#define KERNEL_BITMAP_H

#include <vmcore-report/object.h>

/** "0-3,8" of the first nr bits (%*pbl); "" where none is set. Cut to fit buf; returns buf. */
char *vr_bitmap_list(const uint64_t *bits, unsigned nr, char *buf, size_t size);
/** "000000ff,ffffffff" of the first nr bits (%*pb): groups of 32 bits, highest first, the first one
 * as wide as its bits need. Cut to fit buf; returns buf. */
char *vr_bitmap_hex(const uint64_t *bits, unsigned nr, char *buf, size_t size);
/** Read nr bits of a bitmap in memory into bits, which has room for them; false: latched. */
bool vr_bitmap_read(struct vr_obj obj, const char *path, uint64_t *bits, unsigned nr);

#endif
