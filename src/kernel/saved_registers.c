// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/saved_registers.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/stack_code.h"
#include "object/memo.h"
#include "object/program.h"

/* Of a function; those with more, and larger ones, are few. */
#define ENTRIES_MAX 1024
#define CODE_MAX ((uint64_t)64 << 10)
/* Six registers, and what is pushed for alignment. */
#define LEVELS_MAX 8
#define CACHE_SLOTS 1024

/* Registers as push has them, which is not DWARF's order. */
#define ENCODED_COUNT 16
static const uint8_t dwarf_number[ENCODED_COUNT] = {
	VR_DWARF_RAX, VR_DWARF_RCX, VR_DWARF_RDX, VR_DWARF_RBX, VR_DWARF_RSP, VR_DWARF_RBP,
	VR_DWARF_RSI, VR_DWARF_RDI, VR_DWARF_R8,  VR_DWARF_R9,  VR_DWARF_R10, VR_DWARF_R11,
	VR_DWARF_R12, VR_DWARF_R13, VR_DWARF_R14, VR_DWARF_R15,
};

/* Those that pushes tell of: rbp is in the entries themselves. */
#define PUSHED                                                                                     \
	(1u << VR_DWARF_RBX | 1u << VR_DWARF_R12 | 1u << VR_DWARF_R13 | 1u << VR_DWARF_R14 |       \
	 1u << VR_DWARF_R15)

/* What is known of a part of a function, wherever in it. */
struct saves {
	uint64_t entry, part;
	uint32_t on_stack, untouched;      /* bits by DWARF's number; in neither: unknown */
	uint8_t level[VR_DWARF_REG_COUNT]; /* words below the CFA */
};

struct cache {
	struct saves slots[CACHE_SLOTS];
};

/* While a function, or a part of one, is looked at. */
struct scan {
	uint8_t *code;
	uint64_t start, size;
	struct vr_orc_place *places;
	size_t count;
	uint32_t at_level[LEVELS_MAX + 1]; /* registers pushed there, all that have been seen */
	uint32_t doubtful;                 /* pushed, but where isn't sure */
	unsigned deepest;                  /* the level up to which pushes follow each other */
};

static bool is_plain(const struct vr_orc_entry *entry)
{
	return entry->type == VR_ORC_CALL && entry->sp_reg == VR_ORC_REG_SP;
}

/* Does an instruction begin at end, by those from begin on that are known? */
static bool leads_to(const struct scan *s, uint64_t begin, uint64_t end)
{
	while (begin < end) {
		size_t len = vr_prologue_instruction(s->code + (begin - s->start), end - begin);

		if (!len)
			return false;
		begin += len;
	}
	return true;
}

/*
 * What the push that ends at end, an entry's beginning, pushes, as bits by DWARF's number: two of them
 * where a prefix may as well be the end of the instruction before; 0: it is none. begin: a beginning of
 * an instruction before that.
 */
static uint32_t pushed(const struct scan *s, uint64_t begin, uint64_t end)
{
	uint32_t plain, extended;
	uint8_t op, prefix;

	if (end <= begin || end - s->start > s->size)
		return 0;
	op = s->code[end - s->start - 1];
	if (op < 0x50 || op > 0x57)
		return 0;
	plain = 1u << dwarf_number[op - 0x50];
	extended = 1u << dwarf_number[op - 0x50 + 8];
	if (leads_to(s, begin, end - 1))
		return plain;
	prefix = s->code[end - s->start - 2];
	if ((prefix & 0xf0) != 0x40)
		return plain;
	return prefix == 0x41 && leads_to(s, begin, end - 2) ? extended : plain | extended;
}

static bool is_single(uint32_t registers)
{
	return registers && !(registers & (registers - 1));
}

/* Where registers are pushed, of all the function's entries. */
static void note_pushes(struct scan *s)
{
	for (size_t i = 0; i + 1 < s->count; i++) {
		const struct vr_orc_place *from = &s->places[i], *to = from + 1;
		uint64_t begin = VR_MAX(from->ip, s->start);
		uint32_t registers;

		if (!is_plain(&from->entry) || !is_plain(&to->entry) ||
		    to->entry.sp_offset != from->entry.sp_offset + 8)
			continue;
		registers = pushed(s, begin, to->ip);
		if (to->entry.sp_offset < 8 || to->entry.sp_offset % 8 ||
		    to->entry.sp_offset / 8 > LEVELS_MAX)
			s->doubtful |= registers;
		else
			s->at_level[to->entry.sp_offset / 8] |= registers;
		if (!is_single(registers))
			s->doubtful |= registers;
	}
}

/* Pushes follow each other from the return address, at level 1, on. */
static void find_deepest(struct scan *s)
{
	s->deepest = 1;
	while (s->deepest < LEVELS_MAX && s->at_level[s->deepest + 1])
		s->deepest++;
}

/* Does any of its ways take room on the stack before all that is to be saved is? */
static bool takes_room_early(const struct scan *s)
{
	for (size_t i = 0; i + 1 < s->count; i++) {
		const struct vr_orc_place *from = &s->places[i], *to = from + 1;
		uint64_t end = to->ip - s->start;
		const uint8_t *code = s->code;
		int room = to->entry.sp_offset - from->entry.sp_offset;

		if (!is_plain(&from->entry) || !is_plain(&to->entry) || room <= 0 ||
		    (unsigned)(from->entry.sp_offset / 8) >= s->deepest || end > s->size)
			continue;
		/* sub $imm8,%rsp; sub $imm32,%rsp; add $-128,%rsp; lea -disp8(%rsp),%rsp */
		if ((end >= 4 && !memcmp(code + end - 4, "\x48\x83\xec", 3) &&
		     code[end - 1] == room) ||
		    (end >= 7 && !memcmp(code + end - 7, "\x48\x81\xec", 3) &&
		     (int)vr_load32(code + end - 4) == room) ||
		    (end >= 4 && !memcmp(code + end - 4, "\x48\x83\xc4\x80", 4)) ||
		    (end >= 5 && !memcmp(code + end - 5, "\x48\x8d\x64\x24", 4)))
			return true;
	}
	return false;
}

/* Is there a move of the register to the stack, as some compilers save it? mov %reg,disp(%rsp) */
static bool is_moved_to_stack(const struct scan *s, unsigned encoded)
{
	uint8_t prefix = encoded < 8 ? 0x48 : 0x4c;

	for (uint64_t i = 0; i + 4 <= s->size; i++) {
		const uint8_t *p = s->code + i;

		if (p[0] == prefix && p[1] == 0x89 && (p[2] & 0x3f) == ((encoded & 7) << 3 | 4) &&
		    p[2] >> 6 != 3 && p[3] == 0x24)
			return true;
	}
	return false;
}

static void conclude(struct scan *s, struct saves *saves)
{
	uint32_t all = s->doubtful;

	for (unsigned level = 2; level <= LEVELS_MAX; level++)
		all |= s->at_level[level];
	for (unsigned i = 0; i < ENCODED_COUNT; i++) {
		uint32_t bit = 1u << dwarf_number[i];
		unsigned found = 0;

		if (!(PUSHED & bit) || (s->doubtful & bit))
			continue;
		if (!(all & bit)) {
			if (!is_moved_to_stack(s, i))
				saves->untouched |= bit;
			continue;
		}
		/* Further ones are arguments of a call, of what it was saved for. */
		for (unsigned level = 2; level <= s->deepest && !found; level++)
			if (s->at_level[level] & bit)
				found = level;
		if (found && is_single(s->at_level[found])) {
			saves->on_stack |= bit;
			saves->level[dwarf_number[i]] = (uint8_t)found;
		}
	}
}

/* All entries and the code of a function, or of a part of it; false: they can't be had. */
static bool scan_begin(struct vr_orc_tables *tables, const struct vr_symbol *symbol, struct scan *s)
{
	*s = (struct scan){.start = symbol->addr, .size = symbol->size};
	if (!s->size || s->size > CODE_MAX)
		return false;
	s->places = calloc(ENTRIES_MAX, sizeof(*s->places));
	s->code = malloc(s->size);
	if (!s->places || !s->code ||
	    vr_read(tables->prog, s->start, s->code, s->size, NULL) != VR_OK ||
	    vr_orc_tables_list(tables, s->start, s->start + s->size, s->places, ENTRIES_MAX,
			       &s->count, NULL) != VR_OK)
		return false;
	/* With another base than the stack pointer pushes don't show. */
	for (size_t i = 0; i < s->count; i++)
		if (!is_plain(&s->places[i].entry) && s->places[i].entry.type != VR_ORC_UNDEFINED)
			return false;
	note_pushes(s);
	return true;
}

static void scan_end(struct scan *s)
{
	free(s->places);
	free(s->code);
}

/* What a part that lies elsewhere, as a rarely executed one does, pushes of its own isn't sure. */
static bool add_part(struct vr_orc_tables *tables, const struct vr_symbol *symbol,
		     struct scan *whole)
{
	struct scan part;
	bool ok = scan_begin(tables, symbol, &part);

	whole->doubtful |= part.doubtful;
	for (unsigned level = 0; level <= LEVELS_MAX; level++)
		whole->doubtful |= part.at_level[level];
	for (unsigned i = 0; ok && i < ENCODED_COUNT; i++)
		if (is_moved_to_stack(&part, i))
			whole->doubtful |= 1u << dwarf_number[i];
	scan_end(&part);
	return ok;
}

static void look_at(struct vr_orc_tables *tables, uint64_t ip, struct saves *saves)
{
	struct vr_symbol function, part;
	struct scan s;

	if (vr_symtab_lookup(tables->prog->symtab, saves->entry, &function) != VR_OK ||
	    vr_symtab_lookup(tables->prog->symtab, ip, &part) != VR_OK ||
	    function.addr != saves->entry)
		return;
	if (scan_begin(tables, &function, &s) && s.count && s.places[0].entry.sp_offset == 8 &&
	    (part.addr == function.addr || add_part(tables, &part, &s))) {
		find_deepest(&s);
		if (!takes_room_early(&s))
			conclude(&s, saves);
	}
	scan_end(&s);
}

static const struct saves *saves_of(struct vr_orc_tables *tables, uint64_t entry, uint64_t ip)
{
	static const char key;
	struct cache *cache = vr_memo(tables->prog, &key, sizeof(*cache));
	struct vr_symbol symbol;
	struct saves *saves;

	if (!cache || vr_symtab_lookup(tables->prog->symtab, ip, &symbol) != VR_OK)
		return NULL;
	saves = &cache->slots[(entry ^ symbol.addr >> 4) / 16 % CACHE_SLOTS];
	if (saves->entry != entry || saves->part != symbol.addr) {
		*saves = (struct saves){.entry = entry, .part = symbol.addr};
		look_at(tables, ip, saves);
	}
	return saves;
}

/* objtool follows rbp as it follows the stack pointer. */
static void set_rbp(const struct vr_orc_entry *entry, struct vr_saved_register *rbp)
{
	if (entry->bp_reg == VR_ORC_REG_UNDEFINED)
		rbp->saved = VR_SAVED_NOT;
	if (entry->bp_reg == VR_ORC_REG_PREV_SP)
		*rbp = (struct vr_saved_register){VR_SAVED_ON_STACK, entry->bp_offset};
}

void vr_saved_registers(struct vr_orc_tables *tables, uint64_t start, uint64_t ip,
			struct vr_saved_register registers[VR_DWARF_REG_COUNT])
{
	struct vr_orc_entry entry;
	const struct saves *saves;

	memset(registers, 0, VR_DWARF_REG_COUNT * sizeof(*registers));
	if (vr_orc_tables_lookup(tables, ip, &entry, NULL, NULL) != VR_OK ||
	    entry.type != VR_ORC_CALL)
		return;
	set_rbp(&entry, &registers[VR_DWARF_RBP]);
	saves = is_plain(&entry) ? saves_of(tables, start, ip) : NULL;
	for (int i = 0; saves && i < VR_DWARF_REG_COUNT; i++) {
		int depth = 8 * saves->level[i];

		if (saves->untouched >> i & 1)
			registers[i].saved = VR_SAVED_NOT;
		else if (saves->on_stack >> i & 1)
			/* Not yet, or no longer, on its stack: it hasn't been touched. */
			registers[i] =
				entry.sp_offset < depth
					? (struct vr_saved_register){VR_SAVED_NOT, 0}
					: (struct vr_saved_register){VR_SAVED_ON_STACK, -depth};
	}
}
