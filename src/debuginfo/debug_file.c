// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/debug_file.h"

#include <dwarf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bits.h"
#include "debuginfo/file_parts.h"

/* More than any kernel's; what is unpacked has a bound of its own. */
#define FILE_MAX ((off_t)16 << 30)
/* Modules have some hundred. */
#define SECTIONS_MAX ((size_t)1 << 16)
/* Units that are looked at for being split: a build splits all or none. */
#define UNITS_TRIED 4

struct vr_debug_file {
	char *name;
	void *map;
	size_t map_size;
	void *unpacked; /* malloc'd; NULL: the file is as it is */
	Elf *elf;
	bool elf_tried;
	struct vr_error elf_error;
	uint16_t type; /* ET_EXEC, ET_REL, ... */
	/* By index of a module's sections, which section has its relocations; 0: none, or no more. */
	uint32_t *relocations;
	size_t relocation_count;
	struct vr_error relocate_error; /* the first; whatever would follow isn't done */
	uint64_t *places;               /* of a module's sections, by index; NULL: all at 0 */
	size_t place_count;
	Dwarf *dwarf;
	bool dwarf_tried;
	struct vr_error dwarf_error;
	struct vr_error damage; /* what was noticed later */
	struct vr_debug_file *alt;
	struct vr_lookups lookups;
};

/* Is it an ELF file that is to be written to in memory, to relocate it? */
static bool is_unlinked(int fd)
{
	Elf64_Ehdr header;

	return pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
	       !memcmp(header.e_ident, ELFMAG, SELFMAG) && header.e_type == ET_REL;
}

enum vr_err vr_debug_file_map(int fd, const char *name, struct vr_debug_file **file,
			      struct vr_error *err)
{
	struct vr_debug_file *f;
	struct stat st;
	int prot = PROT_READ;

	*file = NULL;
	if (fstat(fd, &st) < 0)
		return vr_error_os(err, errno, "%s", name);
	if (st.st_size <= 0 || st.st_size > FILE_MAX)
		return vr_error_set(err, VR_UNSUPPORTED, "%s: %s", name,
				    st.st_size > 0 ? "too large" : "it is empty");
	if (is_unlinked(fd))
		prot |= PROT_WRITE;
	f = calloc(1, sizeof(*f));
	if (f)
		f->name = strdup(name);
	if (!f || !f->name) {
		free(f);
		return vr_error_set(err, VR_NOMEM, "out of memory");
	}
	f->map_size = (size_t)st.st_size;
	f->map = mmap(NULL, f->map_size, prot, MAP_PRIVATE, fd, 0);
	if (f->map == MAP_FAILED) {
		vr_error_os(err, errno, "%s", name);
		free(f->name);
		free(f);
		return VR_OS;
	}
	*file = f;
	return VR_OK;
}

void vr_debug_file_free(struct vr_debug_file *file)
{
	if (!file)
		return;
	dwarf_end(file->dwarf);
	elf_end(file->elf);
	vr_debug_file_free(file->alt);
	vr_map_free(&file->lookups.sources);
	vr_map_free(&file->lookups.calls);
	vr_map_free(&file->lookups.tail_calls);
	vr_map_free(&file->lookups.parameters);
	vr_arena_free(&file->lookups.arena);
	munmap(file->map, file->map_size);
	free(file->unpacked);
	free(file->relocations);
	free(file->places);
	free(file->name);
	free(file);
}

const char *vr_debug_file_name(const struct vr_debug_file *file)
{
	return file->name;
}

bool vr_debug_file_is_packed(const struct vr_debug_file *file)
{
	return vr_is_packed(file->map, file->map_size);
}

/* Libelf notes in the table of sections, where it lies, that a section is no longer compressed. */
static bool let_headers_be_written(struct vr_debug_file *f, const GElf_Ehdr *header, size_t count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start, end;
	bool any = false;

	for (Elf_Scn *scn = elf_nextscn(f->elf, NULL); scn && !any;
	     scn = elf_nextscn(f->elf, scn)) {
		GElf_Shdr shdr;

		any = gelf_getshdr(scn, &shdr) && (shdr.sh_flags & SHF_COMPRESSED);
	}
	if (!any || f->unpacked ||
	    !vr_range_ok(header->e_shoff, count * sizeof(Elf64_Shdr), f->map_size))
		return true;
	start = header->e_shoff / page * page;
	end = header->e_shoff + count * sizeof(Elf64_Shdr);
	return mprotect((char *)f->map + start, end - start, PROT_READ | PROT_WRITE) == 0;
}

static enum vr_err open_elf(struct vr_debug_file *f, struct vr_error *err)
{
	void *data = f->map;
	size_t size = f->map_size, count;
	const char *ident;
	GElf_Ehdr header;

	if (vr_is_packed(data, size)) {
		enum vr_err kind = vr_unpack(data, size, &f->unpacked, &size, err);

		if (kind != VR_OK)
			return kind;
		data = f->unpacked;
	}
	elf_version(EV_CURRENT);
	if (size < sizeof(Elf64_Ehdr) || memcmp(data, ELFMAG, SELFMAG))
		return vr_error_set(err, VR_CORRUPT, "it is no ELF file");
	f->elf = elf_memory(data, size);
	if (!f->elf || elf_kind(f->elf) != ELF_K_ELF || !gelf_getehdr(f->elf, &header))
		return vr_error_set(err, VR_CORRUPT, "%s", elf_errmsg(-1));
	ident = elf_getident(f->elf, NULL);
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_X86_64)
		return vr_error_set(err, VR_UNSUPPORTED, "it is not of an x86_64 machine");
	if (elf_getshdrnum(f->elf, &count) < 0 || count > SECTIONS_MAX)
		return vr_error_set(err, VR_CORRUPT, "its sections make no sense");
	f->type = header.e_type;
	if (!let_headers_be_written(f, &header, count))
		return vr_error_set(err, VR_NOMEM, "out of memory for its sections");
	return VR_OK;
}

enum vr_err vr_debug_file_elf(struct vr_debug_file *file, Elf **elf, struct vr_error *err)
{
	*elf = NULL;
	if (!file->elf_tried) {
		file->elf_tried = true;
		if (open_elf(file, &file->elf_error) != VR_OK) {
			vr_error_prefix(&file->elf_error, "%s", file->name);
			elf_end(file->elf);
			file->elf = NULL;
			free(file->unpacked);
			file->unpacked = NULL;
		}
	}
	if (file->elf_error.kind != VR_OK) {
		if (err)
			*err = file->elf_error;
		return file->elf_error.kind;
	}
	*elf = file->elf;
	return VR_OK;
}

/* The next section of that name behind one (or NULL); *shdr is its header. NULL: there is none. */
static Elf_Scn *find_section(Elf *elf, Elf_Scn *after, const char *name, GElf_Shdr *shdr)
{
	size_t names;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return NULL;
	for (Elf_Scn *scn = elf_nextscn(elf, after); scn; scn = elf_nextscn(elf, scn)) {
		const char *have;

		if (!gelf_getshdr(scn, shdr))
			continue;
		have = elf_strptr(elf, names, shdr->sh_name);
		if (have && !strcmp(have, name))
			return scn;
	}
	return NULL;
}

enum vr_err vr_debug_file_build_id(struct vr_debug_file *file, struct vr_build_id *id,
				   struct vr_error *err)
{
	Elf *elf;
	enum vr_err kind = vr_debug_file_elf(file, &elf, err);

	*id = (struct vr_build_id){0};
	if (kind != VR_OK)
		return kind;
	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		const Elf_Data *data;
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_NOTE)
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf && vr_build_id_of_notes(data->d_buf, data->d_size, id))
			break;
	}
	return VR_OK;
}

struct extent {
	uint64_t start, end;
};

static int by_start(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/*
 * Whether some sections, or a section and the headers, share bytes: what is written to one would
 * change another behind the back of whoever has looked at it.
 */
static enum vr_err refuse_overlap(struct vr_debug_file *f, struct vr_error *err)
{
	struct extent *list = calloc(f->relocation_count + 2, sizeof(*list));
	GElf_Ehdr header;
	size_t count = 0;
	bool any = false;

	if (!list || !gelf_getehdr(f->elf, &header)) {
		free(list);
		return vr_error_set(err, VR_NOMEM, "out of memory");
	}
	list[count++] = (struct extent){0, sizeof(Elf64_Ehdr)};
	list[count++] = (struct extent){header.e_shoff,
					header.e_shoff + f->relocation_count * sizeof(Elf64_Shdr)};
	for (Elf_Scn *scn = elf_nextscn(f->elf, NULL); scn; scn = elf_nextscn(f->elf, scn)) {
		GElf_Shdr shdr;

		if (gelf_getshdr(scn, &shdr) && shdr.sh_type != SHT_NOBITS &&
		    shdr.sh_type != SHT_NULL && shdr.sh_size && count < f->relocation_count + 2)
			list[count++] =
				(struct extent){shdr.sh_offset, shdr.sh_offset + shdr.sh_size};
	}
	qsort(list, count, sizeof(*list), by_start);
	for (size_t i = 0; i < count; i++)
		any |= list[i].end < list[i].start || (i && list[i].start < list[i - 1].end);
	free(list);
	return any ? vr_error_set(err, VR_CORRUPT, "its sections overlap") : VR_OK;
}

/* Which sections have relocations for which. */
static enum vr_err find_relocations(struct vr_debug_file *f, struct vr_error *err)
{
	elf_getshdrnum(f->elf, &f->relocation_count);
	f->relocations = calloc(f->relocation_count + 1, sizeof(*f->relocations));
	if (!f->relocations)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	for (Elf_Scn *scn = elf_nextscn(f->elf, NULL); scn; scn = elf_nextscn(f->elf, scn)) {
		GElf_Shdr shdr;

		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_RELA &&
		    shdr.sh_info < f->relocation_count)
			f->relocations[shdr.sh_info] = (uint32_t)elf_ndxscn(scn);
	}
	return refuse_overlap(f, err);
}

/* The pages of a section that isn't looked at again: they are half of what a module's types cost. */
static void give_back(struct vr_debug_file *f, size_t section)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start, end;
	GElf_Shdr shdr;

	if (f->unpacked || !gelf_getshdr(elf_getscn(f->elf, section), &shdr) ||
	    !vr_range_ok(shdr.sh_offset, shdr.sh_size, f->map_size))
		return;
	start = (shdr.sh_offset + page - 1) / page * page;
	end = (shdr.sh_offset + shdr.sh_size) / page * page;
	if (start < end)
		madvise((char *)f->map + start, end - start, MADV_DONTNEED);
}

/*
 * A debug section of a module, when it is looked at first: what it refers to is known only then, and
 * it is written to, which makes its pages this process's own.
 */
static enum vr_err relocate(struct vr_debug_file *f, size_t section, struct vr_error *err)
{
	struct vr_section_places places = {.addr = f->places, .count = f->place_count};
	uint32_t by;

	if (f->type != ET_REL)
		return VR_OK;
	if (!f->relocations)
		find_relocations(f, &f->relocate_error);
	by = f->relocations && section < f->relocation_count ? f->relocations[section] : 0;
	if (by && f->relocate_error.kind == VR_OK) {
		f->relocations[section] = 0;
		vr_relocate_section(f->elf, by, &places, &f->relocate_error);
		give_back(f, by);
	}
	if (f->relocate_error.kind != VR_OK && err)
		*err = f->relocate_error;
	return f->relocate_error.kind;
}

/*
 * What GNU's tools made before ELF had compressed sections (until 2015): libelf would write to the
 * headers of each.
 */
static enum vr_err refuse_old_compression(struct vr_debug_file *f, struct vr_error *err)
{
	size_t names;

	if (elf_getshdrstrndx(f->elf, &names) < 0)
		return VR_OK;
	for (Elf_Scn *scn = elf_nextscn(f->elf, NULL); scn; scn = elf_nextscn(f->elf, scn)) {
		const char *name;
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr))
			continue;
		name = elf_strptr(f->elf, names, shdr.sh_name);
		if (name && !strncmp(name, ".zdebug_", 8))
			return vr_error_set(err, VR_UNSUPPORTED,
					    "its debug information is compressed in a way of old, "
					    "which can't be read (%s): objcopy "
					    "--decompress-debug-sections mends that",
					    name);
	}
	return VR_OK;
}

/* All debug sections: libdw may look at any. */
static enum vr_err relocate_all(struct vr_debug_file *f, struct vr_error *err)
{
	enum vr_err kind = VR_OK;
	size_t names;

	if (f->type != ET_REL)
		return VR_OK;
	if (elf_getshdrstrndx(f->elf, &names) < 0)
		return vr_error_set(err, VR_CORRUPT, "no names of sections: %s", elf_errmsg(-1));
	for (Elf_Scn *scn = elf_nextscn(f->elf, NULL); scn && kind == VR_OK;
	     scn = elf_nextscn(f->elf, scn)) {
		const char *name;
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type == SHT_NOBITS)
			continue;
		name = elf_strptr(f->elf, names, shdr.sh_name);
		if (name && !strncmp(name, ".debug_", 7))
			kind = relocate(f, elf_ndxscn(scn), err);
	}
	return kind;
}

enum vr_err vr_debug_file_section(struct vr_debug_file *file, const char *name, const void **data,
				  size_t *len, struct vr_error *err)
{
	size_t at = 0;

	return vr_debug_file_next_section(file, name, &at, data, len, err);
}

enum vr_err vr_debug_file_next_section(struct vr_debug_file *file, const char *name, size_t *at,
				       const void **data, size_t *len, struct vr_error *err)
{
	Elf *elf;
	enum vr_err kind = vr_debug_file_elf(file, &elf, err);
	const Elf_Data *bytes;
	GElf_Shdr shdr;
	Elf_Scn *scn;

	if (kind != VR_OK)
		return kind;
	scn = find_section(elf, *at ? elf_getscn(elf, *at) : NULL, name, &shdr);
	while (scn && shdr.sh_type == SHT_NOBITS)
		scn = find_section(elf, scn, name, &shdr);
	if (!scn && refuse_old_compression(file, err) != VR_OK) {
		vr_error_prefix(err, "%s", file->name);
		return VR_UNSUPPORTED;
	}
	if (!scn)
		return vr_error_set(err, VR_ABSENT, "%s has no section %s", file->name, name);
	*at = elf_ndxscn(scn);
	kind = strncmp(name, ".debug_", 7) ? VR_OK : relocate(file, *at, err);
	if (kind != VR_OK) {
		vr_error_prefix(err, "%s", file->name);
		return kind;
	}
	/* To be relocated it had to be uncompressed. */
	if (gelf_getshdr(scn, &shdr) && (shdr.sh_flags & SHF_COMPRESSED) &&
	    elf_compress(scn, 0, 0) < 0)
		return vr_error_set(err, VR_CORRUPT, "%s: section %s: %s", file->name, name,
				    elf_errmsg(-1));
	bytes = elf_rawdata(scn, NULL);
	if (!bytes || !bytes->d_buf)
		return vr_error_set(err, VR_CORRUPT, "%s: section %s: %s", file->name, name,
				    elf_errmsg(-1));
	*data = bytes->d_buf;
	*len = bytes->d_size;
	return VR_OK;
}

void vr_debug_file_let_go(struct vr_debug_file *file, const char *section)
{
	GElf_Shdr shdr;
	Elf_Scn *scn;
	Elf *elf;

	if (vr_debug_file_elf(file, &elf, NULL) != VR_OK)
		return;
	scn = find_section(elf, NULL, section, &shdr);
	if (scn)
		give_back(file, elf_ndxscn(scn));
}

enum vr_err vr_debug_file_symbol(struct vr_debug_file *file, const char *name, uint64_t *value,
				 size_t *section, struct vr_error *err)
{
	Elf *elf;
	enum vr_err kind = vr_debug_file_elf(file, &elf, err);
	const Elf_Data *data;
	GElf_Shdr shdr;
	Elf_Scn *scn;

	if (kind != VR_OK)
		return kind;
	scn = find_section(elf, NULL, ".symtab", &shdr);
	data = scn && shdr.sh_type == SHT_SYMTAB ? elf_getdata(scn, NULL) : NULL;
	if (!data || !data->d_buf || data->d_type != ELF_T_SYM)
		return vr_error_set(err, VR_ABSENT, "%s has no symbols", file->name);
	for (size_t i = 0; i < data->d_size / sizeof(Elf64_Sym); i++) {
		const Elf64_Sym *sym = (const Elf64_Sym *)data->d_buf + i;
		const char *have;

		if (!sym->st_name || sym->st_shndx == SHN_UNDEF)
			continue;
		have = elf_strptr(elf, shdr.sh_link, sym->st_name);
		if (!have || strcmp(have, name))
			continue;
		*value = sym->st_value;
		*section = sym->st_shndx;
		return VR_OK;
	}
	return vr_error_set(err, VR_ABSENT, "%s has no symbol %s", file->name, name);
}

enum vr_err vr_debug_file_text(struct vr_debug_file *file, uint64_t addr, char *buf, size_t size)
{
	Elf *elf;
	enum vr_err kind = vr_debug_file_elf(file, &elf, NULL);

	if (kind != VR_OK)
		return kind;
	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		const Elf_Data *data;
		size_t len, at;
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr) || !(shdr.sh_flags & SHF_ALLOC) ||
		    shdr.sh_type == SHT_NOBITS || addr - shdr.sh_addr >= shdr.sh_size)
			continue;
		data = elf_rawdata(scn, NULL);
		at = (size_t)(addr - shdr.sh_addr);
		if (!data || !data->d_buf || at >= data->d_size)
			break;
		len = strnlen((const char *)data->d_buf + at, VR_MIN(data->d_size - at, size - 1));
		memcpy(buf, (const char *)data->d_buf + at, len);
		buf[len] = '\0';
		return VR_OK;
	}
	return VR_ABSENT;
}

/* ---- Other files that complete it ---- */

/* A section that begins with a NUL-terminated name; *rest is what is behind it. */
static bool get_link(struct vr_debug_file *file, const char *section, struct vr_debug_link *link,
		     const uint8_t **rest, size_t *rest_len)
{
	const void *data;
	size_t len, name;

	*link = (struct vr_debug_link){0};
	if (vr_debug_file_section(file, section, &data, &len, NULL) != VR_OK)
		return false;
	name = strnlen(data, len);
	if (name == len || name >= sizeof(link->name))
		return false;
	memcpy(link->name, data, name);
	*rest = (const uint8_t *)data + name + 1;
	*rest_len = len - name - 1;
	return true;
}

void vr_debug_file_link(struct vr_debug_file *file, struct vr_debug_link *link)
{
	const uint8_t *rest;
	size_t len, padding;

	if (!get_link(file, ".gnu_debuglink", link, &rest, &len))
		return;
	padding = (4 - (strlen(link->name) + 1) % 4) % 4;
	if (vr_range_ok(padding, 4, len))
		link->crc = vr_load32(rest + padding);
	else
		link->name[0] = '\0';
}

void vr_debug_file_altlink(struct vr_debug_file *file, struct vr_debug_link *link)
{
	const uint8_t *rest;
	size_t len;

	if (!get_link(file, ".gnu_debugaltlink", link, &rest, &len))
		return;
	link->id.len = VR_MIN(len, VR_BUILD_ID_MAX);
	memcpy(link->id.bytes, rest, link->id.len);
}

bool vr_debug_file_has_crc(const struct vr_debug_file *file, uint32_t crc)
{
	return crc32_z(0, file->map, file->map_size) == crc;
}

void vr_debug_file_set_alt(struct vr_debug_file *file, struct vr_debug_file *alt)
{
	vr_debug_file_free(file->alt);
	file->alt = alt;
}

struct vr_debug_file *vr_debug_file_alt(const struct vr_debug_file *file)
{
	return file->alt;
}

struct vr_lookups *vr_debug_file_lookups(struct vr_debug_file *file)
{
	return &file->lookups;
}

/* ---- DWARF ---- */

bool vr_debug_file_has_dwarf(struct vr_debug_file *file)
{
	GElf_Shdr shdr;
	Elf *elf;

	if (vr_debug_file_elf(file, &elf, NULL) != VR_OK)
		return false;
	return (find_section(elf, NULL, ".debug_info", &shdr) && shdr.sh_type != SHT_NOBITS) ||
	       (find_section(elf, NULL, ".zdebug_info", &shdr) && shdr.sh_type != SHT_NOBITS);
}

bool vr_debug_file_is_module(struct vr_debug_file *file)
{
	Elf *elf;

	return vr_debug_file_elf(file, &elf, NULL) == VR_OK && file->type == ET_REL;
}

enum vr_err vr_debug_file_place(struct vr_debug_file *file, const char *section, uint64_t addr)
{
	GElf_Shdr shdr;
	Elf_Scn *scn;
	Elf *elf;

	if (vr_debug_file_elf(file, &elf, NULL) != VR_OK)
		return file->elf_error.kind;
	if (!file->places) {
		elf_getshdrnum(elf, &file->place_count);
		file->places = calloc(file->place_count + 1, sizeof(*file->places));
		if (!file->places)
			return VR_NOMEM;
	}
	scn = find_section(elf, NULL, section, &shdr);
	if (scn && elf_ndxscn(scn) < file->place_count)
		file->places[elf_ndxscn(scn)] = addr;
	return scn ? VR_OK : VR_ABSENT;
}

/* Libdw would look for the other parts by itself, which the sandbox doesn't allow. */
static enum vr_err set_alt(struct vr_debug_file *f, struct vr_error *err)
{
	struct vr_debug_link link, beyond;
	enum vr_err kind;
	Dwarf *alt;

	vr_debug_file_altlink(f, &link);
	if (!link.name[0])
		return VR_OK;
	if (!f->alt)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a part of it is in another file, %s, which isn't there",
				    link.name);
	vr_debug_file_altlink(f->alt, &beyond);
	if (beyond.name[0])
		return vr_error_set(err, VR_CORRUPT, "%s leads to a further file", f->alt->name);
	kind = vr_debug_file_dwarf(f->alt, &alt, err);
	if (kind == VR_OK)
		dwarf_setalt(f->dwarf, alt);
	return kind;
}

static enum vr_err refuse_split(struct vr_debug_file *f, struct vr_error *err)
{
	Dwarf_CU *cu = NULL;
	uint8_t type;

	for (int i = 0; i < UNITS_TRIED; i++) {
		if (dwarf_get_units(f->dwarf, cu, &cu, NULL, &type, NULL, NULL) != 0)
			break;
		if (type == DW_UT_skeleton)
			return vr_error_set(err, VR_UNSUPPORTED,
					    "its debug information is split over .dwo files, which "
					    "can't be read");
	}
	return VR_OK;
}

static enum vr_err open_dwarf(struct vr_debug_file *f, struct vr_error *err)
{
	enum vr_err kind;

	if (!vr_debug_file_has_dwarf(f))
		return vr_error_set(err, VR_ABSENT, "it has no debug information");
	kind = refuse_old_compression(f, err);
	if (kind == VR_OK)
		kind = relocate_all(f, err);
	if (kind != VR_OK)
		return kind;
	f->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (!f->dwarf)
		return vr_error_set(err, VR_CORRUPT, "%s", dwarf_errmsg(-1));
	kind = set_alt(f, err);
	return kind == VR_OK ? refuse_split(f, err) : kind;
}

enum vr_err vr_debug_file_dwarf(struct vr_debug_file *file, Dwarf **dwarf, struct vr_error *err)
{
	Elf *elf;
	enum vr_err kind = vr_debug_file_elf(file, &elf, err);

	*dwarf = NULL;
	if (kind != VR_OK)
		return kind;
	if (!file->dwarf_tried) {
		file->dwarf_tried = true;
		if (open_dwarf(file, &file->dwarf_error) != VR_OK) {
			vr_error_prefix(&file->dwarf_error, "%s", file->name);
			dwarf_end(file->dwarf);
			file->dwarf = NULL;
		}
	}
	if (file->dwarf_error.kind != VR_OK) {
		if (err)
			*err = file->dwarf_error;
		return file->dwarf_error.kind;
	}
	*dwarf = file->dwarf;
	return VR_OK;
}

void vr_debug_file_note_damage(struct vr_debug_file *file, const char *why)
{
	if (file->damage.kind == VR_OK)
		vr_error_set(&file->damage, VR_CORRUPT,
			     "%s: some of its debug information can't be read: %s", file->name,
			     why ? why : "it makes no sense");
}

const struct vr_error *vr_debug_file_damage(const struct vr_debug_file *file)
{
	if (file->dwarf_error.kind != VR_OK && file->dwarf_error.kind != VR_ABSENT)
		return &file->dwarf_error;
	return &file->damage;
}
