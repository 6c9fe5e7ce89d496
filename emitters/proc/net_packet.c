// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/packet: packet sockets (packet_seq_show() in net/packet/af_packet.c). */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "kernel/utsname.h"
#include "plugin/emitter.h"

/*
 * How wide the first column's name is: as the column since 5.11 (commit abdcd06c4ded), of which
 * nothing but the version tells.
 */
static int name_width(struct vr_program *prog)
{
	struct vr_utsname uts;
	unsigned version, patch;

	if (!vr_utsname_read(prog, &uts))
		return 0;
	if (sscanf(uts.release, "%u.%u", &version, &patch) != 2) {
		vr_latch(prog, VR_CORRUPT, "no version: %s", uts.release);
		return 0;
	}
	return version > 5 || (version == 5 && patch >= 11) ? 17 : 9;
}

/* A bit of flags since 6.4. */
static bool is_running(struct vr_obj po)
{
	if (vr_has(po, "running"))
		return vr_u64(po, "running");
	return vr_u64(po, "flags") >> vr_constant(po.prog, "PACKET_SOCK_RUNNING") & 1;
}

static unsigned from_network(uint64_t number)
{
	return (unsigned)((number & 0xff) << 8 | (number >> 8 & 0xff));
}

static void put_row(struct vr_file *f, struct vr_obj sk, const struct vr_pointer_style *pointers)
{
	struct vr_obj po = vr_cast(sk, "struct packet_sock");

	vr_printf(f, "%016" PRIx64 " %-6d %-4d %04x   %-5d %1d %-6u %-6u %-6" PRIu64 "\n",
		  vr_pointer_show(pointers, sk.addr), vr_sock_refs(sk), (int)vr_u64(sk, "sk_type"),
		  from_network(vr_u64(po, "num")), (int)vr_s64(po, "ifindex"), is_running(po),
		  (unsigned)vr_sock_rmem(sk), vr_sock_uid(sk), vr_sock_inode(sk));
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_hlist_begin(vr_get(key->obj, "packet.sklist"), "struct sock",
					       "__sk_common.skc_node");
	int width = name_width(key->prog);
	struct vr_pointer_style pointers;

	if (!vr_pointer_style(key->prog, &pointers) || vr_failed(key->prog))
		return;
	vr_printf(f, "%-*sRefCnt Type Proto  Iface R Rmem   User   Inode\n", width, "sk");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_row(f, w.entry, &pointers);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/packet", .source = "packet_sock", .emit = emit)
