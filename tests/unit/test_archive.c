// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive_place.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <nettle/sha2.h>

#include "base/cleanup.h"

/* ---- Reading back ---- */

static void check_member(struct archive *a, struct archive_entry *entry, const struct member *want)
{
	char text[256];
	la_ssize_t len;

	assert_string_equal(archive_entry_pathname(entry), want->path);
	assert_int_equal(archive_entry_mode(entry), want->mode);
	assert_int_equal(archive_entry_uid(entry), 0);
	assert_int_equal(archive_entry_gid(entry), 0);
	assert_string_equal(archive_entry_uname(entry), "root");
	assert_string_equal(archive_entry_gname(entry), "root");
	assert_int_equal(archive_entry_mtime(entry), MTIME);
	assert_false(archive_entry_atime_is_set(entry));
	assert_false(archive_entry_ctime_is_set(entry));
	if (S_ISLNK(want->mode)) {
		assert_string_equal(archive_entry_symlink(entry), want->text);
		return;
	}
	len = archive_read_data(a, text, sizeof(text) - 1);
	assert_true(len >= 0);
	text[len] = '\0';
	assert_string_equal(text, want->text ? want->text : "");
}

static void check_sample(const char *path)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = uselocale(utf8);
	struct archive *a = archive_read_new();
	struct archive_entry *entry;

	archive_read_support_filter_all(a);
	archive_read_support_format_all(a);
	assert_int_equal(archive_read_open_filename(a, path, 65536), ARCHIVE_OK);
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		assert_true(archive_read_next_header(a, &entry) >= ARCHIVE_WARN);
		check_member(a, entry, &sample[i]);
	}
	assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_EOF);
	archive_read_free(a);
	uselocale(old);
	freelocale(utf8);
}

static void check_checksum(const struct vr_archive_result *result)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	char name[4200], want[66];
	size_t len;
	VR_FREE char *data = read_file(result->path, &len);
	VR_FREE char *text = NULL;

	assert_int_equal(result->bytes, len);
	sha256_init(&ctx);
	sha256_update(&ctx, len, (const uint8_t *)data);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(want + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(result->sha256, want);
	snprintf(name, sizeof(name), "%s.sha256", result->path);
	text = read_file(name, &len);
	strcat(want, "\n");
	assert_string_equal(text, want);
}

static void check_result(const struct place *place, const struct vr_archive_options *options,
			 const struct vr_archive_result *result)
{
	char want[256], checksum[300];

	snprintf(want, sizeof(want), "%s/%s%s", place->dir, NAME,
		 vr_compression_suffix(options->compression));
	snprintf(checksum, sizeof(checksum), "%s.sha256", want);
	assert_string_equal(result->path, want);
	assert_int_equal(mode_of(want), 0600);
	assert_int_equal(mode_of(checksum), 0644);
	assert_int_equal(count_entries(place->dir), 2);
	check_checksum(result);
	check_sample(want);
	unlink(want);
	unlink(checksum);
}

static void test_formats(void **state)
{
	struct place *place = *state;

	umask(022);
	for (int i = 0; i < 8; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive_result result;
		struct vr_archive *archive;

		options.compression = all_compressions[i % 4];
		options.named_temp = i >= 4;
		archive = begin(&options);
		add_sample(archive);
		/* Nothing to be seen yet. */
		assert_int_equal(count_entries(place->dir), options.named_temp);
		result = finish(archive);
		check_result(place, &options, &result);
	}
}

/* What users have: tar itself. */
static void test_tar_program(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive *archive = begin(&options);
	char command[512], extracted[256];
	size_t len;
	VR_FREE char *text = NULL;

	add_sample(archive);
	finish(archive);
	snprintf(command, sizeof(command), "cd %s && tar xpf %s.tar.xz --warning=all 2>err",
		 place->dir, NAME);
	assert_int_equal(system(command), 0);
	snprintf(extracted, sizeof(extracted), "%s/%s/proc/1/task/1/comm", place->dir, NAME);
	text = read_file(extracted, &len);
	assert_string_equal(text, "init\n");
	snprintf(extracted, sizeof(extracted), "%s/%s", place->dir, NAME);
	assert_int_equal(mode_of(extracted), 0700);
	snprintf(extracted, sizeof(extracted), "%s/%s/sos_commands/raw\xff", place->dir, NAME);
	assert_int_equal(mode_of(extracted), 0644);
	snprintf(extracted, sizeof(extracted), "%s/err", place->dir);
	assert_int_equal(mode_of(extracted) & 0400, 0400);
}

/* Enough text for several blocks of the compressors, with their threads. */
static void add_bulk(struct vr_archive *archive)
{
	size_t size = 7 << 20;
	VR_FREE char *data = malloc(size);
	unsigned seed = 1;
	struct vr_error err;

	for (size_t i = 0; i < size; i++)
		data[i] = (char)("0123456789abcdef\n"[rand_r(&seed) % 17]);
	if (vr_archive_add(archive, "bulk", data, size, &err))
		fail_msg("%s", err.text);
}

/* One archive made and removed again; digest gets its checksum. */
static void digest_once(const struct place *place, enum vr_compression compression,
			unsigned threads, bool bulk, char digest[65])
{
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	char checksum[4200];

	options.compression = compression;
	options.threads = threads;
	archive = begin(&options);
	add_sample(archive);
	if (bulk)
		add_bulk(archive);
	result = finish(archive);
	strcpy(digest, result.sha256);
	unlink(result.path);
	snprintf(checksum, sizeof(checksum), "%.4000s.sha256", result.path);
	unlink(checksum);
}

static void test_same_bytes(void **state)
{
	char first[4][65], again[65];

	for (int i = 0; i < 4; i++)
		digest_once(*state, all_compressions[i], 1, false, first[i]);
	/* Neither the time of packing (gzip has a stamp for it) nor the locale matters. */
	sleep(1);
	setlocale(LC_ALL, "C.UTF-8");
	for (int i = 0; i < 4; i++) {
		digest_once(*state, all_compressions[i], 1, false, again);
		assert_string_equal(again, first[i]);
	}
	setlocale(LC_ALL, "C");
}

static void test_same_bytes_threads(void **state)
{
	char first[65], again[65];

	digest_once(*state, VR_COMPRESS_ZSTD, 3, true, first);
	digest_once(*state, VR_COMPRESS_ZSTD, 3, true, again);
	assert_string_equal(again, first);
	/* xz: whatever their number. */
	digest_once(*state, VR_COMPRESS_XZ, 1, true, first);
	digest_once(*state, VR_COMPRESS_XZ, 3, true, again);
	assert_string_equal(again, first);
	digest_once(*state, VR_COMPRESS_XZ, 0, true, again);
	assert_string_equal(again, first);
	digest_once(*state, VR_COMPRESS_XZ, 1000, true, again);
	assert_string_equal(again, first);
}

/* ---- Refusals ---- */

static void refuse(struct vr_archive *archive, const char *path)
{
	struct vr_error err = {0};

	assert_int_equal(vr_archive_add(archive, path, "bad", 3, &err), VR_CORRUPT);
	assert_int_equal(err.kind, VR_CORRUPT);
	assert_true(err.text[0]);
	assert_int_equal(vr_archive_add(archive, path, "bad", 3, NULL), VR_CORRUPT);
}

static void refuse_all(struct vr_archive *archive)
{
	static const char *const bad[] = {
		"",
		"/etc/passwd",
		"../x",
		"a//b",
		"a/./b",
		"a\n",
		"version.txt",            /* twice */
		"version.txt/x",          /* a folder over a file */
		"version.txt/x/y",        /* likewise, further down */
		"proc",                   /* a file over a folder */
		"proc/1",                 /* likewise */
		"proc/1/environ",         /* twice */
		"proc/meminfo/a/b/c",     /* a folder over a file */
		"sos_commands/date/date", /* twice */
	};
	char path[4001];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse(archive, bad[i]);
		assert_int_equal(vr_archive_link(archive, bad[i], "version.txt", NULL), VR_CORRUPT);
		/* Targets: nothing that leads out. */
		if (i < 6)
			assert_int_equal(vr_archive_link(archive, "link", bad[i], NULL),
					 VR_CORRUPT);
	}
	/* A fine path, but not below the root folder. */
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 200 ? 'a' : '/';
	path[0] = 'a';
	path[4000] = '\0';
	if (strlen(NAME) + 1 + 4000 > 4095)
		refuse(archive, path);
}

static void test_refusals(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive = begin(&options);

	add_sample(archive);
	refuse_all(archive);
	result = finish(archive);
	check_sample(result.path);
	check_checksum(&result);
}

static void test_bad_names(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "/tmp/x", "a\n", NULL};
	struct place *place = *state;
	char long_name[202];

	memset(long_name, 'a', 201);
	long_name[201] = '\0';
	for (int i = 0; i < 7; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;

		options.name = bad[i] ? bad[i] : long_name;
		for (int build = 0; build < 2; build++) {
			options.build = build;
			assert_int_equal(vr_archive_open(&options, &archive, NULL), VR_CORRUPT);
		}
	}
	assert_int_equal(count_entries(place->dir), 0);
}

static void test_long_name(void **state)
{
	struct place *place = *state;
	char name[201];

	memset(name, 'a', 200);
	name[200] = '\0';
	for (int i = 0; i < 3; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;

		options.name = name;
		options.compression = VR_COMPRESS_ZSTD;
		options.named_temp = i == 1;
		options.build = i == 2;
		archive = begin(&options);
		add(archive, "a/b", "c");
		finish(archive);
		assert_int_equal(count_entries(place->dir), i < 2 ? 2 : 3);
		if (i == 0) {
			char path[512];

			snprintf(path, sizeof(path), "%s/%s.tar.zst", place->dir, name);
			assert_int_equal(unlink(path), 0);
			strcat(path, ".sha256");
			assert_int_equal(unlink(path), 0);
		}
	}
}

/* Many members, deep and wide: the table of names grows, and each path is told from the others. */
static void test_many(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive *archive;
	char path[64];

	options.compression = VR_COMPRESS_NONE;
	archive = begin(&options);
	for (int round = 0; round < 2; round++)
		for (int pid = 1; pid <= 5000; pid++)
			for (int file = 0; file < 4; file++) {
				snprintf(path, sizeof(path), "proc/%d/task/%d/%c", pid, pid,
					 'a' + file);
				if (round)
					refuse(archive, path);
				else
					add(archive, path, path);
			}
	finish(archive);
}

static void test_random_paths(void **state)
{
	struct place *place = *state;
	unsigned seed = 1;

	for (int build = 0; build < 2; build++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;
		struct vr_archive_result result;
		char command[8400];
		int added = 0;

		options.compression = VR_COMPRESS_NONE;
		options.build = build;
		options.name = build ? "b" : "t";
		archive = begin(&options);
		for (int i = 0; i < 20000; i++) {
			char path[16];
			size_t len = (size_t)rand_r(&seed) % 10;

			for (size_t k = 0; k < len; k++)
				path[k] = "aab/./\xc3\n"[rand_r(&seed) % (i % 100 ? 6 : 8)];
			path[len] = '\0';
			switch (vr_archive_add(archive, path, path, len, NULL)) {
			case VR_OK:
				added++;
				break;
			case VR_CORRUPT:
				break;
			default:
				fail_msg("neither taken nor refused: %s", path);
			}
		}
		assert_true(added > 100);
		result = finish(archive);
		/* All of them can be extracted. */
		if (build)
			snprintf(command, sizeof(command), "test $(find %s -type f | wc -l) = %d",
				 result.path, added);
		else
			snprintf(command, sizeof(command),
				 "cd %s && tar xf %s && test $(find t -type f | wc -l) = %d",
				 place->dir, result.path, added);
		assert_int_equal(system(command), 0);
	}
}

/* ---- The folder (--build) ---- */

static void check_tree_member(const char *dir, const struct member *want)
{
	char path[512];
	struct stat st;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, want->path);
	if (path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, want->mode);
	assert_int_equal(st.st_mtime, MTIME);
	if (S_ISLNK(want->mode)) {
		char target[256] = "";

		assert_true(readlink(path, target, sizeof(target) - 1) > 0);
		assert_string_equal(target, want->text);
	} else if (want->text) {
		VR_FREE char *text = read_file(path, &len);

		assert_string_equal(text, want->text);
	}
}

static void test_build(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	uint64_t bytes = 0;
	char want[256];

	umask(077);
	options.build = true;
	archive = begin(&options);
	add_sample(archive);
	refuse_all(archive);
	snprintf(want, sizeof(want), "%s/%s", place->dir, NAME);
	assert_int_equal(access(want, F_OK), -1);
	result = finish(archive);
	umask(022);
	assert_string_equal(result.path, want);
	assert_string_equal(result.sha256, "");
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		check_tree_member(place->dir, &sample[i]);
		bytes += sample[i].text && !S_ISLNK(sample[i].mode) ? strlen(sample[i].text) : 0;
	}
	assert_int_equal(result.bytes, bytes);
	assert_int_equal(count_entries(place->dir), 1);
}

/* Something else under a name of the tree, as a link planted by someone: it isn't followed. */
static void test_build_link(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive *archive;
	struct vr_error err;
	char command[512];

	options.build = true;
	archive = begin(&options);
	add(archive, "a/b", "c");
	snprintf(command, sizeof(command),
		 "cd %s && mkdir victim && echo keep >victim/f && cd .%s.* && ln -s ../victim d && "
		 "rm -r a && ln -s ../victim a && ln -s ../victim/f f",
		 place->dir, NAME);
	assert_int_equal(system(command), 0);
	assert_int_equal(vr_archive_add(archive, "d/e", "x", 1, &err), VR_OS);
	vr_archive_abort(archive);
	snprintf(command, sizeof(command), "test $(cat %s/victim/f) = keep -a ! -e %s/victim/e",
		 place->dir, place->dir);
	assert_int_equal(system(command), 0);
}

/* A checksum file is shaped by the umask as in sos, the archive isn't. */
static void test_umask(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	char path[4200];

	umask(027);
	archive = begin(&options);
	result = finish(archive);
	assert_int_equal(umask(022), 027);
	snprintf(path, sizeof(path), "%s.sha256", result.path);
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(mode_of(result.path), 0600);
}

static void test_mtimes(void **state)
{
	static const time_t odd[] = {0, -1, INT64_MIN, INT64_MAX, 1ll << 33, 1ll << 40};
	struct place *place = *state;

	for (size_t i = 0; i < 2 * sizeof(odd) / sizeof(odd[0]); i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;
		char name[32];

		snprintf(name, sizeof(name), "n%zu", i);
		options.name = name;
		options.mtime = odd[i / 2];
		options.build = i % 2;
		archive = begin(&options);
		add_sample(archive);
		finish(archive);
	}
}

/* The folder of the result is held open: where the process goes meanwhile is of no matter. */
static void test_relative_dir(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	char name[] = NAME;

	assert_int_equal(chdir(place->dir), 0);
	options.dir = "./";
	options.name = name;
	archive = begin(&options);
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(chdir("/"), 0);
	add_sample(archive);
	result = finish(archive);
	assert_string_equal(result.path, "./" NAME ".tar.xz");
	assert_int_equal(count_entries(place->dir), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(formats),      TEST(tar_program),  TEST(same_bytes), TEST(same_bytes_threads),
		TEST(refusals),     TEST(bad_names),    TEST(long_name),  TEST(many),
		TEST(random_paths), TEST(build),        TEST(build_link), TEST(umask),
		TEST(mtimes),       TEST(relative_dir),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
