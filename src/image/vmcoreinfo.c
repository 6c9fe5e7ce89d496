// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/vmcoreinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* The kernel's is one page; a megabyte leaves room for whatever comes. */
#define TEXT_MAX ((size_t)1 << 20)
#define KEY_MAX 256
/* Sizes, offsets and lengths of the kernel's. */
#define LAYOUT_MAX (1u << 30)

struct entry {
	const char *key;
	const char *value;
	size_t line; /* of two lines with one key the first holds */
};

struct vr_vmcoreinfo {
	struct vr_arena arena;
	struct entry *entries; /* by key */
	size_t count;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Cut a copy of the text into lines, and those into keys and values. */
static void split_lines(struct vr_vmcoreinfo *info, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		info->entries[info->count] = (struct entry){line, equals + 1, info->count};
		info->count++;
	}
	qsort(info->entries, info->count, sizeof(*info->entries), compare_entries);
}

enum vr_err vr_vmcoreinfo_parse(const char *text, struct vr_vmcoreinfo **info, struct vr_error *err)
{
	size_t len = strnlen(text, TEXT_MAX + 1);
	struct vr_vmcoreinfo *made;
	size_t lines = 1;
	char *copy;

	*info = NULL;
	if (len > TEXT_MAX)
		return vr_error_set(err, VR_CORRUPT, "VMCOREINFO is longer than %zu bytes",
				    TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	made = calloc(1, sizeof(*made));
	if (!made)
		return vr_error_set(err, VR_NOMEM, "no memory for VMCOREINFO");
	copy = vr_arena_strndup(&made->arena, text, len);
	made->entries = vr_arena_calloc(&made->arena, lines, sizeof(*made->entries));
	if (!copy || !made->entries) {
		vr_vmcoreinfo_free(made);
		return vr_error_set(err, VR_NOMEM, "no memory for VMCOREINFO");
	}
	split_lines(made, copy);
	if (!vr_vmcoreinfo_get(made, "OSRELEASE")) {
		vr_vmcoreinfo_free(made);
		return vr_error_set(err, VR_CORRUPT, "VMCOREINFO has no OSRELEASE line");
	}
	*info = made;
	return VR_OK;
}

void vr_vmcoreinfo_free(struct vr_vmcoreinfo *info)
{
	if (!info)
		return;
	vr_arena_free(&info->arena);
	free(info);
}

const char *vr_vmcoreinfo_get(const struct vr_vmcoreinfo *info, const char *key)
{
	size_t low = 0, high = info->count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (strcmp(info->entries[i].key, key) < 0)
			low = i + 1;
		else
			high = i;
	}
	if (low == info->count || strcmp(info->entries[low].key, key) != 0)
		return NULL;
	return info->entries[low].value;
}

static const char *get_in(const struct vr_vmcoreinfo *info, const char *kind, const char *name)
{
	char key[KEY_MAX];
	int len = snprintf(key, sizeof(key), "%s(%s)", kind, name);

	return len > 0 && len < KEY_MAX ? vr_vmcoreinfo_get(info, key) : NULL;
}

/* All of text as digits of that base, within 64 bits. */
static bool parse_digits(const char *text, unsigned int base, uint64_t *value)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		char c = *text;
		unsigned int digit = 16;

		if (c >= '0' && c <= '9')
			digit = (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned int)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned int)(c - 'A') + 10;
		if (digit >= base || v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
	}
	*value = v;
	return true;
}

enum vr_err vr_vmcoreinfo_symbol(const struct vr_vmcoreinfo *info, const char *name, uint64_t *addr)
{
	const char *text = get_in(info, "SYMBOL", name);

	if (!text)
		return VR_ABSENT;
	return parse_digits(text, 16, addr) ? VR_OK : VR_CORRUPT;
}

enum vr_err vr_vmcoreinfo_number(const struct vr_vmcoreinfo *info, const char *name, int64_t *value)
{
	const char *text = get_in(info, "NUMBER", name);
	bool negative, ok;
	uint64_t v;

	if (!text)
		return VR_ABSENT;
	negative = *text == '-';
	text += negative;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		ok = parse_digits(text + 2, 16, &v);
	else
		ok = parse_digits(text, 10, &v);
	if (!ok || (negative && v > (uint64_t)INT64_MAX + 1))
		return VR_CORRUPT;
	*value = (int64_t)(negative ? 0 - v : v);
	return VR_OK;
}

enum vr_err vr_vmcoreinfo_layout(const struct vr_vmcoreinfo *info, const char *kind,
				 const char *name, uint32_t *value)
{
	const char *text = get_in(info, kind, name);
	uint64_t v;

	if (!text)
		return VR_ABSENT;
	if (!parse_digits(text, 10, &v) || v > LAYOUT_MAX)
		return VR_CORRUPT;
	*value = (uint32_t)v;
	return VR_OK;
}

bool vr_vmcoreinfo_next_symbol(const struct vr_vmcoreinfo *info, size_t *at, char *name,
			       size_t size, uint64_t *addr)
{
	static const char kind[] = "SYMBOL(";

	while (*at < info->count) {
		const struct entry *entry = &info->entries[(*at)++];
		const char *inner = entry->key + strlen(kind);

		if (strncmp(entry->key, kind, strlen(kind)) ||
		    !parse_digits(entry->value, 16, addr))
			continue;
		snprintf(name, size, "%.*s", (int)strcspn(inner, ")"), inner);
		return true;
	}
	return false;
}

uint64_t vr_vmcoreinfo_highest_symbol(const struct vr_vmcoreinfo *info, uint64_t from, uint64_t to)
{
	uint64_t highest = from, addr;

	for (size_t i = 0; i < info->count; i++)
		if (!strncmp(info->entries[i].key, "SYMBOL(", 7) &&
		    parse_digits(info->entries[i].value, 16, &addr) && addr > highest && addr < to)
			highest = addr;
	return highest;
}
