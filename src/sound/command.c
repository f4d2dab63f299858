/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has no row is refused, whatever it is: record and upload streams, sources, modules, cards, samples, other
 * programs and their streams, defaults, moving, killing, extensions, messages, shared memory.
 */
#include "sound/command.h"

#include "base/auto.h"

#define ARGS(...) ((const struct arg[]){ __VA_ARGS__, { ARG_END } })
#define NOTHING ARGS({ ARG_END })

#define OF_STREAM ARGS({ ARG_STREAM })

/* clang-format off */
#define BUFFER { ARG_U32 }, { ARG_U32 }, { ARG_U32 }, { ARG_U32 } /* longest, wanted, before the start, least */

static const struct arg create[] = {
	{ ARG_SPEC }, { ARG_MAP }, { ARG_SINK }, { ARG_SINK_NAME },
	{ ARG_U32 }, { ARG_BOOL }, { ARG_U32 }, { ARG_U32 }, { ARG_U32 }, /* a buffer, corked after its first */
	{ ARG_U32 }, { ARG_VOLUMES },
	{ ARG_BOOL }, { ARG_BOOL }, { ARG_BOOL }, { ARG_BOOL }, { ARG_BOOL }, /* how samples may be changed */
	{ ARG_FALSE }, /* that the user cannot move it */
	{ ARG_BOOL }, { ARG_BOOL }, { ARG_BOOL }, { ARG_STREAM_PROPS },
	{ ARG_BOOL, 14 }, { ARG_BOOL, 14 },
	{ ARG_BOOL, 15 }, { ARG_FALSE, 15 }, /* that a device sleeps while it plays */
	{ ARG_BOOL, 15 }, { ARG_BOOL, 17 },
	{ ARG_FALSE, 18 }, /* a device for itself */
	{ ARG_WISHES, 21 },
	{ ARG_END }
};

static const struct arg created[] = {
	{ ARG_NEW_STREAM }, { ARG_NEW_INPUT }, { ARG_U32 }, BUFFER,
	{ ARG_SPEC }, { ARG_MAP }, { ARG_U32 }, { ARG_STRING }, { ARG_BOOL }, { ARG_USEC }, { ARG_FORMAT, 21 },
	{ ARG_END }
};

/* Its name and what a person calls it are how a program lets the user choose. */
static const struct arg sink[] = {
	{ ARG_NEW_SINK }, { ARG_STRING }, { ARG_STRING }, { ARG_SPEC }, { ARG_MAP },
	{ ARG_NO_NUMBER }, /* module */
	{ ARG_VOLUMES }, { ARG_BOOL },
	{ ARG_NO_NUMBER }, { ARG_NO_NAME }, /* monitor */
	{ ARG_USEC }, { ARG_STRING }, { ARG_U32 }, { ARG_NO_PROPS }, { ARG_USEC },
	{ ARG_VOLUME, 15 }, { ARG_U32, 15 }, { ARG_U32, 15 },
	{ ARG_NO_NUMBER, 15 }, /* card */
	{ ARG_PORTS, 16 }, { ARG_STRING, 16 }, { ARG_FORMATS, 21 },
	{ ARG_END }
};

static const struct arg input[] = {
	{ ARG_INPUT }, { ARG_STRING }, { ARG_NO_NUMBER }, { ARG_U32 }, { ARG_U32 }, { ARG_SPEC }, { ARG_MAP },
	{ ARG_VOLUMES }, { ARG_USEC }, { ARG_USEC }, { ARG_STRING }, { ARG_STRING }, { ARG_BOOL }, { ARG_STREAM_PROPS },
	{ ARG_BOOL, 19 }, { ARG_BOOL, 20 }, { ARG_BOOL, 20 }, { ARG_FORMAT, 21 },
	{ ARG_END }
};

#define SERVER { ARG_STRING }, { ARG_STRING }, { ARG_HOST }, { ARG_HOST }, { ARG_SPEC }, { ARG_STRING }, \
	{ ARG_NO_NAME }, { ARG_U32 }, { ARG_MAP, 15 }

#define LATENCY { ARG_USEC }, { ARG_USEC }, { ARG_BOOL }, { ARG_TIME }, { ARG_TIME }, { ARG_S64 }, { ARG_S64 }, \
	{ ARG_U64 }, { ARG_U64 }

#define NO_REPLY .reply = NULL

static const struct command requests[] = {
	{ COMMAND_AUTH, "nobody plays without", ARGS({ ARG_VERSION }, { ARG_COOKIE }), ARGS({ ARG_VERSION }) },
	{ COMMAND_SET_CLIENT_NAME, "every program introduces itself", ARGS({ ARG_PROGRAM }), ARGS({ ARG_U32 }) },
	{ COMMAND_UPDATE_CLIENT_PROPLIST, "the same, later", ARGS({ ARG_UPDATE }, { ARG_PROGRAM }), NOTHING },

	{ COMMAND_CREATE_PLAYBACK_STREAM, "playing", create, created },
	{ COMMAND_DELETE_PLAYBACK_STREAM, "ends playing", ARGS({ ARG_STREAM_END }), NOTHING },
	{ COMMAND_DRAIN_PLAYBACK_STREAM, "tells when all was played", OF_STREAM, NOTHING },
	{ COMMAND_FLUSH_PLAYBACK_STREAM, "forgets what was not played yet", OF_STREAM, NOTHING },
	{ COMMAND_TRIGGER_PLAYBACK_STREAM, "plays at once", OF_STREAM, NOTHING },
	{ COMMAND_PREBUF_PLAYBACK_STREAM, "waits for enough to play", OF_STREAM, NOTHING },
	{ COMMAND_CORK_PLAYBACK_STREAM, "a pause", ARGS({ ARG_STREAM }, { ARG_BOOL }), NOTHING },
	{ COMMAND_GET_PLAYBACK_LATENCY, "keeps pictures and sound together", ARGS({ ARG_STREAM }, { ARG_TIME }), ARGS(LATENCY) },
	{ COMMAND_SET_PLAYBACK_STREAM_BUFFER_ATTR, "how much is sent ahead",
	  ARGS({ ARG_STREAM }, BUFFER, { ARG_BOOL }, { ARG_BOOL, 14 }), ARGS(BUFFER, { ARG_USEC }) },
	{ COMMAND_UPDATE_PLAYBACK_STREAM_SAMPLE_RATE, "keeps pictures and sound together", ARGS({ ARG_STREAM }, { ARG_U32 }), NOTHING },
	{ COMMAND_UPDATE_PLAYBACK_STREAM_PROPLIST, "what is played now, for the user's mixer",
	  ARGS({ ARG_STREAM }, { ARG_UPDATE }, { ARG_STREAM_PROPS }), NOTHING },

	{ COMMAND_SET_SINK_INPUT_VOLUME, "how loud one's own stream is", ARGS({ ARG_INPUT }, { ARG_VOLUMES }), NOTHING },
	{ COMMAND_SET_SINK_INPUT_MUTE, "the same", ARGS({ ARG_INPUT }, { ARG_BOOL }), NOTHING },
	{ COMMAND_GET_SINK_INPUT_INFO, "the same, asked", ARGS({ ARG_INPUT }), input },

	{ COMMAND_GET_SERVER_INFO, "rate and channels that are best, and the place that is usual", NOTHING, ARGS(SERVER) },
	{ COMMAND_GET_SINK_INFO, "a place to play, for programs that let the user choose", ARGS({ ARG_U32 }, { ARG_STRING }), sink },
	{ COMMAND_GET_SINK_INFO_LIST, "all of them", NOTHING, sink, .is_list = true },
	{ COMMAND_LOOKUP_SINK, "a place by its name", ARGS({ ARG_STRING }), ARGS({ ARG_U32 }) },
	{ COMMAND_STAT, "how much memory the server takes: pactl asks", NOTHING,
	  ARGS({ ARG_U32 }, { ARG_U32 }, { ARG_U32 }, { ARG_U32 }, { ARG_U32 }) },
	{ COMMAND_SUBSCRIBE, "a place that comes or goes, and what the user does to one's own stream", ARGS({ ARG_EVENTS }), NOTHING },
};

static const struct command events[] = {
	{ COMMAND_REQUEST, "room for more samples", ARGS({ ARG_STREAM }, { ARG_U32 }), NO_REPLY },
	{ COMMAND_OVERFLOW, "too many samples", OF_STREAM, NO_REPLY },
	{ COMMAND_UNDERFLOW, "too few", ARGS({ ARG_STREAM }, { ARG_S64, 23 }), NO_REPLY },
	{ COMMAND_STARTED, "it plays", OF_STREAM, NO_REPLY },
	{ COMMAND_PLAYBACK_STREAM_KILLED, "the user ended it", ARGS({ ARG_STREAM_END }), NO_REPLY },
	{ COMMAND_PLAYBACK_STREAM_SUSPENDED, "the device sleeps", ARGS({ ARG_STREAM }, { ARG_BOOL }), NO_REPLY },
	{ COMMAND_PLAYBACK_STREAM_MOVED, "the user moved it",
	  ARGS({ ARG_STREAM }, { ARG_U32 }, { ARG_STRING }, { ARG_BOOL }, BUFFER, { ARG_USEC }), NO_REPLY },
	{ COMMAND_PLAYBACK_STREAM_EVENT, "a wish for a pause", ARGS({ ARG_STREAM }, { ARG_STRING }, { ARG_NO_PROPS }), NO_REPLY },
	{ COMMAND_PLAYBACK_BUFFER_ATTR_CHANGED, "how much is to be sent ahead", ARGS({ ARG_STREAM }, BUFFER, { ARG_USEC }), NO_REPLY },
	{ COMMAND_SUBSCRIBE_EVENT, "what was asked for", ARGS({ ARG_EVENT }, { ARG_EVENT_OF }), NO_REPLY },
};

const struct command command_sink = { COMMAND_GET_SINK_INFO, "asked by ourselves", NULL, sink };
/* clang-format on */

static const struct command *find(const struct command *table, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

const struct command *command_request(uint32_t number)
{
	return find(requests, N_ELEMENTS(requests), number);
}

const struct command *command_event(uint32_t number)
{
	return find(events, N_ELEMENTS(events), number);
}
