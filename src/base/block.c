/* SPDX-License-Identifier: Apache-2.0 */
#include "base/block.h"

#include <inttypes.h>
#include <string.h>

void block_put(struct buf *b, const char *word)
{
	buf_add(b, word, strlen(word) + 1);
}

void block_put_number(struct buf *b, uint64_t number)
{
	buf_addf(b, "%" PRIu64, number);
	buf_add(b, "", 1);
}

const char *block_take(struct block *b)
{
	const char *word = b->at;
	const char *nul = b->torn ? NULL : memchr(word, 0, (size_t)(b->end - word));

	b->torn = !nul;
	if (nul)
		b->at = nul + 1;
	return nul ? word : "";
}

uint64_t block_take_number(struct block *b, uint64_t most)
{
	const char *word = block_take(b);
	size_t len = strlen(word);
	uint64_t n = 0;

	if (len == 0 || len > 20 || strspn(word, "0123456789") != len ||
	    (word[0] == '0' && len > 1))
		b->torn = true;
	for (size_t i = 0; i < len && !b->torn; i++) {
		uint64_t digit = (uint64_t)(word[i] - '0');

		if (digit > most || n > (most - digit) / 10)
			b->torn = true;
		n = n * 10 + digit;
	}
	return b->torn ? 0 : n;
}
