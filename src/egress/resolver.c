/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/resolver.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "spec/net_sockaddr.h"

#define SERVER_SOCKETS 32
#define TIMEOUT_MS 3000
#define TRIES 3
/* However short a name says that its addresses live, and however long. */
#define KEPT_MIN_MS INT64_C(10000)
#define KEPT_MAX_MS INT64_C(60000)
#define FAILED_MS INT64_C(2000)
/* New names looked up outside: enough for any page or build, and little for who would tell secrets by names. */
#define RATE_PER_S INT64_C(100)
#define RATE_BURST INT64_C(400)
#define RESOLV_CONF "/etc/resolv.conf"

struct server_socket {
	struct watch watch; /* first: a watch is all that the loop knows */
	struct resolver *resolver;
};

struct resolver {
	struct loop *loop;
	ares_channel channel;
	struct timespec conf_time; /* of the configuration that the channel has */
	struct server_socket sockets[SERVER_SOCKETS];
	size_t n_pending;
	int64_t tokens; /* lookups, in thousandths */
	int64_t tokens_at_ms;
};

/* One question on its way; c-ares may answer when the resolver is gone. */
struct question {
	struct resolver *resolver;
	struct host *host;
};

static void socket_ready(struct watch *w, uint32_t events)
{
	const struct server_socket *s = (const struct server_socket *)(void *)w;
	bool failed = events & (EPOLLERR | EPOLLHUP);

	ares_process_fd(s->resolver->channel, events & EPOLLIN || failed ? w->fd : ARES_SOCKET_BAD,
			events & EPOLLOUT || failed ? w->fd : ARES_SOCKET_BAD);
}

static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	uint32_t events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0);
	struct watch *slot = NULL;

	for (size_t i = 0; i < SERVER_SOCKETS; i++) {
		if (r->sockets[i].watch.fd == fd) {
			slot = &r->sockets[i].watch;
			break;
		}
		if (!slot && r->sockets[i].watch.fd < 0)
			slot = &r->sockets[i].watch;
	}
	if (!slot)
		return; /* it times out */
	if (events == 0) {
		slot->fd = -1; /* c-ares closes it */
		return;
	}
	*slot = (struct watch){ .fd = fd, .ready = socket_ready };
	(void)loop_set(r->loop, slot, events);
}

static struct timespec conf_time(void)
{
	struct stat st;

	return stat(RESOLV_CONF, &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

static int channel_open(struct resolver *r)
{
	static char lookups[] = "fb"; /* /etc/hosts, then DNS */
	struct ares_options options = { .timeout = TIMEOUT_MS,
					.tries = TRIES,
					.ndomains = 0, /* names are whole */
					.lookups = lookups,
					.sock_state_cb = socket_state,
					.sock_state_cb_data = r };

	r->conf_time = conf_time();
	return ares_init_options(&r->channel, &options,
				 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
					 ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
}

/* A laptop moves from one network to the next while a sandbox runs. */
static void follow_conf(struct resolver *r)
{
	struct timespec now = conf_time();
	ares_channel old = r->channel;

	if (r->n_pending > 0 ||
	    (now.tv_sec == r->conf_time.tv_sec && now.tv_nsec == r->conf_time.tv_nsec))
		return;
	if (channel_open(r) == ARES_SUCCESS)
		ares_destroy(old);
	else
		r->channel = old;
}

struct resolver *resolver_new(struct loop *l, struct err *e)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->loop = l;
	r->tokens = RATE_BURST * 1000;
	r->tokens_at_ms = clock_ms();
	for (size_t i = 0; i < SERVER_SOCKETS; i++)
		r->sockets[i] = (struct server_socket){ .watch.fd = -1, .resolver = r };
	if (ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS && channel_open(r) == ARES_SUCCESS)
		return r;
	free(r);
	(void)err_set(e, EIO, "cannot read the host's configuration of name servers");
	return NULL;
}

static void tell(struct host *h)
{
	struct lookup *l = take_ptr(h->waiting);

	while (l) {
		struct lookup *next = l->next;

		l->host = NULL;
		l->done(l, h->status);
		l = next;
	}
}

/* IPv4 first: where IPv6 is broken, and it is here and there, nobody waits for it. */
static int take_addrs(struct host *h, const struct ares_addrinfo *found)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int ttl_s = (int)(KEPT_MAX_MS / 1000);

	for (size_t i = 0; i < N_ELEMENTS(families); i++)
		for (const struct ares_addrinfo_node *at = found->nodes; at; at = at->ai_next) {
			if (at->ai_family != families[i])
				continue;
			if (h->n_addrs < NAMES_ADDRS &&
			    net_sockaddr_addr(at->ai_addr, &h->addrs[h->n_addrs]))
				h->n_addrs++;
			if (at->ai_ttl < ttl_s)
				ttl_s = at->ai_ttl;
		}
	return ttl_s;
}

static int status_of(int status, const struct host *h)
{
	if (status == ARES_SUCCESS && h->n_addrs > 0)
		return 0;
	return status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_SUCCESS
		       ? ENOENT
		       : EAGAIN;
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *q = arg;
	struct host *h = q->host;
	int64_t kept_ms = FAILED_MS;

	(void)timeouts;
	if (status != ARES_EDESTRUCTION) {
		h->n_addrs = 0;
		if (status == ARES_SUCCESS && found)
			kept_ms = 1000 * (int64_t)take_addrs(h, found);
		h->status = status_of(status, h);
		if (h->status == 0 && kept_ms < KEPT_MIN_MS)
			kept_ms = KEPT_MIN_MS;
		h->expires_ms = clock_ms() + kept_ms;
		h->is_pending = false;
		q->resolver->n_pending--;
		tell(h);
	}
	if (found)
		ares_freeaddrinfo(found);
	free(q);
}

static bool take_token(struct resolver *r)
{
	int64_t now = clock_ms();

	r->tokens += (now - r->tokens_at_ms) * RATE_PER_S;
	r->tokens_at_ms = now;
	if (r->tokens > RATE_BURST * 1000)
		r->tokens = RATE_BURST * 1000;
	if (r->tokens < 1000)
		return false;
	r->tokens -= 1000;
	return true;
}

static void ask(struct resolver *r, struct host *h)
{
	const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC,
						   .ai_socktype = SOCK_STREAM,
						   .ai_flags = ARES_AI_NOSORT };
	struct question *q = malloc(sizeof(*q));

	if (!q)
		abort();
	*q = (struct question){ .resolver = r, .host = h };
	h->is_pending = true;
	r->n_pending++;
	loop_want_tick(r->loop);
	ares_getaddrinfo(r->channel, h->name, NULL, &hints, answered, q);
}

void resolver_lookup(struct resolver *r, struct host *h, struct lookup *l)
{
	if (!h->is_pending && clock_ms() < h->expires_ms) {
		l->done(l, h->status);
		return;
	}
	l->host = h;
	l->next = h->waiting;
	h->waiting = l;
	if (h->is_pending)
		return;
	follow_conf(r);
	if (take_token(r)) {
		ask(r, h);
		return;
	}
	h->status = EAGAIN;
	tell(h);
}

void resolver_cancel(struct lookup *l)
{
	struct lookup **at = l->host ? &l->host->waiting : NULL;

	if (!at)
		return;
	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
	l->host = NULL;
}

bool resolver_tick(struct resolver *r)
{
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	return r->n_pending > 0;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	ares_destroy(r->channel);
	ares_library_cleanup();
	free(r);
}
