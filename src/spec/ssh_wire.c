/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/ssh_wire.h"

#include <string.h>

static void skip(struct ssh_bytes *from, size_t n)
{
	from->data += n;
	from->len -= n;
}

bool ssh_take_byte(struct ssh_bytes *from, uint8_t *ret)
{
	if (from->len < 1)
		return false;
	*ret = from->data[0];
	skip(from, 1);
	return true;
}

bool ssh_take_u32(struct ssh_bytes *from, uint32_t *ret)
{
	const uint8_t *p = from->data;

	if (from->len < 4)
		return false;
	*ret = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	skip(from, 4);
	return true;
}

bool ssh_take_string(struct ssh_bytes *from, struct ssh_bytes *ret)
{
	struct ssh_bytes rest = *from;
	uint32_t len;

	if (!ssh_take_u32(&rest, &len) || len > rest.len)
		return false;
	*ret = (struct ssh_bytes){ rest.data, len };
	skip(&rest, len);
	*from = rest;
	return true;
}

bool ssh_equal(struct ssh_bytes a, struct ssh_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool ssh_is(struct ssh_bytes bytes, const char *text)
{
	return ssh_equal(bytes, (struct ssh_bytes){ (const uint8_t *)text, strlen(text) });
}

void ssh_put_byte(struct buf *b, uint8_t value)
{
	buf_add(b, &value, 1);
}

void ssh_put_u32(struct buf *b, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value };

	buf_add(b, bytes, sizeof(bytes));
}

void ssh_put_string(struct buf *b, struct ssh_bytes bytes)
{
	ssh_put_u32(b, (uint32_t)bytes.len);
	buf_add(b, bytes.data, bytes.len);
}
