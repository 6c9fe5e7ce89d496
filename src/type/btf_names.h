/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash of names of one BTF blob: made by btf.c while it opens one. */
#ifndef TYPE_BTF_NAMES_H
#define TYPE_BTF_NAMES_H

#include "type/btf.h"

/** Build the hash over btf->names, which holds ids in order. False: out of memory. */
bool vr_btf_hash_names(struct vr_btf *btf);

#endif
