// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that aren't dumps, and dumps that are cut off, damaged or forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/bits.h"
#include "image/image.h"
#include "image_builder.h"

static const uint32_t all_flags[] = {PAGE_RAW, PAGE_ZLIB, PAGE_LZO, PAGE_SNAPPY, PAGE_ZSTD};

static void assert_refused(int fd, enum vr_err kind, const char *text)
{
	struct vr_image *image = NULL;
	struct vr_error err = {0};
	enum vr_err got = vr_image_open(fd, 0, NULL, &image, &err);

	if (got != kind || !strstr(err.text, text))
		fail_msg("wanted %s \"%s\", got %s \"%s\"", vr_err_name(kind), text,
			 vr_err_name(got), err.text);
	assert_int_equal(err.kind, kind);
	assert_null(image);
	/* Nobody need ask why. */
	assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), kind);
	close(fd);
}

static void assert_bytes_refused(const void *data, size_t len, enum vr_err kind, const char *text)
{
	assert_refused(bytes_file(data, len), kind, text);
}

static void assert_dump_refused(struct dump *d, enum vr_err kind, const char *text)
{
	assert_refused(dump_file(d), kind, text);
	dump_free(d);
}

static void test_not_files(void **state)
{
	int pipes[2];

	(void)state;
	assert_refused(open("/", O_RDONLY | O_DIRECTORY), VR_UNSUPPORTED, "directory");
	assert_refused(memfd_create("empty", 0), VR_UNSUPPORTED, "empty");
	assert_int_equal(pipe(pipes), 0);
	close(pipes[1]);
	assert_refused(pipes[0], VR_UNSUPPORTED, "pipe");
	assert_refused(open("/dev/null", O_RDONLY), VR_UNSUPPORTED, "not a file");
	assert_refused(-1, VR_OS, "look at");
}

static void test_foreign_files(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} files[] = {
		{"\x1f\x8b\x08\0\0\0\0", "gunzip"},
		{"\xfd\x37zXZ\0\0\4", "unxz"},
		{"\x28\xb5\x2f\xfd\0\0", "unzstd"},
		{"BZh91AY&SY", "bunzip2"},
		{"\x04\x22\x4d\x18\0\0", "unlz4"},
#ifndef VR_LIBKDUMPFILE
		{"\xed\x23\x8f\x61\x73\x01\x19\xa8", "LKCD"},
#endif
		{"\xa8\x19\x01\x73\x61\x8f\x23\xed", "big-endian LKCD"},
		{"DISKDUMP", "diskdump"},
		{"NETDUMP\0", "netdump"},
		{"<html>\nno such file\n", "a text file"},
		{"\0\0\0\0\0\0\0\0\0\0", "zeros"},
		{"\x01\x02\x03\x04\xff", "not a kernel crash dump"},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(files); i++) {
		uint8_t padded[5000] = {0};
		size_t len = strlen(files[i].bytes);

		/* whole, and as all there is of the file (its first byte may be a 0) */
		if (!strstr(files[i].text, "zeros") && !strstr(files[i].text, "text"))
			memset(padded + 24, 0xa5, sizeof(padded) - 24);
		if (strstr(files[i].text, "text"))
			memset(padded, ' ', sizeof(padded));
		memcpy(padded, files[i].bytes, len);
		assert_bytes_refused(padded, sizeof(padded), VR_UNSUPPORTED, files[i].text);
		assert_bytes_refused(padded, 24, VR_UNSUPPORTED, files[i].text);
	}
}

/* One field of a good dump changed: what is it then? */
struct change {
	size_t off;
	unsigned int size;
	uint64_t value;
	enum vr_err kind; /* VR_OK: opens all the same */
	const char *text;
};

static void check_changes(struct dump_spec spec, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dump d = dump_build(spec);
		const struct change *c = &changes[i];
		struct vr_image *image;
		int fd;

		dump_put_at(&d, c->off, &c->value, c->size);
		if (c->kind) {
			assert_dump_refused(&d, c->kind, c->text);
			continue;
		}
		fd = dump_file(&d);
		assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
		if (c->text)
			assert_string_equal(vr_image_vmcoreinfo(image), c->text);
		vr_image_close(image);
		close(fd);
		dump_free(&d);
	}
}

static void test_kdump_fields(void **state)
{
	static const struct change changes[] = {
		{8, 4, 0, VR_CORRUPT, "version 0"},
		{8, 4, UINT32_MAX, VR_CORRUPT, "version -1"},
		{8, 4, 7, VR_OK, DUMP_VMCOREINFO},
		{8, 4, INT32_MAX, VR_OK, DUMP_VMCOREINFO},
		{428, 4, 0, VR_CORRUPT, "block size 0"},
		{428, 4, 4097, VR_CORRUPT, "block size 4097"},
		{428, 4, 2048, VR_CORRUPT, "block size 2048"},
		{428, 4, 131072, VR_CORRUPT, "block size 131072"},
		{428, 4, 0x80000000, VR_CORRUPT, "block size"},
		{428, 4, 0x00100000, VR_UNSUPPORTED, "big-endian"},
		{432, 4, 0, VR_CORRUPT, "sub-header of 0"},
		{432, 4, UINT32_MAX, VR_CORRUPT, "sub-header"},
		{436, 4, 0, VR_CORRUPT, "bitmap of 0"},
		{436, 4, 3, VR_CORRUPT, "two bitmaps in 3"},
		{436, 4, UINT32_MAX - 1, VR_CORRUPT, "page bitmaps"},
		/* a part of a split dump that has no page */
		{4096 + 12, 4, 1, VR_OK, DUMP_VMCOREINFO},
		/* one of the two counts of pages may be wrong, both may not */
		{440, 4, 0, VR_OK, NULL},
		{440, 4, UINT32_MAX, VR_OK, NULL},
		{4096 + 96, 8, 0, VR_OK, NULL},
		{4096 + 96, 8, UINT64_MAX, VR_OK, NULL},
		{272, 8, 0x6769742d6f77, VR_UNSUPPORTED, "unknown kind, \"wo-tig\""},
		/* the text is found in the note when its own place is wrong, and without both not
		 */
		{4096 + 32, 8, UINT64_MAX, VR_OK, DUMP_VMCOREINFO},
		{4096 + 32, 8, 0, VR_OK, DUMP_VMCOREINFO},
		{4096 + 40, 8, UINT64_MAX, VR_OK, DUMP_VMCOREINFO},
		{4096 + 48, 8, UINT64_MAX - 10, VR_OK, DUMP_VMCOREINFO},
		{4096 + 56, 8, UINT64_MAX, VR_OK, DUMP_VMCOREINFO},
		{4096 + 104, 4, UINT32_MAX, VR_OK, DUMP_VMCOREINFO},
		{4096 + 108, 4, UINT32_MAX, VR_OK, DUMP_VMCOREINFO},
	};
	struct dump d = dump_build((struct dump_spec){0});

	(void)state;
	check_changes((struct dump_spec){.flags = PAGE_LZO}, changes, VR_ARRAY_SIZE(changes));
	dump_set32(&d, 440, UINT32_MAX);
	dump_set64(&d, 4096 + 96, UINT64_MAX);
	assert_dump_refused(&d, VR_CORRUPT, "a bitmap for 32768");
	d = dump_build((struct dump_spec){0});
	memset(d.data + d.bitmap_off, 0, 4096);
	assert_dump_refused(&d, VR_CORRUPT, "not a single page");
}

/* A bitmap of more pages than there are descriptors: what there is can be had. */
static void test_kdump_too_many_bits(void **state)
{
	struct dump d = dump_build((struct dump_spec){.flags = PAGE_LZO});
	struct vr_image *image;
	struct vr_page *page;
	int fd;

	(void)state;
	memset(d.data + d.bitmap_off + 5, 0xff, 4096 - 5);
	dump_set32(&d, 440, 32768);
	dump_put_at(&d, d.data_off + 100, "", 0);
	d.len = d.data_off + 100;
	fd = dump_file(&d);
	assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
	assert_true(vr_image_info(image)->incomplete);
	assert_string_equal(vr_image_info(image)->incomplete_why,
			    "the file is cut off within the page descriptors");
	assert_int_equal(vr_image_page(image, 32767, &page), VR_PAGE_DAMAGED);
	assert_int_equal(vr_image_page(image, 3, &page), VR_PAGE_EXCLUDED);
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

/* The same header as a 32-bit machine lays it out. */
static void test_kdump_32bit(void **state)
{
	struct dump d = dump_build((struct dump_spec){0});

	(void)state;
	memmove(d.data + 412, d.data + 424, 40);
	memset(d.data + 432, 0, 20);
	assert_dump_refused(&d, VR_UNSUPPORTED, "32-bit");
}

static void test_elf_fields(void **state)
{
	static const struct change changes[] = {
		{4, 1, 1, VR_UNSUPPORTED, "32-bit"},
		{4, 1, 9, VR_CORRUPT, "class 9"},
		{5, 1, 2, VR_UNSUPPORTED, "big-endian"},
		{5, 1, 0, VR_CORRUPT, "encoding 0"},
		{16, 2, ET_EXEC, VR_UNSUPPORTED, "vmlinux"},
		{16, 2, ET_DYN, VR_UNSUPPORTED, "shared library"},
		{16, 2, ET_REL, VR_UNSUPPORTED, "module"},
		{16, 2, 0, VR_UNSUPPORTED, "unknown type"},
		{32, 8, UINT64_MAX, VR_CORRUPT, "program headers"},
		{32, 8, UINT64_MAX - 63, VR_CORRUPT, "program headers"},
		{32, 8, 1 << 24, VR_CORRUPT, "program headers"},
		{54, 2, 0, VR_CORRUPT, "of 0 bytes"},
		{54, 2, 55, VR_CORRUPT, "of 55 bytes"},
		{54, 2, 65535, VR_CORRUPT, "of 65535 bytes"},
		{56, 2, 0, VR_CORRUPT, "0 program headers"},
		{56, 2, 60000, VR_CORRUPT, "program headers"},
		{40, 8, 0, VR_OK, NULL},
		{52, 2, 0xffff, VR_OK, NULL},
		/* first PT_LOAD: p_paddr, p_memsz, p_offset */
		{192 + 56 + 24, 8, UINT64_MAX - 4096, VR_CORRUPT, "program headers can't be right"},
		{192 + 56 + 24, 8, (uint64_t)1 << 52, VR_CORRUPT, "program headers can't be right"},
		{192 + 56 + 40, 8, UINT64_MAX, VR_OK, NULL},
		{192 + 56 + 32, 8, UINT64_MAX, VR_CORRUPT, "program headers can't be right"},
		{192 + 56 + 8, 8, UINT64_MAX, VR_CORRUPT, "program headers can't be right"},
		/* PT_NOTE: p_offset, p_filesz */
		{192 + 8, 8, UINT64_MAX, VR_OK, NULL},
		{192 + 32, 8, UINT64_MAX, VR_OK, NULL},
	};

	(void)state;
	check_changes((struct dump_spec){.elf = true}, changes, VR_ARRAY_SIZE(changes));
}

static void test_elf_phnum_elsewhere(void **state)
{
	struct dump d = dump_build((struct dump_spec){.elf = true});

	(void)state;
	d.data[56] = d.data[57] = 0xff;
	dump_set64(&d, 40, d.len - 10);
	assert_dump_refused(&d, VR_CORRUPT, "section header");
	d = dump_build((struct dump_spec){.elf = true});
	d.data[56] = d.data[57] = 0xff;
	dump_set64(&d, 40, 64);
	dump_set32(&d, 64 + 44, UINT32_MAX);
	assert_dump_refused(&d, VR_CORRUPT, "program headers");
}

static void test_user_core(void **state)
{
	static const uint32_t types[] = {NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_FILE};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(types); i++) {
		struct dump d = {.phdr_off = 64};
		size_t start;

		dump_elf_header(&d, 64, 3);
		dump_put_at(&d, 64 + 3 * 56, "", 0);
		start = d.len;
		dump_note(&d, "CORE", types[i], "registers", 9);
		dump_phdr(&d, 0,
			  (Elf64_Phdr){
				  .p_type = PT_NOTE, .p_offset = start, .p_filesz = d.len - start});
		for (size_t k = 1; k < 3; k++)
			dump_phdr(&d, k,
				  (Elf64_Phdr){.p_type = PT_LOAD,
					       .p_vaddr = 0x400000 * k,
					       .p_memsz = 4096,
					       .p_filesz = 16});
		assert_dump_refused(&d, VR_UNSUPPORTED, "of a program, not of a kernel");
	}
}

/* Every page is right, or said to be missing or damaged; never wrong, never missing if present. */
static size_t check_pages_of_cut(struct vr_image *image, const struct dump *d)
{
	uint8_t want[4096];
	size_t ok = 0;

	for (uint64_t pfn = 0; pfn < d->spec.max_pfn; pfn++) {
		struct vr_page *page;
		enum vr_page_status status = vr_image_page(image, pfn, &page);

		if (!dump_page_stored(pfn)) {
			assert_int_equal(status, VR_PAGE_EXCLUDED);
			continue;
		}
		/* and the same when asked again */
		assert_int_equal(vr_image_page(image, pfn, &page), status);
		if (status == VR_PAGE_DAMAGED)
			continue;
		assert_int_equal(status, VR_PAGE_OK);
		dump_page_fill(pfn, want, sizeof(want));
		assert_memory_equal(page->data, want, sizeof(want));
		ok++;
	}
	return ok;
}

static void check_cut_at(const struct dump *d, int fd, size_t len, size_t headers)
{
	struct vr_error err = {0};
	struct vr_image *image;
	enum vr_err kind;

	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	kind = vr_image_open(fd, 0, NULL, &image, &err);
	if (len < headers) {
		if (len < (d->spec.elf ? 4 : 8))
			assert_int_equal(kind, VR_UNSUPPORTED);
		else if (kind != VR_CORRUPT || !strstr(err.text, "the file ends within its"))
			fail_msg("cut at %zu: %s %s", len, vr_err_name(kind), err.text);
		return;
	}
	if (kind)
		fail_msg("cut at %zu: %s %s", len, vr_err_name(kind), err.text);
	assert_int_equal(vr_image_info(image)->incomplete, len < d->len);
	assert_int_equal(check_pages_of_cut(image, d) == d->stored, len == d->len);
	vr_image_close(image);
}

static void test_truncation(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct dump d = dump_build(
			(struct dump_spec){.elf = elf, .flags = PAGE_LZO, .max_pfn = 11});
		size_t headers = elf ? 192 + 56 * 4 : d.desc_off;
		int fd = dump_file(&d);

		/* from the end, since it can only be cut shorter */
		for (size_t len = d.len; len > 0; len -= len > headers + 3 ? 3 : 1)
			check_cut_at(&d, fd, len, headers);
		close(fd);
		dump_free(&d);
	}
}

/* A file that is cut while it is open. */
static void test_truncation_later(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct dump d = dump_build(
			(struct dump_spec){.elf = elf, .flags = PAGE_ZLIB, .max_pfn = 300});
		int fd = dump_file(&d);
		struct vr_image *image;
		size_t ok;

		assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
		assert_int_equal(ftruncate(fd, (off_t)d.len * 2 / 3), 0);
		ok = check_pages_of_cut(image, &d);
		assert_true(ok > 0 && ok < d.stored);
		vr_image_close(image);
		close(fd);
		dump_free(&d);
	}
}

static void count_message(void *arg, enum vr_log_level level, const char *text)
{
	(void)level;
	if (strstr(text, "page frame"))
		++*(int *)arg;
}

/* Data that is said to lie in the headers, of a page that needs no inflating. */
static void test_kdump_data_in_header(void **state)
{
	struct dump d = dump_build((struct dump_spec){.flags = PAGE_LZO});
	struct vr_image *image;
	struct vr_page *page;
	int fd;

	(void)state;
	dump_set64(&d, d.desc_off + DUMP_DESC_SIZE, 4096);
	fd = dump_file(&d);
	assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
	assert_int_equal(vr_image_page(image, 1, &page), VR_PAGE_DAMAGED);
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

static void test_kdump_descriptors(void **state)
{
	static const struct change changes[] = {
		{0, 8, 0},          {0, 8, 4096},
		{0, 8, UINT64_MAX}, {0, 8, UINT64_MAX - 4095},
		{0, 8, 1 << 30},    {8, 4, 0},
		{8, 4, 1},          {8, 4, UINT32_MAX},
		{8, 4, 8192},       {12, 4, 3},
		{12, 4, 8},         {12, 4, UINT32_MAX},
		{12, 4, PAGE_ZSTD}, {12, 4, PAGE_SNAPPY},
		{12, 4, PAGE_ZLIB}, {12, 4, PAGE_RAW},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(changes); i++) {
		const struct change *c = &changes[i];
		struct dump d = dump_build((struct dump_spec){.flags = PAGE_LZO});
		struct vr_image *image;
		struct vr_page *page;
		int fd, messages = 0;
		struct vr_log log = {.emit = count_message, .arg = &messages};

		/* pfn 2 is the third stored page, and text */
		dump_put_at(&d, d.desc_off + 2 * DUMP_DESC_SIZE + c->off, &c->value, c->size);
		fd = dump_file(&d);
		assert_int_equal(vr_image_open(fd, 0, &log, &image, NULL), VR_OK);
		assert_int_equal(vr_image_page(image, 2, &page), VR_PAGE_DAMAGED);
		assert_int_equal(vr_image_page(image, 2, &page), VR_PAGE_DAMAGED);
		assert_int_equal(vr_image_counts(image)->damaged, 2);
		/* it was not read again for that */
		assert_int_equal(messages, 1);
		assert_int_equal(check_pages_of_cut(image, &d), d.stored - 1);
		vr_image_close(image);
		close(fd);
		dump_free(&d);
	}
}

/* A sum over all that the image gives, so that all of it is read. */
static uint64_t read_everything(int fd)
{
	uint64_t sum = 0;
	struct vr_image *image;
	struct vr_error err;
	enum vr_err kind = vr_image_open(fd, 1, NULL, &image, &err);
	const struct vr_note *notes;
	size_t count;

	if (kind) {
		assert_true(kind == VR_CORRUPT || kind == VR_UNSUPPORTED);
		assert_true(err.text[0]);
		return 0;
	}
	notes = vr_image_notes(image, &count);
	for (size_t i = 0; i < count; i++) {
		sum += strlen(notes[i].name);
		for (size_t k = 0; k < notes[i].desc_len; k++)
			sum += notes[i].desc[k];
	}
	for (uint64_t pfn = 0; pfn < VR_MIN(vr_image_info(image)->max_pfn, (uint64_t)64); pfn++) {
		struct vr_page *page;

		if (vr_image_page(image, pfn, &page) == VR_PAGE_OK)
			sum += page->data[vr_image_info(image)->page_size - 1];
	}
	vr_image_close(image);
	return sum;
}

/* 2000 damaged files of each kind; what they give is open, but they may do no harm. */
static void test_bit_flips(void **state)
{
	uint64_t x = 0x2545f4914f6cdd1dull;

	(void)state;
	for (size_t i = 0; i <= VR_ARRAY_SIZE(all_flags); i++) {
		bool elf = i == VR_ARRAY_SIZE(all_flags);
		struct dump d =
			dump_build((struct dump_spec){.elf = elf, .flags = elf ? 0 : all_flags[i]});
		int fd = dump_file(&d);
		uint64_t sum = 0;

		for (int round = 0; round < 2000; round++) {
			size_t where[4];

			for (size_t k = 0; k < 4; k++) {
				size_t range = d.len;
				uint8_t byte;

				x ^= x << 13;
				x ^= x >> 7;
				x ^= x << 17;
				/* half of them where the headers, notes and descriptors are */
				if (k < 2)
					range = elf         ? 1200
						: round % 2 ? 4096 + 600
							    : d.data_off + 4096;
				where[k] = x % range;
				if (!elf && k < 2 && round % 2 == 0 && where[k] < d.bitmap_off)
					where[k] = d.bitmap_off +
						   where[k] % (d.data_off - d.bitmap_off);
				byte = d.data[where[k]] ^ (uint8_t)(1u << (x >> 60) % 8);
				assert_int_equal(pwrite(fd, &byte, 1, (off_t)where[k]), 1);
			}
			sum += read_everything(fd);
			for (size_t k = 0; k < 4; k++)
				assert_int_equal(pwrite(fd, &d.data[where[k]], 1, (off_t)where[k]),
						 1);
		}
		assert_true(sum);
		close(fd);
		dump_free(&d);
	}
}

/* Notes without end: each one kept would be a way to take all memory. */
static void test_many_notes(void **state)
{
	struct dump d = {.phdr_off = 64};
	struct vr_image *image;
	size_t start, count;
	int fd;

	(void)state;
	dump_elf_header(&d, 64, 2);
	dump_put_at(&d, 192, "", 0);
	start = d.len;
	for (size_t i = 0; i < 70000; i++)
		dump_note(&d, "X", 5, "y", 1);
	dump_phdr(&d, 0,
		  (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = start, .p_filesz = d.len - start});
	dump_phdr(&d, 1,
		  (Elf64_Phdr){.p_type = PT_LOAD,
			       .p_paddr = 4096,
			       .p_filesz = 4096,
			       .p_memsz = 4096,
			       .p_offset = start});
	fd = dump_file(&d);
	assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
	vr_image_notes(image, &count);
	assert_int_equal(count, 65536);
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

/* A driver's dump of megabytes lies before the notes that matter (kernel:
 * vmcore_add_device_dump()). */
static void test_large_note(void **state)
{
	struct dump d = {.phdr_off = 64};
	struct vr_image *image;
	size_t start, count;
	uint8_t *large = calloc(1, 5 << 20);
	int fd;

	(void)state;
	assert_non_null(large);
	dump_elf_header(&d, 64, 2);
	dump_put_at(&d, 192, "", 0);
	start = d.len;
	dump_note(&d, "LINUX", 0x700, large, 5 << 20);
	dump_note(&d, "VMCOREINFO", 0, DUMP_VMCOREINFO, sizeof(DUMP_VMCOREINFO) - 1);
	dump_phdr(&d, 0,
		  (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = start, .p_filesz = d.len - start});
	dump_phdr(&d, 1,
		  (Elf64_Phdr){.p_type = PT_LOAD,
			       .p_paddr = 4096,
			       .p_filesz = 4096,
			       .p_memsz = 4096,
			       .p_offset = start});
	fd = dump_file(&d);
	assert_int_equal(vr_image_open(fd, 0, NULL, &image, NULL), VR_OK);
	vr_image_notes(image, &count);
	assert_int_equal(count, 1);
	assert_string_equal(vr_image_vmcoreinfo(image), DUMP_VMCOREINFO);
	vr_image_close(image);
	close(fd);
	free(large);
	dump_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_files),
		cmocka_unit_test(test_foreign_files),
		cmocka_unit_test(test_kdump_fields),
		cmocka_unit_test(test_kdump_too_many_bits),
		cmocka_unit_test(test_kdump_32bit),
		cmocka_unit_test(test_elf_fields),
		cmocka_unit_test(test_elf_phnum_elsewhere),
		cmocka_unit_test(test_user_core),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_truncation_later),
		cmocka_unit_test(test_kdump_data_in_header),
		cmocka_unit_test(test_kdump_descriptors),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_many_notes),
		cmocka_unit_test(test_large_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
