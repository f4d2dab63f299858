/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a sandbox has shown to a person, and addresses that it has opened: what is left of them is harmless. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "bus/text.h"
#include "bus/url.h"
#include "spec/bus.h"

#define MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_markup(const char *text)
{
	auto_buf struct buf got = BUF_INIT((size_t)8 * MAX);

	text_body(text, MAX / 2, true, &got);
	need(!buf_full(&got));
	need(!strpbrk(buf_text(&got), "<>\"'\x1b\r\x7f"));
}

static void check_line(const char *text)
{
	auto_buf struct buf got = BUF_INIT(MAX);

	text_line(text, 64, &got);
	need(got.len <= 64 && !strpbrk(buf_text(&got), "\n\t\x1b\r\x7f"));
}

static void check_url(const char *text)
{
	const char *host;
	size_t len;

	if (url_refuse(text, &host, &len))
		return;
	need(strncasecmp(text, "http", 4) == 0 && len > 0 && !memchr(host, '@', len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *text = arena_strndup(&a, (const char *)data, size < MAX ? size : MAX);
	struct bus_attributes attributes;
	const char *path;
	const char *address;
	struct err e;

	check_markup(text);
	check_line(text);
	check_url(text);
	if (bus_attributes_parse(text, &a, &attributes, &e) == 0)
		need(attributes.names.n == attributes.values.n &&
		     bus_attributes_match(&attributes, &attributes));
	if (bus_address(text, &a, &path, &address))
		need(!path || path[0] == '/');
	return 0;
}
