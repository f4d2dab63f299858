/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that may pass is lost between two terminals, whatever the filter makes of it. */
#include "run/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"

/* All of @in through a relay with @filter, into @out. */
static void pass(struct vtfilter *filter, const struct buf *in, struct buf *out)
{
	static struct relay r;
	struct err e = { 0 };
	auto_fd int fd = -1;

	assert_int_equal(io_memfd("shown", in->data, in->len, &fd, &e), 0);
	r = (struct relay){ .filter = filter };
	while (relay_last(&r, fd)) {
		buf_add(out, r.bytes + r.at, r.end - r.at);
		r.at = r.end;
	}
}

static void much_passes(void **state)
{
	auto_buf struct buf in = BUF_INIT(1 << 21), out = BUF_INIT(1 << 21);
	struct vtfilter f;

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_addf(&in, "\033]0;%d\a\033[3%dm%0500d\r\n\033]52;c;eA==\a", i, i % 8, i);
	vtfilter_init(&f, 0);
	pass(&f, &in, &out);
	assert_int_equal(out.len, in.len - (size_t)2000 * 12);
	assert_int_equal(vtfilter_stopped(&f, VT_CLIPBOARD), 2000);
}

/* Each byte that is no text becomes three; as when somebody shows a file in Latin 1, or a program. */
static void what_grows_passes(void **state)
{
	auto_buf struct buf in = BUF_INIT(1 << 18), out = BUF_INIT(1 << 20);
	struct vtfilter f;

	(void)state;
	for (int i = 0; i < 4 * RELAY_READ; i++)
		buf_add(&in, "\xff", 1);
	buf_puts(&in, "end");
	vtfilter_init(&f, 0);
	pass(&f, &in, &out);
	assert_int_equal(out.len, (size_t)3 * 4 * RELAY_READ + 3);
	assert_string_equal(buf_text(&out) + out.len - 3, "end");
}

static void without_a_filter_all_passes(void **state)
{
	auto_buf struct buf in = BUF_INIT(4096), out = BUF_INIT(4096);

	(void)state;
	buf_puts(&in, "\033]52;c;eA==\a\xff");
	pass(NULL, &in, &out);
	assert_string_equal(buf_text(&out), buf_text(&in));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(much_passes),
		cmocka_unit_test(what_grows_passes),
		cmocka_unit_test(without_a_filter_all_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
