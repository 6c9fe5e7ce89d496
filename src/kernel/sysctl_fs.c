// SPDX-License-Identifier: GPL-2.0-or-later
/* Handlers of fs/ and mm/ that do more than show what their table says. */
#include <inttypes.h>

#include "base/bits.h"
#include "kernel/cpus.h"
#include "kernel/function_code.h"
#include "kernel/globals.h"
#include "kernel/percpu_counter.h"
#include "kernel/sysctl_format.h"

/* Words of a table, of which some are counted when it is read: index and what. */
struct counted {
	unsigned index;
	int64_t value;
};

static void put_words(const struct vr_sysctl *s, const struct counted *counted, size_t count,
		      struct vr_strbuf *out)
{
	size_t words = s->data ? vr_sysctl_elements(s, sizeof(uint64_t)) : 0;

	for (size_t i = 0; i < words; i++) {
		uint64_t value;

		if (!vr_sysctl_read(s, s->data + i * sizeof(value), &value, sizeof(value)))
			return;
		for (size_t k = 0; k < count; k++)
			if (counted[k].index == i)
				value = (uint64_t)VR_MAX(counted[k].value, (int64_t)0);
		vr_strbuf_printf(out, "%s%" PRIu64, i ? "\t" : "", value);
	}
	if (words)
		vr_strbuf_putc(out, '\n');
}

/* A counter of which each possible CPU has a part. */
static int64_t sum_of(const struct vr_sysctl *s, const char *symbol)
{
	struct vr_cpumask possible;
	int64_t sum = 0;

	if (!vr_cpumask_read(s->prog, "__cpu_possible_mask", &possible))
		return 0;
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++)
		sum += vr_s64(vr_kernel_per_cpu(s->prog, symbol, cpu), "");
	return sum;
}

void vr_sysctl_nr_files(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj counter = vr_kernel_global(s->prog, "nr_files");
	struct counted counted[] = {{0, vr_percpu_counter_read(counter)}};
	struct vr_cpumask online;

	/* The CPUs' parts, too, in 7.x. */
	if (vr_function_calls(s->prog, s->handler, "__percpu_counter_sum") &&
	    vr_cpus_online(s->prog, &online))
		counted[0].value = vr_percpu_counter_sum(counter, &online);
	put_words(s, counted, VR_ARRAY_SIZE(counted), out);
}

void vr_sysctl_nr_inodes(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	const struct counted counted[] = {{0, sum_of(s, "nr_inodes")}, {1, sum_of(s, "nr_unused")}};

	put_words(s, counted, VR_ARRAY_SIZE(counted), out);
}

/* struct dentry_stat_t */
void vr_sysctl_nr_dentry(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	const struct counted counted[] = {{0, sum_of(s, "nr_dentry")},
					  {1, sum_of(s, "nr_dentry_unused")},
					  {4, sum_of(s, "nr_dentry_negative")}};

	put_words(s, counted, VR_ARRAY_SIZE(counted), out);
}

void vr_sysctl_dqstats(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj dqstats = vr_kernel_global(s->prog, "dqstats");
	uint64_t index = (s->data - vr_get(dqstats, "stat").addr) / sizeof(uint64_t);
	struct vr_cpumask online;
	int64_t value;

	if (!vr_cpus_online(s->prog, &online))
		return;
	value = vr_percpu_counter_sum(vr_index(vr_get(dqstats, "counter"), index), &online);
	if (value < 0 && ((int64_t)index == vr_constant(s->prog, "DQST_ALLOC_DQUOTS") ||
			  (int64_t)index == vr_constant(s->prog, "DQST_FREE_DQUOTS")))
		value = 0;
	vr_strbuf_printf(out, "%" PRIu64 "\n", (uint64_t)value);
}

static void put_huge_pages(const struct vr_sysctl *s, const char *member, struct vr_strbuf *out)
{
	uint64_t index = (uint64_t)vr_sysctl_global(s, "default_hstate_idx");
	struct vr_obj h = vr_index(vr_kernel_global(s->prog, "hstates"), index);

	vr_strbuf_printf(out, "%" PRIu64 "\n", vr_u64(h, member));
}

void vr_sysctl_nr_hugepages(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_huge_pages(s, "max_huge_pages", out);
}

void vr_sysctl_nr_overcommit_hugepages(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_huge_pages(s, "nr_overcommit_huge_pages", out);
}
