// SPDX-License-Identifier: GPL-2.0-or-later
/* What cifs and nfs show of themselves, and what is made of damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kernel/fs/show.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	typedef unsigned long long u64;
	typedef struct { unsigned int val; } kuid_t;
	typedef struct { unsigned int val; } kgid_t;
	typedef struct { unsigned int sequence; } seqcount_raw_spinlock_t;
	struct timekeeper { unsigned long ntp_tick; };
	struct cpumask { unsigned long bits[1]; };
	struct list_head { struct list_head *next, *prev; };
	struct super_block { unsigned long s_flags; void *s_fs_info; };
	struct in_addr { unsigned int s_addr; };
	struct in6_addr { unsigned char bytes[16]; };
	struct sockaddr { unsigned short sa_family; };
	struct sockaddr_in { unsigned short sin_family, sin_port; struct in_addr sin_addr; };
	struct sockaddr_in6 {
		unsigned short sin6_family, sin6_port; unsigned int sin6_flowinfo; struct in6_addr sin6_addr;
		unsigned int sin6_scope_id;
	};
	struct sockaddr_storage { unsigned short ss_family; char data[126]; };

	enum securityEnum { Unspecified, NTLMv2, RawNTLMSSP, Kerberos };
	struct smb_version_values { char *version_string; };
	struct TCP_Server_Info {
		struct smb_version_values *vals; struct sockaddr_storage srcaddr, dstaddr; _Bool rdma, ignore_signature;
		_Bool tcp_nodelay, noautotune, noblocksnd; unsigned int min_offload, max_credits;
		unsigned long echo_interval;
	};
	struct cifs_ses {
		struct TCP_Server_Info *server; enum securityEnum sectype; _Bool sign; kuid_t cred_uid;
		char *user_name, *domainName; unsigned long chan_max;
	};
	struct cifs_tcon {
		struct cifs_ses *ses; _Bool unix_ext : 1, seal : 1, nocase : 1, nodelete : 1, local_lease : 1, retry : 1;
		_Bool use_persistent : 1, use_resilient : 1, posix_extensions : 1, no_lease : 1;
		unsigned long snapshot_time; unsigned int handle_timeout;
	};
	struct tcon_link { struct cifs_tcon *tl_tcon; };
	struct smb3_fs_context {
		char *source, *iocharset; _Bool multiuser, no_sparse; kuid_t linux_uid, backupuid;
		kgid_t linux_gid, backupgid; unsigned short file_mode, dir_mode; unsigned int rsize, wsize, bsize, rasize;
		unsigned long acregmax, acdirmax, closetimeo;
	};
	struct cifs_sb_info {
		struct tcon_link *master_tlink; struct smb3_fs_context *ctx; unsigned int mnt_cifs_flags;
	};

	enum rpc_display_format_t { RPC_DISPLAY_ADDR, RPC_DISPLAY_NETID, RPC_DISPLAY_MAX };
	struct proc_nfs_info { int flag; const char *str, *nostr; };
	struct rpc_timeout { unsigned long to_initval; unsigned int to_retries; };
	struct rpc_authops { unsigned int au_flavor; };
	struct rpc_auth { unsigned int au_flavor; const struct rpc_authops *au_ops; };
	struct rpc_procinfo { const char *p_name; };
	struct rpc_program { const char *name; };
	struct rpc_iostats {
		unsigned long om_ops, om_ntrans, om_timeouts; unsigned long long om_bytes_sent, om_bytes_recv;
		long long om_queue, om_rtt, om_execute; unsigned long om_error_status;
	};
	struct atomic { int counter; };
	struct refcount { struct atomic refs; };
	struct kref { struct refcount refcount; };
	struct rpc_xprt_ops { void *print_stats; };
	struct rpc_stats {
		unsigned long bind_count, connect_count, connect_time, sends, recvs, bad_xids, max_slots;
		unsigned long long req_u, bklog_u, sending_u, pending_u;
	};
	struct rpc_xprt {
		struct kref kref; const struct rpc_xprt_ops *ops; unsigned long state, last_used;
		const char *address_strings[2]; struct rpc_stats stat; struct list_head xprt_switch;
	};
	struct sock_xprt { struct rpc_xprt xprt; unsigned short srcport; };
	struct rpc_xprt_switch { struct list_head xps_xprt_list; };
	struct rpc_xprt_iter { struct rpc_xprt_switch *xpi_xpswitch; };
	struct rpc_clnt {
		unsigned int cl_prog, cl_vers, cl_maxproc; const struct rpc_procinfo *cl_procinfo;
		struct rpc_iostats *cl_metrics; struct rpc_clnt *cl_parent; struct rpc_auth *cl_auth;
		const struct rpc_timeout *cl_timeout; struct rpc_xprt *cl_xprt; struct rpc_xprt_iter cl_xpi;
		const struct rpc_program *cl_program;
	};
	struct nfs_rpc_ops { unsigned int version; };
	struct nfs41_impl_id { char name[8]; };
	struct nfs_client {
		const struct nfs_rpc_ops *rpc_ops; struct rpc_clnt *cl_rpcclient; unsigned int cl_nconnect;
		struct nfs41_impl_id *cl_implid; unsigned long cl_lease_time, cl_last_renewal;
	};
	struct nfs_iostats { unsigned long long bytes[2]; unsigned long events[3]; };
	struct nfs_server {
		struct nfs_client *nfs_client; struct rpc_clnt *client; struct nfs_iostats *io_stats;
		unsigned int flags, caps, rsize, wsize, wtmult, dtsize, bsize, namelen, options, port;
		unsigned int acregmin, acregmax, acdirmin, acdirmax; unsigned long mount_time;
		struct sockaddr_storage mountd_address; unsigned int mountd_version; unsigned short mountd_port;
		unsigned short mountd_protocol;
	};
)
/* clang-format on */

#define FUNCTION (TK_TEXT + 64)
#define HZ 250u
#define NOW (1000 * HZ)

/* A mount, of which only the super block is there. */
struct share {
	struct tiny_kernel *k;
	struct vr_program *prog;
	struct vr_strbuf out;
	uint64_t sb;
};

static uint64_t text(struct share *s, const char *string)
{
	uint64_t va = tk_alloc(s->k, strlen(string) + 1);

	memcpy(tk_ptr(s->k, va), string, strlen(string) + 1);
	return va;
}

/* Memory whose address goes to where. */
static void *new_at(struct share *s, void *where, size_t size)
{
	uint64_t va = tk_alloc(s->k, size);

	memcpy(where, &va, sizeof(va));
	return tk_ptr(s->k, va);
}

static struct share make(const char *function)
{
	struct share s = {.k = tk_new((struct tk_spec){.types = types})};

	s.sb = tk_alloc(s.k, sizeof(struct super_block));
	tk_put64(s.k, tk_global(s.k, "tk_core", 64) + 8, (1000000000ull / HZ) << 32);
	tk_put64(s.k, tk_global(s.k, "jiffies_64", 8), NOW);
	tk_put64(s.k, tk_global(s.k, "__cpu_possible_mask", 8), 1);
	tk_put64(s.k, tk_global(s.k, "nr_cpu_ids", 4), 1);
	tk_global(s.k, "__per_cpu_offset", 8);
	tk_global(s.k, "__start_rodata", 8);
	tk_global(s.k, "__end_rodata", 8);
	tk_symbol(s.k, 't', function, FUNCTION);
	tk_symbol(s.k, 't', "behind_it", FUNCTION + 64);
	return s;
}

/* What show() appends; out stays the share's. */
static const char *shown(struct share *s, void (*show)(const struct vr_fs_mount *m))
{
	struct vr_fs_mount m = {.out = &s->out};

	s->prog = tk_open(s->k);
	m.sb = vr_at(s->prog, "struct super_block", s->sb);
	vr_strbuf_truncate(&s->out, 0);
	show(&m);
	return vr_strbuf_str(&s->out);
}

static void expect_error(struct share *s, void (*show)(const struct vr_fs_mount *m),
			 enum vr_err kind)
{
	shown(s, show);
	tk_expect(s->prog, kind, 0);
}

static void done(struct share *s)
{
	vr_strbuf_free(&s->out);
	tk_free(s->k);
}

/* ---- cifs ---- */

struct cifs {
	struct share s;
	struct cifs_sb_info *sb;
	struct smb3_fs_context *ctx;
	struct cifs_tcon *tcon;
	struct cifs_ses *ses;
	struct TCP_Server_Info *server;
};

static struct cifs make_cifs(void)
{
	struct cifs c = {.s = make("cifs_show_options")};
	struct super_block *sb = tk_ptr(c.s.k, c.s.sb);
	struct tcon_link *link;
	struct smb_version_values *vals;

	c.sb = new_at(&c.s, &sb->s_fs_info, sizeof(*c.sb));
	c.ctx = new_at(&c.s, &c.sb->ctx, sizeof(*c.ctx));
	link = new_at(&c.s, &c.sb->master_tlink, sizeof(*link));
	c.tcon = new_at(&c.s, &link->tl_tcon, sizeof(*c.tcon));
	c.ses = new_at(&c.s, &c.tcon->ses, sizeof(*c.ses));
	c.server = new_at(&c.s, &c.ses->server, sizeof(*c.server));
	vals = new_at(&c.s, &c.server->vals, sizeof(*vals));
	vals->version_string = tk_va(char, text(&c.s, "3.1.1"));
	c.ctx->source = tk_va(char, text(&c.s, "\\\\server\\share one\\sub#"));
	c.server->dstaddr.ss_family = 2;
	memcpy(c.server->dstaddr.data, "\1\275\300\0\2\1", 6);
	c.server->echo_interval = 60 * HZ;
	c.server->max_credits = 32000;
	c.ctx->acregmax = c.ctx->acdirmax = c.ctx->closetimeo = HZ;
	return c;
}

static void test_cifs(void **state)
{
	struct cifs c = make_cifs();

	(void)state;
	assert_string_equal(shown(&c.s, vr_fs_cifs_source), "//server/share\\040one/sub#");
	assert_string_equal(shown(&c.s, vr_fs_cifs_options),
			    ",vers=3.1.1,sec=none,cache=loose,uid=0,noforceuid,gid=0,noforcegid,"
			    "addr=192.0.2.1,file_mode=00,dir_mode=00,soft,nounix,rsize=0,wsize=0,"
			    "bsize=0,echo_interval=60,actimeo=1,closetimeo=1");
	tk_expect(c.s.prog, VR_OK, 0);

	c.ses->sectype = Kerberos;
	c.ses->sign = true;
	c.ses->cred_uid.val = 7;
	c.ses->user_name = tk_va(char, text(&c.s, "a,b"));
	c.ses->domainName = tk_va(char, text(&c.s, ""));
	c.ses->chan_max = 4;
	c.server->srcaddr.ss_family = 10;
	memcpy(c.server->srcaddr.data + 6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x10", 16);
	c.server->dstaddr = c.server->srcaddr;
	c.server->dstaddr.data[22] = 3;
	c.server->max_credits = 5;
	c.sb->mnt_cifs_flags = 0x40000 | 0x400 | 0x800 | 0x4 | 0x8000000 | 0x10000 | 0x200000;
	c.tcon->seal = c.tcon->retry = c.tcon->posix_extensions = c.tcon->no_lease = true;
	c.ctx->backupuid.val = 9;
	c.ctx->acregmax = 2 * HZ;
	c.ctx->file_mode = 0755;
	assert_string_equal(
		shown(&c.s, vr_fs_cifs_options),
		",vers=3.1.1,sec=krb5i,cruid=7,cache=strict,nolease,username=a\\054b,"
		"srcaddr=2001:db8::10,uid=0,forceuid,gid=0,forcegid,"
		"addr=2001:0db8:0000:0000:0000:0000:0000:0010%3,file_mode=0755,dir_mode=00,"
		"seal,hard,posix,nodfs,serverino,mfsymlinks,backupuid=9,rsize=0,wsize=0,"
		"bsize=0,echo_interval=60,max_credits=5,acdirmax=1,acregmax=2,closetimeo=1,"
		"multichannel,max_channels=4");
	tk_expect(c.s.prog, VR_OK, 0);
	done(&c.s);
}

static void test_damaged_cifs(void **state)
{
	struct cifs c = make_cifs();
	uint64_t endless = tk_alloc(c.s.k, 8192);

	(void)state;
	memset(tk_ptr(c.s.k, endless), 'x', 8192);
	c.ctx->source = NULL;
	assert_string_equal(shown(&c.s, vr_fs_cifs_source), "none");
	c.ctx->source = tk_va(char, endless);
	expect_error(&c.s, vr_fs_cifs_source, VR_CORRUPT);
	c.ses->user_name = tk_va(char, endless);
	expect_error(&c.s, vr_fs_cifs_options, VR_CORRUPT);
	c.ses->user_name = tk_va(char, TK_NOWHERE);
	expect_error(&c.s, vr_fs_cifs_options, VR_FAULT);
	c.tcon->ses = tk_va(struct cifs_ses, TK_NOWHERE);
	expect_error(&c.s, vr_fs_cifs_options, VR_FAULT);
	c.sb->ctx = NULL;
	expect_error(&c.s, vr_fs_cifs_options, VR_FAULT);
	expect_error(&c.s, vr_fs_cifs_source, VR_FAULT);
	done(&c.s);
}

/* ---- nfs ---- */

struct nfs {
	struct share s;
	struct nfs_server *server;
	struct rpc_clnt *client, *parent;
	struct sock_xprt *transport;
	struct rpc_xprt_switch *transports;
};

static struct nfs make_nfs(void)
{
	struct nfs n = {.s = make("xs_tcp_print_stats")};
	struct super_block *sb = tk_ptr(n.s.k, n.s.sb);
	uint64_t names = tk_global(n.s.k, "sec_flavours.2", 64);
	struct rpc_program *program;
	struct rpc_procinfo *procedures;
	struct rpc_xprt_ops *ops;
	struct rpc_authops *auth;
	struct rpc_xprt *xprt;
	struct nfs_client *shared;
	struct nfs_rpc_ops *version;

	tk_global(n.s.k, "nfs_info.1", sizeof(struct proc_nfs_info));
	tk_put64(n.s.k, names, 1);
	tk_put64(n.s.k, names + 8, text(&n.s, "sys"));
	n.server = new_at(&n.s, &sb->s_fs_info, sizeof(*n.server));
	shared = new_at(&n.s, &n.server->nfs_client, sizeof(*shared));
	version = new_at(&n.s, &shared->rpc_ops, sizeof(*version));
	version->version = 3;
	new_at(&n.s, &n.server->io_stats, sizeof(struct nfs_iostats));
	n.client = new_at(&n.s, &n.server->client, sizeof(*n.client));
	n.parent = new_at(&n.s, &n.client->cl_parent, sizeof(*n.parent));
	n.parent->cl_parent = n.client->cl_parent;
	new_at(&n.s, &n.parent->cl_metrics, 2 * sizeof(struct rpc_iostats));
	new_at(&n.s, &n.client->cl_metrics, 2 * sizeof(struct rpc_iostats));
	new_at(&n.s, &n.client->cl_timeout, sizeof(struct rpc_timeout));
	auth = new_at(&n.s, &n.client->cl_auth, sizeof(struct rpc_auth));
	((struct rpc_auth *)auth)->au_flavor = 1;
	auth = new_at(&n.s, &((struct rpc_auth *)auth)->au_ops, sizeof(*auth));
	auth->au_flavor = 1;
	program = new_at(&n.s, &n.client->cl_program, sizeof(*program));
	program->name = tk_va(char, text(&n.s, "nfs"));
	procedures = new_at(&n.s, &n.client->cl_procinfo, 2 * sizeof(*procedures));
	procedures[1].p_name = tk_va(char, text(&n.s, "READ"));
	n.client->cl_maxproc = 2;
	n.client->cl_prog = 100003;
	n.client->cl_vers = 3;
	n.transport = new_at(&n.s, &n.client->cl_xprt, sizeof(*n.transport));
	xprt = &n.transport->xprt;
	xprt->address_strings[RPC_DISPLAY_NETID] = tk_va(char, text(&n.s, "tcp"));
	xprt->kref.refcount.refs.counter = 1;
	xprt->state = 2;
	xprt->last_used = NOW - 9 * HZ;
	ops = new_at(&n.s, &xprt->ops, sizeof(*ops));
	ops->print_stats = tk_va(void, FUNCTION);
	n.transports = new_at(&n.s, &n.client->cl_xpi.xpi_xpswitch, sizeof(*n.transports));
	return n;
}

/* Put the transport into its list, of which it is all. */
static void link_transport(struct nfs *n)
{
	uint64_t head, entry;

	memcpy(&head, &n->client->cl_xpi.xpi_xpswitch, sizeof(head));
	memcpy(&entry, &n->client->cl_xprt, sizeof(entry));
	entry += offsetof(struct rpc_xprt, xprt_switch);
	n->transports->xps_xprt_list.next = tk_va(struct list_head, entry);
	n->transports->xps_xprt_list.prev = tk_va(struct list_head, entry);
	n->transport->xprt.xprt_switch.next = tk_va(struct list_head, head);
	n->transport->xprt.xprt_switch.prev = tk_va(struct list_head, head);
}

static struct rpc_iostats *metrics(struct nfs *n, struct rpc_clnt *client)
{
	uint64_t va;

	memcpy(&va, &client->cl_metrics, sizeof(va));
	return tk_ptr(n->s.k, va);
}

static void test_nfs_stats(void **state)
{
	struct nfs n = make_nfs();

	(void)state;
	link_transport(&n);
	n.server->mount_time = NOW - 700 * HZ;
	n.server->caps = 0xf;
	n.transport->srcport = 700;
	n.transport->xprt.stat.sends = 12;
	metrics(&n, n.client)[1] = (struct rpc_iostats){.om_ops = 2, .om_rtt = 1999999};
	metrics(&n, n.parent)[1] = (struct rpc_iostats){.om_ops = 3, .om_rtt = 1};
	assert_string_equal(
		shown(&n.s, vr_fs_nfs_stats),
		"statvers=1.1\n"
		"\topts:\trw,vers=3,rsize=0,wsize=0,namlen=0,acregmin=0,acregmax=0,acdirmin=0,"
		"acdirmax=0,hard,proto=tcp,timeo=0,retrans=0,sec=sys,mountaddr=unspecified,"
		"mountvers=0,mountport=0,mountproto=auto,local_lock=none\n"
		"\tage:\t700\n"
		"\tcaps:\tcaps=0xf,wtmult=0,dtsize=0,bsize=0,namlen=0\n"
		"\tsec:\tflavor=1,pseudoflavor=1\n"
		"\tevents:\t0 0 0 \n"
		"\tbytes:\t0 0 \n"
		"\tRPC iostats version: 1.1  p/v: 100003/3 (nfs)\n"
		"\txprt:\ttcp 700 0 0 0 9 12 0 0 0 0 0 0 0\n"
		"\tper-op statistics\n"
		"\t        NULL: 0 0 0 0 0 0 0 0 0\n"
		"\t        READ: 5 0 0 0 0 0 2 0 0\n");
	tk_expect(n.s.prog, VR_OK, 0);
	/* One that is going away, one that is offline. */
	n.transport->xprt.state = 0x82;
	assert_null(strstr(shown(&n.s, vr_fs_nfs_stats), "\txprt:"));
	n.transport->xprt.state = 2;
	n.transport->xprt.kref.refcount.refs.counter = 0;
	assert_null(strstr(shown(&n.s, vr_fs_nfs_stats), "\txprt:"));
	done(&n.s);
}

static void test_damaged_nfs_stats(void **state)
{
	struct nfs n = make_nfs();
	struct rpc_clnt *own = n.parent->cl_parent;

	(void)state;
	link_transport(&n);
	n.parent->cl_parent = n.server->client; /* a circle */
	expect_error(&n.s, vr_fs_nfs_stats, VR_CORRUPT);
	n.parent->cl_parent = tk_va(struct rpc_clnt, TK_NOWHERE);
	expect_error(&n.s, vr_fs_nfs_stats, VR_FAULT);
	n.parent->cl_parent = own;
	n.client->cl_maxproc = UINT32_MAX;
	expect_error(&n.s, vr_fs_nfs_stats, VR_CORRUPT);
	n.client->cl_maxproc = 2;
	n.client->cl_procinfo = tk_va(struct rpc_procinfo, TK_NOWHERE);
	expect_error(&n.s, vr_fs_nfs_stats, VR_FAULT);
	n.transport->xprt.ops = tk_va(struct rpc_xprt_ops, TK_NOWHERE);
	expect_error(&n.s, vr_fs_nfs_stats, VR_FAULT);
	n.server->io_stats = NULL;
	expect_error(&n.s, vr_fs_nfs_stats, VR_FAULT);
	done(&n.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cifs),
		cmocka_unit_test(test_damaged_cifs),
		cmocka_unit_test(test_nfs_stats),
		cmocka_unit_test(test_damaged_nfs_stats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
