/* SPDX-License-Identifier: Apache-2.0 */
/* One connection from inside, as a state machine: it never waits. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "border/ssh_guard_parts.h"

/* A client who stops in the middle of a message, or does not read his answer, is dropped. */
#define CLIENT_MS 10000
/* An agent may ask a person before it signs (ssh-add -c), or for the touch of a token. */
#define LIST_MS 20000
#define SIGN_MS 120000

void guard_client_init(struct guard_client *c)
{
	*c = (struct guard_client){ .fd = -1,
				    .agent = -1,
				    .in = BUF_INIT(SSH_AGENT_FRAME_MAX),
				    .to = BUF_INIT(SSH_AGENT_FRAME_MAX),
				    .from = BUF_INIT(SSH_AGENT_FRAME_MAX),
				    .out = BUF_INIT(SSH_AGENT_FRAME_MAX),
				    .comment = BUF_INIT(SSH_AGENT_FRAME_MAX) };
}

static void uncount(struct guard *g, struct guard_client *c)
{
	if (c->is_counted)
		g->n_signed--;
	c->is_counted = false;
}

void guard_client_drop(struct guard *g, struct guard_client *c)
{
	if (g->asked_for == c)
		guard_confirm_cancel(g);
	uncount(g, c);
	close_fd(&c->fd);
	close_fd(&c->agent);
	buf_done(&c->in);
	buf_done(&c->to);
	buf_done(&c->from);
	buf_done(&c->out);
	buf_done(&c->comment);
	guard_client_init(c);
}

static void enter(struct guard_client *c, enum guard_state state, int64_t limit_ms)
{
	c->state = state;
	c->deadline = limit_ms ? clock_ms() + limit_ms : 0;
}

/* Drops the first @n bytes. */
static void consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

static void empty(struct buf *b)
{
	consume(b, b->len);
}

/* The answer is in .out, and what the request needed is put away. */
static void answer(struct guard *g, struct guard_client *c)
{
	uncount(g, c);
	c->since = ++g->n_moves;
	close_fd(&c->agent);
	empty(&c->to);
	empty(&c->from);
	enter(c, GUARD_WRITE, CLIENT_MS);
}

static void refuse(struct guard *g, struct guard_client *c, const char *what)
{
	guard_log_refusal(g, &c->request, what);
	empty(&c->out);
	ssh_agent_put_failure(&c->out);
	answer(g, c);
}

static int connect_agent(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t len = strlen(path);

	if (fd < 0 || len >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, len);
	/* On a local socket this connects at once, or the agent's queue is full (EAGAIN). */
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return take_fd(&fd);
}

/* What is in .to goes to the agent; a connection of its own for each request. */
static void ask_agent(struct guard *g, struct guard_client *c, enum guard_state state,
		      int64_t limit_ms)
{
	if (c->agent < 0)
		c->agent = connect_agent(g->rules->socket);
	if (c->agent < 0)
		refuse(g, c, "agent not reached");
	else
		enter(c, state, limit_ms);
}

/* Takes the next request if the whole of it is there. false: the client is not one of ours. */
static bool take_request(struct guard *g, struct guard_client *c)
{
	struct ssh_bytes body;
	ssize_t size = ssh_agent_frame(ssh_of_buf(&c->in), &body);

	if (size < 0) {
		guard_log_refusal(g, &(struct ssh_agent_request){ .what = "" }, "message too long");
		return false;
	}
	if (size == 0) {
		if (c->deadline == 0 && c->in.len > 0)
			c->deadline = clock_ms() + CLIENT_MS;
		return true;
	}
	c->frame = (size_t)size;
	c->request = ssh_agent_request(body);
	if (c->request.verdict == AGENT_REFUSE) {
		refuse(g, c, c->request.what);
		return true;
	}
	ssh_agent_put_list(&c->to);
	ask_agent(g, c, GUARD_KEYS_ASKED, LIST_MS);
	return true;
}

static void sign(struct guard *g, struct guard_client *c)
{
	empty(&c->from);
	ssh_agent_put_sign(&c->to, &c->request);
	ask_agent(g, c, GUARD_SIGNING, SIGN_MS);
}

/* The agent has listed its keys, and somebody inside wants a signature. */
static void consider(struct guard *g, struct guard_client *c, struct ssh_bytes list)
{
	struct ssh_bytes comment;

	if (!ssh_agent_find(list, &g->rules->choice, c->request.key, &comment)) {
		refuse(g, c, "sign with a key that is not chosen");
		return;
	}
	empty(&c->comment);
	buf_add(&c->comment, comment.data, comment.len);
	c->purpose = ssh_signed_read(c->request.data, c->request.key);
	if (c->purpose.kind == SIGNED_OTHER && !g->rules->signs_anything) {
		refuse(g, c, "sign data of an unknown kind");
		return;
	}
	if (g->rules->max_signatures && g->n_signed >= g->rules->max_signatures) {
		refuse(g, c, "sign beyond ssh_agent_max_signatures");
		return;
	}
	/* Counted now: two at once must not pass a limit that has room for one. */
	c->is_counted = true;
	g->n_signed++;
	if (g->rules->confirm)
		enter(c, GUARD_QUEUED, 0);
	else
		sign(g, c);
}

void guard_client_confirmed(struct guard *g, struct guard_client *c, bool is_allowed)
{
	if (is_allowed)
		sign(g, c);
	else
		refuse(g, c, "sign, not confirmed");
}

static void take_signature(struct guard *g, struct guard_client *c, struct ssh_bytes body)
{
	if (!ssh_agent_is_signature(body)) {
		refuse(g, c, "sign, refused by the agent");
		return;
	}
	/* What cannot be written down is not given away. */
	if (guard_log_signature(g, c) < 0) {
		service_say(g->service->log, "ssh agent: the log could not be written, so nothing "
					     "was signed; make room for it");
		refuse(g, c, "sign without a log");
		return;
	}
	c->is_counted = false; /* it stays in the count */
	ssh_agent_put_body(&c->out, body);
	answer(g, c);
}

/* An answer of the agent is whole, or not all there yet. */
static void take_answer(struct guard *g, struct guard_client *c)
{
	struct ssh_bytes body;
	ssize_t size = ssh_agent_frame(ssh_of_buf(&c->from), &body);

	if (size == 0)
		return;
	if (size > 0 && c->state == GUARD_SIGNING)
		take_signature(g, c, body);
	else if (size > 0 && c->request.verdict == AGENT_SIGN)
		consider(g, c, body);
	else if (size > 0 && ssh_agent_put_chosen(&c->out, body, &g->rules->choice) == 0)
		answer(g, c);
	else
		refuse(g, c, "agent speaks another language");
}

/* 1: something came; 0: not now; -1: end. Never more than a message may have. */
static int receive(int fd, struct buf *b)
{
	char bytes[16384];
	size_t room = b->max - b->len;
	ssize_t n = recv(fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	buf_add(b, bytes, (size_t)n);
	return 1;
}

static bool transmit(int fd, struct buf *b)
{
	ssize_t n = send(fd, buf_text(b), b->len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	consume(b, (size_t)n);
	return true;
}

static bool waits_for_agent(const struct guard_client *c)
{
	return c->state == GUARD_KEYS_ASKED || c->state == GUARD_SIGNING;
}

void guard_client_poll(const struct guard_client *c, struct pollfd p[static 2])
{
	p[0] = (struct pollfd){ .fd = c->fd };
	p[1] = (struct pollfd){ .fd = -1 };
	if (c->state == GUARD_READ)
		p[0].events = POLLIN;
	if (c->state == GUARD_WRITE)
		p[0].events = POLLOUT;
	if (waits_for_agent(c))
		p[1] = (struct pollfd){ .fd = c->agent, .events = c->to.len ? POLLOUT : POLLIN };
}

static void serve_agent(struct guard *g, struct guard_client *c)
{
	int r = 1;

	if (c->to.len > 0)
		r = transmit(c->agent, &c->to) ? 0 : -1;
	else
		r = receive(c->agent, &c->from);
	if (r < 0)
		refuse(g, c, "agent ended the connection");
	else if (r > 0)
		take_answer(g, c);
}

/* false: it is to be dropped. */
static bool serve_client(struct guard *g, struct guard_client *c)
{
	if (c->state == GUARD_READ)
		return receive(c->fd, &c->in) >= 0 && take_request(g, c);
	if (c->state != GUARD_WRITE) /* gone while something was done for it */
		return false;
	if (!transmit(c->fd, &c->out))
		return false;
	if (c->out.len > 0)
		return true;
	consume(&c->in, c->frame);
	enter(c, GUARD_READ, 0);
	return take_request(g, c);
}

void guard_client_serve(struct guard *g, struct guard_client *c, const struct pollfd p[static 2])
{
	int64_t deadline = c->deadline;
	bool is_late = deadline > 0 && clock_ms() >= deadline;

	if (p[0].fd >= 0 && p[0].revents && !serve_client(g, c)) {
		guard_client_drop(g, c);
		return;
	}
	if (p[1].fd >= 0 && p[1].revents && c->agent == p[1].fd)
		serve_agent(g, c);
	else if (is_late && c->deadline == deadline && waits_for_agent(c))
		refuse(g, c, "agent does not answer");
	else if (is_late && c->deadline == deadline)
		guard_client_drop(g, c);
}
