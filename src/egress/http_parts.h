/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the http_*.c of this directory and by nobody else. */
#pragma once

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "egress/http_head.h"

/* Why a head is refused; the text is a literal. */
struct http_refusal {
	int status;
	const char *why;
};

static inline int http_refuse(struct http_refusal *ret, int status, const char *why)
{
	*ret = (struct http_refusal){ status, why };
	return -EBADMSG;
}

static inline bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

/* Case does not matter. */
static inline bool slice_like(struct slice s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

/* A host with a port, as it stands in a target or in a Host field. */
struct http_authority {
	struct slice host; /* without brackets */
	bool is_v6;
	uint16_t port; /* 0: none given */
};

/* HOST[:PORT], where HOST is a name, an IPv4 address or an IPv6 address in brackets. */
bool http_authority_parse(struct slice text, struct http_authority *ret);
/* The same name in any case and with or without the last dot, or the same address. */
bool http_host_equal(struct slice a, struct slice b);

bool http_token_byte(char c);
/* 0 or a refusal; the line is without its CRLF. */
int http_line_parse(struct slice line, struct http_head *head, struct http_refusal *ret_refusal);
int http_field_parse(struct slice line, struct http_field *ret, struct http_refusal *ret_refusal);

/* The first field of that name, NULL if there is none; *ret_n says how many there are. */
const struct http_field *http_field_find(const struct http_head *head, const char *name,
					 size_t *ret_n);
/* The next word of a list with commas; false at its end. */
bool http_list_next(struct slice *list, struct slice *ret_word);
/* Whether a Connection field names @name. */
bool http_connection_names(const struct http_head *head, struct slice name);
