/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *out, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)in[i] << 16;
		char text[4];

		if (n > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (n > 2)
			group |= in[i + 2];
		for (size_t k = 0; k < 4; k++)
			text[k] = digits[group >> (18 - 6 * k) & 63];
		buf_add(out, text, n + 1);
	}
}

ssize_t base64_read(const char *text, size_t len, uint8_t *ret)
{
	uint32_t group = 0;
	unsigned bits = 0;
	size_t n = 0;
	bool is_whole = len % 4 == 0;

	for (size_t pad = 0; pad < 2 && is_whole && len > 0 && text[len - 1] == '='; pad++)
		len--;
	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;

		if (!at)
			return -EINVAL;
		group = group << 6 | (uint32_t)(at - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			ret[n++] = (uint8_t)(group >> bits);
		}
	}
	/* Bits that are left over belong to no byte: they are zero, or somebody hides something. */
	return bits >= 6 || (group & ((1U << bits) - 1)) != 0 ? -EINVAL : (ssize_t)n;
}
