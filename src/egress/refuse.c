/* SPDX-License-Identifier: Apache-2.0 */
/* How a refusal is said: each protocol has a way of its own, and what has none is reset. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"
#include "egress/conn.h"
#include "egress/tls_hello.h"

#define ANSWER_MAX ((size_t)4096)
#define READS 64

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 400, "Bad Request" },         { 403, "Blocked by claude-sandbox" },
		{ 405, "Method Not Allowed" },  { 413, "Content Too Large" },
		{ 421, "Misdirected Request" }, { 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },     { 502, "Bad Gateway" },
		{ 504, "Gateway Timeout" },     { 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Refused";
}

static void answer_http(struct conn *c, int status, const char *reason)
{
	auto_buf struct buf text = BUF_INIT(ANSWER_MAX);
	auto_buf struct buf all = BUF_INIT(2 * ANSWER_MAX);
	auto_buf struct buf what = BUF_INIT(ANSWER_MAX);

	if (c->target.port)
		conn_what(c, &what);
	if (status == 403)
		buf_addf(&text, "[claude-sandbox] BLOCKED: egress to '%s' denied by filter: %s\n",
			 buf_text(&what), reason);
	else
		buf_addf(&text, "[claude-sandbox] %s%s%s\n", buf_text(&what), what.len ? ": " : "",
			 reason);
	buf_addf(&all,
		 "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
		 "%zu\r\n"
		 "Cache-Control: no-store\r\nX-Claude-Sandbox: %s\r\nConnection: close\r\n\r\n%s",
		 status, status_text(status), text.len, status == 403 ? "blocked" : "failed",
		 buf_text(&text));
	queue_add(&c->down, buf_text(&all), all.len);
}

void close_start(struct conn *c)
{
	loop_close(&c->server);
	c->stage = STAGE_CLOSE;
	conn_deadline(c, CLOSE_MS);
	close_step(c);
}

/* The client's first bytes are waited for: they say which language it speaks. */
static void answer_by_first(struct conn *c, int status, const char *reason)
{
	const uint8_t *first = queue_left(&c->in) > 0 ? queue_first(&c->in) : NULL;

	if (first && first[0] == 0x16) {
		queue_add(&c->down, tls_alert_denied, sizeof(tls_alert_denied));
		close_start(c);
	} else if (first && http_head_looks_like((const char *)first, queue_left(&c->in))) {
		answer_http(c, status, reason);
		close_start(c);
	} else {
		conn_reset(c);
	}
}

static void answer(struct conn *c, int status, enum socks_reply reply, const char *reason)
{
	conn_cut(c);
	if (c->stage == STAGE_OPEN) { /* it has a tunnel already, and has begun to speak in it */
		answer_by_first(c, status, reason);
		return;
	}
	switch (c->via) {
	case VIA_HTTP:
	case VIA_CONNECT:
		answer_http(c, status, reason);
		close_start(c);
		break;
	case VIA_SOCKS:
		hello_answer(c, reply);
		close_start(c);
		break;
	case VIA_LOCAL:
		conn_reset(c);
		break;
	case VIA_REDIRECT:
		c->stage = STAGE_REFUSE;
		c->refusal = (struct refusal){ status, reason };
		conn_deadline(c, REFUSE_MS);
		refuse_step(c);
		break;
	}
}

void refuse(struct conn *c, const char *reason)
{
	conn_log(c, "deny", reason);
	judge_tell(c->egress, c, reason);
	answer(c, 403, SOCKS_NOT_ALLOWED, reason);
}

void refuse_failed(struct conn *c, int status, const char *reason)
{
	if (c->target.port)
		conn_log(c, "fail", reason);
	answer(c, status, status == 502 ? SOCKS_REFUSED : SOCKS_HOST_UNREACHABLE, reason);
}

void refuse_step(struct conn *c)
{
	bool is_late = clock_ms() >= c->deadline_ms;

	if (c->to_server.is_readable && !conn_read(c, HTTP_HEAD_MAX) && c->client.fd < 0)
		return;
	if (queue_left(&c->in) == 0 && !c->client_ended && !is_late)
		return;
	answer_by_first(c, c->refusal.status, c->refusal.reason);
}

/* What is unread in the socket at the end would turn the last words into a reset: it is read, up to a point. */
static void swallow(struct conn *c)
{
	char bytes[16384];
	ssize_t n = 1;

	for (int i = 0; i < READS && n > 0; i++)
		n = recv(c->client.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n > 0)
		loop_later(&c->egress->loop, &c->work); /* others get their turn */
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		conn_close(c);
}

void close_step(struct conn *c)
{
	ssize_t n = queue_send(&c->down, c->client.fd);

	if (n < 0 && n != -EAGAIN && n != -EINTR) {
		conn_close(c);
		return;
	}
	if (queue_left(&c->down) > 0)
		return;
	(void)shutdown(c->client.fd, SHUT_WR);
	swallow(c);
}
