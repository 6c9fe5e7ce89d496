// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "base/bits.h"
#include "image/image.h"
#include "image_builder.h"

static const uint32_t all_flags[] = {PAGE_RAW, PAGE_ZLIB, PAGE_LZO, PAGE_SNAPPY, PAGE_ZSTD};
static const char *const flag_names[] = {"none", "zlib", "lzo", "snappy", "zstd"};

/* An opened dump with its file. */
struct opened {
	struct dump dump;
	int fd;
	struct vr_image *image;
};

static struct vr_image *open_fd(int fd, size_t cache)
{
	struct vr_image *image;
	struct vr_error err = {0};

	if (vr_image_open(fd, cache, NULL, &image, &err))
		fail_msg("open: %s (%s)", err.text, vr_err_name(err.kind));
	return image;
}

static struct opened open_dump(struct dump_spec spec, size_t cache)
{
	struct opened o = {.dump = dump_build(spec)};

	o.fd = dump_file(&o.dump);
	o.image = open_fd(o.fd, cache);
	return o;
}

static void close_dump(struct opened *o)
{
	vr_image_close(o->image);
	close(o->fd);
	dump_free(&o->dump);
}

static void assert_page(struct vr_image *image, uint64_t pfn, uint32_t page_size)
{
	uint8_t *want = malloc(page_size);
	struct vr_page *page = NULL;

	assert_non_null(want);
	dump_page_fill(pfn, want, page_size);
	assert_int_equal(vr_image_page(image, pfn, &page), VR_PAGE_OK);
	assert_int_equal(page->pfn, pfn);
	assert_memory_equal(page->data, want, page_size);
	free(want);
}

static void check_all_pages(struct opened *o)
{
	const struct dump_spec *spec = &o->dump.spec;
	struct vr_page *page;

	for (uint64_t pfn = 0; pfn < spec->max_pfn; pfn++) {
		if (dump_page_stored(pfn))
			assert_page(o->image, pfn, spec->page_size);
		else
			assert_int_equal(vr_image_page(o->image, pfn, &page), VR_PAGE_EXCLUDED);
	}
	assert_int_equal(vr_image_page(o->image, spec->max_pfn, &page), VR_PAGE_EXCLUDED);
	assert_int_equal(vr_image_page(o->image, UINT64_MAX, &page), VR_PAGE_EXCLUDED);
}

static void check_info(struct opened *o, const char *compression)
{
	const struct vr_image_info *info = vr_image_info(o->image);

	assert_string_equal(info->format, o->dump.spec.elf ? "elf" : "kdump-compressed");
	assert_string_equal(info->compression, compression);
	assert_int_equal(info->machine, EM_X86_64);
	assert_int_equal(info->page_size, o->dump.spec.page_size);
	assert_int_equal(info->max_pfn, o->dump.spec.max_pfn);
	assert_int_equal(info->stored_pages, o->dump.stored);
	assert_false(info->incomplete);
	assert_null(info->incomplete_why);
	assert_string_equal(info->release, o->dump.spec.elf ? "" : "6.1.0-test");
}

static void test_kdump_codecs(void **state)
{
	static const uint32_t sizes[] = {4096, 16384, 65536};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(all_flags); i++) {
		for (size_t k = 0; k < VR_ARRAY_SIZE(sizes); k++) {
			struct opened o = open_dump(
				(struct dump_spec){.flags = all_flags[i], .page_size = sizes[k]},
				0);

			check_info(&o, flag_names[i]);
			check_all_pages(&o);
			assert_int_equal(vr_image_counts(o.image)->read, o.dump.stored);
			assert_int_equal(vr_image_counts(o.image)->excluded,
					 40 - o.dump.stored + 2);
			close_dump(&o);
		}
	}
}

static void test_kdump_versions(void **state)
{
	(void)state;
	for (uint32_t version = 1; version <= 6; version++) {
		struct opened o =
			open_dump((struct dump_spec){.flags = PAGE_LZO, .version = version}, 0);
		const char *text = vr_image_vmcoreinfo(o.image);
		size_t notes;

		check_all_pages(&o);
		vr_image_notes(o.image, &notes);
		assert_int_equal(notes, version >= 4 ? 2 : 0);
		if (version >= 3)
			assert_string_equal(text, DUMP_VMCOREINFO);
		else
			assert_null(text);
		close_dump(&o);
	}
}

/* More pages than bits in several granules and file blocks. */
static void test_kdump_many_pages(void **state)
{
	struct opened o = open_dump((struct dump_spec){.flags = PAGE_ZSTD, .max_pfn = 5000}, 0);

	(void)state;
	check_all_pages(&o);
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t pfn = i * 2971 % 5000;

		if (dump_page_stored(pfn))
			assert_page(o.image, pfn, 4096);
	}
	close_dump(&o);
}

static void test_elf(void **state)
{
	struct opened o = open_dump((struct dump_spec){.elf = true}, 0);

	(void)state;
	check_info(&o, "none");
	check_all_pages(&o);
	close_dump(&o);
}

static void test_notes(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct opened o = open_dump((struct dump_spec){.elf = elf}, 0);
		size_t count;
		const struct vr_note *notes = vr_image_notes(o.image, &count);

		assert_int_equal(count, 2);
		assert_string_equal(notes[0].name, "CORE");
		assert_int_equal(notes[0].type, NT_PRSTATUS);
		assert_int_equal(notes[0].desc_len, 336);
		assert_int_equal(notes[0].desc[335], 0x5a);
		assert_string_equal(notes[1].name, "VMCOREINFO");
		assert_string_equal(vr_image_vmcoreinfo(o.image), DUMP_VMCOREINFO);
		close_dump(&o);
	}
}

static void test_read_across_pages(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct opened o = open_dump((struct dump_spec){.elf = elf, .flags = PAGE_ZLIB}, 0);
		uint8_t want[3 * 4096], got[3 * 4096];
		uint64_t bad = 1;

		for (uint64_t i = 0; i < 3; i++)
			dump_page_fill(5 + i, want + i * 4096, 4096);
		assert_int_equal(vr_image_read(o.image, 5 * 4096 + 7, got, 3 * 4096 - 9, &bad),
				 VR_PAGE_OK);
		assert_memory_equal(got, want + 7, 3 * 4096 - 9);
		assert_int_equal(vr_image_read(o.image, 7 * 4096 + 4000, got, 97, &bad),
				 VR_PAGE_EXCLUDED);
		assert_int_equal(bad, 8 * 4096);
		assert_int_equal(vr_image_read(o.image, 8 * 4096 + 5, got, 1, NULL),
				 VR_PAGE_EXCLUDED);
		assert_int_equal(vr_image_read(o.image, UINT64_MAX - 3, got, 100, &bad),
				 VR_PAGE_EXCLUDED);
		assert_int_equal(bad, UINT64_MAX - 3);
		assert_int_equal(vr_image_read(o.image, 1 << 30, got, 0, &bad), VR_PAGE_OK);
		close_dump(&o);
	}
}

/* The smallest cache against the pages themselves, and against what a TLB would believe. */
static void test_eviction(void **state)
{
	struct opened o = open_dump((struct dump_spec){.flags = PAGE_LZO, .max_pfn = 600}, 1);
	struct held {
		struct vr_page *page;
		uint64_t pfn, generation;
	} held[100] = {0};
	uint64_t x = 88172645463325252ull;
	uint64_t kept = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t want[4096];
		struct vr_page *page;
		struct held *h = &held[i % 100];
		struct held previous = held[(i + 99) % 100];
		uint64_t pfn;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pfn = x % 600 / 5 * 5 + x % 3;
		dump_page_fill(pfn, want, sizeof(want));
		assert_int_equal(vr_image_page(o.image, pfn, &page), VR_PAGE_OK);
		assert_memory_equal(page->data, want, sizeof(want));
		*h = (struct held){page, pfn, page->generation};
		if (i > 0)
			assert_int_equal(previous.page->generation, previous.generation);
		for (size_t k = 0; k < 100 && i >= 100; k++) {
			if (held[k].page->generation != held[k].generation)
				continue;
			kept++;
			assert_int_equal(held[k].page->pfn, held[k].pfn);
			if (i % 64 == 0) {
				dump_page_fill(held[k].pfn, want, sizeof(want));
				assert_memory_equal(held[k].page->data, want, sizeof(want));
			}
		}
	}
	assert_true(kept > 0);
	assert_true(vr_image_counts(o.image)->read > 1000);
	close_dump(&o);
}

/* 64 slots at least and at most, whatever less is asked for; a failing read costs none of them. */
static void test_cache_bound(void **state)
{
	struct opened o = open_dump((struct dump_spec){.max_pfn = 600}, 1);
	uint8_t *low = NULL, *high = NULL;
	uint64_t before;

	(void)state;
	for (uint64_t pfn = 0; pfn < 600; pfn++) {
		struct vr_page *page;

		if (vr_image_page(o.image, pfn, &page) != VR_PAGE_OK)
			continue;
		low = !low || page->data < low ? page->data : low;
		high = !high || page->data > high ? page->data : high;
	}
	assert_int_equal(high - low, 63 * 4096);
	for (int round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 60; i++)
			assert_page(o.image, i / 3 * 5 + i % 3, 4096);
	}
	before = vr_image_counts(o.image)->read;
	for (uint64_t i = 0; i < 60; i++) {
		struct vr_page *page;

		assert_int_equal(vr_image_page(o.image, i * 5 + 3, &page), VR_PAGE_EXCLUDED);
		assert_page(o.image, i / 3 * 5 + i % 3, 4096);
	}
	assert_int_equal(vr_image_counts(o.image)->read, before);
	close_dump(&o);
}

/* Two pages asked for in turn stay, even when all others were used as lately and it is their turn.
 */
static void test_last_pages_stay(void **state)
{
	(void)state;
	for (uint64_t slot = 0; slot < 64; slot += 63) {
		struct opened o = open_dump((struct dump_spec){.max_pfn = 600}, 1);
		uint64_t first = slot / 3 * 5 + slot % 3;
		uint64_t second = (63 - slot) / 3 * 5 + (63 - slot) % 3;
		struct vr_page *before, *last, *other;
		uint64_t before_generation, last_generation;

		for (uint64_t i = 0; i < 128; i++)
			assert_page(o.image, i % 64 / 3 * 5 + i % 64 % 3, 4096);
		assert_int_equal(vr_image_page(o.image, first, &before), VR_PAGE_OK);
		before_generation = before->generation;
		assert_int_equal(vr_image_page(o.image, second, &last), VR_PAGE_OK);
		last_generation = last->generation;
		assert_int_equal(vr_image_page(o.image, 500, &other), VR_PAGE_OK);
		assert_int_equal(before->generation, before_generation);
		assert_int_equal(last->generation, last_generation);
		close_dump(&o);
	}
}

static void test_fork(void **state)
{
	struct opened o = open_dump((struct dump_spec){.flags = PAGE_ZSTD, .max_pfn = 300}, 1);
	pid_t child;
	int status;

	(void)state;
	assert_page(o.image, 2, 4096);
	child = fork();
	if (child == 0) {
		for (uint64_t pfn = 0; pfn < 300; pfn++) {
			uint8_t want[4096];
			struct vr_page *page;

			dump_page_fill(pfn, want, sizeof(want));
			if (dump_page_stored(pfn) &&
			    (vr_image_page(o.image, pfn, &page) != VR_PAGE_OK ||
			     memcmp(page->data, want, sizeof(want)) != 0))
				_exit(1);
		}
		_exit(0);
	}
	check_all_pages(&o);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close_dump(&o);
}

static void test_incomplete_marks(void **state)
{
	(void)state;
	for (int elf = 0; elf < 2; elf++) {
		struct dump d = dump_build((struct dump_spec){.elf = elf, .flags = PAGE_LZO});
		struct vr_image *image;
		int fd;

		if (elf)
			dump_set32(&d, 48, 1);
		else
			dump_set32(&d, 424, PAGE_LZO | 8);
		fd = dump_file(&d);
		image = open_fd(fd, 0);
		assert_true(vr_image_info(image)->incomplete);
		assert_non_null(strstr(vr_image_info(image)->incomplete_why, "marked"));
		vr_image_close(image);
		close(fd);
		dump_free(&d);
	}
}

/* QEMU leaves the utsname empty, machines are known by it else. */
static void test_kdump_utsname(void **state)
{
	static const struct {
		const char *name;
		uint16_t machine;
	} machines[] = {{"", EM_NONE}, {"aarch64", EM_AARCH64}, {"s390x", EM_S390}};

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(machines); i++) {
		struct dump d = dump_build((struct dump_spec){0});
		struct vr_image *image;
		int fd;

		memset(d.data + 12, 0, 390);
		strcpy((char *)d.data + 272, machines[i].name);
		fd = dump_file(&d);
		image = open_fd(fd, 0);
		assert_int_equal(vr_image_info(image)->machine, machines[i].machine);
		assert_string_equal(vr_image_info(image)->release, "");
		vr_image_close(image);
		close(fd);
		dump_free(&d);
	}
}

/* An ELF dump of given segments, with nothing else in it. */
static struct dump build_segments(const Elf64_Phdr *phdrs, size_t count, size_t data_len)
{
	struct dump d = {.phdr_off = 64};

	dump_elf_header(&d, d.phdr_off, (uint16_t)count);
	for (size_t i = 0; i < count; i++)
		dump_phdr(&d, i, phdrs[i]);
	dump_put_at(&d, 1024, "", 0);
	for (size_t i = 0; i < data_len; i++)
		dump_put(&d, &(uint8_t){(uint8_t)(i * 7 / 3 + 1)}, 1);
	return d;
}

static uint8_t segment_byte(size_t i)
{
	return (uint8_t)(i * 7 / 3 + 1);
}

/* Pages that lie across two segments, out of order, overlapping, or only in part. */
static void test_elf_segments(void **state)
{
	static const Elf64_Phdr phdrs[] = {
		/* 0x5000-0x6000 with 0x800 behind them, lying before the others in memory */
		{PT_LOAD, 0, 1024 + 0x3000, 0, 0x5000, 0x1000, 0x1800, 0},
		/* 0x1000-0x1900 and 0x1900-0x3000: page 1 is in both */
		{PT_LOAD, 0, 1024 + 0x900, 0, 0x1900, 0x1700, 0x1700, 0},
		{PT_LOAD, 0, 1024, 0, 0x1000, 0x900, 0x900, 0},
		/* the kernel's text once more on top of it, as kexec does, with a page of its own
		 */
		{PT_LOAD, 0, 1024 + 0x1000, 0xffffffff81000000, 0x2000, 0x2000, 0x2000, 0},
		/* half a page */
		{PT_LOAD, 0, 1024, 0, 0x8000, 0x800, 0x800, 0},
		{PT_LOAD, 0, 1024, 0, UINT64_MAX, 0x1000, 0x1000, 0},
	};
	struct dump d = build_segments(phdrs, VR_ARRAY_SIZE(phdrs), 0x4000);
	int fd = dump_file(&d);
	struct vr_image *image = open_fd(fd, 0);
	struct vr_page *page;
	uint8_t buf[0x3000];

	(void)state;
	assert_int_equal(vr_image_info(image)->max_pfn, 9);
	assert_int_equal(vr_image_info(image)->stored_pages, 4);
	assert_int_equal(vr_image_read(image, 0x1000, buf, sizeof(buf), NULL), VR_PAGE_OK);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], segment_byte(i));
	assert_int_equal(vr_image_page(image, 0, &page), VR_PAGE_EXCLUDED);
	assert_int_equal(vr_image_page(image, 4, &page), VR_PAGE_EXCLUDED);
	assert_int_equal(vr_image_page(image, 5, &page), VR_PAGE_OK);
	assert_int_equal(page->data[0], segment_byte(0x3000));
	assert_int_equal(vr_image_page(image, 6, &page), VR_PAGE_EXCLUDED);
	assert_int_equal(vr_image_page(image, 8, &page), VR_PAGE_EXCLUDED);
	assert_false(vr_image_info(image)->incomplete);
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

/* More segments than e_phnum can say, their headers behind the data. */
static void test_elf_many_segments(void **state)
{
	const uint32_t count = 70000;
	struct dump d = {0};
	Elf64_Shdr shdr = {.sh_info = count};
	struct vr_image *image;
	int fd;

	(void)state;
	dump_elf_header(&d, 8192, PN_XNUM);
	dump_set64(&d, 40, 64);
	dump_put_at(&d, 64, &shdr, sizeof(shdr));
	for (size_t i = 0; i < 4096 + 256; i++)
		dump_put_at(&d, 1024 + i, &(uint8_t){segment_byte(i)}, 1);
	d.phdr_off = 8192;
	for (uint32_t i = 0; i < count; i++)
		dump_phdr(&d, count - 1 - i,
			  (Elf64_Phdr){.p_type = PT_LOAD,
				       .p_offset = 1024 + i % 256,
				       .p_paddr = (uint64_t)i * 8192,
				       .p_filesz = 4096,
				       .p_memsz = 8192});
	fd = dump_file(&d);
	image = open_fd(fd, 0);
	assert_int_equal(vr_image_info(image)->stored_pages, count);
	for (uint32_t i = 0; i < count; i += 999) {
		struct vr_page *page;

		assert_int_equal(vr_image_page(image, (uint64_t)i * 2, &page), VR_PAGE_OK);
		assert_int_equal(page->data[99], segment_byte(i % 256 + 99));
		assert_int_equal(vr_image_page(image, (uint64_t)i * 2 + 1, &page),
				 VR_PAGE_EXCLUDED);
	}
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

/* A machine of 8 TiB: the directory's granules grow, memory use doesn't. */
static void test_kdump_huge_machine(void **state)
{
	const uint64_t max_pfn = (uint64_t)1 << 31;
	const uint64_t bitmap_len = max_pfn / 8;
	static const uint64_t pfns[] = {0, 2047, 2048, 5000000, 1073741824, 2147483647};
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct dump head = dump_build((struct dump_spec){.max_pfn = 8});
	uint64_t desc_off = 8192 + 2 * bitmap_len;
	uint64_t data_off = desc_off + sizeof(pfns) / sizeof(pfns[0]) * 24;
	struct vr_image *image;

	(void)state;
	dump_set32(&head, 436, (uint32_t)(2 * bitmap_len / 4096));
	dump_set32(&head, 440, (uint32_t)max_pfn);
	dump_set64(&head, 4096 + 96, max_pfn);
	assert_int_equal(pwrite(fd, head.data, 8192, 0), 8192);
	for (size_t i = 0; i < VR_ARRAY_SIZE(pfns); i++) {
		uint64_t at = 8192 + bitmap_len + pfns[i] / 8;
		uint64_t desc[3] = {data_off + i * 4096, 4096, 0};
		uint8_t page[4096], byte;

		byte = (uint8_t)(1u << pfns[i] % 8);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		assert_int_equal(pwrite(fd, desc, 24, (off_t)(desc_off + i * 24)), 24);
		dump_page_fill(pfns[i], page, 4096);
		assert_int_equal(pwrite(fd, page, 4096, (off_t)desc[0]), 4096);
	}
	image = open_fd(fd, 0);
	assert_int_equal(vr_image_info(image)->stored_pages, VR_ARRAY_SIZE(pfns));
	for (size_t i = 0; i < VR_ARRAY_SIZE(pfns); i++) {
		struct vr_page *page;

		assert_page(image, pfns[i], 4096);
		assert_int_equal(vr_image_page(image, pfns[i] ^ 4, &page), VR_PAGE_EXCLUDED);
	}
	vr_image_close(image);
	close(fd);
	dump_free(&head);
}

/* Page data behind the first 4 GiB of the file. */
static void test_kdump_large_file(void **state)
{
	const uint64_t gap = (uint64_t)9 << 30;
	struct dump d = dump_build((struct dump_spec){.flags = PAGE_ZSTD, .max_pfn = 600});
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct opened o = {.dump = d, .fd = fd};

	(void)state;
	for (size_t i = 0; i < d.stored; i++) {
		size_t desc = d.desc_off + i * DUMP_DESC_SIZE;

		dump_set64(&d, desc, vr_load64(d.data + desc) + gap);
	}
	assert_int_equal(pwrite(fd, d.data, d.data_off, 0), d.data_off);
	assert_int_equal(
		pwrite(fd, d.data + d.data_off, d.len - d.data_off, (off_t)(d.data_off + gap)),
		d.len - d.data_off);
	o.image = open_fd(fd, 0);
	assert_false(vr_image_info(o.image)->incomplete);
	check_all_pages(&o);
	close_dump(&o);
}

/* As a copy of a large machine's /proc/vmcore: memory above 4 GiB, at file offsets above that. */
static void test_elf_large_file(void **state)
{
	static const uint64_t at[] = {0x1000, (uint64_t)3 << 30, ((uint64_t)700 << 30) + 0x5000};
	const uint64_t size = (uint64_t)6 << 30;
	struct dump d = {.phdr_off = 64};
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct vr_image *image;
	uint64_t got;

	(void)state;
	dump_elf_header(&d, d.phdr_off, 3);
	for (size_t i = 0; i < 3; i++)
		dump_phdr(&d, i,
			  (Elf64_Phdr){.p_type = PT_LOAD,
				       .p_offset = 4096 + i * size,
				       .p_paddr = i == 1   ? at[1] + size
						  : i == 0 ? 0
							   : at[2],
				       .p_filesz = size,
				       .p_memsz = i == 2 ? (uint64_t)1 << 63 : size});
	assert_int_equal(pwrite(fd, d.data, d.len, 0), d.len);
	assert_int_equal(ftruncate(fd, (off_t)(4096 + 3 * size)), 0);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(pwrite(fd, &i, 8, (off_t)(4096 + i * size + size - 4096)), 8);
	image = open_fd(fd, 0);
	assert_false(vr_image_info(image)->incomplete);
	assert_int_equal(vr_image_info(image)->max_pfn, (at[2] + size) / 4096);
	assert_int_equal(vr_image_info(image)->stored_pages, 3 * size / 4096);
	assert_int_equal(vr_image_read(image, size - 4096, &got, 8, NULL), VR_PAGE_OK);
	assert_int_equal(got, 0);
	assert_int_equal(vr_image_read(image, at[1] + 2 * size - 4096, &got, 8, NULL), VR_PAGE_OK);
	assert_int_equal(got, 1);
	assert_int_equal(vr_image_read(image, at[2] + size - 4096, &got, 8, NULL), VR_PAGE_OK);
	assert_int_equal(got, 2);
	assert_int_equal(vr_image_read(image, at[2] + size, &got, 8, NULL), VR_PAGE_EXCLUDED);
	assert_int_equal(vr_image_read(image, size, &got, 8, NULL), VR_PAGE_EXCLUDED);
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}

#ifdef VR_LIBKDUMPFILE
/* An LKCD dump (version 9) with a page in three stored as it is, through libkdumpfile. */
static void test_lkcd(void **state)
{
	struct dump d = {0};
	struct vr_image *image;
	struct vr_page *page;
	uint8_t data[4096];
	int fd;

	(void)state;
	dump_put_at(&d, 0, "\xed\x23\x8f\x61\x73\x01\x19\xa8", 8);
	dump_set32(&d, 8, 9);
	dump_set32(&d, 12, 742);
	dump_set32(&d, 20, 4096);
	dump_put_at(&d, 324, "Linux", 5);
	dump_put_at(&d, 324 + 2 * 65, "6.1.0-test", 10);
	dump_put_at(&d, 324 + 4 * 65, "x86_64", 6);
	dump_set64(&d, 734, 65536);
	dump_put_at(&d, 65536, "", 0);
	for (uint64_t pfn = 0; pfn < 100; pfn += 3) {
		uint64_t addr = pfn * 4096;
		uint32_t size_flags[2] = {4096, 1};

		dump_page_fill(pfn, data, sizeof(data));
		dump_put(&d, &addr, sizeof(addr));
		dump_put(&d, size_flags, sizeof(size_flags));
		dump_put(&d, data, sizeof(data));
	}
	dump_put(&d, "\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0", 16);
	fd = dump_file(&d);
	image = open_fd(fd, 0);
	assert_string_equal(vr_image_info(image)->format, "lkcd");
	assert_string_equal(vr_image_info(image)->release, "6.1.0-test");
	assert_int_equal(vr_image_info(image)->machine, EM_X86_64);
	assert_int_equal(vr_image_info(image)->max_pfn, 100);
	for (uint64_t i = 0; i < 100; i++) {
		uint64_t pfn = i * 37 % 100;

		if (pfn % 3)
			assert_int_equal(vr_image_page(image, pfn, &page), VR_PAGE_EXCLUDED);
		else
			assert_page(image, pfn, 4096);
	}
	vr_image_close(image);
	close(fd);
	dump_free(&d);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kdump_codecs),
		cmocka_unit_test(test_kdump_versions),
		cmocka_unit_test(test_kdump_many_pages),
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_read_across_pages),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_cache_bound),
		cmocka_unit_test(test_last_pages_stay),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_incomplete_marks),
		cmocka_unit_test(test_kdump_utsname),
		cmocka_unit_test(test_elf_segments),
		cmocka_unit_test(test_elf_many_segments),
		cmocka_unit_test(test_kdump_huge_machine),
		cmocka_unit_test(test_kdump_large_file),
		cmocka_unit_test(test_elf_large_file),
#ifdef VR_LIBKDUMPFILE
		cmocka_unit_test(test_lkcd),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
