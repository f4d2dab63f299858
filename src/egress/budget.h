/* SPDX-License-Identifier: Apache-2.0 */
/* How many bytes a sandbox may send: to each host, and in all. */
#pragma once

#include "egress/conn.h"

extern const char budget_reason[];

/* Bytes that may still be sent on this connection. */
size_t budget_left(const struct conn *c);
void budget_take(struct conn *c, uint64_t bytes);
