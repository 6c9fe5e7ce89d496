/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of kallsyms, decoded; also where some of their bytes can't be had. */
#ifndef SYMBOL_NAMES_H
#define SYMBOL_NAMES_H

#include "symbol/symtab.h"

#define VR_TOKENS 256
/* Pieces up to this long are copied by a move of fixed size. */
#define VR_TOKEN_SHORT 16
/* kallsyms_markers has an entry for so many names. */
#define VR_NAMES_PER_MARKER 256u
/* Bytes from one marker to the next: a name takes at least two, and few take 600. */
#define VR_MARKER_MIN (VR_NAMES_PER_MARKER * 2)
#define VR_MARKER_MAX (VR_NAMES_PER_MARKER * 600)

/** What each byte of a name stands for. */
struct vr_symbol_tokens {
	char text[VR_TOKENS][VR_TOKEN_SHORT];
	uint16_t len[VR_TOKENS];
	char *table; /* the pieces as they are in the dump, for long ones */
	uint16_t index[VR_TOKENS];
};

/** All names, decoded. Zeroed: none. */
struct vr_symbol_names {
	char *pool; /* type letter, name, NUL; as struct vr_core_symbols has it */
	size_t len, cap;
	uint32_t *offsets;
	uint32_t count;
	uint32_t *starts; /* for each 256 names, bytes before them: what kallsyms_markers has */
	uint64_t end;     /* address behind the last name */
	bool saw_long;    /* some length byte had its top bit set */
	uint32_t stext;   /* index of _stext, UINT32_MAX where there is none */
	uint32_t other;   /* likewise of tables->other */
	uint32_t lost;    /* names that could not be had: these are empty */
	uint64_t lost_at; /* the first address that could not be read, 0: none was unreadable */
};

/**
 * Decode count names. Where bytes of them can't be read or can't be right, those up to the next
 * entry of kallsyms_markers are lost. count 0: it isn't known, find it out by the markers.
 * Errors as vr_symtab_add_kallsyms(). *names is the caller's to free in any case.
 */
enum vr_err vr_symbol_names_read(const struct vr_kallsyms_tables *tables, uint32_t count,
				 vr_symtab_reader read, void *arg, struct vr_symbol_names *names,
				 struct vr_error *err);
void vr_symbol_names_free(struct vr_symbol_names *names);

/** An empty name whose type letter is that mark: its offset, or UINT32_MAX: out of memory. */
uint32_t vr_symbol_names_mark(struct vr_symbol_names *names, char mark);

/* ---- between names.c and names_holed.c ---- */

/** Room for one more name of the longest, and for guess bytes at first. False: out of memory. */
bool vr_symbol_names_reserve(struct vr_symbol_names *names, size_t guess);
/** Expand one name behind the others, which have room for it. False: it is too long, or empty. */
bool vr_symbol_names_expand(const struct vr_symbol_tokens *tokens, const unsigned char *p,
			    size_t len, struct vr_symbol_names *names);
/** Whether the name at offset is one of those that tables and checks look for: keep its index. */
void vr_symbol_names_notice(const struct vr_kallsyms_tables *tables, uint32_t offset,
			    struct vr_symbol_names *names);
/** The length before a name, read from p; gives the bytes that it takes itself. */
size_t vr_symbol_name_length(const unsigned char *p, bool two_bytes, size_t *len);
/** vr_symbol_names_read() by kallsyms_markers. VR_CORRUPT where there are none to go by. */
enum vr_err vr_symbol_names_by_markers(const struct vr_kallsyms_tables *tables, uint32_t count,
				       vr_symtab_reader read, void *arg,
				       const struct vr_symbol_tokens *tokens,
				       struct vr_symbol_names *names, struct vr_error *err);

#endif
