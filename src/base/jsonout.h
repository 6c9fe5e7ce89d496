/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON text as it goes, for what would be too much as a tree of values (vmcore-report/json.h): nothing
 * is kept but the text. Strings follow the rule of json.h; the text is ASCII.
 */
#ifndef BASE_JSONOUT_H
#define BASE_JSONOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

#define VR_JSON_OUT_DEPTH 16

/**
 * Initialise with the text that is appended to, which tells at the end whether memory ran out, and
 * the spaces of indentation. Containers opened deeper than VR_JSON_OUT_DEPTH fail the text.
 */
struct vr_json_out {
	struct vr_strbuf *text;
	unsigned indent;
	unsigned depth;
	unsigned flat; /* the depth from which on all is in one line; 0: none */
	struct {
		bool array;
		bool filled;
	} levels[VR_JSON_OUT_DEPTH];
};

/* Values: key is NULL in an array and for the outermost one. */
void vr_json_out_object(struct vr_json_out *out, const char *key);
void vr_json_out_array(struct vr_json_out *out, const char *key);
/** The same in one line, with all that is in it. */
void vr_json_out_flat_object(struct vr_json_out *out, const char *key);
void vr_json_out_flat_array(struct vr_json_out *out, const char *key);
/** End the innermost container. */
void vr_json_out_end(struct vr_json_out *out);
/** NULL is written as null. */
void vr_json_out_string(struct vr_json_out *out, const char *key, const char *value);
/** Values beyond INT64_MAX are written as decimal strings, as json.h has them. */
void vr_json_out_uint(struct vr_json_out *out, const char *key, uint64_t value);
void vr_json_out_int(struct vr_json_out *out, const char *key, int64_t value);
/** Rounded to microunits; infinities, NaN and what is beyond 1e12 are null. */
void vr_json_out_real(struct vr_json_out *out, const char *key, double value);
void vr_json_out_bool(struct vr_json_out *out, const char *key, bool value);

/** A string in its quotes. */
void vr_json_quote(struct vr_strbuf *text, const char *value);

#endif
