/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: for deadlines, which no change of the date may move. */
int64_t clock_ms(void);
