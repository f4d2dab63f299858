/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child is the launcher, on a terminal of its own that this process plays: what is shown, and what is
 * left for the next reader of the terminal when it is given back.
 */
#include "run/screen.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "run/relay.h"

#define WAIT_MS 2000
#define ANSWER_MS 100 /* in which an answer would still come */

struct scene {
	const char *shown; /* by the payload */
	const char *want;  /* what the terminal gets until the last byte of @until */
	const char *until;
	const char *answer; /* which the terminal then types */
	const char *end;    /* what it gets afterwards */
	bool is_raw;
};

/* The launcher's side: exits with the number of bytes that somebody else would read. */
static void child(const char *name, const struct scene *scene)
{
	static struct relay r;
	struct pollfd later = { .events = POLLIN };
	struct screen *s = NULL;
	struct err e = { 0 };
	char left[64];
	ssize_t n;
	int fd = -1;

	(void)setsid();
	fd = open(name, O_RDWR); /* becomes our terminal */
	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
	if (screen_new(scene->is_raw, NULL, &s, &e) != 0 ||
	    io_memfd("shown", scene->shown, strlen(scene->shown), &fd, &e) != 0)
		_exit(255);
	tty_raw(&s->tty);
	r.filter = scene->is_raw ? NULL : &s->filter;
	while (relay_last(&r, fd))
		while (!relay_is_empty(&r))
			relay_drain(&r, s->tty.out);
	screen_give_back(s, true);
	later.fd = s->tty.in;
	n = poll(&later, 1, ANSWER_MS) > 0 ? read(s->tty.in, left, sizeof(left)) : 0;
	_exit(n > 0 ? (int)n : 0);
}

/* Reads until @text ends with @until, or nothing comes any more. */
static void hear(int master, struct buf *text, const char *until)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	size_t n_until = strlen(until);
	char bytes[4096];
	ssize_t n;

	while (poll(&p, 1, WAIT_MS) > 0 && (n = read(master, bytes, sizeof(bytes))) > 0) {
		buf_add(text, bytes, (size_t)n);
		if (n_until > 0 && text->len >= n_until &&
		    strcmp(text->data + text->len - n_until, until) == 0)
			return;
	}
}

static int play(const struct scene *scene, struct buf *text)
{
	auto_fd int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int status;
	pid_t pid;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(ptsname(master), scene);
	hear(master, text, scene->until);
	if (scene->answer)
		assert_int_equal(write(master, scene->answer, strlen(scene->answer)),
				 strlen(scene->answer));
	hear(master, text, "");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void terminal_is_given_back(void **state)
{
	static const struct scene scenes[] = {
		{ .shown = "hello\r\n", .want = "hello\r\n", .until = "\n" },
		{ .shown = "a\033]52;c;eA==\ab\033[?1049h\033[1m",
		  .want = "ab\033[?1049h\033[1m\033[?1049l\033[0m",
		  .until = "\033[0m" },
		/* A question is open: its answer does not reach the next reader. */
		{ .shown = "\033[6n",
		  .want = "\033[6n\033[c",
		  .until = "\033[c",
		  .answer = "\033[5;5R\033[?62;22c" },
		{ .shown = "\033[?1003h",
		  .want = "\033[?1003h\033[?1003l\033[c",
		  .until = "\033[c",
		  .answer = "\033[M !!\033[?1;2c" },
		/* A terminal that never answers is not waited for long. */
		{ .shown = "\033[6n", .want = "\033[6n\033[c", .until = "\033[c" },
		{ .shown = "\033]52;c;eA==\a\033[21t\033[?1049h",
		  .want = "\033]52;c;eA==\a\033[21t\033[?1049h",
		  .until = "h",
		  .is_raw = true },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(scenes); i++) {
		auto_buf struct buf text = BUF_INIT(65536);
		int left = play(&scenes[i], &text);

		if (strcmp(buf_text(&text), scenes[i].want) != 0)
			fail_msg("scene %zu: %s", i, buf_text(&text));
		if (left != 0)
			fail_msg("scene %zu: %d bytes are left for the shell", i, left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
