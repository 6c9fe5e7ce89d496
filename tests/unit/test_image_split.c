// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps in several files (makedumpfile --split): whole, with parts missing, mixed up, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bits.h"
#include "image/image.h"
#include "image_builder.h"

#define MAX_PFN 3000u

/* Borders in the middle of bitmap words and granules; one part has no page at all. */
static const uint64_t borders[] = {0, 17, 1024, 1024, 2063, MAX_PFN};
#define PARTS (VR_ARRAY_SIZE(borders) - 1)

struct set {
	struct dump dumps[PARTS];
	int fds[PARTS];
};

static struct dump part_build(uint32_t version, size_t i)
{
	return dump_build((struct dump_spec){.flags = PAGE_LZO,
					     .version = version,
					     .max_pfn = MAX_PFN,
					     .split = true,
					     .start_pfn = borders[i],
					     .end_pfn = borders[i + 1]});
}

static struct set set_build(uint32_t version)
{
	struct set set;

	for (size_t i = 0; i < PARTS; i++) {
		set.dumps[i] = part_build(version, i);
		set.fds[i] = dump_file(&set.dumps[i]);
	}
	return set;
}

static void set_free(struct set *set)
{
	for (size_t i = 0; i < PARTS; i++) {
		close(set->fds[i]);
		dump_free(&set->dumps[i]);
	}
}

static struct vr_image *open_all(const int *fds, size_t count)
{
	struct vr_image *image;
	struct vr_error err = {0};

	if (vr_image_open_files(fds, count, 0, NULL, &image, &err))
		fail_msg("%s", err.text);
	return image;
}

static size_t part_of(uint64_t pfn)
{
	size_t i = 0;

	while (pfn >= borders[i + 1])
		i++;
	return i;
}

/* given: bit by part; cut: likewise, parts without data. */
static void check_pages(struct vr_image *image, unsigned int given, unsigned int cut)
{
	for (uint64_t i = 0; i < 2 * MAX_PFN; i++) {
		uint64_t pfn = i < MAX_PFN ? i : i * 1409 % MAX_PFN;
		size_t part = part_of(pfn);
		enum vr_page_status want = VR_PAGE_EXCLUDED;
		uint8_t data[4096];
		struct vr_page *page;

		if (dump_page_stored(pfn) && given >> part & 1)
			want = cut >> part & 1 ? VR_PAGE_DAMAGED : VR_PAGE_OK;
		assert_int_equal(vr_image_page(image, pfn, &page), want);
		if (want)
			continue;
		dump_page_fill(pfn, data, sizeof(data));
		assert_memory_equal(page->data, data, sizeof(data));
	}
}

static void test_versions(void **state)
{
	static const size_t order[PARTS] = {3, 0, 4, 1, 2};

	(void)state;
	for (uint32_t version = 2; version <= 7; version++) {
		struct set set = set_build(version);
		struct vr_image *image;
		int fds[PARTS];
		size_t stored = 0;

		for (size_t i = 0; i < PARTS; i++) {
			fds[i] = set.fds[order[i]];
			stored += set.dumps[i].stored;
		}
		image = open_all(fds, PARTS);
		assert_string_equal(vr_image_info(image)->format, "kdump-compressed");
		assert_string_equal(vr_image_info(image)->compression, "lzo");
		assert_int_equal(vr_image_info(image)->stored_pages, stored);
		assert_false(vr_image_info(image)->incomplete);
		if (version >= 3)
			assert_string_equal(vr_image_vmcoreinfo(image), DUMP_VMCOREINFO);
		check_pages(image, 0x1f, 0);
		vr_image_close(image);
		set_free(&set);
	}
}

static void test_missing_parts(void **state)
{
	struct set set = set_build(6);

	(void)state;
	for (unsigned int given = 1; given < 0x1f; given++) {
		const char *why;
		struct vr_image *image;
		int fds[PARTS];
		size_t count = 0;

		for (size_t i = 0; i < PARTS; i++) {
			if (given >> i & 1)
				fds[count++] = set.fds[i];
		}
		image = open_all(fds, count);
		why = vr_image_info(image)->incomplete_why;
		/* nobody misses the part that is empty */
		assert_int_equal(vr_image_info(image)->incomplete, given != 0x1b);
		if (given == 0x1e)
			assert_string_equal(why, "11 pages, frames 0x0 to 0x10, are in a part of "
						 "the split dump that was not given");
		if (given == 0x0f)
			assert_non_null(strstr(why, "frames 0x80f to 0xbb7,"));
		if (given == 0x13)
			assert_non_null(strstr(why, "frames 0x400 to 0x80e,"));
		check_pages(image, given, 0);
		vr_image_close(image);
	}
	set_free(&set);
}

static void assert_refused(const int *fds, size_t count, enum vr_err kind, const char *text)
{
	struct vr_image *image;
	struct vr_error err = {0};

	assert_int_equal(vr_image_open_files(fds, count, 0, NULL, &image, &err), kind);
	assert_null(image);
	if (!strstr(err.text, text))
		fail_msg("wanted \"%s\", got \"%s\"", text, err.text);
}

static void test_wrong_sets(void **state)
{
	struct set set = set_build(6);
	struct dump other = part_build(6, 1);
	struct dump whole = dump_build((struct dump_spec){.max_pfn = MAX_PFN});
	struct dump elf = dump_build((struct dump_spec){.elf = true});
	int fds[VR_IMAGE_FILES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(fds); i++)
		fds[i] = set.fds[0];
	assert_refused(fds, 0, VR_UNSUPPORTED, "in 0 files");
	assert_refused(fds, VR_ARRAY_SIZE(fds), VR_UNSUPPORTED, "in 65 files");
	assert_refused(fds, 2, VR_CORRUPT, "given twice");
	/* another machine, or the same at another time */
	for (size_t i = 0; i < 2; i++) {
		other.data[i ? 142 : 408] ^= 1;
		fds[1] = dump_file(&other);
		assert_refused(fds, 2, VR_CORRUPT, "file 2: a part of another dump than file 1");
		close(fds[1]);
		other.data[i ? 142 : 408] ^= 1;
	}
	fds[1] = dump_file(&whole);
	assert_refused(fds, 2, VR_UNSUPPORTED, "file 2: a dump of its own");
	assert_refused((int[]){fds[1], fds[0]}, 2, VR_UNSUPPORTED, "file 1: a dump of its own");
	close(fds[1]);
	fds[1] = dump_file(&elf);
	assert_refused(fds, 2, VR_UNSUPPORTED, "file 2: not a part");
	assert_refused((int[]){fds[1], fds[0]}, 2, VR_UNSUPPORTED, "several files, and the first");
	close(fds[1]);
	fds[1] = bytes_file("KDUMP   ", 8);
	assert_refused(fds, 2, VR_CORRUPT, "file 2: the file ends within its kdump header");
	close(fds[1]);
	fds[1] = memfd_create("empty", MFD_CLOEXEC);
	assert_refused(fds, 2, VR_UNSUPPORTED, "file 2: an empty file");
	close(fds[1]);
	dump_set64(&other, 4096 + 80, 2000);
	fds[1] = dump_file(&other);
	assert_refused(fds, 2, VR_CORRUPT, "file 2: the kdump sub-header can't be right");
	close(fds[1]);
	dump_set64(&other, 4096 + 80, 17);
	dump_set64(&other, 4096 + 88, 100000);
	fds[1] = dump_file(&other);
	assert_refused(fds, 2, VR_CORRUPT, "file 2: the kdump sub-header can't be right");
	close(fds[1]);
	dump_free(&other);
	dump_free(&whole);
	dump_free(&elf);
	set_free(&set);
}

/* The bitmaps are those of a part that still has them. */
static void test_cut_parts(void **state)
{
	struct set set = set_build(6);
	struct vr_image *image;

	(void)state;
	assert_int_equal(ftruncate(set.fds[0], (off_t)set.dumps[0].bitmap_off + 5), 0);
	assert_int_equal(ftruncate(set.fds[1], (off_t)set.dumps[1].desc_off + 5), 0);
	image = open_all(set.fds, PARTS);
	assert_true(vr_image_info(image)->incomplete);
	assert_string_equal(vr_image_vmcoreinfo(image), DUMP_VMCOREINFO);
	check_pages(image, 0x1f, 3);
	vr_image_close(image);
	assert_refused(set.fds, 1, VR_CORRUPT, "the file ends within its page bitmaps");
	set_free(&set);
}

static void test_bit_flips(void **state)
{
	struct set set = set_build(6);
	uint64_t x = 88172645463325252ull;
	size_t opened = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t part = (size_t)round % PARTS;
		struct dump *d = &set.dumps[part];
		size_t where[2];
		struct vr_image *image;
		struct vr_page *page;

		for (size_t k = 0; k < 2; k++) {
			uint8_t byte;

			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			where[k] = k ? x % d->data_off : x % 2 ? 400 + x % 64 : 4096 + x % 104;
			byte = d->data[where[k]] ^ (uint8_t)(1u << (x >> 60) % 8);
			assert_int_equal(pwrite(set.fds[part], &byte, 1, (off_t)where[k]), 1);
		}
		if (!vr_image_open_files(set.fds, PARTS, 1, NULL, &image, NULL)) {
			opened++;
			for (uint64_t pfn = 0; pfn < MAX_PFN + 100; pfn += 13)
				vr_image_page(image, pfn, &page);
			vr_image_close(image);
		}
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(
				pwrite(set.fds[part], &d->data[where[k]], 1, (off_t)where[k]), 1);
	}
	assert_true(opened > 100);
	set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),   cmocka_unit_test(test_missing_parts),
		cmocka_unit_test(test_wrong_sets), cmocka_unit_test(test_cut_parts),
		cmocka_unit_test(test_bit_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
