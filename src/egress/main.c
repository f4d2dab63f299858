/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way out of a sandbox whose network is filtered. It runs outside, for one sandbox, and has what the keeper
 * gave it: the policy, sockets that listen inside, and a channel that ends with the sandbox.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "egress/confine.h"
#include "egress/conn.h"
#include "egress/control.h"
#include "egress/dns.h"
#include "egress/proxy.h"
#include "spec/net_policy.h"

/* Two sockets for each connection, and a pipe or two while bytes are held. */
#define FDS_EACH ((rlim_t)4)
#define FDS_OWN ((rlim_t)256)
#define FDS_MAX ((rlim_t)16384)
#define ACCEPTS 64 /* at a time from one listener */
/* Less than the keeper waits for us, see gateway_finish(). */
#define LAST_WORDS_MS 500

static int policy_read(struct egress *g, struct err *e)
{
	struct stat st;
	void *text;
	int r;

	if (fstat(NET_POLICY_FD, &st) < 0 || st.st_size <= 0)
		return err_set(e, EBADF, "this program is started by claude-sandbox");
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, NET_POLICY_FD, 0);
	if (text == MAP_FAILED)
		return err_sys(e, "read the policy");
	r = net_policy_parse(text, (size_t)st.st_size, &g->arena, &g->net, &g->project, e);
	(void)munmap(text, (size_t)st.st_size);
	(void)close(NET_POLICY_FD);
	if (r == 0 && g->net.upstream)
		r = proxy_init(g, g->net.upstream, e);
	return r;
}

static void raise_limit(struct egress *g)
{
	struct rlimit limit = { .rlim_cur = 1024, .rlim_max = 1024 };

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	g->max_conns = limit.rlim_cur > 2 * FDS_OWN ? (limit.rlim_cur - FDS_OWN) / FDS_EACH
						    : FDS_OWN / FDS_EACH;
}

static enum via via_of(enum net_listen_kind kind)
{
	switch (kind) {
	case NET_LISTEN_HTTP:
		return VIA_HTTP;
	case NET_LISTEN_SOCKS:
		return VIA_SOCKS;
	case NET_LISTEN_LOCAL:
		return VIA_LOCAL;
	case NET_LISTEN_REDIRECT:
	case NET_LISTEN_DNS:
	case NET_LISTEN_DNS_TCP:
		break;
	}
	return VIA_REDIRECT;
}

static void admit(struct listener *l, int fd)
{
	struct conn *c;

	if (l->what->kind == NET_LISTEN_DNS_TCP) {
		dns_accept(l->egress, fd);
		return;
	}
	c = conn_new(l->egress, fd, via_of(l->what->kind));
	if (c)
		hello_start(c, l->what);
}

/* Without a descriptor nothing can be accepted, and epoll would tell so without end: until the next tick. */
static void pause_listener(struct listener *l)
{
	l->is_paused = true;
	(void)loop_set(&l->egress->loop, &l->watch, 0);
	loop_want_tick(&l->egress->loop);
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct listener *l = (struct listener *)(void *)w;

	(void)events;
	if (l->what->kind == NET_LISTEN_DNS) {
		dns_read(l->egress, w->fd);
		return;
	}
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			admit(l, fd);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			return pause_listener(l);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* Before any other descriptor is opened: one of IPv6 is not there where the kernel has none. */
static void find_listeners(struct egress *g)
{
	for (size_t i = 0; i < g->net.n_listens; i++) {
		int fd = NET_LISTEN_FD + (int)i;

		g->listeners[i] = (struct listener){ .egress = g, .what = &g->net.listens[i] };
		g->listeners[i].watch = (struct watch){ .fd = fcntl(fd, F_GETFD) < 0 ? -1 : fd,
							.ready = listener_ready };
	}
}

static int listen_all(struct egress *g, struct err *e)
{
	for (size_t i = 0; i < g->net.n_listens; i++) {
		struct watch *w = &g->listeners[i].watch;

		if (w->fd < 0)
			continue;
		if (fcntl(w->fd, F_SETFD, FD_CLOEXEC) < 0 ||
		    fcntl(w->fd, F_SETFL, O_NONBLOCK) < 0 || loop_set(&g->loop, w, EPOLLIN) < 0)
			return err_sys(e, "listen");
	}
	return 0;
}

/* The keeper hands connections on; its end is that of the sandbox. */
static void keeper_ready(struct watch *w, uint32_t events)
{
	struct egress *g = (struct egress *)(void *)((char *)w - offsetof(struct egress, keeper));
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space.bytes,
			      .msg_controllen = sizeof(space.bytes) };
	ssize_t n = recvmsg(w->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	int fd;

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		g->loop.is_over = true;
		return;
	}
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	control_add(g, fd);
}

static bool tick(void *arg)
{
	struct egress *g = arg;
	bool names = resolver_tick(g->resolver);
	bool streams = dns_tick(g);
	bool conns = conns_tick(g);

	for (size_t i = 0; i < g->net.n_listens; i++)
		if (g->listeners[i].is_paused) {
			g->listeners[i].is_paused = false;
			(void)loop_set(&g->loop, &g->listeners[i].watch, EPOLLIN);
		}
	return names || streams || conns;
}

static int start(struct egress *g, struct err *e)
{
	int r = policy_read(g, e);

	if (r < 0)
		return r;
	find_listeners(g);
	raise_limit(g);
	if (loop_init(&g->loop) < 0)
		return err_sys(e, "epoll");
	g->loop.tick = tick;
	g->loop.tick_arg = g;
	g->names = names_new();
	g->resolver = resolver_new(&g->loop, e);
	if (!g->resolver)
		return e->code;
	journal_open(&g->journal, g->net.dir);
	g->keeper = (struct watch){ .fd = NET_CONTROL_FD, .ready = keeper_ready };
	if (fcntl(NET_CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0 ||
	    loop_set(&g->loop, &g->keeper, EPOLLIN) < 0)
		return err_sys(e, "the keeper's channel");
	r = confine(g->journal.dir, e);
	return r < 0 ? r : listen_all(g, e);
}

/*
 * Nobody lives inside any more. What programs said before they ended is delivered, as a kernel would: their sockets
 * are closed by now, so this takes no time unless a server does.
 */
static void deliver(struct egress *g)
{
	int64_t until = clock_ms() + LAST_WORDS_MS;
	int64_t left = 0;

	loop_forget(&g->loop, &g->keeper);
	do {
		if (loop_round(&g->loop, left) < 0)
			return;
		left = until - clock_ms();
	} while (left > 0 && conns_send(g));
}

static void end(struct egress *g)
{
	while (g->conns)
		conn_close(g->conns);
	control_done(g);
	dns_done(g);
	journal_close(&g->journal);
}

int main(void)
{
	static struct egress egress;
	struct egress *g = &egress;
	struct err e = { 0 };

	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_NAME, "csb-egress");
	g->told = STRV_INIT(&g->arena);
	if (start(g, &e) < 0) {
		(void)send(NET_CONTROL_FD, e.msg, strlen(e.msg), MSG_NOSIGNAL);
		(void)fprintf(stderr, "egress: %s\n", e.msg);
		return 1;
	}
	if (loop_run(&g->loop) < 0)
		return 1;
	deliver(g);
	end(g);
	return 0;
}
