/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 32

struct reader {
	const char *text;
	size_t len;
	size_t at;
	size_t depth;
	bool is_object[DEPTH_MAX]; /* what is open, from outside in */
};

static int peek(const struct reader *r)
{
	return r->at < r->len ? (unsigned char)r->text[r->at] : -1;
}

static void skip_space(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		r->at++;
}

static bool take(struct reader *r, int c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static bool take_digits(struct reader *r)
{
	size_t before = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at > before;
}

static bool take_number(struct reader *r)
{
	(void)take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (take(r, '.') && !take_digits(r))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	if (!take(r, '-'))
		(void)take(r, '+');
	return take_digits(r);
}

static bool take_escape(struct reader *r)
{
	int c = peek(r);

	if (c < 0 || !strchr("\"\\/bfnrtu", c) || c == '\0')
		return false;
	r->at++;
	for (int i = 0; c == 'u' && i < 4; i++, r->at++)
		if (peek(r) < 0 || !isxdigit(peek(r)))
			return false;
	return true;
}

/* Bytes above 0x7f are taken as they are: nothing here depends on what they mean. */
static bool take_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (peek(r) >= ' ' && peek(r) != '"') {
		bool escaped = peek(r) == '\\';

		r->at++;
		if (escaped && !take_escape(r))
			return false;
	}
	return take(r, '"');
}

static bool take_word(struct reader *r)
{
	static const char *const words[] = { "true", "false", "null", NULL };

	for (size_t i = 0; words[i]; i++) {
		size_t len = strlen(words[i]);

		if (len <= r->len - r->at && memcmp(r->text + r->at, words[i], len) == 0) {
			r->at += len;
			return true;
		}
	}
	return false;
}

/* The key in front of a member's value. */
static bool take_key(struct reader *r)
{
	skip_space(r);
	if (!take_string(r))
		return false;
	skip_space(r);
	return take(r, ':');
}

/* Opens a list or an object; *ret_done if it is empty and thus closed again. */
static bool open_list(struct reader *r, bool *ret_done)
{
	bool is_object = peek(r) == '{';

	if (r->depth == DEPTH_MAX)
		return false;
	r->at++;
	skip_space(r);
	*ret_done = take(r, is_object ? '}' : ']');
	if (*ret_done)
		return true;
	r->is_object[r->depth++] = is_object;
	return !is_object || take_key(r);
}

/* What may stand after a value: ends of what is open, and a comma before the next one. */
static bool take_ends(struct reader *r)
{
	while (r->depth > 0) {
		bool is_object = r->is_object[r->depth - 1];

		skip_space(r);
		if (take(r, ','))
			return !is_object || take_key(r);
		if (!take(r, is_object ? '}' : ']'))
			return false;
		r->depth--;
	}
	return true;
}

/* One value with all that is in it; nothing is open before. */
static bool take_value(struct reader *r)
{
	do {
		bool done = true;
		int c;

		skip_space(r);
		c = peek(r);
		if (c == '{' || c == '[') {
			if (!open_list(r, &done))
				return false;
		} else if (c == '"'                             ? !take_string(r)
			   : c == '-' || (c >= '0' && c <= '9') ? !take_number(r)
								: !take_word(r)) {
			return false;
		}
		if (done && !take_ends(r))
			return false;
	} while (r->depth > 0);
	return true;
}

int json_parse(const char *text, size_t len, struct json *ret, struct err *e)
{
	struct reader r = { .text = text, .len = len };
	size_t begin;

	skip_space(&r);
	begin = r.at;
	if (!take_value(&r))
		return err_set(e, EINVAL, "it is no valid JSON at byte %zu", r.at + 1);
	*ret = (struct json){ text + begin, r.at - begin };
	skip_space(&r);
	if (r.at != len)
		return err_set(e, EINVAL, "something follows its JSON at byte %zu", r.at + 1);
	return 0;
}

int json_member(struct json object, const char *key, struct json *ret, struct err *e)
{
	struct reader r = { .text = object.text, .len = object.len, .at = 1 };
	struct json found = { 0 };

	if (object.len < 2 || object.text[0] != '{')
		return err_set(e, EINVAL, "there is no object where '%s' should be in", key);
	for (skip_space(&r); peek(&r) == '"'; skip_space(&r)) {
		size_t begin = r.at + 1;
		size_t len;
		size_t value;

		(void)take_string(&r);
		len = r.at - begin - 1;
		skip_space(&r);
		(void)take(&r, ':');
		skip_space(&r);
		value = r.at;
		(void)take_value(&r);
		if (memchr(object.text + begin, '\\', len))
			return err_set(e, EINVAL, "a key beside '%s' has a backslash", key);
		if (len == strlen(key) && memcmp(object.text + begin, key, len) == 0) {
			if (found.text)
				return err_set(e, EINVAL, "'%s' is there twice", key);
			found = (struct json){ object.text + value, r.at - value };
		}
		skip_space(&r);
		(void)take(&r, ',');
	}
	if (!found.text)
		return err_set(e, ENOENT, "'%s' is missing", key);
	*ret = found;
	return 0;
}

const char *json_text(struct json value, struct arena *a)
{
	if (value.len < 2 || value.text[0] != '"' || memchr(value.text, '\\', value.len))
		return NULL;
	return arena_strndup(a, value.text + 1, value.len - 2);
}

int json_number(struct json value, int64_t max, int64_t *ret, struct err *e)
{
	int64_t n = 0;

	for (size_t i = 0; i < value.len; i++) {
		int digit = value.text[i] - '0';

		if (digit < 0 || digit > 9 || digit > max || n > (max - digit) / 10)
			return err_set(e, EINVAL, "it is no whole number in range");
		n = n * 10 + digit;
	}
	*ret = n;
	return 0;
}
