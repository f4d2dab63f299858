/* SPDX-License-Identifier: Apache-2.0 */
/* The name that a TLS client asks for (RFC 8446 section 4.1.2, RFC 6066 section 3). Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "spec/net_name.h"

#define TLS_HELLO_MAX 65536

enum tls_hello {
	TLS_HELLO_MORE,   /* the beginning of one; more bytes are needed */
	TLS_HELLO_NONE,   /* not TLS */
	TLS_HELLO_NAME,   /* whole; it names a host */
	TLS_HELLO_SILENT, /* whole; it names none */
	TLS_HELLO_BROKEN, /* begins as TLS and is torn, or its name is none that net_name_canon() takes, or it has two */
};

/*
 * The hello may be spread over many records, and a record may be cut anywhere. What follows its last record (early
 * data) is not looked at. A hello of SSL 2, another record first and one that is not whole after TLS_HELLO_MAX bytes are
 * BROKEN. Anything but MORE stays so whatever comes behind. @ret_name is written for NAME only.
 */
enum tls_hello tls_hello_parse(const uint8_t *bytes, size_t len,
			       char ret_name[static NET_NAME_SIZE]);

/* A fatal alert "access_denied" in a record of its own: 7 bytes. */
extern const uint8_t tls_alert_denied[7];
