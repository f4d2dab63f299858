/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/tags.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define CHANNELS_MAX 32

static size_t left(const struct tags *t)
{
	return (size_t)(t->end - t->at);
}

int tags_begin(struct tags *t, enum tag type)
{
	if (left(t) == 0 || *t->at != (uint8_t)type)
		return -EBADMSG;
	t->at++;
	return 0;
}

static int take(struct tags *t, enum tag type, size_t len, const uint8_t **ret)
{
	if (tags_begin(t, type) < 0 || left(t) < len)
		return -EBADMSG;
	*ret = t->at;
	t->at += len;
	return 0;
}

int tags_u8(struct tags *t, uint8_t *ret)
{
	const uint8_t *at;
	int r = take(t, TAG_U8, 1, &at);

	if (r == 0)
		*ret = *at;
	return r;
}

int tags_u32(struct tags *t, uint32_t *ret)
{
	const uint8_t *at;
	int r = take(t, TAG_U32, sizeof(*ret), &at);

	if (r < 0)
		return r;
	memcpy(ret, at, sizeof(*ret));
	*ret = ntohl(*ret);
	return 0;
}

int tags_string(struct tags *t, const char **ret)
{
	const uint8_t *nul;

	*ret = NULL;
	if (tags_begin(t, TAG_NO_STRING) == 0)
		return 0;
	if (tags_begin(t, TAG_STRING) < 0)
		return -EBADMSG;
	nul = memchr(t->at, '\0', left(t));
	if (!nul)
		return -EBADMSG;
	*ret = (const char *)t->at;
	t->at = nul + 1;
	return 0;
}

int tags_bytes(struct tags *t, uint32_t len, const uint8_t **ret)
{
	uint32_t told;

	if (take(t, TAG_BYTES, sizeof(told), ret) < 0)
		return -EBADMSG;
	memcpy(&told, *ret, sizeof(told));
	if (ntohl(told) != len || left(t) < len)
		return -EBADMSG;
	*ret = t->at;
	t->at += len;
	return 0;
}

/* One number for each channel, of which the first byte tells how many there are. */
static int channels(struct tags *t, enum tag type, size_t each)
{
	const uint8_t *n;

	if (take(t, type, 1, &n) < 0 || *n > CHANNELS_MAX || left(t) < *n * each)
		return -EBADMSG;
	t->at += *n * each;
	return 0;
}

static int boolean(struct tags *t)
{
	return tags_begin(t, TAG_TRUE) == 0 ? 0 : tags_begin(t, TAG_FALSE);
}

static int pass(struct tags *t, enum tag type)
{
	const uint8_t *at;
	const char *text;

	switch (type) {
	case TAG_STRING:
	case TAG_NO_STRING:
		return tags_string(t, &text);
	case TAG_TRUE:
	case TAG_FALSE:
		return boolean(t);
	case TAG_U8:
		return take(t, type, 1, &at);
	case TAG_U32:
	case TAG_VOLUME:
		return take(t, type, 4, &at);
	case TAG_SPEC: /* format, channels, rate */
		return take(t, type, 6, &at);
	case TAG_U64:
	case TAG_S64:
	case TAG_TIME:
	case TAG_USEC:
		return take(t, type, 8, &at);
	case TAG_MAP:
		return channels(t, type, 1);
	case TAG_VOLUMES:
		return channels(t, type, 4);
	case TAG_BYTES:
	case TAG_PROPS:
	case TAG_FORMAT:
		break;
	}
	return -EBADMSG;
}

int tags_any(struct tags *t, enum tag type, struct tag_bytes *ret)
{
	const uint8_t *from = t->at;
	int r = pass(t, type);

	*ret = (struct tag_bytes){ .at = from, .len = (size_t)(t->at - from) };
	return r;
}

static void put(struct buf *b, enum tag type, const void *bytes, size_t len)
{
	const uint8_t tag = (uint8_t)type;

	buf_add(b, &tag, 1);
	buf_add(b, bytes, len);
}

void tags_put_u8(struct buf *b, uint8_t value)
{
	put(b, TAG_U8, &value, sizeof(value));
}

void tags_put_u32(struct buf *b, uint32_t value)
{
	value = htonl(value);
	put(b, TAG_U32, &value, sizeof(value));
}

void tags_put_bool(struct buf *b, bool value)
{
	put(b, value ? TAG_TRUE : TAG_FALSE, NULL, 0);
}

void tags_put_string(struct buf *b, const char *text)
{
	put(b, text ? TAG_STRING : TAG_NO_STRING, text, text ? strlen(text) + 1 : 0);
}

void tags_put_bytes(struct buf *b, const void *bytes, uint32_t len)
{
	const uint32_t told = htonl(len);

	put(b, TAG_BYTES, &told, sizeof(told));
	buf_add(b, bytes, len);
}
