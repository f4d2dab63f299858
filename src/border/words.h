/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"

#define WORDS_MAX 4096

/* What a program writes to stderr, for a sentence about its end: a file that takes WORDS_MAX bytes and no more. -1. */
int words_open(void);

/* For the next program. */
void words_reset(int fd);

/* Adds ": " and the last line, if there is one. */
void words_last(int fd, struct buf *ret);
