// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/cmdline, environ and auxv (fs/proc/base.c). The first two are in memory of the
 * process, which most dumps are without. */
#include <string.h>

#include "base/bits.h"
#include "kernel/function_code.h"
#include "kernel/mm.h"
#include "kernel/user_memory.h"
#include "object/memo.h"
#include "pid_emitter.h"

#define PAGE_SIZE 4096u
/* Arguments and environment together take 6 MiB at most (bprm_stack_limits() in fs/exec.c). */
#define MAX_TEXT (8u << 20)
#define ESRCH 3

/* start to end of the process's memory. */
static void put_range(struct vr_file *f, struct vr_user_memory *user, uint64_t start, uint64_t end)
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
		vr_write(f, page, len);
		start += len;
	}
}

/*
 * get_mm_proctitle(): what a process wrote over its arguments, up to the NUL, a page of it at most
 * and not beyond its environment.
 */
static void put_title(struct vr_file *f, struct vr_user_memory *user, uint64_t start, uint64_t end)
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
	vr_write(f, title, len);
}

/* get_mm_cmdline() */
static void emit_cmdline(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);
	uint64_t start, end, env_start, env_end;
	struct vr_user_memory user;
	char last;

	if (!vr_ok(mm))
		return;
	start = vr_u64(mm, "arg_start");
	end = vr_u64(mm, "arg_end");
	env_start = vr_u64(mm, "env_start");
	env_end = vr_u64(mm, "env_end");
	if (!env_end || start >= end || !vr_user_memory_open(mm, &user))
		return;
	if (env_start != end || env_end < env_start)
		env_end = end;
	if (vr_user_memory_read(&user, end - 1, &last, 1)) {
		if (last)
			put_title(f, &user, start, env_end);
		else
			put_range(f, &user, start, end);
	}
	vr_user_memory_close(&user);
}

static void emit_environ(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);
	uint64_t start, end;
	struct vr_user_memory user;

	if (!vr_ok(mm))
		return;
	start = vr_u64(mm, "env_start");
	end = vr_u64(mm, "env_end");
	if (!end || start >= end || !vr_user_memory_open(mm, &user))
		return;
	put_range(f, &user, start, end);
	vr_user_memory_close(&user);
}

/* The words up to the pair that begins with AT_NULL. */
static void emit_auxv(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj), vector;
	uint64_t words, pair[2] = {1, 0};

	if (!vr_ok(mm))
		return;
	vector = vr_get(mm, "saved_auxv");
	words = vr_type_length(vr_type_strip(vector.type));
	for (uint64_t i = 0; i + 2 <= words && pair[0] && !vr_failed(key->prog); i += 2) {
		pair[0] = vr_u64(vr_index(vector, i), "");
		pair[1] = vr_u64(vr_index(vector, i + 1), "");
		vr_write(f, pair, sizeof(pair));
	}
	if (pair[0])
		vr_latch(key->prog, VR_CORRUPT, "an auxiliary vector without an end");
}

/*
 * Is there something to read? Without memory of their own tasks had empty files until 6.16, and
 * stable kernels before it, let their opening fail with ESRCH (65c66047259f, "proc: fix the issue
 * of proc_mem_open returning NULL").
 */
static bool opens(const struct vr_key *key)
{
	static const char memo;
	struct facts {
		bool known, fails;
	} *facts = vr_memo(key->prog, &memo, sizeof(*facts));

	if (facts && !facts->known) {
		facts->fails = vr_function_loads(
			key->prog,
			vr_has_symbol(key->prog, "__mem_open") ? "__mem_open" : "environ_open",
			-ESRCH);
		facts->known = !vr_failed(key->prog);
	}
	return !facts || !facts->fails || vr_ok(vr_task_mm(key->obj));
}

VR_EMITTER(.path = "proc/{pid}/cmdline", .source = "mm_struct.arg_start", .emit = emit_cmdline)
VR_EMITTER(.path = "proc/{pid}/environ", .source = "mm_struct.env_start", .exists = opens,
	   .emit = emit_environ)
VR_EMITTER(.path = "proc/{pid}/auxv", .source = "mm_struct.saved_auxv", .exists = opens,
	   .emit = emit_auxv)
