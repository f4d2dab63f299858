/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ClientHello is a handshake message, which may be cut into records at will; the records are joined first.
 * All lengths inside must add up to the byte: where they do not, the server might see another name than we do.
 */
#include "egress/tls_hello.h"

#include <string.h>

#include "base/buf.h"
#include "egress/bytes.h"

#define RECORD_MAX 16384
#define MESSAGE_HEAD 4

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, HEARTBEAT = 24, CLIENT_HELLO = 1 };

const uint8_t tls_alert_denied[7] = { 21, 3, 3, 0, 2, 2 /* fatal */, 49 /* access_denied */ };

/* What has its length in @width bytes before it, of @min to @max bytes. */
static bool take_vector(struct bytes *from, size_t width, size_t min, size_t max, struct bytes *ret)
{
	uint32_t n;

	return bytes_number(from, width, &n) && n >= min && n <= max && bytes_take(from, n, ret);
}

/* A hello of SSL 2: its length with the highest bit, CLIENT_HELLO, and the version. */
static enum tls_hello old_hello(struct bytes in)
{
	if ((in.len > 2 && in.at[2] != CLIENT_HELLO) ||
	    (in.len > 3 && in.at[3] != 3 && in.at[3] != 0) ||
	    (in.len > 4 && in.at[3] == 0 && in.at[4] != 2))
		return TLS_HELLO_NONE;
	return in.len > 4 ? TLS_HELLO_BROKEN : TLS_HELLO_MORE;
}

/*
 * A record of a version that no TLS has. Some servers do not mind: Go's take any below 16 in a first record, and a
 * warning before the hello. Other protocols begin with such bytes too, so that more of them are looked at.
 */
static enum tls_hello odd_version(struct bytes in)
{
	bool is_alert = in.at[0] == ALERT;

	if (in.at[1] >= 16 || (in.at[0] != HANDSHAKE && !is_alert))
		return TLS_HELLO_NONE;
	if (is_alert && ((in.len > 3 && in.at[3] != 0) || (in.len > 4 && in.at[4] != 2)))
		return TLS_HELLO_NONE;
	if (!is_alert && in.len > 5 && in.at[5] != CLIENT_HELLO)
		return TLS_HELLO_NONE;
	return in.len > (is_alert ? 4 : 5) ? TLS_HELLO_BROKEN : TLS_HELLO_MORE;
}

/* By the first bytes: MORE if it is TLS as far as can be seen. */
static enum tls_hello kind(struct bytes in)
{
	if (in.len == 0)
		return TLS_HELLO_MORE;
	if (in.at[0] & 0x80)
		return old_hello(in);
	if (in.at[0] < CHANGE_CIPHER_SPEC || in.at[0] > HEARTBEAT)
		return TLS_HELLO_NONE;
	if (in.len > 1 && in.at[1] != 3)
		return odd_version(in);
	/* Only now, since one such byte alone says little. */
	if (in.len > 1 && in.at[0] != HANDSHAKE)
		return TLS_HELLO_BROKEN;
	return TLS_HELLO_MORE;
}

/* The next record, or as much of it as there is; false if no hello can be made of it. */
static bool take_record(struct bytes *in, struct bytes *ret_part, size_t *ret_len)
{
	struct bytes version;
	uint32_t type, len;

	*ret_part = (struct bytes){ in->at, 0 };
	*ret_len = 0;
	if ((in->len > 0 && in->at[0] != HANDSHAKE) || (in->len > 1 && in->at[1] != 3) ||
	    (in->len > 2 && in->at[2] > 4))
		return false;
	if (!bytes_number(in, 1, &type) || !bytes_take(in, 2, &version) ||
	    !bytes_number(in, 2, &len)) {
		in->len = 0;
		return true;
	}
	*ret_len = len;
	return len > 0 && len <= RECORD_MAX &&
	       bytes_take(in, len < in->len ? len : in->len, ret_part);
}

/* How long the message is with its head, as soon as that is there; 0: not yet; SIZE_MAX: it is no hello. */
static size_t message_size(const struct buf *message)
{
	struct bytes head = { (const uint8_t *)buf_text(message), message->len };
	uint32_t type, len;

	if (!bytes_number(&head, 1, &type))
		return 0;
	if (type != CLIENT_HELLO)
		return SIZE_MAX;
	if (!bytes_number(&head, 3, &len))
		return 0;
	return len <= TLS_HELLO_MAX - MESSAGE_HEAD ? len + MESSAGE_HEAD : SIZE_MAX;
}

/* Joins the records; SILENT stands for a whole message here. */
static enum tls_hello join(struct bytes in, struct buf *message)
{
	while (in.len > 0) {
		struct bytes part;
		size_t record_len, before = message->len, size;

		if (!take_record(&in, &part, &record_len))
			return TLS_HELLO_BROKEN;
		buf_add(message, part.at, part.len);
		size = message_size(message);
		/* A client has nothing to say behind its hello in the same record. */
		if (size == SIZE_MAX || (size > 0 && before + record_len > size))
			return TLS_HELLO_BROKEN;
		if (size > 0 && message->len == size)
			return TLS_HELLO_SILENT;
	}
	return TLS_HELLO_MORE;
}

/* server_name: a list of exactly one, of the one type that there is. */
static bool name_parse(struct bytes body, char ret_name[static NET_NAME_SIZE])
{
	struct bytes list, name;
	uint32_t type;

	return take_vector(&body, 2, 1, UINT16_MAX, &list) && body.len == 0 &&
	       bytes_number(&list, 1, &type) && type == 0 &&
	       take_vector(&list, 2, 1, UINT16_MAX, &name) && list.len == 0 &&
	       net_name_canon((const char *)name.at, name.len, ret_name) == 0;
}

/*
 * Encrypted Client Hello (0xfe0d) is passed over like any other. Browsers send a random one to everybody, so it
 * cannot be refused, and a real one changes nothing: the outer name is what the rules are asked about.
 */
static enum tls_hello extensions_parse(struct bytes list, char ret_name[static NET_NAME_SIZE])
{
	enum tls_hello found = TLS_HELLO_SILENT;

	while (list.len > 0) {
		struct bytes body;
		uint32_t type;

		if (!bytes_number(&list, 2, &type) || !take_vector(&list, 2, 0, UINT16_MAX, &body))
			return TLS_HELLO_BROKEN;
		if (type != 0)
			continue;
		if (found == TLS_HELLO_NAME || !name_parse(body, ret_name))
			return TLS_HELLO_BROKEN;
		found = TLS_HELLO_NAME;
	}
	return found;
}

static enum tls_hello message_parse(struct bytes in, char ret_name[static NET_NAME_SIZE])
{
	struct bytes skipped, suites, list;
	uint32_t major;

	if (!bytes_number(&in, 1, &major) || major != 3 || !bytes_take(&in, 1 + 32, &skipped) ||
	    !take_vector(&in, 1, 0, 32, &skipped) || !take_vector(&in, 2, 2, 65534, &suites) ||
	    suites.len % 2 != 0 || !take_vector(&in, 1, 1, 255, &skipped))
		return TLS_HELLO_BROKEN;
	if (in.len == 0)
		return TLS_HELLO_SILENT;
	if (!take_vector(&in, 2, 0, UINT16_MAX, &list) || in.len > 0)
		return TLS_HELLO_BROKEN;
	return extensions_parse(list, ret_name);
}

enum tls_hello tls_hello_parse(const uint8_t *bytes, size_t len,
			       char ret_name[static NET_NAME_SIZE])
{
	/* Never more than the beginning is looked at, so that what was said is not taken back by later bytes. */
	struct bytes in = { bytes, len < TLS_HELLO_MAX ? len : TLS_HELLO_MAX };
	auto_buf struct buf message = BUF_INIT(TLS_HELLO_MAX);
	char name[NET_NAME_SIZE] = "";
	enum tls_hello r = kind(in);

	if (r != TLS_HELLO_MORE)
		return r;
	if (in.len > 1 && in.at[0] == HANDSHAKE && in.at[1] == 3)
		r = join(in, &message);
	if (r == TLS_HELLO_MORE)
		return in.len < TLS_HELLO_MAX ? TLS_HELLO_MORE : TLS_HELLO_BROKEN;
	if (r == TLS_HELLO_BROKEN)
		return r;
	r = message_parse((struct bytes){ (const uint8_t *)buf_text(&message) + MESSAGE_HEAD,
					  message.len - MESSAGE_HEAD },
			  name);
	if (r == TLS_HELLO_NAME)
		memcpy(ret_name, name, sizeof(name));
	return r;
}
