/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as spans of its own text: for a file of which we know two members and must keep all others
 * byte for byte. Strict (RFC 8259), bounded in depth, without memory of its own. Settings are read by
 * field_parse_json(), which knows their types.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* A value inside a text that json_parse() took; of a string with its quotes. */
struct json {
	const char *text;
	size_t len;
};

/* One value and nothing after it. -EINVAL otherwise; *e tells the byte and never repeats the text. */
int json_parse(const char *text, size_t len, struct json *ret, struct err *e);

/*
 * The member @key of @object. -ENOENT if it has none; -EINVAL if @object is none, or if it has two, or
 * if any key of it is written with a backslash, since one that we read as different might be @key.
 */
int json_member(struct json object, const char *key, struct json *ret, struct err *e);

/* A string without escapes, or NULL if @value is none. */
const char *json_text(struct json value, struct arena *a);

/* A whole number from 0 to @max without fraction or exponent. -EINVAL if @value is none. */
int json_number(struct json value, int64_t max, int64_t *ret, struct err *e);
