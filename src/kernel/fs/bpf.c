// SPDX-License-Identifier: GPL-2.0-or-later
/* bpf (kernel/bpf/inode.c). */
#include <ctype.h>
#include <strings.h>

#include "kernel/fs/show.h"

/* S_IALLUGO without S_ISVTX */
#define SHOWN_MODE 06777
#define ALL_RIGHTS 0777

/* What may be delegated: 6.9's mount options (commit 6fe01d3cbb92). */
static const struct delegated {
	const char *member, *name, *type, *prefix, *max;
} delegated[] = {
	{"delegate_cmds", "delegate_cmds", "enum bpf_cmd", "BPF_", "__MAX_BPF_CMD"},
	{"delegate_maps", "delegate_maps", "enum bpf_map_type", "BPF_MAP_TYPE_",
	 "__MAX_BPF_MAP_TYPE"},
	{"delegate_progs", "delegate_progs", "enum bpf_prog_type", "BPF_PROG_TYPE_",
	 "__MAX_BPF_PROG_TYPE"},
	{"delegate_attachs", "delegate_attachs", "enum bpf_attach_type", "BPF_",
	 "__MAX_BPF_ATTACH_TYPE"},
};

static void show_lower(const struct vr_fs_mount *m, const char *name)
{
	for (; *name; name++)
		vr_strbuf_putc(m->out, (char)tolower((unsigned char)*name));
}

/* seq_print_delegate_opts(): names as the kernel finds them in its BTF, too. */
static void show_delegated(const struct vr_fs_mount *m, struct vr_obj opts,
			   const struct delegated *d)
{
	struct vr_program *prog = opts.prog;
	uint64_t max = (uint64_t)vr_constant(prog, d->max), any, left;
	const struct vr_enumerator *names;
	char separator = '=';
	size_t count;

	any = max < 64 ? (UINT64_C(1) << max) - 1 : UINT64_MAX;
	left = vr_u64(opts, d->member) & any;
	if (!left)
		return;
	vr_fs_printf(m, ",%s", d->name);
	if (left == any) {
		vr_fs_puts(m, "=any");
		return;
	}
	names = vr_type_enumerators(vr_type_find(prog, d->type), &count);
	for (size_t i = 0; i < count; i++) {
		uint64_t value = (uint64_t)names[i].value;

		if (value >= 64 || !(left >> value & 1) ||
		    strncasecmp(names[i].name, d->prefix, strlen(d->prefix)) != 0)
			continue;
		vr_strbuf_putc(m->out, separator);
		show_lower(m, names[i].name + strlen(d->prefix));
		left &= ~(UINT64_C(1) << value);
		separator = ':';
	}
	if (left)
		vr_fs_printf(m, "%c0x%" PRIx64, separator, left);
}

void vr_fs_bpf_options(const struct vr_fs_mount *m)
{
	struct vr_obj inode = vr_deref(m->top, "d_inode"), opts;
	uint64_t mode = vr_u64(inode, "i_mode") & SHOWN_MODE;
	bool delegates = vr_has_member(m->sb.prog, "struct bpf_mount_opts", "delegate_cmds");

	/* Owners came with them (commit b08c8fc0411d, 6.8). */
	if (vr_has_member(m->sb.prog, "struct bpf_mount_opts", "uid")) {
		vr_fs_uid(m, inode, "i_uid");
		vr_fs_gid(m, inode, "i_gid");
	}
	if (mode != ALL_RIGHTS)
		vr_fs_printf(m, ",mode=%" PRIo64, mode);
	if (!delegates)
		return;
	opts = vr_fs_info(m, "struct bpf_mount_opts");
	for (size_t i = 0; i < VR_ARRAY_SIZE(delegated); i++)
		show_delegated(m, opts, &delegated[i]);
}
