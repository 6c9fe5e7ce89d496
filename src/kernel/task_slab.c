// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/task_slab.h"

#include "base/bits.h"
#include "object/program.h"

/* 64 GiB: a GiB of struct pages, a second or two. */
#define MAX_PAGES (16ull << 20)
#define PAGE 4096ull
/* The upper half of the address space, whether paging has 4 levels or 5. */
#define KERNEL_START 0xff00000000000000ull
/* Of the struct pages of no memory, by subsections (2 MiB of it, 512 struct pages of 64 bytes). */
#define MAX_GAPS (1u << 20)
#define GAP (32ull << 10)
/* include/linux/poison.h: LIST_POISON2, which list_del_rcu() leaves. */
#define POISON 0xdead000000000122ull
#define MIN_TASK 1024
/* In a slab. */
#define MAX_OBJECTS 512
/* include/linux/sched.h, since 4.14. */
#define TASK_NEW 0x800

/* ---- Is it one? ---- */

static bool read64(struct vr_program *prog, uint64_t addr, uint64_t *value)
{
	return vr_aspace_read64(prog->as, addr, value, NULL) == VR_MEM_OK;
}

/* Of one link, by its neighbors; those that can't be read say nothing. */
static enum vr_task_life life_by_link(struct vr_obj task, const char *member)
{
	struct vr_obj link;
	uint64_t next, prev, back;

	if (vr_try_get(task, member, &link) || vr_try_u64(link, "next", &next) ||
	    vr_try_u64(link, "prev", &prev))
		return VR_TASK_DEAD;
	if (prev == POISON || prev < KERNEL_START || next < KERNEL_START || prev == link.addr)
		return VR_TASK_DEAD;
	if (!vr_try_u64((struct vr_obj){link.prog, link.type, next, 0, 0}, "prev", &back))
		return back == link.addr ? VR_TASK_PROVEN : VR_TASK_DEAD;
	if (!vr_try_u64((struct vr_obj){link.prog, link.type, prev, 0, 0}, "next", &back))
		return back == link.addr ? VR_TASK_PROVEN : VR_TASK_DEAD;
	return VR_TASK_LIKELY;
}

/* By the id: a task is on the list of its own, and one being made still has its parent's. */
static enum vr_task_life life_by_pid(struct vr_obj task)
{
	struct vr_obj pid, link;
	uint64_t addr, first;

	if (vr_try_u64(task, "thread_pid", &addr) || vr_try_get(task, "pid_links[0]", &link) ||
	    addr < KERNEL_START)
		return VR_TASK_DEAD;
	pid = (struct vr_obj){.prog = task.prog, .type = vr_type_find(task.prog, "struct pid")};
	pid.addr = addr;
	if (!vr_ok(pid) || vr_try_u64(pid, "tasks[0].first", &first))
		return VR_TASK_LIKELY;
	return first == link.addr ? VR_TASK_PROVEN : VR_TASK_DEAD;
}

enum vr_task_life vr_task_life(struct vr_obj task)
{
	uint64_t usage, state, leader;
	enum vr_task_life life, link;

	if (vr_try_u64(task, "usage.refs.counter", &usage) || !usage || usage > INT32_MAX)
		return VR_TASK_DEAD;
	if (vr_try_u64(task, "__state|state", &state) || state & TASK_NEW)
		return VR_TASK_DEAD;
	life = life_by_pid(task);
	if (life != VR_TASK_LIKELY)
		return life;
	link = life_by_link(task, "thread_node");
	if (link != VR_TASK_LIKELY)
		return link;
	/* Threads but the first aren't on the list of all. */
	if (vr_try_u64(task, "group_leader", &leader) || leader < KERNEL_START)
		return VR_TASK_DEAD;
	return leader == task.addr ? life_by_link(task, "tasks") : VR_TASK_LIKELY;
}

/* ---- Where they lie ---- */

struct scan {
	struct vr_program *prog;
	vr_task_slab_fn fn;
	void *arg;
	struct vr_obj slab, task;
	uint64_t cache, memmap, direct_map, page_size;
	uint64_t stride, pad, most; /* of objects: distance, before the first one, in a slab */
	uint64_t cache_offset;
	/* What tells a slab's page from one that was one. */
	uint64_t mark_offset;
	uint32_t mark_mask, mark;
};

/* struct page's type byte since 6.12 (enum pagetype), a flag of its own until 6.9. */
static bool bind_mark(struct scan *s)
{
	const struct vr_type *page = vr_type_find(s->prog, "struct page");
	int64_t value;

	if (!page)
		return false;
	if (!vr_enum_value(s->prog, "enum pagetype", "PGTY_slab", &value) &&
	    !vr_type_offsetof(page, "page_type", &s->mark_offset) && value > 0 && value < 256) {
		s->mark_mask = 0xff000000;
		s->mark = (uint32_t)value << 24;
		return true;
	}
	if (vr_enum_value(s->prog, "enum pageflags", "PG_slab", &value) ||
	    vr_type_offsetof(page, "flags", &s->mark_offset) || value < 0 || value > 31)
		return false;
	s->mark_mask = s->mark = 1u << value;
	return true;
}

static uint64_t base(struct vr_program *prog, const char *symbol, uint64_t otherwise)
{
	uint64_t addr, value;

	return !vr_try_symbol(prog, symbol, &addr) && read64(prog, addr, &value) ? value
										 : otherwise;
}

/*
 * How objects lie in a slab. The cache's own struct kmem_cache may be in a hole; then by the size
 * that it was made for (kernel/fork.c), which is right but for debugging options.
 */
static bool bind_objects(struct scan *s)
{
	struct vr_obj cache = {.prog = s->prog, .type = vr_type_find(s->prog, "struct kmem_cache")};
	uint64_t order = MAX_OBJECTS, addr;

	cache.addr = s->cache;
	/* oo has the number of objects in its low half; mm/slub.c only. */
	if (!vr_ok(cache) || !vr_has(cache, "oo"))
		return false;
	if (vr_try_u64(cache, "oo.x", &order) || vr_try_u64(cache, "size", &s->stride)) {
		if (vr_try_symbol(s->prog, "arch_task_struct_size", &addr) ||
		    vr_read(s->prog, addr, &s->stride, 4, NULL))
			s->stride = vr_type_size(s->task.type);
		s->stride = (s->stride + 63) & ~63ull;
		order = MAX_OBJECTS;
	}
	if (vr_try_u64(cache, "red_left_pad", &s->pad))
		s->pad = 0;
	s->most = order & 0xffff;
	/* The type has room for more floating-point state than there is on most machines. */
	return s->most && s->most <= MAX_OBJECTS && s->stride >= MIN_TASK &&
	       s->stride <= 64 * PAGE && s->pad < s->stride;
}

static bool bind(struct scan *s)
{
	/* Until 5.16 these members were struct page's. */
	const char *name = vr_type_find(s->prog, "struct slab") ? "struct slab" : "struct page";
	uint64_t addr;

	s->slab = (struct vr_obj){.prog = s->prog, .type = vr_type_find(s->prog, name)};
	s->task = (struct vr_obj){.prog = s->prog,
				  .type = vr_type_find(s->prog, "struct task_struct")};
	if (!vr_ok(s->slab) || !vr_ok(s->task) ||
	    vr_type_offsetof(s->slab.type, "slab_cache", &s->cache_offset) ||
	    vr_try_symbol(s->prog, "task_struct_cachep", &addr) ||
	    !read64(s->prog, addr, &s->cache) || !bind_mark(s) || !bind_objects(s))
		return false;
	s->page_size = vr_type_size(vr_type_find(s->prog, "struct page"));
	s->memmap = base(s->prog, "vmemmap_base", 0xffffea0000000000ull);
	s->direct_map = base(s->prog, "page_offset_base", 0xffff888000000000ull);
	return s->page_size >= 32 && s->page_size <= 256 && s->memmap >= KERNEL_START &&
	       s->direct_map >= KERNEL_START && !(s->memmap & 7);
}

/* One slab, whose first page has that number. */
static bool scan_slab(struct scan *s, uint64_t pfn)
{
	uint64_t start = s->direct_map + pfn * PAGE, count;

	s->slab.addr = s->memmap + pfn * s->page_size;
	if (vr_try_u64(s->slab, "objects", &count))
		return true;
	for (uint64_t i = 0; i < VR_MIN(count, s->most); i++) {
		enum vr_task_life life;

		s->task.addr = start + s->pad + i * s->stride;
		life = vr_task_life(s->task);
		if (life != VR_TASK_DEAD && !s->fn(s->arg, s->task, life))
			return false;
	}
	return true;
}

/* The byte of memory at addr, by page; NULL: not in the dump. */
struct window {
	uint64_t page;
	const uint8_t *data;
	bool unmapped;
};

static const uint8_t *look(struct scan *s, struct window *w, uint64_t addr)
{
	uint64_t page = addr & -PAGE;

	if (w->page != page) {
		enum vr_mem_status st = vr_aspace_peek(s->prog->as, page, &w->data);

		w->page = page;
		w->unmapped = st == VR_MEM_UNMAPPED;
		if (st != VR_MEM_OK)
			w->data = NULL;
	}
	return w->data ? w->data + (addr - page) : NULL;
}

enum vr_err vr_task_slab_scan(struct vr_program *prog, vr_task_slab_fn fn, void *arg,
			      uint64_t *pages)
{
	struct scan s = {.prog = prog, .fn = fn, .arg = arg};
	struct window w = {0};
	uint64_t end, symbol, gaps = 0;

	*pages = 0;
	if (!bind(&s) || vr_try_symbol(prog, "max_pfn", &symbol) || !read64(prog, symbol, &end) ||
	    end > 1ull << 40)
		return VR_ABSENT;
	for (uint64_t pfn = 0; pfn < end; pfn++) {
		uint64_t at = s.memmap + pfn * s.page_size;
		const uint8_t *p = look(&s, &w, at + s.cache_offset);
		uint64_t cache;

		if (!p) {
			uint64_t behind = w.unmapped ? (w.page | (GAP - 1)) + 1 : w.page + PAGE;

			if (++gaps > MAX_GAPS || behind < at)
				return VR_LIMIT;
			/* To the first struct page behind what isn't there. */
			pfn = (behind - s.memmap - 1) / s.page_size;
			continue;
		}
		if (++*pages > MAX_PAGES)
			return VR_LIMIT;
		memcpy(&cache, p, sizeof(cache));
		if (cache != s.cache)
			continue;
		p = look(&s, &w, at + s.mark_offset);
		if (p && (vr_load32(p) & s.mark_mask) == s.mark && !scan_slab(&s, pfn))
			return VR_OK;
		w.page = 0; /* the data goes with the next read */
	}
	return VR_OK;
}
