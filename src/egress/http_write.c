/* SPDX-License-Identifier: Apache-2.0 */
/* A head for the server, put together from parts that were understood. */
#include <assert.h>
#include <inttypes.h>

#include "base/auto.h"
#include "egress/http_parts.h"

static void put(struct buf *b, struct slice s)
{
	buf_add(b, s.at, s.len);
}

static void put_field(struct buf *b, const struct http_field *field)
{
	put(b, field->name);
	buf_puts(b, ": ");
	put(b, field->value);
	buf_puts(b, "\r\n");
}

static void put_host(struct buf *b, const char *host, uint16_t port)
{
	buf_addf(b, strchr(host, ':') ? "Host: [%s]" : "Host: %s", host);
	if (port != 80)
		buf_addf(b, ":%u", (unsigned)port);
	buf_puts(b, "\r\n");
}

static void put_line(struct buf *b, const struct http_head *head)
{
	put(b, head->method);
	buf_puts(b, " ");
	if (head->form == HTTP_ASTERISK) {
		buf_puts(b, "*");
	} else {
		if (head->path.at[0] == '?') /* "http://host?query" */
			buf_puts(b, "/");
		put(b, head->path);
	}
	buf_addf(b, " HTTP/1.%u\r\n", head->minor);
}

/* Fields between us and the client, and those that are written anew. */
static bool is_dropped(const struct http_head *head, struct slice name)
{
	static const char *const dropped[] = {
		"Host", "Connection", "Content-Length", "Keep-Alive",
		"TE",   "Trailer",    "Upgrade",        "Transfer-Encoding"
	};
	static const char proxy[] = "Proxy-";

	for (size_t i = 0; i < N_ELEMENTS(dropped); i++)
		if (slice_like(name, dropped[i]))
			return true;
	if (name.len >= strlen(proxy) && strncasecmp(name.at, proxy, strlen(proxy)) == 0)
		return true;
	return http_connection_names(head, name);
}

void http_head_write(const struct http_head *head, const char *host, uint16_t port, struct buf *b)
{
	assert(head->form != HTTP_AUTHORITY);
	put_line(b, head);
	put_host(b, host, port);
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (!is_dropped(head, field->name))
			put_field(b, field);
	}
	if (head->is_chunked)
		buf_puts(b, "Transfer-Encoding: chunked\r\n");
	if (head->has_length)
		buf_addf(b, "Content-Length: %" PRIu64 "\r\n", head->length);
	buf_puts(b, head->wants_upgrade ? "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"
					: "Connection: close\r\n\r\n");
}
