/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real programs, recorded by data/record.sh, pass as they are, but for what a row names; and those that
 * tidy up after themselves leave next to nothing to put back. Their screens are compared by screens.sh.
 */
#include "base/vtfilter.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "vtfilter_feed.h"

#define REGION "\0337\033[r\0338"

static const struct {
	const char *name;
	const char *removed[2]; /* what does not pass */
	const char *undo;
} recordings[] = {
	{ "bash", { NULL }, "" },
	{ "claude", { NULL }, "\033[0m" },
	{ "git", { NULL }, "" },
	{ "grep", { NULL }, "" },
	{ "htop", { NULL }, REGION },
	{ "less", { NULL }, "\033[0m" },
	{ "ls", { NULL }, "" },
	{ "tmux", { NULL }, REGION },
	/* vim tries whether the terminal keeps strings and odd sequences off the screen. It does. */
	{ "vim", { "\033Pzz\033\\", "\033[0%m" }, REGION },
};

static void read_recording(const char *name, struct buf *ret)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path =
		arena_printf(&a, "%s/tests/unit/data/terminal/%s", getenv("CSB_SOURCE_ROOT"), name);
	struct err e = { 0 };
	char *text;
	size_t n;

	if (io_read_file(AT_FDCWD, path, 1 << 20, false, &a, &text, &n, &e) != 0)
		fail_msg("%s", e.msg);
	buf_add(ret, text, n);
}

/* Takes the one place where @what stands out of @b. */
static void take_out(struct buf *b, const char *what)
{
	size_t n = strlen(what);
	char *at = memmem(b->data, b->len, what, n);

	assert_non_null(at);
	b->len -= n;
	memmove(at, at + n, b->len - (size_t)(at - b->data));
	assert_null(memmem(b->data, b->len, what, n));
}

static void recordings_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(recordings); i++) {
		auto_buf struct buf in = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20),
				    undo = BUF_INIT(4096);
		struct vtfilter f;
		uint64_t n_stopped = 0, n_removed = 0;

		read_recording(recordings[i].name, &in);
		vtfilter_init(&f, 0);
		feed(&f, in.data, in.len, 4096, 8192, &out);
		for (size_t j = 0; j < 2 && recordings[i].removed[j]; j++, n_removed++)
			take_out(&in, recordings[i].removed[j]);
		if (out.len != in.len || memcmp(in.data, out.data, in.len) != 0)
			fail_msg("%s: changed", recordings[i].name);
		for (unsigned j = 0; j < VT_N_REASONS; j++)
			n_stopped += vtfilter_stopped(&f, j);
		assert_int_equal(n_stopped, n_removed);
		vtfilter_reset(&f, &undo);
		assert_string_equal(buf_text(&undo), recordings[i].undo);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(recordings_pass) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
