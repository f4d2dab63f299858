/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: for deadlines, which no change of the date may move. */
int64_t clock_ms(void);

/* Milliseconds since 1970, by CLOCK_REALTIME: what others call the time. It jumps when the date is set. */
int64_t clock_epoch_ms(void);

#define CLOCK_TEXT_SIZE 32
/* @epoch_ms, which is not negative, as RFC 3339 has it, in UTC and to the millisecond: "2025-01-31T09:05:07.042Z". */
void clock_print(int64_t epoch_ms, char ret[static CLOCK_TEXT_SIZE]);
