/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/args.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "sound/command.h"
#include "sound/props.h"

#define ENCODING_PCM 1

/* Kinds of things, as pa_subscription_event_type_t has them; pa_subscription_mask_t has a bit for each. */
enum { EVENT_SINK = 0, EVENT_INPUT = 2, EVENT_SERVER = 7, EVENT_KIND = 0xf };

#define EVENTS_PASSED (1U << EVENT_SINK | 1U << EVENT_INPUT | 1U << EVENT_SERVER)

#define UPDATE_SET 0 /* all that was there is forgotten */
#define UPDATE_REPLACE 2

struct copy {
	struct arg_scope *s;
	struct tags *t;
	struct buf *out;
};

static int copy_as_is(struct copy *c, enum tag type)
{
	struct tag_bytes bytes;
	int r = tags_any(c->t, type, &bytes);

	if (r == 0)
		buf_add(c->out, bytes.at, bytes.len);
	return r;
}

static int copy_format(struct copy *c, bool is_wish)
{
	uint8_t encoding;

	if (tags_begin(c->t, TAG_FORMAT) < 0 || tags_u8(c->t, &encoding) < 0)
		return -EBADMSG;
	buf_add(c->out, "f", 1);
	tags_put_u8(c->out, encoding);
	if (is_wish && encoding != ENCODING_PCM)
		return -EACCES;
	return props_copy(c->t, PROPS_FORMAT, c->out);
}

static int copy_formats(struct copy *c, bool are_wishes)
{
	uint8_t n;
	int r = tags_u8(c->t, &n);

	if (r < 0)
		return r;
	tags_put_u8(c->out, n);
	for (; r == 0 && n > 0; n--)
		r = copy_format(c, are_wishes);
	return r;
}

/* Name, description, priority; whether something is plugged in; group and type. */
static int copy_port(struct copy *c)
{
	static const struct {
		enum tag type;
		uint8_t since;
	} port[] = { { TAG_STRING, 0 }, { TAG_STRING, 0 },  { TAG_U32, 0 },
		     { TAG_U32, 24 },   { TAG_STRING, 34 }, { TAG_U32, 34 } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_ELEMENTS(port); i++)
		if (port[i].since <= c->s->version)
			r = copy_as_is(c, port[i].type);
	return r;
}

static int copy_ports(struct copy *c)
{
	uint32_t n;
	int r = tags_u32(c->t, &n);

	if (r < 0)
		return r;
	tags_put_u32(c->out, n);
	for (; r == 0 && n > 0; n--)
		r = copy_port(c);
	return r;
}

static const struct own_stream *find(const struct arg_scope *s, uint32_t index, bool is_input)
{
	for (size_t i = 0; i < s->n_streams; i++)
		if ((is_input ? s->streams[i].input : s->streams[i].channel) == index)
			return &s->streams[i];
	return NULL;
}

static int end_stream(struct arg_scope *s, uint32_t channel)
{
	const struct own_stream *own = find(s, channel, false);

	if (!own)
		return -EACCES;
	s->streams[own - s->streams] = s->streams[--s->n_streams];
	return 0;
}

static int look(struct arg_scope *s, enum arg_kind kind, uint32_t n)
{
	switch ((unsigned)kind) {
	case ARG_STREAM:
		return find(s, n, false) ? 0 : -EACCES;
	case ARG_STREAM_END:
		return end_stream(s, n);
	case ARG_INPUT:
		return find(s, n, true) ? 0 : -EACCES;
	case ARG_EVENT:
		s->event = n;
		return EVENTS_PASSED >> (n & EVENT_KIND) & 1 ? 0 : -EACCES;
	case ARG_EVENT_OF:
		return (s->event & EVENT_KIND) != EVENT_INPUT || find(s, n, true) ? 0 : -EACCES;
	case ARG_NEW_STREAM:
		s->stream.channel = n;
		return 0;
	case ARG_NEW_INPUT:
		s->stream.input = n;
		return 0;
	case ARG_NEW_SINK:
		s->sink = n;
		return 0;
	default:
		return -EBADMSG;
	}
}

static uint32_t change(struct arg_scope *s, enum arg_kind kind, uint32_t n)
{
	switch ((unsigned)kind) {
	case ARG_VERSION:
		s->told_version = n & VERSION_MASK;
		return s->told_version < VERSION_LAST ? s->told_version : VERSION_LAST;
	case ARG_EVENTS:
		return n & EVENTS_PASSED;
	case ARG_UPDATE:
		return n == UPDATE_SET ? UPDATE_REPLACE : n;
	case ARG_SINK:
		s->asked_sink = n;
		return s->sink;
	default:
		return NO_INDEX;
	}
}

static int copy_u32(struct copy *c, enum arg_kind kind)
{
	uint32_t n;
	int r = tags_u32(c->t, &n);

	if (r < 0)
		return r;
	if (kind < ARG_COOKIE)
		r = look(c->s, kind, n);
	else
		n = change(c->s, kind, n);
	tags_put_u32(c->out, n);
	return r;
}

static int copy_string(struct copy *c, enum arg_kind kind)
{
	const char *text;
	int r = tags_string(c->t, &text);

	if (r < 0)
		return r;
	if (kind == ARG_SINK_NAME)
		c->s->asked_sink_name = text;
	/* Some programs take a string that is none badly where servers always have one. */
	tags_put_string(c->out, kind == ARG_HOST ? HOST_NAME : kind == ARG_NO_NAME ? "" : NULL);
	return 0;
}

static int copy_cookie(struct copy *c)
{
	const uint8_t *theirs;
	int r = tags_bytes(c->t, COOKIE_SIZE, &theirs);

	if (r == 0)
		tags_put_bytes(c->out, c->s->cookie, COOKIE_SIZE);
	return r;
}

static int copy_false(struct copy *c)
{
	struct tag_bytes ignored;
	int r = tags_any(c->t, TAG_FALSE, &ignored);

	if (r == 0)
		tags_put_bool(c->out, false);
	return r;
}

static int copy_one(struct copy *c, enum arg_kind kind)
{
	static const uint8_t types[] = {
		[ARG_U8] = TAG_U8,           [ARG_U32] = TAG_U32,   [ARG_U64] = TAG_U64,
		[ARG_S64] = TAG_S64,         [ARG_BOOL] = TAG_TRUE, [ARG_STRING] = TAG_STRING,
		[ARG_SPEC] = TAG_SPEC,       [ARG_MAP] = TAG_MAP,   [ARG_VOLUME] = TAG_VOLUME,
		[ARG_VOLUMES] = TAG_VOLUMES, [ARG_USEC] = TAG_USEC, [ARG_TIME] = TAG_TIME
	};

	if (kind < N_ELEMENTS(types))
		return copy_as_is(c, types[kind]);
	switch ((unsigned)kind) {
	case ARG_FORMAT:
		return copy_format(c, false);
	case ARG_FORMATS:
		return copy_formats(c, false);
	case ARG_WISHES:
		return copy_formats(c, true);
	case ARG_PORTS:
		return copy_ports(c);
	case ARG_COOKIE:
		return copy_cookie(c);
	case ARG_FALSE:
		return copy_false(c);
	case ARG_SINK_NAME:
	case ARG_NO_NAME:
	case ARG_HOST:
		return copy_string(c, kind);
	case ARG_PROGRAM:
		return props_copy(c->t, PROPS_PROGRAM, c->out);
	case ARG_STREAM_PROPS:
		return props_copy(c->t, PROPS_STREAM, c->out);
	case ARG_NO_PROPS:
		return props_copy(c->t, PROPS_NONE, c->out);
	default:
		return copy_u32(c, kind);
	}
}

int args_copy(const struct arg *args, struct arg_scope *s, struct tags *t, struct buf *out)
{
	struct copy c = { .s = s, .t = t, .out = out };
	int r = 0;

	for (; r == 0 && args->kind != ARG_END; args++)
		if (args->since <= s->version)
			r = copy_one(&c, args->kind);
	return r;
}
