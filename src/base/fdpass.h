/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages over a UNIX socket that bring a descriptor along. */
#ifndef BASE_FDPASS_H
#define BASE_FDPASS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** Send len bytes, and fd unless it is negative. flags as sendmsg()'s. False: not all was sent; errno. */
bool vr_send_with_fd(int sock, const void *data, size_t len, int fd, int flags);
/**
 * Receive a message of up to len bytes; *fd gets the descriptor that came with it, close-on-exec and
 * the caller's to close, or -1. As recvmsg(), whose errors it has, EINTR too.
 */
ssize_t vr_receive_with_fd(int sock, void *data, size_t len, int *fd);

#endif
