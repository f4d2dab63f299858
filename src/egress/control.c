/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/auto.h"

#define LINE_MAX_BYTES 2048
#define CONTROLS_MAX 16

struct control {
	struct task work; /* first */
	struct watch watch;
	struct egress *egress;
	struct control *next;
	bool watches;
	char line[LINE_MAX_BYTES];
	size_t len;
};

static void control_free(struct task *t)
{
	free(t);
}

static void control_close(struct control *k)
{
	struct control **at = &k->egress->controls;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	loop_close(&k->watch);
	k->work.run = control_free;
	loop_later(&k->egress->loop, &k->work);
}

/* Whoever does not read has gone for us: nobody waits for him. */
static void say(struct control *k, const char *text)
{
	if (k->watch.fd >= 0 && send(k->watch.fd, text, strlen(text),
				     MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)strlen(text))
		control_close(k);
}

static void add_rule(struct control *k, enum net_list list, const char *text)
{
	struct egress *g = k->egress;
	auto_buf struct buf b = BUF_INIT((size_t)4096);
	struct err e;

	if (net_rules_add(&g->net.rules, list, text, &g->net.agent_hosts, &g->arena, &e) < 0) {
		buf_addf(&b, "error %s\n", e.msg);
		say(k, buf_text(&b));
		return;
	}
	say(k, "ok\n");
	judge_again(g);
}

static void tell_ask(struct control *k, const struct conn *c)
{
	auto_buf struct buf b = BUF_INIT((size_t)1024);

	buf_puts(&b, "ask ");
	conn_what(c, &b);
	buf_addf(&b, " %s\n", conn_via(c->via));
	say(k, buf_text(&b));
}

static void watch(struct control *k)
{
	k->watches = true;
	for (const struct conn *c = k->egress->conns; c && k->watch.fd >= 0; c = c->next)
		if (c->stage == STAGE_ASK)
			tell_ask(k, c);
}

static void obey(struct control *k, char *line)
{
	char *value = strchr(line, ' ');
	enum net_list list = NET_ALLOW;

	if (value)
		*value++ = '\0';
	while (list < N_NET_LISTS && strcmp(line, net_list_words[list]) != 0)
		list++;
	if (value && list < N_NET_LISTS)
		add_rule(k, list, value);
	else if (!value && strcmp(line, "watch") == 0)
		watch(k);
	else
		say(k, "error there is no such order\n");
}

static void take_lines(struct control *k)
{
	char *end;

	while (k->watch.fd >= 0 && (end = memchr(k->line, '\n', k->len)) != NULL) {
		size_t size = (size_t)(end - k->line) + 1;

		*end = '\0';
		obey(k, k->line);
		memmove(k->line, k->line + size, k->len - size);
		k->len -= size;
	}
}

static void ready(struct watch *w, uint32_t events)
{
	struct control *k = (struct control *)(void *)((char *)w - offsetof(struct control, watch));
	ssize_t n = recv(w->fd, k->line + k->len, sizeof(k->line) - k->len, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || k->len + (size_t)n == sizeof(k->line)) {
		control_close(k);
		return;
	}
	k->len += (size_t)n;
	take_lines(k);
}

void control_add(struct egress *g, int fd)
{
	struct control *k;
	size_t n = 0;

	for (k = g->controls; k; k = k->next)
		n++;
	k = n < CONTROLS_MAX ? calloc(1, sizeof(*k)) : NULL;
	if (!k) {
		(void)close(fd);
		return;
	}
	k->egress = g;
	k->watch = (struct watch){ .fd = fd, .ready = ready };
	k->next = g->controls;
	g->controls = k;
	if (loop_set(&g->loop, &k->watch, EPOLLIN) < 0)
		control_close(k);
}

/* The same host may be wanted by many connections: it is told once to each who watches. */
void control_ask(struct egress *g, const struct conn *c)
{
	for (const struct conn *other = g->conns; other; other = other->next)
		if (other != c && other->stage == STAGE_ASK &&
		    other->target.port == c->target.port && strcmp(other->name, c->name) == 0)
			return;
	for (struct control *k = g->controls, *next; k; k = next) {
		next = k->next;
		if (k->watches)
			tell_ask(k, c);
	}
}

void control_done(struct egress *g)
{
	while (g->controls)
		control_close(g->controls);
}
