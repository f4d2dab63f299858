/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/wire.h"

/* A description of our own can be non-blocking without changing the shell's. A terminal that we
 * may use but not open (after su) is used as it is. */
static int reopen(int fd, bool *owned)
{
	char path[64];
	int own;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	*owned = own >= 0;
	return own >= 0 ? own : fd;
}

void tty_init(struct tty *t)
{
	static const int preferred[] = { STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO };

	*t = (struct tty){ .in = -1, .out = -1 };
	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			t->flags |= (uint32_t)JOB_TTY_STDIN << fd;
	for (size_t i = 0; i < 3 && t->out < 0; i++)
		if (t->flags & ((uint32_t)JOB_TTY_STDIN << preferred[i]))
			t->out = preferred[i];
	if (t->out < 0)
		return;
	t->out = reopen(t->out, &t->owned);
	if (t->flags & JOB_TTY_STDIN)
		t->in = t->owned ? t->out : STDIN_FILENO;
}

void tty_done(struct tty *t)
{
	tty_restore(t);
	if (t->owned)
		(void)close(t->out);
	*t = (struct tty){ .in = -1, .out = -1 };
}

bool tty_is_foreground(const struct tty *t)
{
	return t->out >= 0 && tcgetpgrp(t->out) == getpgrp();
}

bool tty_is_gone(const struct tty *t)
{
	struct pollfd p = { .fd = t->out };

	return t->out >= 0 && poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

bool tty_is_interactive(const struct tty *t)
{
	uint32_t both = JOB_TTY_STDIN | JOB_TTY_STDOUT;

	return (t->flags & both) == both && tty_is_foreground(t);
}

bool tty_modes(const struct tty *t, struct termios *ret)
{
	return tty_is_foreground(t) && tcgetattr(t->out, ret) == 0;
}

void tty_raw(struct tty *t)
{
	/* The modes of this moment: those of an earlier one may be the shell's line editor's. */
	if (t->is_raw || !tty_modes(t, &t->saved))
		return;
	t->raw = t->saved;
	cfmakeraw(&t->raw);
	/* In front of a pager's pipe others print to this terminal too: keep its line ends. */
	if (!(t->flags & JOB_TTY_STDOUT))
		t->raw.c_oflag = t->saved.c_oflag;
	t->is_raw = tcsetattr(t->out, TCSADRAIN, &t->raw) == 0;
}

void tty_restore(struct tty *t)
{
	if (t->is_raw && tty_is_foreground(t))
		(void)tcsetattr(t->out, TCSADRAIN, &t->saved);
	t->is_raw = false;
}

void tty_size(const struct tty *t, struct winsize *ret)
{
	*ret = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	if (t->out >= 0)
		(void)ioctl(t->out, TIOCGWINSZ, ret);
}
