// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * {net}/tcp (tcp4_seq_show() in net/ipv4/tcp_ipv4.c) and tcp6 (tcp6_seq_show() in
 * net/ipv6/tcp_ipv6.c): sockets that listen, then all others but those that are only bound.
 */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* Rows of tcp are filled up to this width. */
#define ROW_WIDTH 149
/* include/net/inet_hashtables.h */
#define LISTENING_NULLS_BASE (1u << 29)
#define INET_LHTABLE_SIZE 32
/* include/net/inet_connection_sock.h */
enum {
	ICSK_TIME_RETRANS = 1,
	ICSK_TIME_PROBE0 = 3,
	ICSK_TIME_LOSS_PROBE = 5,
	ICSK_TIME_REO_TIMEOUT = 6
};
/* include/net/tcp.h */
#define TCP_INFINITE_SSTHRESH 0x7fffffff

/* Paths from a struct tcp_sock. */
#define ICSK "inet_conn."
#define SK ICSK "icsk_inet.sk."

struct table {
	struct vr_file *f;
	struct vr_obj net;
	unsigned family;
	struct vr_pointer_style pointers;
	uint64_t jiffies;
	unsigned hz;
	unsigned rows;
};

/* Which timer runs, and when it's due. */
struct timer {
	unsigned kind;
	uint64_t expires;
};

static struct timer get_timer(const struct table *t, struct vr_obj tp)
{
	uint64_t pending = vr_u64(tp, ICSK "icsk_pending");
	/* The kernel's own memory since 6.17 is but the timer's. */
	uint64_t due = vr_u64(tp, ICSK "icsk_timeout|" ICSK "icsk_retransmit_timer.expires|" SK
				       "tcp_retransmit_timer.expires");
	bool apart = vr_has(tp, ICSK "icsk_keepalive_timer");

	switch (pending) {
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_LOSS_PROBE:
	case ICSK_TIME_REO_TIMEOUT:
		return (struct timer){1, due};
	case ICSK_TIME_PROBE0:
		return (struct timer){4, due};
	default:
		break;
	}
	if (vr_u64(tp, apart ? ICSK "icsk_keepalive_timer.entry.pprev" : SK "sk_timer.entry.pprev"))
		return (struct timer){2, vr_u64(tp, apart ? ICSK "icsk_keepalive_timer.expires"
							  : SK "sk_timer.expires")};
	return (struct timer){0, t->jiffies};
}

/*
 * inet_csk_in_pingpong_mode(); the threshold is a namespace's since 6.7 and was 1 before (but 3
 * from 5.1 until commit 4d8f24eeedc5, which stable kernels have, too).
 */
static bool in_pingpong_mode(const struct table *t, struct vr_obj tp)
{
	uint64_t threshold = 1;

	if (vr_has(t->net, "ipv4.sysctl_tcp_pingpong_thresh"))
		threshold = vr_u64(t->net, "ipv4.sysctl_tcp_pingpong_thresh");
	return vr_u64(tp, ICSK "icsk_ack.pingpong") >= threshold;
}

static int64_t last_column(struct vr_obj tp, unsigned state)
{
	int64_t ssthresh;

	if (state == VR_TCP_LISTEN)
		return (int32_t)vr_s64(tp, ICSK "icsk_accept_queue.fastopenq.max_qlen");
	ssthresh = (int64_t)vr_u64(tp, "snd_ssthresh");
	return ssthresh >= TCP_INFINITE_SSTHRESH ? -1 : ssthresh;
}

static int show_sock(const struct table *t, struct vr_obj sk, unsigned state, char *buf,
		     size_t size)
{
	struct vr_obj tp = vr_cast(sk, "struct tcp_sock");
	struct timer timer = get_timer(t, tp);
	int32_t unread =
		(int32_t)((uint32_t)vr_u64(tp, "rcv_nxt") - (uint32_t)vr_u64(tp, "copied_seq"));
	uint32_t rx = unread > 0 ? (uint32_t)unread : 0;

	if (state == VR_TCP_LISTEN)
		rx = (uint32_t)vr_u64(sk, "sk_ack_backlog");
	return snprintf(buf, size,
			"%02X %08" PRIX32 ":%08" PRIX32 " %02X:%08" PRIX64 " %08" PRIX32
			" %5" PRIu32 " %8d %" PRIu64 " %d %016" PRIx64 " %" PRIu64 " %" PRIu64
			" %" PRIu64 " %" PRIu32 " %" PRId64,
			state, (uint32_t)vr_u64(tp, "write_seq") - (uint32_t)vr_u64(tp, "snd_una"),
			rx, timer.kind, vr_jiffies_ahead(timer.expires, t->jiffies, t->hz),
			(uint32_t)vr_u64(tp, ICSK "icsk_retransmits"), vr_sock_uid(sk),
			(int)vr_u64(tp, ICSK "icsk_probes_out"), vr_sock_inode(sk),
			vr_sock_refs(sk), vr_pointer_show(&t->pointers, sk.addr),
			vr_jiffies_to_clock(vr_u64(tp, ICSK "icsk_rto"), t->hz),
			vr_jiffies_to_clock(vr_u64(tp, ICSK "icsk_ack.ato"), t->hz),
			vr_u64(tp, ICSK "icsk_ack.quick") << 1 | in_pingpong_mode(t, tp),
			(uint32_t)vr_u64(tp, "snd_cwnd"), last_column(tp, state));
}

static int show_request(const struct table *t, struct vr_obj sk, char *buf, size_t size)
{
	struct vr_obj req = vr_cast(sk, "struct request_sock");
	uint64_t due = vr_jiffies_ahead(vr_u64(req, "rsk_timer.expires"), t->jiffies, t->hz);

	return snprintf(buf, size,
			"%02X %08X:%08X %02X:%08" PRIX64 " %08X %5" PRIu32 " %8d %d %d %016" PRIx64,
			VR_TCP_SYN_RECV, 0, 0, 1, due, (unsigned)vr_u64(req, "num_timeout"),
			vr_sock_uid(vr_deref(req, "__req_common.skc_listener")), 0, 0, 0,
			vr_pointer_show(&t->pointers, sk.addr));
}

static int show_timewait(const struct table *t, struct vr_obj sk, char *buf, size_t size)
{
	struct vr_obj tw = vr_cast(sk, "struct inet_timewait_sock");
	uint64_t due = vr_jiffies_ahead(vr_u64(tw, "tw_timer.expires"), t->jiffies, t->hz);

	return snprintf(buf, size,
			"%02X %08X:%08X %02X:%08" PRIX64 " %08X %5d %8d %d %d %016" PRIx64,
			(unsigned)vr_u64(tw, "tw_substate"), 0, 0, 3, due, 0, 0, 0, 0,
			vr_sock_refs(sk), vr_pointer_show(&t->pointers, sk.addr));
}

static void put_row(struct table *t, struct vr_obj sk)
{
	unsigned state = (unsigned)vr_u64(sk, "__sk_common.skc_state");
	struct vr_sock_ends ends;
	char text[VR_SOCK_ENDS_SIZE], rest[256], row[sizeof(text) + sizeof(rest) + 16];

	if (!vr_sock_is_in(sk, t->net, t->family))
		return;
	ends = vr_sock_ends(sk, t->family);
	if (state == VR_TCP_TIME_WAIT)
		show_timewait(t, sk, rest, sizeof(rest));
	else if (state == VR_TCP_NEW_SYN_RECV)
		show_request(t, sk, rest, sizeof(rest));
	else
		show_sock(t, sk, state, rest, sizeof(rest));
	snprintf(row, sizeof(row), "%4u: %s %s", t->rows++, vr_sock_ends_text(&ends, text), rest);
	vr_printf(t->f, "%-*s\n", ends.v6 ? 0 : ROW_WIDTH, row);
}

static void put_table(struct table *t, const struct vr_hash_table *table)
{
	struct vr_hash_walk w;

	vr_socks_begin(&w, table);
	while (vr_hash_next(&w)) {
		vr_row_begin(t->f);
		put_row(t, w.entry);
		vr_row_end(t->f);
	}
}

/* Those that listen are in a table of their own, by address and port since 5.18. */
static struct vr_hash_table listening(struct vr_obj hashinfo)
{
	struct vr_hash_table table;

	if (vr_has(hashinfo, "listening_hash"))
		table = vr_hash_table(vr_get(hashinfo, "listening_hash[0]"), "nulls_head",
				      INET_LHTABLE_SIZE);
	else
		table = vr_hash_table(vr_deref(hashinfo, "lhash2"), "nulls_head",
				      vr_u64(hashinfo, "lhash2_mask") + 1);
	table.nulls_base = LISTENING_NULLS_BASE;
	return table;
}

static void emit(struct vr_file *f, const struct vr_key *key, unsigned family)
{
	struct vr_program *prog = key->prog;
	struct vr_obj hashinfo =
		vr_deref(key->obj, "ipv4.tcp_death_row.hashinfo|ipv4.tcp_death_row->hashinfo");
	struct table t = {.f = f, .net = key->obj, .family = family};
	struct vr_hash_table tables[2];

	t.jiffies = vr_jiffies(prog);
	t.hz = vr_hz(prog);
	if (!vr_pointer_style(prog, &t.pointers) || vr_failed(prog))
		return;
	tables[0] = listening(hashinfo);
	tables[1] = vr_hash_table(vr_deref(hashinfo, "ehash"), "chain",
				  vr_u64(hashinfo, "ehash_mask") + 1);
	if (family == VR_AF_INET)
		vr_printf(f, "%-*s\n", ROW_WIDTH,
			  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			  "retrnsmt   uid  timeout inode");
	else
		vr_puts(f, "  sl  local_address                         remote_address          "
			   "              st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
			   "inode\n");
	for (int i = 0; i < 2; i++)
		put_table(&t, &tables[i]);
}

static void emit_tcp(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key, VR_AF_INET);
}

static void emit_tcp6(struct vr_file *f, const struct vr_key *key)
{
	emit(f, key, VR_AF_INET6);
}

VR_EMITTER(.path = "{net}/tcp", .source = "inet_hashinfo", .emit = emit_tcp)
VR_EMITTER(.path = "{net}/tcp6", .source = "inet_hashinfo", .emit = emit_tcp6)
