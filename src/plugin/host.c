// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/host.h"

#define FIELD(name) .name = name,

const struct vr_host vr_host_table = {
	.size = sizeof(struct vr_host), .api = VR_PLUGIN_API, VR_HOST_FUNCTIONS(FIELD)};
