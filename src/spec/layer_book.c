/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book of a layer as text: one record per file, each closed by a zero byte, since a name may hold
 * any other. No sandbox sees it; a damaged one costs a comparison, no more.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/layer.h"

#define HEAD "claude-sandbox layer 1"
#define NO_BASE "-"

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct layer_item *)x)->name, ((const struct layer_item *)y)->name);
}

static bool read_number(const char **at, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(*at, &end, 10);
	if (errno != 0 || end == *at || *end != ' ')
		return false;
	*at = end + 1;
	return true;
}

static bool read_stamp(const char **at, struct layer_stamp *ret)
{
	int64_t n[5];

	for (size_t i = 0; i < N_ELEMENTS(n); i++)
		if (!read_number(at, &n[i]))
			return false;
	*ret = (struct layer_stamp){ .size = (uint64_t)n[0],
				     .ino = (uint64_t)n[1],
				     .mode = (uint64_t)n[2],
				     .mtime_ns = n[3],
				     .ctime_ns = n[4] };
	return true;
}

static bool read_base(const char **at, struct layer_digest *ret)
{
	size_t len = strcspn(*at, " ");
	bool none = len == strlen(NO_BASE) && strncmp(*at, NO_BASE, len) == 0;

	if ((!none && len != HASH_HEX_SIZE - 1) || (*at)[len] != ' ')
		return false;
	memcpy(ret->hex, *at, none ? 0 : len);
	*at += len + 1;
	return true;
}

static bool read_item(const char *at, struct layer_item *ret)
{
	int64_t changed;

	if (!read_base(&at, &ret->base) || !read_number(&at, &changed) ||
	    !read_stamp(&at, &ret->host) || !read_stamp(&at, &ret->ours))
		return false;
	ret->changed = changed != 0;
	ret->name = at;
	return at[0] != '\0';
}

int layer_book_parse(const char *text, size_t len, struct arena *a, struct layer_book *ret)
{
	struct layer_book book = { 0 };
	const char *end = text + len;

	if (len < sizeof(HEAD) || memcmp(text, HEAD, sizeof(HEAD)) != 0)
		return -EBADMSG;
	for (const char *at = text + sizeof(HEAD); at < end; at += strlen(at) + 1) {
		struct layer_item item = { 0 };

		if (!memchr(at, '\0', (size_t)(end - at)) || !read_item(at, &item))
			return -EBADMSG;
		item.name = arena_strdup(a, item.name);
		book.items = arena_grow(a, book.items, book.n, sizeof(item));
		book.items[book.n++] = item;
	}
	if (book.n > 0)
		qsort(book.items, book.n, sizeof(*book.items), by_name);
	*ret = book;
	return 0;
}

static void print_stamp(const struct layer_stamp *s, struct buf *b)
{
	buf_addf(b, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " ",
		 (int64_t)s->size, (int64_t)s->ino, (int64_t)s->mode, s->mtime_ns, s->ctime_ns);
}

void layer_book_print(const struct layer_book *book, struct buf *b)
{
	buf_add(b, HEAD, sizeof(HEAD));
	for (size_t i = 0; i < book->n; i++) {
		const struct layer_item *item = &book->items[i];

		buf_addf(b, "%s %d ", item->base.hex[0] ? item->base.hex : NO_BASE, item->changed);
		print_stamp(&item->host, b);
		print_stamp(&item->ours, b);
		buf_add(b, item->name, strlen(item->name) + 1);
	}
}

const struct layer_item *layer_book_find(const struct layer_book *book, const char *name)
{
	const struct layer_item key = { .name = name };

	return book->n == 0 ? NULL : bsearch(&key, book->items, book->n, sizeof(key), by_name);
}
