/* SPDX-License-Identifier: Apache-2.0 */
/* The data types of RFC 4251, section 5: what ssh's keys, signatures and agents are written in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Bytes of somebody else. */
struct ssh_bytes {
	const uint8_t *data;
	size_t len;
};

/* Each takes one value off the front of @from; false, and nothing taken, if it is not whole. */
bool ssh_take_byte(struct ssh_bytes *from, uint8_t *ret);
bool ssh_take_u32(struct ssh_bytes *from, uint32_t *ret);
bool ssh_take_string(struct ssh_bytes *from, struct ssh_bytes *ret);

bool ssh_equal(struct ssh_bytes a, struct ssh_bytes b);
bool ssh_is(struct ssh_bytes bytes, const char *text);

void ssh_put_byte(struct buf *b, uint8_t value);
void ssh_put_u32(struct buf *b, uint32_t value);
void ssh_put_string(struct buf *b, struct ssh_bytes bytes);

static inline struct ssh_bytes ssh_of_buf(const struct buf *b)
{
	return (struct ssh_bytes){ (const uint8_t *)buf_text(b), b->len };
}
