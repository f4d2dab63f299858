/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/dns.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"
#include "egress/dns_message.h"

#define WAITING_ANSWERS 512 /* names that are being looked up for the sandbox at a time */
#define STREAMS_MAX 32
#define STREAM_MS 10000
#define WIRE_MAX 280 /* a name of 255 bytes, type and class */
#define CLASS_IN 1

/* A question whose answer takes a while. */
struct asked {
	struct lookup lookup; /* first */
	struct egress *egress;
	struct dns_question q;
	uint8_t wire[WIRE_MAX];
	int fd; /* UDP: the listener's, to be answered to .from */
	struct sockaddr_storage from;
	socklen_t from_size;
	struct dns_stream *stream; /* TCP */
};

/* One question by TCP. */
struct dns_stream {
	struct task work; /* first */
	struct watch watch;
	struct egress *egress;
	struct dns_stream *next;
	struct asked *asked;
	int64_t deadline_ms;
	size_t len;
	uint8_t bytes[2 + DNS_MESSAGE_MAX];
};

static void stream_free(struct task *t)
{
	free(t);
}

static void stream_close(struct dns_stream *s)
{
	struct dns_stream **at = &s->egress->streams;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (s->asked)
		s->asked->stream = NULL;
	loop_close(&s->watch);
	s->work.run = stream_free;
	loop_later(&s->egress->loop, &s->work);
}

/* A client that does not read its answer does without. */
static void stream_answer(struct dns_stream *s, const uint8_t *answer, size_t len)
{
	uint8_t message[2 + DNS_ANSWER_MAX];

	message[0] = (uint8_t)(len >> 8);
	message[1] = (uint8_t)len;
	memcpy(message + 2, answer, len);
	(void)send(s->watch.fd, message, len + 2, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(s->watch.fd, SHUT_WR);
	stream_close(s);
}

static void answer(const struct asked *a, enum dns_rcode rcode, const uint8_t *addr)
{
	uint8_t bytes[DNS_ANSWER_MAX];
	size_t len = dns_answer(&a->q, rcode, addr, NAMES_TTL_S, NULL, bytes);

	if (a->stream)
		stream_answer(a->stream, bytes, len);
	else if (a->fd >= 0)
		(void)sendto(a->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			     (const struct sockaddr *)&a->from, a->from_size);
}

static void answer_host(const struct asked *a, const struct host *h)
{
	uint8_t addr[4];

	names_fake(h, addr);
	answer(a, DNS_NOERROR, addr);
}

static void looked_up(struct lookup *l, int status)
{
	struct asked *a = (struct asked *)(void *)l;
	struct egress *g = a->egress;
	struct host *h = names_get(g->names, a->q.name);

	g->n_asked--;
	if (status == ENOENT)
		answer(a, DNS_NXDOMAIN, NULL);
	else if (status != 0 || !h)
		answer(a, DNS_SERVFAIL, NULL);
	else
		answer_host(a, h);
	free(a);
}

/* A copy that outlives the message. */
static void wait_for(const struct asked *a, struct host *h)
{
	struct egress *g = a->egress;
	struct asked *copy = g->n_asked < WAITING_ANSWERS ? malloc(sizeof(*copy)) : NULL;

	if (!copy) {
		answer(a, DNS_SERVFAIL, NULL);
		return;
	}
	*copy = *a;
	memcpy(copy->wire, a->q.wire, a->q.wire_len);
	copy->q.wire = copy->wire;
	copy->lookup = (struct lookup){ .done = looked_up };
	if (copy->stream)
		copy->stream->asked = copy;
	g->n_asked++;
	resolver_lookup(g->resolver, h, &copy->lookup);
}

/* Whether it makes sense to ask outside for a name: else its address inside is all there is to know. */
static bool is_looked_up(const struct egress *g, const char *name)
{
	return !g->proxy.is_set && strcmp(name, NET_HOST_ALIAS) != 0 &&
	       net_rules_may(&g->net.rules, name);
}

static void resolve(const struct asked *a)
{
	struct egress *g = a->egress;
	struct host *h;

	if (a->q.class != CLASS_IN) {
		answer(a, DNS_REFUSED, NULL);
	} else if (!a->q.name[0] || a->q.type == DNS_PTR) {
		answer(a, DNS_NXDOMAIN, NULL);
	} else if (a->q.type != DNS_A) {
		answer(a, DNS_NOERROR, NULL); /* it has no other records */
	} else if (net_name_is_localhost(a->q.name)) {
		answer(a, DNS_NOERROR, net_addr_loopback.octets + 12);
	} else {
		h = names_get(g->names, a->q.name);
		if (!h || a->q.wire_len > WIRE_MAX)
			answer(a, DNS_SERVFAIL, NULL);
		else if (is_looked_up(g, a->q.name))
			wait_for(a, h);
		else
			answer_host(a, h);
	}
}

static void take(struct asked *a, const uint8_t *bytes, size_t len)
{
	enum dns_rcode rcode = DNS_FORMERR;
	int r = dns_question_parse(bytes, len, &a->q, &rcode);

	if (r == 0)
		resolve(a);
	else if (r == -EPROTO)
		answer(a, rcode, NULL);
	else if (a->stream)
		stream_close(a->stream);
}

void dns_read(struct egress *g, int fd)
{
	uint8_t bytes[DNS_MESSAGE_MAX];

	for (int i = 0; i < 64; i++) {
		struct asked a = { .egress = g, .fd = fd, .from_size = sizeof(a.from) };
		ssize_t n = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC,
				     (struct sockaddr *)&a.from, &a.from_size);

		if (n < 0)
			return;
		if ((size_t)n <= sizeof(bytes))
			take(&a, bytes, (size_t)n);
	}
}

static void stream_ready(struct watch *w, uint32_t events)
{
	struct dns_stream *s =
		(struct dns_stream *)(void *)((char *)w - offsetof(struct dns_stream, watch));
	struct asked a = { .egress = s->egress, .fd = -1, .stream = s };
	ssize_t n = recv(w->fd, s->bytes + s->len, sizeof(s->bytes) - s->len, MSG_DONTWAIT);
	size_t want;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || s->asked) { /* one question is all that it is asked for */
		stream_close(s);
		return;
	}
	s->len += (size_t)n;
	want = s->len < 2 ? 0 : (size_t)(s->bytes[0] << 8 | s->bytes[1]);
	if (want > DNS_MESSAGE_MAX)
		stream_close(s);
	else if (s->len >= 2 && s->len - 2 >= want)
		take(&a, s->bytes + 2, want);
}

void dns_accept(struct egress *g, int fd)
{
	struct dns_stream *s;
	size_t n = 0;

	for (s = g->streams; s; s = s->next)
		n++;
	s = n < STREAMS_MAX ? calloc(1, sizeof(*s)) : NULL;
	if (!s) {
		(void)close(fd);
		return;
	}
	s->egress = g;
	s->watch = (struct watch){ .fd = fd, .ready = stream_ready };
	s->deadline_ms = clock_ms() + STREAM_MS;
	s->next = g->streams;
	g->streams = s;
	loop_want_tick(&g->loop);
	if (loop_set(&g->loop, &s->watch, EPOLLIN) < 0)
		stream_close(s);
}

bool dns_tick(struct egress *g)
{
	for (struct dns_stream *s = g->streams, *next; s; s = next) {
		next = s->next;
		if (clock_ms() >= s->deadline_ms)
			stream_close(s);
	}
	return g->streams != NULL;
}

void dns_done(struct egress *g)
{
	while (g->streams)
		stream_close(g->streams);
}
