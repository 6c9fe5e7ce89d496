// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/debug_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "kernel/module_sections.h"
#include "kernel/percpu.h"
#include "kernel/source.h"
#include "kernel/stack.h"
#include "kernel/task_set.h"
#include "object/program.h"

/* Tasks whose stacks are looked at for modules. */
#define TASKS_MAX 20000
/* Files that are looked at for one that is wanted: the finder may be wrong, too. */
#define TRIES_MAX 1000
/* What the user is told of; the rest is in the log. */
#define COMPLAINTS_MAX 8

static void on_busy(void *arg, const char *text)
{
	const struct vr_debug_files *files = arg;

	vr_log(files->source->notices, VR_LOG_INFO, "%s", text);
}

void vr_debug_files_init(struct vr_debug_files *files, const struct vr_debug_source *source,
			 const struct vr_log *log)
{
	*files = (struct vr_debug_files){
		.finder = {.fd = source->finder_fd, .busy = on_busy, .arg = files},
		.source = source,
		.log = log};
}

void vr_debug_files_close(struct vr_debug_files *files)
{
	if (files->finder.fd >= 0)
		close(files->finder.fd);
	files->finder.fd = -1;
	for (size_t i = 0; i < files->on_stack_count; i++)
		free(files->on_stacks[i]);
	free(files->on_stacks);
	files->on_stacks = NULL;
	files->on_stack_count = 0;
}

void vr_debug_files_free(struct vr_debug_files *files)
{
	vr_debug_files_close(files);
	vr_debug_set_free(&files->set);
}

/* ---- Complaints ---- */

/* What is wrong with a file: the user is told where it is one that was asked for. */
static void complain(struct vr_debug_files *files, const struct vr_found_file *found,
		     const char *fmt, ...) VR_PRINTF(3, 4);

static void complain(struct vr_debug_files *files, const struct vr_found_file *found,
		     const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (found->asked_for && files->complaints++ < COMPLAINTS_MAX)
		vr_log(files->source->notices, VR_LOG_WARNING, "%s", text);
	else
		vr_log(files->log, VR_LOG_INFO, "%s", text);
}

/* Is the file to be used, by what its match says? */
static bool accept(struct vr_debug_files *files, const struct vr_found_file *found,
		   enum vr_match match, const struct vr_error *why)
{
	if (match == VR_MATCH_SAME)
		return true;
	if (match == VR_MATCH_BANNER) {
		vr_log(files->log, VR_LOG_WARNING,
		       "%s is taken to be the dump's by its banner, as there are no build ids to "
		       "go by",
		       found->path);
		return true;
	}
	if (match == VR_MATCH_BROKEN) {
		complain(files, found, "%s; it is not used", why->text);
		return false;
	}
	/* Not any file that happens to lie on this machine. */
	if (files->source->force && found->asked_for) {
		complain(files, found, "%s: %s; it is used all the same, as --force-debuginfo says",
			 found->path, why->text);
		return true;
	}
	complain(files, found, "%s: %s; it is not used (--force-debuginfo uses it all the same)",
		 found->path, why->text);
	return false;
}

/* ---- Files that belong to a file ---- */

static struct vr_debug_file *map(struct vr_debug_files *files, const struct vr_found_file *found)
{
	struct vr_debug_file *file;
	struct vr_error err;

	if (vr_debug_file_map(found->fd, found->path, &file, &err) != VR_OK)
		complain(files, found, "%s; it is not used", err.text);
	close(found->fd);
	return file;
}

static bool is_split_off(struct vr_debug_file *file, const struct vr_debug_wanted *wanted,
			 uint32_t crc)
{
	struct vr_build_id id;

	if (vr_debug_file_build_id(file, &id, NULL) != VR_OK)
		return false;
	if (id.len && wanted->id.len)
		return vr_build_id_equal(&id, &wanted->id);
	return wanted->name[0] && wanted->what == VR_DEBUG_SPLIT &&
	       vr_debug_file_has_crc(file, crc);
}

/* The first file that is what a link says; NULL: there is none. */
static struct vr_debug_file *find_companion(struct vr_debug_files *files,
					    const struct vr_debug_wanted *wanted, uint32_t crc)
{
	struct vr_found_file found;
	uint64_t at = 0;

	for (int i = 0; i < TRIES_MAX && vr_finder_next(&files->finder, wanted, true, &at, &found);
	     i++) {
		struct vr_debug_file *file = map(files, &found);

		if (file && is_split_off(file, wanted, crc) && vr_debug_file_has_dwarf(file))
			return file;
		vr_debug_file_free(file);
	}
	return NULL;
}

/* The name of a link's file without its folders, where nobody is sent by it. */
static void set_name(struct vr_debug_wanted *wanted, const char *name)
{
	const char *slash = strrchr(name, '/');

	snprintf(wanted->name, sizeof(wanted->name), "%s", slash ? slash + 1 : name);
}

/*
 * The file that has the debug information: file itself, or what was split off from it. Where there is
 * none file stays, for what else it may have.
 */
static struct vr_debug_file *complete(struct vr_debug_files *files, struct vr_debug_file *file,
				      const struct vr_found_file *found)
{
	struct vr_debug_wanted wanted = {.what = VR_DEBUG_SPLIT};
	struct vr_debug_file *split;
	struct vr_debug_link link;

	snprintf(wanted.beside, sizeof(wanted.beside), "%s", found->path);
	if (!vr_debug_file_has_dwarf(file)) {
		vr_debug_file_link(file, &link);
		set_name(&wanted, link.name);
		vr_debug_file_build_id(file, &wanted.id, NULL);
		split = wanted.name[0] || wanted.id.len ? find_companion(files, &wanted, link.crc)
							: NULL;
		if (!split)
			return file;
		vr_debug_file_free(file);
		file = split;
		snprintf(wanted.beside, sizeof(wanted.beside), "%s", vr_debug_file_name(file));
	}
	vr_debug_file_altlink(file, &link);
	if (link.name[0]) {
		wanted.what = VR_DEBUG_ALT;
		wanted.id = link.id;
		set_name(&wanted, link.name);
		vr_debug_file_set_alt(file, find_companion(files, &wanted, 0));
		if (!vr_debug_file_alt(file))
			complain(files, found,
				 "%s: a part of it is in another file, %s, which isn't there",
				 found->path, wanted.name);
	}
	return file;
}

static bool has_btf(struct vr_debug_file *file)
{
	const void *data;
	size_t len;

	return vr_debug_file_section(file, ".BTF", &data, &len, NULL) == VR_OK;
}

/* ---- vmlinux ---- */

static struct vr_debug_file *try_vmlinux(struct vr_debug_files *files,
					 const struct vr_found_file *found,
					 const struct vr_kernel_identity *kernel)
{
	struct vr_debug_file *file = map(files, found);
	struct vr_error why = {0};
	Dwarf *dwarf;

	if (!file)
		return NULL;
	if (!accept(files, found, vr_match_vmlinux(file, kernel, &why), &why)) {
		vr_debug_file_free(file);
		return NULL;
	}
	file = complete(files, file, found);
	if (vr_debug_file_dwarf(file, &dwarf, &why) == VR_OK || has_btf(file))
		return file;
	complain(files, found, "%s; it is not used", why.text);
	vr_debug_file_free(file);
	return NULL;
}

struct vr_debug_file *vr_debug_files_find_vmlinux(void *arg,
						  const struct vr_kernel_identity *kernel)
{
	struct vr_debug_files *files = arg;
	struct vr_debug_wanted wanted = {.what = VR_DEBUG_VMLINUX, .id = kernel->id};
	struct vr_debug_file *best = NULL;
	struct vr_found_file found;
	uint64_t at = 0;

	snprintf(files->release, sizeof(files->release), "%s", kernel->release);
	snprintf(wanted.release, sizeof(wanted.release), "%s", kernel->release);
	for (int i = 0;
	     i < TRIES_MAX && vr_finder_next(&files->finder, &wanted, false, &at, &found); i++) {
		struct vr_debug_file *file = try_vmlinux(files, &found, kernel);

		/* One that has nothing but BTF does where there is no other. */
		if (!file || (best && !vr_debug_file_has_dwarf(file))) {
			vr_debug_file_free(file);
			continue;
		}
		vr_debug_file_free(best);
		best = file;
		files->set.vmlinux_asked_for = found.asked_for;
		if (vr_debug_file_has_dwarf(file))
			break;
	}
	if (best)
		vr_log(files->log, VR_LOG_INFO, "debug information of the kernel: %s",
		       vr_debug_file_name(best));
	files->set.vmlinux = best;
	return best;
}

/* ---- Modules ---- */

static bool is_on_list(const struct vr_debug_files *files, const char *name)
{
	for (size_t i = 0; i < files->on_stack_count; i++)
		if (!strcmp(files->on_stacks[i], name))
			return true;
	return false;
}

static void note_modules(struct vr_debug_files *files, struct vr_program *prog,
			 const struct vr_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		struct vr_symbol symbol;
		char **list;

		if (vr_symtab_lookup(prog->symtab, stack->frames[i].pc - 1, &symbol) != VR_OK ||
		    !symbol.module || is_on_list(files, symbol.module))
			continue;
		list = reallocarray(files->on_stacks, files->on_stack_count + 1, sizeof(*list));
		if (!list)
			return;
		files->on_stacks = list;
		list[files->on_stack_count] = strdup(symbol.module);
		if (list[files->on_stack_count])
			files->on_stack_count++;
	}
}

static void look_at_stacks(struct vr_debug_files *files, struct vr_program *prog)
{
	const struct vr_task_set *tasks = vr_tasks(prog);
	struct vr_stack stack;

	files->looked_at_stacks = true;
	for (unsigned cpu = 0; cpu < vr_nr_cpus(prog); cpu++) {
		vr_stack_of_cpu(prog, cpu, &stack);
		note_modules(files, prog, &stack);
	}
	for (size_t i = 0; i < VR_MIN(tasks->count, TASKS_MAX); i++) {
		vr_stack_of_task(vr_task_set_at(tasks, i), &stack);
		note_modules(files, prog, &stack);
	}
}

static bool is_on_stack(struct vr_debug_files *files, struct vr_program *prog, const char *name)
{
	if (!files->looked_at_stacks)
		look_at_stacks(files, prog);
	return is_on_list(files, name);
}

/* Takes the file. NULL: it isn't the one, or of no use. */
static struct vr_debug_file *try_module(struct vr_debug_files *files, struct vr_debug_file *file,
					const struct vr_found_file *found,
					const struct vr_build_id *id)
{
	struct vr_debug_link link;
	struct vr_error why = {0};

	if (!accept(files, found,
		    vr_match_build_id(file, id, "that of the module in the dump", &why), &why)) {
		vr_debug_file_free(file);
		return NULL;
	}
	file = complete(files, file, found);
	vr_debug_file_altlink(file, &link);
	if (vr_debug_file_has_dwarf(file) && (!link.name[0] || vr_debug_file_alt(file)))
		return file;
	vr_debug_file_free(file);
	return NULL;
}

static void find_module(struct vr_debug_files *files, struct vr_program *prog, struct vr_obj obj)
{
	struct vr_debug_wanted wanted = {.what = VR_DEBUG_MODULE};
	char name[VR_MODULE_NAME];
	struct vr_debug_module module = {.name = name};
	struct vr_found_file found;
	bool local = true;
	uint64_t at = 0;

	vr_module_name(obj, name);
	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	snprintf(wanted.release, sizeof(wanted.release), "%s", files->release);
	vr_module_build_id(obj, &wanted.id);
	for (int i = 0; i < TRIES_MAX && !module.file; i++) {
		if (!vr_finder_next(&files->finder, &wanted, local, &at, &found)) {
			/* Once more, with servers. */
			if (!local || !files->source->debuginfod || !is_on_stack(files, prog, name))
				break;
			local = false;
			continue;
		}
		module.file = map(files, &found);
		if (!module.file)
			continue;
		if (vr_debug_file_is_packed(module.file) && !is_on_stack(files, prog, name)) {
			vr_debug_file_free(module.file);
			module.file = NULL;
			continue;
		}
		module.file = try_module(files, module.file, &found, &wanted.id);
		module.asked_for = found.asked_for;
	}
	if (module.file)
		vr_debug_set_add(&files->set, &module);
}

/* Types of modules that have no BTF. */
static void add_types(struct vr_debug_files *files, struct vr_program *prog)
{
	for (size_t i = 0; i < files->set.module_count; i++) {
		struct vr_debug_module *module = &files->set.modules[i];
		struct vr_error err;

		if (vr_types_has_source(prog->types, module->name))
			continue;
		/* Both types and lines are looked up as the sections lie. */
		vr_debug_module_place(prog, module);
		if (vr_types_add_dwarf_of(prog->types, module->name, module->file, &err) != VR_OK)
			vr_log(files->log, VR_LOG_WARNING, "no types of module %s: %s",
			       module->name, err.text);
	}
}

void vr_debug_files_find_modules(struct vr_debug_files *files, struct vr_program *prog)
{
	struct vr_scope scope;
	struct vr_list_walk walk;

	if (files->finder.fd < 0 || (!files->set.vmlinux && !files->source->asked_for))
		return;
	vr_scope_enter(prog, &scope);
	walk = vr_module_walk(prog);
	while (vr_list_next(&walk))
		find_module(files, prog, walk.entry);
	vr_scope_leave(prog, &scope);
	add_types(files, prog);
	if (files->set.module_count)
		vr_log(files->log, VR_LOG_INFO, "debug information of %zu modules",
		       files->set.module_count);
}
