// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening a dump that lacks, or lies about, what tells where things are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct list_head { struct list_head *next, *prev; };
	struct task_struct { struct list_head tasks; int pid; char comm[16]; };
)
/* clang-format on */

#define NOTE_HEADER 24

struct place {
	struct tiny_kernel *k;
	struct vr_strbuf info; /* VMCOREINFO as it should be */
	struct vr_strbuf log;
	struct vr_session_options options;
	bool degraded; /* don't expect symbols and types */
	struct vr_error err;
};

static void keep_log(void *arg, enum vr_log_level level, const char *text)
{
	vr_strbuf_printf(arg, "%s %s\n", vr_log_level_name(level), text);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	uint64_t uts = tk_global(p.k, "init_uts_ns", 512);

	tk_symbol(p.k, 'T', "_text", TK_TEXT);
	strcpy((char *)tk_ptr(p.k, uts) + 4 + 130, "6.1.0-tiny");
	tk_build_tables(p.k);
	tk_vmcoreinfo(p.k, &p.info);
	vr_strbuf_printf(&p.info, "SYMBOL(init_uts_ns)=%llx\n", (unsigned long long)uts);
	return p;
}

static void done(struct place *p)
{
	tk_free(p->k);
	vr_strbuf_free(&p->info);
	vr_strbuf_free(&p->log);
}

/* Open a dump with that text as its note, NULL: with none. */
static enum vr_err open_with(struct place *p, const char *text)
{
	struct vr_log log = {.emit = keep_log, .arg = &p->log};
	struct dump d = {.phdr_off = 64};
	Elf64_Phdr note = {.p_type = PT_NOTE};
	enum vr_err r;

	tk_close(p->k);
	dump_put_at(&d, d.phdr_off + 64 * sizeof(Elf64_Phdr), "", 0);
	note.p_offset = d.len;
	if (text)
		dump_note(&d, "VMCOREINFO", 0, text, (uint32_t)strlen(text));
	note.p_filesz = d.len - note.p_offset;
	dump_phdr(&d, 0, note);
	tk_segments(p->k, &d);
	p->options.dump_fd = p->k->fd = dump_file(&d);
	dump_free(&d);
	p->options.log = &log;
	p->log.len = 0;
	p->err = (struct vr_error){0};
	r = vr_session_open(&p->options, &p->k->session, &p->err);
	p->options.log = NULL; /* it was this function's */
	if (r == VR_OK && !p->degraded) {
		struct vr_program *prog = vr_session_program(p->k->session);

		assert_int_equal(vr_symbol(prog, "_stext"), TK_TEXT);
		assert_non_null(vr_type_find(prog, "struct task_struct"));
	}
	vr_strbuf_str(&p->log);
	return r;
}

/* Put a text into a page of its own, at that offset: its physical address. */
static uint64_t put_page(struct place *p, const char *text, size_t offset)
{
	uint64_t phys = tk_alloc_phys(p->k, TK_PAGE);

	memset(tk_host(p->k, phys), 0, TK_PAGE);
	memcpy(tk_host(p->k, phys) + offset, text, VR_MIN(strlen(text), TK_PAGE - offset));
	return phys + offset;
}

/* The right text with one line's value replaced. */
static char *with(struct place *p, const char *key, const char *value)
{
	const char *info = vr_strbuf_str(&p->info), *at = strstr(info, key), *end;
	struct vr_strbuf out = {0};

	assert_non_null(at);
	at += strlen(key);
	end = strchrnul(at, '\n');
	vr_strbuf_add(&out, info, (size_t)(at - info));
	vr_strbuf_puts(&out, value);
	vr_strbuf_puts(&out, end);
	vr_strbuf_str(&out);
	return out.data;
}

static bool logged(struct place *p, const char *text)
{
	return strstr(vr_strbuf_str(&p->log), text) != NULL;
}

static void expect_found_at(struct place *p, uint64_t phys)
{
	char text[64];

	snprintf(text, sizeof(text), "found in memory, at 0x%llx,", (unsigned long long)phys);
	if (!logged(p, text))
		fail_msg("not \"%s\" but: %s", text, vr_strbuf_str(&p->log));
}

static void test_note(void **state)
{
	struct place p = make();

	(void)state;
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_false(logged(&p, "WARNING"));
	assert_false(logged(&p, "found"));
	done(&p);
}

static void test_no_note(void **state)
{
	struct place p = make();
	uint64_t phys;

	(void)state;
	assert_int_equal(open_with(&p, NULL), VR_ABSENT);
	assert_non_null(strstr(p.err.text, "--vmcoreinfo"));
	phys = put_page(&p, vr_strbuf_str(&p.info), 0);
	assert_int_equal(open_with(&p, NULL), VR_OK);
	expect_found_at(&p, phys);
	done(&p);

	/* The copy that is made for the note serves too; one at another place does not. */
	p = make();
	put_page(&p, vr_strbuf_str(&p.info), 64);
	assert_int_equal(open_with(&p, NULL), VR_ABSENT);
	phys = put_page(&p, vr_strbuf_str(&p.info), NOTE_HEADER);
	assert_int_equal(open_with(&p, NULL), VR_OK);
	expect_found_at(&p, phys);
	done(&p);
}

static void test_several_candidates(void **state)
{
	static const struct {
		const char *key, *value;
	} wrong[] = {
		{"OSRELEASE=", "5.9.0-other"},
		{"NUMBER(phys_base)=", "0"},
		{"NUMBER(phys_base)=", "-8384512"}, /* a page off */
		{"SYMBOL(swapper_pg_dir)=", "ffffffff82000000"},
		{"SYMBOL(swapper_pg_dir)=", "garbage"},
		{"SYMBOL(_stext)=", "1000"},
		{"SYMBOL(_stext", ""},
	};
	struct place p = make();
	uint64_t phys;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < VR_ARRAY_SIZE(wrong); i++) {
			char *text = with(&p, wrong[i].key, wrong[i].value);

			put_page(&p, text, 0);
			free(text);
		}
		/* Cut off where the page of the text was. */
		put_page(&p, "OSRELEASE=6.1.0-tiny\nPAGE", 0);
		put_page(&p, "OSRELEASE=", 0);
		if (!round) {
			assert_int_equal(open_with(&p, NULL), VR_ABSENT);
			assert_true(logged(&p, "9 that don't fit"));
			phys = put_page(&p, vr_strbuf_str(&p.info), 0);
		}
	}
	assert_int_equal(open_with(&p, NULL), VR_OK);
	expect_found_at(&p, phys);
	done(&p);
}

static void test_wrong_note(void **state)
{
	struct place p = make();
	char *not_mapped = with(&p, "SYMBOL(swapper_pg_dir)=", "ffffffff81000000");
	char *no_stext = with(&p, "SYMBOL(_stext", "");
	const char *notes[] = {not_mapped, no_stext, "OSRELEASE=6.1.0-tiny\n"};
	uint64_t phys;

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(notes); i++) {
		assert_int_not_equal(open_with(&p, notes[i]), VR_OK);
		if (!strstr(p.err.text, "VMCOREINFO note is wrong"))
			fail_msg("%s", p.err.text);
	}
	assert_int_equal(open_with(&p, not_mapped), VR_CORRUPT);
	assert_non_null(strstr(p.err.text, "do not map the kernel's text"));
	phys = put_page(&p, vr_strbuf_str(&p.info), 0);
	for (size_t i = 0; i < VR_ARRAY_SIZE(notes); i++) {
		assert_int_equal(open_with(&p, notes[i]), VR_OK);
		assert_true(logged(&p, "WARNING the dump's VMCOREINFO note is wrong ("));
		expect_found_at(&p, phys);
	}
	free(not_mapped);
	free(no_stext);
	done(&p);
}

/* Another release's may be this one's, in a damaged dump: it is used if there is no better. */
static void test_doubtful_note(void **state)
{
	struct place p = make();
	char *other_release = with(&p, "OSRELEASE=", "5.9.0-other");
	uint64_t phys;

	(void)state;
	assert_int_equal(open_with(&p, other_release), VR_OK);
	assert_true(logged(&p, "may be wrong (there is no Linux 5.9.0-other"));
	phys = put_page(&p, vr_strbuf_str(&p.info), 0);
	assert_int_equal(open_with(&p, other_release), VR_OK);
	expect_found_at(&p, phys);
	free(other_release);
	done(&p);
}

/* What is wrong, but needed by nobody here, is named all the same. */
static void test_note_against_symbols(void **state)
{
	static const struct {
		const char *offset;
		bool wrong;
	} cases[] = {{"0", false},
		     {"200000", false},
		     {"123456", true},
		     {"40000000", true},
		     {"xyz", true}};
	struct place p = make();

	(void)state;
	for (size_t i = 0; i < VR_ARRAY_SIZE(cases); i++) {
		struct vr_strbuf info = {0};

		tk_vmcoreinfo(p.k, &info);
		vr_strbuf_printf(&info, "KERNELOFFSET=%s\nSYMBOL(prb)=1\n", cases[i].offset);
		assert_int_equal(open_with(&p, vr_strbuf_str(&info)), VR_OK);
		assert_int_equal(logged(&p, "WARNING VMCOREINFO's KERNELOFFSET"), cases[i].wrong);
		vr_strbuf_free(&info);
	}
	done(&p);
}

/* Where the page tables are missing nothing speaks for the note, nor against it. */
static void test_unsure_note(void **state)
{
	struct place p = make();
	uint64_t uts = 0;

	(void)state;
	tk_set_page(p.k, p.k->pgd, TK_ABSENT);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_false(logged(&p, "WARNING")); /* the release is where it should be */
	for (uint32_t i = 0; i < p.k->symbol_count; i++)
		if (!strcmp(p.k->symbols[i].text, "Dinit_uts_ns"))
			uts = p.k->symbols[i].addr;
	memset(tk_ptr(p.k, uts), 0, 512);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_true(logged(&p, "WARNING the dump's VMCOREINFO note may be wrong"));
	done(&p);
}

static void test_given_text(void **state)
{
	struct place p = make();
	char *wrong = with(&p, "SYMBOL(swapper_pg_dir)=", "ffffffff81000000");

	(void)state;
	p.options.vmcoreinfo_text = vr_strbuf_str(&p.info);
	assert_int_equal(open_with(&p, NULL), VR_OK);
	assert_int_equal(open_with(&p, wrong), VR_OK);
	assert_int_equal(open_with(&p, "junk"), VR_OK);
	/* Whoever gives one means it. */
	p.options.vmcoreinfo_text = wrong;
	assert_int_not_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_non_null(strstr(p.err.text, "the VMCOREINFO that was given"));
	p.options.vmcoreinfo_text = "";
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_CORRUPT);
	free(wrong);
	done(&p);
}

/* A dump whose every page begins like VMCOREINFO. */
static void test_candidates_without_end(void **state)
{
	struct place p = make();

	(void)state;
	for (int i = 0; i < 1000; i++)
		put_page(&p, "OSRELEASE=6.1.0-tiny\n", 0);
	assert_int_equal(open_with(&p, NULL), VR_ABSENT);
	done(&p);
}

/* ---- BTF without its symbols ---- */

static struct place make_without_btf_symbols(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct tiny_kernel *k = p.k;

	qsort(k->symbols, k->symbol_count, sizeof(k->symbols[0]), tk_compare);
	kb_build(&k->kallsyms, k->symbols, k->symbol_count, KB_ABSOLUTE_PERCPU, true);
	tk_load_bytes(k, k->kallsyms.base, k->kallsyms.bytes.data, k->kallsyms.bytes.len);
	k->built = true;
	tk_vmcoreinfo(k, &p.info);
	/* The image's end, as far as VMCOREINFO tells. */
	vr_strbuf_printf(&p.info, "SYMBOL(_end_of_something)=%llx\n", TK_BTF + 0x10000);
	return p;
}

static void test_btf_by_its_header(void **state)
{
	struct place p = make_without_btf_symbols();
	size_t len;
	unsigned char *btf = tt_blob(&p.k->types, &len), *head;
	const uint64_t first = TK_BTF + 20; /* 4-aligned is all it is on some kernels */

	(void)state;
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_ABSENT);
	assert_non_null(strstr(p.err.text, "--vmlinux"));
	tk_map_image(p.k, TK_BTF, 0x8000);
	head = tk_ptr(p.k, first);
	memcpy(head, btf, len);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_true(logged(&p, "BTF was found by scanning"));
	/* Headers alone, and one whose lengths lead beyond the image. */
	memcpy(tk_ptr(p.k, TK_BTF + 0x4000), btf, 24);
	memcpy(tk_ptr(p.k, TK_BTF + 0x5000), btf, 24);
	memset((uint8_t *)tk_ptr(p.k, TK_BTF + 0x5000) + 20, 0x7f, 4);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	/* Any number of smaller ones, before and behind it. */
	for (unsigned i = 0; i < 100; i++) {
		uint32_t small[6] = {0x0001eb9f, 24, 0, 4, 4, 4 + i % 8};

		memcpy(tk_ptr(p.k, TK_BTF + 0x4000 + i * 32), small, sizeof(small));
	}
	memmove(tk_ptr(p.k, TK_BTF + 0x7000), head, len);
	memset(head, 0, len);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	memcpy(head, btf, len);
	memset(tk_ptr(p.k, TK_BTF + 0x7000), 0, len);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	/* A second one. */
	memcpy(tk_ptr(p.k, TK_BTF + 0x6000), btf, len);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_CORRUPT);
	assert_non_null(strstr(p.err.text, "twice"));
	memset(tk_ptr(p.k, TK_BTF + 0x6000), 0, len);
	/* Damaged: that is said, and not that there is none. */
	head[26] ^= 0x1f;
	head[27] ^= 0x1f;
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_CORRUPT);
	free(btf);
	done(&p);
}

/* ---- Symbols and types that the dump has lost ---- */

static const char log_keys[] =
	"OFFSET(uts_namespace.name)=4\nSIZE(list_head)=16\nOFFSET(list_head.next)=0\n"
	"OFFSET(list_head.prev)=8\nSIZE(atomic_long_t)=8\nOFFSET(atomic_long_t.counter)=0\n"
	"SIZE(prb_desc_ring)=48\nOFFSET(prb_desc_ring.count_bits)=0\n"
	"OFFSET(prb_desc_ring.tail_id)=32\nOFFSET(prb_desc_ring.head_id)=44\n"
	"SIZE(printk_info)=88\nOFFSET(printk_info.text_len)=16\n"
	"OFFSET(printk_info.caller_id)=20\nOFFSET(printk_info.seq)=1000\n";

static struct place make_degraded(void)
{
	struct place p = make();

	vr_strbuf_puts(&p.info, log_keys);
	p.degraded = true;
	return p;
}

static void lose(struct place *p, uint64_t va, enum tk_state how)
{
	tk_set_page(p->k, tk_phys(p->k, va), how);
}

static enum vr_err kind_of(struct vr_program *prog, struct vr_scope *scope)
{
	return vr_scope_leave(prog, scope);
}

/* What VMCOREINFO says of types is there, and of these nothing that it doesn't say. */
static void check_known_types(struct vr_program *prog)
{
	struct vr_obj uts = vr_global(prog, "init_uts_ns", "struct uts_namespace");
	struct vr_scope scope;
	char release[65];

	vr_str(uts, "name.release", release, sizeof(release));
	assert_string_equal(release, "6.1.0-tiny");
	assert_int_equal(vr_sizeof(prog, "struct list_head"), 16);
	assert_int_equal(vr_offsetof(prog, "struct prb_desc_ring", "tail_id.counter"), 32);
	assert_int_equal(vr_offsetof(prog, "struct printk_info", "facility"), 18);
	assert_int_equal(vr_offsetof(prog, "struct printk_info", "flags"), 19);
	assert_false(vr_failed(prog));
	/* Beyond the end of its struct, by what VMCOREINFO says. */
	assert_false(vr_has_member(prog, "struct prb_desc_ring", "head_id"));
	assert_false(vr_has_member(prog, "struct printk_info", "seq"));
	vr_scope_enter(prog, &scope);
	vr_sizeof(prog, "struct uts_namespace");
	assert_int_equal(kind_of(prog, &scope), VR_FAULT);
	vr_scope_enter(prog, &scope);
	vr_offsetof(prog, "struct uts_namespace", "user_ns");
	assert_int_equal(kind_of(prog, &scope), VR_FAULT);
	vr_scope_enter(prog, &scope);
	vr_sizeof(prog, "struct task_struct");
	assert_int_equal(kind_of(prog, &scope), VR_FAULT);
	assert_non_null(strstr(scope.error.text, "BTF"));
	vr_scope_enter(prog, &scope);
	vr_constant(prog, "SOME_CONSTANT");
	assert_int_equal(kind_of(prog, &scope), VR_FAULT);
	assert_null(vr_type_find(prog, "struct new_type"));
}

static void test_lost_types(void **state)
{
	struct place p = make_degraded();
	struct vr_program *prog;

	(void)state;
	lose(&p, TK_BTF, TK_ABSENT);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_true(logged(&p, "WARNING the dump lacks types: all but those in VMCOREINFO"));
	assert_null(vr_session_lacks_symbols(p.k->session));
	assert_int_equal(vr_session_lacks_types(p.k->session)->kind, VR_FAULT);
	prog = vr_session_program(p.k->session);
	assert_int_equal(vr_symbol(prog, "_stext"), TK_TEXT);
	check_known_types(prog);
	done(&p);
}

static void test_lost_symbols(void **state)
{
	struct place p = make_degraded();
	struct vr_program *prog;
	struct vr_scope scope;
	uint64_t addr;

	(void)state;
	for (uint64_t at = 0; at < p.k->kallsyms.bytes.len; at += TK_PAGE)
		lose(&p, p.k->kallsyms.base + at, TK_ABSENT);
	lose(&p, TK_BTF, TK_ABSENT);
	/* A kernel like this one says where its tables are. */
	vr_strbuf_printf(&p.info,
			 "SYMBOL(kallsyms_names)=%llx\nSYMBOL(kallsyms_num_syms)=%llx\n"
			 "SYMBOL(kallsyms_token_table)=%llx\n"
			 "SYMBOL(kallsyms_token_index)=%llx\n"
			 "SYMBOL(kallsyms_offsets)=%llx\n",
			 (unsigned long long)p.k->kallsyms.tables.names,
			 (unsigned long long)p.k->kallsyms.tables.num_syms,
			 (unsigned long long)p.k->kallsyms.tables.token_table,
			 (unsigned long long)p.k->kallsyms.tables.token_index,
			 (unsigned long long)p.k->kallsyms.tables.offsets);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_OK);
	assert_true(logged(&p, "WARNING the dump lacks symbols: all but those in VMCOREINFO"));
	assert_int_equal(vr_session_lacks_symbols(p.k->session)->kind, VR_FAULT);
	prog = vr_session_program(p.k->session);
	assert_int_equal(vr_symbol(prog, "_stext"), TK_TEXT);
	check_known_types(prog);
	assert_int_equal(vr_try_symbol(prog, "init_task", &addr), VR_FAULT);
	vr_scope_enter(prog, &scope);
	vr_symbol(prog, "runqueues|rq");
	assert_int_equal(kind_of(prog, &scope), VR_FAULT);
	assert_non_null(strstr(scope.error.text, "kallsyms"));
	done(&p);
}

/* With nothing to report that is said instead. */
static void test_lost_all(void **state)
{
	struct place p = make_degraded();
	uint64_t uts = 0;

	(void)state;
	for (uint32_t i = 0; i < p.k->symbol_count; i++)
		if (!strcmp(p.k->symbols[i].text, "Dinit_uts_ns"))
			uts = p.k->symbols[i].addr;
	lose(&p, TK_BTF, TK_ABSENT);
	lose(&p, uts, TK_ABSENT);
	assert_int_equal(open_with(&p, vr_strbuf_str(&p.info)), VR_FAULT);
	assert_non_null(strstr(p.err.text, "nor can the log be read"));
	assert_non_null(strstr(p.err.text, "BTF"));
	done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_no_note),
		cmocka_unit_test(test_several_candidates),
		cmocka_unit_test(test_wrong_note),
		cmocka_unit_test(test_note_against_symbols),
		cmocka_unit_test(test_doubtful_note),
		cmocka_unit_test(test_unsure_note),
		cmocka_unit_test(test_given_text),
		cmocka_unit_test(test_candidates_without_end),
		cmocka_unit_test(test_btf_by_its_header),
		cmocka_unit_test(test_lost_types),
		cmocka_unit_test(test_lost_symbols),
		cmocka_unit_test(test_lost_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
