/* SPDX-License-Identifier: Apache-2.0 */
#include "base/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"

#define BUFFER ((size_t)64 << 10)

/* False: there is none to be had. */
static bool borrow(struct flow *f, struct pipes *pipes)
{
	if (f->pipe[0] >= 0)
		return true;
	if (pipes->n > 0) {
		pipes->n--;
		f->pipe[0] = pipes->free[pipes->n][0];
		f->pipe[1] = pipes->free[pipes->n][1];
		return true;
	}
	if (pipes->n_made == PIPES_MAX || pipe2(f->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	if (pipes->n_made++ < PIPES_LARGE)
		(void)fcntl(f->pipe[1], F_SETPIPE_SZ, PIPE_LARGE); /* a wish */
	return true;
}

static void give_back(struct flow *f, struct pipes *pipes)
{
	if (f->pipe[0] < 0 || f->held > 0)
		return;
	pipes->free[pipes->n][0] = take_fd(&f->pipe[0]);
	pipes->free[pipes->n][1] = take_fd(&f->pipe[1]);
	pipes->n++;
}

static int fill(struct flow *f, int from, size_t most)
{
	ssize_t n = splice(from, NULL, f->pipe[1], NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (n > 0)
		f->held += (size_t)n;
	else if (n == 0)
		f->is_at_end = true;
	else if (errno == EAGAIN)
		f->is_readable = false;
	else if (errno != EINTR)
		return -errno;
	return 0;
}

/* What has been passed on is taken out of the socket only then: MSG_TRUNC drops it there, tcp(7). */
static int copy(struct flow *f, int from, int to, size_t most)
{
	char bytes[BUFFER];
	ssize_t n = recv(from, bytes, most < BUFFER ? most : BUFFER, MSG_PEEK | MSG_DONTWAIT);

	if (n == 0)
		f->is_at_end = true;
	if (n < 0 && errno == EAGAIN)
		f->is_readable = false;
	else if (n < 0 && errno != EINTR)
		return -errno;
	if (n <= 0)
		return 0;
	n = send(to, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN)
		f->is_writable = false;
	else if (n < 0 && errno != EINTR)
		return -errno;
	if (n <= 0)
		return 0;
	f->bytes += (uint64_t)n;
	return recv(from, bytes, (size_t)n, MSG_TRUNC | MSG_DONTWAIT) == n ? 0 : -EIO;
}

static int drain(struct flow *f, int to, size_t most)
{
	ssize_t n = splice(f->pipe[0], NULL, to, NULL, f->held < most ? f->held : most,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (n > 0) {
		f->held -= (size_t)n;
		f->bytes += (size_t)n;
	} else if (n < 0 && errno == EAGAIN) {
		f->is_writable = false;
	} else if (n < 0 && errno != EINTR) {
		return -errno;
	}
	return 0;
}

static void shut(struct flow *f, int to)
{
	if (!f->is_at_end || f->held > 0 || f->is_shut)
		return;
	f->is_shut = true;
	(void)shutdown(to, SHUT_WR);
}

static bool can_move(const struct flow *f)
{
	/* Whoever cannot pass anything on now takes nothing out. */
	return f->is_writable && (f->held > 0 || (f->is_readable && !f->is_at_end));
}

static int step(struct flow *f, struct pipes *pipes, int from, int to, size_t most)
{
	if (f->held > 0)
		return drain(f, to, most);
	return borrow(f, pipes) ? fill(f, from, most) : copy(f, from, to, most);
}

int flow_move(struct flow *f, struct pipes *pipes, int from, int to, size_t most)
{
	const uint64_t stop = f->bytes + most;
	int r = 0;

	while (r == 0 && can_move(f) && f->bytes < stop)
		r = step(f, pipes, from, to, stop - f->bytes);
	give_back(f, pipes);
	shut(f, to);
	return r < 0 ? r : can_move(f);
}

void flow_done(struct flow *f, struct pipes *pipes)
{
	give_back(f, pipes);
	if (f->pipe[0] >= 0) /* what is in it has nowhere to go */
		pipes->n_made--;
	close_fd(&f->pipe[0]);
	close_fd(&f->pipe[1]);
}

void pipes_done(struct pipes *pipes)
{
	while (pipes->n > 0) {
		pipes->n--;
		close_fd(&pipes->free[pipes->n][0]);
		close_fd(&pipes->free[pipes->n][1]);
	}
}
