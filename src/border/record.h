/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of what a session did to files that run on the host: written by the guard while
 * it happens, read when the sandbox has ended, or, if its keeper was killed, at the next start.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#define RECORD_DIR "border"
#define RECORD_MAX ((size_t)8 << 20)

enum record_kind {
	RECORD_REFUSED, /* was not written; the text says who would run it */
	RECORD_CHANGED, /* was written */
	RECORD_HELD,    /* was written in a repository below the project, and is put away now */
	RECORD_MOVED,   /* a directory; the text is its new path */
};

/*
 * Reads the records in @state that no guard holds any more, puts away what is to be put away, and adds
 * sentences for the user, one a line. Nothing to read is no error.
 */
void record_settle(const char *state, struct buf *out);

/* Sentences that nobody was there to hear: whoever settles next gets them. */
void record_keep(const char *state, const struct buf *sentences);
