// SPDX-License-Identifier: GPL-2.0-or-later
/* Network namespaces: which folder of the report is which, who is in it, what devices it has. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kernel/net_device.h"
#include "kernel/net_namespace.h"
#include "kernel/task.h"
#include "kernel/task_set.h"

/* Processes of a namespace that are named. */
#define NAMED 5

/* A process and its namespace. */
struct member {
	uint64_t net;
	int32_t pid;
	char comm[16];
};

struct members {
	struct member *list;
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->net != y->net)
		return x->net < y->net ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* All processes that are in a namespace still: one that has exited isn't, nor one that can't be read. */
static void find_members(struct vr_program *prog, struct members *m)
{
	const struct vr_task_set *set = vr_tasks(prog);

	m->list = calloc(set->count + 1, sizeof(*m->list));
	for (size_t i = 0; m->list && i < set->count; i++) {
		struct vr_obj task = vr_task_set_at(set, i);
		struct member *one = &m->list[m->count];
		struct vr_scope scope;
		uint64_t proxy = 0;

		vr_scope_enter(prog, &scope);
		one->pid = (int32_t)vr_s64(task, "pid");
		if (one->pid == (int32_t)vr_s64(task, "tgid"))
			proxy = vr_u64(task, "nsproxy");
		if (proxy) {
			one->net = vr_u64(task, "nsproxy->net_ns");
			vr_task_comm(task, one->comm);
		}
		if (vr_scope_leave(prog, &scope) == VR_OK && proxy)
			m->count++;
	}
	if (m->count)
		qsort(m->list, m->count, sizeof(*m->list), compare);
}

/* Those of one namespace: the first, *count of them. */
static const struct member *members_of(const struct members *m, uint64_t net, size_t *count)
{
	size_t low = 0, high = m->count, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->list[mid].net < net)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < m->count && m->list[end].net == net;)
		end++;
	*count = end - low;
	return &m->list[low];
}

static void put_text(struct vr_file *f, const struct vr_net_walk *w, const struct member *first,
		     size_t count)
{
	char folder[VR_NET_FOLDER_SIZE], text[VR_PRINTABLE_SIZE(VR_NET_NAME_SIZE)];
	struct vr_netdev_walk d = vr_netdevs_begin(w->net);

	vr_printf(f, "%s\n", vr_net_folder(w, folder));
	vr_printf(f, "\tnumber     net:[%" PRIu64 "]\n", w->inum);
	if (w->name)
		vr_printf(f, "\tname       %s\n", vr_printable(w->name, text, sizeof(text)));
	vr_printf(f, "\tprocesses  %zu%s", count, count ? ":" : "");
	for (size_t i = 0; i < count && i < NAMED; i++)
		vr_printf(f, " %d (%s)", first[i].pid,
			  vr_printable(first[i].comm, text, sizeof(text)));
	vr_printf(f, "%s\n\tdevices   ", count > NAMED ? " ..." : "");
	while (vr_netdev_next(&d)) {
		char name[VR_NETDEV_NAME];

		vr_printf(f, " %d:%s", vr_netdev_index(d.dev),
			  vr_printable(vr_netdev_name(d.dev, name), text, sizeof(text)));
	}
	vr_puts(f, "\n\n");
}

static void put_json(struct vr_json *list, const struct vr_net_walk *w, const struct member *first,
		     size_t count)
{
	struct vr_json *o = vr_json_add_object(list, NULL), *part;
	struct vr_netdev_walk d = vr_netdevs_begin(w->net);
	char folder[VR_NET_FOLDER_SIZE];

	vr_json_set_string(o, "folder", vr_net_folder(w, folder));
	vr_json_set_uint(o, "inum", w->inum);
	vr_json_set_addr(o, "address", w->net.addr);
	vr_json_set_bool(o, "initial", w->initial);
	if (w->name)
		vr_json_set_string(o, "name", w->name);
	else
		vr_json_set_null(o, "name");
	vr_json_set_uint(o, "process_count", count);
	part = vr_json_add_array(o, "processes");
	for (size_t i = 0; i < count && i < NAMED; i++) {
		struct vr_json *p = vr_json_add_object(part, NULL);

		vr_json_set_int(p, "pid", first[i].pid);
		vr_json_set_string(p, "comm", first[i].comm);
	}
	part = vr_json_add_array(o, "devices");
	while (vr_netdev_next(&d)) {
		struct vr_json *p = vr_json_add_object(part, NULL);
		char name[VR_NETDEV_NAME];

		vr_json_set_int(p, "ifindex", vr_netdev_index(d.dev));
		vr_json_set_string(p, "name", vr_netdev_name(d.dev, name));
	}
}

static void text_file(struct vr_run *run, struct vr_program *prog, const struct members *m)
{
	struct vr_file *f = vr_file_new(run, "network_namespaces.txt");
	struct vr_net_walk w;

	vr_file_source(f, "net_namespace_list, nsfs mounts");
	vr_nets_begin(prog, &w);
	while (vr_nets_next(&w)) {
		size_t count;
		const struct member *first = members_of(m, w.net.addr, &count);

		vr_row_begin(f);
		put_text(f, &w, first, count);
		vr_row_end(f);
	}
	vr_nets_end(&w);
	vr_file_end(f);
}

static void json_file(struct vr_run *run, struct vr_program *prog, const struct members *m)
{
	struct vr_file *f = vr_file_new(run, "network_namespaces.json");
	struct vr_json *root = vr_json_object(), *list = vr_json_add_array(root, "namespaces");
	struct vr_net_walk w;

	vr_file_source(f, "net_namespace_list, nsfs mounts");
	vr_nets_begin(prog, &w);
	while (vr_nets_next(&w)) {
		size_t count;
		const struct member *first = members_of(m, w.net.addr, &count);
		struct vr_scope scope;

		vr_scope_enter(prog, &scope);
		put_json(list, &w, first, count);
		if (vr_scope_leave(prog, &scope) != VR_OK || scope.cuts)
			vr_cut(prog, scope.error.kind ? scope.error.kind : scope.cut.kind,
			       "net:[%" PRIu64 "]: %s", w.inum,
			       scope.error.kind ? scope.error.text : scope.cut.text);
	}
	vr_nets_end(&w);
	vr_print_json(f, root);
	vr_file_end(f);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct members m = {0};

	find_members(prog, &m);
	text_file(run, prog, &m);
	json_file(run, prog, &m);
	free(m.list);
}

static const char *const needs[] = {"symbol:net_namespace_list", NULL};

VR_PLUGIN(.description = "network namespaces: their folders, names, processes and devices",
	  .needs = needs, .collect = collect)
