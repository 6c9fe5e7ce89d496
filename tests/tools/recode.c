// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recode [--drop START-END]... IN... OUT FORMAT: write a dump (of several files, if it is split) anew in another format,
 * to have real dumps in formats that the distribution's makedumpfile doesn't write. FORMAT is one
 * of
 *   kdump-raw, kdump-zlib, kdump-lzo, kdump-snappy, kdump-zstd
 *   elf              with its program headers last and its data unaligned
 *   lkcd             of version 9, its pages compressed by zlib
 *   flattened-...    one of the above in flattened form
 *   split-kdump-...  in three files OUT.1, OUT.2, OUT.3
 *   -                only read (and time) all of IN
 * --drop leaves out the pages with the physical addresses [START, END) (not from what "-" reads).
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

#define DROPS_MAX 64u

#define SUB_HEADER_SIZE 104u
#define DESC_SIZE 24u
#define ELF_DATA_OFFSET 0x14a0u

#define FLAT_HEADER_SIZE 4096u
#define SPLIT_PARTS 3u

/* As QEMU writes them. */
#define FLAT_RECORD_MAX ((size_t)16 << 10)

/* The dump to write, without the pages to drop. */
struct input {
	struct vr_image *image;
	struct {
		uint64_t start, end;
	} drops[DROPS_MAX];
	size_t drop_count;
};

static bool get_page(const struct input *in, uint64_t pfn, struct vr_page **page)
{
	uint64_t size = vr_image_info(in->image)->page_size, addr = pfn * size;

	for (size_t i = 0; i < in->drop_count; i++)
		if (addr < in->drops[i].end && addr + size > in->drops[i].start)
			return false;
	return vr_image_page(in->image, pfn, page) == VR_PAGE_OK;
}

struct output {
	int fd;
	uint64_t end;            /* of the file */
	struct vr_strbuf buffer; /* not yet written, ends at end */
	bool flat;
	uint64_t flat_end; /* of the stream */
	bool failed;
};

static void write_at(struct output *out, uint64_t off, const void *data, size_t len)
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

static void put_record(struct output *out, uint64_t off, const void *data, size_t len)
{
	uint64_t header[2] = {__builtin_bswap64(off), __builtin_bswap64(len)};

	write_at(out, out->flat_end, header, sizeof(header));
	write_at(out, out->flat_end + sizeof(header), data, len);
	out->flat_end += sizeof(header) + len;
}

static void put_at(struct output *out, uint64_t off, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (!out->flat) {
		write_at(out, off, data, len);
		return;
	}
	while (len) {
		size_t n = VR_MIN(len, FLAT_RECORD_MAX);

		put_record(out, off, p, n);
		p += n;
		off += n;
		len -= n;
	}
}

static void begin_flat(struct output *out)
{
	uint64_t ones[2] = {__builtin_bswap64(1), __builtin_bswap64(1)};

	out->flat = true;
	out->flat_end = FLAT_HEADER_SIZE;
	write_at(out, 0, "makedumpfile", 12);
	write_at(out, 16, ones, sizeof(ones));
}

static void end_flat(struct output *out)
{
	uint64_t marks[2] = {UINT64_MAX, UINT64_MAX};

	write_at(out, out->flat_end, marks, sizeof(marks));
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
	/* whole pages in a record, so that their sizes vary as QEMU's do */
	if (out->buffer.len > (out->flat ? FLAT_RECORD_MAX - 4096 : (size_t)1 << 20))
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

/* Pages of the input, and those of them that go into one file. */
struct kdump_plan {
	uint32_t flags;
	uint8_t *bitmap; /* pages that the input holds */
	uint64_t bitmap_len;
	bool split;
	uint64_t start_pfn, end_pfn;
	uint64_t count; /* pages held between these */
};

static bool is_set(const struct kdump_plan *plan, uint64_t pfn)
{
	return plan->bitmap[pfn / 8] >> pfn % 8 & 1;
}

/* Returns where the bitmaps begin. */
static uint64_t write_kdump_headers(const struct vr_image *image, struct output *out,
				    const struct kdump_plan *plan)
{
	const struct vr_image_info *info = vr_image_info(image);
	const char *text = vr_image_vmcoreinfo(image);
	uint64_t note_off = (uint64_t)info->page_size + SUB_HEADER_SIZE;
	uint8_t header[464] = "KDUMP   ";
	uint8_t sub[SUB_HEADER_SIZE] = {0};
	VR_STRBUF notes = {0};
	size_t vmcoreinfo;
	uint64_t sub_blocks;

	collect_notes(image, &notes, &vmcoreinfo);
	sub_blocks = (SUB_HEADER_SIZE + notes.len + info->page_size - 1) / info->page_size;
	store32(header + 8, 6);
	memcpy(header + 12, "Linux", 5);
	memcpy(header + 142, info->release, strlen(info->release));
	if (info->machine == EM_X86_64)
		memcpy(header + 272, "x86_64", 6);
	else if (info->machine == EM_AARCH64)
		memcpy(header + 272, "aarch64", 7);
	store32(header + 424, plan->flags | (info->incomplete ? 8 : 0));
	store32(header + 428, info->page_size);
	store32(header + 432, sub_blocks);
	store32(header + 436, 2 * plan->bitmap_len / info->page_size);
	store32(header + 440, info->max_pfn);
	put_at(out, 0, header, sizeof(header));

	if (text && vmcoreinfo) {
		store64(sub + 32, note_off + vmcoreinfo);
		store64(sub + 40, strlen(text));
	}
	store64(sub + 48, note_off);
	store64(sub + 56, notes.len);
	store64(sub + 96, info->max_pfn);
	if (plan->split) {
		store32(sub + 12, 1);
		store32(sub + 16, plan->start_pfn);
		store32(sub + 24, plan->end_pfn);
		store64(sub + 80, plan->start_pfn);
		store64(sub + 88, plan->end_pfn);
	}
	put_at(out, info->page_size, sub, sizeof(sub));
	put_at(out, note_off, notes.data, notes.len);
	out->failed = out->failed || notes.failed;
	return (1 + sub_blocks) * info->page_size;
}

struct kdump_writer {
	uint32_t flags;
	uint8_t *packed;
	uint64_t zero_off; /* the one page of zeros, 0: none yet */
	uint64_t desc_off; /* of the next one to be written */
	struct vr_strbuf descs;
};

static void flush_descs(struct kdump_writer *w, struct output *out)
{
	put_at(out, w->desc_off, w->descs.data, w->descs.len);
	w->desc_off += w->descs.len;
	vr_strbuf_truncate(&w->descs, 0);
}

static void write_kdump_page(struct kdump_writer *w, struct output *out, const uint8_t *data,
			     uint32_t page_size)
{
	bool zero = !data[0] && !memcmp(data, data + 1, page_size - 1);
	uint8_t desc[DESC_SIZE] = {0};
	uint32_t flags = w->flags;
	size_t len = 0;

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
	if (w->descs.len + DESC_SIZE > FLAT_RECORD_MAX)
		flush_descs(w, out);
	if (zero && w->zero_off)
		return;
	if (zero)
		w->zero_off = out->end;
	append(out, flags ? w->packed : data, len);
}

/* One file, in the order in which makedumpfile and QEMU write it. */
static int write_kdump_file(struct vr_image *image, struct output *out,
			    const struct kdump_plan *plan)
{
	uint64_t bitmap_off = write_kdump_headers(image, out, plan);
	struct kdump_writer w = {
		.flags = plan->flags,
		.packed = malloc(PAGE_COMPRESS_MAX),
		.desc_off = bitmap_off + 2 * plan->bitmap_len,
	};

	if (!w.packed)
		return -1;
	put_at(out, bitmap_off, plan->bitmap, plan->bitmap_len);
	put_at(out, bitmap_off + plan->bitmap_len, plan->bitmap, plan->bitmap_len);
	out->end = w.desc_off + plan->count * DESC_SIZE;
	for (uint64_t pfn = plan->start_pfn; pfn < plan->end_pfn; pfn++) {
		struct vr_page *page;

		if (is_set(plan, pfn) && vr_image_page(image, pfn, &page) == VR_PAGE_OK)
			write_kdump_page(&w, out, page->data, vr_image_info(image)->page_size);
	}
	flush(out);
	flush_descs(&w, out);
	out->failed = out->failed || w.descs.failed;
	vr_strbuf_free(&w.descs);
	free(w.packed);
	return 0;
}

/* Find out which pages the input really gives. */
static int make_plan(const struct input *in, struct kdump_plan *plan)
{
	const struct vr_image_info *info = vr_image_info(in->image);
	uint32_t bs = info->page_size;

	plan->bitmap_len = ((info->max_pfn + 7) / 8 + bs - 1) / bs * bs;
	plan->bitmap = calloc(1, plan->bitmap_len);
	plan->end_pfn = info->max_pfn;
	if (!plan->bitmap)
		return -1;
	for (uint64_t pfn = 0; pfn < info->max_pfn; pfn++) {
		struct vr_page *page;

		if (!get_page(in, pfn, &page))
			continue;
		plan->bitmap[pfn / 8] |= (uint8_t)(1u << pfn % 8);
		plan->count++;
	}
	return 0;
}

static int write_kdump(const struct input *in, struct output *out, uint32_t flags)
{
	struct kdump_plan plan = {.flags = flags};
	int result = make_plan(in, &plan);

	if (!result)
		result = write_kdump_file(in->image, out, &plan);
	free(plan.bitmap);
	return result;
}

/* Parts of about as many pages each; out becomes one after the other. */
static int write_split(const struct input *in, const char *path, uint32_t flags)
{
	struct kdump_plan plan = {.flags = flags, .split = true};
	int result = make_plan(in, &plan);
	uint64_t per_part = plan.count / SPLIT_PARTS + 1;
	uint64_t max_pfn = plan.end_pfn;

	plan.end_pfn = 0;
	for (unsigned int i = 1; i <= SPLIT_PARTS && !result; i++) {
		char name[4096];
		struct output out = {.fd = -1};

		plan.start_pfn = plan.end_pfn;
		for (plan.count = 0; plan.end_pfn < max_pfn && plan.count < per_part;
		     plan.end_pfn++)
			plan.count += is_set(&plan, plan.end_pfn);
		if (i == SPLIT_PARTS)
			plan.end_pfn = max_pfn;
		snprintf(name, sizeof(name), "%s.%u", path, i);
		out.fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (out.fd < 0 || write_kdump_file(in->image, &out, &plan) || out.failed ||
		    close(out.fd))
			result = -1;
		vr_strbuf_free(&out.buffer);
	}
	free(plan.bitmap);
	return result;
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

static int write_elf(const struct input *in, struct output *out)
{
	const struct vr_image_info *info = vr_image_info(in->image);
	VR_STRBUF notes = {0};
	VR_STRBUF phdrs = {0};
	Elf64_Phdr load = {.p_type = PT_LOAD};
	size_t vmcoreinfo;

	collect_notes(in->image, &notes, &vmcoreinfo);
	out->end = ELF_DATA_OFFSET;
	if (notes.len) {
		Elf64_Phdr note = {.p_type = PT_NOTE, .p_offset = out->end, .p_filesz = notes.len};

		vr_strbuf_add(&phdrs, &note, sizeof(note));
		append(out, notes.data, notes.len);
	}
	for (uint64_t pfn = 0; pfn <= info->max_pfn; pfn++) {
		struct vr_page *page;
		bool ok = pfn < info->max_pfn && get_page(in, pfn, &page);

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
	write_elf_headers(in->image, out, &phdrs);
	if (phdrs.failed || notes.failed)
		out->failed = true;
	return 0;
}

/* The parts of LKCD's headers (dump.h of its kernels) that matter, all of them packed. */
enum {
	LKCD_VERSION = 8,
	LKCD_HEADER_SIZE = 12,
	LKCD_PAGE_SIZE = 20,
	LKCD_UTSNAME = 324,
	LKCD_COMPRESSION = 722,
	LKCD_DATA_OFFSET = 734,
	LKCD_SIZE = 742,
};

#define LKCD_PAGE_RAW 1u
#define LKCD_PAGE_COMPRESSED 2u
#define LKCD_PAGE_END 4u
#define LKCD_GZIP 2u

static void append_lkcd_page(struct output *out, uint64_t addr, uint32_t flags, const void *data,
			     size_t len)
{
	uint8_t header[16];

	store64(header, addr);
	store32(header + 8, len);
	store32(header + 12, flags);
	append(out, header, sizeof(header));
	append(out, data, len);
}

static int write_lkcd(const struct input *in, struct output *out)
{
	const struct vr_image_info *info = vr_image_info(in->image);
	uint8_t header[LKCD_SIZE] = "\xed\x23\x8f\x61\x73\x01\x19\xa8";
	uint8_t *packed = malloc(PAGE_COMPRESS_MAX);

	if (!packed)
		return -1;
	store32(header + LKCD_VERSION, 9);
	store32(header + LKCD_HEADER_SIZE, sizeof(header));
	store32(header + LKCD_PAGE_SIZE, info->page_size);
	memcpy(header + LKCD_UTSNAME, "Linux", 5);
	memcpy(header + LKCD_UTSNAME + 2 * 65, info->release, strlen(info->release));
	memcpy(header + LKCD_UTSNAME + 4 * 65, "x86_64", 6);
	store32(header + LKCD_COMPRESSION, LKCD_GZIP);
	store64(header + LKCD_DATA_OFFSET, 65536);
	put_at(out, 0, header, sizeof(header));
	out->end = 65536;
	for (uint64_t pfn = 0; pfn < info->max_pfn; pfn++) {
		struct vr_page *page;
		size_t len;

		if (!get_page(in, pfn, &page))
			continue;
		len = page_compress(PAGE_ZLIB, page->data, info->page_size, packed);
		if (len && len < info->page_size)
			append_lkcd_page(out, pfn * info->page_size, LKCD_PAGE_COMPRESSED, packed,
					 len);
		else
			append_lkcd_page(out, pfn * info->page_size, LKCD_PAGE_RAW, page->data,
					 info->page_size);
	}
	append_lkcd_page(out, 0, LKCD_PAGE_END, NULL, 0);
	flush(out);
	free(packed);
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

static int write_format(const struct input *in, struct output *out, const char *format)
{
	if (!strcmp(format, "elf"))
		return write_elf(in, out);
	if (!strcmp(format, "lkcd"))
		return write_lkcd(in, out);
	for (size_t i = 0; i < VR_ARRAY_SIZE(kdump_formats); i++) {
		if (!strcmp(format, kdump_formats[i].name))
			return write_kdump(in, out, kdump_formats[i].flags);
	}
	fprintf(stderr, "recode: unknown format %s\n", format);
	return -1;
}

static int write_parts(const struct input *in, const char *path, const char *format)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(kdump_formats); i++) {
		if (!strcmp(format, kdump_formats[i].name))
			return write_split(in, path, kdump_formats[i].flags);
	}
	fprintf(stderr, "recode: unknown format split-%s\n", format);
	return -1;
}

static int recode(const struct input *in, const char *path, const char *format)
{
	static const char flattened[] = "flattened-", split[] = "split-";
	struct output out = {.fd = -1};
	int result;

	if (!strncmp(format, split, sizeof(split) - 1))
		return write_parts(in, path, format + sizeof(split) - 1);
	out.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out.fd < 0)
		return -1;
	if (!strncmp(format, flattened, sizeof(flattened) - 1)) {
		begin_flat(&out);
		result = write_format(in, &out, format + sizeof(flattened) - 1);
		end_flat(&out);
	} else {
		result = write_format(in, &out, format);
	}
	vr_strbuf_free(&out.buffer);
	return close(out.fd) || out.failed || result ? -1 : 0;
}

static void print_log(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "recode: %s: %s\n", vr_log_level_name(level), text);
}

/* The options at the start of the command line; the number of arguments that they take, or -1. */
static int parse_drops(struct input *in, int argc, char **argv)
{
	int at = 1;

	for (; at + 1 < argc && !strcmp(argv[at], "--drop"); at += 2) {
		char *end;

		if (in->drop_count == DROPS_MAX)
			return -1;
		in->drops[in->drop_count].start = strtoull(argv[at + 1], &end, 0);
		if (*end != '-')
			return -1;
		in->drops[in->drop_count++].end = strtoull(end + 1, &end, 0);
		if (*end)
			return -1;
	}
	return at - 1;
}

int main(int argc, char **argv)
{
	struct vr_log log = {.emit = print_log};
	struct input in = {0};
	struct vr_error err;
	int fds[VR_IMAGE_FILES_MAX], options = parse_drops(&in, argc, argv);
	size_t count = 0;
	double start;
	int result;

	argc -= options;
	argv += options;
	if (options < 0 || argc < 4 || argc - 3 > (int)VR_IMAGE_FILES_MAX) {
		fprintf(stderr, "usage: recode [--drop START-END]... IN... OUT FORMAT\n");
		return 2;
	}
	for (; count < (size_t)argc - 3; count++) {
		fds[count] = open(argv[1 + count], O_RDONLY | O_CLOEXEC);
		if (fds[count] < 0) {
			perror(argv[1 + count]);
			return 1;
		}
	}
	start = now_ms();
	if (vr_image_open_files(fds, count, 0, &log, &in.image, &err)) {
		fprintf(stderr, "recode: %s: %s (%s)\n", argv[1], err.text, vr_err_name(err.kind));
		return 1;
	}
	if (!strcmp(argv[argc - 1], "-")) {
		result = read_all(in.image, now_ms() - start);
	} else {
		result = recode(&in, argv[argc - 2], argv[argc - 1]);
		if (result) {
			fprintf(stderr, "recode: can't write %s\n", argv[argc - 2]);
			result = 1;
		}
	}
	vr_image_close(in.image);
	while (count)
		close(fds[--count]);
	return result;
}
