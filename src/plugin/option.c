// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/option.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bits.h"
#include "plugin/names.h"

/* Of one plugin; a list that isn't ended reads on to anything. */
#define OPTIONS_MAX 64

/* ---- What is declared ---- */

size_t vr_option_count(const struct vr_plugin *plugin)
{
	size_t n = 0;

	while (plugin->options && n < OPTIONS_MAX && plugin->options[n].name)
		n++;
	return n;
}

static bool name_ok(const char *name)
{
	size_t len = strnlen(name, VR_PLUGIN_NAME_SIZE);

	if (len == 0 || len >= VR_PLUGIN_NAME_SIZE || !islower((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
		    name[i] != '-' && name[i] != '_')
			return false;
	return strcmp(name, VR_OPTION_TIMEOUT) != 0;
}

enum vr_err vr_options_check(const struct vr_plugin *plugin, struct vr_error *err)
{
	size_t count = vr_option_count(plugin);
	struct vr_option_value value;

	if (count == OPTIONS_MAX)
		return vr_error_set(err, VR_CORRUPT,
				    "its list of options has no end, or more than %d",
				    OPTIONS_MAX - 1);
	for (size_t i = 0; i < count; i++) {
		const struct vr_plugin_option *option = &plugin->options[i];

		if (!name_ok(option->name))
			return vr_error_set(err, VR_CORRUPT, "`%.64s` is no name for an option",
					    option->name);
		if (option->kind > VR_OPTION_TEXT ||
		    !vr_option_parse(option->kind, option->value, &value))
			return vr_error_set(err, VR_CORRUPT,
					    "its option `%s` has a kind or a default that isn't "
					    "one",
					    option->name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(plugin->options[j].name, option->name) == 0)
				return vr_error_set(err, VR_CORRUPT,
						    "it has two options named `%s`", option->name);
	}
	return VR_OK;
}

/* ---- Values ---- */

static bool parse_bool(const char *text, int64_t *number)
{
	static const char *const words[][5] = {
		{"off", "disable", "disabled", "false", "no"},
		{"on", "enable", "enabled", "true", "yes"},
	};

	for (int64_t yes = 0; yes < 2; yes++) {
		for (size_t i = 0; i < VR_ARRAY_SIZE(words[yes]); i++) {
			if (strcasecmp(text, words[yes][i]) == 0) {
				*number = yes;
				return true;
			}
		}
	}
	return false;
}

static bool parse_number(const char *text, int64_t *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

bool vr_option_parse(enum vr_option_kind kind, const char *text, struct vr_option_value *value)
{
	*value = (struct vr_option_value){.text = ""};
	if (kind == VR_OPTION_TEXT && text)
		value->text = text;
	if (!text || kind == VR_OPTION_TEXT)
		return true;
	return kind == VR_OPTION_BOOL ? parse_bool(text, &value->number)
				      : parse_number(text, &value->number);
}

struct vr_option_value vr_option_value(const struct vr_plugin_option *option,
				       const struct vr_option_value *set)
{
	struct vr_option_value value;

	if (set && set->is_set)
		return *set;
	vr_option_parse(option->kind, option->value, &value);
	return value;
}

const char *vr_option_print(const struct vr_plugin_option *option,
			    const struct vr_option_value *set, char buf[24])
{
	struct vr_option_value value = vr_option_value(option, set);

	if (option->kind == VR_OPTION_TEXT)
		return value.text;
	if (option->kind == VR_OPTION_BOOL)
		return value.number ? "on" : "off";
	snprintf(buf, 24, "%" PRId64, value.number);
	return buf;
}

/* ---- -k ---- */

/* "plugin.option=value", taken apart; lengths without the blanks around. */
struct setting {
	const char *plugin, *option, *value; /* value NULL: there is no '=' */
	size_t plugin_len, option_len;
};

static bool take_apart(const char *text, struct setting *s)
{
	const char *equals = strchr(text, '='), *dot;
	size_t len = equals ? (size_t)(equals - text) : strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	dot = memchr(text, '.', len);
	*s = (struct setting){.plugin = text, .value = equals ? equals + 1 : NULL};
	if (!dot)
		return false;
	s->plugin_len = (size_t)(dot - text);
	s->option = dot + 1;
	s->option_len = len - s->plugin_len - 1;
	while (s->value && isspace((unsigned char)*s->value))
		s->value++;
	return true;
}

static bool is_text(const char *text, const char *start, size_t len)
{
	return strlen(text) == len && memcmp(text, start, len) == 0;
}

static struct vr_plugin_entry *find_entry(struct vr_plugins *plugins, const struct setting *s)
{
	for (size_t i = 0; i < plugins->count; i++)
		if (is_text(plugins->entries[i].name, s->plugin, s->plugin_len))
			return &plugins->entries[i];
	return NULL;
}

static enum vr_err bad_value(const struct setting *s, const char *wanted, struct vr_error *err)
{
	return vr_error_set(err, VR_CORRUPT, "Plugin option '%.*s.%.*s' takes %s, not '%s'",
			    (int)s->plugin_len, s->plugin, (int)s->option_len, s->option, wanted,
			    s->value ? s->value : "");
}

/* -1 is sos's word for the time that all plugins have. */
static enum vr_err set_timeout(struct vr_plugin_entry *entry, const struct setting *s,
			       struct vr_error *err)
{
	int64_t seconds;

	if (!s->value || !parse_number(s->value, &seconds) || seconds == 0 || seconds < -1 ||
	    seconds > VR_OPTION_TIMEOUT_MAX)
		return bad_value(s, "integer values from 1 to 604800, or -1", err);
	entry->timeout = seconds < 0 ? 0 : (unsigned)seconds;
	return VR_OK;
}

static enum vr_err set_value(struct vr_plugin_entry *entry, size_t i, const struct setting *s,
			     struct vr_error *err)
{
	static const char *const wanted[] = {
		[VR_OPTION_BOOL] = "boolean true/false (on/off, etc)",
		[VR_OPTION_NUMBER] = "integer values",
		[VR_OPTION_TEXT] = "a string",
	};
	enum vr_option_kind kind = entry->plugin->options[i].kind;
	struct vr_option_value value;

	if (!entry->values)
		entry->values = calloc(vr_option_count(entry->plugin), sizeof(*entry->values));
	if (!entry->values)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	if (s->value ? !vr_option_parse(kind, s->value, &value) : kind != VR_OPTION_BOOL)
		return bad_value(s, wanted[kind], err);
	if (!s->value)
		value = (struct vr_option_value){.number = 1, .text = ""};
	value.is_set = true;
	entry->values[i] = value;
	return VR_OK;
}

static enum vr_err set_option(struct vr_plugin_entry *entry, const struct setting *s,
			      struct vr_error *err)
{
	size_t count = vr_option_count(entry->plugin);

	if (is_text(VR_OPTION_TIMEOUT, s->option, s->option_len))
		return set_timeout(entry, s, err);
	for (size_t i = 0; i < count; i++)
		if (is_text(entry->plugin->options[i].name, s->option, s->option_len))
			return set_value(entry, i, s, err);
	return vr_error_set(err, VR_ABSENT, "no such option \"%.*s\" for plugin (%s)",
			    (int)s->option_len, s->option, entry->name);
}

enum vr_err vr_plugins_set_options(struct vr_plugins *plugins, const char *const *list,
				   size_t count, bool shared,
				   void (*unused)(void *arg, const char *plugin), void *arg,
				   struct vr_error *err)
{
	const struct vr_plugin_entry *told = NULL;

	for (size_t i = 0; i < count; i++) {
		struct vr_plugin_entry *entry;
		struct setting s;
		enum vr_err kind;

		if (!take_apart(list[i], &s))
			return vr_error_set(err, VR_CORRUPT,
					    "plugin option '%s' is not of the form "
					    "plugin.option=value",
					    list[i]);
		entry = find_entry(plugins, &s);
		if (!entry && shared)
			continue;
		if (!entry)
			return vr_error_set(err, VR_ABSENT,
					    "unable to set option for disabled or non-existing "
					    "plugin (%.*s)",
					    (int)s.plugin_len, s.plugin);
		kind = set_option(entry, &s, err);
		if (kind != VR_OK)
			return kind;
		if (entry->skip_reason && entry != told && unused)
			unused(arg, entry->name);
		told = entry->skip_reason ? entry : told;
	}
	return VR_OK;
}
