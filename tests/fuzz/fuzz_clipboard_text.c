/* SPDX-License-Identifier: Apache-2.0 */
/* What is left is UTF-8 without control characters, and clean already; also of what was Latin-1. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "clipboard/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *bytes, size_t len)
{
	auto_buf struct buf once = BUF_INIT(2 * len);
	auto_buf struct buf twice = BUF_INIT(2 * len);
	auto_buf struct buf shown = BUF_INIT(8 * len + 1);

	text_clean(bytes, len, &once);
	text_clean(buf_text(&once), once.len, &twice);
	if (once.len > len || once.len != twice.len ||
	    memcmp(buf_text(&once), buf_text(&twice), once.len) != 0)
		abort();
	/* base/buf.c has its own view of UTF-8 and of what a terminal acts on. */
	for (size_t i = 0; i < once.len; i++)
		if (once.data[i] == '\t' || once.data[i] == '\n')
			once.data[i] = ' ';
	buf_visible(&shown, buf_text(&once));
	if (strcmp(buf_text(&shown), buf_text(&once)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf utf8 = BUF_INIT(2 * size);

	check((const char *)data, size);
	text_of_latin1((const char *)data, size, &utf8);
	check(buf_text(&utf8), utf8.len);
	return 0;
}
