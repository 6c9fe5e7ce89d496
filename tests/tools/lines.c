// SPDX-License-Identifier: GPL-2.0-or-later
/* lines FILE ADDRESS...: which functions and source lines an ELF file has at addresses. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "debuginfo/lines.h"

static void print_address(struct vr_debug_file *file, const char *text)
{
	const struct vr_source *source = vr_source_at(file, strtoull(text, NULL, 16));

	if (!source)
		printf("%s: nothing is told\n", text);
	for (size_t i = 0; source && i < source->count; i++)
		printf("%s %s %s:%u%s\n", text, source->frames[i].function, source->frames[i].path,
		       source->frames[i].line, i + 1 < source->count ? " (inlined)" : "");
}

int main(int argc, char **argv)
{
	struct vr_build_id id;
	char text[VR_BUILD_ID_TEXT];
	struct vr_debug_file *file;
	struct vr_error err;
	int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || vr_debug_file_map(fd, argv[1], &file, &err) != VR_OK ||
	    vr_debug_file_build_id(file, &id, &err) != VR_OK) {
		fprintf(stderr, "lines: %s\n", fd < 0 ? "usage: lines FILE ADDRESS..." : err.text);
		return 1;
	}
	printf("build id %s\n", vr_build_id_text(&id, text));
	for (int i = 2; i < argc; i++)
		print_address(file, argv[i]);
	vr_debug_file_free(file);
	return 0;
}
