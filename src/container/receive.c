/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For whom this works is nothing that the caller says: it is the user who made the socket (SO_PEERCRED, unix(7)), and through
 * sudo it must be the one whom sudo let in. A variable that is forged can thus only lead to a refusal: without sudo the
 * caller is root, who needs no forgery. A socket that somebody else has made, and a connection to another's server, are refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * HANDOVER_BATCH)];
};

/* The kernel drops what does not fit, so that is noticed. Descriptors of a message that is refused go with the process. */
static ssize_t take(void *message, size_t size, int *ret_fds, size_t *ret_n_fds)
{
	union control control;
	struct iovec iov = { .iov_base = message, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *head;
	ssize_t n;

	do
		n = recvmsg(STDIN_FILENO, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*ret_n_fds = 0;
	head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (n <= 0 || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -1;
	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return n;
	*ret_n_fds = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(ret_fds, CMSG_DATA(head), *ret_n_fds * sizeof(int));
	return n;
}

static bool is_number(const char *text, uid_t number)
{
	char own[16];

	(void)snprintf(own, sizeof(own), "%u", number);
	return strcmp(text, own) == 0;
}

static int identify(struct handover *ret, struct err *e)
{
	const char *caller = getenv("SUDO_UID");
	struct sockaddr_un name = { 0 };
	struct ucred peer = { 0 };
	int type = 0;
	socklen_t type_size = sizeof(type), peer_size = sizeof(peer), name_size = sizeof(name);

	if (getuid() != 0 || geteuid() != 0)
		return err_set(e, EPERM, "this program works as root alone, through sudo");
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 ||
	    type != SOCK_SEQPACKET ||
	    getpeername(STDIN_FILENO, (struct sockaddr *)&name, &name_size) < 0 ||
	    name.sun_family != AF_UNIX || name_size > sizeof(sa_family_t) ||
	    getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0)
		return err_set(e, ENOTSOCK,
			       "standard input is not a socket of claude-sandbox's making");
	if (caller ? peer.uid == 0 || !is_number(caller, peer.uid) : peer.uid != 0)
		return err_set(e, EPERM, "user %u made the socket, and user %s calls", peer.uid,
			       caller ? caller : "0");
	ret->uid = peer.uid;
	ret->gid = peer.gid;
	return 0;
}

static int broken(struct err *e)
{
	return err_set(e, EBADMSG, "what is handed over is not what this version takes");
}

static int receive_batch(struct handover *h, size_t n_left, struct err *e)
{
	uint8_t kinds[HANDOVER_BATCH];
	int fds[HANDOVER_BATCH];
	size_t n_fds;
	ssize_t n = take(kinds, sizeof(kinds), fds, &n_fds);

	if (n < 0 || handover_batch_check(kinds, (size_t)n, n_fds, n_left) < 0)
		return broken(e);
	memcpy(h->fds + h->n, fds, n_fds * sizeof(fds[0]));
	memcpy(h->kinds + h->n, kinds, n_fds);
	h->n += n_fds;
	return 0;
}

int receive(struct handover *ret, struct err *e)
{
	struct handover_head head;
	int fds[HANDOVER_BATCH];
	size_t n_fds;
	ssize_t n;
	int r = identify(ret, e);

	if (r < 0)
		return r;
	n = take(&head, sizeof(head), fds, &n_fds);
	if (n < 0 || handover_head_check(&head, (size_t)n, n_fds) < 0)
		return broken(e);
	memcpy(ret->first, fds, sizeof(ret->first));
	ret->n = 0;
	while (r == 0 && ret->n < head.n_fds)
		r = receive_batch(ret, head.n_fds - ret->n, e);
	return r;
}

int receive_answer(pid_t pid, struct err *e)
{
	struct handover_answer answer = { .magic = HANDOVER_MAGIC, .pid = pid };
	struct iovec iov = { .iov_base = &answer, .iov_len = sizeof(answer) };
	union control control = { 0 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	auto_fd int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return err_sys(e, "cannot hold the container's supervisor");
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &pidfd, sizeof(pidfd));
	if (sendmsg(STDIN_FILENO, &msg, MSG_NOSIGNAL) < 0)
		return err_sys(e, "cannot answer");
	return 0;
}
