// SPDX-License-Identifier: GPL-2.0-or-later
/* cifs, all dialects of SMB (fs/smb/client/cifsfs.c, once fs/cifs). What vr_has() is asked of isn't in all kernels. */
#include "kernel/fs/show.h"
#include "kernel/function_text.h"
#include "kernel/inet_address.h"
#include "kernel/ticks.h"
#include "object/memo.h"

/* CIFS_MOUNT_* of fs/smb/client/cifs_fs_sb.h. */
#define MOUNT_DIRECT_IO 0x8u
#define MOUNT_OVERR_UID 0x400u
#define MOUNT_OVERR_GID 0x800u
#define MOUNT_STRICT_IO 0x40000u
#define MOUNT_BACKUPUID 0x200000u
#define MOUNT_BACKUPGID 0x400000u
#define MOUNT_RO_CACHE 0x20000000u
#define MOUNT_RW_CACHE 0x40000000u
/* SMB2_MAX_CREDITS_AVAILABLE, MAX_CACHED_FIDS */
#define USUAL_CREDITS 32000u
#define USUAL_CACHED_DIRS 16u
#define SB_POSIXACL 0x10000u
#define AF_INET 2u
#define AF_INET6 10u

struct cifs {
	const struct vr_fs_mount *m;
	struct vr_program *prog;
	/* struct smb3_fs_context, cifs_tcon, cifs_ses, TCP_Server_Info */
	struct vr_obj ctx, tcon, ses, server;
	uint64_t flags;
	unsigned hz;
};

/* What came to be shown later than its member came to be there. */
struct facts {
	bool known, shows_nosharesock, shows_compress;
};

static const struct facts *get_facts(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->shows_nosharesock = vr_function_has_text(prog, "cifs_show_options", ",nosharesock");
	facts->shows_compress = vr_function_has_text(prog, "cifs_show_options", ",compress");
	facts->known = !vr_failed(prog);
	return facts;
}

/* Of a number, or one of another kernel's, the text; else what the kernel has for all others. */
struct value {
	const char *enumerator, *text;
};

static const char *named(const struct cifs *c, uint64_t value, const struct value *values,
			 size_t count, const char *other)
{
	for (size_t i = 0; i < count; i++)
		if (value == (uint64_t)vr_constant(c->prog, values[i].enumerator))
			return values[i].text;
	return other;
}

/* cifs_show_security() */
static void show_security(const struct cifs *c)
{
	static const struct value kinds[] = {
		{"NTLMv2", "ntlmv2"}, {"Kerberos", "krb5"}, {"RawNTLMSSP", "ntlmssp"}};
	uint64_t kind = vr_u64(c->ses, "sectype");

	if (kind == (uint64_t)vr_constant(c->prog, "Unspecified")) {
		if (!vr_u64(c->ses, "user_name"))
			vr_fs_puts(c->m, ",sec=none");
		return;
	}
	vr_fs_printf(c->m, ",sec=%s", named(c, kind, kinds, VR_ARRAY_SIZE(kinds), "unknown"));
	vr_fs_flag(c->m, c->ses, "sign", "i");
	if (kind == (uint64_t)vr_constant(c->prog, "Kerberos"))
		vr_fs_printf(c->m, ",cruid=%" PRIu32, vr_fs_user(c->ses, "cred_uid"));
}

static void show_cache(const struct cifs *c)
{
	vr_fs_printf(c->m, ",cache=%s",
		     c->flags & MOUNT_STRICT_IO   ? "strict"
		     : c->flags & MOUNT_DIRECT_IO ? "none"
		     : c->flags & MOUNT_RW_CACHE  ? "singleclient"
		     : c->flags & MOUNT_RO_CACHE  ? "ro"
						  : "loose");
}

/* In which namespace a helper looks for keys. */
static void show_upcall_target(const struct cifs *c)
{
	static const struct value targets[] = {{"UPTARGET_UNSPECIFIED", "app"},
					       {"UPTARGET_APP", "app"},
					       {"UPTARGET_MOUNT", "mount"}};

	if (vr_has(c->ctx, "upcall_target"))
		vr_fs_printf(c->m, ",upcall_target=%s",
			     named(c, vr_u64(c->ctx, "upcall_target"), targets,
				   VR_ARRAY_SIZE(targets), "unknown"));
}

static void show_user(const struct cifs *c)
{
	vr_fs_flag(c->m, c->tcon, "no_lease", ",nolease");
	if (vr_u64(c->ctx, "multiuser"))
		vr_fs_puts(c->m, ",multiuser");
	else
		vr_fs_string_option(c->m, "username", c->ses, "user_name");
	if (vr_u64(c->ses, "domainName") && vr_u64(c->ses, "domainName[0]"))
		vr_fs_string_option(c->m, "domain", c->ses, "domainName");
}

/* From where we connect, where that was asked for. */
static void show_source_address(const struct cifs *c)
{
	struct vr_obj addr = vr_get(c->server, "srcaddr");
	uint64_t family = vr_u64(addr, "ss_family");
	char text[VR_INET_TEXT];
	uint8_t ip[16];

	if (!family)
		return;
	if (family == AF_INET6) {
		vr_get_ip6(vr_cast(addr, "struct sockaddr_in6"), "sin6_addr", ip);
		vr_fs_printf(c->m, ",srcaddr=%s", vr_ip6_text(ip, text));
	} else if (family == AF_INET) {
		vr_fs_printf(c->m, ",srcaddr=%s",
			     vr_get_ip4(vr_cast(addr, "struct sockaddr_in"), "sin_addr", text));
	} else {
		vr_fs_printf(c->m, ",srcaddr=BAD-AF:%" PRIu64, family);
	}
}

static void show_owners(const struct cifs *c)
{
	vr_fs_printf(c->m, ",uid=%" PRIu32 ",%s", vr_fs_user(c->ctx, "linux_uid"),
		     c->flags & MOUNT_OVERR_UID ? "forceuid" : "noforceuid");
	vr_fs_printf(c->m, ",gid=%" PRIu32 ",%s", vr_fs_group(c->ctx, "linux_gid"),
		     c->flags & MOUNT_OVERR_GID ? "forcegid" : "noforcegid");
}

/* cifs_show_address() */
static void show_address(const struct cifs *c)
{
	struct vr_obj addr = vr_get(c->server, "dstaddr"), v6;
	uint64_t family = vr_u64(addr, "ss_family"), scope;
	char text[VR_INET_TEXT];
	uint8_t ip[16];

	vr_fs_puts(c->m, ",addr=");
	if (family == AF_INET) {
		vr_fs_puts(c->m, vr_get_ip4(vr_cast(addr, "struct sockaddr_in"), "sin_addr", text));
	} else if (family == AF_INET6) {
		v6 = vr_cast(addr, "struct sockaddr_in6");
		vr_get_ip6(v6, "sin6_addr", ip);
		vr_fs_puts(c->m, vr_ip6_groups(ip, text));
		scope = vr_u64(v6, "sin6_scope_id");
		if (scope)
			vr_fs_printf(c->m, "%%%" PRIu64, scope);
	} else {
		vr_fs_puts(c->m, "(unknown)");
	}
	vr_fs_flag(c->m, c->server, "rdma", ",rdma");
}

/* Names and what protects the messages. */
static void show_messages(const struct cifs *c, const struct facts *facts)
{
	char charset[64];
	int64_t unicode;

	if (!vr_u64(c->tcon, "unix_ext"))
		vr_fs_printf(c->m, ",file_mode=0%" PRIo64 ",dir_mode=0%" PRIo64,
			     vr_u64(c->ctx, "file_mode"), vr_u64(c->ctx, "dir_mode"));
	if (vr_u64(c->ctx, "iocharset")) /* not escaped */
		vr_fs_printf(c->m, ",iocharset=%s",
			     vr_str(c->ctx, "iocharset", charset, sizeof(charset)));
	if (vr_has(c->ses, "unicode")) {
		unicode = vr_s64(c->ses, "unicode");
		if (unicode == 0 || unicode == 1)
			vr_fs_puts(c->m, unicode ? ",unicode" : ",nounicode");
	}
	if (vr_u64(c->tcon, "seal"))
		vr_fs_puts(c->m, ",seal");
	else
		vr_fs_flag(c->m, c->server, "ignore_signature", ",signloosely");
	if (facts->shows_compress)
		vr_fs_flag(c->m, c->ctx, "compress", ",compress");
}

static void show_share(const struct cifs *c)
{
	vr_fs_flag(c->m, c->tcon, "nocase", ",nocase");
	vr_fs_flag(c->m, c->tcon, "nodelete", ",nodelete");
	vr_fs_flag(c->m, c->ctx, "no_sparse", ",nosparse");
	vr_fs_flag(c->m, c->tcon, "local_lease", ",locallease");
	vr_fs_puts(c->m, vr_u64(c->tcon, "retry") ? ",hard" : ",soft");
	if (vr_u64(c->tcon, "use_persistent"))
		vr_fs_puts(c->m, ",persistenthandles");
	else
		vr_fs_flag(c->m, c->tcon, "use_resilient", ",resilienthandles");
	vr_fs_puts(c->m, vr_u64(c->tcon, "posix_extensions") ? ",posix"
			 : vr_u64(c->tcon, "unix_ext")       ? ",unix"
							     : ",nounix");
}

/* In the order of the kernel's, which isn't that of the bits. */
static void show_flags(const struct cifs *c)
{
	static const struct vr_fs_bit bits[] = {
		{0x8000000, ",nodfs"},
		{0x40, ",posixpaths"},
		{0x2, ",setuids"},
		{0x2000000, ",idsfromsid"},
		{0x4, ",serverino"},
		{0x80000, ",rwpidforward"},
		{0x2000, ",forcemand"},
		{0x10, ",nouser_xattr"},
		{0x20, ",mapchars"},
		{0x800000, ",mapposix"},
		{0x80, ",sfu"},
		{0x100, ",nobrl"},
		{0x4000000, ",nohandlecache"},
		{0x10000000, ",modefromsid"},
		{0x200, ",cifsacl"},
		{0x1000, ",dynperm"},
	};
	static const struct vr_fs_bit rest[] = {
		{0x10000, ",mfsymlinks"},
		{0x8000, ",fsc"},
		{0x4000, ",nostrictsync"},
		{0x1, ",noperm"},
	};

	vr_fs_bits(c->m, c->flags, bits, VR_ARRAY_SIZE(bits));
	if (vr_u64(c->m->sb, "s_flags") & SB_POSIXACL)
		vr_fs_puts(c->m, ",acl");
	vr_fs_bits(c->m, c->flags, rest, VR_ARRAY_SIZE(rest));
	if (c->flags & MOUNT_BACKUPUID)
		vr_fs_printf(c->m, ",backupuid=%" PRIu32, vr_fs_user(c->ctx, "backupuid"));
	if (c->flags & MOUNT_BACKUPGID)
		vr_fs_printf(c->m, ",backupgid=%" PRIu32, vr_fs_group(c->ctx, "backupgid"));
}

/* cifs_symlink_type() */
static const char *symlink_type(const struct cifs *c)
{
	static const struct value types[] = {
		{"CIFS_SYMLINK_TYPE_NONE", "none"}, {"CIFS_SYMLINK_TYPE_NATIVE", "native"},
		{"CIFS_SYMLINK_TYPE_UNIX", "unix"}, {"CIFS_SYMLINK_TYPE_MFSYMLINKS", "mfsymlinks"},
		{"CIFS_SYMLINK_TYPE_SFU", "sfu"},   {"CIFS_SYMLINK_TYPE_NFS", "nfs"},
		{"CIFS_SYMLINK_TYPE_WSL", "wsl"},
	};
	uint64_t type = vr_u64(c->ctx, "symlink_type");

	if (type != (uint64_t)vr_constant(c->prog, "CIFS_SYMLINK_TYPE_DEFAULT"))
		return named(c, type, types, VR_ARRAY_SIZE(types), "unknown");
	if (vr_u64(c->ctx, "mfsymlinks"))
		return "mfsymlinks";
	if (vr_u64(c->ctx, "sfu_emul"))
		return "sfu";
	if (vr_u64(c->ctx, "linux_ext") && !vr_u64(c->ctx, "no_linux_ext"))
		return vr_u64(c->tcon, "posix_extensions") ? "native" : "unix";
	if (vr_u64(c->ctx, "reparse_type") !=
	    (uint64_t)vr_constant(c->prog, "CIFS_REPARSE_TYPE_NONE"))
		return "native";
	return "none";
}

/* How special files and symbolic links are made. */
static void show_special_files(const struct cifs *c)
{
	/* Kernels that can't have "none" have a number less. */
	static const struct value types[] = {
		{"CIFS_REPARSE_TYPE_NFS", "nfs"},
		{"CIFS_REPARSE_TYPE_WSL", "wsl"},
		{"CIFS_REPARSE_TYPE_NONE", "none"},
	};
	bool links = vr_has(c->ctx, "symlink_type");

	if (vr_has(c->ctx, "reparse_type"))
		vr_fs_option(c->m, "reparse",
			     named(c, vr_u64(c->ctx, "reparse_type"), types,
				   VR_ARRAY_SIZE(types) - (links ? 0 : 1), "unknown"));
	if (vr_has(c->ctx, "nonativesocket"))
		vr_fs_puts(c->m,
			   vr_u64(c->ctx, "nonativesocket") ? ",nonativesocket" : ",nativesocket");
	if (links)
		vr_fs_option(c->m, "symlink", symlink_type(c));
}

static void show_number(const struct cifs *c, const char *name, uint64_t value)
{
	vr_fs_printf(c->m, ",%s=%" PRIu64, name, value);
}

static void show_unless_zero(const struct cifs *c, const char *name, struct vr_obj obj,
			     const char *member)
{
	uint64_t value = vr_u64(obj, member);

	if (value)
		show_number(c, name, value);
}

static void show_sizes(const struct cifs *c)
{
	show_number(c, "rsize", vr_u64(c->ctx, "rsize"));
	show_number(c, "wsize", vr_u64(c->ctx, "wsize"));
	show_number(c, "bsize", vr_u64(c->ctx, "bsize"));
	show_unless_zero(c, "rasize", c->ctx, "rasize");
	show_unless_zero(c, "esize", c->server, "min_offload");
}

static void show_connection(const struct cifs *c, const struct facts *facts)
{
	uint64_t credits = vr_u64(c->server, "max_credits"), dirs;

	if (vr_has(c->server, "retrans"))
		show_unless_zero(c, "retrans", c->server, "retrans");
	show_number(c, "echo_interval", vr_u64(c->server, "echo_interval") / c->hz);
	if (credits != USUAL_CREDITS)
		show_number(c, "max_credits", credits);
	vr_fs_flag(c->m, c->server, "tcp_nodelay", ",tcpnodelay");
	vr_fs_flag(c->m, c->server, "noautotune", ",noautotune");
	vr_fs_flag(c->m, c->server, "noblocksnd", ",noblocksend");
	if (facts->shows_nosharesock)
		vr_fs_flag(c->m, c->server, "nosharesock", ",nosharesock");
	show_unless_zero(c, "snapshot", c->tcon, "snapshot_time");
	show_unless_zero(c, "handletimeout", c->tcon, "handle_timeout");
	if (!vr_has(c->tcon, "max_cached_dirs"))
		return;
	dirs = vr_u64(c->tcon, "max_cached_dirs");
	if (dirs != USUAL_CACHED_DIRS)
		show_number(c, "max_cached_dirs", dirs);
}

/* How long attributes are remembered, in seconds. */
static void show_times(const struct cifs *c)
{
	uint64_t dir = vr_u64(c->ctx, "acdirmax"), file = vr_u64(c->ctx, "acregmax");

	if (dir == file) {
		show_number(c, "actimeo", file / c->hz);
	} else {
		show_number(c, "acdirmax", dir / c->hz);
		show_number(c, "acregmax", file / c->hz);
	}
	if (vr_has(c->ctx, "closetimeo"))
		show_number(c, "closetimeo", vr_u64(c->ctx, "closetimeo") / c->hz);
}

static void show_channels(const struct cifs *c)
{
	uint64_t most = vr_u64(c->ses, "chan_max");

	if (most > 1)
		vr_fs_printf(c->m, ",multichannel,max_channels=%" PRIu64, most);
	vr_fs_flag_if(c->m, c->tcon, "use_witness", ",witness");
}

void vr_fs_cifs_options(const struct vr_fs_mount *m)
{
	struct vr_obj sb = vr_fs_info(m, "struct cifs_sb_info");
	struct cifs c = {.m = m, .prog = m->sb.prog};
	const struct facts *facts;
	char version[32];

	c.ctx = vr_deref(sb, "ctx");
	c.tcon = vr_deref(sb, "master_tlink->tl_tcon");
	c.ses = vr_deref(c.tcon, "ses");
	c.server = vr_deref(c.ses, "server");
	c.flags = (uint32_t)vr_u64(sb, "mnt_cifs_flags.counter|mnt_cifs_flags");
	c.hz = vr_hz(c.prog);
	facts = get_facts(c.prog);
	if (vr_failed(c.prog) || !c.hz || !facts)
		return;
	vr_fs_option(m, "vers", vr_str(c.server, "vals->version_string", version, sizeof(version)));
	show_security(&c);
	show_cache(&c);
	show_upcall_target(&c);
	show_user(&c);
	show_source_address(&c);
	show_owners(&c);
	show_address(&c);
	show_messages(&c, facts);
	show_share(&c);
	show_flags(&c);
	show_special_files(&c);
	show_sizes(&c);
	show_connection(&c, facts);
	show_times(&c);
	show_channels(&c);
}

/* cifs_show_devname(): as it was typed, with the slashes of here. */
void vr_fs_cifs_source(const struct vr_fs_mount *m)
{
	struct vr_obj ctx = vr_deref(vr_fs_info(m, "struct cifs_sb_info"), "ctx");
	char source[VR_FS_TEXT];

	if (!vr_u64(ctx, "source")) {
		vr_fs_puts(m, "none");
		return;
	}
	vr_str(ctx, "source", source, sizeof(source));
	for (char *p = strchr(source, '\\'); p; p = strchr(p, '\\'))
		*p = '/';
	vr_fs_escaped(m, source, " \t");
}

/* cifs_show_stats(): empty, in all kernels that have it. */
void vr_fs_cifs_stats(const struct vr_fs_mount *m)
{
	(void)m;
}
