/* SPDX-License-Identifier: Apache-2.0 */
/* One field of a head, and lists in their values. */
#include "egress/http_parts.h"

#include "base/auto.h"

/* What a token may have but letters and digits (RFC 9110 section 5.6.2). */
static const char marks[] = "!#$%&'*+-.^_`|~";

bool http_token_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr(marks, c));
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!http_token_byte(s.at[i]))
			return false;
	return s.len > 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trim(struct slice s)
{
	for (; s.len > 0 && is_blank(s.at[0]); s.len--)
		s.at++;
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool is_value(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.at[i] < 0x20 && s.at[i] != '\t') || s.at[i] == 0x7f)
			return false;
	return true;
}

/* As gateways that make a variable of each field see a name: HTTP_CONTENT_LENGTH. */
static bool looks_like(struct slice name, const char *text)
{
	if (name.len != strlen(text))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (text[i] == '-' ? !strchr(marks, name.at[i])
				   : strncasecmp(name.at + i, text + i, 1) != 0)
			return false;
	return true;
}

/* "Content_Length" is another field for us, and perhaps not for the server. */
static bool is_disguised(struct slice name)
{
	static const char *const framing[] = { "Content-Length", "Transfer-Encoding" };

	for (size_t i = 0; i < N_ELEMENTS(framing); i++)
		if (looks_like(name, framing[i]) && !slice_like(name, framing[i]))
			return true;
	return false;
}

int http_field_parse(struct slice line, struct http_field *ret, struct http_refusal *ret_refusal)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct slice name, value;

	if (line.len > 0 && is_blank(line.at[0]))
		return http_refuse(ret_refusal, 400,
				   "a field of the head is continued on a new line");
	if (!colon)
		return http_refuse(ret_refusal, 400, "a line of the head has no colon");
	name = (struct slice){ line.at, (size_t)(colon - line.at) };
	value = (struct slice){ colon + 1, line.len - name.len - 1 };
	if (!is_token(name))
		return http_refuse(ret_refusal, 400, "the name of a field is no token");
	if (is_disguised(name))
		return http_refuse(ret_refusal, 400, "a field is named almost like one of framing");
	if (!is_value(value))
		return http_refuse(ret_refusal, 400, "the value of a field has control bytes");
	*ret = (struct http_field){ name, trim(value) };
	return 0;
}

const struct http_field *http_field_find(const struct http_head *head, const char *name,
					 size_t *ret_n)
{
	const struct http_field *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < head->n_fields; i++) {
		if (!slice_like(head->fields[i].name, name))
			continue;
		first = first ? first : &head->fields[i];
		(*ret_n)++;
	}
	return first;
}

bool http_list_next(struct slice *list, struct slice *ret_word)
{
	while (list->len > 0) {
		const char *comma = memchr(list->at, ',', list->len);
		struct slice word = { list->at, comma ? (size_t)(comma - list->at) : list->len };
		size_t taken = word.len + (comma ? 1 : 0);

		list->at += taken;
		list->len -= taken;
		word = trim(word);
		if (word.len > 0) {
			*ret_word = word;
			return true;
		}
	}
	return false;
}

bool http_connection_names(const struct http_head *head, struct slice name)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		struct slice list = head->fields[i].value, word;

		if (!slice_like(head->fields[i].name, "Connection"))
			continue;
		while (http_list_next(&list, &word))
			if (word.len == name.len && strncasecmp(word.at, name.at, name.len) == 0)
				return true;
	}
	return false;
}
