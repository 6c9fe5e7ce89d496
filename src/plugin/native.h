/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins from shared objects. What plugin.h promises of the contract is decided here.
 *
 * A file is tried in a process of its own first: one that crashes, hangs or ends the process while
 * it is loaded, starts threads, or has no proper descriptor, costs nothing but its own name. What
 * passed is loaded by the caller's process as well, for the workers that it forks later.
 */
#ifndef PLUGIN_NATIVE_H
#define PLUGIN_NATIVE_H

#include "plugin/plugins.h"

/** What descriptors are held against. */
struct vr_native_abi {
	uint32_t api;      /* VR_PLUGIN_API */
	size_t size_min;   /* of a descriptor, in API x.0 */
	size_t size_known; /* sizeof(struct vr_plugin) at most */
	size_t host_size;  /* sizeof(struct vr_host) */
};

/** This program's. */
extern const struct vr_native_abi vr_native_abi_now;

/**
 * Is it a descriptor that we can serve? available is the number of bytes that are there. On VR_OK
 * *plugin is what we know of it, the rest zero. VR_UNSUPPORTED: made for another version, the text
 * says for which; VR_CORRUPT: nonsense.
 */
enum vr_err vr_native_check(const void *descriptor, size_t available,
			    const struct vr_native_abi *abi, struct vr_plugin *plugin,
			    struct vr_error *err);

/**
 * Search a folder: its *.so become entries or failures, its *.py (but for __init__.py and names
 * that begin with '_' or '.') python_files, both in the order of their names. A folder that can't
 * be read is a failure too, unless optional and simply not there. VR_NOMEM is the only error.
 */
enum vr_err vr_native_search(struct vr_plugins *plugins, const char *folder, unsigned rank,
			     bool optional, struct vr_error *err);

/** Load one shared object. VR_NOMEM; all else becomes a failure. */
enum vr_err vr_native_load(struct vr_plugins *plugins, const char *path, unsigned rank,
			   struct vr_error *err);

#endif
