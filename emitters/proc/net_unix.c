// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/unix: unix sockets (unix_seq_show() in net/unix/af_unix.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/pointer.h"
#include "kernel/sock.h"
#include "plugin/emitter.h"

/* include/net/af_unix.h: those bound to a name, then those that aren't */
#define UNIX_HASH_SIZE 512
/* include/uapi/linux/net.h, include/linux/net.h */
enum { SS_UNCONNECTED = 1, SS_CONNECTING, SS_CONNECTED, SS_DISCONNECTING };
#define SO_ACCEPTCON (1u << 16)
/* offsetof(struct sockaddr_un, sun_path), and the path's length */
#define PATH_OFFSET 2
#define PATH_SIZE 108

static unsigned state_of(struct vr_obj sk, unsigned state)
{
	if (vr_u64(sk, "sk_socket"))
		return state == VR_TCP_ESTABLISHED ? SS_CONNECTED : SS_UNCONNECTED;
	return state == VR_TCP_ESTABLISHED ? SS_CONNECTING : SS_DISCONNECTING;
}

/* Its name: a path, which ends with a NUL, or any bytes behind one, which stands for "abstract". */
static void put_name(struct vr_file *f, struct vr_obj addr)
{
	int64_t len = (int32_t)vr_s64(addr, "len") - PATH_OFFSET;
	char path[PATH_SIZE + 1];
	enum vr_err kind;

	if (vr_failed(addr.prog))
		return;
	if (len < 1 || len > (int64_t)sizeof(path)) {
		vr_latch(addr.prog, VR_CORRUPT, "a unix address of %" PRId64 " bytes",
			 len + PATH_OFFSET);
		return;
	}
	kind = vr_read(addr.prog, vr_get(addr, "name").addr + PATH_OFFSET, path, (size_t)len, NULL);
	if (kind != VR_OK) {
		vr_latch(addr.prog, kind, "the unix address at 0x%" PRIx64 " can't be read",
			 addr.addr);
		return;
	}
	if (path[0])
		len--;
	for (int64_t i = 0; i < len; i++)
		if (!path[i])
			path[i] = '@';
	vr_puts(f, " ");
	vr_write(f, path, (size_t)len);
}

static void put_row(struct vr_file *f, struct vr_obj sk, const struct vr_pointer_style *pointers)
{
	unsigned state = (unsigned)vr_u64(sk, "__sk_common.skc_state");
	struct vr_obj u = vr_cast(sk, "struct unix_sock");

	vr_printf(f, "%016" PRIx64 ": %08X %08X %08X %04X %02X %5" PRIu64,
		  vr_pointer_show(pointers, sk.addr), (unsigned)vr_sock_refs(sk), 0,
		  state == VR_TCP_LISTEN ? SO_ACCEPTCON : 0, (unsigned)vr_u64(sk, "sk_type"),
		  state_of(sk, state), vr_sock_inode(sk));
	if (vr_u64(u, "addr"))
		put_name(f, vr_deref(u, "addr"));
	vr_puts(f, "\n");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_pointer_style pointers;
	struct vr_hash_table table;
	struct vr_hash_walk w;

	/* Since 6.0 each namespace has its own. */
	if (vr_has(key->obj, "unx.table.buckets"))
		table = vr_hash_table(vr_deref(key->obj, "unx.table.buckets"), "", UNIX_HASH_SIZE);
	else
		table = vr_hash_table(vr_index(vr_kernel_global(key->prog, "unix_socket_table"), 0),
				      "", UNIX_HASH_SIZE);
	if (!vr_pointer_style(key->prog, &pointers) || vr_failed(key->prog))
		return;
	vr_puts(f, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	vr_socks_begin(&w, &table);
	while (vr_hash_next(&w)) {
		vr_row_begin(f);
		if (vr_sock_is_in(w.entry, key->obj, 0))
			put_row(f, w.entry, &pointers);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/unix", .source = "unix_sock", .emit = emit)
