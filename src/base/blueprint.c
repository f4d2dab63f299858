/* SPDX-License-Identifier: Apache-2.0 */
/* A flat list of words, each ended by NUL: the head, the rows, argv. */
#include "base/blueprint.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/block.h"

#define MAGIC "csb-blueprint-2"
#define MODE_MAX UINT64_C(07777)
#define ROWS_MAX UINT64_C(65536)

static void put_row(struct buf *b, const struct blueprint_row *row)
{
	block_put_number(b, row->op);
	block_put_number(b, row->mode);
	block_put_number(b, row->size);
	block_put_number(b, row->source);
	block_put_number(b, row->over);
	block_put_number(b, row->file);
	block_put(b, row->dst);
	block_put(b, row->target);
}

void blueprint_pack(const struct blueprint *bp, struct buf *b)
{
	block_put(b, MAGIC);
	block_put_number(b, bp->uid);
	block_put_number(b, bp->gid);
	block_put_number(b, bp->own_network);
	block_put_number(b, bp->lends);
	block_put_number(b, bp->n_rows);
	block_put_number(b, bp->argv.n);
	for (size_t i = 0; i < bp->n_rows; i++)
		put_row(b, &bp->rows[i]);
	for (size_t i = 0; i < bp->argv.n; i++)
		block_put(b, bp->argv.items[i]);
}

static void take_row(struct block *w, struct blueprint_row *ret)
{
	ret->op = (enum blueprint_op)block_take_number(w, N_BLUEPRINT_OPS - 1);
	ret->mode = (uint32_t)block_take_number(w, MODE_MAX);
	ret->size = block_take_number(w, UINT64_MAX);
	ret->source = (uint32_t)block_take_number(w, UINT32_MAX);
	ret->over = (uint32_t)block_take_number(w, UINT32_MAX);
	ret->file = (uint32_t)block_take_number(w, UINT32_MAX);
	ret->dst = block_take(w);
	ret->target = block_take(w);
	w->torn |= ret->dst[0] != '/';
}

int blueprint_unpack(const char *block, size_t size, struct arena *a, struct blueprint *ret)
{
	struct block w = { .at = block, .end = block + size };
	uint64_t n_rows, n_argv;

	if (strcmp(block_take(&w), MAGIC) != 0)
		return -EBADMSG;
	*ret = (struct blueprint){ .argv = STRV_INIT(a) };
	ret->uid = (uint32_t)block_take_number(&w, UINT32_MAX - 1);
	ret->gid = (uint32_t)block_take_number(&w, UINT32_MAX - 1);
	ret->own_network = block_take_number(&w, 1);
	ret->lends = block_take_number(&w, 1);
	n_rows = block_take_number(&w, ROWS_MAX);
	n_argv = block_take_number(&w, ROWS_MAX);
	for (uint64_t i = 0; i < n_rows && !w.torn; i++) {
		ret->rows = arena_grow(a, ret->rows, ret->n_rows, sizeof(*ret->rows));
		take_row(&w, &ret->rows[ret->n_rows++]);
	}
	for (uint64_t i = 0; i < n_argv && !w.torn; i++)
		strv_add(&ret->argv, block_take(&w));
	return w.torn || w.at != w.end || n_argv == 0 || ret->argv.items[0][0] != '/' ? -EBADMSG
										      : 0;
}
