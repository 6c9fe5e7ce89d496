// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/notes.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define NOTES_MAX ((size_t)65536)
#define NOTES_BYTES_MAX ((size_t)16 << 20)
#define NOTE_NAME_MAX 256u

static uint64_t pad4(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

/* A note's place in the file. */
struct note_place {
	uint32_t type;
	uint32_t name_len;
	uint32_t desc_len;
	uint64_t name_off;
	uint64_t desc_off;
};

static enum vr_err keep_note(struct vr_notes *notes, struct vr_file *file,
			     const struct note_place *place, bool *readable)
{
	struct vr_note note = {.type = place->type, .desc_len = place->desc_len};
	char *name = vr_arena_alloc(&notes->arena, (size_t)place->name_len + 1);
	uint8_t *desc = vr_arena_alloc(&notes->arena, place->desc_len ? place->desc_len : 1);

	if (!name || !desc)
		return VR_NOMEM;
	if (notes->count == notes->cap) {
		size_t cap = notes->cap ? notes->cap * 2 : 64;
		struct vr_note *items = realloc(notes->items, cap * sizeof(*items));

		if (!items)
			return VR_NOMEM;
		notes->items = items;
		notes->cap = cap;
	}
	*readable = !vr_file_load(file, place->name_off, name, place->name_len) &&
		    !vr_file_load(file, place->desc_off, desc, place->desc_len);
	if (!*readable)
		return VR_OK;
	note.name = name;
	note.desc = desc;
	notes->items[notes->count++] = note;
	notes->bytes += (size_t)place->name_len + place->desc_len;
	return VR_OK;
}

/* The note at off, which must end at or before end. NULL or what is wrong with it. */
static const char *find_note(struct vr_file *file, uint64_t off, uint64_t end,
			     struct note_place *place)
{
	uint8_t header[sizeof(Elf64_Nhdr)];

	if (vr_file_load(file, off, header, sizeof(header)))
		return "the notes can't be read to their end";
	place->name_len = vr_load32(header);
	place->desc_len = vr_load32(header + 4);
	place->type = vr_load32(header + 8);
	place->name_off = off + sizeof(header);
	if (place->name_len > NOTE_NAME_MAX)
		return "a note has an impossible name";
	place->desc_off = place->name_off + pad4(place->name_len);
	if (place->desc_off > end || place->desc_len > end - place->desc_off)
		return "a note runs over the end of the notes";
	return NULL;
}

enum vr_err vr_notes_read(struct vr_notes *notes, struct vr_file *file, uint64_t off, uint64_t len,
			  const struct vr_log *log, struct vr_error *err)
{
	const char *wrong = NULL;
	uint64_t end;

	if (off > file->size || len > file->size - off) {
		wrong = "the notes lie behind the end of the file";
		len = off > file->size ? 0 : file->size - off;
	}
	end = off + len;
	while (off < end && end - off >= sizeof(Elf64_Nhdr)) {
		struct note_place place;
		bool readable = true;

		wrong = find_note(file, off, end, &place);
		if (wrong)
			break;
		/* Room reserved for notes and never filled (kernel: merge_note_headers_elf64()). */
		if (!place.name_len && !place.desc_len && !place.type)
			break;
		off = VR_MIN(place.desc_off + pad4(place.desc_len), end);
		if (++notes->seen > NOTES_MAX || notes->bytes > NOTES_BYTES_MAX) {
			wrong = "there are too many notes";
			break;
		}
		if (place.desc_len > VR_NOTE_DESC_MAX)
			continue;
		if (keep_note(notes, file, &place, &readable))
			return vr_error_set(err, VR_NOMEM, "no memory for the dump's notes");
		if (!readable) {
			wrong = "a note can't be read";
			break;
		}
	}
	if (wrong)
		vr_log(log, VR_LOG_WARNING, "dump notes: %s; %zu notes are kept", wrong,
		       notes->count);
	return VR_OK;
}

void vr_notes_free(struct vr_notes *notes)
{
	free(notes->items);
	vr_arena_free(&notes->arena);
	*notes = (struct vr_notes){0};
}

const struct vr_note *vr_notes_find(const struct vr_notes *notes, const char *name)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (!strcmp(notes->items[i].name, name))
			return &notes->items[i];
	}
	return NULL;
}

enum vr_err vr_vmcoreinfo_text(const uint8_t *data, size_t len, char **text, struct vr_error *err)
{
	static const char key[] = "OSRELEASE=";

	*text = NULL;
	len = strnlen((const char *)data, len);
	if (!memmem(data, len, key, sizeof(key) - 1))
		return VR_OK;
	*text = strndup((const char *)data, len);
	return *text ? VR_OK : vr_error_set(err, VR_NOMEM, "no memory for VMCOREINFO");
}

enum vr_err vr_notes_vmcoreinfo(const struct vr_notes *notes, char **text, struct vr_error *err)
{
	const struct vr_note *note = vr_notes_find(notes, "VMCOREINFO");

	*text = NULL;
	return note ? vr_vmcoreinfo_text(note->desc, note->desc_len, text, err) : VR_OK;
}
