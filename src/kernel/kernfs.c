// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernfs.h"

#include <string.h>

/* Each takes two bytes of a path at least. */
#define MAX_DEPTH (VR_KERNFS_PATH_SIZE / 2)

char *vr_kernfs_path(struct vr_obj node, char buf[VR_KERNFS_PATH_SIZE])
{
	size_t at = VR_KERNFS_PATH_SIZE - 1;
	struct vr_program *prog = node.prog;
	unsigned depth = 0;

	buf[at] = '\0';
	while (!vr_failed(prog)) {
		uint64_t parent = vr_u64(node, "__parent|parent");
		char name[256];
		size_t len;

		if (!parent)
			break;
		if (++depth > MAX_DEPTH) {
			vr_latch(prog, VR_CORRUPT, "a path without an end");
			break;
		}
		len = strlen(vr_str(node, "name", name, sizeof(name)));
		if (len + 1 > at) {
			vr_latch(prog, VR_LIMIT, "a path of more than %d bytes",
				 VR_KERNFS_PATH_SIZE);
			break;
		}
		at -= len;
		memcpy(buf + at, name, len);
		buf[--at] = '/';
		node = vr_at(prog, "struct kernfs_node", parent);
	}
	if (at == VR_KERNFS_PATH_SIZE - 1)
		buf[--at] = '/';
	memmove(buf, buf + at, VR_KERNFS_PATH_SIZE - at);
	return buf;
}
