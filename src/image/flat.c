// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/flat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "image/file.h"
#include "image/flat_index.h"

/* The stream's header: signature, type, version, padded; then the records. */
#define HEADER_TYPE 16u
#define HEADER_VERSION 24u
#define HEADER_USED 32u
#define HEADER_SIZE 4096u
#define RECORD_SIZE 16u

#define PAGE 4096u

static const uint8_t signature[VR_FLAT_MAGIC_SIZE] = "makedumpfile";

struct vr_flat {
	int fd;
	const char *wrong;
	struct vr_flat_index index;
};

/* Reads record headers to the end of the file's page that they lie in: more if records are small.
 */
struct reader {
	int fd;
	uint64_t size; /* of the file */
	uint64_t off;  /* of the next record */
	uint64_t chunk_off;
	size_t chunk_len;
	uint8_t chunk[PAGE + RECORD_SIZE];
};

static uint64_t load_be64(const uint8_t *p)
{
	return __builtin_bswap64(vr_load64(p));
}

bool vr_flat_probe(const uint8_t *head, size_t len)
{
	return len >= sizeof(signature) && !memcmp(head, signature, sizeof(signature));
}

/* The next record's header; NULL where the file ends before, or with VR_OS in *kind. */
static const uint8_t *next_header(struct reader *r, enum vr_err *kind)
{
	*kind = VR_OK;
	if (!vr_range_ok(r->off, RECORD_SIZE, r->size))
		return NULL;
	if (r->off < r->chunk_off ||
	    !vr_range_ok(r->off - r->chunk_off, RECORD_SIZE, r->chunk_len)) {
		size_t want = RECORD_SIZE + (size_t)(-(r->off + RECORD_SIZE) % PAGE);

		r->chunk_off = r->off;
		r->chunk_len = (size_t)VR_MIN((uint64_t)want, r->size - r->off);
		*kind = vr_fd_pread(r->fd, r->off, r->chunk, r->chunk_len);
		if (*kind) {
			r->chunk_len = 0;
			return NULL;
		}
	}
	return r->chunk + (r->off - r->chunk_off);
}

static const char cut_off[] = "the flattened file is cut off";
static const char no_record[] = "the flattened file's records can't be followed to their end";
static const char too_many[] = "the flattened file has more records than this program takes in";

/* Take in the stream; what is wrong with it goes to flat->wrong. */
static enum vr_err read_records(struct vr_flat *flat, uint64_t size)
{
	struct reader r = {.fd = flat->fd, .size = size, .off = HEADER_SIZE};

	for (;;) {
		enum vr_err kind;
		const uint8_t *header = next_header(&r, &kind);
		uint64_t at, len, held;

		if (kind == VR_OS)
			return kind;
		flat->wrong = cut_off;
		if (!header)
			return VR_OK;
		at = load_be64(header);
		len = load_be64(header + 8);
		if (at == UINT64_MAX && len == UINT64_MAX) {
			flat->wrong = NULL;
			return VR_OK;
		}
		/* Both are signed; a length of 0 isn't written, but is what a lost block reads as.
		 */
		if (at > INT64_MAX || !len || len > INT64_MAX - at) {
			flat->wrong = no_record;
			return VR_OK;
		}
		r.off += RECORD_SIZE;
		held = VR_MIN(len, size - r.off);
		if (!held)
			return VR_OK;
		kind = vr_flat_index_add(&flat->index, at, held);
		if (kind == VR_LIMIT)
			flat->wrong = too_many;
		if (kind || held < len)
			return kind == VR_LIMIT ? VR_OK : kind;
		r.off += held;
	}
}

static enum vr_err check_header(int fd, uint64_t size, struct vr_error *err)
{
	uint8_t header[HEADER_USED];
	uint64_t type, version;
	enum vr_err kind = VR_CORRUPT;

	if (size > HEADER_SIZE)
		kind = vr_fd_pread(fd, 0, header, sizeof(header));
	if (kind == VR_OS)
		return vr_error_os(err, errno, "can't read the flattened file's header");
	if (kind)
		return vr_error_set(err, VR_CORRUPT, "the flattened file ends within its header");
	type = load_be64(header + HEADER_TYPE);
	version = load_be64(header + HEADER_VERSION);
	if (type != 1 || version != 1)
		return vr_error_set(err, VR_UNSUPPORTED,
				    "a flattened file of type %llu, version %llu: this program "
				    "knows type 1, version 1",
				    (unsigned long long)type, (unsigned long long)version);
	return VR_OK;
}

enum vr_err vr_flat_open(int fd, uint64_t size, struct vr_flat **flat, struct vr_error *err)
{
	enum vr_err kind = check_header(fd, size, err);
	struct vr_flat *made;

	*flat = NULL;
	if (kind)
		return kind;
	made = calloc(1, sizeof(*made));
	if (!made)
		return vr_error_set(err, VR_NOMEM, "no memory for the flattened file's records");
	made->fd = fd;
	kind = read_records(made, size);
	if (kind == VR_OS)
		vr_error_os(err, errno, "can't read the flattened file's records");
	if (!kind)
		kind = vr_flat_index_finish(&made->index);
	if (kind == VR_NOMEM)
		vr_error_set(err, kind, "no memory for the flattened file's records");
	if (!kind && !made->index.size)
		kind = vr_error_set(err, VR_CORRUPT, "%s before its first record",
				    made->wrong ? made->wrong : "the flattened file ends");
	if (kind) {
		vr_flat_close(made);
		return kind;
	}
	*flat = made;
	return VR_OK;
}

void vr_flat_close(struct vr_flat *flat)
{
	if (!flat)
		return;
	vr_flat_index_free(&flat->index);
	free(flat);
}

uint64_t vr_flat_size(const struct vr_flat *flat)
{
	return flat->index.size;
}

const char *vr_flat_wrong(const struct vr_flat *flat)
{
	return flat->wrong;
}

enum vr_err vr_flat_pread(struct vr_flat *flat, uint64_t off, void *buf, size_t len)
{
	uint8_t *to = buf;

	while (len) {
		struct vr_flat_place place = vr_flat_index_find(&flat->index, off);
		size_t n = (size_t)VR_MIN((uint64_t)len, place.len);
		enum vr_err kind = VR_OK;

		/* A record's bytes lie behind the headers of those before it and its own. */
		if (place.record == VR_FLAT_HOLE)
			memset(to, 0, n);
		else
			kind = vr_fd_pread(flat->fd,
					   HEADER_SIZE + (place.record + 1) * RECORD_SIZE +
						   place.payload,
					   to, n);
		if (kind)
			return kind;
		to += n;
		off += n;
		len -= n;
	}
	return VR_OK;
}
