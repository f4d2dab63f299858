/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* In milliseconds. It cannot fail: both clocks exist, so does now. */
static int64_t read_clock(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_epoch_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

void clock_print(int64_t epoch_ms, char ret[static CLOCK_TEXT_SIZE])
{
	const time_t seconds = epoch_ms / 1000;
	struct tm parts = { 0 };
	size_t n;

	(void)gmtime_r(&seconds, &parts); /* no year of 64 bits of milliseconds is too far for it */
	n = strftime(ret, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(ret + n, CLOCK_TEXT_SIZE - n, ".%03dZ", (int)(epoch_ms % 1000));
}
