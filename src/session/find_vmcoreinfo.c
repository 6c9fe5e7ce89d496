// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMCOREINFO: from the user, the dump's note, or the kernel's own copy in memory. QEMU leaves the
 * note out unless told otherwise, and other hypervisors have been seen to write one that isn't of
 * this kernel; so each is held against memory before it is believed.
 */
#include <elf.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "session/open.h"

#define START "OSRELEASE="
/* kernel/vmcore_info.c: VMCOREINFO_BYTES is a page. */
#define PAGE 4096
/* The copy for the note: behind Elf64_Nhdr and the padded name. */
#define NOTE_HEADER 24
/* Frame numbers that a search goes through: 16 TiB. Most are holes, which cost next to nothing. */
#define FRAMES_MAX ((uint64_t)1 << 32)
#define LOW_MEMORY (64ull << 20)
/* Pages that look like it but are not; a forged dump may be full of them. */
#define TRIES_MAX 256

/* A text being tried, and the memory it leads to. */
struct attempt {
	struct vr_vmcoreinfo *info;
	struct vr_aspace *as;
	struct vr_error
		doubt; /* why it may be wrong, though it can be used; VR_OK: memory agrees */
};

static void drop(struct attempt *a)
{
	vr_vmcoreinfo_free(a->info);
	vr_aspace_free(a->as);
	*a = (struct attempt){0};
}

/*
 * The image lies in one piece in physical memory, so that its text is as far from its top-level
 * page table there as it is in virtual memory.
 */
static bool is_in_one_piece(const struct attempt *a, uint64_t stext, uint64_t phys)
{
	uint64_t table;

	if (vr_vmcoreinfo_symbol(a->info, "swapper_pg_dir", &table) != VR_OK &&
	    vr_vmcoreinfo_symbol(a->info, "init_top_pgt", &table) != VR_OK)
		return false;
	return phys - a->as->paging.pgd_phys == stext - table;
}

/*
 * The release is where the kernel keeps it too, in init_uts_ns. VR_FAULT: it can't be read (a
 * cut-off dump), or is zeros, which doesn't speak against the text.
 */
static enum vr_err check_release(const struct attempt *a)
{
	const char *release = vr_vmcoreinfo_get(a->info, "OSRELEASE");
	unsigned char bytes[512]; /* struct uts_namespace begins with a counter and the six names */
	static const unsigned char zeros[sizeof(bytes)];
	uint64_t addr;

	if (vr_vmcoreinfo_symbol(a->info, "init_uts_ns", &addr) != VR_OK ||
	    vr_aspace_read(a->as, addr, bytes, sizeof(bytes), NULL) != VR_MEM_OK ||
	    !memcmp(bytes, zeros, sizeof(bytes)))
		return VR_FAULT;
	return memmem(bytes, sizeof(bytes), release, strlen(release)) ? VR_OK : VR_CORRUPT;
}

/* Does what can be read of the memory fit? */
static enum vr_err check(struct attempt *a, struct vr_error *err)
{
	uint64_t stext, phys, entry;
	enum vr_mem_status st;
	enum vr_err r = vr_vmcoreinfo_symbol(a->info, "_stext", &stext);

	if (r != VR_OK)
		return vr_error_set(err, r, "VMCOREINFO has no usable SYMBOL(_stext)");
	st = vr_aspace_translate(a->as, stext, &phys);
	if (st != VR_MEM_OK && st != VR_MEM_UNMAPPED)
		return vr_error_fault(err, stext, "the kernel's page tables are not in the dump");
	if (st == VR_MEM_UNMAPPED || !is_in_one_piece(a, stext, phys))
		return vr_error_set(err, VR_CORRUPT,
				    "the page tables do not map the kernel's text: VMCOREINFO is "
				    "not of this dump, or the dump is damaged");
	r = check_release(a);
	if (r == VR_CORRUPT)
		vr_error_set(&a->doubt, r,
			     "there is no Linux %s where it has it: it is not of this dump, or the "
			     "dump is damaged",
			     vr_vmcoreinfo_get(a->info, "OSRELEASE"));
	/* Without tables the image is taken to be where VMCOREINFO says: no proof of anything. */
	else if (r != VR_OK && vr_image_read(a->as->image, a->as->paging.pgd_phys, &entry,
					     sizeof(entry), NULL) != VR_PAGE_OK)
		vr_error_set(&a->doubt, VR_FAULT, "the dump lacks the memory by which to check it");
	return VR_OK;
}

/* *a is the caller's to drop in any case. */
static enum vr_err try_text(const struct vr_session *s, const char *text, struct attempt *a,
			    struct vr_error *err)
{
	uint16_t machine = vr_image_info(s->image)->machine;
	/* A kdump header may leave the machine out (QEMU did): the facts below must fit then. */
	const struct vr_arch *arch = vr_arch_find(machine == EM_NONE ? EM_X86_64 : machine);
	struct vr_paging paging = {0};
	enum vr_err r;

	*a = (struct attempt){0};
	r = vr_vmcoreinfo_parse(text, &a->info, err);
	if (r == VR_OK)
		r = arch->paging_from_facts(vr_get_fact, a->info, &paging, err);
	if (r != VR_OK)
		return r;
	a->as = vr_aspace_new(s->image, arch, &paging);
	return a->as ? check(a, err) : vr_error_set(err, VR_NOMEM, "out of memory");
}

static void keep(struct vr_session *s, struct attempt *a)
{
	s->info = a->info;
	s->as = a->as;
	*a = (struct attempt){0};
}

/* The text in a page from that offset on, if there is one; the kernel fills the rest with zeros. */
static bool copy_text(const uint8_t *page, size_t offset, char text[PAGE + 1])
{
	if (memcmp(page + offset, START, strlen(START)))
		return false;
	memcpy(text, page + offset, PAGE - offset);
	text[PAGE - offset] = '\0';
	return true;
}

struct search {
	const struct vr_session *s;
	const char *wrong; /* a text not to try again, or NULL */
	struct attempt found;
	uint64_t where, pages;
	int tries;
};

static bool try_page(struct search *search, const uint8_t *page, uint64_t addr)
{
	static const size_t offsets[] = {0, NOTE_HEADER};
	char text[PAGE + 1];
	struct vr_error ignored;

	for (size_t i = 0; i < VR_ARRAY_SIZE(offsets); i++) {
		if (!copy_text(page, offsets[i], text))
			continue;
		if (search->wrong && !strcmp(text, search->wrong))
			continue;
		search->tries++;
		search->where = addr + offsets[i];
		if (try_text(search->s, text, &search->found, &ignored) == VR_OK &&
		    search->found.doubt.kind == VR_OK)
			return true;
		drop(&search->found);
	}
	return false;
}

static bool try_frame(struct search *search, struct vr_image *image, uint64_t pfn)
{
	uint32_t page_size = vr_image_info(image)->page_size;
	struct vr_page *page;

	if (vr_image_page(image, pfn, &page) != VR_PAGE_OK)
		return false;
	search->pages++;
	for (uint32_t at = 0; at + PAGE <= page_size; at += PAGE)
		if (try_page(search, page->data + at, pfn * page_size + at))
			return true;
	return false;
}

/* Frames [from, to), the last first. */
static bool search_frames(struct search *search, struct vr_image *image, uint64_t from, uint64_t to)
{
	while (to > from && search->tries < TRIES_MAX)
		if (try_frame(search, image, --to))
			return true;
	return false;
}

/*
 * Through all pages of the dump, until one fits. On the kernels measured it lay either in the
 * lowest memory or near the top, so that the lowest comes first and then the rest from its top
 * down.
 */
static enum vr_err search_memory(struct search *search, const struct vr_session_options *options,
				 struct vr_error *err)
{
	VR_CLEANUP(vr_scratch_close) struct vr_scratch scratch = {0};
	enum vr_err r = vr_scratch_open(search->s, options, &scratch, err);
	const struct vr_image_info *info;
	uint64_t frames, low;

	if (r != VR_OK)
		return r;
	info = vr_image_info(scratch.image);
	frames = VR_MIN(info->max_pfn, FRAMES_MAX);
	low = VR_MIN(frames, LOW_MEMORY / info->page_size);
	return search_frames(search, scratch.image, 0, low) ||
			       search_frames(search, scratch.image, low, frames)
		       ? VR_OK
		       : VR_ABSENT;
}

static enum vr_err from_memory(struct vr_session *s, const struct vr_session_options *options,
			       const char *wrong, struct vr_error *err)
{
	struct search search = {.s = s, .wrong = wrong};
	enum vr_err r = search_memory(&search, options, err);

	if (r == VR_OK) {
		vr_log(s->log, VR_LOG_INFO,
		       "VMCOREINFO was found in memory, at 0x%llx, after looking at %llu pages",
		       (unsigned long long)search.where, (unsigned long long)search.pages);
		keep(s, &search.found);
	} else if (r == VR_ABSENT) {
		vr_log(s->log, VR_LOG_WARNING,
		       "no VMCOREINFO that fits in the %llu pages of memory that the dump holds; "
		       "%d that don't fit",
		       (unsigned long long)search.pages, search.tries);
	}
	return r;
}

static enum vr_err from_note(struct vr_session *s, const struct vr_session_options *options,
			     const char *note, struct vr_error *err)
{
	VR_CLEANUP(drop) struct attempt attempt;
	struct vr_error why;
	enum vr_err r = try_text(s, note, &attempt, &why);

	if (r == VR_NOMEM)
		return vr_error_set(err, r, "%s", why.text);
	if (r == VR_OK && attempt.doubt.kind == VR_OK) {
		keep(s, &attempt);
		return VR_OK;
	}
	vr_log(s->log, VR_LOG_WARNING,
	       "the dump's VMCOREINFO note %s wrong (%s): looking for the kernel's own in memory",
	       r == VR_OK ? "may be" : "is", r == VR_OK ? attempt.doubt.text : why.text);
	if (from_memory(s, options, note, NULL) == VR_OK)
		return VR_OK;
	if (r == VR_OK) {
		keep(s, &attempt);
		return VR_OK;
	}
	if (err)
		*err = why;
	vr_error_prefix(err, "the dump's VMCOREINFO note is wrong, and memory has no better");
	return r;
}

static enum vr_err from_user(struct vr_session *s, const char *text, struct vr_error *err)
{
	VR_CLEANUP(drop) struct attempt attempt;
	enum vr_err r = try_text(s, text, &attempt, err);

	if (r == VR_OK) {
		vr_log(s->log, VR_LOG_INFO, "VMCOREINFO is the one that was given");
		if (attempt.doubt.kind != VR_OK)
			vr_log(s->log, VR_LOG_WARNING, "the VMCOREINFO that was given: %s",
			       attempt.doubt.text);
		keep(s, &attempt);
	} else {
		vr_error_prefix(err, "the VMCOREINFO that was given");
	}
	return r;
}

enum vr_err vr_find_vmcoreinfo(struct vr_session *s, const struct vr_session_options *options,
			       struct vr_error *err)
{
	const char *note = options->ignore_hints ? NULL : vr_image_vmcoreinfo(s->image);
	enum vr_err r;

	if (options->vmcoreinfo_text)
		return from_user(s, options->vmcoreinfo_text, err);
	if (note)
		return from_note(s, options, note, err);
	vr_log(s->log, VR_LOG_INFO,
	       "the dump has no VMCOREINFO note: looking for the kernel's own in memory");
	r = from_memory(s, options, NULL, err);
	if (r == VR_ABSENT)
		return vr_error_set(err, VR_ABSENT,
				    "the dump has no VMCOREINFO, which says where its kernel's "
				    "page tables are, neither as a note nor in its memory: give it "
				    "with --vmcoreinfo");
	return r;
}
