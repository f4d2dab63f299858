/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: the old text, '|', the new one. What is accepted is what is written: the same settings, in
 * order; it may replace itself, and over nothing it holds no setting that the list does not have.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/gitconfig_read.h"
#include "spec/gitmediate.h"
#include "spec/gitmediate_rows.h"

#define FILE_NAME "/p/.git/config"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int mediate(const char *old, size_t old_len, const char *new, size_t new_len,
		   struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv refused = STRV_INIT(&a);
	struct err e = { 0 };
	int r = gitconfig_mediate(FILE_NAME, false, old, old_len, new, new_len, &a, out, &refused,
				  &e);

	if (r < 0 && (r != e.code || e.msg[0] == '\0'))
		abort();
	if ((r == -EPERM) != (refused.n > 0))
		abort();
	return r;
}

/* Both texts hold the same settings; with @is_new_file all of them are free. */
static void compare(const char *want, size_t want_len, const struct buf *got, bool is_new_file)
{
	auto_gitconfig_entry struct gitconfig_entry w, g;
	struct gitconfig_reader rw, rg;
	struct err e = { 0 };
	int more;

	gitconfig_entry_init(&w);
	gitconfig_entry_init(&g);
	if (gitconfig_reader_init(&rw, "W", want, want_len, &e) < 0 ||
	    gitconfig_reader_init(&rg, "G", buf_text(got), got->len, &e) < 0)
		abort();
	do {
		more = gitconfig_next(&rw, &w, &e);
		if (more < 0 || gitconfig_next(&rg, &g, &e) != more)
			abort();
		if (more && (strcmp(buf_text(&w.name), buf_text(&g.name)) != 0 ||
			     w.has_value != g.has_value ||
			     strcmp(buf_text(&w.value), buf_text(&g.value)) != 0))
			abort();
		if (more && is_new_file &&
		    gitmediate_objection(FILE_NAME, buf_text(&g.name),
					 g.has_value ? buf_text(&g.value) : NULL))
			abort();
	} while (more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf once = BUF_INIT((size_t)1 << 20);
	auto_buf struct buf twice = BUF_INIT((size_t)1 << 20);
	auto_buf struct buf fresh = BUF_INIT((size_t)1 << 20);
	const char *old = (const char *)data;
	const char *bar = size > 0 ? memchr(data, '|', size) : NULL;
	const char *new = bar ? bar + 1 : old;
	size_t old_len = bar ? (size_t)(bar - old) : 0;
	size_t new_len = size - (size_t)(new - old);

	if (mediate(old, old_len, new, new_len, &once) == 0) {
		compare(new, new_len, &once, false);
		if (mediate(buf_text(&once), once.len, buf_text(&once), once.len, &twice) != 0 ||
		    strcmp(buf_text(&once), buf_text(&twice)) != 0)
			abort();
	}
	if (mediate("", 0, new, new_len, &fresh) == 0)
		compare(new, new_len, &fresh, true);
	return 0;
}
