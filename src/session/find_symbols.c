// SPDX-License-Identifier: GPL-2.0-or-later
/* kallsyms: by the addresses in VMCOREINFO (since Linux 6.0), else by what it looks like. */
#include "session/open.h"

/* The kernel's image lies in the gigabyte behind its text; modules come after it. */
#define IMAGE_MAX (1ull << 30)
/* What VMCOREINFO's last symbol may itself take, and what may come behind it. */
#define IMAGE_SLACK (2ull << 20)
/* Besides _stext a symbol by which to check, one that every VMCOREINFO has. */
#define OTHER "init_uts_ns"

bool vr_image_range(const struct vr_session *s, struct vr_kallsyms_range *range)
{
	uint64_t stext, last;

	if (vr_vmcoreinfo_symbol(s->info, "_stext", &stext) != VR_OK ||
	    stext > UINT64_MAX - IMAGE_MAX - IMAGE_SLACK)
		return false;
	last = vr_vmcoreinfo_highest_symbol(s->info, stext, stext + IMAGE_MAX);
	*range = (struct vr_kallsyms_range){
		.start = stext,
		.end = (last + IMAGE_SLACK) & ~(IMAGE_SLACK - 1),
		.stext = stext,
	};
	if (vr_vmcoreinfo_symbol(s->info, OTHER, &range->other_addr) == VR_OK)
		range->other = OTHER;
	return true;
}

uint64_t vr_missed_reads(const struct vr_session *s)
{
	const uint64_t *faults = s->scratch.as->faults;

	return faults[VR_MEM_EXCLUDED] + faults[VR_MEM_DAMAGED];
}

bool vr_may_be_missing(const struct vr_session *s, const struct vr_kallsyms_range *range,
		       uint64_t before)
{
	uint64_t pages = (range->end - range->start) / 4096;

	/* Measured: start-up code makes up to an eighth of the range. */
	return vr_image_info(s->image)->incomplete || vr_missed_reads(s) - before > pages / 4;
}

static uint64_t optional_symbol(const struct vr_session *s, const char *name)
{
	uint64_t addr;

	return vr_vmcoreinfo_symbol(s->info, name, &addr) == VR_OK ? addr : 0;
}

/* The symbols must have what VMCOREINFO too has where it has it. */
static enum vr_err check(struct vr_session *s, struct vr_error *err)
{
	uint64_t truth = optional_symbol(s, OTHER);
	struct vr_symbol sym;
	enum vr_err r = vr_symtab_finish(s->symtab);

	if (r != VR_OK)
		return vr_error_set(err, r, "out of memory for the symbols");
	if (!truth || vr_symtab_find_in(s->symtab, NULL, OTHER, &sym) != VR_OK || sym.addr == truth)
		return VR_OK;
	return vr_error_set(err, VR_CORRUPT, "VMCOREINFO has init_uts_ns elsewhere");
}

static enum vr_err by_hints(struct vr_session *s, struct vr_error *err)
{
	const struct vr_kallsyms_tables tables = {
		.names = optional_symbol(s, "kallsyms_names"),
		.num_syms = optional_symbol(s, "kallsyms_num_syms"),
		.token_table = optional_symbol(s, "kallsyms_token_table"),
		.token_index = optional_symbol(s, "kallsyms_token_index"),
		.offsets = optional_symbol(s, "kallsyms_offsets"),
		.relative_base = optional_symbol(s, "kallsyms_relative_base"),
		.addresses = optional_symbol(s, "kallsyms_addresses"),
		.stext = optional_symbol(s, "_stext"),
		.other = OTHER,
		.other_addr = optional_symbol(s, OTHER),
	};
	enum vr_err r =
		vr_symtab_add_kallsyms(s->symtab, &tables, vr_read_aspace, s->scratch.as, err);

	return r == VR_OK ? check(s, err) : r;
}

static enum vr_err by_scan(struct vr_session *s, struct vr_error *err)
{
	struct vr_kallsyms_tables tables;
	struct vr_kallsyms_range range;
	uint64_t before = vr_missed_reads(s);
	enum vr_err r;

	if (!vr_image_range(s, &range))
		return vr_error_set(err, VR_ABSENT, "VMCOREINFO doesn't say where the image is");
	r = vr_symtab_scan_kallsyms(s->symtab, &range, vr_read_aspace, s->scratch.as, &tables, err);
	if (r == VR_ABSENT && vr_may_be_missing(s, &range, before)) {
		if (err)
			err->kind = VR_FAULT;
		return VR_FAULT;
	}
	if (r != VR_OK)
		return r;
	vr_log(s->log, VR_LOG_INFO,
	       "kallsyms was found by scanning 0x%llx to 0x%llx: names at 0x%llx, tokens at 0x%llx",
	       (unsigned long long)range.start, (unsigned long long)range.end,
	       (unsigned long long)tables.names, (unsigned long long)tables.token_table);
	return check(s, err);
}

static enum vr_err new_symtab(struct vr_session *s, struct vr_error *err)
{
	vr_symtab_free(s->symtab);
	s->symtab = vr_symtab_new();
	return s->symtab ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory");
}

static enum vr_err find(struct vr_session *s, const struct vr_session_options *options,
			struct vr_error *err)
{
	enum vr_err r = new_symtab(s, err), hinted = VR_ABSENT;
	struct vr_error why;

	if (r == VR_OK && !options->ignore_hints)
		hinted = r = by_hints(s, &why);
	if (r == VR_OK && hinted == VR_OK)
		return VR_OK;
	r = new_symtab(s, err);
	if (r == VR_OK)
		r = by_scan(s, err);
	if (r == VR_OK && hinted != VR_ABSENT)
		vr_log(s->log, VR_LOG_WARNING, "symbols are not where VMCOREINFO has them: %s",
		       why.text);
	/* What stood in the way of the better source says more than that there is no other. */
	if (r != VR_OK && r != VR_NOMEM && hinted != VR_ABSENT) {
		if (err)
			*err = why;
		r = hinted;
	}
	return r;
}

/* The kernel has them, but they can't be had: VMCOREINFO's are left. */
static enum vr_err do_without(struct vr_session *s, const struct vr_error *why,
			      struct vr_error *err)
{
	struct vr_error lack = *why;
	enum vr_err r = new_symtab(s, err);

	if (r != VR_OK)
		return r;
	vr_error_prefix(&lack, "all but those in VMCOREINFO (kallsyms)");
	vr_symtab_set_lack(s->symtab, &lack);
	return vr_symbols_from_facts(s, err);
}

enum vr_err vr_find_symbols(struct vr_session *s, const struct vr_session_options *options,
			    struct vr_error *err)
{
	struct vr_error why;
	enum vr_err r = find(s, options, &why);

	if (r == VR_OK && vr_symtab_lack(s->symtab))
		r = vr_symbols_from_facts(s, err);
	else if (r == VR_FAULT || r == VR_CORRUPT || r == VR_LIMIT)
		r = do_without(s, &why, err);
	else if (r != VR_OK && err)
		*err = why;
	if (r != VR_OK) {
		vr_error_prefix(err, "symbols (kallsyms)");
		return r;
	}
	if (vr_symtab_lack(s->symtab))
		vr_log(s->log, VR_LOG_WARNING, "the dump lacks symbols: %s",
		       vr_symtab_lack(s->symtab)->text);
	return VR_OK;
}
