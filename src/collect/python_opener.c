// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens dumps for Python plugins: a session like any other, and an interpreter whose drgn reads
 * through it. drgn never sees the dump file: it gets a core without memory, memory that is read by
 * us, and where no debug information is found a vmlinux made from the dump.
 */
#include "collect/opener.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/bits.h"
#include "image/runs.h"
#include "object/program.h"
#include "session/session.h"
#include "vmlinux/vmlinux.h"

/* Beyond so many runs of pages the gaps between them are given up: each costs memory and time. */
#define RUNS_MAX ((size_t)1 << 18)

struct python_dump {
	struct vr_program *prog;
	const struct vr_log *log;
};

/* The module's, for the hooks around fork(): there is one for each process. */
static const struct vr_python_module *loaded;

/* ---- Services ---- */

static bool service_read(void *dump, uint64_t address, bool physical, void *buf, size_t len,
			 struct vr_error *why)
{
	const struct python_dump *d = dump;
	uint64_t bad = address;

	if (!physical)
		return vr_read(d->prog, address, buf, len, why) == VR_OK;
	if (vr_image_read(d->prog->image, address, buf, len, &bad) == VR_PAGE_OK)
		return true;
	vr_error_fault(why, bad, "physical address 0x%llx can't be read", (unsigned long long)bad);
	return false;
}

struct segment_list {
	struct vr_python_segment *list;
	size_t count, cap;
	bool failed;
};

static void add_segment(struct segment_list *s, uint64_t address, uint64_t size, bool physical)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		void *p = reallocarray(s->list, cap, sizeof(*s->list));

		if (!p) {
			s->failed = true;
			return;
		}
		s->list = p;
		s->cap = cap;
	}
	s->list[s->count++] = (struct vr_python_segment){address, size, physical};
}

/*
 * The part of a run that a linear map of memory shows, by its virtual address. Where the map begins
 * in physical memory may be below zero: KASLR moves the image down as well.
 */
static void add_mapped(struct segment_list *s, const struct vr_linear_range *map, uint64_t start,
		       uint64_t end)
{
	int64_t low = (int64_t)map->phys, high, first, last;

	if (end > INT64_MAX || __builtin_add_overflow(low, (int64_t)map->size, &high))
		return;
	first = VR_MAX((int64_t)start, low);
	last = VR_MIN((int64_t)end, high);
	if (map->size && first < last)
		add_segment(s, map->start + (uint64_t)(first - low), (uint64_t)(last - first),
			    false);
}

/* The kernel's image as it is mapped: from its first symbol to its last. */
static struct vr_linear_range image_map(struct vr_program *prog)
{
	struct vr_linear_range map = prog->as->paging.image;
	uint64_t text, end;

	if (vr_try_symbol(prog, "_text|_stext", &text) != VR_OK ||
	    vr_try_symbol(prog, "_end", &end) != VR_OK || text < map.start || end <= text ||
	    end - map.start > map.size)
		return (struct vr_linear_range){0};
	map.phys += text - map.start;
	map.size = end - text;
	map.start = text;
	return map;
}

static enum vr_err service_segments(void *dump, struct vr_python_segment **list, size_t *count,
				    struct vr_error *err)
{
	const struct python_dump *d = dump;
	const struct vr_linear_range image = image_map(d->prog);
	const struct vr_linear_range *direct = &d->prog->as->paging.direct;
	struct vr_image_runs runs = vr_image_runs_begin(d->prog->image);
	struct segment_list s = {0};
	uint64_t start = 0, end = 0;
	size_t n = 0;
	bool more;

	do {
		more = vr_image_runs_next(&runs);
		if (more && n++ > RUNS_MAX && end) {
			end = runs.end;
			continue;
		}
		if (end) {
			add_segment(&s, start, end - start, true);
			add_mapped(&s, direct, start, end);
			add_mapped(&s, &image, start, end);
		}
		start = runs.start;
		end = runs.end;
	} while (more && !s.failed);
	*list = s.list;
	*count = s.count;
	if (!s.failed)
		return VR_OK;
	free(s.list);
	return vr_error_set(err, VR_NOMEM, "out of memory for the dump's %zu runs of pages", n);
}

static enum vr_err service_write_vmlinux(void *dump, int fd, struct vr_error *err)
{
	const struct python_dump *d = dump;
	struct vr_vmlinux_options options = {.log = d->log};

	return vr_vmlinux_write(d->prog, fd, &options, NULL, err);
}

static enum vr_err service_write_core(void *dump, int fd, struct vr_error *err)
{
	const struct python_dump *d = dump;

	return vr_notes_core_write(d->prog, fd, err);
}

static void service_log(void *dump, enum vr_log_level level, const char *text)
{
	const struct python_dump *d = dump;

	vr_log(d->log, level, "%s", text);
}

/* ---- The opener ---- */

static enum vr_err python_prepare(struct vr_opened *opened, const struct vr_dump_source *source,
				  const struct vr_log *log, struct vr_plugin_entry *entries,
				  size_t count, struct vr_error *err)
{
	static struct python_dump dump;
	static struct vr_python_services services;
	enum vr_err kind;

	dump = (struct python_dump){.prog = opened->prog, .log = log};
	services = (struct vr_python_services){
		.dump = &dump,
		.read = service_read,
		.segments = service_segments,
		.write_vmlinux = service_write_vmlinux,
		.write_core = service_write_core,
		.write_file = vr_write_file,
		.message = vr_message,
		.failed = vr_run_failed,
		.inactive = vr_run_inactive,
		.name = vr_run_name,
		.options = vr_run_options,
		.log = service_log,
	};
	loaded = vr_python_load(source->python, err);
	kind = loaded ? loaded->start(source->python, &services, entries, count, err)
		      : VR_UNSUPPORTED;
	return kind;
}

static void python_before_fork(void)
{
	loaded->before_fork();
}

static void python_after_fork(bool in_worker)
{
	loaded->after_fork(in_worker);
}

static enum vr_err python_open(const struct vr_dump_source *source, const struct vr_log *log,
			       struct vr_opened *opened, struct vr_dump_facts *facts,
			       struct vr_error *err)
{
	/* What there is to say of the dump is said by the other one that opens it. */
	(void)log;
	return vr_session_opener.open(source, NULL, opened, facts, err);
}

static void python_counts(const struct vr_opened *opened, struct vr_image_counts *counts)
{
	vr_session_opener.counts(opened, counts);
}

static void python_close(struct vr_opened *opened)
{
	vr_session_opener.close(opened);
}

const struct vr_opener vr_python_opener = {
	.open = python_open,
	.prepare = python_prepare,
	.before_fork = python_before_fork,
	.after_fork = python_after_fork,
	.counts = python_counts,
	.close = python_close,
	.no_exit_handlers = true,
};
