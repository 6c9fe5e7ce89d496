// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ELF dumps: /proc/vmcore copied as it is, makedumpfile -E, QEMU's dump-guest-memory. Segments'
 * data need not be aligned in the file, segments may overlap (kexec adds one for the kernel's
 * text on top of the memory that holds it), and excluded pages are a p_memsz above p_filesz.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "image/format.h"

#define SEGMENTS_MAX ((uint64_t)1 << 20)
#define PHENT_MAX 4096u

/* In e_flags: written by makedumpfile into a dump it couldn't finish. */
#define FLAG_INCOMPLETE 0x1u

/* Physical memory [start, end) whose data is in the file at off. */
struct extent {
	uint64_t start;
	uint64_t end;
	uint64_t off;
};

struct extents {
	struct extent *items; /* disjoint, by start */
	size_t count;
	size_t last; /* where the last search ended */
};

struct vr_elf {
	struct extents held;    /* what the file holds */
	struct extents claimed; /* what the headers promise; used only where that is more */
	struct vr_file_window window;
};

/* What the headers say. */
struct elf_header {
	uint64_t phoff;
	uint64_t phnum;
	uint32_t phentsize;
	uint64_t loads;
	bool paddr_seen; /* a PT_LOAD has a physical address other than 0 */
	uint64_t top;    /* end of the highest PT_LOAD */
};

static bool elf_probe(const struct vr_head *head)
{
	return head->len >= SELFMAG && !memcmp(head->data, ELFMAG, SELFMAG);
}

static const char *type_name(uint16_t type)
{
	switch (type) {
	case ET_REL:
		return "an ELF object file or kernel module, not a dump";
	case ET_EXEC:
		return "an ELF executable (a program, or a kernel such as vmlinux), not a dump";
	case ET_DYN:
		return "an ELF program or shared library, not a dump";
	default:
		return "an ELF file of an unknown type, not a dump";
	}
}

static enum vr_err read_phnum(struct vr_image *image, const uint8_t *ehdr, struct elf_header *h,
			      struct vr_error *err)
{
	uint64_t shoff = vr_load64(ehdr + offsetof(Elf64_Ehdr, e_shoff));
	uint8_t shdr[sizeof(Elf64_Shdr)];
	enum vr_err kind;

	h->phnum = vr_load16(ehdr + offsetof(Elf64_Ehdr, e_phnum));
	if (h->phnum != PN_XNUM)
		return VR_OK;
	kind = vr_file_pread(&image->file, shoff, shdr, sizeof(shdr));
	if (kind)
		return vr_image_read_error(
			kind, "ELF section header (which has the number of segments)", err);
	h->phnum = vr_load32(shdr + offsetof(Elf64_Shdr, sh_info));
	return VR_OK;
}

static enum vr_err parse_header(struct vr_image *image, const struct vr_head *head,
				struct elf_header *h, struct vr_error *err)
{
	const uint8_t *ehdr = head->data;
	uint16_t type;
	enum vr_err kind;

	if (head->len < sizeof(Elf64_Ehdr))
		return vr_error_set(err, VR_CORRUPT, "the file ends within its ELF header");
	if (ehdr[EI_DATA] == ELFDATA2MSB)
		return vr_error_set(err, VR_UNSUPPORTED, "a big-endian ELF file, not supported");
	if (ehdr[EI_CLASS] == ELFCLASS32)
		return vr_error_set(err, VR_UNSUPPORTED, "a 32-bit ELF file, not supported");
	if (ehdr[EI_CLASS] != ELFCLASS64 || ehdr[EI_DATA] != ELFDATA2LSB)
		return vr_error_set(err, VR_CORRUPT,
				    "the ELF header can't be right: class %u, data encoding %u",
				    ehdr[EI_CLASS], ehdr[EI_DATA]);
	type = vr_load16(ehdr + offsetof(Elf64_Ehdr, e_type));
	if (type != ET_CORE)
		return vr_error_set(err, VR_UNSUPPORTED, "%s", type_name(type));
	image->info.machine = vr_load16(ehdr + offsetof(Elf64_Ehdr, e_machine));
	kind = read_phnum(image, ehdr, h, err);
	if (kind)
		return kind;
	h->phoff = vr_load64(ehdr + offsetof(Elf64_Ehdr, e_phoff));
	h->phentsize = vr_load16(ehdr + offsetof(Elf64_Ehdr, e_phentsize));
	if (!h->phnum || h->phentsize < sizeof(Elf64_Phdr) || h->phentsize > PHENT_MAX)
		return vr_error_set(err, VR_CORRUPT,
				    "the ELF header can't be right: %llu program headers of %u "
				    "bytes",
				    (unsigned long long)h->phnum, h->phentsize);
	if (!vr_range_ok(h->phoff, h->phnum * h->phentsize, image->file.size))
		return vr_error_set(err, VR_CORRUPT, "the file ends within its program headers");
	if (h->phnum > SEGMENTS_MAX)
		return vr_error_set(err, VR_UNSUPPORTED, "an ELF dump of %llu segments",
				    (unsigned long long)h->phnum);
	if (vr_load32(ehdr + offsetof(Elf64_Ehdr, e_flags)) & FLAG_INCOMPLETE)
		vr_image_incomplete(image, "its writer marked it so (makedumpfile)");
	return VR_OK;
}

static enum vr_err add_load(struct vr_elf *elf, struct elf_header *h, const Elf64_Phdr *phdr,
			    struct vr_error *err)
{
	uint64_t limit = (uint64_t)1 << VR_PHYS_BITS;
	uint64_t size = phdr->p_filesz;

	/* "No physical address", as /proc/kcore has it for memory mapped elsewhere as well. */
	if (phdr->p_paddr == UINT64_MAX)
		return VR_OK;
	if (!vr_range_ok(phdr->p_paddr, size, limit) ||
	    phdr->p_offset > UINT64_MAX - phdr->p_filesz)
		return vr_error_set(err, VR_CORRUPT,
				    "the program headers can't be right: 0x%llx bytes of memory at "
				    "0x%llx, 0x%llx of them at 0x%llx in the file",
				    (unsigned long long)size, (unsigned long long)phdr->p_paddr,
				    (unsigned long long)phdr->p_filesz,
				    (unsigned long long)phdr->p_offset);
	/* Beyond what is in the file nothing can be read: what p_memsz says of it may be anything.
	 */
	if (vr_range_ok(phdr->p_paddr, phdr->p_memsz, limit))
		size = VR_MAX(size, phdr->p_memsz);
	h->loads++;
	h->paddr_seen = h->paddr_seen || phdr->p_paddr;
	h->top = VR_MAX(h->top, phdr->p_paddr + size);
	if (phdr->p_filesz)
		elf->claimed.items[elf->claimed.count++] = (struct extent){
			.start = phdr->p_paddr,
			.end = phdr->p_paddr + phdr->p_filesz,
			.off = phdr->p_offset,
		};
	return VR_OK;
}

/* Take in all program headers. */
static enum vr_err read_segments(struct vr_image *image, struct vr_elf *elf, struct elf_header *h,
				 struct vr_error *err)
{
	elf->claimed.items = calloc((size_t)h->phnum, sizeof(*elf->claimed.items));
	if (!elf->claimed.items)
		return vr_error_set(err, VR_NOMEM, "no memory for the segments");
	for (uint64_t i = 0; i < h->phnum; i++) {
		Elf64_Phdr phdr;
		enum vr_err kind = vr_file_load(&image->file, h->phoff + i * h->phentsize, &phdr,
						sizeof(phdr));

		if (kind)
			return vr_image_read_error(kind, "program headers", err);
		if (phdr.p_type == PT_LOAD)
			kind = add_load(elf, h, &phdr, err);
		else if (phdr.p_type == PT_NOTE)
			kind = vr_notes_read(&image->notes, &image->file, phdr.p_offset,
					     phdr.p_filesz, image->log, err);
		if (kind)
			return kind;
	}
	return VR_OK;
}

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

/* Sort, and cut from each what those before it cover. */
static void make_disjoint(struct extents *extents)
{
	uint64_t end = 0;
	size_t kept = 0;

	qsort(extents->items, extents->count, sizeof(*extents->items), compare_extents);
	for (size_t i = 0; i < extents->count; i++) {
		struct extent e = extents->items[i];

		if (e.start < end) {
			if (e.end <= end)
				continue;
			e.off += end - e.start;
			e.start = end;
		}
		end = e.end;
		extents->items[kept++] = e;
	}
	extents->count = kept;
}

/* Make elf->held of elf->claimed and the file's size. */
static enum vr_err make_extents(struct vr_image *image, struct vr_elf *elf, struct vr_error *err)
{
	struct extents *claimed = &elf->claimed;
	struct extents *held = &elf->held;
	uint64_t size = image->file.size;
	bool cut = false;

	held->items = calloc(claimed->count, sizeof(*held->items));
	if (!held->items)
		return vr_error_set(err, VR_NOMEM, "no memory for the segments");
	for (size_t i = 0; i < claimed->count; i++) {
		struct extent e = claimed->items[i];

		if (!vr_range_ok(e.off, e.end - e.start, size)) {
			cut = true;
			if (e.off >= size)
				continue;
			e.end = e.start + (size - e.off);
		}
		held->items[held->count++] = e;
	}
	if (cut)
		vr_image_incomplete(image, "the file is cut off within the segments");
	make_disjoint(held);
	make_disjoint(claimed);
	return VR_OK;
}

/* Pages of which all bytes are claimed. */
static uint64_t count_pages(const struct extents *extents, uint32_t page_size)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < extents->count;) {
		uint64_t start = extents->items[i].start;
		uint64_t end = extents->items[i].end;

		for (i++; i < extents->count && extents->items[i].start == end; i++)
			end = extents->items[i].end;
		start = (start + page_size - 1) / page_size;
		end /= page_size;
		if (end > start)
			pages += end - start;
	}
	return pages;
}

/* The kernel says its page size in VMCOREINFO; where it doesn't, the smallest one suits all. */
static uint32_t page_size_of(const char *vmcoreinfo)
{
	static const char key[] = "PAGESIZE=";
	const char *line = vmcoreinfo;

	while (line) {
		if (!strncmp(line, key, sizeof(key) - 1)) {
			unsigned long size = strtoul(line + sizeof(key) - 1, NULL, 10);

			if (size >= VR_PAGE_SIZE_MIN && size <= VR_PAGE_SIZE_MAX &&
			    !(size & (size - 1)))
				return (uint32_t)size;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return VR_PAGE_SIZE_MIN;
}

/*
 * A core of a process has no physical addresses. A single segment at 0 with nothing but registers
 * could be a small machine's memory, though.
 */
static bool is_user_core(const struct vr_image *image, const struct elf_header *h)
{
	bool registers = false;

	if (h->paddr_seen || vr_notes_find(&image->notes, "VMCOREINFO"))
		return false;
	for (size_t i = 0; i < image->notes.count; i++) {
		const struct vr_note *note = &image->notes.items[i];

		if (strcmp(note->name, "CORE") != 0)
			continue;
		if (note->type == NT_PRPSINFO || note->type == NT_AUXV || note->type == NT_FILE)
			return true;
		registers = registers || note->type == NT_PRSTATUS;
	}
	return registers && h->loads > 1;
}

static enum vr_err elf_open(struct vr_image *image, const struct vr_head *head,
			    struct vr_error *err)
{
	struct elf_header h = {0};
	struct vr_elf *elf;
	enum vr_err kind = parse_header(image, head, &h, err);

	if (kind)
		return kind;
	elf = calloc(1, sizeof(*elf));
	image->priv = elf;
	if (!elf || vr_file_window_init(&elf->window))
		return vr_error_set(err, VR_NOMEM, "no memory for the dump");
	kind = read_segments(image, elf, &h, err);
	if (kind)
		return kind;
	if (is_user_core(image, &h))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a core dump of a program, not of a kernel");
	if (!elf->claimed.count)
		return vr_error_set(err, VR_CORRUPT,
				    "an ELF dump that holds no memory, or whose program headers "
				    "were never written");
	kind = vr_notes_vmcoreinfo(&image->notes, &image->vmcoreinfo, err);
	if (!kind)
		kind = make_extents(image, elf, err);
	if (kind)
		return kind;
	image->info.compression = "none";
	image->info.page_size = page_size_of(image->vmcoreinfo);
	image->info.max_pfn = (h.top + image->info.page_size - 1) / image->info.page_size;
	image->info.stored_pages = count_pages(&elf->claimed, image->info.page_size);
	return VR_OK;
}

/* The extent that holds addr, NULL where none does. */
static const struct extent *find_extent(struct extents *extents, uint64_t addr)
{
	size_t low = 0, high = extents->count;
	size_t i = extents->last;

	if (i < extents->count && extents->items[i].start <= addr && addr < extents->items[i].end)
		return &extents->items[i];
	while (low < high) {
		i = low + (high - low) / 2;
		if (addr < extents->items[i].start) {
			high = i;
		} else if (addr >= extents->items[i].end) {
			low = i + 1;
		} else {
			extents->last = i;
			return &extents->items[i];
		}
	}
	return NULL;
}

static bool is_covered(struct extents *extents, uint64_t addr, uint64_t end)
{
	while (addr < end) {
		const struct extent *e = find_extent(extents, addr);

		if (!e)
			return false;
		addr = e->end;
	}
	return true;
}

static enum vr_page_status elf_read_page(struct vr_image *image, uint64_t pfn, uint8_t *buf)
{
	struct vr_elf *elf = image->priv;
	uint64_t addr = pfn * image->info.page_size;
	uint64_t end = addr + image->info.page_size;

	while (addr < end) {
		const struct extent *e = find_extent(&elf->held, addr);
		size_t n;

		if (!e) {
			if (!is_covered(&elf->claimed, pfn * image->info.page_size, end))
				return VR_PAGE_EXCLUDED;
			return vr_image_damaged(image, pfn, "the file is cut off before it");
		}
		n = (size_t)VR_MIN(e->end - addr, end - addr);
		if (vr_file_window_copy(&image->file, &elf->window, e->off + (addr - e->start), buf,
					n))
			return vr_image_damaged(image, pfn, "it can't be read from the file");
		buf += n;
		addr += n;
	}
	return VR_PAGE_OK;
}

/* Extents may begin and end within a page, and go on where another one ends. */
static bool elf_next_run(struct vr_image *image, uint64_t pfn, uint64_t *start, uint64_t *end)
{
	const struct vr_elf *elf = image->priv;
	uint64_t page = image->info.page_size;
	size_t i = 0, high = elf->held.count;

	/* Those that end before are of no interest. */
	while (i < high) {
		size_t mid = i + (high - i) / 2;

		if (elf->held.items[mid].end <= pfn * page)
			i = mid + 1;
		else
			high = mid;
	}
	while (i < elf->held.count) {
		uint64_t from = elf->held.items[i].start, to;

		do
			to = elf->held.items[i++].end;
		while (i < elf->held.count && elf->held.items[i].start == to);
		*start = VR_MAX((from + page - 1) / page, pfn);
		*end = to / page;
		if (*start < *end)
			return true;
	}
	return false;
}

static void elf_close(struct vr_image *image)
{
	struct vr_elf *elf = image->priv;

	if (!elf)
		return;
	free(elf->window.data);
	free(elf->held.items);
	free(elf->claimed.items);
	free(elf);
}

const struct vr_image_format vr_format_elf = {
	.name = "elf",
	.flat_name = "flattened elf",
	.probe = elf_probe,
	.open = elf_open,
	.read_page = elf_read_page,
	.next_run = elf_next_run,
	.close = elf_close,
};
