// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux/elf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"

#define ALIGN 8
#define PAGE 0x1000ull
/* Bytes of a section that are filled and written at a time: whole pages, unless it begins within one. */
#define PIECE ((size_t)64 << 10)

uint16_t vr_elf_add(struct vr_elf_file *elf, const char *name, Elf64_Shdr header, const void *data,
		    size_t len)
{
	struct vr_elf_section *section = &elf->sections[elf->section_count++];

	*section = (struct vr_elf_section){.name = name, .data = data, .header = header};
	if (data)
		section->header.sh_size = len;
	if (!section->header.sh_addralign)
		section->header.sh_addralign = 1;
	return elf->section_count;
}

void vr_elf_fill_section(struct vr_elf_file *elf, uint16_t section, vr_elf_fill fill, void *arg)
{
	elf->sections[section - 1].fill = fill;
	elf->sections[section - 1].fill_arg = arg;
}

void vr_elf_add_load(struct vr_elf_file *elf, uint16_t section)
{
	struct vr_elf_section *s = &elf->sections[section - 1];
	const Elf64_Shdr *h = &s->header;

	elf->segments[elf->segment_count++] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | (h->sh_flags & SHF_WRITE ? PF_W : 0u) |
			   (h->sh_flags & SHF_EXECINSTR ? PF_X : 0u),
		.p_vaddr = h->sh_addr,
		.p_filesz = h->sh_type == SHT_NOBITS ? 0 : h->sh_size,
		.p_memsz = h->sh_size,
		.p_align = PAGE,
	};
	s->segment = elf->segment_count;
}

void vr_elf_add_notes(struct vr_elf_file *elf, uint16_t section)
{
	struct vr_elf_section *s = &elf->sections[section - 1];

	elf->segments[elf->segment_count++] = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_flags = PF_R,
		.p_vaddr = s->header.sh_addr,
		.p_filesz = s->header.sh_size,
		.p_memsz = s->header.sh_addr ? s->header.sh_size : 0,
		.p_align = 4,
	};
	s->segment = elf->segment_count;
}

static enum vr_err put(int fd, uint64_t at, const void *data, size_t len, struct vr_error *err)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return vr_error_os(err, n ? errno : ENOSPC, "the file can't be written");
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return VR_OK;
}

/* The names of all sections, at most 32 bytes each. */
struct names {
	char text[(VR_ELF_SECTIONS_MAX + 2) * 32];
	uint32_t len;
};

static uint32_t add_name(struct names *names, const char *name)
{
	uint32_t at = names->len;
	size_t len = strnlen(name, 31);

	memcpy(names->text + at, name, len);
	names->text[at + len] = '\0';
	names->len += (uint32_t)len + 1;
	return at;
}

/* Give each section its place behind the headers; the end of the last one. */
static uint64_t lay_out(struct vr_elf_file *elf, struct names *names)
{
	uint64_t at = sizeof(Elf64_Ehdr) + elf->segment_count * sizeof(Elf64_Phdr);

	add_name(names, "");
	for (uint16_t i = 0; i < elf->section_count; i++) {
		struct vr_elf_section *s = &elf->sections[i];

		at = (at + ALIGN - 1) & -(uint64_t)ALIGN;
		/* What is loaded lies in its page as it does in memory. */
		if (s->segment && elf->segments[s->segment - 1].p_type == PT_LOAD)
			at += (s->header.sh_addr - at) & (PAGE - 1);
		s->header.sh_name = add_name(names, s->name);
		s->header.sh_offset = at;
		if (s->segment)
			elf->segments[s->segment - 1].p_offset = at;
		if (s->header.sh_type != SHT_NOBITS)
			at += s->header.sh_size;
	}
	return at;
}

static enum vr_err put_headers(struct vr_elf_file *elf, int fd, uint64_t names_at,
			       struct names *names, uint64_t table_at, struct vr_error *err)
{
	Elf64_Shdr table[VR_ELF_SECTIONS_MAX + 2] = {0};
	uint16_t count = (uint16_t)(elf->section_count + 2);
	Elf64_Ehdr head = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = elf->type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(head),
		.e_shoff = table_at,
		.e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = elf->segment_count,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = count,
		.e_shstrndx = (uint16_t)(count - 1),
	};
	enum vr_err rc;

	for (uint16_t i = 0; i < elf->section_count; i++)
		table[i + 1] = elf->sections[i].header;
	table[count - 1] = (Elf64_Shdr){
		.sh_type = SHT_STRTAB,
		.sh_name = add_name(names, ".shstrtab"),
		.sh_offset = names_at,
		.sh_size = names->len,
		.sh_addralign = 1,
	};
	table[count - 1].sh_size = names->len;
	rc = put(fd, 0, &head, sizeof(head), err);
	if (!rc)
		rc = put(fd, sizeof(head), elf->segments, elf->segment_count * sizeof(Elf64_Phdr),
			 err);
	if (!rc)
		rc = put(fd, names_at, names->text, names->len, err);
	if (!rc)
		rc = put(fd, table_at, table, count * sizeof(table[0]), err);
	return rc;
}

/* Pieces of zeros are left out: the file has a hole there. */
static enum vr_err put_filled(const struct vr_elf_section *s, int fd, struct vr_error *err)
{
	VR_FREE uint8_t *buf = malloc(PIECE);
	uint64_t addr = s->header.sh_addr, end = addr + s->header.sh_size;
	enum vr_err rc = VR_OK;

	if (!buf)
		return vr_error_set(err, VR_NOMEM, "out of memory for a section");
	while (!rc && addr < end) {
		size_t len = VR_MIN(PIECE - (addr & (PAGE - 1)), end - addr);

		if (s->fill(s->fill_arg, addr, buf, len))
			rc = put(fd, s->header.sh_offset + (addr - s->header.sh_addr), buf, len,
				 err);
		addr += len;
	}
	return rc;
}

enum vr_err vr_elf_write(struct vr_elf_file *elf, int fd, uint64_t max, uint64_t *bytes,
			 struct vr_error *err)
{
	struct names names = {.len = 0};
	uint64_t names_at = lay_out(elf, &names);
	uint64_t table_at = (names_at + sizeof(names.text) + ALIGN - 1) & -(uint64_t)ALIGN;
	enum vr_err rc;

	*bytes = table_at + (elf->section_count + 2) * sizeof(Elf64_Shdr);
	if (*bytes > max)
		return vr_error_set(err, VR_LIMIT, "the file would have %llu bytes",
				    (unsigned long long)*bytes);
	if (ftruncate(fd, 0))
		return vr_error_os(err, errno, "the file can't be written");
	rc = put_headers(elf, fd, names_at, &names, table_at, err);
	for (uint16_t i = 0; !rc && i < elf->section_count; i++) {
		const struct vr_elf_section *s = &elf->sections[i];

		if (s->data)
			rc = put(fd, s->header.sh_offset, s->data, s->header.sh_size, err);
		else if (s->fill)
			rc = put_filled(s, fd, err);
	}
	return rc;
}
