// SPDX-License-Identifier: GPL-2.0-or-later
/* A running plugin asks for its options. */
#include <string.h>

#include "plugin/option.h"
#include "plugin/state.h"

static struct vr_option_value find(struct vr_run *run, const char *name, enum vr_option_kind kind)
{
	const struct vr_plugin_option *option = run->plugin->options;
	const struct vr_option_value *set = run->sink->options;

	for (size_t i = 0, n = vr_option_count(run->plugin); i < n; i++)
		if (strcmp(option[i].name, name) == 0 && option[i].kind == kind)
			return vr_option_value(&option[i], set ? &set[i] : NULL);
	vr_fail(run, "asked for an option that it does not declare: %s", name);
	return (struct vr_option_value){.text = ""};
}

bool vr_option_bool(struct vr_run *run, const char *name)
{
	return find(run, name, VR_OPTION_BOOL).number;
}

int64_t vr_option_number(struct vr_run *run, const char *name)
{
	return find(run, name, VR_OPTION_NUMBER).number;
}

const char *vr_option_text(struct vr_run *run, const char *name)
{
	return find(run, name, VR_OPTION_TEXT).text;
}
