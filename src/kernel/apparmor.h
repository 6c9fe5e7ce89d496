/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels that AppArmor gave to tasks (security/apparmor/). */
#ifndef KERNEL_APPARMOR_H
#define KERNEL_APPARMOR_H

#include <vmcore-report/object.h>

/** Was AppArmor at work? (Then no other of the LSMs that answer for proc/<pid>/attr was.) */
bool vr_apparmor_active(struct vr_program *prog);

/** Labels of a task. */
enum vr_apparmor_label { VR_APPARMOR_CURRENT, VR_APPARMOR_PREVIOUS, VR_APPARMOR_ONEXEC };

/**
 * The task's label of that kind in its newest version (aa_get_newest_label()), a struct aa_label;
 * !vr_ok() where it has none. Latches.
 */
struct vr_obj vr_apparmor_task_label(struct vr_obj task, enum vr_apparmor_label kind);

/** Room for a label's name; longer ones latch VR_LIMIT. */
#define VR_APPARMOR_NAME 4096
/**
 * A label as a reader in the first namespace of policies sees it: "unconfined",
 * "/usr/bin/man (enforce)", ":lxc:a//&b (mixed)" (aa_label_snxprint() for aa_getprocattr()).
 * Returns buf.
 */
char *vr_apparmor_name(struct vr_obj label, char buf[VR_APPARMOR_NAME]);

#endif
