/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which language a unit of debug information was written. */
#ifndef DEBUGINFO_LANGUAGE_H
#define DEBUGINFO_LANGUAGE_H

#include <dwarf.h>
#include <stdbool.h>
#include <stdint.h>

/** Is DW_AT_language C's of some year? Assembly's, too, which says what it is in DWARF 5 only. */
static inline bool vr_dwarf_is_c(uint64_t language)
{
	switch (language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case 0x2c: /* DW_LANG_C17 */
	case 0x3e: /* DW_LANG_C23 */
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

#endif
