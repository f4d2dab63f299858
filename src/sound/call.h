/* SPDX-License-Identifier: Apache-2.0 */
/* A program inside that is connected, and the connection to the host's server that is its own. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct call;

enum { CALL_CLIENT, CALL_SERVER, CALL_FDS };

/* Takes both sockets, which do not block. NULL without memory. */
struct call *call_new(int client, int server, const uint8_t *cookie);
struct call *call_free(struct call *c);

/* What it waits for. */
void call_poll(const struct call *c, struct pollfd p[static CALL_FDS]);

/* False: it is over. */
bool call_go(struct call *c, const struct pollfd p[static CALL_FDS]);
