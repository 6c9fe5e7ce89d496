// SPDX-License-Identifier: GPL-2.0-or-later
#include <vmcore-report/json.h>

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/utf8.h"

/* Writing and releasing recurse, and what a plugin nests may follow a tree in the dump. */
#define JSON_DEPTH_MAX 200
/* What a report's own numbers have, and the most that prints 0.1 as 0.1. */
#define JSON_REAL_DIGITS 15

/*
 * One object or array. Those made by vr_json_add_*() hang from the root's list and go with it; each
 * holds a reference of its own, so that a handle stays good where its key was set to something
 * else.
 */
struct vr_json {
	json_t *value;
	struct vr_json *root;
	struct vr_json *next; /* in the root's list */
	unsigned depth;
	bool failed; /* in the root: something could not be stored, so there is no text */
};

/* Jansson hashes keys with a seed, for which it would open /dev/urandom: not to be had in a
 * sandbox. */
static void seed_hash(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = random ? vr_hash_bytes(random, 16) : 0;

	json_object_seed((size_t)(seed | 1));
}

static struct vr_json *json_wrap(json_t *value)
{
	struct vr_json *json;

	if (!value)
		return NULL;
	json = calloc(1, sizeof(*json));
	if (!json) {
		json_decref(value);
		return NULL;
	}
	json->value = value;
	json->root = json;
	return json;
}

struct vr_json *vr_json_object(void)
{
	seed_hash();
	return json_wrap(json_object());
}

struct vr_json *vr_json_array(void)
{
	seed_hash();
	return json_wrap(json_array());
}

void vr_json_free(struct vr_json *json)
{
	/* A part goes with its root. */
	if (!json || json->root != json)
		return;
	while (json) {
		struct vr_json *next = json->next;

		json_decref(json->value);
		free(json);
		json = next;
	}
}

/* Valid text is taken as it is; the other kind is escaped first. */
static json_t *string_value(const char *text, size_t len)
{
	VR_STRBUF escaped = {0};

	if (vr_utf8_prefix(text, len) == len)
		return json_stringn_nocheck(text, len);
	vr_utf8_escape(&escaped, text, len);
	return escaped.failed ? NULL : json_stringn_nocheck(escaped.data, escaped.len);
}

static bool store_by_key(json_t *object, const char *key, json_t *value)
{
	VR_STRBUF escaped = {0};
	size_t len = strlen(key);

	if (vr_utf8_prefix(key, len) == len)
		return json_object_set_new_nocheck(object, key, value) == 0;
	vr_utf8_escape(&escaped, key, len);
	if (escaped.failed) {
		json_decref(value);
		return false;
	}
	return json_object_set_new_nocheck(object, escaped.data, value) == 0;
}

/* Takes over value. */
static bool json_store(struct vr_json *json, const char *key, json_t *value)
{
	bool stored;

	if (!value)
		stored = false;
	else if (json_is_array(json->value))
		stored = json_array_append_new(json->value, value) == 0;
	else
		stored = store_by_key(json->value, key ? key : "", value);
	if (!stored)
		json->root->failed = true;
	return stored;
}

void vr_json_set_string(struct vr_json *json, const char *key, const char *value)
{
	if (json)
		json_store(json, key, value ? string_value(value, strlen(value)) : json_null());
}

void vr_json_set_bytes(struct vr_json *json, const char *key, const char *value, size_t len)
{
	if (json)
		json_store(json, key, string_value(len ? value : "", len));
}

void vr_json_set_int(struct vr_json *json, const char *key, int64_t value)
{
	if (json)
		json_store(json, key, json_integer(value));
}

void vr_json_set_uint(struct vr_json *json, const char *key, uint64_t value)
{
	char text[24];

	if (value <= INT64_MAX) {
		vr_json_set_int(json, key, (int64_t)value);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, value);
	vr_json_set_string(json, key, text);
}

void vr_json_set_real(struct vr_json *json, const char *key, double value)
{
	if (json)
		json_store(json, key, isfinite(value) ? json_real(value) : json_null());
}

void vr_json_set_bool(struct vr_json *json, const char *key, bool value)
{
	if (json)
		json_store(json, key, json_boolean(value));
}

void vr_json_set_null(struct vr_json *json, const char *key)
{
	if (json)
		json_store(json, key, json_null());
}

void vr_json_set_addr(struct vr_json *json, const char *key, uint64_t addr)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%016" PRIx64, addr);
	vr_json_set_string(json, key, text);
}

/* value is a new container, NULL when out of memory. */
static struct vr_json *json_add(struct vr_json *json, const char *key, json_t *value)
{
	struct vr_json *part;

	if (json->depth >= JSON_DEPTH_MAX) {
		json_decref(value);
		json->root->failed = true;
		return NULL;
	}
	part = json_wrap(value);
	if (!part) {
		json->root->failed = true;
		return NULL;
	}
	part->root = json->root;
	part->depth = json->depth + 1;
	part->next = json->root->next;
	json->root->next = part;
	if (!json_store(json, key, json_incref(part->value)))
		return NULL;
	return part;
}

struct vr_json *vr_json_add_object(struct vr_json *json, const char *key)
{
	return json ? json_add(json, key, json_object()) : NULL;
}

struct vr_json *vr_json_add_array(struct vr_json *json, const char *key)
{
	return json ? json_add(json, key, json_array()) : NULL;
}

static int append_text(const char *text, size_t len, void *arg)
{
	struct vr_strbuf *out = arg;

	vr_strbuf_add(out, text, len);
	return out->failed ? -1 : 0;
}

char *vr_json_text(const struct vr_json *json, int indent)
{
	/* ASCII, as sos writes it: nothing from the dump can then act upon a terminal. */
	size_t flags = JSON_ENSURE_ASCII | JSON_REAL_PRECISION(JSON_REAL_DIGITS) |
		       JSON_INDENT(VR_MIN(VR_MAX(indent, 0), JSON_MAX_INDENT));
	VR_STRBUF out = {0};

	if (!json || json->root->failed)
		return NULL;
	if (json_dump_callback(json->value, append_text, &out, flags))
		return NULL;
	vr_strbuf_putc(&out, '\n');
	return out.failed ? NULL : VR_TAKE(out.data);
}
