// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/new_plugin.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/templates.h"
#include "plugin/names.h"

/* "irq_storm" as a class's name: "IrqStorm". */
static void class_name(const char *name, char *buf)
{
	bool start = true;

	for (; *name; name++) {
		if (*name == '_') {
			start = true;
			continue;
		}
		*buf++ = (char)(start ? toupper((unsigned char)*name) : *name);
		start = false;
	}
	*buf = '\0';
}

/* text with the template's own names replaced. */
static void fill(const char *text, const char *name, struct vr_strbuf *out)
{
	static const char lower[] = "my_plugin", upper[] = "MyPlugin";
	char class[VR_PLUGIN_NAME_SIZE];

	class_name(name, class);
	while (*text) {
		if (!strncmp(text, lower, strlen(lower))) {
			vr_strbuf_puts(out, name);
			text += strlen(lower);
		} else if (!strncmp(text, upper, strlen(upper))) {
			vr_strbuf_puts(out, class);
			text += strlen(upper);
		} else {
			vr_strbuf_putc(out, *text++);
		}
	}
}

static enum vr_err write_file(const char *path, const struct vr_strbuf *text, struct vr_error *err)
{
	/* O_EXCL: what is there already is somebody's work. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	size_t done = 0;

	if (fd < 0)
		return vr_error_os(err, errno, "%s can't be written", path);
	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			close(fd);
			unlink(path);
			return vr_error_os(err, saved, "%s can't be written", path);
		}
		done += (size_t)n;
	}
	close(fd);
	return VR_OK;
}

static void say_next(const char *name, const char *path, bool python,
		     const struct vr_places *places, struct vr_strbuf *next)
{
	vr_strbuf_printf(next, "%s is written. To run it:\n\n", path);
	if (!python && places->source) {
		vr_strbuf_printf(next, "  cc -shared -fPIC -I%s/include -o %s.so %s\n",
				 places->source, name, path);
	} else if (!python) {
		vr_strbuf_printf(next,
				 "  cc -shared -fPIC $(pkg-config --cflags vmcore-report) -o %s.so "
				 "%s\n",
				 name, path);
	}
	vr_strbuf_printf(next,
			 "  vmcore-report --vmcore PATH --plugin-dir . --only-plugins %s\n\n"
			 "docs/plugins.md has the rest.\n",
			 name);
}

enum vr_err vr_new_plugin(const char *name, bool python, const struct vr_places *places,
			  struct vr_strbuf *next, struct vr_error *err)
{
	char path[VR_PLUGIN_NAME_SIZE + 4];
	VR_STRBUF text = {0};
	enum vr_err kind;

	if (!vr_plugin_name_ok(name))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "'%s' is no name for a plugin: lower-case letters, digits and "
				    "'_', a letter first, %d at most",
				    name, VR_PLUGIN_NAME_SIZE - 1);
	snprintf(path, sizeof(path), "%s%s", name, python ? ".py" : ".c");
	fill(python ? template_python : template_c, name, &text);
	if (text.failed)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	kind = write_file(path, &text, err);
	if (kind == VR_OK)
		say_next(name, path, python, places, next);
	return kind;
}
