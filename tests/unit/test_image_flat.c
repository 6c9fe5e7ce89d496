// SPDX-License-Identifier: GPL-2.0-or-later
/* Flattened dumps: whole, in disorder, cut off, damaged, forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bits.h"
#include "flat_builder.h"
#include "image/file.h"
#include "image/flat.h"
#include "image/image.h"

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void test_formats(void **state)
{
	static const uint32_t flags[] = {PAGE_RAW, PAGE_ZLIB, PAGE_LZO, PAGE_SNAPPY, PAGE_ZSTD};

	(void)state;
	for (size_t i = 0; i <= VR_ARRAY_SIZE(flags); i++) {
		bool elf = i == VR_ARRAY_SIZE(flags);
		struct dump d = dump_build((struct dump_spec){
			.elf = elf, .flags = elf ? 0 : flags[i], .max_pfn = 400});
		struct dump flat = flat_of(&d);
		int fd = dump_file(&flat);
		struct vr_image *image;
		struct vr_error err = {0};
		const struct vr_image_info *info;

		if (vr_image_open(fd, 0, NULL, &image, &err))
			fail_msg("%s", err.text);
		info = vr_image_info(image);
		assert_string_equal(info->format,
				    elf ? "flattened elf" : "flattened kdump-compressed");
		assert_false(info->incomplete);
		assert_int_equal(info->stored_pages, d.stored);
		assert_string_equal(vr_image_vmcoreinfo(image), DUMP_VMCOREINFO);
		for (uint64_t k = 0; k < 2 * 400; k++) {
			uint64_t pfn = k < 400 ? k : k * 271 % 400;
			uint8_t want[4096];
			struct vr_page *page;
			enum vr_page_status status = vr_image_page(image, pfn, &page);

			assert_int_equal(status,
					 dump_page_stored(pfn) ? VR_PAGE_OK : VR_PAGE_EXCLUDED);
			if (status)
				continue;
			dump_page_fill(pfn, want, sizeof(want));
			assert_memory_equal(page->data, want, sizeof(want));
		}
		vr_image_close(image);
		close(fd);
		dump_free(&flat);
		dump_free(&d);
	}
}

/* Any records at all read as the file that they would have been written to. */
static void check_against_copy(uint64_t *x, size_t records, size_t room, size_t max_len)
{
	uint8_t *copy = calloc(1, room + max_len);
	uint8_t *got = malloc(room + max_len);
	struct dump flat = flat_begin();
	struct vr_file file;
	size_t size = 0, at = 0;
	int fd;

	assert_non_null(copy);
	assert_non_null(got);
	for (size_t i = 0; i < records; i++) {
		uint8_t data[512];
		size_t len = next_random(x) % 3 ? max_len : next_random(x) % max_len + 1;

		if (next_random(x) % 4 == 0 || at >= room)
			at = next_random(x) % room;
		for (size_t k = 0; k < len; k++)
			data[k] = (uint8_t)(next_random(x) >> 32);
		flat_record(&flat, at, data, len);
		memcpy(copy + at, data, len);
		at += len;
		size = VR_MAX(size, at);
	}
	flat_end(&flat);
	fd = dump_file(&flat);
	assert_int_equal(vr_file_open(&file, fd, NULL), VR_OK);
	assert_int_equal(file.size, size);
	assert_null(vr_flat_wrong(file.flat));
	assert_int_equal(vr_file_pread(&file, 0, got, size), VR_OK);
	assert_memory_equal(got, copy, size);
	for (int i = 0; i < 200; i++) {
		size_t from = next_random(x) % size;
		size_t len = next_random(x) % (size - from) + 1;

		assert_int_equal(vr_file_pread(&file, from, got, len), VR_OK);
		assert_memory_equal(got, copy + from, len);
		len = VR_MIN(len, (size_t)24);
		assert_int_equal(vr_file_load(&file, from, got, len), VR_OK);
		assert_memory_equal(got, copy + from, len);
	}
	assert_int_equal(vr_file_pread(&file, size, got, 1), VR_CORRUPT);
	assert_int_equal(vr_file_pread(&file, 0, got, size + 1), VR_CORRUPT);
	vr_file_close(&file);
	close(fd);
	dump_free(&flat);
	free(got);
	free(copy);
}

static void test_any_records(void **state)
{
	uint64_t x = 0x9e3779b97f4a7c15ull;

	(void)state;
	for (int round = 0; round < 60; round++) {
		check_against_copy(&x, next_random(&x) % 60 + 1, 3000, 512);
		check_against_copy(&x, next_random(&x) % 60 + 1, 3000, 40);
		check_against_copy(&x, next_random(&x) % 400 + 1, 70000, 200);
	}
}

/* Every page is right or said to be damaged, whatever has been lost of the stream's end. */
static void check_cut(const struct dump *d, int fd, size_t len)
{
	struct vr_image *image;
	struct vr_error err = {0};
	enum vr_err kind;

	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	kind = vr_image_open(fd, 0, NULL, &image, &err);
	if (kind) {
		assert_true(kind == VR_CORRUPT || kind == VR_UNSUPPORTED);
		assert_true(err.text[0]);
		return;
	}
	assert_true(vr_image_info(image)->incomplete);
	for (uint64_t pfn = 0; pfn < d->spec.max_pfn; pfn++) {
		uint8_t want[4096];
		struct vr_page *page;
		enum vr_page_status status = vr_image_page(image, pfn, &page);

		if (!dump_page_stored(pfn)) {
			assert_int_equal(status, VR_PAGE_EXCLUDED);
			continue;
		}
		assert_int_not_equal(status, VR_PAGE_EXCLUDED);
		dump_page_fill(pfn, want, sizeof(want));
		if (status == VR_PAGE_OK)
			assert_memory_equal(page->data, want, sizeof(want));
	}
	vr_image_close(image);
}

static void test_truncation(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct dump d = dump_build(
			(struct dump_spec){.elf = elf, .flags = PAGE_ZLIB, .max_pfn = 30});
		struct dump flat = flat_of(&d);
		int fd = dump_file(&flat);

		for (size_t len = flat.len - 1; len > 0; len -= VR_MIN(len, (size_t)31))
			check_cut(&d, fd, len);
		close(fd);
		dump_free(&flat);
		dump_free(&d);
	}
}

struct forged {
	uint64_t at, len;
	const char *why; /* the dump is incomplete for; NULL: it isn't */
};

/* A record that can't be right, behind a good dump. */
static void test_forged_records(void **state)
{
	static const struct forged records[] = {
		{UINT64_MAX, UINT64_MAX, NULL},
		{0, 0, "can't be followed"},
		{UINT64_MAX, 5, "can't be followed"},
		{5, UINT64_MAX, "can't be followed"},
		{5, (uint64_t)1 << 63, "can't be followed"},
		{(uint64_t)1 << 63, 5, "can't be followed"},
		{INT64_MAX, 1, "can't be followed"},
		{INT64_MAX - 16, 16, NULL}, /* the end follows at once */
		{INT64_MAX - 16, 17, "can't be followed"},
		{1 << 30, INT64_MAX - (1 << 30), "cut off"},
		{(uint64_t)1 << 62, 1 << 30, "cut off"},
		{1 << 20, 17, "cut off"},
	};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(records); i++) {
		struct dump d = dump_build((struct dump_spec){.flags = PAGE_LZO});
		struct dump flat = flat_of(&d);
		struct vr_image *image;
		struct vr_error err = {0};
		const struct vr_image_info *info;
		struct vr_page *page;
		int fd;

		flat.len -= FLAT_RECORD_SIZE;
		flat_put_be64(&flat, records[i].at);
		flat_put_be64(&flat, records[i].len);
		if (records[i].len == 16)
			dump_put(&flat, "sixteen bytes...", 16);
		if (i)
			flat_end(&flat);
		fd = dump_file(&flat);
		if (vr_image_open(fd, 0, NULL, &image, &err))
			fail_msg("record %zu: %s", i, err.text);
		info = vr_image_info(image);
		assert_int_equal(info->incomplete, records[i].why != NULL);
		if (records[i].why)
			assert_non_null(strstr(info->incomplete_why, records[i].why));
		for (uint64_t pfn = 0; pfn < 40; pfn++) {
			assert_int_equal(vr_image_page(image, pfn, &page),
					 dump_page_stored(pfn) ? VR_PAGE_OK : VR_PAGE_EXCLUDED);
		}
		vr_image_close(image);
		close(fd);
		dump_free(&flat);
		dump_free(&d);
	}
}

static void assert_refused(struct dump *flat, enum vr_err kind, const char *text)
{
	int fd = dump_file(flat);
	struct vr_image *image;
	struct vr_error err = {0};

	assert_int_equal(vr_image_open(fd, 0, NULL, &image, &err), kind);
	if (!strstr(err.text, text))
		fail_msg("wanted \"%s\", got \"%s\"", text, err.text);
	close(fd);
	dump_free(flat);
}

static void test_refused(void **state)
{
	struct dump flat = flat_begin();

	(void)state;
	assert_refused(&flat, VR_CORRUPT, "ends within its header");
	flat = flat_begin();
	flat_end(&flat);
	assert_refused(&flat, VR_CORRUPT, "before its first record");
	flat = flat_begin();
	flat_put_be64(&flat, 0);
	flat_put_be64(&flat, 100);
	assert_refused(&flat, VR_CORRUPT, "cut off before its first record");
	flat = flat_begin();
	dump_put_at(&flat, 23, "\2", 1);
	flat_end(&flat);
	assert_refused(&flat, VR_UNSUPPORTED, "type 2, version 1");
	flat = flat_begin();
	dump_put_at(&flat, 31, "\2", 1);
	flat_end(&flat);
	assert_refused(&flat, VR_UNSUPPORTED, "type 1, version 2");
	/* what is in it is looked at like a file */
	flat = flat_begin();
	flat_record(&flat, 0, "\x1f\x8b\x08", 3);
	flat_end(&flat);
	assert_refused(&flat, VR_UNSUPPORTED, "gunzip");
	/* also when it is a flattened file once more */
	flat = flat_begin();
	flat_record(&flat, 0, "makedumpfile\0\0\0\0", 16);
	flat_end(&flat);
	assert_refused(&flat, VR_UNSUPPORTED, "not a kernel crash dump");
}

/* Offsets beyond 4 GiB, in the file and in what it stands for. */
static void test_large(void **state)
{
	const uint64_t gap = (uint64_t)5 << 30;
	struct dump d = dump_build((struct dump_spec){.flags = PAGE_LZO, .max_pfn = 60});
	struct dump flat = flat_begin();
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct dump rest = {0};
	struct vr_image *image;
	struct vr_error err = {0};

	(void)state;
	/* page data lies 5 GiB further back; a record of 5 GiB for nothing is before it */
	for (size_t i = 0; i < d.stored; i++) {
		size_t desc = d.desc_off + i * DUMP_DESC_SIZE;

		dump_set64(&d, desc, vr_load64(d.data + desc) + gap);
	}
	flat_record(&flat, 0, d.data, d.data_off);
	flat_put_be64(&flat, d.data_off);
	flat_put_be64(&flat, gap);
	flat_record(&rest, d.data_off + gap, d.data + d.data_off, d.len - d.data_off);
	flat_end(&rest);
	assert_int_equal(pwrite(fd, flat.data, flat.len, 0), flat.len);
	assert_int_equal(pwrite(fd, rest.data, rest.len, (off_t)(flat.len + gap)), rest.len);
	if (vr_image_open(fd, 0, NULL, &image, &err))
		fail_msg("%s", err.text);
	assert_false(vr_image_info(image)->incomplete);
	for (uint64_t pfn = 0; pfn < 60; pfn++) {
		uint8_t want[4096];
		struct vr_page *page;

		if (!dump_page_stored(pfn))
			continue;
		dump_page_fill(pfn, want, sizeof(want));
		assert_int_equal(vr_image_page(image, pfn, &page), VR_PAGE_OK);
		assert_memory_equal(page->data, want, sizeof(want));
	}
	vr_image_close(image);
	close(fd);
	dump_free(&rest);
	dump_free(&flat);
	dump_free(&d);
}

/* Records that all lie over each other, and records of one byte: time that doesn't explode. */
static void test_many_records(void **state)
{
	const size_t count = 300000;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct dump flat = flat_begin();
		uint8_t data[64];
		struct vr_file file;
		int fd;

		for (size_t i = 0; i < count; i++) {
			memset(data, (int)(i % 251), sizeof(data));
			if (kind == 0) /* each over half of the one before it, going back */
				flat_record(&flat, (count - i) * 32, data, 64);
			else if (kind == 1) /* all in one place */
				flat_record(&flat, i % 7, data, 33 + i % 8);
			else /* every other byte */
				flat_record(&flat, i * 2, data, 1);
		}
		flat_end(&flat);
		fd = dump_file(&flat);
		assert_int_equal(vr_file_open(&file, fd, NULL), VR_OK);
		for (size_t i = 0; i < 1000; i++) {
			size_t k = i * 293;
			uint8_t byte;

			if (kind == 1)
				break;
			assert_int_equal(vr_file_pread(&file, kind ? k * 2 : (count - k) * 32 + 32,
						       &byte, 1),
					 VR_OK);
			assert_int_equal(byte, k % 251);
		}
		vr_file_close(&file);
		close(fd);
		dump_free(&flat);
	}
}

static void test_bit_flips(void **state)
{
	uint64_t x = 88172645463325252ull;
	size_t opened = 0;

	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct dump d =
			dump_build((struct dump_spec){.elf = elf, .flags = elf ? 0 : PAGE_ZSTD});
		struct dump flat = flat_of(&d);
		int fd = dump_file(&flat);

		for (int round = 0; round < 1500; round++) {
			size_t where[3];
			struct vr_image *image;
			struct vr_page *page;

			for (size_t k = 0; k < 3; k++) {
				uint8_t byte;

				where[k] = next_random(&x) % (k ? flat.len - 4096 : 9000) + 4096;
				byte = flat.data[where[k]] ^ (uint8_t)(1u << next_random(&x) % 8);
				assert_int_equal(pwrite(fd, &byte, 1, (off_t)where[k]), 1);
			}
			if (!vr_image_open(fd, 1, NULL, &image, NULL)) {
				opened++;
				for (uint64_t pfn = 0; pfn < 45; pfn++)
					vr_image_page(image, pfn, &page);
				vr_image_close(image);
			}
			for (size_t k = 0; k < 3; k++)
				assert_int_equal(
					pwrite(fd, &flat.data[where[k]], 1, (off_t)where[k]), 1);
		}
		close(fd);
		dump_free(&flat);
		dump_free(&d);
	}
	assert_true(opened > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),      cmocka_unit_test(test_any_records),
		cmocka_unit_test(test_truncation),   cmocka_unit_test(test_forged_records),
		cmocka_unit_test(test_refused),      cmocka_unit_test(test_large),
		cmocka_unit_test(test_many_records), cmocka_unit_test(test_bit_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
