/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte says what the rest is: a stream from inside, or an answer of the agent. What is passed
 * on must be understood in the same way by whoever reads it next, and grant no more than was asked.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/ssh_agent.h"
#include "spec/ssh_signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is put for a request is a whole message that is the same request. */
static void request(struct ssh_bytes body)
{
	auto_buf struct buf out = BUF_INIT(SSH_AGENT_FRAME_MAX + 64);
	struct ssh_agent_request r = ssh_agent_request(body), again;
	struct ssh_bytes next;

	if (!r.what ||
	    (r.verdict != AGENT_REFUSE && body.data[0] != (r.verdict == AGENT_LIST ? 11 : 13)))
		abort();
	if (r.verdict != AGENT_SIGN)
		return;
	ssh_agent_put_sign(&out, &r);
	if (ssh_agent_frame(ssh_of_buf(&out), &next) != (ssize_t)out.len || !ssh_equal(next, body))
		abort();
	again = ssh_agent_request(next);
	if (again.verdict != AGENT_SIGN || again.flags != r.flags)
		abort();
	(void)ssh_signed_read(r.data, r.key);
}

static void stream(struct ssh_bytes rest)
{
	struct ssh_bytes body;
	ssize_t n;

	while ((n = ssh_agent_frame(rest, &body)) > 0) {
		request(body);
		rest.data += n;
		rest.len -= (size_t)n;
	}
}

/* A list that was filtered holds no key that was not chosen, and filtering it again changes nothing. */
static void answer(struct ssh_bytes body)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf once = BUF_INIT(SSH_AGENT_FRAME_MAX);
	auto_buf struct buf twice = BUF_INIT(SSH_AGENT_FRAME_MAX);
	struct ssh_choice choice = { STRV_INIT(&a), STRV_INIT(&a) };
	struct ssh_bytes kept, comment;
	int r;

	strv_add(&choice.comments, "chosen");
	r = ssh_agent_put_chosen(&once, body, &choice);
	(void)ssh_agent_is_signature(body);
	(void)ssh_agent_find(body, &choice, body, &comment);
	if (r < 0) {
		if (once.len > 0)
			abort();
		return;
	}
	if (ssh_agent_frame(ssh_of_buf(&once), &kept) != (ssize_t)once.len || kept.len > body.len ||
	    ssh_agent_put_chosen(&twice, kept, &choice) < 0 || twice.len != once.len ||
	    memcmp(twice.data, once.data, once.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_bytes rest = { data + 1, size - 1 };

	if (size == 0)
		return 0;
	if (data[0] & 1)
		answer(rest);
	else
		stream(rest);
	return 0;
}
