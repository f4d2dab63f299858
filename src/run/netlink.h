/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the kernel's network configuration, of the namespace that the caller is in: netlink(7). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct netlink {
	struct buf bytes;
	size_t message;  /* where the last one begins */
	uint32_t n;      /* messages so far, and the number of the last */
	uint32_t n_acks; /* how many of them ask for an answer */
};

#define NETLINK_MAX ((size_t)192 << 10) /* what a socket takes at once, by default */
#define NETLINK_INIT ((struct netlink){ .bytes = BUF_INIT(NETLINK_MAX) })
#define auto_netlink __attribute__((cleanup(netlink_done)))

void netlink_done(struct netlink *nl);

/* Begins a message; NLM_F_REQUEST is added. @head is what its type wants before attributes. */
void netlink_add(struct netlink *nl, uint16_t type, uint16_t flags, const void *head, size_t size);
void netlink_attr(struct netlink *nl, uint16_t type, const void *data, size_t size);
void netlink_attr_text(struct netlink *nl, uint16_t type, const char *text);
void netlink_attr_be32(struct netlink *nl, uint16_t type, uint32_t value);

/* The last message asks for an answer, though it did not when it was begun. */
void netlink_ask(struct netlink *nl);

/* Attributes inside an attribute: what is added until netlink_leave() of the value that this returns. */
size_t netlink_enter(struct netlink *nl, uint16_t type);
void netlink_leave(struct netlink *nl, size_t at);

/* Sends them in one piece and reads the answers that were asked for (NLM_F_ACK). -errno of the first refusal. */
int netlink_send(struct netlink *nl, int protocol);
