/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol between ssh and its agent (draft-ietf-sshm-ssh-agent; PROTOCOL.agent of OpenSSH), as much
 * of it as a guard has to know. Bytes in, bytes out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "spec/ssh_key.h"
#include "spec/ssh_wire.h"

#define SSH_AGENT_MESSAGE_MAX ((size_t)256 << 10) /* AGENT_MAX_LEN of OpenSSH */
#define SSH_AGENT_FRAME_MAX (SSH_AGENT_MESSAGE_MAX + 4)

/*
 * The first message of a stream. Its size with the length before it, > 0; 0: not all of it is there
 * yet; -EMSGSIZE: no message is empty or so long.
 */
ssize_t ssh_agent_frame(struct ssh_bytes stream, struct ssh_bytes *ret_body);

enum ssh_agent_verdict {
	AGENT_REFUSE, /* says .what it is */
	AGENT_LIST,
	AGENT_SIGN,
};

struct ssh_agent_request {
	enum ssh_agent_verdict verdict;
	const char *what;           /* "add a key": for the log */
	bool is_routine;            /* refused, and asked by every ssh: nothing to tell the user */
	struct ssh_bytes name;      /* of an extension */
	struct ssh_bytes key, data; /* AGENT_SIGN */
	uint32_t flags;
};

struct ssh_agent_request ssh_agent_request(struct ssh_bytes body);

/* Messages with their lengths, appended. */
void ssh_agent_put_failure(struct buf *out);
void ssh_agent_put_list(struct buf *out);
void ssh_agent_put_sign(struct buf *out, const struct ssh_agent_request *request);
void ssh_agent_put_body(struct buf *out, struct ssh_bytes body);

/*
 * The agent's answer to a list, with the chosen keys only, appended to @out. -EBADMSG: it is no such
 * answer; @out is as it was.
 */
int ssh_agent_put_chosen(struct buf *out, struct ssh_bytes body, const struct ssh_choice *choice);

/* Whether the answer to a list has @key among the chosen ones, and its comment. */
bool ssh_agent_find(struct ssh_bytes body, const struct ssh_choice *choice, struct ssh_bytes key,
		    struct ssh_bytes *ret_comment);

/* Whether @body is a signature, whole and nothing else. */
bool ssh_agent_is_signature(struct ssh_bytes body);
