/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <nettle/sha2.h>

void hash_bytes(const void *data, size_t len, uint8_t ret[static HASH_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, HASH_SIZE, ret);
}

void hash_hex(const void *data, size_t len, char ret_hex[static HASH_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[HASH_SIZE];

	hash_bytes(data, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	ret_hex[HASH_HEX_SIZE - 1] = '\0';
}
