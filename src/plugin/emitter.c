// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/emitter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "kernel/irq.h"
#include "kernel/net_device.h"
#include "kernel/net_namespace.h"
#include "kernel/proc_tree.h"
#include "plugin/processes.h"
#include "plugin/run.h"

extern const struct vr_emitter *const __start_vr_emitters[] __attribute__((weak));
extern const struct vr_emitter *const __stop_vr_emitters[] __attribute__((weak));

enum keys { KEYS_NONE, KEYS_PROCESS, KEYS_THREAD, KEYS_IRQ, KEYS_NET, KEYS_OF_A_FOLDER };

static enum keys keys_of(const struct vr_emitter *e)
{
	if (e->walk)
		return KEYS_OF_A_FOLDER;
	if (strstr(e->path, "{tid}"))
		return KEYS_THREAD;
	if (strstr(e->path, "{irq}"))
		return KEYS_IRQ;
	if (!strncmp(e->path, "{net}", 5))
		return KEYS_NET;
	return strstr(e->path, "{pid}") ? KEYS_PROCESS : KEYS_NONE;
}

static int compare_paths(const void *a, const void *b)
{
	const struct vr_emitter *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Has it a path with that prefix? */
static bool is_below(const struct vr_emitter *e, const char *prefix)
{
	if (keys_of(e) == KEYS_NET)
		return begins(VR_FIRST_NET, prefix) || begins(VR_OTHER_NETS, prefix);
	return begins(e->path, prefix);
}

/* Those with that prefix, sorted by path: *list is the caller's to free. */
static size_t find_emitters(const char *prefix, const struct vr_emitter ***list)
{
	size_t n = 0;

	*list = calloc((size_t)(__stop_vr_emitters - __start_vr_emitters) + 1, sizeof(**list));
	if (!*list)
		return 0;
	/* Sanitizers may put room, which is zero, between the entries. */
	for (const struct vr_emitter *const *p = __start_vr_emitters; p < __stop_vr_emitters; p++)
		if (*p && is_below(*p, prefix))
			(*list)[n++] = *p;
	qsort(*list, n, sizeof(**list), compare_paths);
	return n;
}

static bool has_dev(const struct vr_emitter *e)
{
	return strstr(e->path, "{dev}") != NULL;
}

/* The path with the keys' values in place of their names. */
static void expand(const char *path, const struct vr_key *key, char *buf, size_t size)
{
	size_t len = 0;

	if (key->folder) {
		len = (size_t)snprintf(buf, size, "%s", key->folder);
		path += strlen("{net}");
	}
	while (*path && len + 24 < size) {
		int64_t value;

		if (!strncmp(path, "{pid}", 5)) {
			value = key->pid;
		} else if (!strncmp(path, "{tid}", 5)) {
			value = key->tid;
		} else if (!strncmp(path, "{irq}", 5)) {
			value = key->irq;
		} else if (key->dev_name && !strncmp(path, "{dev}", 5)) {
			len += (size_t)snprintf(buf + len, size - len, "%s", key->dev_name);
			path += 5;
			continue;
		} else {
			buf[len++] = *path++;
			continue;
		}
		len += (size_t)snprintf(buf + len, size - len, "%" PRId64, value);
		path += 5;
	}
	buf[len] = '\0';
}

struct vr_folder {
	struct vr_run *run;
	const struct vr_emitter *emitter;
};

void vr_folder_file(struct vr_folder *folder, const char *path, const char *source,
		    void (*emit)(struct vr_file *f, const void *arg), const void *arg)
{
	VR_STRBUF full = {0};
	struct vr_file *f;

	if (!vr_run_unit(folder->run))
		return;
	vr_strbuf_printf(&full, "%s%s", folder->emitter->path, path);
	f = vr_file_new_at(folder->run, vr_strbuf_str(&full));
	vr_file_source(f, "%s", source);
	emit(f, arg);
	vr_file_end(f);
}

static void run_folder(struct vr_run *run, const struct vr_emitter *e, const struct vr_key *key)
{
	struct vr_folder folder = {.run = run, .emitter = e};
	struct vr_scope scope;
	const struct vr_error *err;

	if (e->exists && !e->exists(key))
		return;
	vr_scope_enter(key->prog, &scope);
	e->walk(&folder, key);
	vr_scope_leave(key->prog, &scope);
	err = scope.error.kind != VR_OK ? &scope.error : &scope.cut;
	if (err->kind != VR_OK) {
		char path[512];

		snprintf(path, sizeof(path), "%.*s", (int)strlen(e->path) - 1, e->path);
		vr_omit(run, path, err->kind, "there may be more files: %s", err->text);
	}
}

/* Have the contents been made already, for another file? */
static bool use_copy(struct vr_run *run, const struct vr_emitter *e, const struct vr_key *key,
		     struct vr_file *f)
{
	struct vr_copy_key same = {.of = e};

	return e->same && e->same(key, same.id) && vr_file_use_copy(run, f, &same);
}

static void run_one(struct vr_run *run, const struct vr_emitter *e, const struct vr_key *key)
{
	char path[512];
	struct vr_file *f;

	if (!vr_run_unit(run))
		return;
	if (e->exists && !e->exists(key))
		return;
	expand(e->path, key, path, sizeof(path));
	f = vr_file_new_at(run, path);
	if (e->source)
		vr_file_source(f, "%s", e->source);
	if (!vr_run_skips(run, path) && !use_copy(run, e, key, f))
		e->emit(f, key);
	vr_file_end(f);
}

static void run_kind(struct vr_run *run, const struct vr_emitter *const *list, size_t count,
		     enum keys kind, const struct vr_key *key)
{
	for (size_t i = 0; i < count; i++) {
		if (keys_of(list[i]) != kind)
			continue;
		if (kind == KEYS_OF_A_FOLDER)
			run_folder(run, list[i], key);
		else
			run_one(run, list[i], key);
	}
}

static size_t count_kind(const struct vr_emitter *const *list, size_t count, enum keys kind)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += keys_of(list[i]) == kind;
	return n;
}

/* The bulk of the work: now that the tasks are known, so is how much it is. */
static void tell_units(struct vr_run *run, const struct vr_emitter *const *list, size_t count,
		       const struct vr_chosen *chosen)
{
	size_t leaders = 0;

	for (size_t i = 0; i < chosen->count; i++)
		leaders += chosen->tasks[i].pid == chosen->tasks[i].tgid;
	vr_run_units(run, vr_run_units_begun(run) +
				  (uint64_t)chosen->count * count_kind(list, count, KEYS_THREAD) +
				  (uint64_t)leaders * count_kind(list, count, KEYS_PROCESS));
}

/* Each thread, and each process when its leader (pid equal to tgid) comes by. */
static void run_tasks(struct vr_run *run, struct vr_program *prog,
		      const struct vr_emitter *const *list, size_t count)
{
	VR_CLEANUP(vr_chosen_free) struct vr_chosen chosen;

	if (!vr_processes_choose(prog, vr_run_pids(run), &chosen))
		return;
	if (chosen.left_out)
		vr_note(run, "%zu of %zu processes have no files here (--pids)", chosen.left_out,
			chosen.processes);
	if (chosen.unreadable)
		vr_warn(run, "%zu tasks have no ids that can be read", chosen.unreadable);
	tell_units(run, list, count, &chosen);
	for (size_t i = 0; i < chosen.count; i++) {
		const struct vr_chosen_task *task = &chosen.tasks[i];
		struct vr_key key = {.run = run,
				     .prog = prog,
				     .obj = task->task,
				     .pid = task->tgid,
				     .tid = task->pid};

		run_kind(run, list, count, KEYS_THREAD, &key);
		if (key.tid == key.pid) {
			key.tid = 0;
			run_kind(run, list, count, KEYS_PROCESS, &key);
		}
	}
}

static void run_irqs(struct vr_run *run, struct vr_program *prog,
		     const struct vr_emitter *const *list, size_t count)
{
	struct vr_irq_walk w;

	vr_irq_walk_begin(prog, &w);
	while (vr_irq_walk_next(&w)) {
		const struct vr_key key = {.run = run, .prog = prog, .obj = w.desc, .irq = w.irq};

		run_kind(run, list, count, KEYS_IRQ, &key);
	}
}

/* Did the kernel have this file in the namespace, whose folder is dir? */
static bool is_registered(struct vr_obj dir, const struct vr_emitter *e, const struct vr_key *key)
{
	char path[512];

	expand(e->path, key, path, sizeof(path));
	return !vr_ok(dir) || vr_proc_dir_has_file(dir, path + strlen(key->folder) + 1);
}

static void run_devices(struct vr_run *run, const struct vr_emitter *e, const struct vr_key *net,
			struct vr_obj dir)
{
	struct vr_netdev_walk w;
	struct vr_scope scope;

	/* A device without a name costs its own files. */
	vr_scope_enter(net->prog, &scope);
	w = vr_netdevs_begin(net->obj);
	while (vr_netdev_next(&w)) {
		char name[VR_NETDEV_NAME];
		struct vr_key key = *net;

		if (vr_try_str(w.dev, "name", name, sizeof(name)) != VR_OK)
			continue;
		key.dev = w.dev;
		key.dev_name = name;
		if (is_registered(dir, e, &key))
			run_one(run, e, &key);
	}
	if (vr_scope_leave(net->prog, &scope) != VR_OK || scope.cuts)
		vr_warn(run, "%s: devices are missing: %s", e->path,
			scope.error.kind ? scope.error.text : scope.cut.text);
}

static void run_net(struct vr_run *run, const struct vr_emitter *const *list, size_t count,
		    const struct vr_key *key)
{
	struct vr_scope scope;
	struct vr_obj dir;

	vr_scope_enter(key->prog, &scope);
	dir = vr_deref(key->obj, "proc_net");
	vr_scope_leave(key->prog, &scope);
	for (size_t i = 0; i < count; i++) {
		if (keys_of(list[i]) != KEYS_NET)
			continue;
		if (has_dev(list[i]))
			run_devices(run, list[i], key, dir);
		else if (is_registered(dir, list[i], key))
			run_one(run, list[i], key);
	}
}

static void run_nets(struct vr_run *run, struct vr_program *prog,
		     const struct vr_emitter *const *list, size_t count, const char *prefix)
{
	struct vr_net_walk w;

	vr_nets_begin(prog, &w);
	while (vr_nets_next(&w)) {
		char folder[VR_NET_FOLDER_SIZE];
		const struct vr_key key = {
			.run = run, .prog = prog, .obj = w.net, .folder = folder};

		vr_net_folder(&w, folder);
		if (begins(folder, prefix))
			run_net(run, list, count, &key);
	}
	vr_nets_end(&w);
}

static bool any_of(const struct vr_emitter *const *list, size_t count, enum keys first,
		   enum keys last)
{
	for (size_t i = 0; i < count; i++)
		if (keys_of(list[i]) >= first && keys_of(list[i]) <= last)
			return true;
	return false;
}

void vr_emit_all(struct vr_run *run, struct vr_program *prog, const char *prefix)
{
	const struct vr_key none = {.run = run, .prog = prog, .obj = {.prog = prog}};
	const struct vr_emitter **list;
	size_t count = find_emitters(prefix, &list);

	/* Each emitter's run over a key is a unit: one that kills its worker is skipped. */
	run_kind(run, list, count, KEYS_NONE, &none);
	if (any_of(list, count, KEYS_IRQ, KEYS_IRQ))
		run_irqs(run, prog, list, count);
	if (any_of(list, count, KEYS_NET, KEYS_NET))
		run_nets(run, prog, list, count, prefix);
	if (any_of(list, count, KEYS_PROCESS, KEYS_THREAD))
		run_tasks(run, prog, list, count);
	else
		vr_run_units(run, vr_run_units_begun(run));
	/* Last: what kills its worker between two units is the end. */
	run_kind(run, list, count, KEYS_OF_A_FOLDER, &none);
	vr_run_unit_end(run);
	free(list);
}
