// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/encryption.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void vr_encryption_hide(struct vr_encryption_choice *choice)
{
	char *value = getenv(VR_ENCRYPT_PASS_VARIABLE);

	if (!value)
		return;
	snprintf(choice->from_environment, sizeof(choice->from_environment), "%s", value);
	/* /proc/<pid>/environ shows the memory itself. */
	explicit_bzero(value, strlen(value));
	unsetenv(VR_ENCRYPT_PASS_VARIABLE);
}

void vr_encryption_wipe(struct vr_encryption_choice *choice)
{
	char *passphrase = choice->encryption.passphrase;

	if (passphrase)
		explicit_bzero(passphrase, strlen(passphrase));
	explicit_bzero(choice->typed, sizeof(choice->typed));
	explicit_bzero(choice->from_environment, sizeof(choice->from_environment));
}

/* ---- Asking ---- */

/* A line from the terminal, without its end. False: there is none, or *stop. */
static bool read_line(char *buf, size_t size, const volatile int *stop)
{
	size_t len = 0;
	char c;

	for (;;) {
		ssize_t n = *stop ? 0 : read(STDIN_FILENO, &c, 1);

		if (n < 0 && errno == EINTR && !*stop)
			continue;
		if (n <= 0)
			return false;
		if (c == '\n')
			break;
		if (len + 1 < size)
			buf[len++] = c;
	}
	buf[len] = '\0';
	return true;
}

static bool ask(const char *prompt, bool secret, char *buf, size_t size, const volatile int *stop)
{
	struct termios before, hidden;
	bool hide = secret && tcgetattr(STDIN_FILENO, &before) == 0, ok;

	fputs(prompt, stdout);
	fflush(stdout);
	if (hide) {
		hidden = before;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	ok = read_line(buf, size, stop);
	if (hide) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		putchar('\n');
	}
	return ok;
}

/* ---- Choosing ---- */

static void from_environment(struct vr_encryption_choice *choice, struct vr_ui *ui,
			     void (*warn)(void *arg, const char *text), void *arg)
{
	const char *key = getenv(VR_ENCRYPT_KEY_VARIABLE);

	if (key && *key) {
		choice->encryption.key = key;
		vr_ui_say(ui, "Encryption key set via environment variable");
	} else if (choice->from_environment[0]) {
		choice->encryption.passphrase = choice->from_environment;
		vr_ui_say(ui, "Encryption passphrase set via environment variable");
	} else {
		warn(arg, "No encryption environment variables set, archive will not be encrypted");
	}
}

static enum vr_err interrupted(const volatile int *stop, struct vr_error *err)
{
	if (*stop)
		return vr_error_os(err, EINTR, "interrupted");
	return vr_error_set(err, VR_UNSUPPORTED, "no answer: the archive can't be encrypted");
}

static enum vr_err ask_method(struct vr_encryption_choice *choice, struct vr_ui *ui,
			      const volatile int *stop, void (*warn)(void *arg, const char *text),
			      void *arg, struct vr_error *err)
{
	char answer[16] = "";

	while (!strchr("PKEN", answer[0]) || !answer[0] || answer[1]) {
		if (!ask("Specify encryption method [P]assphrase, [K]ey, [E]nv vars, [N]o "
			 "encryption: ",
			 false, answer, sizeof(answer), stop))
			return interrupted(stop, err);
		answer[0] = (char)toupper((unsigned char)answer[0]);
	}
	if (answer[0] == 'P') {
		if (!ask("Specify encryption passphrase: ", true, choice->typed,
			 sizeof(choice->typed), stop))
			return interrupted(stop, err);
		choice->encryption.passphrase = choice->typed;
	} else if (answer[0] == 'K') {
		if (!ask("Specify encryption key: ", false, choice->key, sizeof(choice->key), stop))
			return interrupted(stop, err);
		choice->encryption.key = choice->key;
	} else if (answer[0] == 'E') {
		from_environment(choice, ui, warn, arg);
	} else {
		warn(arg, "Archive will not be encrypted");
	}
	return VR_OK;
}

/* Is there such a program in $PATH? */
static bool has_program(const char *name)
{
	const char *path = getenv("PATH");

	for (path = path ? path : "/usr/bin:/bin"; *path;) {
		size_t len = strcspn(path, ":");
		char file[4200];

		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, name);
		if (len < 4096 && access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static enum vr_err check(const struct vr_encryption *encryption, struct vr_error *err)
{
	const char *passphrase = encryption->passphrase;

	if (encryption->key && !*encryption->key)
		return vr_error_set(err, VR_UNSUPPORTED, "An empty string is no encryption key");
	if (passphrase &&
	    (!*passphrase || strlen(passphrase) > VR_PASSPHRASE_MAX || strchr(passphrase, '\n')))
		return vr_error_set(
			err, VR_UNSUPPORTED,
			"The passphrase is empty, longer than %d bytes, or not one line",
			VR_PASSPHRASE_MAX);
	if ((encryption->key || passphrase) && !has_program("gpg") && !has_program("gpg2"))
		return vr_error_set(err, VR_UNSUPPORTED,
				    "The archive can't be encrypted: gpg is not installed");
	return VR_OK;
}

enum vr_err vr_encryption_choose(struct vr_encryption_choice *choice,
				 const struct vr_options *options, struct vr_ui *ui,
				 const volatile int *stop,
				 void (*warn)(void *arg, const char *text), void *arg,
				 struct vr_error *err)
{
	struct vr_encryption *encryption = &choice->encryption;
	enum vr_err kind = VR_OK;

	if (!options->encrypt && !options->encrypt_key && !options->encrypt_pass)
		return VR_OK;
	if (options->build) {
		warn(arg, "Unable to encrypt when using --build. Encryption is only available for "
			  "archives.");
		return VR_OK;
	}
	encryption->key = options->encrypt_key;
	if (!encryption->key)
		encryption->passphrase = options->encrypt_pass;
	if (!encryption->key && !encryption->passphrase) {
		if (!options->batch && isatty(STDIN_FILENO))
			kind = ask_method(choice, ui, stop, warn, arg, err);
		else
			from_environment(choice, ui, warn, arg);
	}
	return kind == VR_OK ? check(encryption, err) : kind;
}
