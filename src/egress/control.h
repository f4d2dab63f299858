/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user says while the sandbox runs, over a connection that the keeper hands out: lines.
 *
 *   allow RULE, local RULE  holds from now on for this sandbox; answered by "ok" or "error SENTENCE"
 *   deny RULE               likewise; connections that it denies end
 *   watch                   from now on each undecided host comes as "ask HOST:PORT VIA", once
 */
#pragma once

#include "egress/conn.h"

void control_add(struct egress *g, int fd);
/* Somebody waits for an answer about c->target. */
void control_ask(struct egress *g, const struct conn *c);
void control_done(struct egress *g);
