/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that aren't dumps this program reads, told apart so that the user knows what to do. */
#ifndef IMAGE_FOREIGN_H
#define IMAGE_FOREIGN_H

#include "image/format.h"

/** Say what a file is that no format claims. Always VR_UNSUPPORTED. */
enum vr_err vr_foreign_explain(const struct vr_head *head, struct vr_error *err);

#endif
