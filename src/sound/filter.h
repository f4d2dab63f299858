/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes of one connection between a program inside and the sound server of the host (command.h says what,
 * and why). Pure: commands in, frames out. Requests that do not pass are answered here, as the server would
 * refuse them; a program that expects the answer goes on.
 */
#pragma once

#include <stdbool.h>

#include "sound/args.h"

/* Requests that wait for their answers. */
#define ASKED_MAX 128

struct asked {
	uint32_t tag;
	const struct command *command;
};

struct filter {
	struct arg_scope scope;
	struct asked asked[ASKED_MAX];
	size_t n_asked;
	unsigned client_version;
	bool is_waiting; /* for an answer without which the next request cannot be judged */
	struct buf
		held; /* a request for a stream, until it is known that its place is one to play */
};

/* @cookie stays the caller's. */
void filter_init(struct filter *f, const uint8_t cookie[static COOKIE_SIZE]);
void filter_done(struct filter *f);

/* A command from inside, never while is_waiting. 0, or -EBADMSG: no more of this connection makes sense. */
int filter_request(struct filter *f, const void *packet, size_t len, struct buf *to_server,
		   struct buf *to_client);

/* A command of the server. The same. */
int filter_reply(struct filter *f, const void *packet, size_t len, struct buf *to_server,
		 struct buf *to_client);

/* Do samples for @channel pass? */
bool filter_owns(const struct filter *f, uint32_t channel);
