/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from one socket to another in one direction, through a pipe and never through our memory (splice(2)).
 * The pipe is borrowed while bytes are in it: an idle tunnel holds none. All of a user's processes share a budget for
 * pipes (pipe(7), pipe-user-pages-soft), and his others must not starve because many readers inside are slow:
 * so pipes are few, and whoever gets none passes through a buffer of ours, which holds nothing either, since what
 * cannot be passed on stays in the socket that it comes from. Both sockets do not block.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pipes; /* those that nobody uses at the moment */

#define PIPES_MAX 128
#define PIPES_LARGE 8 /* with room for PIPE_LARGE, for who moves much */
#define PIPE_LARGE (1 << 20)

struct pipes {
	int free[PIPES_MAX][2];
	size_t n;      /* free */
	size_t n_made; /* free and borrowed */
};

struct flow {
	int pipe[2];      /* -1: none borrowed */
	size_t held;      /* bytes in the pipe */
	bool is_readable; /* as far as we know */
	bool is_writable;
	bool is_at_end; /* nothing more comes */
	bool is_shut;   /* and the other side has been told */
	uint64_t bytes; /* passed on */
};

#define FLOW_INIT ((struct flow){ .pipe = { -1, -1 } })

/*
 * Passes on what it can, at most @most bytes, so that others get their turn. 1: more can be moved at once; 0: it waits
 * for one of its sockets, or is shut; < 0: a negated errno of one of them.
 */
int flow_move(struct flow *f, struct pipes *pipes, int from, int to, size_t most);
void flow_done(struct flow *f, struct pipes *pipes);
void pipes_done(struct pipes *pipes);
