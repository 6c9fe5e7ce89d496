// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collect/beside.h"

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test-beside-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *in_dir(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void make(const char *name, const char *text)
{
	FILE *file = fopen(in_dir(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const struct vr_beside_file *find(const struct vr_beside *beside, const char *name)
{
	for (size_t i = 0; i < beside->count; i++)
		if (!strcmp(beside->files[i].name, name))
			return &beside->files[i];
	return NULL;
}

static void test_names(void **state)
{
	(void)state;
	assert_true(vr_beside_name("vmcore-dmesg.txt"));
	assert_true(vr_beside_name("dmesg.202402201234"));
	assert_false(vr_beside_name("dmesg.txt"));
	assert_false(vr_beside_name("dmesg."));
	assert_false(vr_beside_name("vmcore"));
	assert_false(vr_beside_name("id_rsa"));
}

static void test_found(void **state)
{
	struct vr_beside beside;

	(void)state;
	make("vmcore", "dump");
	make("secret", "none of ours");
	make("vmcore-dmesg.txt", "[    0.0] a\n");
	make("dmesg.202402201234", "");
	/* What isn't a plain file in that folder is not read. */
	assert_int_equal(symlink("/etc/passwd", in_dir("README.txt")), 0);
	assert_int_equal(mkfifo(in_dir("kexec-dmesg.log"), 0600), 0);
	make("vmcore-creation.status", "");
	assert_int_equal(truncate(in_dir("vmcore-creation.status"), VR_BESIDE_BYTES_MAX + 1), 0);
	assert_true(vr_beside_find(&beside, in_dir("vmcore")));
	assert_string_equal(beside.folder, strrchr(dir, '/') + 1);
	assert_int_equal(beside.count, 5);
	assert_int_equal(find(&beside, "vmcore-dmesg.txt")->len, 12);
	assert_memory_equal(find(&beside, "vmcore-dmesg.txt")->data, "[    0.0] a\n", 12);
	assert_non_null(find(&beside, "dmesg.202402201234")->data);
	assert_int_equal(find(&beside, "dmesg.202402201234")->len, 0);
	assert_null(find(&beside, "README.txt")->data);
	assert_string_equal(find(&beside, "README.txt")->reason, "it is a symbolic link");
	assert_string_equal(find(&beside, "kexec-dmesg.log")->reason, "it is no regular file");
	assert_string_equal(find(&beside, "vmcore-creation.status")->reason, "it is too large");
	vr_beside_free(&beside);
}

static void test_none(void **state)
{
	struct vr_beside beside;

	(void)state;
	assert_true(vr_beside_find(&beside, in_dir("nowhere/vmcore")));
	assert_int_equal(beside.count, 0);
	assert_true(vr_beside_find(&beside, "/vmcore"));
	assert_int_equal(beside.count, 0);
	assert_true(vr_beside_find(&beside, ""));
	vr_beside_free(&beside);
	assert_int_equal(mkdir(in_dir("bad\nname"), 0700), 0);
	make("bad\nname/vmcore-dmesg.txt", "x");
	assert_true(vr_beside_find(&beside, in_dir("bad\nname/vmcore")));
	assert_int_equal(beside.count, 0);
}

static void test_many(void **state)
{
	struct vr_beside beside;
	char name[32];

	(void)state;
	for (int i = 0; i < VR_BESIDE_MAX + 10; i++) {
		snprintf(name, sizeof(name), "dmesg.%d", 1000 + i);
		make(name, name);
	}
	assert_true(vr_beside_find(&beside, in_dir("dump")));
	assert_int_equal(beside.count, VR_BESIDE_MAX);
	for (size_t i = 1; i < beside.count; i++)
		assert_true(strcmp(beside.files[i - 1].name, beside.files[i].name) < 0);
	vr_beside_free(&beside);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(names), TEST(found), TEST(none), TEST(many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
