/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/auto.h"

/* Reads digits up to the first other byte. -EINVAL: there are none; -ERANGE: past 64 bits. */
static int read_digits(const char *text, const char **ret_end, uint64_t *ret_value)
{
	const char *c = text;
	uint64_t value = 0;
	int r = 0;

	for (; *c >= '0' && *c <= '9'; c++)
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (unsigned)(*c - '0'), &value))
			r = -ERANGE;
	if (c == text)
		return -EINVAL;
	*ret_end = c;
	*ret_value = value;
	return r;
}

int parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value, struct err *e)
{
	const char *end = text;
	uint64_t value = 0;
	int r = read_digits(text, &end, &value);

	if (r == -EINVAL || *end != '\0')
		return err_set(e, EINVAL, "'%s' is not a whole number from %" PRIu64 " to %" PRIu64,
			       text, min, max);
	if (r == -ERANGE || value < min || value > max)
		return err_set(e, ERANGE,
			       "'%s' is out of range: a whole number from %" PRIu64 " to %" PRIu64,
			       text, min, max);
	*ret_value = value;
	return 0;
}

/* MiB in one unit of the suffix @text, 0 if it is none. */
static uint64_t size_unit(const char *text)
{
	static const struct {
		const char *suffix;
		uint64_t mib;
	} units[] = { { "", 1 }, { "M", 1 }, { "G", 1024 }, { "T", UINT64_C(1024) * 1024 } };

	for (size_t i = 0; i < N_ELEMENTS(units); i++)
		if (strcmp(text, units[i].suffix) == 0)
			return units[i].mib;
	return 0;
}

int parse_size_mib(const char *text, uint64_t min, uint64_t max, uint64_t *ret_mib, struct err *e)
{
	const char *end = text;
	uint64_t value = 0;
	int r = read_digits(text, &end, &value);
	uint64_t unit = size_unit(end);

	if (r == -EINVAL || unit == 0)
		return err_set(e, EINVAL,
			       "'%s' is not a size from %" PRIu64 "M to %" PRIu64
			       "M, such as 512M, 4G or 1T",
			       text, min, max);
	if (r == -ERANGE || __builtin_mul_overflow(value, unit, &value) || value < min ||
	    value > max)
		return err_set(e, ERANGE,
			       "'%s' is out of range: a size from %" PRIu64 "M to %" PRIu64 "M",
			       text, min, max);
	*ret_mib = value;
	return 0;
}
