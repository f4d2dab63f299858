/* SPDX-License-Identifier: Apache-2.0 */
/* An entry: the family, and then, each behind its length, address, number, name and key. Numbers have two bytes, the greater one first. */
#include "base/xauthority.h"

#include <errno.h>
#include <string.h>

#define FAMILY_SIZE 2
#define FAMILY_WILD 0xffff /* <X11/Xauth.h>: the address does not matter */

static bool counted(const char *bytes, size_t len, size_t *at, struct xauthority_part *ret)
{
	const unsigned char *s = (const unsigned char *)bytes + *at;

	if (len - *at < 2)
		return false;
	ret->len = (size_t)(s[0] << 8 | s[1]);
	if (len - *at - 2 < ret->len)
		return false;
	ret->at = (const char *)s + 2;
	*at += 2 + ret->len;
	return true;
}

int xauthority_take(const char *bytes, size_t len, size_t *at, struct xauthority *ret)
{
	size_t next = *at + FAMILY_SIZE;

	if (len - *at < FAMILY_SIZE || !counted(bytes, len, &next, &ret->address) ||
	    !counted(bytes, len, &next, &ret->number) || !counted(bytes, len, &next, &ret->name) ||
	    !counted(bytes, len, &next, &ret->key))
		return -EBADMSG;
	*at = next;
	return 0;
}

bool xauthority_is(struct xauthority_part part, const char *text)
{
	return part.len == strlen(text) && memcmp(part.at, text, part.len) == 0;
}

static void add_number(struct buf *b, size_t n)
{
	const char bytes[] = { (char)(n >> 8), (char)n };

	buf_add(b, bytes, sizeof(bytes));
}

static void add_counted(struct buf *b, const char *bytes, size_t len)
{
	add_number(b, len);
	buf_add(b, bytes, len);
}

void xauthority_add(struct buf *b, const char *number, struct xauthority_part key)
{
	add_number(b, FAMILY_WILD);
	add_counted(b, "", 0);
	add_counted(b, number, strlen(number));
	add_counted(b, XAUTHORITY_MAGIC_COOKIE, strlen(XAUTHORITY_MAGIC_COOKIE));
	add_counted(b, key.at, key.len);
}
