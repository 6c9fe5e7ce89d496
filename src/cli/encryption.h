/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether and how the archive is encrypted. */
#ifndef CLI_ENCRYPTION_H
#define CLI_ENCRYPTION_H

#include "archive/archive.h"
#include "cli/options.h"
#include "cli/ui.h"

#define VR_ENCRYPT_KEY_VARIABLE "SOSENCRYPTKEY"
#define VR_ENCRYPT_PASS_VARIABLE "SOSENCRYPTPASS"
#define VR_PASSPHRASE_MAX 1024

/** What was chosen, and room for what was typed or found. */
struct vr_encryption_choice {
	struct vr_encryption encryption; /* neither key nor passphrase: none */
	char key[256];
	char typed[VR_PASSPHRASE_MAX + 1];
	char from_environment[VR_PASSPHRASE_MAX + 1];
};

/**
 * Take the passphrase out of the environment, where every process that we start and everyone who may
 * look into /proc could read it.
 */
void vr_encryption_hide(struct vr_encryption_choice *choice);
/**
 * Choose as sos does: a key or a passphrase that was given; with --encrypt on a terminal ask which,
 * else see what the environment has. What is no use with --build is warned of, through warn. VR_OS
 * with EINTR: *stop, while asking. VR_UNSUPPORTED: there is no gpg, or no passphrase.
 */
enum vr_err vr_encryption_choose(struct vr_encryption_choice *choice,
				 const struct vr_options *options, struct vr_ui *ui,
				 const volatile int *stop,
				 void (*warn)(void *arg, const char *text), void *arg,
				 struct vr_error *err);
/** Overwrite all passphrases. */
void vr_encryption_wipe(struct vr_encryption_choice *choice);

#endif
