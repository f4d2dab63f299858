/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A head and a body behind it. A head that is taken, written for the server and read again means the same, and so
 * does every beginning of it: incomplete, or the same. A body ends in one place, however it is cut. What is a head for us
 * is one for lax servers, who see the same in single bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "egress/http_head.h"
#include "egress/http_lax.h"
#include "spec/net_addr.h"
#include "spec/net_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* The host as the caller writes it: canonical, or an address as it stood. */
static void host_of(const struct http_head *head, char ret[static NET_NAME_SIZE])
{
	struct net_addr addr;

	if (head->host.len == 0 || head->host.len >= NET_NAME_SIZE)
		abort();
	if (net_name_canon(head->host.at, head->host.len, ret) == 0)
		return;
	if (net_addr_parse(head->host.at, head->host.len, &addr) < 0)
		abort();
	memcpy(ret, head->host.at, head->host.len);
	ret[head->host.len] = '\0';
}

/* "/?x" of the second is "?x" of the first. */
static bool same_path(struct slice first, struct slice second)
{
	if (first.len > 0 && first.at[0] == '?' && second.len > 0)
		second = (struct slice){ second.at + 1, second.len - 1 };
	return same(first, second);
}

/* What the server reads of what was written, by our own reading. */
static void again(const struct http_head *head)
{
	auto_buf struct buf b = BUF_INIT(2 * (size_t)HTTP_HEAD_MAX);
	char host[NET_NAME_SIZE];
	uint16_t port = head->port ? head->port : 80;
	struct http_head next;
	const char *why;
	int status;

	host_of(head, host);
	http_head_write(head, host, port, &b);
	/* Host may be longer than it was, and nothing else is. */
	if (buf_full(&b) || b.len > HTTP_HEAD_MAX)
		return;
	if (http_head_parse(b.data, b.len, &next, &status, &why) != (int)b.len)
		abort();
	if (!same(next.host, (struct slice){ host, strlen(host) }) ||
	    (next.port ? next.port : 80) != port || !same(next.method, head->method) ||
	    !same_path(head->path, next.path) || next.minor != head->minor)
		abort();
	if (next.is_chunked != head->is_chunked || next.has_length != head->has_length ||
	    next.length != head->length || next.wants_upgrade != head->wants_upgrade)
		abort();
}

/* In one piece, and byte by byte. */
static void body(const struct http_head *head, const char *bytes, size_t len)
{
	struct http_body whole, single;
	bool done = false, single_done;
	ssize_t n, r = 0;
	size_t at = 0;

	http_body_init(&whole, head);
	http_body_init(&single, head);
	n = http_body_feed(&whole, bytes, len, &done);
	(void)http_body_feed(&single, bytes, 0, &single_done);
	if (n > (ssize_t)len || (n >= 0 && n < (ssize_t)len && !done))
		abort();
	while (at < len && !single_done) {
		r = http_body_feed(&single, bytes + at, 1, &single_done);
		if (r <= 0)
			break;
		at++;
	}
	if ((r < 0) != (n < 0))
		abort();
	if (n >= 0 && (at != (size_t)n || single_done != done || single.left != whole.left ||
		       single.state != whole.state || single.line != whole.line))
		abort();
}

/* A beginning is incomplete, or refused as the whole is, and may be of HTTP if the whole is. */
static void beginnings(const char *bytes, size_t len, int r)
{
	static const size_t tried = 300;
	struct http_head head;
	const char *why;
	int status, cut;

	for (size_t n = 0; n < len && n < tried; n++) {
		cut = http_head_parse(bytes, n, &head, &status, &why);
		if ((cut > 0 && cut != r) || (cut > (int)n) || (cut < 0 && r >= 0))
			abort();
		if (r > 0 && !http_head_looks_like(bytes, n))
			abort();
	}
}

static void lax(const char *bytes, size_t size, bool is_head)
{
	struct http_lax_line whole = { 0 }, cut = { 0 };
	enum http_lax want = http_lax_feed(&whole, bytes, size), r = HTTP_LAX_MORE;

	for (size_t i = 0; i < size && r == HTTP_LAX_MORE; i++)
		r = http_lax_feed(&cut, bytes + i, 1);
	if (r != want || (is_head && r != HTTP_LAX_REQUEST))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct http_head head;
	const char *why = NULL;
	int status = 0, r;

	r = http_head_parse(bytes, size, &head, &status, &why);
	beginnings(bytes, size, r);
	lax(bytes, size, r > 0);
	if (r > (int)size || (r < 0 && (status < 400 || !why)))
		abort();
	if (r <= 0)
		return 0;
	if (!http_head_looks_like(bytes, size))
		abort();
	body(&head, bytes + r, size - (size_t)r);
	if (head.form != HTTP_AUTHORITY)
		again(&head);
	else if (head.is_chunked || head.has_length || head.port == 0)
		abort();
	return 0;
}
