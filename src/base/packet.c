/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * PACKET_MAX_FDS)];
};

int packet_send(int socket, const void *data, size_t size, const int *fds, size_t n_fds)
{
	union control control;
	struct iovec iov = { .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (n_fds > PACKET_MAX_FDS)
		return -EINVAL;
	memcpy(&iov.iov_base, &data, sizeof(data)); /* not const, although it is only read */
	if (n_fds > 0) {
		struct cmsghdr *head;

		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(head), fds, sizeof(int) * n_fds);
	}
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* The kernel puts all of a message's into one. */
static size_t take_fds(struct msghdr *msg, int *ret)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(msg);
	size_t n;

	while (head && (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS))
		head = CMSG_NXTHDR(msg, head);
	if (!head)
		return 0;
	n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(ret, CMSG_DATA(head), n * sizeof(int));
	return n;
}

ssize_t packet_recv(int socket, void *ret, size_t size, int *ret_fds, size_t max_fds,
		    size_t *ret_n_fds)
{
	union control control;
	size_t most = max_fds < PACKET_MAX_FDS ? max_fds : PACKET_MAX_FDS;
	struct iovec iov = { .iov_base = ret, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(sizeof(int) * most) };
	int fds[PACKET_MAX_FDS + 1]; /* alignment may leave room for one more than asked for */
	size_t n_fds;
	ssize_t n;

	*ret_n_fds = 0;
	/*
	 * A peer that closed without having read everything leaves ECONNRESET, once, in front of
	 * what it said before: unix_release_sock() of the kernel.
	 */
	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n <= 0)
		return n < 0 ? -errno : 0;
	n_fds = take_fds(&msg, fds);
	if (!(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && n_fds <= most) {
		memcpy(ret_fds, fds, n_fds * sizeof(int));
		*ret_n_fds = n_fds;
		return n;
	}
	for (size_t i = 0; i < n_fds; i++)
		(void)close(fds[i]);
	return -EBADMSG;
}
