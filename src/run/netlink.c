/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Written by hand, as libnftables takes ten times as long for the few messages of a start, and would be
 * one more library. Lengths are kept right with every piece that is added, so nothing has to be closed.
 */
#include "run/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"

#define ANSWER_MAX ((size_t)16 << 10)

void netlink_done(struct netlink *nl)
{
	buf_done(&nl->bytes);
}

/* With zeros up to the next multiple of four, where whatever follows must begin. */
static void add_padded(struct netlink *nl, const void *data, size_t size)
{
	static const uint8_t zeros[NLMSG_ALIGNTO];

	buf_add(&nl->bytes, data, size);
	buf_add(&nl->bytes, zeros, -size % NLMSG_ALIGNTO);
}

static void count_length(struct netlink *nl)
{
	uint32_t length = (uint32_t)(nl->bytes.len - nl->message);

	if (!buf_full(&nl->bytes))
		memcpy(nl->bytes.data + nl->message + offsetof(struct nlmsghdr, nlmsg_len), &length,
		       sizeof(length));
}

void netlink_add(struct netlink *nl, uint16_t type, uint16_t flags, const void *head, size_t size)
{
	const struct nlmsghdr header = { .nlmsg_type = type,
					 .nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
					 .nlmsg_seq = ++nl->n };

	nl->message = nl->bytes.len;
	nl->n_acks += flags & NLM_F_ACK ? 1 : 0;
	add_padded(nl, &header, sizeof(header));
	add_padded(nl, head, size);
	count_length(nl);
}

void netlink_attr(struct netlink *nl, uint16_t type, const void *data, size_t size)
{
	const struct nlattr header = { .nla_type = type,
				       .nla_len = (uint16_t)(sizeof(header) + size) };

	add_padded(nl, &header, sizeof(header));
	add_padded(nl, data, size);
	count_length(nl);
}

void netlink_attr_text(struct netlink *nl, uint16_t type, const char *text)
{
	netlink_attr(nl, type, text, strlen(text) + 1);
}

void netlink_attr_be32(struct netlink *nl, uint16_t type, uint32_t value)
{
	uint32_t wire = htonl(value);

	netlink_attr(nl, type, &wire, sizeof(wire));
}

void netlink_ask(struct netlink *nl)
{
	size_t at = nl->message + offsetof(struct nlmsghdr, nlmsg_flags);
	uint16_t flags;

	if (buf_full(&nl->bytes))
		return;
	memcpy(&flags, nl->bytes.data + at, sizeof(flags));
	flags |= NLM_F_ACK;
	memcpy(nl->bytes.data + at, &flags, sizeof(flags));
	nl->n_acks++;
}

size_t netlink_enter(struct netlink *nl, uint16_t type)
{
	size_t at = nl->bytes.len;

	netlink_attr(nl, (uint16_t)(type | NLA_F_NESTED), "", 0);
	return at;
}

void netlink_leave(struct netlink *nl, size_t at)
{
	uint16_t length = (uint16_t)(nl->bytes.len - at);

	if (!buf_full(&nl->bytes))
		memcpy(nl->bytes.data + at + offsetof(struct nlattr, nla_len), &length,
		       sizeof(length));
}

/* How many answers of @answer say yes; -errno if one says no. */
static int count_acks(const uint8_t *answer, size_t size)
{
	struct nlmsghdr header;
	struct nlmsgerr error;
	int n = 0;

	for (size_t at = 0; at + sizeof(header) <= size; at += NLMSG_ALIGN(header.nlmsg_len)) {
		memcpy(&header, answer + at, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size - at)
			return -EBADMSG;
		if (header.nlmsg_type != NLMSG_ERROR)
			continue;
		if (header.nlmsg_len < NLMSG_HDRLEN + sizeof(error))
			return -EBADMSG;
		memcpy(&error, answer + at + NLMSG_HDRLEN, sizeof(error));
		if (error.error != 0)
			return error.error;
		n++;
	}
	return n;
}

static int read_acks(int fd, uint32_t n_wanted)
{
	uint8_t answer[ANSWER_MAX];

	while (n_wanted > 0) {
		ssize_t size = recv(fd, answer, sizeof(answer), 0);
		int n;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		n = count_acks(answer, (size_t)size);
		if (n < 0)
			return n;
		n_wanted -= (uint32_t)n < n_wanted ? (uint32_t)n : n_wanted;
	}
	return 0;
}

int netlink_send(struct netlink *nl, int protocol)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	auto_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (buf_full(&nl->bytes))
		return -E2BIG;
	if (fd < 0 || sendto(fd, nl->bytes.data, nl->bytes.len, 0, (const struct sockaddr *)&kernel,
			     sizeof(kernel)) < 0)
		return -errno;
	return read_acks(fd, nl->n_acks);
}
