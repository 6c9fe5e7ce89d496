// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/page.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/page_data.h"
#include "archive/page_template.h"
#include "base/bits.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"

/* Shares of VR_PAGE_MAX, in bytes as they stand in the page; the rest is the template's. */
#define FILES_BUDGET ((size_t)320 << 10)
#define PROBLEMS_BUDGET ((size_t)128 << 10)
#define REMARKS_BUDGET ((size_t)32 << 10)
#define HEADLINE_MAX 4096
#define SUMMARY_MAX ((size_t)16 << 10)

/*
 * Files that the page has the bytes of, since its script draws them. One that would take more room
 * than its share is cut where `cut` says so, and otherwise not there at all.
 */
enum cut { WHOLE, FIRST_LINES, LAST_LINES };
static const struct {
	const char *path;
	size_t max; /* bytes in the page */
	enum cut cut;
} parts[] = {
	{"plugins/overview/overview.json", (size_t)256 << 10, WHOLE},
	{"plugins/kernel_info/kernel_info.json", 32 << 10, WHOLE},
	{"plugins/panic_summary/summary.txt", SUMMARY_MAX, FIRST_LINES},
	{"proc/loadavg", 1 << 10, WHOLE},
	{"proc/meminfo", 8 << 10, WHOLE},
	{"proc/modules", 48 << 10, FIRST_LINES},
	{"proc/pressure/cpu", 1 << 10, WHOLE},
	{"proc/pressure/io", 1 << 10, WHOLE},
	{"proc/pressure/memory", 1 << 10, WHOLE},
	{"sos_commands/kernel/dmesg", 12 << 10, LAST_LINES},
};
/* The one that is shown where there is no JavaScript. */
#define SUMMARY_PART 2

struct part {
	char *data; /* NULL: there is no such file */
	size_t len;
	bool cut;
};

/* Two strings of a plugin's, or of a file's. */
struct remark {
	const char *name, *text, *status;
};

struct remarks {
	struct remark *list;
	size_t count;
};

struct vr_page {
	struct vr_arena arena;
	const char *nodename, *release;
	int64_t crash_time;
	struct part parts[VR_ARRAY_SIZE(parts)];
	const char **paths; /* of the files that are there */
	size_t path_count;
	struct vr_page_problem *problems;
	size_t problem_count;
	size_t status[3]; /* how many files, by enum vr_file_status */
	struct remarks plugins, skipped, not_loaded, alerts, notes;
	bool failed; /* out of memory */
};

struct vr_page *vr_page_new(void)
{
	struct vr_page *page = calloc(1, sizeof(*page));

	if (page)
		page->nodename = page->release = "";
	return page;
}

void vr_page_free(struct vr_page *page)
{
	if (!page)
		return;
	for (size_t i = 0; i < VR_ARRAY_SIZE(page->parts); i++)
		free(page->parts[i].data);
	free(page->paths);
	free(page->problems);
	free(page->plugins.list);
	free(page->skipped.list);
	free(page->not_loaded.list);
	free(page->alerts.list);
	free(page->notes.list);
	vr_arena_free(&page->arena);
	free(page);
}

static const char *keep(struct vr_page *page, const char *text)
{
	const char *copy =
		vr_arena_strndup(&page->arena, text ? text : "", text ? strlen(text) : 0);

	if (!copy)
		page->failed = true;
	return copy;
}

/* Room for one more element, by doubling whenever the count is a power of two. */
static bool grow(struct vr_page *page, void **list, size_t count, size_t size)
{
	void *grown;

	if (count & (count - 1))
		return true;
	grown = reallocarray(*list, count ? count * 2 : 1, size);
	if (!grown) {
		page->failed = true;
		return false;
	}
	*list = grown;
	return true;
}

static void add_remark(struct vr_page *page, struct remarks *remarks, const char *name,
		       const char *status, const char *text)
{
	if (!page || !grow(page, (void **)&remarks->list, remarks->count, sizeof(struct remark)))
		return;
	remarks->list[remarks->count++] = (struct remark){
		.name = keep(page, name), .status = keep(page, status), .text = keep(page, text)};
}

void vr_page_set_machine(struct vr_page *page, const char *nodename, const char *release,
			 int64_t crash_time)
{
	if (!page)
		return;
	page->nodename = keep(page, nodename);
	page->release = keep(page, release);
	page->crash_time = crash_time;
}

/* ---- Files ---- */

/* Bytes of data, from its start or from its end, that cost no more than max: whole lines. */
static size_t fitting(const char *data, size_t len, size_t max, bool from_end)
{
	size_t fits = 0, cost = 2;

	for (size_t n = 1; n <= len; n++) {
		const char *c = from_end ? data + len - n : data + n - 1;

		cost += vr_page_cost(c, 1) - 2;
		if (cost > max)
			break;
		/* From the end a line begins behind the byte before it. */
		if (from_end ? n == len || c[-1] == '\n' : n == len || *c == '\n')
			fits = n;
	}
	return fits;
}

static void keep_part(struct vr_page *page, const char *path, const char *data, size_t len)
{
	size_t i, fits = len;

	for (i = 0; i < VR_ARRAY_SIZE(parts) && strcmp(parts[i].path, path) != 0; i++)
		;
	if (i == VR_ARRAY_SIZE(parts) || page->parts[i].data)
		return;
	if (len > parts[i].max || vr_page_cost(data, len) > parts[i].max) {
		if (parts[i].cut == WHOLE)
			return;
		fits = fitting(data, len, parts[i].max, parts[i].cut == LAST_LINES);
		page->parts[i].cut = true;
	}
	page->parts[i].data = malloc(fits + 1);
	if (!page->parts[i].data) {
		page->failed = true;
		return;
	}
	memcpy(page->parts[i].data, data + (parts[i].cut == LAST_LINES ? len - fits : 0), fits);
	page->parts[i].data[fits] = '\0';
	page->parts[i].len = fits;
}

void vr_page_own_file(struct vr_page *page, const char *path)
{
	if (page && grow(page, (void **)&page->paths, page->path_count, sizeof(*page->paths)))
		page->paths[page->path_count++] = keep(page, path);
}

void vr_page_file(struct vr_page *page, const char *plugin, const struct vr_file_record *record,
		  const void *data, size_t len)
{
	if (!page)
		return;
	page->status[record->status]++;
	if (record->status != VR_FILE_OMITTED) {
		vr_page_own_file(page, record->path);
		keep_part(page, record->path, data, len);
	}
	if (record->status == VR_FILE_OK ||
	    !grow(page, (void **)&page->problems, page->problem_count, sizeof(*page->problems)))
		return;
	page->problems[page->problem_count] =
		(struct vr_page_problem){.status = record->status,
					 .plugin = keep(page, plugin),
					 .path = keep(page, record->path),
					 .reason = keep(page, record->reason),
					 .rows = record->rows_dropped,
					 .order = page->problem_count};
	page->problem_count++;
}

/* ---- Plugins ---- */

void vr_page_plugin(struct vr_page *page, const char *name, const char *status, const char *reason)
{
	if (page && strcmp(status, "ok") != 0)
		add_remark(page, &page->plugins, name, status, reason);
}

void vr_page_skipped(struct vr_page *page, const char *name, const char *reason)
{
	add_remark(page, page ? &page->skipped : NULL, name, "", reason);
}

void vr_page_not_loaded(struct vr_page *page, const char *path, const char *reason)
{
	add_remark(page, page ? &page->not_loaded : NULL, path, "", reason);
}

void vr_page_alert(struct vr_page *page, const char *plugin, const char *text)
{
	add_remark(page, page ? &page->alerts : NULL, plugin, "", text);
}

void vr_page_note(struct vr_page *page, const char *plugin, const char *text)
{
	add_remark(page, page ? &page->notes : NULL, plugin, "", text);
}

/* ---- Data ---- */

static void put_parts(struct vr_json *data, const struct vr_page *page)
{
	struct vr_json *o = vr_json_add_object(data, "parts");
	struct vr_json *cut = vr_json_add_array(data, "cut");

	for (size_t i = 0; i < VR_ARRAY_SIZE(parts); i++) {
		const struct part *part = &page->parts[i];

		if (!part->data)
			continue;
		vr_json_set_bytes(o, parts[i].path, part->data, part->len);
		if (part->cut)
			vr_json_set_string(cut, NULL, parts[i].path);
	}
}

static void put_remarks(struct vr_json *data, const char *key, const struct remarks *remarks,
			struct vr_page_budget *budget)
{
	struct vr_json *list = vr_json_add_array(data, key);

	for (size_t i = 0; i < remarks->count; i++) {
		const struct remark *r = &remarks->list[i];
		struct vr_json *o;

		if (!vr_page_spend(budget, 40 + vr_page_cost(r->name, strlen(r->name)) +
						   vr_page_cost(r->status, strlen(r->status)) +
						   vr_page_cost(r->text, strlen(r->text))))
			break;
		o = vr_json_add_object(list, NULL);
		vr_json_set_string(o, "name", r->name);
		if (*r->status)
			vr_json_set_string(o, "status", r->status);
		vr_json_set_string(o, "text", r->text);
	}
}

/* Everything for the page's script, as one line of JSON; NULL: out of memory. */
static char *data_text(struct vr_page *page)
{
	struct vr_page_budget files = {FILES_BUDGET}, problems = {PROBLEMS_BUDGET};
	struct vr_page_budget remarks = {REMARKS_BUDGET};
	struct vr_json *data = vr_json_object();
	char *text = NULL;

	put_parts(data, page);
	vr_json_set_uint(data, "ok", page->status[VR_FILE_OK]);
	vr_json_set_uint(data, "partial", page->status[VR_FILE_PARTIAL]);
	vr_json_set_uint(data, "omitted", page->status[VR_FILE_OMITTED]);
	put_remarks(data, "alerts", &page->alerts, &remarks);
	put_remarks(data, "plugins", &page->plugins, &remarks);
	put_remarks(data, "not_loaded", &page->not_loaded, &remarks);
	put_remarks(data, "skipped", &page->skipped, &remarks);
	put_remarks(data, "notes", &page->notes, &remarks);
	if (vr_page_put_files(data, &page->arena, page->paths, page->path_count, &files) &&
	    vr_page_put_problems(data, &page->arena, page->problems, page->problem_count,
				 &problems))
		text = vr_json_text(data, 0);
	vr_json_free(data);
	return text;
}

/* ---- HTML ---- */

/* Characters that change the order of the text around them (U+200E, U+202A to U+202E, U+2066, ...). */
static bool is_unseen(const char *text, size_t len)
{
	unsigned char a = (unsigned char)text[0], b, c;

	if (len != 3 || a != 0xe2)
		return false;
	b = (unsigned char)text[1];
	c = (unsigned char)text[2];
	return (b == 0x80 && (c == 0x8e || c == 0x8f || (c >= 0xa8 && c <= 0xae))) ||
	       (b == 0x81 && c >= 0xa6 && c <= 0xa9);
}

/* Text as text: what means something to HTML, and what can't be seen, escaped. */
static void put_text(struct vr_strbuf *sb, const char *text, size_t len)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (size_t i = 0, n; i < len; i += n) {
		const char *p = text + i, *entity = NULL;
		char one[5], seen[VR_PRINTABLE_SIZE(4)];

		n = VR_MAX(vr_utf8_length(p, len - i), (size_t)1);
		for (size_t k = 0; n == 1 && k < VR_ARRAY_SIZE(entities); k++)
			if (*p == entities[k].c)
				entity = entities[k].entity;
		memcpy(one, p, n);
		one[n] = '\0';
		if (entity)
			vr_strbuf_puts(sb, entity);
		else if (*p == '\n' || is_unseen(p, n))
			vr_strbuf_puts(sb, *p == '\n' ? "\n" : "\xef\xbf\xbd");
		else if (*p)
			vr_strbuf_puts(sb, vr_printable(one, seen, sizeof(seen)));
		else
			vr_strbuf_puts(sb, "\\x00");
	}
}

static void put_string(struct vr_strbuf *sb, const char *text, size_t max)
{
	put_text(sb, text, VR_MIN(strlen(text), max));
}

static void put_fact(struct vr_strbuf *sb, const char *name, const char *value)
{
	vr_strbuf_printf(sb, "<div><dt>%s</dt><dd><bdi>", name);
	put_string(sb, value, 256);
	vr_strbuf_puts(sb, "</bdi></dd></div>");
}

/* What is known without the script. */
static void put_facts(struct vr_strbuf *sb, const struct vr_page *page)
{
	time_t when = (time_t)page->crash_time;
	char date[64];
	struct tm tm;

	put_fact(sb, "Kernel", page->release);
	if (page->crash_time > 0 && gmtime_r(&when, &tm) &&
	    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm))
		put_fact(sb, "Crashed", date);
}

static void put_summary(struct vr_strbuf *sb, const struct vr_page *page)
{
	const struct part *part = &page->parts[SUMMARY_PART];

	if (!part->data)
		return;
	vr_strbuf_puts(sb, "<pre>");
	put_text(sb, part->data, part->len);
	vr_strbuf_puts(sb, "</pre>");
}

/* For the page's policy, which lets nothing else run. */
static void put_hash(struct vr_strbuf *sb, const char *text)
{
	char base64[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)];
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, strlen(text), (const uint8_t *)text);
	sha256_digest(&sha, sizeof(digest), digest);
	base64_encode_raw(base64, sizeof(digest), digest);
	vr_strbuf_add(sb, base64, sizeof(base64));
}

/* JSON in a script element: no `<`, so that nothing in it ends the element or begins a comment. */
static void put_data(struct vr_strbuf *sb, const char *json)
{
	while (*json) {
		size_t len = strcspn(json, "<");

		vr_strbuf_add(sb, json, len);
		json += len;
		if (*json == '<') {
			vr_strbuf_puts(sb, "\\u003c");
			json++;
		}
	}
}

struct filling {
	const struct vr_page *page;
	const char *headline, *version, *data;
};

static bool is_slot(const char *name, size_t len, const char *slot)
{
	return strlen(slot) == len && !memcmp(name, slot, len);
}

static void put_slot(struct vr_strbuf *sb, const char *name, size_t len, const struct filling *f)
{
	const char *host = *f->page->nodename ? f->page->nodename : "unknown machine";

	if (is_slot(name, len, "STYLE")) {
		vr_strbuf_puts(sb, page_style);
	} else if (is_slot(name, len, "STYLE_HASH")) {
		put_hash(sb, page_style);
	} else if (is_slot(name, len, "SCRIPT")) {
		vr_strbuf_puts(sb, page_script);
	} else if (is_slot(name, len, "SCRIPT_HASH")) {
		put_hash(sb, page_script);
	} else if (is_slot(name, len, "TITLE")) {
		put_string(sb, host, 256);
		vr_strbuf_puts(sb, ": crash report");
	} else if (is_slot(name, len, "HOST")) {
		put_string(sb, host, 256);
	} else if (is_slot(name, len, "HEADLINE")) {
		put_string(sb, *f->headline ? f->headline : "What happened can’t be told.",
			   HEADLINE_MAX);
	} else if (is_slot(name, len, "FACTS")) {
		put_facts(sb, f->page);
	} else if (is_slot(name, len, "SUMMARY")) {
		put_summary(sb, f->page);
	} else if (is_slot(name, len, "VERSION")) {
		put_string(sb, f->version, 64);
	} else if (is_slot(name, len, "DATA")) {
		put_data(sb, f->data);
	}
}

char *vr_page_text(struct vr_page *page, const char *headline, const char *version, size_t *len)
{
	VR_FREE char *data = page && !page->failed ? data_text(page) : NULL;
	struct filling filling = {page, headline, version, data};
	VR_STRBUF html = {0};
	const char *p = page_html;

	if (!data)
		return NULL;
	while (*p) {
		size_t plain = strcspn(p, "@"), name;

		vr_strbuf_add(&html, p, plain);
		p += plain;
		if (!*p)
			break;
		name = strcspn(++p, "@");
		put_slot(&html, p, name, &filling);
		p += name + 1;
	}
	if (html.failed)
		return NULL;
	*len = html.len;
	return VR_TAKE(html.data);
}
