/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing is read while what came before waits to be written, so whoever is slow slows the other side down, and
 * what a connection makes us keep is bounded by one command of each side and its answers.
 *
 * No descriptor ever passes: what comes beside the bytes is not asked for, and the kernel closes it.
 */
#include "sound/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "sound/filter.h"
#include "sound/frame.h"

#define CHUNK ((size_t)64 << 10)

/* A side is not read while this much waits for the client. */
#define ANSWERS_ENOUGH CHUNK

/* More than ever waits, see above: both bounds are there to be sure. */
#define KEPT_MAX ((size_t)4 << 20)

/* Bytes that came, or that are to go. */
struct backlog {
	struct buf buf;
	size_t at;
};

struct call {
	int fds[CALL_FDS];
	struct backlog from[CALL_FDS], to[CALL_FDS];
	uint32_t samples_left; /* of the frame that comes from the client */
	bool samples_pass;
	struct filter filter;
};

static size_t backlog_len(const struct backlog *b)
{
	return b->buf.len - b->at;
}

static const uint8_t *backlog_bytes(const struct backlog *b)
{
	return (const uint8_t *)buf_text(&b->buf) + b->at;
}

static void backlog_drop(struct backlog *b, size_t n)
{
	b->at += n;
	if (b->at < b->buf.len)
		return;
	b->at = 0;
	b->buf.len = 0;
	if (b->buf.cap > 2 * CHUNK)
		buf_done(&b->buf);
}

/* What was dropped gives its place to what comes. */
static struct buf *backlog_more(struct backlog *b)
{
	if (b->at > 0) {
		memmove(b->buf.data, b->buf.data + b->at, backlog_len(b));
		b->buf.len -= b->at;
		b->at = 0;
	}
	return &b->buf;
}

struct call *call_new(int client, int server, const uint8_t *cookie)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fds[CALL_CLIENT] = client;
	c->fds[CALL_SERVER] = server;
	for (int side = 0; side < CALL_FDS; side++)
		c->from[side].buf = c->to[side].buf = BUF_INIT(KEPT_MAX);
	filter_init(&c->filter, cookie);
	return c;
}

struct call *call_free(struct call *c)
{
	for (int side = 0; side < CALL_FDS; side++) {
		close_fd(&c->fds[side]);
		buf_done(&c->from[side].buf);
		buf_done(&c->to[side].buf);
	}
	filter_done(&c->filter);
	free(c);
	return NULL;
}

static bool is_read(const struct call *c, int side)
{
	if (backlog_len(&c->to[CALL_CLIENT]) >= ANSWERS_ENOUGH)
		return false;
	return side == CALL_SERVER ||
	       (!c->filter.is_waiting && backlog_len(&c->to[CALL_SERVER]) == 0);
}

void call_poll(const struct call *c, struct pollfd p[static CALL_FDS])
{
	for (int side = 0; side < CALL_FDS; side++)
		p[side] = (struct pollfd){
			.fd = c->fds[side],
			.events = (short)((is_read(c, side) ? POLLIN : 0) |
					  (backlog_len(&c->to[side]) > 0 ? POLLOUT : 0)),
		};
}

/* 1: something came; 0: nothing more ever will; -EAGAIN or what is wrong. */
static int fill(struct call *c, int side)
{
	char bytes[CHUNK];
	ssize_t n = recv(c->fds[side], bytes, sizeof(bytes), 0);

	if (n < 0)
		return -errno;
	buf_add(backlog_more(&c->from[side]), bytes, (size_t)n);
	return n > 0;
}

static bool empty(struct call *c, int side)
{
	struct backlog *b = &c->to[side];

	while (backlog_len(b) > 0) {
		ssize_t n = send(c->fds[side], backlog_bytes(b), backlog_len(b), MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		backlog_drop(b, (size_t)n);
	}
	return true;
}

static void pass_samples(struct call *c)
{
	struct backlog *from = &c->from[CALL_CLIENT];
	size_t n = backlog_len(from);

	if (n > c->samples_left)
		n = c->samples_left;
	if (c->samples_pass)
		buf_add(backlog_more(&c->to[CALL_SERVER]), backlog_bytes(from), n);
	c->samples_left -= (uint32_t)n;
	backlog_drop(from, n);
}

/* To a stream that has just been ended samples may still come: they are for nobody. */
static void begin_samples(struct call *c, const struct frame *f)
{
	c->samples_left = f->length;
	c->samples_pass = filter_owns(&c->filter, f->channel);
	if (c->samples_pass)
		frame_put(backlog_more(&c->to[CALL_SERVER]), f);
	backlog_drop(&c->from[CALL_CLIENT], FRAME_HEAD);
}

static int judge(struct call *c, int side, const struct frame *f)
{
	const uint8_t *packet = backlog_bytes(&c->from[side]) + FRAME_HEAD;
	struct buf *to_server = backlog_more(&c->to[CALL_SERVER]);
	struct buf *to_client = backlog_more(&c->to[CALL_CLIENT]);
	int r = side == CALL_CLIENT
			? filter_request(&c->filter, packet, f->length, to_server, to_client)
			: filter_reply(&c->filter, packet, f->length, to_server, to_client);

	backlog_drop(&c->from[side], FRAME_HEAD + f->length);
	return r;
}

/* 1: one frame was dealt with; 0: it is not all there yet; -EBADMSG. */
static int take_frame(struct call *c, int side)
{
	const uint32_t max = side == CALL_CLIENT ? FRAME_REQUEST_MAX : FRAME_REPLY_MAX;
	const struct backlog *from = &c->from[side];
	struct frame f;
	int r;

	if (backlog_len(from) < FRAME_HEAD)
		return 0;
	r = frame_read(backlog_bytes(from), max, &f);
	if (r < 0)
		return r;
	if (f.channel != FRAME_COMMAND && side == CALL_SERVER)
		return -EBADMSG; /* what was recorded, and nobody asked for */
	if (f.channel != FRAME_COMMAND)
		begin_samples(c, &f);
	else if (backlog_len(from) < FRAME_HEAD + f.length)
		return 0;
	else
		r = judge(c, side, &f);
	return r < 0 ? r : 1;
}

static bool take_requests(struct call *c)
{
	int r = 1;

	while (r > 0) {
		pass_samples(c);
		r = c->filter.is_waiting ? 0 : take_frame(c, CALL_CLIENT);
	}
	return r == 0;
}

static bool take_replies(struct call *c)
{
	int r = 1;

	while (r > 0)
		r = take_frame(c, CALL_SERVER);
	return r == 0;
}

static bool has_overflown(const struct call *c)
{
	for (int side = 0; side < CALL_FDS; side++)
		if (buf_full(&c->from[side].buf) || buf_full(&c->to[side].buf))
			return true;
	return false;
}

bool call_go(struct call *c, const struct pollfd p[static CALL_FDS])
{
	bool goes_on = true;

	for (int side = 0; side < CALL_FDS; side++) {
		int r = -EAGAIN;

		if (p[side].revents & POLLIN)
			r = fill(c, side);
		else if (p[side].revents & (POLLHUP | POLLERR))
			r = 0;
		if (r <= 0 && r != -EAGAIN && r != -EINTR)
			goes_on = false;
	}
	/* The last words of the server are passed on. */
	if (!take_replies(c) || !take_requests(c) || has_overflown(c))
		return false;
	return empty(c, CALL_CLIENT) && empty(c, CALL_SERVER) && goes_on;
}
