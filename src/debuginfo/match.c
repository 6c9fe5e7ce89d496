// SPDX-License-Identifier: GPL-2.0-or-later
#include "debuginfo/match.h"

#include <string.h>

#include "base/bits.h"

/* The banner in the file, cut to size; false: it has none, or only where it would be. */
static bool read_banner(struct vr_debug_file *file, char *banner, size_t size)
{
	uint64_t addr;
	size_t section;

	if (vr_debug_file_symbol(file, "linux_banner", &addr, &section, NULL) != VR_OK ||
	    vr_debug_file_text(file, addr, banner, size) != VR_OK)
		return false;
	banner[strcspn(banner, "\n")] = '\0';
	return banner[0];
}

enum vr_match vr_match_build_id(struct vr_debug_file *file, const struct vr_build_id *id,
				const char *whose, struct vr_error *why)
{
	char have[VR_BUILD_ID_TEXT], want[VR_BUILD_ID_TEXT];
	struct vr_build_id own;

	if (vr_debug_file_build_id(file, &own, why) != VR_OK)
		return VR_MATCH_BROKEN;
	if (!own.len || !id->len) {
		vr_error_set(why, VR_ABSENT, "no telling whether it is %s: %s has no build id",
			     whose, own.len ? "the dump" : "it");
		return VR_MATCH_UNKNOWN;
	}
	if (vr_build_id_equal(&own, id))
		return VR_MATCH_SAME;
	vr_error_set(why, VR_CORRUPT, "its build id is %s, %s is %s", vr_build_id_text(&own, have),
		     whose, vr_build_id_text(id, want));
	return VR_MATCH_OTHER;
}

enum vr_match vr_match_vmlinux(struct vr_debug_file *file, const struct vr_kernel_identity *kernel,
			       struct vr_error *why)
{
	enum vr_match match = vr_match_build_id(file, &kernel->id, "the dump's", why);
	char banner[sizeof(kernel->banner)];

	if (match != VR_MATCH_UNKNOWN || !kernel->banner[0] ||
	    !read_banner(file, banner, sizeof(banner)))
		return match;
	if (!strcmp(banner, kernel->banner))
		return VR_MATCH_BANNER;
	vr_error_set(why, VR_CORRUPT, "it is \"%.90s\", the dump is of \"%.90s\"", banner,
		     kernel->banner);
	return VR_MATCH_OTHER;
}
