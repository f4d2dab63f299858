/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648, section 4. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* Without padding, as in the fingerprint of a key. */
void base64_add(struct buf *out, const void *bytes, size_t len);

/*
 * Decodes @len characters, padded or not, into @ret, which has room for at least len / 4 * 3 + 3
 * bytes. The number of bytes, or -EINVAL for a character or an end that is not base64.
 */
ssize_t base64_read(const char *text, size_t len, uint8_t *ret);
