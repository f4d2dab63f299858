/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command is a row of values, each after a byte that says of which type it is; numbers are big-endian. Written
 * down in src/pulsecore/tagstruct.c of PulseAudio. Every function takes one value of the type it names from
 * the front, or answers -EBADMSG and takes nothing that matters any more. Nothing is copied: what is
 * given points into the packet.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum tag {
	TAG_STRING = 't',
	TAG_NO_STRING = 'N',
	TAG_U32 = 'L',
	TAG_U8 = 'B',
	TAG_U64 = 'R',
	TAG_S64 = 'r',
	TAG_SPEC = 'a',
	TAG_BYTES = 'x',
	TAG_TRUE = '1',
	TAG_FALSE = '0',
	TAG_TIME = 'T',
	TAG_USEC = 'U',
	TAG_MAP = 'm',
	TAG_VOLUMES = 'v',
	TAG_PROPS = 'P',
	TAG_VOLUME = 'V',
	TAG_FORMAT = 'f',
};

struct tags {
	const uint8_t *at, *end;
};

/* A value as it stands, its tag included: to be copied. */
struct tag_bytes {
	const uint8_t *at;
	size_t len;
};

int tags_u8(struct tags *t, uint8_t *ret);
int tags_u32(struct tags *t, uint32_t *ret);
/* *ret is NULL for the string that is none. */
int tags_string(struct tags *t, const char **ret);
/* After TAG_BYTES, its length, which must be @len. */
int tags_bytes(struct tags *t, uint32_t len, const uint8_t **ret);
/* Of a type without parts: not of TAG_PROPS, TAG_FORMAT. TAG_TRUE stands for both booleans, TAG_STRING for both strings. */
int tags_any(struct tags *t, enum tag type, struct tag_bytes *ret);
/* Only the tag itself. */
int tags_begin(struct tags *t, enum tag type);

void tags_put_u8(struct buf *b, uint8_t value);
void tags_put_u32(struct buf *b, uint32_t value);
void tags_put_bool(struct buf *b, bool value);
void tags_put_string(struct buf *b, const char *text);
void tags_put_bytes(struct buf *b, const void *bytes, uint32_t len);
