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
#include "base/packet.h"
#include "container/container.h"

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
	ssize_t n = packet_recv(STDIN_FILENO, kinds, sizeof(kinds), fds, N_ELEMENTS(fds), &n_fds);

	if (n <= 0 || handover_batch_check(kinds, (size_t)n, n_fds, n_left) < 0)
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
	n = packet_recv(STDIN_FILENO, &head, sizeof(head), fds, N_ELEMENTS(fds), &n_fds);
	if (n <= 0 || handover_head_check(&head, (size_t)n, n_fds) < 0)
		return broken(e);
	memcpy(ret->first, fds, sizeof(ret->first));
	ret->n = 0;
	while (r == 0 && ret->n < head.n_fds)
		r = receive_batch(ret, head.n_fds - ret->n, e);
	return r;
}

int receive_answer(pid_t pid, struct err *e)
{
	const struct handover_answer answer = { .magic = HANDOVER_MAGIC, .pid = pid };
	auto_fd int pidfd = pidfd_open(pid, 0);
	int r;

	if (pidfd < 0)
		return err_sys(e, "cannot hold the container's supervisor");
	r = packet_send(STDIN_FILENO, &answer, sizeof(answer), &pidfd, 1);
	return r < 0 ? err_set(e, -r, "cannot answer: %s", strerrordesc_np(-r)) : 0;
}
