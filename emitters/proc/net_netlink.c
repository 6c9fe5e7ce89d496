// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/netlink: netlink sockets (netlink_native_seq_show() in net/netlink/af_netlink.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "plugin/emitter.h"

/* include/uapi/linux/netlink.h: protocols */
#define MAX_LINKS 32

static uint32_t first_groups(struct vr_obj nlk)
{
	if (!vr_u64(nlk, "groups"))
		return 0;
	return (uint32_t)vr_u64(vr_deref(nlk, "groups"), "");
}

/* A bit of flags since 6.6. */
static bool is_dumping(struct vr_obj nlk)
{
	if (vr_has(nlk, "cb_running"))
		return vr_u64(nlk, "cb_running");
	return vr_u64(nlk, "flags") >> vr_constant(nlk.prog, "NETLINK_F_CB_RUNNING") & 1;
}

static void put_row(struct vr_file *f, struct vr_obj nlk, const struct vr_pointer_style *pointers)
{
	struct vr_obj sk = vr_get(nlk, "sk");

	vr_printf(f, "%016" PRIx64 " %-3d %-10u %08x %-8d %-8d %-5d %-8d %-8u %-8" PRIu64 "\n",
		  vr_pointer_show(pointers, sk.addr), (int)vr_u64(sk, "sk_protocol"),
		  (unsigned)vr_u64(nlk, "portid"), first_groups(nlk), vr_sock_rmem(sk),
		  vr_sock_wmem(sk), is_dumping(nlk), vr_sock_refs(sk), vr_sock_drops(sk),
		  vr_sock_inode(sk));
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj tables = vr_kernel_global(key->prog, "nl_table");
	struct vr_pointer_style pointers;

	if (!vr_pointer_style(key->prog, &pointers) || vr_failed(key->prog))
		return;
	vr_puts(f, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
		   "Drops    Inode\n");
	for (unsigned i = 0; i < MAX_LINKS; i++) {
		struct vr_rhash_walk w;

		vr_rhash_begin(&w, vr_get(vr_index(tables, i), "hash"), "struct netlink_sock",
			       "node");
		while (vr_rhash_next(&w)) {
			vr_row_begin(f);
			if (vr_sock_is_in(vr_get(w.entry, "sk"), key->obj, 0))
				put_row(f, w.entry, &pointers);
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "{net}/netlink", .source = "nl_table", .emit = emit)
