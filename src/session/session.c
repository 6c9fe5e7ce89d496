// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/session.h"

#include <elf.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "object/program.h"

/* vmlinux's BTF is 4 to 6 MB in practice. */
#define MAX_BTF (256ull << 20)

struct vr_session {
	struct vr_image *image;
	struct vr_vmcoreinfo *info;
	struct vr_aspace *as;
	struct vr_symtab *symtab;
	struct vr_types *types;
	struct vr_program *prog;
	const struct vr_log *log;
};

static const char *get_fact(void *arg, const char *key)
{
	return vr_vmcoreinfo_get(arg, key);
}

static enum vr_err read_memory(void *arg, uint64_t va, void *buf, size_t len)
{
	return vr_aspace_read(arg, va, buf, len, NULL) == VR_MEM_OK ? VR_OK : VR_FAULT;
}

static enum vr_err open_image(struct vr_session *s, const struct vr_session_options *options,
			      struct vr_error *err)
{
	enum vr_err r =
		vr_image_open(options->dump_fd, options->cache_bytes, s->log, &s->image, err);
	const struct vr_image_info *image;
	const char *text;

	if (r != VR_OK)
		return r;
	image = vr_image_info(s->image);
	if (image->machine != EM_NONE && !vr_arch_find(image->machine)) {
		char name[32];

		return vr_error_set(err, VR_UNSUPPORTED,
				    "a dump of a %s machine; only x86_64 is supported so far",
				    vr_arch_machine_name(image->machine, name, sizeof(name)));
	}
	text = vr_image_vmcoreinfo(s->image);
	if (!text)
		return vr_error_set(
			err, VR_ABSENT,
			"the dump has no VMCOREINFO note, which says where its kernel's "
			"page tables are");
	return vr_vmcoreinfo_parse(text, &s->info, err);
}

static enum vr_err open_memory(struct vr_session *s, struct vr_error *err)
{
	uint16_t machine = vr_image_info(s->image)->machine;
	/* A kdump header may leave the machine out (QEMU did): the facts below must fit then. */
	const struct vr_arch *arch = vr_arch_find(machine == EM_NONE ? EM_X86_64 : machine);
	struct vr_paging paging;
	uint64_t stext, phys;
	enum vr_err r;

	r = arch->paging_from_facts(get_fact, s->info, &paging, err);
	if (r != VR_OK)
		return r;
	s->as = vr_aspace_new(s->image, arch, &paging);
	if (!s->as)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	r = vr_vmcoreinfo_symbol(s->info, "_stext", &stext);
	if (r != VR_OK)
		return vr_error_set(err, r, "VMCOREINFO has no usable SYMBOL(_stext)");
	switch (vr_aspace_translate(s->as, stext, &phys)) {
	case VR_MEM_OK:
		return VR_OK;
	case VR_MEM_UNMAPPED:
		return vr_error_set(err, VR_CORRUPT,
				    "the page tables do not map the kernel's text: VMCOREINFO is "
				    "not of this dump, or the dump is damaged");
	default:
		return vr_error_fault(err, stext, "the kernel's page tables are not in the dump");
	}
}

static uint64_t optional_symbol(struct vr_session *s, const char *name)
{
	uint64_t addr;

	return vr_vmcoreinfo_symbol(s->info, name, &addr) == VR_OK ? addr : 0;
}

static enum vr_err open_symbols(struct vr_session *s, struct vr_error *err)
{
	struct vr_kallsyms_tables tables = {
		.names = optional_symbol(s, "kallsyms_names"),
		.num_syms = optional_symbol(s, "kallsyms_num_syms"),
		.token_table = optional_symbol(s, "kallsyms_token_table"),
		.token_index = optional_symbol(s, "kallsyms_token_index"),
		.offsets = optional_symbol(s, "kallsyms_offsets"),
		.relative_base = optional_symbol(s, "kallsyms_relative_base"),
		.addresses = optional_symbol(s, "kallsyms_addresses"),
		.stext = optional_symbol(s, "_stext"),
	};
	enum vr_err r;

	if (!tables.names || !tables.num_syms || !tables.token_table || !tables.token_index)
		return vr_error_set(
			err, VR_ABSENT,
			"VMCOREINFO of Linux %s does not say where the kernel's symbols "
			"are (kernels before 6.0 don't)",
			vr_vmcoreinfo_get(s->info, "OSRELEASE"));
	s->symtab = vr_symtab_new();
	if (!s->symtab)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	r = vr_symtab_add_kallsyms(s->symtab, &tables, read_memory, s->as, err);
	if (r != VR_OK) {
		vr_error_prefix(err, "symbols (kallsyms)");
		return r;
	}
	r = vr_symtab_finish(s->symtab);
	return r == VR_OK ? r : vr_error_set(err, r, "out of memory for the symbols");
}

static enum vr_err open_types(struct vr_session *s, struct vr_error *err)
{
	struct vr_symbol start, stop;
	enum vr_mem_status st;
	uint64_t len, bad = 0;
	enum vr_err r;
	void *data;

	s->types = vr_types_new();
	if (!s->types)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	if (vr_symtab_find(s->symtab, "__start_BTF", &start, NULL) != VR_OK ||
	    vr_symtab_find(s->symtab, "__stop_BTF", &stop, NULL) != VR_OK ||
	    stop.addr <= start.addr)
		return vr_error_set(
			err, VR_ABSENT,
			"this kernel was built without BTF, so that its types are not in "
			"the dump: give its vmlinux with --vmlinux");
	len = stop.addr - start.addr;
	if (len > MAX_BTF)
		return vr_error_set(err, VR_CORRUPT, "BTF of %llu bytes can't be right",
				    (unsigned long long)len);
	data = malloc(len);
	if (!data)
		return vr_error_set(err, VR_NOMEM, "out of memory for %llu bytes of BTF",
				    (unsigned long long)len);
	st = vr_aspace_read(s->as, start.addr, data, len, &bad);
	if (st != VR_MEM_OK) {
		free(data);
		r = vr_program_fault(err, st, bad);
	} else {
		r = vr_types_add_btf(s->types, data, len, err);
	}
	if (r != VR_OK)
		vr_error_prefix(err, "types (BTF)");
	return r;
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
	s->prog->fact = get_fact;
	s->prog->fact_arg = s->info;
	return VR_OK;
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
		r = open_memory(s, err);
	if (r == VR_OK)
		r = open_symbols(s, err);
	if (r == VR_OK)
		r = open_types(s, err);
	if (r == VR_OK)
		r = open_program(s, err);
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

struct vr_program *vr_session_program(struct vr_session *s)
{
	return s->prog;
}

struct vr_image *vr_session_image(struct vr_session *s)
{
	return s->image;
}

const struct vr_vmcoreinfo *vr_session_vmcoreinfo(const struct vr_session *s)
{
	return s->info;
}
