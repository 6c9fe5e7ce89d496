// SPDX-License-Identifier: GPL-2.0-or-later
/* nfs, all versions (fs/nfs/super.c, namespace.c). */
#include "kernel/fs/show.h"
#include "kernel/inet_address.h"
#include "kernel/symbol_at.h"
#include "kernel/ticks.h"
#include "object/memo.h"

/* Most lines that a table has; the kernel's have less than 20. */
#define MAX_LINES 64
/* NFS_MOUNT_*, NFS_OPTION_* of include/linux/nfs_fs_sb.h and include/uapi/linux/nfs_mount.h. */
#define MOUNT_SOFT 0x1u
#define MOUNT_LOOKUP_CACHE_NONEG 0x10000u
#define MOUNT_LOOKUP_CACHE_NONE 0x20000u
#define MOUNT_LEGACY_INTERFACE 0x80000u
#define MOUNT_LOCAL_FLOCK 0x100000u
#define MOUNT_LOCAL_FCNTL 0x200000u
#define MOUNT_SOFTERR 0x400000u
#define MOUNT_WRITE_EAGER 0x1000000u
#define MOUNT_WRITE_WAIT 0x2000000u
#define MOUNT_NO_ALIGNWRITE 0x10000000u
#define OPTION_FSCACHE 0x1u
#define OPTION_MIGRATION 0x2u
/* NFS_PORT, NFS_UNSPEC_PORT */
#define USUAL_PORT 2049u
#define NO_PORT 0xffffu
#define AF_INET 2u
#define AF_INET6 10u
#define IPPROTO_TCP 6u
#define IPPROTO_UDP 17u

struct nfs {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	struct vr_obj server, client; /* struct nfs_server, struct nfs_client */
	uint64_t flags, version;
	unsigned hz;
	bool all; /* what is usual, too */
};

/* The tables are statics of functions, to whose names the compiler adds a number. */
struct tables {
	bool known;
	uint64_t options, flavours;
};

static uint64_t table_named(struct vr_program *prog, const char *base)
{
	const char *name = vr_symbol_named(prog, base, "nfs");

	if (!name) /* nfs may be no module */
		name = vr_symbol_named(prog, base, NULL);
	return name ? vr_symbol(prog, name) : 0;
}

static const struct tables *get_tables(struct vr_program *prog)
{
	static const char key;
	struct tables *tables = vr_memo(prog, &key, sizeof(*tables));

	if (!tables || tables->known)
		return tables;
	tables->options = table_named(prog, "nfs_info");
	tables->flavours = table_named(prog, "sec_flavours");
	tables->known = true;
	return tables;
}

static void show_number(const struct nfs *n, const char *name, uint64_t value)
{
	vr_fs_printf(n->m, ",%s=%" PRIu64, name, value);
}

/* struct proc_nfs_info: what is shown where a flag is set, and (since 6.16) where it isn't. */
static void show_flags(const struct nfs *n)
{
	const struct tables *tables = get_tables(n->prog);
	struct vr_obj table;
	char text[64];

	if (!tables || !tables->options) {
		vr_latch(n->prog, VR_ABSENT, "no symbol `nfs_info`");
		return;
	}
	table = vr_at(n->prog, "struct proc_nfs_info", tables->options);
	for (unsigned i = 0; i < MAX_LINES && !vr_failed(n->prog); i++) {
		struct vr_obj line = vr_fs_element(table, i);
		uint64_t flag = (uint32_t)vr_u64(line, "flag");

		if (!flag)
			return;
		vr_fs_puts(n->m,
			   vr_str(line, n->flags & flag ? "str" : "nostr", text, sizeof(text)));
	}
}

/* nfs_pseudoflavour_to_name(): pairs of a number and a name, the last is UINT_MAX. */
static void show_security(const struct nfs *n)
{
	uint64_t flavour = (uint32_t)vr_u64(n->server, "client->cl_auth->au_flavor");
	const struct tables *tables = get_tables(n->prog);
	char name[32];

	if (!tables || !tables->flavours) {
		vr_latch(n->prog, VR_ABSENT, "no symbol `sec_flavours`");
		return;
	}
	for (unsigned i = 0; i < MAX_LINES && !vr_failed(n->prog); i++) {
		uint64_t at = tables->flavours + 16 * i;
		uint64_t number = vr_u64(vr_at(n->prog, "unsigned int", at), "");

		if (number != flavour && number != UINT32_MAX)
			continue;
		vr_str(vr_at(n->prog, "char *", at + 8), "", name, sizeof(name));
		vr_fs_printf(n->m, ",sec=%s", name);
		return;
	}
}

/* rpc_peeraddr2str(); client is a struct rpc_clnt. */
static void show_peer(const struct nfs *n, const char *name, struct vr_obj client,
		      const char *format)
{
	struct vr_obj strings = vr_get(client, "cl_xprt->address_strings");
	struct vr_obj text = vr_index(strings, (uint64_t)vr_constant(n->prog, format));
	char buf[128];

	vr_fs_printf(n->m, ",%s=%s", name,
		     vr_u64(text, "") ? vr_str(text, "", buf, sizeof(buf)) : "unprintable");
}

/* How long attributes are remembered, in seconds. */
static void show_ages(const struct nfs *n)
{
	static const struct {
		const char *name;
		unsigned usual;
	} ages[] = {{"acregmin", 3}, {"acregmax", 60}, {"acdirmin", 30}, {"acdirmax", 60}};

	for (size_t i = 0; i < VR_ARRAY_SIZE(ages); i++) {
		uint64_t age = vr_u64(n->server, ages[i].name);

		if (n->all || age != ages[i].usual * n->hz)
			show_number(n, ages[i].name, age / n->hz);
	}
}

static void show_sizes(const struct nfs *n)
{
	uint64_t block = vr_u64(n->server, "bsize");

	vr_fs_printf(n->m, ",vers=%" PRIu64, n->version);
	if (n->version == 4)
		vr_fs_printf(n->m, ".%" PRIu64, vr_u64(n->client, "cl_minorversion"));
	show_number(n, "rsize", vr_u64(n->server, "rsize"));
	show_number(n, "wsize", vr_u64(n->server, "wsize"));
	if (block)
		show_number(n, "bsize", block);
	show_number(n, "namlen", vr_u64(n->server, "namelen"));
	show_ages(n);
	if (!(n->flags & (MOUNT_SOFT | MOUNT_SOFTERR)))
		vr_fs_puts(n->m, ",hard");
	show_flags(n);
}

static void show_connection(const struct nfs *n)
{
	struct vr_obj timeout = vr_deref(n->server, "client->cl_timeout");
	uint64_t port = vr_u64(n->server, "port"), connects;

	show_peer(n, "proto", vr_deref(n->server, "client"), "RPC_DISPLAY_NETID");
	connects = vr_u64(n->client, "cl_nconnect");
	if (connects)
		show_number(n, "nconnect", connects);
	if (n->version == 4 && vr_has(n->client, "cl_max_connect") && /* since 5.15 */
	    vr_u64(n->client, "cl_max_connect") > 1)
		show_number(n, "max_connect", vr_u64(n->client, "cl_max_connect"));
	if (port != (n->version == 4 ? USUAL_PORT : 0))
		show_number(n, "port", port);
	show_number(n, "timeo", 10 * vr_u64(timeout, "to_initval") / n->hz);
	show_number(n, "retrans", vr_u64(timeout, "to_retries"));
	show_security(n);
}

/* TLS, since 6.5; its keys since 6.16. */
static void show_tls(const struct nfs *n)
{
	int64_t anonymous, named;
	uint64_t policy;

	if (!vr_has(n->client, "cl_xprtsec"))
		return;
	policy = vr_u64(n->client, "cl_xprtsec.policy");
	anonymous = vr_constant(n->prog, "RPC_XPRTSEC_TLS_ANON");
	named = vr_constant(n->prog, "RPC_XPRTSEC_TLS_X509");
	if (policy == (uint64_t)anonymous || policy == (uint64_t)named)
		vr_fs_puts(n->m, policy == (uint64_t)named ? ",xprtsec=mtls" : ",xprtsec=tls");
	vr_fs_flag_if(n->m, n->client, "cl_xprtsec.cert_serial", ",cert_serial=<redacted>");
	vr_fs_flag_if(n->m, n->client, "cl_xprtsec.privkey_serial", ",privkey_serial=<redacted>");
}

/* nfs_show_mountd_options(), of versions 2 and 3. */
static void show_mount_daemon(const struct nfs *n)
{
	uint64_t family, protocol, port, version;
	char text[VR_INET_TEXT];
	uint8_t ip[16];

	if (n->flags & MOUNT_LEGACY_INTERFACE)
		return;
	family = vr_u64(vr_cast(vr_get(n->server, "mountd_address"), "struct sockaddr"),
			"sa_family");
	if (family == AF_INET6) {
		vr_get_ip6(vr_cast(vr_get(n->server, "mountd_address"), "struct sockaddr_in6"),
			   "sin6_addr", ip);
		vr_fs_printf(n->m, ",mountaddr=%s", vr_ip6_text(ip, text));
	} else if (family == AF_INET) {
		vr_fs_printf(n->m, ",mountaddr=%s",
			     vr_get_ip4(vr_cast(vr_get(n->server, "mountd_address"),
						"struct sockaddr_in"),
					"sin_addr", text));
	} else if (n->all) {
		vr_fs_puts(n->m, ",mountaddr=unspecified");
	}
	version = vr_u64(n->server, "mountd_version");
	if (version || n->all)
		show_number(n, "mountvers", version);
	port = vr_u64(n->server, "mountd_port");
	if ((port && port != NO_PORT) || n->all)
		show_number(n, "mountport", port);
	protocol = vr_u64(n->server, "mountd_protocol");
	if ((family == AF_INET || family == AF_INET6) &&
	    (protocol == IPPROTO_UDP || protocol == IPPROTO_TCP))
		vr_fs_printf(n->m, ",mountproto=%s%s", protocol == IPPROTO_UDP ? "udp" : "tcp",
			     family == AF_INET6 ? "6" : "");
	else if (n->all)
		vr_fs_puts(n->m, ",mountproto=auto");
}

static void show_caches(const struct nfs *n)
{
	uint64_t options = vr_u64(n->server, "options");
	char id[256];

	if (options & OPTION_FSCACHE) {
		if (vr_has(n->server, "fscache_uniq") && vr_u64(n->server, "fscache_uniq"))
			vr_fs_printf(n->m, ",fsc=%s",
				     vr_str(n->server, "fscache_uniq", id, sizeof(id)));
		else
			vr_fs_puts(n->m, ",fsc");
	}
	if (options & OPTION_MIGRATION)
		vr_fs_puts(n->m, ",migration");
	if (n->flags & MOUNT_LOOKUP_CACHE_NONEG)
		vr_fs_puts(n->m, n->flags & MOUNT_LOOKUP_CACHE_NONE ? ",lookupcache=none"
								    : ",lookupcache=pos");
}

static void show_locks(const struct nfs *n)
{
	bool flock = n->flags & MOUNT_LOCAL_FLOCK, posix = n->flags & MOUNT_LOCAL_FCNTL;

	vr_fs_printf(n->m, ",local_lock=%s",
		     flock && posix ? "all"
		     : flock        ? "flock"
		     : posix        ? "posix"
				    : "none");
	/* Bits that older kernels don't set. */
	if (n->flags & MOUNT_NO_ALIGNWRITE)
		vr_fs_puts(n->m, ",noalignwrite");
	if (n->flags & MOUNT_WRITE_EAGER)
		vr_fs_puts(n->m, n->flags & MOUNT_WRITE_WAIT ? ",write=wait" : ",write=eager");
}

static struct nfs begin(const struct vr_fs_mount *m)
{
	struct nfs n = {.m = m, .prog = m->sb.prog, .server = vr_fs_info(m, "struct nfs_server")};

	n.client = vr_deref(n.server, "nfs_client");
	n.flags = (uint32_t)vr_u64(n.server, "flags");
	n.version = vr_u64(n.client, "rpc_ops->version");
	n.hz = vr_hz(n.prog);
	return n;
}

/* nfs_show_mount_options() */
static void show_mount_options(const struct nfs *n)
{
	char address[64];

	if (vr_failed(n->prog) || !n->hz)
		return;
	show_sizes(n);
	show_connection(n);
	show_tls(n);
	if (n->version == 4)
		vr_fs_printf(n->m, ",clientaddr=%s",
			     vr_str(n->client, "cl_ipaddr", address, sizeof(address)));
	else
		show_mount_daemon(n);
	show_caches(n);
	show_locks(n);
}

void vr_fs_nfs_options(const struct vr_fs_mount *m)
{
	struct nfs n = begin(m);

	show_mount_options(&n);
	show_peer(&n, "addr", vr_deref(n.client, "cl_rpcclient"), "RPC_DISPLAY_ADDR");
}

void vr_fs_nfs_all_options(const struct vr_fs_mount *m)
{
	struct nfs n = begin(m);

	n.all = true;
	show_mount_options(&n);
}

/* nfs_show_devname(), nfs_path(): what the root directory was mounted from, and the path below it. */
void vr_fs_nfs_source(const struct vr_fs_mount *m)
{
	struct vr_obj dentry = m->top, parent;
	char path[VR_PATH_SIZE], base[VR_FS_TEXT];
	const char *below = vr_dentry_path(m->paths, dentry.addr, path);
	size_t len;

	/* vr_dentry_path() has found that there is no circle. */
	while (!vr_failed(m->sb.prog)) {
		parent = vr_deref(dentry, "d_parent");
		if (parent.addr == dentry.addr)
			break;
		dentry = parent;
	}
	vr_str(vr_at(m->sb.prog, "char *", vr_get(dentry, "d_fsdata").addr), "", base,
	       sizeof(base));
	len = strlen(base);
	if (strcmp(below, "/") != 0) {
		while (len && base[len - 1] == '/')
			base[--len] = '\0';
	} else {
		below = "";
	}
	vr_fs_escaped(m, base, VR_SEQ_PATH);
	vr_fs_escaped(m, below, VR_SEQ_PATH);
}
