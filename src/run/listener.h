/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that wait at an address of the internet. */
#pragma once

#include "spec/net_addr.h"

/*
 * A non-blocking socket of @type (SOCK_STREAM listens) at @addr in the caller's network namespace; an IPv6 one
 * takes no IPv4. The descriptor, or -errno.
 */
int listener_open(const struct net_addr *addr, uint16_t port, int type);
