/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --publish [ADDRESS:]PORT[:INSIDE]: a port of the host that leads to one inside. Pure.
 *
 * Without an address it is 127.0.0.1, which this machine alone can reach. 0.0.0.0 and [::] are the addresses of
 * all its networks: written out they are taken, and show what listens inside to everybody there.
 */
#pragma once

#include "base/err.h"
#include "spec/net.h"

/* "3000", "8080:3000", "127.0.0.1:8080:3000", "[::1]:8080". -EINVAL, with the right forms in the message. */
int net_publish_parse(const char *text, struct net_publish *ret, struct err *e);
