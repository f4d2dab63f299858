/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_name.h"

#include <errno.h>
#include <string.h>

#define LABEL_MAX 63
#define LOCALHOST "localhost"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of ASCII alone: what tolower(3) thinks depends on the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_label(const char *at, size_t len)
{
	if (len == 0 || len > LABEL_MAX || at[0] == '-' || at[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = lower(at[i]);

		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

int net_name_canon(const char *text, size_t len, char ret[static NET_NAME_SIZE])
{
	size_t start = 0;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len >= NET_NAME_SIZE)
		return -EINVAL;
	while (start <= len) {
		const char *dot = memchr(text + start, '.', len - start);
		size_t end = dot ? (size_t)(dot - text) : len;

		if (!is_label(text + start, end - start) || (!dot && is_digit(text[start])))
			return -EINVAL;
		start = end + 1;
	}
	for (size_t i = 0; i < len; i++)
		ret[i] = lower(text[i]);
	ret[len] = '\0';
	return 0;
}

bool net_name_is_localhost(const char *name)
{
	size_t len = strlen(name);
	size_t tail = strlen(LOCALHOST);

	if (len < tail || strcmp(name + len - tail, LOCALHOST) != 0)
		return false;
	return len == tail || name[len - tail - 1] == '.';
}
