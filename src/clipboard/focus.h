/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "clipboard/side.h"

/* True: on this server keys go, now, to the window whose WM_CLASS begins with @name, or to a window in it. */
bool focus_is_in(const struct side *s, const char *name);
