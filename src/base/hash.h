/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32
#define HASH_HEX_SIZE 65

/* SHA-256 of @len bytes (nettle). */
void hash_bytes(const void *data, size_t len, uint8_t ret[static HASH_SIZE]);

/* The same as lower-case hex. */
void hash_hex(const void *data, size_t len, char ret_hex[static HASH_HEX_SIZE]);
