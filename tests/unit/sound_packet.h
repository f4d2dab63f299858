/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of PulseAudio's native protocol, a letter for each value. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "sound/args.h"
#include "sound/tags.h"

/* A stream of the connection: its channel, and its number for the server's user. */
#define OWN_CHANNEL 7U
#define OWN_INPUT 70U

#define PACKET_MAX ((size_t)256 << 10)

static inline void put_prop(struct buf *b, const char *key, const char *value)
{
	tags_put_string(b, key);
	tags_put_u32(b, (uint32_t)strlen(value) + 1);
	tags_put_bytes(b, value, (uint32_t)strlen(value) + 1);
}

/* A list as programs have it, or what is left of it. */
static inline void put_props(struct buf *b, char which)
{
	buf_add(b, "P", 1);
	if (which == 'P')
		put_prop(b, "filter.apply.ladspa-sink.parameters", "plugin=/tmp/evil.so");
	if (which == 'P')
		put_prop(b, "filter.want", "ladspa-sink");
	if (which == 'P')
		put_prop(b, "media.role", "phone");
	if (which == 'P' || which == 'p')
		put_prop(b, "media.name", "a song");
	if (which == 'P')
		put_prop(b, "target.object", "the microphone of a call");
	if (which == 'P')
		put_prop(b, "application.name", "Player");
	if (which == 'q')
		put_prop(b, "application.name", "claude-sandbox: Player");
	tags_put_string(b, NULL);
}

static inline void put_format(struct buf *b, uint8_t encoding)
{
	buf_add(b, "f", 1);
	tags_put_u8(b, encoding);
	buf_add(b, "P", 1);
	put_prop(b, "format.rate", "44100");
	tags_put_string(b, NULL);
}

static inline void put_port(struct buf *b)
{
	tags_put_u32(b, 1);
	tags_put_string(b, "port");
	tags_put_string(b, "Headphones");
	tags_put_u32(b, 1);
	tags_put_u32(b, 1);
	tags_put_string(b, NULL);
	tags_put_u32(b, 1);
}

static inline void put_number(struct buf *b, char letter)
{
	static const struct {
		char letter;
		uint32_t number;
	} rows[] = { { 'c', OWN_CHANNEL }, { 'C', OWN_CHANNEL + 1 },
		     { 'i', OWN_INPUT },   { 'I', OWN_INPUT + 1 },
		     { 'L', 5 },           { 'X', NO_INDEX },
		     { '2', 2 },           { 'z', 0 } };

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (rows[i].letter == letter)
			return tags_put_u32(b, rows[i].number);
	fail_msg("no value has the letter %c", letter);
}

static inline void put_text(struct buf *b, char letter)
{
	tags_put_string(b, letter == 's'   ? "name"
			   : letter == 'h' ? "claude-sandbox"
			   : letter == 'd' ? "@DEFAULT_SINK@"
			   : letter == 'e' ? ""
					   : NULL);
}

/* Of a stream: format and rate, which channels, how loud. */
static inline void put_sound(struct buf *b, char letter)
{
	if (letter == 'a')
		buf_add(b, "a\3\2\0\0\xac\x44", 7);
	else if (letter == 'm')
		buf_add(b, "m\2\1\2", 4);
	else if (letter == 'v')
		buf_add(b, "v\2\0\1\0\0\0\1\0\0", 10);
	else
		buf_add(b, "V\0\1\0\0", 5);
}

static inline void put_time(struct buf *b, char letter)
{
	buf_add(b, &letter, 1);
	buf_add(b, "12345678", 8);
}

static inline void put_wishes(struct buf *b, char letter)
{
	tags_put_u8(b, 1);
	put_format(b, letter == 'F' ? 1 : 2);
}

static inline void put_value(struct buf *b, char letter)
{
	static const uint8_t cookie[COOKIE_SIZE] = { 'x' };

	if (strchr("01", letter))
		tags_put_bool(b, letter == '1');
	else if (strchr("shdeN", letter))
		put_text(b, letter);
	else if (strchr("amvV", letter))
		put_sound(b, letter);
	else if (strchr("UTrR", letter))
		put_time(b, letter);
	else if (strchr("Ppqo", letter))
		put_props(b, letter);
	else if (strchr("FA", letter))
		put_wishes(b, letter);
	else if (letter == 'f')
		put_format(b, 1);
	else if (letter == 'B')
		put_port(b);
	else if (letter == 'k')
		tags_put_bytes(b, cookie, COOKIE_SIZE);
	else
		put_number(b, letter);
}

static inline void put_packet(struct buf *b, uint32_t number, uint32_t tag, const char *letters)
{
	tags_put_u32(b, number);
	tags_put_u32(b, tag);
	for (; *letters; letters++)
		put_value(b, *letters);
}
