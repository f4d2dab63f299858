/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that pass, and what of each: the filter's policy. Numbers as in src/pulsecore/native-common.h of
 * PulseAudio, arguments as in src/pulsecore/protocol-native.c.
 */
#pragma once

#include "sound/args.h"

/* 13 is PulseAudio 0.9.11 of 2008, the first with properties; 35 is 15.0, the last there is. */
#define VERSION_FIRST 13
#define VERSION_LAST 35
/* The rest are flags: shared memory, and that of memfds. */
#define VERSION_MASK 0xffffU

/* What the host's user and name are to a sandbox. */
#define HOST_NAME "claude-sandbox"

/* The place of the server's choice. */
#define SINK_DEFAULT "@DEFAULT_SINK@"

enum command_number {
	COMMAND_ERROR = 0,
	COMMAND_REPLY = 2,
	COMMAND_CREATE_PLAYBACK_STREAM = 3,
	COMMAND_DELETE_PLAYBACK_STREAM = 4,
	COMMAND_AUTH = 8,
	COMMAND_SET_CLIENT_NAME = 9,
	COMMAND_LOOKUP_SINK = 10,
	COMMAND_DRAIN_PLAYBACK_STREAM = 12,
	COMMAND_STAT = 13,
	COMMAND_GET_PLAYBACK_LATENCY = 14,
	COMMAND_GET_SERVER_INFO = 20,
	COMMAND_GET_SINK_INFO = 21,
	COMMAND_GET_SINK_INFO_LIST = 22,
	COMMAND_GET_SINK_INPUT_INFO = 29,
	COMMAND_SUBSCRIBE = 35,
	COMMAND_SET_SINK_INPUT_VOLUME = 37,
	COMMAND_CORK_PLAYBACK_STREAM = 41,
	COMMAND_FLUSH_PLAYBACK_STREAM = 42,
	COMMAND_TRIGGER_PLAYBACK_STREAM = 43,
	COMMAND_PREBUF_PLAYBACK_STREAM = 60,
	COMMAND_REQUEST = 61,
	COMMAND_OVERFLOW = 62,
	COMMAND_UNDERFLOW = 63,
	COMMAND_PLAYBACK_STREAM_KILLED = 64,
	COMMAND_SUBSCRIBE_EVENT = 66,
	COMMAND_SET_SINK_INPUT_MUTE = 69,
	COMMAND_SET_PLAYBACK_STREAM_BUFFER_ATTR = 72,
	COMMAND_UPDATE_PLAYBACK_STREAM_SAMPLE_RATE = 74,
	COMMAND_PLAYBACK_STREAM_SUSPENDED = 76,
	COMMAND_PLAYBACK_STREAM_MOVED = 78,
	COMMAND_UPDATE_PLAYBACK_STREAM_PROPLIST = 81,
	COMMAND_UPDATE_CLIENT_PROPLIST = 82,
	COMMAND_STARTED = 86,
	COMMAND_PLAYBACK_STREAM_EVENT = 92,
	COMMAND_PLAYBACK_BUFFER_ATTR_CHANGED = 94,
};

/* Of a refusal that we make, as pa_error_code_t has them. */
enum command_error {
	ERROR_ACCESS = 1,
	ERROR_PROTOCOL = 7,
	ERROR_VERSION = 17,
	ERROR_TOO_LARGE = 18
};

struct command {
	uint8_t number; /* enum command_number */
	const char *why;
	const struct arg *args;
	const struct arg *reply; /* NULL: an event, which nobody answers */
	bool is_list;            /* the reply is any number of these */
};

/* NULL: it does not pass. */
const struct command *command_request(uint32_t number);
const struct command *command_event(uint32_t number);

/* The question about a place to play that we ask ourselves, before a stream is made there. */
extern const struct command command_sink;
