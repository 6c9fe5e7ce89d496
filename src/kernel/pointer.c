// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pointer.h"

#include "kernel/globals.h"

#define MAX_ERRNO 4095

static uint64_t rotate(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

uint64_t vr_siphash_1u64(uint64_t word, const uint64_t key[2])
{
	/* "somepseudorandomlygeneratedbytes", as the algorithm has it. */
	uint64_t v[4] = {
		0x736f6d6570736575ull ^ key[0],
		0x646f72616e646f6dull ^ key[1],
		0x6c7967656e657261ull ^ key[0],
		0x7465646279746573ull ^ key[1],
	};

	absorb(v, word);
	absorb(v, 8ull << 56); /* the message's length in its last word's top byte */
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Was the key made? Until 5.19 a static branch says so, which isn't looked at. */
static bool has_key(struct vr_program *prog)
{
	return !vr_has_symbol(prog, "filled_random_ptr_key") ||
	       vr_u64(vr_kernel_global(prog, "filled_random_ptr_key"), "");
}

bool vr_pointer_plain(struct vr_program *prog, struct vr_pointer_style *style)
{
	*style = (struct vr_pointer_style){.how = VR_POINTER_HASHED};
	if (vr_has_symbol(prog, "no_hash_pointers") &&
	    vr_u64(vr_kernel_global(prog, "no_hash_pointers"), "")) {
		style->how = VR_POINTER_RAW;
		return !vr_failed(prog);
	}
	if (!has_key(prog))
		vr_latch(prog, VR_UNSUPPORTED, "the kernel had no key for pointers yet");
	return vr_bytes(vr_kernel_global(prog, "ptr_key"), "key", style->key, sizeof(style->key));
}

bool vr_pointer_style(struct vr_program *prog, struct vr_pointer_style *style)
{
	int64_t restricted = vr_s64(vr_kernel_global(prog, "kptr_restrict"), "");

	*style = (struct vr_pointer_style){.how = VR_POINTER_ZERO};
	if (vr_failed(prog))
		return false;
	if (!restricted)
		return vr_pointer_plain(prog, style);
	if (restricted == 1)
		style->how = VR_POINTER_RAW;
	return true;
}

uint64_t vr_pointer_show(const struct vr_pointer_style *style, uint64_t addr)
{
	if (style->how == VR_POINTER_ZERO)
		return 0;
	if (style->how == VR_POINTER_RAW || !addr || addr >= -(uint64_t)MAX_ERRNO)
		return addr;
	return vr_siphash_1u64(addr, style->key) & 0xffffffff;
}
