// SPDX-License-Identifier: GPL-2.0-or-later
/* swapon --bytes --show and swapon --summary --verbose of util-linux: the lines of proc/swaps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/swap.h"
#include "plugin/emitter.h"

static bool has_swap(const struct vr_key *key)
{
	return vr_has_swap(key->prog);
}

/* Its path so that it stays in its line. */
static void read_area(struct vr_obj area, const struct vr_paths *paths, struct vr_swap *swap)
{
	char path[VR_PATH_SIZE];

	vr_swap_read(area, paths, swap);
	strcpy(path, swap->path);
	vr_printable(path, swap->path, sizeof(swap->path));
}

/* The areas in use: *list is the caller's to free. */
static size_t read_areas(struct vr_program *prog, struct vr_swap **list)
{
	unsigned count = vr_swap_count(prog);
	struct vr_paths paths;
	size_t used = 0;

	vr_paths_begin(prog, &paths);
	*list = calloc(count + 1, sizeof(**list));
	if (!*list) {
		vr_latch(prog, VR_NOMEM, "out of memory");
		return 0;
	}
	for (unsigned i = 0; i < count && !vr_failed(prog); i++) {
		struct vr_obj area = vr_swap_area(prog, i);

		if (vr_swap_used(area))
			read_area(area, &paths, &(*list)[used++]);
	}
	return used;
}

static const char *type_of(const struct vr_swap *swap)
{
	return swap->device ? "partition" : "file";
}

static void emit_summary(struct vr_file *f, const struct vr_key *key)
{
	VR_FREE struct vr_swap *list = NULL;
	size_t count = read_areas(key->prog, &list);

	if (count)
		vr_puts(f, "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n");
	for (size_t i = 0; i < count; i++)
		vr_printf(f, "%-39s\t%-8s\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\n", list[i].path,
			  type_of(&list[i]), list[i].size_kb, list[i].used_kb, list[i].priority);
}

static unsigned widen(unsigned width, size_t len)
{
	return (unsigned)VR_MAX((size_t)width, len);
}

/* As wide as a number is. */
static size_t digits(int64_t value)
{
	char text[24];

	return (size_t)snprintf(text, sizeof(text), "%" PRId64, value);
}

/* Columns are as wide as what is in them. */
static void emit_show(struct vr_file *f, const struct vr_key *key)
{
	VR_FREE struct vr_swap *list = NULL;
	size_t count = read_areas(key->prog, &list);
	unsigned name = strlen("NAME"), type = strlen("TYPE"), size = strlen("SIZE"),
		 used = strlen("USED"), priority = strlen("PRIO");

	for (size_t i = 0; i < count; i++) {
		name = widen(name, strlen(list[i].path));
		type = widen(type, strlen(type_of(&list[i])));
		size = widen(size, digits((int64_t)(list[i].size_kb * 1024)));
		used = widen(used, digits((int64_t)(list[i].used_kb * 1024)));
		priority = widen(priority, digits(list[i].priority));
	}
	if (count)
		vr_printf(f, "%-*s %-*s %*s %*s %*s\n", (int)name, "NAME", (int)type, "TYPE",
			  (int)size, "SIZE", (int)used, "USED", (int)priority, "PRIO");
	for (size_t i = 0; i < count; i++)
		vr_printf(f, "%-*s %-*s %*" PRIu64 " %*" PRIu64 " %*" PRId64 "\n", (int)name,
			  list[i].path, (int)type, type_of(&list[i]), (int)size,
			  list[i].size_kb * 1024, (int)used, list[i].used_kb * 1024, (int)priority,
			  list[i].priority);
}

VR_EMITTER(.path = "sos_commands/memory/swapon_--bytes_--show", .source = "swap_info",
	   .exists = has_swap, .emit = emit_show)
VR_EMITTER(.path = "sos_commands/memory/swapon_--summary_--verbose", .source = "swap_info",
	   .exists = has_swap, .emit = emit_summary)
