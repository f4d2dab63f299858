/* SPDX-License-Identifier: Apache-2.0 */
/* A flat list of words, each ended by NUL: the head, the rows, argv. */
#include "base/blueprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

#define MAGIC "csb-blueprint-2"
#define MODE_MAX UINT64_C(07777)
#define ROWS_MAX UINT64_C(65536)

static void put(struct buf *b, const char *word)
{
	buf_add(b, word, strlen(word) + 1);
}

static void put_number(struct buf *b, uint64_t n)
{
	buf_addf(b, "%" PRIu64, n);
	buf_add(b, "", 1);
}

static void put_row(struct buf *b, const struct blueprint_row *row)
{
	put_number(b, row->op);
	put_number(b, row->mode);
	put_number(b, row->size);
	put_number(b, row->source);
	put_number(b, row->over);
	put_number(b, row->file);
	put(b, row->dst);
	put(b, row->target);
}

void blueprint_pack(const struct blueprint *bp, struct buf *b)
{
	put(b, MAGIC);
	put_number(b, bp->uid);
	put_number(b, bp->gid);
	put_number(b, bp->own_network);
	put_number(b, bp->lends);
	put_number(b, bp->n_rows);
	put_number(b, bp->argv.n);
	for (size_t i = 0; i < bp->n_rows; i++)
		put_row(b, &bp->rows[i]);
	for (size_t i = 0; i < bp->argv.n; i++)
		put(b, bp->argv.items[i]);
}

struct words {
	const char *at, *end;
	bool torn;
};

static const char *take(struct words *w)
{
	const char *word = w->at;
	const char *nul = w->torn ? NULL : memchr(word, 0, (size_t)(w->end - word));

	w->torn = !nul;
	if (nul)
		w->at = nul + 1;
	return nul ? word : "";
}

/* Digits alone, without a zero in front: there is one way to write a number. */
static uint64_t take_number(struct words *w, uint64_t most)
{
	const char *word = take(w);
	size_t len = strlen(word);
	uint64_t n = 0;

	if (len == 0 || len > 20 || strspn(word, "0123456789") != len ||
	    (word[0] == '0' && len > 1))
		w->torn = true;
	for (size_t i = 0; i < len && !w->torn; i++) {
		uint64_t digit = (uint64_t)(word[i] - '0');

		if (digit > most || n > (most - digit) / 10)
			w->torn = true;
		n = n * 10 + digit;
	}
	return w->torn ? 0 : n;
}

static void take_row(struct words *w, struct blueprint_row *ret)
{
	ret->op = (enum blueprint_op)take_number(w, N_BLUEPRINT_OPS - 1);
	ret->mode = (uint32_t)take_number(w, MODE_MAX);
	ret->size = take_number(w, UINT64_MAX);
	ret->source = (uint32_t)take_number(w, UINT32_MAX);
	ret->over = (uint32_t)take_number(w, UINT32_MAX);
	ret->file = (uint32_t)take_number(w, UINT32_MAX);
	ret->dst = take(w);
	ret->target = take(w);
	w->torn |= ret->dst[0] != '/';
}

int blueprint_unpack(const char *block, size_t size, struct arena *a, struct blueprint *ret)
{
	struct words w = { .at = block, .end = block + size };
	uint64_t n_rows, n_argv;

	if (strcmp(take(&w), MAGIC) != 0)
		return -EBADMSG;
	*ret = (struct blueprint){ .argv = STRV_INIT(a) };
	ret->uid = (uint32_t)take_number(&w, UINT32_MAX - 1);
	ret->gid = (uint32_t)take_number(&w, UINT32_MAX - 1);
	ret->own_network = take_number(&w, 1);
	ret->lends = take_number(&w, 1);
	n_rows = take_number(&w, ROWS_MAX);
	n_argv = take_number(&w, ROWS_MAX);
	for (uint64_t i = 0; i < n_rows && !w.torn; i++) {
		ret->rows = arena_grow(a, ret->rows, ret->n_rows, sizeof(*ret->rows));
		take_row(&w, &ret->rows[ret->n_rows++]);
	}
	for (uint64_t i = 0; i < n_argv && !w.torn; i++)
		strv_add(&ret->argv, take(&w));
	return w.torn || w.at != w.end || n_argv == 0 || ret->argv.items[0][0] != '/' ? -EBADMSG
										      : 0;
}
