/* SPDX-License-Identifier: Apache-2.0 */
/* The one form in which names of hosts are compared, logged and looked up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NET_NAME_SIZE 254 /* RFC 1035: 253 bytes of text, and the NUL */

/*
 * Lower case, without one trailing dot. Takes labels of letters, digits, '-' and '_' of 1 to 63 bytes, none
 * with '-' at an end; "xn--" labels as they are. -EINVAL for anything else: NUL, '%', spaces, bytes
 * above 0x7f, empty labels, more than 253 bytes, and whatever could be read as an address, which
 * inet_aton(3) takes in many forms ("0x7f.1", "2130706433", "127.1"): a last label that begins with a digit.
 */
int net_name_canon(const char *text, size_t len, char ret[static NET_NAME_SIZE]);

/*
 * "localhost" and names below it (RFC 6761), for @name in that form: they mean loopback, and what a resolver says of
 * them is not to be believed.
 */
bool net_name_is_localhost(const char *name);
