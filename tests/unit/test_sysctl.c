// SPDX-License-Identifier: GPL-2.0-or-later
/* The sysctls' tree, and what their handlers show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "kernel/sysctl_format.h"
#include "tiny_kernel.h"

/* clang-format off */
TINY_TYPES(types,
	struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right, *rb_left; };
	struct rb_root { struct rb_node *rb_node; };
	struct ctl_table {
		char *procname; void *data; int maxlen; unsigned short mode; void *proc_handler;
		void *poll; void *extra1, *extra2;
	};
	struct ctl_node { struct rb_node node; struct ctl_table_header *header; };
	struct ctl_table_header {
		union { struct { struct ctl_table *ctl_table; int ctl_table_size, used; }; void *rcu; };
		void *unregistering; struct ctl_table_root *root; struct ctl_table_set *set;
		struct ctl_dir *parent; struct ctl_node *node;
	};
	struct ctl_dir { struct ctl_table_header header; struct rb_root root; };
	struct ctl_table_set { void *is_seen; struct ctl_dir dir; };
	struct ctl_table_root { struct ctl_table_set default_set; void *lookup; };
	struct netns_sctp { char *sctp_hmac_alg; };
	struct net { unsigned long id; struct ctl_table_set sysctls; struct netns_sctp sctp; };
	struct timekeeper { unsigned long ntp_tick; };
	struct tk_data { unsigned long seq; struct timekeeper timekeeper; };
	struct jump { int counter; };
	struct static_key { struct jump enabled; };
	struct list_head { struct list_head *next, *prev; };
	struct cdrom_device_ops { int capability; };
	struct cdrom_device_info {
		struct cdrom_device_ops *ops; struct list_head list; int mask, speed, capacity;
		char name[20];
	};
	struct svc_xprt_class { char *xcl_name; struct list_head xcl_list; unsigned xcl_max_payload; };
)
/* clang-format on */

#define DIR 0040555
#define LINK 0120777
#define FILE_MODE 0100644
#define SECRET_ROOT 0x7000 /* of the network's folders: only its address matters */

/* A folder with its own table of one line, as new_dir() allocates it; or a table of files. */
struct lines {
	struct ctl_table_header header; /* a folder's begins with it */
	struct rb_root root;
	struct ctl_node nodes[4];
	struct ctl_table table[4];
	char names[4][64];
};

struct place {
	struct tiny_kernel *k;
	uint64_t root, net, handler, values;
};

static uint64_t root_dir(const struct place *p)
{
	return p->root + offsetof(struct ctl_table_root, default_set.dir);
}

static uint64_t net_dir(const struct place *p)
{
	return p->net + offsetof(struct net, sysctls.dir);
}

static struct lines *at(struct place *p, uint64_t va)
{
	return tk_ptr(p->k, va);
}

static struct place make(void)
{
	struct place p = {.k = tk_new((struct tk_spec){.types = types})};
	struct ctl_dir *dir;
	uint64_t clock;

	p.root = tk_global(p.k, "sysctl_table_root", sizeof(struct ctl_table_root));
	p.net = tk_global(p.k, "init_net", sizeof(struct net));
	p.values = tk_global(p.k, "values", 64);
	clock = tk_global(p.k, "tk_core", sizeof(struct tk_data));
	((struct tk_data *)tk_ptr(p.k, clock))->timekeeper.ntp_tick = 4000000ul << 32;
	p.handler = TK_TEXT + 0x100;
	tk_symbol(p.k, 'T', "proc_dointvec", p.handler);
	tk_symbol(p.k, 'T', "proc_after", p.handler + 0x40);
	dir = tk_ptr(p.k, net_dir(&p));
	dir->header.root = tk_va(struct ctl_table_root, SECRET_ROOT);
	return p;
}

/* Put a node into a folder, behind all others: names come in order. */
static void insert(struct place *p, uint64_t dir, uint64_t node)
{
	uint64_t link = dir + offsetof(struct ctl_dir, root), parent = 0, next;

	while ((next = tk_get64(p->k, link))) {
		parent = next;
		link = next + offsetof(struct rb_node, rb_right);
	}
	tk_put64(p->k, link, node);
	tk_put64(p->k, node, parent | 1);
}

/* Lines of that mode under the names, in dir: where they are. */
static uint64_t add(struct place *p, uint64_t dir, unsigned short mode, unsigned count,
		    const char *const *names)
{
	uint64_t va = tk_alloc(p->k, sizeof(struct lines));
	struct lines *l = at(p, va);

	l->header.ctl_table = tk_va(struct ctl_table, va + offsetof(struct lines, table));
	l->header.ctl_table_size = (int)count;
	l->header.parent = tk_va(struct ctl_dir, dir);
	l->header.node = tk_va(struct ctl_node, va + offsetof(struct lines, nodes));
	for (unsigned i = 0; i < count; i++) {
		uint64_t name = va + offsetof(struct lines, names) + i * sizeof(l->names[0]);

		snprintf(l->names[i], sizeof(l->names[i]), "%s", names[i]);
		l->nodes[i].header = tk_va(struct ctl_table_header, va);
		l->table[i].procname = tk_va(char, name);
		l->table[i].mode = mode;
		if (mode == LINK)
			l->table[i].data = tk_va(void, SECRET_ROOT);
		else
			l->table[i].proc_handler = tk_va(void, p->handler);
		insert(p, dir, va + offsetof(struct lines, nodes) + i * sizeof(l->nodes[0]));
	}
	return va;
}

static uint64_t add_one(struct place *p, uint64_t dir, unsigned short mode, const char *name)
{
	return add(p, dir, mode, 1, &name);
}

static void expect_walk(struct place *p, const char *want, enum vr_err cut)
{
	struct vr_program *prog = tk_open(p->k);
	VR_STRBUF got = {0};
	struct vr_sysctl_walk w;

	vr_sysctl_walk_begin(prog, &w);
	while (vr_sysctl_walk_next(&w) && got.len < 4000)
		vr_strbuf_printf(&got, "%s ", w.sysctl.path);
	assert_false(vr_sysctl_walk_next(&w));
	assert_string_equal(vr_strbuf_str(&got), want);
	/* Of several entries that are wrong the first tells. */
	if (prog->scope->cut.kind != cut)
		fail_msg("%s", prog->scope->cut.text);
	tk_expect(prog, VR_OK, 0);
}

static void test_walk(void **state)
{
	static const char *const files[] = {"a", "b", "c"};
	struct place p = make();
	uint64_t kernel, lines;

	(void)state;
	expect_walk(&p, "", VR_OK);
	kernel = add_one(&p, root_dir(&p), DIR, "kernel");
	lines = add(&p, kernel, FILE_MODE, 3, files);
	add_one(&p, root_dir(&p), FILE_MODE, "last");
	expect_walk(&p, "kernel/a kernel/b kernel/c last ", VR_OK);
	/* Not to be read: by nobody, with nothing to show. */
	at(&p, lines)->table[0].mode = 0100200;
	at(&p, lines)->table[2].proc_handler = NULL;
	expect_walk(&p, "kernel/b last ", VR_OK);
	/* Going away. */
	at(&p, lines)->header.unregistering = tk_va(void, -22);
	expect_walk(&p, "last ", VR_OK);
	tk_free(p.k);
}

static void test_links(void **state)
{
	struct place p = make();
	uint64_t shared = add_one(&p, root_dir(&p), DIR, "net"), own, eth0;
	uint64_t link = add_one(&p, shared, LINK, "eth0.1");

	(void)state;
	add_one(&p, shared, LINK, "forward");
	add_one(&p, shared, LINK, "other");
	/* The network has no such folder, then an empty one. */
	expect_walk(&p, "", VR_OK);
	own = add_one(&p, net_dir(&p), DIR, "net");
	expect_walk(&p, "", VR_OK);
	eth0 = add_one(&p, own, DIR, "eth0.1");
	add_one(&p, eth0, FILE_MODE, "mtu");
	add_one(&p, own, FILE_MODE, "forward");
	expect_walk(&p, "net/eth0.1/mtu net/forward ", VR_OK);
	/* A link to where nobody is, and one within what they lead to. */
	at(&p, link)->table[0].data = tk_va(void, 0x42);
	expect_walk(&p, "net/forward ", VR_OK);
	at(&p, link)->table[0].data = tk_va(void, SECRET_ROOT);
	at(&p, eth0)->table[0].mode = LINK;
	expect_walk(&p, "net/forward ", VR_CORRUPT);
	tk_free(p.k);
}

static void test_damaged(void **state)
{
	static const char *const files[] = {"x", "y"};
	struct place p = make();
	uint64_t dir = add_one(&p, root_dir(&p), DIR, "dir");
	uint64_t lines = add(&p, root_dir(&p), FILE_MODE, 2, files);
	struct lines *l = at(&p, lines);

	(void)state;
	/* A folder within itself, by its own node and by that of another. */
	tk_put64(p.k, dir + offsetof(struct ctl_dir, root), dir + offsetof(struct lines, nodes));
	expect_walk(&p, "x y ", VR_CORRUPT);
	tk_put64(p.k, dir + offsetof(struct ctl_dir, root), lines + offsetof(struct lines, nodes));
	expect_walk(&p, "x y ", VR_CORRUPT);
	tk_put64(p.k, dir + offsetof(struct ctl_dir, root), 0);
	expect_walk(&p, "x y ", VR_OK);
	/* A table shorter than its nodes; without an end; nodes that aren't the header's. */
	l->header.ctl_table_size = 1;
	expect_walk(&p, "x ", VR_CORRUPT);
	l->header.ctl_table_size = 0x7fffffff;
	expect_walk(&p, "x y ", VR_OK);
	l->header.node = tk_va(struct ctl_node, lines - (1ull << 32));
	expect_walk(&p, "", VR_CORRUPT);
	l->header.node = tk_va(struct ctl_node, lines + offsetof(struct lines, nodes) + 8);
	expect_walk(&p, "", VR_CORRUPT);
	l->header.node = tk_va(struct ctl_node, lines + offsetof(struct lines, nodes));
	/* Tables, names and headers that lead nowhere. */
	l->nodes[1].header = tk_va(struct ctl_table_header, TK_NOWHERE);
	expect_walk(&p, "x ", VR_FAULT);
	l->nodes[1].header = tk_va(struct ctl_table_header, lines);
	l->table[1].procname = NULL;
	expect_walk(&p, "x ", VR_FAULT);
	l->table[1].procname = tk_va(char, lines + offsetof(struct lines, names));
	snprintf(l->names[0], sizeof(l->names[0]), "../etc/x");
	expect_walk(&p, "", VR_CORRUPT);
	l->names[0][0] = '\0';
	expect_walk(&p, "", VR_CORRUPT);
	tk_free(p.k);
}

static void test_depth(void **state)
{
	struct place p = make();
	uint64_t dir = root_dir(&p);

	(void)state;
	for (int i = 1; i < VR_SYSCTL_DEPTH; i++)
		dir = add_one(&p, dir, DIR, "d");
	add_one(&p, dir, FILE_MODE, "f");
	expect_walk(&p, "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/f ", VR_OK);
	dir = add_one(&p, dir, DIR, "g");
	expect_walk(&p, "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/f ", VR_LIMIT);
	tk_free(p.k);
}

/* What a handler shows of data, or the kind of error. */
static void expect_text(struct place *p, const char *handler, uint64_t data, int32_t maxlen,
			const char *want, enum vr_err error)
{
	struct vr_program *prog = tk_open(p->k);
	const struct vr_sysctl s = {.prog = prog,
				    .path = "net/x",
				    .name = "x",
				    .handler = handler,
				    .data = data,
				    .maxlen = maxlen};
	VR_STRBUF got = {0};

	assert_true(vr_sysctl_readable(&s));
	vr_sysctl_format(&s, &got);
	if (error == VR_OK)
		assert_string_equal(vr_strbuf_str(&got), want);
	tk_expect(prog, error, 0);
}

static void test_numbers(void **state)
{
	struct place p = make();
	int32_t *v = tk_ptr(p.k, p.values);
	uint64_t at_v = p.values;

	(void)state;
	v[0] = -1;
	v[1] = 2500;
	v[2] = INT32_MIN;
	expect_text(&p, "proc_dointvec", at_v, 4, "-1\n", VR_OK);
	expect_text(&p, "proc_dointvec_minmax", at_v, 12, "-1\t2500\t-2147483648\n", VR_OK);
	expect_text(&p, "proc_dointvec", at_v, 3, "", VR_OK);
	expect_text(&p, "proc_dointvec", at_v, 0, "", VR_OK);
	expect_text(&p, "proc_dointvec", 0, 4, "", VR_OK);
	/* 250 ticks a second; what is too little for a unit keeps its sign. */
	expect_text(&p, "proc_dointvec_jiffies", at_v, 8, "-0\t10\n", VR_OK);
	expect_text(&p, "proc_dointvec_userhz_jiffies", at_v, 8, "-0\t1000\n", VR_OK);
	expect_text(&p, "proc_dointvec_ms_jiffies", at_v, 8, "-4\t10000\n", VR_OK);
	expect_text(&p, "proc_douintvec", at_v, 4, "4294967295\n", VR_OK);
	expect_text(&p, "proc_dou8vec_minmax", at_v, 1, "255\n", VR_OK);
	expect_text(&p, "proc_dobool", at_v + 4, 1, "196\n", VR_OK);
	expect_text(&p, "proc_doulongvec_minmax", at_v, 8, "10741713207295\n", VR_OK);
	tk_put64(p.k, p.values, 500);
	expect_text(&p, "proc_doulongvec_ms_jiffies_minmax", at_v, 8, "2000\n", VR_OK);
	tk_free(p.k);
}

static void test_bad_numbers(void **state)
{
	static const struct {
		const char *name;
		int32_t maxlen;
	} handlers[] = {
		{"proc_dointvec", 8},          {"proc_dointvec_jiffies", 4},
		{"proc_doulongvec_minmax", 8}, {"proc_dostring", 8},
		{"proc_douintvec", 4},         {"proc_dou8vec_minmax", 1},
		{"proc_do_large_bitmap", 8},
	};
	struct place p = make();

	(void)state;
	tk_put64(p.k, p.values, TK_NOWHERE);
	for (size_t i = 0; i < VR_ARRAY_SIZE(handlers); i++) {
		/* 4 billion, and half of that. */
		expect_text(&p, handlers[i].name, p.values, -294967296, "", VR_CORRUPT);
		expect_text(&p, handlers[i].name, p.values, INT32_MAX, "", VR_CORRUPT);
		expect_text(&p, handlers[i].name, TK_NOWHERE, handlers[i].maxlen, "", VR_FAULT);
	}
	/* A bitmap's address is in memory, and may itself lead nowhere. */
	expect_text(&p, "proc_do_large_bitmap", p.values, 8, "", VR_FAULT);
	expect_text(&p, "proc_nobody_knows", p.values, 4, "", VR_UNSUPPORTED);
	expect_text(&p, "proc_tcp_fastopen_key", p.values, 4, "", VR_UNSUPPORTED);
	tk_free(p.k);
}

static void test_text(void **state)
{
	struct place p = make();
	char *text = tk_ptr(p.k, p.values);
	uint64_t end = tk_alloc(p.k, 2 * TK_PAGE), bits = tk_alloc(p.k, 64);

	(void)state;
	strcpy(text, "hello");
	expect_text(&p, "proc_dostring", p.values, 64, "hello\n", VR_OK);
	expect_text(&p, "proc_dostring", p.values, 4, "hell\n", VR_OK);
	expect_text(&p, "proc_dostring", p.values, 0, "", VR_OK);
	expect_text(&p, "proc_dostring", 0, 64, "", VR_OK);
	/* A page's last bytes, of a string that may be longer: what is behind it need not be there. */
	strcpy(tk_ptr(p.k, end + TK_PAGE - 4), "abc");
	tk_set_page(p.k, tk_phys(p.k, end + TK_PAGE), TK_CUT_OFF);
	expect_text(&p, "proc_dostring", end + TK_PAGE - 4, 64, "abc\n", VR_OK);
	memset(tk_ptr(p.k, end + TK_PAGE - 4), 'x', 4);
	expect_text(&p, "proc_dostring", end + TK_PAGE - 4, 64, "", VR_FAULT);
	/* The bitmap's length is in bits. */
	tk_put64(p.k, p.values, bits);
	expect_text(&p, "proc_do_large_bitmap", p.values, 70, "\n", VR_OK);
	tk_put64(p.k, bits, 1ull << 63 | 0x8e);
	tk_put64(p.k, bits + 8, 0xff);
	expect_text(&p, "proc_do_large_bitmap", p.values, 70, "1-3,7,63-69\n", VR_OK);
	tk_free(p.k);
}

static void test_static_key(void **state)
{
	struct place p = make();
	int32_t *v = tk_ptr(p.k, p.values);

	(void)state;
	expect_text(&p, "proc_do_static_key", p.values, 0, "0\n", VR_OK);
	v[0] = 2;
	expect_text(&p, "proc_do_static_key", p.values, 0, "1\n", VR_OK);
	v[0] = -1;
	expect_text(&p, "proc_do_static_key", p.values, 0, "0\n", VR_OK);
	tk_free(p.k);
}

/* Entries behind a head, in a ring. */
static void ring(struct place *p, uint64_t head, unsigned count, const uint64_t *links)
{
	uint64_t last = head;

	for (unsigned i = 0; i <= count; i++) {
		uint64_t next = i < count ? links[i] : head;

		tk_put64(p->k, last, next);
		tk_put64(p->k, next + 8, last);
		last = next;
	}
}

#define CDROM_TITLE "CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n"

static void test_cdrom(void **state)
{
	struct place p = make();
	uint64_t head = tk_global(p.k, "cdrom_list", sizeof(struct list_head));
	uint64_t ops = tk_alloc(p.k, sizeof(struct cdrom_device_ops)), links[2];
	struct cdrom_device_info *drive;

	(void)state;
	ring(&p, head, 0, NULL);
	expect_text(&p, "cdrom_sysctl_info", p.values, 70, CDROM_TITLE "\ndrive name:\t\ndrive s\n",
		    VR_OK);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t va = tk_alloc(p.k, sizeof(*drive));

		links[i] = va + offsetof(struct cdrom_device_info, list);
		drive = tk_ptr(p.k, va);
		drive->ops = tk_va(struct cdrom_device_ops, ops);
		drive->mask = i ? 0x2 : 0x200000;
		drive->speed = i ? 4 : -1;
		drive->capacity = 1;
		snprintf(drive->name, sizeof(drive->name), "sr%u", i);
	}
	((struct cdrom_device_ops *)tk_ptr(p.k, ops))->capability = 0x202002;
	ring(&p, head, 2, links);
	expect_text(&p, "cdrom_sysctl_info", p.values, 1000,
		    CDROM_TITLE "\n"
				"drive name:\t\tsr0\tsr1\n"
				"drive speed:\t\t-1\t4\n"
				"drive # of slots:\t1\t1\n"
				"Can close tray:\t\t0\t0\n"
				"Can open tray:\t\t1\t0\n"
				"Can lock tray:\t\t0\t0\n"
				"Can change speed:\t0\t0\n"
				"Can select disk:\t0\t0\n"
				"Can read multisession:\t0\t0\n"
				"Can read MCN:\t\t0\t0\n"
				"Reports media changed:\t0\t0\n"
				"Can play audio:\t\t0\t0\n"
				"Can write CD-R:\t\t1\t1\n"
				"Can write CD-RW:\t0\t0\n"
				"Can read DVD:\t\t0\t0\n"
				"Can write DVD-R:\t0\t0\n"
				"Can write DVD-RAM:\t0\t0\n"
				"Can read MRW:\t\t0\t0\n"
				"Can write MRW:\t\t0\t0\n"
				"Can write RAM:\t\t0\t1\n\n\n",
		    VR_OK);
	expect_text(&p, "cdrom_sysctl_info", p.values, 0, "", VR_OK);
	expect_text(&p, "cdrom_sysctl_info", p.values, -1, "", VR_CORRUPT);
	drive->ops = NULL;
	expect_text(&p, "cdrom_sysctl_info", p.values, 1000, "", VR_FAULT);
	tk_free(p.k);
}

static void test_rpc(void **state)
{
	struct place p = make();
	uint64_t head = tk_global(p.k, "svc_xprt_class_list", sizeof(struct list_head));
	uint64_t name = tk_alloc(p.k, 128), links[2];
	struct svc_xprt_class *class;

	(void)state;
	tk_put64(p.k, p.values, 0x12345);
	expect_text(&p, "proc_dodebug", p.values, 4, "0x12345\n", VR_OK);
	tk_put64(p.k, p.values, 0xf);
	expect_text(&p, "proc_dodebug", p.values, 4, "0x000f\n", VR_OK);
	expect_text(&p, "proc_dodebug", TK_NOWHERE, 4, "", VR_FAULT);
	ring(&p, head, 0, NULL);
	expect_text(&p, "proc_do_xprt", 0, 256, "", VR_OK);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t va = tk_alloc(p.k, sizeof(*class));

		links[i] = va + offsetof(struct svc_xprt_class, xcl_list);
		class = tk_ptr(p.k, va);
		class->xcl_name = tk_va(char, name + 8 * i);
		class->xcl_max_payload = i ? UINT32_MAX : 1048576;
	}
	strcpy(tk_ptr(p.k, name), "tcp");
	strcpy(tk_ptr(p.k, name + 8), "udp");
	ring(&p, head, 2, links);
	expect_text(&p, "proc_do_xprt", 0, 256, "tcp 1048576\nudp -1\n", VR_OK);
	/* A line too long ends it. */
	memset(tk_ptr(p.k, name + 8), 'u', 77);
	expect_text(&p, "proc_do_xprt", 0, 256, "tcp 1048576\n", VR_OK);
	class->xcl_name = tk_va(char, TK_NOWHERE);
	expect_text(&p, "proc_do_xprt", 0, 256, "", VR_FAULT);
	tk_free(p.k);
}

static void test_sctp(void **state)
{
	struct place p = make();
	struct net *net = tk_ptr(p.k, p.net);

	(void)state;
	expect_text(&p, "proc_sctp_do_hmac_alg", p.net, 8, "none\n", VR_OK);
	strcpy(tk_ptr(p.k, p.values), "sha1");
	net->sctp.sctp_hmac_alg = tk_va(char, p.values);
	expect_text(&p, "proc_sctp_do_hmac_alg", p.net, 8, "sha1\n", VR_OK);
	net->sctp.sctp_hmac_alg = tk_va(char, TK_NOWHERE);
	expect_text(&p, "proc_sctp_do_hmac_alg", p.net, 8, "", VR_FAULT);
	tk_free(p.k);
}

/* It is searched by halves. */
static void test_handlers(void **state)
{
	size_t count;
	const struct vr_sysctl_handler *h = vr_sysctl_handlers(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (i && strcmp(h[i - 1].name, h[i].name) >= 0)
			fail_msg("%s is not behind %s", h[i].name, h[i - 1].name);
		assert_true(!h[i].format != !h[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),     cmocka_unit_test(test_links),
		cmocka_unit_test(test_damaged),  cmocka_unit_test(test_depth),
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_text),     cmocka_unit_test(test_static_key),
		cmocka_unit_test(test_handlers), cmocka_unit_test(test_cdrom),
		cmocka_unit_test(test_rpc),      cmocka_unit_test(test_sctp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
