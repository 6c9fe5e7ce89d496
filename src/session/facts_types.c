// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Types that VMCOREINFO describes, for a dump without BTF or with holes in it: the log, the names of
 * the machine, lists. VMCOREINFO has sizes and offsets; what kind of member it is stands here, where
 * that has been the same from Linux 5.10 to 7.x:
 *
 *	kernel/printk/printk_ringbuffer.h, include/linux/dev_printk.h: the log
 *	include/uapi/linux/utsname.h, include/linux/utsname.h (uts_namespace.h in 7.x): the names
 *	include/linux/types.h: struct list_head, atomic_long_t
 *
 * All of it becomes BTF, so that the type model needs to know no second form.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/strbuf.h"
#include "session/open.h"
#include "type/btf.h"

#define BTF_MAGIC 0xeb9f
#define HEADER_SIZE 24

/* Types as BTF's ids: some that C has, then two for each of the structs below, then arrays. */
enum {
	ULONG = 1,
	UINT,
	CHAR,
	LONG,
	ULLONG,
	USHORT,
	UCHAR,
	INT,
	FLAG_BITS,  /* unsigned char of 5 bits */
	LEVEL_BITS, /* and of 3 */
	POINTER,    /* void * */
	CHAR_POINTER,
	UTS_NAME, /* char [65] */
	SUBSYSTEM,
	DEVICE,
	STRUCTS, /* the first of them */
};

/* Structs in the order of known[]: the struct, and the pointer to it (or its typedef). */
#define STRUCT_ID(i) (STRUCTS + 2 * (uint32_t)(i))
#define POINTER_TO(i) (STRUCT_ID(i) + 1)

enum {
	ATOMIC_LONG,
	LIST_HEAD,
	LPOS,
	DESC,
	DEV_INFO,
	INFO,
	DESC_RING,
	DATA_RING,
	RING,
	UTS,
	UTS_NS
};

/* As include/uapi/linux/utsname.h has it since Linux 2.6.19. */
#define UTS_NAME_SIZE 65u
#define UTS_SIZE (6 * UTS_NAME_SIZE)

#define MEMBERS_MAX 7

struct member {
	const char *name;
	uint32_t type;
	/* VMCOREINFO doesn't have it, but that of this name is so many bits before it. */
	const char *behind;
	uint32_t bits;
};

static const struct known {
	const char *name;
	bool is_typedef;
	bool is_unsized; /* VMCOREINFO doesn't say how large it is */
	struct member members[MEMBERS_MAX];
} known[] = {
	[ATOMIC_LONG] = {"atomic_long_t", .is_typedef = true, .members = {{"counter", LONG}}},
	[LIST_HEAD] = {"list_head", .members = {{"next", POINTER_TO(LIST_HEAD)},
						{"prev", POINTER_TO(LIST_HEAD)}}},
	[LPOS] = {"prb_data_blk_lpos", .members = {{"begin", ULONG}, {"next", ULONG}}},
	[DESC] = {"prb_desc", .members = {{"state_var", POINTER_TO(ATOMIC_LONG)},
					  {"text_blk_lpos", STRUCT_ID(LPOS)}}},
	[DEV_INFO] = {"dev_printk_info", .members = {{"subsystem", SUBSYSTEM}, {"device", DEVICE}}},
	[INFO] = {"printk_info", .members = {{"seq", ULLONG},
					     {"ts_nsec", ULLONG},
					     {"text_len", USHORT},
					     {"facility", UCHAR, "text_len", 16},
					     {"flags", FLAG_BITS, "text_len", 24},
					     {"level", LEVEL_BITS, "text_len", 29},
					     {"caller_id", UINT}}},
	[DESC_RING] = {"prb_desc_ring", .members = {{"count_bits", UINT},
						    {"descs", POINTER_TO(DESC)},
						    {"infos", POINTER_TO(INFO)},
						    {"head_id", POINTER_TO(ATOMIC_LONG)},
						    {"tail_id", POINTER_TO(ATOMIC_LONG)}}},
	[DATA_RING] = {"prb_data_ring", .members = {{"size_bits", UINT},
						    {"data", CHAR_POINTER},
						    {"head_lpos", POINTER_TO(ATOMIC_LONG)},
						    {"tail_lpos", POINTER_TO(ATOMIC_LONG)}}},
	[RING] = {"printk_ringbuffer", .members = {{"desc_ring", STRUCT_ID(DESC_RING)},
						   {"text_data_ring", STRUCT_ID(DATA_RING)},
						   {"fail", POINTER_TO(ATOMIC_LONG)}}},
	[UTS] = {"new_utsname", .members = {{"sysname", UTS_NAME},
					    {"nodename", UTS_NAME},
					    {"release", UTS_NAME},
					    {"version", UTS_NAME},
					    {"machine", UTS_NAME},
					    {"domainname", UTS_NAME}}},
	[UTS_NS] = {"uts_namespace", .is_unsized = true, .members = {{"name", STRUCT_ID(UTS)}}},
};

/* BTF being written. */
struct blob {
	const struct vr_vmcoreinfo *info;
	struct vr_strbuf types, strings;
	uint32_t sizes[STRUCT_ID(VR_ARRAY_SIZE(known))]; /* bytes by type id, 0: not known */
};

static void put32(struct vr_strbuf *to, uint32_t value)
{
	vr_strbuf_add(to, &value, sizeof(value));
}

static uint32_t put_name(struct blob *b, const char *name)
{
	uint32_t offset = (uint32_t)b->strings.len;

	if (!*name)
		return 0;
	vr_strbuf_add(&b->strings, name, strlen(name) + 1);
	return offset;
}

static void put_record(struct blob *b, const char *name, enum vr_btf_kind kind, uint32_t info,
		       uint32_t value)
{
	put32(&b->types, put_name(b, name));
	put32(&b->types, (uint32_t)kind << 24 | info);
	put32(&b->types, value);
}

static void put_integer(struct blob *b, uint32_t id, const char *name, uint32_t size,
			bool is_signed, uint32_t bits)
{
	put_record(b, name, VR_BTF_INT, 0, size);
	put32(&b->types, (uint32_t)is_signed << 24 | bits);
	b->sizes[id] = size;
}

static void put_chars(struct blob *b, uint32_t id, uint32_t count)
{
	put_record(b, "", VR_BTF_ARRAY, 0, 0);
	put32(&b->types, CHAR);
	put32(&b->types, INT);
	put32(&b->types, count);
	b->sizes[id] = count;
}

/* In the order of their ids, by GCC's names. */
static void put_simple_types(struct blob *b)
{
	uint32_t length = 0;

	put_integer(b, ULONG, "long unsigned int", 8, false, 64);
	put_integer(b, UINT, "unsigned int", 4, false, 32);
	put_integer(b, CHAR, "char", 1, true, 8);
	put_integer(b, LONG, "long int", 8, true, 64);
	put_integer(b, ULLONG, "long long unsigned int", 8, false, 64);
	put_integer(b, USHORT, "short unsigned int", 2, false, 16);
	put_integer(b, UCHAR, "unsigned char", 1, false, 8);
	put_integer(b, INT, "int", 4, true, 32);
	put_integer(b, FLAG_BITS, "", 1, false, 5);
	put_integer(b, LEVEL_BITS, "", 1, false, 3);
	put_record(b, "", VR_BTF_PTR, 0, 0);
	put_record(b, "", VR_BTF_PTR, 0, CHAR);
	b->sizes[POINTER] = b->sizes[CHAR_POINTER] = 8;
	put_chars(b, UTS_NAME, UTS_NAME_SIZE);
	vr_vmcoreinfo_layout(b->info, "LENGTH", "printk_info_subsystem", &length);
	put_chars(b, SUBSYSTEM, length);
	length = 0;
	vr_vmcoreinfo_layout(b->info, "LENGTH", "printk_info_device", &length);
	put_chars(b, DEVICE, length);
}

static bool offset_of(const struct blob *b, const char *type, const char *member, uint32_t *offset)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", type, member);
	return vr_vmcoreinfo_layout(b->info, "OFFSET", name, offset) == VR_OK;
}

/*
 * Between text_len and caller_id there are a byte for the facility and one for flags and level, as
 * long as these two are four bytes apart (in every release since 5.10).
 */
static bool is_packed_info(const struct blob *b)
{
	uint32_t text_len, caller_id;

	return offset_of(b, "printk_info", "text_len", &text_len) &&
	       offset_of(b, "printk_info", "caller_id", &caller_id) && caller_id == text_len + 4;
}

static bool bit_offset_of(const struct blob *b, size_t i, size_t m, uint32_t *bits)
{
	const struct member *member = &known[i].members[m];

	if (i == UTS) {
		*bits = (uint32_t)m * UTS_NAME_SIZE * 8;
		return true;
	}
	if (member->behind && !is_packed_info(b))
		return false;
	if (!offset_of(b, known[i].name, member->behind ? member->behind : member->name, bits) ||
	    *bits > UINT32_MAX / 16)
		return false;
	*bits = *bits * 8 + member->bits;
	return true;
}

static uint32_t size_of(const struct blob *b, size_t i)
{
	uint32_t size = 0, offset;

	if (i == UTS)
		return UTS_SIZE;
	if (!known[i].is_unsized) {
		vr_vmcoreinfo_layout(b->info, "SIZE", known[i].name, &size);
		return size;
	}
	/* What is known of it reaches so far. */
	return offset_of(b, known[i].name, known[i].members[0].name, &offset)
		       ? offset + b->sizes[known[i].members[0].type]
		       : 0;
}

/* A struct of known size with the members that lie within; else a mere declaration. */
static void put_struct(struct blob *b, size_t i)
{
	uint32_t types[MEMBERS_MAX], bits[MEMBERS_MAX], size = size_of(b, i), count = 0;
	const char *names[MEMBERS_MAX];

	for (size_t m = 0; m < MEMBERS_MAX && known[i].members[m].name; m++) {
		const struct member *member = &known[i].members[m];
		uint32_t needed = b->sizes[member->type];

		if (!needed || !bit_offset_of(b, i, m, &bits[count]) ||
		    !vr_range_ok(bits[count] / 8, needed, size))
			continue;
		types[count] = member->type;
		names[count++] = member->name;
	}
	b->sizes[STRUCT_ID(i)] = count ? size : 0;
	if (known[i].is_typedef)
		b->sizes[POINTER_TO(i)] = b->sizes[STRUCT_ID(i)];
	if (count)
		put_record(b, known[i].is_typedef ? "" : known[i].name, VR_BTF_STRUCT,
			   (uint32_t)known[i].is_unsized << 31 | count, size);
	else
		put_record(b, known[i].name, VR_BTF_FWD, 0, 0);
	for (uint32_t m = 0; m < count; m++) {
		put32(&b->types, put_name(b, names[m]));
		put32(&b->types, types[m]);
		put32(&b->types, bits[m]);
	}
	if (known[i].is_typedef && count)
		put_record(b, known[i].name, VR_BTF_TYPEDEF, 0, STRUCT_ID(i));
	else
		put_record(b, "", VR_BTF_PTR, 0, STRUCT_ID(i));
}

static unsigned char *join(const struct blob *b, size_t *len)
{
	const uint32_t header[] = {BTF_MAGIC | 1 << 16,
				   HEADER_SIZE,
				   0,
				   (uint32_t)b->types.len,
				   (uint32_t)b->types.len,
				   (uint32_t)b->strings.len};
	unsigned char *data;

	*len = HEADER_SIZE + b->types.len + b->strings.len;
	data = b->types.failed || b->strings.failed ? NULL : malloc(*len);
	if (!data)
		return NULL;
	memcpy(data, header, HEADER_SIZE);
	memcpy(data + HEADER_SIZE, b->types.data, b->types.len);
	memcpy(data + HEADER_SIZE + b->types.len, b->strings.data, b->strings.len);
	return data;
}

enum vr_err vr_types_from_facts(struct vr_session *s, struct vr_error *err)
{
	struct blob b = {.info = s->info};
	unsigned char *data;
	size_t len;

	vr_strbuf_add(&b.strings, "", 1);
	put_simple_types(&b);
	for (size_t i = 0; i < VR_ARRAY_SIZE(known); i++)
		b.sizes[POINTER_TO(i)] = known[i].is_typedef ? 0 : 8;
	for (size_t i = 0; i < VR_ARRAY_SIZE(known); i++)
		put_struct(&b, i);
	data = join(&b, &len);
	vr_strbuf_free(&b.types);
	vr_strbuf_free(&b.strings);
	if (!data)
		return vr_error_set(err, VR_NOMEM, "out of memory for types");
	return vr_types_add_partial(s->types, data, len, err);
}
