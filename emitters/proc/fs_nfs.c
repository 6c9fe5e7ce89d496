// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/net/nfsfs/servers and volumes, to which proc/fs/nfsfs/ links in a running kernel
 * (nfs_server_list_show(), nfs_volume_list_show() of fs/nfs/client.c), and proc/fs/lockd/nlm_end_grace
 * (fs/lockd/procfs.c).
 */
#include <inttypes.h>
#include <stdio.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/net_namespace.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

/* cl_cons_state: NFS_CS_READY */
#define READY 0
/* Room for a host's name, of which mounting takes 255 characters, and its NUL. */
#define HOST_SIZE 1025
/* The kernel's own buffers for a device and a file system's id. */
#define DEV_SIZE 13
#define FSID_SIZE 34
#define MINOR_BITS 20

/* rpc_peeraddr2str() */
static char *peer(struct vr_obj client, const char *format, char *buf, size_t size)
{
	uint64_t i = (uint64_t)vr_constant(client.prog, format);
	struct vr_obj text = vr_index(vr_get(client, "cl_rpcclient->cl_xprt->address_strings"), i);

	if (vr_u64(text, ""))
		vr_str(text, "", buf, size);
	else
		snprintf(buf, size, "unprintable");
	return buf;
}

/* What lines of both files begin with; client is a struct nfs_client. */
static void put_client(struct vr_file *f, struct vr_obj client)
{
	char addr[128], port[128];

	vr_printf(f, "v%" PRIu32 " %s %s ", (uint32_t)vr_u64(client, "rpc_ops->version"),
		  peer(client, "RPC_DISPLAY_HEX_ADDR", addr, sizeof(addr)),
		  peer(client, "RPC_DISPLAY_HEX_PORT", port, sizeof(port)));
}

static void put_servers(struct vr_file *f, struct vr_obj net)
{
	struct vr_obj nn = vr_net_generic(net, "nfs_net_id", "struct nfs_net");
	struct vr_list_walk w =
		vr_list_begin(vr_get(nn, "nfs_client_list"), "struct nfs_client", "cl_share_link");

	vr_puts(f, "NV SERVER   PORT USE HOSTNAME\n");
	while (vr_list_next(&w)) {
		char host[HOST_SIZE] = "(null)";

		vr_row_begin(f);
		if (vr_s64(w.entry, "cl_cons_state") == READY) {
			put_client(f, w.entry);
			if (vr_u64(w.entry, "cl_hostname"))
				vr_str(w.entry, "cl_hostname", host, sizeof(host));
			vr_printf(f, "%3d %s\n", (int)vr_u64(w.entry, "cl_count.refs.counter"),
				  host);
		}
		vr_row_end(f);
	}
}

static void put_volumes(struct vr_file *f, struct vr_obj net)
{
	struct vr_obj nn = vr_net_generic(net, "nfs_net_id", "struct nfs_net");
	struct vr_list_walk w =
		vr_list_begin(vr_get(nn, "nfs_volume_list"), "struct nfs_server", "master_link");

	vr_puts(f, "NV SERVER   PORT DEV          FSID                              FSC\n");
	while (vr_list_next(&w)) {
		char dev[DEV_SIZE], fsid[FSID_SIZE];
		uint32_t s_dev;
		bool cached;

		vr_row_begin(f);
		s_dev = (uint32_t)vr_u64(w.entry, "s_dev");
		/* Not there where the kernel was built without a cache. */
		cached = vr_has(w.entry, "fscache") && vr_u64(w.entry, "fscache");
		snprintf(dev, sizeof(dev), "%" PRIu32 ":%" PRIu32, s_dev >> MINOR_BITS,
			 s_dev & ((1u << MINOR_BITS) - 1));
		snprintf(fsid, sizeof(fsid), "%" PRIx64 ":%" PRIx64, vr_u64(w.entry, "fsid.major"),
			 vr_u64(w.entry, "fsid.minor"));
		put_client(f, vr_deref(w.entry, "nfs_client"));
		vr_printf(f, "%-12s %-33s %s\n", dev, fsid, cached ? "yes" : "no ");
		vr_row_end(f);
	}
}

static void emit_net_servers(struct vr_file *f, const struct vr_key *key)
{
	put_servers(f, key->obj);
}

static void emit_net_volumes(struct vr_file *f, const struct vr_key *key)
{
	put_volumes(f, key->obj);
}

static void emit_servers(struct vr_file *f, const struct vr_key *key)
{
	put_servers(f, vr_kernel_global(key->prog, "init_net"));
}

static void emit_volumes(struct vr_file *f, const struct vr_key *key)
{
	put_volumes(f, vr_kernel_global(key->prog, "init_net"));
}

/* Is no grace period going on? Its NUL is the kernel's own. What a reader in the initial namespace sees. */
static void emit_end_grace(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj ln = vr_net_generic(vr_kernel_global(key->prog, "init_net"), "lockd_net_id",
					  "struct lockd_net");
	struct vr_obj list = vr_get(ln, "lockd_manager.list");

	vr_write(f, vr_u64(list, "next") == list.addr ? "Y\n" : "N\n", 3);
}

static bool has_nfs(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "fs/nfsfs");
}

static bool has_lockd(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "fs/lockd/nlm_end_grace");
}

VR_EMITTER(.path = "{net}/nfsfs/servers", .source = "nfs_net.nfs_client_list",
	   .emit = emit_net_servers)
VR_EMITTER(.path = "{net}/nfsfs/volumes", .source = "nfs_net.nfs_volume_list",
	   .emit = emit_net_volumes)
VR_EMITTER(.path = "proc/fs/nfsfs/servers", .source = "nfs_net.nfs_client_list", .exists = has_nfs,
	   .emit = emit_servers)
VR_EMITTER(.path = "proc/fs/nfsfs/volumes", .source = "nfs_net.nfs_volume_list", .exists = has_nfs,
	   .emit = emit_volumes)
VR_EMITTER(.path = "proc/fs/lockd/nlm_end_grace", .source = "lockd_net.lockd_manager",
	   .exists = has_lockd, .emit = emit_end_grace)
