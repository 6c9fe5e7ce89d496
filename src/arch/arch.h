/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between architectures, as one const table each. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <stddef.h>
#include <stdint.h>

#include <vmcore-report/error.h>

/** Facts that VMCOREINFO gives, handed down when the address space is made. */
struct vr_paging {
	uint64_t pgd_phys; /* physical address of the kernel's top-level table */
	int levels;        /* 4 or 5 on x86-64 */
	uint64_t sme_mask; /* the memory encryption bit in table entries, 0 without */
	/*
	 * Ranges that the kernel maps one to one, for where a page table is missing from the dump:
	 * its image, and the direct map of all memory (size 0: not known).
	 */
	struct vr_linear_range {
		uint64_t start, size, phys;
	} image, direct;
};

/** Reads one 8-byte table entry at a physical address. VR_FAULT where it can't. */
typedef enum vr_err (*vr_entry_reader)(void *arg, uint64_t phys, uint64_t *entry);

/** How vmcoreinfo facts become struct vr_paging: get looks a key up (value or NULL). */
typedef const char *(*vr_fact_getter)(void *arg, const char *key);

struct vr_arch {
	const char *name;   /* uname's machine: "x86_64" */
	uint16_t machine;   /* ELF e_machine */
	uint32_t page_size; /* bytes */

	/** Where the kernel's page tables are. VR_ABSENT names the missing key, VR_CORRUPT. */
	enum vr_err (*paging_from_facts)(vr_fact_getter get, void *arg, struct vr_paging *paging,
					 struct vr_error *err);
	/**
	 * Translate va through the tables. *phys gets the physical address of va itself and *span
	 * how many bytes from the start of its page (4 KiB, 2 MiB, 1 GiB) are mapped alike.
	 * VR_ABSENT: not mapped. VR_FAULT: a table is not in the dump (*phys is its address), and
	 * va is in none of the ranges that need no table.
	 */
	enum vr_err (*walk)(const struct vr_paging *paging, vr_entry_reader read, void *arg,
			    uint64_t va, uint64_t *phys, uint64_t *span);
};

/** The table for an ELF e_machine, NULL where the architecture isn't supported. */
const struct vr_arch *vr_arch_find(uint16_t machine);
/** A name for people, for any e_machine: "x86_64", "aarch64", "s390x", or "machine 123" in buf. */
const char *vr_arch_machine_name(uint16_t machine, char *buf, size_t size);

extern const struct vr_arch vr_arch_x86_64;

#endif
