// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/session.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "session/open.h"

/* What a search needs: the page at hand and the page tables that lead to it. */
#define SCRATCH_CACHE_BYTES ((size_t)1 << 20)

const char *vr_get_fact(void *info, const char *key)
{
	return vr_vmcoreinfo_get(info, key);
}

enum vr_err vr_read_aspace(void *as, uint64_t va, void *buf, size_t len)
{
	return vr_aspace_read(as, va, buf, len, NULL) == VR_MEM_OK ? VR_OK : VR_FAULT;
}

enum vr_err vr_open_image(const struct vr_session_options *options, size_t cache_bytes,
			  const struct vr_log *log, struct vr_image **image, struct vr_error *err)
{
	int fds[VR_IMAGE_FILES_MAX] = {options->dump_fd};
	size_t more = options->more_count;

	if (more >= VR_ARRAY_SIZE(fds))
		return vr_error_set(err, VR_UNSUPPORTED, "a dump in %zu files: 1 to %u can be read",
				    more + 1, VR_IMAGE_FILES_MAX);
	if (more)
		memcpy(fds + 1, options->more_fds, more * sizeof(*fds));
	return vr_image_open_files(fds, 1 + more, cache_bytes, log, image, err);
}

enum vr_err vr_scratch_open(const struct vr_session *s, const struct vr_session_options *options,
			    struct vr_scratch *scratch, struct vr_error *err)
{
	/* Whatever there is to say of the file has been said when the session opened it. */
	enum vr_err r = vr_open_image(options, SCRATCH_CACHE_BYTES, NULL, &scratch->image, err);

	scratch->as = NULL;
	if (r != VR_OK || !s->as)
		return r;
	scratch->as = vr_aspace_new(scratch->image, s->as->arch, &s->as->paging);
	return scratch->as ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory");
}

void vr_scratch_close(struct vr_scratch *scratch)
{
	vr_aspace_free(scratch->as);
	vr_image_close(scratch->image);
	*scratch = (struct vr_scratch){0};
}

static enum vr_err open_image(struct vr_session *s, const struct vr_session_options *options,
			      struct vr_error *err)
{
	enum vr_err r = vr_open_image(options, options->cache_bytes, s->log, &s->image, err);
	const struct vr_image_info *image;
	char name[32];

	if (r != VR_OK)
		return r;
	image = vr_image_info(s->image);
	if (image->machine == EM_NONE || vr_arch_find(image->machine))
		return VR_OK;
	return vr_error_set(err, VR_UNSUPPORTED,
			    "a dump of a %s machine; only x86_64 is supported so far",
			    vr_arch_machine_name(image->machine, name, sizeof(name)));
}

static enum vr_err open_program(struct vr_session *s, struct vr_error *err)
{
	s->prog = vr_program_new();
	if (!s->prog)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	s->prog->as = s->as;
	s->prog->symtab = s->symtab;
	s->prog->types = s->types;
	s->prog->image = s->image;
	s->prog->fact = vr_get_fact;
	s->prog->fact_arg = s->info;
	return VR_OK;
}

/*
 * All memory is mapped once at page_offset_base (arch/x86/mm/kaslr.c), which the address space
 * needs to know where a page table of that map is missing from the dump. Kernels without the
 * variable have no such help.
 */
static void find_direct_map(struct vr_session *s)
{
	const struct vr_image_info *image = vr_image_info(s->image);
	struct vr_symbol symbol;
	uint64_t base;

	if (vr_symtab_find(s->symtab, "page_offset_base", &symbol, NULL) != VR_OK ||
	    vr_aspace_read64(s->as, symbol.addr, &base, NULL) != VR_MEM_OK)
		return;
	/* In the upper half, in steps of a top-level table's entry (PUD_SIZE). */
	if (base >> 63 && !(base & 0x3fffffff))
		s->as->paging.direct = (struct vr_linear_range){
			.start = base, .size = image->max_pfn * image->page_size};
}

/* The image is mapped up to _end only (cleanup_highmap() in arch/x86/mm/init_64.c). */
static void bound_image(struct vr_session *s)
{
	struct vr_linear_range *image = &s->as->paging.image;
	struct vr_symbol end;

	if (vr_symtab_find(s->symtab, "_end", &end, NULL) == VR_OK && end.addr > image->start &&
	    end.addr - image->start < image->size)
		image->size = end.addr - image->start;
}

/*
 * Without symbols or without types what VMCOREINFO names is about all that there is to report:
 * where none of that can be read either, a report would be empty.
 */
static enum vr_err check_use(struct vr_session *s, struct vr_error *err)
{
	static const char *const names[] = {"prb", "init_uts_ns"};
	bool without_symbols = vr_symtab_lack(s->symtab) && !vr_symtab_count(s->symtab);
	const struct vr_error *why =
		without_symbols ? vr_symtab_lack(s->symtab) : vr_types_lack(s->types);
	uint64_t addr;
	char byte;

	if (!without_symbols && !s->without_types)
		return VR_OK;
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		if (vr_vmcoreinfo_symbol(s->info, names[i], &addr) == VR_OK &&
		    vr_aspace_read(s->scratch.as, addr, &byte, 1, NULL) == VR_MEM_OK)
			return VR_OK;
	vr_error_set(err, why->kind, "the dump lacks %s: %s; nor can the log be read",
		     without_symbols ? "symbols" : "types", why->text);
	if (err)
		err->addr = why->addr;
	return why->kind;
}

static void find_vmlinux(struct vr_session *s, const struct vr_session_options *options)
{
	struct vr_kernel_identity kernel;

	if (!options->find_vmlinux)
		return;
	vr_identify_kernel(s, &kernel);
	s->vmlinux = options->find_vmlinux(options->find_arg, &kernel);
}

enum vr_err vr_session_open(const struct vr_session_options *options, struct vr_session **session,
			    struct vr_error *err)
{
	struct vr_session *s = calloc(1, sizeof(*s));
	enum vr_err r;

	*session = NULL;
	if (!s)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	s->log = options->log;
	r = open_image(s, options, err);
	if (r == VR_OK)
		r = vr_find_vmcoreinfo(s, options, err);
	if (r == VR_OK)
		r = vr_scratch_open(s, options, &s->scratch, err);
	if (r == VR_OK)
		r = vr_find_symbols(s, options, err);
	if (r == VR_OK)
		find_vmlinux(s, options);
	if (r == VR_OK)
		r = vr_find_types(s, options, err);
	if (r == VR_OK)
		r = check_use(s, err);
	if (r == VR_OK)
		r = open_program(s, err);
	vr_scratch_close(&s->scratch);
	if (r == VR_OK) {
		bound_image(s);
		vr_check_note(s);
		find_direct_map(s);
	}
	if (r != VR_OK) {
		vr_session_close(s);
		return r;
	}
	vr_log(s->log, VR_LOG_INFO, "%s dump of Linux %s, %zu symbols, %zu types",
	       vr_image_info(s->image)->format, vr_vmcoreinfo_get(s->info, "OSRELEASE"),
	       vr_symtab_count(s->symtab), vr_types_count(s->types));
	*session = s;
	return VR_OK;
}

void vr_session_close(struct vr_session *s)
{
	if (!s)
		return;
	vr_program_free(s->prog);
	vr_types_free(s->types);
	vr_symtab_free(s->symtab);
	vr_aspace_free(s->as);
	vr_vmcoreinfo_free(s->info);
	vr_image_close(s->image);
	free(s);
}

const struct vr_error *vr_session_lacks_symbols(const struct vr_session *s)
{
	return vr_symtab_lack(s->symtab);
}

const struct vr_error *vr_session_lacks_types(const struct vr_session *s)
{
	return vr_types_lack(s->types);
}

struct vr_program *vr_session_program(struct vr_session *s)
{
	return s->prog;
}

struct vr_image *vr_session_image(struct vr_session *s)
{
	return s->image;
}
