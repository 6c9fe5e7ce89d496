// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/pathset.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/bits.h"

struct vr_path_node {
	uint64_t hash;
	const struct vr_path_node *parent; /* NULL: at the top */
	uint32_t owner;
	bool folder;
	uint8_t len;
	char name[];
};

static inline uint64_t rotl(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 of the parent's identity and the component: a keyed hash that can't be steered. */
static uint64_t component_hash(const struct vr_pathset *set, const struct vr_path_node *parent,
			       const char *name, size_t len)
{
	uint64_t v[4] = {set->key[0] ^ 0x736f6d6570736575ull, set->key[1] ^ 0x646f72616e646f6dull,
			 set->key[0] ^ 0x6c7967656e657261ull, set->key[1] ^ 0x7465646279746573ull};
	uint64_t word = (uint64_t)(uintptr_t)parent;

	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	for (size_t i = 0; i <= len; i += 8) {
		size_t n = VR_MIN(len - i, (size_t)8);

		word = 0;
		memcpy(&word, name + i, n);
		if (n < 8)
			word |= (uint64_t)len << 56;
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot of a component: its node, or the free place where it belongs. */
static struct vr_path_node **find_slot(const struct vr_pathset *set, uint64_t hash,
				       const struct vr_path_node *parent, const char *name,
				       size_t len)
{
	size_t i = hash & (set->cap - 1);

	for (;; i = (i + 1) & (set->cap - 1)) {
		const struct vr_path_node *node = set->slots[i];

		if (!node || (node->hash == hash && node->parent == parent && node->len == len &&
			      memcmp(node->name, name, len) == 0))
			return &set->slots[i];
	}
}

static bool grow(struct vr_pathset *set)
{
	struct vr_pathset bigger = *set;

	bigger.cap = set->cap ? set->cap * 2 : 256;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	if (!set->cap && getrandom(bigger.key, sizeof(bigger.key), GRND_NONBLOCK) < 0)
		bigger.key[0] = (uint64_t)(uintptr_t)bigger.slots;
	for (size_t i = 0; i < set->cap; i++) {
		struct vr_path_node *node = set->slots[i];

		if (node)
			*find_slot(&bigger, node->hash, node->parent, node->name, node->len) = node;
	}
	free(set->slots);
	*set = bigger;
	return true;
}

static struct vr_path_node *add(struct vr_pathset *set, struct vr_path_node **slot, uint64_t hash,
				const struct vr_path_node *parent, const char *name, size_t len)
{
	struct vr_path_node *node = vr_arena_alloc(&set->arena, sizeof(*node) + len);

	if (!node)
		return NULL;
	node->hash = hash;
	node->parent = parent;
	node->len = (uint8_t)len;
	memcpy(node->name, name, len);
	*slot = node;
	set->count++;
	return node;
}

/* One component; last tells whether it names the file. NULL: *claim has why not. */
static struct vr_path_node *claim_component(struct vr_pathset *set,
					    const struct vr_path_node *parent, const char *name,
					    size_t len, bool last, uint32_t owner, uint32_t *other,
					    enum vr_claim *claim)
{
	struct vr_path_node **slot, *node;
	uint64_t hash;

	*claim = VR_CLAIM_NOMEM;
	if (set->count >= set->cap / 2 && !grow(set))
		return NULL;
	hash = component_hash(set, parent, name, len);
	slot = find_slot(set, hash, parent, name, len);
	node = *slot;
	if (node && !last && node->folder) {
		*claim = VR_CLAIM_OK;
		return node;
	}
	if (node) {
		*claim = !last ? VR_CLAIM_UNDER : node->folder ? VR_CLAIM_FOLDER : VR_CLAIM_TAKEN;
		if (other)
			*other = node->owner;
		return NULL;
	}
	node = add(set, slot, hash, parent, name, len);
	if (!node)
		return NULL;
	node->owner = owner;
	node->folder = !last;
	*claim = VR_CLAIM_OK;
	return node;
}

enum vr_claim vr_pathset_claim(struct vr_pathset *set, const char *path, uint32_t owner,
			       uint32_t *other)
{
	const struct vr_path_node *node = NULL;
	enum vr_claim claim = VR_CLAIM_OK;

	/*
	 * Only the last component or a file in the way can refuse, and a file in the way comes
	 * before any folder that would be new: a refused path leaves nothing behind.
	 */
	for (;;) {
		size_t len = strcspn(path, "/");
		bool last = path[len] == '\0';

		node = claim_component(set, node, path, len, last, owner, other, &claim);
		if (!node || last)
			return claim;
		path += len + 1;
	}
}

bool vr_pathset_has(const struct vr_pathset *set, const char *path)
{
	const struct vr_path_node *node = NULL;

	for (;;) {
		size_t len = strcspn(path, "/");

		if (!set->cap)
			return false;
		node = *find_slot(set, component_hash(set, node, path, len), node, path, len);
		if (!node || !path[len])
			return node && !node->folder;
		path += len + 1;
	}
}

void vr_pathset_free(struct vr_pathset *set)
{
	free(set->slots);
	vr_arena_free(&set->arena);
	*set = (struct vr_pathset){0};
}

const char *vr_claim_text(enum vr_claim claim)
{
	switch (claim) {
	case VR_CLAIM_OK:
		break;
	case VR_CLAIM_TAKEN:
		return "path already written";
	case VR_CLAIM_FOLDER:
		return "path is already a folder";
	case VR_CLAIM_UNDER:
		return "a folder of the path is already a file";
	case VR_CLAIM_NOMEM:
		return "out of memory";
	}
	return "";
}
