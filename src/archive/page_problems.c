// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/page_data.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"

/* What a group costs beyond its strings: names of fields, numbers. */
#define GROUP_COST 120
/* Longer reasons are cut: they are a sentence. */
#define REASON_MAX 400

/* text with each run of digits as one '*'; addresses, which begin with 0x, too. */
static const char *pattern_of(struct vr_arena *arena, const char *text)
{
	char *copy = vr_arena_strndup(arena, text, strlen(text)), *out = copy;

	while (copy && *text) {
		if (!isdigit((unsigned char)*text)) {
			*out++ = *text++;
			continue;
		}
		if (text[0] == '0' && text[1] == 'x' && isxdigit((unsigned char)text[2]))
			text += 2 + strspn(text + 2, "0123456789abcdefABCDEF");
		else
			text += strspn(text, "0123456789");
		*out++ = '*';
	}
	if (out)
		*out = '\0';
	return copy;
}

/* The same for a path, which must be told again from pattern and numbers. */
static const char *path_pattern_of(struct vr_arena *arena, const char *path)
{
	char *copy, *out;

	if (strpbrk(path, "* ,"))
		return path;
	copy = out = vr_arena_strndup(arena, path, strlen(path));
	while (copy && *path) {
		size_t digits = strspn(path, "0123456789");

		*out++ = digits ? '*' : *path;
		path += digits ? digits : 1;
	}
	if (out)
		*out = '\0';
	return copy;
}

static bool is_same_group(const struct vr_page_problem *a, const struct vr_page_problem *b)
{
	return a->status == b->status && !strcmp(a->plugin, b->plugin) &&
	       !strcmp(a->path_pattern, b->path_pattern) &&
	       !strcmp(a->reason_pattern, b->reason_pattern);
}

static int compare(const void *a, const void *b)
{
	const struct vr_page_problem *x = a, *y = b;
	int r = (x->status > y->status) - (x->status < y->status);

	if (!r)
		r = strcmp(x->path_pattern, y->path_pattern);
	if (!r)
		r = strcmp(x->reason_pattern, y->reason_pattern);
	if (!r)
		r = strcmp(x->plugin, y->plugin);
	return r ? r : (x->order > y->order) - (x->order < y->order);
}

/* The numbers of a path with commas between. */
static void put_numbers(struct vr_strbuf *sb, const char *path)
{
	bool first = true;

	while (*(path += strcspn(path, "0123456789"))) {
		size_t digits = strspn(path, "0123456789");

		if (!first)
			vr_strbuf_putc(sb, ',');
		vr_strbuf_add(sb, path, digits);
		path += digits;
		first = false;
	}
}

/* One group; how many of its files could not be listed. */
static size_t put_group(struct vr_json *list, const struct vr_page_problem *group, size_t count,
			struct vr_page_budget *budget)
{
	const struct vr_page_problem *p = group;
	bool folded = count > 1 && strcmp(p->path, p->path_pattern) != 0;
	const char *path = folded ? p->path_pattern : p->path;
	size_t reason_len = strnlen(p->reason, REASON_MAX), listed = 0;
	VR_STRBUF keys = {0};
	struct vr_json *o;
	bool varies = false;
	uint64_t rows = 0;

	if (!vr_page_spend(budget, GROUP_COST + vr_page_cost(path, strlen(path)) +
					   vr_page_cost(p->plugin, strlen(p->plugin)) +
					   vr_page_cost(p->reason, reason_len)))
		return count;
	for (size_t i = 0; i < count; i++) {
		rows += p[i].rows;
		varies |= strcmp(p[i].reason, p->reason) != 0;
	}
	while (folded && listed < count) {
		size_t before = keys.len;

		if (listed)
			vr_strbuf_putc(&keys, ' ');
		put_numbers(&keys, p[listed].path);
		if (!vr_page_spend(budget, keys.len - before)) {
			vr_strbuf_truncate(&keys, before);
			break;
		}
		listed++;
	}
	o = vr_json_add_object(list, NULL);
	vr_json_set_string(o, "status", vr_file_status_name(p->status));
	vr_json_set_string(o, "plugin", p->plugin);
	vr_json_set_string(o, "path", path);
	vr_json_set_bytes(o, "reason", p->reason, reason_len);
	vr_json_set_uint(o, "count", count);
	if (folded)
		vr_json_set_string(o, "keys", vr_strbuf_str(&keys));
	if (varies)
		vr_json_set_bool(o, "varies", true);
	if (rows)
		vr_json_set_uint(o, "rows", rows);
	return folded ? count - listed : count - 1;
}

bool vr_page_put_problems(struct vr_json *data, struct vr_arena *arena,
			  struct vr_page_problem *problems, size_t count,
			  struct vr_page_budget *budget)
{
	struct vr_json *list = vr_json_add_array(data, "problems");
	size_t not_listed = 0;

	for (size_t i = 0; i < count; i++) {
		problems[i].path_pattern = path_pattern_of(arena, problems[i].path);
		problems[i].reason_pattern = pattern_of(arena, problems[i].reason);
		if (!problems[i].path_pattern || !problems[i].reason_pattern)
			return false;
	}
	if (count)
		qsort(problems, count, sizeof(*problems), compare);
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && is_same_group(&problems[i], &problems[i + n]);)
			n++;
		not_listed += put_group(list, &problems[i], n, budget);
	}
	vr_json_set_uint(data, "problems_not_listed", not_listed);
	return true;
}
