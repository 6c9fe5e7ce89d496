// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/copies.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/state.h"

/* What is kept of all contents together; those used least recently go first. */
#define MAX_BYTES ((size_t)4 << 20)
/* And so many at most, as all are looked through. */
#define MAX_COUNT 64

struct vr_copy {
	struct vr_copy *next;
	struct vr_copy_key key;
	struct vr_strbuf body, source;
	struct vr_error row_error, row_cut;
	uint64_t row_cuts, rows_kept, rows_dropped;
};

static bool is_same(const struct vr_copy_key *a, const struct vr_copy_key *b)
{
	return a->of == b->of && !memcmp(a->id, b->id, sizeof(a->id));
}

static void copy_free(struct vr_copy *copy)
{
	vr_strbuf_free(&copy->body);
	vr_strbuf_free(&copy->source);
	free(copy);
}

static void add(struct vr_strbuf *to, const struct vr_strbuf *from)
{
	vr_strbuf_add(to, vr_strbuf_str(from), from->len);
}

/* The one with that key, as the first of the list; NULL: none. */
static struct vr_copy *find(struct vr_copies *copies, const struct vr_copy_key *key)
{
	for (struct vr_copy **p = &copies->first, *copy; (copy = *p); p = &copy->next) {
		if (!is_same(&copy->key, key))
			continue;
		*p = copy->next;
		copy->next = copies->first;
		copies->first = copy;
		return copy;
	}
	return NULL;
}

bool vr_copies_use(struct vr_copies *copies, struct vr_file *f, const struct vr_copy_key *key)
{
	const struct vr_copy *copy = find(copies, key);

	if (!copy) {
		f->copy_key = *key;
		return false;
	}
	add(&f->body, &copy->body);
	vr_strbuf_truncate(&f->source, 0);
	add(&f->source, &copy->source);
	f->row_error = copy->row_error;
	f->row_cut = copy->row_cut;
	f->row_cuts = copy->row_cuts;
	f->rows_kept = copy->rows_kept;
	f->rows_dropped = copy->rows_dropped;
	return true;
}

/* Lets go of those behind the bounds. */
static void trim(struct vr_copies *copies)
{
	struct vr_copy **p = &copies->first;
	size_t bytes = 0, count = 0;

	while (*p) {
		bytes += (*p)->body.len;
		if (++count > MAX_COUNT || bytes > MAX_BYTES)
			break;
		p = &(*p)->next;
	}
	while (*p) {
		struct vr_copy *copy = *p;

		*p = copy->next;
		copy_free(copy);
	}
}

void vr_copies_keep(struct vr_copies *copies, const struct vr_file *f)
{
	struct vr_copy *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return;
	copy->key = f->copy_key;
	add(&copy->body, &f->body);
	add(&copy->source, &f->source);
	copy->row_error = f->row_error;
	copy->row_cut = f->row_cut;
	copy->row_cuts = f->row_cuts;
	copy->rows_kept = f->rows_kept;
	copy->rows_dropped = f->rows_dropped;
	if (copy->body.failed || copy->source.failed) {
		copy_free(copy);
		return;
	}
	copy->next = copies->first;
	copies->first = copy;
	trim(copies);
}

void vr_copies_free(struct vr_copies *copies)
{
	struct vr_copy *next;

	for (struct vr_copy *copy = copies->first; copy; copy = next) {
		next = copy->next;
		copy_free(copy);
	}
	*copies = (struct vr_copies){0};
}
