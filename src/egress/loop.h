/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: epoll(7), edge-triggered, one thread. A watched descriptor tells that something may be
 * possible again; whoever watches tries until EAGAIN. A watch may be removed in any handler: what epoll has
 * already told of it in the same round is passed over, and its memory is freed when the round is over.
 *
 * Not sd-event: two thousand tunnels in a few MiB, and the least code in the process that hostile bytes reach.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct watch {
	int fd; /* -1: not watched */
	void (*ready)(struct watch *w,
		      uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP */
};

/* Something that is to be done once this round's events have been handled. */
struct task {
	struct task *next;
	void (*run)(struct task *t);
	bool is_queued;
};

struct loop {
	int epoll;
	struct task *tasks;
	bool is_over;
	int64_t tick_at_ms;      /* 0: nobody waits for one */
	bool (*tick)(void *arg); /* about LOOP_TICK_MS after loop_want_tick(); true: and again */
	void *tick_arg;
};

#define LOOP_TICK_MS 200

int loop_init(struct loop *l);
/* Edge-triggered, both directions, once and for all. 0 or a negated errno. @fd is w->fd. */
int loop_add(struct loop *l, struct watch *w);
/* Level-triggered, for EPOLLIN or EPOLLOUT: for what accepts, and for sockets that others handle. */
int loop_set(struct loop *l, struct watch *w, uint32_t events);
/* Its descriptor stays open. */
void loop_forget(struct loop *l, struct watch *w);
void loop_want_tick(struct loop *l);
/* Closes the descriptor, which ends the watch. */
void loop_close(struct watch *w);
void loop_later(struct loop *l, struct task *t);
/* Until is_over; a negated errno if epoll fails. */
int loop_run(struct loop *l);
/* What can be done now or, with @most_ms, comes until then; -1: whenever that is. */
int loop_round(struct loop *l, int64_t most_ms);
