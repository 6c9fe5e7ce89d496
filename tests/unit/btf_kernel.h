/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of a small kernel, for the tests of BTF. Include cmocka.h first. */
#ifndef TESTS_BTF_KERNEL_H
#define TESTS_BTF_KERNEL_H

#include "btf_builder.h"
#include "type/model.h"

/* A kernel of a few types. */
struct kernel {
	struct btf_builder b;
	uint32_t u32, ulong, chr, list_head, task;
};

static inline void add_base_types(struct kernel *k)
{
	struct btf_builder *b = &k->b;

	k->chr = bb_int(b, "char", 1, true, 8, 0);
	bb_int(b, "int", 4, true, 32, 0);
	bb_int(b, "short int", 2, true, 16, 0);
	k->u32 = bb_int(b, "unsigned int", 4, false, 32, 0);
	k->ulong = bb_int(b, "long unsigned int", 8, false, 64, 0);
	bb_int(b, "long long int", 8, true, 64, 0);
	bb_type(b, "u64", VR_BTF_TYPEDEF, false, 0, k->ulong);
	k->list_head = bb_struct(b, "list_head", 16, 2);
	bb_member(b, "next", b->next_id, 0);
	bb_member(b, "prev", b->next_id, 64);
	bb_ptr(b, k->list_head);
}

/*
 * struct task_struct { unsigned int state; unsigned int on_rq:1, flags:3;
 *	union { unsigned long raw; struct { unsigned int low, high; }; };
 *	struct list_head tasks[2]; char comm[16]; const struct task_struct *parent; char tail[]; };
 */
static inline void add_task(struct kernel *k)
{
	struct btf_builder *b = &k->b;
	uint32_t inner, outer, tasks, comm, parent, tail;

	inner = bb_struct(b, NULL, 8, 2);
	bb_member(b, "low", k->u32, 0);
	bb_member(b, "high", k->u32, 32);
	outer = bb_type(b, NULL, VR_BTF_UNION, false, 2, 8);
	bb_member(b, "raw", k->ulong, 0);
	bb_member(b, NULL, inner, 0);
	tasks = bb_array(b, k->list_head, 2);
	comm = bb_array(b, k->chr, 16);
	tail = bb_array(b, k->chr, 0);
	k->task = b->next_id + 2;
	bb_type(b, NULL, VR_BTF_CONST, false, 0, k->task);
	parent = bb_ptr(b, b->next_id - 1);
	bb_type(b, "task_struct", VR_BTF_STRUCT, true, 8, 72);
	bb_member(b, "state", k->u32, 0);
	bb_member(b, "on_rq", k->u32, 1u << 24 | 32);
	bb_member(b, "flags", k->u32, 3u << 24 | 33);
	bb_member(b, NULL, outer, 64);
	bb_member(b, "tasks", tasks, 128);
	bb_member(b, "comm", comm, 384);
	bb_member(b, "parent", parent, 512);
	bb_member(b, "tail", tail, 576);
}

static inline void make_kernel(struct kernel *k)
{
	bb_init(&k->b);
	add_base_types(k);
	add_task(k);
}

static inline struct vr_types *load(const struct btf_builder *b)
{
	struct vr_types *types = vr_types_new();
	struct vr_error err = {0};
	size_t len;
	unsigned char *blob = bb_blob(b, &len);

	assert_non_null(types);
	if (vr_types_add_btf(types, blob, len, &err))
		fail_msg("%s", err.text);
	return types;
}

static inline const struct vr_type *find(struct vr_types *types, const char *name)
{
	struct vr_error err = {0};
	const struct vr_type *type = vr_types_find(types, name, &err);

	if (!type)
		fail_msg("%s: %s", name, err.text);
	return type;
}

static inline void check_member(const struct vr_type *type, const char *name, uint32_t bit_offset,
				uint8_t bit_size, uint64_t size)
{
	struct vr_member member;

	assert_int_equal(vr_type_member(type, name, &member), VR_OK);
	assert_string_equal(member.name, name);
	assert_int_equal(member.bit_offset, bit_offset);
	assert_int_equal(member.bit_size, bit_size);
	assert_int_equal(vr_type_size(member.type), size);
}

#endif
