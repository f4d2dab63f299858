/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a SOCKS5 client (RFC 1928), without authentication, CONNECT only. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/net_addr.h"

#define SOCKS_HEAD_MAX 262

enum socks_reply {
	SOCKS_OK = 0,
	SOCKS_FAILED = 1,
	SOCKS_NOT_ALLOWED = 2,
	SOCKS_NET_UNREACHABLE = 3,
	SOCKS_HOST_UNREACHABLE = 4,
	SOCKS_REFUSED = 5,
	SOCKS_NO_COMMAND = 7,
	SOCKS_NO_ADDRESS_TYPE = 8,
};

/* > 0: bytes of the greeting; 0: incomplete; -EBADMSG; -ENOTSUP: it offers no "no authentication". */
int socks_greeting(const uint8_t *bytes, size_t len);

struct socks_request {
	bool is_name;
	const char *name; /* points into the bytes; @name_len of them, any bytes */
	size_t name_len;
	struct net_addr addr;
	uint16_t port;
};

/*
 * > 0: bytes; 0: incomplete; < 0 with *ret_reply: -ENOTSUP for a command but CONNECT or an unknown type of address,
 * -EBADMSG for another version, an empty name, port 0 and a reserved byte that is not 0.
 */
int socks_request(const uint8_t *bytes, size_t len, struct socks_request *ret,
		  enum socks_reply *ret_reply);

#define SOCKS_ANSWER_SIZE 10
void socks_answer(enum socks_reply reply, uint8_t ret[static SOCKS_ANSWER_SIZE]);
