/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of archives: a folder for each test, and a report of a few members. */
#ifndef TESTS_UNIT_ARCHIVE_PLACE_H
#define TESTS_UNIT_ARCHIVE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"

#define MTIME 1795414766
#define NAME "sosvmcore-box-2026-11-23-abcdefg"

static const enum vr_compression all_compressions[] = {VR_COMPRESS_XZ, VR_COMPRESS_GZIP,
						       VR_COMPRESS_ZSTD, VR_COMPRESS_NONE};

/* ---- A folder of its own for each test, which must be empty of what was not expected ---- */

struct place {
	char dir[64];
};

static inline int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->dir, "/tmp/test-archive-XXXXXX");
	*state = place;
	return mkdtemp(place->dir) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int remove_place(void **state)
{
	struct place *place = *state;

	chmod(place->dir, 0700);
	nftw(place->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

static inline int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return count;
}

static inline struct vr_archive_options options_for(const struct place *place)
{
	return (struct vr_archive_options){
		.dir = place->dir, .name = NAME, .threads = 1, .mtime = MTIME};
}

static inline struct vr_archive *begin(const struct vr_archive_options *options)
{
	struct vr_archive *archive = NULL;
	struct vr_error err;

	if (vr_archive_open(options, &archive, &err))
		fail_msg("%s", err.text);
	return archive;
}

static inline void add(struct vr_archive *archive, const char *path, const char *text)
{
	struct vr_error err;

	if (vr_archive_add(archive, path, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

static inline struct vr_archive_result finish(struct vr_archive *archive)
{
	struct vr_archive_result result;
	struct vr_error err;

	if (vr_archive_finish(archive, &result, &err))
		fail_msg("%s", err.text);
	return result;
}

static inline char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *data;
	struct stat st;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	data = calloc(1, (size_t)st.st_size + 1);
	*len = fread(data, 1, (size_t)st.st_size, file);
	assert_int_equal(*len, st.st_size);
	fclose(file);
	return data;
}

static inline mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* ---- A report of all that is special ---- */

struct member {
	const char *path;
	mode_t mode; /* with its type */
	const char *text;
};

static const struct member sample[] = {
	{NAME "/", S_IFDIR | 0700, NULL},
	{NAME "/version.txt", S_IFREG | 0644, "sos report: 0.1"},
	{NAME "/sos_commands/", S_IFDIR | 0755, NULL},
	{NAME "/sos_commands/date/", S_IFDIR | 0755, NULL},
	{NAME "/sos_commands/date/date", S_IFREG | 0644, "Mon Nov 23 06:19:26 UTC 2026\n"},
	{NAME "/proc/", S_IFDIR | 0755, NULL},
	{NAME "/proc/1/", S_IFDIR | 0755, NULL},
	{NAME "/proc/1/environ", S_IFREG | 0644, ""},
	{NAME "/proc/meminfo", S_IFREG | 0644, "MemTotal: 1 kB\n"},
	{NAME "/proc/1/task/", S_IFDIR | 0755, NULL},
	{NAME "/proc/1/task/1/", S_IFDIR | 0755, NULL},
	{NAME "/proc/1/task/1/comm", S_IFREG | 0644, "init\n"},
	{NAME "/sos_commands/date/x", S_IFREG | 0644, "x"},
	{NAME "/sos_commands/caf\xc3\xa9", S_IFREG | 0644, "y"},
	{NAME "/sos_commands/raw\xff", S_IFREG | 0644, "z"},
	{NAME "/date", S_IFLNK | 0777, "sos_commands/date/date"}, /* the target */
};
#define SAMPLE_COUNT (sizeof(sample) / sizeof(sample[0]))

static inline void add_sample(struct vr_archive *archive)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		if (S_ISLNK(sample[i].mode))
			assert_int_equal(vr_archive_link(archive, sample[i].path + strlen(NAME) + 1,
							 sample[i].text, NULL),
					 VR_OK);
		else if (sample[i].text)
			add(archive, sample[i].path + strlen(NAME) + 1, sample[i].text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, make_place, remove_place)

#endif
