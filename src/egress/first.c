/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client says first in an open tunnel. It is held until it has been looked at, however late it comes and in however
 * small pieces. For an address that a rule names by number there is no name to agree with.
 */
#include <string.h>

#include "egress/conn.h"
#include "egress/tls_hello.h"

#define LINE_CHUNK ((size_t)16384)

/* Names of the host's loopback are one. */
static bool is_target(const struct conn *c, const char *name)
{
	return strcmp(name, c->target.name) == 0 ||
	       (strcmp(c->target.name, "localhost") == 0 && strcmp(name, NET_HOST_ALIAS) == 0);
}

static bool is_same_host(const struct conn *c, const struct http_head *head)
{
	char name[NET_NAME_SIZE];

	if (head->port != 0 && head->port != c->target.port)
		return false;
	if (!c->target.name)
		return true;
	return net_name_canon(head->host.at, head->host.len, name) == 0 && is_target(c, name);
}

static void first_http(struct conn *c)
{
	struct http_head head;
	int status = 400;
	const char *why = "the request is odd";
	int r = !conn_has_more(c) ? 0
				  : http_head_parse((const char *)queue_first(&c->in),
						    queue_left(&c->in), &head, &status, &why);

	if (r == 0 && queue_left(&c->in) < HTTP_HEAD_MAX && !c->client_ended)
		return;
	if (r <= 0 || head.form != HTTP_ORIGIN) {
		refuse_failed(c, r < 0 ? status : 400, why);
		return;
	}
	if (!is_same_host(c, &head)) {
		refuse(c, "the request is for another host than the connection");
		return;
	}
	conn_set_method(c, &head);
	if (!judge_request(c))
		return;
	conn_deadline(c, 0);
	(void)screen_request(c, &head, (size_t)r);
}

/* NULL: it may pass. */
static const char *why_no_tls(const struct conn *c, enum tls_hello found, const char *name)
{
	if (found == TLS_HELLO_BROKEN)
		return "its first TLS message is odd";
	if (!c->target.name)
		return NULL;
	if (found == TLS_HELLO_SILENT)
		return "the client's TLS does not name the host (SNI)";
	return is_target(c, name) ? NULL : "the client's TLS names another host (SNI)";
}

static void first_tls(struct conn *c, enum tls_hello found, const char *name)
{
	const char *why;

	if (found == TLS_HELLO_MORE) {
		if (c->client_ended || queue_left(&c->in) >= FIRST_MAX)
			conn_reset(c);
		return;
	}
	why = why_no_tls(c, found, name);
	if (why)
		refuse(c, why);
	else
		screen_pass(c, SCREEN_RAW);
}

static bool only_by_method(const struct conn *c)
{
	struct net_target plain = c->target;
	const char *rule;

	plain.method = NULL;
	return net_rules_judge(&c->egress->net.rules, &plain, &rule) != NET_ALLOWED;
}

/* No server answers a line before it has ended, so that it may pass up to there. */
static void look_at_line(struct conn *c)
{
	switch (http_lax_feed(&c->lax, (const char *)queue_first(&c->in), queue_left(&c->in))) {
	case HTTP_LAX_MORE:
		screen_pass(c, SCREEN_LINE);
		break;
	case HTTP_LAX_NONE:
		screen_pass(c, SCREEN_RAW);
		break;
	case HTTP_LAX_REQUEST:
		refuse(c, "its first line is an odd request of HTTP");
		break;
	}
}

static void look_at_first(struct conn *c)
{
	char name[NET_NAME_SIZE];
	const uint8_t *first = queue_first(&c->in);
	size_t len = queue_left(&c->in);
	enum tls_hello found = tls_hello_parse(first, len, name);

	if (found != TLS_HELLO_NONE && !only_by_method(c))
		first_tls(c, found, name);
	else if (found == TLS_HELLO_NONE && http_head_looks_like((const char *)first, len))
		first_http(c);
	else if (only_by_method(c))
		refuse(c, "rules allow plain HTTP with some methods only");
	else if (!c->target.name)
		screen_pass(c, SCREEN_RAW);
	else
		look_at_line(c);
}

void first_read(struct conn *c)
{
	/* What came along with the request to a proxy has not been looked at. */
	bool is_looked_at = c->deadline_ms > 0;
	size_t had = queue_left(&c->in);

	while (c->to_server.is_readable && conn_read(c, FIRST_MAX))
		;
	if (c->client.fd < 0)
		return;
	if (queue_left(&c->in) == 0 && c->client_ended) {
		c->screen = SCREEN_RAW; /* it says nothing, and may still listen */
		c->to_server.is_at_end = true;
		return;
	}
	if (queue_left(&c->in) == 0 ||
	    (queue_left(&c->in) == had && is_looked_at && !c->client_ended))
		return;
	if (c->deadline_ms == 0)
		conn_deadline(c, FIRST_MS);
	look_at_first(c);
}

void first_read_line(struct conn *c)
{
	while (c->client.fd >= 0 && c->stage == STAGE_OPEN && c->screen == SCREEN_LINE &&
	       queue_left(&c->up) == 0 && c->to_server.is_readable && conn_read(c, LINE_CHUNK))
		look_at_line(c);
	if (c->client.fd >= 0 && c->screen == SCREEN_LINE && c->client_ended)
		c->screen = SCREEN_RAW;
}
