// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/build_id.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

bool vr_build_id_of_notes(const void *notes, size_t len, struct vr_build_id *id)
{
	const uint8_t *p = notes;
	size_t at = 0;

	*id = (struct vr_build_id){0};
	while (vr_range_ok(at, sizeof(Elf64_Nhdr), len)) {
		uint32_t name_size = vr_load32(p + at), size = vr_load32(p + at + 4);
		uint32_t type = vr_load32(p + at + 8);
		size_t name = at + sizeof(Elf64_Nhdr), body;

		if (!vr_range_ok(name, name_size, len))
			return false;
		body = name + align4(name_size);
		if (!vr_range_ok(body, size, len))
			return false;
		if (type == NT_GNU_BUILD_ID && name_size == sizeof(ELF_NOTE_GNU) &&
		    !memcmp(p + name, ELF_NOTE_GNU, name_size) && size && size <= VR_BUILD_ID_MAX) {
			memcpy(id->bytes, p + body, size);
			id->len = size;
			return true;
		}
		at = body + align4(size);
	}
	return false;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool vr_build_id_parse(const char *text, struct vr_build_id *id)
{
	size_t len = strlen(text);

	*id = (struct vr_build_id){0};
	if (!len || len % 2 || len / 2 > VR_BUILD_ID_MAX)
		return false;
	for (size_t i = 0; i < len / 2; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		id->bytes[i] = (uint8_t)(high << 4 | low);
	}
	id->len = len / 2;
	return true;
}

char *vr_build_id_text(const struct vr_build_id *id, char buf[VR_BUILD_ID_TEXT])
{
	snprintf(buf, VR_BUILD_ID_TEXT, "none");
	for (size_t i = 0; i < id->len && i < VR_BUILD_ID_MAX; i++)
		snprintf(buf + 2 * i, 3, "%02x", id->bytes[i]);
	return buf;
}

bool vr_build_id_equal(const struct vr_build_id *a, const struct vr_build_id *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}
