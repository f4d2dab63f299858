/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a stream. A name is canonical; nothing but MORE is taken back by bytes that come later; and in
 * records of one byte the same message has the same name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "egress/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void canonical(const char *name)
{
	char again[NET_NAME_SIZE];

	if (net_name_canon(name, strlen(name), again) < 0 || strcmp(again, name) != 0)
		abort();
}

static void beginnings(const uint8_t *data, size_t size, enum tls_hello whole, const char *name)
{
	static const size_t tried = 600;

	for (size_t len = 0; len < size && len < tried; len++) {
		char cut_name[NET_NAME_SIZE] = "";
		enum tls_hello cut = tls_hello_parse(data, len, cut_name);

		if (cut != TLS_HELLO_MORE && (cut != whole || strcmp(cut_name, name) != 0))
			abort();
		if (cut != TLS_HELLO_NAME && cut_name[0])
			abort();
	}
}

/* One record that is there as a whole, cut into records of a byte each. */
static void single_bytes(const uint8_t *data, size_t size, enum tls_hello whole, const char *name)
{
	auto_buf struct buf b = BUF_INIT(TLS_HELLO_MAX);
	char again[NET_NAME_SIZE] = "";
	size_t len = size >= 5 ? (size_t)data[3] << 8 | data[4] : 0;

	if (whole != TLS_HELLO_NAME || size < 5 + len)
		return;
	for (size_t i = 0; i < len; i++) {
		buf_add(&b, data, 3);
		buf_add(&b, "\0\1", 2);
		buf_add(&b, data + 5 + i, 1);
	}
	buf_add(&b, data + 5 + len, size - 5 - len);
	if (!buf_full(&b) && (tls_hello_parse((const uint8_t *)b.data, b.len, again) != whole ||
			      strcmp(again, name) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[NET_NAME_SIZE] = "";
	enum tls_hello whole = tls_hello_parse(data, size, name);

	if ((whole == TLS_HELLO_NAME) != (name[0] != '\0'))
		abort();
	if (whole == TLS_HELLO_NAME)
		canonical(name);
	beginnings(data, size, whole, name);
	single_bytes(data, size, whole, name);
	return 0;
}
