// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recode IN OUT FORMAT: write a dump anew in another format, to have real dumps in formats that the
 * distribution's makedumpfile doesn't write. FORMAT: kdump-raw, kdump-zlib, kdump-lzo,
 * kdump-snappy, kdump-zstd, elf (with its program headers last and its data unaligned), or - to
 * only read (and time) all of IN.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "image/image.h"
#include "page_compress.h"

#define SUB_HEADER_SIZE 104u
#define DESC_SIZE 24u
#define ELF_DATA_OFFSET 0x14a0u

struct output {
	int fd;
	uint64_t end;            /* of the file */
	struct vr_strbuf buffer; /* not yet written, ends at end */
	bool failed;
};

static void put_at(struct output *out, uint64_t off, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len && !out->failed) {
		ssize_t n = pwrite(out->fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			out->failed = true;
			return;
		}
		p += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
}

static void flush(struct output *out)
{
	put_at(out, out->end - out->buffer.len, out->buffer.data, out->buffer.len);
	vr_strbuf_truncate(&out->buffer, 0);
}

static void append(struct output *out, const void *data, size_t len)
{
	vr_strbuf_add(&out->buffer, data, len);
	out->end += len;
	if (out->buffer.len > ((size_t)1 << 20))
		flush(out);
	out->failed = out->failed || out->buffer.failed;
}

static void add_note(struct vr_strbuf *sb, const struct vr_note *note)
{
	static const uint8_t zeros[4];
	Elf64_Nhdr header = {
		.n_namesz = (Elf64_Word)strlen(note->name) + 1,
		.n_descsz = (Elf64_Word)note->desc_len,
		.n_type = note->type,
	};

	vr_strbuf_add(sb, &header, sizeof(header));
	vr_strbuf_add(sb, note->name, header.n_namesz);
	vr_strbuf_add(sb, zeros, -header.n_namesz & 3u);
	vr_strbuf_add(sb, note->desc, note->desc_len);
	vr_strbuf_add(sb, zeros, -header.n_descsz & 3u);
}

/* All notes; *vmcoreinfo gets the offset of that text among them, 0 without. */
static void collect_notes(const struct vr_image *image, struct vr_strbuf *sb, size_t *vmcoreinfo)
{
	const char *text = vr_image_vmcoreinfo(image);
	size_t count;
	const struct vr_note *notes = vr_image_notes(image, &count);

	*vmcoreinfo = 0;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(notes[i].name, "VMCOREINFO") && !*vmcoreinfo)
			*vmcoreinfo = sb->len + sizeof(Elf64_Nhdr) + 12;
		add_note(sb, &notes[i]);
	}
	if (text && !*vmcoreinfo) {
		struct vr_note note = {"VMCOREINFO", 0, (const uint8_t *)text, strlen(text)};

		*vmcoreinfo = sb->len + sizeof(Elf64_Nhdr) + 12;
		add_note(sb, &note);
	}
}

static void store32(uint8_t *p, uint64_t v)
{
	uint32_t n = (uint32_t)VR_MIN(v, (uint64_t)UINT32_MAX);

	memcpy(p, &n, sizeof(n));
}

static void store64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void write_kdump_headers(const struct vr_image *image, struct output *out, uint32_t flags,
				const struct vr_strbuf *notes, size_t vmcoreinfo,
				uint64_t sub_blocks, uint64_t bitmap_blocks)
{
	const struct vr_image_info *info = vr_image_info(image);
	const char *text = vr_image_vmcoreinfo(image);
	uint64_t note_off = (uint64_t)info->page_size + SUB_HEADER_SIZE;
	uint8_t header[464] = "KDUMP   ";
	uint8_t sub[SUB_HEADER_SIZE] = {0};

	store32(header + 8, 6);
	memcpy(header + 12, "Linux", 5);
	memcpy(header + 142, info->release, strlen(info->release));
	if (info->machine == EM_X86_64)
		memcpy(header + 272, "x86_64", 6);
	else if (info->machine == EM_AARCH64)
		memcpy(header + 272, "aarch64", 7);
	store32(header + 424, flags | (info->incomplete ? 8 : 0));
	store32(header + 428, info->page_size);
	store32(header + 432, sub_blocks);
	store32(header + 436, bitmap_blocks);
	store32(header + 440, info->max_pfn);
	put_at(out, 0, header, sizeof(header));

	if (text && vmcoreinfo) {
		store64(sub + 32, note_off + vmcoreinfo);
		store64(sub + 40, strlen(text));
	}
	store64(sub + 48, note_off);
	store64(sub + 56, notes->len);
	store64(sub + 96, info->max_pfn);
	put_at(out, info->page_size, sub, sizeof(sub));
	put_at(out, note_off, notes->data, notes->len);
}

struct kdump_writer {
	uint32_t flags;
	uint8_t *bitmap;
	uint8_t *packed;
	uint64_t zero_off; /* the one page of zeros, 0: none yet */
	struct vr_strbuf descs;
};

static void write_kdump_page(struct kdump_writer *w, struct output *out, uint64_t pfn,
			     const uint8_t *data, uint32_t page_size)
{
	bool zero = !data[0] && !memcmp(data, data + 1, page_size - 1);
	uint8_t desc[DESC_SIZE] = {0};
	uint32_t flags = w->flags;
	size_t len = 0;

	w->bitmap[pfn / 8] |= (uint8_t)(1u << pfn % 8);
	if (!zero)
		len = page_compress(flags, data, page_size, w->packed);
	if (!len || len >= page_size) {
		len = page_size;
		flags = PAGE_RAW;
	}
	store64(desc, zero && w->zero_off ? w->zero_off : out->end);
	store32(desc + 8, len);
	store32(desc + 12, flags);
	vr_strbuf_add(&w->descs, desc, sizeof(desc));
	if (zero && w->zero_off)
		return;
	if (zero)
		w->zero_off = out->end;
	append(out, flags ? w->packed : data, len);
}

static int write_kdump(struct vr_image *image, struct output *out, uint32_t flags)
{
	const struct vr_image_info *info = vr_image_info(image);
	VR_STRBUF notes = {0};
	size_t vmcoreinfo;
	uint32_t bs = info->page_size;
	uint64_t sub_blocks, bitmap_len, desc_off;
	struct kdump_writer w = {.flags = flags};

	collect_notes(image, &notes, &vmcoreinfo);
	sub_blocks = (SUB_HEADER_SIZE + notes.len + bs - 1) / bs;
	bitmap_len = ((info->max_pfn + 7) / 8 + bs - 1) / bs * bs;
	desc_off = (1 + sub_blocks) * bs + 2 * bitmap_len;
	write_kdump_headers(image, out, flags, &notes, vmcoreinfo, sub_blocks, 2 * bitmap_len / bs);
	w.bitmap = calloc(1, bitmap_len);
	w.packed = malloc(PAGE_COMPRESS_MAX);
	if (!w.bitmap || !w.packed)
		return -1;
	out->end = desc_off + info->stored_pages * DESC_SIZE;
	for (uint64_t pfn = 0; pfn < info->max_pfn; pfn++) {
		struct vr_page *page;

		if (vr_image_page(image, pfn, &page) == VR_PAGE_OK)
			write_kdump_page(&w, out, pfn, page->data, bs);
	}
	flush(out);
	put_at(out, desc_off - 2 * bitmap_len, w.bitmap, bitmap_len);
	put_at(out, desc_off - bitmap_len, w.bitmap, bitmap_len);
	put_at(out, desc_off, w.descs.data, w.descs.len);
	if (w.descs.failed || notes.failed)
		out->failed = true;
	vr_strbuf_free(&w.descs);
	free(w.bitmap);
	free(w.packed);
	return 0;
}

static void write_elf_headers(const struct vr_image *image, struct output *out,
			      const struct vr_strbuf *phdrs)
{
	uint64_t count = phdrs->len / sizeof(Elf64_Phdr);
	Elf64_Ehdr ehdr = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = vr_image_info(image)->machine,
		.e_version = EV_CURRENT,
		.e_phoff = out->end,
		.e_flags = vr_image_info(image)->incomplete,
		.e_ehsize = 8, /* as QEMU 7.2 has it */
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)VR_MIN(count, (uint64_t)PN_XNUM),
	};
	Elf64_Shdr shdr = {.sh_info = (Elf64_Word)count};

	if (count >= PN_XNUM) {
		ehdr.e_shoff = sizeof(ehdr);
		ehdr.e_shnum = 1;
		ehdr.e_shentsize = sizeof(shdr);
		put_at(out, sizeof(ehdr), &shdr, sizeof(shdr));
	}
	put_at(out, 0, &ehdr, sizeof(ehdr));
	put_at(out, out->end, phdrs->data, phdrs->len);
}

static int write_elf(struct vr_image *image, struct output *out)
{
	const struct vr_image_info *info = vr_image_info(image);
	VR_STRBUF notes = {0};
	VR_STRBUF phdrs = {0};
	Elf64_Phdr load = {.p_type = PT_LOAD};
	size_t vmcoreinfo;

	collect_notes(image, &notes, &vmcoreinfo);
	out->end = ELF_DATA_OFFSET;
	if (notes.len) {
		Elf64_Phdr note = {.p_type = PT_NOTE, .p_offset = out->end, .p_filesz = notes.len};

		vr_strbuf_add(&phdrs, &note, sizeof(note));
		append(out, notes.data, notes.len);
	}
	for (uint64_t pfn = 0; pfn <= info->max_pfn; pfn++) {
		struct vr_page *page;
		bool ok = pfn < info->max_pfn && vr_image_page(image, pfn, &page) == VR_PAGE_OK;

		if (!ok && load.p_filesz) {
			load.p_memsz = load.p_filesz;
			vr_strbuf_add(&phdrs, &load, sizeof(load));
			load.p_filesz = 0;
		}
		if (!ok)
			continue;
		if (!load.p_filesz) {
			load.p_paddr = pfn * info->page_size;
			load.p_offset = out->end;
		}
		load.p_filesz += info->page_size;
		append(out, page->data, info->page_size);
	}
	flush(out);
	write_elf_headers(image, out, &phdrs);
	if (phdrs.failed || notes.failed)
		out->failed = true;
	return 0;
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* Read it all and say how long that took. */
static int read_all(struct vr_image *image, double opened_ms)
{
	const struct vr_image_info *info = vr_image_info(image);
	const struct vr_image_counts *counts = vr_image_counts(image);
	uint64_t sum = 0;
	size_t notes;
	double start = now_ms();
	double ms;

	for (uint64_t pfn = 0; pfn < info->max_pfn; pfn++) {
		struct vr_page *page;

		if (vr_image_page(image, pfn, &page) != VR_PAGE_OK)
			continue;
		for (uint32_t i = 0; i < info->page_size; i += 8)
			sum += vr_load64(page->data + i) * (0x9e3779b97f4a7c15ull + pfn + i);
	}
	ms = now_ms() - start;
	vr_image_notes(image, &notes);
	printf("format=%s compression=%s machine=%u release=%s max_pfn=%llu stored=%llu notes=%zu "
	       "vmcoreinfo=%zu incomplete=%s\n",
	       info->format, info->compression, info->machine, info->release,
	       (unsigned long long)info->max_pfn, (unsigned long long)info->stored_pages, notes,
	       vr_image_vmcoreinfo(image) ? strlen(vr_image_vmcoreinfo(image)) : 0,
	       info->incomplete ? info->incomplete_why : "no");
	printf("read=%llu excluded=%llu damaged=%llu sum=%016llx\n",
	       (unsigned long long)counts->read, (unsigned long long)counts->excluded,
	       (unsigned long long)counts->damaged, (unsigned long long)sum);
	printf("open_ms=%.3f read_ms=%.1f mb_per_s=%.0f\n", opened_ms, ms,
	       (double)counts->read * info->page_size / ms / 1e3);
	return 0;
}

static const struct {
	const char *name;
	uint32_t flags;
} kdump_formats[] = {
	{"kdump-raw", PAGE_RAW},       {"kdump-zlib", PAGE_ZLIB}, {"kdump-lzo", PAGE_LZO},
	{"kdump-snappy", PAGE_SNAPPY}, {"kdump-zstd", PAGE_ZSTD},
};

static int recode(struct vr_image *image, struct output *out, const char *format)
{
	if (!strcmp(format, "elf"))
		return write_elf(image, out);
	for (size_t i = 0; i < VR_ARRAY_SIZE(kdump_formats); i++) {
		if (!strcmp(format, kdump_formats[i].name))
			return write_kdump(image, out, kdump_formats[i].flags);
	}
	fprintf(stderr, "recode: unknown format %s\n", format);
	return -1;
}

static void print_log(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "recode: %s: %s\n", vr_log_level_name(level), text);
}

int main(int argc, char **argv)
{
	struct vr_log log = {.emit = print_log};
	struct output out = {.fd = -1};
	struct vr_image *image;
	struct vr_error err;
	double start;
	int in, result;

	if (argc != 4) {
		fprintf(stderr, "usage: recode IN OUT FORMAT\n");
		return 2;
	}
	in = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (in < 0) {
		perror(argv[1]);
		return 1;
	}
	start = now_ms();
	if (vr_image_open(in, 0, &log, &image, &err)) {
		fprintf(stderr, "recode: %s: %s (%s)\n", argv[1], err.text, vr_err_name(err.kind));
		return 1;
	}
	if (!strcmp(argv[3], "-")) {
		result = read_all(image, now_ms() - start);
	} else {
		out.fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		result = out.fd < 0 ? -1 : recode(image, &out, argv[3]);
		if (result || out.failed || close(out.fd)) {
			fprintf(stderr, "recode: can't write %s\n", argv[2]);
			result = 1;
		}
	}
	vr_strbuf_free(&out.buffer);
	vr_image_close(image);
	close(in);
	return result;
}
