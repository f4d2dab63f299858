/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process, one poll(2). Each client has its own connection to the agent and its own state, so that
 * one who waits (an agent that asks a person, a hung one) keeps nobody else waiting. A request goes:
 *
 *     read -> [list the agent's keys] -> [limit, purpose, person] -> [sign] -> write
 *
 * A signature is asked for only after the agent has listed the key in that very moment and the key is
 * chosen. Everything that is passed on is built anew from what was understood, in both directions.
 */
#include "border/ssh_guard.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "border/ssh_guard_parts.h"

/* end, listener, asker, and two of each client */
enum { AT_END, AT_LISTENER, AT_ASKER, AT_CLIENTS, N_POLL = AT_CLIENTS + 2 * GUARD_CLIENTS };

/* A free place, or that of the client who has been silent for longest; NULL: all are busy. */
static struct guard_client *place(struct guard *g)
{
	struct guard_client *idle = NULL;

	for (size_t i = 0; i < GUARD_CLIENTS; i++) {
		struct guard_client *c = &g->clients[i];

		if (c->fd < 0)
			return c;
		if (c->state == GUARD_READ && c->in.len == 0 && (!idle || c->since < idle->since))
			idle = c;
	}
	return idle;
}

static void admit(struct guard *g)
{
	struct guard_client *c = place(g);
	int fd = c ? accept4(g->service->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

	if (fd < 0)
		return;
	guard_client_drop(g, c);
	c->fd = fd;
	c->since = ++g->n_moves;
}

static int timeout_of(const struct guard *g)
{
	int64_t first = g->asked_for ? g->asker_deadline : INT64_MAX;
	int64_t now = clock_ms();

	for (size_t i = 0; i < GUARD_CLIENTS; i++)
		if (g->clients[i].fd >= 0 && g->clients[i].deadline > 0 &&
		    g->clients[i].deadline < first)
			first = g->clients[i].deadline;
	if (first == INT64_MAX)
		return -1;
	return first <= now ? 0 : (int)(first - now) + 1;
}

static void fill(struct guard *g, struct pollfd *p)
{
	p[AT_END] = (struct pollfd){ .fd = g->service->end, .events = POLLIN };
	/* Without a place for another one, the others wait in the socket's queue. */
	p[AT_LISTENER] = (struct pollfd){ .fd = place(g) ? g->service->fd : -1, .events = POLLIN };
	p[AT_ASKER] = (struct pollfd){ .fd = g->asked_for ? g->asker.pidfd : -1, .events = POLLIN };
	for (size_t i = 0; i < GUARD_CLIENTS; i++)
		guard_client_poll(&g->clients[i], &p[AT_CLIENTS + 2 * i]);
}

static void serve(struct guard *g, const struct pollfd *p)
{
	for (size_t i = 0; i < GUARD_CLIENTS; i++)
		if (g->clients[i].fd >= 0)
			guard_client_serve(g, &g->clients[i], &p[AT_CLIENTS + 2 * i]);
	if (g->asked_for &&
	    ((p[AT_ASKER].fd >= 0 && p[AT_ASKER].revents) || clock_ms() >= g->asker_deadline))
		guard_confirm_answered(g);
	guard_confirm_next(g);
	/* Last: the place of a silent client may be given away. */
	if (p[AT_LISTENER].revents)
		admit(g);
}

int ssh_guard_service(const struct service *s)
{
	struct guard g = { .service = s, .rules = &s->spec->ssh, .asker = CHILD_NONE, .log = -1 };
	struct pollfd p[N_POLL];

	for (size_t i = 0; i < GUARD_CLIENTS; i++)
		guard_client_init(&g.clients[i]);
	guard_log_open(&g);
	for (;;) {
		fill(&g, p);
		if (poll(p, N_POLL, timeout_of(&g)) < 0) {
			if (errno == EINTR)
				continue;
			return 1;
		}
		if (p[AT_END].revents)
			break;
		serve(&g, p);
	}
	for (size_t i = 0; i < GUARD_CLIENTS; i++)
		guard_client_drop(&g, &g.clients[i]);
	guard_tell(&g);
	return 0;
}
