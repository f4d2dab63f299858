/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a head ends, and what its fields mean together. A head that is cut anywhere is never taken for a
 * whole one; what is wrong is refused as soon as it has come.
 */
#include "egress/http_head.h"

#include "base/auto.h"
#include "egress/http_parts.h"

#define LINE_MAX_BYTES 32768
#define LENGTH_MAX (UINT64_C(1) << 60)

/* > 0: the length of the line at @from, CRLF included; 0: it has not come whole; or a refusal. */
static ssize_t line_end(struct slice from, struct http_refusal *ret_refusal)
{
	for (size_t i = 0; i < from.len; i++) {
		if (from.at[i] == '\n')
			return http_refuse(ret_refusal, 400, "a line of the head ends without CR");
		if (from.at[i] != '\r' && i == LINE_MAX_BYTES)
			return http_refuse(ret_refusal, 431, "a line of the head is too long");
		if (from.at[i] != '\r')
			continue;
		if (i + 1 == from.len)
			return 0;
		if (from.at[i + 1] != '\n')
			return http_refuse(ret_refusal, 400, "a CR of the head ends no line");
		return (ssize_t)i + 2;
	}
	return 0;
}

static int one_line(struct slice line, bool is_first, struct http_head *head,
		    struct http_refusal *ret_refusal)
{
	int r;

	if (is_first)
		return http_line_parse(line, head, ret_refusal);
	if (head->n_fields == HTTP_FIELDS_MAX)
		return http_refuse(ret_refusal, 431, "the head has too many fields");
	r = http_field_parse(line, &head->fields[head->n_fields], ret_refusal);
	if (r == 0)
		head->n_fields++;
	return r;
}

static ssize_t all_lines(struct slice bytes, struct http_head *head,
			 struct http_refusal *ret_refusal)
{
	struct slice rest = bytes;
	bool is_first = true;
	ssize_t n;
	int r;

	while ((n = line_end(rest, ret_refusal)) > 0) {
		struct slice line = { rest.at, (size_t)n - 2 };

		rest.at += n;
		rest.len -= (size_t)n;
		if (line.len == 0 && !is_first)
			return rest.at - bytes.at;
		r = one_line(line, is_first, head, ret_refusal);
		if (r < 0)
			return r;
		is_first = false;
	}
	return n;
}

/* What Connection names is removed; without these the request would be another one. */
static int check_connection(const struct http_head *head, struct http_refusal *ret_refusal)
{
	static const char *const kept[] = { "Host", "Content-Length", "Transfer-Encoding" };

	for (size_t i = 0; i < N_ELEMENTS(kept); i++)
		if (http_connection_names(head, (struct slice){ kept[i], strlen(kept[i]) }))
			return http_refuse(ret_refusal, 400,
					   "Connection names a field that must not be removed");
	for (size_t i = 0; i < head->n_fields; i++) {
		struct slice list = head->fields[i].value, word;

		if (!slice_like(head->fields[i].name, "Connection"))
			continue;
		while (http_list_next(&list, &word))
			for (size_t k = 0; k < word.len; k++)
				if (!http_token_byte(word.at[k]))
					return http_refuse(ret_refusal, 400,
							   "Connection is no list of tokens");
	}
	return 0;
}

/* Whether Host means what the target says; only a target that is a path takes its host from there. */
static int host_agrees(struct http_head *head, const struct http_authority *host,
		       struct http_refusal *ret_refusal)
{
	bool same_port;

	if (head->form == HTTP_ORIGIN || head->form == HTTP_ASTERISK) {
		head->host = host->host;
		head->host_is_v6 = host->is_v6;
		head->port = host->port;
		return 0;
	}
	if (head->form == HTTP_ABSOLUTE)
		same_port = (head->port ? head->port : 80) == (host->port ? host->port : 80);
	else
		/* Clients leave out the default port of what they mean to speak through the tunnel. */
		same_port = host->port == 0 || host->port == head->port;
	if (!same_port || !http_host_equal(head->host, host->host))
		return http_refuse(ret_refusal, 400, "Host is not the host of the target");
	return 0;
}

static int check_host(struct http_head *head, struct http_refusal *ret_refusal)
{
	size_t n;
	const struct http_field *field = http_field_find(head, "Host", &n);
	bool is_named = head->form == HTTP_ABSOLUTE || head->form == HTTP_AUTHORITY;
	struct http_authority host;

	if (n > 1)
		return http_refuse(ret_refusal, 400, "the head has more than one Host");
	if (!field && head->minor == 0 && is_named)
		return 0;
	if (!field)
		return http_refuse(ret_refusal, 400, "the head has no Host");
	if (!http_authority_parse(field->value, &host))
		return http_refuse(ret_refusal, 400, "Host is not HOST or HOST:PORT");
	return host_agrees(head, &host, ret_refusal);
}

/* One number in the one way that every program writes it. */
static int length_parse(struct slice text, uint64_t *ret, struct http_refusal *ret_refusal)
{
	uint64_t value = 0;

	if (text.len == 0 || (text.at[0] == '0' && text.len > 1))
		return http_refuse(ret_refusal, 400, "Content-Length is no plain number");
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return http_refuse(ret_refusal, 400, "Content-Length is no plain number");
	for (size_t i = 0; i < text.len; i++) {
		value = value * 10 + (uint64_t)(text.at[i] - '0');
		if (value > LENGTH_MAX)
			return http_refuse(ret_refusal, 413, "Content-Length is too large");
	}
	*ret = value;
	return 0;
}

static int check_framing(struct http_head *head, struct http_refusal *ret_refusal)
{
	size_t n_length, n_coding;
	const struct http_field *length = http_field_find(head, "Content-Length", &n_length);
	const struct http_field *coding = http_field_find(head, "Transfer-Encoding", &n_coding);

	if (n_length + n_coding > 1)
		return http_refuse(ret_refusal, 400,
				   "the length of the body is said more than once");
	if (n_length + n_coding > 0 && head->form == HTTP_AUTHORITY)
		return http_refuse(ret_refusal, 400, "CONNECT has a body");
	if (coding && head->minor == 0)
		return http_refuse(ret_refusal, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (coding && !slice_is(coding->value, "chunked"))
		return http_refuse(ret_refusal, 501, "Transfer-Encoding is not chunked");
	head->is_chunked = coding != NULL;
	head->has_length = length != NULL;
	return length ? length_parse(length->value, &head->length, ret_refusal) : 0;
}

/* Any other value is a way to make one program wait for what another has sent already. */
static int check_expect(struct http_head *head, struct http_refusal *ret_refusal)
{
	size_t n;
	const struct http_field *expect = http_field_find(head, "Expect", &n);

	if (n > 1 || (expect && !slice_like(expect->value, "100-continue")))
		return http_refuse(ret_refusal, 400, "Expect is not 100-continue");
	head->expects_continue = expect && head->minor == 1;
	return 0;
}

/*
 * Only WebSocket: "h2c" would be followed by requests that nobody reads. A request may be treated as if it had
 * no Upgrade (RFC 9110 section 7.8), so the others are dropped and not refused.
 */
static bool wants_upgrade(const struct http_head *head)
{
	size_t n;
	const struct http_field *upgrade = http_field_find(head, "Upgrade", &n);

	return n == 1 && slice_like(upgrade->value, "websocket") && head->minor == 1 &&
	       head->form != HTTP_AUTHORITY && !head->is_chunked && head->length == 0 &&
	       http_connection_names(head, upgrade->name);
}

static int check_fields(struct http_head *head, struct http_refusal *ret_refusal)
{
	int r = check_connection(head, ret_refusal);

	if (r == 0)
		r = check_host(head, ret_refusal);
	if (r == 0)
		r = check_framing(head, ret_refusal);
	if (r == 0)
		r = check_expect(head, ret_refusal);
	if (r == 0)
		head->wants_upgrade = wants_upgrade(head);
	return r;
}

int http_head_parse(const char *bytes, size_t len, struct http_head *ret, int *ret_status,
		    const char **ret_why)
{
	struct http_head head = { 0 };
	struct http_refusal refusal = { 0 };
	size_t room = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	ssize_t n = all_lines((struct slice){ bytes, room }, &head, &refusal);

	if (n == 0 && len >= HTTP_HEAD_MAX)
		n = http_refuse(&refusal, 431, "the head is too long");
	if (n > 0 && check_fields(&head, &refusal) < 0)
		n = -EBADMSG;
	if (n < 0) {
		*ret_status = refusal.status;
		*ret_why = refusal.why;
	} else if (n > 0) {
		*ret = head;
	}
	return (int)n;
}
