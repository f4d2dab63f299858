/* SPDX-License-Identifier: Apache-2.0 */
#include "run/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"

#define RESET_MAX ((size_t)4096)
#define ANSWER_MS 200 /* what a terminal far away may take to answer */

/* Only a locale that names another character set says so: "C" and none at all do not. */
static unsigned filter_flags(const struct strv *env)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *charset = NULL;

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		const char *value = env ? env_get(env, names[i]) : NULL;

		if (!value || !value[0])
			continue;
		charset = strchr(value, '.');
		break;
	}
	if (!charset || strncasecmp(charset, ".utf8", 5) == 0 ||
	    strncasecmp(charset, ".utf-8", 6) == 0)
		return 0;
	return VTFILTER_8BIT;
}

int screen_new(bool is_raw, const struct strv *env, struct screen **ret, struct err *e)
{
	struct screen *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return err_sys(e, "make memory for the terminal");
	s->is_raw = is_raw;
	vtfilter_init(&s->filter, filter_flags(env));
	tty_init(&s->tty);
	*ret = s;
	return 0;
}

void screen_free(struct screen *s)
{
	if (!s)
		return;
	tty_done(&s->tty);
	(void)munmap(s, sizeof(*s));
}

/* Bounded: a terminal that takes nothing is not waited for. */
static void show(int fd, const struct buf *b)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	const char *at = buf_text(b);
	size_t left = b->len;

	while (left > 0 && poll(&out, 1, ANSWER_MS) > 0) {
		ssize_t n = write(out.fd, at, left);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
}

/* Reads and drops what the terminal sends, up to its answer to the barrier. */
static void drop_answers(struct screen *s)
{
	struct pollfd in = { .fd = s->tty.in, .events = POLLIN };
	int64_t until = clock_ms() + ANSWER_MS;
	char bytes[1024];

	for (int64_t left = ANSWER_MS; left > 0; left = until - clock_ms()) {
		ssize_t n = poll(&in, 1, (int)left) > 0 ? read(in.fd, bytes, sizeof(bytes)) : 0;

		if (n <= 0 || vtfilter_input(&s->filter, bytes, (size_t)n))
			break;
	}
	(void)tcflush(in.fd, TCIFLUSH);
}

void screen_give_back(struct screen *s, bool for_good)
{
	auto_buf struct buf b = BUF_INIT(RESET_MAX);
	bool is_owed = s->tty.in >= 0 && s->tty.is_raw && tty_is_foreground(&s->tty) &&
		       vtfilter_is_owed(&s->filter);

	if (s->is_raw || s->tty.out < 0 || tty_is_gone(&s->tty))
		return;
	if (for_good)
		vtfilter_reset(&s->filter, &b);
	if (is_owed)
		vtfilter_barrier(&s->filter, &b);
	show(s->tty.out, &b);
	if (is_owed)
		drop_answers(s);
}

struct watch {
	struct screen *screen;
	int pipe;
	int out; /* the terminal: a copy above stdio, which a child of ours does not keep */
};

/* If another has set the terminal meanwhile, as a shell does for its prompt, it is left so. */
static void modes_back(const struct tty *t, int fd)
{
	struct termios now;

	if (t->is_raw && tcgetattr(fd, &now) == 0 && now.c_lflag == t->raw.c_lflag &&
	    now.c_iflag == t->raw.c_iflag && now.c_oflag == t->raw.c_oflag)
		(void)tcsetattr(fd, TCSANOW, &t->saved);
}

static int guard_main(void *data)
{
	const struct watch *w = data;
	auto_buf struct buf b = BUF_INIT(RESET_MAX);
	char word;

	if (read(w->pipe, &word, 1) == 1)
		return 0;
	vtfilter_reset(&w->screen->filter, &b);
	if (!w->screen->is_raw)
		show(w->out, &b);
	modes_back(&w->screen->tty, w->out);
	return 0;
}

int guard_start(struct screen *s, struct guard *ret, struct err *e)
{
	auto_fd int word = -1;
	auto_fd int in = -1;
	auto_fd int out = -1;
	int pipe_fds[2];
	int r;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	in = pipe_fds[0];
	word = pipe_fds[1];
	out = fcntl(s->tty.out, F_DUPFD_CLOEXEC, in + 1);
	if (out < 0)
		return err_sys(e, "copy the terminal's descriptor");
	r = proc_fork(guard_main, &(struct watch){ .screen = s, .pipe = in, .out = out },
		      (const int[]){ in, out }, 2, &ret->child, e);
	if (r == 0)
		ret->word = take_fd(&word);
	return r;
}

void guard_dismiss(struct guard *g)
{
	struct err ignored;
	int status;

	if (g->word >= 0) {
		(void)!write(g->word, "", 1);
		(void)close(g->word);
	}
	if (g->child.pid > 0)
		(void)proc_wait(&g->child, &status, &ignored);
	*g = GUARD_NONE;
}
