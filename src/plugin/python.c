// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds out what Python plugins there are, in a process that has an interpreter for it. */
#include "plugin/python.h"

#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/text.h"

/* What looking may take, seconds, and may say, bytes. */
#define LOOK_SECONDS 60
#define ANSWER_MAX ((size_t)16 << 20)

const struct vr_python_module *vr_python_load(const struct vr_python_config *config,
					      struct vr_error *err)
{
	const struct vr_python_module *module = NULL;
	void *handle = NULL;

	if (!config->module) {
		vr_error_set(err, VR_UNSUPPORTED, "this vmcore-report was built without Python");
		return NULL;
	}
	/* Python's own extension modules expect to find its library among what is global. */
	handle = dlopen(config->module, RTLD_NOW | RTLD_GLOBAL);
	if (handle)
		module = dlsym(handle, VR_PYTHON_MODULE);
	if (!module)
		vr_error_set(err, VR_UNSUPPORTED, "%s", dlerror());
	else if (module->size != sizeof(*module) || strcmp(module->version, VR_VERSION) != 0)
		vr_error_set(err, VR_UNSUPPORTED, "%s is of another vmcore-report", config->module);
	else
		return module;
	return NULL;
}

/* ---- The process that looks ---- */

static _Noreturn void look(const struct vr_python_config *config, const char *const *paths,
			   size_t count, int fd)
{
	const struct vr_python_module *module;
	struct vr_error err = {0};
	char text[VR_PRINTABLE_SIZE(sizeof(err.text))];

	signal(SIGALRM, SIG_DFL);
	alarm(LOOK_SECONDS);
	module = vr_python_load(config, &err);
	if (module && module->discover(config, paths, count, fd, &err) == VR_OK)
		_exit(0);
	/* Not JSON: the reason alone. */
	vr_printable(err.text, text, sizeof(text));
	_exit(write(fd, text, strlen(text)) < 0 ? 2 : 1);
}

static bool read_all(int fd, struct vr_strbuf *answer)
{
	char buf[16384];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (answer->len + (size_t)n > ANSWER_MAX)
			return false;
		vr_strbuf_add(answer, buf, (size_t)n);
	}
}

/* How it ended, for people; NULL: well. */
static const char *look_failure(int status, const struct vr_strbuf *answer)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return "a plugin takes too long to load";
	if (WIFSIGNALED(status))
		return strsignal(WTERMSIG(status));
	return answer->len ? vr_strbuf_str(answer) : "no reason given";
}

/* Ask a process of its own; *off is set to the reason where that is no use. */
static enum vr_err ask(const struct vr_python_config *config, const struct vr_plugins *plugins,
		       struct vr_strbuf *answer, char **off, struct vr_error *err)
{
	VR_FREE const char **paths = calloc(plugins->python_count + 1, sizeof(*paths));
	const char *why;
	int pipefd[2], status = 0;
	pid_t pid;

	if (!paths)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	for (size_t i = 0; i < plugins->python_count; i++)
		paths[i] = plugins->python_files[i].path;
	if (pipe(pipefd) < 0)
		return vr_error_os(err, errno, "no pipe to look for Python plugins");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(pipefd[0]);
		look(config, paths, plugins->python_count, pipefd[1]);
	}
	close(pipefd[1]);
	if (pid < 0) {
		int saved = errno;

		close(pipefd[0]);
		return vr_error_os(err, saved, "no process to look for Python plugins");
	}
	if (!read_all(pipefd[0], answer))
		kill(pid, SIGKILL);
	close(pipefd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	why = look_failure(status, answer);
	if (why && !(*off = strdup(why)))
		return vr_error_set(err, VR_NOMEM, "out of memory");
	return VR_OK;
}

/* ---- What it said ---- */

static char *put(char **at, const char *text)
{
	char *here = *at;
	size_t size = strlen(text) + 1;

	memcpy(here, text, size);
	*at += size;
	return here;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Until the process that has the interpreter puts its own in this place. */
static void collect_nothing(struct vr_run *run, struct vr_program *prog)
{
	(void)prog;
	vr_run_failed(run, "has no interpreter");
}

/* Bytes of the strings of all options, and *count of them. */
static size_t options_size(const json_t *list, size_t *count)
{
	size_t size = 0;

	*count = json_array_size(list);
	for (size_t i = 0; i < *count; i++) {
		const json_t *option = json_array_get(list, i);

		size += strlen(string_of(option, "name")) + strlen(string_of(option, "desc")) +
			strlen(string_of(option, "value")) + 3;
	}
	return size;
}

/* The options that Python told of; their strings go where *at is. */
static void put_options(struct vr_plugin_option *options, const json_t *list, char **at)
{
	static const char *const kinds[] = {[VR_OPTION_BOOL] = "bool",
					    [VR_OPTION_NUMBER] = "number",
					    [VR_OPTION_TEXT] = "text"};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *option = json_array_get(list, i);
		const char *kind = string_of(option, "kind"), *value = string_of(option, "value");

		options[i] = (struct vr_plugin_option){
			.name = put(at, string_of(option, "name")),
			.description = put(at, string_of(option, "desc")),
			.value = *value ? put(at, value) : NULL,
			.kind = VR_OPTION_TEXT,
		};
		for (unsigned k = 0; k < VR_ARRAY_SIZE(kinds); k++)
			if (!strcmp(kind, kinds[k]))
				options[i].kind = (enum vr_option_kind)k;
	}
}

/* An entry of a file and of what was found in it (NULL: nothing is known but its name). */
static enum vr_err add_entry(struct vr_plugins *plugins, const struct vr_python_file *file,
			     const json_t *found, struct vr_error *err)
{
	const char *name = string_of(found, "name"), *class_name = string_of(found, "class");
	const char *description = string_of(found, "description");
	const json_t *list = json_object_get(found, "options");
	size_t count, size = strlen(file->path) + strlen(name) + strlen(class_name) +
			     strlen(description) + options_size(list, &count) + 4;
	struct vr_plugin_option *options;
	struct vr_python_plugin *p;
	struct vr_plugin_entry entry = {0};
	char *at;

	p = calloc(1, sizeof(*p) + (count + 1) * sizeof(*options) + size);
	if (!p)
		return vr_error_set(err, VR_NOMEM, "out of memory");
	options = (struct vr_plugin_option *)(p + 1);
	at = (char *)(options + count + 1);
	put_options(options, list, &at);
	p->path = put(&at, file->path);
	p->class_name = put(&at, class_name);
	p->plugin = (struct vr_plugin){
		.size = sizeof(p->plugin),
		.api = VR_PLUGIN_API,
		.file = p->path,
		.name = *name ? put(&at, name) : NULL,
		.description = put(&at, description),
		.default_enabled = !json_is_false(json_object_get(found, "default_enabled")),
		.experimental = json_is_true(json_object_get(found, "experimental")),
		.collect = collect_nothing,
		.options = options,
	};
	entry.plugin = &p->plugin;
	entry.language = VR_PLUGIN_PYTHON;
	entry.path = strdup(file->path);
	entry.rank = file->rank;
	entry.block = p;
	if (!entry.path) {
		free(p);
		return vr_error_set(err, VR_NOMEM, "out of memory");
	}
	return vr_plugins_add(plugins, &entry, err);
}

static enum vr_err add_all(struct vr_plugins *plugins, const json_t *list, struct vr_error *err)
{
	enum vr_err kind = VR_OK;

	for (size_t i = 0; kind == VR_OK && i < plugins->python_count; i++) {
		const struct vr_python_file *file = &plugins->python_files[i];
		const json_t *found = json_array_get(list, i);
		const char *error = string_of(found, "error");

		if (*error)
			kind = vr_plugins_failed(plugins, file->path, error, err);
		else
			kind = add_entry(plugins, file, found, err);
	}
	return kind;
}

/* Where the interpreter finds its modules: what it may read later. */
static enum vr_err keep_places(struct vr_python_found *found, const json_t *list,
			       struct vr_error *err)
{
	size_t count = json_array_size(list);

	found->places = calloc(count + 1, sizeof(*found->places));
	for (size_t i = 0; found->places && i < count; i++) {
		const char *place = json_string_value(json_array_get(list, i));

		if (!place)
			continue;
		found->places[found->place_count] = strdup(place);
		if (!found->places[found->place_count])
			break;
		found->place_count++;
	}
	return found->places ? VR_OK : vr_error_set(err, VR_NOMEM, "out of memory");
}

enum vr_err vr_python_discover(const struct vr_python_config *config, struct vr_plugins *plugins,
			       struct vr_python_found *found, struct vr_error *err)
{
	VR_STRBUF answer = {0};
	json_t *root = NULL;
	const char *drgn;
	enum vr_err kind;

	*found = (struct vr_python_found){0};
	if (plugins->python_count == 0)
		return VR_OK;
	kind = ask(config, plugins, &answer, &found->off, err);
	if (kind == VR_OK && !found->off && !answer.failed)
		root = json_loadb(answer.data, answer.len, 0, NULL);
	if (kind == VR_OK && !found->off && !root)
		kind = vr_error_set(err, VR_CORRUPT, "looking for Python plugins gave no answer");
	if (kind == VR_OK)
		kind = add_all(plugins, json_object_get(root, "plugins"), err);
	if (kind == VR_OK)
		kind = keep_places(found, json_object_get(root, "path"), err);
	drgn = string_of(root, "drgn");
	if (kind == VR_OK && *drgn && !(found->off = strdup(drgn)))
		kind = vr_error_set(err, VR_NOMEM, "out of memory");
	json_decref(root);
	return kind;
}

void vr_python_found_free(struct vr_python_found *found)
{
	for (size_t i = 0; i < found->place_count; i++)
		free(found->places[i]);
	free(found->places);
	free(found->off);
	*found = (struct vr_python_found){0};
}

void vr_python_select(struct vr_plugins *plugins, const struct vr_python_found *found)
{
	for (size_t i = 0; found->off && i < plugins->count; i++) {
		struct vr_plugin_entry *entry = &plugins->entries[i];

		if (entry->language == VR_PLUGIN_PYTHON && !entry->skip_reason)
			entry->skip_reason = found->off;
	}
}

bool vr_python_selected(const struct vr_plugins *plugins)
{
	for (size_t i = 0; i < plugins->count; i++)
		if (plugins->entries[i].language == VR_PLUGIN_PYTHON &&
		    !plugins->entries[i].skip_reason)
			return true;
	return false;
}
