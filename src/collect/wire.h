/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes say to each other, as bytes. Both ends are one program on one machine, so
 * numbers are in its byte order; but what was sent may have been forged, so every decoder checks
 * everything: bounds, enum values, strings that must end and must have no NUL within.
 */
#ifndef COLLECT_WIRE_H
#define COLLECT_WIRE_H

#include "base/log.h"
#include "base/strbuf.h"
#include "collect/opener.h"
#include "plugin/run.h"

/** Frame and datagram types. */
enum vr_wire_type {
	/* worker to supervisor, frames */
	VR_WIRE_FILE = 1, /* struct vr_file_record, then the file's bytes */
	VR_WIRE_MESSAGE,  /* enum vr_message_kind, text */
	VR_WIRE_DONE,     /* struct vr_wire_done */
	/* zygote to supervisor, datagrams */
	VR_WIRE_LOG = 16, /* enum vr_log_level, text */
	VR_WIRE_FACTS,    /* struct vr_dump_facts */
	VR_WIRE_FAILED,   /* struct vr_error: the dump can't be opened */
	VR_WIRE_EXITED,   /* plugin, wait status */
	VR_WIRE_NOTICE,   /* as VR_WIRE_LOG, for the user */
	/* supervisor to archiver, frames */
	VR_WIRE_OPEN = 32, /* mtime, name */
	VR_WIRE_MEMBER,    /* path, then the file's bytes */
	VR_WIRE_LINK,      /* path, target */
	VR_WIRE_FINISH,
	/* archiver to supervisor, frames */
	VR_WIRE_RESULT = 48, /* struct vr_archive_result */
	VR_WIRE_ERROR,       /* struct vr_error */
};

/** Supervisor to zygote: one datagram each; VR_COMMAND_RUN carries the worker's stream. */
struct vr_command {
	enum { VR_COMMAND_RUN = 1, VR_COMMAND_KILL } what;
	uint32_t plugin; /* index into struct vr_plugins */
	uint32_t slot;   /* of struct vr_slots; RUN only */
	uint32_t unit;   /* RUN only: the first unit of work to do (struct vr_sink) */
};

/** In VR_WIRE_EXITED, instead of a wait status: there was no process to be had. */
#define VR_EXIT_NOT_STARTED 0xffff

/** The end of a worker's run. */
struct vr_wire_done {
	struct vr_run_result result;
	struct vr_image_counts counts; /* pages that this worker asked for */
};

/** A body being taken apart. After the last field bad tells whether anything was wrong. */
struct vr_wire {
	const uint8_t *p;
	size_t left;
	bool bad;
};

/* Append a field. Strings go with their length and a NUL. */
void vr_wire_put_u32(struct vr_strbuf *out, uint32_t value);
void vr_wire_put_u64(struct vr_strbuf *out, uint64_t value);
void vr_wire_put_string(struct vr_strbuf *out, const char *text);
void vr_wire_put_error(struct vr_strbuf *out, const struct vr_error *err);
/** A file's record; its bytes are to follow. */
void vr_wire_put_record(struct vr_strbuf *out, const struct vr_file_record *record);
void vr_wire_put_done(struct vr_strbuf *out, const struct vr_wire_done *done);
void vr_wire_put_facts(struct vr_strbuf *out, const struct vr_dump_facts *facts);

/* Take a field; 0 or "" and wire->bad where there is none. Strings point into the body. */
uint32_t vr_wire_u32(struct vr_wire *wire);
uint64_t vr_wire_u64(struct vr_wire *wire);
const char *vr_wire_string(struct vr_wire *wire);
/** A number that must be below limit. */
uint32_t vr_wire_enum(struct vr_wire *wire, uint32_t limit);
void vr_wire_error(struct vr_wire *wire, struct vr_error *err);
/** Takes the record; the rest of wire is the file's bytes. Strings point into the body. */
void vr_wire_record(struct vr_wire *wire, struct vr_file_record *record);
void vr_wire_done(struct vr_wire *wire, struct vr_wire_done *done);
void vr_wire_facts(struct vr_wire *wire, struct vr_dump_facts *facts);

#endif
