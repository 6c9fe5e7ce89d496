/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's working population: processes, threads, files and sockets in as
 * many states as can be had. Each role is a daemon, started by its name.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Notes in roles.tsv what the calling thread is, and the state that it will
 * be seen in ('S' sleeping, 'D' uninterruptible, ...).
 */
void note_role(const char *name, char state);
/* The same for another task. */
void note_role_of(pid_t tgid, pid_t tid, const char *name, char state);

/* Complains on the console if a call failed (went below 0); returns its result. */
long check(long result, const char *what);

/* Forks; the child is named, calls the function, then sleeps for ever. */
pid_t spawn(const char *name, void (*function)(void));

/* Tells whoever started this daemon that it is set up. */
void settled(void);
/* settled(), then sleeps for ever. */
__attribute__((noreturn)) void settle(void);

/* The roles, by file. */
void role_names(void);
void role_sched(void);
void role_states(void);
void role_threads(void);
void role_crowd(void);
void role_timers(void);
void role_user(void);
void role_spinner(void);
void role_heartbeat(void);
void role_pause(void);

void role_files(void);
void role_locks(void);
void role_memory(void);
void role_ipc(void);
void role_uring(void);
void role_frozen_writer(void);
void role_suspended_reader(void);

void role_tcp(void);
void role_udp(void);
void role_unix(void);
void role_packet(void);
void role_apart(void);

void role_fexit(void);

void role_autofs(void);
void role_fuse(void);
void role_fuseblk(void);

#endif
