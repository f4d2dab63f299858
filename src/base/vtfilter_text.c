/* SPDX-License-Identifier: Apache-2.0 */
/* Text, as fast as it can be copied: eight bytes at a time while they are printable ASCII. */
#include <endian.h>

#include "base/vtfilter_parts.h"

#define EACH UINT64_C(0x0101010101010101)

/*
 * The high bit of each byte of @w that is no printable ASCII; exact for the first such byte, which
 * is all that is asked (borrows go upwards only).
 */
static uint64_t not_printable(uint64_t w)
{
	uint64_t below_20 = (w - EACH * 0x20) & ~w;
	uint64_t is_7f = w ^ (EACH * 0x7f);

	is_7f = (is_7f - EACH) & ~is_7f;
	return (below_20 | is_7f | w) & (EACH * 0x80);
}

static const uint8_t *skip_printable(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 8) {
		uint64_t w, odd;

		memcpy(&w, p, sizeof(w));
		odd = not_printable(le64toh(w));
		if (odd)
			return p + __builtin_ctzll(odd) / 8;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x7f)
		p++;
	return p;
}

/* Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
int vtfilter_utf8(const uint8_t *p, size_t n)
{
	uint8_t c = p[0], low = 0x80, high = 0xbf;
	int need = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c < 0xc2 || c > 0xf4)
		return -1;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	for (int i = 1; i < need; i++) {
		if ((size_t)i == n)
			return 0;
		if (p[i] < low || p[i] > high)
			return -i;
		low = 0x80;
		high = 0xbf;
	}
	return need;
}

static bool is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* The two kinds that most text is made of are looked at here; all others by the function above. */
static const uint8_t *skip_utf8(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= 0x80) {
		ptrdiff_t left = end - p;
		int n;

		if (left >= 2 && *p > 0xc2 && *p < 0xe0 && is_tail(p[1])) {
			p += 2;
		} else if (left >= 3 && *p > 0xe0 && *p < 0xed && is_tail(p[1]) && is_tail(p[2])) {
			p += 3;
		} else {
			n = vtfilter_utf8(p, (size_t)left);
			if (n <= 0 || vtfilter_is_c1(p))
				break;
			p += n;
		}
	}
	return p;
}

static const uint8_t *skip_8bit(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= 0xa0)
		p++;
	return p;
}

const uint8_t *vtfilter_run(const uint8_t *p, const uint8_t *end, bool is_8bit)
{
	for (;;) {
		const uint8_t *from = p = skip_printable(p, end);

		if (p < end && *p >= 0x80)
			p = is_8bit ? skip_8bit(p, end) : skip_utf8(p, end);
		/* Shifts (SO, SI) are no text: they are remembered. */
		while (p < end && vtfilter_is_control(*p) && *p < 0x0e)
			p++;
		if (p == from)
			return p;
	}
}
