/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* Counted from: the write index, the beginning, the read index, the end. All other bits are of shared memory. */
#define SEEK_LAST 3

enum { LENGTH, CHANNEL, OFFSET_HIGH, OFFSET_LOW, FLAGS, N_NUMBERS };

int frame_read(const uint8_t head[static FRAME_HEAD], uint32_t command_max, struct frame *ret)
{
	uint32_t n[N_NUMBERS];
	bool is_command;

	memcpy(n, head, sizeof(n));
	*ret = (struct frame){
		.length = ntohl(n[LENGTH]),
		.channel = ntohl(n[CHANNEL]),
		.offset = (uint64_t)ntohl(n[OFFSET_HIGH]) << 32 | ntohl(n[OFFSET_LOW]),
		.seek = ntohl(n[FLAGS]),
	};
	is_command = ret->channel == FRAME_COMMAND;
	if (ret->length == 0 || ret->length > (is_command ? command_max : FRAME_SAMPLES_MAX))
		return -EBADMSG;
	return ret->seek > (is_command ? 0 : SEEK_LAST) ? -EBADMSG : 0;
}

void frame_put(struct buf *b, const struct frame *f)
{
	const uint32_t n[N_NUMBERS] = { [LENGTH] = htonl(f->length),
					[CHANNEL] = htonl(f->channel),
					[OFFSET_HIGH] = htonl((uint32_t)(f->offset >> 32)),
					[OFFSET_LOW] = htonl((uint32_t)f->offset),
					[FLAGS] = htonl(f->seek) };

	buf_add(b, n, sizeof(n));
}

void frame_put_command(struct buf *b, const struct buf *packet)
{
	const struct frame f = { .length = (uint32_t)packet->len, .channel = FRAME_COMMAND };

	frame_put(b, &f);
	buf_add(b, packet->data, packet->len);
}
