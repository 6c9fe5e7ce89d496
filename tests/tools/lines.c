// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lines FILE <ADDRESSES: for each address (a line "0x..." of standard input) the address, then the functions
 * that stand there as addr2line -a -f -i has them, the one that was inlined last first: a function to a
 * line, "function path:line", with ?? and 0 for what isn't told.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "debuginfo/lines.h"

int main(int argc, char **argv)
{
	struct vr_debug_file *file;
	const struct vr_source *source;
	struct vr_error err;
	char line[64];
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0) {
		fprintf(stderr, "usage: lines FILE <ADDRESSES\n");
		return 2;
	}
	if (vr_debug_file_map(fd, argv[1], &file, &err) != VR_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		uint64_t addr = strtoull(line, NULL, 16);

		printf("0x%" PRIx64 "\n", addr);
		source = vr_source_at(file, addr);
		for (size_t i = 0; source && i < source->count; i++) {
			const struct vr_source_frame *frame = &source->frames[i];

			printf("%s %s:%u\n", frame->function[0] ? frame->function : "??",
			       frame->path[0] ? frame->path : "??", frame->line);
		}
	}
	vr_debug_file_free(file);
	return 0;
}
