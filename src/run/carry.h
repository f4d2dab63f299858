/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries connections that arrive at listening sockets to ports of the loopback of the network namespace that
 * the caller is in. Where the sockets were opened does not matter, so each connection goes from one namespace
 * into another.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CARRY_MAX 256 /* connections at a time; further ones wait in the backlog */
#define CARRY_MAX_PORTS 64

struct carry_port {
	int listen; /* non-blocking */
	uint16_t inside;
};

/*
 * Until @end is readable or at its end, which is 0; or -errno. -1 there: for good. Each connection is carried to 127.0.0.1, or, if
 * nobody listens there, to [::1]; if nobody does there either, it is reset. The process ignores SIGPIPE from then on.
 */
int carry(const struct carry_port *ports, size_t n_ports, int end);
