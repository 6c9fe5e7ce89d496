// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/config.h"

#include <errno.h>
#include <ini_configobj.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

static enum vr_err no_memory(struct vr_error *err)
{
	return vr_error_set(err, VR_NOMEM, "out of memory");
}

static enum vr_err note(struct vr_options *options, struct vr_error *err, const char *fmt, ...)
	VR_PRINTF(3, 4);

static enum vr_err note(struct vr_options *options, struct vr_error *err, const char *fmt, ...)
{
	VR_STRBUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	vr_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.failed)
		return no_memory(err);
	return vr_list_add(&options->notices, vr_strbuf_str(&text), text.len, err);
}

/* ---- One option ---- */

/* sos does so, whatever the option. */
static void drop_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

/* As sos writes it. */
static void spell_key(const char *key, char *buf, size_t size)
{
	snprintf(buf, size, "%s", key);
	for (; *buf; buf++)
		if (*buf == '-')
			*buf = '_';
}

static enum vr_err take_option(struct vr_options *options, const char *section, const char *key,
			       char *value, struct vr_error *err)
{
	char spelt[64];
	enum vr_err kind;

	drop_blanks(value);
	kind = vr_options_set_key(options, key, value, err);
	if (kind != VR_ABSENT)
		return kind;
	spell_key(key, spelt, sizeof(spelt));
	return note(options, err, "Unknown option '%s' in section '%s'", spelt, section);
}

static enum vr_err take_plugin_option(struct vr_options *options, const char *section,
				      const char *key, char *value, struct vr_error *err)
{
	VR_FREE char *text = NULL;

	(void)section;
	if (asprintf(&text, "%s=%s", key, value) < 0) {
		text = NULL;
		return no_memory(err);
	}
	return vr_list_add(&options->shared_options, text, strlen(text), err);
}

/* ---- A file ---- */

typedef enum vr_err take(struct vr_options *options, const char *section, const char *key,
			 char *value, struct vr_error *err);

static enum vr_err read_key(struct vr_options *options, struct ini_cfgobj *config,
			    const char *section, const char *key, take *take_it,
			    struct vr_error *err)
{
	struct value_obj *object = NULL;
	VR_FREE char *value = NULL;
	int failed = 0;

	if (ini_get_config_valueobj(section, key, config, INI_GET_FIRST_VALUE, &object) != 0 ||
	    !object)
		return no_memory(err);
	value = ini_get_string_config_value(object, &failed);
	return value ? take_it(options, section, key, value, err) : no_memory(err);
}

static enum vr_err read_section(struct vr_options *options, struct ini_cfgobj *config,
				const char *section, take *take_it, struct vr_error *err)
{
	int count = 0, failed = 0;
	char **keys = ini_get_attribute_list(config, section, &count, &failed);
	enum vr_err kind = VR_OK;

	for (int i = 0; keys && kind == VR_OK && i < count; i++)
		kind = read_key(options, config, section, keys[i], take_it, err);
	if (keys)
		ini_free_attribute_list(keys);
	return kind;
}

/* The first thing that the parser had to say. */
static enum vr_err parse_error(struct ini_cfgobj *config, int failed, struct vr_error *err)
{
	char **texts = NULL;

	if (failed == ENOMEM)
		return no_memory(err);
	if (ini_config_get_errors(config, &texts) != 0 || !texts || !texts[0])
		return vr_error_set(err, VR_CORRUPT, "it can't be parsed");
	vr_error_set(err, VR_CORRUPT, "%s", texts[0]);
	ini_config_free_errors(texts);
	return VR_CORRUPT;
}

static enum vr_err read_sections(struct vr_options *options, struct ini_cfgfile *file,
				 struct vr_error *err)
{
	struct ini_cfgobj *config = NULL;
	enum vr_err kind;
	int failed = ini_config_create(&config);

	if (failed)
		return no_memory(err);
	failed = ini_config_parse(file, INI_STOP_ON_ANY, INI_MS_MERGE | INI_MV1S_OVERWRITE, 0,
				  config);
	kind = failed ? parse_error(config, failed, err) : VR_OK;
	if (kind == VR_OK)
		kind = read_section(options, config, "global", take_option, err);
	if (kind == VR_OK)
		kind = read_section(options, config, "vmcore-report", take_option, err);
	if (kind == VR_OK)
		kind = read_section(options, config, "plugin_options", take_plugin_option, err);
	ini_config_destroy(config);
	return kind;
}

enum vr_err vr_config_read(struct vr_options *options, const char *path, bool optional,
			   struct vr_error *err)
{
	struct ini_cfgfile *file = NULL;
	struct stat st;
	enum vr_err kind;
	int failed;

	if (optional && access(path, F_OK) < 0 && errno == ENOENT)
		return VR_OK;
	/* The parser takes an empty file (/dev/null is one too) for one that can't be read. */
	if (stat(path, &st) == 0 && st.st_size == 0 && !S_ISDIR(st.st_mode))
		return VR_OK;
	failed = ini_config_file_open(path, 0, &file);
	if (failed)
		return note(options, err, "WARNING: Unable to read configuration file %s : %s",
			    path, strerror(failed));
	kind = read_sections(options, file, err);
	ini_config_file_destroy(file);
	if (kind != VR_OK)
		vr_error_prefix(err, "%s", path);
	return kind;
}

/* ---- All files ---- */

static enum vr_err read_users(struct vr_options *options, struct vr_error *err)
{
	const char *home = getenv("HOME");
	const struct passwd *user = home && *home ? NULL : getpwuid(getuid());
	VR_FREE char *path = NULL;

	if (user)
		home = user->pw_dir;
	if (getuid() == 0 || !home || !*home)
		return VR_OK;
	if (asprintf(&path, "%s/.config/sos/sos.conf", home) < 0) {
		path = NULL;
		return no_memory(err);
	}
	return vr_config_read(options, path, true, err);
}

enum vr_err vr_config_load(struct vr_options *options, struct vr_options *line,
			   struct vr_error *err)
{
	const char *path = line->config_file;
	enum vr_err kind;

	vr_options_init(options);
	if (line->help || line->version)
		return vr_options_merge(options, line, err);
	kind = vr_config_read(options, path ? path : VR_CONFIG_FILE, !path, err);
	if (kind == VR_OK)
		kind = read_users(options, err);
	return kind == VR_OK ? vr_options_merge(options, line, err) : kind;
}
