/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON values to be written. Numbers, strings and booleans are set by key on an object or appended
 * (key NULL) to an array. Keys keep the order in which they were set; a key set again keeps its
 * place.
 *
 * Strings of a dump need not be UTF-8: each byte that isn't part of a valid UTF-8 sequence is
 * written as the four characters \xHH. Addresses are strings of the form "0xffff888000000000",
 * since JSON readers lose the low bits of large numbers.
 */
/* Elsewhere than in the program itself all headers come together (host.h says why). */
#ifndef VR_BUILTIN
#include <vmcore-report/plugin.h>
#endif

#ifndef VMCORE_REPORT_JSON_H
#define VMCORE_REPORT_JSON_H

#include <vmcore-report/error.h>

struct vr_json;

/** A new empty object or array. Released by vr_json_free(), or with what it was put into (for such
 * a part vr_json_free() does nothing). NULL: out of memory. */
VR_API struct vr_json *vr_json_object(void);
VR_API struct vr_json *vr_json_array(void);
VR_API void vr_json_free(struct vr_json *json);

/* All setters accept NULL as json (then nothing happens), so that a failed allocation needs no
 * check. */
VR_API void vr_json_set_string(struct vr_json *json, const char *key, const char *value);
/** A string of len bytes that needs no NUL. */
VR_API void vr_json_set_bytes(struct vr_json *json, const char *key, const char *value, size_t len);
VR_API void vr_json_set_int(struct vr_json *json, const char *key, int64_t value);
/** Values beyond INT64_MAX are written as decimal strings. */
VR_API void vr_json_set_uint(struct vr_json *json, const char *key, uint64_t value);
/** 15 significant digits; infinities and NaN, which JSON can't say, are written as null. */
VR_API void vr_json_set_real(struct vr_json *json, const char *key, double value);
VR_API void vr_json_set_bool(struct vr_json *json, const char *key, bool value);
VR_API void vr_json_set_null(struct vr_json *json, const char *key);
/** An address, as "0x%016x". */
VR_API void vr_json_set_addr(struct vr_json *json, const char *key, uint64_t addr);
/** A new object or array put into json, which owns it. NULL: out of memory, or nested deeper than
 * 200. */
VR_API struct vr_json *vr_json_add_object(struct vr_json *json, const char *key);
VR_API struct vr_json *vr_json_add_array(struct vr_json *json, const char *key);

/**
 * The text: ASCII (the rest as \uXXXX), indented by that many spaces (31 at most; 0: one line),
 * with a newline at the end; free() it. NULL: out of memory now or when something was set, or
 * nested too deep, since a text with holes would lie.
 */
VR_API char *vr_json_text(const struct vr_json *json, int indent);

#endif
