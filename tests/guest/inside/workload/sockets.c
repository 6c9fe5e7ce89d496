// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of all families, in as many states as can be had on one machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
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
	/* bound, no more */
	bound("127.0.0.1", 6000, SOCK_STREAM);
	note_role("tcp", 'S');
	spawn("acceptor", accept_for_ever);
}

/* ---- UDP and raw ---- */

static void receive_for_ever(void)
{
	char buffer[64];
	int fd = bound("0.0.0.0", 514, SOCK_DGRAM);

	note_role("udp-recv", 'S');
	check(recv(fd, buffer, sizeof(buffer), 0), "recv");
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
	check(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE), "UDP-Lite");
	check(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw");
	check(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), "raw6");
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
	note_role("unix", 'S');
}

/* ---- packet and netlink ---- */

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
	note_role("packet", 'S');
}
