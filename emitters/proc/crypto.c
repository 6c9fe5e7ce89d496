// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/crypto (c_show() in crypto/proc.c, and the show() of each type). */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/module.h"
#include "plugin/emitter.h"

/* include/linux/crypto.h */
#define CRYPTO_ALG_TYPE_MASK 0xfu
#define CRYPTO_ALG_TYPE_CIPHER 0x1u
#define CRYPTO_ALG_TYPE_COMPRESS 0x2u
#define CRYPTO_ALG_LARVAL 0x10u
#define CRYPTO_ALG_ASYNC 0x80u
#define CRYPTO_ALG_TESTED 0x400u
#define CRYPTO_ALG_INTERNAL 0x2000u

/* The lines of a type: of the algorithm's own structure, around its struct crypto_alg. */
static const struct crypto_type {
	const char *show, *name, *type, *base;
	bool async, blocksize;
	struct {
		const char *label, *member;
	} lines[6];
} crypto_types[] = {
	{"crypto_aead_show",
	 "aead",
	 "struct aead_alg",
	 "base",
	 true,
	 true,
	 {{"ivsize", "ivsize"}, {"maxauthsize", "maxauthsize"}}},
	{"crypto_skcipher_show",
	 "skcipher",
	 "struct skcipher_alg",
	 "base",
	 true,
	 true,
	 {{"min keysize", "min_keysize"},
	  {"max keysize", "max_keysize"},
	  {"ivsize", "ivsize"},
	  {"chunksize", "chunksize"},
	  {"walksize", "walksize"},
	  {"statesize", "statesize"}}},
	{"crypto_lskcipher_show",
	 "lskcipher",
	 "struct lskcipher_alg",
	 "co.base",
	 false,
	 true,
	 {{"min keysize", "co.min_keysize"},
	  {"max keysize", "co.max_keysize"},
	  {"ivsize", "co.ivsize"},
	  {"chunksize", "co.chunksize"},
	  {"statesize", "co.statesize"}}},
	{"crypto_ahash_show",
	 "ahash",
	 "struct hash_alg_common",
	 "base",
	 true,
	 true,
	 {{"digestsize", "digestsize"}}},
	{"crypto_shash_show",
	 "shash",
	 "struct shash_alg",
	 "base",
	 false,
	 true,
	 {{"digestsize", "digestsize"}}},
	{"crypto_rng_show",
	 "rng",
	 "struct rng_alg",
	 "base",
	 false,
	 false,
	 {{"seedsize", "seedsize"}}},
	{.show = "crypto_akcipher_show", .name = "akcipher"},
	{.show = "crypto_sig_show", .name = "sig"},
	{.show = "crypto_kpp_show", .name = "kpp"},
	{.show = "crypto_acomp_show", .name = "acomp"},
	{.show = "crypto_scomp_show", .name = "scomp"},
};

static void put_number(struct vr_file *f, const char *label, struct vr_obj alg, const char *member)
{
	vr_printf(f, "%-12s : %" PRIu32 "\n", label, (uint32_t)vr_u64(alg, member));
}

static void put_text(struct vr_file *f, const char *label, const char *text)
{
	vr_printf(f, "%-12s : %s\n", label, text);
}

static void put_type(struct vr_file *f, struct vr_obj alg, const struct crypto_type *t)
{
	struct vr_obj own = alg;

	put_text(f, "type", t->name);
	if (t->async)
		put_text(f, "async", vr_u64(alg, "cra_flags") & CRYPTO_ALG_ASYNC ? "yes" : "no");
	if (t->blocksize)
		put_number(f, "blocksize", alg, "cra_blocksize");
	if (t->type)
		own = vr_container_of(alg.prog, alg.addr, t->type, t->base);
	for (size_t i = 0; i < VR_ARRAY_SIZE(t->lines) && t->lines[i].label; i++) {
		/* Member and line came together (6.8). */
		if (strcmp(t->lines[i].label, "statesize") || vr_has(own, t->lines[i].member))
			put_number(f, t->lines[i].label, own, t->lines[i].member);
	}
	if (!strcmp(t->name, "aead"))
		put_text(f, "geniv", "<none>");
}

/* Those that have no show() of their own. */
static void put_plain(struct vr_file *f, struct vr_obj alg, uint64_t flags)
{
	switch (flags & CRYPTO_ALG_TYPE_MASK) {
	case CRYPTO_ALG_TYPE_CIPHER:
		put_text(f, "type", "cipher");
		put_number(f, "blocksize", alg, "cra_blocksize");
		put_number(f, "min keysize", alg, "cra_u.cipher.cia_min_keysize");
		put_number(f, "max keysize", alg, "cra_u.cipher.cia_max_keysize");
		break;
	case CRYPTO_ALG_TYPE_COMPRESS:
		put_text(f, "type", "compression");
		break;
	default:
		put_text(f, "type", "unknown");
		break;
	}
}

static void put_details(struct vr_file *f, struct vr_obj alg, uint64_t flags)
{
	uint64_t function = vr_u64(alg, "cra_type") ? vr_u64(alg, "cra_type->show") : 0;
	char name[640];

	if (flags & CRYPTO_ALG_LARVAL) {
		put_text(f, "type", "larval");
		vr_printf(f, "%-12s : 0x%" PRIx64 "\n", "flags", flags);
		return;
	}
	if (!function) {
		put_plain(f, alg, flags);
		return;
	}
	vr_symbolize(alg.prog, function, name, sizeof(name));
	*strchrnul(name, '+') = '\0';
	for (size_t i = 0; i < VR_ARRAY_SIZE(crypto_types); i++) {
		if (!strcmp(name, crypto_types[i].show)) {
			put_type(f, alg, &crypto_types[i]);
			return;
		}
	}
	vr_latch(alg.prog, VR_UNSUPPORTED, "an algorithm that %s() shows", name);
}

static void put_alg(struct vr_file *f, struct vr_obj alg)
{
	uint64_t flags = vr_u64(alg, "cra_flags");
	char text[256], module[VR_MODULE_NAME] = "kernel";

	put_text(f, "name", vr_str(alg, "cra_name", text, sizeof(text)));
	put_text(f, "driver", vr_str(alg, "cra_driver_name", text, sizeof(text)));
	if (vr_u64(alg, "cra_module"))
		vr_module_name(vr_deref(alg, "cra_module"), module);
	put_text(f, "module", module);
	vr_printf(f, "%-12s : %" PRId64 "\n", "priority", vr_s64(alg, "cra_priority"));
	put_number(f, "refcnt", alg, "cra_refcnt.refs.counter");
	put_text(f, "selftest", flags & CRYPTO_ALG_TESTED ? "passed" : "unknown");
	put_text(f, "internal", flags & CRYPTO_ALG_INTERNAL ? "yes" : "no");
	put_details(f, alg, flags);
	vr_puts(f, "\n");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "crypto_alg_list"),
					      "struct crypto_alg", "cra_list");

	/* There is a line more then since 6.3, and in kernels that took it over. */
	if (vr_has_symbol(key->prog, "fips_enabled") &&
	    vr_u64(vr_kernel_global(key->prog, "fips_enabled"), ""))
		vr_latch(key->prog, VR_UNSUPPORTED, "a kernel in FIPS mode");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_alg(f, w.entry);
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "crypto_alg_list");
}

VR_EMITTER(.path = "proc/crypto", .source = "crypto_alg_list", .exists = exists, .emit = emit)
