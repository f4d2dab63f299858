/* SPDX-License-Identifier: Apache-2.0 */
#include "run/container.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/handover.h"
#include "base/io.h"
#include "base/packet.h"
#include "base/wire.h"

#define BLUEPRINT_MAX ((size_t)8 << 20)

static enum handover_kind kind_of(const struct plan_fd *fd)
{
	if (fd->kind != PLAN_FD_SOURCE)
		return HANDOVER_FILE;
	return fd->is_writable ? HANDOVER_SOURCE_RW : HANDOVER_SOURCE;
}

static int give_batches(int socket, const struct plan *plan, const struct plan_files *files)
{
	uint8_t kinds[HANDOVER_BATCH];
	int fds[HANDOVER_BATCH];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < plan->n_fds && r == 0; i++) {
		if (plan->fds[i].number < PLAN_FIRST_DATA_FD)
			continue;
		kinds[n] = (uint8_t)kind_of(&plan->fds[i]);
		fds[n++] = files->map[i].from;
		if (n < HANDOVER_BATCH && i + 1 < plan->n_fds)
			continue;
		r = packet_send(socket, kinds, n, fds, n);
		n = 0;
	}
	return r;
}

static int open_blueprint(const struct plan *plan, int *ret_fd, struct err *e)
{
	auto_buf struct buf text = BUF_INIT(BLUEPRINT_MAX);

	blueprint_pack(&plan->blueprint, &text);
	if (buf_full(&text))
		return err_set(e, E2BIG, "the sandbox has too many mounts for a container");
	return io_memfd("blueprint", text.data, text.len, ret_fd, e);
}

static int first_of(const struct plan *plan, const struct plan_files *files, int number)
{
	for (size_t i = 0; i < plan->n_fds; i++)
		if (plan->fds[i].number == number)
			return files->map[i].from;
	abort(); /* every plan of this backend has them */
}

static int hand_over(int socket, const struct plan *plan, const struct plan_files *files,
		     struct err *e)
{
	struct handover_head head = { .magic = HANDOVER_MAGIC };
	auto_fd int blueprint = -1;
	int first[N_HANDOVER_FIRST];
	int r = open_blueprint(plan, &blueprint, e);

	if (r < 0)
		return r;
	first[HANDOVER_CHANNEL] = first_of(plan, files, PLAN_CHANNEL_FD);
	first[HANDOVER_GREETING] = first_of(plan, files, PLAN_INFO_FD);
	first[HANDOVER_BLUEPRINT] = blueprint;
	head.n_fds = (uint32_t)(plan->n_fds - 2);
	if (head.n_fds > HANDOVER_MAX)
		return err_set(e, E2BIG, "a container takes %d mounts and files, and this has %u",
			       HANDOVER_MAX, head.n_fds);
	r = packet_send(socket, &head, sizeof(head), first, N_HANDOVER_FIRST);
	if (r == 0)
		r = give_batches(socket, plan, files);
	/* If it has ended, what it said tells more. */
	if (r == -EPIPE || r == -ECONNRESET)
		return 0;
	return r < 0 ? err_set(e, -r, "cannot hand over to the container's starter: %s",
			       strerrordesc_np(-r))
		     : 0;
}

/* The starter with one end of a socket pair; the other is ours. */
static int start_starter(struct cmd *cmd, struct child *ret_child, int *ret_socket, struct err *e)
{
	auto_fd int ours = -1;
	auto_fd int theirs = -1;
	struct proc_fd fds[2] = { 0 };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	fds[0] = (struct proc_fd){ theirs, STDIN_FILENO };
	fds[1] = cmd->fds[0];
	cmd->fds = fds;
	cmd->n_fds = N_ELEMENTS(fds);
	r = proc_spawn(cmd, ret_child, e);
	if (r == 0)
		*ret_socket = take_fd(&ours);
	return r;
}

int container_start(const struct plan *plan, const struct plan_files *files, struct cmd *cmd,
		    struct child *ret_child, int *ret_socket, struct err *e)
{
	auto_fd int socket = -1;
	int r;

	cmd->argv = strv_argv(&plan->starter);
	r = start_starter(cmd, ret_child, &socket, e);
	if (r == 0)
		r = hand_over(socket, plan, files, e);
	if (r == 0)
		*ret_socket = take_fd(&socket);
	return r;
}

/* One source, and a blueprint that says so. */
static int ask_for(int socket, int source, int channel, struct err *e)
{
	static const uint8_t kind = HANDOVER_SOURCE;
	const struct handover_head head = { .magic = HANDOVER_MAGIC, .n_fds = 1 };
	auto_arena struct arena a = ARENA_INIT;
	struct plan plan = { .blueprint = { .lends = true, .argv = STRV_INIT(&a) } };
	auto_fd int blueprint = -1;
	int first[N_HANDOVER_FIRST];
	int r;

	strv_add(&plan.blueprint.argv, "/");
	r = open_blueprint(&plan, &blueprint, e);
	if (r < 0)
		return r;
	first[HANDOVER_CHANNEL] = first[HANDOVER_GREETING] = channel;
	first[HANDOVER_BLUEPRINT] = blueprint;
	r = packet_send(socket, &head, sizeof(head), first, N_HANDOVER_FIRST);
	if (r == 0)
		r = packet_send(socket, &kind, 1, &source, 1);
	return r < 0 && r != -EPIPE && r != -ECONNRESET
		       ? err_set(e, -r, "cannot hand over: %s", strerrordesc_np(-r))
		       : 0;
}

static int receive_mount(int channel, int *ret_fd, struct err *e)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	if (wire_recv(channel, &msg, fds, &n_fds) <= 0 || n_fds != 1)
		return err_set(e, EPERM, "the container's starter did not lend it");
	*ret_fd = fds[0];
	return 0;
}

int container_lend(const struct strv *starter, const char *src, int *ret_fd, struct err *e)
{
	static const char *const no_env[] = { NULL };
	const struct proc_fd complaint = { STDERR_FILENO, STDERR_FILENO };
	struct cmd cmd = {
		.argv = strv_argv(starter), .envp = no_env, .fds = &complaint, .n_fds = 1
	};
	auto_child struct child child = CHILD_NONE;
	auto_fd int source = open(src, O_PATH | O_CLOEXEC);
	auto_fd int socket = -1;
	auto_fd int ours = -1;
	auto_fd int theirs = -1;
	int pair[2];
	int r;

	if (source < 0)
		return err_sys(e, "cannot open %s", src);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	r = start_starter(&cmd, &child, &socket, e);
	if (r == 0)
		r = ask_for(socket, source, theirs, e);
	close_fd(&theirs);
	return r < 0 ? r : receive_mount(ours, ret_fd, e);
}

void container_succeed(int socket, struct child *child)
{
	struct handover_answer answer;
	auto_fd int pidfd = -1;
	struct pollfd there = { .fd = socket, .events = POLLIN };
	size_t n_fds = 0;
	ssize_t n = 0;

	if (poll(&there, 1, 0) > 0)
		n = packet_recv(socket, &answer, sizeof(answer), &pidfd, 1, &n_fds);

	proc_end(child);
	*child = CHILD_NONE;
	if (n == sizeof(answer) && answer.magic == HANDOVER_MAGIC && n_fds == 1)
		*child = (struct child){ answer.pid, take_fd(&pidfd) };
}

pid_t container_greeted(int socket)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	struct ucred who = { 0 };

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&who, CMSG_DATA(head), sizeof(who));
	return who.pid;
}
