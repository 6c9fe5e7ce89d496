// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * types [--no-btf] [--vmlinux FILE] [--module NAME FILE]... [--only NAME] DUMP: all named types
 * that the engine knows, as text that tests hold against what it knows from another source; behind a
 * module's name those that are in its debug information; then the variables of our table.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debuginfo/debug_file.h"
#include "kernel/globals.h"
#include "object/program.h"
#include "session/session.h"
#include "type/model.h"

static const char *const spaces[] = {"", "struct ", "union ", "enum ", "variable "};

static void print_members(const struct vr_type *type, uint64_t base, int depth)
{
	size_t count = 0;
	const struct vr_member *m = vr_type_members(type, &count);
	char text[1024];

	for (size_t i = 0; depth < 16 && i < count; i++) {
		uint64_t at = base + m[i].bit_offset;

		if (!m[i].name[0])
			print_members(m[i].type, at, depth + 1);
		else
			printf("\t%s %" PRIu64 ":%u %" PRIu64 " %s\n", m[i].name, at, m[i].bit_size,
			       vr_type_size(m[i].type),
			       vr_type_spell(m[i].type, text, sizeof(text)));
	}
}

static void print_type(struct vr_types *types, const char *space, const char *name)
{
	const struct vr_enumerator *constants;
	const struct vr_type *type;
	char text[1024];
	size_t count;

	snprintf(text, sizeof(text), "%s%s", space, name);
	type = vr_types_find(types, text, NULL);
	printf("%s %d %" PRIu64 " %s", text, vr_type_kind(type), vr_type_size(type),
	       vr_type_is_signed(type) ? "signed" : "unsigned");
	if (vr_type_kind(type) == VR_TYPE_TYPEDEF)
		printf(" %s", vr_type_spell(vr_type_target(type), text, sizeof(text)));
	putchar('\n');
	if (vr_type_kind(type) == VR_TYPE_TYPEDEF && *vr_type_name(vr_type_strip(type)))
		return;
	print_members(type, 0, 0);
	constants = vr_type_enumerators(type, &count);
	for (size_t i = 0; i < count; i++)
		printf("\t%s = %" PRId64 "\n", constants[i].name, constants[i].value);
}

static void print_btf(struct vr_types *types, const struct vr_btf *btf)
{
	for (uint32_t i = 0; i < btf->name_count; i++) {
		struct vr_btf_record rec;
		const char *space = "";

		vr_btf_record(btf, btf->names[i].id, &rec);
		if (rec.kind == VR_BTF_VAR || vr_btf_is_forward(&rec))
			continue;
		if (rec.kind == VR_BTF_STRUCT)
			space = "struct ";
		else if (rec.kind == VR_BTF_UNION)
			space = "union ";
		else if (rec.kind == VR_BTF_ENUM || rec.kind == VR_BTF_ENUM64)
			space = "enum ";
		print_type(types, space, vr_btf_string(btf, rec.name));
	}
}

/* Variables of our own table: their type in there, and the one that debug information has. */
static void print_variables(struct vr_program *prog)
{
	size_t count;
	const struct vr_global_type *table = vr_global_types(&count);
	char ours[1024], theirs[1024];

	for (size_t i = 0; i < count; i++) {
		const struct vr_type *type = vr_types_variable(prog->types, table[i].symbol);
		const struct vr_type *known = vr_types_find(prog->types, table[i].type, NULL);

		if (!type || vr_global_type_find(prog, table[i].symbol) != &table[i])
			continue;
		printf("variable %s\t%" PRIu64 " %s\t%" PRIu64 " %s\t%s\n", table[i].symbol,
		       vr_type_size(known), vr_type_spell(known, ours, sizeof(ours)),
		       vr_type_size(type), vr_type_spell(type, theirs, sizeof(theirs)),
		       table[i].array ? "array" : "");
	}
}

static void print_dwarf(struct vr_types *types, const struct vr_dies *dies)
{
	for (uint32_t i = 0; i < dies->name_count; i++) {
		const struct vr_die_name *name = &dies->names[i];

		if (name->space != VR_SPACE_VARIABLE && !name->is_declaration)
			print_type(types, spaces[name->space], name->name);
	}
}

static struct vr_debug_file *map(const char *path)
{
	struct vr_debug_file *file;
	struct vr_error err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && vr_debug_file_map(fd, path, &file, &err) == VR_OK)
		return file;
	fprintf(stderr, "%s: it can't be opened\n", path);
	exit(2);
}

static struct vr_debug_file *find_vmlinux(void *path, const struct vr_kernel_identity *kernel)
{
	(void)kernel;
	return map(path);
}

static void log_to_stderr(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", vr_log_level_name(level), text);
}

int main(int argc, char **argv)
{
	const struct vr_log log = {.emit = log_to_stderr};
	struct vr_session_options options = {.log = &log};
	char *modules[256][2];
	size_t module_count = 0;
	const char *only = NULL;
	struct vr_session *session;
	struct vr_types *types;
	struct vr_error err;
	int i = 1;

	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--no-btf")) {
			options.no_btf = true;
		} else if (!strcmp(argv[i], "--vmlinux") && i + 1 < argc) {
			options.find_vmlinux = find_vmlinux;
			options.find_arg = argv[++i];
		} else if (!strcmp(argv[i], "--only") && i + 1 < argc) {
			only = argv[++i];
		} else if (i + 2 < argc && module_count < 256) {
			modules[module_count][0] = argv[++i];
			modules[module_count++][1] = argv[++i];
		}
	}
	if (i + 1 != argc || (options.dump_fd = open(argv[i], O_RDONLY | O_CLOEXEC)) < 0) {
		fprintf(stderr,
			"usage: types [--no-btf] [--vmlinux FILE] [--module NAME FILE]... DUMP\n");
		return 2;
	}
	if (vr_session_open(&options, &session, &err) != VR_OK) {
		fprintf(stderr, "%s: %s\n", vr_err_name(err.kind), err.text);
		return 1;
	}
	types = vr_session_program(session)->types;
	for (size_t m = 0; m < module_count; m++)
		if (vr_types_add_dwarf_of(types, modules[m][0], map(modules[m][1]), &err) != VR_OK)
			fprintf(stderr, "%s: %s\n", vr_err_name(err.kind), err.text);
	if (only) {
		print_type(types, "", only);
		return 0;
	}
	for (size_t s = 0; s < types->source_count; s++) {
		struct vr_type_source *source = types->sources[s];

		if (source->module)
			printf("module %s\n", source->module);
		if (source->btf)
			print_btf(types, source->btf);
		else if (vr_source_may_have(source, "", 0))
			print_dwarf(types, source->dies);
	}
	print_variables(vr_session_program(session));
	return 0;
}
