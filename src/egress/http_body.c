/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts a body so that its end is found where the server finds it, or nowhere. Chunks are passed as they came,
 * so only what cannot be read in another way is taken: plain hexadecimal sizes and CRLF.
 */
#include "egress/http_parts.h"

#define CHUNK_DIGITS_MAX 16
#define CHUNK_MAX (UINT64_C(1) << 60)

enum { SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, END_CR, END_LF, DONE };

void http_body_init(struct http_body *body, const struct http_head *head)
{
	*body = (struct http_body){ .is_chunked = head->is_chunked };
	body->left = head->is_chunked ? 0 : head->length;
	body->state = head->is_chunked ? SIZE : body->left > 0 ? DATA : DONE;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* No zeros in front, so that no program has a number of digits at which it stops reading. */
static int size_byte(struct http_body *body, char c)
{
	int value = digit(c);

	if (c == '\r' && body->line > 0) {
		body->state = SIZE_LF;
		return 0;
	}
	if (value < 0 || body->line == CHUNK_DIGITS_MAX || (body->line > 0 && body->left == 0))
		return -EBADMSG;
	body->left = body->left << 4 | (uint64_t)value;
	body->line++;
	return body->left <= CHUNK_MAX ? 0 : -EBADMSG;
}

static int framing_byte(struct http_body *body, char c)
{
	static const struct {
		char byte;
		unsigned next;
	} steps[] = {
		[SIZE_LF] = { '\n', DATA }, [DATA_CR] = { '\r', DATA_LF },
		[DATA_LF] = { '\n', SIZE }, [END_CR] = { '\r', END_LF },
		[END_LF] = { '\n', DONE },
	};

	if (body->state == SIZE)
		return size_byte(body, c);
	if (c != steps[body->state].byte)
		return -EBADMSG;
	body->state = body->state == SIZE_LF && body->left == 0 ? END_CR : steps[body->state].next;
	body->line = 0;
	return 0;
}

static size_t data(struct http_body *body, size_t len)
{
	size_t n = body->left < len ? (size_t)body->left : len;

	body->left -= n;
	if (body->left == 0)
		body->state = body->is_chunked ? DATA_CR : DONE;
	return n;
}

ssize_t http_body_feed(struct http_body *body, const char *bytes, size_t len, bool *ret_done)
{
	size_t n = 0;
	int r;

	while (n < len && body->state != DONE) {
		if (body->state == DATA) {
			n += data(body, len - n);
			continue;
		}
		r = framing_byte(body, bytes[n]);
		if (r < 0)
			return r;
		n++;
	}
	*ret_done = body->state == DONE;
	return (ssize_t)n;
}
