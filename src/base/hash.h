/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#define HASH_HEX_SIZE 65

/* SHA-256 of @len bytes as lower-case hex (nettle). */
void hash_hex(const void *data, size_t len, char ret_hex[static HASH_HEX_SIZE]);
