/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of any text is canonical: reading it again keeps all of it and changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "spec/gitconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int clean(const char *text, size_t len, struct arena *a, struct buf *out,
		 struct strv *dropped, struct err *e)
{
	const struct gitconfig_user user = { .texts[1] = { "F", text, len },
					     .has_lfs = true,
					     .has_agent = true,
					     .public_key = "ssh-rsa AAAA x" };

	return gitconfig_clean(&user, a, out, dropped, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf once = BUF_INIT((size_t)1 << 19);
	auto_buf struct buf twice = BUF_INIT((size_t)1 << 19);
	struct strv dropped = STRV_INIT(&a);
	struct strv dropped_again = STRV_INIT(&a);
	struct err e = { 0 };
	int r = clean((const char *)data, size, &a, &once, &dropped, &e);

	if (r < 0) {
		if (r != e.code || e.msg[0] == '\0')
			abort();
		return 0;
	}
	if (clean(buf_text(&once), once.len, &a, &twice, &dropped_again, &e) < 0 ||
	    strcmp(buf_text(&once), buf_text(&twice)) != 0 || dropped_again.n > 0)
		abort();
	return 0;
}
