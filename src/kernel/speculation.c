// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/speculation.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "object/memo.h"

/* Bits of task_struct.atomic_flags (include/linux/sched.h; macros). */
#define PFA_SPEC_SSB_DISABLE 3
#define PFA_SPEC_SSB_FORCE_DISABLE 4
#define PFA_SPEC_IB_DISABLE 5
#define PFA_SPEC_IB_FORCE_DISABLE 6
#define PFA_SPEC_SSB_NOEXEC 7

/* The machine's state: of the enumerators, those that decide. */
struct mode {
	bool known;
	bool ssb_none, ssb_disable, ssb_bug;
	bool ib_bug, ib_none, ib_user, ib_strict;
};

/* boot_cpu_has_bug(): by the bug's name in the kernel's own list of them. The words of bugs are the
 * last of x86_capability. */
static bool cpu_has_bug(struct vr_program *prog, const char *bug)
{
	struct vr_obj names = vr_kernel_global(prog, "x86_bug_flags");
	struct vr_obj capability =
		vr_get(vr_kernel_global(prog, "boot_cpu_data"), "x86_capability");
	struct vr_symbol sym = {0};
	uint64_t words = vr_type_length(vr_type_strip(capability.type)), bug_words;

	if (vr_failed(prog))
		return false;
	vr_symtab_lookup(prog->symtab, names.addr, &sym);
	/* 32 names a word; less than a word's lie between the table and the next symbol. */
	bug_words = sym.size / (32 * 8);
	if (!bug_words || bug_words >= words) {
		vr_latch(prog, VR_CORRUPT, "a list of %llu words of CPU bugs",
			 (unsigned long long)bug_words);
		return false;
	}
	for (uint64_t i = 0; i < bug_words * 32 && !vr_failed(prog); i++) {
		struct vr_obj name = names;
		char text[32];

		name.addr += i * 8;
		if (!vr_u64(name, "") || strcmp(vr_str(name, "", text, sizeof(text)), bug))
			continue;
		return vr_u64(vr_index(capability, words - bug_words + i / 32), "") >> (i % 32) & 1;
	}
	return false;
}

static bool is_mode(struct vr_obj variable, const char *enumerator)
{
	int64_t value;

	return !vr_enum_value(variable.prog, NULL, enumerator, &value) &&
	       vr_s64(variable, "") == value;
}

static const struct mode *mode_of(struct vr_program *prog)
{
	static const char key;
	struct mode *m = vr_memo(prog, &key, sizeof(*m));
	struct vr_obj ssb, ibpb, stibp;

	if (!m || m->known)
		return m;
	ssb = vr_kernel_global(prog, "ssb_mode");
	ibpb = vr_kernel_global(prog, "spectre_v2_user_ibpb");
	stibp = vr_kernel_global(prog, "spectre_v2_user_stibp");
	m->ssb_none = is_mode(ssb, "SPEC_STORE_BYPASS_NONE");
	m->ssb_disable = is_mode(ssb, "SPEC_STORE_BYPASS_DISABLE");
	m->ssb_bug = cpu_has_bug(prog, "spec_store_bypass");
	m->ib_bug = cpu_has_bug(prog, "spectre_v2");
	m->ib_none =
		is_mode(ibpb, "SPECTRE_V2_USER_NONE") && is_mode(stibp, "SPECTRE_V2_USER_NONE");
	m->ib_user = is_mode(ibpb, "SPECTRE_V2_USER_PRCTL") ||
		     is_mode(ibpb, "SPECTRE_V2_USER_SECCOMP") ||
		     is_mode(stibp, "SPECTRE_V2_USER_PRCTL") ||
		     is_mode(stibp, "SPECTRE_V2_USER_SECCOMP");
	m->ib_strict = is_mode(ibpb, "SPECTRE_V2_USER_STRICT") ||
		       is_mode(stibp, "SPECTRE_V2_USER_STRICT") ||
		       is_mode(stibp, "SPECTRE_V2_USER_STRICT_PREFERRED");
	m->known = !vr_failed(prog);
	return m->known ? m : NULL;
}

/* ssb_prctl_get(), then task_seccomp() of fs/proc/array.c. */
const char *vr_store_bypass_text(struct vr_obj task)
{
	const struct mode *m = mode_of(task.prog);
	uint64_t flags = vr_u64(task, "atomic_flags");

	if (!m || vr_failed(task.prog))
		return "";
	if (m->ssb_disable)
		return "globally mitigated";
	if (m->ssb_none)
		return m->ssb_bug ? "vulnerable" : "not vulnerable";
	if (flags >> PFA_SPEC_SSB_FORCE_DISABLE & 1)
		return "thread force mitigated";
	/* PR_SPEC_DISABLE_NOEXEC is none of those that have words. */
	if (flags >> PFA_SPEC_SSB_NOEXEC & 1)
		return "vulnerable";
	return flags >> PFA_SPEC_SSB_DISABLE & 1 ? "thread mitigated" : "thread vulnerable";
}

/* ib_prctl_get(), likewise. */
const char *vr_indirect_branch_text(struct vr_obj task)
{
	const struct mode *m = mode_of(task.prog);
	uint64_t flags = vr_u64(task, "atomic_flags");

	if (!m || vr_failed(task.prog))
		return "";
	if (!m->ib_bug)
		return "not affected";
	if (m->ib_none)
		return "always enabled";
	if (m->ib_user) {
		if (flags >> PFA_SPEC_IB_FORCE_DISABLE & 1)
			return "conditional force disabled";
		return flags >> PFA_SPEC_IB_DISABLE & 1 ? "conditional disabled"
							: "conditional enabled";
	}
	return m->ib_strict ? "always disabled" : "not affected";
}
