// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/status (proc_pid_status() in fs/proc/array.c, task_mem() in fs/proc/task_mmu.c). */
#include <stdlib.h>

#include "base/bits.h"
#include "kernel/bitmap.h"
#include "kernel/function_text.h"
#include "kernel/mm.h"
#include "kernel/percpu.h"
#include "kernel/seq.h"
#include "kernel/signal.h"
#include "kernel/speculation.h"
#include "kernel/task.h"
#include "kernel/task_name.h"
#include "kernel/task_pid.h"
#include "object/memo.h"
#include "pid_emitter.h"

#define PAGE_KB 4
#define MAX_GROUPS 65536 /* NGROUPS_MAX */
#define MAX_NODES 1024
#define MMF_DISABLE_THP 24           /* MMF_DISABLE_THP_COMPLETELY since 6.18 */
#define PFA_NO_NEW_PRIVS 0           /* include/linux/sched.h */
#define RLIMIT_SIGPENDING 11         /* include/uapi/asm-generic/resource.h */
#define ARCH_SHSTK_SHSTK (1ull << 0) /* arch/x86/include/uapi/asm/prctl.h */
#define ARCH_SHSTK_WRSS (1ull << 1)

/* What the dumped kernel's status has, and sizes that its configuration sets. */
struct facts {
	bool known;
	bool kthread, untag_mask, indirect_branch, thp;
	unsigned nodes;     /* MAX_NUMNODES */
	unsigned cpus;      /* nr_cpu_ids */
	int64_t sigpending; /* UCOUNT_RLIMIT_SIGPENDING */
};

static unsigned max_nodes(struct vr_program *prog)
{
	uint64_t bits = 8 * vr_sizeof(prog, "nodemask_t");
	struct vr_member member;

	/* Less than the mask has, where that is less than a word. */
	if (!vr_type_member(vr_type_find(prog, "struct kmem_cache"), "per_node", &member) ||
	    !vr_type_member(vr_type_find(prog, "struct kmem_cache"), "node", &member)) {
		uint64_t length = vr_type_length(vr_type_strip(member.type));

		if (length && length < bits)
			bits = length;
	}
	return (unsigned)VR_MIN(bits, (uint64_t)MAX_NODES);
}

static const struct facts *facts_of(struct vr_program *prog)
{
	static const char key;
	struct facts *facts = vr_memo(prog, &key, sizeof(*facts));

	if (!facts || facts->known)
		return facts;
	facts->kthread = vr_function_has_text(prog, "proc_pid_status", "Kthread:\t");
	facts->untag_mask = vr_function_has_text(prog, "proc_pid_status", "untag_mask:\t");
	facts->indirect_branch =
		vr_function_has_text(prog, "proc_pid_status", "\nSpeculationIndirectBranch:\t");
	facts->thp = vr_has_symbol(prog, "transparent_hugepage_flags");
	facts->nodes = max_nodes(prog);
	facts->cpus = vr_nr_cpus(prog);
	if (vr_has_member(prog, "struct cred", "ucounts"))
		facts->sigpending = vr_constant(prog, "UCOUNT_RLIMIT_SIGPENDING");
	facts->known = !vr_failed(prog);
	return facts->known ? facts : NULL;
}

static void emit_name(struct vr_file *f, struct vr_obj task)
{
	char name[VR_TASK_NAME_SIZE];

	vr_puts(f, "Name:\t");
	for (const char *p = vr_task_name(task, name); *p; p++) {
		if (*p == '\n')
			vr_puts(f, "\\n");
		else if (*p == '\\')
			vr_puts(f, "\\\\");
		else
			vr_write(f, p, 1);
	}
	vr_puts(f, "\n");
}

static const char *state_name(char letter)
{
	/* task_state_array of fs/proc/array.c. */
	static const char *const names[] = {"R (running)", "S (sleeping)",     "D (disk sleep)",
					    "T (stopped)", "t (tracing stop)", "X (dead)",
					    "Z (zombie)",  "P (parked)",       "I (idle)"};

	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		if (names[i][0] == letter)
			return names[i];
	return "";
}

/* from_kuid_munged() for a reader in the initial user namespace: what has no id is overflowuid. */
static uint64_t munged(uint64_t id)
{
	return (uint32_t)id == UINT32_MAX ? 65534 : (uint32_t)id;
}

static void emit_groups(struct vr_file *f, struct vr_obj cred)
{
	struct vr_obj groups = vr_deref(cred, "group_info");
	uint64_t count = vr_u64(groups, "ngroups");

	vr_puts(f, "Groups:\t");
	if (count > MAX_GROUPS)
		vr_latch(cred.prog, VR_CORRUPT, "%" PRIu64 " groups", count);
	for (uint64_t i = 0; i < count && !vr_failed(cred.prog); i++)
		vr_printf(f, "%s%" PRIu64, i ? " " : "",
			  munged(vr_u64(vr_index(vr_get(groups, "gid"), i), "val")));
	vr_puts(f, " \n");
}

static void emit_namespaces(struct vr_file *f, struct vr_obj task)
{
	static const struct {
		const char *label;
		enum vr_pid_type type;
	} lines[] = {{"NStgid:", VR_PID_PROCESS},
		     {"NSpid:", VR_PID_THREAD},
		     {"NSpgid:", VR_PID_GROUP},
		     {"NSsid:", VR_PID_SESSION}};
	struct vr_obj self = vr_task_pid(task, VR_PID_THREAD);
	uint64_t ns[VR_PID_LEVELS];
	unsigned levels = vr_pid_namespaces(self, ns);

	for (size_t i = 0; i < VR_ARRAY_SIZE(lines); i++) {
		struct vr_obj pid = vr_task_pid(task, lines[i].type);

		vr_puts(f, lines[i].label);
		for (unsigned level = 0; level <= levels; level++)
			vr_printf(f, "\t%" PRId64, vr_pid_nr(pid, level, ns[level]));
		vr_puts(f, "\n");
	}
}

/* task_state() */
static void emit_state(struct vr_file *f, struct vr_obj task, const struct facts *facts)
{
	struct vr_obj cred = vr_deref(task, "real_cred");
	uint64_t group = 0, tracer = 0;

	if (vr_u64(task, "fs"))
		vr_printf(f, "Umask:\t%#04o\n", (unsigned)vr_u64(task, "fs->umask"));
	vr_printf(f, "State:\t%s\n", state_name(vr_task_state(task)));
	if (vr_has(task, "numa_group") && vr_u64(task, "numa_group"))
		group = vr_u64(task, "numa_group->gid");
	if (vr_u64(task, "ptrace"))
		tracer = (uint64_t)vr_task_pid_nr(vr_deref(task, "parent"), VR_PID_THREAD);
	vr_printf(f, "Tgid:\t%" PRId64 "\n", vr_task_pid_nr(task, VR_PID_PROCESS));
	vr_printf(f, "Ngid:\t%" PRIu64 "\n", group);
	vr_printf(f, "Pid:\t%" PRId64 "\n", vr_task_pid_nr(task, VR_PID_THREAD));
	vr_printf(f, "PPid:\t%" PRId64 "\n", vr_task_ppid(task));
	vr_printf(f, "TracerPid:\t%" PRIu64 "\n", tracer);
	vr_printf(f, "Uid:\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		  munged(vr_u64(cred, "uid.val")), munged(vr_u64(cred, "euid.val")),
		  munged(vr_u64(cred, "suid.val")), munged(vr_u64(cred, "fsuid.val")));
	vr_printf(f, "Gid:\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		  munged(vr_u64(cred, "gid.val")), munged(vr_u64(cred, "egid.val")),
		  munged(vr_u64(cred, "sgid.val")), munged(vr_u64(cred, "fsgid.val")));
	vr_printf(f, "FDSize:\t%" PRIu64 "\n",
		  vr_u64(task, "files") ? vr_u64(task, "files->fdt->max_fds") : 0);
	emit_groups(f, cred);
	if (vr_has_symbol(task.prog, "init_pid_ns") && vr_has(task, "thread_pid->level"))
		emit_namespaces(f, task);
	if (facts->kthread)
		vr_printf(f, "Kthread:\t%c\n", vr_u64(task, "flags") & PF_KTHREAD ? '1' : '0');
}

static void emit_pages(struct vr_file *f, const char *label, uint64_t pages)
{
	vr_printf(f, "%s:\t%8" PRIu64 " kB\n", label, pages * PAGE_KB);
}

/* task_mem() */
static void emit_memory(struct vr_file *f, struct vr_obj mm)
{
	uint64_t total = vr_u64(mm, "total_vm"), peak = vr_u64(mm, "hiwater_vm"), rss, hiwater;
	uint64_t start = vr_u64(mm, "start_code") & ~0xfffull;
	uint64_t text = ((vr_u64(mm, "end_code") + 0xfff) & ~0xfffull) - start;
	uint64_t exec = vr_u64(mm, "exec_vm") << 12;
	struct vr_mm_counters counters;

	vr_mm_counters_read(mm, vr_mm_shows_exact(mm.prog), &counters);
	rss = counters.anon + counters.file + counters.shmem;
	hiwater = vr_u64(mm, "hiwater_rss");
	text = VR_MIN(text, exec);
	emit_pages(f, "VmPeak", VR_MAX(total, peak));
	emit_pages(f, "VmSize", total);
	emit_pages(f, "VmLck", vr_u64(mm, "locked_vm"));
	emit_pages(f, "VmPin", vr_u64(mm, "pinned_vm.counter"));
	emit_pages(f, "VmHWM", VR_MAX(rss, hiwater));
	emit_pages(f, "VmRSS", rss);
	emit_pages(f, "RssAnon", counters.anon);
	emit_pages(f, "RssFile", counters.file);
	emit_pages(f, "RssShmem", counters.shmem);
	emit_pages(f, "VmData", vr_u64(mm, "data_vm"));
	emit_pages(f, "VmStk", vr_u64(mm, "stack_vm"));
	vr_printf(f, "VmExe:\t%8" PRIu64 " kB\n", text >> 10);
	vr_printf(f, "VmLib:\t%8" PRIu64 " kB\n", (exec - text) >> 10);
	vr_printf(f, "VmPTE:\t%8" PRIu64 " kB\n", vr_mm_pgtables_bytes(mm) >> 10);
	emit_pages(f, "VmSwap", counters.swap);
	if (vr_has(mm, "hugetlb_usage"))
		emit_pages(f, "HugetlbPages", vr_u64(mm, "hugetlb_usage.counter"));
}

static void emit_mm(struct vr_file *f, struct vr_obj task, struct vr_obj mm,
		    const struct facts *facts)
{
	uint64_t core = vr_has(mm, "core_state") ? vr_u64(mm, "core_state")
						 : vr_u64(task, "signal->core_state");
	bool thp = facts->thp && !(vr_mm_flags(mm) >> MMF_DISABLE_THP & 1);

	emit_memory(f, mm);
	vr_printf(f, "CoreDumping:\t%d\n", core != 0);
	vr_printf(f, "THP_enabled:\t%d\n", thp);
	if (facts->untag_mask)
		vr_printf(f, "untag_mask:\t%#" PRIx64 "\n",
			  vr_has(mm, "context.untag_mask") ? vr_u64(mm, "context.untag_mask")
							   : UINT64_MAX);
}

/* task_sig() */
static void emit_signals(struct vr_file *f, struct vr_obj task, const struct facts *facts)
{
	struct vr_obj cred = vr_deref(task, "real_cred");
	struct vr_task_signals signals;
	uint64_t queued = 0, limit = 0;

	vr_task_signals_read(task, &signals);
	if (signals.has_handlers) {
		/* A user's own count before 5.14 (d64696905554). */
		if (vr_has(cred, "ucounts->rlimit"))
			queued = vr_u64(vr_index(vr_get(cred, "ucounts->rlimit"),
						 (uint64_t)facts->sigpending),
					"counter");
		else if (vr_has(cred, "ucounts"))
			queued = vr_u64(vr_index(vr_get(cred, "ucounts->ucount"),
						 (uint64_t)facts->sigpending),
					"counter");
		else
			queued = vr_u64(cred, "user->sigpending.counter");
		limit = vr_u64(vr_index(vr_get(task, "signal->rlim"), RLIMIT_SIGPENDING),
			       "rlim_cur");
	}
	vr_printf(f, "Threads:\t%" PRIu64 "\n", signals.threads);
	vr_printf(f, "SigQ:\t%" PRIu64 "/%" PRIu64 "\n", queued, limit);
	vr_printf(f, "SigPnd:\t%016" PRIx64 "\n", signals.pending);
	vr_printf(f, "ShdPnd:\t%016" PRIx64 "\n", signals.shared_pending);
	vr_printf(f, "SigBlk:\t%016" PRIx64 "\n", signals.blocked);
	vr_printf(f, "SigIgn:\t%016" PRIx64 "\n", signals.ignored);
	vr_printf(f, "SigCgt:\t%016" PRIx64 "\n", signals.caught);
}

/* Two words before 6.3 (f122a08b197d), one since. */
static uint64_t capability(struct vr_obj cap)
{
	if (vr_has(cap, "val"))
		return vr_u64(cap, "val");
	return vr_u64(cap, "cap[1]") << 32 | vr_u64(cap, "cap[0]");
}

static void emit_capabilities(struct vr_file *f, struct vr_obj task)
{
	struct vr_obj cred = vr_deref(task, "real_cred");

	vr_printf(f, "CapInh:\t%016" PRIx64 "\n", capability(vr_get(cred, "cap_inheritable")));
	vr_printf(f, "CapPrm:\t%016" PRIx64 "\n", capability(vr_get(cred, "cap_permitted")));
	vr_printf(f, "CapEff:\t%016" PRIx64 "\n", capability(vr_get(cred, "cap_effective")));
	vr_printf(f, "CapBnd:\t%016" PRIx64 "\n", capability(vr_get(cred, "cap_bset")));
	vr_printf(f, "CapAmb:\t%016" PRIx64 "\n", capability(vr_get(cred, "cap_ambient")));
}

/* task_seccomp() */
static void emit_seccomp(struct vr_file *f, struct vr_obj task, const struct facts *facts)
{
	vr_printf(f, "NoNewPrivs:\t%d\n",
		  (int)(vr_u64(task, "atomic_flags") >> PFA_NO_NEW_PRIVS & 1));
	if (vr_has(task, "seccomp.mode"))
		vr_printf(f, "Seccomp:\t%" PRIu64 "\n", vr_u64(task, "seccomp.mode"));
	if (vr_has(task, "seccomp.filter_count"))
		vr_printf(f, "Seccomp_filters:\t%" PRId64 "\n",
			  vr_s64(task, "seccomp.filter_count.counter"));
	vr_printf(f, "Speculation_Store_Bypass:\t%s\n", vr_store_bypass_text(task));
	if (facts->indirect_branch)
		vr_printf(f, "SpeculationIndirectBranch:\t%s\n", vr_indirect_branch_text(task));
}

static void emit_mask(struct vr_file *f, const char *label, struct vr_obj mask, unsigned nr)
{
	uint64_t bits[VR_MAX_CPUS / 64];
	char text[VR_MAX_CPUS];

	vr_bitmap_read(mask, "", bits, nr);
	vr_printf(f, "%s:\t%s\n", label, vr_bitmap_hex(bits, nr, text, sizeof(text)));
	vr_printf(f, "%s_list:\t%s\n", label, vr_bitmap_list(bits, nr, text, sizeof(text)));
}

static void emit_features(struct vr_file *f, const char *label, uint64_t features)
{
	vr_printf(f, "%s:\t%s%s\n", label, features & ARCH_SHSTK_SHSTK ? "shstk " : "",
		  features & ARCH_SHSTK_WRSS ? "wrss " : "");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	const struct facts *facts = facts_of(key->prog);
	struct vr_obj task = key->obj, mm;

	if (!facts)
		return;
	mm = vr_task_mm(task);
	emit_name(f, task);
	emit_state(f, task, facts);
	if (vr_ok(mm))
		emit_mm(f, task, mm, facts);
	emit_signals(f, task, facts);
	emit_capabilities(f, task);
	emit_seccomp(f, task, facts);
	emit_mask(f, "Cpus_allowed", vr_get(task, "cpus_mask"), facts->cpus);
	if (vr_has(task, "mems_allowed"))
		emit_mask(f, "Mems_allowed", vr_get(task, "mems_allowed"), facts->nodes);
	vr_printf(f, "voluntary_ctxt_switches:\t%" PRIu64 "\n", vr_u64(task, "nvcsw"));
	vr_printf(f, "nonvoluntary_ctxt_switches:\t%" PRIu64 "\n", vr_u64(task, "nivcsw"));
	if (vr_has(task, "thread.features")) {
		emit_features(f, "x86_Thread_features", vr_u64(task, "thread.features"));
		emit_features(f, "x86_Thread_features_locked",
			      vr_u64(task, "thread.features_locked"));
	}
}

VR_EMITTER(.path = "proc/{pid}/status", .source = "task_struct, mm_struct, cred", .emit = emit)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/status", .source = "task_struct, mm_struct, cred",
	   .emit = emit)
