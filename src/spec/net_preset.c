/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_preset.h"

#include <stddef.h>

const struct net_preset net_presets[] = {
#include "spec/net_presets.inc"
	{ NULL, NULL, NULL },
};
