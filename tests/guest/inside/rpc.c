// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpc-server DOMAIN FOLDER FILEHANDLE: as much of a portmapper and of a mount daemon as the kernel's NFS
 * server and client of version 3 need, through TCP on the ports 111 and 20048. Whoever registers something
 * hears that it is registered; whoever mounts gets the handle of FOLDER, whatever it asked for, which the
 * kernel tells through its file FILEHANDLE (filehandle of the nfsd file system). Ends when nobody can
 * connect; goes to the background when it listens.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORTMAP_PORT 111
#define MOUNT_PORT 20048
#define MOUNT_PROGRAM 100005
#define PROCEDURE_MNT 1
#define AUTH_SYS 1
#define LAST_FRAGMENT 0x80000000u
/* FHSIZE3 of RFC 1813 */
#define HANDLE_MAX 64
#define CONNECTIONS 32

static const char *domain, *folder, *kernel_file;

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) {
		perror("rpc-server");
		exit(1);
	}
	return fd;
}

/* Asks the kernel for the folder's handle, which it gives as "\x" and digits; returns its bytes' count. */
static size_t get_handle(uint8_t handle[HANDLE_MAX])
{
	char text[4 * HANDLE_MAX] = "";
	size_t len = 0;
	int fd = open(kernel_file, O_RDWR);

	snprintf(text, sizeof(text), "%s %s %d\n", domain, folder, HANDLE_MAX);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) ||
	    read(fd, text, sizeof(text) - 1) < 2)
		perror("rpc-server: no handle");
	else
		while (len < HANDLE_MAX && sscanf(text + 2 + 2 * len, "%2hhx", &handle[len]) == 1)
			len++;
	close(fd);
	return len;
}

/* Writes the answer to a call of that program and procedure; returns its number of words. */
static size_t answer(uint32_t program, uint32_t procedure, uint32_t *words)
{
	uint8_t handle[HANDLE_MAX] = {0};
	size_t len, n = 0;

	if (procedure == 0)
		return 0;
	if (program != MOUNT_PROGRAM || procedure != PROCEDURE_MNT) {
		words[n++] = htonl(1); /* true */
		return n;
	}
	len = get_handle(handle);
	words[n++] = htonl(0); /* MNT3_OK */
	words[n++] = htonl((uint32_t)len);
	memcpy(words + n, handle, HANDLE_MAX);
	n += (len + 3) / 4;
	words[n++] = htonl(1); /* flavours */
	words[n++] = htonl(AUTH_SYS);
	return n;
}

/* Reads a call and answers it; false: the connection is at its end. */
static int serve(int fd)
{
	/* Fragment, xid, kind, version of RPC, program, version, procedure. */
	uint32_t call[1024], reply[128];
	size_t words = 7, len;

	if (recv(fd, call, 4, MSG_WAITALL) != 4)
		return 0;
	len = ntohl(call[0]) & ~LAST_FRAGMENT;
	if (len < 24 || len > sizeof(call) - 4 ||
	    recv(fd, call + 1, len, MSG_WAITALL) != (ssize_t)len)
		return 0;
	reply[1] = call[1];
	reply[2] = htonl(1); /* a reply: accepted, no verifier, success */
	memset(reply + 3, 0, 16);
	words += answer(ntohl(call[4]), ntohl(call[6]), reply + words);
	reply[0] = htonl(LAST_FRAGMENT | (uint32_t)(4 * words - 4));
	return write(fd, reply, 4 * words) == (ssize_t)(4 * words);
}

int main(int count, char **arguments)
{
	struct pollfd fds[CONNECTIONS];
	nfds_t used = 2;

	if (count != 4) {
		fprintf(stderr, "usage: rpc-server DOMAIN FOLDER FILEHANDLE\n");
		return 2;
	}
	domain = arguments[1];
	folder = arguments[2];
	kernel_file = arguments[3];
	fds[0] = (struct pollfd){.fd = listen_on(PORTMAP_PORT), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = listen_on(MOUNT_PORT), .events = POLLIN};
	if (daemon(1, 1)) {
		perror("rpc-server");
		return 1;
	}
	while (poll(fds, used, -1) > 0) {
		for (nfds_t i = 2; i < used; i++)
			if (fds[i].revents && !serve(fds[i].fd)) {
				close(fds[i].fd);
				fds[i--] = fds[--used];
			}
		for (int i = 0; i < 2; i++)
			if (fds[i].revents & POLLIN && used < CONNECTIONS)
				fds[used++] = (struct pollfd){.fd = accept(fds[i].fd, NULL, NULL),
							      .events = POLLIN};
	}
	return 0;
}
