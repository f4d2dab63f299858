/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of a request: method, target and version, with one space between. */
#include "egress/http_parts.h"

#define METHOD_MAX 32

/*
 * All methods that exist are of capital letters, some with a '-' or '_'. Other tokens would make a method of
 * the greeting of other protocols, and some servers do not mind the case: is "connect" CONNECT?
 */
static bool is_method_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool is_method(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_method_byte(s.at[i]))
			return false;
	return s.len > 0 && s.len <= METHOD_MAX;
}

/* As far as both go. */
static bool may_begin(struct slice s, const char *text)
{
	return strncasecmp(s.at, text, s.len < strlen(text) ? s.len : strlen(text)) == 0;
}

/* What comes after the method of a request, by its first bytes: "EHLO host" is none. */
static bool is_target_begin(struct slice method, struct slice target)
{
	char c = target.at[0];

	if (slice_is(method, "CONNECT"))
		return c == '[' || (http_token_byte(c) && c != '*');
	return c == '/' || c == '*' || may_begin(target, "http://") ||
	       may_begin(target, "https://");
}

bool http_head_looks_like(const char *bytes, size_t len)
{
	struct slice method = { bytes, 0 };

	while (method.len < len && method.len <= METHOD_MAX && is_method_byte(bytes[method.len]))
		method.len++;
	if (method.len > METHOD_MAX)
		return false;
	if (method.len == len)
		return true;
	/* As in http_line_parse(). */
	if (method.len == 0 || bytes[method.len] != ' ' || slice_is(method, "PRI"))
		return false;
	return len == method.len + 1 ||
	       is_target_begin(method,
			       (struct slice){ bytes + method.len + 1, len - method.len - 1 });
}

static void head_of(struct http_head *head, enum http_form form, const struct http_authority *from)
{
	head->form = form;
	head->host = from->host;
	head->host_is_v6 = from->is_v6;
	head->port = from->port;
}

static int authority_target(struct slice target, struct http_head *head,
			    struct http_refusal *ret_refusal)
{
	struct http_authority to;

	if (!http_authority_parse(target, &to) || to.port == 0)
		return http_refuse(ret_refusal, 400, "the target of CONNECT is not HOST:PORT");
	head_of(head, HTTP_AUTHORITY, &to);
	return 0;
}

static int absolute_target(struct slice target, struct http_head *head,
			   struct http_refusal *ret_refusal)
{
	static const char scheme[] = "http://";
	struct slice host = { target.at + strlen(scheme), 0 };
	struct http_authority to;
	size_t rest;

	if (target.len < strlen(scheme) || strncasecmp(target.at, scheme, strlen(scheme)) != 0)
		return http_refuse(ret_refusal, 400,
				   "the target is neither a path nor http://HOST");
	rest = target.len - strlen(scheme);
	while (host.len < rest && host.at[host.len] != '/' && host.at[host.len] != '?')
		host.len++;
	if (!http_authority_parse(host, &to))
		return http_refuse(ret_refusal, 400, "the target has no host that can be one");
	head_of(head, HTTP_ABSOLUTE, &to);
	head->path = (struct slice){ host.at + host.len, rest - host.len };
	if (head->path.len == 0)
		head->path = (struct slice){ "/", 1 };
	return 0;
}

static int target_parse(struct slice target, struct http_head *head,
			struct http_refusal *ret_refusal)
{
	for (size_t i = 0; i < target.len; i++)
		if (target.at[i] <= 0x20 || target.at[i] >= 0x7f || target.at[i] == '#')
			return http_refuse(ret_refusal, 400,
					   "the target has bytes that no target may have");
	if (slice_is(head->method, "CONNECT"))
		return authority_target(target, head, ret_refusal);
	if (target.len > 0 && target.at[0] == '/') {
		head->form = HTTP_ORIGIN;
		head->path = target;
		return 0;
	}
	if (slice_is(target, "*") && slice_is(head->method, "OPTIONS")) {
		head->form = HTTP_ASTERISK;
		return 0;
	}
	return absolute_target(target, head, ret_refusal);
}

static int version_parse(struct slice version, unsigned *ret_minor,
			 struct http_refusal *ret_refusal)
{
	bool is_one = version.len == strlen("HTTP/1.1") && memcmp(version.at, "HTTP/", 5) == 0 &&
		      version.at[5] >= '0' && version.at[5] <= '9' && version.at[6] == '.' &&
		      version.at[7] >= '0' && version.at[7] <= '9';

	if (!is_one)
		return http_refuse(ret_refusal, 400, "the first line ends in no version of HTTP");
	if (version.at[5] != '1' || version.at[7] > '1')
		return http_refuse(ret_refusal, 505, "only HTTP/1.0 and HTTP/1.1 are understood");
	*ret_minor = version.at[7] == '1' ? 1 : 0;
	return 0;
}

int http_line_parse(struct slice line, struct http_head *head, struct http_refusal *ret_refusal)
{
	const char *first = memchr(line.at, ' ', line.len), *last = memrchr(line.at, ' ', line.len);
	struct slice target, version;
	int r;

	if (!first || first == last)
		return http_refuse(ret_refusal, 400, "the first line is not METHOD TARGET VERSION");
	head->method = (struct slice){ line.at, (size_t)(first - line.at) };
	target = (struct slice){ first + 1, (size_t)(last - first) - 1 };
	version = (struct slice){ last + 1, (size_t)(line.at + line.len - last) - 1 };
	if (!is_method(head->method))
		return http_refuse(ret_refusal, head->method.len > METHOD_MAX ? 501 : 400,
				   "the method is not of at most 32 capital letters");
	r = version_parse(version, &head->minor, ret_refusal);
	if (r < 0)
		return r;
	/* How HTTP/2 begins, and a method of nobody else (RFC 9113 section 11.6). */
	if (slice_is(head->method, "PRI"))
		return http_refuse(ret_refusal, 505, "only HTTP/1.0 and HTTP/1.1 are understood");
	if (slice_is(head->method, "TRACE"))
		return http_refuse(ret_refusal, 405, "TRACE is not passed on");
	return target_parse(target, head, ret_refusal);
}
