/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outer layer of PulseAudio's native protocol: frames, each with a descriptor of five big-endian
 * numbers (length, channel, offset in two halves, flags) before its bytes. A frame of the channel
 * FRAME_COMMAND holds one command; any other holds samples of a stream. Written down in
 * src/pulsecore/pstream.c of PulseAudio; the same from 8 to 35.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define FRAME_HEAD ((size_t)20)
#define FRAME_COMMAND UINT32_MAX

/* No server keeps more for a stream (MAX_MEMBLOCKQ_LENGTH). */
#define FRAME_SAMPLES_MAX ((uint32_t)4 << 20)

/* Of a command: libpulse's largest are about 1 KiB, and a list of many sinks comes to some 100. */
#define FRAME_REQUEST_MAX ((uint32_t)64 << 10)
#define FRAME_REPLY_MAX ((uint32_t)1 << 20)

struct frame {
	uint32_t length, channel;
	uint64_t offset; /* where the samples belong */
	uint32_t seek;   /* and what that is counted from */
};

/*
 * 0, or -EBADMSG: it is empty, longer than @command_max or FRAME_SAMPLES_MAX, or its flags say that its
 * bytes lie in shared memory.
 */
int frame_read(const uint8_t head[static FRAME_HEAD], uint32_t command_max, struct frame *ret);

void frame_put(struct buf *b, const struct frame *f);

/* A frame that holds the command in @packet. */
void frame_put_command(struct buf *b, const struct buf *packet);
