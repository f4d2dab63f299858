/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the ssh agent's guard share; nobody else includes it. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/proc.h"
#include "border/service.h"
#include "spec/ssh_agent.h"
#include "spec/ssh_signed.h"

#define GUARD_CLIENTS 16
#define GUARD_KEYS 16
#define GUARD_REFUSALS 32

enum guard_state {
	GUARD_READ,       /* a request from inside */
	GUARD_KEYS_ASKED, /* the agent lists its keys */
	GUARD_QUEUED,     /* a person is to be asked */
	GUARD_CONFIRM,    /* a person is asked */
	GUARD_SIGNING,    /* the agent signs */
	GUARD_WRITE,      /* the answer goes inside */
};

struct guard_client {
	int fd;    /* -1: this place is free */
	int agent; /* connection to the real agent; -1: none */
	enum guard_state state;
	int64_t deadline;                 /* of clock_ms(); 0: none */
	uint64_t since;                   /* .n_moves when it came or was answered last */
	struct buf in;                    /* from inside: the request, and what follows it */
	size_t frame;                     /* size of the request in it */
	struct buf to;                    /* to the agent */
	struct buf from;                  /* from the agent */
	struct buf out;                   /* to the inside */
	struct ssh_agent_request request; /* points into .in */
	struct ssh_signed purpose;        /* the same */
	struct buf comment;               /* of the key that is to sign */
	bool is_counted;                  /* its signature is part of .n_signed */
};

/* What was done with one key, for the sentence at the end. */
struct guard_key {
	char fingerprint[SSH_FINGERPRINT_SIZE];
	struct buf comment;
	uint64_t n;
};

struct guard_refusal {
	const char *what;
	uint64_t n;
};

struct guard {
	const struct service *service;
	const struct ssh_guard *rules;
	struct guard_client clients[GUARD_CLIENTS];
	struct guard_client *asked_for; /* a person is asked on his behalf */
	struct child asker;
	int64_t asker_deadline;
	unsigned n_unheard; /* questions in a row that nobody said yes to */
	uint64_t n_signed;  /* given and under way */
	uint64_t n_logged_refusals;
	struct guard_key keys[GUARD_KEYS];
	struct guard_refusal refusals[GUARD_REFUSALS];
	uint64_t n_moves;
	int log;
};

/* ssh_guard_client.c: one connection from inside. */
void guard_client_init(struct guard_client *c);
void guard_client_drop(struct guard *g, struct guard_client *c);
/* What poll(2) is to wait for: two entries. */
void guard_client_poll(const struct guard_client *c, struct pollfd p[static 2]);
void guard_client_serve(struct guard *g, struct guard_client *c, const struct pollfd p[static 2]);
/* The person's answer, or that there is none. */
void guard_client_confirmed(struct guard *g, struct guard_client *c, bool is_allowed);

/* ssh_guard_confirm.c: asks a person, one question at a time. */
void guard_confirm_next(struct guard *g);
void guard_confirm_answered(struct guard *g);
void guard_confirm_cancel(struct guard *g);

/* ssh_guard_log.c: the file, and what the user is told at the end. */
void guard_log_open(struct guard *g);
int guard_log_signature(struct guard *g, const struct guard_client *c);
void guard_log_refusal(struct guard *g, const struct ssh_agent_request *r, const char *what);
void guard_tell(const struct guard *g);
/* "log in as git", "sign for git": what a signature is for, appended. */
void guard_purpose(const struct ssh_signed *purpose, struct buf *b);
