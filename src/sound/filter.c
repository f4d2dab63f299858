/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/filter.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "sound/command.h"
#include "sound/frame.h"

/* What we put in a command's place may be longer: our name for the host's. */
#define GROWTH ((size_t)4096)

/* One command on its way. */
struct passage {
	struct filter *f;
	uint32_t number, tag;
	struct tags t;
	struct buf *to_server, *to_client;
};

void filter_init(struct filter *f, const uint8_t cookie[static COOKIE_SIZE])
{
	*f = (struct filter){ .scope = { .cookie = cookie }, .held = BUF_INIT(FRAME_REQUEST_MAX) };
}

void filter_done(struct filter *f)
{
	buf_done(&f->held);
}

bool filter_owns(const struct filter *f, uint32_t channel)
{
	for (size_t i = 0; i < f->scope.n_streams; i++)
		if (f->scope.streams[i].channel == channel)
			return true;
	return false;
}

static void begin(struct buf *b, uint32_t number, uint32_t tag)
{
	tags_put_u32(b, number);
	tags_put_u32(b, tag);
}

static int refuse(const struct passage *p, uint32_t error)
{
	auto_buf struct buf out = BUF_INIT(GROWTH);

	begin(&out, COMMAND_ERROR, p->tag);
	tags_put_u32(&out, error);
	frame_put_command(p->to_client, &out);
	return 0;
}

static struct asked *find(struct filter *f, uint32_t tag)
{
	for (size_t i = 0; i < f->n_asked; i++)
		if (f->asked[i].tag == tag)
			return &f->asked[i];
	return NULL;
}

static void ask(const struct passage *p, const struct command *command, const struct buf *packet)
{
	struct filter *f = p->f;

	f->asked[f->n_asked++] = (struct asked){ .tag = p->tag, .command = command };
	frame_put_command(p->to_server, packet);
}

/* Those that exist, and those that will. */
static bool has_enough_streams(const struct filter *f)
{
	size_t n = f->scope.n_streams;

	for (size_t i = 0; i < f->n_asked; i++)
		n += f->asked[i].command->number == COMMAND_CREATE_PLAYBACK_STREAM;
	return n >= STREAMS_MAX;
}

/* All of it, put together anew: 0, -EBADMSG or -EACCES. */
static int copy(struct passage *p, const struct command *command, struct buf *out)
{
	int r;

	begin(out, p->number, p->tag);
	r = args_copy(command->args, &p->f->scope, &p->t, out);
	if (r == 0 && (p->t.at != p->t.end || buf_full(out)))
		r = -EBADMSG;
	return r;
}

static bool is_placed(const struct arg_scope *s)
{
	return s->asked_sink == NO_INDEX &&
	       (!s->asked_sink_name || strcmp(s->asked_sink_name, SINK_DEFAULT) == 0);
}

/*
 * A place that is no sink may be another program's stream: PipeWire connects to whatever has that name. So the
 * server is asked for a sink of that name first, and its number is what is passed.
 */
static void ask_place(const struct passage *p)
{
	const struct arg_scope *s = &p->f->scope;
	auto_buf struct buf out = BUF_INIT(FRAME_REQUEST_MAX);

	begin(&out, command_sink.number, p->tag);
	tags_put_u32(&out, s->asked_sink);
	tags_put_string(&out, s->asked_sink_name);
	p->f->is_waiting = true;
	ask(p, &command_sink, &out);
}

/* @sink: where it was asked for and found; NO_INDEX: not looked for yet. */
static int make_stream(struct passage *p, const struct command *command, uint32_t sink)
{
	struct filter *f = p->f;
	auto_buf struct buf out = BUF_INIT(FRAME_REQUEST_MAX + GROWTH);
	const struct tags all = p->t;
	int r;

	f->scope.sink = sink;
	r = copy(p, command, &out);
	if (r < 0)
		return r;
	if (sink != NO_INDEX || is_placed(&f->scope)) {
		ask(p, command, &out);
		return 0;
	}
	buf_add(&f->held, all.at, (size_t)(all.end - all.at));
	ask_place(p);
	return 0;
}

static int pass(struct passage *p, const struct command *command)
{
	struct filter *f = p->f;
	auto_buf struct buf out = BUF_INIT(FRAME_REQUEST_MAX + GROWTH);
	int r;

	if (p->number == COMMAND_CREATE_PLAYBACK_STREAM)
		return has_enough_streams(f) ? refuse(p, ERROR_TOO_LARGE)
					     : make_stream(p, command, NO_INDEX);
	r = copy(p, command, &out);
	if (r < 0)
		return r;
	if (p->number == COMMAND_AUTH) {
		if (f->scope.told_version < VERSION_FIRST)
			return refuse(p, ERROR_VERSION);
		f->client_version = f->scope.told_version;
		f->is_waiting = true;
	}
	ask(p, command, &out);
	return 0;
}

/* 0 or -EBADMSG. */
static int open_packet(struct passage *p, const void *packet, size_t len)
{
	p->t = (struct tags){ .at = packet, .end = (const uint8_t *)packet + len };
	return tags_u32(&p->t, &p->number) < 0 || tags_u32(&p->t, &p->tag) < 0 ? -EBADMSG : 0;
}

int filter_request(struct filter *f, const void *packet, size_t len, struct buf *to_server,
		   struct buf *to_client)
{
	struct passage p = { .f = f, .to_server = to_server, .to_client = to_client };
	const struct command *command;
	int r = open_packet(&p, packet, len);

	if (r < 0 || find(f, p.tag))
		return -EBADMSG;
	command = command_request(p.number);
	/* First that, and never again. */
	if (!command || (p.number == COMMAND_AUTH) != (f->scope.version == 0))
		return refuse(&p, ERROR_ACCESS);
	if (f->n_asked == ASKED_MAX)
		return refuse(&p, ERROR_TOO_LARGE);
	r = pass(&p, command);
	return r == -EACCES ? refuse(&p, ERROR_ACCESS) : r;
}

static unsigned lower(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* What an answer teaches. False: it is none for us. */
static bool learn(struct filter *f, const struct command *command)
{
	struct arg_scope *s = &f->scope;

	if (command->number == COMMAND_AUTH) {
		if (s->told_version < VERSION_FIRST)
			return false;
		s->version = lower(lower(f->client_version, s->told_version), VERSION_LAST);
	} else if (command->number == COMMAND_CREATE_PLAYBACK_STREAM) {
		if (s->n_streams == STREAMS_MAX)
			return false;
		s->streams[s->n_streams++] = s->stream;
	}
	return true;
}

static int copy_reply(struct passage *p, const struct command *command, struct buf *out)
{
	int r = 0;

	begin(out, p->number, p->tag);
	do {
		if (!command->is_list || p->t.at < p->t.end)
			r = args_copy(command->reply, &p->f->scope, &p->t, out);
	} while (r == 0 && command->is_list && p->t.at < p->t.end);
	return r == 0 && (p->t.at != p->t.end || buf_full(out)) ? -EBADMSG : r;
}

/* We know where the stream that was asked for is to play; its request goes on. */
static int go_on(struct passage *p, uint32_t sink)
{
	auto_buf struct buf held = p->f->held;
	int r;

	p->f->held = BUF_INIT(FRAME_REQUEST_MAX);
	p->number = COMMAND_CREATE_PLAYBACK_STREAM;
	p->t = (struct tags){ .at = (const uint8_t *)buf_text(&held),
			      .end = (const uint8_t *)buf_text(&held) + held.len };
	r = make_stream(p, command_request(p->number), sink);
	return r == -EACCES ? refuse(p, ERROR_ACCESS) : r;
}

static int answer(struct passage *p, const struct command *command)
{
	auto_buf struct buf out = BUF_INIT(FRAME_REPLY_MAX + GROWTH);
	struct filter *f = p->f;
	uint32_t error;

	if (command->number == COMMAND_AUTH || command == &command_sink)
		f->is_waiting = false;
	if (p->number == COMMAND_ERROR) {
		buf_done(&f->held);
		return refuse(p, tags_u32(&p->t, &error) == 0 ? error : ERROR_PROTOCOL);
	}
	if (copy_reply(p, command, &out) < 0 || !learn(f, command)) {
		buf_done(&f->held);
		return refuse(p, ERROR_PROTOCOL);
	}
	if (command == &command_sink)
		return f->scope.sink == NO_INDEX ? refuse(p, ERROR_PROTOCOL)
						 : go_on(p, f->scope.sink);
	frame_put_command(p->to_client, &out);
	return 0;
}

static int tell(struct passage *p)
{
	auto_buf struct buf out = BUF_INIT(GROWTH);
	const struct command *command = command_event(p->number);

	if (command && copy(p, command, &out) == 0)
		frame_put_command(p->to_client, &out);
	return 0;
}

int filter_reply(struct filter *f, const void *packet, size_t len, struct buf *to_server,
		 struct buf *to_client)
{
	struct passage p = { .f = f, .to_server = to_server, .to_client = to_client };
	const struct command *command;
	struct asked *asked;
	int r = open_packet(&p, packet, len);

	if (r < 0)
		return r;
	if (p.number != COMMAND_REPLY && p.number != COMMAND_ERROR)
		return tell(&p);
	asked = find(f, p.tag);
	if (!asked)
		return 0;
	command = asked->command;
	*asked = f->asked[--f->n_asked];
	return answer(&p, command);
}
