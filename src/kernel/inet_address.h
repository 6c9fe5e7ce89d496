/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network addresses as text, as the kernel's own %pI4, %pI6, %pI6c and %ph print them (lib/vsprintf.c). */
#ifndef KERNEL_INET_ADDRESS_H
#define KERNEL_INET_ADDRESS_H

#include <vmcore-report/object.h>

/** Room for the text of any IPv4 or IPv6 address and its NUL: INET6_ADDRSTRLEN. */
#define VR_INET_TEXT 46
/** Longest address of a device (MAX_ADDR_LEN). */
#define VR_HW_ADDRESS 32
/** Room for its text, each byte as two digits and something between them. */
#define VR_HW_TEXT (3 * VR_HW_ADDRESS + 1)

/** An IPv4 address of 4 bytes in network order: "192.0.2.1" (%pI4). Returns buf. */
char *vr_ip4_text(const void *addr, char buf[VR_INET_TEXT]);
/** An IPv6 address of 16 bytes: 32 digits (%pi6). Returns buf. */
char *vr_ip6_digits(const void *addr, char buf[VR_INET_TEXT]);
/** The same in eight groups of four digits, with colons (%pI6). Returns buf. */
char *vr_ip6_groups(const void *addr, char buf[VR_INET_TEXT]);
/** The same in its short form, "2001:db8::1" (%pI6c). Returns buf. */
char *vr_ip6_text(const void *addr, char buf[VR_INET_TEXT]);

/** The IPv4 address that the member at path holds. Latches. Returns buf. */
char *vr_get_ip4(struct vr_obj obj, const char *path, char buf[VR_INET_TEXT]);
/** The IPv6 address (a struct in6_addr) at path: 16 bytes into addr. Latches; zeros then. */
void vr_get_ip6(struct vr_obj obj, const char *path, uint8_t addr[16]);

/**
 * The first len bytes of a device's address, at most VR_HW_ADDRESS, two digits each with between
 * them ("" or ":") what the caller wants: %*phN, %*phC. Returns buf.
 */
char *vr_hw_text(const uint8_t *addr, size_t len, const char *between, char buf[VR_HW_TEXT]);

#endif
