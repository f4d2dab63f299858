/* SPDX-License-Identifier: Apache-2.0 */
/* A repository's own configuration (.git/config, config.worktree), replaced from inside a sandbox. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

/*
 * @file is the absolute path of the file, @old_text what it holds on the host (empty: not there
 * yet), @new_text what shall take its place. What is already there stays allowed, whatever it is;
 * every setting that is new or changed must be on the list of gitmediate_rows.c.
 *
 * @local: a path on this machine may be a remote.
 *
 * 0: @out (empty before) gets the text to write, which has the settings of @new_text, in order.
 * -EPERM: not allowed; @refused gets one line a setting, "NAME: REASON", fit for a terminal.
 * -EINVAL, -EFBIG: one of the texts cannot be read.
 */
int gitconfig_mediate(const char *file, bool local, const char *old_text, size_t old_len,
		      const char *new_text, size_t new_len, struct arena *a, struct buf *out,
		      struct strv *refused, struct err *e);
