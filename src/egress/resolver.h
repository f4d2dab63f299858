/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks names up as the host does (/etc/hosts, the servers of /etc/resolv.conf), without waiting. Addresses are kept for
 * a while, and everybody who asks meanwhile is told the same. The only file that knows c-ares.
 */
#pragma once

#include "base/err.h"
#include "egress/loop.h"
#include "egress/names.h"

struct resolver;

struct resolver *resolver_new(struct loop *l, struct err *e);
void resolver_free(struct resolver *r);

/* Calls l->done() soon: before it returns if the addresses are known, else from the loop. */
void resolver_lookup(struct resolver *r, struct host *h, struct lookup *l);
void resolver_cancel(struct lookup *l);

/* For the loop's tick; true if anything is pending. */
bool resolver_tick(struct resolver *r);
