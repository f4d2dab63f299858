/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a command, as a row of kinds that ends with ARG_END. What is passed on is put together anew
 * from what was understood, value by value, so both sides understand the same.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sound/tags.h"

enum arg_kind {
	ARG_END,
	/* Passed as they are. */
	ARG_U8,
	ARG_U32,
	ARG_U64,
	ARG_S64,
	ARG_BOOL,
	ARG_STRING,
	ARG_SPEC,
	ARG_MAP,
	ARG_VOLUME,
	ARG_VOLUMES,
	ARG_USEC,
	ARG_TIME,
	ARG_FORMAT,
	ARG_FORMATS, /* how many, and each */
	ARG_PORTS,   /* of a sink */
	/* Looked at. */
	ARG_WISHES,     /* formats, of samples: another encoding takes a device for itself */
	ARG_STREAM,     /* a stream of this connection */
	ARG_STREAM_END, /* the same, which is none from then on */
	ARG_INPUT,      /* a stream of this connection, as it is known to the server's user */
	ARG_EVENT,      /* which kind of thing changed, and how */
	ARG_EVENT_OF,   /* which one */
	ARG_NEW_STREAM, /* a stream is made */
	ARG_NEW_INPUT,
	ARG_NEW_SINK, /* answer to our own question */
	/* Changed. */
	ARG_COOKIE,    /* the server's */
	ARG_VERSION,   /* without shared memory, and none that we do not know */
	ARG_EVENTS,    /* to be told of: of sinks and of one's own streams */
	ARG_UPDATE,    /* of properties: never all of them */
	ARG_SINK,      /* where to play: checked by us */
	ARG_SINK_NAME, /* the same by its name */
	ARG_FALSE,     /* a wish that is not granted */
	ARG_NO_NUMBER, /* tells of something that is not there for a sandbox */
	ARG_NO_NAME,   /* the same, as a string */
	ARG_HOST,      /* of the host or its user */
	ARG_PROGRAM,   /* properties, each as in props.h */
	ARG_STREAM_PROPS,
	ARG_NO_PROPS,
};

struct arg {
	uint8_t kind;
	uint8_t since; /* which version has it */
};

#define STREAMS_MAX 16
#define COOKIE_SIZE ((uint32_t)256)
#define NO_INDEX UINT32_MAX

struct own_stream {
	uint32_t channel, input;
};

/* What arguments are looked at against, and what they taught. */
struct arg_scope {
	unsigned version; /* that both sides speak */
	const uint8_t *cookie;
	struct own_stream streams[STREAMS_MAX];
	size_t n_streams;
	uint32_t told_version;    /* by ARG_VERSION */
	struct own_stream stream; /* by ARG_NEW_STREAM, ARG_NEW_INPUT */
	uint32_t sink;            /* by ARG_NEW_SINK; NO_INDEX: it was not asked for */
	uint32_t event;
	uint32_t asked_sink; /* by ARG_SINK, ARG_SINK_NAME: what was asked for */
	const char *asked_sink_name;
};

/*
 * Takes the arguments @args from @t and writes them. 0, -EBADMSG: they are not these; -EACCES: they are about
 * something that is not the sandbox's.
 */
int args_copy(const struct arg *args, struct arg_scope *s, struct tags *t, struct buf *out);
