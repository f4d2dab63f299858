/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/props.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"

#define VALUE_MAX 256
#define NAME_KEY "application.name"

static bool is_passed(enum props which, const char *key)
{
	static const char *const of_streams[] = { "media.name", "media.title", "media.artist" };

	if (which == PROPS_FORMAT)
		return strncmp(key, "format.", strlen("format.")) == 0;
	for (size_t i = 0; which == PROPS_STREAM && i < N_ELEMENTS(of_streams); i++)
		if (strcmp(key, of_streams[i]) == 0)
			return true;
	return which == PROPS_PROGRAM && strcmp(key, NAME_KEY) == 0;
}

/* One line of text with its NUL, for a person's eyes; a value may be anything. */
static bool is_text(const uint8_t *value, uint32_t len)
{
	if (len == 0 || len > VALUE_MAX || value[len - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < len - 1; i++)
		if (value[i] < ' ' || value[i] == 0x7f)
			return false;
	return true;
}

static void put(struct buf *out, const char *key, const void *value, uint32_t len)
{
	tags_put_string(out, key);
	tags_put_u32(out, len);
	tags_put_bytes(out, value, len);
}

static void put_name(struct buf *out, const char *name)
{
	auto_buf struct buf text = BUF_INIT((size_t)2 * VALUE_MAX);

	buf_puts(&text, PROPS_PROGRAM_NAME);
	if (name)
		buf_addf(&text, ": %s", name);
	put(out, NAME_KEY, buf_text(&text), (uint32_t)text.len + 1);
}

/* 1: there was none, the list is over. */
static int take(struct tags *t, const char **ret_key, const uint8_t **ret_value, uint32_t *ret_len)
{
	if (tags_string(t, ret_key) < 0)
		return -EBADMSG;
	if (!*ret_key)
		return 1;
	if (**ret_key == '\0' || tags_u32(t, ret_len) < 0 || tags_bytes(t, *ret_len, ret_value) < 0)
		return -EBADMSG;
	return 0;
}

int props_copy(struct tags *t, enum props which, struct buf *out)
{
	const char *key, *name = NULL;
	const uint8_t *value;
	uint32_t len;
	int r = tags_begin(t, TAG_PROPS);

	if (r < 0)
		return r;
	buf_add(out, "P", 1);
	while ((r = take(t, &key, &value, &len)) == 0) {
		if (!is_passed(which, key) || !is_text(value, len))
			continue;
		if (which == PROPS_PROGRAM)
			name = (const char *)value;
		else
			put(out, key, value, len);
	}
	if (which == PROPS_PROGRAM)
		put_name(out, name);
	tags_put_string(out, NULL);
	return r < 0 ? r : 0;
}
