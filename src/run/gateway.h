/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of a running sandbox, as its keeper holds it: sockets that were opened inside, and egress, the
 * program outside that serves them. Egress is started when somebody inside first wants something, and
 * never twice: when it has ended, there is no network.
 */
#pragma once

#include "base/err.h"
#include "base/proc.h"
#include "border/service.h"
#include "plan/plan.h"
#include "run/publish.h"

struct gateway {
	int listens[NET_LISTENS_MAX]; /* until egress has them */
	size_t n_listens;
	int ready; /* readable when one of them is; -1: egress has been started, or there are none */
	int control; /* to egress; -1: it does not run */
	struct child egress;
	struct child pasta;
	struct publish publish; /* the other way round: ports of the host that lead inside */
	struct service_log *log;
};

void gateway_init(struct gateway *g);

/* Before anything is started: a port that is taken is told in time. */
int gateway_listen(struct gateway *g, const struct spec_net *net, struct err *e);

/* Before the first job. @pid, @pidfd: the first process inside. */
int gateway_open(struct gateway *g, const struct plan *plan, int pidfd, pid_t pid, struct err *e);

/* Somebody called, inside (g->ready) or outside. */
int gateway_start(struct gateway *g, const struct plan *plan, struct err *e);

/* g->pasta has ended. */
void gateway_lost(struct gateway *g);

/* g->control is readable. */
void gateway_read(struct gateway *g);

/* Hands one end of a connection over to egress: whoever has the other may ask and order it. Takes @fd. */
void gateway_connect(struct gateway *g, int fd);

/* The sandbox has ended: egress writes its last lines, and what it has to say is in the log. */
void gateway_finish(struct gateway *g);
