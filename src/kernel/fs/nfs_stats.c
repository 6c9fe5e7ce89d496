// SPDX-License-Identifier: GPL-2.0-or-later
/* What nfs counts: nfs_show_stats() (fs/nfs/super.c), rpc_clnt_show_stats() (net/sunrpc/stats.c). */
#include "kernel/fs/show.h"
#include "kernel/list.h"
#include "kernel/mount.h"
#include "kernel/percpu.h"
#include "kernel/symbol_at.h"
#include "kernel/ticks.h"

/* NFS_IOSTAT_VERS, RPC_IOSTATS_VERS, in kernels from 5.10 to 7.2. */
#define STATS_VERSION "1.1"
/* More than any version has: counters of a kind, procedures. */
#define MAX_COUNTERS 64u
#define MAX_PROCEDURES 1024u
/* More clients than were ever cloned from each other. */
#define MAX_PARENTS 64u
#define SB_SYNCHRONOUS 0x10u
#define SB_NOATIME 0x400u
#define SB_NODIRATIME 0x800u
#define OPTION_FSCACHE 0x1u
/* XPRT_CONNECTED, XPRT_OFFLINE (5.10 has nothing at that bit) */
#define CONNECTED (1u << 1)
#define OFFLINE (1u << 7)
#define NS_PER_MS 1000000

struct stats {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	struct vr_obj server; /* struct nfs_server */
	uint64_t jiffies;
	unsigned hz;
};

/*
 * What a member points to. The kernel itself knows some structures of its modules' by name only, so
 * that their pointers lead to types without members.
 */
static struct vr_obj target(struct vr_obj obj, const char *member, const char *type)
{
	return vr_cast(vr_deref(obj, member), type);
}

/* How many seconds ago a moment was. */
static int64_t seconds_since(const struct stats *s, uint64_t moment)
{
	return (int64_t)(s->jiffies - moment) / s->hz;
}

static void show_options(const struct stats *s)
{
	static const struct vr_fs_bit bits[] = {{SB_SYNCHRONOUS, ",sync"},
						{SB_NOATIME, ",noatime"},
						{SB_NODIRATIME, ",nodiratime"}};

	vr_fs_printf(s->m, "\n\topts:\t%s", vr_super_is_readonly(s->m->sb) ? "ro" : "rw");
	vr_fs_bits(s->m, vr_u64(s->m->sb, "s_flags"), bits, VR_ARRAY_SIZE(bits));
	vr_fs_nfs_all_options(s->m);
}

/* How the server calls itself. */
static void show_implementation(const struct stats *s)
{
	char name[VR_FS_TEXT], domain[VR_FS_TEXT];
	struct vr_obj id;

	if (!vr_u64(s->server, "nfs_client->cl_implid"))
		return;
	id = target(s->server, "nfs_client->cl_implid", "struct nfs41_impl_id");
	vr_fs_printf(s->m, "\n\timpl_id:\tname='%s',domain='%s',date='%" PRIu64 ",%" PRIu64 "'",
		     vr_str(id, "name", name, sizeof(name)),
		     vr_str(id, "domain", domain, sizeof(domain)), vr_u64(id, "date.seconds"),
		     vr_u64(id, "date.nseconds"));
}

static void show_capabilities(const struct stats *s)
{
	vr_fs_printf(s->m, "\n\tcaps:\tcaps=0x%" PRIx64 ",wtmult=%" PRIu64 ",dtsize=%" PRIu64,
		     vr_u64(s->server, "caps"), vr_u64(s->server, "wtmult"),
		     vr_u64(s->server, "dtsize"));
	vr_fs_printf(s->m, ",bsize=%" PRIu64 ",namlen=%" PRIu64, vr_u64(s->server, "bsize"),
		     vr_u64(s->server, "namelen"));
}

/* show_sessions(), show_pnfs(), show_lease() and what is before them */
static void show_version_4(const struct stats *s)
{
	struct vr_obj client = vr_deref(s->server, "nfs_client");
	uint64_t lease = vr_u64(client, "cl_lease_time");
	int64_t expired = seconds_since(s, vr_u64(client, "cl_last_renewal") + lease);
	char layout[64] = "not configured";

	if (vr_u64(client, "rpc_ops->version") != 4)
		return;
	vr_fs_printf(s->m, "\n\tnfsv4:\tbm0=0x%" PRIx64 ",bm1=0x%" PRIx64 ",bm2=0x%" PRIx64,
		     vr_u64(s->server, "attr_bitmask[0]"), vr_u64(s->server, "attr_bitmask[1]"),
		     vr_u64(s->server, "attr_bitmask[2]"));
	vr_fs_printf(s->m, ",acl=0x%" PRIx64, vr_u64(s->server, "acl_bitmask"));
	vr_fs_flag(s->m, client, "cl_session", ",sessions");
	if (vr_u64(s->server, "pnfs_curr_ld"))
		vr_str(target(s->server, "pnfs_curr_ld", "struct pnfs_layoutdriver_type"), "name",
		       layout, sizeof(layout));
	vr_fs_printf(s->m, ",pnfs=%s,lease_time=%" PRIu64 ",lease_expired=%" PRId64, layout,
		     lease / s->hz, expired > 0 ? expired : 0);
}

static void show_security(const struct stats *s)
{
	struct vr_obj auth = vr_deref(s->server, "client->cl_auth");
	uint64_t flavour = (uint32_t)vr_u64(auth, "au_flavor");

	vr_fs_printf(s->m, "\n\tsec:\tflavor=%" PRIu64, vr_u64(auth, "au_ops->au_flavor"));
	if (flavour)
		vr_fs_printf(s->m, ",pseudoflavor=%" PRIu64, flavour);
}

/* The sums over all CPUs of one of the arrays of struct nfs_iostats. */
static void show_counters(const struct stats *s, const char *name, const char *member)
{
	struct vr_obj stats = target(s->server, "io_stats", "struct nfs_iostats");
	struct vr_obj array = vr_get(stats, member);
	uint64_t count = vr_ok(array) ? vr_type_length(vr_type_strip(array.type)) : 0;
	uint64_t sums[MAX_COUNTERS] = {0}, part[MAX_COUNTERS], base = stats.addr;
	struct vr_cpumask possible;

	if (vr_failed(s->prog))
		return;
	if (!count || count > MAX_COUNTERS || vr_type_size(array.type) != count * sizeof(part[0])) {
		vr_latch(s->prog, VR_UNSUPPORTED, "an array of %" PRIu64 " counters", count);
		return;
	}
	vr_cpumask_read(s->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		stats.addr = vr_per_cpu_addr(s->prog, base, cpu);
		if (!vr_bytes(stats, member, part, (size_t)count * sizeof(part[0])))
			return;
		for (size_t i = 0; i < count; i++)
			sums[i] += part[i];
	}
	vr_fs_printf(s->m, "\n\t%s:\t", name);
	for (size_t i = 0; i < count; i++)
		vr_fs_printf(s->m, "%" PRIu64 " ", sums[i]);
}

/* ---- The client's RPC ---- */

static void show_values(const struct stats *s, struct vr_obj obj, const char *const *members,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		vr_fs_printf(s->m, " %" PRIu64, vr_u64(obj, members[i]));
}

/* xs_tcp_print_stats(), xs_udp_print_stats(), xs_local_print_stats() */
static void show_transport(const struct stats *s, struct vr_obj xprt)
{
	static const char *const connects[] = {"stat.connect_count"};
	static const char *const rest[] = {
		"stat.sends",   "stat.recvs",     "stat.bad_xids",  "stat.req_u",
		"stat.bklog_u", "stat.max_slots", "stat.sending_u", "stat.pending_u",
	};
	struct vr_obj socket = vr_container_of(s->prog, xprt.addr, "struct sock_xprt", "xprt");
	bool tcp, udp, connected = vr_u64(xprt, "state") & CONNECTED;
	char name[128];

	vr_function_name(s->prog, vr_u64(xprt, "ops->print_stats"), name, sizeof(name));
	tcp = !strcmp(name, "xs_tcp_print_stats");
	udp = !strcmp(name, "xs_udp_print_stats");
	if (!tcp && !udp && strcmp(name, "xs_local_print_stats")) {
		vr_latch(s->prog, VR_UNSUPPORTED, "what %s() shows isn't known",
			 name[0] ? name : "a function without a name");
		return;
	}
	vr_fs_printf(s->m, "\txprt:\t%s", tcp ? "tcp" : udp ? "udp" : "local");
	if (tcp || udp)
		vr_fs_printf(s->m, " %" PRIu64, vr_u64(socket, "srcport"));
	vr_fs_printf(s->m, " %" PRIu64, vr_u64(xprt, "stat.bind_count"));
	if (!udp) {
		show_values(s, xprt, connects, VR_ARRAY_SIZE(connects));
		vr_fs_printf(s->m, " %" PRIu64 " %" PRId64,
			     vr_u64(xprt, "stat.connect_time") / s->hz,
			     connected ? seconds_since(s, vr_u64(xprt, "last_used")) : 0);
	}
	show_values(s, xprt, rest, VR_ARRAY_SIZE(rest));
	vr_fs_puts(s->m, "\n");
}

/* rpc_clnt_iterate_for_each_xprt(): those that are in use. */
static void show_transports(const struct stats *s, struct vr_obj client)
{
	struct vr_obj all = target(client, "cl_xpi.xpi_xpswitch", "struct rpc_xprt_switch");
	struct vr_list_walk w =
		vr_list_begin(vr_get(all, "xps_xprt_list"), "struct rpc_xprt", "xprt_switch");

	while (vr_list_next(&w))
		if (vr_u64(w.entry, "kref.refcount.refs.counter") &&
		    !(vr_u64(w.entry, "state") & OFFLINE))
			show_transport(s, w.entry);
}

/* Add what a procedure cost this client and those that it was cloned from: _add_rpc_iostats(). */
static void add_procedure(struct vr_obj client, uint64_t procedure, const char *const *members,
			  size_t count, uint64_t *sums)
{
	struct vr_cycle_check seen = {0};

	for (unsigned i = 0; client.addr && !vr_failed(client.prog); i++) {
		struct vr_obj stats = vr_fs_element(
			target(client, "cl_metrics", "struct rpc_iostats"), procedure);
		uint64_t parent = vr_u64(client, "cl_parent");

		for (size_t k = 0; k < count; k++)
			sums[k] += vr_u64(stats, members[k]);
		if (parent == client.addr)
			return;
		if (i >= MAX_PARENTS || vr_cycle_seen(&seen, client.addr)) {
			vr_latch(client.prog, VR_CORRUPT,
				 "RPC clients that are each other's parents");
			return;
		}
		client.addr = parent;
	}
}

static void show_procedure(const struct stats *s, struct vr_obj client, uint64_t procedure)
{
	static const char *const members[] = {
		"om_ops",   "om_ntrans", "om_timeouts", "om_bytes_sent",   "om_bytes_recv",
		"om_queue", "om_rtt",    "om_execute",  "om_error_status",
	};
	struct vr_obj info =
		vr_fs_element(target(client, "cl_procinfo", "struct rpc_procinfo"), procedure);
	uint64_t sums[VR_ARRAY_SIZE(members)] = {0};
	char name[64];

	if (vr_u64(info, "p_name"))
		vr_fs_printf(s->m, "\t%12s:", vr_str(info, "p_name", name, sizeof(name)));
	else if (!procedure)
		vr_fs_printf(s->m, "\t%12s:", "NULL");
	else
		vr_fs_printf(s->m, "\t%12" PRIu64 ":", procedure);
	add_procedure(client, procedure, members, VR_ARRAY_SIZE(members), sums);
	for (size_t i = 0; i < VR_ARRAY_SIZE(members); i++)
		if (i >= 5 && i <= 7) /* a ktime_t */
			vr_fs_printf(s->m, " %" PRId64, (int64_t)sums[i] / NS_PER_MS);
		else
			vr_fs_printf(s->m, " %" PRIu64, sums[i]);
	vr_fs_puts(s->m, "\n");
}

static void show_rpc(const struct stats *s)
{
	struct vr_obj client = vr_deref(s->server, "client");
	uint64_t procedures = vr_u64(client, "cl_maxproc");
	char program[64];

	if (!vr_u64(client, "cl_metrics"))
		return;
	if (procedures > MAX_PROCEDURES) {
		vr_latch(s->prog, VR_CORRUPT, "%" PRIu64 " RPC procedures", procedures);
		return;
	}
	vr_fs_printf(s->m, "\tRPC iostats version: %s  p/v: %" PRIu64 "/%" PRIu64 " (%s)\n",
		     STATS_VERSION, vr_u64(client, "cl_prog"), vr_u64(client, "cl_vers"),
		     vr_str(target(client, "cl_program", "struct rpc_program"), "name", program,
			    sizeof(program)));
	show_transports(s, client);
	vr_fs_puts(s->m, "\tper-op statistics\n");
	for (uint64_t i = 0; i < procedures && !vr_failed(s->prog); i++)
		show_procedure(s, client, i);
}

void vr_fs_nfs_stats(const struct vr_fs_mount *m)
{
	struct stats s = {.m = m, .prog = m->sb.prog, .server = vr_fs_info(m, "struct nfs_server")};

	s.jiffies = vr_jiffies(s.prog);
	s.hz = vr_hz(s.prog);
	if (vr_failed(s.prog) || !s.hz)
		return;
	vr_fs_puts(m, "statvers=" STATS_VERSION);
	show_options(&s);
	vr_fs_printf(m, "\n\tage:\t%" PRId64, seconds_since(&s, vr_u64(s.server, "mount_time")));
	show_implementation(&s);
	show_capabilities(&s);
	show_version_4(&s);
	show_security(&s);
	show_counters(&s, "events", "events");
	show_counters(&s, "bytes", "bytes");
	/* Before 6.3. */
	if (vr_has_member(s.prog, "struct nfs_iostats", "fscache") &&
	    vr_u64(s.server, "options") & OPTION_FSCACHE)
		show_counters(&s, "fsc", "fscache");
	vr_fs_puts(m, "\n");
	show_rpc(&s);
}
