/* SPDX-License-Identifier: Apache-2.0 */
/* Text to numbers, with a range; the only place where that is done. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Decimal digits only: no sign, no space. -EINVAL or -ERANGE, with a sentence naming both. */
int parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value, struct err *e);

/* "4096", "512M", "4G", "1T": a size in MiB (a bare number is MiB). */
int parse_size_mib(const char *text, uint64_t min, uint64_t max, uint64_t *ret_mib, struct err *e);
