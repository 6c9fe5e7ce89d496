// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/bits.h"
#include "base/hash.h"

/* A machine with 100,000 tasks gives some two million members. */
#define NAMES_MAX (1u << 22)
#define NAME_BYTES_MAX ((size_t)256 << 20)
#define NONE UINT32_MAX

static uint32_t name_hash(const struct vr_names *names, uint32_t parent, const char *text,
			  size_t len)
{
	uint64_t h = vr_hash_u64(names->secret ^ parent);

	while (len) {
		size_t n = VR_MIN(len, sizeof(uint64_t));
		uint64_t word = 0;

		memcpy(&word, text, n);
		h = vr_hash_u64(h ^ word) + n;
		text += n;
		len -= n;
	}
	return (uint32_t)vr_hash_u64(h ^ (names->secret >> 7));
}

enum vr_err vr_names_init(struct vr_names *names, struct vr_error *err)
{
	const void *random = (const void *)getauxval(AT_RANDOM);

	names->cap = 256;
	names->slot_count = 512;
	names->names = calloc(names->cap, sizeof(*names->names));
	names->slots = calloc(names->slot_count, sizeof(*names->slots));
	if (!names->names || !names->slots) {
		vr_names_free(names);
		return vr_error_set(err, VR_NOMEM, "out of memory");
	}
	names->names[VR_NAMES_ROOT] = (struct vr_name){.text = "", .dir = true};
	names->count = 1;
	names->secret = random ? vr_hash_bytes(random, 16) : 0;
	names->last_dir = VR_NAMES_ROOT;
	names->last_path[0] = '\0';
	return VR_OK;
}

void vr_names_free(struct vr_names *names)
{
	free(names->names);
	free(names->slots);
	vr_arena_free(&names->arena);
	*names = (struct vr_names){0};
}

static uint32_t names_find(const struct vr_names *names, uint32_t parent, const char *text,
			   size_t len)
{
	uint32_t hash = name_hash(names, parent, text, len);
	uint32_t mask = names->slot_count - 1;

	for (uint32_t i = hash & mask; names->slots[i]; i = (i + 1) & mask) {
		const struct vr_name *name = &names->names[names->slots[i]];

		if (name->hash == hash && name->parent == parent &&
		    !strncmp(name->text, text, len) && !name->text[len])
			return names->slots[i];
	}
	return NONE;
}

static void slot_put(struct vr_names *names, uint32_t number)
{
	uint32_t mask = names->slot_count - 1;
	uint32_t i = names->names[number].hash & mask;

	while (names->slots[i])
		i = (i + 1) & mask;
	names->slots[i] = number;
}

static void slots_refill(struct vr_names *names)
{
	memset(names->slots, 0, names->slot_count * sizeof(*names->slots));
	for (uint32_t i = 1; i < names->count; i++)
		slot_put(names, i);
}

/* Room for extra more names, the table kept half empty. */
static bool names_reserve(struct vr_names *names, uint32_t extra)
{
	uint32_t cap = names->cap;
	struct vr_name *grown;
	uint32_t *slots;

	while (cap - names->count < extra)
		cap *= 2;
	if (cap == names->cap)
		return true;
	slots = calloc((size_t)cap * 2, sizeof(*slots));
	if (!slots)
		return false;
	grown = realloc(names->names, cap * sizeof(*grown));
	if (!grown) {
		free(slots);
		return false;
	}
	names->names = grown;
	names->cap = cap;
	free(names->slots);
	names->slots = slots;
	names->slot_count = cap * 2;
	slots_refill(names);
	return true;
}

/* The folder that all but the last component of path name, as far as it is there: *rest is what
 * remains of path below it. */
static enum vr_err names_walk(const struct vr_names *names, const char *path, uint32_t *dir,
			      const char **rest, struct vr_error *err)
{
	const char *base = strrchr(path, '/');
	size_t dir_len = base ? (size_t)(base - path) : 0;
	const char *slash;

	if (!strncmp(names->last_path, path, dir_len) && !names->last_path[dir_len]) {
		*dir = names->last_dir;
		*rest = base ? base + 1 : path;
		return VR_OK;
	}
	*dir = VR_NAMES_ROOT;
	*rest = path;
	while ((slash = strchr(*rest, '/'))) {
		uint32_t next = names_find(names, *dir, *rest, (size_t)(slash - *rest));

		if (next == NONE)
			break;
		if (!names->names[next].dir)
			return vr_error_set(err, VR_CORRUPT, "%s: %.*s is a file", path,
					    (int)(slash - path), path);
		*dir = next;
		*rest = slash + 1;
	}
	return VR_OK;
}

static uint32_t name_append(struct vr_names *names, uint32_t parent, const char *text, bool dir)
{
	uint32_t number = names->count++;

	names->names[number] = (struct vr_name){
		.text = text,
		.parent = parent,
		.hash = name_hash(names, parent, text, strlen(text)),
		.dir = dir,
	};
	slot_put(names, number);
	return number;
}

/* Enter the components of rest below dir; text is a copy of rest to keep. Returns the last folder.
 */
static uint32_t names_append(struct vr_names *names, uint32_t dir, char *text)
{
	char *slash;

	while ((slash = strchr(text, '/'))) {
		*slash = '\0';
		dir = name_append(names, dir, text, true);
		text = slash + 1;
	}
	name_append(names, dir, text, false);
	return dir;
}

static uint32_t count_components(const char *path)
{
	uint32_t count = 1;

	for (; (path = strchr(path, '/')); path++)
		count++;
	return count;
}

enum vr_err vr_names_add(struct vr_names *names, const char *path, struct vr_error *err)
{
	const char *rest, *base = strrchr(path, '/');
	size_t dir_len = base ? (size_t)(base - path) : 0;
	uint32_t dir, there, extra;
	enum vr_err kind;
	char *text;

	kind = names_walk(names, path, &dir, &rest, err);
	if (kind)
		return kind;
	if (!strchr(rest, '/')) {
		there = names_find(names, dir, rest, strlen(rest));
		if (there != NONE)
			return vr_error_set(err, VR_CORRUPT, "%s: there is a %s of that name", path,
					    names->names[there].dir ? "folder" : "file");
	}
	extra = count_components(rest);
	if (extra > NAMES_MAX - names->count || names->arena.total > NAME_BYTES_MAX)
		return vr_error_set(err, VR_LIMIT, "%s: too many members", path);
	text = vr_arena_strndup(&names->arena, rest, strlen(rest));
	if (!text || !names_reserve(names, extra))
		return vr_error_set(err, VR_NOMEM, "%s: out of memory", path);
	names->last_dir = names_append(names, dir, text);
	memcpy(names->last_path, path, dir_len);
	names->last_path[dir_len] = '\0';
	return VR_OK;
}

char *vr_names_path(const struct vr_names *names, uint32_t number, char *buf)
{
	size_t start = VR_NAMES_PATH_MAX - 1;

	buf[start] = '\0';
	while (number != VR_NAMES_ROOT) {
		const struct vr_name *name = &names->names[number];
		size_t len = strlen(name->text);
		bool last = !buf[start];

		/* Can't be: what entered passed vr_path_check(). */
		if (len + 1 > start)
			break;
		if (!last)
			buf[--start] = '/';
		start -= len;
		memcpy(buf + start, name->text, len);
		number = name->parent;
	}
	memmove(buf, buf + start, VR_NAMES_PATH_MAX - start);
	return buf;
}
