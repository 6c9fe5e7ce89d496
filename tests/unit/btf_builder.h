/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small BTF blobs made in a test: types one after another, each call giving the id. */
#ifndef TESTS_BTF_BUILDER_H
#define TESTS_BTF_BUILDER_H

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "type/btf.h"

struct btf_builder {
	struct vr_strbuf types, strings;
	uint32_t next_id;
	uint32_t strings_start;
};

static inline void bb_u32(struct btf_builder *b, uint32_t value)
{
	vr_strbuf_add(&b->types, &value, sizeof(value));
}

static inline void bb_init(struct btf_builder *b)
{
	*b = (struct btf_builder){.next_id = 1};
	vr_strbuf_putc(&b->strings, '\0');
}

/* A module's, which continues ids and strings where base stopped. */
static inline void bb_init_split(struct btf_builder *b, const struct btf_builder *base)
{
	*b = (struct btf_builder){
		.next_id = base->next_id,
		.strings_start = (uint32_t)base->strings.len,
	};
}

static inline uint32_t bb_name(struct btf_builder *b, const char *name)
{
	uint32_t at = b->strings_start + (uint32_t)b->strings.len;

	if (!name || !name[0])
		return 0;
	vr_strbuf_add(&b->strings, name, strlen(name) + 1);
	return at;
}

static inline uint32_t bb_type(struct btf_builder *b, const char *name, uint32_t kind, bool kflag,
			       uint32_t vlen, uint32_t value)
{
	bb_u32(b, bb_name(b, name));
	bb_u32(b, (uint32_t)kflag << 31 | kind << 24 | vlen);
	bb_u32(b, value);
	return b->next_id++;
}

static inline uint32_t bb_int(struct btf_builder *b, const char *name, uint32_t size,
			      bool is_signed, uint32_t bits, uint32_t offset)
{
	uint32_t id = bb_type(b, name, VR_BTF_INT, false, 0, size);

	bb_u32(b, (uint32_t)is_signed << 24 | offset << 16 | bits);
	return id;
}

static inline uint32_t bb_ptr(struct btf_builder *b, uint32_t target)
{
	return bb_type(b, NULL, VR_BTF_PTR, false, 0, target);
}

static inline uint32_t bb_array(struct btf_builder *b, uint32_t element, uint32_t count)
{
	uint32_t id = bb_type(b, NULL, VR_BTF_ARRAY, false, 0, 0);

	bb_u32(b, element);
	bb_u32(b, 1);
	bb_u32(b, count);
	return id;
}

/* A struct without kflag; bb_member() as often as members says. */
static inline uint32_t bb_struct(struct btf_builder *b, const char *name, uint32_t size,
				 uint32_t members)
{
	return bb_type(b, name, VR_BTF_STRUCT, false, members, size);
}

/* offset in bits; with kflag the width of a bitfield in the upper eight. */
static inline void bb_member(struct btf_builder *b, const char *name, uint32_t type,
			     uint32_t offset)
{
	bb_u32(b, bb_name(b, name));
	bb_u32(b, type);
	bb_u32(b, offset);
}

static inline void bb_enumerator(struct btf_builder *b, const char *name, int32_t value)
{
	bb_u32(b, bb_name(b, name));
	bb_u32(b, (uint32_t)value);
}

/* The blob, malloc'd to its exact size. The builder keeps what it has. */
static inline unsigned char *bb_blob(const struct btf_builder *b, size_t *len)
{
	uint32_t header[6] = {0x1eb9f,
			      24,
			      0,
			      (uint32_t)b->types.len,
			      (uint32_t)b->types.len,
			      (uint32_t)b->strings.len};
	unsigned char *blob = malloc(sizeof(header) + b->types.len + b->strings.len);

	memcpy(blob, header, sizeof(header));
	if (b->types.len)
		memcpy(blob + sizeof(header), b->types.data, b->types.len);
	if (b->strings.len)
		memcpy(blob + sizeof(header) + b->types.len, b->strings.data, b->strings.len);
	*len = sizeof(header) + b->types.len + b->strings.len;
	return blob;
}

static inline void bb_free(struct btf_builder *b)
{
	vr_strbuf_free(&b->types);
	vr_strbuf_free(&b->strings);
}

#endif
