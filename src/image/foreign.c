// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/foreign.h"

#include <string.h>

#include "base/bits.h"

struct foreign_magic {
	uint16_t offset;
	uint8_t len;
	const char *magic;
	const char *text;
};

#define MAGIC(offset, magic, text)                                                                 \
	{                                                                                          \
		offset, sizeof(magic) - 1, magic, text                                             \
	}
#define UNPACK(what, how) "compressed as a whole with " what ": unpack it first (" how ")"

static const struct foreign_magic magics[] = {
	MAGIC(0, "\x1f\x8b", UNPACK("gzip", "gunzip")),
	MAGIC(0, "\xfd\x37zXZ\0", UNPACK("xz", "unxz")),
	MAGIC(0, "\x28\xb5\x2f\xfd", UNPACK("zstd", "unzstd")),
	MAGIC(0, "BZh", UNPACK("bzip2", "bunzip2")),
	MAGIC(0, "\x04\x22\x4d\x18", UNPACK("lz4", "unlz4")),
	MAGIC(0, "\x02\x21\x4c\x18", UNPACK("lz4", "unlz4")),
	MAGIC(0, "\x89LZO\0\r\n\x1a\n", UNPACK("lzop", "lzop -d")),
	MAGIC(0, "LZIP\x01", UNPACK("lzip", "lzip -d")),
	MAGIC(0, "PK\x03\x04", "a zip archive: unpack it first (unzip)"),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first (7z x)"),
	MAGIC(257, "ustar", "a tar archive: unpack it first (tar xf)"),
	MAGIC(0, "DISKDUMP", "a dump of the old diskdump facility, not supported"),
	MAGIC(0, "\xed\x23\x8f\x61\x73\x01\x19\xa8",
	      "an LKCD dump, which only a build with libkdumpfile 0.5.6 or later can read"),
	MAGIC(0, "\xa8\x19\x01\x73\x61\x8f\x23\xed", "a big-endian LKCD dump, not supported"),
	MAGIC(0, "\xa8\x19\x01\x73\x61\x8f\x23\xfd",
	      "an s390 stand-alone dump, not supported (zgetdump can convert it)"),
	MAGIC(0, "NETDUMP", "a netdump dump, not supported"),
	MAGIC(0, "LibvirtQemudSave",
	      "a saved libvirt guest, not supported (virsh dump --memory-only makes a dump)"),
	MAGIC(0, "QEVM", "a saved QEMU guest, not supported (dump-guest-memory makes a dump)"),
	MAGIC(0, "QFI\xfb", "a qcow2 disk image, not a dump"),
	MAGIC(0, "\xd2\xbe\xd2\xbe", "a VMware snapshot, not supported (vmss2core can convert it)"),
	MAGIC(0, "\xd1\xba\xd1\xba", "a VMware snapshot, not supported (vmss2core can convert it)"),
	MAGIC(0, "\xd0\xbe\xd2\xbe", "a VMware snapshot, not supported (vmss2core can convert it)"),
	MAGIC(0, "PAGEDU64", "a crash dump of Windows, not of Linux"),
	MAGIC(0, "PAGEDUMP", "a crash dump of Windows, not of Linux"),
};

static bool all_zero(const struct vr_head *head)
{
	for (size_t i = 0; i < head->len; i++) {
		if (head->data[i])
			return false;
	}
	return true;
}

static bool looks_like_text(const struct vr_head *head)
{
	size_t len = VR_MIN(head->len, (size_t)512);

	for (size_t i = 0; i < len; i++) {
		uint8_t c = head->data[i];

		if ((c < 0x20 && !strchr("\t\n\r\f\033", c)) || c == 0 || c == 0x7f)
			return false;
	}
	return true;
}

enum vr_err vr_foreign_explain(const struct vr_head *head, struct vr_error *err)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(magics); i++) {
		const struct foreign_magic *m = &magics[i];

		if (vr_range_ok(m->offset, m->len, head->len) &&
		    !memcmp(head->data + m->offset, m->magic, m->len))
			return vr_error_set(err, VR_UNSUPPORTED, "%s", m->text);
	}
	if (all_zero(head))
		return vr_error_set(
			err, VR_UNSUPPORTED,
			"a file that begins with zeros: a dump that was never written?");
	if (looks_like_text(head))
		return vr_error_set(err, VR_UNSUPPORTED, "a text file, not a dump");
	return vr_error_set(err, VR_UNSUPPORTED,
			    "not a kernel crash dump of a kind that this program knows "
			    "(kdump-compressed, ELF)");
}
