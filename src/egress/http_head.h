/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP/1.x request, read strictly (RFC 9112): whatever two programs could read in two ways
 * is refused. Pure. Slices point into the bytes that were given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

#define HTTP_HEAD_MAX 65536
#define HTTP_FIELDS_MAX 128

struct slice {
	const char *at;
	size_t len;
};

enum http_form { HTTP_ORIGIN, HTTP_ABSOLUTE, HTTP_AUTHORITY, HTTP_ASTERISK };

struct http_field {
	struct slice name, value; /* value without white space around it */
};

struct http_head {
	struct slice method; /* capital letters, '-' and '_'; at most 32 */
	enum http_form form;
	/* Of the target (absolute, authority) or else of Host; without brackets and port. */
	struct slice host;
	bool host_is_v6; /* it stood in brackets */
	uint16_t port;   /* 0: none given */
	/* With the query; of HTTP_ORIGIN and HTTP_ABSOLUTE. Never empty; begins with '?' if nothing is before that. */
	struct slice path;
	unsigned minor; /* HTTP/1.minor, 0 or 1 */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n_fields;
	bool is_chunked;
	bool has_length;
	uint64_t length; /* of the body; 0 without one */
	bool wants_upgrade; /* to WebSocket, without a body, and named in Connection; others are not told */
	bool expects_continue; /* never in HTTP/1.0 */
};

/*
 * > 0: the bytes that the head takes, CRLFs included; 0: it is not complete; < 0: -EBADMSG, with *ret_status the
 * HTTP status to answer (400, 413 or 431, 405 for TRACE, 501, 505) and *ret_why a sentence without text of the sender.
 *
 * Refused: bare CR or LF, obs-fold, space before ':', bytes below 0x20 other than HTAB in values, and 0x7f, names
 * that are no tokens or that are those of framing but for a '_' or the like in place of '-'; more than one field of
 * framing (Content-Length, Transfer-Encoding), a number with a sign or zeros in front, Transfer-Encoding other than
 * exactly "chunked" or in HTTP/1.0, any of them with CONNECT; Connection that names one of them or Host; no Host, unless a
 * target of HTTP/1.0 names one; two of them, or one that is not HOST or HOST:PORT (a name for net_name_canon(), an IPv4
 * address, an IPv6 address in brackets), or that differs from an absolute target's host and port (default 80) or an
 * authority's (without a port: any); Expect other than "100-continue"; userinfo; a fragment; schemes but http (https and
 * ws absolute targets too: 400); '#', spaces or bytes above 0x7e in the target; a port of 0, above 65535 or with zeros in
 * front; an empty line before the first; "*" but for OPTIONS. A line above 32 KiB, a head above HTTP_HEAD_MAX or more
 * than HTTP_FIELDS_MAX fields: 431.
 * Ambiguous paths ("//x", "/../", "%2e%2e", '\', "%00", "%2f") are passed as they are: no rule is about paths.
 *
 * What is wrong is refused once it has come; whatever comes behind does not change an answer but 0.
 */
int http_head_parse(const char *bytes, size_t len, struct http_head *ret, int *ret_status,
		    const char **ret_why);

/*
 * True if @bytes, be they few or none, may be the beginning of an HTTP/1.x request; false once they cannot: TLS, "SSH-2.0",
 * "get ", and "PRI ", with which HTTP/2 begins. It looks as far as the scheme of the target.
 */
bool http_head_looks_like(const char *bytes, size_t len);

/*
 * The request for the server, in origin form ("*" stays) and in the client's version, so that it understands the answer
 * as it comes: Host as @host (an IPv6 address without brackets gets them; ":port" unless 80), hop-by-hop fields removed
 * (Connection and what it names, Proxy-*, Keep-Alive, TE, Trailer, Upgrade), "Connection: close" added; with
 * wants_upgrade "Upgrade: websocket" and "Connection: upgrade" instead. Framing is written anew from is_chunked and
 * length. Not for HTTP_AUTHORITY.
 */
void http_head_write(const struct http_head *head, const char *host, uint16_t port, struct buf *b);

/* A request's body as it passes. */
struct http_body {
	bool is_chunked;
	uint64_t left; /* of the body, or of this chunk */
	unsigned state;
	unsigned line; /* bytes of the line so far */
};

void http_body_init(struct http_body *body, const struct http_head *head);

/*
 * How many of @len bytes belong to the body, chunk framing included; *ret_done once it is complete (at once if there is
 * none). -EBADMSG: chunk extensions, bare LF, sizes with zeros in front or anything but hexadecimal digits, sizes above
 * 2^60, trailers; there is no way on after it.
 */
ssize_t http_body_feed(struct http_body *body, const char *bytes, size_t len, bool *ret_done);
