// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library is loaded when a server is to be asked: it brings curl and half a dozen more, whose
 * start-up alone costs more than a report. Its interface (elfutils/debuginfod.h) is stable.
 */
#include "collect/debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#define LIBRARY "libdebuginfod.so.1"

/* The library's own, opaque. */
typedef struct debuginfod_client debuginfod_client;

struct vr_debuginfod {
	debuginfod_client *client;
	vr_debuginfod_progress progress;
	void *arg;
	int (*find)(debuginfod_client *client, const unsigned char *id, int len, char **path);
	void (*end)(debuginfod_client *client);
};

bool vr_debuginfod_is_set(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls;
}

static int on_progress(debuginfod_client *client, long done, long total)
{
	/* The library has been loaded for all to see. */
	void *(*get_user_data)(debuginfod_client *) =
		(void *(*)(debuginfod_client *))dlsym(RTLD_DEFAULT, "debuginfod_get_user_data");
	struct vr_debuginfod *d = get_user_data ? get_user_data(client) : NULL;

	return d &&
	       !d->progress(d->arg, done > 0 ? (uint64_t)done : 0, total > 0 ? (uint64_t)total : 0);
}

/* The functions by their names; false: one is missing. */
static bool bind(struct vr_debuginfod *d, void *library)
{
	debuginfod_client *(*begin)(void) =
		(debuginfod_client * (*)(void)) dlsym(library, "debuginfod_begin");
	void (*set_user_data)(debuginfod_client *, void *) =
		(void (*)(debuginfod_client *, void *))dlsym(library, "debuginfod_set_user_data");
	void (*set_progress)(debuginfod_client *, int (*)(debuginfod_client *, long, long)) =
		(void (*)(debuginfod_client *, int (*)(debuginfod_client *, long, long)))dlsym(
			library, "debuginfod_set_progressfn");

	d->find = (int (*)(debuginfod_client *, const unsigned char *, int, char **))dlsym(
		library, "debuginfod_find_debuginfo");
	d->end = (void (*)(debuginfod_client *))dlsym(library, "debuginfod_end");
	if (!begin || !set_user_data || !set_progress || !d->find || !d->end)
		return false;
	d->client = begin();
	if (!d->client)
		return false;
	set_user_data(d->client, d);
	set_progress(d->client, on_progress);
	return true;
}

struct vr_debuginfod *vr_debuginfod_new(vr_debuginfod_progress progress, void *arg,
					const char **why)
{
	/* Never unloaded: it leaves threads' data behind. */
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_GLOBAL);
	struct vr_debuginfod *d = library ? calloc(1, sizeof(*d)) : NULL;

	*why = library ? "out of memory" : LIBRARY " is not installed";
	if (!d)
		return NULL;
	d->progress = progress;
	d->arg = arg;
	if (bind(d, library))
		return d;
	*why = LIBRARY " is not as it should be";
	free(d);
	return NULL;
}

void vr_debuginfod_free(struct vr_debuginfod *d)
{
	if (d)
		d->end(d->client);
	free(d);
}

int vr_debuginfod_find(struct vr_debuginfod *d, const struct vr_build_id *id, char **path)
{
	*path = NULL;
	return d->find(d->client, id->bytes, (int)id->len, path);
}
