// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/vmlinux.h"

#include <stdlib.h>

#include "base/bits.h"
#include "object/program.h"
#include "vmlinux/contents.h"
#include "vmlinux/frames.h"
#include "vmlinux/symbols.h"
#include "vmlinux/variables.h"

#define DEFAULT_MAX ((uint64_t)256 << 20)
/* Offsets in DWARF and ELF symbols have 32 bits; half of that leaves room to add. */
#define SECTION_MAX ((uint64_t)1 << 31)
/* Of a kernel some hundred bytes. */
#define NOTES_MAX 0x10000u
/* SHA-1 has 20 bytes. */
#define BUILD_ID_MAX 64

struct maker {
	struct vr_program *prog;
	const struct vr_log *log;
	struct vr_vmlinux_info info;
	struct vr_layout layout;
	struct vr_elf_file elf;
	struct vr_contents contents;
	uint64_t max;
	struct vr_dwarf dwarf;
	struct vr_blob abbrevs, frames, notes;
	struct vr_symbol_sections symbols;
	uint64_t notes_addr;
};

static void maker_free(struct maker *m)
{
	vr_dwarf_free(&m->dwarf);
	vr_blob_free(&m->abbrevs);
	vr_blob_free(&m->frames);
	vr_blob_free(&m->notes);
	vr_blob_free(&m->symbols.symtab);
	vr_blob_free(&m->symbols.strtab);
}

/* ---- Build id ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The note that the build id in VMCOREINFO (since Linux 5.9) is from. */
static void notes_from_fact(struct maker *m)
{
	const char *text = m->prog->fact ? m->prog->fact(m->prog->fact_arg, "BUILD-ID") : NULL;
	Elf64_Nhdr head = {.n_namesz = 4, .n_type = NT_GNU_BUILD_ID};
	uint8_t id[BUILD_ID_MAX];

	while (text && head.n_descsz < BUILD_ID_MAX) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			break;
		id[head.n_descsz++] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (!head.n_descsz)
		return;
	vr_blob_add(&m->notes, &head, sizeof(head));
	vr_blob_add(&m->notes, "GNU", 4);
	vr_blob_add(&m->notes, id, head.n_descsz);
	vr_blob_align(&m->notes, 4);
}

static bool has_build_id(const struct vr_blob *notes)
{
	size_t at = 0;

	while (notes->len - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr head;
		uint64_t size;

		memcpy(&head, notes->data + at, sizeof(head));
		at += sizeof(head);
		size = (((uint64_t)head.n_namesz + 3) & ~3ull) +
		       (((uint64_t)head.n_descsz + 3) & ~3ull);
		if (size > notes->len - at)
			return false;
		if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && head.n_descsz &&
		    !memcmp(notes->data + at, "GNU", 4))
			return true;
		at += size;
	}
	return false;
}

static void find_notes(struct maker *m)
{
	uint64_t start, end;

	if (!vr_try_symbol(m->prog, "__start_notes", &start) &&
	    !vr_try_symbol(m->prog, "__stop_notes", &end) && end > start &&
	    end - start <= NOTES_MAX && vr_blob_room(&m->notes, end - start) &&
	    !vr_read(m->prog, start, m->notes.data, end - start, NULL)) {
		m->notes.len = end - start;
		m->notes_addr = vr_layout_link(&m->layout, start);
	}
	if (!has_build_id(&m->notes)) {
		m->notes.len = 0;
		m->notes_addr = 0;
		notes_from_fact(m);
	}
	m->info.build_id = m->notes.len > 0;
}

/* ---- Sections ---- */

static void make_dwarf(struct maker *m)
{
	vr_dwarf_types(&m->dwarf);
	vr_dwarf_variables(&m->dwarf, m->prog, &m->layout, &m->info);
	vr_dwarf_end(&m->dwarf);
	vr_dwarf_abbrevs(&m->abbrevs);
	for (uint32_t i = 0; i < m->dwarf.type_count; i++)
		m->info.types += m->dwarf.offsets[i] != 0;
	if (m->dwarf.source_count)
		m->info.modules = (uint32_t)(m->dwarf.source_count - 1);
}

static void make_frames(struct maker *m)
{
	struct vr_error why;

	if (vr_frames_make(m->prog, &m->layout, &m->frames, &m->info.unwind_rows, &why)) {
		m->frames.len = 0;
		vr_log(m->log, VR_LOG_WARNING, "vmlinux: no call frame information: %s", why.text);
	}
}

static void add_data(struct maker *m, const char *name, Elf64_Word type, const struct vr_blob *blob)
{
	bool strings = type == SHT_STRTAB || !strcmp(name, ".debug_str");
	Elf64_Shdr header = {.sh_type = type};

	if (strings && type == SHT_PROGBITS) {
		header.sh_flags = SHF_MERGE | SHF_STRINGS;
		header.sh_entsize = 1;
	}
	vr_elf_add(&m->elf, name, header, blob->data, blob->len);
}

/*
 * One ORC entry that says nothing, in every encoding: where there are none at all drgn reads the
 * kernel's, by the encoding that it takes it to have.
 */
static void add_orc_stub(struct maker *m)
{
	static const uint8_t nothing[8];
	uint64_t addr = vr_layout_link(&m->layout, m->layout.text.start);
	Elf64_Shdr header = {.sh_type = SHT_PROGBITS, .sh_addr = addr, .sh_addralign = 1};

	vr_elf_add(&m->elf, ".orc_unwind_ip", header, nothing, 4);
	vr_elf_add(&m->elf, ".orc_unwind", header, nothing, VR_ORC_ENTRY_SIZE);
}

static void add_sections(struct maker *m)
{
	Elf64_Shdr notes = {
		.sh_type = SHT_NOTE, /* in no segment but its own: not SHF_ALLOC */
		.sh_addr = m->notes_addr,
		.sh_addralign = 4,
	};
	Elf64_Shdr symtab = {
		.sh_type = SHT_SYMTAB,
		.sh_info = m->symbols.first_global,
		.sh_entsize = sizeof(Elf64_Sym),
		.sh_addralign = sizeof(uint64_t),
	};

	if (m->notes.len)
		vr_elf_add_notes(&m->elf,
				 vr_elf_add(&m->elf, ".notes", notes, m->notes.data, m->notes.len));
	add_data(m, ".debug_info", SHT_PROGBITS, &m->dwarf.info);
	add_data(m, ".debug_abbrev", SHT_PROGBITS, &m->abbrevs);
	add_data(m, ".debug_str", SHT_PROGBITS, &m->dwarf.str);
	if (m->frames.len) {
		add_data(m, ".debug_frame", SHT_PROGBITS, &m->frames);
		add_orc_stub(m);
	}
	symtab.sh_link = (Elf64_Word)m->elf.section_count + 2;
	vr_elf_add(&m->elf, ".symtab", symtab, m->symbols.symtab.data, m->symbols.symtab.len);
	add_data(m, ".strtab", SHT_STRTAB, &m->symbols.strtab);
}

/* When the file is written: what came into it of memory. */
static void tell_contents(struct maker *m)
{
	const struct vr_contents *c = &m->contents;

	m->info.content_bytes = c->bytes;
	m->info.content_missing = c->missing;
	for (size_t i = 0; i < m->layout.part_count; i++)
		if (!strcmp(m->layout.parts[i].name, ".init.text"))
			m->info.init_gone = m->layout.parts[i].state == VR_PART_GONE;
	if (c->missing)
		vr_log(m->log, VR_LOG_WARNING,
		       "vmlinux: zeros stand for %llu KiB of the kernel's memory, the first of "
		       "them at "
		       "0x%llx: %s",
		       (unsigned long long)(c->missing + 1023) / 1024, (unsigned long long)c->first,
		       vr_mem_status_text(c->why));
	if (c->bytes && m->layout.modules.start && !c->modules)
		vr_log(m->log, VR_LOG_WARNING,
		       "vmlinux: the modules' code and data are left out: they lie too far apart");
}

static enum vr_err check(const struct maker *m, struct vr_error *err)
{
	const struct vr_blob *blobs[] = {&m->dwarf.info,     &m->dwarf.str,     &m->dwarf.refs,
					 &m->abbrevs,        &m->frames,        &m->notes,
					 &m->symbols.symtab, &m->symbols.strtab};

	for (size_t i = 0; i < VR_ARRAY_SIZE(blobs); i++) {
		if (blobs[i]->failed == VR_NOMEM)
			return vr_error_set(err, VR_NOMEM, "out of memory for a vmlinux");
		if (blobs[i]->failed)
			return vr_error_set(err, VR_LIMIT,
					    "the vmlinux would have more than %llu bytes",
					    (unsigned long long)m->max);
	}
	return VR_OK;
}

static enum vr_err make(struct maker *m, const struct vr_vmlinux_options *options,
			struct vr_error *err)
{
	bool modules = !options->no_modules;
	enum vr_err rc;

	if (!m->prog->types || !m->prog->types->source_count)
		return vr_error_set(err, VR_ABSENT, "the dump's types aren't known");
	rc = vr_layout_find(m->prog, modules, &m->layout, err);
	if (rc)
		return rc;
	vr_contents_add(&m->contents, &m->layout, &m->elf, options->contents);
	rc = vr_dwarf_begin(&m->dwarf, m->prog->types, modules, m->max);
	if (rc)
		return vr_error_set(err, rc, "no memory for the vmlinux's types");
	find_notes(m);
	make_dwarf(m);
	make_frames(m);
	vr_symbols_make(m->prog, &m->layout, &m->symbols);
	m->info.symbols = m->symbols.count;
	rc = check(m, err);
	if (!rc)
		add_sections(m);
	return rc;
}

enum vr_err vr_vmlinux_write(struct vr_program *prog, int fd,
			     const struct vr_vmlinux_options *options, struct vr_vmlinux_info *info,
			     struct vr_error *err)
{
	struct vr_vmlinux_options none = {0};
	struct maker m = {.prog = prog, .elf.type = ET_EXEC, .contents.prog = prog};
	struct vr_scope scope;
	enum vr_err rc;

	options = options ? options : &none;
	m.log = options->log;
	m.max = VR_MIN(options->max_bytes ? options->max_bytes : DEFAULT_MAX, SECTION_MAX);
	m.abbrevs.max = m.frames.max = m.notes.max = m.max;
	m.symbols.symtab.max = m.symbols.strtab.max = m.max;
	vr_scope_enter(prog, &scope);
	rc = make(&m, options, err);
	if (!rc)
		rc = vr_elf_write(&m.elf, fd, m.max, &m.info.bytes, err);
	vr_scope_leave(prog, &scope);
	tell_contents(&m);
	maker_free(&m);
	if (info)
		*info = rc ? (struct vr_vmlinux_info){0} : m.info;
	return rc;
}
