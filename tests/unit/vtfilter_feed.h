/* SPDX-License-Identifier: Apache-2.0 */
/* How the tests of the terminal filter feed it. After cmocka.h. */
#pragma once

#include <string.h>

#include "base/buf.h"
#include "base/vtfilter.h"

/* Feeds @n bytes in steps of at most @step into room of @room, and adds what comes out to @out. */
static inline void feed(struct vtfilter *f, const char *in, size_t n, size_t step, size_t room,
			struct buf *out)
{
	char some[8192];
	size_t at = 0, used, made;

	assert_true(room <= sizeof(some));
	do {
		size_t now = n - at < step ? n - at : step;

		made = vtfilter_feed(f, in + at, now, some, room, &used);
		assert_true(made <= room && used <= now);
		assert_true(made + used > 0 || n == 0);
		buf_add(out, some, made);
		at += used;
	} while (at < n || vtfilter_is_pending(f));
}

/* All of a text, into a new filter. */
static inline void run(struct vtfilter *f, const char *in, struct buf *out)
{
	vtfilter_init(f, 0);
	feed(f, in, strlen(in), 65536, 8192, out);
}
