// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/fs/fscache/stats, since 6.8 proc/fs/netfs/stats, to whose folder proc/fs/fscache then links
 * (fscache_stats_show(), netfs_stats_show(): fs/fscache/stats.c, fs/netfs/{,fscache_}stats.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/proc_tree.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

#define MAX_FORMAT 256
#define TITLE "FS-Cache statistics"

/*
 * A line: what it begins with, and its fields, each a name and a counter without the prefix of its
 * table; `=` where it is shown unsigned, `:` where signed. A field is there where the kernel has the counter. The line that
 * comes of it must be one that the function prints.
 */
struct line {
	const char *label, *fields;
	bool expiry; /* and when unused cookies are looked at again */
};

/* Until 5.16. */
static const struct line old_cache[] = {
	{"Cookies:", "idx=cookie_index dat=cookie_data spc=cookie_special"},
	{"Objects:", "alc=object_alloc nal=object_no_alloc avl=object_avail ded=object_dead"},
	{"ChkAux :",
	 "non=checkaux_none ok=checkaux_okay upd=checkaux_update obs=checkaux_obsolete"},
	{"Pages  :", "mrk=marks unc=uncaches"},
	{"Acquire:", "n=acquires nul=acquires_null noc=acquires_no_cache ok=acquires_ok "
		     "nbf=acquires_nobufs oom=acquires_oom"},
	{"Lookups:", "n=object_lookups neg=object_lookups_negative pos=object_lookups_positive "
		     "crt=object_created tmo=object_lookups_timed_out"},
	{"Invals :", "n=invalidates run=invalidates_run"},
	{"Updates:", "n=updates nul=updates_null run=updates_run"},
	{"Relinqs:", "n=relinquishes nul=relinquishes_null wcr=relinquishes_waitcrt "
		     "rtr=relinquishes_retire"},
	{"AttrChg:", "n=attr_changed ok=attr_changed_ok nbf=attr_changed_nobufs "
		     "oom=attr_changed_nomem run=attr_changed_calls"},
	{"Allocs :", "n=allocs ok=allocs_ok wt=allocs_wait nbf=allocs_nobufs int=allocs_intr"},
	{"Allocs :", "ops=alloc_ops owt=alloc_op_waits abt=allocs_object_dead"},
	{"Retrvls:", "n=retrievals ok=retrievals_ok wt=retrievals_wait nod=retrievals_nodata "
		     "nbf=retrievals_nobufs int=retrievals_intr oom=retrievals_nomem"},
	{"Retrvls:", "ops=retrieval_ops owt=retrieval_op_waits abt=retrievals_object_dead"},
	{"Stores :", "n=stores ok=stores_ok agn=stores_again nbf=stores_nobufs oom=stores_oom"},
	{"Stores :", "ops=store_ops run=store_calls pgs=store_pages rxd=store_radix_deletes "
		     "olm=store_pages_over_limit"},
	{"VmScan :", "nos=store_vmscan_not_storing gon=store_vmscan_gone bsy=store_vmscan_busy "
		     "can=store_vmscan_cancelled wt=store_vmscan_wait"},
	{"Ops    :", "pend=op_pend run=op_run enq=op_enqueue can=op_cancelled rej=op_rejected"},
	{"Ops    :", "ini=op_initialised dfr=op_deferred_release rel=op_release gc=op_gc"},
	{"CacheOp:", "alo:cop_alloc_object luo:cop_lookup_object luc:cop_lookup_complete "
		     "gro:cop_grab_object"},
	{"CacheOp:", "inv:cop_invalidate_object upo:cop_update_object dro:cop_drop_object "
		     "pto:cop_put_object atc:cop_attr_changed syn:cop_sync_cache"},
	{"CacheOp:", "rap:cop_read_or_alloc_page ras:cop_read_or_alloc_pages alp:cop_allocate_page "
		     "als:cop_allocate_pages wrp:cop_write_page ucp:cop_uncache_page "
		     "dsp:cop_dissociate_pages"},
	{"CacheEv:", "nsp:cache_no_space_reject stl:cache_stale_objects rtr:cache_retired_objects "
		     "cul:cache_culled_objects"},
	{0},
};

static const struct line cache[] = {
	{"Cookies:", "n:cookies v:volumes vcol=volumes_collision voom=volumes_nomem"},
	{"Acquire:", "n=acquires ok=acquires_ok oom=acquires_oom"},
	{"LRU    :",
	 "n=cookies_lru exp=cookies_lru_expired rmv=cookies_lru_removed drp=cookies_lru_dropped",
	 .expiry = true},
	{"Invals :", "n=invalidates"},
	{"Updates:", "n=updates rsz=resizes rsn=resizes_null"},
	{"Relinqs:", "n=relinquishes rtr=relinquishes_retire drop=relinquishes_dropped"},
	{"NoSpace:", "nwr=no_write_space ncr=no_create_space cull=culled"},
	{"IO     :", "rd=read wr=write mis=dio_misfit"},
	{0},
};

/* Until 6.7. */
static const struct line old_requests[] = {
	{"RdHelp :", "RA=rh_readahead RP=rh_readpage WB=rh_write_begin WBZ=rh_write_zskip "
		     "rr=rh_rreq sr=rh_sreq"},
	{"RdHelp :", "ZR=rh_zero sh=rh_short_read sk=rh_write_zskip"},
	{"RdHelp :", "DL=rh_download ds=rh_download_done df=rh_download_failed "
		     "di=rh_download_instead"},
	{"RdHelp :", "RD=rh_read rs=rh_read_done rf=rh_read_failed"},
	{"RdHelp :", "WR=rh_write ws=rh_write_done wf=rh_write_failed"},
	{0},
};

static const struct line requests[] = {
	{"Reads  :", "DR=rh_dio_read RA=rh_readahead RF=rh_read_folio RS=rh_read_single "
		     "WB=rh_write_begin WBZ=rh_write_zskip"},
	{"Writes :", "BW=wh_buffered_write WT=wh_writethrough DW=wh_dio_write WP=wh_writepages "
		     "2C=wh_copy_to_cache"},
	{"ZeroOps:", "ZR=rh_zero sh=rh_short_read sk=rh_write_zskip"},
	{"DownOps:", "DL=rh_download ds=rh_download_done df=rh_download_failed "
		     "di=rh_download_instead"},
	{"CaRdOps:", "RD=rh_read rs=rh_read_done rf=rh_read_failed"},
	{"UpldOps:", "UL=wh_upload us=wh_upload_done uf=wh_upload_failed"},
	{"CaWrOps:", "WR=wh_write ws=wh_write_done wf=wh_write_failed"},
	{"Retries:", "rq=rh_retry_read_req rs=rh_retry_read_subreq wq=wh_retry_write_req "
		     "ws=wh_retry_write_subreq"},
	{"Objs   :", "rr=rh_rreq sr=rh_sreq foq=folioq wsc=wh_wstream_conflict"},
	{"WbLock :", "skip=wb_lock_skip wait=wb_lock_wait"},
	{0},
};

/* One field of a line. */
struct field {
	char name[8], counter[64];
	bool is_signed;
};

/* The next one that this kernel has; *text goes on behind it. */
static bool next_field(struct vr_program *prog, const char *prefix, const char **text,
		       struct field *field)
{
	while (**text) {
		size_t len = strcspn(*text, " "), name = strcspn(*text, "=:");

		snprintf(field->name, sizeof(field->name), "%.*s", (int)name, *text);
		snprintf(field->counter, sizeof(field->counter), "%s%.*s", prefix,
			 (int)(len - name - 1), *text + name + 1);
		field->is_signed = (*text)[name] == ':';
		*text += len + ((*text)[len] == ' ');
		if (vr_has_symbol(prog, field->counter))
			return true;
	}
	return false;
}

/* The format string that gives such a line; an empty one where the kernel has none of its counters. */
static void get_format(struct vr_program *prog, const char *prefix, const struct line *line,
		       char format[MAX_FORMAT])
{
	const char *text = line->fields;
	struct field field;
	size_t len = 0;

	format[0] = '\0';
	while (next_field(prog, prefix, &text, &field) && len < MAX_FORMAT)
		len += (size_t)snprintf(format + len, MAX_FORMAT - len, "%s %s=%%%c",
					len ? "" : line->label, field.name,
					field.is_signed ? 'd' : 'u');
	if (len && len < MAX_FORMAT)
		snprintf(format + len, MAX_FORMAT - len, line->expiry ? " at=%%ld\n" : "\n");
}

/* In how many jiffies fscache_cookie_lru_timer goes off; 0 where it isn't set. */
static int64_t expiry(struct vr_program *prog)
{
	struct vr_obj timer = vr_kernel_global(prog, "fscache_cookie_lru_timer");

	return vr_u64(timer, "entry.pprev") ? (int64_t)(vr_u64(timer, "expires") - vr_jiffies(prog))
					    : 0;
}

static void put_line(struct vr_file *f, struct vr_program *prog, const char *prefix,
		     const struct line *line)
{
	const char *text = line->fields;
	struct field field;

	vr_puts(f, line->label);
	while (next_field(prog, prefix, &text, &field)) {
		/* All of these are of one type. */
		uint64_t value =
			vr_u64(vr_at(prog, "atomic_t", vr_symbol(prog, field.counter)), "counter");

		if (field.is_signed)
			vr_printf(f, " %s=%" PRId32, field.name, (int32_t)value);
		else
			vr_printf(f, " %s=%" PRIu32, field.name, (uint32_t)value);
	}
	if (line->expiry)
		vr_printf(f, " at=%" PRId64, expiry(prog));
	vr_puts(f, "\n");
}

static void put_lines(struct vr_file *f, struct vr_program *prog, const char *function,
		      const char *prefix, const struct line *line)
{
	for (; line->label && !vr_failed(prog); line++) {
		char format[MAX_FORMAT];

		get_format(prog, prefix, line, format);
		if (!format[0])
			continue;
		if (!vr_function_has_text(prog, function, format)) {
			vr_latch(prog, VR_UNSUPPORTED, "%s prints other lines than `%s`", function,
				 line->label);
			return;
		}
		put_line(f, prog, prefix, line);
	}
}

static void put_cache(struct vr_file *f, struct vr_program *prog)
{
	bool dashes = vr_function_has_text(prog, "fscache_stats_show", "-- " TITLE " --\n");
	bool old = vr_has_symbol(prog, "fscache_n_cookie_index");

	vr_puts(f, dashes ? "-- " TITLE " --\n" : TITLE "\n");
	put_lines(f, prog, "fscache_stats_show", "fscache_n_", old ? old_cache : cache);
}

static void put_requests(struct vr_file *f, struct vr_program *prog)
{
	bool old = vr_has_symbol(prog, "netfs_n_rh_readpage") &&
		   !vr_has_symbol(prog, "netfs_n_rh_dio_read");

	put_lines(f, prog, "netfs_stats_show", "netfs_n_", old ? old_requests : requests);
}

/* The cache's, and what it gets of requests since 5.13. */
static void emit_cache(struct vr_file *f, const struct vr_key *key)
{
	put_cache(f, key->prog);
	if (vr_has_symbol(key->prog, "netfs_stats_show"))
		put_requests(f, key->prog);
}

static void emit_requests(struct vr_file *f, const struct vr_key *key)
{
	put_requests(f, key->prog);
	if (vr_has_symbol(key->prog, "fscache_stats_show"))
		put_cache(f, key->prog);
}

static bool has_netfs_stats(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "fs/netfs/stats");
}

static bool has_stats(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "fs/fscache/stats") ||
	       (vr_proc_has_file(key->prog, "fs/fscache") && has_netfs_stats(key));
}

static void emit_stats(struct vr_file *f, const struct vr_key *key)
{
	if (has_netfs_stats(key))
		emit_requests(f, key);
	else
		emit_cache(f, key);
}

VR_EMITTER(.path = "proc/fs/fscache/stats", .source = "fscache_n_*, netfs_n_*", .exists = has_stats,
	   .emit = emit_stats)
VR_EMITTER(.path = "proc/fs/netfs/stats", .source = "netfs_n_*, fscache_n_*",
	   .exists = has_netfs_stats, .emit = emit_requests)
