/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the launcher tells egress of a sandbox's network: a text of lines "WORD VALUE", which travels in a sealed
 * memfd. The listening sockets follow as descriptors, in the order of the lines "listen".
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "spec/net.h"

/* Descriptors of egress. */
#define NET_POLICY_FD 3
#define NET_CONTROL_FD 4
#define NET_LISTEN_FD 10

#define NET_POLICY_MAX ((size_t)1 << 20)

/* @project is for sentences alone. */
void net_policy_pack(const struct spec_net *net, const char *project, struct buf *b);

/* Everything in *ret and *ret_project lives in @a. -EBADMSG: nothing that net_policy_pack() makes. */
int net_policy_parse(const char *text, size_t len, struct arena *a, struct spec_net *ret,
		     const char **ret_project, struct err *e);
