/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's Chromium as a program of the sandbox: with its own sandbox at work, a profile of the
 * project's, and nothing of the host's desktop around it.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "spec/config.h"

struct facts;
struct spec;

/* Programs to look for, the best first; ends with NULL. */
extern const char *const browser_names[];

/* It is asked for, and this host has one. */
bool browser_is_wanted(const struct config *c, const struct facts *f);

/* Wrappers, policy and variables; nothing if it is not wanted. */
void spec_add_browser(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s);
