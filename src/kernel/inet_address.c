// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/inet_address.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 8

char *vr_ip4_text(const void *addr, char buf[VR_INET_TEXT])
{
	const uint8_t *a = addr;

	snprintf(buf, VR_INET_TEXT, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	return buf;
}

static unsigned group(const uint8_t *a, unsigned i)
{
	return (unsigned)a[2 * i] << 8 | a[2 * i + 1];
}

char *vr_ip6_digits(const void *addr, char buf[VR_INET_TEXT])
{
	for (unsigned i = 0; i < GROUPS; i++)
		snprintf(buf + 4 * i, VR_INET_TEXT - 4 * i, "%04x", group(addr, i));
	return buf;
}

char *vr_ip6_groups(const void *addr, char buf[VR_INET_TEXT])
{
	for (unsigned i = 0; i < GROUPS; i++)
		snprintf(buf + (i ? 5 * i - 1 : 0), VR_INET_TEXT - 5 * i, i ? ":%04x" : "%04x",
			 group(addr, i));
	return buf;
}

/* Is the end shown as an IPv4 address: a mapped one, or one of ISATAP? */
static bool has_ip4(const uint8_t *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(a, mapped, sizeof(mapped)) ||
	       ((a[8] | 2) == 2 && !a[9] && a[10] == 0x5e && a[11] == 0xfe);
}

/* The longest run of groups that are zero, the first of them; a single one isn't left out. */
static unsigned longest_run(const uint8_t *a, unsigned groups, unsigned *first)
{
	unsigned longest = 1;

	for (unsigned i = 0; i < groups; i++) {
		unsigned run = 0;

		while (i + run < groups && !group(a, i + run))
			run++;
		if (run > longest) {
			longest = run;
			*first = i;
		}
	}
	return longest > 1 ? longest : 0;
}

char *vr_ip6_text(const void *addr, char buf[VR_INET_TEXT])
{
	const uint8_t *a = addr;
	unsigned groups = has_ip4(a) ? GROUPS - 2 : GROUPS, first = GROUPS;
	unsigned run = longest_run(a, groups, &first);
	size_t len = 0;
	bool colon = false;

	for (unsigned i = 0; i < groups; i++) {
		if (run && i == first) {
			buf[len++] = ':';
			buf[len++] = ':';
			i += run - 1;
			colon = false;
			continue;
		}
		len += (size_t)snprintf(buf + len, VR_INET_TEXT - len, colon ? ":%x" : "%x",
					group(a, i));
		colon = true;
	}
	buf[len] = '\0';
	if (groups < GROUPS)
		snprintf(buf + len, VR_INET_TEXT - len, "%s%u.%u.%u.%u", colon ? ":" : "", a[12],
			 a[13], a[14], a[15]);
	return buf;
}

char *vr_get_ip4(struct vr_obj obj, const char *path, char buf[VR_INET_TEXT])
{
	uint8_t addr[4] = {0};

	vr_bytes(obj, path, addr, sizeof(addr));
	return vr_ip4_text(addr, buf);
}

void vr_get_ip6(struct vr_obj obj, const char *path, uint8_t addr[16])
{
	memset(addr, 0, 16);
	vr_bytes(obj, path, addr, 16);
}

char *vr_hw_text(const uint8_t *addr, size_t len, const char *between, char buf[VR_HW_TEXT])
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < len && i < VR_HW_ADDRESS && at < VR_HW_TEXT; i++)
		at += (size_t)snprintf(buf + at, VR_HW_TEXT - at, "%s%02x", i ? between : "",
				       addr[i]);
	return buf;
}
