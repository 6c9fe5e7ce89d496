// SPDX-License-Identifier: GPL-2.0-or-later
/* Files and rows: scopes with bytes. */
#include "plugin/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/path.h"
#include "base/bits.h"
#include "base/cleanup.h"

/* Room that is worth keeping from one file to the next. */
#define BODY_KEEP ((size_t)1 << 20)

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static double wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool swallows(const struct vr_file *f)
{
	return f->ended || !f->path || f->refused.kind != VR_OK;
}

/* Takes over path (NULL: memory is out). */
static struct vr_file *file_begin(struct vr_run *run, char *path)
{
	struct vr_file *f = path ? calloc(1, sizeof(*f)) : NULL;
	const char *why;

	if (!f) {
		struct vr_file_record record = {.path = path ? path : "",
						.status = VR_FILE_OMITTED,
						.kind = VR_NOMEM,
						.reason = "out of memory",
						.source = ""};

		run->sink->file(run->sink->arg, &record, NULL, 0);
		free(path);
		return &run->spare;
	}
	f->run = run;
	f->path = path;
	f->start_ns = now_ns();
	f->outer = run->open;
	f->body = run->body;
	run->body = (struct vr_strbuf){0};
	run->open = f;
	why = vr_path_check(path);
	if (why)
		vr_error_set(&f->refused, VR_CORRUPT, "bad path: %s", why);
	vr_scope_enter(run->prog, &f->scope);
	vr_run_action(run);
	return f;
}

struct vr_file *vr_file_new(struct vr_run *run, const char *relpath)
{
	char *path;

	if (asprintf(&path, "plugins/%s/%s", run->name, relpath) < 0)
		path = NULL;
	return file_begin(run, path);
}

struct vr_file *vr_file_new_at(struct vr_run *run, const char *path)
{
	return file_begin(run, strdup(path));
}

/* A cut that happened in scope counts for the file. */
static void count_cuts(struct vr_file *f, const struct vr_scope *scope)
{
	if (scope->cuts && f->row_cut.kind == VR_OK)
		f->row_cut = scope->cut;
	f->row_cuts += scope->cuts;
}

/* Why the file can't be in the archive; kind VR_OK: it can. */
static struct vr_error omit_reason(struct vr_file *f, bool forgotten)
{
	struct vr_error err = {0};

	if (f->refused.kind != VR_OK)
		return f->refused;
	if (f->scope.error.kind != VR_OK)
		return f->scope.error;
	if (forgotten)
		vr_error_set(&err, VR_CORRUPT, "the plugin did not end the file");
	else if (f->body.failed)
		vr_error_set(&err, VR_NOMEM, "out of memory");
	else if (f->rows_dropped && !f->rows_kept)
		err = f->row_error;
	else if (f->body.len == 0 && f->row_cuts)
		err = f->row_cut;
	return err;
}

/* Why it is only a part of what it should be; kind VR_OK: it is whole. */
static struct vr_error partial_reason(const struct vr_file *f)
{
	struct vr_error err = {0};

	if (f->rows_dropped) {
		err = f->row_error;
		vr_error_prefix(&err, "%" PRIu64 " of %" PRIu64 " rows dropped, the first",
				f->rows_dropped, f->rows_dropped + f->rows_kept);
	} else if (f->row_cuts) {
		err = f->row_cut;
		if (f->row_cuts > 1)
			vr_error_prefix(&err, "%" PRIu64 " parts are missing, the first",
					f->row_cuts);
		else
			vr_error_prefix(&err, "incomplete");
	}
	return err;
}

static void claim_path(struct vr_file *f)
{
	enum vr_claim claim = vr_pathset_claim(&f->run->paths, f->path, 0, NULL);

	if (claim == VR_CLAIM_TAKEN && f->writing != VR_WRITE_NEW)
		return;
	if (claim == VR_CLAIM_NOMEM)
		vr_error_set(&f->refused, VR_NOMEM, "out of memory");
	else if (claim != VR_CLAIM_OK)
		vr_error_set(&f->refused, VR_CORRUPT, "%s by this plugin", vr_claim_text(claim));
}

/* Decide and send; f stays allocated. Its scope has been left. */
static void file_send(struct vr_file *f, bool forgotten)
{
	const struct vr_sink *sink = f->run->sink;
	const char *skip = vr_run_skips(f->run, f->path);
	struct vr_file_record record = {.path = f->path,
					.writing = f->writing,
					.source = vr_strbuf_str(&f->source),
					.rows_dropped = f->rows_dropped};
	struct vr_error err;

	count_cuts(f, &f->scope);
	err = omit_reason(f, forgotten);
	if (err.kind == VR_OK) {
		claim_path(f);
		err = f->refused;
	}
	if (err.kind != VR_OK) {
		record.status = VR_FILE_OMITTED;
		f->copy_key.of = NULL;
	} else {
		err = partial_reason(f);
		record.status = err.kind == VR_OK ? VR_FILE_OK : VR_FILE_PARTIAL;
		record.bytes = f->body.len;
	}
	f->status = err.kind;
	/* The plugin hears of what became of its file, not of the user's not wanting it. */
	if (skip && record.status != VR_FILE_OMITTED) {
		record.status = VR_FILE_OMITTED;
		record.bytes = 0;
		vr_error_set(&err, VR_LIMIT, VR_SKIPPED_FILE "%s)", skip);
	}
	record.kind = err.kind;
	record.reason = err.kind == VR_OK ? "" : err.text;
	record.ms = (double)(now_ns() - f->start_ns) / 1e6;
	record.start = wall_clock() - record.ms / 1e3;
	if (record.status == VR_FILE_OMITTED)
		sink->file(sink->arg, &record, NULL, 0);
	else
		sink->file(sink->arg, &record, vr_strbuf_str(&f->body), f->body.len);
}

static void file_release(struct vr_file *f)
{
	struct vr_run *run = f->run;

	if (!run->body.data && f->body.cap <= BODY_KEEP) {
		run->body = f->body;
		run->body.len = 0;
		run->body.failed = false;
		f->body = (struct vr_strbuf){0};
	}
	vr_strbuf_free(&f->body);
	vr_strbuf_free(&f->source);
	free(f->path);
	f->path = NULL;
}

/* End the innermost open file. */
static void file_finish(struct vr_file *f, bool forgotten)
{
	struct vr_run *run = f->run;

	if (f->in_row)
		vr_row_end(f);
	vr_scope_leave(run->prog, &f->scope);
	run->open = f->outer;
	file_send(f, forgotten);
	if (f->copy_key.of)
		vr_copies_keep(&run->copies, f);
	file_release(f);
	vr_run_action(run);
}

/* The files begun after f and still open: ended as errors, but kept, since the plugin holds them.
 */
static void close_inner_files(struct vr_file *f)
{
	struct vr_run *run = f->run;

	while (run->open && run->open != f) {
		struct vr_file *inner = run->open;

		file_finish(inner, true);
		inner->ended = true;
		inner->outer = run->zombies;
		run->zombies = inner;
	}
}

static void zombie_remove(struct vr_file *f)
{
	struct vr_file **p = &f->run->zombies;

	while (*p && *p != f)
		p = &(*p)->outer;
	if (*p)
		*p = f->outer;
}

enum vr_err vr_file_end(struct vr_file *f)
{
	enum vr_err status;

	if (f == &f->run->spare)
		return VR_NOMEM;
	if (f->ended) {
		zombie_remove(f);
	} else {
		close_inner_files(f);
		file_finish(f, false);
	}
	status = f->status;
	free(f);
	return status;
}

bool vr_file_use_copy(struct vr_run *run, struct vr_file *f, const struct vr_copy_key *key)
{
	return swallows(f) || vr_copies_use(&run->copies, f, key);
}

void vr_run_close_files(struct vr_run *run)
{
	while (run->open) {
		struct vr_file *f = run->open;

		vr_fail(run, "%s was not ended", f->path);
		file_finish(f, true);
		free(f);
	}
	while (run->zombies) {
		struct vr_file *f = run->zombies;

		run->zombies = f->outer;
		free(f);
	}
	vr_strbuf_free(&run->body);
}

void vr_printf(struct vr_file *f, const char *fmt, ...)
{
	va_list ap;

	if (swallows(f))
		return;
	va_start(ap, fmt);
	vr_strbuf_vprintf(&f->body, fmt, ap);
	va_end(ap);
}

void vr_puts(struct vr_file *f, const char *text)
{
	if (!swallows(f))
		vr_strbuf_puts(&f->body, text);
}

void vr_write(struct vr_file *f, const void *data, size_t len)
{
	if (!swallows(f))
		vr_strbuf_add(&f->body, data, len);
}

void vr_print_json(struct vr_file *f, struct vr_json *json)
{
	VR_FREE char *text = json && !swallows(f) ? vr_json_text(json, 2) : NULL;

	vr_json_free(json);
	if (text)
		vr_puts(f, text);
	else if (!swallows(f))
		vr_error_set(&f->refused, VR_NOMEM, "out of memory");
}

void vr_row_begin(struct vr_file *f)
{
	if (f->ended || !f->path)
		return;
	if (f->in_row)
		vr_row_end(f);
	f->in_row = true;
	f->row_start = f->body.len;
	vr_scope_enter(f->run->prog, &f->row);
}

bool vr_row_end(struct vr_file *f)
{
	if (!f->in_row)
		return false;
	close_inner_files(f);
	f->in_row = false;
	if (vr_scope_leave(f->run->prog, &f->row) == VR_OK) {
		count_cuts(f, &f->row);
		/* One that turned out not to be for this file is none. */
		f->rows_kept += f->body.len > f->row_start;
		return true;
	}
	vr_strbuf_truncate(&f->body, f->row_start);
	if (f->rows_dropped++ == 0)
		f->row_error = f->row.error;
	return false;
}

void vr_file_source(struct vr_file *f, const char *fmt, ...)
{
	va_list ap;

	if (swallows(f))
		return;
	vr_strbuf_truncate(&f->source, 0);
	va_start(ap, fmt);
	vr_strbuf_vprintf(&f->source, fmt, ap);
	va_end(ap);
}

enum vr_err vr_write_file(struct vr_run *run, const char *path, const void *data, size_t len,
			  enum vr_file_writing writing, struct vr_error *err)
{
	struct vr_file *f = vr_file_new_at(run, path);
	enum vr_err kind;

	if (f != &run->spare)
		f->writing = writing;
	vr_write(f, data, len);
	if (f->refused.kind != VR_OK && err)
		*err = f->refused;
	kind = vr_file_end(f);
	if (kind != VR_OK && err && err->kind == VR_OK)
		vr_error_set(err, kind, "%s can't be written", path);
	return kind;
}

/*
 * What a whole file is made of was read before the file began, in the scope around it: where a
 * required read failed there, the contents can't be trusted; where a walk was cut, they are a part.
 */
static struct vr_file *whole_file_new(struct vr_run *run, const char *relpath)
{
	struct vr_file *f = vr_file_new(run, relpath);
	const struct vr_scope *around = f->path ? f->scope.outer : NULL;

	if (around && around->error.kind != VR_OK && f->refused.kind == VR_OK)
		f->refused = around->error;
	if (around)
		count_cuts(f, around);
	return f;
}

enum vr_err vr_write_text(struct vr_run *run, const char *relpath, const char *text)
{
	struct vr_file *f = whole_file_new(run, relpath);

	vr_puts(f, text);
	return vr_file_end(f);
}

enum vr_err vr_write_lines(struct vr_run *run, const char *relpath, const char *const *lines,
			   size_t count)
{
	struct vr_file *f = whole_file_new(run, relpath);

	for (size_t i = 0; i < count; i++) {
		vr_puts(f, lines[i]);
		vr_puts(f, "\n");
	}
	return vr_file_end(f);
}

enum vr_err vr_write_json(struct vr_run *run, const char *relpath, struct vr_json *json)
{
	struct vr_file *f = whole_file_new(run, relpath);

	vr_print_json(f, json);
	return vr_file_end(f);
}

void vr_omit(struct vr_run *run, const char *path, enum vr_err kind, const char *fmt, ...)
{
	struct vr_file_record record = {
		.path = path, .status = VR_FILE_OMITTED, .kind = kind, .source = ""};
	struct vr_error err;
	char text[sizeof(err.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vr_error_set(&err, kind, "%s", text);
	record.reason = err.text;
	run->sink->file(run->sink->arg, &record, NULL, 0);
}
