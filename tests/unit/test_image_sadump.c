// SPDX-License-Identifier: GPL-2.0-or-later
/* sadump: each page is the right one, and what can't be right is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bits.h"
#include "image/image.h"
#include "image_builder.h"

#define BLOCK 4096ull
#define MAX_PFN 70000u /* more than two granules of the bitmap */
#define BITMAP_BLOCKS 3u
#define DATA (3 * BLOCK + 2 * BITMAP_BLOCKS * BLOCK)

/* Runs, single pages, and the borders of bytes and granules. */
static bool is_stored(uint64_t pfn)
{
	return pfn == 0 || (pfn >= 13 && pfn < 45) || pfn % 911 == 5 ||
	       (pfn >= 32766 && pfn < 32771) || (pfn >= 65535 && pfn < 65540) || pfn == MAX_PFN - 1;
}

static void put32(struct dump *d, size_t off, uint32_t value)
{
	dump_put_at(d, off, &value, 4);
}

static struct dump build(void)
{
	struct dump d = {0};
	uint32_t magic = 1;
	uint64_t stored = 0, max = MAX_PFN, efer = 1 << 10;

	dump_put_at(&d, 0, "sadump\0\0", 8);
	for (size_t off = 168; off < BLOCK; off += 4, magic = 11 * (magic + 7))
		put32(&d, off, magic);
	dump_put_at(&d, BLOCK, "sadump\0\0", 8);
	put32(&d, BLOCK + 8, 1);
	put32(&d, BLOCK + 40, BLOCK);
	put32(&d, BLOCK + 48, 1);
	put32(&d, BLOCK + 52, BITMAP_BLOCKS);
	put32(&d, BLOCK + 56, BITMAP_BLOCKS);
	put32(&d, BLOCK + 80, 1);
	dump_put_at(&d, BLOCK + 88, &max, 8);
	put32(&d, 2 * BLOCK, 1024);
	dump_put_at(&d, 2 * BLOCK + 20 + 992, &efer, 8);
	dump_put_at(&d, DATA, "", 0);
	for (uint64_t pfn = 0; pfn < MAX_PFN; pfn++) {
		if (!is_stored(pfn))
			continue;
		d.data[DATA - BITMAP_BLOCKS * BLOCK + pfn / 8] |= (uint8_t)(0x80 >> pfn % 8);
		dump_put_at(&d, DATA + stored * BLOCK + 8, &pfn, 8);
		dump_put_at(&d, DATA + ++stored * BLOCK, "", 0);
	}
	return d;
}

/* The image, of which there is one at a time, and the file that it reads. */
static int fd = -1;

static enum vr_err try_open(struct dump *d, struct vr_image **image, struct vr_error *err)
{
	if (fd >= 0)
		close(fd);
	fd = dump_file(d);
	return vr_image_open(fd, 0, NULL, image, err);
}

static void test_pages(void **state)
{
	struct dump d = build();
	struct vr_image *image;
	struct vr_error err = {0};
	uint64_t stored = 0;

	(void)state;
	assert_int_equal(try_open(&d, &image, &err), VR_OK);
	for (uint64_t pfn = 0; pfn < MAX_PFN; pfn++) {
		struct vr_page *page;
		enum vr_page_status status = vr_image_page(image, pfn, &page);

		assert_int_equal(status, is_stored(pfn) ? VR_PAGE_OK : VR_PAGE_EXCLUDED);
		if (status == VR_PAGE_OK) {
			assert_int_equal(vr_load64(page->data + 8), pfn);
			stored++;
		}
	}
	assert_string_equal(vr_image_info(image)->format, "sadump");
	assert_int_equal(vr_image_info(image)->machine, EM_X86_64);
	assert_int_equal(vr_image_info(image)->stored_pages, stored);
	assert_false(vr_image_info(image)->incomplete);
	vr_image_close(image);
	/* The last pages are gone. */
	d.len -= BLOCK + 1;
	assert_int_equal(try_open(&d, &image, &err), VR_OK);
	assert_true(vr_image_info(image)->incomplete);
	assert_int_equal(vr_image_read(image, 0, &stored, 8, NULL), VR_PAGE_OK);
	assert_int_equal(vr_image_read(image, (MAX_PFN - 1) * BLOCK, &stored, 8, NULL),
			 VR_PAGE_DAMAGED);
	vr_image_close(image);
	dump_free(&d);
}

static void refuse(size_t off, uint32_t value, enum vr_err kind)
{
	struct dump d = build();
	struct vr_image *image;
	struct vr_error err = {0};

	put32(&d, off, value);
	assert_int_equal(try_open(&d, &image, &err), kind);
	if (!kind)
		vr_image_close(image);
	dump_free(&d);
}

static void test_headers(void **state)
{
	(void)state;
	refuse(152, 1, VR_UNSUPPORTED); /* a disk of a set */
	refuse(168, 7, VR_UNSUPPORTED);
	refuse(BLOCK, 0, VR_CORRUPT);
	refuse(BLOCK + 40, 512, VR_CORRUPT);
	refuse(BLOCK + 48, UINT32_MAX, VR_CORRUPT);
	refuse(BLOCK + 52, UINT32_MAX, VR_CORRUPT);
	refuse(BLOCK + 56, UINT32_MAX, VR_CORRUPT);
	refuse(BLOCK + 56, 2, VR_CORRUPT); /* too small a bitmap */
	refuse(BLOCK + 88, 0, VR_CORRUPT);
	refuse(BLOCK + 92, 0x7fffffff, VR_CORRUPT);
	/* Whether it is in 64-bit mode isn't said. */
	refuse(BLOCK + 80, UINT32_MAX, VR_OK);
	refuse(2 * BLOCK, 3, VR_OK);
}

static void test_cut_and_flipped(void **state)
{
	struct dump d = build();
	size_t len = d.len;

	(void)state;
	srand(4711);
	for (int i = 0; i < 400; i++) {
		size_t at = (size_t)rand() % (i % 2 ? DATA : BLOCK + 128);
		uint8_t byte = d.data[at];
		struct vr_image *image;
		struct vr_error err = {0};
		uint64_t value;

		d.data[at] ^= (uint8_t)(1 << rand() % 8);
		d.len = i % 4 ? len : (size_t)rand() % len + 1;
		if (try_open(&d, &image, &err) == VR_OK) {
			for (uint64_t pfn = 0; pfn < MAX_PFN; pfn += 1 + (uint64_t)rand() % 999)
				vr_image_read(image, pfn * BLOCK, &value, 8, NULL);
			vr_image_close(image);
		}
		d.data[at] = byte;
		d.len = len;
	}
	dump_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_cut_and_flipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
