// SPDX-License-Identifier: GPL-2.0-or-later
#include "type/name_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/namehash.h"

/*
 * GCC puts a string into the entry itself where a reference would be as long: up to 4 bytes with the
 * NUL (find_AT_string_form() of its dwarf2out.c).
 */
#define INLINE_MAX 3
#define BITS_MIN ((size_t)1024)

/* Some bits for each name (Bloom, 1970), of so many that one in two hundred is taken for there in vain. */
#define BITS_EACH 4

struct vr_name_filter {
	uint64_t seed;
	size_t mask;
	uint64_t *bits;
};

/* What the strings say of themselves. */
struct signs {
	bool known;       /* a compiler that is known to put names there */
	bool inlines;     /* but it was told not to */
	bool tail, whole; /* a base type's name, and one that ends with it */
};

/* Where the n-th bit of a name is. */
static size_t place(const struct vr_name_filter *filter, uint64_t hash, unsigned n)
{
	return (hash + n * (hash >> 32 | 1)) & filter->mask;
}

static bool is(const char *text, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(text, what, len);
}

/* text ends with a NUL. */
static void note(struct signs *signs, const char *text, size_t len)
{
	static const char gcc[] = "GNU C", clang[] = "clang version ";

	signs->tail |= is(text, len, "char");
	signs->whole |= is(text, len, "unsigned char");
	/* DW_AT_producer: GCC's has its options. */
	if (!strncmp(text, gcc, sizeof(gcc) - 1)) {
		signs->known = true;
		signs->inlines |=
			strstr(text, " -fno-merge-debug-strings") || strstr(text, " -gdwarf64");
	} else if (!signs->known && len >= sizeof(clang) && strstr(text, clang)) {
		signs->known = true;
	}
}

static void read_strings(struct vr_name_filter *filter, const struct vr_bytes *strings,
			 struct signs *signs)
{
	const char *p = strings->data, *end = p + strings->len, *nul;

	for (; p < end && (nul = memchr(p, 0, (size_t)(end - p))); p = nul + 1) {
		size_t len = (size_t)(nul - p);
		uint64_t hash = vr_namehash(filter->seed, p, len);

		for (unsigned n = 0; n < BITS_EACH; n++)
			filter->bits[place(filter, hash, n) / 64] |= 1ull
								     << place(filter, hash, n) % 64;
		note(signs, p, len);
	}
}

struct vr_name_filter *vr_name_filter_new(const struct vr_bytes *strings)
{
	struct vr_name_filter *filter = calloc(1, sizeof(*filter));
	struct signs signs = {0};
	size_t bits = BITS_MIN;

	if (!filter)
		return NULL;
	/* Some fifteen a string; of most there are several. */
	while (bits < strings->len && bits <= SIZE_MAX / 4)
		bits *= 2;
	filter->seed = vr_namehash_seed();
	filter->mask = bits - 1;
	filter->bits = calloc(bits / 64, sizeof(*filter->bits));
	if (filter->bits)
		read_strings(filter, strings, &signs);
	/* A linker that shares ends leaves no "char" beside "unsigned char". */
	if (filter->bits && signs.known && !signs.inlines && signs.tail && signs.whole)
		return filter;
	vr_name_filter_free(filter);
	return NULL;
}

void vr_name_filter_free(struct vr_name_filter *filter)
{
	if (filter)
		free(filter->bits);
	free(filter);
}

bool vr_name_filter_has(const struct vr_name_filter *filter, const char *name, size_t len)
{
	uint64_t hash;

	if (len <= INLINE_MAX)
		return true;
	hash = vr_namehash(filter->seed, name, len);
	for (unsigned n = 0; n < BITS_EACH; n++)
		if (!(filter->bits[place(filter, hash, n) / 64] >> place(filter, hash, n) % 64 & 1))
			return false;
	return true;
}
