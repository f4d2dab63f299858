/* SPDX-License-Identifier: Apache-2.0 */
/* A connection through the filter, and what is to come out of it on either side. */
#pragma once

#include "sound/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sound_packet.h"

#include "base/auto.h"
#include "sound/command.h"
#include "sound/frame.h"

#define TAG 1000U

static const uint8_t cookie[COOKIE_SIZE] = "the host's own";

/* A connection that is far enough to play: version 35, one stream. */
struct line {
	struct filter f;
	struct buf to_server, to_client;
};

static inline void forget(struct line *l)
{
	buf_done(&l->to_server);
	buf_done(&l->to_client);
}

static inline int request(struct line *l, uint32_t number, uint32_t tag, const char *letters)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, number, tag, letters);
	return filter_request(&l->f, packet.data, packet.len, &l->to_server, &l->to_client);
}

static inline int reply(struct line *l, uint32_t number, uint32_t tag, const char *letters)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, number, tag, letters);
	return filter_reply(&l->f, packet.data, packet.len, &l->to_server, &l->to_client);
}

static inline int answer_version(struct line *l, uint32_t tag, uint32_t version)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, COMMAND_REPLY, tag, "");
	tags_put_u32(&packet, version);
	return filter_reply(&l->f, packet.data, packet.len, &l->to_server, &l->to_client);
}

static inline int introduce(struct line *l, uint32_t tag, uint32_t version)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, COMMAND_AUTH, tag, "");
	tags_put_u32(&packet, version);
	put_value(&packet, 'k');
	return filter_request(&l->f, packet.data, packet.len, &l->to_server, &l->to_client);
}

/* A stream for version 35: where it is to be made, and whether its samples are as we know them. */
#define STREAM(place, known) \
	"am" place "L1LLL"   \
	"Lv"                 \
	"11111"              \
	"0"                  \
	"111"                \
	"p"                  \
	"11"                 \
	"10"                 \
	"11"                 \
	"0" known

/* At the usual place. */
#define CREATE STREAM("XN", "F")
#define CREATED \
	"ciL"   \
	"LLLL"  \
	"am"    \
	"Ls1U"  \
	"f"

static inline int setup_version(void **state, uint32_t version)
{
	struct line *l = *state = calloc(1, sizeof(*l));

	if (!l)
		return -1;
	l->to_server = l->to_client = BUF_INIT(PACKET_MAX);
	filter_init(&l->f, cookie);
	if (introduce(l, 1, version) < 0 || answer_version(l, 1, version) < 0)
		return -1;
	l->f.scope.streams[l->f.scope.n_streams++] = (struct own_stream){ OWN_CHANNEL, OWN_INPUT };
	forget(l);
	return 0;
}

static inline int setup(void **state)
{
	return setup_version(state, VERSION_LAST);
}

static inline int setup_old(void **state)
{
	return setup_version(state, VERSION_FIRST);
}

static inline int setup_fresh(void **state)
{
	struct line *l = *state = calloc(1, sizeof(*l));

	if (!l)
		return -1;
	l->to_server = l->to_client = BUF_INIT(PACKET_MAX);
	filter_init(&l->f, cookie);
	return 0;
}

static inline int teardown(void **state)
{
	struct line *l = *state;

	forget(l);
	filter_done(&l->f);
	free(l);
	return 0;
}

static inline void expect_bytes(const char *what, const struct buf *got, const struct buf *packet)
{
	auto_buf struct buf want = BUF_INIT(PACKET_MAX);

	if (packet->len > 0)
		frame_put_command(&want, packet);
	if (got->len != want.len || memcmp(buf_text(got), buf_text(&want), want.len) != 0)
		fail_msg("%s: %zu bytes, and it should be other %zu", what, got->len, want.len);
}

/* One frame with that command, and nothing else. */
static inline void expect(const char *what, const struct buf *got, uint32_t number, uint32_t tag,
			  const char *letters)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, number, tag, letters);
	expect_bytes(what, got, &packet);
}

static inline void expect_nothing(const char *what, const struct buf *got)
{
	if (got->len > 0)
		fail_msg("%s: %zu bytes, and it should be none", what, got->len);
}

static inline void expect_error(const char *what, const struct buf *got, uint32_t tag,
				uint32_t error)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

	put_packet(&packet, COMMAND_ERROR, tag, "");
	tags_put_u32(&packet, error);
	expect_bytes(what, got, &packet);
}

struct row {
	uint32_t number;
	const char *sent;
	const char *passed; /* NULL: refused */
};
