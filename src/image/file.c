// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/hash.h"
#include "image/flat.h"

/*
 * Bitmap and descriptor blocks are met again and again but at random, so they are kept in blocks
 * small enough that a miss costs little more than the system call: 128 of 16 KiB, sets of four.
 */
#define BLOCK_SHIFT 14
#define BLOCK_SIZE ((size_t)1 << BLOCK_SHIFT)
#define BLOCK_WAYS 4u
#define BLOCK_SETS 32u
#define BLOCK_COUNT (BLOCK_WAYS * BLOCK_SETS)

/* Linux transfers no more than this at once. */
#define READ_MAX ((size_t)1 << 30)

struct vr_file_block {
	uint64_t number; /* of the block in the file, plus one; 0: none */
	uint64_t used;   /* tick of the last use */
	size_t len;
	uint8_t *data; /* BLOCK_SIZE bytes, NULL until the first use */
};

/* A flattened file is read through its index. */
static enum vr_err look_for_flat(struct vr_file *file, struct vr_error *err)
{
	uint8_t head[VR_FLAT_MAGIC_SIZE];
	size_t len = (size_t)VR_MIN((uint64_t)sizeof(head), file->size);
	enum vr_err kind = vr_fd_pread(file->fd, 0, head, len);

	if (kind == VR_OS)
		return vr_error_os(err, errno, "can't read the dump file");
	if (kind || !vr_flat_probe(head, len))
		return VR_OK;
	kind = vr_flat_open(file->fd, file->size, &file->flat, err);
	if (!kind)
		file->size = vr_flat_size(file->flat);
	return kind;
}

enum vr_err vr_file_open(struct vr_file *file, int fd, struct vr_error *err)
{
	struct stat st;
	off_t end;

	*file = (struct vr_file){.fd = fd};
	if (fstat(fd, &st))
		return vr_error_os(err, errno, "can't look at the dump file");
	if (S_ISDIR(st.st_mode))
		return vr_error_set(err, VR_UNSUPPORTED, "a directory, not a dump file");
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "not a file that can be read at any place (a pipe, a terminal "
				    "or the like): save the dump to a file first");
	end = S_ISBLK(st.st_mode) ? lseek(fd, 0, SEEK_END) : st.st_size;
	if (end < 0)
		return vr_error_os(err, errno, "can't find the size of the dump device");
	if (end == 0)
		return vr_error_set(err, VR_UNSUPPORTED, "an empty file, not a dump");
	file->size = (uint64_t)end;
	file->blocks = calloc(BLOCK_COUNT, sizeof(*file->blocks));
	if (!file->blocks)
		return vr_error_set(err, VR_NOMEM, "no memory for the file's blocks");
	return look_for_flat(file, err);
}

void vr_file_close(struct vr_file *file)
{
	for (size_t i = 0; file->blocks && i < BLOCK_COUNT; i++)
		free(file->blocks[i].data);
	free(file->blocks);
	vr_flat_close(file->flat);
	*file = (struct vr_file){.fd = -1};
}

enum vr_err vr_fd_pread(int fd, uint64_t off, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (off > INT64_MAX)
		return VR_CORRUPT;
	while (len) {
		ssize_t got = pread(fd, to, VR_MIN(len, READ_MAX), (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return VR_OS;
		if (got == 0) /* someone has cut the file since the open */
			return VR_CORRUPT;
		to += got;
		off += (uint64_t)got;
		len -= (size_t)got;
	}
	return VR_OK;
}

enum vr_err vr_file_pread(const struct vr_file *file, uint64_t off, void *buf, size_t len)
{
	if (!vr_range_ok(off, len, file->size))
		return VR_CORRUPT;
	if (file->flat)
		return vr_flat_pread(file->flat, off, buf, len);
	return vr_fd_pread(file->fd, off, buf, len);
}

static bool fill_block(struct vr_file *file, struct vr_file_block *block, uint64_t number)
{
	uint64_t start = number << BLOCK_SHIFT;
	size_t len = (size_t)VR_MIN((uint64_t)BLOCK_SIZE, file->size - start);

	block->number = 0;
	if (!block->data)
		block->data = malloc(BLOCK_SIZE);
	if (!block->data || vr_file_pread(file, start, block->data, len))
		return false;
	block->number = number + 1;
	block->used = ++file->tick;
	block->len = len;
	return true;
}

const uint8_t *vr_file_bytes(struct vr_file *file, uint64_t off, size_t *avail)
{
	uint64_t number = off >> BLOCK_SHIFT;
	size_t in_block = (size_t)(off & (BLOCK_SIZE - 1));
	size_t set, oldest;

	if (off >= file->size)
		return NULL;
	if (file->blocks[file->last].number == number + 1) {
		*avail = file->blocks[file->last].len - in_block;
		return file->blocks[file->last].data + in_block;
	}
	set = (size_t)(vr_hash_u64(number) % BLOCK_SETS) * BLOCK_WAYS;
	oldest = set;
	for (size_t i = set; i < set + BLOCK_WAYS; i++) {
		struct vr_file_block *block = &file->blocks[i];

		if (block->number == number + 1) {
			block->used = ++file->tick;
			file->last = i;
			*avail = block->len - in_block;
			return block->data + in_block;
		}
		if (block->used < file->blocks[oldest].used)
			oldest = i;
	}

	if (!fill_block(file, &file->blocks[oldest], number))
		return NULL;
	file->last = oldest;
	*avail = file->blocks[oldest].len - in_block;
	return file->blocks[oldest].data + in_block;
}

enum vr_err vr_file_load(struct vr_file *file, uint64_t off, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (!vr_range_ok(off, len, file->size))
		return VR_CORRUPT;
	while (len) {
		size_t avail;
		const uint8_t *from = vr_file_bytes(file, off, &avail);
		size_t n;

		if (!from)
			return VR_OS;
		n = VR_MIN(avail, len);
		memcpy(to, from, n);
		to += n;
		off += n;
		len -= n;
	}
	return VR_OK;
}

#define AHEAD_MIN ((size_t)16 << 10)

enum vr_err vr_file_window_init(struct vr_file_window *window)
{
	*window = (struct vr_file_window){.data = malloc(VR_WINDOW_MAX)};
	return window->data ? VR_OK : VR_NOMEM;
}

static bool in_window(const struct vr_file_window *window, uint64_t off, size_t size)
{
	return off >= window->off && vr_range_ok(off - window->off, size, window->len);
}

/* Whether off lies behind what was asked for last, with at most a few other things between. */
static bool follows(const struct vr_file_window *window, uint64_t off)
{
	return off >= window->next && off - window->next < AHEAD_MIN;
}

const uint8_t *vr_file_window_bytes(const struct vr_file *file, struct vr_file_window *window,
				    uint64_t off, size_t size)
{
	size_t want;

	if (size > VR_WINDOW_MAX || !vr_range_ok(off, size, file->size))
		return NULL;
	if (!in_window(window, off, size)) {
		window->ahead = follows(window, off) ? VR_MIN(VR_WINDOW_MAX,
							      VR_MAX(AHEAD_MIN, window->ahead * 2))
						     : 0;
		want = (size_t)VR_MIN((uint64_t)VR_MAX(size, window->ahead), file->size - off);
		window->len = 0;
		if (vr_file_pread(file, off, window->data, want))
			return NULL;
		window->off = off;
		window->len = want;
	}
	window->next = off + size;
	return window->data + (off - window->off);
}

enum vr_err vr_file_window_copy(const struct vr_file *file, struct vr_file_window *window,
				uint64_t off, void *buf, size_t size)
{
	const uint8_t *from = NULL;
	enum vr_err kind;

	if (in_window(window, off, size) || follows(window, off))
		from = vr_file_window_bytes(file, window, off, size);
	if (from) {
		memcpy(buf, from, size);
		return VR_OK;
	}
	kind = vr_file_pread(file, off, buf, size);
	if (!kind)
		window->next = off + size;
	return kind;
}
