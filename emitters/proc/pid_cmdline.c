// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/cmdline, environ and auxv (fs/proc/base.c). The first two are in memory of the
 * process, which most dumps are without. */
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "kernel/function_code.h"
#include "kernel/mm.h"
#include "kernel/process_args.h"
#include "object/memo.h"
#include "pid_emitter.h"

#define ESRCH 3

static void put_bytes(struct vr_file *f, const struct vr_key *key,
		      void (*read)(struct vr_obj mm, struct vr_strbuf *out))
{
	struct vr_obj mm = vr_task_mm(key->obj);
	VR_STRBUF bytes = {0};

	if (!vr_ok(mm))
		return;
	read(mm, &bytes);
	if (bytes.failed)
		vr_latch(key->prog, VR_NOMEM, "out of memory");
	vr_write(f, bytes.data, bytes.len);
}

static void emit_cmdline(struct vr_file *f, const struct vr_key *key)
{
	put_bytes(f, key, vr_process_args);
}

static void emit_environ(struct vr_file *f, const struct vr_key *key)
{
	put_bytes(f, key, vr_process_environ);
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
