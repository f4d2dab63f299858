/* SPDX-License-Identifier: Apache-2.0 */
/* A flat list of words, each ended by NUL, for a memfd: written by appending, read from the front. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

void block_put(struct buf *b, const char *word);
void block_put_number(struct buf *b, uint64_t number);

struct block {
	const char *at, *end;
	bool torn; /* something was not there, or not what was asked for */
};

/* The next word, in the block; "" once it is torn. */
const char *block_take(struct block *b);

/* Of digits alone, without a zero in front: there is one way to write a number. 0 once it is torn, as by more than @most. */
uint64_t block_take_number(struct block *b, uint64_t most);
