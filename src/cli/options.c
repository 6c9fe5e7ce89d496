// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bits.h"

/*
 * LIST: with commas between the values; PATHS: one value each time it is given; FOREIGN and
 * FOREIGN_VALUE: options of sos report that make no sense for a dump, and why.
 */
enum kind { FLAG, COUNT, TEXT, LIST, PATHS, NUMBER, CHOICE, HEADING, FOREIGN, FOREIGN_VALUE };

struct definition {
	enum kind kind;
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* what --help calls its value; for a choice all values, '|' between */
	size_t offset;   /* in struct vr_options; lines of one offset are one option */
	unsigned min, max;
	const char *help;  /* NULL: not in --help */
	bool command_line; /* there only, not in configuration files */
	bool secret;       /* the value is not to be seen in the list of processes */
};

#define AT(field) offsetof(struct vr_options, field)

#define ONE_MOMENT "a dump is of one moment, and has no logs of the past"
#define NO_COMMANDS "no commands are run for a dump"
#define NO_SYSTEM "nothing of this system is collected"
#define NO_PROFILES "there are no presets and profiles for a dump"

static const struct definition definitions[] = {
	{.kind = HEADING, .name = "The dump"},
	{PATHS, 0, "vmcore", "PATH", AT(vmcore),
	 .help = "the crash dump to report on; once for each "
		 "file of a split dump"},
	{TEXT, 0, "crash-dir", "DIR", AT(crash_dir),
	 .help = "without --vmcore, take the newest dump in here (default: /var/crash)"},
	{TEXT, 0, "vmcoreinfo", "FILE", AT(vmcoreinfo),
	 .help = "use this VMCOREINFO instead of the dump's own"},
	{TEXT, 0, "vmlinux", "PATH", AT(vmlinux),
	 .help = "the dumped kernel with debug information: source lines, types"},
	{FLAG, 0, "no-btf", NULL, AT(no_btf),
	 .help = "take types from debug information alone, not from BTF"},
	{LIST, 0, "debuginfo-dir", "DIR", AT(debuginfo_dirs),
	 .help = "look for debug information in these folders first"},
	{LIST, 0, "debuginfo-dirs", "DIR", AT(debuginfo_dirs)},
	{FLAG, 0, "force-debuginfo", NULL, AT(force_debuginfo),
	 .help = "use it even though its build id differs"},
	{FLAG, 0, "no-debuginfod", NULL, AT(no_debuginfod),
	 .help = "don't ask the servers that $DEBUGINFOD_URLS names"},
	{TEXT, 0, "extract-vmlinux", "FILE", AT(extract_vmlinux), .command_line = true,
	 .help = "no report, but a vmlinux for drgn, gdb and crash from the dump"},
	{.kind = HEADING, .name = "Plugins"},
	{FLAG, 'l', "list-plugins", NULL, AT(list_plugins), .command_line = true,
	 .help = "list the plugins, which of them run, and their options, then exit"},
	{LIST, 'o', "only-plugins", "LIST", AT(only), .help = "run these plugins only"},
	{LIST, 0, "plugins", "LIST", AT(only), .help = "the same as --only-plugins"},
	{LIST, 'e', "enable-plugins", "LIST", AT(enable),
	 .help = "run these too, even if experimental or optional"},
	{LIST, 'n', "skip-plugins", "LIST", AT(skip), .help = "don't run these plugins"},
	{FLAG, 0, "experimental", NULL, AT(experimental), .help = "let experimental plugins run"},
	{FLAG, 0, "dry-run", NULL, AT(dry_run),
	 .help = "open the dump, say which plugins would run, and write nothing"},
	{PATHS, 0, "plugin-dir", "DIR", AT(plugin_dirs),
	 .help = "look for plugins in this folder too (repeatable)"},
	{TEXT, 0, "new-plugin", "NAME", AT(new_plugin), .command_line = true,
	 .help = "write NAME.c, a plugin to begin with, then exit"},
	{FLAG, 0, "python", NULL, AT(python), .command_line = true,
	 .help = "with --new-plugin: write NAME.py"},
	{LIST, 'k', "plugin-option", "PLUGIN.OPTION=VALUE", AT(plugin_options),
	 .help = "set an option of a plugin (--list-plugins shows them)"},
	{LIST, 0, "plugopts", "LIST", AT(plugin_options), .help = "the same as --plugin-option"},
	{NUMBER, 0, "plugin-timeout", "SECONDS", AT(plugin_timeout), 1, 604800,
	 "end a plugin that takes longer than this (default: 300)"},
	{NUMBER, 't', "threads", "N", AT(threads), 1, 256,
	 "run this many plugins at once (default: the number of CPUs)"},
	{.kind = HEADING, .name = "The report"},
	{TEXT, 0, "pids", "N|all|blocked", AT(pids),
	 .help = "which processes have files of their own (default: 2048)"},
	{LIST, 0, "skip-files", "LIST", AT(skip_files),
	 .help = "don't write files whose paths match these shell patterns"},
	{TEXT, 0, "tmp-dir", "PATH", AT(tmp_dir),
	 .help = "where the report goes (default: $TMPDIR, else /var/tmp)"},
	{TEXT, 0, "label", "LABEL", AT(label), .help = "append this to the report's name"},
	{TEXT, 0, "name", "LABEL", AT(label), .help = "the same as --label"},
	{TEXT, 0, "case-id", "ID", AT(case_id),
	 .help = "append this to the report's name, behind "
		 "the label"},
	{CHOICE, 0, "name-style", "sosvmcore|sosreport", AT(name_style),
	 .help = "what the report's name begins with (default: sosvmcore)"},
	{CHOICE, 'z', "compression-type", "auto|gzip|xz|none|zstd", AT(compression),
	 .help = "how the archive is compressed (default: auto, which is xz)"},
	{FLAG, 0, "build", NULL, AT(build), .help = "leave a folder instead of an archive"},
	{FLAG, 0, "encrypt", NULL, AT(encrypt),
	 .help = "encrypt the archive: ask how, or by $SOSENCRYPTKEY or $SOSENCRYPTPASS"},
	{TEXT, 0, "encrypt-key", "KEY", AT(encrypt_key),
	 .help = "encrypt the archive with this key, by gpg"},
	{TEXT, 0, "encrypt-pass", "PASSPHRASE", AT(encrypt_pass), .secret = true,
	 .help = "encrypt the archive with this passphrase, by gpg"},
	{.kind = HEADING, .name = "Messages"},
	{FLAG, 0, "batch", NULL, AT(batch),
	 .help = "never ask for anything; progress as plain lines"},
	{FLAG, 'q', "quiet", NULL, AT(quiet), .help = "print errors and the result only"},
	{COUNT, 'v', "verbose", NULL, AT(verbose),
	 .help = "log more, print warnings; twice: print all of the log"},
	{FLAG, 0, "debug", NULL, AT(debug), .help = "the same as --verbose twice"},
	{TEXT, 0, "config-file", "FILE", AT(config_file), .command_line = true,
	 .help = "read this instead of /etc/sos/sos.conf"},
	{FLAG, 'h', "help", NULL, AT(help), .command_line = true,
	 .help = "print this text and exit"},
	{FLAG, 0, "version", NULL, AT(version), .command_line = true,
	 .help = "print the version and exit"},
	{FOREIGN_VALUE, 's', "sysroot", NO_SYSTEM},
	{FOREIGN_VALUE, 'c', "chroot", NO_SYSTEM},
	{FOREIGN, 'a', "alloptions", "set the options that are wanted with --plugin-option"},
	{FOREIGN, 0, "all-logs", ONE_MOMENT},
	{FOREIGN_VALUE, 0, "since", ONE_MOMENT},
	{FOREIGN_VALUE, 0, "log-size", ONE_MOMENT},
	{FOREIGN_VALUE, 0, "journal-size", ONE_MOMENT},
	{FOREIGN_VALUE, 0, "skip-commands", NO_COMMANDS},
	{FOREIGN_VALUE, 0, "cmd-timeout", NO_COMMANDS},
	{FOREIGN, 0, "allow-system-changes", NO_COMMANDS},
	{FOREIGN, 0, "verify", NO_SYSTEM},
	{FOREIGN, 0, "no-env-vars", NO_SYSTEM},
	{FOREIGN_VALUE, 0, "container-runtime", NO_SYSTEM},
	{FOREIGN_VALUE, 0, "namespaces", NO_SYSTEM},
	{FOREIGN, 0, "estimate-only", "the report is as large as the dump says, no more"},
	{FOREIGN_VALUE, 'p', "profiles", NO_PROFILES},
	{FOREIGN_VALUE, 0, "preset", NO_PROFILES},
	{FOREIGN, 0, "list-profiles", NO_PROFILES},
	{FOREIGN, 0, "list-presets", NO_PROFILES},
};

#define DEFINITIONS VR_ARRAY_SIZE(definitions)
_Static_assert(DEFINITIONS <= VR_OPTIONS_MAX, "one each in vr_options.given");

void vr_options_init(struct vr_options *options)
{
	cpu_set_t cpus;

	*options = (struct vr_options){.plugin_timeout = 300, .threads = 1};
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 0)
		options->threads = (unsigned)VR_MIN(CPU_COUNT(&cpus), 256);
}

void vr_list_free(struct vr_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct vr_list){0};
}

static void *field_of(struct vr_options *options, const struct definition *def)
{
	return (char *)options + def->offset;
}

/* As if it had never been given; numbers, choices and flags keep what they have. */
static void clear(struct vr_options *options, const struct definition *def)
{
	char **text = field_of(options, def);

	if (def->kind == LIST || def->kind == PATHS)
		vr_list_free(field_of(options, def));
	if (def->kind != TEXT)
		return;
	if (*text && def->secret)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void vr_options_free(struct vr_options *options)
{
	for (size_t i = 0; i < DEFINITIONS; i++)
		clear(options, &definitions[i]);
	vr_list_free(&options->shared_options);
	vr_list_free(&options->notices);
}

/* ---- Values ---- */

static enum vr_err no_memory(struct vr_error *err)
{
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

enum vr_err vr_list_add(struct vr_list *list, const char *text, size_t len, struct vr_error *err)
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
		enum vr_err kind = len ? vr_list_add(list, value, len, err) : VR_OK;

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

/* The first line of the table that is the same option. */
static size_t option_of(const struct definition *def)
{
	size_t i = 0;

	while (definitions[i].kind == HEADING || definitions[i].offset != def->offset)
		i++;
	return i;
}

static enum vr_err set_option(struct vr_options *options, const struct definition *def,
			      const char *value, struct vr_error *err)
{
	void *field = field_of(options, def);
	char *copy;

	options->given[option_of(def)] = true;
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
		return vr_list_add(field, value, strlen(value), err);
	case NUMBER:
		return set_number(def, field, value, err);
	case CHOICE:
		return set_choice(def, field, value, err);
	case FOREIGN:
	case FOREIGN_VALUE:
		return vr_error_set(err, VR_CORRUPT, "argument --%s is not for crash dumps: %s",
				    def->name, def->arg);
	case HEADING:
		break;
	}
	return VR_OK;
}

/* ---- Configuration files ---- */

/* sos's names for what is called otherwise on its command line. */
static const char *rename_key(const char *key)
{
	return strcmp(key, "verbosity") == 0 ? "verbose" : key;
}

static const struct definition *find_key(const char *key)
{
	char name[64];
	size_t len = 0;

	for (; key[len] && len + 1 < sizeof(name); len++)
		name[len] = key[len] == '_' ? '-' : (char)tolower((unsigned char)key[len]);
	name[len] = '\0';
	for (size_t i = 0; i < DEFINITIONS && !key[len]; i++) {
		const struct definition *def = &definitions[i];

		if (def->kind != HEADING && def->kind != FOREIGN && def->kind != FOREIGN_VALUE &&
		    !def->command_line && strcmp(def->name, rename_key(name)) == 0)
			return def;
	}
	return NULL;
}

static bool is_one_of(const char *value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

static enum vr_err set_flag(struct vr_options *options, const struct definition *def,
			    const char *key, const char *value, struct vr_error *err)
{
	static const char *const yes[] = {"true", "on", "yes"}, *const no[] = {"false", "off",
									       "no"};
	bool is_yes = is_one_of(value, yes, VR_ARRAY_SIZE(yes));

	if (!is_yes && !is_one_of(value, no, VR_ARRAY_SIZE(no)))
		return vr_error_set(err, VR_CORRUPT,
				    "Value of '%s' must be True or False or analogous", key);
	*(bool *)field_of(options, def) = is_yes;
	return VR_OK;
}

enum vr_err vr_options_set_key(struct vr_options *options, const char *key, const char *value,
			       struct vr_error *err)
{
	const struct definition *def = find_key(key);

	if (!def)
		return vr_error_set(err, VR_ABSENT, "Unknown option '%s'", key);
	clear(options, def);
	if (def->kind == FLAG)
		return set_flag(options, def, key, value, err);
	if (def->kind == COUNT) {
		const struct definition number = {.name = def->name, .max = 9};

		return set_number(&number, field_of(options, def), value, err);
	}
	return def->kind == TEXT && !*value ? VR_OK : set_option(options, def, value, err);
}

/* ---- Two sets of options ---- */

/* Length of what names an entry: of "plugin.option=value" what is before the '='. */
static size_t name_length(const char *item)
{
	return strcspn(item, "=");
}

static bool is_in(const struct vr_list *list, const char *item)
{
	size_t len = name_length(item);

	for (size_t i = 0; i < list->count; i++)
		if (name_length(list->items[i]) == len && memcmp(list->items[i], item, len) == 0)
			return true;
	return false;
}

static void remove_common(struct vr_list *from, const struct vr_list *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->count; i++) {
		if (is_in(names, from->items[i]))
			free(from->items[i]);
		else
			from->items[kept++] = from->items[i];
	}
	from->count = kept;
}

static enum vr_err append(struct vr_list *list, const struct vr_list *more, struct vr_error *err)
{
	enum vr_err kind = VR_OK;

	for (size_t i = 0; kind == VR_OK && i < more->count; i++)
		kind = vr_list_add(list, more->items[i], strlen(more->items[i]), err);
	return kind;
}

/* -e, -o and -n of line say anew what becomes of the plugins that they name. */
static enum vr_err merge_selection(struct vr_options *options, struct vr_options *line,
				   struct vr_error *err)
{
	struct vr_list *lists[] = {&options->only, &options->enable, &options->skip};
	const struct vr_list *named[] = {&line->only, &line->enable, &line->skip};
	enum vr_err kind;

	for (size_t i = 0; i < VR_ARRAY_SIZE(lists); i++)
		for (size_t j = 0; j < VR_ARRAY_SIZE(named); j++)
			remove_common(lists[i], named[j]);
	if (line->only.count)
		vr_list_free(&options->only);
	kind = append(&options->only, &line->only, err);
	if (kind == VR_OK)
		kind = append(&options->enable, &line->enable, err);
	if (kind == VR_OK)
		kind = append(&options->skip, &line->skip, err);
	return kind;
}

/* The value goes over; line's is as never given. */
static void move(struct vr_options *options, struct vr_options *line, const struct definition *def)
{
	static const size_t sizes[] = {
		[FLAG] = sizeof(bool),
		[COUNT] = sizeof(unsigned),
		[TEXT] = sizeof(char *),
		[LIST] = sizeof(struct vr_list),
		[PATHS] = sizeof(struct vr_list),
		[NUMBER] = sizeof(unsigned),
		[CHOICE] = sizeof(unsigned),
	};

	clear(options, def);
	memcpy(field_of(options, def), field_of(line, def), sizes[def->kind]);
	memset(field_of(line, def), 0, sizes[def->kind]);
}

enum vr_err vr_options_merge(struct vr_options *options, struct vr_options *line,
			     struct vr_error *err)
{
	enum vr_err kind = merge_selection(options, line, err);

	remove_common(&options->plugin_options, &line->plugin_options);
	if (kind == VR_OK)
		kind = append(&options->plugin_options, &line->plugin_options, err);
	vr_list_free(&line->plugin_options);
	vr_list_free(&line->only);
	vr_list_free(&line->enable);
	vr_list_free(&line->skip);
	for (size_t i = 0; i < DEFINITIONS; i++) {
		const struct definition *def = &definitions[i];
		size_t at = def->offset;

		if (!line->given[i] || at == AT(only) || at == AT(enable) || at == AT(skip) ||
		    at == AT(plugin_options))
			continue;
		move(options, line, def);
	}
	for (size_t i = 0; i < DEFINITIONS; i++)
		options->given[i] = options->given[i] || line->given[i];
	return kind;
}

/* ---- The command line ---- */

static bool takes_value(const struct definition *def)
{
	return def->kind == TEXT || def->kind == LIST || def->kind == PATHS ||
	       def->kind == NUMBER || def->kind == CHOICE || def->kind == FOREIGN_VALUE;
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

/* In the memory that the list of processes shows. */
static void hide(char *value)
{
	size_t len = strlen(value);

	explicit_bzero(value, len);
	if (len)
		*value = '*';
}

/* As argparse has it: of these one at most. */
static enum vr_err check_encryption(const struct vr_options *options, struct vr_error *err)
{
	const char *first = options->encrypt ? "--encrypt" : "--encrypt-key";
	const char *second = options->encrypt_pass ? "--encrypt-pass" : "--encrypt-key";

	if (options->encrypt + !!options->encrypt_key + !!options->encrypt_pass < 2)
		return VR_OK;
	return vr_error_set(err, VR_CORRUPT, "argument %s: not allowed with argument %s", second,
			    first);
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
		if (def && def->secret)
			hide(optarg);
		if (kind != VR_OK)
			return kind;
	}
	if (optind < argc)
		return vr_error_set(err, VR_CORRUPT,
				    "unrecognized arguments: %s (a dump is given with --vmcore)",
				    argv[optind]);
	return check_encryption(options, err);
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

		if (def->kind == HEADING)
			fprintf(out, "\n%s:\n", def->name);
		if (!def->help)
			continue;
		len = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", def->letter ? '-' : ' ',
			       def->letter ? def->letter : ' ', def->letter ? ", " : "  ",
			       def->name, def->arg ? " " : "", def->arg ? def->arg : "");
		if (len < HELP_COLUMN)
			fprintf(out, "%-*s%s\n", HELP_COLUMN, left, def->help);
		else
			fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", def->help);
	}
	fputs("\nA LIST has names with commas between, and may be given more than once.\n"
	      "Options are read from /etc/sos/sos.conf and ~/.config/sos/sos.conf too, [global] "
	      "and\n"
	      "[vmcore-report], by their long names.\n"
	      "Exit status: 0 the report is made, 1 it could not be, 2 wrong usage, 130 "
	      "interrupted.\n",
	      out);
}
