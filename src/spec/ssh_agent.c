/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/ssh_agent.h"

#include <errno.h>

#include "base/auto.h"

#define KEYS_MAX 2048 /* MAX_AGENT_IDENTITIES of OpenSSH */

enum {
	FAILURE = 5,
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
	EXTENSION = 27,
};

/* rsa-sha2-256 and rsa-sha2-512 instead of SHA-1; no other flag is defined. */
#define SIGN_FLAGS (UINT32_C(2) | UINT32_C(4))

static const struct {
	uint8_t type;
	const char *what;
} refused[] = {
	{ 1, "list keys of version 1" },
	{ 3, "challenge of version 1" },
	{ 7, "add a key of version 1" },
	{ 8, "remove a key of version 1" },
	{ 9, "remove all keys of version 1" },
	{ 17, "add a key" },
	{ 18, "remove a key" },
	{ 19, "remove all keys" },
	{ 20, "add a smartcard" },
	{ 21, "remove a smartcard" },
	{ 22, "lock the agent" },
	{ 23, "unlock the agent" },
	{ 24, "add a constrained key of version 1" },
	{ 25, "add a constrained key" },
	{ 26, "add a constrained smartcard" },
	{ EXTENSION, "extension" },
};

ssize_t ssh_agent_frame(struct ssh_bytes stream, struct ssh_bytes *ret_body)
{
	uint32_t len;

	if (!ssh_take_u32(&stream, &len))
		return 0;
	if (len == 0 || len > SSH_AGENT_MESSAGE_MAX)
		return -EMSGSIZE;
	if (stream.len < len)
		return 0;
	*ret_body = (struct ssh_bytes){ stream.data, len };
	return (ssize_t)len + 4;
}

static struct ssh_agent_request refuse(uint8_t type, struct ssh_bytes rest)
{
	struct ssh_agent_request r = { .verdict = AGENT_REFUSE, .what = "unknown request" };

	for (size_t i = 0; i < N_ELEMENTS(refused); i++)
		if (refused[i].type == type)
			r.what = refused[i].what;
	/* Every ssh announces the server to its agent, and goes on if the agent does not understand. */
	if (type == EXTENSION && ssh_take_string(&rest, &r.name))
		r.is_routine = ssh_is(r.name, "session-bind@openssh.com");
	return r;
}

struct ssh_agent_request ssh_agent_request(struct ssh_bytes body)
{
	struct ssh_agent_request r = { .verdict = AGENT_SIGN, .what = "sign" };
	uint8_t type = 0;

	if (!ssh_take_byte(&body, &type))
		return (struct ssh_agent_request){ .what = "empty message" };
	if (type == REQUEST_IDENTITIES && body.len == 0)
		return (struct ssh_agent_request){ .verdict = AGENT_LIST, .what = "list" };
	if (type == REQUEST_IDENTITIES)
		return (struct ssh_agent_request){ .what = "list with more behind it" };
	if (type != SIGN_REQUEST)
		return refuse(type, body);
	if (!ssh_take_string(&body, &r.key) || !ssh_take_string(&body, &r.data) ||
	    !ssh_take_u32(&body, &r.flags) || body.len > 0)
		return (struct ssh_agent_request){ .what = "torn request to sign" };
	if (r.flags & ~SIGN_FLAGS)
		return (struct ssh_agent_request){ .what = "request to sign with unknown flags" };
	return r;
}

void ssh_agent_put_body(struct buf *out, struct ssh_bytes body)
{
	ssh_put_string(out, body); /* a message is written like a string */
}

static void put_type(struct buf *out, uint8_t type)
{
	ssh_agent_put_body(out, (struct ssh_bytes){ &type, 1 });
}

void ssh_agent_put_failure(struct buf *out)
{
	put_type(out, FAILURE);
}

void ssh_agent_put_list(struct buf *out)
{
	put_type(out, REQUEST_IDENTITIES);
}

/* Built anew from what was understood: no byte is passed on that was not. */
void ssh_agent_put_sign(struct buf *out, const struct ssh_agent_request *request)
{
	ssh_put_u32(out, (uint32_t)(1 + 4 + request->key.len + 4 + request->data.len + 4));
	ssh_put_byte(out, SIGN_REQUEST);
	ssh_put_string(out, request->key);
	ssh_put_string(out, request->data);
	ssh_put_u32(out, request->flags);
}

static bool list_open(struct ssh_bytes *body, uint32_t *ret_n)
{
	uint8_t type;

	return ssh_take_byte(body, &type) && type == IDENTITIES_ANSWER &&
	       ssh_take_u32(body, ret_n) && *ret_n <= KEYS_MAX;
}

static bool list_next(struct ssh_bytes *body, struct ssh_bytes *key, struct ssh_bytes *comment)
{
	return ssh_take_string(body, key) && ssh_take_string(body, comment);
}

int ssh_agent_put_chosen(struct buf *out, struct ssh_bytes body, const struct ssh_choice *choice)
{
	auto_buf struct buf kept = BUF_INIT(SSH_AGENT_MESSAGE_MAX);
	uint32_t n, n_kept = 0;

	if (!list_open(&body, &n))
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++) {
		struct ssh_bytes key, comment;

		if (!list_next(&body, &key, &comment))
			return -EBADMSG;
		if (!ssh_key_chosen(choice, key, comment))
			continue;
		ssh_put_string(&kept, key);
		ssh_put_string(&kept, comment);
		n_kept++;
	}
	if (body.len > 0 || buf_full(&kept))
		return -EBADMSG;
	ssh_put_u32(out, (uint32_t)(1 + 4 + kept.len));
	ssh_put_byte(out, IDENTITIES_ANSWER);
	ssh_put_u32(out, n_kept);
	buf_add(out, buf_text(&kept), kept.len);
	return 0;
}

bool ssh_agent_find(struct ssh_bytes body, const struct ssh_choice *choice, struct ssh_bytes key,
		    struct ssh_bytes *ret_comment)
{
	uint32_t n;

	if (!list_open(&body, &n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct ssh_bytes one, comment;

		if (!list_next(&body, &one, &comment))
			return false;
		if (ssh_equal(one, key) && ssh_key_chosen(choice, one, comment)) {
			*ret_comment = comment;
			return true;
		}
	}
	return false;
}

bool ssh_agent_is_signature(struct ssh_bytes body)
{
	struct ssh_bytes signature, algorithm;
	uint8_t type;

	return ssh_take_byte(&body, &type) && type == SIGN_RESPONSE &&
	       ssh_take_string(&body, &signature) && body.len == 0 &&
	       ssh_take_string(&signature, &algorithm) && algorithm.len > 0 && signature.len > 0;
}
