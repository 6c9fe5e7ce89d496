// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * {net}/udp, udplite, raw and icmp, and those with a 6: sockets without connections, by the bucket
 * that each is in (udp4_seq_show(), raw_seq_show(), ping_v4_seq_show() in net/ipv4/udp.c, raw.c,
 * ping.c; __ip6_dgram_sock_seq_show() in net/ipv6/datagram.c).
 */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "plugin/emitter.h"

/* Rows of udp, udplite and icmp are filled up to this width. */
#define ROW_WIDTH 127
/* include/net/raw.h, include/net/ping.h */
#define RAW_HTABLE_SIZE 256
#define PING_HTABLE_SIZE 64

#define COLUMNS "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
#define HEADER6                                                                                    \
	"  sl  local_address                         remote_address                       "        \
	" " COLUMNS

/* What a file shows. */
enum protocol { UDP, RAW, PING };

struct table {
	struct vr_file *f;
	struct vr_obj net;
	enum protocol protocol;
	unsigned family;
	struct vr_pointer_style pointers;
};

static uint16_t from_network(uint64_t port)
{
	return (uint16_t)((port & 0xff) << 8 | (port >> 8 & 0xff));
}

/* A raw socket's protocol stands where others have their port, and where they have the other's 0. */
static struct vr_sock_ends ends_of(const struct table *t, struct vr_obj sk)
{
	struct vr_sock_ends ends = vr_sock_ends(sk, t->family);

	if (t->protocol == RAW)
		ends.remote_port = 0;
	else
		ends.local_port =
			from_network(vr_u64(vr_cast(sk, "struct inet_sock"), "inet_sport"));
	return ends;
}

static int32_t unread(const struct table *t, struct vr_obj sk)
{
	int32_t bytes = vr_sock_rmem(sk);

	/* udp_rqueue_get(): what the reader has taken and not given back yet. */
	if (t->protocol == UDP)
		bytes -= (int32_t)vr_u64(vr_cast(sk, "struct udp_sock"), "forward_deficit");
	return bytes;
}

static void put_row(const struct table *t, struct vr_obj sk, uint64_t bucket)
{
	bool v6 = t->family == VR_AF_INET6;
	struct vr_sock_ends ends;
	char text[VR_SOCK_ENDS_SIZE], row[VR_SOCK_ENDS_SIZE + 200];

	if (!vr_sock_is_in(sk, t->net, t->family))
		return;
	ends = ends_of(t, sk);
	snprintf(row, sizeof(row),
		 "%*" PRIu64 ": %s %02X %08" PRIX32 ":%08" PRIX32 " %02X:%08X %08X %5" PRIu32
		 " %8d %" PRIu64 " %d %016" PRIx64 " %" PRIu32,
		 t->protocol == RAW && !v6 ? 4 : 5, bucket, vr_sock_ends_text(&ends, text),
		 (unsigned)vr_u64(sk, "__sk_common.skc_state"), (uint32_t)vr_sock_wmem(sk),
		 (uint32_t)unread(t, sk), 0, 0, 0, vr_sock_uid(sk), 0, vr_sock_inode(sk),
		 vr_sock_refs(sk), vr_pointer_show(&t->pointers, sk.addr), vr_sock_drops(sk));
	vr_printf(t->f, "%-*s\n", v6 || t->protocol == RAW ? 0 : ROW_WIDTH, row);
}

static void put_header(const struct table *t)
{
	if (t->family == VR_AF_INET6)
		vr_puts(t->f, HEADER6 "\n");
	else
		vr_printf(t->f, "%-*s\n", t->protocol == RAW ? 0 : ROW_WIDTH,
			  t->protocol == UDP ? "   sl  local_address rem_address   " COLUMNS
					     : "  sl  local_address rem_address   " COLUMNS);
}

static void emit_table(struct table *t, const struct vr_hash_table *table)
{
	struct vr_hash_walk w;

	if (!vr_pointer_style(t->net.prog, &t->pointers) || vr_failed(t->net.prog))
		return;
	put_header(t);
	vr_socks_begin(&w, table);
	while (vr_hash_next(&w)) {
		vr_row_begin(t->f);
		put_row(t, w.entry, w.bucket);
		vr_row_end(t->f);
	}
}

/* ---- UDP and UDP-Lite: a table for all namespaces, or (UDP since 6.2) maybe a namespace's own ---- */

static void emit_udp_table(struct vr_file *f, const struct vr_key *key, unsigned family,
			   const char *symbol)
{
	struct table t = {.f = f, .net = key->obj, .protocol = UDP, .family = family};
	struct vr_obj udp;
	struct vr_hash_table table;

	if (!symbol && vr_has(key->obj, "ipv4.udp_table"))
		udp = vr_deref(key->obj, "ipv4.udp_table");
	else
		udp = vr_kernel_global(key->prog, symbol ? symbol : "udp_table");
	table = vr_hash_table(vr_deref(udp, "hash"), "hslot.head|head", vr_u64(udp, "mask") + 1);
	emit_table(&t, &table);
}

static void emit_udp(struct vr_file *f, const struct vr_key *key)
{
	emit_udp_table(f, key, VR_AF_INET, NULL);
}

static void emit_udp6(struct vr_file *f, const struct vr_key *key)
{
	emit_udp_table(f, key, VR_AF_INET6, NULL);
}

static void emit_udplite(struct vr_file *f, const struct vr_key *key)
{
	emit_udp_table(f, key, VR_AF_INET, "udplite_table");
}

static void emit_udplite6(struct vr_file *f, const struct vr_key *key)
{
	emit_udp_table(f, key, VR_AF_INET6, "udplite_table");
}

VR_EMITTER(.path = "{net}/udp", .source = "udp_table", .emit = emit_udp)
VR_EMITTER(.path = "{net}/udp6", .source = "udp_table", .emit = emit_udp6)
VR_EMITTER(.path = "{net}/udplite", .source = "udplite_table", .emit = emit_udplite)
VR_EMITTER(.path = "{net}/udplite6", .source = "udplite_table", .emit = emit_udplite6)

/* ---- Raw and ping sockets: tables of a fixed size, which were of nulls lists for a while ---- */

static void emit_raw_table(struct vr_file *f, const struct vr_key *key, unsigned family,
			   const char *symbol)
{
	struct table t = {.f = f, .net = key->obj, .protocol = RAW, .family = family};
	struct vr_hash_table table = vr_hash_table(
		vr_get(vr_kernel_global(key->prog, symbol), "ht[0]"), "", RAW_HTABLE_SIZE);

	emit_table(&t, &table);
}

static void emit_raw(struct vr_file *f, const struct vr_key *key)
{
	emit_raw_table(f, key, VR_AF_INET, "raw_v4_hashinfo");
}

static void emit_raw6(struct vr_file *f, const struct vr_key *key)
{
	emit_raw_table(f, key, VR_AF_INET6, "raw_v6_hashinfo");
}

static void emit_ping_table(struct vr_file *f, const struct vr_key *key, unsigned family)
{
	struct table t = {.f = f, .net = key->obj, .protocol = PING, .family = family};
	struct vr_obj ping = vr_kernel_global(key->prog, "ping_table");
	struct vr_hash_table table = vr_hash_table(vr_get(ping, "hash[0]"), "", PING_HTABLE_SIZE);

	emit_table(&t, &table);
}

static void emit_icmp(struct vr_file *f, const struct vr_key *key)
{
	emit_ping_table(f, key, VR_AF_INET);
}

static void emit_icmp6(struct vr_file *f, const struct vr_key *key)
{
	emit_ping_table(f, key, VR_AF_INET6);
}

VR_EMITTER(.path = "{net}/raw", .source = "raw_v4_hashinfo", .emit = emit_raw)
VR_EMITTER(.path = "{net}/raw6", .source = "raw_v6_hashinfo", .emit = emit_raw6)
VR_EMITTER(.path = "{net}/icmp", .source = "ping_table", .emit = emit_icmp)
VR_EMITTER(.path = "{net}/icmp6", .source = "ping_table", .emit = emit_icmp6)
