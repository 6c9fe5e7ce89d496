// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/process_args.h"

#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/user_memory.h"

#define PAGE_SIZE 4096u
/* Arguments and environment together take 6 MiB at most (bprm_stack_limits() in fs/exec.c). */
#define MAX_TEXT (8u << 20)

/* start to end of the process's memory. */
static void put_range(struct vr_strbuf *out, struct vr_user_memory *user, uint64_t start,
		      uint64_t end)
{
	uint8_t page[PAGE_SIZE];

	if (end - start > MAX_TEXT) {
		vr_latch(user->prog, VR_LIMIT, "%" PRIu64 " bytes of arguments", end - start);
		return;
	}
	while (start < end) {
		size_t len = (size_t)VR_MIN(end - start, (uint64_t)PAGE_SIZE);

		if (!vr_user_memory_read(user, start, page, len))
			return;
		vr_strbuf_add(out, page, len);
		start += len;
	}
}

/*
 * get_mm_proctitle(): what a process wrote over its arguments, up to the NUL, a page of it at most
 * and not beyond its environment.
 */
static void put_title(struct vr_strbuf *out, struct vr_user_memory *user, uint64_t start,
		      uint64_t end)
{
	size_t room = (size_t)VR_MIN(end - start, (uint64_t)PAGE_SIZE), len = 0;
	uint8_t title[PAGE_SIZE];

	while (len < room) {
		size_t part = (size_t)(PAGE_SIZE - (start + len) % PAGE_SIZE);
		uint8_t *nul;

		part = VR_MIN(part, room - len);
		if (!vr_user_memory_read(user, start + len, title + len, part))
			return;
		nul = memchr(title + len, 0, part);
		len = nul ? (size_t)(nul - title) + 1 : len + part;
		if (nul)
			break;
	}
	vr_strbuf_add(out, title, len);
}

/* get_mm_cmdline() */
void vr_process_args(struct vr_obj mm, struct vr_strbuf *out)
{
	uint64_t start = vr_u64(mm, "arg_start"), end = vr_u64(mm, "arg_end");
	uint64_t env_start = vr_u64(mm, "env_start"), env_end = vr_u64(mm, "env_end");
	struct vr_user_memory user;
	char last;

	if (!env_end || start >= end || !vr_user_memory_open(mm, &user))
		return;
	if (env_start != end || env_end < env_start)
		env_end = end;
	if (vr_user_memory_read(&user, end - 1, &last, 1)) {
		if (last)
			put_title(out, &user, start, env_end);
		else
			put_range(out, &user, start, end);
	}
	vr_user_memory_close(&user);
}

/* environ_read() */
void vr_process_environ(struct vr_obj mm, struct vr_strbuf *out)
{
	uint64_t start = vr_u64(mm, "env_start"), end = vr_u64(mm, "env_end");
	struct vr_user_memory user;

	if (!end || start >= end || !vr_user_memory_open(mm, &user))
		return;
	put_range(out, &user, start, end);
	vr_user_memory_close(&user);
}
