// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/cmdline.h"

#include <stdbool.h>
#include <string.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "base/strbuf.h"

#define HIDDEN "********"

/* Options whose values nobody else is to see. */
static const char *const secrets[] = {"--encrypt-pass", "--upload-pass", "--upload-s3-access-key",
				      "--upload-s3-secret-key"};
/* These begin alike, but are others. */
static const char *const others[] = {"--encrypt", "--encrypt-key", "--upload", "--upload-s3"};

/* Does the option (up to an '=') name a secret, in full or cut short as far as it can be? */
static bool is_secret(const char *word, size_t len)
{
	if (len < 4 || strncmp(word, "--", 2) != 0)
		return false;
	for (size_t i = 0; i < VR_ARRAY_SIZE(others); i++)
		if (strlen(others[i]) == len && !strncmp(word, others[i], len))
			return false;
	for (size_t i = 0; i < VR_ARRAY_SIZE(secrets); i++)
		if (!strncmp(word, secrets[i], len))
			return true;
	return false;
}

/* A word, without the password of "scheme://user:password@host". */
static void put_word(struct vr_strbuf *text, const char *word)
{
	const char *authority = strstr(word, "://"), *at, *colon;

	if (authority) {
		authority += 3;
		/* The last one: it may be in the password, and rather too much is hidden. */
		at = strrchr(authority, '@');
		colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
		if (colon) {
			vr_strbuf_add(text, word, (size_t)(colon + 1 - word));
			vr_strbuf_puts(text, HIDDEN);
			word = at;
		}
	}
	vr_strbuf_puts(text, word);
}

char *vr_cmdline_text(int argc, char *const *argv)
{
	VR_STRBUF text = {0};
	bool hide = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value = strchr(word, '=');
		size_t len = value ? (size_t)(value - word) : strlen(word);

		if (i)
			vr_strbuf_putc(&text, ' ');
		if (hide) {
			vr_strbuf_puts(&text, HIDDEN);
			hide = false;
		} else if (i && is_secret(word, len)) {
			vr_strbuf_add(&text, word, len);
			if (value)
				vr_strbuf_puts(&text, "=" HIDDEN);
			hide = !value;
		} else {
			put_word(&text, word);
		}
	}
	if (!argc)
		vr_strbuf_puts(&text, "");
	return text.failed ? NULL : VR_TAKE(text.data);
}
