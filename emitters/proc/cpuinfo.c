// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/cpuinfo of x86-64 (show_cpuinfo() in arch/x86/kernel/cpu/proc.c). */
#include <inttypes.h>
#include <string.h>

#include "kernel/symbol_at.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* arch/x86/include/asm/cpufeatures.h */
#define X86_FEATURE_TSC 4
#define X86_FEATURE_APERFMPERF (3 * 32 + 28)
#define X86_FEATURE_VMX (4 * 32 + 5)
/* Words of x86_capability, of which kernels have 24 or so. */
#define MAX_WORDS 64
/* The longest name of a flag has 20 characters. */
#define NAME_SIZE 64

/* What is the same for all CPUs. */
struct machine {
	struct vr_program *prog;
	unsigned hz;
	unsigned cap_words, bug_words; /* NCAPINTS, NBUGINTS */
};

/* A CPU's x86_capability: words of features, then words of bugs. */
struct capability {
	uint32_t words[MAX_WORDS];
};

static bool has(const uint32_t *words, unsigned bit)
{
	return words[bit / 32] >> (bit % 32) & 1;
}

/* Words' worth of names in a table: they end where the next symbol begins. */
static unsigned words_of_names(struct vr_program *prog, const char *table)
{
	struct vr_symbol_at sym;
	uint64_t words;

	if (!vr_symbol_at(prog, vr_symbol(prog, table), &sym))
		return 0;
	words = sym.size / (32 * sizeof(uint64_t));
	return words < MAX_WORDS ? (unsigned)words : 0;
}

static void read_machine(struct vr_program *prog, struct machine *m)
{
	struct vr_obj boot = vr_kernel_global(prog, "boot_cpu_data");
	uint64_t words = vr_type_length(vr_type_strip(vr_get(boot, "x86_capability").type));

	*m = (struct machine){.prog = prog,
			      .hz = vr_hz(prog),
			      .cap_words = words_of_names(prog, "x86_cap_flags"),
			      .bug_words = words_of_names(prog, "x86_bug_flags")};
	if (words > MAX_WORDS || m->cap_words < 5 || m->cap_words + m->bug_words != words)
		vr_latch(prog, VR_CORRUPT, "%u words of flags and %u of bugs in %" PRIu64,
			 m->cap_words, m->bug_words, words);
}

/* The names of the bits that are set; bits without a name aren't shown. */
static void put_names(struct vr_file *f, struct vr_program *prog, const char *table,
		      const uint32_t *words, unsigned count)
{
	for (unsigned bit = 0; bit < count * 32; bit++) {
		struct vr_obj entry;
		char name[NAME_SIZE];

		if (!has(words, bit))
			continue;
		entry = vr_kernel_element(prog, table, bit);
		if (vr_u64(entry, ""))
			vr_printf(f, " %s", vr_str(entry, "", name, sizeof(name)));
	}
}

/* cpufreq_quick_get() of drivers/cpufreq/cpufreq.c: kHz, 0 where no driver knows. */
static uint32_t cpufreq(struct vr_program *prog, unsigned cpu)
{
	struct vr_obj driver, policy;

	if (!vr_has_symbol(prog, "cpufreq_driver"))
		return 0;
	driver = vr_kernel_global(prog, "cpufreq_driver");
	policy = vr_kernel_per_cpu(prog, "cpufreq_cpu_data", cpu);
	if (!vr_u64(driver, "") || !vr_u64(policy, ""))
		return 0;
	return (uint32_t)vr_u64(vr_deref(policy, ""), "cur");
}

/* arch_freq_get_on_cpu(), of which aperfmperf_get_khz() was a part until 5.18. kHz. */
static uint32_t frequency(const struct machine *m, const struct capability *c, unsigned cpu)
{
	uint32_t khz = (uint32_t)vr_u64(vr_kernel_global(m->prog, "cpu_khz"), "");
	uint32_t measured = 0, driven;

	if (!has(c->words, X86_FEATURE_APERFMPERF)) {
		/* Nothing was measured. */
	} else if (vr_type_find(m->prog, "struct aperfmperf")) {
		struct vr_obj sample = vr_kernel_per_cpu(m->prog, "cpu_samples", cpu);
		uint64_t age = vr_jiffies(m->prog) - vr_u64(sample, "last_update");
		uint64_t mcnt = vr_u64(sample, "mcnt");

		/* MAX_SAMPLE_AGE */
		if (mcnt && age <= m->hz / 50)
			return (uint32_t)(khz * vr_u64(sample, "acnt") / mcnt);
	} else {
		measured = (uint32_t)vr_u64(vr_kernel_per_cpu(m->prog, "samples", cpu), "khz");
	}
	if (measured)
		return measured;
	driven = cpufreq(m->prog, cpu);
	return driven ? driven : khz;
}

static void put_string(struct vr_file *f, struct vr_obj c, const char *label, const char *member)
{
	char text[NAME_SIZE + 1];

	vr_str(c, member, text, sizeof(text));
	vr_printf(f, "%s: %s\n", label, *text ? text : "unknown");
}

static void put_model(struct vr_file *f, struct vr_obj c)
{
	int level = (int)vr_s64(c, "cpuid_level");
	int stepping = (int)vr_s64(c, "x86_stepping");
	uint32_t microcode = (uint32_t)vr_u64(c, "microcode");

	vr_printf(f, "processor\t: %u\n", (uint32_t)vr_u64(c, "cpu_index"));
	put_string(f, c, "vendor_id\t", "x86_vendor_id");
	vr_printf(f, "cpu family\t: %d\nmodel\t\t: %u\n", (int)vr_s64(c, "x86"),
		  (uint32_t)vr_u64(c, "x86_model"));
	put_string(f, c, "model name\t", "x86_model_id");
	if (stepping || level >= 0)
		vr_printf(f, "stepping\t: %d\n", stepping);
	else
		vr_puts(f, "stepping\t: unknown\n");
	if (microcode)
		vr_printf(f, "microcode\t: 0x%x\n", microcode);
}

static void put_topology(struct vr_file *f, struct vr_obj c, unsigned cpu)
{
	struct vr_cpumask siblings;

	vr_cpumask_var(vr_kernel_per_cpu(c.prog, "cpu_core_map", cpu), "", &siblings);
	vr_printf(f, "physical id\t: %d\n", (int)vr_s64(c, "topo.pkg_id|phys_proc_id"));
	vr_printf(f, "siblings\t: %u\n", vr_cpumask_count(&siblings));
	vr_printf(f, "core id\t\t: %d\n", (int)vr_s64(c, "topo.core_id|cpu_core_id"));
	vr_printf(f, "cpu cores\t: %d\n", (int)vr_s64(c, "booted_cores"));
	vr_printf(f, "apicid\t\t: %d\n", (int)vr_s64(c, "topo.apicid|apicid"));
	vr_printf(f, "initial apicid\t: %d\n",
		  (int)vr_s64(c, "topo.initial_apicid|initial_apicid"));
}

static void put_vmx(struct vr_file *f, struct vr_obj c)
{
	struct vr_obj vmx = vr_get(c, "vmx_capability");
	uint64_t words = vr_type_length(vr_type_strip(vmx.type));
	uint32_t bits[MAX_WORDS] = {0};

	if (words > MAX_WORDS)
		vr_latch(c.prog, VR_CORRUPT, "%" PRIu64 " words of VMX flags", words);
	else if (vr_bytes(vmx, "", bits, words * sizeof(bits[0])) && bits[0]) {
		vr_puts(f, "\nvmx flags\t:");
		put_names(f, c.prog, "x86_vmx_flags", bits, (unsigned)words);
	}
}

static void put_flags(struct vr_file *f, const struct machine *m, struct vr_obj c,
		      const struct capability *cap)
{
	vr_puts(f, "flags\t\t:");
	put_names(f, m->prog, "x86_cap_flags", cap->words, m->cap_words);
	if (has(cap->words, X86_FEATURE_VMX) && vr_has(c, "vmx_capability"))
		put_vmx(f, c);
	vr_puts(f, "\nbugs\t\t:");
	put_names(f, m->prog, "x86_bug_flags", cap->words + m->cap_words, m->bug_words);
}

static void put_power(struct vr_file *f, struct vr_obj c)
{
	struct vr_obj names = vr_kernel_global(c.prog, "x86_power_flags");
	uint32_t power = (uint32_t)vr_u64(c, "x86_power");

	vr_puts(f, "power management:");
	for (unsigned bit = 0; bit < 32; bit++) {
		struct vr_obj entry = vr_index(names, bit);
		char name[NAME_SIZE];

		if (!has(&power, bit))
			continue;
		if (!vr_u64(entry, ""))
			vr_printf(f, " [%u]", bit);
		else if (*vr_str(entry, "", name, sizeof(name)))
			vr_printf(f, " %s", name);
	}
	vr_puts(f, "\n\n");
}

static void put_cpu(struct vr_file *f, const struct machine *m, unsigned cpu)
{
	struct vr_obj c = vr_kernel_per_cpu(m->prog, "cpu_info", cpu);
	uint64_t loops = vr_u64(c, "loops_per_jiffy");
	struct capability cap = {0};
	uint32_t cache, khz;

	vr_bytes(c, "x86_capability", cap.words, (m->cap_words + m->bug_words) * sizeof(uint32_t));
	put_model(f, c);
	if (has(cap.words, X86_FEATURE_TSC)) {
		khz = frequency(m, &cap, cpu);
		vr_printf(f, "cpu MHz\t\t: %u.%03u\n", khz / 1000, khz % 1000);
	}
	cache = (uint32_t)vr_u64(c, "x86_cache_size");
	if (cache)
		vr_printf(f, "cache size\t: %u KB\n", cache);
	put_topology(f, c, cpu);
	vr_printf(f, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %d\nwp\t\t: yes\n",
		  (int)vr_s64(c, "cpuid_level"));
	put_flags(f, m, c, &cap);
	vr_printf(f, "\nbogomips\t: %" PRIu64 ".%02" PRIu64 "\n", loops / (500000 / m->hz),
		  loops / (5000 / m->hz) % 100);
	if (vr_s64(c, "x86_tlbsize") > 0)
		vr_printf(f, "TLB size\t: %d 4K pages\n", (int)vr_s64(c, "x86_tlbsize"));
	vr_printf(f, "clflush size\t: %u\n", (uint32_t)vr_u64(c, "x86_clflush_size"));
	vr_printf(f, "cache_alignment\t: %d\n", (int)vr_s64(c, "x86_cache_alignment"));
	vr_printf(f, "address sizes\t: %u bits physical, %u bits virtual\n",
		  (uint32_t)vr_u64(c, "x86_phys_bits"), (uint32_t)vr_u64(c, "x86_virt_bits"));
	put_power(f, c);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask online;
	struct machine m;

	read_machine(key->prog, &m);
	vr_cpus_online(key->prog, &online);
	if (vr_failed(key->prog))
		return;
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++) {
		vr_row_begin(f);
		put_cpu(f, &m, cpu);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/cpuinfo",
	   .source = "cpu_info of the CPUs online before the panic, x86_cap_flags, x86_bug_flags",
	   .emit = emit)
