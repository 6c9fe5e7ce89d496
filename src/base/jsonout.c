// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/jsonout.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define MICRO 1000000

/* The code point of a valid sequence of len bytes. */
static uint32_t decode(const char *text, size_t len)
{
	static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t value = (unsigned char)text[0] & lead_bits[len];

	for (size_t i = 1; i < len; i++)
		value = value << 6 | ((unsigned char)text[i] & 0x3f);
	return value;
}

static void put_character(struct vr_strbuf *text, uint32_t c)
{
	static const char named[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
	const char *found = c && c < 0x80 ? strchr(named, (int)c) : NULL;

	if (found) {
		vr_strbuf_putc(text, '\\');
		vr_strbuf_putc(text, names[found - named]);
	} else if (c >= ' ' && c <= '~') {
		vr_strbuf_putc(text, (char)c);
	} else if (c < 0x10000) {
		vr_strbuf_printf(text, "\\u%04X", c);
	} else {
		vr_strbuf_printf(text, "\\u%04X\\u%04X", 0xd800 + ((c - 0x10000) >> 10),
				 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
}

void vr_json_quote(struct vr_strbuf *text, const char *value)
{
	size_t left = strlen(value);

	vr_strbuf_putc(text, '"');
	while (left) {
		size_t plain = 0, len;

		/* Nearly all of it needs no look at all. */
		while (plain < left && value[plain] >= ' ' && value[plain] <= '~' &&
		       value[plain] != '"' && value[plain] != '\\')
			plain++;
		vr_strbuf_add(text, value, plain);
		value += plain;
		left -= plain;
		if (!left)
			break;
		len = vr_utf8_length(value, left);
		if (len)
			put_character(text, decode(value, len));
		else
			vr_strbuf_printf(text, "\\\\x%02x", (unsigned char)*value);
		len += !len;
		value += len;
		left -= len;
	}
	vr_strbuf_putc(text, '"');
}

static bool is_flat(const struct vr_json_out *out)
{
	return out->flat && out->depth >= out->flat;
}

static void break_line(struct vr_json_out *out)
{
	if (!is_flat(out))
		vr_strbuf_printf(out->text, "\n%*s", (int)(out->indent * out->depth), "");
}

/* What stands before a value: comma, line break, key. */
static void put_key(struct vr_json_out *out, const char *key)
{
	if (out->depth) {
		if (out->levels[out->depth - 1].filled)
			vr_strbuf_puts(out->text, is_flat(out) ? ", " : ",");
		out->levels[out->depth - 1].filled = true;
		break_line(out);
		if (!out->levels[out->depth - 1].array) {
			vr_json_quote(out->text, key ? key : "");
			vr_strbuf_puts(out->text, ": ");
		}
	}
}

static void open_container(struct vr_json_out *out, const char *key, bool array, bool flat)
{
	put_key(out, key);
	if (out->depth == VR_JSON_OUT_DEPTH) {
		out->text->failed = true;
		return;
	}
	vr_strbuf_putc(out->text, array ? '[' : '{');
	out->levels[out->depth].array = array;
	out->levels[out->depth].filled = false;
	out->depth++;
	if (flat && !out->flat)
		out->flat = out->depth;
}

void vr_json_out_object(struct vr_json_out *out, const char *key)
{
	open_container(out, key, false, false);
}

void vr_json_out_array(struct vr_json_out *out, const char *key)
{
	open_container(out, key, true, false);
}

void vr_json_out_flat_object(struct vr_json_out *out, const char *key)
{
	open_container(out, key, false, true);
}

void vr_json_out_flat_array(struct vr_json_out *out, const char *key)
{
	open_container(out, key, true, true);
}

void vr_json_out_end(struct vr_json_out *out)
{
	bool flat = is_flat(out), array, filled;

	if (!out->depth)
		return;
	if (out->flat == out->depth)
		out->flat = 0;
	out->depth--;
	array = out->levels[out->depth].array;
	filled = out->levels[out->depth].filled;
	if (filled && !flat)
		break_line(out);
	vr_strbuf_putc(out->text, array ? ']' : '}');
	if (!out->depth)
		vr_strbuf_putc(out->text, '\n');
}

void vr_json_out_string(struct vr_json_out *out, const char *key, const char *value)
{
	put_key(out, key);
	if (value)
		vr_json_quote(out->text, value);
	else
		vr_strbuf_puts(out->text, "null");
}

void vr_json_out_uint(struct vr_json_out *out, const char *key, uint64_t value)
{
	put_key(out, key);
	vr_strbuf_printf(out->text, value > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
}

void vr_json_out_int(struct vr_json_out *out, const char *key, int64_t value)
{
	put_key(out, key);
	vr_strbuf_printf(out->text, "%" PRId64, value);
}

void vr_json_out_real(struct vr_json_out *out, const char *key, double value)
{
	uint64_t whole, part;

	put_key(out, key);
	if (!isfinite(value) || fabs(value) > 1e12) {
		vr_strbuf_puts(out->text, "null");
		return;
	}
	/* By hand: printf() would take the decimal point of the locale. */
	whole = (uint64_t)(fabs(value) * MICRO + 0.5);
	part = whole % MICRO;
	vr_strbuf_printf(out->text, "%s%" PRIu64 ".%06" PRIu64, value < 0 && whole ? "-" : "",
			 whole / MICRO, part);
	/* 0.250000 as 0.25, but 1.0 remains a real. */
	while (part && part % 10 == 0 && !out->text->failed) {
		vr_strbuf_truncate(out->text, out->text->len - 1);
		part /= 10;
	}
	if (!part && !out->text->failed)
		vr_strbuf_truncate(out->text, out->text->len - 5);
}

void vr_json_out_bool(struct vr_json_out *out, const char *key, bool value)
{
	put_key(out, key);
	vr_strbuf_puts(out->text, value ? "true" : "false");
}
