/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper's files share; nobody else includes it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/wire.h"
#include "border/layer.h"
#include "border/service.h"
#include "run/backlog.h"
#include "run/cgroup.h"
#include "run/gateway.h"
#include "run/keeper.h"

#define MAX_SESSIONS 256
#define MAX_CLIENTS 256

struct session {
	uint32_t id; /* job number for init; 0: free */
	uint32_t flags;
	struct client *client; /* NULL: nobody is there */
	int master;            /* of a detached session, else -1 */
	struct backlog *backlog;
	uint64_t started_s;
	char *command; /* for --list; NULL: not known */
};

struct client {
	int fd; /* -1: free */
	bool is_founder;
	bool is_over; /* its session has ended; it waits to hear whether the sandbox has */
	struct session *session;
};

struct keeper {
	const struct keeper_start *start;
	struct child wrapper;
	int handover; /* tells who goes on when .wrapper, a container's starter, has ended; -1: nobody else */
	pid_t init_pid;             /* 0: not told */
	int init;                   /* the same as a pidfd, -1 */
	struct layer_inside claude; /* the sandbox's own */
	bool has_looked;            /* for it */
	struct child services[N_SERVICES];
	int waiting[N_SERVICES]; /* what they listen on until they are started; -1: nothing */
	struct service_log *logs[N_SERVICES];
	int services_end; /* -1: none; closed at the end of the sandbox, and services_ended tells them */
	int services_ended;
	struct gateway gateway;
	struct cgroup group;
	char group_id[32];
	int channel; /* -1: closed, the sandbox is ending */
	int info; /* until the wrapper has told who init is, and it is limited, no client is heard */
	int listen;
	int cookie; /* of the sandbox's screen, -1: it has none */
	int layer;  /* held while the project's layer is in use; -1: it has none */
	int signals;
	uint64_t started_s;
	uint32_t last_id;
	size_t n_sessions;
	bool lingers; /* a session asked to live on while anything runs inside */
	bool is_frozen;
	bool is_thawing; /* until init says that it is done */
	bool is_ending;
	int64_t stop_at_ms;   /* 0: not asked to stop */
	int64_t linger_at_ms; /* 0: nobody waits for an empty sandbox */
	struct client *asker; /* waits for init's DONE */
	struct session sessions[MAX_SESSIONS];
	struct client clients[MAX_CLIENTS];
};

/* The sandbox ends now: no more joining, and init hears the end of its channel. */
void keeper_end(struct keeper *k);

/* Asks every session to end; after a grace time the sandbox ends anyway. */
void keeper_stop(struct keeper *k);

void keeper_order(const struct keeper *k, const struct session *s, enum wire_order kind, int value);

/* Which limits struck since the last time: told to all clients. */
void keeper_tell_strikes(struct keeper *k);

/* It cannot be set up: the founder hears why, and it ends. */
void keeper_fail(struct keeper *k, int code, const struct err *e);

/* services. What cannot be started ends the sandbox. */
void service_wake(struct keeper *k, int kind);
/* Init tells of one: one that listens is started when somebody calls. Takes what it needs of @fds. */
void service_take(struct keeper *k, const struct wire_msg *msg, int *fds, size_t n_fds);
/* Somebody calls whom egress serves. */
void gateway_wake(struct keeper *k);
/* After the sandbox has ended. */
void services_finish(struct keeper *k);
/* What the services have to tell the user, one sentence a line. */
void services_tell(const struct keeper *k, struct buf *out);

/* wrapper */
int wrapper_start(struct keeper *k, struct err *e);
int wrapper_send_walls(struct keeper *k, struct err *e);
/*
 * At the end of file on k->info: the wrapper has made the namespaces, and its one child, which will be
 * init, mounts. What limits that from outside is done here, before the first job.
 */
int wrapper_limit_init(struct keeper *k, struct err *e);
/* What to poll k->info for: a pipe is read once it has ended, which comes unasked. */
short wrapper_info_events(const struct keeper *k);
/* It has ended, and was but a container's starter: its supervisor is the wrapper now. */
bool wrapper_goes_on(struct keeper *k);
/* Once it has ended, so has init: also where that is not its child. */
void wrapper_await_init(struct keeper *k);
/* Ends what is left of it. */
void wrapper_finish(struct keeper *k);

/* sessions */
void session_start(struct keeper *k, struct client *c, const struct wire_msg *msg, const int *fds,
		   size_t n_fds);
void session_attach(struct keeper *k, struct client *c);
/* A message of init's; takes what it needs of @fds and leaves -1 there. */
void session_told(struct keeper *k, const struct wire_msg *msg, int *fds, size_t n_fds);
void session_drain(struct session *s);
/* Those whose session has ended learn that the sandbox goes on without them. */
void session_dismiss(struct keeper *k);

/* clients */
struct client *client_add(struct keeper *k, int fd, bool is_founder);
void client_accept(struct keeper *k);
void client_read(struct keeper *k, struct client *c);
void client_drop(struct keeper *k, struct client *c);
/* Somebody may join, and even be done, before the founder has said what it wants to run. */
bool founder_is_awaited(const struct keeper *k);
/* False if it had to be dropped. */
bool client_tell(struct keeper *k, struct client *c, const struct wire_msg *msg, const int *fds,
		 size_t n_fds);
/* Sentences for the user, one a line. How many clients heard them. */
size_t clients_tell(struct keeper *k, const struct buf *text);
