/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all of the supervisor's children do first, and how they are waited for. */
#ifndef COLLECT_CHILD_H
#define COLLECT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Sanitizers need calls, memory and a stderr that the sandbox would take from them. */
#if defined(__SANITIZE_ADDRESS__)
#define VR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define VR_SANITIZED 1
#endif
#endif
#ifndef VR_SANITIZED
#define VR_SANITIZED 0
#endif

/** Text of a slot: what its process is doing. */
#define VR_ACTION_SIZE 300
/** Slots lie on pages of their own, so that a worker can give up those of the others. */
#define VR_SLOT_SIZE ((size_t)4096)

/**
 * Memory that a child shares with the supervisor, who reads it when the child has died. Written by
 * a process that may be hostile: read it once, through vr_slot_read().
 */
struct vr_slot {
	char action[VR_ACTION_SIZE];
	int32_t refused; /* number of the system call that the sandbox refused, plus one; 0: none */
	uint32_t arch;   /* its AUDIT_ARCH */
	uint32_t aborting; /* refused was abort()'s way to raise SIGABRT */
	uint32_t unit;     /* of its work, that a worker is at; 0: none */
	uint32_t units;    /* how many there will be; 0: nobody knows */
};

/** count slots in one mapping: the zygotes', then the workers'. */
struct vr_slots {
	uint8_t *base;
	size_t count;
};

bool vr_slots_map(struct vr_slots *slots, size_t count);
void vr_slots_unmap(struct vr_slots *slots);
static inline struct vr_slot *vr_slot_at(const struct vr_slots *slots, size_t i)
{
	return (struct vr_slot *)(void *)(slots->base + i * VR_SLOT_SIZE);
}
/** Give up all slots but keep (in a worker). */
void vr_slots_drop_others(const struct vr_slots *slots, size_t keep);
/** Say what the process does now. Cheap: no system call. */
void vr_slot_action(struct vr_slot *slot, const char *text);
/** A copy, NUL-terminated, with control characters made '?'. */
void vr_slot_read(const struct vr_slot *slot, struct vr_slot *copy);

/**
 * In a child after fork(): signals to their defaults (SIGINT, SIGQUIT, SIGHUP and SIGPIPE ignored:
 * the supervisor decides), the mask empty, standard streams to /dev/null (stderr is kept for
 * diagnostics where keep_stderr), fds[0..count) moved to 3, 4, ... and updated, all other
 * descriptors closed. False: it can't be done.
 */
bool vr_child_begin(int *fds, size_t count, bool keep_stderr);
/** Die with the parent, which must be the process parent (else false: it is gone already). */
bool vr_child_die_with(pid_t parent);
/** Leave without running the parent's exit handlers (but with them where a sanitizer needs that).
 */
_Noreturn void vr_child_exit(int status);
/** waitpid() for at most ms milliseconds, then SIGKILL and waitpid(). The wait status. */
int vr_child_reap(pid_t pid, unsigned ms);

/** "was killed by SIGSEGV", "exited with status 3": into buf; returns buf. */
char *vr_wait_text(int wait_status, char *buf, size_t size);
/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t vr_now_ns(void);

#endif
