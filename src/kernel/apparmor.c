// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/apparmor.h"

#include <string.h>

#include "kernel/globals.h"
#include "kernel/symbol_at.h"

/* security/apparmor/include/label.h */
#define FLAG_STALE 0x800u
/* enum profile_mode */
#define MODE_UNCONFINED 3
/* Profiles in a label, namespaces within each other: more than anybody has. */
#define MAX_PROFILES 256
#define MAX_DEPTH 64
#define MAX_MODE 32
#define MAX_MODES 8

bool vr_apparmor_active(struct vr_program *prog)
{
	return vr_has_symbol(prog, "apparmor_initialized") &&
	       vr_u64(vr_kernel_global(prog, "apparmor_initialized"), "");
}

/* AppArmor's part of what hangs from a security pointer: where it begins is known since boot. */
static uint64_t blob(struct vr_obj owner, const char *pointer, const char *offset)
{
	uint64_t security = vr_u64(owner, pointer);

	/* Only what is being made or is gone has none. */
	if (!security)
		return 0;
	return security + vr_u64(vr_kernel_global(owner.prog, "apparmor_blob_sizes"), offset);
}

struct vr_obj vr_apparmor_task_label(struct vr_obj task, enum vr_apparmor_label kind)
{
	struct vr_obj none = {.prog = task.prog}, label;
	uint64_t at, addr;

	if (kind == VR_APPARMOR_CURRENT) {
		at = blob(vr_deref(task, "real_cred"), "security", "lbs_cred");
		addr = at ? vr_u64(vr_at(task.prog, "struct aa_label *", at), "") : 0;
	} else {
		at = blob(task, "security", "lbs_task");
		addr = at ? vr_u64(vr_at(task.prog, "struct aa_task_ctx", at),
				   kind == VR_APPARMOR_ONEXEC ? "onexec" : "previous")
			  : 0;
	}
	if (!addr)
		return none;
	label = vr_at(task.prog, "struct aa_label", addr);
	if (vr_u64(label, "flags") & FLAG_STALE)
		label = vr_deref(label, "proxy->label");
	return label;
}

/* The text so far. */
struct text {
	struct vr_program *prog;
	char *buf;
	size_t len;
};

static void add(struct text *t, const char *text)
{
	size_t len = strlen(text);

	if (t->len + len >= VR_APPARMOR_NAME) {
		vr_latch(t->prog, VR_LIMIT, "a label of more than %d bytes", VR_APPARMOR_NAME - 1);
		return;
	}
	memcpy(t->buf + t->len, text, len + 1);
	t->len += len;
}

/* aa_ns_visible() from the first namespace, within which all others are. */
static bool is_visible(struct vr_program *prog, uint64_t ns, uint64_t root)
{
	for (unsigned depth = 0; ns && depth < MAX_DEPTH; depth++) {
		if (ns == root)
			return true;
		ns = vr_u64(vr_at(prog, "struct aa_ns", ns), "parent");
	}
	if (ns)
		vr_latch(prog, VR_CORRUPT, "namespaces of policies without an end");
	return false;
}

/* aa_profile_snxprint(), without the mode */
static void add_profile(struct text *t, struct vr_obj profile, uint64_t root, uint64_t *last)
{
	char name[VR_APPARMOR_NAME], first[VR_APPARMOR_NAME];
	uint64_t ns = vr_u64(profile, "ns");

	if (ns != root && ns != *last) {
		size_t skip;

		*last = ns;
		/* "root//lxc": what stands before it is the reader's own. */
		vr_str(vr_at(t->prog, "struct aa_ns", root), "base.hname", first, sizeof(first));
		vr_str(vr_at(t->prog, "struct aa_ns", ns), "base.hname", name, sizeof(name));
		skip = strlen(first) + 2;
		add(t, ":");
		add(t, skip < strlen(name) ? name + skip : "");
		add(t, ":");
	}
	add(t, vr_str(profile, "base.hname", name, sizeof(name)));
}

/* label_modename() */
static void add_mode(struct text *t, int64_t mode, bool mixed)
{
	char name[MAX_MODE];

	if (!mixed) {
		struct vr_obj names = vr_kernel_global(t->prog, "aa_profile_mode_names");
		struct vr_symbol_at at;

		if (!vr_symbol_at(t->prog, names.addr, &at))
			at.size = MAX_MODES * sizeof(uint64_t);
		if (mode < 0 || (uint64_t)mode >= at.size / sizeof(uint64_t))
			vr_latch(t->prog, VR_CORRUPT, "a profile of mode %lld", (long long)mode);
		else
			names = vr_kernel_element(t->prog, "aa_profile_mode_names", (uint64_t)mode);
		vr_str(names, "", name, sizeof(name));
	}
	add(t, " (");
	add(t, mixed ? "mixed" : name);
	add(t, ")");
}

char *vr_apparmor_name(struct vr_obj label, char buf[VR_APPARMOR_NAME])
{
	struct vr_program *prog = label.prog;
	struct text t = {.prog = prog, .buf = buf};
	uint64_t root = vr_u64(vr_kernel_global(prog, "root_ns"), "");
	/* As long as size says, whatever its type. */
	uint64_t vec = vr_get(label, "vec").addr;
	uint64_t count = vr_u64(label, "size"), last = 0, seen = 0;
	bool confined = false, mixed = false;
	int64_t mode = MODE_UNCONFINED;

	buf[0] = '\0';
	if (count > MAX_PROFILES)
		vr_latch(prog, VR_CORRUPT, "a label of %llu profiles", (unsigned long long)count);
	for (uint64_t i = 0; i < count && !vr_failed(prog); i++) {
		struct vr_obj profile = vr_deref(
			vr_at(prog, "struct aa_profile *", vec + i * sizeof(uint64_t)), "");

		if (!is_visible(prog, vr_u64(profile, "ns"), root))
			continue;
		if (seen++)
			add(&t, "//&");
		add_profile(&t, profile, root, &last);
		/* A namespace's own "unconfined" says nothing of the mode. */
		if (profile.addr == vr_u64(profile, "ns->unconfined"))
			continue;
		mixed = mixed || (confined && mode != vr_s64(profile, "mode"));
		mode = confined ? mode : vr_s64(profile, "mode");
		confined = true;
	}
	if (!seen)
		add(&t, "unconfined");
	else if (confined)
		add_mode(&t, mode, mixed);
	if (vr_failed(prog))
		buf[0] = '\0';
	return buf;
}
