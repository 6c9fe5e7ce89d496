/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the dumped kernel keeps its ORC unwind tables: vmlinux's and each module's. */
#ifndef KERNEL_ORC_TABLES_H
#define KERNEL_ORC_TABLES_H

#include <vmcore-report/object.h>

#include "arch/orc.h"

/** An address range, end not included. */
struct vr_text_range {
	uint64_t start, end;
};

/**
 * The tables of one kernel; plain data without allocations, cheap to make (a few reads). The last
 * module looked up is kept, since neighbouring frames tend to share it.
 */
struct vr_orc_tables {
	struct vr_program *prog;
	struct vr_orc_table vmlinux;
	struct vr_text_range text, init_text; /* vmlinux's */

	/* The version in use and what each witness said (VR_ORC_NONE: nothing). by_types tells V1,
	 * V2 and V3 apart and says V3 for V4; by_sample says V1 for all before V4. */
	enum vr_orc_version version;
	enum vr_orc_version by_types, by_sample, by_hash;
	bool sp_indirect_offset_first; /* see vr_orc_step() */

	struct {
		struct vr_text_range text, init_text;
		struct vr_orc_table table;
	} module;
};

/**
 * Find vmlinux's tables and settle their version: by the bitfields of struct orc_entry in the
 * kernel's types, by the commonest base register in a sample, and, as a check, by the kernel's own
 * hash. Types and sample decide. VR_ABSENT: a kernel without ORC, or nothing tells the version;
 * VR_CORRUPT, VR_FAULT. *tables then serves for lookups that all answer VR_ABSENT. Latches nothing.
 */
enum vr_err vr_orc_tables_find(struct vr_program *prog, struct vr_orc_tables *tables,
			       struct vr_error *err);

/** Do the witnesses contradict each other? (The kernel is then of a kind unknown to this program.)
 */
bool vr_orc_tables_disputed(const struct vr_orc_tables *tables);

/**
 * The entry for an instruction at ip. VR_ABSENT with *known_text (may be NULL) telling whether ip
 * lies in the text of vmlinux or of a module that has tables; VR_FAULT. Latches nothing.
 */
enum vr_err vr_orc_tables_lookup(struct vr_orc_tables *tables, uint64_t ip,
				 struct vr_orc_entry *entry, bool *known_text,
				 struct vr_error *err);

/** All entries of a function: as vr_orc_list(). VR_ABSENT where there are no tables for it. */
enum vr_err vr_orc_tables_list(struct vr_orc_tables *tables, uint64_t start, uint64_t end,
			       struct vr_orc_place *list, size_t max, size_t *count,
			       struct vr_error *err);

/** Does addr lie in the text of vmlinux or of a loaded module? */
bool vr_orc_tables_is_text(struct vr_orc_tables *tables, uint64_t addr);

#endif
