/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox's name server. No question leaves the host as it was asked: an allowed name is looked up by us, and what
 * goes back is an address of the pool. One that no rule can allow is looked up by nobody, and has an address as
 * well: whoever connects to it hears why not.
 */
#pragma once

#include "egress/egress.h"

/* A UDP socket of the sandbox is readable. */
void dns_read(struct egress *g, int fd);
/* Somebody has connected to the TCP socket. Takes @fd. */
void dns_accept(struct egress *g, int fd);
/* True if any TCP client has a deadline. */
bool dns_tick(struct egress *g);
void dns_done(struct egress *g);
