// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/dynamic_debug/control (ddebug_proc_show() in lib/dynamic_debug.c). */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/proc_tree.h"
#include "kernel/seq.h"
#include "plugin/emitter.h"

/* A kernel has some ten thousand in all. */
#define MAX_SITES 1000000u
#define MAX_FORMAT 2048
#define MAX_FLAGS 16
#define NO_CLASS 63 /* _DPRINTK_CLASS_DFLT */

struct sites {
	struct vr_file *f;
	struct vr_program *prog;
	struct {
		uint8_t bit;
		char letter;
	} flags[MAX_FLAGS];
	size_t flag_count;
};

/* opt_array: words of a bit and, behind it, its letter; the last one's bit is 0. */
static void read_flags(struct sites *s)
{
	for (size_t i = 0; i < MAX_FLAGS && !vr_failed(s->prog); i++) {
		uint64_t word = vr_u64(vr_kernel_element(s->prog, "opt_array", i), "");

		if (!(word & 0xff))
			break;
		s->flags[i].bit = word & 0xff;
		s->flags[i].letter = (char)(word >> 8);
		s->flag_count = i + 1;
	}
}

static void put_flags(const struct sites *s, uint64_t flags)
{
	char text[MAX_FLAGS + 1];
	size_t n = 0;

	for (size_t i = 0; i < s->flag_count; i++)
		if (flags & s->flags[i].bit)
			text[n++] = s->flags[i].letter;
	if (!n)
		text[n++] = '_';
	text[n] = '\0';
	vr_puts(s->f, text);
}

/* Octal as seq_escape() has it; since 6.1 \\n, \\r and \\t, and quotes as they are (ESCAPE_SPACE). */
static void put_format(const struct sites *s, struct vr_obj site, bool letters)
{
	char text[MAX_FORMAT], escaped[VR_ESCAPED_SIZE(MAX_FORMAT)], *p = escaped;

	vr_str(site, "format", text, sizeof(text));
	if (!letters) {
		vr_puts(s->f, vr_seq_escape(text, "\t\r\n\"", escaped, sizeof(escaped)));
		return;
	}
	for (const char *c = text; *c; c++) {
		const char *found = strchr("\nn\rr\tt", *c);

		if (iscntrl((unsigned char)*c) && found) {
			*p++ = '\\';
			*p++ = found[1];
		} else {
			*p++ = *c;
		}
	}
	*p = '\0';
	vr_puts(s->f, escaped);
}

/* ddebug_class_name() */
static void put_class(const struct sites *s, struct vr_obj table, uint64_t id)
{
	struct vr_list_walk w =
		vr_list_begin(vr_get(table, "maps"), "struct ddebug_class_map", "link");

	while (vr_list_next(&w)) {
		uint64_t base = vr_u64(w.entry, "base"), length = vr_u64(w.entry, "length");
		char name[128];

		if (id < base || id - base >= length)
			continue;
		vr_printf(s->f, " class:%s",
			  vr_str(vr_index(vr_get(w.entry, "class_names"), id - base), "", name,
				 sizeof(name)));
		return;
	}
	vr_printf(s->f, " class unknown, _id:%" PRIu64, id);
}

static void put_site(const struct sites *s, struct vr_obj table, struct vr_obj site,
		     const char *module)
{
	bool classes = vr_has(site, "class_id");
	uint64_t class = classes ? vr_u64(site, "class_id") : NO_CLASS;
	char file[512], function[256];

	vr_printf(s->f, "%s:%" PRIu64 " [%s]%s =", vr_str(site, "filename", file, sizeof(file)),
		  vr_u64(site, "lineno"), module,
		  vr_str(site, "function", function, sizeof(function)));
	put_flags(s, vr_u64(site, "flags"));
	vr_puts(s->f, " \"");
	put_format(s, site, classes);
	vr_puts(s->f, "\"");
	if (class != NO_CLASS)
		put_class(s, table, class);
	vr_puts(s->f, "\n");
}

static void put_table(const struct sites *s, struct vr_obj table)
{
	uint64_t count = vr_u64(table, "num_ddebugs");
	struct vr_obj sites = vr_get(table, "ddebugs");
	char module[128];

	vr_str(table, "mod_name", module, sizeof(module));
	if (count > MAX_SITES)
		vr_cut(s->prog, VR_CORRUPT, "%" PRIu64 " messages of %s", count, module);
	for (uint64_t i = 0; i < count && count <= MAX_SITES && !vr_failed(s->prog); i++) {
		/* Last first since 6.1, when classes came, too. */
		bool backwards = vr_has_member(s->prog, "struct _ddebug", "class_id");

		vr_row_begin(s->f);
		put_site(s, table, vr_index(sites, backwards ? count - 1 - i : i), module);
		vr_row_end(s->f);
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "ddebug_tables"),
					      "struct ddebug_table", "link");
	struct sites s = {.f = f, .prog = key->prog};

	read_flags(&s);
	vr_puts(f, "# filename:lineno [module]function flags format\n");
	while (vr_list_next(&w))
		put_table(&s, w.entry);
}

static bool exists(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "dynamic_debug/control");
}

VR_EMITTER(.path = "proc/dynamic_debug/control", .source = "ddebug_tables", .exists = exists,
	   .emit = emit)
