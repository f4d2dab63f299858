/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation: each packet after '>' (of the program inside) or '<' (of the server) and its length in two
 * bytes. Whatever is said, only whole frames of commands that pass leave the filter, the host's cookie
 * goes to the server alone, and no shared memory is offered to it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "sound/command.h"
#include "sound/filter.h"
#include "sound/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SENT_MAX ((size_t)4 << 20)

static const uint8_t cookie[COOKIE_SIZE] =
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void check_command(const uint8_t *packet, uint32_t len, bool to_server)
{
	struct tags t = { .at = packet, .end = packet + len };
	uint32_t number, tag, version;

	if (tags_u32(&t, &number) < 0 || tags_u32(&t, &tag) < 0)
		abort();
	if (to_server && !command_request(number))
		abort();
	if (to_server && number == COMMAND_AUTH &&
	    (tags_u32(&t, &version) < 0 || version < VERSION_FIRST || version > VERSION_LAST))
		abort();
	if (!to_server && number != COMMAND_REPLY && number != COMMAND_ERROR &&
	    !command_event(number))
		abort();
	if (!to_server && memmem(packet, len, cookie, sizeof(cookie)))
		abort();
}

static void check(struct buf *sent, bool to_server)
{
	const uint8_t *at = (const uint8_t *)buf_text(sent);
	const uint8_t *end = at + sent->len;
	struct frame f;

	while (at < end) {
		if ((size_t)(end - at) < FRAME_HEAD || frame_read(at, SENT_MAX, &f) < 0 ||
		    f.channel != FRAME_COMMAND || f.length > (size_t)(end - at) - FRAME_HEAD)
			abort();
		check_command(at + FRAME_HEAD, f.length, to_server);
		at += FRAME_HEAD + f.length;
	}
	buf_done(sent);
}

/* As the caller of the filter does: nothing is asked while it waits. */
static int say(struct filter *f, char side, const uint8_t *packet, size_t len)
{
	auto_buf struct buf to_server = BUF_INIT(SENT_MAX), to_client = BUF_INIT(SENT_MAX);
	int r = 0;

	if (side == '<')
		r = filter_reply(f, packet, len, &to_server, &to_client);
	else if (!f->is_waiting)
		r = filter_request(f, packet, len, &to_server, &to_client);
	check(&to_server, true);
	check(&to_client, false);
	if (f->scope.n_streams > STREAMS_MAX || f->n_asked > ASKED_MAX ||
	    f->scope.version > VERSION_LAST)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter f;

	filter_init(&f, cookie);
	while (size > 3) {
		size_t len = (size_t)data[1] << 8 | data[2];

		if (len > size - 3)
			len = size - 3;
		if (say(&f, (char)data[0], data + 3, len) < 0)
			break;
		data += 3 + len;
		size -= 3 + len;
	}
	filter_done(&f);
	return 0;
}
