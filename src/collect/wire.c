// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"

void vr_wire_put_u32(struct vr_strbuf *out, uint32_t value)
{
	vr_strbuf_add(out, &value, sizeof(value));
}

void vr_wire_put_u64(struct vr_strbuf *out, uint64_t value)
{
	vr_strbuf_add(out, &value, sizeof(value));
}

void vr_wire_put_string(struct vr_strbuf *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	vr_wire_put_u32(out, (uint32_t)len);
	vr_strbuf_add(out, text ? text : "", len);
	vr_strbuf_putc(out, '\0');
}

void vr_wire_put_error(struct vr_strbuf *out, const struct vr_error *err)
{
	vr_wire_put_u32(out, (uint32_t)err->kind);
	vr_wire_put_u32(out, (uint32_t)err->os_errno);
	vr_wire_put_u64(out, err->addr);
	vr_wire_put_string(out, err->kind == VR_OK ? "" : err->text);
}

void vr_wire_put_record(struct vr_strbuf *out, const struct vr_file_record *record)
{
	vr_wire_put_u32(out, (uint32_t)record->writing);
	vr_wire_put_u32(out, (uint32_t)record->status);
	vr_wire_put_u32(out, (uint32_t)record->kind);
	vr_wire_put_u64(out, record->rows_dropped);
	vr_wire_put_u64(out, (uint64_t)(record->ms * 1e6));
	vr_wire_put_u64(out, (uint64_t)(record->start * 1e6));
	vr_wire_put_string(out, record->path);
	vr_wire_put_string(out, record->reason);
	vr_wire_put_string(out, record->source);
}

void vr_wire_put_done(struct vr_strbuf *out, const struct vr_wire_done *done)
{
	vr_wire_put_u32(out, done->result.inactive);
	vr_wire_put_u32(out, done->result.failed);
	vr_wire_put_error(out, &done->result.error);
	vr_wire_put_u64(out, done->counts.read);
	vr_wire_put_u64(out, done->counts.excluded);
	vr_wire_put_u64(out, done->counts.damaged);
}

void vr_wire_put_facts(struct vr_strbuf *out, const struct vr_dump_facts *facts)
{
	vr_wire_put_string(out, facts->nodename);
	vr_wire_put_string(out, facts->release);
	vr_wire_put_u64(out, (uint64_t)facts->crash_time);
	vr_wire_put_u32(out, (uint32_t)facts->count);
	for (size_t i = 0; i < facts->count; i++) {
		vr_wire_put_string(out, facts->list[i].key);
		vr_wire_put_u32(out, facts->list[i].is_text);
		vr_wire_put_string(out, facts->list[i].text);
		vr_wire_put_u64(out, facts->list[i].number);
	}
}

static const uint8_t *take(struct vr_wire *wire, size_t len)
{
	const uint8_t *p = wire->p;

	if (wire->bad || len > wire->left) {
		wire->bad = true;
		return NULL;
	}
	wire->p += len;
	wire->left -= len;
	return p;
}

uint32_t vr_wire_u32(struct vr_wire *wire)
{
	const uint8_t *p = take(wire, 4);

	return p ? vr_load32(p) : 0;
}

uint64_t vr_wire_u64(struct vr_wire *wire)
{
	const uint8_t *p = take(wire, 8);

	return p ? vr_load64(p) : 0;
}

uint32_t vr_wire_enum(struct vr_wire *wire, uint32_t limit)
{
	uint32_t value = vr_wire_u32(wire);

	if (value < limit)
		return value;
	wire->bad = true;
	return 0;
}

const char *vr_wire_string(struct vr_wire *wire)
{
	size_t len = vr_wire_u32(wire);
	const uint8_t *p = take(wire, len + 1);

	if (!p)
		return "";
	if (p[len] != '\0' || memchr(p, '\0', len)) {
		wire->bad = true;
		return "";
	}
	return (const char *)p;
}

static void take_text(struct vr_wire *wire, char *buf, size_t size)
{
	snprintf(buf, size, "%s", vr_wire_string(wire));
}

void vr_wire_error(struct vr_wire *wire, struct vr_error *err)
{
	enum vr_err kind = (enum vr_err)vr_wire_enum(wire, VR_UNSUPPORTED + 1);
	uint32_t os_errno = vr_wire_u32(wire);
	uint64_t addr = vr_wire_u64(wire);

	vr_error_set(err, kind, "%s", vr_wire_string(wire));
	err->os_errno = os_errno <= 4095 ? (int)os_errno : 0;
	err->addr = addr;
}

void vr_wire_record(struct vr_wire *wire, struct vr_file_record *record)
{
	*record = (struct vr_file_record){0};
	record->writing = (enum vr_file_writing)vr_wire_enum(wire, VR_WRITE_APPEND + 1);
	record->status = (enum vr_file_status)vr_wire_enum(wire, VR_FILE_OMITTED + 1);
	record->kind = (enum vr_err)vr_wire_enum(wire, VR_UNSUPPORTED + 1);
	record->rows_dropped = vr_wire_u64(wire);
	record->ms = (double)vr_wire_u64(wire) / 1e6;
	record->start = (double)vr_wire_u64(wire) / 1e6;
	record->path = vr_wire_string(wire);
	record->reason = vr_wire_string(wire);
	record->source = vr_wire_string(wire);
	record->bytes = wire->left;
	if (record->status == VR_FILE_OMITTED && wire->left)
		wire->bad = true;
}

void vr_wire_done(struct vr_wire *wire, struct vr_wire_done *done)
{
	done->result.inactive = vr_wire_enum(wire, 2);
	done->result.failed = vr_wire_enum(wire, 2);
	vr_wire_error(wire, &done->result.error);
	done->counts.read = vr_wire_u64(wire);
	done->counts.excluded = vr_wire_u64(wire);
	done->counts.damaged = vr_wire_u64(wire);
}

/* Keys become JSON keys: what isn't a word is no fact. */
static bool is_key(const char *key)
{
	size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && key[len] == '\0';
}

void vr_wire_facts(struct vr_wire *wire, struct vr_dump_facts *facts)
{
	*facts = (struct vr_dump_facts){0};
	take_text(wire, facts->nodename, sizeof(facts->nodename));
	take_text(wire, facts->release, sizeof(facts->release));
	facts->crash_time = (int64_t)vr_wire_u64(wire);
	facts->count = vr_wire_enum(wire, VR_DUMP_FACTS + 1);
	for (size_t i = 0; i < facts->count && !wire->bad; i++) {
		take_text(wire, facts->list[i].key, sizeof(facts->list[i].key));
		facts->list[i].is_text = vr_wire_enum(wire, 2);
		take_text(wire, facts->list[i].text, sizeof(facts->list[i].text));
		facts->list[i].number = vr_wire_u64(wire);
		if (!is_key(facts->list[i].key))
			wire->bad = true;
	}
}

void vr_dump_fact_text(struct vr_dump_facts *facts, const char *key, const char *text)
{
	struct vr_dump_fact *fact = &facts->list[facts->count];

	if (facts->count >= VR_DUMP_FACTS)
		return;
	facts->count++;
	*fact = (struct vr_dump_fact){.is_text = true};
	snprintf(fact->key, sizeof(fact->key), "%s", key);
	snprintf(fact->text, sizeof(fact->text), "%s", text);
}

void vr_dump_fact_number(struct vr_dump_facts *facts, const char *key, uint64_t number)
{
	struct vr_dump_fact *fact = &facts->list[facts->count];

	if (facts->count >= VR_DUMP_FACTS)
		return;
	facts->count++;
	*fact = (struct vr_dump_fact){.number = number};
	snprintf(fact->key, sizeof(fact->key), "%s", key);
}
