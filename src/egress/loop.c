/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/loop.h"

#include <errno.h>
#include <sys/epoll.h>

#include "base/auto.h"
#include "base/clock.h"

#define EVENTS 64

int loop_init(struct loop *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? -errno : 0;
}

int loop_add(struct loop *l, struct watch *w)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				     .data.ptr = w };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &event) < 0 ? -errno : 0;
}

int loop_set(struct loop *l, struct watch *w, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &event) == 0)
		return 0;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &event) < 0 ? -errno : 0;
}

void loop_forget(struct loop *l, struct watch *w)
{
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

void loop_want_tick(struct loop *l)
{
	if (l->tick_at_ms == 0)
		l->tick_at_ms = clock_ms() + LOOP_TICK_MS;
}

void loop_close(struct watch *w)
{
	close_fd(&w->fd);
}

void loop_later(struct loop *l, struct task *t)
{
	if (t->is_queued)
		return;
	t->is_queued = true;
	t->next = l->tasks;
	l->tasks = t;
}

/* Tasks may queue tasks, also themselves: those are for the next round. */
static void run_tasks(struct loop *l)
{
	struct task *t = l->tasks;

	l->tasks = NULL;
	while (t) {
		struct task *next = t->next;

		t->is_queued = false;
		t->run(t);
		t = next;
	}
}

static int timeout_ms(const struct loop *l)
{
	int64_t left = l->tick_at_ms - clock_ms();

	if (l->tasks)
		return 0;
	if (l->tick_at_ms == 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

static void tick(struct loop *l)
{
	if (l->tick_at_ms == 0 || clock_ms() < l->tick_at_ms)
		return;
	l->tick_at_ms = 0;
	if (l->tick(l->tick_arg))
		loop_want_tick(l);
}

int loop_round(struct loop *l, int64_t most_ms)
{
	struct epoll_event events[EVENTS];
	int wait = timeout_ms(l);
	int n = epoll_wait(l->epoll, events, EVENTS,
			   most_ms >= 0 && (wait < 0 || wait > most_ms) ? (int)most_ms : wait);

	if (n < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		if (w->fd >= 0) /* else it was closed in this very round */
			w->ready(w, events[i].events);
	}
	run_tasks(l);
	tick(l);
	return 0;
}

int loop_run(struct loop *l)
{
	int r = 0;

	while (r == 0 && !l->is_over)
		r = loop_round(l, -1);
	return r;
}
