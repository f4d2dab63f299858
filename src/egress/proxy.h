/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP proxy that this host itself needs to reach the internet (its https_proxy). What was judged is asked of it
 * as a tunnel, name and port: it looks the name up, so the address cannot be checked here. Addresses by number
 * and names of its no_proxy are dialled directly, and checked.
 */
#pragma once

#include <stdbool.h>

#include "egress/conn.h"

/* @text as in spec_net.upstream. */
int proxy_init(struct egress *g, const char *text, struct err *e);
bool proxy_is_needed(const struct conn *c);
/* Stands for the lookup of the target. */
void proxy_dial(struct conn *c);
/* Connected to it: asks. */
void proxy_start(struct conn *c);
void proxy_step(struct conn *c);
