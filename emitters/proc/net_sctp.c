// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * {net}/sctp/: snmp, eps, assocs, remaddr (sctp_snmp_seq_show() and its like in net/sctp/proc.c):
 * what SCTP counts, its endpoints, its associations and their other ends' addresses.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/inet_address.h"
#include "kernel/percpu.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "kernel/symbol_at.h"
#include "plugin/emitter.h"

/* include/net/sctp/structs.h: enum sctp_endpoint_type */
#define SCTP_EP_TYPE_ASSOCIATION 1

/* ---- snmp ---- */

static void emit_snmp(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	uint64_t counters = vr_u64(key->obj, "sctp.sctp_statistics");
	struct vr_obj list = vr_kernel_global(prog, "sctp_snmp_list");
	struct vr_cpumask possible;
	struct vr_symbol_at at;

	if (!vr_cpumask_read(prog, "__cpu_possible_mask", &possible) ||
	    !vr_symbol_at(prog, list.addr, &at))
		return;
	for (uint64_t i = 0; i < at.size / vr_type_size(list.type) && !vr_failed(prog); i++) {
		struct vr_obj mib = vr_kernel_element(prog, "sctp_snmp_list", i);
		uint64_t entry, sum = 0;
		char name[64];

		/* One without a name ends it, or what is between it and the next variable. */
		if (!vr_u64(mib, "name") || vr_failed(prog))
			break;
		entry = vr_u64(mib, "entry");
		vr_str(mib, "name", name, sizeof(name));
		for (unsigned cpu = vr_cpumask_next(&possible, 0); cpu < possible.nr;
		     cpu = vr_cpumask_next(&possible, cpu + 1))
			sum += vr_u64(vr_at(prog, "unsigned long",
					    vr_per_cpu_addr(prog, counters, cpu) + 8 * entry),
				      "");
		vr_printf(f, "%-32s\t%" PRId64 "\n", name, (int64_t)sum);
	}
}

VR_EMITTER(.path = "{net}/sctp/snmp", .source = "sctp_statistics", .emit = emit_snmp)

/* ---- Addresses ---- */

/* A union sctp_addr as text: seq_dump_addr(). */
static void put_address(struct vr_file *f, struct vr_obj addr)
{
	uint64_t family = vr_u64(addr, "sa.sa_family");
	char text[VR_INET_TEXT];
	uint8_t v6[16];

	if (family == VR_AF_INET) {
		vr_printf(f, "%s ", vr_get_ip4(addr, "v4.sin_addr.s_addr", text));
	} else if (family == VR_AF_INET6) {
		vr_get_ip6(addr, "v6.sin6_addr", v6);
		vr_printf(f, "%s ", vr_ip6_groups(v6, text));
	} else {
		vr_latch(addr.prog, VR_CORRUPT, "an address of family %" PRIu64, family);
	}
}

/* Are they the same, port and all (cmp_addr())? */
static bool same_address(struct vr_obj a, struct vr_obj b)
{
	uint64_t family = vr_u64(a, "sa.sa_family");
	uint8_t x[16], y[16];

	/* The port is in the same place in both. */
	if (family != vr_u64(b, "sa.sa_family") ||
	    vr_u64(a, "v4.sin_port") != vr_u64(b, "v4.sin_port"))
		return false;
	if (family == VR_AF_INET)
		return vr_u64(a, "v4.sin_addr.s_addr") == vr_u64(b, "v4.sin_addr.s_addr");
	vr_get_ip6(a, "v6.sin6_addr", x);
	vr_get_ip6(b, "v6.sin6_addr", y);
	/* Of a link's own addresses the link counts, too (0: any). */
	if (x[0] == 0xfe && (x[1] & 0xc0) == 0x80) {
		uint64_t i = vr_u64(a, "v6.sin6_scope_id"), j = vr_u64(b, "v6.sin6_scope_id");

		if (i && j && i != j)
			return false;
	}
	return !memcmp(x, y, sizeof(x));
}

/* An endpoint's or association's own addresses; the one in use is marked. */
static void put_local(struct vr_file *f, struct vr_obj base)
{
	struct vr_list_walk w = vr_list_begin(vr_get(base, "bind_addr.address_list"),
					      "struct sctp_sockaddr_entry", "list");
	struct vr_obj primary = {.prog = base.prog};

	if (vr_u64(base, "type") == SCTP_EP_TYPE_ASSOCIATION) {
		struct vr_obj asoc =
			vr_container_of(base.prog, base.addr, "struct sctp_association", "base");

		if (!vr_u64(asoc, "peer.primary_path"))
			return;
		primary = vr_get(asoc, "peer.primary_path->saddr");
	}
	while (vr_list_next(&w)) {
		struct vr_obj addr = vr_get(w.entry, "a");

		if (!vr_u64(w.entry, "valid"))
			continue;
		if (vr_ok(primary) && same_address(addr, primary))
			vr_puts(f, "*");
		put_address(f, addr);
	}
}

static struct vr_list_walk transports_of(struct vr_obj asoc)
{
	return vr_list_begin(vr_get(asoc, "peer.transport_addr_list"), "struct sctp_transport",
			     "transports");
}

static void put_remote(struct vr_file *f, struct vr_obj asoc)
{
	struct vr_list_walk w = transports_of(asoc);
	struct vr_obj primary = vr_get(asoc, "peer.primary_addr");

	while (vr_list_next(&w)) {
		struct vr_obj addr = vr_get(w.entry, "ipaddr");

		if (same_address(addr, primary))
			vr_puts(f, "*");
		put_address(f, addr);
	}
}

/* ---- eps ---- */

/* Each bucket's entries lead, until 5.17, to what endpoints have in common with associations. */
static void begin_endpoints(struct vr_program *prog, struct vr_hash_walk *w)
{
	struct vr_obj globals = vr_kernel_global(prog, "sctp_globals");
	bool old = vr_has_member(prog, "struct sctp_ep_common", "node");
	struct vr_hash_table table = vr_hash_table(vr_deref(globals, "ep_hashtable"), "chain",
						   vr_u64(globals, "ep_hashsize"));

	vr_hash_begin(w, &table, "struct sctp_endpoint", old ? "base.node" : "node");
}

static void emit_endpoints(struct vr_file *f, const struct vr_key *key)
{
	struct vr_pointer_style pointers;
	struct vr_hash_walk w;

	begin_endpoints(key->prog, &w);
	if (!vr_pointer_style(key->prog, &pointers) || vr_failed(key->prog))
		return;
	vr_puts(f, " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n");
	while (vr_hash_next(&w)) {
		struct vr_obj sk;

		vr_row_begin(f);
		sk = vr_deref(w.entry, "base.sk");
		if (vr_sock_is_in(sk, key->obj, 0)) {
			vr_printf(f,
				  "%8" PRIx64 " %8" PRIx64 " %-3d %-3d %-4d %-5d %5u %5" PRIu64 " ",
				  vr_pointer_show(&pointers, w.entry.addr),
				  vr_pointer_show(&pointers, sk.addr),
				  (int)vr_u64(vr_cast(sk, "struct sctp_sock"), "type"),
				  (int)vr_u64(sk, "__sk_common.skc_state"), (int)w.bucket,
				  (int)vr_u64(w.entry, "base.bind_addr.port"), vr_sock_uid(sk),
				  vr_sock_inode(sk));
			put_local(f, vr_get(w.entry, "base"));
			vr_puts(f, "\n");
		}
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/sctp/eps", .source = "sctp_globals", .emit = emit_endpoints)

/* ---- assocs, remaddr ---- */

/*
 * A walk over associations by the table of their other ends, of which each has an entry, those with
 * the same key linked to the first: an association comes with the one that it prefers.
 */
struct associations {
	struct vr_obj asoc;
	uint64_t net;
	struct vr_rhash_walk walk;
	uint64_t same; /* the next one with that key */
	struct vr_cycle_check cycle;
};

static void begin_associations(const struct vr_key *key, struct associations *w)
{
	struct vr_obj globals = vr_kernel_global(key->prog, "sctp_globals");

	w->net = key->obj.addr;
	w->same = 0;
	vr_rhash_begin(&w->walk, vr_get(globals, "transport_hashtable.ht"), "struct sctp_transport",
		       "node");
}

static struct vr_obj next_transport(struct associations *w)
{
	struct vr_program *prog = w->walk.table.prog;
	struct vr_obj none = {.prog = prog}, t;

	if (w->same) {
		if (vr_cycle_seen(&w->cycle, w->same)) {
			vr_cut(prog, VR_CORRUPT, "a cycle of transports at 0x%" PRIx64, w->same);
			w->same = 0;
			return next_transport(w);
		}
		t = vr_container_of(prog, w->same, "struct sctp_transport", "node");
	} else {
		if (!vr_rhash_next(&w->walk))
			return none;
		t = w->walk.entry;
		w->cycle = (struct vr_cycle_check){0};
	}
	if (vr_try_u64(t, "node.next", &w->same) != VR_OK) {
		vr_cut(prog, VR_FAULT, "a transport at 0x%" PRIx64 " can't be read", t.addr);
		w->same = 0;
	}
	return t;
}

static bool next_association(struct associations *w)
{
	for (;;) {
		struct vr_obj t = next_transport(w);
		uint64_t net = 0, primary = 0;

		if (!vr_ok(t))
			return false;
		if (vr_try_u64(t, "asoc->base.net", &net) != VR_OK ||
		    vr_try_u64(t, "asoc->peer.primary_path", &primary) != VR_OK) {
			vr_cut(t.prog, VR_FAULT,
			       "the association of a transport at 0x%" PRIx64 " can't be read",
			       t.addr);
			continue;
		}
		if (net != w->net || primary != t.addr)
			continue;
		w->asoc = vr_deref(t, "asoc");
		return true;
	}
}

static void put_association(struct vr_file *f, struct vr_obj asoc,
			    const struct vr_pointer_style *pointers)
{
	struct vr_obj sk = vr_deref(asoc, "base.sk");

	vr_printf(f,
		  "%8" PRIx64 " %8" PRIx64 " %-3d %-3d %-2d %-4d %4d %8d %8d %7u %5" PRIu64
		  " %-5d %5d ",
		  vr_pointer_show(pointers, asoc.addr), vr_pointer_show(pointers, sk.addr),
		  (int)vr_u64(vr_cast(sk, "struct sctp_sock"), "type"),
		  (int)vr_u64(sk, "__sk_common.skc_state"), (int)vr_u64(asoc, "state"), 0,
		  (int)vr_u64(asoc, "assoc_id"), (int)vr_u64(asoc, "sndbuf_used"),
		  (int)vr_u64(asoc, "rmem_alloc.counter"), vr_sock_uid(sk), vr_sock_inode(sk),
		  (int)vr_u64(asoc, "base.bind_addr.port"), (int)vr_u64(asoc, "peer.port"));
	vr_puts(f, " ");
	put_local(f, vr_get(asoc, "base"));
	vr_puts(f, "<-> ");
	put_remote(f, asoc);
	vr_printf(f, "\t%8" PRIu64 " %5d %5d %4d %4d %4d %8d %8d %8d %8d %8d\n",
		  vr_u64(asoc, "hbinterval"), (int)vr_u64(asoc, "stream.incnt"),
		  (int)vr_u64(asoc, "stream.outcnt"), (int)vr_u64(asoc, "max_retrans"),
		  (int)vr_u64(asoc, "init_retries"), (int)vr_u64(asoc, "shutdown_retries"),
		  (int)vr_u64(asoc, "rtx_data_chunks"), vr_sock_wmem(sk) + 1,
		  (int)vr_u64(sk, "sk_wmem_queued"), (int)vr_u64(sk, "sk_sndbuf"),
		  (int)vr_u64(sk, "sk_rcvbuf"));
}

static void emit_associations(struct vr_file *f, const struct vr_key *key)
{
	struct vr_pointer_style pointers;
	struct associations w;

	begin_associations(key, &w);
	if (!vr_pointer_style(key->prog, &pointers) || vr_failed(key->prog))
		return;
	vr_puts(f, " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT "
		   "RPORT LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf "
		   "rcvbuf\n");
	while (next_association(&w)) {
		vr_row_begin(f);
		put_association(f, w.asoc, &pointers);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/sctp/assocs", .source = "sctp_globals", .emit = emit_associations)

static void emit_remote(struct vr_file *f, const struct vr_key *key)
{
	struct associations w;

	begin_associations(key, &w);
	vr_puts(f, "ADDR ASSOC_ID HB_ACT RTO MAX_PATH_RTX REM_ADDR_RTX START STATE\n");
	while (next_association(&w)) {
		struct vr_list_walk transports = transports_of(w.asoc);

		while (vr_list_next(&transports)) {
			struct vr_obj t = transports.entry;

			vr_row_begin(f);
			put_address(f, vr_get(t, "ipaddr"));
			vr_printf(f, " %d %d %" PRIu64 " %d 0 0 %d\n",
				  (int)vr_u64(w.asoc, "assoc_id"),
				  vr_u64(t, "hb_timer.entry.pprev") != 0, vr_u64(t, "rto"),
				  (int)vr_u64(t, "pathmaxrxt"), (int)vr_u64(t, "state"));
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "{net}/sctp/remaddr", .source = "sctp_globals", .emit = emit_remote)
