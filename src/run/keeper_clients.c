/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "run/info.h"
#include "run/keeper_parts.h"

#define INFO_MAX ((size_t)16 << 20)

struct client *client_add(struct keeper *k, int fd, bool is_founder)
{
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		if (k->clients[i].fd >= 0)
			continue;
		k->clients[i] = (struct client){ .fd = fd, .is_founder = is_founder };
		return &k->clients[i];
	}
	(void)close(fd);
	return NULL;
}

/* The directory keeps others out already; this holds even if its mode is changed later. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

void client_accept(struct keeper *k)
{
	int fd = accept4(k->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (is_ours(fd))
		(void)client_add(k, fd, false);
	else
		(void)close(fd);
}

/*
 * A client that has gone takes its session along, as a closed terminal window does: SIGHUP. If the
 * founder broke off without a word (it was killed), everything ends.
 */
void client_drop(struct keeper *k, struct client *c)
{
	struct session *s = c->session;
	bool is_detached = s && (s->flags & JOB_DETACHED);
	bool ends_all = c->is_founder && !c->is_over && !is_detached;

	if (k->asker == c)
		k->asker = NULL;
	(void)close(c->fd);
	*c = (struct client){ .fd = -1 };
	if (s)
		s->client = NULL;
	if (s && !is_detached) {
		keeper_order(k, s, WIRE_SIGNAL, SIGHUP);
		keeper_order(k, s, WIRE_SIGNAL, SIGCONT);
	}
	if (ends_all)
		keeper_end(k);
}

bool founder_is_awaited(const struct keeper *k)
{
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		const struct client *c = &k->clients[i];

		if (c->fd >= 0 && c->is_founder)
			return !c->session && !c->is_over;
	}
	return false;
}

bool client_tell(struct keeper *k, struct client *c, const struct wire_msg *msg, const int *fds,
		 size_t n_fds)
{
	if (wire_send(c->fd, msg, fds, n_fds) == 0)
		return true;
	client_drop(k, c); /* it reads nothing, or has gone */
	return false;
}

size_t clients_tell(struct keeper *k, const struct buf *text)
{
	const struct wire_msg note = { .kind = WIRE_NOTE };
	auto_fd int fd = -1;
	struct err ignored;
	size_t n = 0;

	if (text->len == 0 || io_memfd("note", buf_text(text), text->len, &fd, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (k->clients[i].fd >= 0)
			n += client_tell(k, &k->clients[i], &note, &fd, 1);
	return n;
}

static void info_fill(const struct keeper *k, struct arena *a, struct info *ret)
{
	const struct plan *plan = k->start->plan;
	const struct spec *spec = plan->spec;
	struct cgroup_usage usage;

	*ret = (struct info){ .id = k->start->name,
			      .project = spec->project,
			      .backend = plan->backend,
			      .level = level_names[spec->config->level],
			      .network = network_names[spec->net.mode],
			      .policy = spec->policy,
			      .shell = spec->shell,
			      .cwd = plan->job.cwd,
			      .env = plan->job.env,
			      .pid = (uint64_t)getpid(),
			      .init_pid = (uint64_t)k->init_pid,
			      .started_s = k->started_s,
			      .is_frozen = k->is_frozen,
			      .is_raw = spec->config->terminal == TERMINAL_RAW };
	if (cgroup_usage(&k->group, &usage)) {
		ret->memory_bytes = usage.memory_bytes;
		ret->memory_peak_bytes = usage.memory_peak_bytes;
		ret->n_processes = usage.pids;
		ret->cpu_usec = usage.cpu_usec;
	}
	for (size_t i = 0; i < MAX_SESSIONS; i++) {
		const struct session *s = &k->sessions[i];

		if (s->id == 0)
			continue;
		ret->sessions =
			arena_grow(a, ret->sessions, ret->n_sessions, sizeof(*ret->sessions));
		ret->sessions[ret->n_sessions++] =
			(struct info_session){ .job = s->id,
					       .started_s = s->started_s,
					       .is_detached = (s->flags & JOB_DETACHED) != 0,
					       .is_attached = s->client != NULL,
					       .command = s->command ? s->command : "" };
	}
}

static void answer_ask(struct keeper *k, struct client *c)
{
	const struct wire_msg msg = { .kind = WIRE_INFO };
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf b = BUF_INIT(INFO_MAX);
	auto_fd int fd = -1;
	struct info info;
	struct err ignored;

	info_fill(k, &a, &info);
	info_pack(&info, &b);
	if (io_memfd("info", buf_text(&b), b.len, &fd, &ignored) == 0)
		(void)client_tell(k, c, &msg, &fd, 1);
}

static void freeze(struct keeper *k, struct client *c, enum wire_order kind)
{
	const struct wire_msg order = { .kind = kind };
	const struct wire_msg busy = { .kind = WIRE_DONE, .value = EBUSY };

	if (k->asker) {
		(void)client_tell(k, c, &busy, NULL, 0);
		return;
	}
	k->asker = c;
	k->is_thawing = kind == WIRE_THAW;
	if (kind == WIRE_FREEZE)
		k->is_frozen = true;
	if (k->channel >= 0)
		(void)wire_send(k->channel, &order, NULL, 0);
}

/* The client goes on with egress itself: what they say to each other is none of ours. */
static void connect_network(struct keeper *k, struct client *c)
{
	struct wire_msg answer = { .kind = WIRE_DONE };
	struct err e = { 0 };
	int pair[2] = { -1, -1 };

	if (k->gateway.control < 0 && k->gateway.n_listens == 0)
		answer.value = ENOTCONN;
	else if (gateway_start(&k->gateway, k->start->plan, &e) < 0)
		answer.value = -e.code;
	else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		answer.value = errno;
	if (pair[0] >= 0)
		gateway_connect(&k->gateway, pair[1]);
	(void)client_tell(k, c, &answer, pair, pair[0] >= 0 ? 1 : 0);
	close_fd(&pair[0]);
}

static void client_asked(struct keeper *k, struct client *c, const struct wire_msg *msg,
			 const int *fds, size_t n_fds)
{
	switch ((enum wire_order)msg->kind) {
	case WIRE_START:
		session_start(k, c, msg, fds, n_fds);
		break;
	case WIRE_SIGNAL:
	case WIRE_CONTINUE:
		if (c->session)
			keeper_order(k, c->session, msg->kind, msg->value);
		break;
	case WIRE_ASK:
		answer_ask(k, c);
		break;
	case WIRE_STOP:
		keeper_stop(k);
		break;
	case WIRE_FREEZE:
	case WIRE_THAW:
		freeze(k, c, msg->kind);
		break;
	case WIRE_ATTACH:
		session_attach(k, c);
		break;
	case WIRE_NETWORK:
		connect_network(k, c);
		break;
	case WIRE_WALLS:
		break; /* not a client's to say */
	}
}

void client_read(struct keeper *k, struct client *c)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;
	int r = wire_recv(c->fd, &msg, fds, &n_fds);

	if (r == -EAGAIN)
		return;
	if (r <= 0) {
		client_drop(k, c);
		return;
	}
	client_asked(k, c, &msg, fds, n_fds);
	wire_close(fds, n_fds);
}
