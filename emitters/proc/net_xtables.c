// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/{ip,ip6,arp}_tables_{names,matches,targets} (net/netfilter/x_tables.c). */
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/net_namespace.h"
#include "plugin/emitter.h"

/* include/uapi/linux/netfilter.h */
enum { UNSPEC = 0, IPV4 = 2, ARP = 3, IPV6 = 10 };

static void put_names(struct vr_file *f, struct vr_obj head, const char *type)
{
	struct vr_list_walk w = vr_list_begin(head, type, "list");

	while (vr_list_next(&w)) {
		char name[64];

		vr_row_begin(f);
		vr_str(w.entry, "name", name, sizeof(name));
		if (name[0])
			vr_printf(f, "%s\n", name);
		vr_row_end(f);
	}
}

/* A namespace's tables: a member of struct net until 5.14. */
static void put_tables(struct vr_file *f, const struct vr_key *key, unsigned family)
{
	struct vr_obj tables =
		vr_has(key->obj, "xt.tables")
			? vr_get(key->obj, "xt.tables")
			: vr_get(vr_net_generic(key->obj, "xt_pernet_id", "struct xt_pernet"),
				 "tables");

	put_names(f, vr_index(tables, family), "struct xt_table");
}

/* Those of any family and those of this one. */
static void put_kinds(struct vr_file *f, const struct vr_key *key, unsigned family,
		      const char *member, const char *type)
{
	struct vr_obj xt = vr_kernel_global(key->prog, "xt");

	put_names(f, vr_get(vr_index(xt, UNSPEC), member), type);
	put_names(f, vr_get(vr_index(xt, family), member), type);
}

#define FAMILY(prefix, family)                                                                     \
	static void emit_##prefix##_names(struct vr_file *f, const struct vr_key *key)             \
	{                                                                                          \
		put_tables(f, key, family);                                                        \
	}                                                                                          \
	static void emit_##prefix##_matches(struct vr_file *f, const struct vr_key *key)           \
	{                                                                                          \
		put_kinds(f, key, family, "match", "struct xt_match");                             \
	}                                                                                          \
	static void emit_##prefix##_targets(struct vr_file *f, const struct vr_key *key)           \
	{                                                                                          \
		put_kinds(f, key, family, "target", "struct xt_target");                           \
	}

FAMILY(ip, IPV4)
FAMILY(ip6, IPV6)
FAMILY(arp, ARP)

VR_EMITTER(.path = "{net}/ip_tables_names", .source = "xt_pernet", .emit = emit_ip_names)
VR_EMITTER(.path = "{net}/ip_tables_matches", .source = "xt", .emit = emit_ip_matches)
VR_EMITTER(.path = "{net}/ip_tables_targets", .source = "xt", .emit = emit_ip_targets)
VR_EMITTER(.path = "{net}/ip6_tables_names", .source = "xt_pernet", .emit = emit_ip6_names)
VR_EMITTER(.path = "{net}/ip6_tables_matches", .source = "xt", .emit = emit_ip6_matches)
VR_EMITTER(.path = "{net}/ip6_tables_targets", .source = "xt", .emit = emit_ip6_targets)
VR_EMITTER(.path = "{net}/arp_tables_names", .source = "xt_pernet", .emit = emit_arp_names)
VR_EMITTER(.path = "{net}/arp_tables_matches", .source = "xt", .emit = emit_arp_matches)
VR_EMITTER(.path = "{net}/arp_tables_targets", .source = "xt", .emit = emit_arp_targets)
