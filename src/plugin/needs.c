// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/needs.h"

#include <stdio.h>
#include <string.h>

#include "object/program.h"

#define NEED_SIZE 256

/* The rest of text behind prefix, NULL where it does not begin with it. */
static const char *behind(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* Each of the alternatives of names ("a|b|c") in turn. */
static bool any_of(const char *names, struct vr_program *prog,
		   bool (*has)(struct vr_program *prog, const char *name))
{
	char one[NEED_SIZE];

	while (*names) {
		size_t len = strcspn(names, "|");

		snprintf(one, sizeof(one), "%.*s", (int)len, names);
		if (has(prog, one))
			return true;
		names += len + (names[len] == '|');
	}
	return false;
}

static bool has_type(struct vr_program *prog, const char *name)
{
	return vr_type_find(prog, name) != NULL;
}

/* "struct task_struct.tasks" and "struct rq.curr.x|y": the type ends at the first dot. */
static enum vr_err check_member(const char *need, struct vr_program *prog, struct vr_error *err)
{
	size_t len = strcspn(need, ".");
	char type[NEED_SIZE];

	if (need[len] != '.' || need[len + 1] == '\0')
		return vr_error_set(err, VR_CORRUPT, "malformed need `member:%s`", need);
	snprintf(type, sizeof(type), "%.*s", (int)len, need);
	if (!has_type(prog, type))
		return vr_missing_type(prog, type, err);
	if (!vr_has_member(prog, type, need + len + 1))
		return vr_missing_member(prog, type, need + len + 1, err);
	return VR_OK;
}

static enum vr_err check_one(const char *need, struct vr_program *prog, struct vr_error *err)
{
	const char *what;

	if (strlen(need) >= NEED_SIZE)
		return vr_error_set(err, VR_CORRUPT, "need of %zu bytes is too long", strlen(need));
	what = behind(need, "symbol:");
	if (what) {
		if (any_of(what, prog, vr_has_symbol))
			return VR_OK;
		return vr_missing_symbol(prog, what, err);
	}
	what = behind(need, "type:");
	if (what) {
		if (any_of(what, prog, has_type))
			return VR_OK;
		return vr_missing_type(prog, what, err);
	}
	what = behind(need, "member:");
	if (what)
		return check_member(what, prog, err);
	return vr_error_set(err, VR_CORRUPT, "malformed need `%s`", need);
}

enum vr_err vr_needs_check(const char *const *needs, struct vr_program *prog, struct vr_error *err)
{
	for (; needs && *needs; needs++) {
		enum vr_err kind = check_one(*needs, prog, err);

		if (kind != VR_OK)
			return kind;
	}
	return VR_OK;
}
