// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive_place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/cleanup.h"

/* ---- Giving up, and what is there already ---- */

static void test_abort(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 12; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;

		options.compression = all_compressions[i % 4];
		options.named_temp = i / 4 == 1;
		options.build = i / 4 == 2;
		archive = begin(&options);
		if (i % 2)
			add_sample(archive);
		vr_archive_abort(archive);
		assert_int_equal(count_entries(place->dir), 0);
	}
	vr_archive_abort(NULL);
}

static void test_nothing_replaced(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 6; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive_result result;
		struct vr_archive *archive;
		struct vr_error err;
		VR_FREE char *text = NULL;
		char path[256];
		size_t len;
		int fd;

		options.named_temp = i & 1;
		options.build = i >= 4;
		snprintf(path, sizeof(path), "%s/%s%s", place->dir, NAME,
			 (const char *[]){".tar.xz", ".tar.xz.sha256", ""}[i / 2]);
		archive = begin(&options);
		add_sample(archive);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
		assert_int_equal(write(fd, "mine", 4), 4);
		close(fd);
		assert_int_equal(vr_archive_finish(archive, &result, &err), VR_OS);
		assert_int_equal(err.os_errno, EEXIST);
		assert_non_null(strstr(err.text, path));
		assert_string_equal(result.path, "");
		/* Neither it nor its checksum: only what was there before. */
		assert_int_equal(count_entries(place->dir), 1);
		text = read_file(path, &len);
		assert_string_equal(text, "mine");
		unlink(path);
	}
}

/* ---- The operating system says no ---- */

static void test_no_dir(void **state)
{
	struct place *place = *state;
	struct vr_archive_options options = options_for(place);
	struct vr_archive *archive;
	struct vr_error err;
	char path[128];

	snprintf(path, sizeof(path), "%s/none", place->dir);
	options.dir = path;
	assert_int_equal(vr_archive_open(&options, &archive, &err), VR_OS);
	assert_int_equal(err.os_errno, ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(vr_archive_open(&options, &archive, &err), VR_OS);
	assert_int_equal(err.os_errno, ENOTDIR);
	options.dir = "";
	assert_int_equal(vr_archive_open(&options, &archive, &err), VR_OS);
}

/* Run fn in a process of its own, which may give up rights; it exits with 0, or 77 to skip. */
static void in_child(struct place *place, void (*fn)(struct place *place))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		fn(place);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                 \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void unwritable_child(struct place *place)
{
	struct vr_archive_options options = options_for(place);
	struct vr_archive *archive;
	struct vr_error err;

	if (getuid() == 0 && (setgid(65534) || setuid(65534)))
		_exit(77);
	for (int i = 0; i < 3; i++) {
		options.named_temp = i == 1;
		options.build = i == 2;
		EXPECT(vr_archive_open(&options, &archive, &err) == VR_OS);
		EXPECT(err.os_errno == EACCES);
		EXPECT(strstr(err.text, place->dir));
	}
}

static void test_unwritable(void **state)
{
	struct place *place = *state;

	chmod(place->dir, 0555);
	in_child(place, unwritable_child);
}

/* Noise doesn't compress: every byte reaches the disk. */
static enum vr_err add_noise(struct vr_archive *archive, struct vr_error *err)
{
	size_t size = 16 << 20;
	VR_FREE char *data = malloc(size);
	unsigned seed = 1;

	for (size_t i = 0; i < size; i++)
		data[i] = (char)rand_r(&seed);
	return vr_archive_add(archive, "noise", data, size, err);
}

/* A full disk shows while adding or at the end; it stays, and nothing remains. */
static void fill_disk(struct place *place, int os_errno, unsigned variant)
{
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	struct vr_error err = {0}, again = {0};
	enum vr_err kind;

	options.compression = all_compressions[variant % 4];
	options.named_temp = variant / 4 == 1;
	options.build = variant / 4 == 2;
	options.threads = 2;
	EXPECT(vr_archive_open(&options, &archive, &err) == VR_OK);
	kind = add_noise(archive, &err);
	if (kind) {
		EXPECT(kind == VR_OS && err.os_errno == os_errno);
		EXPECT(vr_archive_add(archive, "more", "x", 1, &again) == VR_OS);
		EXPECT(again.os_errno == os_errno && !strcmp(again.text, err.text));
	}
	EXPECT(vr_archive_finish(archive, &result, &err) == VR_OS);
	EXPECT(err.os_errno == os_errno && strstr(err.text, place->dir));
	EXPECT(count_entries(place->dir) == 0);
}

static void small_disk_child(struct place *place)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", place->dir, "tmpfs", 0, "size=1m"))
		_exit(77);
	for (unsigned variant = 0; variant < 12; variant++)
		fill_disk(place, ENOSPC, variant);
}

static void test_full_disk(void **state)
{
	in_child(*state, small_disk_child);
}

static void file_limit_child(struct place *place)
{
	struct rlimit limit = {1 << 20, 1 << 20};

	signal(SIGXFSZ, SIG_IGN);
	EXPECT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	for (unsigned variant = 0; variant < 12; variant++)
		fill_disk(place, EFBIG, variant);
}

static void test_file_limit(void **state)
{
	in_child(*state, file_limit_child);
}

/* No space is left for the checksum: the archive isn't published without it. */
static void last_byte_child(struct place *place)
{
	struct vr_archive_options options = options_for(place);
	struct vr_archive_result result;
	struct vr_archive *archive;
	struct vr_error err;
	char data[4096], path[128];
	int fd;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", place->dir, "tmpfs", 0, "size=1m"))
		_exit(77);
	memset(data, 1, sizeof(data));
	snprintf(path, sizeof(path), "%s/filler", place->dir);
	for (int i = 0; i < 2; i++) {
		options.named_temp = i;
		options.compression = VR_COMPRESS_NONE;
		EXPECT(vr_archive_open(&options, &archive, NULL) == VR_OK);
		/* One page for the archive is all that will be left. */
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		while (write(fd, data, sizeof(data)) == sizeof(data))
			;
		EXPECT(ftruncate(fd, lseek(fd, 0, SEEK_END) - 4096) == 0);
		close(fd);
		EXPECT(vr_archive_finish(archive, &result, &err) == VR_OS);
		EXPECT(err.os_errno == ENOSPC);
		EXPECT(strstr(err.text, ".sha256"));
		EXPECT(count_entries(place->dir) == 1);
		unlink(path);
	}
}

static void test_last_byte(void **state)
{
	in_child(*state, last_byte_child);
}

/* Killed in the middle: nothing under the final name; without O_TMPFILE at most a hidden file. */
static void test_killed(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 3; i++) {
		struct vr_archive_options options = options_for(place);
		struct vr_archive *archive;
		struct dirent *entry;
		int ready[2], status;
		char byte;
		pid_t pid;
		DIR *dir;

		options.named_temp = i == 1;
		options.build = i == 2;
		options.compression = VR_COMPRESS_NONE;
		assert_int_equal(pipe(ready), 0);
		pid = fork();
		if (pid == 0) {
			if (vr_archive_open(&options, &archive, NULL) || add_noise(archive, NULL) ||
			    write(ready[1], "x", 1) != 1)
				_exit(1);
			pause();
		}
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		close(ready[0]);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(count_entries(place->dir), i != 0);
		dir = opendir(place->dir);
		while ((entry = readdir(dir)))
			assert_int_equal(entry->d_name[0], '.');
		closedir(dir);
		if (i == 1) {
			char path[256];

			snprintf(path, sizeof(path), "%s/.%s.tar.partial", place->dir, NAME);
			assert_int_equal(unlink(path), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(abort),     TEST(nothing_replaced), TEST(no_dir),    TEST(unwritable),
		TEST(full_disk), TEST(file_limit),       TEST(last_byte), TEST(killed),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
