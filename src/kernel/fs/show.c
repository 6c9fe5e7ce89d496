// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/fs/show.h"

#include <stdarg.h>

#define INVALID_ID 0xffffffffu

struct vr_obj vr_fs_info(const struct vr_fs_mount *m, const char *type)
{
	return vr_at(m->sb.prog, type, vr_u64(m->sb, "s_fs_info"));
}

struct vr_obj vr_fs_element(struct vr_obj first, uint64_t i)
{
	first.addr += i * vr_type_size(first.type);
	return first;
}

void vr_fs_puts(const struct vr_fs_mount *m, const char *text)
{
	vr_strbuf_puts(m->out, text);
}

void vr_fs_printf(const struct vr_fs_mount *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(m->out, fmt, ap);
	va_end(ap);
}

void vr_fs_escaped(const struct vr_fs_mount *m, const char *text, const char *esc)
{
	char escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];

	vr_strbuf_puts(m->out, vr_seq_escape(text, esc, escaped, sizeof(escaped)));
}

void vr_fs_option(const struct vr_fs_mount *m, const char *name, const char *value)
{
	vr_fs_puts(m, ",");
	vr_fs_escaped(m, name, ",= \t\n\\");
	if (!value)
		return;
	vr_fs_puts(m, "=");
	vr_fs_escaped(m, value, ", \t\n\\");
}

void vr_fs_string_option(const struct vr_fs_mount *m, const char *name, struct vr_obj obj,
			 const char *member)
{
	char text[VR_FS_TEXT];

	if (vr_u64(obj, member))
		vr_fs_option(m, name, vr_str(obj, member, text, sizeof(text)));
}

void vr_fs_flag(const struct vr_fs_mount *m, struct vr_obj obj, const char *member,
		const char *text)
{
	if (vr_u64(obj, member))
		vr_fs_puts(m, text);
}

void vr_fs_flag_if(const struct vr_fs_mount *m, struct vr_obj obj, const char *member,
		   const char *text)
{
	if (vr_has(obj, member))
		vr_fs_flag(m, obj, member, text);
}

void vr_fs_bits(const struct vr_fs_mount *m, uint64_t flags, const struct vr_fs_bit *bits,
		size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (flags & bits[i].bit)
			vr_fs_puts(m, bits[i].text);
}

static uint32_t munged(struct vr_obj obj, const char *member, const char *overflow)
{
	uint32_t id = (uint32_t)vr_u64(vr_get(obj, member), "val");

	return id == INVALID_ID ? (uint32_t)vr_u64(vr_kernel_global(obj.prog, overflow), "") : id;
}

uint32_t vr_fs_user(struct vr_obj obj, const char *member)
{
	return munged(obj, member, "overflowuid");
}

uint32_t vr_fs_group(struct vr_obj obj, const char *member)
{
	return munged(obj, member, "overflowgid");
}

void vr_fs_uid(const struct vr_fs_mount *m, struct vr_obj obj, const char *member)
{
	uint32_t id = vr_fs_user(obj, member);

	if (id)
		vr_fs_printf(m, ",uid=%" PRIu32, id);
}

void vr_fs_gid(const struct vr_fs_mount *m, struct vr_obj obj, const char *member)
{
	uint32_t id = vr_fs_group(obj, member);

	if (id)
		vr_fs_printf(m, ",gid=%" PRIu32, id);
}
