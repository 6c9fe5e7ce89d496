// SPDX-License-Identifier: GPL-2.0-or-later
/* The vmlinux and the core that are made from a dump: ELF, DWARF, unwinding, and hostile types. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "dwarf_walker.h"
#include "image/runs.h"
#include "tiny_kernel.h"
#include "vmlinux/dwarf.h"
#include "vmlinux/frame_rows.h"
#include "vmlinux/vmlinux.h"

#define OFFSET 0x200000ull

TINY_TYPES(
	my_types, struct list_head { struct list_head *next, *prev; };
	enum pid_type{PIDTYPE_PID, PIDTYPE_NONE = -1};
	enum system_states{SYSTEM_BOOTING, SYSTEM_FREEING_INITMEM, SYSTEM_RUNNING};
	struct cpumask { unsigned long bits[2]; }; struct task_struct {
		unsigned int state;
		unsigned int on_rq : 1, flags : 3;
		union {
			unsigned long raw;
			struct {
				unsigned int low, high;
			};
		};
		struct list_head tasks;
		const struct task_struct *parent;
		char comm[16];
		void *stack;
		char tail[];
	};)

/* ---- A file, mapped ---- */

struct made {
	struct tiny_kernel *k;
	struct vr_program *prog;
	int fd;
	size_t len;
	uint8_t *data;
	struct vr_vmlinux_info info;
	uint64_t init_task, function;
	struct dies dies;
};

static const Elf64_Ehdr *head(const struct made *m)
{
	return (const Elf64_Ehdr *)(const void *)m->data;
}

static const Elf64_Shdr *section(const struct made *m, const char *name)
{
	const Elf64_Shdr *table = (const Elf64_Shdr *)(const void *)(m->data + head(m)->e_shoff);
	const Elf64_Shdr *names = &table[head(m)->e_shstrndx];

	for (size_t i = 1; i < head(m)->e_shnum; i++)
		if (!strcmp((const char *)m->data + names->sh_offset + table[i].sh_name, name))
			return &table[i];
	return NULL;
}

static const uint8_t *bytes(const struct made *m, const char *name, size_t *len)
{
	const Elf64_Shdr *s = section(m, name);

	assert_non_null(s);
	assert_true(vr_range_ok(s->sh_offset, s->sh_size, m->len));
	*len = s->sh_size;
	return m->data + s->sh_offset;
}

static void map(struct made *m)
{
	struct stat st;

	assert_int_equal(fstat(m->fd, &st), 0);
	m->len = (size_t)st.st_size;
	m->data = mmap(NULL, m->len, PROT_READ, MAP_SHARED, m->fd, 0);
	assert_true(m->data != MAP_FAILED);
	assert_true(m->len > sizeof(Elf64_Ehdr));
	assert_memory_equal(m->data, ELFMAG, SELFMAG);
}

static void set_up(struct made *m)
{
	*m = (struct made){.k = tk_new((struct tk_spec){
				   .types = my_types,
				   .info = "KERNELOFFSET=200000\nBUILD-ID=0123456789abcdef\n"})};
	m->init_task = tk_global(m->k, "init_task", sizeof(struct task_struct));
	tk_global(m->k, "some_table", 64);
	tk_global(m->k, "__cpu_online_mask", sizeof(struct cpumask));
	m->function = TK_TEXT + 0x100;
	tk_symbol(m->k, 'T', "start_kernel", m->function);
	tk_symbol(m->k, 't', "helper.cold", m->function + 0x40);
	m->fd = memfd_create("vmlinux", MFD_CLOEXEC);
	assert_true(m->fd >= 0);
	m->prog = tk_open(m->k);
}

static void make(struct made *m)
{
	struct vr_error err;

	set_up(m);
	if (vr_vmlinux_write(m->prog, m->fd, NULL, &m->info, &err))
		fail_msg("%s", err.text);
	map(m);
	m->dies.info = bytes(m, ".debug_info", &m->dies.info_len);
	m->dies.abbrev = bytes(m, ".debug_abbrev", &m->dies.abbrev_len);
	m->dies.str = bytes(m, ".debug_str", &m->dies.str_len);
	dies_read(&m->dies);
}

static void drop(struct made *m)
{
	dies_free(&m->dies);
	if (m->data)
		munmap(m->data, m->len);
	close(m->fd);
	tk_free(m->k);
}

/* ---- ELF ---- */

static void test_elf(void **state)
{
	const Elf64_Phdr *load;
	struct made m;

	(void)state;
	make(&m);
	assert_int_equal(head(&m)->e_type, ET_EXEC);
	assert_int_equal(head(&m)->e_machine, EM_X86_64);
	assert_int_equal(m.info.bytes, m.len);
	assert_non_null(section(&m, ".init.text"));
	assert_int_equal(section(&m, ".text")->sh_addr, TK_TEXT - OFFSET);
	load = (const Elf64_Phdr *)(const void *)(m.data + head(&m)->e_phoff);
	assert_int_equal(load->p_type, PT_LOAD);
	assert_int_equal(load->p_vaddr, TK_TEXT - OFFSET);
	assert_int_equal(load->p_filesz, 0);
	load++;
	assert_int_equal(load->p_type, PT_LOAD);
	assert_true(load->p_vaddr + load->p_memsz > TK_DATA - OFFSET);
	/* No ORC in this kernel: no unwinding either. */
	assert_null(section(&m, ".debug_frame"));
	assert_int_equal(m.info.unwind_rows, 0);
	drop(&m);
}

static void test_build_id(void **state)
{
	static const uint8_t id[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
	const uint8_t *note;
	struct made m;
	size_t len;

	(void)state;
	make(&m);
	note = bytes(&m, ".notes", &len);
	assert_int_equal(len, 12 + 4 + sizeof(id));
	assert_int_equal(vr_load32(note + 8), NT_GNU_BUILD_ID);
	assert_memory_equal(note + 16, id, sizeof(id));
	assert_true(m.info.build_id);
	drop(&m);
}

static void test_symbols(void **state)
{
	const Elf64_Sym *symbols;
	const char *names;
	size_t len, names_len, count, found = 0;
	struct made m;

	(void)state;
	make(&m);
	symbols = (const Elf64_Sym *)(const void *)bytes(&m, ".symtab", &len);
	names = (const char *)bytes(&m, ".strtab", &names_len);
	count = len / sizeof(*symbols);
	/* Before them: none, and those of .text and .data. */
	assert_int_equal(count, vr_symtab_count(m.prog->symtab) + 3);
	assert_int_equal(m.info.symbols, count - 3);
	for (size_t i = 1; i < count; i++) {
		const char *name = names + symbols[i].st_name;

		assert_true(symbols[i].st_name < names_len);
		assert_int_equal(ELF64_ST_BIND(symbols[i].st_info) == STB_LOCAL,
				 i < section(&m, ".symtab")->sh_info);
		if (!strcmp(name, "init_task")) {
			assert_int_equal(symbols[i].st_value, m.init_task - OFFSET);
			assert_int_equal(ELF64_ST_TYPE(symbols[i].st_info), STT_OBJECT);
			found++;
		} else if (!strcmp(name, "start_kernel")) {
			assert_int_equal(symbols[i].st_value, m.function - OFFSET);
			assert_int_equal(symbols[i].st_size, 0x40);
			assert_int_equal(ELF64_ST_TYPE(symbols[i].st_info), STT_FUNC);
			found++;
		}
	}
	assert_int_equal(found, 2);
	drop(&m);
}

/* ---- Contents ---- */

#define AT_PAGE(n) (TK_DATA + (n)*TK_PAGE)

/* The parts of an image, each page of another byte; of .rodata and .data the dump lacks pages. */
static void set_up_parts(struct made *m, uint32_t system_state)
{
	static const struct {
		const char *name;
		uint64_t addr;
	} bounds[] = {
		{"__start_rodata", AT_PAGE(4)}, {"__end_rodata", AT_PAGE(6) + 0x20},
		{"_sdata", AT_PAGE(7)},         {"_edata", AT_PAGE(8) + 0x800},
		{"_sinittext", AT_PAGE(9)},     {"_einittext", AT_PAGE(10) + 0x10},
		{"__init_end", AT_PAGE(11)},    {"__bss_start", AT_PAGE(11)},
		{"__bss_stop", AT_PAGE(12)},    {"__brk_base", AT_PAGE(12)},
		{"__brk_limit", AT_PAGE(13)},   {"_end", AT_PAGE(13)},
		{"__per_cpu_start", 0},         {"__per_cpu_end", 0x2000},
		{"a_per_cpu_variable", 0x1040},
	};

	*m = (struct made){
		.k = tk_new((struct tk_spec){.types = my_types, .info = "KERNELOFFSET=200000\n"})};
	for (size_t i = 0; i < VR_ARRAY_SIZE(bounds); i++)
		tk_symbol(m->k, bounds[i].addr ? 'D' : 'A', bounds[i].name, bounds[i].addr);
	memcpy(tk_ptr(m->k, tk_global(m->k, "system_state", 4)), &system_state, 4);
	for (unsigned int i = 4; i < 13; i++)
		memset(tk_ptr(m->k, AT_PAGE(i)), (int)i, TK_PAGE);
	memset(tk_ptr(m->k, TK_TEXT), 0xcc, TK_TEXT_PAGES * TK_PAGE);
	tk_set_page(m->k, tk_phys(m->k, AT_PAGE(5)), TK_ABSENT);
	tk_set_page(m->k, tk_phys(m->k, AT_PAGE(8)), TK_CUT_OFF);
	m->fd = memfd_create("vmlinux", MFD_CLOEXEC);
	assert_true(m->fd >= 0);
	m->prog = tk_open(m->k);
}

static void make_parts(struct made *m, uint32_t system_state)
{
	struct vr_vmlinux_options options = {.contents = true};
	struct vr_error err;

	set_up_parts(m, system_state);
	if (vr_vmlinux_write(m->prog, m->fd, &options, &m->info, &err))
		fail_msg("%s", err.text);
	map(m);
}

/* That a section has its bytes, all of pieces of one value each. */
static void check_bytes(const struct made *m, const char *name, uint64_t start, uint64_t end,
			const uint8_t *pages)
{
	const uint8_t *data;
	size_t len;

	assert_int_equal(section(m, name)->sh_addr, start - OFFSET);
	assert_int_equal(section(m, name)->sh_type, SHT_PROGBITS);
	data = bytes(m, name, &len);
	assert_int_equal(len, end - start);
	for (uint64_t at = start; at < end; at++)
		assert_int_equal(data[at - start], pages[(at >> 12) - (start >> 12)]);
}

static void test_contents(void **state)
{
	static const uint8_t text[] = {0xcc, 0xcc, 0xcc, 0xcc}, rodata[] = {4, 0, 6},
			     data[] = {7, 0}, gone[] = {0, 0};
	struct made m;

	(void)state;
	make_parts(&m, 2);
	check_bytes(&m, ".text", TK_TEXT, TK_TEXT + TK_TEXT_PAGES * TK_PAGE, text);
	check_bytes(&m, ".rodata", AT_PAGE(4), AT_PAGE(6) + 0x20, rodata);
	check_bytes(&m, ".data", AT_PAGE(7), AT_PAGE(8) + 0x800, data);
	check_bytes(&m, ".init.text", AT_PAGE(9), AT_PAGE(10) + 0x10, gone);
	check_bytes(&m, ".init.data", AT_PAGE(10) + 0x10, AT_PAGE(11), gone);
	assert_int_equal(section(&m, ".bss")->sh_type, SHT_NOBITS);
	assert_int_equal(section(&m, ".brk")->sh_addr, AT_PAGE(12) - OFFSET);
	assert_int_equal(section(&m, ".data..percpu")->sh_addr, 0);
	assert_int_equal(section(&m, ".data..percpu")->sh_size, 0x2000);
	assert_int_equal(m.info.content_bytes, 4 * TK_PAGE + 0x2020 + 0x1800);
	assert_int_equal(m.info.content_missing, 0x1800);
	assert_true(m.info.init_gone);
	drop(&m);
}

/* A kernel that died while it started still has what is for that only. */
static void test_contents_of_a_start(void **state)
{
	static const uint8_t init_text[] = {9, 10}, init_data[] = {10};
	struct made m;

	(void)state;
	make_parts(&m, 0);
	check_bytes(&m, ".init.text", AT_PAGE(9), AT_PAGE(10) + 0x10, init_text);
	check_bytes(&m, ".init.data", AT_PAGE(10) + 0x10, AT_PAGE(11), init_data);
	assert_false(m.info.init_gone);
	drop(&m);
}

static void test_segments(void **state)
{
	const Elf64_Phdr *load;
	struct made m;
	size_t offsets = 0;

	(void)state;
	make_parts(&m, 2);
	load = (const Elf64_Phdr *)(const void *)(m.data + head(&m)->e_phoff);
	/* Readers want the image's first address in the first, its last in the last. */
	assert_int_equal(load[0].p_vaddr, TK_TEXT - OFFSET);
	for (size_t i = 0; i < head(&m)->e_phnum && load[i].p_type == PT_LOAD; i++) {
		if (!load[i].p_vaddr)
			offsets = i;
		assert_int_equal((load[i].p_vaddr - load[i].p_offset) % TK_PAGE, 0);
		assert_true(vr_range_ok(load[i].p_offset, load[i].p_filesz, m.len));
		assert_true(load[i].p_filesz == load[i].p_memsz || !load[i].p_filesz);
	}
	assert_int_equal(offsets, 1);
	drop(&m);
}

/* What the symbols of a section's own say, and to which section others belong. */
static void test_sections_of_symbols(void **state)
{
	const Elf64_Sym *symbols;
	const Elf64_Shdr *table;
	const char *names;
	struct made m;
	size_t len, names_len, own = 0, found = 0;

	(void)state;
	make_parts(&m, 2);
	table = (const Elf64_Shdr *)(const void *)(m.data + head(&m)->e_shoff);
	symbols = (const Elf64_Sym *)(const void *)bytes(&m, ".symtab", &len);
	names = (const char *)bytes(&m, ".strtab", &names_len);
	for (size_t i = 1; i < len / sizeof(*symbols); i++) {
		const Elf64_Shdr *its = &table[symbols[i].st_shndx];
		const char *name = names + symbols[i].st_name;

		if (ELF64_ST_TYPE(symbols[i].st_info) == STT_SECTION) {
			assert_int_equal(symbols[i].st_value, its->sh_addr);
			own++;
		} else if (!strcmp(name, "a_per_cpu_variable")) {
			assert_ptr_equal(its, section(&m, ".data..percpu"));
			found++;
		} else if (!strcmp(name, "__end_rodata")) {
			assert_ptr_equal(its, section(&m, ".rodata"));
			found++;
		} else if (!strcmp(name, "__bss_start")) {
			assert_ptr_equal(its, section(&m, ".bss"));
			found++;
		}
	}
	assert_int_equal(own, 8);
	assert_int_equal(found, 3);
	drop(&m);
}

/* Bounds that can't be: what is left is text and data, or a part less. */
static void test_parts_that_lie(void **state)
{
	struct vr_vmlinux_options options = {.contents = true};
	struct vr_error err;
	struct made m;

	(void)state;
	m = (struct made){.k = tk_new((struct tk_spec){.types = my_types})};
	tk_symbol(m.k, 'D', "__start_rodata", AT_PAGE(6));
	tk_symbol(m.k, 'D', "__end_rodata", AT_PAGE(4));
	tk_symbol(m.k, 'D', "_sdata", AT_PAGE(5));
	tk_symbol(m.k, 'D', "_edata", AT_PAGE(8));
	tk_symbol(m.k, 'B', "__bss_start", AT_PAGE(7));
	tk_symbol(m.k, 'B', "__bss_stop", AT_PAGE(9));
	tk_symbol(m.k, 'B', "_end", AT_PAGE(9));
	m.fd = memfd_create("vmlinux", MFD_CLOEXEC);
	m.prog = tk_open(m.k);
	if (vr_vmlinux_write(m.prog, m.fd, &options, &m.info, &err))
		fail_msg("%s", err.text);
	map(&m);
	assert_null(section(&m, ".rodata"));
	assert_null(section(&m, ".bss"));
	assert_int_equal(section(&m, ".data")->sh_addr, TK_TEXT + TK_TEXT_PAGES * TK_PAGE);
	/* Between text and data nothing is mapped. */
	assert_true(m.info.content_missing > 0x800000);
	drop(&m);
}

/* ---- DWARF ---- */

static const struct die *member(const struct dies *d, const struct die *type, const char *name)
{
	for (const struct die *die = type + 1; die < d->list + d->count && die->depth > type->depth;
	     die++)
		if (die->tag == DW_TAG_member && die->text && !strcmp(die->text, name))
			return die;
	fail_msg("no member %s", name);
	return NULL;
}

static void test_types(void **state)
{
	const struct die *task, *list, *die;
	struct made m;

	(void)state;
	make(&m);
	list = dies_find(&m.dies, DW_TAG_structure_type, "list_head");
	task = dies_find(&m.dies, DW_TAG_structure_type, "task_struct");
	assert_non_null(list);
	assert_non_null(task);
	assert_int_equal(die_get(task, DW_AT_byte_size), sizeof(struct task_struct));
	die = member(&m.dies, task, "comm");
	assert_int_equal(die_get(die, DW_AT_data_member_location),
			 offsetof(struct task_struct, comm));
	die = die_type(&m.dies, die);
	assert_int_equal(die->tag, DW_TAG_array_type);
	assert_int_equal(die_get(die + 1, DW_AT_count), 16);
	die = die_type(&m.dies, member(&m.dies, task, "tail"));
	assert_false(die_has(die + 1, DW_AT_count));
	die = member(&m.dies, task, "flags");
	assert_int_equal(die_get(die, DW_AT_data_bit_offset), 33);
	assert_int_equal(die_get(die, DW_AT_bit_size), 3);
	assert_ptr_equal(die_type(&m.dies, member(&m.dies, task, "tasks")), list);
	/* const struct task_struct * */
	die = die_type(&m.dies, member(&m.dies, task, "parent"));
	assert_int_equal(die->tag, DW_TAG_pointer_type);
	die = die_type(&m.dies, die);
	assert_int_equal(die->tag, DW_TAG_const_type);
	assert_ptr_equal(die_type(&m.dies, die), task);
	/* void * */
	die = die_type(&m.dies, member(&m.dies, task, "stack"));
	assert_int_equal(die->tag, DW_TAG_pointer_type);
	assert_false(die_has(die, DW_AT_type));
	drop(&m);
}

static void test_enumerators(void **state)
{
	const struct die *die;
	struct made m;

	(void)state;
	make(&m);
	die = dies_find(&m.dies, DW_TAG_enumerator, "PIDTYPE_NONE");
	assert_non_null(die);
	assert_int_equal((int64_t)die_get(die, DW_AT_const_value), -1);
	die = dies_find(&m.dies, DW_TAG_enumeration_type, "pid_type");
	assert_int_equal(die_get(die_type(&m.dies, die), DW_AT_encoding), DW_ATE_signed);
	drop(&m);
}

static void check_location(const struct made *m, const struct die *die, uint64_t addr)
{
	const uint8_t *p = m->dies.info + die_get(die, DW_AT_location);

	assert_int_equal(p[0], DW_OP_addr);
	assert_int_equal(vr_load64(p + 1), addr - OFFSET);
}

static void test_variables_and_functions(void **state)
{
	const struct die *die;
	struct made m;

	(void)state;
	make(&m);
	die = dies_find(&m.dies, DW_TAG_variable, "init_task");
	assert_non_null(die);
	assert_string_equal(die_type(&m.dies, die)->text, "task_struct");
	check_location(&m, die, m.init_task);
	/* What has no type is there without one. */
	die = dies_find(&m.dies, DW_TAG_variable, "some_table");
	assert_non_null(die);
	assert_false(die_has(die, DW_AT_type));
	die = dies_find(&m.dies, DW_TAG_subprogram, "start_kernel");
	assert_non_null(die);
	assert_int_equal(die_get(die, DW_AT_low_pc), m.function - OFFSET);
	assert_int_equal(die_get(die, DW_AT_high_pc), 0x40);
	assert_null(dies_find(&m.dies, DW_TAG_subprogram, "helper.cold"));
	drop(&m);
}

/* ---- Bounds ---- */

static void test_limit(void **state)
{
	struct vr_vmlinux_options options = {0};
	struct vr_vmlinux_info info;
	struct vr_error err;
	struct made m;
	uint64_t size;

	(void)state;
	make(&m);
	size = m.info.bytes;
	for (size_t i = 1; i <= 4; i++) {
		options.max_bytes = i < 4 ? size * i / 4 : size - 1;
		assert_int_equal(vr_vmlinux_write(m.prog, m.fd, &options, &info, &err), VR_LIMIT);
		assert_int_equal(info.bytes, 0);
	}
	/* What was there is not touched. */
	assert_int_equal(lseek(m.fd, 0, SEEK_END), size);
	options.max_bytes = size;
	assert_int_equal(vr_vmlinux_write(m.prog, m.fd, &options, &info, &err), VR_OK);
	drop(&m);
}

static void test_no_place_to_write(void **state)
{
	struct vr_error err;
	struct made m;

	(void)state;
	set_up(&m);
	assert_int_equal(vr_vmlinux_write(m.prog, -1, NULL, NULL, &err), VR_OS);
	assert_int_equal(vr_notes_core_write(m.prog, -1, &err), VR_OS);
	drop(&m);
}

/* What types are made of, with any bit flipped: the walker accepts each that BTF's check did. */
static void test_flipped_types(void **state)
{
	struct tt *t = calloc(1, sizeof(*t));
	unsigned char *blob;
	uint32_t random = 1;
	size_t len, taken = 0;

	(void)state;
	tt_init(t);
	tt_parse(t, my_types);
	blob = tt_blob(t, &len);
	for (int i = 0; i < 3000; i++) {
		unsigned char *copy = malloc(len);
		struct vr_types *types = vr_types_new();
		struct vr_blob abbrevs = {.max = 1 << 20};
		struct vr_dwarf dw;

		memcpy(copy, blob, len);
		for (int k = 0; k <= i % 3; k++) {
			random = random * 1103515245 + 12345;
			copy[(random >> 8) % len] ^= (unsigned char)(1u << (random >> 4 & 7));
		}
		if (vr_types_add_btf(types, copy, len, NULL) == VR_OK) {
			struct dies dies = {0};

			taken++;
			assert_int_equal(vr_dwarf_begin(&dw, types, true, 1 << 20), VR_OK);
			vr_dwarf_types(&dw);
			vr_dwarf_end(&dw);
			vr_dwarf_abbrevs(&abbrevs);
			if (!dw.info.failed) {
				dies.info = dw.info.data;
				dies.info_len = dw.info.len;
				dies.abbrev = abbrevs.data;
				dies.abbrev_len = abbrevs.len;
				dies.str = dw.str.data;
				dies.str_len = dw.str.len;
				dies_read(&dies);
			}
			dies_free(&dies);
			vr_dwarf_free(&dw);
			vr_blob_free(&abbrevs);
		}
		vr_types_free(types);
	}
	assert_true(taken > 500);
	free(blob);
	free(t);
}

/* ---- Unwinding ---- */

static const struct vr_orc_entry at_sp8 = {
	.sp_offset = 8, .sp_reg = VR_ORC_REG_SP, .type = VR_ORC_CALL};
static const struct vr_orc_entry at_sp16_bp = {.sp_offset = 16,
					       .bp_offset = -16,
					       .sp_reg = VR_ORC_REG_SP,
					       .bp_reg = VR_ORC_REG_PREV_SP,
					       .type = VR_ORC_CALL};
static const struct vr_orc_entry registers = {
	.sp_reg = VR_ORC_REG_SP, .type = VR_ORC_REGS, .signal = true};

struct fde {
	uint64_t start, size, common;
	const uint8_t *rules;
};

/* The entries (not the common parts); every byte belongs to one. */
static size_t read_frames(const struct vr_blob *b, struct fde *out, size_t max)
{
	size_t at = 0, count = 0;

	while (at < b->len) {
		uint32_t len = vr_load32(b->data + at), id = vr_load32(b->data + at + 4);

		assert_true(len >= 4 && len <= b->len - at - 4 && len % 4 == 0);
		if (id != UINT32_MAX) {
			assert_true(count < max);
			assert_int_equal(vr_load32(b->data + id + 4), UINT32_MAX);
			out[count++] =
				(struct fde){vr_load64(b->data + at + 8),
					     vr_load64(b->data + at + 16), id, b->data + at + 24};
		}
		at += 4 + len;
	}
	assert_int_equal(at, b->len);
	return count;
}

static void test_frame_rows(void **state)
{
	static const uint8_t rules[] = {
		DW_CFA_def_cfa,
		7,
		8,
		DW_CFA_advance_loc | 1,
		DW_CFA_def_cfa_offset,
		16,
		DW_CFA_offset_extended_sf,
		6,
		2,
	};
	struct vr_orc_entry nothing = {.type = VR_ORC_UNDEFINED};
	struct vr_blob b = {.max = 1 << 20};
	struct vr_frame_rows f = {.out = &b, .offset = 0x1000};
	struct fde fdes[8];

	(void)state;
	vr_frame_rows_begin(&f);
	vr_frame_rows_add(&f, 0x5000, 0x5001, &at_sp8);
	vr_frame_rows_add(&f, 0x5001, 0x5010, &at_sp16_bp);
	vr_frame_rows_add(&f, 0x5010, 0x5020, &at_sp16_bp); /* says nothing new */
	vr_frame_rows_add(&f, 0x5020, 0x5030, &nothing);
	vr_frame_rows_add(&f, 0x5030, 0x5040, &registers);
	vr_frame_rows_add(&f, 0x5038, 0x5050, &at_sp8); /* out of order */
	vr_frame_rows_flush(&f);
	assert_int_equal(b.failed, VR_OK);
	assert_int_equal(f.rows, 3);
	assert_int_equal(read_frames(&b, fdes, 8), 2);
	assert_int_equal(fdes[0].start, 0x4000);
	assert_int_equal(fdes[0].size, 0x20);
	assert_memory_equal(fdes[0].rules, rules, sizeof(rules));
	assert_int_equal(fdes[1].start, 0x4030);
	assert_int_equal(fdes[1].size, 0x10);
	/* Of an interrupted frame: the common part says so. */
	assert_memory_equal(b.data + fdes[1].common + 9, "zS", 3);
	vr_blob_free(&b);
}

static void test_many_frame_rows(void **state)
{
	struct vr_blob b = {.max = 1 << 20};
	struct vr_frame_rows f = {.out = &b};
	struct fde fdes[64];
	uint64_t at = 0x1000;
	uint32_t random = 7;
	size_t count;

	(void)state;
	vr_frame_rows_begin(&f);
	for (int i = 0; i < 4000; i++) {
		uint8_t raw[VR_ORC_ENTRY_SIZE];
		struct vr_orc_entry entry;

		for (size_t k = 0; k < sizeof(raw); k++) {
			random = random * 1103515245 + 12345;
			raw[k] = (uint8_t)(random >> 16);
		}
		vr_orc_decode(1 + (enum vr_orc_version)(i % 4), raw, &entry);
		vr_frame_rows_add(&f, at, at + (random >> 20), &entry);
		at += random >> 20;
		if (i % 100 == 0)
			vr_frame_rows_flush(&f);
		if (b.len > 1 << 16) {
			f.open = false;
			b.len = 0;
			vr_frame_rows_begin(&f);
		}
	}
	vr_frame_rows_flush(&f);
	b.len = 0;
	vr_frame_rows_begin(&f);
	for (uint64_t i = 0; i < 1000; i++)
		vr_frame_rows_add(&f, i * 300, (i + 1) * 300, i % 2 ? &at_sp8 : &at_sp16_bp);
	vr_frame_rows_flush(&f);
	assert_int_equal(b.failed, VR_OK);
	count = read_frames(&b, fdes, 64);
	assert_true(count > 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(fdes[i].start, i ? fdes[i - 1].start + fdes[i - 1].size : 0);
	assert_int_equal(fdes[count - 1].start + fdes[count - 1].size, 300000);
	vr_blob_free(&b);
}

/* ---- The core, and memory ---- */

static void test_core(void **state)
{
	const Elf64_Phdr *note;
	struct vr_error err;
	struct made m;

	(void)state;
	set_up(&m);
	if (vr_notes_core_write(m.prog, m.fd, &err))
		fail_msg("%s", err.text);
	map(&m);
	assert_int_equal(head(&m)->e_type, ET_CORE);
	assert_int_equal(head(&m)->e_phnum, 1);
	note = (const Elf64_Phdr *)(const void *)(m.data + head(&m)->e_phoff);
	assert_int_equal(note->p_type, PT_NOTE);
	assert_true(vr_range_ok(note->p_offset, note->p_filesz, m.len));
	assert_memory_equal(m.data + note->p_offset + 12, "VMCOREINFO", 11);
	assert_memory_equal(m.data + note->p_offset + 24, "OSRELEASE=", 10);
	drop(&m);
}

static void test_runs(void **state)
{
	struct vr_image_runs runs;
	uint64_t last = 0, pages = 0;
	struct made m;

	(void)state;
	set_up(&m);
	runs = vr_image_runs_begin(m.prog->image);
	while (vr_image_runs_next(&runs)) {
		assert_true(runs.start >= last && runs.start < runs.end);
		for (uint64_t at = runs.start; at < runs.end; at += TK_PAGE, pages++)
			assert_int_equal(m.k->state[at / TK_PAGE], TK_HELD);
		last = runs.end;
	}
	for (uint64_t pfn = 0; pfn < TK_RAM_PAGES; pfn++)
		pages -= m.k->state[pfn] == TK_HELD;
	assert_int_equal(pages, 0);
	drop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_contents_of_a_start),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_sections_of_symbols),
		cmocka_unit_test(test_parts_that_lie),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_enumerators),
		cmocka_unit_test(test_variables_and_functions),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_no_place_to_write),
		cmocka_unit_test(test_flipped_types),
		cmocka_unit_test(test_frame_rows),
		cmocka_unit_test(test_many_frame_rows),
		cmocka_unit_test(test_core),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
