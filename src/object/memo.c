// SPDX-License-Identifier: GPL-2.0-or-later
#include "object/memo.h"

struct vr_memo {
	struct vr_memo *next;
	const void *key;
	uint64_t data[];
};

void *vr_memo(struct vr_program *prog, const void *key, size_t size)
{
	struct vr_memo *memo;

	for (memo = prog->memos; memo; memo = memo->next)
		if (memo->key == key)
			return memo->data;
	memo = vr_arena_calloc(&prog->arena, 1, sizeof(*memo) + size);
	if (!memo) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return NULL;
	}
	memo->key = key;
	memo->next = prog->memos;
	prog->memos = memo;
	return memo->data;
}
