/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/gitsign.h"

#include <stddef.h>
#include <string.h>

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
#define TYPE "abcdefghijklmnopqrstuvwxyz0123456789-@."

bool gitsign_is_file(const char *value)
{
	size_t len = strlen(value);

	return len > 4 && (value[0] == '/' || strncmp(value, "~/", 2) == 0) &&
	       strcmp(value + len - 4, ".pub") == 0;
}

/* "TYPE BASE64 COMMENT" without the comment. */
static const char *public_key(const char *text, struct arena *a)
{
	size_t type = strspn(text, TYPE);
	size_t blob = text[type] == ' ' ? strspn(text + type + 1, BASE64) : 0;
	const char *end = text + type + 1 + blob;

	if (type == 0 || text[0] == '-' || blob == 0 || (*end != '\0' && !strchr(" \r\n", *end)))
		return NULL;
	return arena_printf(a, "key::%.*s", (int)(type + 1 + blob), text);
}

const char *gitsign_key(const char *value, const char *text, struct arena *a)
{
	if (gitsign_is_file(value))
		return text ? public_key(text, a) : NULL;
	if (strncmp(value, "key::", 5) == 0)
		return public_key(value + 5, a);
	return strncmp(value, "ssh-", 4) == 0 ? public_key(value, a) : NULL;
}
