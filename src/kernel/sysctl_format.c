// SPDX-License-Identifier: GPL-2.0-or-later
/* The handlers of kernel/sysctl.c, each for all tables that have nothing of their own to do. */
#include "kernel/sysctl_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "kernel/globals.h"
#include "kernel/ticks.h"
#include "object/program.h"

/* The largest that the kernel's own tables say: the ports, as a bitmap, have 65536. */
#define MAX_MAXLEN (1 << 20)

bool vr_sysctl_read(const struct vr_sysctl *s, uint64_t addr, void *buf, size_t len)
{
	struct vr_error err;

	if (vr_failed(s->prog))
		return false;
	if (vr_read(s->prog, addr, buf, len, &err) == VR_OK)
		return true;
	vr_latch_error(s->prog, &err);
	return false;
}

size_t vr_sysctl_elements(const struct vr_sysctl *s, size_t size)
{
	if (s->maxlen < 0 || s->maxlen > MAX_MAXLEN) {
		vr_latch(s->prog, VR_CORRUPT, "a maxlen of %" PRId32, s->maxlen);
		return 0;
	}
	return (size_t)s->maxlen / size;
}

int64_t vr_sysctl_global(const struct vr_sysctl *s, const char *symbol)
{
	return vr_s64(vr_kernel_global(s->prog, symbol), "");
}

void vr_sysctl_put(struct vr_strbuf *out, int64_t value)
{
	vr_strbuf_printf(out, "%" PRId64 "\n", value);
}

/* ---- Numbers ---- */

/* What is shown of a number's magnitude, in the unit of its file. */
typedef uint64_t (*convert_fn)(uint64_t value, unsigned hz);

static uint64_t to_seconds(uint64_t jiffies, unsigned hz)
{
	return jiffies / hz;
}

/* jiffies_to_clock_t() */
static uint64_t to_user_ticks(uint64_t jiffies, unsigned hz)
{
	const uint64_t tick = 1000000000u / VR_USER_HZ, length = (1000000000u + hz / 2) / hz;

	return jiffies * length / tick;
}

/* jiffies_to_msecs() */
static uint64_t to_ms(uint64_t jiffies, unsigned hz)
{
	return (uint32_t)vr_jiffies_to_ms(jiffies, hz);
}

/* do_proc_dointvec() */
static void put_ints(const struct vr_sysctl *s, convert_fn convert, struct vr_strbuf *out)
{
	size_t count = s->data ? vr_sysctl_elements(s, sizeof(int32_t)) : 0;
	unsigned hz = convert ? vr_hz(s->prog) : 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t magnitude;
		int32_t value;

		if (!vr_sysctl_read(s, s->data + i * sizeof(value), &value, sizeof(value)))
			return;
		magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
		vr_strbuf_printf(out, "%s%s%" PRIu64, i ? "\t" : "", value < 0 ? "-" : "",
				 convert ? convert(magnitude, hz) : magnitude);
	}
	if (count)
		vr_strbuf_putc(out, '\n');
}

void vr_sysctl_ints(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_ints(s, NULL, out);
}

void vr_sysctl_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_ints(s, to_seconds, out);
}

void vr_sysctl_userhz_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_ints(s, to_user_ticks, out);
}

void vr_sysctl_ms_jiffies(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_ints(s, to_ms, out);
}

/* Those that take no vectors: the kernel refuses a table that says otherwise. */
static bool is_one(const struct vr_sysctl *s, int32_t size)
{
	if (s->maxlen == size)
		return true;
	vr_latch(s->prog, VR_CORRUPT, "a maxlen of %" PRId32 " for %" PRId32 " bytes", s->maxlen,
		 size);
	return false;
}

void vr_sysctl_uint(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint32_t value;

	if (s->data && s->maxlen && is_one(s, sizeof(value)) &&
	    vr_sysctl_read(s, s->data, &value, sizeof(value)))
		vr_sysctl_put(out, value);
}

void vr_sysctl_u8(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint8_t value;

	if (is_one(s, sizeof(value)) && vr_sysctl_read(s, s->data, &value, sizeof(value)))
		vr_sysctl_put(out, value);
}

/* Until 6.5 (commit f1aa2eb5ea05) maxlen was that of as many integers: none, of a lone byte. */
void vr_sysctl_bool(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	size_t count = vr_sysctl_elements(s, sizeof(int32_t));

	if (!vr_has_symbol(s->prog, "do_proc_dobool_conv")) {
		vr_sysctl_u8(s, out);
		return;
	}
	for (size_t i = 0; i < count && s->data; i++) {
		uint8_t value;

		if (!vr_sysctl_read(s, s->data + i * sizeof(int32_t), &value, sizeof(value)))
			return;
		vr_strbuf_printf(out, "%s%u", i ? "\t" : "", value);
	}
	if (count && s->data)
		vr_strbuf_putc(out, '\n');
}

/* __do_proc_doulongvec_minmax(): each times mul, by div. */
static void put_ulongs(const struct vr_sysctl *s, uint64_t mul, uint64_t div, struct vr_strbuf *out)
{
	size_t count = s->data ? vr_sysctl_elements(s, sizeof(uint64_t)) : 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t value;

		if (!vr_sysctl_read(s, s->data + i * sizeof(value), &value, sizeof(value)))
			return;
		vr_strbuf_printf(out, "%s%" PRIu64, i ? "\t" : "", mul * value / div);
	}
	if (count)
		vr_strbuf_putc(out, '\n');
}

void vr_sysctl_ulongs(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_ulongs(s, 1, 1, out);
}

void vr_sysctl_ms_jiffies_ulongs(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	unsigned hz = vr_hz(s->prog);

	if (hz)
		put_ulongs(s, 1000, hz, out);
}

void vr_sysctl_static_key(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj key = vr_at(s->prog, "struct static_key", s->data);

	vr_sysctl_put(out, vr_s64(key, "enabled.counter") > 0);
}

/* ---- Text ---- */

void vr_sysctl_put_string(const struct vr_sysctl *s, uint64_t addr, size_t size,
			  struct vr_strbuf *out)
{
	char text[256];

	if (!addr || !size)
		return;
	/* Piece by piece: what lies behind the end of a string need not be in the dump. */
	for (size_t at = 0; at < size;) {
		size_t page = 4096 - (addr + at) % 4096;
		size_t len = VR_MIN(VR_MIN(size - at, sizeof(text)), page), used;

		if (!vr_sysctl_read(s, addr + at, text, len))
			return;
		used = strnlen(text, len);
		vr_strbuf_add(out, text, used);
		if (used < len)
			break;
		at += len;
	}
	vr_strbuf_putc(out, '\n');
}

void vr_sysctl_string(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put_string(s, s->data, vr_sysctl_elements(s, 1), out);
}

/* maxlen is in bits, data is where the bitmap's address is. */
void vr_sysctl_large_bitmap(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	size_t bits = vr_sysctl_elements(s, 1), words = (bits + 63) / 64;
	VR_FREE uint64_t *bitmap = NULL;
	uint64_t addr;
	bool first = true;

	if (!vr_sysctl_read(s, s->data, &addr, sizeof(addr)) || !addr || !bits)
		return;
	bitmap = calloc(words, sizeof(*bitmap));
	if (!bitmap) {
		vr_latch(s->prog, VR_NOMEM, "out of memory");
		return;
	}
	if (!vr_sysctl_read(s, addr, bitmap, words * sizeof(*bitmap)))
		return;
	for (size_t bit = 0; bit < bits; bit++) {
		size_t last = bit;

		if (!(bitmap[bit / 64] >> (bit % 64) & 1))
			continue;
		while (last + 1 < bits && bitmap[(last + 1) / 64] >> ((last + 1) % 64) & 1)
			last++;
		vr_strbuf_printf(out, first ? "%zu" : ",%zu", bit);
		if (last > bit)
			vr_strbuf_printf(out, "-%zu", last);
		first = false;
		bit = last;
	}
	vr_strbuf_putc(out, '\n');
}
