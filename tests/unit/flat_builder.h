/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened files for tests, of struct dump as a buffer of bytes. */
#ifndef TESTS_FLAT_BUILDER_H
#define TESTS_FLAT_BUILDER_H

#include "image_builder.h"

#define FLAT_HEADER_SIZE 4096u
#define FLAT_RECORD_SIZE 16u

static inline void flat_put_be64(struct dump *flat, uint64_t v)
{
	v = __builtin_bswap64(v);
	dump_put(flat, &v, sizeof(v));
}

static inline struct dump flat_begin(void)
{
	struct dump flat = {0};

	dump_put(&flat, "makedumpfile\0\0\0\0", 16);
	flat_put_be64(&flat, 1);
	flat_put_be64(&flat, 1);
	dump_put_at(&flat, FLAT_HEADER_SIZE, "", 0);
	return flat;
}

static inline void flat_record(struct dump *flat, uint64_t at, const void *data, size_t len)
{
	flat_put_be64(flat, at);
	flat_put_be64(flat, len);
	dump_put(flat, data, len);
}

static inline void flat_end(struct dump *flat)
{
	flat_put_be64(flat, UINT64_MAX);
	flat_put_be64(flat, UINT64_MAX);
}

/**
 * The dump as its writer would have sent it: headers, then data with the descriptors in between, in
 * records of several sizes, the sub-header last and once more. Bytes that are zeros between the
 * header's end and the sub-header are in no record.
 */
static inline struct dump flat_of(const struct dump *d)
{
	struct dump flat = flat_begin();
	size_t tables = d->spec.elf ? 0 : d->desc_off;
	size_t table_end = d->spec.elf ? 0 : d->data_off;
	size_t at = tables, data = table_end;
	uint32_t x = 12345;

	if (!d->spec.elf) {
		flat_record(&flat, 0, d->data, 464);
		/* a sub-header that is not yet what it will be */
		flat_record(&flat, d->spec.page_size, d->data + 464, 104);
		flat_record(&flat, d->spec.page_size + 104, d->data + d->spec.page_size + 104,
			    tables - d->spec.page_size - 104);
	}
	while (data < d->len || at < table_end) {
		bool desc = at < table_end && (x >> 16) % 4 == 0;
		size_t *from = desc || data == d->len ? &at : &data;
		size_t end = from == &at ? table_end : d->len;
		size_t len = (x >> 20) % 3 ? 1500 : (x >> 8) % 2000 + 1;

		len = len < end - *from ? len : end - *from;
		flat_record(&flat, *from, d->data + *from, len);
		*from += len;
		x = x * 1664525u + 1013904223u;
	}
	if (!d->spec.elf)
		flat_record(&flat, d->spec.page_size, d->data + d->spec.page_size, 104);
	flat_end(&flat);
	return flat;
}

#endif
