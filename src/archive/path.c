// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive/path.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/bits.h"
#include "base/hash.h"

#define PATH_BYTES_MAX 4000
#define PATH_DEPTH_MAX 128
#define COMPONENT_BYTES_MAX 255
#define HOST_BYTES_MAX 64
#define PART_BYTES_MAX 48

static const char *check_component(const char *name, size_t len)
{
	if (len == 0)
		return "empty component";
	if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return "\".\" or \"..\" as a component";
	if (len > COMPONENT_BYTES_MAX)
		return "component longer than 255 bytes";
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		unsigned char next = i + 1 < len ? (unsigned char)name[i + 1] : 0;

		/* U+0080 to U+009F are control characters too: a terminal obeys them. */
		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next <= 0x9f))
			return "control character";
	}
	return NULL;
}

const char *vr_path_check(const char *path)
{
	size_t len = strnlen(path, PATH_BYTES_MAX + 1);
	unsigned depth = 0;
	size_t start = 0;

	if (len == 0)
		return "empty path";
	if (len > PATH_BYTES_MAX)
		return "path longer than 4000 bytes";
	if (path[0] == '/')
		return "absolute path";
	for (size_t i = 0; i <= len; i++) {
		const char *why;

		if (path[i] != '/' && path[i] != '\0')
			continue;
		why = check_component(path + start, i - start);
		if (why)
			return why;
		if (++depth > PATH_DEPTH_MAX)
			return "more than 128 components";
		start = i + 1;
	}
	return NULL;
}

bool vr_path_matches(const char *path, const char *pattern)
{
	return fnmatch(pattern + (*pattern == '/'), path, 0) == 0;
}

/* Copy what may be part of an archive's name, up to any of the characters in stop. */
static size_t copy_clean(char *buf, size_t size, const char *text, const char *stop)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.";
	size_t len = 0;

	for (; *text && !strchr(stop, *text) && len + 1 < size; text++)
		if (strchr(allowed, *text))
			buf[len++] = *text;
	buf[len] = '\0';
	return len;
}

static void random_letters(char *buf, size_t count)
{
	unsigned char byte;
	size_t i = 0;

	while (i < count) {
		ssize_t got = getrandom(&byte, 1, GRND_NONBLOCK);

		if (got < 0 && errno == EINTR)
			continue;
		if (got != 1) {
			/* A kernel that has none yet, early at boot: the name must only differ. */
			struct timespec now;

			clock_gettime(CLOCK_REALTIME, &now);
			byte = (unsigned char)vr_hash_u64((uint64_t)now.tv_nsec + i);
		}
		/* 234 is 9 * 26: letters stay equally likely. */
		if (byte < 234)
			buf[i++] = (char)('a' + byte % 26);
	}
	buf[count] = '\0';
}

static void local_date(char *buf, size_t size, time_t when)
{
	struct tm tm;

	tzset();
	if (!localtime_r(&when, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900) {
		when = time(NULL);
		if (!localtime_r(&when, &tm))
			memset(&tm, 0, sizeof(tm));
	}
	if (!strftime(buf, size, "%Y-%m-%d", &tm))
		buf[0] = '\0';
}

/* "-label": nothing where nothing is left of it. */
static void add_part(char *buf, size_t size, const char *text)
{
	size_t len = strlen(buf);
	char part[PART_BYTES_MAX + 1];

	if (text && copy_clean(part, sizeof(part), text, ""))
		snprintf(buf + len, size - len, "-%s", part);
}

void vr_archive_name(char *buf, size_t size, const struct vr_archive_naming *naming)
{
	char host[HOST_BYTES_MAX + 1], extra[2 * PART_BYTES_MAX + 3] = "";
	char date[16], letters[8], tail[32];
	size_t room;

	if (!copy_clean(host, sizeof(host), naming->nodename ? naming->nodename : "", "."))
		strcpy(host, "localhost");
	add_part(extra, sizeof(extra), naming->label);
	add_part(extra, sizeof(extra), naming->case_id);
	local_date(date, sizeof(date), naming->when);
	random_letters(letters, 7);
	snprintf(tail, sizeof(tail), "-%s-%s", date, letters);

	/* Where buf is small the names give way, not what makes the result unique. */
	room = size > strlen(tail) ? size - strlen(tail) : 0;
	if (room)
		snprintf(buf, room, "%s-%s%s", naming->sosreport ? "sosreport" : "sosvmcore", host,
			 extra);
	else if (size)
		buf[0] = '\0';
	if (room)
		strcat(buf, tail);
}
