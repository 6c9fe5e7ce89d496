// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bits.h"
#include "base/cleanup.h"
#include "collect/cmdline.h"

static void check(const char *want, char *const *words)
{
	VR_FREE char *text = NULL;
	int count = 0;

	while (words[count])
		count++;
	text = vr_cmdline_text(count, words);
	assert_string_equal(text, want);
}

#define CHECK(want, ...) check(want, (char *[]){"vmcore-report", __VA_ARGS__, NULL})

static void test_secrets(void **state)
{
	(void)state;
	CHECK("vmcore-report --vmcore /a b", "--vmcore", "/a b");
	CHECK("vmcore-report --encrypt-pass ******** -v", "--encrypt-pass", "secret word", "-v");
	CHECK("vmcore-report --encrypt-pass=********", "--encrypt-pass=secret");
	CHECK("vmcore-report --encrypt-pass=********", "--encrypt-pass=a=b");
	/* Options may be cut short. */
	CHECK("vmcore-report --encrypt-p ******** --upload-pa=********", "--encrypt-p", "x",
	      "--upload-pa=y");
	CHECK("vmcore-report --upload-s3-secret-key ******** --upload-s3-access-key ********",
	      "--upload-s3-secret-key", "k", "--upload-s3-access-key", "--looks-like-an-option");
	/* No secrets. */
	CHECK("vmcore-report --encrypt --encrypt-key ABCD --upload --label x", "--encrypt",
	      "--encrypt-key", "ABCD", "--upload", "--label", "x");
	/* The last word is the option itself. */
	CHECK("vmcore-report --encrypt-pass", "--encrypt-pass");
}

static void test_urls(void **state)
{
	(void)state;
	CHECK("vmcore-report --upload-url https://me:********@box.example.org/in", "--upload-url",
	      "https://me:pass@box.example.org/in");
	CHECK("vmcore-report --upload-url=sftp://me:********@box",
	      "--upload-url=sftp://me:a/b@c:@box");
	CHECK("vmcore-report https://box:443/in", "https://box:443/in");
	CHECK("vmcore-report https://me@box/in", "https://me@box/in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
