/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection from inside, from what it asks for to its last byte.
 *
 *   HELLO    what it wants is read: a request of a proxy, or nothing (redirected: its address says it)
 *   ASK      no rule decides, and somebody may: control.c
 *   LOOKUP   its name is looked up; addresses that it may not have are left out: dial.c
 *   CONNECT  one address after the other
 *   PROXY    the host needs a proxy of its own, which is asked for a tunnel
 *   OPEN     bytes pass. What the client says first is looked at once more: first.c, screen.c
 *   REFUSE   it is told so in the language in which it begins to speak: refuse.c
 *   CLOSE    our last words to it are on their way
 *
 * One file for each step; each may close the connection, after which it must not be touched.
 */
#pragma once

#include "egress/egress.h"
#include "egress/http_head.h"
#include "egress/http_lax.h"
#include "egress/queue.h"
#include "egress/socks.h"

#define HELLO_MS 30000 /* for all of a request's head */
#define FIRST_MS 15000 /* for the rest of a first message that has begun */
#define REFUSE_MS 1000 /* for the first byte of who is refused */
#define LOOKUP_MS 15000
#define CONNECT_MS 5000 /* for each address */
#define CLOSE_MS 5000
#define HALF_MS 300000 /* without a byte, once one side has ended */
#define FIRST_MAX TLS_FIRST_MAX
#define TLS_FIRST_MAX 65536

enum via { VIA_REDIRECT, VIA_HTTP, VIA_CONNECT, VIA_SOCKS, VIA_LOCAL };

enum stage {
	STAGE_HELLO,
	STAGE_ASK,
	STAGE_LOOKUP,
	STAGE_CONNECT,
	STAGE_PROXY,
	STAGE_OPEN,
	STAGE_REFUSE,
	STAGE_CLOSE,
};

/* What is known of the client's bytes in STAGE_OPEN. */
enum screen {
	SCREEN_FIRST, /* nothing: they are held until they have been looked at */
	SCREEN_LINE, /* no request so far: its first line passes, and is looked at as long as it lasts */
	SCREEN_RAW,     /* they pass unread */
	SCREEN_BODY,    /* the body of one HTTP request passes */
	SCREEN_UPGRADE, /* the request wants another protocol: held until the server agrees */
	SCREEN_DROP,    /* the request is complete: nothing more passes */
};

/* What a client that has not spoken yet will be told. */
struct refusal {
	int status; /* of HTTP */
	const char *reason;
};

struct conn {
	struct task work; /* first */
	struct watch client;
	struct watch server;
	struct egress *egress;
	struct conn *next, *prev;
	enum via via;
	enum stage stage;
	enum screen screen;
	bool socks_greeted;
	bool is_logged; /* allowed, and the log says so */
	bool client_ended;
	bool is_half; /* one side has ended, as far as epoll knows */
	struct net_target target;
	char name[NET_NAME_SIZE]; /* target.name, if it has one */
	char method[33];          /* target.method, likewise */
	struct host *host;        /* in use while it is set */
	struct host *proxy;       /* this host's own, if the target is reached through it */
	char *reason;             /* conn_reason() */
	const char *rule;
	struct lookup lookup;
	struct net_addr addrs[NAMES_ADDRS]; /* that it may have */
	size_t n_addrs, next_addr;
	struct queue in;          /* of the client, not judged yet */
	struct queue up;          /* judged, for the server */
	struct queue down;        /* ours, for the client */
	struct queue ask, answer; /* to and of the host's own proxy */
	size_t counted;           /* of all queues, in egress->waiting */
	size_t looked;            /* of c->in: what was no whole head yet */
	struct flow to_server, to_client;
	struct http_body body;
	struct http_lax_line lax;
	struct refusal refusal;
	uint64_t sent;       /* bytes that did not pass through the flows */
	uint64_t seen;       /* of both, at the last look: for HALF_MS */
	int64_t deadline_ms; /* 0: none */
	int64_t since_ms;
};

/* Takes @fd. NULL if there are too many. */
struct conn *conn_new(struct egress *g, int fd, enum via via);
void conn_close(struct conn *c); /* once is as good as twice */
/* At once, with a reset: whoever is inside sees a connection refused, and the server that it does not have all. */
void conn_reset(struct conn *c);
/* The server's side of it alone; nobody waits for its addresses any more. */
void conn_cut(struct conn *c);
void conn_deadline(struct conn *c, int64_t ms); /* from now; 0: none */
/* More of what the client says, into c->in; false if it is closed or nothing came. */
bool conn_read(struct conn *c, size_t max);
void conn_drop(struct conn *c, size_t size);
/* Its queues have changed: how much memory waits in all. */
void conn_count(struct conn *c);
/*
 * Whether a head in c->in is worth reading again: it has grown by a line, or little was there. Else whoever sends byte after
 * byte makes us read all of it each time.
 */
bool conn_has_more(struct conn *c);
const char *conn_via(enum via via);
/* c->target.method is the request's. */
void conn_set_method(struct conn *c, const struct http_head *head);
/* A line of the journal; @reason may be NULL. */
void conn_log(struct conn *c, const char *event, const char *reason);
/* The sentence in @b, for as long as the connection: what is kept for longer would be theirs to fill. */
const char *conn_reason(struct conn *c, const struct buf *b);
/* "example.com:443", for sentences. */
void conn_what(const struct conn *c, struct buf *b);
/* Ends those whose deadline has passed; true if any has one. */
bool conns_tick(struct egress *g);
/* Whether something that was said inside is still on its way to a server. */
bool conns_send(const struct egress *g);
/* Does what can be done now. */
void conn_step(struct conn *c);

/* hello.c: its step, and by whom it was accepted. */
void hello_start(struct conn *c, const struct net_listen *what);
void hello_step(struct conn *c);
/* To a SOCKS client. */
void hello_answer(struct conn *c, enum socks_reply reply);

/* judge.c: decides about c->target, and goes on, asks or refuses. */
void judge_target(struct conn *c);
/* A request in a tunnel: false if it is refused. */
bool judge_request(struct conn *c);
/* The rules have changed: who waits is judged again, and who was allowed is refused if a rule denies it now. */
void judge_again(struct egress *g);
/* Told once for each host, on the user's terminal at the end. */
void judge_tell(struct egress *g, const struct conn *c, const char *reason);

/* dial.c */
void dial_start(struct conn *c);
void dial_step(struct conn *c);
/* Addresses that need no check: of the host's own proxy. */
void dial_addrs(struct conn *c, const struct net_addr *addrs, size_t n);
/* The server is there, in all that we had to do for it. */
void open_start(struct conn *c);

/* first.c: reads what the client says first, and finds out which language it is. */
void first_read(struct conn *c);
void first_read_line(struct conn *c);

/* screen.c */
void open_step(struct conn *c);
/* All that was held may go. */
void screen_pass(struct conn *c, enum screen next);
/* The request with which a plain HTTP client came to the proxy. */
bool screen_request(struct conn *c, const struct http_head *head, size_t size);

/* refuse.c: @reason is logged and told; a sentence without a full stop. */
void refuse(struct conn *c, const char *reason);
/* Not by rule: the name does not exist, nobody answers, ... */
void refuse_failed(struct conn *c, int status, const char *reason);
void refuse_step(struct conn *c);
/* What is in c->down is the last that it hears. */
void close_start(struct conn *c);
void close_step(struct conn *c);
