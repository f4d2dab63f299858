/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from one TCP connection to another in one direction, through a pipe and never through our memory (splice(2)).
 * The pipe is borrowed while bytes are in it: an idle flow holds none. All of a user's processes share a budget for
 * pipes (pipe(7), pipe-user-pages-soft), and his others must not starve because many readers are slow: so pipes are few,
 * and whoever gets none passes through a buffer of ours, which holds nothing either, since what cannot be passed on
 * stays in the socket that it comes from: whoever is slow slows the other side down by that.
 *
 * A flow waits for nothing. The caller's loop tells it by is_readable and is_writable what it has heard of the sockets;
 * flow_move() clears them once the kernel has answered EAGAIN, so events told once (epoll's edges) are enough, and
 * events told again do no harm.
 *
 * Two flows make a connection, and each ends by itself: at the end of what comes, and after all of it, the other side
 * is told (shutdown), and may go on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPES_MAX 128
#define PIPES_LARGE 8 /* with room for PIPE_LARGE, for who moves much */
#define PIPE_LARGE (1 << 20)

/* Of all flows of a process; all zero is none so far. The caller owns it, and keeps it for longer than the flows. */
struct pipes {
	int free[PIPES_MAX][2];
	size_t n;      /* free */
	size_t n_made; /* free and borrowed */
};

struct flow {
	int pipe[2];      /* -1: none borrowed */
	size_t held;      /* bytes in the pipe */
	bool is_readable; /* where it comes from, as far as we know */
	bool is_writable; /* where it goes to */
	bool is_at_end;   /* nothing more comes */
	bool is_shut;     /* and the other side has been told */
	uint64_t bytes;   /* passed on */
};

#define FLOW_INIT ((struct flow){ .pipe = { -1, -1 } })

/*
 * Passes on what it can, at most @most bytes, so that others get their turn. 1: more can be moved at once; 0: it waits
 * for one of its sockets, or is shut; < 0: a negated errno of one of them. Both sockets are TCP (the copy drops by
 * MSG_TRUNC, tcp(7)), do not block, and stay the caller's. SIGPIPE must be ignored: splice(2) has no MSG_NOSIGNAL.
 */
int flow_move(struct flow *f, struct pipes *pipes, int from, int to, size_t most);

/* Gives its pipe back, or closes it with what is in it. The sockets stay open. Once is as good as twice. */
void flow_done(struct flow *f, struct pipes *pipes);

/* Closes those that nobody has borrowed. */
void pipes_done(struct pipes *pipes);
