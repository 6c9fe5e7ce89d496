// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* LIST: with commas between the values; PATHS: one value each time it is given */
enum kind { FLAG, COUNT, TEXT, LIST, PATHS, NUMBER, CHOICE, HEADING };

struct definition {
	enum kind kind;
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* what --help calls its value; for a choice all values, '|' between */
	size_t offset;   /* in struct vr_options */
	unsigned min, max;
	const char *help;
};

#define AT(field) offsetof(struct vr_options, field)

static const struct definition definitions[] = {
	{HEADING, 0, "The dump", NULL, 0, 0, 0, NULL},
	{PATHS, 0, "vmcore", "PATH", AT(vmcore), 0, 0,
	 "the crash dump to report on; once for each file of a split dump"},
	{TEXT, 0, "vmcoreinfo", "FILE", AT(vmcoreinfo), 0, 0,
	 "use this VMCOREINFO instead of the dump's own"},
	{TEXT, 0, "vmlinux", "PATH", AT(vmlinux), 0, 0,
	 "a kernel with debug information, for Python plugins"},
	{LIST, 0, "debuginfo-dir", "PATH", AT(debuginfo_dirs), 0, 0,
	 "a folder with debug information, for Python plugins"},
	{HEADING, 0, "Plugins", NULL, 0, 0, 0, NULL},
	{FLAG, 'l', "list-plugins", NULL, AT(list_plugins), 0, 0,
	 "list the plugins and which of them run, then exit"},
	{LIST, 'o', "only-plugins", "LIST", AT(only), 0, 0, "run these plugins only"},
	{LIST, 0, "plugins", "LIST", AT(only), 0, 0, "the same as --only-plugins"},
	{LIST, 'e', "enable-plugins", "LIST", AT(enable), 0, 0,
	 "run these too, even if experimental or optional"},
	{LIST, 'n', "skip-plugins", "LIST", AT(skip), 0, 0, "don't run these plugins"},
	{FLAG, 0, "experimental", NULL, AT(experimental), 0, 0, "let experimental plugins run"},
	{PATHS, 0, "plugin-dir", "DIR", AT(plugin_dirs), 0, 0,
	 "look for plugins in this folder too (repeatable)"},
	{TEXT, 0, "new-plugin", "NAME", AT(new_plugin), 0, 0,
	 "write NAME.c, a plugin to begin with, then exit"},
	{FLAG, 0, "python", NULL, AT(python), 0, 0, "with --new-plugin: write NAME.py"},
	{LIST, 'k', "plugin-option", "PLUGIN.OPTION=VALUE", AT(plugin_options), 0, 0,
	 "set an option of a plugin (--list-plugins shows them)"},
	{LIST, 0, "plugopts", "LIST", AT(plugin_options), 0, 0, "the same as --plugin-option"},
	{NUMBER, 0, "plugin-timeout", "SECONDS", AT(plugin_timeout), 1, 604800,
	 "end a plugin that takes longer than this (default: 300)"},
	{NUMBER, 't', "threads", "N", AT(threads), 1, 256,
	 "run this many plugins at once (default: the number of CPUs)"},
	{HEADING, 0, "The report", NULL, 0, 0, 0, NULL},
	{TEXT, 0, "pids", "N|all|blocked", AT(pids), 0, 0,
	 "which processes have files of their own (default: 2048)"},
	{TEXT, 0, "tmp-dir", "PATH", AT(tmp_dir), 0, 0,
	 "where the report goes (default: $TMPDIR, else /var/tmp)"},
	{TEXT, 0, "label", "LABEL", AT(label), 0, 0, "append this to the report's name"},
	{CHOICE, 'z', "compression-type", "auto|gzip|xz|none|zstd", AT(compression), 0, 0,
	 "how the archive is compressed (default: auto, which is xz)"},
	{FLAG, 0, "build", NULL, AT(build), 0, 0, "leave a folder instead of an archive"},
	{HEADING, 0, "Messages", NULL, 0, 0, 0, NULL},
	{FLAG, 0, "batch", NULL, AT(batch), 0, 0,
	 "never ask for anything; progress as plain lines"},
	{FLAG, 'q', "quiet", NULL, AT(quiet), 0, 0, "print errors and the result only"},
	{COUNT, 'v', "verbose", NULL, AT(verbose), 0, 0,
	 "log more, print warnings; twice: print all of the log"},
	{FLAG, 'h', "help", NULL, AT(help), 0, 0, "print this text and exit"},
	{FLAG, 0, "version", NULL, AT(version), 0, 0, "print the version and exit"},
};

#define DEFINITIONS VR_ARRAY_SIZE(definitions)

void vr_options_init(struct vr_options *options)
{
	cpu_set_t cpus;

	*options = (struct vr_options){.plugin_timeout = 300, .threads = 1};
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 0)
		options->threads = (unsigned)VR_MIN(CPU_COUNT(&cpus), 256);
}

void vr_options_free(struct vr_options *options)
{
	for (size_t i = 0; i < DEFINITIONS; i++) {
		void *field = (char *)options + definitions[i].offset;

		if (definitions[i].kind == TEXT) {
			free(*(char **)field);
			*(char **)field = NULL;
		} else if (definitions[i].kind == LIST || definitions[i].kind == PATHS) {
			struct vr_list *list = field;

			for (size_t j = 0; j < list->count; j++)
				free(list->items[j]);
			free(list->items);
			*list = (struct vr_list){0};
		}
	}
}

/* ---- Values ---- */

static enum vr_err no_memory(struct vr_error *err)
{
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

static enum vr_err list_add(struct vr_list *list, const char *text, size_t len,
			    struct vr_error *err)
{
	char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	if (!items)
		return no_memory(err);
	list->items = items;
	items[list->count] = strndup(text, len);
	if (!items[list->count])
		return no_memory(err);
	list->count++;
	return VR_OK;
}

/* Each of the comma-separated parts; empty ones are nothing. */
static enum vr_err set_list(struct vr_list *list, const char *value, struct vr_error *err)
{
	while (*value) {
		size_t len = strcspn(value, ",");
		enum vr_err kind = len ? list_add(list, value, len, err) : VR_OK;

		if (kind != VR_OK)
			return kind;
		value += len + (value[len] == ',');
	}
	return VR_OK;
}

static enum vr_err set_number(const struct definition *def, unsigned *field, const char *value,
			      struct vr_error *err)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (errno || end == value || *end || *value < '0' || *value > '9' || number < def->min ||
	    number > def->max)
		return vr_error_set(err, VR_CORRUPT,
				    "argument --%s: '%s' is not a number from %u to %u", def->name,
				    value, def->min, def->max);
	*field = (unsigned)number;
	return VR_OK;
}

static enum vr_err set_choice(const struct definition *def, unsigned *field, const char *value,
			      struct vr_error *err)
{
	const char *choice = def->arg;

	for (unsigned i = 0; *choice; i++) {
		size_t len = strcspn(choice, "|");

		if (strlen(value) == len && memcmp(choice, value, len) == 0) {
			*field = i;
			return VR_OK;
		}
		choice += len + (choice[len] == '|');
	}
	return vr_error_set(err, VR_CORRUPT, "argument --%s: invalid choice: '%s' (one of %s)",
			    def->name, value, def->arg);
}

static enum vr_err set_option(struct vr_options *options, const struct definition *def,
			      const char *value, struct vr_error *err)
{
	void *field = (char *)options + def->offset;
	char *copy;

	switch (def->kind) {
	case FLAG:
		*(bool *)field = true;
		return VR_OK;
	case COUNT:
		++*(unsigned *)field;
		return VR_OK;
	case TEXT:
		copy = strdup(value);
		if (!copy)
			return no_memory(err);
		free(*(char **)field);
		*(char **)field = copy;
		return VR_OK;
	case LIST:
		return set_list(field, value, err);
	case PATHS:
		return list_add(field, value, strlen(value), err);
	case NUMBER:
		return set_number(def, field, value, err);
	case CHOICE:
		return set_choice(def, field, value, err);
	case HEADING:
		break;
	}
	return VR_OK;
}

/* ---- The command line ---- */

static bool takes_value(const struct definition *def)
{
	return def->kind == TEXT || def->kind == LIST || def->kind == PATHS ||
	       def->kind == NUMBER || def->kind == CHOICE;
}

/* getopt's view of the table; the value of a long option is its index behind the letters. */
static void make_getopt(struct option longs[DEFINITIONS + 1], char shorts[2 * DEFINITIONS + 2])
{
	size_t n = 0;

	*shorts++ = ':';
	for (size_t i = 0; i < DEFINITIONS; i++) {
		const struct definition *def = &definitions[i];

		if (def->kind == HEADING)
			continue;
		longs[n++] = (struct option){.name = def->name,
					     .has_arg = takes_value(def) ? required_argument
									 : no_argument,
					     .val = (int)(256 + i)};
		if (def->letter) {
			*shorts++ = def->letter;
			if (takes_value(def))
				*shorts++ = ':';
		}
	}
	*shorts = '\0';
}

static const struct definition *find_definition(int got)
{
	if (got >= 256)
		return &definitions[got - 256];
	for (size_t i = 0; i < DEFINITIONS; i++)
		if (definitions[i].letter == got)
			return &definitions[i];
	return NULL;
}

static bool is_leading_word(const char *arg)
{
	return strcmp(arg, "vmcore-report") == 0 || strcmp(arg, "vmcore") == 0;
}

enum vr_err vr_options_parse(struct vr_options *options, int argc, char *const *argv,
			     struct vr_error *err)
{
	struct option longs[DEFINITIONS + 1] = {0};
	char shorts[2 * DEFINITIONS + 2];
	int first = argc > 1 && is_leading_word(argv[1]) ? 1 : 0;
	int got;

	make_getopt(longs, shorts);
	argc -= first;
	argv += first;
	optind = 0; /* start over, whatever was parsed before */
	opterr = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct definition *def;
		enum vr_err kind;

		/* Of a long option optopt is 0 or its value; its word is the one just passed. */
		if (got == ':' && optopt > 0 && optopt < 256)
			return vr_error_set(err, VR_CORRUPT, "argument -%c: expected one argument",
					    optopt);
		if (got == ':')
			return vr_error_set(err, VR_CORRUPT, "argument %s: expected one argument",
					    argv[optind - 1]);
		if (got == '?' && optopt > 0 && optopt < 256)
			return vr_error_set(err, VR_CORRUPT, "unrecognized arguments: -%c", optopt);
		if (got == '?')
			return vr_error_set(err, VR_CORRUPT, "unrecognized arguments: %s",
					    argv[optind - 1]);
		def = find_definition(got);
		kind = def ? set_option(options, def, optarg, err) : VR_OK;
		if (kind != VR_OK)
			return kind;
	}
	if (optind < argc)
		return vr_error_set(err, VR_CORRUPT,
				    "unrecognized arguments: %s (a dump is given with --vmcore)",
				    argv[optind]);
	return VR_OK;
}

/* ---- --help ---- */

#define HELP_COLUMN 30

void vr_options_help(FILE *out)
{
	fputs("usage: vmcore-report --vmcore PATH [options]\n\n"
	      "Opens the memory image of a crashed Linux kernel and writes a report in the form "
	      "of\n"
	      "an sos archive. Nothing but the dump is needed.\n",
	      out);
	for (size_t i = 0; i < DEFINITIONS; i++) {
		const struct definition *def = &definitions[i];
		char left[80];
		int len;

		if (def->kind == HEADING) {
			fprintf(out, "\n%s:\n", def->name);
			continue;
		}
		len = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", def->letter ? '-' : ' ',
			       def->letter ? def->letter : ' ', def->letter ? ", " : "  ",
			       def->name, def->arg ? " " : "", def->arg ? def->arg : "");
		if (len < HELP_COLUMN)
			fprintf(out, "%-*s%s\n", HELP_COLUMN, left, def->help);
		else
			fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", def->help);
	}
	fputs("\nA LIST has names with commas between, and may be given more than once.\n"
	      "Exit status: 0 the report is made, 1 it could not be, 2 wrong usage, 130 "
	      "interrupted.\n",
	      out);
}
