/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Emitters: small functions that own a path of the archive outside of plugins/. One file of
 * emitters/{proc,sys,commands}/ per path or small family; adding the file is all it takes.
 *
 *	static void emit(struct vr_file *f, const struct vr_key *key) { ... }
 *	VR_EMITTER(.path = "proc/{pid}/stack", .source = "ORC", .emit = emit)
 *
 * A path may have keys in braces: the emitter then runs once for each process, thread, ... of the
 * dump:
 *
 *	{pid}		each process (thread group), by the id of its leader
 *	{pid} {tid}	each thread of each process, its leader included
 *	{irq}		each interrupt that has a descriptor, by its number
 *	{net}/...	each network namespace: below proc/net for the initial one, below
 *			sos_commands/networking/namespaces/<id> for the others, <id> being the
 *			namespace's name, or its number where it has none; only files that the
 *			kernel had registered there
 *	{net}/.../{dev}	each network device of each of them, by its name; likewise
 *
 * Where the files' names are themselves in the dump the emitter owns a folder, and walks it:
 *
 *	static void walk(struct vr_folder *folder, const struct vr_key *key) { ... }
 *	VR_EMITTER(.path = "proc/sys/", .walk = walk)
 */
#ifndef PLUGIN_EMITTER_H
#define PLUGIN_EMITTER_H

#include <vmcore-report/plugin.h>

#include "plugin/copies.h"

/**
 * What an emitter is run for. obj is the process's or thread's task_struct, the interrupt's irq_desc,
 * the namespace's struct net (no object: no key).
 */
struct vr_key {
	struct vr_run
		*run; /* of the plugin that runs the emitters, whose options they may ask for */
	struct vr_program *prog;
	struct vr_obj obj;
	int64_t pid, tid, irq; /* 0 where the path has no such key */
	const char *folder;    /* what {net} stands for; NULL likewise */
	const char *
		dev_name; /* what {dev} stands for, and the device, a struct net_device; likewise */
	struct vr_obj dev;
};

/** The files of an emitter that owns a folder. */
struct vr_folder;

/** An emitter's descriptor: const, with static lifetime. Use VR_EMITTER() to define it. */
struct vr_emitter {
	const char *path;
	const char *source; /* for the manifest: symbols, structures */
	/**
	 * Is there such a file at all for this key? NULL: yes. Where it says no the path is not in
	 * the archive and nothing is recorded, as the kernel would have had no such file either.
	 */
	bool (*exists)(const struct vr_key *key);
	/**
	 * What the contents depend on, where many files have the same ones, as an id: those with the
	 * same id are made once. false: they are this file's alone. It reads with vr_try_*().
	 */
	bool (*same)(const struct vr_key *key, uint64_t id[VR_COPY_IDS]);
	/** Write the file's contents; required reads latch in the file's scope. */
	void (*emit)(struct vr_file *f, const struct vr_key *key);
	/**
	 * In place of emit, where path is a folder's and ends with a slash: find the folder's files
	 * and call vr_folder_file() for each. What latches outside of them, and walks that are cut
	 * short, are recorded with the folder's path as the reason for which there may be more.
	 */
	void (*walk)(struct vr_folder *folder, const struct vr_key *key);
};

#define VR_EMITTER_JOIN_(a, b) a##b
#define VR_EMITTER_NAME_(a, b) VR_EMITTER_JOIN_(a, b)
/** Define an emitter; a file may have several. */
#define VR_EMITTER(...)                                                                            \
	static const struct vr_emitter VR_EMITTER_NAME_(vr_emitter_, __LINE__) = {__VA_ARGS__};    \
	__attribute__((used, section("vr_emitters"))) static const struct vr_emitter               \
		*const VR_EMITTER_NAME_(vr_emitter_entry_, __LINE__) =                             \
			&VR_EMITTER_NAME_(vr_emitter_, __LINE__);

/**
 * Write one file of a folder, in a unit and a scope of its own: path below the emitter's folder, which
 * may be whatever the dump says (a path that can't be one is recorded as such), source for the
 * manifest, emit() for the contents.
 */
void vr_folder_file(struct vr_folder *folder, const char *path, const char *source,
		    void (*emit)(struct vr_file *f, const void *arg), const void *arg);

/**
 * Run all emitters whose path begins with prefix ("proc/", "sos_commands/"), each into its file;
 * those of network namespaces where they belong there.
 */
void vr_emit_all(struct vr_run *run, struct vr_program *prog, const char *prefix);

#endif
