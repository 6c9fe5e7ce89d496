// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of all families, in as many states as can be had on one machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "workload.h"

/* An address, v4 or v6 by its looks. */
static socklen_t address_of(struct sockaddr_storage *address, const char *text, int port)
{
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	check(inet_pton(AF_INET6, text, &v6->sin6_addr) - 1, text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* A socket bound to an address; flags may add SOCK_NONBLOCK. */
static int bound(const char *text, int port, int type)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, text, port);
	int fd = check(socket(address.ss_family, type, 0), "socket");
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	check(bind(fd, (struct sockaddr *)&address, length), "bind");
	return fd;
}

static int connected(const char *text, int port, int type)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, text, port);
	int fd = check(socket(address.ss_family, type, 0), "socket");

	if (connect(fd, (struct sockaddr *)&address, length) && !(type & SOCK_NONBLOCK))
		check(-1, "connect");
	return fd;
}

/* ---- TCP ---- */

/* Both ends of a connection to a listening socket. */
static void connect_pair(int listener, const char *text, int port, int ends[2])
{
	ends[0] = connected(text, port, SOCK_STREAM);
	ends[1] = check(accept(listener, NULL, NULL), "accept");
}

static void fill_queues(int from)
{
	static const char data[4096];

	while (send(from, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

static void accept_for_ever(void)
{
	int listener = bound("0.0.0.0", 8081, SOCK_STREAM);

	check(listen(listener, 4), "listen");
	note_role("tcp-accept", 'S');
	accept(listener, NULL, NULL);
}

static void write_setting(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (check(fd, path) < 0)
		return;
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

static uint32_t sum_words(const void *data, size_t length)
{
	const uint8_t *byte = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += byte[i] << 8 | byte[i + 1];
	return sum;
}

/* A segment that asks for a connection; addresses are of length bytes each, from and to. */
static struct tcphdr request(const void *addresses, size_t length, int port)
{
	struct tcphdr tcp = { .source = htons(40000 + port % 1000), .dest = htons(port), .seq = 7,
			      .doff = 5, .syn = 1, .window = htons(1000) };
	uint32_t sum = sum_words(addresses, 2 * length) + IPPROTO_TCP + sizeof(tcp) +
		       sum_words(&tcp, sizeof(tcp));

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	tcp.check = htons(~sum);
	return tcp;
}

/*
 * SYN_RECV: asks a listener for a connection in the name of a machine that isn't there, so that
 * what the listener says to it is lost.
 */
static void ask_in_vain(const char *from, const char *to, int port)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, to, 0);
	int fd = check(socket(address.ss_family, SOCK_RAW, IPPROTO_RAW), "IPPROTO_RAW");

	if (address.ss_family == AF_INET) {
		struct { struct iphdr ip; struct tcphdr tcp; } packet = {
			.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
				.saddr = inet_addr(from), .daddr = inet_addr(to) },
		};

		packet.tcp = request(&packet.ip.saddr, 4, port);
		check(sendto(fd, &packet, sizeof(packet), 0, (void *)&address, length), "SYN");
	} else {
		struct { struct ip6_hdr ip; struct tcphdr tcp; } packet = { 0 };

		packet.ip.ip6_flow = htonl(6u << 28);
		packet.ip.ip6_plen = htons(sizeof(packet.tcp));
		packet.ip.ip6_nxt = IPPROTO_TCP;
		packet.ip.ip6_hlim = 64;
		inet_pton(AF_INET6, from, &packet.ip.ip6_src);
		inet_pton(AF_INET6, to, &packet.ip.ip6_dst);
		packet.tcp = request(&packet.ip.ip6_src, 16, port);
		check(sendto(fd, &packet, sizeof(packet), 0, (void *)&address, length), "SYN");
	}
	close(fd);
}

/* TIME_WAIT lasts a minute: there is always one of some age. */
static void wait_again_and_again(void)
{
	int v4 = bound("127.0.0.1", 8082, SOCK_STREAM);
	int v6 = bound("::1", 8083, SOCK_STREAM);
	int ends[2];

	check(listen(v4, 4), "listen");
	check(listen(v6, 4), "listen");
	note_role("tcp-timewait", 'S');
	for (;;) {
		connect_pair(v4, "127.0.0.1", 8082, ends);
		close(ends[0]);
		close(ends[1]);
		connect_pair(v6, "::1", 8083, ends);
		close(ends[0]);
		close(ends[1]);
		sleep(25);
	}
}

void role_tcp(void)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	int on = 1, idle = 7200;
	int v4 = bound("0.0.0.0", 8080, SOCK_STREAM);
	int v6 = bound("::", 8443, SOCK_STREAM);
	int ends[2];

	check(listen(v4, 16), "listen");
	check(listen(v6, 128), "listen");

	/* established: idle with keep-alive; with data that nobody reads */
	connect_pair(v4, "127.0.0.1", 8080, ends);
	setsockopt(ends[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(ends[0], IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	connect_pair(v4, "127.0.0.1", 8080, ends);
	check(write(ends[0], "eleven byte", 11), "unread");
	connect_pair(v4, "127.0.0.2", 8080, ends);
	fill_queues(ends[0]);
	connect_pair(v6, "::1", 8443, ends);
	connect_pair(v6, "127.0.0.1", 8443, ends); /* v4 in v6 */
	/* CLOSE_WAIT and FIN_WAIT2: one end has said all */
	connect_pair(v4, "127.0.0.1", 8080, ends);
	check(shutdown(ends[0], SHUT_WR), "shutdown");
	/* TIME_WAIT: both have */
	connect_pair(v4, "127.0.0.1", 8080, ends);
	close(ends[0]);
	close(ends[1]);
	connect_pair(v6, "::1", 8443, ends);
	close(ends[0]);
	close(ends[1]);
	/* none: a reset */
	connect_pair(v4, "127.0.0.1", 8080, ends);
	setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(ends[0]);
	/* not accepted yet: in the listener's queue */
	connected("127.0.0.1", 8080, SOCK_STREAM);
	connected("127.0.0.1", 8080, SOCK_STREAM);
	/* SYN_SENT: dummy0 swallows it */
	connected("198.51.100.77", 4444, SOCK_STREAM | SOCK_NONBLOCK);
	/* SYN_RECV: answers are sent again for hours */
	write_setting("/proc/sys/net/ipv4/tcp_synack_retries", "30");
	if (if_nametoindex("dummy0")) {
		ask_in_vain("198.51.100.50", "198.51.100.1", 8080);
		ask_in_vain("2001:db8::50", "2001:db8::10", 8443);
	} else {
		ask_in_vain("10.9.0.50", "10.9.0.2", 8080);
	}
	/* bound, no more */
	bound("127.0.0.1", 6000, SOCK_STREAM);
	note_role("tcp", 'S');
	spawn("acceptor", accept_for_ever);
	spawn("timewait", wait_again_and_again);
}

/* ---- UDP and raw ---- */

static void receive_for_ever(void)
{
	char buffer[64];
	int fd = bound("0.0.0.0", 514, SOCK_DGRAM);

	note_role("udp-recv", 'S');
	check(recv(fd, buffer, sizeof(buffer), 0), "recv");
}

/* A socket of a protocol, bound to an address: not there where the kernel has no such protocol. */
static int bound_to_protocol(const char *text, int port, int type, int protocol)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, text, port);
	int fd = check(socket(address.ss_family, type, protocol), "protocol");

	if (fd >= 0)
		check(bind(fd, (struct sockaddr *)&address, length), "bind");
	return fd;
}

/* UDP-Lite, raw and ping sockets, bound, connected or neither. */
static void more_datagrams(void)
{
	struct sockaddr_storage address;
	int fd;

	bound_to_protocol("127.0.0.1", 5360, SOCK_DGRAM, IPPROTO_UDPLITE);
	bound_to_protocol("::", 5361, SOCK_DGRAM, IPPROTO_UDPLITE);
	check(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw");
	check(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), "raw6");
	bound_to_protocol("127.0.0.1", 0, SOCK_RAW, 89);
	bound_to_protocol("::1", 0, SOCK_RAW, 89);
	fd = check(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "raw");
	check(connect(fd, (void *)&address, address_of(&address, "127.0.0.3", 0)), "raw");
	write_setting("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	bound_to_protocol("127.0.0.1", 77, SOCK_DGRAM, IPPROTO_ICMP);
	bound_to_protocol("::1", 78, SOCK_DGRAM, IPPROTO_ICMPV6);
	fd = bound_to_protocol("127.0.0.1", 79, SOCK_DGRAM, IPPROTO_ICMP);
	check(connect(fd, (void *)&address, address_of(&address, "127.0.0.9", 0)), "ping");
}

/* An SCTP association, and one that waits for its other end. */
static void associate(void)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, "127.0.0.1", 7777);
	int listener = bound_to_protocol("127.0.0.1", 7777, SOCK_STREAM, IPPROTO_SCTP);
	int client;

	if (listener < 0)
		return;
	check(listen(listener, 4), "SCTP");
	client = check(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), "SCTP");
	check(connect(client, (void *)&address, length), "SCTP");
	check(accept(listener, NULL, NULL), "SCTP");
	bound_to_protocol("::1", 7778, SOCK_SEQPACKET, IPPROTO_SCTP);
}

void role_udp(void)
{
	struct ip_mreqn group = { .imr_multiaddr.s_addr = inet_addr("224.0.0.251") };
	struct ipv6_mreq group6 = { 0 };
	int on = 1;
	int mdns = bound("0.0.0.0", 5353, SOCK_DGRAM);
	int v6 = bound("::", 5354, SOCK_DGRAM);
	int peer;

	group.imr_ifindex = group6.ipv6mr_interface = if_nametoindex("dummy0");
	inet_pton(AF_INET6, "ff02::fb", &group6.ipv6mr_multiaddr);
	check(setsockopt(mdns, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)), "IGMP");
	check(setsockopt(v6, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6)), "MLD");
	setsockopt(mdns, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	/* connected, and with a packet that nobody reads */
	peer = connected("127.0.0.1", 5353, SOCK_DGRAM);
	check(write(peer, "unread", 6), "udp");
	connected("::1", 5354, SOCK_DGRAM);
	more_datagrams();
	associate();
	note_role("udp", 'S');
	spawn("receiver", receive_for_ever);
}

/* ---- unix ---- */

/* A unix socket with a name; "@" begins an abstract one. */
static int unix_bound(const char *name, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
	int fd = check(socket(AF_UNIX, type, 0), "unix");

	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = 0;
	else
		length++;
	check(bind(fd, (struct sockaddr *)&address, length), name);
	return fd;
}

static int unix_connected(const char *name, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = check(socket(AF_UNIX, type, 0), "unix");

	strcpy(address.sun_path, name);
	check(connect(fd, (struct sockaddr *)&address, sizeof(address)), name);
	return fd;
}

/* Sends a descriptor that stays in flight: nobody receives it. */
static void send_descriptor(int through, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec data = { .iov_base = "fd", .iov_len = 2 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	check(sendmsg(through, &message, 0), "SCM_RIGHTS");
}

/* Those without a file: abstract, bound by the kernel; in queues. */
static void more_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0queue" };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 6;
	int listener = unix_bound("@queue", SOCK_SEQPACKET);
	int fd, ends[2];

	check(listen(listener, 2), "listen");
	/* as many wait to be accepted as may */
	for (int i = 0; i < 3; i++) {
		fd = check(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0), "unix");
		check(connect(fd, (void *)&address, length), "@queue");
	}
	/* a name of the kernel's choice */
	fd = check(socket(AF_UNIX, SOCK_DGRAM, 0), "unix");
	check(bind(fd, (void *)&address, sizeof(address.sun_family)), "autobind");
	/* the other end is gone; a connection that was reset */
	check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), "socketpair");
	close(ends[1]);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	check(write(ends[1], "unread", 6), "unix");
	close(ends[1]);
	check(socket(AF_UNIX, SOCK_STREAM, 0), "unix");
	check(socket(AF_UNIX, SOCK_SEQPACKET, 0), "unix");
}

void role_unix(void)
{
	int stream = unix_bound("/run/app.sock", SOCK_STREAM);
	int ends[2], passed[2];

	check(listen(stream, 10), "listen");
	check(listen(unix_bound("/run/seq packet", SOCK_SEQPACKET), 1), "listen");
	unix_bound("/run/log.sock", SOCK_DGRAM);
	unix_bound("@abstract", SOCK_STREAM);
	unix_bound("@with\nnew line \xff", SOCK_DGRAM);
	check(write(unix_connected("/run/log.sock", SOCK_DGRAM), "unread", 6), "log.sock");
	/* accepted, and still waiting to be */
	unix_connected("/run/app.sock", SOCK_STREAM);
	check(accept(stream, NULL, NULL), "accept");
	unix_connected("/run/app.sock", SOCK_STREAM);
	/* pairs without names; one half closed; one with a descriptor in flight */
	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), "socketpair");
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	shutdown(ends[0], SHUT_WR);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	check(pipe(passed), "pipe");
	send_descriptor(ends[0], passed[0]);
	close(passed[0]);
	more_unix();
	note_role("unix", 'S');
}

/* ---- packet and netlink ---- */

/* Packet sockets with rings of frames, one of a group that shares the packets. */
static void more_packet(void)
{
	struct tpacket_req ring = { .tp_block_size = 4096, .tp_block_nr = 4, .tp_frame_size = 2048,
				    .tp_frame_nr = 8 };
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6),
				    .sll_ifindex = if_nametoindex("lo") };
	int version = TPACKET_V2, group = 1 | PACKET_FANOUT_HASH << 16;
	int fd = check(socket(AF_PACKET, SOCK_RAW, 0), "packet");

	check(setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)), "ring");
	check(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)), "ring");
	mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	fd = check(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IPV6)), "packet");
	check(bind(fd, (void *)&link, sizeof(link)), "packet");
	check(setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)), "fanout");
	check(socket(AF_PACKET, SOCK_RAW, 0), "packet");
}

/* Netlink sockets of several protocols, some in groups. */
static void more_netlink(void)
{
	static const int protocols[] = { NETLINK_USERSOCK, NETLINK_SOCK_DIAG, NETLINK_XFRM,
					 NETLINK_AUDIT, NETLINK_NETFILTER, NETLINK_CONNECTOR,
					 NETLINK_GENERIC };
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int group = RTNLGRP_NEXTHOP;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		int fd = check(socket(AF_NETLINK, SOCK_RAW, protocols[i]), "netlink");

		address.nl_groups = protocols[i] == NETLINK_USERSOCK ? 0x80000001 : 0;
		if (fd >= 0)
			check(bind(fd, (void *)&address, sizeof(address)), "netlink");
	}
	address.nl_groups = 0;
	for (int i = 0; i < 3; i++) {
		int fd = check(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE), "netlink");

		check(bind(fd, (void *)&address, sizeof(address)), "netlink");
		check(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)),
		      "group");
	}
}

/* What another namespace of networks has besides TCP. */
void role_apart(void)
{
	bound("0.0.0.0", 5300, SOCK_DGRAM);
	bound("::", 5300, SOCK_DGRAM);
	connected("127.0.0.1", 5300, SOCK_DGRAM);
	more_datagrams();
	more_unix();
	more_packet();
	more_netlink();
	note_role("apart", 'S');
}

void role_packet(void)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP) };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK,
				      .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR };
	int packet = check(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP)), "packet");
	int route = check(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "netlink");
	int events = check(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT), "uevent");

	link.sll_ifindex = if_nametoindex("br0");
	check(bind(packet, (struct sockaddr *)&link, sizeof(link)), "packet");
	check(bind(route, (struct sockaddr *)&kernel, sizeof(kernel)), "netlink");
	kernel.nl_groups = 1;
	check(bind(events, (struct sockaddr *)&kernel, sizeof(kernel)), "uevent");
	check(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)), "packet");
	more_packet();
	more_netlink();
	note_role("packet", 'S');
}
