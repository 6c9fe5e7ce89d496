// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/arp: IPv4's neighbours (arp_seq_show() in net/ipv4/arp.c). */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/neighbour.h"
#include "plugin/emitter.h"

/* include/uapi/linux/if_arp.h */
enum { ATF_COM = 2, ATF_PERM = 4, ATF_PUBL = 8 };
#define ARPHRD_AX25 3
#define ARPHRD_NETROM 0
/* net/ipv4/arp.c; MAX_ADDR_LEN is 32 */
#define HBUFFERLEN 30
#define IFNAMSIZ 16

static unsigned flags_of(uint64_t state)
{
	if (state & VR_NUD_PERMANENT)
		return ATF_PERM | ATF_COM;
	return state & VR_NUD_VALID ? ATF_COM : 0;
}

/* A hardware address as far as there's room for. */
static char *hardware_text(struct vr_obj n, uint64_t len, char buf[HBUFFERLEN])
{
	uint8_t ha[HBUFFERLEN / 3];
	char *p = buf;

	*p = '\0';
	if (!vr_bytes(n, "ha", ha, sizeof(ha)))
		return buf;
	for (size_t i = 0; i < len && i < (HBUFFERLEN - 1) / 3; i++)
		p += sprintf(p, "%s%02x", i ? ":" : "", ha[i]);
	return buf;
}

static const char *address_text(struct vr_obj obj, const char *member, char buf[INET_ADDRSTRLEN])
{
	uint8_t address[4] = {0};

	vr_read(obj.prog, vr_get(obj, member).addr, address, sizeof(address), NULL);
	return inet_ntop(AF_INET, address, buf, INET_ADDRSTRLEN);
}

static void put_neighbour(struct vr_file *f, struct vr_obj n, uint64_t net)
{
	struct vr_obj dev = vr_deref(n, "dev");
	uint64_t state = vr_u64(n, "nud_state"), type;
	char address[INET_ADDRSTRLEN], hardware[HBUFFERLEN], name[IFNAMSIZ];

	if (vr_u64(dev, "nd_net.net") != net || !(state & ~(uint64_t)VR_NUD_NOARP))
		return;
	type = vr_u64(dev, "type");
	if (type == ARPHRD_AX25 || type == ARPHRD_NETROM) {
		vr_latch(n.prog, VR_UNSUPPORTED, "a neighbour in an amateur radio's network");
		return;
	}
	vr_printf(f, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n",
		  address_text(n, "primary_key", address), (unsigned)type, flags_of(state),
		  hardware_text(n, vr_u64(dev, "addr_len"), hardware),
		  vr_str(dev, "name", name, sizeof(name)));
}

/* An address for which the machine answers. */
static void put_proxy(struct vr_file *f, struct vr_obj n, uint64_t net)
{
	struct vr_obj dev = vr_at(n.prog, "struct net_device", vr_u64(n, "dev"));
	char address[INET_ADDRSTRLEN], name[IFNAMSIZ] = "*";

	if (vr_u64(n, "net.net") != net)
		return;
	vr_printf(f, "%-16s 0x%-10x0x%-10x%s     *        %s\n", address_text(n, "key", address),
		  dev.addr ? (unsigned)vr_u64(dev, "type") : 0, ATF_PUBL | ATF_PERM,
		  "00:00:00:00:00:00", dev.addr ? vr_str(dev, "name", name, sizeof(name)) : name);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_kernel_global(key->prog, "arp_tbl");
	struct vr_hash_walk w;

	vr_neighbours_begin(&w, table);
	vr_puts(f, "IP address       HW type     Flags       HW address            Mask     "
		   "Device\n");
	while (vr_hash_next(&w)) {
		vr_row_begin(f);
		put_neighbour(f, w.entry, key->obj.addr);
		vr_row_end(f);
	}
	vr_proxies_begin(&w, table);
	while (vr_hash_next(&w)) {
		vr_row_begin(f);
		put_proxy(f, w.entry, key->obj.addr);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/arp", .source = "arp_tbl", .emit = emit)
