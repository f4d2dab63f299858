/* SPDX-License-Identifier: Apache-2.0 */
/* A child whose output is wanted; see proc.c for how it comes to be. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/proc.h"

/* Takes a piece of what the pipe holds. 1: some; 0: nothing now, or (then fd is -1) for ever. */
static int take_some(struct pollfd *out, struct buf *text, struct err *e)
{
	char chunk[8192];
	ssize_t n;

	do
		n = read(out->fd, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : err_sys(e, "cannot read the output");
	if (n == 0)
		out->fd = -1; /* poll() skips it: only the child's end is left to wait for */
	buf_add(text, chunk, (size_t)n);
	return n > 0;
}

/*
 * Collects until the child has ended, not the pipe: a grandchild may hold that open for ever.
 * poll() looks at the pidfd first, so at the pipe when the child's last word is in it.
 */
static int collect(const struct child *child, int out, int timeout_ms, struct buf *text,
		   struct err *e)
{
	struct pollfd polls[] = {
		{ .fd = child->pidfd, .events = POLLIN },
		{ .fd = out, .events = POLLIN },
	};
	int64_t deadline = clock_ms() + timeout_ms;

	for (;;) {
		int64_t left = deadline - clock_ms();
		int n = poll(polls, N_ELEMENTS(polls), left > 0 ? (int)left : 0);
		bool has_ended;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot poll");
		has_ended = polls[0].revents != 0;
		r = polls[1].revents ? take_some(&polls[1], text, e) : 0;
		if (r < 0)
			return r;
		/* The deadline is asked each time: endless output keeps poll() from running into it. */
		if (has_ended && (r == 0 || left <= 0))
			return 0;
		if (!has_ended && left <= 0)
			return err_set(e, ETIMEDOUT, "no end after %d ms", timeout_ms);
	}
}

/* Spawns @cmd with stdout and stderr on a new pipe, whose other end is *ret_out. */
static int spawn_piped(const struct cmd *cmd, struct child *ret_child, int *ret_out, struct err *e)
{
	auto_free struct proc_fd *fds = calloc(cmd->n_fds + 2, sizeof(*fds));
	struct cmd piped = *cmd;
	auto_fd int out = -1;
	auto_fd int in = -1;
	int pipe_fds[2];
	int r;

	if (!fds)
		abort();
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, "%s: cannot make a pipe", cmd->argv[0]);
	out = pipe_fds[0];
	in = pipe_fds[1];
	/* Our end only: the child's stdout must block as any other. */
	if (fcntl(out, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, "%s: cannot set up a pipe", cmd->argv[0]);
	if (cmd->n_fds)
		memcpy(fds, cmd->fds, cmd->n_fds * sizeof(*fds));
	fds[cmd->n_fds] = (struct proc_fd){ .from = in, .to = STDOUT_FILENO };
	fds[cmd->n_fds + 1] = (struct proc_fd){ .from = in, .to = STDERR_FILENO };
	piped.fds = fds;
	piped.n_fds = cmd->n_fds + 2;
	r = proc_spawn(&piped, ret_child, e);
	if (r < 0)
		return r;
	*ret_out = take_fd(&out);
	return 0;
}

int proc_output(const struct cmd *cmd, size_t max, int timeout_ms, char **ret_text, int *ret_status,
		struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	auto_buf struct buf text = BUF_INIT(max);
	auto_fd int out = -1;
	int status = 0;
	int r = spawn_piped(cmd, &child, &out, e);

	if (r < 0)
		return r;
	if (collect(&child, out, timeout_ms, &text, e) < 0)
		return err_wrap(e, "%s", cmd->argv[0]);
	r = proc_wait(&child, &status, e);
	if (r < 0)
		return r;
	*ret_text = text.data ? take_ptr(text.data) : calloc(1, 1);
	if (!*ret_text)
		abort();
	*ret_status = status;
	return 0;
}
