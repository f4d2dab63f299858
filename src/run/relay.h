/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way from one terminal to the other: read once, then written as the reader can. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/vtfilter.h"

#define RELAY_READ 16384

struct relay {
	struct vtfilter *filter; /* what is read goes through it; NULL: as it comes */
	size_t at, end;          /* what is not yet written: bytes[at..end) */
	/* Room for what the filter held and for what is read, if each byte of it became a U+FFFD. */
	char bytes[3 * RELAY_READ + 2 * VTFILTER_HELD_MAX];
};

static inline bool relay_is_empty(const struct relay *r)
{
	return r->at == r->end;
}

/* Fills an empty relay. False at the end of @fd. */
bool relay_fill(struct relay *r, int fd);

/* The same when nobody writes any more: false as soon as there is nothing left to read. */
bool relay_last(struct relay *r, int fd);

/* Writes what it can. What cannot be written for good is dropped: nobody is there to read it. */
void relay_drain(struct relay *r, int fd);
